//! Snapshots that cannot be made: for want of room, and by an assert that fails.

use journal::{Access, Disk, DiskFile, JournalId, OsDisk};
use node::{Config, Node, NodeError, Running, State, SystemClock, Unavailable};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread::JoinHandle;
use std::{fs, io};
use types::{Action, Definition, Millis, OperatorCommand, Outcome};

/// A real disk on which snapshots find no room beyond their first bytes while it is full, or
/// cannot be begun for a fault of the program.
#[derive(Debug)]
struct Fillable {
    disk: OsDisk,
    is_full: Arc<AtomicBool>,
    is_at_fault: bool,
    refused: Arc<AtomicU64>,
}

impl Disk for Fillable {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.disk.create_folder(path)
    }
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.disk.create(path)?;
        if !path.starts_with("snapshots/") {
            return Ok(file);
        }
        assert!(!self.is_at_fault, "an assert that fails, on purpose");
        let (is_full, refused) = (Arc::clone(&self.is_full), Arc::clone(&self.refused));
        Ok(Arc::new(FillableFile { file, is_full, refused }))
    }
    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open(path, access)
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.disk.sync_folder(folder)
    }
}

#[derive(Debug)]
struct FillableFile {
    file: Arc<dyn DiskFile>,
    is_full: Arc<AtomicBool>,
    refused: Arc<AtomicU64>,
}

impl DiskFile for FillableFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        if 0 < offset && self.is_full.load(SeqCst) {
            self.refused.fetch_add(1, SeqCst);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write_at(bytes, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
    fn set_length(&self, bytes: u64) -> io::Result<()> {
        self.file.set_length(bytes)
    }
    fn try_lock(&self) -> io::Result<bool> {
        self.file.try_lock()
    }
}

fn definition(number: u64) -> Definition {
    let files = [("c.toml".to_owned(), crate::support::CAMPAIGN.into())];
    let files = campaign::Uploaded(files.into_iter().collect());
    let loaded = campaign::read_from(&files, "c.toml", Millis(0)).unwrap();
    Definition { code: format!("test-{number}"), ..loaded.definition }
}

/// A node that makes a snapshot after every frame that it can.
fn start(folder: &Path, is_full: bool, is_at_fault: bool) -> (Site, Arc<AtomicBool>) {
    let is_full = Arc::new(AtomicBool::new(is_full));
    let refused = Arc::new(AtomicU64::new(0));
    let disk = OsDisk::open(folder).unwrap();
    let disk = Fillable {
        disk,
        is_full: Arc::clone(&is_full),
        is_at_fault,
        refused: Arc::clone(&refused),
    };
    let settings = Config::new(JournalId([7; 16]));
    let settings = Config { segment_bytes: 1 << 20, snapshot_every_bytes: 1, ..settings };
    let opened = node::open(Arc::new(disk), settings, Arc::new(SystemClock)).unwrap();
    let (node, replies, thread) = opened.start(|_| ()).unwrap().into_parts();
    std::thread::spawn(move || replies.run_blocking());
    while node.status().state == State::Replaying {
        std::thread::yield_now();
    }
    (Site { node, thread, refused, loaded: 0 }, is_full)
}

struct Site {
    node: Node,
    thread: JoinHandle<Result<(), NodeError>>,
    refused: Arc<AtomicU64>,
    loaded: u64,
}

impl Site {
    /// Loads one more campaign.
    fn load(&mut self) -> Result<Outcome, Unavailable> {
        let action = Action::Load { definition: Box::new(definition(self.loaded)) };
        let (actor, reason) = ("duty officer".to_owned(), "test".to_owned());
        let mut record = Vec::new();
        OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
        self.loaded += 1;
        self.node.submit_one(record)?.wait()
    }

    fn failed(&self) -> u64 {
        self.node.metrics().snapshots_failed.load(Relaxed)
    }

    fn snapshot_frame(&self) -> u64 {
        self.node.metrics().snapshot_frame.load(Relaxed)
    }

    fn stop(self) -> Result<(), NodeError> {
        self.node.drain();
        Running::join(self.thread)
    }
}

#[test]
fn a_snapshot_without_room_is_made_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let (mut site, is_full) = start(folder.path(), true, false);
    while site.failed() < 2 {
        assert_eq!(site.load().unwrap().code(), "loaded");
    }
    assert!(2 <= site.refused.load(SeqCst), "the disk refused both");
    assert_eq!(site.node.status().state, State::Ready, "the node goes on");
    assert_eq!(site.snapshot_frame(), 0, "there is none");

    is_full.store(false, SeqCst);
    while site.snapshot_frame() == 0 {
        assert_eq!(site.load().unwrap().code(), "loaded");
    }
    site.stop().unwrap();
    let names = fs::read_dir(folder.path().join("snapshots")).unwrap();
    let names: Vec<String> =
        names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.is_empty());
    assert!(names.iter().all(|name| name.ends_with(".snap")), "nothing half written: {names:?}");
}

#[test]
fn an_assert_beside_the_ledger_is_no_good_end() {
    let folder = tempfile::tempdir().unwrap();
    let (mut site, _) = start(folder.path(), false, true);
    while site.failed() == 0 && site.load().is_ok() {}
    let ended = site.stop().unwrap_err();
    assert_eq!(ended.code(), "engine-assert", "which ends the process with 70");
}
