//! A segment of any bytes: the journal, its verification and the auditor must say the same of it.
//!
//! Owns: a writer of frames that are wrong in chosen places and carry right hashes all the same,
//! which no mutation of bytes would find. Never: uses the journal's own writer.
//! Invariants: the first byte says whether the rest is a script of frames, the content of a
//! segment behind its header, or the whole file.

use crate::bites::Bites;
use audit::Ending;
use journal::{
    DataFolder, Disk, FileLog, FolderOptions, FrameStream, JournalId, Log, LogOptions, ReadLog,
};
use sha2::{Digest as _, Sha256};
use simdisk::Kept;
use simdisk::SimDisk;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use types::{FrameNo, Millis};

/// The journal that all of it belongs to.
pub(crate) const JOURNAL: JournalId = JournalId([7; 16]);
const NAME: &str = "00000000000000000001.seg";
const SEGMENT: &str = "journal/00000000000000000001.seg";
const SEGMENT_BYTES: u64 = 8_192;
const HEADER_BYTES: usize = 4_096;
const FRAME_HEADER_BYTES: usize = 88;
const CHECKED_BYTES: usize = 80;

/// What a frame says, in either reading.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    no: FrameNo,
    at: Millis,
    commands: u32,
    durable_through: FrameNo,
    hash: [u8; 32],
    payload: Vec<u8>,
}

/// A data folder with an empty journal, on a disk that shares nothing with another.
pub(crate) fn folder() -> SimDisk {
    static EMPTY: OnceLock<SimDisk> = OnceLock::new();
    let empty = EMPTY.get_or_init(|| {
        let disk = SimDisk::default();
        let options =
            FolderOptions { new_journal: JOURNAL, segment_bytes: SEGMENT_BYTES, process: 1 };
        DataFolder::open(Arc::new(disk.clone()), options).expect("an empty disk becomes a folder");
        disk
    });
    empty.copy()
}

pub(crate) fn feed(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let empty = || folder().bytes(SEGMENT).expect("a folder has a segment");
    let segment = match bites.byte() % 3 {
        0 => script(empty(), bites),
        1 => {
            let mut segment = empty();
            let content = bites.take(segment.len() - HEADER_BYTES);
            segment[HEADER_BYTES..HEADER_BYTES + content.len()].copy_from_slice(content);
            segment
        }
        _ => bites.0.to_vec(),
    };
    check(&segment);
}

fn check(segment: &[u8]) {
    let (heard, ending) = heard(segment);
    let disk = folder();
    disk.set_bytes(SEGMENT, segment);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let report = journal::verify(Arc::clone(&shared), None, &mut |_| ());
    let report = report.expect("the folder around the segment is sound");
    let torn = report.torn.as_ref().map(|torn| torn.bytes);
    match ending {
        Ending::Clean => assert!(report.is_sound() && torn.is_none(), "{report:?}"),
        Ending::Torn { bytes } => assert!(report.is_sound() && torn == Some(bytes), "{report:?}"),
        Ending::Damaged(ref why) => assert!(!report.is_sound(), "{why}"),
    }
    let is_sound = report.is_sound();
    if is_sound {
        assert_eq!(report.frames, heard.len() as u64);
    }
    inspected(&shared, &heard, is_sound);
    match FileLog::open(Arc::clone(&shared), options()) {
        Err(error) => assert!(!is_sound, "{error}"),
        Ok((log, recovery)) => {
            assert!(is_sound, "opened: {recovery:?}, though {:?}", report.damages);
            assert_eq!(recovery.torn.map(|torn| torn.bytes), torn);
            goes_on(&disk, log, &heard);
        }
    }
}

/// What the auditor reads.
fn heard(segment: &[u8]) -> (Vec<Told>, Ending) {
    let source = BTreeMap::from([(NAME.to_owned(), segment)]);
    let mut reader = audit::Reader::new(&source, Some(JOURNAL.0));
    let mut heard = Vec::new();
    while let Some(frame) = reader.next_frame().expect("memory can be read") {
        heard.push(Told {
            no: frame.no,
            at: frame.at,
            commands: frame.commands,
            durable_through: frame.durable_through,
            hash: frame.hash.0,
            payload: frame.payload.to_vec(),
        });
    }
    let end = reader.end().expect("there are no more frames");
    (heard, end.ending.clone())
}

/// A walk without opening gives the same frames, up to the damage if there is one.
fn inspected(disk: &Arc<dyn Disk>, heard: &[Told], is_sound: bool) {
    let mut walk = match journal::inspect(Arc::clone(disk), None, FrameNo(1)) {
        Ok(walk) => walk,
        Err(error) => {
            assert!(!is_sound && heard.is_empty(), "{error}");
            return;
        }
    };
    let (frames, error) = drain(&mut walk);
    assert_eq!(frames, heard);
    assert_eq!(error.is_none(), is_sound, "{error:?}");
}

fn drain(stream: &mut dyn FrameStream) -> (Vec<Told>, Option<String>) {
    let mut frames = Vec::new();
    loop {
        match stream.next_frame() {
            Ok(Some(frame)) => frames.push(Told {
                no: frame.no,
                at: frame.at,
                commands: frame.command_count,
                durable_through: frame.durable_through,
                hash: frame.hash.0,
                payload: frame.payload.to_vec(),
            }),
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error.to_string())),
        }
    }
}

