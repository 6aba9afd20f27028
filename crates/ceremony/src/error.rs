//! What can stop a step of a draw.

use draw::note::NoteProblem;
use std::io;
use std::path::{Path, PathBuf};

/// Why a step was not done. What was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// The disk, or the permission to use it.
    #[error("{} could not be {what}: {source}", path.display())]
    Disk {
        /// What was to be done.
        what: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds what it must not.
    #[error("{}, line {line}: {what}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A file is not what it should be as a whole.
    #[error("{}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file is there already and says something else.
    #[error(
        "{} is there already and differs from what this would write; nothing was changed",
        .0.display()
    )]
    Differs(PathBuf),
    /// A step is missing before this one, or this one comes too late.
    #[error("{0}")]
    Order(String),
    /// Secrets, balls or beacon that the seal does not allow.
    #[error("{0}")]
    Seed(String),
    /// A seal that was in time when it was begun, and is not any more.
    #[error("{0}")]
    TooLate(String),
    /// A key that is not the draw's operator's.
    #[error("{0}")]
    Key(String),
    /// Another step works in the folder.
    #[error(
        "{}: another step of the draw works in this folder: wait until it has ended",
        .0.display()
    )]
    Busy(PathBuf),
}

impl CeremonyError {
    /// The stable code, with a page in `docs/errors`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "draw-disk",
            Self::Input { .. } | Self::Wrong { .. } => "draw-file-wrong",
            Self::Differs(_) => "draw-differs",
            Self::Order(_) => "draw-out-of-order",
            Self::Seed(_) | Self::TooLate(_) => "draw-seed-refused",
            Self::Key(_) => "draw-key-wrong",
            Self::Busy(_) => "draw-busy",
        }
    }

    pub(crate) fn disk(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk { what, path: path.to_owned(), source }
    }

    /// A note that is none, or that is not signed.
    #[must_use]
    pub fn note(path: &Path, problem: &NoteProblem) -> Self {
        let what = problem.to_string();
        match problem.line() {
            Some(line) => Self::Input { path: path.to_owned(), line: line as u64, what },
            None => Self::Wrong { path: path.to_owned(), what },
        }
    }

    pub(crate) fn wrong(path: &Path, what: impl ToString) -> Self {
        Self::Wrong { path: path.to_owned(), what: what.to_string() }
    }
}
