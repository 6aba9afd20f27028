//! Snapshots: files that hold a state at a frame, checked while they are read.
//!
//! Owns: the container and its chunks. Never: knows what a body means.
//! Invariants: a snapshot has its name only when it is whole and durable; no byte of a body is
//! handed out before its chunk was checked; every chunk is tied to the header and the chunks
//! before it.
//! On failure: a half-written file is removed; what a crash left, at the next start.

use crate::disk::{Access, Disk, DiskFile, read_exact_at, write_all_at};
use crate::error::{JournalError, reading, writing};
use crate::frame::array;
use crate::log::{FrameHash, JournalId};
use crate::segment::parse_name;
use crate::window::Window;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};
use types::limits::SNAPSHOT_CHUNK_BYTES;

/// The folder of snapshots within the data folder.
pub(crate) const FOLDER: &str = "snapshots";
const SUFFIX: &str = ".snap";
const PARTIAL_SUFFIX: &str = ".snap.tmp";
const MAGIC: [u8; 8] = *b"TGsnapsh";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 160;
const CHECKED_BYTES: usize = 128;
const CHUNK_HEADER_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotMeta {
    /// The journal it belongs to.
    pub journal: JournalId,
    /// The last frame applied to the state.
    pub frame: FrameNo,
    /// That frame's time.
    pub at: Millis,
    /// That frame's hash.
    pub frame_hash: FrameHash,
    /// The state's own hash, opaque here.
    pub ledger_hash: [u8; 32],
}

impl SnapshotMeta {
    fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(SNAPSHOT_CHUNK_BYTES as u32).to_le_bytes());
        bytes[16..32].copy_from_slice(&self.journal.0);
        bytes[32..40].copy_from_slice(&self.frame.0.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.at.0.to_le_bytes());
        bytes[48..80].copy_from_slice(&self.frame_hash.0);
        bytes[80..112].copy_from_slice(&self.ledger_hash);
        let checksum: [u8; 32] = Sha256::digest(&bytes[..CHECKED_BYTES]).into();
        bytes[128..160].copy_from_slice(&checksum);
        bytes
    }
}

/// The frames of all snapshots, in order.
///
/// # Errors
/// When the folder cannot be read; none when it is not there.
pub fn list(disk: &dyn Disk) -> Result<Vec<FrameNo>, JournalError> {
    let names = names(disk)?;
    let mut frames: Vec<_> = names.iter().filter_map(|name| parse_name(name, SUFFIX)).collect();
    frames.sort_unstable();
    Ok(frames)
}

/// Removes a snapshot, durably.
///
/// # Errors
/// When there is none, or it cannot be removed.
pub fn remove(disk: &dyn Disk, frame: FrameNo) -> Result<(), JournalError> {
    let path = path(frame, SUFFIX);
    disk.remove(&path).map_err(writing("remove", &path))?;
    disk.sync_folder(FOLDER).map_err(writing("sync", FOLDER))
}

/// Removes what a crash left half written.
pub(crate) fn remove_partial(disk: &dyn Disk) -> Result<(), JournalError> {
    for name in names(disk)? {
        if parse_name(&name, PARTIAL_SUFFIX).is_some() {
            let path = format!("{FOLDER}/{name}");
            disk.remove(&path).map_err(writing("remove", &path))?;
        }
    }
    Ok(())
}

fn names(disk: &dyn Disk) -> Result<Vec<String>, JournalError> {
    match disk.list(FOLDER) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(reading(FOLDER)),
    }
}

fn path(frame: FrameNo, suffix: &str) -> String {
    format!("{FOLDER}/{:020}{suffix}", frame.0)
}

/// Writes a snapshot. Dropping it unfinished leaves no snapshot and removes what was written.
#[derive(Debug)]
pub struct SnapshotWriter {
    disk: Arc<dyn Disk>,
    file: Arc<dyn DiskFile>,
    meta: SnapshotMeta,
    /// A chunk being filled, with room for its header before and its hash after.
    chunk: Vec<u8>,
    body_bytes: u64,
    offset: u64,
    chain: [u8; HASH_BYTES],
    /// A write failed; nothing more is taken.
    has_failed: bool,
    /// The snapshot has its name.
    is_finished: bool,
}

