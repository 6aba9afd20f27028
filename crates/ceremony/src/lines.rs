//! The lines of a list that is too long to be held.
//!
//! Owns: reading a file, or a piece of it, line by line in large chunks. Never: keeps a line;
//! counts lines, but to tell which one is wrong.
//! Invariants: a piece begins behind a line feed, and holds every line that begins in it.

use crate::error::CeremonyError;
use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use types::limits;

/// Large enough that a call of the system is nothing beside its bytes, and small enough that these
/// are still in the cache when their lines are read.
const CHUNK_BYTES: usize = 1 << 18;

/// The lines of a piece of a file.
pub(crate) struct Lines {
    path: PathBuf,
    file: File,
    /// Where the piece ends in the file.
    end: u64,
    /// Bytes of the piece that were not read yet.
    left: u64,
    chunk: Vec<u8>,
    /// The lines of the chunk that were not handed out yet.
    whole: Range<usize>,
    /// The beginning of a line that the next chunk ends.
    rest: Range<usize>,
}

impl Lines {
    /// All lines of the file at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, CeremonyError> {
        let length = length(path)?;
        Self::piece(path, 0..length)
    }

    /// The lines of one piece.
    pub(crate) fn piece(path: &Path, piece: Range<u64>) -> Result<Self, CeremonyError> {
        let open = || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(piece.start))?;
            Ok(file)
        };
        let file = open().map_err(CeremonyError::disk("read", path))?;
        let (path, left) = (path.to_owned(), piece.end - piece.start);
        let end = piece.end;
        Ok(Self { path, file, end, left, chunk: Vec::new(), whole: 0..0, rest: 0..0 })
    }

    /// The next line, without its line feed. A last line without one is an error: the list was cut
    /// off.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, CeremonyError> {
        if self.whole.is_empty() && !self.fill()? {
            return Ok(None);
        }
        let lines = &self.chunk[self.whole.clone()];
        let end = memchr(b'\n', lines).expect("what is whole ends in a line feed");
        let line = self.whole.start..self.whole.start + end;
        self.whole.start = line.end + 1;
        Ok(Some(&self.chunk[line]))
    }

    /// The lines that were read and not handed out, each with its line feed; more, if there are
    /// none.
    pub(crate) fn whole(&mut self) -> Result<Option<&[u8]>, CeremonyError> {
        if self.whole.is_empty() && !self.fill()? {
            return Ok(None);
        }
        Ok(Some(&self.chunk[std::mem::take(&mut self.whole)]))
    }

    /// Bytes of the piece that were not read yet.
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// Reads until at least one line is whole; whether there is one.
    fn fill(&mut self) -> Result<bool, CeremonyError> {
        self.chunk.copy_within(self.rest.clone(), 0);
        let mut filled = self.rest.len();
        loop {
            let wanted = usize::try_from(self.left).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            if wanted == 0 {
                let what = "the last line does not end in a line feed: the file may be cut off";
                return if filled == 0 { Ok(false) } else { Err(self.wrong(filled, what)) };
            }
            self.chunk.resize(filled + wanted, 0);
            let target = &mut self.chunk[filled..];
            self.file.read_exact(target).map_err(CeremonyError::disk("read", &self.path))?;
            self.left -= wanted as u64;
            let found = memrchr(b'\n', &self.chunk[filled..]);
            let end = found.map(|at| filled + at + 1);
            filled += wanted;
            if let Some(end) = end {
                (self.whole, self.rest) = (0..end, end..filled);
                return Ok(true);
            }
            if limits::DRAW_LINE_BYTES_MAX < filled {
                let what = format!("a line is longer than {} bytes", limits::DRAW_LINE_BYTES_MAX);
                return Err(self.wrong(filled, &what));
            }
        }
    }

    /// What is wrong with the line that begins so many bytes before where the file was read to.
    fn wrong(&self, bytes: usize, what: &str) -> CeremonyError {
        let start = self.end - self.left - bytes as u64;
        match line_at(&self.path, start) {
            Ok(line) => {
                CeremonyError::Input { path: self.path.clone(), line, what: what.to_owned() }
            }
            Err(error) => CeremonyError::disk("read", &self.path)(error),
        }
    }
}

/// The number, from 1, of the line that begins at `start`. The file is read again for it: whoever
/// reads a list in order pays nothing for numbers that nobody asks for.
fn line_at(path: &Path, start: u64) -> io::Result<u64> {
    let mut before = File::open(path)?.take(start);
    let (mut chunk, mut line) = (vec![0; CHUNK_BYTES], 1);
    loop {
        match before.read(&mut chunk)? {
            0 => return Ok(line),
            count => line += memchr_iter(b'\n', &chunk[..count]).count() as u64,
        }
    }
}

/// How many bytes a file has.
pub(crate) fn length(path: &Path) -> Result<u64, CeremonyError> {
    let found = std::fs::metadata(path).map_err(CeremonyError::disk("read", path))?;
    // A device or a pipe has no length, and would pass for an empty list.
    if !found.is_file() {
        return Err(CeremonyError::wrong(path, "not a file: name one that lies on a disk"));
    }
    Ok(found.len())
}

/// A file in `count` pieces of about the same length, parted behind line feeds.
pub(crate) fn pieces(path: &Path, count: usize) -> Result<Vec<Range<u64>>, CeremonyError> {
    let length = length(path)?;
    let mut file = File::open(path).map_err(CeremonyError::disk("read", path))?;
    let mut starts = vec![0];
    for number in 1..count as u64 {
        let about = length / count as u64 * number;
        let start = behind_line_feed(&mut file, about);
        starts.push(start.map_err(CeremonyError::disk("read", path))?.unwrap_or(length));
    }
    starts.push(length);
    Ok(starts.windows(2).map(|pair| pair[0]..pair[1].max(pair[0])).collect())
}

/// The place behind the first line feed from `at` on.
fn behind_line_feed(file: &mut File, at: u64) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(limits::DRAW_LINE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(memchr(b'\n', &bytes).map(|found| at + found as u64 + 1))
}
