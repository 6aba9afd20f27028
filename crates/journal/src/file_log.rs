//! The file provider of the log: append-only segment files.
//!
//! Owns: the open segment, the place of the next frame, the roll, the poison. Never: decodes a
//! payload, reads a clock, starts a thread, syncs twice what failed once.
//! Invariants: one write and one sync a frame; the tail moves only after the sync; a segment
//! has its name only when its header is durable and every earlier frame is.
//! On failure: out of room before anything was written is `Full`; all else poisons for ever.

use crate::archive::Archiver;
use crate::disk::{DiskFile, is_full, write_all_at};
use crate::error::{JournalError, writing};
use crate::frame::{self, Header};
use crate::log::{AppendError, FrameHash, JournalId, Log, ReadLog, Tail};
use crate::preparer::{Preparation, Preparer};
use crate::read::{ReadHandle, Readers};
use crate::recovery::{CheckFrom, Recovery, recover};
use crate::segment::{
    self, Archive, FOLDER, PREPARED, Places, SEGMENT_HEADER_BYTES, SegmentHeader,
};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use types::ids::{FrameNo, Millis};
use types::limits::{FRAME_PAYLOAD_BYTES_MAX, SEGMENT_BYTES};
#[cfg(planted)]
use types::planted::{self, Bug};

/// How a journal is opened.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// The journal's id, from the data folder's `FORMAT`.
    pub journal: JournalId,
    /// Bytes of a new segment; a frame that is larger gets a segment of its own size.
    pub segment_bytes: u64,
    /// Where archived segments are.
    pub archive: Option<Archive>,
    /// From where on to check.
    pub check_from: CheckFrom,
}

impl LogOptions {
    /// Segments of `limits::SEGMENT_BYTES`, no archive, everything checked.
    #[must_use]
    pub const fn new(journal: JournalId) -> Self {
        Self { journal, segment_bytes: SEGMENT_BYTES, archive: None, check_from: CheckFrom::Start }
    }
}

/// A log in segment files. One at a time on a data folder: [`crate::DataFolder`] sees to that.
#[derive(Debug)]
pub struct FileLog {
    shared: Arc<Shared>,
    file: Arc<dyn DiskFile>,
    path: String,
    file_bytes: u64,
    /// Where the next frame goes, in bytes.
    offset: u64,
    tail: Tail,
    /// Kept from one append to the next, so that none allocates.
    buffer: Vec<u8>,
}

/// What the log, its preparer and its readers have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) places: Places,
    pub(crate) segment_bytes: u64,
    pub(crate) journal: JournalId,
    poison: OnceLock<Arc<str>>,
    preparation: Mutex<Preparation>,
    pub(crate) readers: Readers,
}

/// A sync that failed is never forgiven, not even for lack of room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    /// Nothing that counts was touched: lack of room may pass.
    None,
    /// What is on the disk is not known.
    Unknown,
}

impl Shared {
    /// The error of a failed step, after poisoning the log where it must be.
    pub(crate) fn fail(
        &self,
        harm: Harm,
        what: &str,
        file: &str,
        error: &io::Error,
    ) -> AppendError {
        if harm == Harm::None && is_full(error) {
            return AppendError::Full { file: file.to_owned(), reason: error.to_string() };
        }
        let reason = self.poison.get_or_init(|| format!("could not {what} {file}: {error}").into());
        AppendError::Poisoned { reason: Arc::clone(reason) }
    }

    pub(crate) fn check(&self) -> Result<(), AppendError> {
        match self.poison.get() {
            None => Ok(()),
            Some(reason) => Err(AppendError::Poisoned { reason: Arc::clone(reason) }),
        }
    }