/// An opened journal holds what was heard, takes another frame, and has both after a power
/// failure.
fn goes_on(disk: &SimDisk, mut log: FileLog, heard: &[Told]) {
    let read = |log: &FileLog| {
        let mut stream = log.reader().read_from(FrameNo(1)).expect("all frames are kept");
        let (frames, error) = drain(&mut *stream);
        assert_eq!(error, None);
        frames
    };
    assert_eq!(read(&log), heard);
    let tail = log.tail();
    assert_eq!(tail.frame, FrameNo(heard.len() as u64));
    let appended = log.append(tail.at, 1, b"another").expect("the disk works");
    assert_eq!(appended, tail.frame.next());
    let tail = log.tail();
    drop(log);
    let disk: Arc<dyn Disk> = Arc::new(disk.restart(Kept::Nothing));
    let (log, recovery) = FileLog::open(disk, options()).expect("what was left is sound");
    assert!(recovery.torn.is_none(), "a torn tail is cut for good");
    let frames = read(&log);
    assert_eq!(frames.len(), heard.len() + 1);
    assert!(frames.starts_with(heard), "what was there is there");
    let last = frames.last().expect("one was appended");
    assert_eq!((&last.payload[..], last.hash), (&b"another"[..], tail.hash.0));
}

fn options() -> LogOptions {
    LogOptions { segment_bytes: SEGMENT_BYTES, ..LogOptions::new(JOURNAL) }
}

/// Frames as `docs/format.md` draws them, each wrong in the way its first byte chooses.
fn script(mut segment: Vec<u8>, mut bites: Bites<'_>) -> Vec<u8> {
    let genesis = Sha256::new().chain_update(b"tidegate journal genesis").chain_update(JOURNAL.0);
    let mut previous: [u8; 32] = genesis.finalize().into();
    let (mut no, mut at, mut offset) = (1_u64, 1_000_u64, HEADER_BYTES);
    while !bites.is_empty() {
        let way = bites.byte();
        let bytes = usize::from(bites.byte()) << (way >> 6);
        let mut payload = bites.take(bytes).to_vec();
        payload.resize(bytes, 0);
        let change = i64::from(bites.byte().cast_signed());
        at = at.saturating_add(if way & 0x20 == 0 { 1 } else { u64::MAX / 3 });
        let mut words = [no, at, no - 1];
        if let 1..=3 = way & 0x0f {
            let word = &mut words[usize::from(way & 0x0f) - 1];
            *word = word.wrapping_add_signed(change);
        }
        let before = if way & 0x0f == 4 { [9; 32] } else { previous };
        let wrong = Wrong { way: way & 0x0f, change: change as u8 };
        let (mut frame, hash) = sealed(offset, words, &before, &payload, &wrong);
        if (8..12).contains(&(way & 0x0f)) {
            spoil(&mut frame, way & 0x0f, &mut bites, offset);
        }
        if segment.len() < offset + frame.len() {
            break;
        }
        segment[offset..offset + frame.len()].copy_from_slice(&frame);
        (previous, at, no) = (hash, words[1], words[0].wrapping_add(1).max(1));
        offset += frame.len();
    }
    segment
}

/// What is wrong with a frame's header.
struct Wrong {
    way: u8,
    change: u8,
}

fn sealed(
    offset: usize,
    words: [u64; 3],
    previous: &[u8; 32],
    payload: &[u8],
    wrong: &Wrong,
) -> (Vec<u8>, [u8; 32]) {
    let mut frame = b"TGfr\x01\x00\x58\x00".to_vec();
    frame.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    frame.extend_from_slice(&u32::from(wrong.change).to_le_bytes());
    words.iter().for_each(|word| frame.extend_from_slice(&word.to_le_bytes()));
    frame.extend_from_slice(previous);
    frame.resize(FRAME_HEADER_BYTES, 0);
    if wrong.way == 5 {
        // Anywhere in the header, the length included, under a right check.
        frame[usize::from(wrong.change) % CHECKED_BYTES] ^= 1 + wrong.change / 80;
    }
    frame.extend_from_slice(payload);
    frame.resize(frame.len().next_multiple_of(8), 0);
    if wrong.way == 6 {
        // A byte of the padding, or the last of the payload, under a right hash.
        let last = frame.len() - 1;
        frame[last] ^= wrong.change;
    }
    let hash = Sha256::new().chain_update(&frame[..72]).chain_update(&frame[88..]).finalize();
    frame.extend_from_slice(&hash);
    frame.extend_from_slice(b"TGfr.end");
    let first = offset.next_multiple_of(512) - offset;
    let sectors = frame.get(first..).unwrap_or_default().chunks_exact(512);
    let zeros = sectors.filter(|sector| sector.iter().all(|byte| *byte == 0)).count() as u32;
    let zeros = if wrong.way == 7 { u32::from(wrong.change) } else { zeros };
    frame[72..76].copy_from_slice(&zeros.to_le_bytes());
    let check = Sha256::digest(&frame[..80]);
    frame[80..88].copy_from_slice(&check[..8]);
    (frame, hash.into())
}

/// What a disk may do to a frame that was written well.
fn spoil(frame: &mut [u8], way: u8, bites: &mut Bites<'_>, offset: usize) {
    let at = usize::from(bites.short()) % frame.len();
    match way {
        8 => frame[at] ^= bites.byte().max(1),
        9 => frame[at..].fill(0),
        10 => frame[..at].fill(0),
        _ => {
            // One sector of the file.
            let from = (offset + at) / 512 * 512;
            let within = from.max(offset) - offset..(from + 512 - offset).min(frame.len());
            frame[within].fill(0);
        }
    }
}
