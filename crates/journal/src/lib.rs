//! The journal: the durable, ordered record of frames, and snapshots of what they led to.
//!
//! Owns: the `Log` trait, its file provider, recovery, verification, the snapshot container,
//! the data folder. Never: decodes a command, reads a clock, draws a random number, starts a
//! thread, or touches a file but through [`Disk`].
//! Invariants: frame n carries the hash of frame n-1; the durable mark never moves back; what
//! was durable is never cut and, once damaged, never served.
//! On failure: an error names file, offset and frame; a failed sync poisons the log for ever.

mod archive;
pub mod conformance;
mod data_folder;
mod disk;
mod error;
mod file_log;
mod frame;
mod log;
mod os_disk;
mod preparer;
mod read;
mod recovery;
mod scan;
mod segment;
pub mod snapshots;
mod verify;
mod window;

pub use archive::Archiver;
pub use data_folder::{DataFolder, FolderOptions, is_expected, read_format};
pub use disk::{Access, Disk, DiskFile};
pub use error::{Flaw, JournalError};
pub use file_log::{FileLog, LogOptions};
pub use log::{AppendError, Frame, FrameHash, FrameStream, JournalId, Log, ReadLog, Tail};
pub use os_disk::OsDisk;
pub use preparer::{Prepared, Preparer};
pub use read::{FileFrames, ReadHandle};
pub use recovery::{CheckFrom, Recovery, Torn};
pub use segment::Archive;
pub use verify::{Inspection, Progress, Report, inspect, verify};
