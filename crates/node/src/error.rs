//! Why a node cannot start, or cannot take a request just now.
//!
//! Owns: the sentences and stable codes of both. Never: decides what to do about one.

use journal::JournalError;

/// Why a request has no outcome. Nothing of it was applied, unless the node failed; in either
/// case it may be sent again, under the same request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// As many requests wait as may wait.
    #[error("as many requests wait as may wait; send it again in a second")]
    QueueFull,
    /// The node reads its journal.
    #[error("the node is starting and reads its journal; send it again in a moment")]
    Replaying,
    /// The node is shutting down, and answers only what it accepted before.
    #[error("the node is shutting down; send it again in a moment")]
    Draining,
    /// The disk has no room for the journal.
    #[error("the disk is full; nothing is accepted until there is room")]
    JournalFull,
    /// The node has failed and is ending. Whether the request was applied is not known.
    #[error("the node has failed; ask again with the same request id")]
    Failed,
}

impl Unavailable {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::QueueFull => "overloaded",
            Self::Replaying => "starting",
            Self::Draining => "shutting-down",
            Self::JournalFull => "journal-full",
            Self::Failed => "failed",
        }
    }

    /// Seconds after which to try again.
    #[must_use]
    pub const fn retry_after_seconds(self) -> u32 {
        match self {
            Self::QueueFull => 1,
            Self::Replaying | Self::Draining | Self::Failed => 2,
            Self::JournalFull => 10,
        }
    }
}

/// Why a node cannot start or go on. Each code has a page in `docs/errors/`.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The journal or a snapshot cannot be opened, read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An append failed for good.
    #[error(transparent)]
    Append(#[from] journal::AppendError),
    /// A frame holds something that is not a command of this release.
    #[error("frame {frame} holds what is not a command of this release: {error}")]
    Command {
        /// Which frame.
        frame: u64,
        /// What is wrong with it.
        error: types::CommandError,
    },
    /// A snapshot's state has another hash than its header says.
    #[error(
        "the snapshot of frame {frame} holds another state than it says. Remove the file: an \
         older snapshot or the whole journal takes its place"
    )]
    SnapshotDiffers {
        /// The snapshot's frame.
        frame: u64,
    },
    /// A snapshot cannot be read as a ledger.
    #[error(
        "the snapshot of frame {frame} cannot be read: {why}. Remove the file: an older snapshot \
         or the whole journal takes its place"
    )]
    SnapshotUnsound {
        /// The snapshot's frame.
        frame: u64,
        /// What is wrong.
        why: String,
    },
    /// The system would not read a snapshot.
    #[error("the snapshot of frame {frame} is not used: {error}")]
    SnapshotUnread {
        /// The snapshot's frame.
        frame: u64,
        /// What the system said.
        error: JournalError,
    },
    /// A snapshot cannot be written.
    #[error("a snapshot cannot be written: {why}. Nothing is lost: the journal has everything")]
    SnapshotWrite {
        /// What the system said.
        why: String,
    },
    /// Replaying the journal gave another state than the live one.
    #[error(
        "at frame {frame} the journal replays to the state {replayed}, and the live state was \
         {live}. No snapshot was made. Stop the node, keep the data folder as it is, and report \
         this: one of the two is wrong"
    )]
    ReplayDiffers {
        /// The frame.
        frame: u64,
        /// The live ledger's hash.
        live: String,
        /// The replayed ledger's hash.
        replayed: String,
    },
    /// The machine's clock lies before the journal's last frame.
    #[error(
        "the machine's clock lies {behind_seconds} s before the journal's last frame. Set the \
         clock right, then start again; nothing that was acknowledged was changed"
    )]
    ClockBehind {
        /// How far behind.
        behind_seconds: u64,
    },
    /// An assert of the engine failed.
    #[error(
        "an assert of the engine failed, as printed above. The node stops rather than go on with \
         a state it cannot trust; keep the data folder as it is, and report this"
    )]
    Panicked,
    /// A thread cannot be started.
    #[error("a thread cannot be started: {0}")]
    Thread(std::io::Error),
}

impl NodeError {
    /// Whether only one snapshot is concerned, and an older one may serve.
    pub(crate) const fn is_about_one_snapshot(&self) -> bool {
        matches!(
            self,
            Self::SnapshotDiffers { .. }
                | Self::SnapshotUnsound { .. }
                | Self::SnapshotUnread { .. }
                | Self::Journal(JournalError::SnapshotDamaged { .. })
        )
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Journal(error) | Self::SnapshotUnread { error, .. } => error.code(),
            Self::Append(error) => error.code(),
            Self::Command { .. } => "journal-unreadable",
            Self::SnapshotDiffers { .. } | Self::SnapshotUnsound { .. } => "snapshot-damaged",
            Self::SnapshotWrite { .. } => "snapshot-not-written",
            Self::ReplayDiffers { .. } => "replay-differs",
            Self::ClockBehind { .. } => "clock-behind",
            Self::Panicked => "engine-assert",
            Self::Thread(_) => "no-thread",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unavailable;

    /// Clients and operators' scripts know them; `docs/errors/` has a page for each.
    #[test]
    fn codes_and_times_to_wait_are_stable() {
        let told = |why: Unavailable| (why.code(), why.retry_after_seconds());
        assert_eq!(told(Unavailable::QueueFull), ("overloaded", 1));
        assert_eq!(told(Unavailable::Replaying), ("starting", 2));
        assert_eq!(told(Unavailable::Draining), ("shutting-down", 2));
        assert_eq!(told(Unavailable::JournalFull), ("journal-full", 10));
        assert_eq!(told(Unavailable::Failed), ("failed", 2));
    }
}
