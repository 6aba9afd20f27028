//! A disk in memory that forgets what was not synced and fails where it is told to.

use journal::{Access, Disk, DiskFile};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// What happens at one operation, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This operation and all after it fail; `restart` shows what was left.
    Crash,
    /// No room, at every write, creation and rename from this operation on until `heal`.
    Full,
    /// This operation fails.
    Io,
}

/// How much of what was not synced a restart finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Nothing,
    All,
    /// Everything, but only so many bytes of the last write.
    Prefix(usize),
    /// Of every write the 512-byte sectors whose bit is set; all names.
    Sectors(u64),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    files: Vec<FileState>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    folders: Vec<String>,
    locked: Vec<usize>,
    operations: u64,
    fault: Option<(u64, Fault)>,
    is_crashed: bool,
    is_full: bool,
    is_read_only: bool,
    /// Every second call is interrupted, every other is short.
    is_choppy: bool,
    calls: u64,
    /// What each operation was, for messages.
    trace: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct FileState {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(u64, Vec<u8>)>,
}

impl MemoryDisk {
    pub(crate) fn with_fault(at: u64, fault: Fault) -> Self {
        let disk = Self::default();
        disk.lock().fault = Some((at, fault));
        disk
    }

    pub(crate) fn set_fault(&self, in_operations: u64, fault: Fault) {
        let mut state = self.lock();
        state.fault = Some((state.operations + in_operations, fault));
    }

    pub(crate) fn heal(&self) {
        let mut state = self.lock();
        (state.fault, state.is_full) = (None, false);
    }

    pub(crate) fn set_choppy(&self) {
        self.lock().is_choppy = true;
    }

    pub(crate) fn set_read_only(&self) {
        self.lock().is_read_only = true;
    }

    pub(crate) fn operations(&self) -> u64 {
        self.lock().operations
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        self.lock().trace.clone()
    }

    /// A copy that shares nothing, without locks and faults.
    pub(crate) fn copy(&self) -> Self {
        let mut state = self.lock().clone();
        state.locked.clear();
        (state.fault, state.is_full, state.is_crashed) = (None, false, false);
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The disk after power came back.
    pub(crate) fn restart(&self, kept: Kept) -> Self {
        let copy = self.copy();
        let mut state = copy.lock();
        for file in &mut state.files {
            let pending = std::mem::take(&mut file.pending);
            let last = pending.len().saturating_sub(1);
            for (index, (offset, bytes)) in pending.iter().enumerate() {
                let bytes = match kept {
                    Kept::Nothing => break,
                    Kept::Prefix(prefix) if index == last => &bytes[..prefix.min(bytes.len())],
                    _ => bytes,
                };
                for (place, byte) in (*offset..).zip(bytes) {
                    let is_kept = match kept {
                        Kept::Sectors(bits) => bits >> (place / 512 % 61) & 1 == 1,
                        _ => true,
                    };
                    if is_kept {
                        put(&mut file.durable, place, &[*byte]);
                    }
                }
            }
            file.bytes = file.durable.clone();
        }
        if kept == Kept::Nothing {
            state.names = state.durable_names.clone();
        }
        state.durable_names = state.names.clone();
        drop(state);
        copy
    }

    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let state = self.lock();
        state.files[state.names[path]].bytes.clone()
    }

    pub(crate) fn set_bytes(&self, path: &str, bytes: &[u8]) {
        let mut state = self.lock();
        let file = state.names[path];
        state.files[file] =
            FileState { bytes: bytes.to_vec(), durable: bytes.to_vec(), pending: Vec::new() };
    }

