//! Snapshots read to their last byte: whole ones, and every change of one.

use audit::Hash;
use audit::snapshot::{self, HEADER_BYTES, Header};
use expect_test::expect;
use types::ids::{FrameNo, Millis};

const JOURNAL: [u8; 16] = [5; 16];

fn header(version: u32, chunk_bytes: u32, filled: u8) -> Vec<u8> {
    let mut bytes = b"TGsnapsh".to_vec();
    bytes.extend(version.to_le_bytes());
    bytes.extend(chunk_bytes.to_le_bytes());
    bytes.extend(JOURNAL);
    [7_u64, 1_900_000_000_000].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.extend([6; 32]);
    bytes.extend(4_711_u64.to_le_bytes());
    bytes.extend([0; 24]);
    bytes.extend([filled; 16]);
    let hash = Hash::of(&[&bytes]);
    [&bytes[..], &hash.0].concat()
}

/// A snapshot of a body in these parts, its closing chunk among them.
fn written(mut bytes: Vec<u8>, parts: &[&[u8]]) -> Vec<u8> {
    let (mut chain, mut before) = (Hash(bytes[128..160].try_into().unwrap()), 0_u64);
    for part in parts {
        let length = part.len() as u64;
        let chunk = [&before.to_le_bytes()[..], &length.to_le_bytes(), part].concat();
        chain = Hash::of(&[&chain.0, &chunk]);
        before += length;
        bytes.extend(chunk);
        bytes.extend(chain.0);
    }
    bytes
}

fn sound() -> Vec<u8> {
    written(header(1, 1 << 20, 0), &[b"a state", b"and more of it", b""])
}

fn read(bytes: &[u8]) -> Result<Header, snapshot::Damage> {
    snapshot::read(Box::new(bytes)).unwrap()
}

#[test]
fn a_whole_snapshot_says_what_it_is_of() {
    let header = read(&sound()).unwrap();
    let frame_hash = Hash([6; 32]);
    let (frame, at) = (FrameNo(7), Millis(1_900_000_000_000));
    let right = Header { journal: JOURNAL, frame, at, frame_hash, ledger_hash: 4_711 };
    assert_eq!(header, right);
    // What is longer than is read at once.
    let long = vec![9; 1 << 20];
    let long = written(self::header(1, 1 << 20, 0), &[&long, &long, b"x", b""]);
    assert_eq!(read(&long), Ok(right));
}

#[test]
fn every_flip_and_every_cut_of_a_snapshot_is_found() {
    let mut bytes = sound();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let damage = read(&bytes).expect_err(&format!("bit {bit} was not found"));
        assert!(damage.offset <= bit as u64 / 8, "bit {bit}: {damage}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..bytes.len() {
        read(&bytes[..length]).expect_err(&format!("a cut to {length} bytes was not found"));
    }
}

#[test]
fn damage_of_a_snapshot_is_named() {
    let mut told = String::new();
    let mut tell = |what: &str, bytes: &[u8]| {
        told += &format!("{what}: {}\n", read(bytes).unwrap_err());
    };
    let whole = sound();
    tell("nothing", &[]);
    tell("another file", &[b'x'; 200]);
    tell("a later version", &written(header(2, 1 << 20, 0), &[b""]));
    tell("another header", &written(header(1, 1 << 19, 0), &[b""]));
    tell("a header that is filled up", &written(header(1, 1 << 20, 1), &[b""]));
    tell("a header alone", &whole[..HEADER_BYTES]);
    tell("no closing chunk", &written(header(1, 1 << 20, 0), &[b"a state"]));
    tell("a chunk cut short", &whole[..200]);
    let mut flipped = whole.clone();
    flipped[180] ^= 1;
    tell("a flipped bit", &flipped);
    let swapped = written(header(1, 1 << 20, 0), &[b"and more of it", b"a state", b""]);
    let mixed = [&whole[..215], &swapped[222..]].concat();
    tell("a chunk of another snapshot", &mixed);
    tell("more behind its end", &[&whole[..], b"x"].concat());
    expect![[r#"
        nothing: it is shorter than its header (byte 0)
        another file: it does not begin as a snapshot (byte 0)
        a later version: its version is not 1, which is the one that this auditor knows (byte 0)
        another header: its header holds what no release writes (byte 0)
        a header that is filled up: its header holds what no release writes (byte 0)
        a header alone: it ends before its closing chunk (byte 160)
        no closing chunk: it ends before its closing chunk (byte 215)
        a chunk cut short: it ends before its closing chunk (byte 160)
        a flipped bit: a chunk does not match its hash (byte 160)
        a chunk of another snapshot: a chunk's header cannot be right (byte 215)
        more behind its end: something follows its closing chunk (byte 325)
    "#]]
    .assert_eq(&told);
}
