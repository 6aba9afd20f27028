//! A draw's folder.
//!
//! Owns: its names, and writing a file once: whole and durable, or not at all. Never: writes over
//! a file; a note may be made longer by a signature, and by nothing else (`cosign.rs`).
//! Invariants: a file with its own name is whole; what is being written ends in `.part`.

use crate::error::CeremonyError;
use draw::note::Note;
use draw::tile::TILE_WIDTH;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use types::limits;

/// The sealed list.
pub(crate) const ENTRIES: &str = "entries.txt";
pub(crate) const STOCK: &str = "stock.txt";
pub(crate) const RULES: &str = "rules.txt";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const SEAL: &str = "seal.txt";
pub(crate) const OPENING: &str = "opening.txt";
pub(crate) const SEED: &str = "seed.txt";
pub(crate) const SEEDED: &str = "seeded.txt";
pub(crate) const WINNERS: &str = "winners.txt";
pub(crate) const CUTOFFS: &str = "cutoffs.txt";
pub(crate) const RESULT: &str = "result.txt";
pub(crate) const VOID: &str = "void.txt";
pub(crate) const TILES: &str = "tile";
pub(crate) const SAMPLE: &str = "sample.txt";
/// The folder of the page on which a person checks a receipt.
pub(crate) const PAGE: &str = "check";

/// Bytes of a file that is read at once: tables of every winner of a country.
const FILE_BYTES_MAX: u64 = 4 << 30;
const NOTE_BYTES_MAX: u64 = limits::DRAW_NOTE_BYTES_MAX as u64;
/// A bundle of the longest lines, each behind its length.
const TILE_BYTES_MAX: u64 = (TILE_WIDTH * (2 + limits::DRAW_LINE_BYTES_MAX)) as u64;

