//! The frames of a journal out of the bytes of its segments.
//!
//! Owns: a reading of `docs/format.md` that shares nothing with the journal's own. Never: repairs,
//! or judges what follows the last whole frame.
//! Invariants: a frame is given only when its hash is right and follows the one before.

use crate::disk::SimDisk;
use sha2::{Digest as _, Sha256};
use types::{FrameNo, Millis};

const SEGMENT_HEADER_BYTES: usize = 4_096;
const FRAME_HEADER_BYTES: usize = 88;
const FRAME_END_BYTES: usize = 40;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number.
    pub no: FrameNo,
    /// Its time.
    pub at: Millis,
    /// The number of its commands, as the writer said.
    pub commands: u32,
    /// Its payload.
    pub payload: Vec<u8>,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Where reading goes on.
#[derive(Clone, Debug)]
pub struct Cursor {
    next: u64,
    hash: [u8; 32],
    /// The segment that reading is in, once it is in one.
    segment: Option<String>,
    offset: usize,
}

impl Cursor {
    /// Before the first frame of a journal.
    #[must_use]
    pub fn new(journal: [u8; 16]) -> Self {
        let genesis = Sha256::new().chain_update(b"tidegate journal genesis").chain_update(journal);
        Self { next: 1, hash: genesis.finalize().into(), segment: None, offset: 0 }
    }

    /// The frames from here on, as far as they are whole.
    pub fn read(&mut self, disk: &SimDisk) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            if let Some(segment) = &self.segment {
                let bytes = disk.bytes(segment).unwrap_or_default();
                while let Some((frame, length)) = self.frame(&bytes) {
                    self.offset += length;
                    self.next += 1;
                    self.hash = frame.hash;
                    frames.push(frame);
                }
            }
            // A closed segment may have moved to the archive.
            let paths = ["journal", "archive"].map(|at| format!("{at}/{:020}.seg", self.next));
            let is_there = |path: &String| disk.bytes(path).is_some();
            let Some(path) = paths.into_iter().find(is_there) else { return frames };
            if self.segment.as_ref() == Some(&path) {
                return frames;
            }
            (self.segment, self.offset) = (Some(path), SEGMENT_HEADER_BYTES);
        }
    }

    /// The frame at the cursor and its length, if it is whole and the next.
    fn frame(&self, bytes: &[u8]) -> Option<(Frame, usize)> {
        let bytes = bytes.get(self.offset..)?;
        let header = bytes.get(..FRAME_HEADER_BYTES)?;
        let number =
            |from: usize| u64::from_le_bytes(header[from..from + 8].try_into().expect("8"));
        let short = |from: usize| u32::from_le_bytes(header[from..from + 4].try_into().expect("4"));
        let padded = (short(8) as usize).next_multiple_of(8);
        let length = FRAME_HEADER_BYTES + padded + FRAME_END_BYTES;
        let is_next = header[..4] == *b"TGfr"
            && number(16) == self.next
            && header[40..72] == self.hash
            && length <= bytes.len();
        if !is_next {
            return None;
        }
        let end = FRAME_HEADER_BYTES + padded;
        let hash: [u8; 32] = Sha256::new()
            .chain_update(&header[..72])
            .chain_update(&bytes[FRAME_HEADER_BYTES..end])
            .finalize()
            .into();
        if bytes[end..end + 32] != hash {
            return None;
        }
        let payload = bytes[FRAME_HEADER_BYTES..FRAME_HEADER_BYTES + short(8) as usize].to_vec();
        let frame = Frame {
            no: FrameNo(number(16)),
            at: Millis(number(24)),
            commands: short(12),
            payload,
            hash,
        };
        Some((frame, length))
    }
}
