//! Every single bit of a journal of 64 KiB, turned round: refused, or every frame is there, and
//! either way a start changes nothing.

use crate::support::{JOURNAL, append, payload, read_all};
use expect_test::expect;
use journal::{
    Access, DataFolder, Disk, DiskFile, FileLog, FolderOptions, JournalError, Log, LogOptions,
};
use simdisk::SimDisk;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use types::ids::{FrameNo, Millis};

const JOURNAL_BYTES: usize = 64 << 10;
/// Four of them: 12 KiB of frames in each, and zeros at the end of the last.
const SEGMENT_BYTES: u64 = 16 << 10;
/// A start takes 140 µs where nothing is optimised: there, every 13th bit, which is each of a
/// byte's in turn; all of them with `--release`.
const STEP: usize = if cfg!(debug_assertions) { 13 } else { 1 };
const SEGMENT_BITS: usize = SEGMENT_BYTES as usize * 8;
/// No bit.
const NONE: usize = usize::MAX;

/// Segments that stay as they are but for one bit. What is written is judged, and forgotten.
#[derive(Debug)]
struct Frozen {
    paths: Vec<String>,
    /// All of them, one after another.
    bytes: Vec<u8>,
    flipped: AtomicUsize,
}

#[derive(Debug)]
struct FrozenFile {
    frozen: Arc<FrozenDisk>,
    place: Range<usize>,
}

/// A disk of them; what it opens refers to it.
#[derive(Debug)]
struct FrozenDisk(Frozen);

#[derive(Clone, Debug)]
struct Shared(Arc<FrozenDisk>);

impl FrozenDisk {
    fn of(memory: &SimDisk) -> Self {
        let paths: Vec<_> =
            memory.paths().into_iter().filter(|path| path.ends_with(".seg")).collect();
        let bytes: Vec<u8> = paths.iter().flat_map(|path| memory.bytes(path).unwrap()).collect();
        assert_eq!(bytes.len(), paths.len() * SEGMENT_BYTES as usize);
        Self(Frozen { paths, bytes, flipped: AtomicUsize::new(NONE) })
    }

    /// Turns this bit of all round, and no other.
    fn flip(&self, bit: usize) {
        self.0.flipped.store(bit, Relaxed);
    }

    /// The byte that holds the flipped bit, and what it is now.
    fn flipped(&self) -> Option<(usize, u8)> {
        let bit = self.0.flipped.load(Relaxed);
        (bit != NONE).then(|| (bit / 8, self.0.bytes[bit / 8] ^ (1 << (bit % 8))))
    }
}

impl Disk for Shared {
    fn create_folder(&self, _path: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn create(&self, _path: &str) -> io::Result<Arc<dyn DiskFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn open(&self, path: &str, _access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let paths = &self.0.0.paths;
        let number = paths.iter().position(|known| known == path).ok_or(io::ErrorKind::NotFound)?;
        let segment_bytes = SEGMENT_BYTES as usize;
        let place = number * segment_bytes..(number + 1) * segment_bytes;
        Ok(Arc::new(FrozenFile { frozen: Arc::clone(&self.0), place }))
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        assert_eq!(folder, "journal");
        let name = |path: &String| path.trim_start_matches("journal/").to_owned();
        Ok(self.0.0.paths.iter().map(name).collect())
    }
    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        assert_eq!(path, "journal/prepared.tmp", "nothing else is removed");
        Err(io::ErrorKind::NotFound.into())
    }
    fn sync_folder(&self, _folder: &str) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for FrozenFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let from = self.place.end.min(self.place.start + offset as usize);
        let until = self.place.end.min(from + buffer.len());
        buffer[..until - from].copy_from_slice(&self.frozen.0.bytes[from..until]);
        if let Some((at, byte)) = self.frozen.flipped()
            && (from..until).contains(&at)
        {
            buffer[at - from] = byte;
        }
        Ok(until - from)
    }
    /// What was never acknowledged is zeros here: a start may only write what was there before the
    /// flip, or what is there since.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let from = self.place.start + offset as usize;
        assert!(from + bytes.len() <= self.place.end, "a segment keeps its length");
        let flipped = self.frozen.flipped();
        let before = &self.frozen.0.bytes[from..from + bytes.len()];
        if before != bytes {
            let differing = (0..bytes.len()).filter(|&index| before[index] != bytes[index]);
            for index in differing {
                assert_eq!(flipped, Some((from + index, bytes[index])), "something was cut");
            }
        }
        Ok(bytes.len())
    }
    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
    fn length(&self) -> io::Result<u64> {
        Ok(SEGMENT_BYTES)
    }
    fn set_length(&self, _bytes: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn try_lock(&self) -> io::Result<bool> {
        Ok(true)
    }
}

