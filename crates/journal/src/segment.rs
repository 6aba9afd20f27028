//! A segment's header and name (`docs/format.md`).
//!
//! Owns: the layout of the header block, the names of segment files, and where they are kept.
//! Never: looks at frames.
//! Invariants: a segment has its final name only when it is whole, zeroed, headed and durable.

use crate::disk::{Access, Disk, DiskFile, read_exact_at};
use crate::error::{Flaw, JournalError, reading};
use crate::frame::array;
use crate::log::{FrameHash, JournalId};
use sha2::{Digest, Sha256};
use std::io;
use std::sync::Arc;
use types::ids::FrameNo;

/// The folder of segments within the data folder.
pub(crate) const FOLDER: &str = "journal";
/// The segment that is being prepared.
pub(crate) const PREPARED: &str = "journal/prepared.tmp";
/// Bytes before the first frame: one page, so that no frame ever shares a sector with it.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 4096;
/// The newest version this release writes and reads.
pub(crate) const VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"TGsegmnt";
const CHECKED_BYTES: usize = 96;
const SUFFIX: &str = ".seg";

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) journal: JournalId,
    /// The number of the first frame in it.
    pub(crate) first: FrameNo,
    /// The file's bytes.
    pub(crate) file_bytes: u64,
    /// The hash of the frame before the first.
    pub(crate) previous: FrameHash,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(SEGMENT_HEADER_BYTES as u32).to_le_bytes());
        bytes[16..32].copy_from_slice(&self.journal.0);
        bytes[32..40].copy_from_slice(&self.first.0.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.file_bytes.to_le_bytes());
        bytes[48..80].copy_from_slice(&self.previous.0);
        let checksum: [u8; 32] = Sha256::digest(&bytes[..CHECKED_BYTES]).into();
        bytes[96..128].copy_from_slice(&checksum);
        assert!(FrameNo(0) < self.first, "frames are numbered from 1");
        bytes
    }

    fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES], file: &str) -> Result<Self, JournalError> {
        let first = FrameNo(u64::from_le_bytes(array(bytes, 32)));
        let damaged = || JournalError::Damaged {
            file: file.to_owned(),
            offset: 0,
            frame: first,
            why: Flaw::SegmentHeader,
        };
        if bytes[0..8] != MAGIC {
            return Err(damaged());
        }
        let found = u32::from_le_bytes(array(bytes, 8));
        if VERSION < found {
            // A later version may keep its checksum elsewhere, so this comes before it.
            return Err(JournalError::Newer { file: file.to_owned(), found, known: VERSION });
        }
        if first == FrameNo(0) {
            return Err(damaged());
        }
        let header = Self {
            journal: JournalId(array(bytes, 16)),
            first,
            file_bytes: u64::from_le_bytes(array(bytes, 40)),
            previous: FrameHash(array(bytes, 48)),
        };
        // Checksum, lower versions, and whatever else no release writes.
        if *bytes == header.encode() { Ok(header) } else { Err(damaged()) }
    }
}

/// Where closed segments may have been moved.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The disk the archive is on; it may be the data folder's own.
    pub disk: Arc<dyn Disk>,
    /// The folder on it; `""` for its root.
    pub folder: String,
}

