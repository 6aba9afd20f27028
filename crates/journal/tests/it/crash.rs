//! Crashes at every operation, with every kind of remains.

use crate::support::{JOURNAL, folder_options, open_log, payload, read_all};
use journal::snapshots::{self, SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{DataFolder, Disk, JournalError, Log};
use simdisk::{Fault, Kept, SimDisk};
use std::io::{Read, Write};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

const SIZES: [usize; 9] = [100, 1_500, 2_600, 1, 0, 9_000, 700, 2_000, 40];

/// What the workload was told is durable.
#[derive(Debug, Default)]
struct Acknowledged {
    frames: u64,
    snapshot: bool,
}

fn work(disk: &Arc<dyn Disk>, done: &mut Acknowledged) -> Result<(), JournalError> {
    let folder = DataFolder::open(Arc::clone(disk), folder_options())?;
    let (mut log, recovery) = open_log(disk)?;
    assert_eq!(recovery.torn, None, "no crash came before");
    for (index, &bytes) in SIZES.iter().enumerate() {
        let no = FrameNo(index as u64 + 1);
        if index % 3 == 1 {
            log.preparer().prepare()?;
        }
        log.append(Millis(no.0), 1, &payload(no, bytes))?;
        done.frames = no.0;
    }
    let tail = log.tail();
    let meta = SnapshotMeta {
        journal: folder.journal(),
        frame: tail.frame,
        at: tail.at,
        frame_hash: tail.hash,
        ledger_hash: [3; 32],
    };
    let mut writer = SnapshotWriter::create(Arc::clone(disk), meta)?;
    writer.write_all(&payload(FrameNo(99), 3_000)).unwrap_or(());
    writer.finish()?;
    done.snapshot = true;
    Ok(())
}

/// Opens what a crash left: everything acknowledged is there, nothing that was never sent is,
/// and the log goes on.
fn check_remains(disk: &SimDisk, done: &Acknowledged, context: &str) {
    let disk: Arc<dyn Disk> = Arc::new(disk.copy());
    let folder = DataFolder::open(Arc::clone(&disk), folder_options())
        .unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(folder.journal(), JOURNAL);
    let (mut log, recovery) = open_log(&disk).unwrap_or_else(|error| panic!("{context}: {error}"));
    let frames = read_all(&log).unwrap();
    let count = frames.len() as u64;
    assert!(count >= done.frames, "{context}: lost frame {}", count + 1);
    assert!(count <= done.frames + 1, "{context}: invented frame {count}");
    for (no, found) in &frames {
        let sent = payload(FrameNo(*no), *SIZES.get(*no as usize - 1).unwrap_or(&3_000));
        assert_eq!(*found, sent, "{context}: frame {no} differs");
    }
    let snapshots = snapshots::list(&*disk).unwrap();
    assert!(!done.snapshot || snapshots.len() == 1, "{context}: lost the snapshot");
    for frame in snapshots {
        let mut body = Vec::new();
        let mut reader = SnapshotReader::open(&*disk, JOURNAL, frame).unwrap();
        reader.read_to_end(&mut body).unwrap();
        assert_eq!(body, payload(FrameNo(99), 3_000), "{context}: the snapshot differs");
    }
    log.append(Millis(100), 1, b"goes on").unwrap();
    let tail = log.tail();
    drop((log, folder));
    let (log, again) = open_log(&disk).unwrap();
    assert_eq!((again.tail, again.torn), (tail, None), "{context}: {recovery:?}");
    drop(log);
    let report = journal::verify(disk, None, &mut |_| {}).unwrap();
    assert!(report.is_sound(), "{context}: {:?}", report.damages);
}

/// Everything but the last change that was not durable: of that, if it is a write, so many bytes.
fn torn(bytes: usize) -> Kept {
    Kept::Prefix { thousandths: 999, bytes }
}

fn kept() -> Vec<Kept> {
    let mut kept = vec![Kept::Nothing, Kept::All];
    kept.extend([0, 1, 3, 4, 8, 40, 87, 88, 89, 100, 127, 128, 129].map(torn));
    kept.extend((0..20).map(|sectors| torn(sectors * 512)));
    kept.extend([300, 777, 1_627, 1_628, 2_720, 9_087, 9_120, 9_127].map(torn));
    let earlier = [0, 250, 500, 750].map(|thousandths| Kept::Prefix { thousandths, bytes: 700 });
    kept.extend(earlier);
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..24 {
        bits = bits.rotate_left(17).wrapping_mul(0xd134_2543_de82_ef95);
        kept.push(Kept::Sectors(bits));
    }
    kept
}

#[test]
fn a_crash_at_every_operation_loses_nothing_acknowledged() {
    let whole = SimDisk::default();
    let mut done = Acknowledged::default();
    work(&(Arc::new(whole.clone()) as Arc<dyn Disk>), &mut done).unwrap();
    let operations = whole.counts().changes;
    assert!(operations > 60, "the workload rolls and snapshots: {operations} operations");
    for crash_at in 0..operations {
        let disk = SimDisk::with_fault(crash_at, Fault::Crash);
        let mut done = Acknowledged::default();
        disk.keep_trace();
        let result = work(&(Arc::new(disk.clone()) as Arc<dyn Disk>), &mut done);
        assert!(result.is_err(), "the crash was not noticed at {crash_at}");
        let what = disk.take_trace().pop().unwrap_or_default();
        for kept in kept() {
            let context = format!("crash at {crash_at} ({what}), {kept:?}");
            check_remains(&disk.restart(kept), &done, &context);
        }
    }
}

#[test]
fn a_crash_while_recovering_loses_nothing_acknowledged() {
    let disk = SimDisk::default();
    let mut done = Acknowledged::default();
    work(&(Arc::new(disk.clone()) as Arc<dyn Disk>), &mut done).unwrap();
    // A frame of which the middle reached the disk, and then crashes while it is cut.
    let live: Arc<dyn Disk> = Arc::new(disk.clone());
    let (mut log, _) = open_log(&live).unwrap();
    log.reserve(3_000).unwrap();
    disk.set_fault(1, Fault::Crash);
    log.append(Millis(50), 1, &payload(FrameNo(10), 3_000)).unwrap_err();
    drop((log, live));
    let in_parts = (1..5).map(Kept::Sectors);
    for torn in [torn(2_000), torn(3_127)].into_iter().chain(in_parts) {
        for crash_at in 0.. {
            let disk = disk.restart(torn);
            disk.set_fault(crash_at, Fault::Crash);
            let live: Arc<dyn Disk> = Arc::new(disk.clone());
            let opened = open_log(&live);
            if opened.is_ok() {
                assert!(crash_at >= 3, "it writes, syncs, and syncs the folder");
                break;
            }
            for kept in kept() {
                let context = format!("{torn:?}, crash at {crash_at} of recovery, {kept:?}");
                check_remains(&disk.restart(kept), &done, &context);
            }
        }
    }
}

#[test]
fn a_cut_whose_sync_failed_is_made_again() {
    let memory = SimDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let (mut log, _) = open_log(&disk).unwrap();
    log.append(Millis(1), 1, &payload(FrameNo(1), 100)).unwrap();
    // Power fails amid the second frame; all but its last sector reached the disk.
    memory.set_fault(0, Fault::Crash);
    log.append(Millis(2), 1, &payload(FrameNo(2), 3_000)).unwrap_err();
    drop(log);
    let memory = memory.restart(torn(2_500));
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let copy: Arc<dyn Disk> = Arc::new(memory.copy());
    assert!(open_log(&copy).unwrap().1.torn.is_some());
    // The cut is written, and its sync fails: zeros are read from here on, the rest is on the disk.
    memory.set_fault(2, Fault::Io);
    open_log(&disk).unwrap_err();
    memory.heal();
    let (mut log, recovery) = open_log(&disk).unwrap();
    assert_eq!(recovery.torn, None, "as far as reading shows");
    // A shorter frame leaves the end of the torn one behind it, in a segment that is closed then.
    for (no, bytes) in (2..).zip([10, 6_000]) {
        log.append(Millis(no), 1, &payload(FrameNo(no), bytes)).unwrap();
    }
    drop((log, disk));
    let memory = memory.restart(Kept::All);
    let (log, _) = open_log(&(Arc::new(memory) as Arc<dyn Disk>)).unwrap();
    assert_eq!(log.tail().frame, FrameNo(3));
}