impl SnapshotWriter {
    /// Begins a snapshot under a temporary name.
    ///
    /// # Errors
    /// When the file cannot be made or written.
    pub fn create(disk: Arc<dyn Disk>, meta: SnapshotMeta) -> Result<Self, JournalError> {
        let partial = path(meta.frame, PARTIAL_SUFFIX);
        match disk.remove(&partial) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other.map_err(writing("remove", &partial))?,
        }
        let file = disk.create(&partial).map_err(writing("create", &partial))?;
        let header = meta.encode();
        let chain = array(&header, CHECKED_BYTES);
        let offset = HEADER_BYTES as u64;
        let mut chunk = Vec::with_capacity(CHUNK_HEADER_BYTES + SNAPSHOT_CHUNK_BYTES + HASH_BYTES);
        chunk.resize(CHUNK_HEADER_BYTES, 0);
        let (body_bytes, has_failed, is_finished) = (0, false, false);
        let writer =
            Self { disk, file, meta, chunk, body_bytes, offset, chain, has_failed, is_finished };
        // From here on dropping it removes the file, which on a full disk can be made, and stays
        // empty.
        write_all_at(&*writer.file, &header, 0)
            .map_err(|failure| writing("write", &partial)(failure.source))?;
        Ok(writer)
    }

    /// Ends the snapshot and gives it its name, durably.
    ///
    /// # Errors
    /// When something cannot be written, synced or renamed; then there is no snapshot.
    pub fn finish(mut self) -> Result<(), JournalError> {
        let partial = path(self.meta.frame, PARTIAL_SUFFIX);
        if CHUNK_HEADER_BYTES < self.chunk.len() {
            self.write_chunk().map_err(writing("write", &partial))?;
        }
        self.write_chunk().map_err(writing("write", &partial))?;
        self.file.sync_data().map_err(writing("sync", &partial))?;
        let path = path(self.meta.frame, SUFFIX);
        self.disk.rename(&partial, &path).map_err(writing("name", &path))?;
        self.is_finished = true;
        self.disk.sync_folder(FOLDER).map_err(writing("sync", FOLDER))
    }

    /// Writes the chunk that was filled; an empty one ends the body.
    fn write_chunk(&mut self) -> io::Result<()> {
        let bytes = self.chunk.len() - CHUNK_HEADER_BYTES;
        assert!(bytes <= SNAPSHOT_CHUNK_BYTES);
        self.chunk[0..8].copy_from_slice(&self.body_bytes.to_le_bytes());
        self.chunk[8..16].copy_from_slice(&(bytes as u64).to_le_bytes());
        self.chain = chained(&self.chain, &self.chunk);
        self.chunk.extend_from_slice(&self.chain);
        if let Err(failure) = write_all_at(&*self.file, &self.chunk, self.offset) {
            self.has_failed = true;
            return Err(failure.source);
        }
        self.offset += self.chunk.len() as u64;
        self.body_bytes += bytes as u64;
        self.chunk.truncate(CHUNK_HEADER_BYTES);
        Ok(())
    }
}

impl Drop for SnapshotWriter {
    /// Gives the room back that an unfinished snapshot takes; if even that fails, the next one
    /// or the next start does it.
    fn drop(&mut self) {
        if !self.is_finished {
            drop(self.disk.remove(&path(self.meta.frame, PARTIAL_SUFFIX)));
        }
    }
}

impl Write for SnapshotWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.has_failed {
            return Err(io::Error::other("an earlier write of this snapshot failed"));
        }
        let room = CHUNK_HEADER_BYTES + SNAPSHOT_CHUNK_BYTES - self.chunk.len();
        let taken = room.min(bytes.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if taken == room {
            self.write_chunk()?;
        }
        Ok(taken)
    }

    /// Does nothing: only `finish` makes a snapshot.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a snapshot's body, chunk by chunk, each checked first.
///
/// A body is complete only when a read has returned 0: then the closing chunk was checked too.
/// Every error carries a [`JournalError`]: `SnapshotDamaged` with the kind `InvalidData`, `Io` and
/// `Denied` with the system's.
#[derive(Debug)]
pub struct SnapshotReader {
    window: Window,
    path: String,
    meta: SnapshotMeta,
    offset: u64,
    body_bytes: u64,
    chain: [u8; HASH_BYTES],
    /// What is left of the checked chunk: a range of the file.
    left: (u64, usize),
    is_done: bool,
}

