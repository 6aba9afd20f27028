//! What a frame must be to be the one that follows, and what damage to one looks like.

use super::*;
use crate::log::JournalId;

fn expected() -> Expected {
    let previous = FrameHash::genesis(JournalId([7; 16]));
    Expected { no: FrameNo(5), previous, at: Millis(1_000), durable_through: FrameNo(3) }
}

/// The frame that follows, as our writer makes it.
fn next() -> Header {
    Header {
        payload_bytes: 0,
        command_count: 0,
        no: FrameNo(5),
        at: Millis(1_000),
        durable_through: FrameNo(4),
        previous: expected().previous,
        zero_sectors: 0,
    }
}

/// A header with some of its bytes changed, under a right check.
fn signed(change: impl FnOnce(&mut [u8; HEADER_BYTES])) -> [u8; HEADER_BYTES] {
    let mut bytes = next().encode();
    change(&mut bytes);
    let check = check(&bytes);
    bytes[80..88].copy_from_slice(&check);
    bytes
}

/// A whole frame that begins at `file_offset`.
fn whole(payload: &[u8], file_offset: u64) -> (Header, Vec<u8>) {
    let header = Header { payload_bytes: payload.len() as u32, ..next() };
    let mut bytes = Vec::new();
    encode(&mut bytes, header, payload, file_offset);
    (Header::decode(&bytes).unwrap(), bytes)
}

#[test]
fn only_the_next_frame_follows() {
    let follows = |change: fn(&mut Header)| {
        let mut header = next();
        change(&mut header);
        header.follows(&expected())
    };
    assert_eq!(follows(|_| ()), Ok(()));
    assert_eq!(follows(|header| header.no = FrameNo(4)), Err(Flaw::Number(FrameNo(4))));
    assert_eq!(follows(|header| header.no = FrameNo(6)), Err(Flaw::Number(FrameNo(6))));
    assert_eq!(follows(|header| header.previous.0[31] ^= 1), Err(Flaw::Link));
    let marked = |durable_through| {
        Header { durable_through: FrameNo(durable_through), ..next() }.follows(&expected())
    };
    assert_eq!(marked(2), Err(Flaw::DurableMark(FrameNo(2))), "it never moves back");
    assert_eq!(marked(3), Ok(()), "it may stay");
    assert_eq!(marked(4), Ok(()));
    assert_eq!(marked(5), Err(Flaw::DurableMark(FrameNo(5))), "a frame proves earlier ones only");
    assert_eq!(follows(|header| header.at = Millis(999)), Err(Flaw::Time));
    assert_eq!(follows(|header| header.at = Millis(1_001)), Ok(()));
}

#[test]
fn what_no_writer_of_ours_signs_is_refused() {
    let decoded = |change: fn(&mut [u8; HEADER_BYTES])| Header::decode(&signed(change)).err();
    assert_eq!(decoded(|_| ()), None);
    assert_eq!(decoded(|bytes| bytes[0] = b'X'), Some(Flaw::NoFrame));
    assert_eq!(decoded(|bytes| bytes[4] = 2), Some(Flaw::Version(2)));
    // The version is ours and the header's length is not.
    assert_eq!(decoded(|bytes| bytes[6] = 96), Some(Flaw::Version(1)));
    assert_eq!(decoded(|bytes| bytes[76] = 1), Some(Flaw::Fill));
    assert_eq!(decoded(|bytes| bytes[79] = 1), Some(Flaw::Fill));
    let most = FRAME_PAYLOAD_BYTES_MAX as u32;
    let with = |payload_bytes: u32| {
        let change = |bytes: &mut [u8; HEADER_BYTES]| {
            bytes[8..12].copy_from_slice(&payload_bytes.to_le_bytes())
        };
        Header::decode(&signed(change)).map(|header| header.payload_bytes)
    };
    assert_eq!(with(most), Ok(most));
    assert_eq!(with(most + 1), Err(Flaw::Length(most + 1)));
    let mut unsigned = next().encode();
    unsigned[20] ^= 1;
    assert_eq!(Header::decode(&unsigned), Err(Flaw::HeaderCheck));
}

#[test]
fn what_comes_after_a_frame_is_told_by_it() {
    let hash = FrameHash([9; 32]);
    let after = Expected::after(&next(), hash);
    assert_eq!(
        (after.no, after.at, after.durable_through),
        (FrameNo(6), Millis(1_000), FrameNo(4))
    );
    assert_eq!(after.tail(), Tail { frame: FrameNo(5), at: Millis(1_000), hash });
    let last = Header { no: FrameNo(u64::MAX), ..next() };
    assert_eq!(Expected::after(&last, hash).no, FrameNo(u64::MAX), "no frame follows that one");
}

