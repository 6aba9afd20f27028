//! Lack of room where it must not be forgiven: in a sync, and amid a frame.

use crate::directed::{Answer, Directed};
use crate::support::{append, folder_options, open_log, payload, read_all};
use journal::{AppendError, DataFolder, Disk, FileLog, Log};
use simdisk::SimDisk;
use std::io::ErrorKind::{QuotaExceeded, StorageFull};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

/// A log of two frames, with room for a third in its segment only if that is small.
fn two_frames() -> (SimDisk, Directed, FileLog) {
    let memory = SimDisk::default();
    let directed = Directed::new(memory.clone());
    let disk: Arc<dyn Disk> = Arc::new(directed.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let (mut log, _) = open_log(&disk).unwrap();
    append(&mut log, 2, 1_500);
    (memory, directed, log)
}

/// The system may have dropped the pages with the error: only a start finds out what is there.
#[test]
fn a_sync_that_fails_for_lack_of_room_poisons_for_ever() {
    for kind in [StorageFull, QuotaExceeded] {
        let mut poisoned = 0;
        loop {
            let (memory, directed, mut log) = two_frames();
            let mut syncs_before = poisoned;
            directed.direct(move |call| {
                let is_sync = call.starts_with("sync ");
                let fails = is_sync && syncs_before == 0;
                syncs_before -= i32::from(is_sync);
                fails.then_some(Answer::Error(kind))
            });
            let Err(error) = log.append(Millis(30), 1, &payload(FrameNo(3), 1_500)) else { break };
            assert!(matches!(error, AppendError::Poisoned { .. }), "sync {poisoned}: {error}");
            assert_eq!(log.append(Millis(30), 1, b"again"), Err(error), "for ever");
            drop(log);
            let (log, _) = open_log(&(Arc::new(memory.copy()) as Arc<dyn Disk>)).unwrap();
            assert!([2, 3].contains(&log.tail().frame.0));
            poisoned += 1;
        }
        assert_eq!(poisoned, 4, "zeros, header, folder, frame");
    }
}

/// What was written of the frame would lie behind a shorter one that is written in its place, and
/// make the closed segment look damaged.
#[test]
fn a_frame_that_is_cut_short_for_lack_of_room_poisons_for_ever() {
    for taken in [8, 512] {
        let (memory, directed, mut log) = two_frames();
        let mut answers = vec![Answer::Error(StorageFull), Answer::Short(taken)];
        directed.direct(move |call| call.starts_with("write ").then(|| answers.pop()).flatten());
        let error = log.append(Millis(30), 1, &payload(FrameNo(3), 600)).unwrap_err();
        assert!(matches!(error, AppendError::Poisoned { .. }), "{taken} bytes taken: {error}");
        assert_eq!(log.append(Millis(30), 1, b"shorter"), Err(error.clone()), "for ever");
        assert_eq!(log.reserve(5_000), Err(error), "nor does it go on in another segment");
        drop(log);
        let disk: Arc<dyn Disk> = Arc::new(memory);
        let (mut log, recovery) = open_log(&disk).unwrap();
        assert_eq!(recovery.torn.unwrap().frame, FrameNo(3), "the next start cuts it");
        append(&mut log, 4, 1_500);
        drop(log);
        assert_eq!(read_all(&open_log(&disk).unwrap().0).unwrap().len(), 6);
    }
}

#[test]
fn a_frame_of_which_nothing_was_taken_for_lack_of_room_may_be_tried_again() {
    let (_, directed, mut log) = two_frames();
    let mut answers = vec![Answer::Error(StorageFull)];
    directed.direct(move |call| call.starts_with("write ").then(|| answers.pop()).flatten());
    let error = log.append(Millis(30), 1, b"once").unwrap_err();
    assert!(matches!(error, AppendError::Full { .. }), "{error}");
    assert_eq!(log.append(Millis(30), 1, b"twice"), Ok(FrameNo(3)));
}
