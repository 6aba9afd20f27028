//! A whole list, read by several threads at once.
//!
//! Owns: which thread reads which piece, and the places of lines over all pieces. Never: knows
//! what is done with a line.

use crate::error::CeremonyError;
use crate::lines::{Lines, length, pieces};
use crate::{Progress, THREADS};
use draw::Digest;
use memchr::memchr_iter;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// Lines that are given out together: enough to hash many at once, few enough for the cache.
pub(crate) const BATCH_LINES: usize = 256;
const CHUNK_BYTES: usize = 1 << 20;

/// What a thread made of its piece.
pub(crate) struct Piece<S> {
    /// The place of its first line in the list, from 0.
    pub(crate) first: u32,
    /// How many lines it has.
    pub(crate) lines: u32,
    pub(crate) state: S,
}

/// Folds the lines of each piece of the file at `path` into a state of its own. `each` is given
/// the place of a line in its piece; what it finds wrong becomes an error with the line's number.
pub(crate) fn scan<S: Send>(
    path: &Path,
    doing: &'static str,
    progress: Progress<'_>,
    begin: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, u32, &[u8]) -> Result<(), String> + Sync,
) -> Result<Vec<Piece<S>>, CeremonyError> {
    scan_batches(path, doing, progress, begin, |state, first, lines| {
        for (at, line) in (0..).zip(lines) {
            each(state, first + at, line).map_err(|what| (at, what))?;
        }
        Ok(())
    })
}

/// As `scan`, with many lines at once: `each` is given the place of the first of them, and tells
/// which of them is wrong.
pub(crate) fn scan_batches<S: Send>(
    path: &Path,
    doing: &'static str,
    progress: Progress<'_>,
    begin: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, u32, &[&[u8]]) -> Result<(), (u32, String)> + Sync,
) -> Result<Vec<Piece<S>>, CeremonyError> {
    let pieces = pieces(path, THREADS)?;
    let total = pieces.last().map_or(0, |piece| piece.end);
    let read = AtomicU64::new(0);
    let look = |bytes: u64| progress(doing, read.fetch_add(bytes, Relaxed) + bytes, total);
    let fold = |piece: std::ops::Range<u64>| {
        let mut lines = Lines::piece(path, piece.clone())?;
        let (mut state, mut count, mut left) = (begin(), 0_u32, piece.end - piece.start);
        while let Some(whole) = lines.whole()? {
            let whole: Vec<&[u8]> = split(whole).collect();
            for batch in whole.chunks(BATCH_LINES) {
                if let Err((at, what)) = each(&mut state, count, batch) {
                    return Ok((state, count + at, Some(what)));
                }
                let more = u32::try_from(batch.len()).expect("a batch is small");
                count = count.checked_add(more).expect("the size of a list was checked");
            }
            look(left - lines.left());
            left = lines.left();
        }
        look(left);
        Ok((state, count, None))
    };
    let fold = &fold;
    let folded: Vec<Result<_, CeremonyError>> = thread::scope(|scope| {
        let threads: Vec<_> =
            pieces.into_iter().map(|piece| scope.spawn(move || fold(piece))).collect();
        threads.into_iter().map(|one| one.join().expect("a piece does not panic")).collect()
    });
    let (mut found, mut first) = (Vec::new(), 0_u32);
    for piece in folded {
        let (state, lines, mistake) = piece?;
        if let Some(what) = mistake {
            let line = u64::from(first) + u64::from(lines) + 1;
            return Err(CeremonyError::Input { path: path.to_owned(), line, what });
        }
        found.push(Piece { first, lines, state });
        first += lines;
    }
    Ok(found)
}

/// Lines that each end in a line feed, without it.
pub(crate) fn split(whole: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr_iter(b'\n', whole).map(move |end| &whole[std::mem::replace(&mut start, end + 1)..end])
}

/// The digest of a file of any length.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> Result<Digest, CeremonyError> {
    digest_with(path, ("", &|_, _, _| ()))
}

/// The same, and how far it is.
pub(crate) fn digest_with(
    path: &Path,
    (doing, progress): (&'static str, Progress<'_>),
) -> Result<Digest, CeremonyError> {
    let all = length(path)?;
    let mut file = File::open(path).map_err(CeremonyError::disk("read", path))?;
    let (mut hasher, mut chunk, mut read) = (Sha256::new(), vec![0; CHUNK_BYTES], 0);
    loop {
        match file.read(&mut chunk).map_err(CeremonyError::disk("read", path))? {
            0 => return Ok(Digest(hasher.finalize().into())),
            count => {
                hasher.update(&chunk[..count]);
                read += count as u64;
                progress(doing, read, all);
            }
        }
    }
}