impl SnapshotReader {
    /// Opens a snapshot of this journal.
    ///
    /// # Errors
    /// `SnapshotDamaged`, `Newer` or `Io`.
    pub fn open(disk: &dyn Disk, journal: JournalId, frame: FrameNo) -> Result<Self, JournalError> {
        let path = path(frame, SUFFIX);
        let file = disk.open(&path, Access::Read).map_err(reading(&path))?;
        let length = file.length().map_err(reading(&path))?;
        let damaged = |why| JournalError::SnapshotDamaged { file: path.clone(), offset: 0, why };
        if length < HEADER_BYTES as u64 {
            return Err(damaged("it is shorter than its header"));
        }
        let mut header = [0; HEADER_BYTES];
        read_exact_at(&*file, &mut header, 0).map_err(reading(&path))?;
        if header[0..8] != MAGIC {
            return Err(damaged("it does not begin as a snapshot does"));
        }
        let found = u32::from_le_bytes(array(&header, 8));
        if VERSION < found {
            return Err(JournalError::Newer { file: path, found, known: VERSION });
        }
        let meta = SnapshotMeta {
            journal: JournalId(array(&header, 16)),
            frame: FrameNo(u64::from_le_bytes(array(&header, 32))),
            at: Millis(u64::from_le_bytes(array(&header, 40))),
            frame_hash: FrameHash(array(&header, 48)),
            ledger_hash: array(&header, 80),
        };
        if header != meta.encode() {
            return Err(damaged("its header does not match its checksum"));
        }
        if meta.journal != journal || meta.frame != frame {
            return Err(damaged("it belongs to another journal or another frame"));
        }
        let window = Window::new(file, CHUNK_HEADER_BYTES, length);
        let chain = array(&header, CHECKED_BYTES);
        let offset = HEADER_BYTES as u64;
        let (body_bytes, left, is_done) = (0, (0, 0), false);
        Ok(Self { window, path, meta, offset, body_bytes, chain, left, is_done })
    }

    /// What the snapshot is of.
    #[must_use]
    pub const fn meta(&self) -> &SnapshotMeta {
        &self.meta
    }

    /// Checks the next chunk.
    fn next_chunk(&mut self) -> Result<(), JournalError> {
        let limit = self.window.limit();
        let room = limit - self.offset;
        if room < (CHUNK_HEADER_BYTES + HASH_BYTES) as u64 {
            return Err(self.damaged("it ends before its closing chunk"));
        }
        let path = self.path.clone();
        let header = self.window.bytes(self.offset, CHUNK_HEADER_BYTES).map_err(reading(&path))?;
        let place = u64::from_le_bytes(array(header, 0));
        let bytes = u64::from_le_bytes(array(header, 8));
        if (SNAPSHOT_CHUNK_BYTES as u64) < bytes
            || room < bytes + (CHUNK_HEADER_BYTES + HASH_BYTES) as u64
            || place != self.body_bytes
        {
            return Err(self.damaged("a chunk's header cannot be right"));
        }
        let content = CHUNK_HEADER_BYTES + usize::try_from(bytes).expect("at most a chunk");
        let chunk = self.window.bytes(self.offset, content + HASH_BYTES).map_err(reading(&path))?;
        let hash = chained(&self.chain, &chunk[..content]);
        if chunk[content..] != hash {
            return Err(self.damaged("a chunk does not match its hash"));
        }
        self.chain = hash;
        self.left = (self.offset + CHUNK_HEADER_BYTES as u64, content - CHUNK_HEADER_BYTES);
        self.offset += (content + HASH_BYTES) as u64;
        self.body_bytes += bytes;
        self.is_done = bytes == 0;
        if self.is_done && self.offset != limit {
            return Err(self.damaged("bytes follow its closing chunk"));
        }
        Ok(())
    }

    fn damaged(&self, why: &'static str) -> JournalError {
        JournalError::SnapshotDamaged { file: self.path.clone(), offset: self.offset, why }
    }
}

impl Read for SnapshotReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.1 == 0 && !self.is_done && !buffer.is_empty() {
            self.next_chunk().map_err(inner)?;
        }
        let (from, left) = self.left;
        let taken = left.min(buffer.len());
        // The chunk is still in the window: nothing was read since it was checked.
        let bytes = self.window.bytes(from, taken).map_err(reading(&self.path)).map_err(inner)?;
        buffer[..taken].copy_from_slice(bytes);
        self.left = (from + taken as u64, left - taken);
        Ok(taken)
    }
}

/// The error as what a reader may return; whoever knows its kind gets it back by a downcast.
fn inner(error: JournalError) -> io::Error {
    let kind = match &error {
        JournalError::Io { source, .. } | JournalError::Denied { source, .. } => source.kind(),
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, error)
}

fn chained(chain: &[u8; HASH_BYTES], chunk: &[u8]) -> [u8; HASH_BYTES] {
    Sha256::new().chain_update(chain).chain_update(chunk).finalize().into()
}
