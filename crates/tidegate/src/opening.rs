//! Opening a data folder: keys and journal together; and what a wrong folder is told.
//!
//! Owns: the order: lock and journal first, then keys, so that two processes can never make
//! keys for one folder. Never: serves; makes a folder for anything but a node.

use crate::config::Config;
use crate::exit::Coded;
use anyhow::{Context as _, Result};
use identity::Keyring;
use journal::{Archive, Disk, JournalError, JournalId, OsDisk};
use node::{Opened, SystemClock};
use std::io;
use std::path::Path;
use std::sync::Arc;

const MASTER_KEY: &str = "TIDEGATE_MASTER_KEY";

/// A data folder that is ours.
pub(crate) struct Site {
    pub(crate) opened: Opened,
    pub(crate) keyring: Arc<Keyring>,
}

/// Opens a data folder, or makes it.
pub(crate) fn open(folder: &Path, config: &Config) -> Result<Site> {
    let disk = OsDisk::open_or_create(folder).map_err(|error| refused(folder, error))?;
    let mut journal = [0; 16];
    getrandom::fill(&mut journal).context("the system gives no random numbers")?;
    let archive = match &config.archive {
        None => None,
        Some(path) => {
            let disk = OsDisk::open_or_create(path).map_err(|error| refused(path, error))?;
            Some(Archive { disk: Arc::new(disk), folder: String::new() })
        }
    };
    let mut settings = node::Config::new(JournalId(journal));
    settings.segment_bytes = config.segment_megabytes << 20;
    settings.snapshot_every_bytes = config.snapshot_every_megabytes << 20;
    settings.archive = archive;
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let opened = node::open(disk, settings, Arc::new(SystemClock))?;
    let environment = std::env::var(MASTER_KEY).ok();
    let is_new = opened.recovery.tail.frame.0 == 0;
    let keyring = if is_new {
        Keyring::open_or_create(folder, environment.as_deref())?
    } else {
        Keyring::open(folder, environment.as_deref())?
    };
    Ok(Site { opened, keyring: Arc::new(keyring) })
}

/// A folder that must be there.
pub(crate) fn existing(folder: &Path) -> Result<OsDisk> {
    OsDisk::open(folder).map_err(|error| unread(folder, error))
}

/// A data folder, or an empty one that is to become one.
pub(crate) fn existing_or_empty(folder: &Path) -> Result<OsDisk> {
    let disk = existing(folder)?;
    match journal::read_format(&disk) {
        Err(JournalError::NotTidegate { .. }) => {}
        Err(error) => return Err(error.into()),
        Ok(_) => return Ok(disk),
    }
    let names = disk.list("").map_err(|error| unread(folder, error))?;
    match names.iter().find(|name| !journal::is_expected(name)) {
        None => Ok(disk),
        Some(foreign) => {
            let what = format!(
                "{} is not a data folder: it holds `{foreign}`, and no file FORMAT of Tidegate. \
                 Nothing was changed; give the folder that `tidegate serve --data` uses, or an \
                 empty one for a node to come",
                folder.display()
            );
            Err(Coded::error("data-not-tidegate", &what))
        }
    }
}

/// Why a folder or a file in it cannot be read, by what the system said. Nobody asked to write.
pub(crate) fn unread(path: &Path, error: io::Error) -> anyhow::Error {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return refused(path, error);
    }
    let what = format!(
        "this account may not read {} ({error}). Run the command as the user that the node runs \
         as, or on a copy; nothing was changed",
        path.display()
    );
    Coded::caused("access-denied", what, error).into()
}

/// Why a folder can be neither opened nor made, by what the system said.
pub(crate) fn refused(folder: &Path, error: io::Error) -> anyhow::Error {
    let folder = folder.display();
    let (code, what) = match error.kind() {
        io::ErrorKind::NotFound => {
            let what = format!(
                "the folder {folder} is not there ({error}). Check the path; nothing was made"
            );
            ("data-missing", what)
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            ("data-not-tidegate", format!("{folder} is no folder ({error}). Check the path"))
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            let what = format!(
                "the folder {folder} can be neither used nor made ({error}). Check its owner and \
                 mode, and that its file system is mounted for writing"
            );
            ("data-read-only", what)
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
            "journal-full",
            format!("there is no room for the folder {folder} ({error}). Make room"),
        ),
        _ => {
            let what = format!(
                "the folder {folder} cannot be opened ({error}). Look at the disk and the \
                 system's log"
            );
            ("journal-io", what)
        }
    };
    Coded::caused(code, what, error).into()
}
