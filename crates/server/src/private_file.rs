//! A private JSON file of the data folder: what only its owner may read, replaced whole.
//!
//! Owns: the file's mode, its version, its replacement under a lock that other processes respect,
//! and reading it again when it changed. Never: knows what is in it.
//! Invariants: the file is readable by its owner alone; it is replaced whole or not at all; what
//! cannot be read leaves nothing behind from an earlier state.
//! On failure: an error that names the file; nobody is let in by a file that is not as it must be.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a private file holds.
pub(crate) trait Contents: Serialize + DeserializeOwned + Default {
    /// The file's name in the data folder.
    const FILE: &'static str;
    /// The version this release writes, and the only one it reads.
    const VERSION: u32;

    /// The version that the file states.
    fn version(&self) -> u32;
}

/// Why a private file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PrivateFileError {
    /// Others may read the file.
    #[error("{} has mode {mode:o}; only its owner may read it: chmod 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file is not what this release writes.
    #[error("{} is damaged or of a newer release: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The disk said no.
    #[error("{} cannot be read or written: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A private file, read again whenever it changes; a file that is not there holds nothing.
#[derive(Debug)]
pub(crate) struct PrivateFile<T> {
    folder: PathBuf,
    cached: Mutex<Cached<T>>,
}

/// What tells one state of the file from another: modified (s, ns), length, inode.
type Stamp = Option<(i64, i64, u64, u64)>;

#[derive(Debug)]
struct Cached<T> {
    stamp: Stamp,
    contents: Arc<T>,
}

impl<T: Contents> PrivateFile<T> {
    /// The file of a data folder, which exists.
    pub(crate) fn new(folder: &Path) -> Self {
        let nothing = Cached { stamp: None, contents: Arc::default() };
        Self { folder: folder.to_owned(), cached: Mutex::new(nothing) }
    }

    /// What is in it now.
    ///
    /// # Errors
    /// When the file is exposed, damaged or unreadable.
    pub(crate) fn read(&self) -> Result<Arc<T>, PrivateFileError> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.stamp()?;
        if cached.stamp != stamp {
            *cached = Cached { stamp: None, contents: Arc::default() };
            let contents = Arc::new(self.load()?);
            *cached = Cached { stamp, contents };
        }
        Ok(Arc::clone(&cached.contents))
    }

    /// Changes what is in it under a lock that other processes respect, or leaves it as it is.
    ///
    /// # Errors
    /// The change's own, or when the file cannot be read or replaced.
    pub(crate) fn change<R, E: From<PrivateFileError>>(
        &self,
        change: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<R, E> {
        // The folder itself is the lock: a file for it would outlive a command that made a
        // token or an account before there was a node.
        let lock = File::open(&self.folder).map_err(|error| self.disk(".", error))?;
        lock.lock().map_err(|error| self.disk(".", error))?;
        self.stamp()?;
        let mut contents = self.load()?;
        let changed = change(&mut contents)?;
        let json = serde_json::to_vec_pretty(&contents).expect("it has only string keys");
        replace(&self.folder, T::FILE, &json).map_err(|error| self.disk(T::FILE, error))?;
        Ok(changed)
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The error of a system call that concerns the file.
    pub(crate) fn failed(&self, source: io::Error) -> PrivateFileError {
        self.disk(T::FILE, source)
    }

    fn stamp(&self) -> Result<Stamp, PrivateFileError> {
        match fs::metadata(self.folder.join(T::FILE)) {
            // A pipe would keep whoever reads it waiting, and everybody behind them.
            Ok(data) if !data.is_file() => {
                let (path, why) = (self.folder.join(T::FILE), "it is no file".to_owned());
                Err(PrivateFileError::Damaged { path, why })
            }
            Ok(data) => {
                self.check_mode(data.permissions().mode())?;
                Ok(Some((data.mtime(), data.mtime_nsec(), data.len(), data.ino())))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn load(&self) -> Result<T, PrivateFileError> {
        let path = self.folder.join(T::FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
            Err(error) => return Err(self.failed(error)),
        };
        let damaged = |why: String| PrivateFileError::Damaged { path: path.clone(), why };
        let contents: T =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if contents.version() != T::VERSION {
            return Err(damaged(format!("version {}, not {}", contents.version(), T::VERSION)));
        }
        Ok(contents)
    }

    fn check_mode(&self, mode: u32) -> Result<(), PrivateFileError> {
        if mode & 0o077 == 0 {
            return Ok(());
        }
        Err(PrivateFileError::Exposed { path: self.folder.join(T::FILE), mode: mode & 0o777 })
    }

    fn disk(&self, file: &str, source: io::Error) -> PrivateFileError {
        PrivateFileError::Disk { path: self.folder.join(file), source }
    }
}

/// Replaces a file of mode 0600 as a whole, durably.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    let mut file = open_private(&new, OpenOptions::new().create(true).truncate(true))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, folder.join(name))?;
    File::open(folder)?.sync_all()
}

fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.write(true).mode(0o600).open(path)?;
    // A file left from before may have another mode.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
