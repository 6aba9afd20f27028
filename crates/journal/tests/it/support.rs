//! What the tests share: opening journals, reading them back.

use journal::{
    DataFolder, Disk, FileLog, FolderOptions, JournalError, JournalId, Log, LogOptions, ReadLog,
    Recovery,
};
use model::generate::Random;
use simdisk::{Rates, SimDisk};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

pub(crate) const JOURNAL: JournalId = JournalId([7; 16]);
pub(crate) const SEGMENT_BYTES: u64 = 8_192;

pub(crate) fn folder_options() -> FolderOptions {
    FolderOptions { new_journal: JOURNAL, segment_bytes: SEGMENT_BYTES, process: 4_711 }
}

pub(crate) fn log_options() -> LogOptions {
    LogOptions { segment_bytes: SEGMENT_BYTES, ..LogOptions::new(JOURNAL) }
}

pub(crate) fn open_log(disk: &Arc<dyn Disk>) -> Result<(FileLog, Recovery), JournalError> {
    FileLog::open(Arc::clone(disk), log_options())
}

/// A disk of which every second call is interrupted, and every second of the others short.
pub(crate) fn choppy_disk() -> SimDisk {
    let disk = SimDisk::default();
    disk.set_random(Random::new(1));
    disk.set_rates(Rates { interrupted: 5_000, short: 5_000, ..Rates::default() });
    disk
}

/// A new data folder in memory and its log.
pub(crate) fn new_log() -> (SimDisk, Arc<dyn Disk>, FileLog) {
    let memory = SimDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let (log, _) = open_log(&disk).unwrap();
    (memory, disk, log)
}

/// Appends frames whose payloads follow from their numbers.
pub(crate) fn append(log: &mut dyn Log, frames: u64, bytes: usize) {
    for _ in 0..frames {
        let no = log.tail().frame.next();
        log.append(Millis(no.0 * 10), 1, &payload(no, bytes)).unwrap();
    }
}

/// Never zero at its ends, with a run of zeros inside when it is long.
pub(crate) fn payload(no: FrameNo, bytes: usize) -> Vec<u8> {
    let mut payload = journal::conformance::payload(no.0, bytes);
    payload.iter_mut().take(300).for_each(|byte| *byte |= 1);
    payload
}

pub(crate) fn read_all(log: &FileLog) -> Result<Vec<(u64, Vec<u8>)>, JournalError> {
    let mut stream = log.reader().read_from(FrameNo(1))?;
    let mut frames = Vec::new();
    while let Some(frame) = stream.next_frame()? {
        frames.push((frame.no.0, frame.payload.to_vec()));
    }
    Ok(frames)
}
