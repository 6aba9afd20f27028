//! Disks that are full or broken.

use crate::support::{append, new_log, open_log, payload, read_all};
use journal::{AppendError, Disk, Log};
use simdisk::{Fault, Kept};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

#[test]
fn a_full_disk_changes_nothing_and_may_be_tried_again() {
    for operation in 0..8 {
        let (memory, disk, mut log) = new_log();
        append(&mut log, 2, 1_500);
        let tail = log.tail();
        memory.set_fault(operation, Fault::Full);
        let result = log.append(Millis(30), 1, &payload(FrameNo(3), 1_500));
        match result {
            Ok(no) => {
                assert_eq!(no, FrameNo(3), "room ran out after the frame");
                assert!(operation >= 7, "operation {operation} takes room");
            }
            Err(AppendError::Full { .. }) => {
                assert_eq!(log.tail(), tail);
                let again = log.append(Millis(30), 1, &payload(FrameNo(3), 1_500));
                assert!(matches!(again, Err(AppendError::Full { .. })), "still full: {again:?}");
                memory.heal();
                log.append(Millis(30), 1, &payload(FrameNo(3), 1_500)).unwrap();
            }
            Err(error) => panic!("operation {operation}: {error}"),
        }
        assert_eq!(read_all(&log).unwrap().len(), 3);
        drop(log);
        let (log, recovery) = open_log(&disk).unwrap();
        assert_eq!((log.tail().frame, recovery.torn), (FrameNo(3), None));
    }
}

#[test]
fn a_segment_prepared_for_more_than_it_gets_is_as_long_as_it_says() {
    let mut refused = 0;
    for operation in 0..10 {
        let (memory, disk, mut log) = new_log();
        append(&mut log, 2, 1_500);
        memory.set_fault(operation, Fault::Full);
        // A frame of this size gets a segment of its own size, which there is no room for.
        let large = log.append(Millis(30), 1, &payload(FrameNo(3), 200_000));
        refused += u32::from(large.is_err());
        memory.heal();
        let frames = log.tail().frame.0;
        append(&mut log, 4, 1_500);
        drop(log);
        let (log, _) = open_log(&disk).unwrap_or_else(|error| panic!("{operation}: {error}"));
        assert_eq!(log.tail().frame, FrameNo(frames + 4), "{operation}");
    }
    assert!(2 < refused, "{refused}");
}

#[test]
fn a_reservation_holds_on_a_full_disk() {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 2, 1_500);
    log.reserve(1_500).unwrap();
    let operations = memory.counts().changes;
    append(&mut log, 1, 1_500);
    assert_eq!(memory.counts().changes - operations, 2, "one write and one sync are left");
    drop(log);
    assert_eq!(open_log(&disk).unwrap().0.tail().frame, FrameNo(3));
}

#[test]
fn any_other_failure_poisons_for_ever() {
    // Of a frame that rolls: create, zeros, sync, header, sync, rename, sync folder, frame, sync.
    let mut poisoned = 0;
    for operation in 0..9 {
        let (memory, _, mut log) = new_log();
        append(&mut log, 2, 1_500);
        let preparer = log.preparer();
        memory.set_fault(operation, Fault::Io);
        let error = log.append(Millis(30), 1, &payload(FrameNo(3), 1_500)).unwrap_err();
        assert_eq!(error.code(), "journal-poisoned", "operation {operation}");
        memory.heal();
        let operations = memory.counts().changes;
        assert_eq!(log.append(Millis(30), 1, b"x"), Err(error.clone()));
        assert_eq!(log.reserve(0), Err(error.clone()));
        assert_eq!(preparer.step(), Err(error));
        assert_eq!(memory.counts().changes, operations, "a poisoned log touches nothing");
        assert_eq!(log.tail().frame, FrameNo(2), "the tail moves only after the sync");
        assert_eq!(read_all(&log).unwrap().len(), 2, "readers go on with what is durable");
        for kept in [Kept::Nothing, Kept::All] {
            let disk: Arc<dyn Disk> = Arc::new(memory.restart(kept));
            let (log, _) = open_log(&disk).unwrap();
            assert!([2, 3].contains(&log.tail().frame.0));
        }
        poisoned += 1;
    }
    assert_eq!(poisoned, 9);
}

#[test]
fn what_a_failed_sync_left_in_the_page_cache_is_written_again() {
    let (memory, _, mut log) = new_log();
    append(&mut log, 1, 500);
    memory.set_fault(1, Fault::Io);
    log.append(Millis(30), 1, &payload(FrameNo(2), 500)).unwrap_err();
    drop(log);
    // The process starts again without a reboot: the frame reads well and is not on the disk.
    let cached = memory.copy();
    let disk: Arc<dyn Disk> = Arc::new(cached.clone());
    let (log, _) = open_log(&disk).unwrap();
    assert_eq!(log.tail().frame, FrameNo(2), "the cache still shows it");
    drop(log);
    let disk: Arc<dyn Disk> = Arc::new(cached.restart(Kept::Nothing));
    let (log, _) = open_log(&disk).unwrap();
    assert_eq!(log.tail().frame, FrameNo(2), "and what was shown once stays");
}
