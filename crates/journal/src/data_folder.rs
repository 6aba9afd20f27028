//! The data folder: its version, its lock, its creation.
//!
//! Owns: `FORMAT`, `LOCK` and the folders. Never: opens the journal's frames.
//! Invariants: `FORMAT` is there only when everything it stands for is; one process has the
//! folder at a time.
//! On failure: says which of in use, newer, read-only and foreign it is; nothing was changed,
//! or the creation goes on at the next start.

use crate::disk::{Access, Disk, DiskFile, is_read_only, read_full_at, write_all_at};
use crate::error::{JournalError, reading, writing};
use crate::file_log::FileLog;
use crate::log::JournalId;
use crate::recovery::enter;
use crate::scan::Step;
use crate::segment::{self, FOLDER, Places};
use crate::snapshots;
use std::io;
use std::sync::Arc;
use types::ids::FrameNo;

const FORMAT: &str = "FORMAT";
const FORMAT_PARTIAL: &str = "FORMAT.tmp";
const LOCK: &str = "LOCK";
const TITLE: &str = "tidegate data folder";
const VERSION: u32 = 1;
/// More than `FORMAT` and `LOCK` ever hold.
const SMALL_FILE_BYTES: usize = 256;
/// What an otherwise empty folder may hold: what an unfinished creation left, what the other
/// crates keep beside the journal, and what a file system puts there.
const EXPECTED_NAMES: [&str; 12] = [
    FORMAT_PARTIAL,
    LOCK,
    FOLDER,
    snapshots::FOLDER,
    "keys",
    "accounts.json",
    "accounts.json.new",
    "tokens.json",
    "tokens.json.new",
    "scratch",
    "tidegate.toml",
    "lost+found",
];

/// How a data folder is opened, and made when it is empty.
#[derive(Clone, Copy, Debug)]
pub struct FolderOptions {
    /// 16 random bytes: the id of the journal if one must be made.
    pub new_journal: JournalId,
    /// Bytes of the first segment if one must be made.
    pub segment_bytes: u64,
    /// This process's number, for whoever finds the folder in use.
    pub process: u32,
}

/// A data folder that is ours until this is dropped.
#[derive(Debug)]
pub struct DataFolder {
    disk: Arc<dyn Disk>,
    journal: JournalId,
    was_created: bool,
    /// Held, never used: dropping it lets the next process in.
    _lock: Arc<dyn DiskFile>,
}

impl DataFolder {
    /// Takes the folder, making everything in it when it is empty.
    ///
    /// # Errors
    /// `InUse`, `Newer`, `ReadOnly`, `NotTidegate`, `Full` or `Io`.
    pub fn open(disk: Arc<dyn Disk>, options: FolderOptions) -> Result<Self, JournalError> {
        let names = disk.list("").map_err(reading("the data folder"))?;
        let exists = names.iter().any(|name| name == FORMAT);
        if exists {
            // Before anything is written: a later release may keep even the lock elsewhere.
            read_format(&*disk)?;
        } else if let Some(foreign) = names.iter().find(|name| !is_expected(name)) {
            return Err(JournalError::NotTidegate { found: format!("`{foreign}`") });
        }
        let lock = take_lock(&*disk, options.process)?;
        // Who had the lock may have finished the creation meanwhile.
        let was_created = match read_format(&*disk) {
            Ok(_) => {
                // It was made, but perhaps not durably: the sync that ends a creation may have
                // failed, and without this name nothing here would be found again.
                disk.sync_folder("").map_err(writing("sync", "the data folder"))?;
                false
            }
            Err(JournalError::NotTidegate { .. }) if !exists => {
                create(&disk, &options)?;
                true
            }
            Err(error) => return Err(error),
        };
        let journal = read_format(&*disk)?;
        snapshots::remove_partial(&*disk)?;
        Ok(Self { disk, journal, was_created, _lock: lock })
    }

    /// The journal's id.
    #[must_use]
    pub const fn journal(&self) -> JournalId {
        self.journal
    }

    /// Whether the folder was empty and has just been made.
    #[must_use]
    pub const fn was_created(&self) -> bool {
        self.was_created
    }

    /// The disk below.
    #[must_use]
    pub const fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }
}

