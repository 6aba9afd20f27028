//! Which snapshots a node keeps, loads, and refuses.

use crate::marks::Still;
use crate::support::{config, definition, enter_record, operate_record};
use journal::snapshots::{SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{Archive, Disk, JournalId, OsDisk};
use node::{Config, NodeError, Stepped, open};
use simdisk::SimDisk;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use types::{Action, CampaignNo, FrameNo, Publish};

/// Segments of a few frames each, and a snapshot asked for after each frame.
fn often() -> Config {
    Config { segment_bytes: 8 << 10, snapshot_every_bytes: 1, ..config() }
}

fn start(disk: &SimDisk) -> Stepped {
    let clock = Arc::new(Still::default());
    open(Arc::new(disk.clone()), often(), clock).unwrap().into_steps().unwrap()
}

fn take(parts: &mut Stepped, record: Vec<u8>) {
    let pending = parts.node.submit_one(record).unwrap();
    assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
    drop(pending);
}

/// An open campaign of 100 units: two frames, and a snapshot of the second.
fn open_campaign(parts: &mut Stepped) {
    let definition = definition(100, Publish::AtOnce);
    take(parts, operate_record(Action::Load { definition }));
    parts.snapshots.step().unwrap().unwrap();
    take(parts, operate_record(Action::Open { campaign: CampaignNo(0) }));
    parts.snapshots.step().unwrap().unwrap();
}

fn snapshot(parts: &Stepped) -> Result<FrameNo, NodeError> {
    parts.snapshots.step().expect("one was asked for")
}

/// One frame of one entry, and a snapshot of it.
fn enter(parts: &mut Stepped, person: u32) {
    take(parts, enter_record(person, person));
    snapshot(parts).unwrap();
}

fn listed(disk: &SimDisk) -> Vec<u64> {
    journal::snapshots::list(disk).unwrap().into_iter().map(|frame| frame.0).collect()
}

fn path(frame: u64) -> String {
    format!("snapshots/{frame:020}.snap")
}

/// The frame of the snapshot from which a node starts, and the state it starts with.
fn started(disk: &SimDisk) -> (u64, ledger::LedgerHash) {
    let parts = start(&disk.copy());
    let loaded = parts.node.metrics().snapshot_frame.load(Relaxed);
    (loaded, parts.sequencer.ledger().hash())
}

#[test]
fn the_two_newest_are_kept_and_the_newest_is_loaded() {
    let disk = SimDisk::default();
    let mut parts = start(&disk);
    open_campaign(&mut parts);
    assert_eq!(listed(&disk), [1, 2]);
    for person in 0..4 {
        enter(&mut parts, person);
        let last = u64::from(person) + 3;
        assert_eq!(listed(&disk), [last - 1, last]);
    }
    let hash = parts.sequencer.ledger().hash();
    drop(parts);
    assert_eq!(started(&disk), (6, hash));
    disk.flip(&path(6), 8 * 500);
    assert_eq!(started(&disk), (5, hash), "the other still saves most of the replay");
    disk.flip(&path(5), 8 * 500);
    assert_eq!(started(&disk), (0, hash), "and the journal has everything");
}

/// When as many bytes of payload have come as the configuration says, and not one sooner.
#[test]
fn a_snapshot_is_asked_for_when_enough_has_come() {
    let definition = definition(100, Publish::AtOnce);
    let records = [
        operate_record(Action::Load { definition }),
        operate_record(Action::Open { campaign: CampaignNo(0) }),
    ];
    let both = (records[0].len() + records[1].len()) as u64;
    for (snapshot_every_bytes, after) in [(both, 2), (both + 1, 3), (both - 1, 2)] {
        let config = Config { snapshot_every_bytes, ..often() };
        let opened = open(Arc::new(SimDisk::default()), config, Arc::new(Still::default()));
        let mut parts = opened.unwrap().into_steps().unwrap();
        let all = records.iter().cloned().chain([enter_record(0, 0)]);
        let made: Vec<_> = all
            .map(|record| {
                take(&mut parts, record);
                parts.snapshots.step().map(|made| made.unwrap().0)
            })
            .collect();
        let first = made.iter().flatten().next();
        assert_eq!(first, Some(&after), "{made:?} by {snapshot_every_bytes} bytes");
    }
}

/// Whoever compares an audit with a snapshot finds the hash where docs/format.md says.
#[test]
fn a_snapshot_tells_the_hash_of_its_state() {
    let disk = SimDisk::default();
    let mut parts = start(&disk);
    open_campaign(&mut parts);
    enter(&mut parts, 0);
    let reader = SnapshotReader::open(&disk, JournalId([7; 16]), FrameNo(3)).unwrap();
    let hash = parts.sequencer.ledger().hash().0.to_le_bytes();
    assert_eq!(reader.meta().ledger_hash, *[hash, [0; 8], [0; 8], [0; 8]].as_flattened());
}

/// Closed segments move when both snapshots that are kept have them behind, and not before.
#[test]
fn segments_behind_every_snapshot_are_archived_and_read_from_there() {
    let (disk, elsewhere) = (SimDisk::default(), SimDisk::default());
    let start = |disk: &SimDisk| {
        let archive = Archive { disk: Arc::new(elsewhere.clone()), folder: "archive".into() };
        let config = Config { archive: Some(archive), ..often() };
        let opened = open(Arc::new(disk.clone()), config, Arc::new(Still::default()));
        opened.unwrap().into_steps().unwrap()
    };
    let segments = |disk: &SimDisk, folder| -> Vec<u64> {
        let mut names = disk.list(folder).unwrap_or_default();
        names.sort();
        let frames = names.iter().filter_map(|name| name.strip_suffix(".seg")?.parse().ok());
        frames.collect()
    };
    let mut parts = start(&disk);
    open_campaign(&mut parts);
    let mut person = 0;
    while segments(&elsewhere, "archive").len() < 2 {
        enter(&mut parts, person);
        person += 1;
        let kept = listed(&disk);
        let (here, there) = (segments(&disk, "journal"), segments(&elsewhere, "archive"));
        let all = [there.clone(), here.clone()].concat();
        assert!(all.is_sorted() && all[0] == 1, "each in one place: {there:?}, {here:?}");
        // What is here still holds the frame behind the older snapshot, or is the last.
        let needed = kept[0] + 1;
        assert!(here.len() == 1 || needed <= here[1], "{kept:?}, {here:?}");
        assert!(there.is_empty() || here[0] <= needed, "{kept:?}, {here:?}");
    }
    let hash = parts.sequencer.ledger().hash();
    drop(parts);
    let mut parts = start(&disk);
    assert_eq!(parts.sequencer.ledger().hash(), hash);
    // Without its snapshots it needs all of the journal.
    for frame in listed(&disk) {
        journal::snapshots::remove(&disk, FrameNo(frame)).unwrap();
    }
    drop(parts);
    parts = start(&disk);
    assert_eq!(parts.sequencer.ledger().hash(), hash);
}

/// The system gives a folder for a file, and would read no byte of it.
#[test]
fn a_snapshot_that_the_system_does_not_read_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let disk = OsDisk::open(folder.path()).unwrap();
        open(Arc::new(disk), often(), Arc::new(Still::default())).unwrap().into_steps().unwrap()
    };
    let mut parts = start();
    open_campaign(&mut parts);
    enter(&mut parts, 0);
    let hash = parts.sequencer.ledger().hash();
    drop(parts);
    let newest = folder.path().join(path(3));
    std::fs::remove_file(&newest).unwrap();
    std::fs::create_dir(&newest).unwrap();
    let parts = start();
    assert_eq!(parts.node.metrics().snapshot_frame.load(Relaxed), 2);
    assert_eq!(parts.sequencer.ledger().hash(), hash);
}

