//! The disk as a node sees it: `journal`'s traits over what is written, unsynced and durable.
//!
//! Owns: what each call does, and what a failed one has done by then. Never: decides whether a call
//! fails.
//! Invariants: every call leaves one line, with what was asked and what was answered; a change of a
//! name or a file is durable only after a sync of it that succeeded.
//! On failure: a failed write leaves a part of it, a failed sync drops a part of what was written;
//! every other call that fails changes nothing.

use super::faults::Kind;
use super::{Inode, Name, SECTOR_BYTES, SimDisk, State, Write, digest, folder_of, index, put};
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
        let asked = || format!("create folder {path}");
        self.change(true, asked, |state, changed| {
            changed?;
            if !state.folders.contains(path) {
                state.rename(Name::Folder { path: path.to_owned() }, folder_of(path));
            }
            Ok(())
        })
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let asked = || format!("create {path}");
        let made = self.change(true, asked, |state, changed| {
            changed?;
            if state.names.contains_key(path) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let inode = state.inodes.len();
            state.inodes.push(Inode::default());
            state.rename(Name::Made { path: path.to_owned(), inode }, folder_of(path));
            Ok(inode)
        });
        made.map(|inode| self.file(inode))
    }

    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let asked = || format!("open {path}, {access:?}");
        let found = self.call(asked, |state| {
            state.power()?;
            state.fail(state.rates.read_error, Kind::ReadError)?;
            if state.is_read_only && access == Access::Write {
                state.count(Kind::ReadOnly);
                state.counts.errors += 1;
                return Err(io::ErrorKind::ReadOnlyFilesystem.into());
            }
            Ok(*state.names.get(path).ok_or(io::ErrorKind::NotFound)?)
        });
        found.map(|inode| self.file(inode))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let asked = || format!("list {folder}");
        self.call(asked, |state| {
            state.power()?;
            state.fail(state.rates.read_error, Kind::ReadError)?;
            let files = state.names.keys().filter(|path| folder_of(path) == folder);
            let folders = state.folders.iter().filter(|path| folder_of(path) == folder);
            let last =
                |path: &String| path.rsplit('/').next().expect("a path has a name").to_owned();
            Ok(files.chain(folders).map(last).collect())
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let asked = || format!("rename {from} {to}");
        self.change(true, asked, |state, changed| {
            changed?;
            let inode = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
            assert_eq!(folder_of(from), folder_of(to), "nothing moves from folder to folder");
            let what = Name::Moved { from: from.to_owned(), to: to.to_owned(), inode };
            state.rename(what, folder_of(to));
            Ok(())
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let asked = || format!("remove {path}");
        if !self.lock().names.contains_key(path) {
            return self.call(asked, |_| Err(io::ErrorKind::NotFound.into()));
        }
        self.change(false, asked, |state, changed| {
            changed?;
            state.rename(Name::Gone { path: path.to_owned() }, folder_of(path));
            Ok(())
        })
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let asked = || format!("sync folder {folder}");
        self.change(false, asked, |state, changed| {
            changed?;
            // Names stay what they are to be made durable: they go through the file system's own
            // journal, which never takes for written what failed.
            state.fail_sync()?;
            let (synced, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut state.pending_names)
                .into_iter()
                .partition(|change| change.folder == folder);
            state.pending_names = rest;
            let State { durable_names, durable_folders, .. } = state;
            synced.iter().for_each(|change| change.apply(durable_names, durable_folders));
            Ok(())
        })
    }
}

impl State {
    /// A read: how many bytes it got, and from where.
    fn read(
        &mut self,
        inode: usize,
        buffer: &mut [u8],
        offset: u64,
    ) -> io::Result<(usize, (usize, u64))> {
        self.power()?;
        self.take_time();
        self.fail(self.rates.read_error, Kind::ReadError)?;
        let length = self.inodes[inode].bytes.len();
        let whole = buffer.len().min(length.saturating_sub(index(offset)));
        let count = self.chop(buffer.len())?.min(whole);
        if count < whole {
            self.count(Kind::Short);
        }
        let (source, from) = self.source(inode, offset, count);
        let bytes = self.inodes[source].bytes.get(index(from)..).unwrap_or_default();
        let found = count.min(bytes.len());
        buffer[..found].copy_from_slice(&bytes[..found]);
        // Only a misdirected read finds less; a disk gives whole sectors then, too.
        buffer[found..count].fill(0);
        Ok((count, (source, from)))
    }

    /// A write, after it was decided whether it begins: how many bytes were taken.
    fn write(
        &mut self,
        inode: usize,
        (bytes, offset): (&[u8], u64),
        changed: io::Result<()>,
        was_crashed: bool,
    ) -> io::Result<usize> {
        let order = self.next_order();
        let failed = changed.and_then(|()| self.fail(self.rates.write_error, Kind::WriteError));
        let count = match &failed {
            Ok(()) => up_to_a_sector(offset, self.chop(bytes.len())?, bytes.len()),
            Err(_) if self.is_crashed => {
                // A write that the crash interrupts may reach the disk, wholly or in part.
                if !was_crashed {
                    let write = Write::Bytes { order, offset, bytes: bytes.to_vec() };
                    self.inodes[inode].pending.push(write);
                }
                return failed.map(|()| 0);
            }
            // Some of it was written before.
            Err(error) if error.kind() == io::ErrorKind::Other => self.part(bytes.len()),
            // No room, or read-only: nothing was.
            Err(_) => return failed.map(|()| 0),
        };
        if failed.is_ok() && count < bytes.len() {
            self.count(Kind::Short);
        }
        let file = &mut self.inodes[inode];
        put(&mut file.bytes, offset, &bytes[..count]);
        file.pending.push(Write::Bytes { order, offset, bytes: bytes[..count].to_vec() });
        failed.map(|()| count)
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let (inode, wanted) = (self.inode, buffer.len());
        let mut state = self.disk.lock();
        let answered = state.read(inode, buffer, offset);
        state.note(|| {
            let asked = format!("read {inode} at {offset}, {wanted} bytes");
            match &answered {
                Ok((count, place)) => {
                    let read = digest(&buffer[..*count]);
                    let (source, from) = place;
                    let misdirected = match *place == (inode, offset) {
                        true => String::new(),
                        false => format!(", misdirected: from {source} at {from}"),
                    };
                    format!("{asked}: Ok({count}), {read:016x}{misdirected}")
                }
                Err(error) => format!("{asked}: Err({error:?})"),
            }
        });
        answered.map(|(count, _)| count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let inode = self.inode;
        let was_crashed = self.disk.is_crashed();
        let asked = || {
            let (length, written) = (bytes.len(), digest(bytes));
            format!("write {inode} at {offset}, {length} bytes, {written:016x}")
        };
        self.disk.change(true, asked, |state, changed| {
            state.write(inode, (bytes, offset), changed, was_crashed)
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        let inode = self.inode;
        self.disk.change(
            false,
            || format!("sync {inode}"),
            |state, changed| {
                let synced = changed.and_then(|()| state.fail_sync());
                match synced {
                    Ok(()) => state.inodes[inode].sync(),
                    // The pages are clean now, read well, and not all of them reached the disk.
                    Err(_) if !state.is_crashed => state.give_up(inode),
                    Err(_) => {}
                }
                synced
            },
        )
    }

    fn length(&self) -> io::Result<u64> {
        let inode = self.inode;
        self.disk
            .call(|| format!("length {inode}"), |state| Ok(state.inodes[inode].bytes.len() as u64))
    }

    fn set_length(&self, bytes: u64) -> io::Result<()> {
        let inode = self.inode;
        self.disk.change(
            false,
            || format!("set length {inode} {bytes}"),
            |state, changed| {
                changed?;
                let order = state.next_order();
                let file = &mut state.inodes[inode];
                file.bytes.resize(index(bytes), 0);
                file.pending.push(Write::Length { order, bytes });
                Ok(())
            },
        )
    }

    fn try_lock(&self) -> io::Result<bool> {
        let inode = self.inode;
        let locked = self.disk.call(
            || format!("lock {inode}"),
            |state| {
                let is_free = !state.locked.contains(&inode);
                if is_free {
                    state.locked.push(inode);
                }
                Ok(is_free)
            },
        )?;
        *self.holds_lock.lock().expect("nothing panics with it") |= locked;
        Ok(locked)
    }
}
