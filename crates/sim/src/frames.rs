//! The frames of a journal out of the bytes of its segments.
//!
//! Owns: a reading of `docs/format.md` that shares nothing with the journal's own. Never: repairs,
//! or judges what follows the last whole frame.
//! Invariants: a frame is given only when its hash is right and follows the one before.

use sha2::{Digest as _, Sha256};
use simdisk::SimDisk;
use types::{FrameNo, Millis};

const SEGMENT_HEADER_BYTES: usize = 4_096;
const FRAME_HEADER_BYTES: usize = 88;
const FRAME_END_BYTES: usize = 40;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its number.
    pub(crate) no: FrameNo,
    /// Its time.
    pub(crate) at: Millis,
    /// The number of its commands, as the writer said.
    pub(crate) commands: u32,
    /// Its payload.
    pub(crate) payload: Vec<u8>,
    /// Its hash.
    pub(crate) hash: [u8; 32],
}

/// Where a frame lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lies {
    /// In which file.
    pub(crate) path: String,
    /// From which byte on.
    pub(crate) offset: usize,
    /// So many bytes.
    pub(crate) length: usize,
}

impl Lies {
    /// Changes one byte of the frame's payload and makes its hash right again, as another frame of
    /// that number would be. The frame after it tells.
    ///
    /// # Panics
    /// When the frame has no payload.
    pub(crate) fn forge(&self, disk: &SimDisk, byte: usize) {
        let mut bytes = disk.bytes(&self.path).expect("the frame was read from it");
        let frame = &mut bytes[self.offset..self.offset + self.length];
        let payload_bytes = u32::from_le_bytes(frame[8..12].try_into().expect("4")) as usize;
        assert!(0 < payload_bytes, "a frame without a payload cannot be another");
        frame[FRAME_HEADER_BYTES + byte % payload_bytes] ^= 1;
        let end = self.length - FRAME_END_BYTES;
        let hash = hash(frame, end);
        frame[end..end + 32].copy_from_slice(&hash);
        disk.set_bytes(&self.path, &bytes);
    }
}

fn hash(frame: &[u8], end: usize) -> [u8; 32] {
    Sha256::new()
        .chain_update(&frame[..72])
        .chain_update(&frame[FRAME_HEADER_BYTES..end])
        .finalize()
        .into()
}

/// Where reading goes on.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    next: u64,
    hash: [u8; 32],
    /// The segment that reading is in, once it is in one.
    segment: Option<String>,
    offset: usize,
}

impl Cursor {
    /// Before the first frame of a journal.
    #[must_use]
    pub(crate) fn new(journal: [u8; 16]) -> Self {
        let genesis = Sha256::new().chain_update(b"tidegate journal genesis").chain_update(journal);
        Self { next: 1, hash: genesis.finalize().into(), segment: None, offset: 0 }
    }

    /// The frames from here on, as far as they are whole.
    pub(crate) fn read(&mut self, disk: &SimDisk) -> Vec<Frame> {
        self.read_with_places(disk).into_iter().map(|(frame, _)| frame).collect()
    }

    /// The same, and where each lies.
    pub(crate) fn read_with_places(&mut self, disk: &SimDisk) -> Vec<(Frame, Lies)> {
        let mut frames = Vec::new();
        loop {
            if let Some(segment) = self.segment.clone() {
                let bytes = disk.bytes(&segment).unwrap_or_default();
                while let Some((frame, length)) = self.frame(&bytes) {
                    let (path, offset) = (segment.clone(), self.offset);
                    let lies = Lies { path, offset, length };
                    self.offset += length;
                    self.next += 1;
                    self.hash = frame.hash;
                    frames.push((frame, lies));
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
        let hash = hash(bytes, end);
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