/// Writes a snapshot once more, sound to the last bit, under another description.
fn describe(disk: &SimDisk, frame: u64, change: impl FnOnce(&mut SnapshotMeta)) {
    rewrite(disk, frame, |meta, _| change(meta));
}

fn rewrite(disk: &SimDisk, frame: u64, change: impl FnOnce(&mut SnapshotMeta, &mut Vec<u8>)) {
    let mut reader = SnapshotReader::open(disk, JournalId([7; 16]), FrameNo(frame)).unwrap();
    let mut meta = *reader.meta();
    let mut body = Vec::new();
    reader.read_to_end(&mut body).unwrap();
    change(&mut meta, &mut body);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let mut writer = SnapshotWriter::create(shared, meta).unwrap();
    writer.write_all(&body).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_snapshot_whose_state_is_not_the_one_it_says_is_refused() {
    let disk = SimDisk::default();
    let mut parts = start(&disk);
    open_campaign(&mut parts);
    (0..3).for_each(|person| enter(&mut parts, person));
    let hash = parts.sequencer.ledger().hash();
    drop(parts);
    assert_eq!(started(&disk), (5, hash));
    let same = disk.copy();
    describe(&same, 5, |_| ());
    assert_eq!(started(&same), (5, hash), "written again as it was");
    let other = disk.copy();
    describe(&other, 5, |meta| meta.ledger_hash[0] ^= 1);
    assert_eq!(started(&other), (4, hash), "of another hash");
    let wider = disk.copy();
    describe(&wider, 5, |meta| meta.ledger_hash[31] = 1);
    assert_eq!(started(&wider), (4, hash), "of a longer hash");
    let longer = disk.copy();
    rewrite(&longer, 5, |_, body| body.push(0));
    assert_eq!(started(&longer), (4, hash), "with more than a state");
    // The state of frame 4 under the name of frame 5.
    let older = disk.copy();
    let fifth = SnapshotReader::open(&older, JournalId([7; 16]), FrameNo(5)).unwrap();
    let of_fifth = *fifth.meta();
    describe(&older, 4, |meta| {
        *meta = SnapshotMeta { ledger_hash: meta.ledger_hash, ..of_fifth };
    });
    assert_eq!(started(&older), (4, hash), "of another frame");
    older.flip(&path(4), 8 * 500);
    assert_eq!(started(&older), (0, hash), "nor is it taken when there is no other");
}

/// The maker replays from the last snapshot what the node did since. If that was another history's,
/// sound in itself, the states differ, and nothing is written that a start could load.
#[test]
fn a_replay_that_differs_from_the_running_state_makes_no_snapshot() {
    let disk = SimDisk::default();
    let mut parts = start(&disk);
    open_campaign(&mut parts);
    enter(&mut parts, 1);
    let another = SimDisk::default();
    let mut other = start(&another);
    open_campaign(&mut other);
    enter(&mut other, 2);
    drop(other);
    assert_eq!((listed(&disk), listed(&another)), (vec![2, 3], vec![2, 3]));
    let own = disk.bytes(&path(3)).unwrap();
    disk.set_bytes(&path(3), &another.bytes(&path(3)).unwrap());
    take(&mut parts, enter_record(5, 5));
    let error = snapshot(&parts).unwrap_err();
    assert!(matches!(error, NodeError::ReplayDiffers { frame: 4, .. }), "{error}");
    assert_eq!(listed(&disk), [2, 3], "none of frame 4");
    assert_eq!(parts.node.metrics().snapshots_failed.load(Relaxed), 1);
    assert_eq!(parts.node.metrics().snapshot_frame.load(Relaxed), 3);

    disk.set_bytes(&path(3), &own);
    enter(&mut parts, 6);
    assert_eq!(listed(&disk), [3, 5]);
    assert_eq!(started(&disk), (5, parts.sequencer.ledger().hash()));
}
