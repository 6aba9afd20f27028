//! The disk as the journal sees it: a small trait over a tree of files, and helpers over it.
//!
//! Owns: what is asked of a disk, and the loops that make short reads and writes whole.
//! Never: touches a real file; `OsDisk` is the only place that does.
//! Invariants: paths are relative, separated by `/`, and never begin with one; `""` is the root.
//! On failure: returns the error as it came; only the callers know what an error means.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A tree of files. Any call may fail with any error.
///
/// What an implementation promises: names that `create`, `rename` and `remove` made or took
/// away are durable after a `sync_folder` of their folder, and a rename is atomic.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Makes a folder; one that is there already is no error. The parent must exist.
    ///
    /// # Errors
    /// What the system says.
    fn create_folder(&self, path: &str) -> io::Result<()>;

    /// Makes a new file for reading and writing; fails with `AlreadyExists` when there is one.
    ///
    /// # Errors
    /// What the system says.
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file that is there.
    ///
    /// # Errors
    /// `NotFound` when there is none; else what the system says.
    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// The names in a folder, files and folders, in any order.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder; else what the system says.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Gives a file another path, replacing what was there.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound` when there is none; else what the system says.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// What the system says. The caller must not try again and believe the second answer.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;
}

/// What an opened file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading only.
    Read,
    /// Reading and writing.
    Write,
}

/// An open file. Reads and writes may be short and may be interrupted.
pub trait DiskFile: fmt::Debug + Send + Sync {
    /// Reads at an offset; 0 means the end of the file, or an empty buffer.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes at an offset, making the file longer where it must be.
    ///
    /// # Errors
    /// What the system says; a part may have been written all the same.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Makes the file's bytes and its length durable (`fdatasync`).
    ///
    /// # Errors
    /// What the system says. After an error the bytes may be lost though they read well, and
    /// though a second call says otherwise: nobody calls it again.
    fn sync_data(&self) -> io::Result<()>;

    /// The file's bytes.
    ///
    /// # Errors
    /// What the system says.
    fn length(&self) -> io::Result<u64>;

    /// Cuts the file, or makes it longer with zeros.
    ///
    /// # Errors
    /// What the system says.
    fn set_length(&self, bytes: u64) -> io::Result<()>;

    /// Locks the file against other openers until it is dropped; `false` when another has it.
    ///
    /// # Errors
    /// What the system says.
    fn try_lock(&self) -> io::Result<bool>;
}

/// Zeros to write from, one call's worth, and to compare with.
pub(crate) static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// How much of a write got through before it failed.
#[derive(Debug)]
pub(crate) struct WriteFailure {
    pub(crate) written_bytes: usize,
    pub(crate) source: io::Error,
}

/// Fills the buffer; `UnexpectedEof` when the file ends before.
pub(crate) fn read_exact_at(file: &dyn DiskFile, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let filled = read_full_at(file, buffer, offset)?;
    if filled < buffer.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Fills the buffer as far as the file goes; returns how far.
pub(crate) fn read_full_at(
    file: &dyn DiskFile,
    buffer: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        assert!(filled <= buffer.len(), "a read returns at most what was asked");
    }
    Ok(filled)
}

/// Writes everything; says how much was written where it fails.
pub(crate) fn write_all_at(
    file: &dyn DiskFile,
    bytes: &[u8],
    offset: u64,
) -> Result<(), WriteFailure> {
    let mut written_bytes = 0;
    while written_bytes < bytes.len() {
        match file.write_at(&bytes[written_bytes..], offset + written_bytes as u64) {
            Ok(0) => {
                let source = io::ErrorKind::WriteZero.into();
                return Err(WriteFailure { written_bytes, source });
            }
            Ok(written) => written_bytes += written,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(WriteFailure { written_bytes, source }),
        }
        assert!(written_bytes <= bytes.len(), "a write takes at most what was given");
    }
    Ok(())
}

/// Writes zeros from `from` to `to`.
pub(crate) fn write_zeros(file: &dyn DiskFile, from: u64, to: u64) -> Result<(), WriteFailure> {
    let mut offset = from;
    while offset < to {
        let bytes = (to - offset).min(ZEROS.len() as u64);
        write_all_at(file, &ZEROS[..usize::try_from(bytes).expect("at most 64 KiB")], offset)?;
        offset += bytes;
    }
    Ok(())
}

/// Whether the error says that there is no room: on the disk, or for this user.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Whether the error says that nothing may be written here at all.
pub(crate) fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Disk, OsDisk};

    #[test]
    fn a_file_that_ends_before_the_buffer_is_full_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = OsDisk::open(folder.path()).unwrap().create("file").unwrap();
        write_all_at(&*file, b"0123456789", 0).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(read_full_at(&*file, &mut buffer, 8).unwrap(), 2);
        assert_eq!(&buffer[..2], b"89");
        let error = read_exact_at(&*file, &mut buffer, 7).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        read_exact_at(&*file, &mut buffer, 6).unwrap();
        assert_eq!(&buffer, b"6789");
    }
}
