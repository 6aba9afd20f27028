//! A disk in memory that forgets what was not synced and fails where it is told to.
//!
//! Owns: for every file its bytes as a reader sees them, its durable bytes and the writes in
//! between; the same for names; what of all that a crash leaves; every fault a disk can have.
//! Never: a real file, a thread, or chance that does not come from its seed.
//! Invariants: a restart finds what was durable, and of the rest what the crash chose, sector by
//! sector; a failed sync drops what it was to make durable, and reads go on showing it.
//! On failure: as a real disk: an error where one was due, or silence.

use journal::{Access, Disk, DiskFile};
use model::generate::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes that reach a medium whole, or up to some byte.
pub const SECTOR_BYTES: u64 = 512;

/// How often calls fail, in 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// A read fails.
    pub read_error: u64,
    /// A write fails; nothing of it was taken.
    pub write_error: u64,
    /// A sync fails, and what it was to make durable is lost.
    pub sync_error: u64,
    /// A read or write is short.
    pub short: u64,
    /// A read or write is interrupted.
    pub interrupted: u64,
    /// From here on there is no room, until there is again.
    pub full: u64,
    /// A write or sync takes long.
    pub slow: u64,
}

/// What happens at one change of the disk, counted from 0 since the last start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This change and all calls after it fail; `restart` shows what was left.
    Crash,
    /// No room, at every write, creation and rename from this change on, until `heal`.
    Full,
    /// This change fails.
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
    /// Reads asked for.
    pub reads: u64,
    /// Calls that failed or were short, by kind: read, write, sync, short, interrupted, full, slow.
    pub faults: [u64; 7],
}

/// The names of `Counts::faults`, in order.
pub const FAULTS: [&str; 7] =
    ["read error", "write error", "sync error", "short", "interrupted", "full", "slow"];

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
    locked: Vec<usize>,
    rates: Rates,
    random: Option<Random>,
    fault: Option<(u64, Fault)>,
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
}

impl SimDisk {
    /// A disk that fails at one change.
    #[must_use]
    pub fn with_fault(at: u64, fault: Fault) -> Self {
        let disk = Self::default();
        disk.lock().fault = Some((at, fault));
        disk
    }

    /// Fails so many changes from now.
    pub fn set_fault(&self, in_changes: u64, fault: Fault) {
        let mut state = self.lock();
        state.fault = Some((state.counts.changes + in_changes, fault));
    }

    /// Fails at random from now on.
    pub fn set_rates(&self, rates: Rates) {
        self.lock().rates = rates;
    }

    /// Draws from these numbers from now on.
    pub fn set_random(&self, random: Random) {
        self.lock().random = Some(random);
    }

    /// Has room again, and no fault to come.
    pub fn heal(&self) {
        let mut state = self.lock();
        (state.fault, state.is_full) = (None, false);
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

    /// The disk after power came back, with the same faults to come. Nobody holds a lock.
    ///
    /// # Panics
    /// Never: what is kept always fits what there is.
    #[must_use]
    pub fn restart(&self, kept: Kept) -> Self {
        let mut old = self.lock();
        let mut state = State {
            inodes: old.inodes.clone(),
            durable_names: old.durable_names.clone(),
            folders: old.folders.clone(),
            rates: old.rates,
            random: old.random.clone(),
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
                change.apply(&mut state.durable_names);
            }
        }
        state.names = state.durable_names.clone();
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// A copy that shares nothing, as a reader sees it now, without locks and faults.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.lock().fault = None;
        let copy = self.restart(Kept::All);
        copy.lock().rates = Rates::default();
        copy
    }

    /// The bytes of a file as a reader sees them; none when there is no such file.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        state.names.get(path).map(|inode| state.inodes[*inode].bytes.clone())
    }

    /// Gives a file other bytes, durable ones.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn set_bytes(&self, path: &str, bytes: &[u8]) {
        let mut state = self.lock();
        let inode = state.names[path];
        let (bytes, durable) = (bytes.to_vec(), bytes.to_vec());
        state.inodes[inode] = Inode { bytes, durable, pending: Vec::new() };
    }

    /// Turns one bit of a file round, durably and in silence.
    ///
    /// # Panics
    /// When there is no such file, or it is shorter.
    pub fn flip(&self, path: &str, bit: usize) {
        let mut state = self.lock();
        let inode = state.names[path];
        let inode = &mut state.inodes[inode];
        inode.bytes[bit / 8] ^= 1 << (bit % 8);
        inode.durable[bit / 8] ^= 1 << (bit % 8);
    }

    /// The paths of all files.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.lock().names.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no call panics while it has the disk")
    }

    /// Counts a change, lets others go first, and fails it where it is to fail.
    fn change(&self, what: &dyn Fn() -> String, takes_room: bool) -> io::Result<()> {
        let interlude = self.lock().interlude.take();
        if let Some(mut interlude) = interlude {
            interlude();
            self.lock().interlude = Some(interlude);
        }
        let mut state = self.lock();
        let changed = state.change(takes_room);
        state.note(|| format!("{} {changed:?}", what()));
        changed
    }
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimDisk")
    }
}

