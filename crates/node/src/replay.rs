//! Replay: the journal's frames through a ledger, faster than they were made.
//!
//! Owns: the overlap of reading (and checking hashes) on one thread with applying on another, and
//! the same without threads. Never: writes.

use crate::error::NodeError;
use journal::{FrameStream, JournalError};
use ledger::{Changes, Ledger};
use std::sync::mpsc::sync_channel;
use types::ids::{FrameNo, Millis};
use types::outcome::Outcome;

/// Frames read ahead of the ledger, gathered to about this many payload bytes.
const BLOCK_BYTES: usize = 1 << 20;
/// Blocks read ahead.
const BLOCKS_AHEAD: usize = 8;

/// How frames come to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// On a thread of its own, ahead of the ledger.
    Ahead,
    /// On the caller's thread, one block after another.
    Inline,
}

/// Frames whose payloads lie one after another.
#[derive(Default)]
struct Block {
    frames: Vec<(FrameNo, Millis, usize)>,
    payloads: Vec<u8>,
}

/// What a replay did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Replayed {
    /// Frames applied.
    pub frames: u64,
    /// Commands applied.
    pub commands: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
}

/// Applies frames, the first of which follows the ledger's last one, up to and including
/// `through`, or all there are.
///
/// `progress` hears the last frame applied, a few times a second at full speed.
///
/// # Errors
/// When the journal cannot be read, or holds what is not a command.
pub fn replay(
    frames: Box<dyn FrameStream>,
    ledger: &mut Ledger,
    through: Option<FrameNo>,
    progress: impl FnMut(FrameNo),
) -> Result<Replayed, NodeError> {
    replay_by(Reading::Ahead, frames, ledger, through, progress)
}

/// [`replay`], reading as is said.
pub(crate) fn replay_by(
    reading: Reading,
    frames: Box<dyn FrameStream>,
    ledger: &mut Ledger,
    through: Option<FrameNo>,
    progress: impl FnMut(FrameNo),
) -> Result<Replayed, NodeError> {
    if through.is_some_and(|through| through <= ledger.frame()) {
        return Ok(Replayed::default());
    }
    let mut applying = Applying { ledger, done: Replayed::default(), progress };
    match reading {
        Reading::Ahead => read_ahead(frames, through, &mut applying)?,
        Reading::Inline => {
            let mut frames = frames;
            while let Some(block) = next_block(&mut *frames, through)? {
                applying.apply_block(block)?;
            }
        }
    }
    let Applying { ledger, done, .. } = applying;
    let ended = through.is_none_or(|through| ledger.frame() == through);
    assert!(ended, "a replay ends where it was to end");
    Ok(done)
}

fn read_ahead(
    mut frames: Box<dyn FrameStream>,
    through: Option<FrameNo>,
    applying: &mut Applying<'_, impl FnMut(FrameNo)>,
) -> Result<(), NodeError> {
    let (blocks, arrivals) = sync_channel::<Block>(BLOCKS_AHEAD);
    std::thread::scope(|scope| {
        let read = scope.spawn(move || {
            while let Some(block) = next_block(&mut *frames, through)? {
                if blocks.send(block).is_err() {
                    // The ledger found something it cannot apply, and says so itself.
                    break;
                }
            }
            Ok::<_, JournalError>(())
        });
        arrivals.into_iter().try_for_each(|block| applying.apply_block(block))?;
        Ok(read.join().expect("the reading thread does not panic")?)
    })
}

/// A replay under way.
struct Applying<'a, P> {
    ledger: &'a mut Ledger,
    done: Replayed,
    progress: P,
}

impl<P: FnMut(FrameNo)> Applying<'_, P> {
    fn apply_block(&mut self, block: Block) -> Result<(), NodeError> {
        let (mut outcomes, mut changes) = (Vec::new(), Changes::default());
        let mut rest = block.payloads.as_slice();
        for (frame, at, length) in block.frames {
            let (payload, behind) = rest.split_at(length);
            rest = behind;
            outcomes.clear();
            apply(self.ledger, frame, at, payload, &mut outcomes)?;
            self.done.frames += 1;
            self.done.payload_bytes += length as u64;
            self.done.commands += outcomes.len() as u64;
        }
        // Nobody publishes a view yet; the notes are dropped, so that they do not pile up.
        self.ledger.take_changes(&mut changes);
        (self.progress)(self.ledger.frame());
        Ok(())
    }
}

fn apply(
    ledger: &mut Ledger,
    frame: FrameNo,
    at: Millis,
    payload: &[u8],
    outcomes: &mut Vec<Outcome>,
) -> Result<(), NodeError> {
    let applied = ledger.apply_frame(frame, at, payload, outcomes);
    applied.map_err(|error| NodeError::Command { frame: frame.0, error })
}

/// The next frames, up to `through`; none at the end.
fn next_block(
    frames: &mut dyn FrameStream,
    through: Option<FrameNo>,
) -> Result<Option<Block>, JournalError> {
    let mut block = Block::default();
    while block.payloads.len() < BLOCK_BYTES {
        let Some(frame) = frames.next_frame()? else { break };
        if through.is_some_and(|through| through < frame.no) {
            break;
        }
        block.frames.push((frame.no, frame.at, frame.payload.len()));
        block.payloads.extend_from_slice(frame.payload);
    }
    Ok((!block.frames.is_empty()).then_some(block))
}
