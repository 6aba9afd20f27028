//! How fast frames are appended and read back, and snapshots written and loaded.
//!
//! `cargo run -p journal --release --example append_rate [FOLDER]`: one writer, each frame
//! synced before the next; segments prepared ahead by a second thread; read back by one reader
//! from the page cache. The folder (the system's temporary one unless given) decides what is
//! measured: a file system in memory syncs for nothing.
#![allow(clippy::print_stdout, reason = "the figures are the program's purpose")]

use journal::snapshots::{SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{
    CheckFrom, DataFolder, Disk, FileLog, FolderOptions, FrameStream, JournalError, JournalId, Log,
    LogOptions, OsDisk, ReadLog,
};
use std::error::Error;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use types::ids::{FrameNo, Millis};
use types::limits::SEGMENT_BYTES;

const JOURNAL: JournalId = JournalId([1; 16]);

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    println!(
        "{:>9} {:>8} {:>10} {:>10} {:>12}",
        "payload", "frames", "frames/s", "MB/s", "read MB/s"
    );
    for (payload_bytes, frames) in [(200, 20_000), (50_000, 4_000), (1_000_000, 600)] {
        let folder = tempfile::tempdir_in(&parent)?;
        let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(folder.path())?);
        append(&disk, payload_bytes, frames)?;
    }
    let folder = tempfile::tempdir_in(&parent)?;
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(folder.path())?);
    snapshot(&disk)
}

fn append(disk: &Arc<dyn Disk>, payload_bytes: usize, frames: u64) -> Result<(), Box<dyn Error>> {
    let options = FolderOptions { new_journal: JOURNAL, segment_bytes: SEGMENT_BYTES, process: 1 };
    let _folder = DataFolder::open(Arc::clone(disk), options)?;
    let (mut log, _) = FileLog::open(Arc::clone(disk), LogOptions::new(JOURNAL))?;
    let payload: Vec<u8> = (0..payload_bytes).map(|index| (index % 251) as u8 | 1).collect();
    let preparer = log.preparer();
    preparer.prepare()?;
    let is_done = AtomicBool::new(false);
    let taken = std::thread::scope(|scope| -> Result<Duration, Box<dyn Error>> {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) && preparer.step().is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let start = Instant::now();
        let result = (1..=frames).try_for_each(|no| log.append(Millis(no), 1, &payload).map(drop));
        is_done.store(true, Ordering::Relaxed);
        result?;
        Ok(start.elapsed())
    })?;
    let start = Instant::now();
    let read_bytes = read_back(&log)?;
    let read = start.elapsed();
    assert_eq!(read_bytes, frames * payload_bytes as u64);
    println!(
        "{payload_bytes:>9} {frames:>8} {:>10.0} {:>10.1} {:>12.0}",
        frames as f64 / taken.as_secs_f64(),
        megabytes_per_second(read_bytes, taken),
        megabytes_per_second(read_bytes, read)
    );
    slices(&log, frames, payload_bytes)?;
    let tail = log.tail();
    drop(log);
    let check_from = CheckFrom::Snapshot { frame: tail.frame, hash: tail.hash };
    for check_from in [CheckFrom::Start, check_from] {
        let start = Instant::now();
        let options = LogOptions { check_from, ..LogOptions::new(JOURNAL) };
        let (_, recovery) = FileLog::open(Arc::clone(disk), options)?;
        let millis = start.elapsed().as_millis();
        println!("          opened in {millis} ms, {} frames checked", recovery.frames);
    }
    Ok(())
}

fn read_back(log: &FileLog) -> Result<u64, JournalError> {
    let mut stream = log.reader().frames_from(FrameNo(1))?;
    let mut bytes = 0;
    while let Some(frame) = stream.next_frame()? {
        bytes += frame.payload.len() as u64;
    }
    Ok(bytes)
}

fn slices(log: &FileLog, frames: u64, payload_bytes: usize) -> Result<(), JournalError> {
    const SLICES: u64 = 1_000_000;
    let reader = log.reader();
    let mut slice = [0; 100];
    let start = Instant::now();
    for index in 0..SLICES {
        let frame = FrameNo(index * 7_919 % frames + 1);
        let offset = index * 104_729 % (payload_bytes as u64 - 100);
        reader.read_slice(frame, offset, &mut slice)?;
    }
    let rate = SLICES as f64 / start.elapsed().as_secs_f64();
    println!("          {rate:.0} slices of 100 bytes/s");
    Ok(())
}

fn snapshot(disk: &Arc<dyn Disk>) -> Result<(), Box<dyn Error>> {
    const BODY_BYTES: u64 = 1 << 30;
    disk.create_folder("snapshots")?;
    let meta = SnapshotMeta {
        journal: JOURNAL,
        frame: FrameNo(1),
        at: Millis(1),
        frame_hash: journal::FrameHash([2; 32]),
        ledger_hash: [3; 32],
    };
    let mut buffer = vec![0x5a; 1 << 20];
    let start = Instant::now();
    let mut writer = SnapshotWriter::create(Arc::clone(disk), meta)?;
    for _ in 0..BODY_BYTES >> 20 {
        writer.write_all(&buffer)?;
    }
    writer.finish()?;
    let written = start.elapsed();
    let start = Instant::now();
    let mut reader = SnapshotReader::open(&**disk, JOURNAL, FrameNo(1))?;
    let mut bytes = 0;
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            read => bytes += read as u64,
        }
    }
    assert_eq!(bytes, BODY_BYTES);
    println!(
        "snapshot of 1 GiB: written at {:.0} MB/s, loaded at {:.0} MB/s",
        megabytes_per_second(bytes, written),
        megabytes_per_second(bytes, start.elapsed())
    );
    Ok(())
}

fn megabytes_per_second(bytes: u64, taken: Duration) -> f64 {
    bytes as f64 / 1e6 / taken.as_secs_f64()
}