impl State {
    fn note(&mut self, line: impl FnOnce() -> String) {
        let line = line();
        // FNV-1a.
        for byte in line.bytes().chain([b'\n']) {
            self.trace_hash = (self.trace_hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        if let Some(trace) = &mut self.trace {
            trace.push(line);
        }
    }

    fn hits(&mut self, rate: u64, kind: usize) -> bool {
        let Some(random) = self.random.as_mut().filter(|_| 0 < rate) else { return false };
        let hit = random.below(10_000) < rate;
        self.counts.faults[kind] += u64::from(hit);
        hit
    }

    fn change(&mut self, takes_room: bool) -> io::Result<()> {
        if self.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        if self.is_read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let change = self.counts.changes;
        self.counts.changes += 1;
        match self.fault {
            Some((at, Fault::Crash)) if change == at => {
                self.is_crashed = true;
                return Err(io::Error::other("the machine crashes"));
            }
            Some((at, Fault::Io)) if change == at => return Err(io::Error::other("bad disk")),
            Some((at, Fault::Full)) if change == at => self.is_full = true,
            _ => {}
        }
        if self.hits(self.rates.slow, 6) {
            let random = self.random.as_mut().expect("it was just drawn from");
            // Mostly up to a second, sometimes a stall of up to a minute.
            let most = if random.chance(5) { 60_000 } else { 1_000 };
            self.slow_millis += 1 + random.below(most);
        }
        if takes_room && self.hits(self.rates.full, 5) {
            self.is_full = true;
        }
        if self.is_full && takes_room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// How many bytes of a call get through.
    fn chop(&mut self, bytes: usize) -> io::Result<usize> {
        if self.hits(self.rates.interrupted, 4) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if 1 < bytes && self.hits(self.rates.short, 3) {
            let random = self.random.as_mut().expect("it was just drawn from");
            return Ok(1 + random.below(bytes as u64 - 1) as usize);
        }
        Ok(bytes)
    }

    const fn next_order(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn rename(&mut self, what: Name, folder: &str) {
        let order = self.next_order();
        let change = NameChange { order, folder: folder.to_owned(), what };
        change.apply(&mut self.names);
        self.pending_names.push(change);
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match &self.what {
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

/// What a crash leaves of each change that was not durable.
struct Choice {
    kept: Kept,
    /// For a prefix: the first change that is not kept whole.
    cut: u64,
    /// The first and the last change that was not durable.
    first: u64,
    last: u64,
}

impl Choice {
    fn of(kept: Kept, state: &State) -> Self {
        let writes = state.inodes.iter().flat_map(|inode| inode.pending.iter().map(Write::order));
        let names = state.pending_names.iter().map(|change| change.order);
        let mut orders: Vec<u64> = writes.chain(names).collect();
        orders.sort_unstable();
        let cut = match kept {
            Kept::Prefix { thousandths, .. } => {
                let count = orders.len() as u64 * thousandths.min(1_000) / 1_000;
                orders.get(count as usize).copied().unwrap_or(u64::MAX)
            }
            Kept::Nothing => 0,
            Kept::All | Kept::Sectors(_) => u64::MAX,
        };
        let (first, last) = (orders.first().copied(), orders.last().copied());
        Self { kept, cut, first: first.unwrap_or(0), last: last.unwrap_or(0) }
    }

    fn keeps_name(&self, order: u64) -> bool {
        match self.kept {
            Kept::Sectors(seed) => Random::new(seed ^ order.rotate_left(32)).chance(50),
            _ => order < self.cut,
        }
    }

    /// The ranges of a write's bytes that persist.
    fn parts(&self, inode: usize, order: u64, offset: u64, bytes: usize) -> Vec<(usize, usize)> {
        match self.kept {
            Kept::Sectors(seed) => sectors(offset, bytes)
                .filter(|(from, _)| {
                    let sector = (offset + *from as u64) / SECTOR_BYTES;
                    self.keeps_sector(seed, (inode as u64) << 32 | sector, order)
                })
                .collect(),
            Kept::Prefix { bytes: torn, .. } if order == self.cut => vec![(0, torn.min(bytes))],
            _ if order < self.cut => vec![(0, bytes)],
            _ => Vec::new(),
        }
    }

    /// A sector reached the medium at some moment, or never: it holds every write until then.
    fn keeps_sector(&self, seed: u64, sector: u64, order: u64) -> bool {
        let mut random = Random::new(seed ^ sector.rotate_left(24));
        match random.below(5) {
            0 | 1 => false,
            2 | 3 => true,
            _ => order <= self.first + random.below(self.last - self.first + 1),
        }
    }
}

/// The parts of a write by sectors.
fn sectors(offset: u64, bytes: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let room = SECTOR_BYTES - (offset + from as u64) % SECTOR_BYTES;
        let part = (from, bytes.min(from + room as usize));
        from = part.1;
        (part.0 < bytes).then_some(part)
    })
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

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: usize,
    holds_lock: Mutex<bool>,
}

impl Drop for SimFile {
    fn drop(&mut self) {
        if *self.holds_lock.lock().expect("nothing panics with it") {
            self.disk.lock().locked.retain(|locked| *locked != self.inode);
        }
    }
}

impl SimDisk {
    fn file(&self, inode: usize) -> Arc<dyn DiskFile> {
        Arc::new(SimFile { disk: self.clone(), inode, holds_lock: Mutex::new(false) })
    }
}

impl Disk for SimDisk {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.change(&|| format!("create folder {path}"), true)?;
        // Folders are durable at once: a node makes them only before it promises anything.
        self.lock().folders.insert(path.to_owned());
        Ok(())
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.change(&|| format!("create {path}"), true)?;
        let mut state = self.lock();
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.rename(Name::Made { path: path.to_owned(), inode }, folder_of(path));
        drop(state);
        Ok(self.file(inode))
    }

    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.lock();
        if state.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        if state.is_read_only && access == Access::Write {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let inode = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        drop(state);
        Ok(self.file(inode))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.lock();
        if state.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        let files = state.names.keys().filter(|path| folder_of(path) == folder);
        let folders = state.folders.iter().filter(|path| folder_of(path) == folder);
        let last = |path: &String| path.rsplit('/').next().expect("a path has a name").to_owned();
        Ok(files.chain(folders).map(last).collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(&|| format!("rename {from} {to}"), true)?;
        let mut state = self.lock();
        let inode = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        assert_eq!(folder_of(from), folder_of(to), "nothing moves from folder to folder");
        let what = Name::Moved { from: from.to_owned(), to: to.to_owned(), inode };
        state.rename(what, folder_of(to));
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        if !self.lock().names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change(&|| format!("remove {path}"), false)?;
        self.lock().rename(Name::Gone { path: path.to_owned() }, folder_of(path));
        Ok(())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.change(&|| format!("sync folder {folder}"), false)?;
        let mut state = self.lock();
        let rate = state.rates.sync_error;
        if state.hits(rate, 2) {
            return Err(io::Error::other("bad disk"));
        }
        let (synced, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut state.pending_names)
            .into_iter()
            .partition(|change| change.folder == folder);
        state.pending_names = rest;
        synced.iter().for_each(|change| change.apply(&mut state.durable_names));
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.lock();
        if state.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        state.counts.reads += 1;
        let rate = state.rates.read_error;
        if state.hits(rate, 0) {
            return Err(io::Error::other("bad disk"));
        }
        let chopped = state.chop(buffer.len())?;
        let bytes = &state.inodes[self.inode].bytes;
        let from = index(offset).min(bytes.len());
        let count = chopped.min(bytes.len() - from);
        buffer[..count].copy_from_slice(&bytes[from..from + count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let inode = self.inode;
        let was_crashed = self.disk.is_crashed();
        let what = || format!("write {inode} at {offset}, {} bytes", bytes.len());
        let changed = self.disk.change(&what, true);
        let mut state = self.disk.lock();
        let order = state.next_order();
        if changed.is_err() {
            // A write that the crash interrupts may reach the disk, wholly or in part.
            if state.is_crashed && !was_crashed {
                let write = Write::Bytes { order, offset, bytes: bytes.to_vec() };
                state.inodes[inode].pending.push(write);
            }
            return changed.map(|()| 0);
        }
        let rate = state.rates.write_error;
        if state.hits(rate, 1) {
            return Err(io::Error::other("bad disk"));
        }
        let count = state.chop(bytes.len())?;
        let file = &mut state.inodes[inode];
        put(&mut file.bytes, offset, &bytes[..count]);
        file.pending.push(Write::Bytes { order, offset, bytes: bytes[..count].to_vec() });
        Ok(count)
    }

    fn sync_data(&self) -> io::Result<()> {
        let inode = self.inode;
        let changed = self.disk.change(&|| format!("sync {inode}"), false);
        let mut state = self.disk.lock();
        let rate = state.rates.sync_error;
        let failed = changed.and_then(|()| match state.hits(rate, 2) {
            true => Err(io::Error::other("bad disk")),
            false => Ok(()),
        });
        let is_crashed = state.is_crashed;
        let file = &mut state.inodes[inode];
        match failed {
            Ok(()) => file.sync(),
            // The pages are clean now, read well, and never reached the disk.
            Err(_) if !is_crashed => file.pending.clear(),
            Err(_) => {}
        }
        failed
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.lock().inodes[self.inode].bytes.len() as u64)
    }

    fn set_length(&self, bytes: u64) -> io::Result<()> {
        let inode = self.inode;
        self.disk.change(&|| format!("set length {inode} {bytes}"), false)?;
        let mut state = self.disk.lock();
        let order = state.next_order();
        let file = &mut state.inodes[inode];
        file.bytes.resize(index(bytes), 0);
        file.pending.push(Write::Length { order, bytes });
        Ok(())
    }

    fn try_lock(&self) -> io::Result<bool> {
        let mut state = self.disk.lock();
        if state.locked.contains(&self.inode) {
            return Ok(false);
        }
        state.locked.push(self.inode);
        *self.holds_lock.lock().expect("nothing panics with it") = true;
        Ok(true)
    }
}
