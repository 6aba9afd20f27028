//! A new file that has no name until it is whole.
//!
//! Owns: its making, its checksum and its naming. Never: replaces a file, follows a link, or lets
//! anybody but its owner read it.
//! Invariants: whoever ends the program at any time before the naming leaves nothing behind.
//! On failure: the file is gone, as is everything that was written.

use sha2::{Digest as _, Sha256};
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::{File, Permissions};
use std::io::{self, Read, Seek as _, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Read or written at once.
pub(super) const PIECE_BYTES: usize = 64 << 10;

/// Only its owner reads and writes it.
const OWNER_ONLY: u32 = 0o600;

/// A file without a name.
#[derive(Debug)]
pub(super) struct Unnamed {
    file: File,
    folder: PathBuf,
}

impl Unnamed {
    /// Makes one on the file system of a folder, in which it can be named later.
    ///
    /// # Errors
    /// When the folder is missing, or nothing can be written there.
    pub(super) fn in_folder(folder: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(folder)?;
        // Before it holds a byte: without a name it was made as the umask has it.
        file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
        Ok(Self { file, folder: folder.to_owned() })
    }

    /// How many bytes are on the disk, and their SHA-256: read back, whatever was meant to be
    /// written.
    ///
    /// # Errors
    /// When the disk does not take or give them.
    pub(super) fn digest(&mut self) -> io::Result<(u64, String)> {
        self.file.sync_all()?;
        self.file.rewind()?;
        digest(&mut self.file)
    }

    /// Gives it a name in its folder.
    ///
    /// # Errors
    /// `AlreadyExists` when something has the name, be it a link to nothing; and when the folder
    /// takes no name.
    pub(super) fn name(&mut self, name: &OsStr) -> io::Result<PathBuf> {
        let target = self.folder.join(name);
        let here = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        let (from, flags) = (rustix::fs::CWD, rustix::fs::AtFlags::SYMLINK_FOLLOW);
        match rustix::fs::linkat(from, here, rustix::fs::CWD, &target, flags) {
            Ok(()) => Ok(target),
            Err(rustix::io::Errno::EXIST) => Err(io::ErrorKind::AlreadyExists.into()),
            // The file system cannot name what never had a name, or /proc is not there.
            Err(_) => self.copy_to(&target).map(|()| target),
        }
    }

    /// Gives it this name, or the next that is free: `masks.zip`, `masks-2.zip`, `masks-3.zip`.
    ///
    /// # Errors
    /// When the folder takes no name.
    pub(super) fn name_free(&mut self, wanted: &OsStr) -> io::Result<PathBuf> {
        let mut named = self.name(wanted);
        let mut number = 1_u64;
        while matches!(&named, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
            number += 1;
            named = self.name(&numbered(wanted, number));
        }
        named
    }

    /// The same for a file system that names no unnamed file: only for as long as it takes to copy
    /// the whole file has the copy a name, one of its own.
    fn copy_to(&mut self, target: &Path) -> io::Result<()> {
        self.file.rewind()?;
        let mut copy = tempfile::NamedTempFile::new_in(&self.folder)?;
        io::copy(&mut self.file, &mut copy)?;
        copy.as_file().sync_all()?;
        copy.persist_noclobber(target).map_err(|refused| refused.error)?;
        Ok(())
    }
}

impl Write for Unnamed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads to the end, a piece at a time; how many bytes, and their SHA-256 in hex.
///
/// # Errors
/// When reading fails.
pub(super) fn digest(mut from: impl Read) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let (mut bytes, mut piece) = (0, vec![0; PIECE_BYTES]);
    loop {
        let filled = from.read(&mut piece)?;
        if filled == 0 {
            break;
        }
        hash.update(&piece[..filled]);
        bytes += filled as u64;
    }
    let digest = hash.finalize();
    let hex = digest.iter().fold(String::with_capacity(2 * digest.len()), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    });
    Ok((bytes, hex))
}

fn numbered(name: &OsStr, number: u64) -> OsString {
    let name = Path::new(name);
    let mut numbered = name.file_stem().unwrap_or_default().to_owned();
    numbered.push(format!("-{number}"));
    if let Some(extension) = name.extension() {
        numbered.push(".");
        numbered.push(extension);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_system_that_names_nothing_unnamed_gets_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let (free, taken) = (folder.path().join("free"), folder.path().join("taken"));
        fs::write(&taken, "mine").unwrap();
        let mut file = Unnamed::in_folder(folder.path()).unwrap();
        file.write_all(b"whole").unwrap();
        let refused = file.copy_to(&taken).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        file.copy_to(&free).unwrap();
        assert_eq!(fs::read(&free).unwrap(), b"whole");
        assert_eq!(fs::read(&taken).unwrap(), b"mine");
        assert_eq!(fs::metadata(&free).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let named = ["masks.zip", "masks-2.zip", "masks-3.zip"];
        for name in named {
            let file = Unnamed::in_folder(folder.path()).unwrap().name_free("masks.zip".as_ref());
            assert_eq!(file.unwrap(), folder.path().join(name));
        }
        assert_eq!(numbered("masks".as_ref(), 2), "masks-2");
        assert_eq!(numbered("masks.csv.part".as_ref(), 2), "masks.csv-2.part");
    }
}
