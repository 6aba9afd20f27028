//! The real disk: a folder of the operating system.
//!
//! Owns: every call into the file system. Never: interprets an error or repeats a call.
//! Invariants: all paths lie below the root it was opened with.
//! On failure: passes the system's error on.

use crate::disk::{Access, Disk, DiskFile};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files are for their owner alone: the journal holds what people entered.
const FILE_MODE: u32 = 0o600;
/// And so are the folders that are made here: who may write in one can put other files there.
const FOLDER_MODE: u32 = 0o700;

/// A folder of the operating system as a [`Disk`].
#[derive(Clone, Debug)]
pub struct OsDisk {
    root: PathBuf,
}

impl OsDisk {
    /// A disk over a folder that exists.
    ///
    /// # Errors
    /// When the path is not a folder or cannot be read.
    pub fn open(root: impl AsRef<Path>) -> io::Result<Self> {
        let root = root.as_ref().canonicalize()?;
        fs::read_dir(&root)?;
        Ok(Self { root })
    }

    /// A disk over a folder, which is made, durably, when it is not there. Its parent must be.
    ///
    /// # Errors
    /// When the folder can neither be opened nor made.
    pub fn open_or_create(root: impl AsRef<Path>) -> io::Result<Self> {
        let root = root.as_ref();
        match DirBuilder::new().mode(FOLDER_MODE).create(root) {
            Ok(()) => {
                let root = root.canonicalize()?;
                let parent = root.parent().unwrap_or(Path::new("/"));
                File::open(parent)?.sync_all()?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Self::open(root)
    }

    /// The folder's absolute path, for messages.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, relative: &str) -> PathBuf {
        assert!(!relative.starts_with('/'), "paths on a disk are relative to its root");
        assert!(relative.split('/').all(|part| part != ".."), "paths stay below the root");
        self.root.join(relative)
    }
}

impl Disk for OsDisk {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        match DirBuilder::new().mode(FOLDER_MODE).create(self.path(path)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(self.path(path))?;
        Ok(Arc::new(OsFile { file }))
    }

    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let write = access == Access::Write;
        let file = OpenOptions::new().read(true).write(write).open(self.path(path))?;
        Ok(Arc::new(OsFile { file }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        fs::read_dir(self.path(folder))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.path(path))
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.path(folder))?.sync_all()
    }
}

#[derive(Debug)]
struct OsFile {
    file: File,
}

impl DiskFile for OsFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_length(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }

    fn try_lock(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The system refuses to sync what has nothing to sync, so its refusal shows that it was asked.
    #[test]
    fn syncs_reach_the_system() {
        let disk = OsDisk::open("/dev").unwrap();
        let nothing = disk.open("null", Access::Write).unwrap();
        assert_eq!(nothing.sync_data().unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(disk.sync_folder("null").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn what_is_there_already_is_no_error_and_what_cannot_be_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        let disk = OsDisk::open_or_create(&root).unwrap();
        OsDisk::open_or_create(&root).unwrap();
        disk.create_folder("deep").unwrap();
        disk.create_folder("deep").unwrap();
        let file = disk.create("file").unwrap();
        assert_eq!(disk.create("file").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        file.set_length(7).unwrap();
        assert_eq!(file.length().unwrap(), 7);
        let error = disk.create_folder("none/deeper").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = disk.create_folder("file/deeper").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
        let error = OsDisk::open_or_create(root.join("file/data")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
    }
}
