//! A walk through one segment, frame by frame, and the verdict on where it ends.
//!
//! Owns: what counts as a frame, as the end, as a torn tail, as damage. Never: writes.
//! Invariants: it moves on only over a frame that is whole and continues the chain; a bad
//! frame is a torn tail only if part of it is missing and no later frame calls it durable.
//! On failure: a read error is returned and says nothing about the bytes.

use crate::error::{Flaw, JournalError, reading};
use crate::frame::{
    self, ALIGNMENT, Expected, FRAME_BYTES_MIN, HEADER_BYTES, Header, SECTOR_BYTES,
};
use crate::log::{Frame, FrameHash};
use crate::segment::{OpenSegment, SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::window::Window;
use types::ids::{FrameNo, Millis};

/// Read ahead: large enough that the system reads at full speed.
const AHEAD_BYTES: usize = 1 << 20;

/// A walk through one segment.
#[derive(Debug)]
pub(crate) struct SegmentScan {
    window: Window,
    path: String,
    header: SegmentHeader,
    offset: u64,
    expected: Expected,
    last: Option<(u64, Header)>,
}

/// What lies at the walk's place.
#[derive(Debug)]
pub(crate) enum Step {
    /// A frame, over which the walk has moved.
    Frame(Header, FrameHash),
    /// No frame begins here: zeros, or too little room for one.
    End,
    /// Something that is not the frame that must follow.
    Bad(Flaw),
}

/// What the end of the last segment looks like.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Zeros from here on.
    Clean,
    /// A frame that was never whole: so many bytes from here on hold something.
    Torn { bytes: u64 },
    /// What was durable has changed.
    Damaged(Flaw),
}

