//! Replay: the journal's frames through a ledger, faster than they were made.
//!
//! Owns: the overlap of reading (and checking hashes) on one thread with applying on another.
//! Never: writes.

use crate::error::NodeError;
use journal::{FrameStream, JournalError};
use ledger::{Changes, Ledger};
use std::sync::mpsc::{SyncSender, sync_channel};
use types::ids::{FrameNo, Millis};
use types::outcome::Outcome;

/// Frames read ahead of the ledger, gathered to about this many payload bytes.
const BLOCK_BYTES: usize = 1 << 20;
/// Blocks read ahead.
const BLOCKS_AHEAD: usize = 8;

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
    mut progress: impl FnMut(FrameNo),
) -> Result<Replayed, NodeError> {
    let mut done = Replayed::default();
    if through.is_some_and(|through| through <= ledger.frame()) {
        return Ok(done);
    }
    let (blocks, arrivals) = sync_channel::<Block>(BLOCKS_AHEAD);
    std::thread::scope(|scope| {
        let read = scope.spawn(move || read_blocks(frames, through, &blocks));
        let (mut outcomes, mut changes) = (Vec::new(), Changes::default());
        for block in arrivals {
            let mut rest = block.payloads.as_slice();
            for (frame, at, length) in block.frames {
                let (payload, behind) = rest.split_at(length);
                rest = behind;
                outcomes.clear();
                apply(ledger, frame, at, payload, &mut outcomes)?;
                done.frames += 1;
                done.payload_bytes += length as u64;
                done.commands += outcomes.len() as u64;
            }
            // Nobody publishes a view yet; the notes are dropped, so that they do not pile up.
            ledger.take_changes(&mut changes);
            progress(ledger.frame());
        }
        read.join().expect("the reading thread does not panic")?;
        let ended = through.is_none_or(|through| ledger.frame() == through);
        assert!(ended, "a replay ends where it was to end");
        Ok(done)
    })
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

fn read_blocks(
    mut frames: Box<dyn FrameStream>,
    through: Option<FrameNo>,
    blocks: &SyncSender<Block>,
) -> Result<(), JournalError> {
    let mut block = Block::default();
    while let Some(frame) = frames.next_frame()? {
        if through.is_some_and(|through| through < frame.no) {
            break;
        }
        block.frames.push((frame.no, frame.at, frame.payload.len()));
        block.payloads.extend_from_slice(frame.payload);
        if BLOCK_BYTES <= block.payloads.len() && blocks.send(std::mem::take(&mut block)).is_err() {
            // The ledger found something it cannot apply, and says so itself.
            return Ok(());
        }
    }
    // The same here: whoever stopped listening has a better error.
    drop(blocks.send(block));
    Ok(())
}