/// The id of the journal in a data folder, without taking the folder.
///
/// # Errors
/// `NotTidegate`, `Newer` or `Io`.
pub fn read_format(disk: &dyn Disk) -> Result<JournalId, JournalError> {
    let text = match disk.open(FORMAT, Access::Read) {
        Ok(file) => read_text(&*file).map_err(reading(FORMAT))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let names = disk.list("").map_err(reading("the data folder"))?;
            let telling = names.iter().find(|name| !is_expected(name)).or(names.first());
            let found = telling.map_or("nothing".to_owned(), |name| format!("`{name}`"));
            return Err(JournalError::NotTidegate { found });
        }
        Err(error) => return Err(reading(FORMAT)(error)),
    };
    let foreign = || JournalError::NotTidegate { found: "an unreadable FORMAT file".to_owned() };
    let mut lines = text.lines();
    if lines.next() != Some(TITLE) {
        return Err(foreign());
    }
    let version = lines.next().and_then(|line| line.strip_prefix("format "));
    let found: Option<u32> = version.and_then(|number| number.parse().ok());
    // As it is written: from 1, without a sign or zeros before it.
    let found = found
        .filter(|number| 0 < *number && version == Some(number.to_string().as_str()))
        .ok_or_else(foreign)?;
    if VERSION < found {
        return Err(JournalError::Newer { file: FORMAT.to_owned(), found, known: VERSION });
    }
    let journal = lines.next().and_then(|line| line.strip_prefix("journal "));
    journal.and_then(parse_id).filter(|_| lines.next().is_none()).ok_or_else(foreign)
}

/// Whether a folder that holds this may become a data folder, or be one that was never finished.
#[must_use]
pub fn is_expected(name: &str) -> bool {
    EXPECTED_NAMES.contains(&name)
}

fn parse_id(text: &str) -> Option<JournalId> {
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u128::from_str_radix(text, 16).ok()?;
    Some(JournalId(number.to_be_bytes()))
}

fn read_text(file: &dyn DiskFile) -> io::Result<String> {
    let mut bytes = [0; SMALL_FILE_BYTES];
    let filled = read_full_at(file, &mut bytes, 0)?;
    Ok(String::from_utf8_lossy(&bytes[..filled]).into_owned())
}

fn take_lock(disk: &dyn Disk, process: u32) -> Result<Arc<dyn DiskFile>, JournalError> {
    let opened = match disk.open(LOCK, Access::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match disk.create(LOCK) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                disk.open(LOCK, Access::Write)
            }
            other => other,
        },
        other => other,
    };
    let file = opened.map_err(|source| {
        let file = LOCK.to_owned();
        if is_read_only(&source) {
            JournalError::ReadOnly { file, source }
        } else {
            writing("open", LOCK)(source)
        }
    })?;
    if !file.try_lock().map_err(writing("lock", LOCK))? {
        // The number is a courtesy; that the folder is in use is certain without it.
        let pid = read_text(&*file).ok().and_then(|text| text.trim().parse().ok());
        return Err(JournalError::InUse { pid });
    }
    file.set_length(0).map_err(writing("write", LOCK))?;
    write_all_at(&*file, format!("{process}\n").as_bytes(), 0)
        .map_err(|failure| writing("write", LOCK)(failure.source))?;
    Ok(file)
}

/// Makes everything, `FORMAT` last.
fn create(disk: &Arc<dyn Disk>, options: &FolderOptions) -> Result<(), JournalError> {
    refuse_orphans(disk)?;
    disk.create_folder(snapshots::FOLDER).map_err(writing("make", snapshots::FOLDER))?;
    let places = Places { disk: Arc::clone(disk), archive: None };
    FileLog::create(places, options.new_journal, options.segment_bytes)?;
    match disk.remove(FORMAT_PARTIAL) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => other.map_err(writing("remove", FORMAT_PARTIAL))?,
    }
    let file = disk.create(FORMAT_PARTIAL).map_err(writing("create", FORMAT_PARTIAL))?;
    let text = format!("{TITLE}\nformat {VERSION}\njournal {}\n", options.new_journal);
    assert!(text.len() <= SMALL_FILE_BYTES);
    write_all_at(&*file, text.as_bytes(), 0)
        .map_err(|failure| writing("write", FORMAT_PARTIAL)(failure.source))?;
    file.sync_data().map_err(writing("sync", FORMAT_PARTIAL))?;
    // The folders' names must be durable before the name that vouches for them.
    disk.sync_folder("").map_err(writing("sync", "the data folder"))?;
    disk.rename(FORMAT_PARTIAL, FORMAT).map_err(writing("name", FORMAT))?;
    disk.sync_folder("").map_err(writing("sync", "the data folder"))
}

/// A folder without `FORMAT` may hold what an unfinished creation left: one empty segment.
/// Anything more is somebody's data whose `FORMAT` was lost.
fn refuse_orphans(disk: &Arc<dyn Disk>) -> Result<(), JournalError> {
    let refuse = |found: &str| Err(JournalError::NotTidegate { found: found.to_owned() });
    if !snapshots::list(&**disk)?.is_empty() {
        return refuse("snapshots");
    }
    let places = Places { disk: Arc::clone(disk), archive: None };
    match places.list()?.as_slice() {
        [] => return Ok(()),
        [FrameNo(1)] => {}
        _ => return refuse("journal segments"),
    }
    let segment = places.open(FrameNo(1))?;
    let path = segment::path(FOLDER, FrameNo(1));
    let mut scan = enter(&places, FrameNo(1), segment.header.journal, None)?;
    match scan.step()? {
        Step::End if scan.rest_is_zero()? => Ok(()),
        _ => refuse(&path),
    }
}
