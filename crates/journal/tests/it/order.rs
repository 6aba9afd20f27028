//! The order of the calls to the disk where a crash in between would lose something, on a disk that
//! forgets a new folder, too, unless the folder it is in was synced.

use crate::directed::Directed;
use crate::support::{JOURNAL, append, folder_options, log_options};
use expect_test::expect;
use journal::snapshots::{self, SnapshotMeta, SnapshotWriter};
use journal::{Archive, DataFolder, Disk, FileLog, FrameHash, LogOptions};
use simdisk::SimDisk;
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

/// `FORMAT` vouches for everything else: its bytes, both folders' names and the segment are
/// durable before it has its name.
#[test]
fn a_new_folder_is_vouched_for_last() {
    let directed = Directed::new(SimDisk::default());
    DataFolder::open(Arc::new(directed.clone()), folder_options()).unwrap();
    expect![[r#"
        open LOCK
        create LOCK
        set length LOCK
        write LOCK
        open FORMAT
        create folder snapshots
        create folder journal
        create journal/prepared.tmp
        write journal/prepared.tmp
        sync journal/prepared.tmp
        write journal/prepared.tmp
        sync journal/prepared.tmp
        rename journal/prepared.tmp journal/00000000000000000001.seg
        sync folder journal
        remove FORMAT.tmp
        create FORMAT.tmp
        write FORMAT.tmp
        sync FORMAT.tmp
        sync folder .
        rename FORMAT.tmp FORMAT
        sync folder .
        open FORMAT
    "#]]
    .assert_eq(&directed.take_calls());
}

/// A copy is durable, and its name, and the folder's, before the segment leaves the journal.
#[test]
fn a_segment_leaves_the_journal_when_its_copy_is_durable() {
    let directed = Directed::new(SimDisk::default());
    let disk: Arc<dyn Disk> = Arc::new(directed.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let elsewhere = directed.beside(SimDisk::default(), "elsewhere: ");
    let archive = Archive { disk: Arc::new(elsewhere), folder: "deep".into() };
    let options = LogOptions { archive: Some(archive), ..log_options() };
    let (mut log, _) = FileLog::open(disk, options).unwrap();
    append(&mut log, 5, 1_500);
    drop(directed.take_calls());
    assert_eq!(log.archiver().archive_segments(FrameNo(3)).unwrap(), 1);
    expect![[r#"
        elsewhere: create folder deep
        elsewhere: sync folder .
        open journal/00000000000000000003.seg
        elsewhere: remove deep/00000000000000000001.seg.tmp
        open journal/00000000000000000001.seg
        elsewhere: create deep/00000000000000000001.seg.tmp
        elsewhere: write deep/00000000000000000001.seg.tmp
        elsewhere: sync deep/00000000000000000001.seg.tmp
        elsewhere: open deep/00000000000000000001.seg.tmp
        elsewhere: rename deep/00000000000000000001.seg.tmp deep/00000000000000000001.seg
        elsewhere: sync folder deep
        remove journal/00000000000000000001.seg
        sync folder journal
    "#]]
    .assert_eq(&directed.take_calls());
}

/// A snapshot that came back would be sound; that it stays away is what its remover promises.
#[test]
fn a_removed_snapshot_stays_away() {
    let directed = Directed::new(SimDisk::default());
    let disk: Arc<dyn Disk> = Arc::new(directed.clone());
    let meta = SnapshotMeta {
        journal: JOURNAL,
        frame: FrameNo(5),
        at: Millis(1),
        frame_hash: FrameHash([5; 32]),
        ledger_hash: [6; 32],
    };
    SnapshotWriter::create(Arc::clone(&disk), meta).unwrap().finish().unwrap();
    expect![[r#"
        remove snapshots/00000000000000000005.snap.tmp
        create snapshots/00000000000000000005.snap.tmp
        write snapshots/00000000000000000005.snap.tmp
        write snapshots/00000000000000000005.snap.tmp
        sync snapshots/00000000000000000005.snap.tmp
        rename snapshots/00000000000000000005.snap.tmp snapshots/00000000000000000005.snap
        sync folder snapshots
    "#]]
    .assert_eq(&directed.take_calls());
    snapshots::remove(&*disk, FrameNo(5)).unwrap();
    expect![[r#"
        remove snapshots/00000000000000000005.snap
        sync folder snapshots
    "#]]
    .assert_eq(&directed.take_calls());
}