impl Archive {
    /// Refuses an archive that holds a whole segment of another journal: it would be read as this
    /// one's, and a segment that moves there would replace the other's.
    ///
    /// # Errors
    /// `ArchiveForeign`; or `Denied` or `Io` when a segment cannot be read.
    pub(crate) fn check_journal(&self, journal: JournalId) -> Result<(), JournalError> {
        for first in list_folder(&*self.disk, &self.folder)? {
            let file = path(&self.folder, first);
            let opened = match self.disk.open(&file, Access::Read) {
                Ok(opened) => open_checked(opened, file.clone(), first),
                Err(error) => Err(reading(&file)(error)),
            };
            match opened {
                Ok(segment) if segment.header.journal != journal => {
                    return Err(JournalError::ArchiveForeign { file });
                }
                // What is damaged is told when it is needed.
                Ok(_) | Err(JournalError::Damaged { .. } | JournalError::Newer { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Where segments are.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) archive: Option<Archive>,
}

/// A segment opened for reading.
#[derive(Debug)]
pub(crate) struct OpenSegment {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: String,
    pub(crate) header: SegmentHeader,
}

impl Places {
    /// The first frames of all segments, in order.
    pub(crate) fn list(&self) -> Result<Vec<FrameNo>, JournalError> {
        let mut firsts = list_folder(&*self.disk, FOLDER)?;
        if let Some(archive) = &self.archive {
            firsts.extend(list_folder(&*archive.disk, &archive.folder)?);
        }
        firsts.sort_unstable();
        firsts.dedup();
        Ok(firsts)
    }

    /// Refuses an archive of another journal, and one that holds the journal's last segment, or one
    /// after it: only closed ones are ever moved. If it is the journal's own folder, a segment that
    /// moves would replace itself, and be removed.
    pub(crate) fn check_archive(&self, journal: JournalId) -> Result<(), JournalError> {
        let Some(archive) = &self.archive else { return Ok(()) };
        archive.check_journal(journal)?;
        let archived = list_folder(&*archive.disk, &archive.folder)?;
        let Some(&last) = archived.last() else { return Ok(()) };
        if list_folder(&*self.disk, FOLDER)?.last() <= Some(&last) {
            return Err(JournalError::ArchiveMismatch { file: path(&archive.folder, last) });
        }
        Ok(())
    }

    /// Opens a segment wherever it is and checks its header. The journal is asked first:
    /// a segment that is being moved is in both places for a moment, and never in neither.
    pub(crate) fn open(&self, first: FrameNo) -> Result<OpenSegment, JournalError> {
        let live = path(FOLDER, first);
        match self.disk.open(&live, Access::Read) {
            Ok(file) => return open_checked(file, live, first),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(reading(&live)(error)),
        }
        let Some(archive) = &self.archive else {
            return Err(JournalError::Incomplete { frame: first });
        };
        let moved = path(&archive.folder, first);
        match archive.disk.open(&moved, Access::Read) {
            Ok(file) => open_checked(file, moved, first),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(JournalError::Incomplete { frame: first })
            }
            Err(error) => Err(reading(&moved)(error)),
        }
    }
}

/// A segment whose header is sound and names it.
pub(crate) fn open_checked(
    file: Arc<dyn DiskFile>,
    path: String,
    first: FrameNo,
) -> Result<OpenSegment, JournalError> {
    let damaged = |why| JournalError::Damaged { file: path.clone(), offset: 0, frame: first, why };
    let found = file.length().map_err(reading(&path))?;
    if found < SEGMENT_HEADER_BYTES as u64 {
        return Err(damaged(Flaw::SegmentLength { found, made: SEGMENT_HEADER_BYTES as u64 }));
    }
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    read_exact_at(&*file, &mut bytes, 0).map_err(|error| match error.kind() {
        io::ErrorKind::IsADirectory => damaged(Flaw::NoFile),
        _ => reading(&path)(error),
    })?;
    let header = SegmentHeader::decode(&bytes, &path)?;
    if header.first != first {
        return Err(damaged(Flaw::SegmentName(header.first)));
    }
    if header.file_bytes != found {
        return Err(damaged(Flaw::SegmentLength { found, made: header.file_bytes }));
    }
    Ok(OpenSegment { file, path, header })
}

/// The path of a segment in a folder.
pub(crate) fn path(folder: &str, first: FrameNo) -> String {
    let separator = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{separator}{:020}{SUFFIX}", first.0)
}

/// The number a name of 20 digits and a suffix stands for.
pub(crate) fn parse_name(name: &str, suffix: &str) -> Option<FrameNo> {
    let digits = name.strip_suffix(suffix)?;
    let valid = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if valid { digits.parse().ok().map(FrameNo) } else { None }
}

/// The first frames of the segments in one folder, in order; none when it is not there.
pub(crate) fn list_folder(disk: &dyn Disk, folder: &str) -> Result<Vec<FrameNo>, JournalError> {
    let names = match disk.list(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(reading(folder)(error)),
    };
    let mut firsts: Vec<_> = names.iter().filter_map(|name| parse_name(name, SUFFIX)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}
