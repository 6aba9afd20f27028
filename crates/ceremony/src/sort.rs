//! The list put in order.
//!
//! Owns: reading entries in any order, the check of each, and `entries.txt` in strictly ascending
//! order of bytes. Never: holds more than two of its four parts at once.
//! Invariants: every line is looked at once by a check, and written once.

use crate::error::CeremonyError;
use crate::lines::Lines;
use crate::{Progress, THREADS};
use draw::identity::Tag;
use draw::{Digest, Line, LineProblem, Stock};
use memchr::memchr;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::thread;
use types::limits;

/// Pieces of the list, by the first digit of the first commit; each is read for by itself.
const PARTS: u8 = 4;
const PARTS_AT_ONCE: u8 = THREADS as u8;
const WRITE_BYTES: usize = 1 << 20;

/// What came of it.
pub(crate) struct Sorted {
    pub(crate) entries: u64,
    pub(crate) digest: Digest,
}

/// One part of the list, in order.
struct Part {
    /// Lines with their line feeds, as they came.
    bytes: Vec<u8>,
    order: Vec<Place>,
    tags: Vec<Tag>,
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct Place {
    /// The first 16 digits of the line.
    digits: u64,
    start: u32,
    /// In the file it came from, from 1.
    line: u32,
}

/// Reads the lines of `from`, checks them against `stock`, and writes them to `to` in order.
pub(crate) fn sort(
    from: &Path,
    to: &Path,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Sorted, CeremonyError> {
    let file = File::create(to).map_err(CeremonyError::disk("written", to))?;
    let mut output = Output {
        file: BufWriter::with_capacity(WRITE_BYTES, file),
        hasher: Sha256::new(),
        entries: 0,
    };
    let mut tags = Vec::new();
    for first in (0..PARTS).step_by(PARTS_AT_ONCE.into()) {
        progress("sorting", first.into(), PARTS.into());
        let parts = thread::scope(|scope| {
            let parts: Vec<_> = (first..first + PARTS_AT_ONCE)
                .map(|number| scope.spawn(move || Part::read(from, number, stock)))
                .collect();
            let parts = parts.into_iter().map(|part| part.join().expect("a part does not panic"));
            parts.collect::<Vec<_>>()
        });
        for mut part in whole(parts, from, stock)? {
            part.write(from, to, &mut output)?;
            tags.append(&mut part.tags);
        }
    }
    progress("sorting", PARTS.into(), PARTS.into());
    tags.sort_unstable();
    if let Some(twice) = tags.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(tag_twice(from, twice[0])?);
    }
    let Output { file, hasher, entries } = output;
    let sync = || file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all();
    sync().map_err(CeremonyError::disk("written", to))?;
    Ok(Sorted { entries, digest: Digest(hasher.finalize().into()) })
}

impl Part {
    fn read(from: &Path, number: u8, stock: &Stock) -> Result<Self, CeremonyError> {
        let mut part = Self { bytes: Vec::new(), order: Vec::new(), tags: Vec::new() };
        let mut lines = Lines::open(from)?;
        let mut line_no: u32 = 0;
        while let Some(bytes) = lines.next()? {
            line_no = line_no.checked_add(1).ok_or_else(|| too_many(from))?;
            if part_of(bytes) != number {
                continue;
            }
            let line = check(bytes, stock).map_err(|what| input(from, line_no.into(), what))?;
            part.tags.extend(line.tags());
            let start = u32::try_from(part.bytes.len()).map_err(|_| too_many(from))?;
            part.order.push(Place { digits: digits(bytes), start, line: line_no });
            part.bytes.extend_from_slice(bytes);
            part.bytes.push(b'\n');
        }
        if limits::DRAW_ENTRIES_MAX < line_no.into() {
            return Err(too_many(from));
        }
        let bytes = &part.bytes;
        part.order.sort_unstable_by(|one, two| {
            let by_digits = one.digits.cmp(&two.digits);
            by_digits.then_with(|| line_at(bytes, *one).cmp(line_at(bytes, *two)))
        });
        Ok(part)
    }

