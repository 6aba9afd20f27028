//! The disk as a node sees it: `journal`'s traits over what is written, unsynced and durable.

use super::{Inode, Name, SECTOR_BYTES, SimDisk, Write, digest, folder_of, index, put};
use journal::{Access, Disk, DiskFile};
use std::io;
use std::sync::{Arc, Mutex};

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

/// How much of a write gets through: a short one ends with a sector, see "What is not covered" in
/// `docs/safety.md`.
fn up_to_a_sector(offset: u64, chopped: usize, bytes: usize) -> usize {
    let end = (offset + chopped as u64) / SECTOR_BYTES * SECTOR_BYTES;
    if chopped < bytes && offset < end { index(end - offset) } else { bytes }
}

impl Disk for SimDisk {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.change(&|| format!("create folder {path}"), true)?;
        let mut state = self.lock();
        if !state.folders.contains(path) {
            state.rename(Name::Folder { path: path.to_owned() }, folder_of(path));
        }
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
        let mut state = self.lock();
        if state.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        let rate = state.rates.read_error;
        state.fail(rate, 0)?;
        if state.is_read_only && access == Access::Write {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let inode = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        drop(state);
        Ok(self.file(inode))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut state = self.lock();
        if state.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        let rate = state.rates.read_error;
        state.fail(rate, 0)?;
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
        // Names stay what they are to be made durable: they go through the file system's own
        // journal, which never takes for written what failed.
        state.fail_sync()?;
        let (synced, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut state.pending_names)
            .into_iter()
            .partition(|change| change.folder == folder);
        state.pending_names = rest;
        let super::State { durable_names, durable_folders, .. } = &mut *state;
        synced.iter().for_each(|change| change.apply(durable_names, durable_folders));
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
        state.take_time();
        let rate = state.rates.read_error;
        state.fail(rate, 0)?;
        let chopped = state.chop(buffer.len())?;
        let length = state.inodes[self.inode].bytes.len();
        let count = chopped.min(length.saturating_sub(index(offset)));
        let (inode, offset) = state.source(self.inode, offset, count);
        let bytes = state.inodes[inode].bytes.get(index(offset)..).unwrap_or_default();
        let found = count.min(bytes.len());
        buffer[..found].copy_from_slice(&bytes[..found]);
        // Only a misdirected read finds less; a disk gives whole sectors then, too.
        buffer[found..count].fill(0);
        let (number, read) = (self.inode, digest(&buffer[..count]));
        state.note(|| format!("read {number} at {offset}, {count} bytes, {read:016x}"));
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let inode = self.inode;
        let was_crashed = self.disk.is_crashed();
        let what = || {
            let (length, written) = (bytes.len(), digest(bytes));
            format!("write {inode} at {offset}, {length} bytes, {written:016x}")
        };
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
        let failed = state.fail(rate, 1);
        let count = match failed {
            Ok(()) => up_to_a_sector(offset, state.chop(bytes.len())?, bytes.len()),
            // Some of it was written before.
            Err(_) => state.draw(bytes.len() as u64) as usize,
        };
        let file = &mut state.inodes[inode];
        put(&mut file.bytes, offset, &bytes[..count]);
        file.pending.push(Write::Bytes { order, offset, bytes: bytes[..count].to_vec() });
        failed.map(|()| count)
    }

    fn sync_data(&self) -> io::Result<()> {
        let inode = self.inode;
        let changed = self.disk.change(&|| format!("sync {inode}"), false);
        let mut state = self.disk.lock();
        let failed = changed.and_then(|()| state.fail_sync());
        match failed {
            Ok(()) => state.inodes[inode].sync(),
            // The pages are clean now, read well, and not all of them reached the disk.
            Err(_) if !state.is_crashed => state.give_up(inode),
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
