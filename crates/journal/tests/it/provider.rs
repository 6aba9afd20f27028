//! The file provider against the conformance suite, on a real disk and in memory.

use crate::support::{
    JOURNAL, append, choppy_disk, folder_options, log_options, new_log, payload, read_all,
};
use journal::conformance::OpenLog;
use journal::{
    Archive, CheckFrom, DataFolder, Disk, FileLog, FolderOptions, Log, LogOptions, OsDisk,
    Prepared, ReadLog,
};
use simdisk::SimDisk;
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

fn opener(disk: Arc<dyn Disk>, segment_bytes: u64) -> OpenLog {
    let options = FolderOptions { segment_bytes, ..folder_options() };
    DataFolder::open(Arc::clone(&disk), options).unwrap();
    Box::new(move || {
        let options = LogOptions { segment_bytes, ..LogOptions::new(JOURNAL) };
        Box::new(FileLog::open(Arc::clone(&disk), options).unwrap().0)
    })
}

#[test]
fn conforms_in_memory() {
    for segment_bytes in [4_096, 8_192, 1 << 20] {
        journal::conformance::check(&mut || opener(Arc::new(SimDisk::default()), segment_bytes));
    }
}

#[test]
fn conforms_on_a_choppy_disk() {
    journal::conformance::check(&mut || opener(Arc::new(choppy_disk()), 8_192));
}

#[test]
fn conforms_on_a_real_disk() {
    let mut folders = Vec::new();
    journal::conformance::check(&mut || {
        let folder = tempfile::tempdir().unwrap();
        let disk = OsDisk::open_or_create(folder.path().join("data")).unwrap();
        folders.push(folder);
        opener(Arc::new(disk), 16_384)
    });
}

#[test]
#[should_panic(expected = "time never goes back in a journal")]
fn time_never_goes_back() {
    let (_, _, mut log) = new_log();
    log.append(Millis(10), 1, b"later").unwrap();
    let _ = log.append(Millis(9), 1, b"earlier");
}

#[test]
fn a_prepared_segment_is_taken_at_the_roll() {
    let (memory, _, mut log) = new_log();
    let preparer = log.preparer();
    assert_eq!(preparer.step(), Ok(Prepared::Ready), "8 KiB are ready in one step");
    let before = memory.counts().changes;
    assert_eq!(preparer.step(), Ok(Prepared::Ready));
    assert_eq!(memory.counts().changes, before, "ready stays ready at no cost");
    append(&mut log, 1, 3_000);
    memory.keep_trace();
    append(&mut log, 1, 3_000);
    let trace = memory.take_trace();
    expect_test::expect![[r#"
        [
            "write 3 at 0, 4096 bytes, af1dba2f4b10c7bb: Ok(4096)",
            "sync 3: Ok(())",
            "rename journal/prepared.tmp journal/00000000000000000002.seg: Ok(())",
            "sync folder journal: Ok(())",
            "write 3 at 4096, 3128 bytes, dd5a0e3874b93e2a: Ok(3128)",
            "sync 3: Ok(())",
        ]
    "#]]
    .assert_debug_eq(&trace);
}

#[test]
fn archived_segments_are_still_read() {
    let (memory, _, log) = new_log();
    drop(log);
    // Within one disk files are moved by their names alone.
    let here = tempfile::tempdir().unwrap();
    let real: Arc<dyn Disk> = Arc::new(OsDisk::open_or_create(here.path().join("data")).unwrap());
    DataFolder::open(Arc::clone(&real), folder_options()).unwrap();
    let elsewhere: Arc<dyn Disk> = Arc::new(SimDisk::default());
    for (archive_disk, folder) in [(&real, "archive"), (&elsewhere, ""), (&elsewhere, "deep")] {
        let archive = Archive { disk: Arc::clone(archive_disk), folder: folder.to_owned() };
        let memory = memory.copy();
        let disk: Arc<dyn Disk> =
            if Arc::ptr_eq(archive_disk, &real) { Arc::clone(&real) } else { Arc::new(memory) };
        let options = LogOptions { archive: Some(archive.clone()), ..log_options() };
        let (mut log, _) = FileLog::open(Arc::clone(&disk), options.clone()).unwrap();
        append(&mut log, 9, 1_500);
        let before = log.reader();
        let all = read_all(&log).unwrap();
        assert_eq!(log.archiver().archive_segments(FrameNo(1)).unwrap(), 0);
        assert_eq!(log.archiver().archive_segments(FrameNo(4)).unwrap(), 1, "frames 1 and 2");
        assert_eq!(log.archiver().archive_segments(FrameNo(100)).unwrap(), 3, "never the last");
        assert_eq!(read_all(&log).unwrap(), all);
        let mut stream = before.read_from(FrameNo(1)).unwrap();
        assert_eq!(stream.next_frame().unwrap().unwrap().payload, payload(FrameNo(1), 1_500));
        let tail = log.tail();
        drop(log);
        let (log, recovery) = FileLog::open(Arc::clone(&disk), options.clone()).unwrap();
        assert_eq!((recovery.tail, recovery.frames), (tail, 9));
        drop(log);
        let report = journal::verify(Arc::clone(&disk), options.archive, &mut |_| {}).unwrap();
        assert!(report.is_sound());
        assert_eq!((report.frames, report.segments), (9, 5));
        // Without the archive the beginning is missing, which a snapshot makes good.
        let error = FileLog::open(Arc::clone(&disk), log_options()).unwrap_err();
        assert_eq!(error.code(), "journal-incomplete");
    }
}

#[test]
fn a_snapshot_saves_checking_what_it_covers() {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 9, 1_500);
    let mut hashes = vec![journal::FrameHash::genesis(JOURNAL)];
    let mut stream = log.reader().read_from(FrameNo(1)).unwrap();
    while let Some(frame) = stream.next_frame().unwrap() {
        hashes.push(frame.hash);
    }
    drop(log);
    let open = |frame: u64, hash| {
        let check_from = CheckFrom::Snapshot { frame: FrameNo(frame), hash };
        FileLog::open(Arc::clone(&disk), LogOptions { check_from, ..log_options() })
    };
    for (frame, hash) in hashes.iter().enumerate() {
        let (log, recovery) = open(frame as u64, *hash).unwrap();
        assert_eq!(log.tail().frame, FrameNo(9));
        let from_its_segment = 9 - (frame as u64).saturating_sub(1) / 2 * 2;
        assert_eq!(recovery.frames, from_its_segment, "snapshot at {frame}");
        let wrong = open(frame as u64, journal::FrameHash([1; 32])).unwrap_err();
        assert_eq!(wrong.code(), "snapshot-mismatch", "{wrong}");
    }
    let error = open(10, hashes[9]).unwrap_err();
    assert_eq!(error.code(), "journal-incomplete", "the journal is behind: {error}");
    let told = error.to_string();
    assert!(
        told.starts_with("the journal ends at frame 9, and a snapshot tells its state at"),
        "{told}"
    );
    assert!(told.contains("keep the snapshot, which alone tells of the loss"), "{told}");
    // Damage in a segment that only the headers of were looked at is met when it is read.
    memory.flip("journal/00000000000000000001.seg", 8 * 5_000);
    let (log, _) = open(9, hashes[9]).unwrap();
    assert_eq!(read_all(&log).unwrap_err().code(), "journal-damaged");
}
