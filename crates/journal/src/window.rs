//! A moving window over a file: reads ahead, and hands out ranges of any length.
//!
//! Owns: the buffer. Never: reads beyond the limit it was given.
//! On failure: returns the error; the window may be used again.

use crate::disk::{DiskFile, read_full_at};
use std::io;
use std::sync::Arc;

/// A buffered reader of ranges in rising order; any order works, only slower.
#[derive(Debug)]
pub(crate) struct Window {
    file: Arc<dyn DiskFile>,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins, in bytes.
    start: u64,
    /// How much of the buffer holds the file.
    filled: usize,
    ahead_bytes: usize,
    /// Where the file ends for this window.
    limit: u64,
}

impl Window {
    pub(crate) fn new(file: Arc<dyn DiskFile>, ahead_bytes: usize, limit: u64) -> Self {
        Self { file, buffer: Vec::new(), start: 0, filled: 0, ahead_bytes, limit }
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    /// The bytes of a range, which must lie within the limit.
    pub(crate) fn bytes(&mut self, offset: u64, bytes: usize) -> io::Result<&[u8]> {
        assert!(offset + bytes as u64 <= self.limit, "callers stay within the file");
        if offset < self.start || self.start + (self.filled as u64) < offset + bytes as u64 {
            self.fill(offset, bytes)?;
        }
        let from = self.position(offset);
        Ok(&self.buffer[from..from + bytes])
    }

    /// Whoever writes may have gone on since: what was read ahead is read again.
    pub(crate) const fn forget(&mut self) {
        self.filled = 0;
    }

    fn fill(&mut self, offset: u64, bytes: usize) -> io::Result<()> {
        let end = self.start + self.filled as u64;
        if self.start <= offset && offset < end {
            let from = self.position(offset);
            self.buffer.copy_within(from..self.filled, 0);
            self.filled -= from;
        } else {
            self.filled = 0;
        }
        self.start = offset;
        let room = usize::try_from(self.limit - offset).unwrap_or(usize::MAX);
        let wanted = bytes.max(self.ahead_bytes).min(room);
        if self.buffer.len() < wanted {
            // Not resized: unoptimised, that writes byte by byte, and tests open many a file.
            let mut larger = vec![0; wanted];
            larger[..self.filled].copy_from_slice(&self.buffer[..self.filled]);
            self.buffer = larger;
        }
        let from = self.filled;
        let free = &mut self.buffer[from..wanted];
        self.filled += read_full_at(&*self.file, free, offset + from as u64)?;
        if self.filled < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn position(&self, offset: u64) -> usize {
        usize::try_from(offset - self.start).expect("within the buffer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::write_all_at;
    use crate::{Disk, OsDisk};

    const LIMIT: usize = 1_000;
    const AHEAD: usize = 64;

    #[test]
    fn ranges_in_any_order_and_of_any_length_are_those_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = OsDisk::open(folder.path()).unwrap().create("file").unwrap();
        // The file goes on behind the limit with bytes that nobody may be given.
        let bytes: Vec<u8> = (0..2 * LIMIT).map(|at| (at * 7 % 251) as u8).collect();
        write_all_at(&*file, &bytes, 0).unwrap();
        let mut window = Window::new(Arc::clone(&file), AHEAD, LIMIT as u64);
        let look = |window: &mut Window, from: usize, length: usize| {
            let length = length.min(LIMIT - from);
            let found = window.bytes(from as u64, length).unwrap();
            assert!(found == &bytes[from..from + length], "{length} bytes at {from}");
            assert!(window.start + window.filled as u64 <= window.limit(), "no more is read");
        };
        let rising = (0..LIMIT).step_by(13);
        let falling = (0..LIMIT).rev().step_by(29);
        let lengths = [0, 1, 13, AHEAD - 1, AHEAD, AHEAD + 1, 5 * AHEAD, LIMIT];
        for from in rising.clone().chain(falling).chain(rising.clone()) {
            for length in lengths {
                look(&mut window, from, length);
            }
        }
        // One length at a time: then the window moves, and keeps what it holds of the next range.
        for length in lengths {
            let mut window = Window::new(Arc::clone(&file), AHEAD, LIMIT as u64);
            rising.clone().for_each(|from| look(&mut window, from, length));
        }
        window.forget();
        assert_eq!(window.bytes(500, 3).unwrap(), &bytes[500..503]);
    }

    #[test]
    fn a_file_that_ends_before_its_limit_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = OsDisk::open(folder.path()).unwrap().create("file").unwrap();
        write_all_at(&*file, &[9; 100], 0).unwrap();
        let mut window = Window::new(file, AHEAD, LIMIT as u64);
        assert_eq!(window.bytes(90, 10).unwrap(), [9; 10]);
        let error = window.bytes(90, 11).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(window.bytes(0, 100).unwrap(), [9; 100], "it may be used again");
    }
}
