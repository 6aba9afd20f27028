//! What the sequencer does besides taking requests.
//!
//! Owns: the mark that declares the last frame durable, room that came back, the hash in the log,
//! and when a snapshot is asked for. Never: takes a request, or waits for anything but the disk.
//! Invariants: a mark changes nothing but the frame's number and time; at most one snapshot is
//! asked for at a time.
//! On failure: a full disk leaves the mark for later; any other failed append ends the process.

use super::Sequencer;
use crate::error::NodeError;
use crate::metrics::Stated;
use crate::snapshots::Moment;
use crate::status::State;
use journal::{AppendError, Log};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::Duration;
use types::limits;

/// After so long without requests, an empty frame declares the last one durable, so that damage
/// to it can be told from a torn write.
const IDLE_MARK: Duration = Duration::from_millis(500);
/// How often the hash of the state is written to the log of the program.
const HASH_INTERVAL: Duration = Duration::from_secs(30);

impl<L: Log> Sequencer<L> {
    /// What is due now and then, whether requests come or not.
    pub(super) fn look_after(&mut self, now: Duration) -> Result<(), NodeError> {
        if self.shared.state() == State::Full {
            match self.log.reserve(limits::FRAME_BYTES_TARGET) {
                Ok(()) => self.shared.leave_full(),
                Err(AppendError::Full { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.clock_watch.look(self.ledger.time().since(self.clock.now()));
        if IDLE_MARK <= now.saturating_sub(self.idle_since) {
            self.mark()?;
        }
        if HASH_INTERVAL <= now.saturating_sub(self.hash_logged) {
            self.log_hash();
        }
        Ok(())
    }

    /// Declares the last frame durable by an empty one.
    pub(super) fn mark(&mut self) -> Result<(), NodeError> {
        if !self.unmarked {
            return Ok(());
        }
        let at = self.now();
        let appended = self.log.reserve(0).and_then(|()| self.log.append(at, 0, &[]));
        match appended {
            Ok(frame) => {
                let applied = self.ledger.apply_frame(frame, at, &[], &mut self.outcomes);
                applied.map_err(|error| NodeError::Command { frame: frame.0, error })?;
                self.unmarked = false;
                self.note_frame(0);
                Ok(())
            }
            Err(AppendError::Full { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn log_hash(&mut self) {
        let (tail, frame) = (self.log.tail(), self.ledger.frame());
        assert!(tail.frame == frame, "what is durable is applied between two turns");
        let (chain, ledger) = (tail.hash, self.ledger.hash());
        self.shared.metrics.state(Stated { frame, chain, ledger });
        tracing::info!(frame = frame.0, hash = %ledger, %chain, "state");
        self.hash_logged = self.clock.steady();
    }

    /// Takes note of the frame just applied; when enough has come since the last snapshot, asks
    /// for one of this moment. If one is being made, the next moment will do.
    pub(super) fn note_frame(&mut self, payload_bytes: usize) {
        self.shared.frame.store(self.ledger.frame().0, Relaxed);
        self.shared.time.store(self.ledger.time().0, Relaxed);
        self.since_snapshot_bytes += payload_bytes as u64;
        let is_due = &self.shared.snapshot_due;
        if self.since_snapshot_bytes < self.snapshot_every_bytes || is_due.load(Acquire) {
            return;
        }
        let moment = Moment { hash: self.ledger.hash(), reader: self.log.read_handle() };
        self.since_snapshot_bytes = 0;
        is_due.store(true, Release);
        if self.moments.try_send(moment).is_err() {
            is_due.store(false, Release);
            self.shared.metrics.snapshots_failed.fetch_add(1, Relaxed);
            tracing::error!(
                code = "snapshot-not-written",
                "the maker of snapshots has ended; the next start replays more of the journal"
            );
        }
    }
}
