//! The list put in order.
//!
//! Owns: reading entries in any order, the check of each, and `entries.txt` in strictly ascending
//! order of bytes, handed on with the hash of each line as a leaf. Never: holds more than a few
//! shards of the list at once.
//! Invariants: every line is checked once and written once.

use crate::error::CeremonyError;
use crate::folder::{Folder, TILES};
use crate::lines::length;
use crate::progress::Passes;
use crate::tiles::{Head, Tiles};
use crate::{Progress, THREADS, list, tags, tiles};
use draw::tree::leaves;
use draw::{Digest, Line, Stock};
use memchr::memchr_iter;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use types::limits;

/// What lines are parted by: the first six bits of the first commit. More would be more files than
/// some systems let a program open.
const SHARDS: usize = 64;
/// Where shards lie while the list is sorted.
const SORTING: &str = "sorting";
const SHARD_BUFFER_BYTES: usize = 1 << 18;
/// Shards that may wait for whoever writes them.
const SHARDS_WAITING: usize = 1;
/// Bytes of the list behind which the disk is to take in what is new, while the rest is sorted: it
/// would have nothing to do until the end, and all of it then (2.3 s of waiting at 5 million lines,
/// 0.1 s so).
const SYNC_BYTES: usize = 128 << 20;
/// From this shard on, tiles go to the disk, too. Nothing but all files at once can be asked for,
/// and of the shards few wait by then that are written out for nothing.
const SYNC_ALL_FROM: usize = SHARDS / 4 * 3;
/// Bytes of a line at least: what room there must be for tags is reckoned with it.
const LINE_BYTES_MIN: u64 = 100;

/// What came of it.
pub(crate) struct Sorted {
    pub(crate) digest: Digest,
    pub(crate) head: Head,
}

