//! What can end an export before its file is complete.

use std::path::PathBuf;
use types::EntryNo;

/// Why an export ended early. Nothing that was written is of use.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// Whoever reads the file went away, or the disk of the working files failed.
    #[error("the file could not be written to its end: {0}")]
    Write(#[from] std::io::Error),
    /// A worksheet could not be made.
    #[error("the worksheet could not be written: {0}")]
    Sheet(#[from] rust_xlsxwriter::XlsxError),
    /// The archive could not be made.
    #[error("the archive could not be written: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The worksheets would not fit beside what is on the disk.
    #[error(
        "the worksheets of this export need about {} of room in {} while they are put together, \
         and its file system has {} free. Make room there, or take CSV, which needs none",
        mebibytes(*needed_bytes), scratch.display(), mebibytes(*free_bytes)
    )]
    NoRoom {
        /// The folder of the working files.
        scratch: PathBuf,
        /// What they are reckoned to take.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// A booking's people cannot be opened; an export never leaves someone out silently.
    #[error("the fields of entry {entry} cannot be opened: {why}")]
    Unreadable {
        /// Whose.
        entry: EntryNo,
        /// What stood in the way; nothing personal.
        why: String,
    },
}

impl HandoverError {
    /// The stable code, with a page in `docs/errors`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Write(_) | Self::Sheet(_) | Self::Archive(_) => "export-cut",
            Self::NoRoom { .. } => "export-no-room",
            Self::Unreadable { .. } => "export-unreadable",
        }
    }
}

impl From<csv::Error> for HandoverError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Write(error),
            kind => Self::Write(std::io::Error::other(format!("{kind:?}"))),
        }
    }
}

/// Whole MiB, rounded up: `1 MiB` for a byte.
fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}
