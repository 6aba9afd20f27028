//! Small secret files: written whole or not at all, for their owner only.

use super::KeyError;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const OWNER_FILE: u32 = 0o600;
const OWNER_FOLDER: u32 = 0o700;
const PERMISSIONS: u32 = 0o7777;
const OTHERS: u32 = 0o077;

/// Names what failed and where.
pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { what, path, source }
}

/// Makes the keys' folder for its owner only, and syncs the data folder, which must be there.
pub(super) fn create_folder(data_folder: &Path, folder: &Path) -> Result<(), KeyError> {
    match DirBuilder::new().mode(OWNER_FOLDER).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed("create the folder", folder)(error)),
        Ok(()) => sync_folder(data_folder),
    }
}

/// A file's bytes; none when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, KeyError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Refuses a file that others than its owner can reach. It is judged after it was read, and a
/// link by where it leads.
pub(super) fn refuse_exposed(path: &Path) -> Result<(), KeyError> {
    let metadata = fs::metadata(path).map_err(failed("read the mode of", path))?;
    let mode = metadata.permissions().mode() & PERMISSIONS;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(KeyError::FileExposed { path: path.to_owned(), mode })
}

/// Puts a file in its place: written beside it, synced, renamed, the folder synced. Whenever
/// that is cut short, the old file or the new one is there, whole.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), KeyError> {
    let path = folder.join(name);
    let beside = folder.join(format!("{name}.new"));
    // What an earlier attempt left could have another mode; it is nobody's any more.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("remove", &beside)(error));
        }
        _ => (),
    }
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(OWNER_FILE).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(failed("write", &beside))?;
    fs::rename(&beside, &path).map_err(failed("replace", &path))?;
    sync_folder(folder)
}

/// Opens a file for [`scrub`], before another takes its place.
pub(super) fn open_for_scrubbing(path: &Path) -> Result<File, KeyError> {
    OpenOptions::new().write(true).open(path).map_err(failed("open", path))
}

/// Overwrites a file that has lost its name, so that its blocks do not keep what was destroyed.
/// A file that has another name is somebody's backup and left alone. Where the file system or
/// the disk writes elsewhere than it reads this helps nothing; then only the master key protects.
pub(super) fn scrub(mut file: File, path: &Path) -> Result<(), KeyError> {
    let mut overwrite = || {
        let metadata = file.metadata()?;
        if 0 < metadata.nlink() {
            return Ok(());
        }
        file.rewind()?;
        io::copy(&mut io::Read::take(io::repeat(0), metadata.len()), &mut file)?;
        file.sync_all()
    };
    overwrite().map_err(failed("overwrite the former", path))
}

fn sync_folder(folder: &Path) -> Result<(), KeyError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync", folder))
}
