//! The log: one ordered, durable sequence of frames, whoever keeps it.
//!
//! Owns: the traits a provider implements and the values that pass through them. Never: looks
//! into a payload, reads a clock.
//! Invariants: frame n carries the hash of frame n-1; time never goes back; what a reader sees
//! is durable.
//! On failure: `AppendError::Full` leaves the log as it was; `AppendError::Poisoned` is for
//! ever, and the process must exit.

use crate::error::JournalError;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;
use types::ids::{FrameNo, Millis};

/// SHA-256 over a frame and, through the previous frame's hash in it, all frames before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameHash(pub [u8; 32]);

impl FrameHash {
    /// What frame 1 carries for its predecessor: it ties the chain to one journal.
    #[must_use]
    pub fn genesis(journal: JournalId) -> Self {
        let hash = Sha256::new().chain_update(b"tidegate journal genesis").chain_update(journal.0);
        Self(hash.finalize().into())
    }
}

/// A journal's name: 16 random bytes drawn when it was made, so that files of two journals can
/// never be taken for one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub [u8; 16]);

macro_rules! hexadecimal {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}
hexadecimal!(FrameHash);
hexadecimal!(JournalId);

/// The last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Its number; 0 when there is none yet.
    pub frame: FrameNo,
    /// Its time; 0 when there is none yet.
    pub at: Millis,
    /// Its hash; the genesis hash when there is none yet.
    pub hash: FrameHash,
}

/// Why a frame was not appended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    /// There is no room. Nothing of the frame counts; try again when there is room.
    #[error(
        "the disk or quota is full: {file} could not be written ({reason}). Nothing was \
         recorded. Make room; recording goes on by itself"
    )]
    Full {
        /// What was to be written.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// Whether the frame counts is not known, and the log takes no more. The process must exit;
    /// the next start finds out.
    #[error(
        "the journal can no longer be trusted to be durable: {reason}. Tidegate stops; look at \
         the disk, then start it again: nothing that was acknowledged depends on this write"
    )]
    Poisoned {
        /// The first failure, which all later calls repeat.
        reason: Arc<str>,
    },
}

impl AppendError {
    /// The stable code, with a page in `docs/errors/`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "journal-full",
            Self::Poisoned { .. } => "journal-poisoned",
        }
    }
}

/// One ordered, durable sequence of frames with one writer.
pub trait Log: Send {
    /// The last durable frame.
    fn tail(&self) -> Tail;

    /// Makes sure that the next append of up to `payload_bytes` will not lack room. Calling it
    /// again changes nothing.
    ///
    /// # Errors
    /// `Full` when there is no room; `Poisoned` when the log is past use.
    ///
    /// # Panics
    /// When `payload_bytes` is above `limits::FRAME_PAYLOAD_BYTES_MAX`.
    fn reserve(&mut self, payload_bytes: usize) -> Result<(), AppendError>;

    /// Appends a frame; on `Ok` it is durable.
    ///
    /// # Errors
    /// `Full` when there is no room and nothing of the frame counts; `Poisoned` when writing
    /// or syncing failed, now or ever before.
    ///
    /// # Panics
    /// When `at` lies before the tail's time, or the payload is above
    /// `limits::FRAME_PAYLOAD_BYTES_MAX`.
    fn append(
        &mut self,
        at: Millis,
        command_count: u32,
        payload: &[u8],
    ) -> Result<FrameNo, AppendError>;

    /// A handle for readers on any thread, which sees what is durable now.
    fn read_handle(&self) -> Box<dyn ReadLog>;
}

/// Reads what was durable when the handle was made or last refreshed.
pub trait ReadLog: Send + Sync {
    /// The last frame this handle sees.
    fn through(&self) -> Tail;

    /// Sees from now on everything that is durable now.
    fn refresh(&mut self);

    /// Another handle that sees the same.
    fn duplicate(&self) -> Box<dyn ReadLog>;

    /// The frames from `first` to `through`, in order, each checked against its hash and its
    /// predecessor. `first` may be one past the last: then there are none.
    ///
    /// # Errors
    /// When the frames are not kept any more, or cannot be read.
    ///
    /// # Panics
    /// When `first` is 0 or beyond `through` by more than one.
    fn read_from(&self, first: FrameNo) -> Result<Box<dyn FrameStream>, JournalError>;

    /// Fills `buffer` from a frame's payload, beginning at `offset` bytes into it.
    ///
    /// The frame's hash is not computed again, because a slice may be a hundredth of its
    /// payload: whoever asks must be able to tell that the bytes are authentic, as the opener
    /// of a sealed (AEAD) field can.
    ///
    /// # Errors
    /// When the frame is not kept any more, its header is damaged, the slice does not lie
    /// within its payload, or it cannot be read.
    ///
    /// # Panics
    /// When `frame` is 0 or beyond `through`.
    fn read_slice(
        &self,
        frame: FrameNo,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), JournalError>;
}

/// Frames in order.
pub trait FrameStream: Send {
    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// When a frame is damaged or cannot be read. There is no going on after an error.
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, JournalError>;
}

/// One frame as it was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its number.
    pub no: FrameNo,
    /// Its time; never before the previous frame's.
    pub at: Millis,
    /// How many commands its payload holds, as the writer said.
    pub command_count: u32,
    /// The last frame that was durable when this one was written.
    pub durable_through: FrameNo,
    /// The previous frame's hash.
    pub previous: FrameHash,
    /// Its hash.
    pub hash: FrameHash,
    /// Its payload, opaque to the journal.
    pub payload: &'a [u8],
}