    fn write(&self, from: &Path, to: &Path, output: &mut Output) -> Result<(), CeremonyError> {
        let mut last: Option<(Place, &[u8])> = None;
        for place in &self.order {
            let line = line_at(&self.bytes, *place);
            if let Some((before, _)) = last.filter(|(_, before)| *before == line) {
                let (first, second) = (before.line.min(place.line), before.line.max(place.line));
                let what = format!("the same entry as in line {first}");
                return Err(input(from, second.into(), what));
            }
            output.write(line).map_err(CeremonyError::disk("written", to))?;
            last = Some((*place, line));
        }
        Ok(())
    }
}

/// The parts. A mistake in one is looked for once more in the order of the file: another part may
/// hold an earlier one.
fn whole(
    parts: Vec<Result<Part, CeremonyError>>,
    from: &Path,
    stock: &Stock,
) -> Result<Vec<Part>, CeremonyError> {
    let parts: Result<Vec<_>, _> = parts.into_iter().collect();
    if let Err(CeremonyError::Input { .. }) = &parts {
        let (mut lines, mut line_no) = (Lines::open(from)?, 0);
        while let Some(bytes) = lines.next()? {
            line_no += 1;
            check(bytes, stock).map_err(|what| input(from, line_no, what))?;
        }
    }
    parts
}

/// Reads an entry that may be sealed with `stock`.
fn check<'a>(bytes: &'a [u8], stock: &Stock) -> Result<Line<'a>, LineProblem> {
    let line = Line::read(bytes)?;
    line.wish(stock)?;
    Ok(line)
}

fn input(path: &Path, line: u64, what: impl ToString) -> CeremonyError {
    CeremonyError::Input { path: path.to_owned(), line, what: what.to_string() }
}

/// Where the list goes, with its digest on the way.
struct Output {
    file: BufWriter<File>,
    hasher: Sha256,
    entries: u64,
}

impl Output {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.hasher.update(line);
        self.entries += 1;
        self.file.write_all(line)
    }
}

/// The line at a place, with its line feed.
fn line_at(bytes: &[u8], place: Place) -> &[u8] {
    let rest = &bytes[place.start as usize..];
    &rest[..=memchr(b'\n', rest).expect("each line was kept with its line feed")]
}

/// Which part a line belongs to; what is no line belongs to the first, where its check finds it.
fn part_of(line: &[u8]) -> u8 {
    line.first().and_then(|digit| char::from(*digit).to_digit(16)).map_or(0, |digit| {
        let digit = u8::try_from(digit).expect("a digit is below 16");
        digit / (16 / PARTS)
    })
}

/// The first 16 digits as a number, which is in the order of the bytes.
fn digits(line: &[u8]) -> u64 {
    let digit = |byte: &u8| u64::from(char::from(*byte).to_digit(16).unwrap_or(0));
    line.iter().take(16).fold(0, |digits, byte| digits << 4 | digit(byte))
}

fn too_many(path: &Path) -> CeremonyError {
    let what = format!("a draw takes {} entries at most", limits::DRAW_ENTRIES_MAX);
    CeremonyError::wrong(path, what)
}

/// Which two lines hold a tag.
fn tag_twice(path: &Path, twice: Tag) -> Result<CeremonyError, CeremonyError> {
    let (mut lines, mut line_no, mut first) = (Lines::open(path)?, 0_u64, None);
    while let Some(bytes) = lines.next()? {
        line_no += 1;
        let Ok(line) = Line::read(bytes) else { continue };
        for _ in line.tags().filter(|tag| *tag == twice) {
            if let Some(first) = first {
                let what =
                    format!("a person is in the list twice: their tag stands in line {first}");
                return Ok(input(path, line_no, what));
            }
            first = Some(line_no);
        }
    }
    Ok(CeremonyError::wrong(path, "the file was changed while it was being sealed"))
}
