//! What can be wrong with the keys, each with a code and a page in `docs/errors/`.

use std::io;
use std::path::PathBuf;

/// Why the keys cannot be used. Names files, never keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A ring is there, and neither file nor environment gives its master key.
    #[error(
        "the master key {path} is missing, and without it the keys of this data folder cannot be \
         used; put the file back, or give the key in TIDEGATE_MASTER_KEY"
    )]
    FileMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Others than the owner may read or change the master key or the ring.
    #[error(
        "the key file {path} has mode {mode:04o}, so others than its owner can reach it; run \
         chmod 600 on it and see who could have read it"
    )]
    FileExposed {
        /// The master key or the ring.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// What stands there is not 64 hexadecimal digits.
    #[error("the master key from {origin} is not 64 hexadecimal digits; put the right key there")]
    Malformed {
        /// The file, or the environment variable.
        origin: String,
    },
    /// The ring was made under another master key.
    #[error(
        "the master key is not the one under which {path} was made; give the key that belongs to \
         this data folder"
    )]
    Wrong {
        /// The ring.
        path: PathBuf,
    },
    /// The journal is there and the ring is not.
    #[error("the key ring {path} is missing; restore it from a backup of this data folder")]
    RingMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The ring is not as it was written.
    #[error("the key ring {path} is damaged ({why}); restore it from a backup")]
    RingDamaged {
        /// The ring.
        path: PathBuf,
        /// The part that is not as it must be.
        why: &'static str,
    },
    /// A newer release wrote the ring.
    #[error(
        "the key ring {path} is of version {version}, and this release knows version {known}; \
         use the newer release"
    )]
    RingNewer {
        /// The ring.
        path: PathBuf,
        /// Its version.
        version: u64,
        /// The newest version this release reads.
        known: u64,
    },
    /// The campaign was shredded.
    #[error(
        "the keys of campaign {campaign} were destroyed, and no campaign of this code gets new \
         ones; give the new campaign another code"
    )]
    Destroyed {
        /// The campaign's code.
        campaign: String,
    },
    /// The operating system refused.
    #[error("cannot {what} {path}: {source}; see that the data folder is writable and has room")]
    Io {
        /// What was being done.
        what: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl KeyError {
    /// The stable code, the name of the page in `docs/errors/`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FileMissing { .. } => "key-file-missing",
            Self::FileExposed { .. } => "key-file-exposed",
            Self::Malformed { .. } => "key-malformed",
            Self::Wrong { .. } => "key-wrong",
            Self::RingMissing { .. } => "key-ring-missing",
            Self::RingDamaged { .. } => "key-ring-damaged",
            Self::RingNewer { .. } => "key-ring-newer",
            Self::Destroyed { .. } => "key-destroyed",
            Self::Io { .. } => "key-file-io",
        }
    }
}