/// Of magic, number and the four words of the link, four must be right.
#[test]
fn a_damaged_header_resembles_the_frame_by_more_than_half() {
    let words = [0..4, 16..24, 40..48, 48..56, 56..64, 64..72];
    for broken in 0_u32..1 << words.len() {
        let mut bytes = next().encode();
        for (nth, word) in words.iter().enumerate() {
            if broken >> nth & 1 == 1 {
                bytes[word.start] ^= 1;
            }
        }
        let resembles = expected().resembles(&bytes);
        assert_eq!(resembles, broken.count_ones() <= 2, "{broken:06b}");
    }
}

#[test]
fn the_bytes_of_a_frame_are_counted_with_what_fills_it_up() {
    assert_eq!((FRAME_BYTES_MIN, FRAME_BYTES_MAX), (128, 128 + FRAME_PAYLOAD_BYTES_MAX));
    let bytes = [0, 1, 8, 9].map(frame_bytes);
    assert_eq!(bytes, [128, 136, 136, 144]);
}

#[test]
fn content_and_fill_are_both_under_the_verdict() {
    let (_, mut bytes) = whole(b"mask", 4_096);
    let hash = verify_hash(&bytes).unwrap();
    assert_eq!(hash.0, bytes[96..128]);
    bytes[88] ^= 1;
    assert_eq!(verify_hash(&bytes), Err(Flaw::Hash));
    bytes[88] ^= 1;
    // Filled up with something else, under a right hash.
    bytes[92] = 1;
    let forged = super::hash(&bytes[..96]);
    bytes[96..128].copy_from_slice(&forged.0);
    assert_eq!(verify_hash(&bytes), Err(Flaw::Fill));
}

/// 4,096 + 88 is 440 bytes before a sector's end; so the zeros at 4,184 to 6,000 hold the sectors
/// 4,608 to 5,632, and a frame that begins 8 bytes later shares none other.
#[test]
fn sectors_of_zeros_are_those_of_the_file() {
    let zeros = [0; 1_816];
    for (offset, sectors) in [(4_096, 2), (4_104, 2), (4_096 + 424, 3), (4_096 + 432, 2)] {
        let (header, _) = whole(&[&zeros[..], &[1]].concat(), offset);
        assert_eq!(header.zero_sectors, sectors, "at {offset}");
    }
    assert_eq!(zero_sectors(&[], 4_100), 0);
    assert_eq!(zero_sectors(&[0; 511], 512), 0);
    assert_eq!(zero_sectors(&[0; 512], 512), 1);
    assert_eq!(zero_sectors(&[0; 512], 520), 0);
}

#[test]
fn a_frame_without_a_sector_lacks_a_part_and_a_changed_one_does_not() {
    // From 4,096 to 6,224: sectors 8 to 11 whole, and 80 bytes of the twelfth.
    let (header, bytes) = whole(&[7; 2_000], 4_096);
    assert_eq!(bytes.len(), 2_128);
    let lacks = |range: std::ops::Range<usize>| {
        let mut bytes = bytes.clone();
        bytes[range].fill(0);
        lacks_a_part(&header, &bytes, 4_096)
    };
    assert!(!lacks(600..601), "a byte has changed");
    assert!(lacks(512..1_024), "a sector never came");
    assert!(!lacks(513..1_025), "no whole sector");
    assert!(lacks(2_048..2_128), "the last sector, shared with what comes after, never came");
    assert!(lacks(2_127..2_128), "the end mark tells how far it was written");
    assert!(!lacks(2_047..2_127), "one byte of the last sector came, and it is the mark's");
}

#[test]
fn the_last_part_is_what_lies_in_the_last_sector() {
    // Within one sector, all of the frame; at a sector's very end, that whole sector.
    let missing = |bytes: &[u8], offset| partial_sector_is_missing(bytes, offset);
    assert!(missing(&[0; 128], 8));
    assert!(!missing(&[&[1][..], &[0; 127]].concat(), 8));
    assert!(missing(&[&[1; 512][..], &[0; 512]].concat(), 512));
    assert!(!missing(&[&[0; 511][..], &[1], &[0; 512], &[1]].concat(), 512));
    assert!(missing(&[&[1; 504][..], &[0; 8]].concat(), 8));
    assert!(!missing(&[&[1; 504][..], &[0; 8]].concat(), 0));
}