fn open(disk: &Shared) -> Result<FileLog, JournalError> {
    let options = LogOptions { segment_bytes: SEGMENT_BYTES, ..LogOptions::new(JOURNAL) };
    FileLog::open(Arc::new(disk.clone()), options).map(|(log, _)| log)
}

/// 64 KiB of frames of all kinds: small, large, empty, with zeros within and at their ends.
fn journal() -> (SimDisk, Vec<(u64, Vec<u8>)>) {
    let memory = SimDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let options =
        FolderOptions { new_journal: JOURNAL, segment_bytes: SEGMENT_BYTES, process: 4_711 };
    DataFolder::open(Arc::clone(&disk), options).unwrap();
    let options = LogOptions { segment_bytes: SEGMENT_BYTES, ..LogOptions::new(JOURNAL) };
    let (mut log, _) = FileLog::open(disk, options).unwrap();
    for segment in 0..4 {
        append(&mut log, 3, 1_500);
        append(&mut log, 8, 300 + segment);
        log.append(log.tail().at, 0, &[]).unwrap();
        let zeros = [payload(FrameNo(1), 40), vec![0; 1_200]].concat();
        log.append(Millis(log.tail().at.0 + 5), 2, &zeros).unwrap();
        append(&mut log, 1, if segment < 3 { 1_900 } else { 700 });
    }
    (memory, read_all(&log).unwrap())
}

/// Flips bits in turn; tells how many of them had the journal refused.
fn refused_flips(memory: &SimDisk, frames: &[(u64, Vec<u8>)], bits: Range<usize>) -> usize {
    let disk = &Shared(Arc::new(FrozenDisk::of(memory)));
    assert_eq!(disk.0.0.bytes.len(), JOURNAL_BYTES);
    let memory = memory.copy();
    let verified: Arc<dyn Disk> = Arc::new(memory.clone());
    let mut refused = 0;
    for bit in bits.filter(|bit| bit % STEP == 0) {
        disk.0.flip(bit);
        match open(disk) {
            Err(error) => {
                assert!(["journal-damaged", "data-newer"].contains(&error.code()), "{error}");
                refused += 1;
                if refused % 61 == 0 {
                    let path = &disk.0.0.paths[bit / SEGMENT_BITS];
                    memory.flip(path, bit % SEGMENT_BITS);
                    let report = journal::verify(Arc::clone(&verified), None, &mut |_| {});
                    assert!(!report.unwrap().is_sound(), "bit {bit}: verify finds it, too");
                    memory.flip(path, bit % SEGMENT_BITS);
                }
            }
            Ok(log) => {
                assert!(read_all(&log).unwrap() == frames, "bit {bit}: something was lost");
            }
        }
    }
    refused
}

#[test]
fn every_flip_of_a_journal_of_64_kib_is_refused_or_harmless() {
    let (memory, frames) = journal();
    let bits = JOURNAL_BYTES * 8;
    let parts = std::thread::available_parallelism().map_or(1, usize::from);
    let refused: usize = std::thread::scope(|scope| {
        let part = |part: usize| {
            let (memory, frames) = (&memory, &frames);
            let bits = part * bits / parts..(part + 1) * bits / parts;
            scope.spawn(move || refused_flips(memory, frames, bits))
        };
        let parts: Vec<_> = (0..parts).map(part).collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    // All but the end marks of the frames, and the zeros after the last.
    let expected = if cfg!(debug_assertions) {
        expect!["39065 of 40330, 56 frames"]
    } else {
        expect!["507840 of 524288, 56 frames"]
    };
    expected.assert_eq(&format!("{refused} of {}, {} frames", bits.div_ceil(STEP), frames.len()));
}