impl SegmentScan {
    /// A walk from the segment's first frame, which must continue `before` where that is known.
    pub(crate) fn new(segment: OpenSegment, before: Option<&Expected>) -> Self {
        let OpenSegment { file, path, header } = segment;
        let expected = before.copied().unwrap_or(Expected {
            no: header.first,
            previous: header.previous,
            at: Millis(0),
            durable_through: FrameNo(0),
        });
        assert_eq!(expected.no, header.first, "callers compare the numbers first");
        let window = Window::new(file, AHEAD_BYTES, header.file_bytes);
        Self { window, path, header, offset: SEGMENT_HEADER_BYTES as u64, expected, last: None }
    }

    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) const fn expected(&self) -> &Expected {
        &self.expected
    }

    pub(crate) const fn header(&self) -> &SegmentHeader {
        &self.header
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// An error that names this place.
    pub(crate) fn damaged(&self, why: Flaw) -> JournalError {
        let file = self.path.clone();
        JournalError::Damaged { file, offset: self.offset, frame: self.expected.no, why }
    }

    /// Looks at the next frame and moves over it if it is sound.
    pub(crate) fn step(&mut self) -> Result<Step, JournalError> {
        assert!(self.offset.is_multiple_of(ALIGNMENT as u64));
        if self.window.limit() < self.offset + FRAME_BYTES_MIN as u64 {
            return Ok(Step::End);
        }
        let bytes = self.bytes(self.offset, HEADER_BYTES)?;
        if frame::is_zero(bytes) {
            return Ok(Step::End);
        }
        let header = match Header::decode(bytes) {
            Ok(header) => header,
            Err(flaw) => return Ok(Step::Bad(flaw)),
        };
        if self.window.limit() < self.offset + header.frame_bytes() as u64 {
            return Ok(Step::Bad(Flaw::Length(header.payload_bytes)));
        }
        if let Err(flaw) = header.follows(&self.expected) {
            return Ok(Step::Bad(flaw));
        }
        let hash = match frame::verify_hash(self.bytes(self.offset, header.frame_bytes())?) {
            Ok(hash) => hash,
            Err(flaw) => return Ok(Step::Bad(flaw)),
        };
        self.last = Some((self.offset, header));
        self.expected = Expected::after(&header, hash);
        self.offset += header.frame_bytes() as u64;
        Ok(Step::Frame(header, hash))
    }

    /// The frame the last step moved over.
    ///
    /// # Panics
    /// When it moved over none.
    pub(crate) fn frame(&mut self) -> Result<Frame<'_>, JournalError> {
        let (offset, header) = self.last.expect("called after a step over a frame");
        let hash = self.expected.previous;
        let bytes = self.bytes(offset + HEADER_BYTES as u64, header.payload_bytes as usize)?;
        Ok(Frame {
            no: header.no,
            at: header.at,
            command_count: header.command_count,
            durable_through: header.durable_through,
            previous: header.previous,
            hash,
            payload: bytes,
        })
    }

    /// All bytes of the frame the last step moved over, and where they lie.
    pub(crate) fn last_frame_bytes(&mut self) -> Result<Option<(u64, &[u8])>, JournalError> {
        match self.last {
            None => Ok(None),
            Some((offset, header)) => Ok(Some((offset, self.bytes(offset, header.frame_bytes())?))),
        }
    }

    /// Stands before the last frame again.
    #[cfg(planted)]
    pub(crate) fn step_back(&mut self) {
        if let Some((offset, header)) = self.last.take() {
            let durable_through = FrameNo(header.durable_through.0.saturating_sub(1));
            let (no, previous, at) = (header.no, header.previous, Millis(0));
            self.expected = Expected { no, previous, at, durable_through };
            self.offset = offset;
        }
    }

    /// Whether there is nothing but zeros from here on.
    pub(crate) fn rest_is_zero(&mut self) -> Result<bool, JournalError> {
        Ok(self.written_end()? == self.offset)
    }

    /// At the end of a segment that another one follows: nothing but zeros, and no `bad` frame.
    pub(crate) fn check_closed(&mut self, bad: Option<Flaw>) -> Result<(), JournalError> {
        match bad {
            Some(flaw) => Err(self.damaged(flaw)),
            None if self.rest_is_zero()? => Ok(()),
            None => Err(self.damaged(Flaw::Residue)),
        }
    }

    /// Looks at this place anew: a node may have written here since.
    pub(crate) const fn forget(&mut self) {
        self.window.forget();
    }

    /// The verdict on what lies here, in the last segment, after the last sound frame.
    pub(crate) fn judge_end(&mut self) -> Result<End, JournalError> {
        let end = self.written_end()?;
        if end == self.offset {
            return Ok(End::Clean);
        }
        let mut header = None;
        let mut search_from = self.offset + ALIGNMENT as u64;
        if self.offset + FRAME_BYTES_MIN as u64 <= self.window.limit()
            && let Ok(found) = Header::decode(self.bytes(self.offset, HEADER_BYTES)?)
            && self.offset + found.frame_bytes() as u64 <= self.window.limit()
        {
            // What a client put into a payload must not pass for a frame after it.
            search_from = self.offset + found.frame_bytes() as u64;
            header = Some(found);
        }
        if let Some((_, later)) = self.find_frame(search_from, end)? {
            return Ok(End::Damaged(Flaw::DurableLater(later.no)));
        }
        let flaw = match header {
            Some(header) => self.judge_content(&header)?,
            None => self.judge_header(end)?,
        };
        Ok(flaw.map_or(End::Torn { bytes: end - self.offset }, End::Damaged))
    }

    /// What is wrong with a frame whose header is sound, unless part of it is missing.
    fn judge_content(&mut self, header: &Header) -> Result<Option<Flaw>, JournalError> {
        if let Err(flaw) = header.follows(&self.expected) {
            return Ok(Some(flaw));
        }
        let offset = self.offset;
        let frame = self.bytes(offset, header.frame_bytes())?;
        // Of a frame that has become whole since the step over it failed, nothing is wrong; whoever
        // reads beside a writer looks again.
        let flaw = frame::verify_hash(frame).err().unwrap_or(Flaw::Hash);
        Ok((!frame::lacks_a_part(header, frame, offset)).then_some(flaw))
    }

    /// What is wrong with a header that is not sound, unless part of it is missing or it never
    /// was one.
    fn judge_header(&mut self, end: u64) -> Result<Option<Flaw>, JournalError> {
        let offset = self.offset;
        let expected = self.expected;
        if end <= offset + HEADER_BYTES as u64 {
            return Ok(None);
        }
        if self.window.limit() < offset + FRAME_BYTES_MIN as u64 {
            return Ok(None);
        }
        let bytes = self.bytes(offset, HEADER_BYTES)?;
        let sector_end = offset / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES;
        let first_part = usize::try_from(sector_end - offset).expect("at most a sector");
        let (first, second) = bytes.split_at(first_part.min(HEADER_BYTES));
        let second_missing = !second.is_empty() && frame::is_zero(second);
        // A cut that was itself cut short leaves zeros at the start; no single fault does.
        if first[0] == 0 || second_missing || !expected.resembles(bytes) {
            return Ok(None);
        }
        Ok(Some(Header::decode(bytes).err().unwrap_or(Flaw::HeaderCheck)))
    }

    /// Where the first sound frame numbered beyond the expected one begins within the range.
    pub(crate) fn find_frame(
        &mut self,
        from: u64,
        to: u64,
    ) -> Result<Option<(u64, Header)>, JournalError> {
        let mut offset = from;
        let limit = self.window.limit();
        while offset < to && offset + FRAME_BYTES_MIN as u64 <= limit {
            if let Ok(header) = Header::decode(self.bytes(offset, HEADER_BYTES)?)
                && self.expected.no < header.no
                && self.expected.no <= header.durable_through
                && offset + header.frame_bytes() as u64 <= limit
                && frame::verify_hash(self.bytes(offset, header.frame_bytes())?).is_ok()
            {
                return Ok(Some((offset, header)));
            }
            offset += ALIGNMENT as u64;
        }
        Ok(None)
    }

    /// Goes on at a frame further on, whose predecessor is not known.
    pub(crate) fn jump(&mut self, offset: u64, frame: FrameNo) -> Result<(), JournalError> {
        assert!(self.offset < offset, "only forwards");
        self.offset = offset;
        self.expected.no = frame;
        let header = match Header::decode(self.bytes(offset, HEADER_BYTES)?) {
            Ok(header) if header.no == frame => header,
            // A whole frame, but one that a disk put into another one's place.
            Ok(header) => return Err(self.damaged(Flaw::Number(header.no))),
            Err(flaw) => return Err(self.damaged(flaw)),
        };
        self.expected = Expected {
            no: frame,
            previous: header.previous,
            at: Millis(0),
            durable_through: FrameNo(0),
        };
        Ok(())
    }

    /// Where the last byte that is not zero ends; this place when there is none after it.
    pub(crate) fn written_end(&mut self) -> Result<u64, JournalError> {
        let limit = self.window.limit();
        let mut end = self.offset;
        let mut offset = self.offset;
        while offset < limit {
            let bytes = usize::try_from(limit - offset).unwrap_or(usize::MAX).min(64 << 10);
            let chunk = self.bytes(offset, bytes)?;
            if !frame::is_zero(chunk)
                && let Some(last) = chunk.iter().rposition(|byte| *byte != 0)
            {
                end = offset + last as u64 + 1;
            }
            offset += bytes as u64;
        }
        Ok(end)
    }

    fn bytes(&mut self, offset: u64, bytes: usize) -> Result<&[u8], JournalError> {
        let path = &self.path;
        self.window.bytes(offset, bytes).map_err(|error| reading(path)(error))
    }
}
