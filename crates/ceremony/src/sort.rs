//! The list put in order.
//!
//! Owns: reading entries in any order, the check of each, and `entries.txt` in strictly ascending
//! order of bytes. Never: holds more than a few shards of the list at once.
//! Invariants: every line is checked once and written once.

use crate::error::CeremonyError;
use crate::folder::Folder;
use crate::lines::{Lines, length};
use crate::{Progress, THREADS, list};
use draw::identity::Tag;
use draw::{Digest, Line, Stock};
use memchr::memchr_iter;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use types::limits;

/// What lines are parted by: the first digit of the first commit.
const SHARDS: usize = 16;
/// Where shards lie while the list is sorted.
const SORTING: &str = "sorting";
const SHARD_BUFFER_BYTES: usize = 1 << 18;
const WRITE_BYTES: usize = 1 << 20;
/// Bytes of a line at least: what room there must be for tags is reckoned with it.
const LINE_BYTES_MIN: u64 = 100;

/// What came of it.
pub(crate) struct Sorted {
    pub(crate) entries: u64,
    pub(crate) digest: Digest,
}

/// Reads the lines of `from`, checks them against `stock`, and writes them in order to the part of
/// `name` in `folder`.
pub(crate) fn sort(
    from: &Path,
    folder: &Folder,
    name: &str,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Sorted, CeremonyError> {
    folder.forget_part(SORTING)?;
    let place = folder.part(SORTING);
    fs::create_dir(&place).map_err(CeremonyError::disk("made", &place))?;
    let to = folder.part(name);
    let sorted = shard(from, &place, stock, progress).and_then(|tags| {
        thread::scope(|scope| {
            let checked = scope.spawn(|| check_tags(from, tags));
            let written = write(&place, &to, progress);
            checked.join().expect("a check of tags does not panic").and(written)
        })
    });
    folder.forget_part(SORTING)?;
    if sorted.is_err() {
        folder.forget_part(name)?;
    }
    sorted
}

/// Checks every line and puts it into its shard; all tags.
fn shard(
    from: &Path,
    place: &Path,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Vec<Tag>, CeremonyError> {
    let threads = AtomicUsize::new(0);
    let room = usize::try_from(length(from)? / LINE_BYTES_MIN).unwrap_or(0) / THREADS;
    let begin = || Shards::begin(place, threads.fetch_add(1, Relaxed), room);
    let each = |shards: &mut Shards, _, bytes: &[u8]| {
        let line = Line::read(bytes).map_err(|problem| problem.to_string())?;
        line.wish(stock).map_err(|problem| problem.to_string())?;
        for tag in line.tags() {
            shards.tags.push(tag);
        }
        shards.add(bytes);
        Ok(())
    };
    let pieces = list::scan(from, "checking", progress, begin, each)?;
    let entries: u64 = pieces.iter().map(|piece| u64::from(piece.lines)).sum();
    if limits::DRAW_ENTRIES_MAX < entries {
        let what = format!("a draw takes {} entries at most", limits::DRAW_ENTRIES_MAX);
        return Err(CeremonyError::wrong(from, what));
    }
    let mut tags = Vec::new();
    for piece in pieces {
        let mut shards = piece.state;
        shards.end().map_err(CeremonyError::disk("written", place))?;
        tags.append(&mut shards.tags);
    }
    Ok(tags)
}

/// What one thread has put aside.
struct Shards {
    files: Vec<BufWriter<File>>,
    tags: Vec<Tag>,
    failed: Option<io::Error>,
}

impl Shards {
    fn begin(place: &Path, thread: usize, room: usize) -> Self {
        let file = |shard| {
            let file = File::create_new(path(place, thread, shard))?;
            Ok(BufWriter::with_capacity(SHARD_BUFFER_BYTES, file))
        };
        let (files, failed) = match (0..SHARDS).map(file).collect::<io::Result<Vec<_>>>() {
            Ok(files) => (files, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        Self { files, tags: Vec::with_capacity(room), failed }
    }

    fn add(&mut self, line: &[u8]) {
        let shard = char::from(line[0]).to_digit(16).expect("a line begins with a digit");
        let Some(file) = self.files.get_mut(shard as usize) else { return };
        let written = file.write_all(line).and_then(|()| file.write_all(b"\n"));
        self.failed = self.failed.take().or(written.err());
    }

    /// Whether everything was written.
    fn end(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)?;
        self.files.iter_mut().try_for_each(BufWriter::flush)
    }
}

fn path(place: &Path, thread: usize, shard: usize) -> PathBuf {
    place.join(format!("{thread}-{shard}"))
}

fn check_tags(from: &Path, mut tags: Vec<Tag>) -> Result<(), CeremonyError> {
    tags.sort_unstable();
    match tags.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(tag_twice(from, twice[0])?),
        None => Ok(()),
    }
}

/// Sorts shard after shard on all threads, and writes them one behind the other.
fn write(place: &Path, to: &Path, progress: Progress<'_>) -> Result<Sorted, CeremonyError> {
    let file = File::create(to).map_err(CeremonyError::disk("written", to))?;
    let mut output = Output {
        file: BufWriter::with_capacity(WRITE_BYTES, file),
        hasher: Sha256::new(),
        entries: 0,
    };
    thread::scope(|scope| {
        let shards: Vec<_> = (0..THREADS)
            .map(|first| {
                // One shard lies ready while the next is sorted: no more are held.
                let (ready, shards) = sync_channel(0);
                scope.spawn(move || sort_shards(place, first, &ready));
                shards
            })
            .collect();
        (0..SHARDS).try_for_each(|number| {
            progress("sorting", number as u64, SHARDS as u64);
            let shard = next(&shards[number % THREADS])?;
            shard.write(to, &mut output)
        })
    })?;
    let Output { file, hasher, entries } = output;
    let sync = || file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all();
    sync().map_err(CeremonyError::disk("written", to))?;
    Ok(Sorted { entries, digest: Digest(hasher.finalize().into()) })
}

fn next(shards: &Receiver<Result<Shard, CeremonyError>>) -> Result<Shard, CeremonyError> {
    shards.recv().expect("a sorting thread sends each of its shards")
}

fn sort_shards(place: &Path, first: usize, ready: &SyncSender<Result<Shard, CeremonyError>>) {
    for number in (first..SHARDS).step_by(THREADS) {
        if ready.send(Shard::sort(place, number)).is_err() {
            // Another shard had a mistake: nobody wants this one any more.
            return;
        }
    }
}

/// The lines of one first digit, in order.
struct Shard {
    /// Lines with their line feeds, as they came.
    bytes: Vec<u8>,
    order: Vec<Place>,
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct Place {
    /// The first 16 digits of the line.
    digits: u64,
    start: u32,
    /// Bytes of the line with its line feed.
    length: u32,
}

impl Shard {
    fn sort(place: &Path, number: usize) -> Result<Self, CeremonyError> {
        let mut bytes = Vec::new();
        for thread in 0..THREADS {
            let path = path(place, thread, number);
            match fs::read(&path) {
                Ok(mut more) => bytes.append(&mut more),
                // A short list is read by fewer threads.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(CeremonyError::disk("read", &path)(error)),
            }
        }
        if u32::try_from(bytes.len()).is_err() {
            let what = "too many lines begin with the same digit";
            return Err(CeremonyError::wrong(place, what));
        }
        let mut order = Vec::with_capacity(bytes.len() / LINE_BYTES_MIN as usize);
        let mut start = 0;
        for end in memchr_iter(b'\n', &bytes) {
            let length = (end + 1 - start) as u32;
            order.push(Place { digits: digits(&bytes[start..end]), start: start as u32, length });
            start = end + 1;
        }
        order.sort_unstable_by(|one, two| {
            let by_digits = one.digits.cmp(&two.digits);
            by_digits.then_with(|| line_at(&bytes, *one).cmp(line_at(&bytes, *two)))
        });
        Ok(Self { bytes, order })
    }

    fn write(&self, to: &Path, output: &mut Output) -> Result<(), CeremonyError> {
        let mut last: &[u8] = b"";
        for place in &self.order {
            let line = line_at(&self.bytes, *place);
            if line <= last {
                // Its tags stand twice, too, and are told with their lines.
                return Err(CeremonyError::wrong(to, "a line stands in the list twice"));
            }
            output.write(line).map_err(CeremonyError::disk("written", to))?;
            last = line;
        }
        Ok(())
    }
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
fn line_at(bytes: &[u8], Place { start, length, .. }: Place) -> &[u8] {
    &bytes[start as usize..(start + length) as usize]
}

/// The first 16 digits as a number, which is in the order of the bytes.
fn digits(line: &[u8]) -> u64 {
    let digit = |byte: &u8| u64::from(char::from(*byte).to_digit(16).unwrap_or(0));
    line.iter().take(16).fold(0, |digits, byte| digits << 4 | digit(byte))
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
                return Ok(CeremonyError::Input { path: path.to_owned(), line: line_no, what });
            }
            first = Some(line_no);
        }
    }
    Ok(CeremonyError::wrong(path, "the file was changed while it was being sealed"))
}