/// Reads the lines of `from`, checks them against `stock`, and writes them in order to the part of
/// `name` in `folder`, and the tree over them to that of its tiles.
pub(crate) fn sort(
    from: &Path,
    folder: &Folder,
    name: &str,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Sorted, CeremonyError> {
    let mut passes = Passes::new(progress, 2);
    let (checking, sorting) = (passes.next(1), passes.next(1));
    folder.forget_part(SORTING)?;
    let place = folder.part(SORTING);
    fs::create_dir(&place).map_err(CeremonyError::disk("made", &place))?;
    let file = folder.create_part(name)?;
    let to = folder.part(name);
    let sorted = shard(from, &place, stock, &checking).and_then(|tags| {
        let tiles = Tiles::begin(folder)?;
        thread::scope(|scope| {
            let checked = scope.spawn(|| tags::must_differ(from, tags));
            let written = write(from, &place, file, &to, tiles, &sorting);
            checked.join().expect("a check of tags does not panic").and(written)
        })
    });
    folder.forget_part(SORTING)?;
    if sorted.is_err() {
        folder.forget_part(name)?;
        folder.forget_part(TILES)?;
    }
    sorted
}

/// Checks every line and puts it into its shard; all tags.
fn shard(
    from: &Path,
    place: &Path,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Vec<u128>, CeremonyError> {
    let threads = AtomicUsize::new(0);
    // What a list claims by its length alone is not believed.
    let lines = (length(from)? / LINE_BYTES_MIN).min(limits::DRAW_ENTRIES_MAX / 64);
    let room = usize::try_from(lines).unwrap_or(0) / THREADS;
    let begin = || Shards::begin(place, threads.fetch_add(1, Relaxed), room);
    let each = |shards: &mut Shards, _, bytes: &[u8]| {
        let line = Line::read(bytes).map_err(|problem| problem.to_string())?;
        line.wish(stock).map_err(|problem| problem.to_string())?;
        shards.tags.extend(tags::of(&line));
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
    tags: Vec<u128>,
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
        let digit = |at: usize| char::from(line[at]).to_digit(16).expect("a line begins in digits");
        let shard = digit(0) as usize * 4 + digit(1) as usize / 4;
        let Some(file) = self.files.get_mut(shard) else { return };
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

/// Sorts the shards of the list `from` on all threads, and writes them one behind the other: the
/// list here, its tree beside it.
fn write(
    from: &Path,
    place: &Path,
    file: File,
    to: &Path,
    tiles: Tiles,
    progress: Progress<'_>,
) -> Result<Sorted, CeremonyError> {
    thread::scope(|scope| {
        let shards: Vec<_> = (0..THREADS)
            .map(|first| {
                let (ready, shards) = sync_channel(SHARDS_WAITING);
                scope.spawn(move || sort_shards(from, place, first, &ready));
                shards
            })
            .collect();
        let (sorted, of_tree) = sync_channel(SHARDS_WAITING);
        let (planted, to_sync) = channel();
        let synced = scope.spawn(|| sync(place, &file, to, to_sync));
        let head = scope.spawn(move || plant(tiles, &of_tree, &planted));
        let digest = write_list(&shards, &file, to, &sorted, progress);
        drop(sorted);
        let head = head.join().expect("a tree does not panic");
        let synced = synced.join().expect("a sync does not panic");
        let sorted = Sorted { digest: digest?, head: head? };
        synced.map(|()| sorted)
    })
}

/// Writes the list; its digest.
fn write_list(
    shards: &[Receiver<Result<Shard, CeremonyError>>],
    mut file: &File,
    to: &Path,
    sorted: &SyncSender<Arc<Shard>>,
    progress: Progress<'_>,
) -> Result<Digest, CeremonyError> {
    let mut hasher = Sha256::new();
    for number in 0..SHARDS {
        progress("sorting", number as u64, SHARDS as u64);
        let shard = shards[number % THREADS].recv().expect("each sorting thread sends its shards");
        let shard = Arc::new(shard?);
        if sorted.send(Arc::clone(&shard)).is_err() {
            // The tree could not be written, which is told when its thread is joined.
            break;
        }
        hasher.update(&shard.lines);
        file.write_all(&shard.lines).map_err(CeremonyError::disk("written", to))?;
    }
    file.sync_all().map_err(CeremonyError::disk("written", to))?;
    Ok(Digest(hasher.finalize().into()))
}

/// Adds shard after shard to the tree, and tells how many it holds when there is much to sync; its
/// head.
fn plant(
    mut tiles: Tiles,
    shards: &Receiver<Arc<Shard>>,
    planted: &Sender<usize>,
) -> Result<Head, CeremonyError> {
    let mut waiting = 0;
    for (count, shard) in (1..).zip(shards) {
        tiles.add(list::split(&shard.lines).zip(shard.leaves.iter().copied()))?;
        waiting += shard.lines.len();
        if SYNC_BYTES <= waiting {
            waiting = 0;
            // Whoever syncs has ended only if that failed, which is told when it is joined.
            let _ = planted.send(count);
        }
    }
    tiles.finish()
}

/// Has the disk take in the list, and the tiles towards the end, as they grow.
fn sync(
    place: &Path,
    list: &File,
    to: &Path,
    planted: Receiver<usize>,
) -> Result<(), CeremonyError> {
    for count in planted {
        if count < SYNC_ALL_FROM {
            list.sync_data().map_err(CeremonyError::disk("synced", to))?;
        } else {
            tiles::sync(place)?;
        }
    }
    Ok(())
}

fn sort_shards(
    from: &Path,
    place: &Path,
    first: usize,
    ready: &SyncSender<Result<Shard, CeremonyError>>,
) {
    let mut room = Room::default();
    for number in (first..SHARDS).step_by(THREADS) {
        let shard = room.read(from, place, number).and_then(|()| room.sort(from));
        if ready.send(shard).is_err() {
            // Another shard had a mistake: nobody wants this one any more.
            return;
        }
    }
}

/// The lines of one shard, in order, and the hash of each.
struct Shard {
    /// With their line feeds.
    lines: Vec<u8>,
    leaves: Vec<Digest>,
}

/// Where a thread sorts one shard after the other.
#[derive(Default)]
struct Room {
    /// Lines with their line feeds, as they came.
    bytes: Vec<u8>,
    order: Vec<Place>,
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct Place {
    /// Its digits behind the first, in the order of bytes.
    digits: u64,
    start: u32,
    /// Bytes of the line with its line feed.
    length: u32,
}

impl Room {
    /// Reads the lines of a shard of the list `from`, whose files nobody needs any more.
    fn read(&mut self, from: &Path, place: &Path, number: usize) -> Result<(), CeremonyError> {
        self.bytes.clear();
        for thread in 0..THREADS {
            let path = path(place, thread, number);
            let mut file = match File::open(&path) {
                Ok(file) => file,
                // A short list is read by fewer threads.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(CeremonyError::disk("read", &path)(error)),
            };
            file.read_to_end(&mut self.bytes).map_err(CeremonyError::disk("read", &path))?;
            // Gone before the system has written it out for nothing.
            fs::remove_file(&path).map_err(CeremonyError::disk("removed", &path))?;
        }
        if u32::try_from(self.bytes.len()).is_err() {
            let what = "too many lines begin with the same digits";
            return Err(CeremonyError::wrong(from, what));
        }
        Ok(())
    }

    /// Puts the lines of the list `from` in order, and hashes each.
    fn sort(&mut self, from: &Path) -> Result<Shard, CeremonyError> {
        let Self { bytes, order } = self;
        order.clear();
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            let length = (end + 1 - start) as u32;
            order.push(Place { digits: digits(&bytes[start..end]), start: start as u32, length });
            start = end + 1;
        }
        order.sort_unstable_by_key(|place| place.digits);
        for alike in order.chunk_by_mut(|one, two| one.digits == two.digits) {
            if let [_, _, ..] = alike {
                alike.sort_unstable_by_key(|place| line_at(bytes, *place));
                if alike.windows(2).any(|two| line_at(bytes, two[0]) == line_at(bytes, two[1])) {
                    // Its tags stand twice, too, and are told with their lines.
                    return Err(CeremonyError::wrong(from, "a line stands in the list twice"));
                }
            }
        }
        let mut lines = Vec::with_capacity(bytes.len());
        order.iter().for_each(|place| lines.extend_from_slice(line_at(bytes, *place)));
        let each: Vec<&[u8]> = list::split(&lines).collect();
        let leaves = each.chunks(list::BATCH_LINES).flat_map(leaves).collect();
        Ok(Shard { lines, leaves })
    }
}

/// The line at a place, with its line feed.
fn line_at(bytes: &[u8], Place { start, length, .. }: Place) -> &[u8] {
    &bytes[start as usize..(start + length) as usize]
}

/// Eight digits behind the first, which is nearly the same in all lines of a shard, as a number
/// that is in the order of the bytes.
fn digits(line: &[u8]) -> u64 {
    let digits = line[1..].first_chunk().expect("a line that was checked is longer");
    u64::from_be_bytes(*digits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_while_sorting_is_told_of_the_list_that_was_given() {
        let line = format!("{}\n", "a".repeat(100));
        let mut room = Room { bytes: line.repeat(2).into_bytes(), order: Vec::new() };
        let error = room.sort(Path::new("people.txt")).map(drop).unwrap_err().to_string();
        assert_eq!(error, "people.txt: a line stands in the list twice");
    }
}
