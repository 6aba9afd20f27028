//! Segments made ahead: written full of zeros and synced before they are needed.
//!
//! Owns: the one file under preparation. Never: starts a thread or waits; whoever has time
//! calls it.
//! Invariants: a prepared file is durable and zero to its end before it is taken.
//! On failure: lack of room leaves what there is, and the next call goes on from there; any
//! other failure poisons the log.

use crate::disk::{DiskFile, write_zeros};
use crate::file_log::{Harm, Shared};
use crate::log::AppendError;
use crate::segment::{PREPARED, SEGMENT_HEADER_BYTES};
use std::sync::Arc;

/// Zeros written and synced in one step: about a millisecond, so that an append's own sync is
/// not kept waiting behind a whole segment.
const STEP_BYTES: u64 = 1 << 20;

/// Prepares the next segment, so that a roll need not wait for zeros to reach the disk.
#[derive(Clone, Debug)]
pub struct Preparer {
    shared: Arc<Shared>,
}

/// How far the next segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// There is more to do.
    More,
    /// It is ready; there is nothing to do until the next roll.
    Ready,
}

impl Preparer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Does at most 1 MiB of the work. Cheap when there is nothing to do.
    ///
    /// # Errors
    /// `Full` when there is no room: what is there stays, and a later call goes on. `Poisoned`
    /// when writing or syncing failed.
    pub fn step(&self) -> Result<Prepared, AppendError> {
        self.shared.check()?;
        let ready = self.shared.preparation().advance(&self.shared, 0)?;
        Ok(if ready { Prepared::Ready } else { Prepared::More })
    }

    /// Does all of the work.
    ///
    /// # Errors
    /// As `step`.
    pub fn prepare(&self) -> Result<(), AppendError> {
        while self.step()? == Prepared::More {}
        Ok(())
    }
}

/// The file under preparation.
#[derive(Debug, Default)]
pub(crate) struct Preparation {
    file: Option<Arc<dyn DiskFile>>,
    /// How much of it is zeros and durable, in bytes.
    durable_bytes: u64,
    /// A write failed half-way, so it may be longer than that.
    is_ragged: bool,
}

impl Preparation {
    /// Brings the file a step nearer to a new segment's bytes, or to `needed_bytes` where that
    /// is more; tells whether it is there.
    pub(crate) fn advance(
        &mut self,
        shared: &Shared,
        needed_bytes: u64,
    ) -> Result<bool, AppendError> {
        let least = SEGMENT_HEADER_BYTES as u64;
        let target = shared.segment_bytes.max(needed_bytes).max(least);
        let target = target.next_multiple_of(least);
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => {
                let file = shared
                    .places
                    .disk
                    .create(PREPARED)
                    .map_err(|error| shared.fail(Harm::None, "create", PREPARED, &error))?;
                self.file = Some(Arc::clone(&file));
                file
            }
        };
        if self.is_ragged {
            // The frame that wanted more room may have gone elsewhere: what is enough now would be
            // taken at a length that is not the file's.
            file.set_length(self.durable_bytes)
                .map_err(|error| shared.fail(Harm::None, "cut", PREPARED, &error))?;
            self.is_ragged = false;
        }
        if self.durable_bytes < target {
            let to = target.min(self.durable_bytes + STEP_BYTES);
            self.is_ragged = true;
            write_zeros(&*file, self.durable_bytes, to)
                .map_err(|failure| shared.fail(Harm::None, "write", PREPARED, &failure.source))?;
            self.is_ragged = false;
            file.sync_data()
                .map_err(|error| shared.fail(Harm::Unknown, "sync", PREPARED, &error))?;
            self.durable_bytes = to;
        }
        Ok(target <= self.durable_bytes)
    }

    /// The file and its bytes.
    pub(crate) fn ready(&self) -> Option<(Arc<dyn DiskFile>, u64)> {
        self.file.as_ref().map(|file| (Arc::clone(file), self.durable_bytes))
    }

    /// The file has become a segment.
    pub(crate) fn taken(&mut self) {
        assert!(self.file.is_some(), "only what was prepared can be taken");
        *self = Self::default();
    }
}
