//! A disk without room: requests are turned away, and taken again when there is room.

use crate::support::{config, open_campaign, start_on};
use journal::{Access, Disk, DiskFile, OsDisk};
use node::{Config, State, Unavailable};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use types::definition::Publish;

/// A real disk on which no file can be made while it is full.
#[derive(Debug)]
struct Fillable {
    disk: OsDisk,
    full: Arc<AtomicBool>,
}

impl Disk for Fillable {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.disk.create_folder(path)
    }
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        if self.full.load(SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.disk.create(path)
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

#[test]
fn a_full_disk_turns_requests_away_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let disk = || OsDisk::open(folder.path()).unwrap();
    let fillable = Fillable { disk: disk(), full: Arc::clone(&full) };
    let small = Config { segment_bytes: 16 << 10, ..config() };
    let site = start_on(Arc::new(fillable), small).unwrap();
    open_campaign(&site, 100_000, Publish::AtOnce);
    full.store(true, SeqCst);
    let mut person = 0;
    let refused = loop {
        match site.enter(person, person) {
            Ok(_) => person += 1,
            Err(refused) => break refused,
        }
        assert!(person < 10_000, "segments of 16 KiB fill up");
    };
    assert_eq!(refused, Unavailable::JournalFull);
    assert_eq!(site.node.status().state, State::Full);
    assert_eq!(site.enter(person, person), Err(Unavailable::JournalFull), "told at once");
    let entries = site.node.read(|ledger| ledger.campaigns()[0].entries_len()).unwrap();
    assert_eq!(entries.wait().unwrap(), person, "look-ups go on");

    full.store(false, SeqCst);
    // Somebody looks something up all the time meanwhile.
    while site.node.status().state != State::Ready {
        let frame = site.node.read(ledger::Ledger::frame).unwrap();
        frame.wait().unwrap();
    }
    site.enter(person, person).unwrap();
    site.stop().unwrap();
    let site = start_on(Arc::new(disk()), config()).unwrap();
    let entries = site.node.read(|ledger| ledger.campaigns()[0].entries_len()).unwrap();
    assert_eq!(entries.wait().unwrap(), person + 1);
    site.stop().unwrap();
}

#[test]
fn a_node_that_is_asked_without_end_still_drains() {
    let folder = tempfile::tempdir().unwrap();
    let site = start_on(Arc::new(OsDisk::open(folder.path()).unwrap()), config()).unwrap();
    let node = site.node.clone();
    let asking = std::thread::spawn(move || {
        let mut answered = 0;
        while let Ok(Ok(_)) = node.read(ledger::Ledger::frame).map(node::Pending::wait) {
            answered += 1;
        }
        answered
    });
    while site.node.metrics().reads.load(SeqCst) < 100 {
        std::thread::yield_now();
    }
    site.stop().unwrap();
    assert!(100 <= asking.join().unwrap());
}
