//! Named files to read a campaign from: a folder, or parts of an upload.
//!
//! Owns: what a name may reach, and the size a file may have. Never: looks into a file.
//! Invariants: a name never leaves the folder, and no file is read beyond its limit.

use crate::problem::{Code, Place, Problem};
use crate::words::nearest;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

/// Files by name.
pub trait Files {
    /// A file's bytes; at most one more than `bytes_max`, which tells that it is too large.
    ///
    /// # Errors
    /// Why it cannot be had.
    fn read(&self, name: &str, bytes_max: usize) -> Result<Cow<'_, [u8]>, FileError>;

    /// The names there are, as suggestions for a typo; may be empty.
    fn names(&self) -> Vec<String>;
}

/// Why a file cannot be had.
#[derive(Debug)]
pub enum FileError {
    /// There is none of that name.
    Missing,
    /// The name leads out of the folder.
    Outside,
    /// The system refuses.
    Unreadable(io::Error),
}

/// A folder on disk.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, name: &str, bytes_max: usize) -> Result<Cow<'_, [u8]>, FileError> {
        let path = Path::new(name);
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !path.components().all(inside) {
            return Err(FileError::Outside);
        }
        let opened = File::open(self.0.join(path));
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Unreadable(error),
        })?;
        let mut bytes = Vec::new();
        let limit = bytes_max as u64 + 1;
        file.take(limit).read_to_end(&mut bytes).map_err(FileError::Unreadable)?;
        Ok(Cow::Owned(bytes))
    }

    fn names(&self) -> Vec<String> {
        // Only for suggestions: a folder that cannot be listed has none to make.
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let names = entries.flatten().take(1_000);
        names.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

/// Files in memory, as the parts of an upload.
#[derive(Clone, Debug, Default)]
pub struct Uploaded(pub BTreeMap<String, Vec<u8>>);

impl Files for Uploaded {
    fn read(&self, name: &str, _bytes_max: usize) -> Result<Cow<'_, [u8]>, FileError> {
        let bytes = self.0.get(name).ok_or(FileError::Missing)?;
        Ok(Cow::Borrowed(bytes))
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// Reads a file, or says at `place` why it cannot be had.
pub(crate) fn read<'a>(
    files: &'a dyn Files,
    name: &str,
    bytes_max: usize,
    place: Place,
) -> Result<Cow<'a, [u8]>, Problem> {
    match files.read(name, bytes_max) {
        Ok(bytes) if bytes.len() > bytes_max => {
            let message = format!("the file \"{name}\" is larger than {bytes_max} bytes");
            Err(Problem::error(Code::FileTooLarge, Place::file(name), message)
                .advice("split it, or remove sheets and columns that are not needed"))
        }
        Ok(bytes) => Ok(bytes),
        Err(FileError::Missing) => {
            let names = files.names();
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            let message = format!("there is no file \"{name}\"");
            Err(Problem::error(Code::FileMissing, place, message)
                .expected("the name of a file beside the campaign file")
                .word(near))
        }
        Err(FileError::Outside) => {
            let message = format!("\"{name}\" leads out of the campaign's folder");
            Err(Problem::error(Code::FileUnreadable, place, message)
                .expected("the name of a file beside the campaign file"))
        }
        Err(FileError::Unreadable(error)) => {
            let message = format!("the file \"{name}\" cannot be read: {error}");
            Err(Problem::error(Code::FileUnreadable, place, message)
                .advice("check that it is a file and that you may read it"))
        }
    }
}
