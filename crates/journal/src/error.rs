//! What can go wrong, and the flaws a damaged file can have.
//!
//! Owns: the error type of the crate, its stable codes, and the sentences operators read.
//! Never: decides what to do about one.

use crate::log::AppendError;
use std::io;
use thiserror::Error;
use types::ids::FrameNo;

/// Why the journal, a snapshot or the data folder cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Another process holds the lock.
    #[error(
        "another tidegate process{} is using this data folder. Stop it first, or give this one \
         a folder of its own",
        process(*.pid)
    )]
    InUse {
        /// The process that wrote its number into the lock file, where it can be read.
        pid: Option<u32>,
    },
    /// A later release wrote this.
    #[error(
        "{file} has format {found}, and this release knows formats up to {known}. Start the \
         release that wrote it, or a later one; nothing was changed"
    )]
    Newer {
        /// The file.
        file: String,
        /// The version in it.
        found: u32,
        /// The newest version this release reads.
        known: u32,
    },
    /// Nothing can be written.
    #[error(
        "{file} cannot be written ({source}). Check the owner and mode of the data folder and \
         that its file system is mounted for writing"
    )]
    ReadOnly {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds something else.
    #[error(
        "the folder is not a Tidegate data folder: it holds {found} and no valid FORMAT file. \
         Name the folder that holds FORMAT, perhaps one within this, or an empty one; or put the \
         FORMAT file back from a copy"
    )]
    NotTidegate {
        /// The first thing found that does not belong there.
        found: String,
    },
    /// A part of the journal that was durable is not what was written.
    #[error(
        "{file} is damaged at byte {offset}, frame {frame}: {why}. Nothing was changed and \
         nothing is served from it. Run `tidegate journal verify` to see all of the damage, \
         then restore the file from a copy"
    )]
    Damaged {
        /// The file.
        file: String,
        /// Where in the file, in bytes.
        offset: u64,
        /// The frame that should be there.
        frame: FrameNo,
        /// What is wrong.
        why: Flaw,
    },
    /// Frames that are needed lie in no segment.
    #[error(
        "frame {frame} is needed, and no segment in the journal or its archive holds it. Put \
         the missing segment files back, then start again"
    )]
    Incomplete {
        /// The first frame that is missing.
        frame: FrameNo,
    },
    /// The archive belongs to another journal.
    #[error(
        "the archive holds {file}, which is of another journal. Name the folder to which this \
         journal's segments were moved; nothing was changed"
    )]
    ArchiveForeign {
        /// A segment of the other journal.
        file: String,
    },
    /// The archive holds what no archive of this journal can.
    #[error(
        "the archive holds {file}, and segments move there only when the journal has gone on in \
         a later one: the archive is the journal's own folder, or the journal is an older copy \
         than its archive. Name another folder, or restore both from the same copy; nothing was \
         changed"
    )]
    ArchiveMismatch {
        /// The archive's last segment.
        file: String,
    },
    /// The journal ends before a snapshot of it.
    #[error(
        "the journal ends at frame {last}, and a snapshot tells its state at frame {snapshot}: the \
         frames between, which were acknowledged, are missing. Put back the segments that hold \
         them, or restore the whole folder from one copy; keep the snapshot, which alone tells of \
         the loss. Nothing was changed"
    )]
    EndsBefore {
        /// The snapshot's frame.
        snapshot: FrameNo,
        /// The last frame there is.
        last: FrameNo,
    },
    /// The journal has another frame than the one a snapshot was made at.
    #[error(
        "the journal and the snapshot at frame {frame} do not belong together: the journal's frame \
         of that number has another hash. Restore both from the same copy; remove the snapshot only \
         if the journal is known to be the right one and whole"
    )]
    Mismatch {
        /// The snapshot's frame.
        frame: FrameNo,
    },
    /// A snapshot is not what was written.
    #[error(
        "{file} is damaged at byte {offset}: {why}. Remove it: an older snapshot or the whole \
         journal takes its place"
    )]
    SnapshotDamaged {
        /// The file.
        file: String,
        /// Where in the file, in bytes.
        offset: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// There is no room.
    #[error("the disk or quota is full: {file} could not be written ({source}). Make room")]
    Full {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no room for the first segment of a new journal.
    #[error(
        "the disk or quota is full: {file} could not be written ({reason}), so the new data \
         folder is not finished and nothing is recorded in it. It begins with {} for the first \
         segment, and soon takes as much again for the next. Make room, or set a smaller \
         segment_megabytes, then start again",
        size(*segment_bytes)
    )]
    NoRoomToBegin {
        /// What was to be written.
        file: String,
        /// What the system said.
        reason: String,
        /// Bytes of the segment.
        segment_bytes: u64,
    },
    /// Appending failed.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// This account may not read it.
    #[error(
        "this account may not read {file} ({source}). Run the command as the user that the node \
         runs as, or let this account read the data folder and its archive; nothing was changed"
    )]
    Denied {
        /// The file or folder.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something else.
    #[error("could not {action} {file}: {source}. Look at the disk and the system's log")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        file: String,
        /// What the system said.
        source: io::Error,
    },
}

/// In MiB where that says it, and in bytes below.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{bytes} bytes"),
        mebibytes => format!("{mebibytes} MiB"),
    }
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

