//! Archives that are none: the journal's own folder, and one of a later time.

use crate::directed::Directed;
use crate::support::{append, folder_options, log_options, open_log, read_all};
use journal::{
    Archive, DataFolder, Disk, FileLog, FolderOptions, JournalError, JournalId, LogOptions, OsDisk,
};
use simdisk::SimDisk;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use types::ids::FrameNo;

/// A segment that was copied to itself and then removed would be gone.
#[test]
fn the_journals_own_folder_is_no_archive() {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(folder.path()).unwrap());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let (mut log, _) = open_log(&disk).unwrap();
    append(&mut log, 9, 1_500);
    drop(log);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("journal", &link).unwrap();
    for path in [folder.path().join("journal"), link] {
        let archive =
            Archive { disk: Arc::new(OsDisk::open(&path).unwrap()), folder: String::new() };
        let options = LogOptions { archive: Some(archive), ..log_options() };
        let opened = FileLog::open(Arc::clone(&disk), options);
        let code = opened.as_ref().map_err(journal::JournalError::code).map(|_| ());
        if let Ok((log, _)) = &opened {
            log.archiver().archive_segments(FrameNo(100)).unwrap();
        }
        drop(opened);
        let (log, _) = open_log(&disk).unwrap();
        assert_eq!(read_all(&log).unwrap().len(), 9, "nothing was lost");
        assert_eq!(code, Err("archive-mismatch"));
    }
}

