//! A window on a file's bytes, read ahead.
//!
//! Invariants: it holds a mebibyte, or the one frame that is longer.

use super::source::Bytes;
use std::io;

const AHEAD_BYTES: usize = 1 << 20;
/// To compare with: what ends a segment is hundreds of mebibytes of them.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// A window on one file.
pub(crate) struct Window<'s> {
    file: Box<dyn Bytes + 's>,
    length: u64,
    start: u64,
    held: Vec<u8>,
}

impl<'s> Window<'s> {
    pub(crate) fn open(file: Box<dyn Bytes + 's>) -> io::Result<Self> {
        let length = file.length()?;
        Ok(Self { file, length, start: 0, held: Vec::new() })
    }

    /// Bytes of the whole file.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// What was read counts no more: the next look is a new one.
    pub(super) fn forget(&mut self) {
        self.held.clear();
    }

    /// So many bytes from an offset on, all of which must lie within the file.
    pub(crate) fn bytes(&mut self, offset: u64, bytes: usize) -> io::Result<&[u8]> {
        let end = offset + bytes as u64;
        assert!(end <= self.length, "callers look at the length first");
        let held_end = self.start + self.held.len() as u64;
        if offset < self.start || held_end < end {
            self.fill(offset, bytes)?;
        }
        let from = usize::try_from(offset - self.start).expect("a window fits into memory");
        Ok(&self.held[from..from + bytes])
    }

    /// Where the last byte that is not zero ends, looked for from an offset on; the offset when
    /// there is none.
    pub(super) fn written_end(&mut self, from: u64) -> io::Result<u64> {
        let (mut end, mut offset) = (from, from);
        while offset < self.length {
            let left = usize::try_from(self.length - offset).unwrap_or(usize::MAX);
            let chunk = self.bytes(offset, left.min(64 << 10))?;
            let bytes = chunk.len() as u64;
            if !is_zero(chunk) {
                let last = chunk.iter().rposition(|byte| *byte != 0);
                end = offset + last.map_or(0, |last| last as u64 + 1);
            }
            offset += bytes;
        }
        Ok(end)
    }

    fn fill(&mut self, offset: u64, bytes: usize) -> io::Result<()> {
        let room = usize::try_from(self.length - offset).unwrap_or(usize::MAX);
        self.start = offset;
        self.held.clear();
        self.held.resize(bytes.max(AHEAD_BYTES.min(room)), 0);
        let mut read = 0;
        while read < self.held.len() {
            match self.file.read_at(offset + read as u64, &mut self.held[read..])? {
                0 => break,
                more => read += more,
            }
        }
        self.held.truncate(read);
        // A window of a long frame is not kept for ever.
        if AHEAD_BYTES * 2 < self.held.capacity() && bytes <= AHEAD_BYTES {
            self.held.shrink_to(AHEAD_BYTES);
        }
        if read < bytes { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

/// Whether there are only zeros.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(ZEROS.len()).all(|chunk| chunk == &ZEROS[..chunk.len()])
}