    pub(crate) fn flip(&self, path: &str, bit: usize) {
        let mut state = self.lock();
        let file = state.names[path];
        state.files[file].bytes[bit / 8] ^= 1 << (bit % 8);
        state.files[file].durable[bit / 8] ^= 1 << (bit % 8);
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.lock().names.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    /// Counts an operation that changes the disk, and fails it where it is to fail.
    fn change(&mut self, what: String, takes_room: bool) -> io::Result<()> {
        if self.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        if self.is_read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let operation = self.operations;
        self.operations += 1;
        self.trace.push(what);
        match self.fault {
            Some((at, Fault::Crash)) if operation == at => {
                self.is_crashed = true;
                return Err(io::Error::other("the machine crashes"));
            }
            Some((at, Fault::Io)) if operation == at => return Err(io::Error::other("bad disk")),
            Some((at, Fault::Full)) if operation == at => self.is_full = true,
            _ => {}
        }
        if self.is_full && takes_room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// How many bytes of a call get through.
    fn chop(&mut self, bytes: usize) -> io::Result<usize> {
        if !self.is_choppy {
            return Ok(bytes);
        }
        self.calls += 1;
        if self.calls.is_multiple_of(2) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok((bytes / 3).max(1).min(bytes))
    }
}

fn put(file: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let from = usize::try_from(offset).unwrap();
    if file.len() < from + bytes.len() {
        file.resize(from + bytes.len(), 0);
    }
    file[from..from + bytes.len()].copy_from_slice(bytes);
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[derive(Debug)]
struct MemoryFile {
    disk: MemoryDisk,
    number: usize,
    holds_lock: Mutex<bool>,
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        if *self.holds_lock.lock().unwrap() {
            self.disk.lock().locked.retain(|locked| *locked != self.number);
        }
    }
}

impl MemoryDisk {
    fn file(&self, number: usize) -> Arc<dyn DiskFile> {
        Arc::new(MemoryFile { disk: self.clone(), number, holds_lock: Mutex::new(false) })
    }
}

impl Disk for MemoryDisk {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.change(format!("create folder {path}"), true)?;
        if !state.folders.iter().any(|folder| folder == path) {
            state.folders.push(path.to_owned());
        }
        Ok(())
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.lock();
        state.change(format!("create {path}"), true)?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = state.files.len();
        state.files.push(FileState::default());
        state.names.insert(path.to_owned(), number);
        drop(state);
        Ok(self.file(number))
    }

    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.lock();
        if state.is_read_only && access == Access::Write {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let number = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        drop(state);
        Ok(self.file(number))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.lock();
        let files = state.names.keys().filter(|path| folder_of(path) == folder);
        let folders = state.folders.iter().filter(|path| folder_of(path) == folder);
        let last = |path: &String| path.rsplit('/').next().unwrap().to_owned();
        Ok(files.chain(folders).map(last).collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.change(format!("rename {from} {to}"), true)?;
        let number = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), number);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change(format!("remove {path}"), false)?;
        state.names.remove(path);
        Ok(())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.change(format!("sync folder {folder}"), false)?;
        state.durable_names.retain(|path, _| folder_of(path) != folder);
        let names = state.names.clone();
        let synced = names.into_iter().filter(|(path, _)| folder_of(path) == folder);
        state.durable_names.extend(synced);
        Ok(())
    }
}

impl DiskFile for MemoryFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.lock();
        let chopped = state.chop(buffer.len())?;
        let bytes = &state.files[self.number].bytes;
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        let count = chopped.min(bytes.len() - from);
        buffer[..count].copy_from_slice(&bytes[from..from + count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.lock();
        let chopped = state.chop(bytes.len())?;
        let written = bytes[..chopped].to_vec();
        // A write that the crash interrupts may reach the disk, wholly or in part.
        let was_crashed = state.is_crashed;
        let failure = state.change(format!("write {} at {offset}", self.number), true);
        if failure.is_ok() || (state.is_crashed && !was_crashed) {
            let file = &mut state.files[self.number];
            if failure.is_ok() {
                put(&mut file.bytes, offset, &written);
            }
            file.pending.push((offset, written));
        }
        failure.map(|()| chopped)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.lock();
        let failure = state.change(format!("sync {}", self.number), false);
        let is_crashed = state.is_crashed;
        let file = &mut state.files[self.number];
        match failure {
            Ok(()) => {
                file.durable = file.bytes.clone();
                file.pending.clear();
                Ok(())
            }
            Err(error) => {
                if !is_crashed {
                    // The pages are clean now, and never reached the disk.
                    file.pending.clear();
                }
                Err(error)
            }
        }
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.lock().files[self.number].bytes.len() as u64)
    }

    fn set_length(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.change(format!("set length {}", self.number), false)?;
        let file = &mut state.files[self.number];
        file.bytes.resize(usize::try_from(bytes).unwrap(), 0);
        Ok(())
    }

    fn try_lock(&self) -> io::Result<bool> {
        let mut state = self.disk.lock();
        if state.locked.contains(&self.number) {
            return Ok(false);
        }
        state.locked.push(self.number);
        *self.holds_lock.lock().unwrap() = true;
        Ok(true)
    }
}