impl JournalError {
    /// The stable code, with a page in `docs/errors/`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "data-in-use",
            Self::Newer { .. } => "data-newer",
            Self::ReadOnly { .. } => "data-read-only",
            Self::NotTidegate { .. } => "data-not-tidegate",
            Self::Damaged { .. } => "journal-damaged",
            Self::Incomplete { .. } | Self::EndsBefore { .. } => "journal-incomplete",
            Self::ArchiveForeign { .. } | Self::ArchiveMismatch { .. } => "archive-mismatch",
            Self::Mismatch { .. } => "snapshot-mismatch",
            Self::SnapshotDamaged { .. } => "snapshot-damaged",
            Self::Full { .. } | Self::NoRoomToBegin { .. } => "journal-full",
            Self::Append(error) => error.code(),
            Self::Denied { .. } => "access-denied",
            Self::Io { .. } => "journal-io",
        }
    }

    /// What is wrong and where, for a list of everything that is: without advice.
    #[must_use]
    pub fn finding(&self) -> String {
        match self {
            Self::Damaged { file, offset, frame, why } => {
                format!("{file} is damaged at byte {offset}, frame {frame}: {why}")
            }
            Self::Incomplete { frame } => {
                format!("frame {frame} is needed, and no segment holds it")
            }
            other => other.to_string(),
        }
    }
}

/// What is wrong with a frame, a segment, or what lies around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// No frame begins here though one must.
    #[error("no frame begins here")]
    NoFrame,
    /// The header does not match its own check.
    #[error("the frame's header does not match its check")]
    HeaderCheck,
    /// The version is not known though the header is whole.
    #[error("the frame has version {0}, which this release does not know")]
    Version(u16),
    /// The length is above the limit or reaches beyond the segment.
    #[error("the frame claims {0} bytes of payload, which cannot be")]
    Length(u32),
    /// Another frame is here.
    #[error("frame {0} is here instead")]
    Number(FrameNo),
    /// The frame continues another history.
    #[error("it carries another hash of the frame before it: the history was changed or forked")]
    Link,
    /// The durable mark moved back or ran ahead.
    #[error("it calls frame {0} durable, which cannot be")]
    DurableMark(FrameNo),
    /// Time went back.
    #[error("its time lies before the time of the frame before it")]
    Time,
    /// The content does not match the hash.
    #[error("its content does not match its hash")]
    Hash,
    /// Something other than zeros where the format has zeros, under a right hash.
    #[error("it is filled up with something other than zeros")]
    Fill,
    /// The content does not match the hash, and a later frame proves it was durable.
    #[error("it does not read back as written, though frame {0} after it proves it was durable")]
    DurableLater(FrameNo),
    /// Bytes that belong to no frame.
    #[error("bytes that belong to no frame follow the last frame")]
    Residue,
    /// The segment's header is not valid.
    #[error("the segment's header does not match its checksum")]
    SegmentHeader,
    /// A folder, or something else that holds no bytes, has a segment's name.
    #[error("it is no file")]
    NoFile,
    /// The segment belongs to another journal.
    #[error("the segment belongs to another journal")]
    Journal,
    /// The segment's name and header disagree.
    #[error("the segment's header names frame {0} as its first")]
    SegmentName(FrameNo),
    /// The segment is shorter or longer than it was made.
    #[error("the segment has {found} bytes and was made with {made}")]
    SegmentLength {
        /// Bytes the file has.
        found: u64,
        /// Bytes it was made with.
        made: u64,
    },
    /// The slice asked for does not lie in the frame.
    #[error("the bytes asked for do not lie within the frame's payload")]
    Slice,
}

/// Turns an error of reading into the crate's.
pub(crate) fn reading(file: &str) -> impl Fn(io::Error) -> JournalError {
    let file = file.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::PermissionDenied => JournalError::Denied { file: file.clone(), source },
        _ => JournalError::Io { action: "read", file: file.clone(), source },
    }
}

/// Turns an error of writing, creating, renaming or removing into the crate's.
pub(crate) fn writing(action: &'static str, file: &str) -> impl Fn(io::Error) -> JournalError {
    let file = file.to_owned();
    move |source| {
        let file = file.clone();
        if crate::disk::is_full(&source) {
            JournalError::Full { file, source }
        } else if crate::disk::is_read_only(&source) {
            JournalError::ReadOnly { file, source }
        } else {
            JournalError::Io { action, file, source }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In a list of everything that is wrong, advice would stand there again and again.
    #[test]
    fn a_finding_says_what_and_where_without_advice() {
        let (file, frame) = ("journal/a.seg".to_owned(), FrameNo(7));
        let damaged = JournalError::Damaged { file, offset: 4_096, frame, why: Flaw::Hash };
        let found = "journal/a.seg is damaged at byte 4096, frame 7: ";
        assert_eq!(damaged.finding(), format!("{found}{}", Flaw::Hash));
        let missing = JournalError::Incomplete { frame };
        assert_eq!(missing.finding(), "frame 7 is needed, and no segment holds it");
        let other = JournalError::Mismatch { frame };
        assert_eq!(other.finding(), other.to_string());
    }
}