    pub(crate) fn preparation(&self) -> MutexGuard<'_, Preparation> {
        // Its steps leave it true even where a panic cuts them short.
        self.preparation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileLog {
    /// Makes an empty journal: the folder and the first segment. `DataFolder::open` calls it.
    ///
    /// # Errors
    /// When something cannot be written; then calling it again starts over.
    pub(crate) fn create(
        places: Places,
        journal: JournalId,
        segment_bytes: u64,
    ) -> Result<(), JournalError> {
        let disk = &places.disk;
        disk.create_folder(FOLDER).map_err(writing("make", FOLDER))?;
        for name in disk.list(FOLDER).map_err(writing("list", FOLDER))? {
            let path = format!("{FOLDER}/{name}");
            disk.remove(&path).map_err(writing("remove", &path))?;
        }
        let shared = Shared {
            readers: Readers::new(places.clone(), Vec::new(), empty_tail(journal)),
            places,
            segment_bytes,
            journal,
            poison: OnceLock::new(),
            preparation: Mutex::default(),
        };
        match shared.install(0, FrameNo(1), FrameHash::genesis(journal)) {
            Ok(_) => Ok(()),
            // Nothing goes on by itself here, as it does where a node runs.
            Err(AppendError::Full { file, reason }) => {
                Err(JournalError::NoRoomToBegin { file, reason, segment_bytes })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a journal, checks it, and cuts a torn tail.
    ///
    /// # Errors
    /// When it is damaged, incomplete, of a later release, does not fit the snapshot, or cannot
    /// be read or written.
    pub fn open(
        disk: Arc<dyn crate::Disk>,
        options: LogOptions,
    ) -> Result<(Self, Recovery), JournalError> {
        let LogOptions { journal, segment_bytes, archive, check_from } = options;
        let places = Places { disk, archive };
        let recovered = recover(&places, journal, check_from)?;
        let tail = recovered.recovery.tail;
        assert!(recovered.durable_through <= tail.frame);
        let shared = Arc::new(Shared {
            readers: Readers::new(places.clone(), recovered.firsts, tail),
            places,
            segment_bytes,
            journal,
            poison: OnceLock::new(),
            preparation: Mutex::default(),
        });
        let log = Self {
            shared,
            file: recovered.file,
            path: recovered.path,
            file_bytes: recovered.header.file_bytes,
            offset: recovered.offset,
            tail,
            buffer: Vec::new(),
        };
        Ok((log, recovered.recovery))
    }

    /// Prepares segments ahead, on any thread.
    #[must_use]
    pub fn preparer(&self) -> Preparer {
        Preparer::new(Arc::clone(&self.shared))
    }

    /// A handle for readers on any thread, which sees what is durable now.
    #[must_use]
    pub fn reader(&self) -> ReadHandle {
        ReadHandle::new(Arc::clone(&self.shared))
    }

    /// Moves closed segments away, on any thread.
    #[must_use]
    pub fn archiver(&self) -> Archiver {
        Archiver { places: self.shared.places.clone() }
    }

    fn sync(&self) -> Result<(), AppendError> {
        #[cfg(planted)]
        if planted::is(Bug::AckBeforeSync) || planted::is(Bug::SkipSync) {
            return Ok(());
        }
        let synced = self.file.sync_data();
        #[cfg(planted)]
        let synced = match synced {
            Err(_) if planted::is(Bug::RetrySync) => self.file.sync_data(),
            other => other,
        };
        synced.map_err(|error| self.shared.fail(Harm::Unknown, "sync", &self.path, &error))
    }

    /// Closes the full segment and goes on in a new one.
    fn roll(&mut self, frame_bytes: u64) -> Result<(), AppendError> {
        let first = self.tail.frame.next();
        let (file, file_bytes) = self.shared.install(frame_bytes, first, self.tail.hash)?;
        self.file = file;
        self.file_bytes = file_bytes;
        self.path = segment::path(FOLDER, first);
        self.offset = SEGMENT_HEADER_BYTES as u64;
        assert!(self.offset + frame_bytes <= self.file_bytes, "it was made large enough");
        Ok(())
    }
}

impl Shared {
    /// Gives the prepared segment its header and name, durably.
    fn install(
        &self,
        frame_bytes: u64,
        first: FrameNo,
        previous: FrameHash,
    ) -> Result<(Arc<dyn DiskFile>, u64), AppendError> {
        let needed = SEGMENT_HEADER_BYTES as u64 + frame_bytes;
        let mut preparation = self.preparation();
        while !preparation.advance(self, needed)? {}
        let (file, file_bytes) = preparation.ready().expect("it was just prepared");
        let header = SegmentHeader { journal: self.journal, first, file_bytes, previous };
        // Until the file has its name nothing in it counts, so lack of room may pass.
        write_all_at(&*file, &header.encode(), 0)
            .map_err(|failure| self.fail(Harm::None, "write", PREPARED, &failure.source))?;
        file.sync_data().map_err(|error| self.fail(Harm::Unknown, "sync", PREPARED, &error))?;
        let path = segment::path(FOLDER, first);
        self.places
            .disk
            .rename(PREPARED, &path)
            .map_err(|error| self.fail(Harm::None, "name", &path, &error))?;
        preparation.taken();
        #[cfg(planted)]
        if planted::is(Bug::NoFolderSync) {
            self.readers.add_segment(first);
            return Ok((file, file_bytes));
        }
        self.places
            .disk
            .sync_folder(FOLDER)
            .map_err(|error| self.fail(Harm::Unknown, "sync", FOLDER, &error))?;
        self.readers.add_segment(first);
        Ok((file, file_bytes))
    }
}

impl Log for FileLog {
    fn tail(&self) -> Tail {
        self.tail
    }

    fn reserve(&mut self, payload_bytes: usize) -> Result<(), AppendError> {
        assert!(payload_bytes <= FRAME_PAYLOAD_BYTES_MAX, "a frame's payload has a limit");
        self.shared.check()?;
        let frame_bytes = frame::frame_bytes(payload_bytes) as u64;
        if self.file_bytes < self.offset + frame_bytes {
            self.roll(frame_bytes)?;
        }
        Ok(())
    }

    fn append(
        &mut self,
        at: Millis,
        command_count: u32,
        payload: &[u8],
    ) -> Result<FrameNo, AppendError> {
        assert!(self.tail.at <= at, "time never goes back in a journal");
        self.reserve(payload.len())?;
        #[cfg(planted)]
        if planted::is(Bug::AckBeforeSync) {
            self.file
                .sync_data()
                .map_err(|error| self.shared.fail(Harm::Unknown, "sync", &self.path, &error))?;
        }
        let header = Header {
            payload_bytes: u32::try_from(payload.len()).expect("the limit is below 2^32"),
            command_count,
            no: self.tail.frame.next(),
            at,
            durable_through: self.tail.frame,
            previous: self.tail.hash,
            zero_sectors: 0,
        };
        let hash = frame::encode(&mut self.buffer, header, payload, self.offset);
        assert!(self.offset + self.buffer.len() as u64 <= self.file_bytes);
        write_all_at(&*self.file, &self.buffer, self.offset).map_err(|failure| {
            let harm = if failure.written_bytes == 0 { Harm::None } else { Harm::Unknown };
            self.shared.fail(harm, "write", &self.path, &failure.source)
        })?;
        self.sync()?;
        self.offset += self.buffer.len() as u64;
        self.tail = Tail { frame: header.no, at, hash };
        self.shared.readers.set_tail(self.tail);
        Ok(header.no)
    }

    fn read_handle(&self) -> Box<dyn ReadLog> {
        Box::new(self.reader())
    }
}

fn empty_tail(journal: JournalId) -> Tail {
    Tail { frame: FrameNo(0), at: Millis(0), hash: FrameHash::genesis(journal) }
}
