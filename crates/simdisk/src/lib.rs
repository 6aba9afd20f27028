//! A disk in memory that forgets what was not synced and fails where it is told to.
//!
//! Owns: for every file its bytes as a reader sees them, its durable bytes and the writes in
//! between; the same for names; what of all that a crash leaves; every fault a disk can have.
//! Never: a real file, a thread, or chance that does not come from its seed.
//! Invariants: a restart finds what was durable, and of the rest what the crash chose, sector by
//! sector; a failed sync makes some sectors durable and drops the rest, and reads go on showing
//! all of them.
//! On failure: as a real disk: an error where one was due, or silence.

mod crash;
mod damage;
mod faults;
mod files;

pub use faults::{FAULTS, Rates};

use crash::Choice;
use model::generate::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes that reach a medium whole, or up to some byte.
pub const SECTOR_BYTES: u64 = 512;

/// What a hash of no bytes is: were it 0, zeros at the beginning would not count.
const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// What happens at one change of the disk, once. Changes are counted from 0, and on through every
/// power failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This change and all calls after it fail; `restart` shows what was left.
    Crash,
    /// No room, at every write, creation and rename from this change on, until `heal`; a power
    /// failure makes none.
    Full,
    /// This change fails, in the way of a bad disk: a write leaves a part of it, a sync makes some
    /// sectors durable and drops the rest.
    Io,
}

/// How much of what was not synced a restart finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// What was durable.
    Nothing,
    /// All of it.
    All,
    /// Everything up to some moment, and so many bytes of the write that was under way.
    Prefix {
        /// Of all changes that were not durable, how many, in thousandths.
        thousandths: u64,
        /// Bytes of the first write that is not whole.
        bytes: usize,
    },
    /// Each sector of each write, and each name, or not: drawn from a seed.
    Sectors(u64),
}

/// What the disk did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Changes asked for: writes, syncs, creations, renames, removals.
    pub changes: u64,
    /// Calls that failed: for lack of room, by a fault, or amid a power failure.
    pub errors: u64,
    /// Of those, writes, creations and renames for which there was no room: nothing of them was
    /// done, and nothing else was lost by it.
    pub full: u64,
    /// Calls to which a fault made a difference, by kind, in the order of `FAULTS`.
    pub faults: [u64; FAULTS.len()],
}

/// A disk in memory. Clones share it.
#[derive(Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

/// Called between two changes of the disk, while somebody is amid a step.
type Interlude = Box<dyn FnMut() + Send>;

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    /// Changes of names since their folder was synced, in order.
    pending_names: Vec<NameChange>,
    folders: BTreeSet<String>,
    durable_folders: BTreeSet<String>,
    locked: Vec<usize>,
    rates: Rates,
    /// Bytes of a file whose reads are never misdirected.
    spared: Option<(usize, Range<u64>)>,
    random: Option<Random>,
    /// The fault to come, and at which change.
    fault: Option<(u64, Fault)>,
    has_struck: bool,
    is_crashed: bool,
    is_full: bool,
    is_read_only: bool,
    counts: Counts,
    /// Milliseconds that calls took, not yet passed.
    slow_millis: u64,
    trace: Option<Vec<String>>,
    /// A running hash of every call.
    trace_hash: u64,
    interlude: Option<Interlude>,
    /// The order of writes and changes of names, over all files.
    clock: u64,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Write>,
}

#[derive(Clone, Debug)]
enum Write {
    Bytes { order: u64, offset: u64, bytes: Vec<u8> },
    Length { order: u64, bytes: u64 },
}

impl Write {
    const fn order(&self) -> u64 {
        match self {
            Self::Bytes { order, .. } | Self::Length { order, .. } => *order,
        }
    }
}

#[derive(Clone, Debug)]
struct NameChange {
    order: u64,
    folder: String,
    what: Name,
}

#[derive(Clone, Debug)]
enum Name {
    Made { path: String, inode: usize },
    Moved { from: String, to: String, inode: usize },
    Gone { path: String },
    Folder { path: String },
}

