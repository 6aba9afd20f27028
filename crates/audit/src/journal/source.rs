//! Where segments come from: folders of files, or bytes in memory.
//!
//! Owns: the little that a reader needs of a disk. Never: writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A place that holds segments. Names that are not those of segments are passed over.
pub trait Source {
    /// The names of all files there are now, in any order; a name may stand twice.
    ///
    /// # Errors
    /// When they cannot be told.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Opens a file by its name.
    ///
    /// # Errors
    /// When it is not there, or cannot be opened; `IsADirectory` when it is no file.
    fn open<'s>(&'s self, name: &str) -> io::Result<Box<dyn Bytes + 's>>;
}

/// Bytes of one file.
pub trait Bytes {
    /// How many there are.
    ///
    /// # Errors
    /// When that cannot be told.
    fn length(&self) -> io::Result<u64>;

    /// Reads some from an offset on, and tells how many; 0 at the end.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;
}

/// Folders of files: the journal's, and the archive's when there is one. Segments may move from
/// the first to the last meanwhile.
#[derive(Clone, Debug)]
pub struct Folders(pub Vec<PathBuf>);

impl Source for Folders {
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = BTreeSet::new();
        for folder in &self.0 {
            for entry in fs::read_dir(folder)? {
                names.extend(entry?.file_name().into_string());
            }
        }
        Ok(names.into_iter().collect())
    }

    fn open<'s>(&'s self, name: &str) -> io::Result<Box<dyn Bytes + 's>> {
        // What was moved on between two looks is found in a later folder.
        for folder in &self.0 {
            match open_file(&folder.join(name)) {
                Ok(file) => return Ok(Box::new(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Opens what holds bytes. A folder does not, nor does a pipe, whose opening may never end.
///
/// # Errors
/// `IsADirectory` when it is no file; else what the system says.
pub fn open_file(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    File::open(path)
}

impl Bytes for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match FileExt::read_at(self, into, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl<B: AsRef<[u8]>> Source for BTreeMap<String, B> {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }

    fn open<'s>(&'s self, name: &str) -> io::Result<Box<dyn Bytes + 's>> {
        let bytes = self.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(bytes.as_ref()))
    }
}

impl Bytes for &[u8] {
    fn length(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).map_or(self.len(), |offset| offset.min(self.len()));
        let bytes = into.len().min(self.len() - from);
        into[..bytes].copy_from_slice(&self[from..from + bytes]);
        Ok(bytes)
    }
}
