//! A snapshot for which there is no room: what was written of it goes, and a later one is made.

use journal::{Access, Disk, DiskFile, JournalId, OsDisk};
use node::{Config, Node, Running, State, SystemClock};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use types::{Action, Definition, Millis, OperatorCommand};

/// A real disk on which snapshots find no room beyond their first bytes while it is full.
#[derive(Debug)]
struct Fillable {
    disk: OsDisk,
    is_full: Arc<AtomicBool>,
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

/// Loads campaigns until the condition holds: each is more than what a snapshot waits for.
fn load_until(node: &Node, number: &mut u64, holds: impl Fn(&Node) -> bool) {
    while !holds(node) {
        let definition = Box::new(definition(*number));
        let action = Action::Load { definition };
        let (actor, reason) = ("duty officer".to_owned(), "test".to_owned());
        let mut record = Vec::new();
        OperatorCommand { actor, reason, action }.encode(&mut record).unwrap();
        let outcome = node.submit_one(record).unwrap().wait().unwrap();
        assert_eq!(outcome.code(), "loaded");
        *number += 1;
    }
}

#[test]
fn a_snapshot_without_room_is_made_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let is_full = Arc::new(AtomicBool::new(true));
    let refused = Arc::new(AtomicU64::new(0));
    let disk = OsDisk::open(folder.path()).unwrap();
    let disk = Fillable { disk, is_full: Arc::clone(&is_full), refused: Arc::clone(&refused) };
    let config = Config {
        segment_bytes: 1 << 20,
        snapshot_every_bytes: 1,
        ..Config::new(JournalId([7; 16]))
    };
    let opened = node::open(Arc::new(disk), config, Arc::new(SystemClock)).unwrap();
    let (node, replies, thread) = opened.start(|_| ()).unwrap().into_parts();
    std::thread::spawn(move || replies.run_blocking());
    while node.status().state == State::Replaying {
        std::thread::yield_now();
    }

    let mut number = 0;
    let failed = |node: &Node| node.metrics().snapshots_failed.load(Relaxed);
    load_until(&node, &mut number, |node| 2 <= failed(node));
    assert!(2 <= refused.load(SeqCst), "both were refused by the disk");
    assert_eq!(node.status().state, State::Ready, "the node goes on");
    assert_eq!(node.metrics().snapshot_frame.load(Relaxed), 0, "there is none");

    is_full.store(false, SeqCst);
    load_until(&node, &mut number, |node| 0 < node.metrics().snapshot_frame.load(Relaxed));
    node.drain();
    Running::join(thread).unwrap();
    let names = std::fs::read_dir(folder.path().join("snapshots")).unwrap();
    let names: Vec<String> =
        names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.is_empty());
    assert!(names.iter().all(|name| name.ends_with(".snap")), "nothing half written: {names:?}");
}
