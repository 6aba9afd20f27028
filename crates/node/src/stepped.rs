//! A node without threads: whoever drives it says what happens next, and the same steps in the
//! same order do the same.
//!
//! Owns: the parts that a node otherwise runs on threads of their own. Never: decides which of
//! them goes next.
//! Invariants: dropping all of it is a crash; the folder is ours until then.
//! On failure: the step that failed says why, as the thread would; the node then takes nothing
//! more.

use crate::error::NodeError;
use crate::handle::Node;
use crate::pending::Replies;
use crate::replay::Reading;
use crate::sequencer::{Flow, Sequencer};
use crate::snapshots::{Maker, Moment};
use crate::start::{Opened, Parts};
use crate::status::State;
use journal::{DataFolder, FileLog, Preparer};
use ledger::Ledger;
use std::sync::mpsc::Receiver;
use types::FrameNo;

/// A node in parts. Each has its own steps, so that one may go on amid a step of another, as
/// threads do: the sequencer while a snapshot is being written.
pub struct Stepped {
    /// A handle on it.
    pub node: Node,
    /// The ledger's thread.
    pub sequencer: SequencerSteps,
    /// The maker of snapshots.
    pub snapshots: SnapshotSteps,
    /// The maker of segments.
    pub segments: Preparer,
    /// Whoever hands the answers over.
    pub replies: Replies,
}

/// The sequencer, a turn at a time.
pub struct SequencerSteps {
    sequencer: Sequencer<FileLog>,
    node: Node,
    _folder: DataFolder,
}

/// The maker of snapshots, a snapshot at a time.
pub struct SnapshotSteps {
    maker: Maker,
    moments: Receiver<Moment>,
}

impl Opened {
    /// Replays the journal and takes requests from now on.
    ///
    /// # Errors
    /// When the journal cannot be read, or holds what is not a command.
    pub fn into_steps(self) -> Result<Stepped, NodeError> {
        let Parts { folder, node, replies, maker, moments, preparer, replaying } =
            self.into_parts(Reading::Inline);
        let mut sequencer = replaying.replay()?;
        sequencer.begin();
        let sequencer = SequencerSteps { sequencer, node: node.clone(), _folder: folder };
        let snapshots = SnapshotSteps { maker, moments };
        Ok(Stepped { node, sequencer, snapshots, segments: preparer, replies })
    }
}

impl SequencerSteps {
    /// One turn: a frame of what waits, if anything does, and what is due by the clock. Tells
    /// whether the node has drained.
    ///
    /// # Errors
    /// Why the node failed; it then takes nothing more.
    pub fn turn(&mut self) -> Result<bool, NodeError> {
        let turned = self.sequencer.turn_now().and_then(|flow| {
            let drained = flow == Flow::Drained;
            if drained {
                self.sequencer.end()?;
            }
            Ok(drained)
        });
        if turned.is_err() {
            self.node.shared.set_state(State::Failed);
        }
        turned
    }

    /// The state as of the last turn.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        self.sequencer.ledger()
    }
}

impl SnapshotSteps {
    /// Makes the snapshot that was asked for, if one was: of which frame, or why there is none.
    pub fn step(&self) -> Option<Result<FrameNo, NodeError>> {
        let moment = self.moments.try_recv().ok()?;
        Some(self.maker.make(&moment))
    }
}
