//! Nodes that fail: by their disk, or by an assert of their own.

use crate::support::{START, SetClock, Site, config, open_campaign, start, start_on};
use journal::{Access, Disk, DiskFile, OsDisk};
use node::{Config, NodeError, State, Unavailable, open};
use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use types::EntryNo;
use types::definition::Publish;

const SOUND: u8 = 0;
const SYNC_FAILS: u8 = 1;
const SYNC_PANICS: u8 = 2;

/// A real disk whose syncs fail, or stand for an assert, when told to.
#[derive(Debug)]
struct Failing {
    disk: OsDisk,
    mode: Arc<AtomicU8>,
}

#[derive(Debug)]
struct FailingFile {
    file: Arc<dyn DiskFile>,
    mode: Arc<AtomicU8>,
}

impl Failing {
    fn wrap(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(FailingFile { file, mode: Arc::clone(&self.mode) })
    }
}

impl Disk for Failing {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.disk.create_folder(path)
    }
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.wrap(self.disk.create(path)?))
    }
    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.wrap(self.disk.open(path, access)?))
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

impl DiskFile for FailingFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        match self.mode.load(SeqCst) {
            SYNC_FAILS => Err(io::Error::other("input/output error")),
            SYNC_PANICS => panic!("an assert, as far as the node can tell"),
            _ => self.file.sync_data(),
        }
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

/// Runs a node into a failure and gives the code with which it said that it ended.
fn fail(mode: u8, unanswered: &[Unavailable]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let switch = Arc::new(AtomicU8::new(SOUND));
    let disk = OsDisk::open(folder.path()).unwrap();
    let failing = Failing { disk, mode: Arc::clone(&switch) };
    let clock = Arc::new(SetClock(AtomicU64::new(START)));
    let (told, ends) = mpsc::channel();
    let opened = open(Arc::new(failing), config(), Arc::clone(&clock) as _).unwrap();
    let running = opened.start(move |ended| {
        told.send(ended.as_ref().map_err(|error| error.code().to_owned()).copied()).unwrap();
    });
    let site = Site::of(running.unwrap(), clock);
    open_campaign(&site, 5, Publish::AtOnce);
    let answered: Vec<_> = (0..3).map(|person| site.enter(person, person).unwrap()).collect();

    switch.store(mode, SeqCst);
    let refused = site.enter(3, 3).unwrap_err();
    assert!(unanswered.contains(&refused), "{refused}");
    let ended = ends.recv().unwrap();
    assert_eq!(site.node.status().state, State::Failed);
    assert_eq!(site.enter(4, 4), Err(Unavailable::Failed), "nothing is taken any more");
    let error: NodeError = site.stop().unwrap_err();
    assert_eq!(ended, Err(error.code().to_owned()));

    // What was answered is there; what was not may be, and asking again tells.
    let site = start(folder.path());
    let again: Vec<_> = (0..3).map(|person| site.enter(person, person).unwrap()).collect();
    assert_eq!(again, answered);
    let fourth = site.enter(3, 3).unwrap();
    assert_eq!(fourth, site.enter(3, 3).unwrap());
    assert!(matches!(fourth, types::Outcome::Booked { entry: EntryNo(3), .. }), "{fourth:?}");
    site.stop().unwrap();
    ended.unwrap_err()
}

#[test]
fn a_failed_sync_ends_the_node_and_what_was_answered_stays() {
    assert_eq!(fail(SYNC_FAILS, &[Unavailable::Failed]), "journal-poisoned");
}

#[test]
fn a_failed_assert_ends_the_node_as_any_failure_does() {
    assert_eq!(fail(SYNC_PANICS, &[Unavailable::Failed]), "engine-assert");
}

/// Handles on a node that has ended, as a server keeps them, hold nothing of its folder.
#[test]
fn a_stopped_node_leaves_its_folder_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let disk = || Arc::new(OsDisk::open(folder.path()).unwrap());
    let small = || Config { segment_bytes: 8 << 10, snapshot_every_bytes: 2_000, ..config() };
    let mut handles = Vec::new();
    for round in 0..12 {
        let site = start_on(disk(), small()).unwrap();
        if round == 0 {
            open_campaign(&site, 1_000, Publish::AtOnce);
        }
        for person in 0..30 {
            site.enter(round * 100 + person, round * 100 + person).unwrap();
        }
        handles.push(site.node.clone());
        site.stop().unwrap();
    }
    let site = start_on(disk(), small()).unwrap();
    let entries = site.node.read(|ledger| ledger.campaigns()[0].entries_len()).unwrap();
    assert_eq!(entries.wait().unwrap(), 12 * 30);
    site.stop().unwrap();
}