/// Where both have segments of the same names, the other's would never even be opened.
#[test]
fn an_archive_of_another_journal_is_refused() {
    let elsewhere = || Archive { disk: Arc::new(SimDisk::default()), folder: "archive".into() };
    let [(ours, our_archive), (_, foreign)] = [[3; 16], [4; 16]].map(|id| {
        let disk: Arc<dyn Disk> = Arc::new(SimDisk::default());
        let new_journal = JournalId(id);
        DataFolder::open(Arc::clone(&disk), FolderOptions { new_journal, ..folder_options() })
            .unwrap();
        let archive = elsewhere();
        let options =
            LogOptions { archive: Some(archive.clone()), journal: new_journal, ..log_options() };
        let (mut log, _) = FileLog::open(Arc::clone(&disk), options).unwrap();
        append(&mut log, 9, 1_500);
        log.archiver().archive_segments(FrameNo(100)).unwrap();
        (disk, archive)
    });
    let ours_by = |archive: Archive| {
        let verified = journal::verify(Arc::clone(&ours), Some(archive.clone()), &mut |_| ());
        let inspected = journal::inspect(Arc::clone(&ours), Some(archive), FrameNo(1));
        let code = |error: JournalError| error.code();
        (verified.map(|report| report.frames).map_err(code), inspected.map(|_| ()).map_err(code))
    };
    assert_eq!(ours_by(our_archive.clone()), (Ok(9), Ok(())));
    let opened = |archive| {
        let journal = JournalId([3; 16]);
        let options = LogOptions { archive: Some(archive), journal, ..log_options() };
        FileLog::open(Arc::clone(&ours), options).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(opened(our_archive.clone()), Ok(()));
    let told = opened(foreign.clone()).unwrap_err();
    assert!(told.contains("archive/00000000000000000001.seg, which is of another"), "{told}");
    assert_eq!(ours_by(foreign), (Err("archive-mismatch"), Err("archive-mismatch")));
}

#[test]
fn an_archive_of_a_later_time_is_refused() {
    let live = SimDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(live.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let elsewhere: Arc<dyn Disk> = Arc::new(SimDisk::default());
    let archive = Archive { disk: elsewhere, folder: "archive".into() };
    let options = LogOptions { archive: Some(archive), ..log_options() };
    let (mut log, _) = FileLog::open(Arc::clone(&disk), options.clone()).unwrap();
    append(&mut log, 5, 1_500);
    let copy: Arc<dyn Disk> = Arc::new(live.copy());
    append(&mut log, 4, 1_500);
    assert_eq!(log.archiver().archive_segments(FrameNo(100)).unwrap(), 4);
    drop(log);
    assert_eq!(FileLog::open(disk, options.clone()).unwrap().1.frames, 9, "its own journal");
    let error = FileLog::open(copy, options).unwrap_err();
    assert_eq!(error.code(), "archive-mismatch", "{error}");
    assert!(error.to_string().contains("archive/00000000000000000007.seg"), "{error}");
}

/// The copy is all there will be: one wrong read while it is made must not be what is kept.
#[test]
fn a_copy_that_was_read_wrongly_is_not_kept() {
    // The second of its two frames begins here, behind the segment's header and the first.
    const LAST: usize = 4_096 + 88 + 1_500 + 4 + 32;
    let is_wrong: [fn(&mut [u8]); 4] = [
        |bytes| bytes[LAST + 500] ^= 1,
        |bytes| bytes[LAST..].fill(0),
        |bytes| bytes[8_191] = 1,
        |bytes| bytes[20] ^= 1,
    ];
    for wrong in is_wrong {
        let mut refused = 0;
        let reads = (0..).take_while(|read| match archive_misreading(*read, wrong) {
            Misread::Refused => {
                refused += 1;
                true
            }
            Misread::Harmless => true,
            Misread::Never => false,
        });
        assert!(3 < reads.count(), "of the copy's source, of the copy, of the next header");
        assert_eq!(refused, 1, "one of the reads is the copy's");
    }
}

/// What a wrong read led to.
enum Misread {
    Refused,
    Harmless,
    /// There are not so many reads.
    Never,
}

/// Archives nine frames, two a segment, of whose first segment one read sees something wrong;
/// those before and after it see what is there. Whatever comes of it, nothing is lost.
fn archive_misreading(moment: usize, wrong: fn(&mut [u8])) -> Misread {
    const FIRST: &str = "journal/00000000000000000001.seg";
    let live = SimDisk::default();
    let directed = Directed::new(live.clone());
    let disk: Arc<dyn Disk> = Arc::new(directed.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let elsewhere: Arc<dyn Disk> = Arc::new(SimDisk::default());
    let archive = Archive { disk: Arc::clone(&elsewhere), folder: "archive".into() };
    let options = LogOptions { archive: Some(archive), ..log_options() };
    let (mut log, _) = FileLog::open(Arc::clone(&disk), options.clone()).unwrap();
    append(&mut log, 9, 1_500);
    let sound = live.bytes(FIRST).unwrap();
    let mut seen = sound.clone();
    wrong(&mut seen);
    let reads = Arc::new(AtomicUsize::new(0));
    let (counted, beside, whole) = (Arc::clone(&reads), live.clone(), sound.clone());
    directed.direct(move |call| {
        let read = counted.load(Relaxed);
        if call == "read" && counted.fetch_add(1, Relaxed) <= moment + 1 {
            let bytes = if read == moment { &seen } else { &whole };
            if beside.bytes(FIRST).is_some() {
                beside.set_bytes(FIRST, bytes);
            }
        }
        None
    });
    let archived = log.archiver().archive_segments(FrameNo(100));
    directed.direct(|_| None);
    if live.bytes(FIRST).is_some() {
        live.set_bytes(FIRST, &sound);
    }
    if let Err(error) = &archived {
        assert_eq!(error.code(), "journal-io", "{error}");
        assert!(error.to_string().contains("the copy in the archive is wrong"), "{error}");
        assert_eq!(elsewhere.list("archive").unwrap(), [""; 0], "nothing of it is kept");
    }
    assert_eq!(read_all(&log).unwrap().len(), 9, "everything is there, wherever it lies");
    log.archiver().archive_segments(FrameNo(100)).unwrap();
    drop(log);
    assert_eq!(FileLog::open(disk, options).unwrap().1.frames, 9);
    match archived {
        _ if reads.load(Relaxed) <= moment => Misread::Never,
        Ok(_) => Misread::Harmless,
        Err(_) => Misread::Refused,
    }
}

/// A segment that is neither here nor there is missing, not unreadable.
#[test]
fn a_segment_that_is_nowhere_is_missing() {
    let disk = SimDisk::default();
    let live: Arc<dyn Disk> = Arc::new(disk.clone());
    DataFolder::open(Arc::clone(&live), folder_options()).unwrap();
    let elsewhere = SimDisk::default();
    let archive = Archive { disk: Arc::new(elsewhere.clone()), folder: "archive".into() };
    let options = LogOptions { archive: Some(archive), ..log_options() };
    let (mut log, _) = FileLog::open(Arc::clone(&live), options.clone()).unwrap();
    append(&mut log, 9, 1_500);
    assert_eq!(log.archiver().archive_segments(FrameNo(5)).unwrap(), 2);
    elsewhere.remove("archive/00000000000000000003.seg").unwrap();
    let missing = read_all(&log).unwrap_err();
    assert_eq!(missing.code(), "journal-incomplete", "{missing}");
    assert!(missing.to_string().contains("frame 3"), "{missing}");
    drop(log);
    assert_eq!(FileLog::open(live, options).unwrap_err().code(), "journal-incomplete");
}

/// Only whole names are those of segments.
#[test]
fn what_has_no_segments_name_is_none() {
    let disk = SimDisk::default();
    let live: Arc<dyn Disk> = Arc::new(disk.clone());
    DataFolder::open(Arc::clone(&live), folder_options()).unwrap();
    let (mut log, _) = open_log(&live).unwrap();
    append(&mut log, 5, 1_500);
    drop(log);
    for name in ["2.seg", "+0000000000000000002.seg", "000000000000000000002.seg", "2.seg.tmp"] {
        drop(disk.create(&format!("journal/{name}")).unwrap());
    }
    assert_eq!(open_log(&live).unwrap().1.segments, 3);
}
