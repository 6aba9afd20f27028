//! What a start looks at without walking it, and what readers keep of what they looked at.

use crate::directed::Directed;
use crate::support::{
    SEGMENT_BYTES, append, folder_options, log_options, new_log, open_log, payload,
};
use journal::{
    CheckFrom, DataFolder, Disk, FileLog, FolderOptions, JournalError, JournalId, Log, LogOptions,
    ReadLog,
};
use simdisk::SimDisk;
use std::sync::Arc;
use types::ids::{FrameNo, Millis};
use types::limits::JOURNAL_INDEXES_MAX;

const FIRST: &str = "journal/00000000000000000001.seg";

/// Opens a journal of six frames, two a segment, from a snapshot of its fifth, after a change.
fn open_from_snapshot(change: impl FnOnce(&SimDisk)) -> Result<(), JournalError> {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 5, 1_500);
    let hash = log.tail().hash;
    append(&mut log, 1, 1_500);
    drop(log);
    change(&memory);
    let check_from = CheckFrom::Snapshot { frame: FrameNo(5), hash };
    FileLog::open(disk, LogOptions { check_from, ..log_options() }).map(|_| ())
}

/// What a snapshot covers is not walked; that it is there, and this journal's, is seen.
#[test]
fn segments_before_a_snapshot_are_this_journals() {
    open_from_snapshot(|_| ()).unwrap();
    let foreign = |memory: &SimDisk| {
        let other = SimDisk::default();
        let options = FolderOptions { new_journal: JournalId([8; 16]), ..folder_options() };
        DataFolder::open(Arc::new(other.clone()), options).unwrap();
        memory.set_bytes(FIRST, &other.bytes(FIRST).unwrap());
    };
    let error = open_from_snapshot(foreign).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains(FIRST)), ("journal-damaged", true));
    let error = open_from_snapshot(|memory| memory.flip(FIRST, 8 * 50)).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains(FIRST)), ("journal-damaged", true));
    let renamed = |memory: &SimDisk| {
        let third = memory.bytes("journal/00000000000000000003.seg").unwrap();
        memory.set_bytes(FIRST, &third);
    };
    let error = open_from_snapshot(renamed).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains(FIRST)), ("journal-damaged", true));
}

/// Frames may reach a segment's very end, and a reader that hops over their headers reaches them.
#[test]
fn the_last_frame_of_a_full_segment_is_reached() {
    const FRAME_BYTES: u64 = 128;
    let (memory, disk, mut log) = new_log();
    let frames = (SEGMENT_BYTES - 4_096) / FRAME_BYTES;
    for no in 1..=frames {
        log.append(Millis(no), 0, b"").unwrap();
    }
    log.reader().read_slice(FrameNo(frames), 0, &mut []).unwrap();
    let segments = || memory.paths().iter().filter(|path| path.ends_with(".seg")).count();
    assert_eq!(segments(), 1, "it is full to its end");
    append(&mut log, 1, 10);
    assert_eq!(segments(), 2);
    drop(log);
    let (log, recovery) = open_log(&disk).unwrap();
    assert_eq!((log.tail().frame, recovery.frames), (FrameNo(frames + 1), frames + 1));
    assert_eq!(recovery.payload_bytes, 10);
}

/// Where a frame lay is remembered; that it still lies there is seen each time.
#[test]
fn a_frame_that_a_disk_put_in_anothers_place_is_told() {
    const FRAME_BYTES: usize = 128;
    let (memory, _, mut log) = new_log();
    for no in 1..=6 {
        log.append(Millis(no), 0, b"").unwrap();
    }
    let reader = log.reader();
    reader.read_slice(FrameNo(5), 0, &mut []).unwrap();
    let place = |no: usize| 4_096 + (no - 1) * FRAME_BYTES;
    let mut bytes = memory.bytes(FIRST).unwrap();
    bytes.copy_within(place(2)..place(3), place(5));
    memory.set_bytes(FIRST, &bytes);
    let error = reader.frames_from(FrameNo(5)).unwrap_err();
    assert_eq!(error.code(), "journal-damaged");
    let said = error.to_string();
    assert!(said.contains(FIRST) && said.contains("frame 5"), "{said}");
    assert!(said.contains(&place(5).to_string()) && said.contains('2'), "{said}");
}

/// Readers keep the indexes of so many segments; of one more, the least lately used gives way.
#[test]
fn the_index_that_was_used_least_lately_gives_way() {
    let directed = Directed::new(SimDisk::default());
    let disk: Arc<dyn Disk> = Arc::new(directed.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let (mut log, _) = open_log(&disk).unwrap();
    let segments = JOURNAL_INDEXES_MAX as u64 + 1;
    append(&mut log, segments, 3_000);
    let reader = log.reader();
    // Whether reading from a segment, each of which holds a frame, had to open it.
    let opens = |frame: u64| {
        drop(directed.take_calls());
        let mut slice = [0; 8];
        reader.read_slice(FrameNo(frame), 16, &mut slice).unwrap();
        assert_eq!(slice, payload(FrameNo(frame), 3_000)[16..24]);
        !directed.take_calls().is_empty()
    };
    assert!((1..segments).all(opens), "each for the first time");
    assert!(!opens(1), "all are kept");
    assert!(opens(segments), "and now there is one too many");
    let kept: Vec<_> = (3..=segments).chain([1]).filter(|&frame| !opens(frame)).collect();
    assert_eq!(kept.len() as u64, segments - 1, "all but the second: {kept:?}");
    assert!(opens(2));
    assert!(opens(3), "which gave way to the second, in its turn");
}