impl SimDisk {
    /// A disk that fails at one change.
    #[must_use]
    pub fn with_fault(at: u64, fault: Fault) -> Self {
        let disk = Self::default();
        disk.set_fault(at, fault);
        disk
    }

    /// Fails so many changes from now.
    pub fn set_fault(&self, in_changes: u64, fault: Fault) {
        let mut state = self.lock();
        state.fault = Some((state.counts.changes + in_changes, fault));
        state.has_struck = false;
    }

    /// Whether the fault that was last planned has struck.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.lock().has_struck
    }

    /// Fails at random from now on.
    pub fn set_rates(&self, rates: Rates) {
        self.lock().rates = rates;
    }

    /// Never misdirects a read of these bytes of a file.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn spare(&self, path: &str, bytes: Range<u64>) {
        let mut state = self.lock();
        state.spared = Some((state.names[path], bytes));
    }

    /// Draws from these numbers from now on.
    pub fn set_random(&self, random: Random) {
        self.lock().random = Some(random);
    }

    /// Has room again, may be written again, and has no fault to come.
    pub fn heal(&self) {
        let mut state = self.lock();
        (state.fault, state.is_full, state.is_read_only) = (None, false, false);
    }

    /// Fails every change from now on, as a disk does that was made read-only.
    pub fn set_read_only(&self) {
        self.lock().is_read_only = true;
    }

    /// Notes every call as a line.
    pub fn keep_trace(&self) {
        self.lock().trace = Some(Vec::new());
    }

    /// The lines noted since the last time.
    #[must_use]
    pub fn take_trace(&self) -> Vec<String> {
        self.lock().trace.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// A hash of every call so far: what was asked, and what was answered.
    #[must_use]
    pub fn trace_hash(&self) -> u64 {
        self.lock().trace_hash
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Whether it has crashed and awaits `restart`.
    #[must_use]
    pub fn is_crashed(&self) -> bool {
        self.lock().is_crashed
    }

    /// Crashes now.
    pub fn crash(&self) {
        self.lock().is_crashed = true;
    }

    /// Milliseconds that calls took since the last time.
    #[must_use]
    pub fn take_slow_millis(&self) -> u64 {
        std::mem::take(&mut self.lock().slow_millis)
    }

    /// Calls `interlude` before each change, until it is taken away; not while it is running.
    pub fn set_interlude(&self, interlude: Option<Interlude>) {
        self.lock().interlude = interlude;
    }

    /// The disk after power came back: as full as it was, with the same rates and the same fault
    /// to come, and writable again, as a file system is once it is mounted anew. Nobody holds a
    /// lock.
    ///
    /// # Panics
    /// Never: what is kept always fits what there is.
    #[must_use]
    pub fn restart(&self, kept: Kept) -> Self {
        let mut old = self.lock();
        let mut state = State {
            inodes: old.inodes.clone(),
            durable_names: old.durable_names.clone(),
            durable_folders: old.durable_folders.clone(),
            rates: old.rates,
            random: old.random.clone(),
            fault: old.fault,
            has_struck: old.has_struck,
            is_full: old.is_full,
            counts: old.counts,
            trace: old.trace.take(),
            trace_hash: old.trace_hash,
            clock: old.clock,
            ..State::default()
        };
        let choice = Choice::of(kept, &old);
        for (number, inode) in state.inodes.iter_mut().enumerate() {
            for write in std::mem::take(&mut inode.pending) {
                inode.persist(number, &write, &choice);
            }
            inode.bytes.clone_from(&inode.durable);
        }
        for change in &old.pending_names {
            if choice.keeps_name(change.order) {
                change.apply(&mut state.durable_names, &mut state.durable_folders);
            }
        }
        // What lies in a folder is lost with it.
        let State { durable_names, durable_folders, .. } = &mut state;
        let is_there = |folder: &str| folder.is_empty() || durable_folders.contains(folder);
        durable_names.retain(|path, _| is_there(folder_of(path)));
        state.names = state.durable_names.clone();
        state.folders = state.durable_folders.clone();
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// A copy that shares nothing, as a reader sees it now, without locks and faults.
    #[must_use]
    pub fn copy(&self) -> Self {
        let old = self.lock();
        let state = State {
            inodes: old.inodes.clone(),
            names: old.names.clone(),
            durable_names: old.names.clone(),
            folders: old.folders.clone(),
            durable_folders: old.folders.clone(),
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The bytes of a file as a reader sees them; none when there is no such file.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        state.names.get(path).map(|inode| state.inodes[*inode].bytes.clone())
    }

    /// The paths of all files.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.lock().names.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no call panics while it has the disk")
    }

    /// A call. What was asked and what was answered is noted when it ends.
    fn call<T: fmt::Debug>(
        &self,
        asked: impl FnOnce() -> String,
        answer: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.lock();
        let answered = answer(&mut state);
        state.note(|| format!("{}: {answered:?}", asked()));
        answered
    }

    /// A call that changes something: lets others go first. `answer` sees whether the disk lets it
    /// begin.
    fn change<T: fmt::Debug>(
        &self,
        takes_room: bool,
        asked: impl FnOnce() -> String,
        answer: impl FnOnce(&mut State, io::Result<()>) -> io::Result<T>,
    ) -> io::Result<T> {
        let interlude = self.lock().interlude.take();
        if let Some(mut interlude) = interlude {
            interlude();
            self.lock().interlude = Some(interlude);
        }
        self.call(asked, |state| {
            let changed = state.change(takes_room);
            answer(state, changed)
        })
    }
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimDisk")
    }
}

/// FNV-1a, of bytes that follow those of a hash.
fn hash_bytes(hash: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Bytes in a line of a trace.
fn digest(bytes: &[u8]) -> u64 {
    hash_bytes(OFFSET_BASIS, bytes.iter().copied())
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A line added to a hash of lines, which is 0 as long as there is none.
#[must_use]
pub fn hash_line(hash: u64, line: &str) -> u64 {
    hash_bytes(OFFSET_BASIS ^ hash, line.bytes().chain([b'\n']))
}

impl State {
    fn note(&mut self, line: impl FnOnce() -> String) {
        let line = line();
        self.trace_hash = hash_line(self.trace_hash, &line);
        if let Some(trace) = &mut self.trace {
            trace.push(line);
        }
    }

    const fn next_order(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn rename(&mut self, what: Name, folder: &str) {
        let order = self.next_order();
        let change = NameChange { order, folder: folder.to_owned(), what };
        change.apply(&mut self.names, &mut self.folders);
        self.pending_names.push(change);
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>, folders: &mut BTreeSet<String>) {
        match &self.what {
            Name::Folder { path } => {
                folders.insert(path.clone());
            }
            Name::Made { path, inode } => {
                names.insert(path.clone(), *inode);
            }
            Name::Moved { from, to, inode } => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
            Name::Gone { path } => {
                names.remove(path);
            }
        }
    }
}

impl Inode {
    fn persist(&mut self, number: usize, write: &Write, choice: &Choice) {
        match write {
            Write::Bytes { order, offset, bytes } => {
                for (from, until) in choice.parts(number, *order, *offset, bytes.len()) {
                    put(&mut self.durable, offset + from as u64, &bytes[from..until]);
                }
            }
            Write::Length { order, bytes } => {
                if choice.keeps_name(*order) {
                    self.durable.resize(index(*bytes), 0);
                }
            }
        }
    }

    fn sync(&mut self) {
        for write in std::mem::take(&mut self.pending) {
            match write {
                Write::Bytes { offset, bytes, .. } => put(&mut self.durable, offset, &bytes),
                Write::Length { bytes, .. } => self.durable.resize(index(bytes), 0),
            }
        }
    }
}

fn index(bytes: u64) -> usize {
    usize::try_from(bytes).expect("files of a simulation fit into memory")
}

fn put(file: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let from = index(offset);
    if file.len() < from + bytes.len() {
        file.resize(from + bytes.len(), 0);
    }
    file[from..from + bytes.len()].copy_from_slice(bytes);
}