/// The folder of one seal and what followed it.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder that is there.
    ///
    /// # Errors
    /// When it is not.
    pub fn open(path: &Path) -> Result<Self, CeremonyError> {
        let found = fs::metadata(path).map_err(CeremonyError::disk("read", path))?;
        if !found.is_dir() {
            return Err(CeremonyError::wrong(path, "not a folder"));
        }
        Ok(Self(path.to_owned()))
    }

    /// A folder that is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> Result<Self, CeremonyError> {
        fs::create_dir_all(path).map_err(CeremonyError::disk("made", path))?;
        Self::open(path)
    }

    /// Where a file of the folder lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names of everything in it, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, CeremonyError> {
        self.names_in("")
    }

    /// The names of everything in a folder of it, in order.
    pub(crate) fn names_in(&self, name: &str) -> Result<Vec<String>, CeremonyError> {
        let path = self.path(name);
        let read = || {
            let names = fs::read_dir(&path)?
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            names.collect::<io::Result<Vec<_>>>()
        };
        let mut names = read().map_err(CeremonyError::disk("read", &path))?;
        names.sort_unstable();
        Ok(names)
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// When the disk does not say.
    pub fn has(&self, name: &str) -> Result<bool, CeremonyError> {
        let path = self.path(name);
        path.try_exists().map_err(CeremonyError::disk("looked for", &path))
    }

    /// A file's bytes; nothing if it is not there.
    ///
    /// # Errors
    /// When it cannot be read, or is too large to be what it is called.
    pub fn find(&self, name: &str) -> Result<Option<Vec<u8>>, CeremonyError> {
        if self.has(name)? { self.read(name).map(Some) } else { Ok(None) }
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, CeremonyError> {
        read(&self.path(name), bytes_max(name))
    }

    /// A file's text.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or is no UTF-8.
    pub fn read_text(&self, name: &str) -> Result<String, CeremonyError> {
        String::from_utf8(self.read(name)?)
            .map_err(|_| CeremonyError::wrong(&self.path(name), "not text in UTF-8"))
    }

    /// Writes a file that says `bytes`. One that is there and says so stays.
    ///
    /// # Errors
    /// When one is there that says something else, or the disk refuses.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), CeremonyError> {
        let path = self.path(name);
        match self.find(name)? {
            Some(found) if found == bytes => {
                self.forget_part(name)?;
                // It may have got its name in a step that was cut off before this.
                return self.sync();
            }
            Some(_) => return Err(CeremonyError::Differs(path)),
            None => {}
        }
        self.write_part(name, bytes)?;
        self.keep(name)
    }

    /// Writes a note. One that is there, with the same text and the same signatures, stays, and
    /// with it what others have signed beside them.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub(crate) fn put_note(&self, name: &str, note: &Note) -> Result<(), CeremonyError> {
        let found = self.find(name)?.and_then(|bytes| String::from_utf8(bytes).ok());
        if found.is_some_and(|text| Note::read(&text).is_ok_and(|found| found.includes(note))) {
            self.forget_part(name)?;
            return self.sync();
        }
        self.put(name, note.to_string().as_bytes())
    }

    /// Lets a note of the folder, which says `before`, say `after`: the same with more behind it.
    pub(crate) fn lengthen(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<(), CeremonyError> {
        assert!(after.starts_with(before), "what was there stays there");
        self.write_part(name, after.as_bytes())?;
        let path = self.path(name);
        fs::rename(self.part(name), &path).map_err(CeremonyError::disk("named", &path))?;
        self.sync()
    }

    /// Keeps everybody else who asks out of the folder until what is returned is dropped.
    pub(crate) fn lock(&self) -> Result<Alone, CeremonyError> {
        let folder = File::open(&self.0).map_err(CeremonyError::disk("locked", &self.0))?;
        match folder.try_lock() {
            Ok(()) => Ok(Alone(folder)),
            Err(TryLockError::WouldBlock) => Err(CeremonyError::Busy(self.0.clone())),
            Err(TryLockError::Error(error)) => Err(CeremonyError::disk("locked", &self.0)(error)),
        }
    }

    fn write_part(&self, name: &str, bytes: &[u8]) -> Result<(), CeremonyError> {
        let part = self.part(name);
        let mut file = self.create_part(name)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(CeremonyError::disk("written", &part))
    }

    /// An empty file to write `name` to. What a step that was cut off has left is taken away: it is
    /// not followed if it is a link to somewhere else.
    pub(crate) fn create_part(&self, name: &str) -> Result<File, CeremonyError> {
        self.forget_part(name)?;
        let part = self.part(name);
        File::create_new(&part).map_err(CeremonyError::disk("made", &part))
    }

    /// Where a file lies while it is being written.
    pub(crate) fn part(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.part"))
    }

    /// Gives what was written and synced as a part its name.
    pub(crate) fn keep(&self, name: &str) -> Result<(), CeremonyError> {
        let (part, path) = (self.part(name), self.path(name));
        match renameat_with(CWD, &part, CWD, &path, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => return Err(CeremonyError::Differs(path)),
            // A file system without that kind of renaming: the folder is locked, so that nobody
            // who asks comes between look and name.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if !self.has(name)? => {
                fs::rename(&part, &path).map_err(CeremonyError::disk("named", &path))?;
            }
            named => {
                named.map_err(|error| CeremonyError::disk("named", &path)(error.into()))?;
            }
        }
        self.sync()
    }

    /// Takes away what a step that was cut off has left.
    pub(crate) fn forget_part(&self, name: &str) -> Result<(), CeremonyError> {
        let part = self.part(name);
        let is_folder = fs::symlink_metadata(&part).is_ok_and(|found| found.is_dir());
        let gone = if is_folder { fs::remove_dir_all(&part) } else { fs::remove_file(&part) };
        match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(CeremonyError::disk("removed", &part)(error))
            }
            _ => Ok(()),
        }
    }

    fn sync(&self) -> Result<(), CeremonyError> {
        let sync = || File::open(&self.0)?.sync_all();
        sync().map_err(CeremonyError::disk("synced", &self.0))
    }
}

/// A folder that is locked until this is dropped.
pub(crate) struct Alone(File);

impl Drop for Alone {
    fn drop(&mut self) {
        // A program that another thread starts holds the folder open, too, until it has begun:
        // closing it here would not be the end of the lock then. Should this fail, that is.
        let _ = self.0.unlock();
    }
}

/// Bytes that a file of this name has at most.
fn bytes_max(name: &str) -> u64 {
    match name {
        CHECKPOINT | SEAL | OPENING | SEED | SEEDED | RESULT | VOID | RULES => NOTE_BYTES_MAX,
        name if name.starts_with("alternates-") => NOTE_BYTES_MAX,
        name if name.starts_with("tile/") => TILE_BYTES_MAX,
        _ => FILE_BYTES_MAX,
    }
}

/// A file that somebody gives to a step: as long as a table may be.
pub(crate) fn input(path: &Path) -> Result<Vec<u8>, CeremonyError> {
    read(path, FILE_BYTES_MAX)
}

/// The rules that somebody gives to be sealed.
pub(crate) fn rules(path: &Path) -> Result<Vec<u8>, CeremonyError> {
    read(path, NOTE_BYTES_MAX)
}

fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, CeremonyError> {
    let disk = || CeremonyError::disk("read", path);
    let found = fs::metadata(path).map_err(disk())?;
    // Of a pipe nobody knows whether it ends.
    if !found.is_file() {
        return Err(CeremonyError::wrong(path, "not a file"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(disk())?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(disk())?;
    if bytes_max < bytes.len() as u64 {
        let what = format!("more than {bytes_max} bytes: too large to be what its name says");
        return Err(CeremonyError::wrong(path, what));
    }
    Ok(bytes)
}
