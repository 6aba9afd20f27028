//! Moving closed segments out of the journal's folder.
//!
//! Owns: the move, as a copy and a removal. Never: moves the last segment.
//! Invariants: a segment is durable in its new place, and was read back there frame by frame,
//! before it leaves the old one: a single wrong read must not become the only copy there is.
//! On failure: a segment may be in both places, never in neither; the next move repairs that.

use crate::disk::{Access, Disk, read_full_at, write_all_at};
use crate::error::{Flaw, JournalError, reading, writing};
use crate::scan::{SegmentScan, Step};
use crate::segment::{self, Archive, FOLDER, Places, SegmentHeader};
use std::io;
use types::ids::FrameNo;

const COPY_BYTES: usize = 1 << 20;

/// Moves closed segments into the archive; made by `FileLog::archiver`.
#[derive(Clone, Debug)]
pub struct Archiver {
    pub(crate) places: Places,
}

impl Archiver {
    /// Moves closed segments whose frames all lie before `before` into the archive, durably;
    /// returns how many. Readers find them there. One call at a time.
    ///
    /// # Errors
    /// When the archive cannot be written; what was moved until then stays moved.
    ///
    /// # Panics
    /// When the log was opened without an archive.
    pub fn archive_segments(&self, before: FrameNo) -> Result<u64, JournalError> {
        move_segments(&self.places, before)
    }
}

/// Moves every closed segment all of whose frames lie before `before`; returns how many.
fn move_segments(places: &Places, before: FrameNo) -> Result<u64, JournalError> {
    let archive = places.archive.as_ref().expect("the log was opened with an archive");
    let firsts = segment::list_folder(&*places.disk, FOLDER)?;
    if !archive.folder.is_empty() {
        let folder = &archive.folder;
        archive.disk.create_folder(folder).map_err(writing("make", folder))?;
        archive.disk.sync_folder("").map_err(writing("sync", folder))?;
    }
    let mut moved = 0;
    for pair in firsts.windows(2) {
        let &[first, next] = pair else { unreachable!("windows of two") };
        assert!(first < next);
        if before < next {
            break;
        }
        let following = places.open(next)?.header;
        move_segment(&*places.disk, archive, first, &following)?;
        moved += 1;
    }
    Ok(moved)
}

/// Moves the segment that begins at `first` and goes on in `following`.
fn move_segment(
    disk: &dyn Disk,
    archive: &Archive,
    first: FrameNo,
    following: &SegmentHeader,
) -> Result<(), JournalError> {
    let from = segment::path(FOLDER, first);
    let to = segment::path(&archive.folder, first);
    let partial = format!("{to}.tmp");
    match archive.disk.remove(&partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => other.map_err(writing("remove", &partial))?,
    }
    copy(disk, &from, archive, &partial)?;
    match read_back(archive, &partial, first, following) {
        // What is wrong is the copy: of the segment itself nothing is said.
        Err(JournalError::Damaged { offset, frame, why, .. }) => {
            archive.disk.remove(&partial).map_err(writing("remove", &partial))?;
            let text = format!(
                "the copy in the archive is wrong at byte {offset}, frame {frame} ({why}). It was \
                 removed, the segment stays where it is, and the next snapshot tries again"
            );
            let source = io::Error::new(io::ErrorKind::InvalidData, text);
            return Err(JournalError::Io { action: "archive", file: from, source });
        }
        read => read?,
    }
    archive.disk.rename(&partial, &to).map_err(writing("name", &to))?;
    archive.disk.sync_folder(&archive.folder).map_err(writing("sync", &to))?;
    disk.remove(&from).map_err(writing("remove", &from))?;
    disk.sync_folder(FOLDER).map_err(writing("sync", FOLDER))
}

/// Reads a copied segment: every frame of it, and that the following one goes on where it ends.
fn read_back(
    archive: &Archive,
    path: &str,
    first: FrameNo,
    following: &SegmentHeader,
) -> Result<(), JournalError> {
    let file = archive.disk.open(path, Access::Read).map_err(reading(path))?;
    let mut scan = SegmentScan::new(segment::open_checked(file, path.to_owned(), first)?, None);
    let bad = loop {
        match scan.step()? {
            Step::Frame(..) => {}
            Step::Bad(flaw) => break Some(flaw),
            Step::End => break None,
        }
    };
    scan.check_closed(bad)?;
    // A frame's hash covers all frames before it, their numbers, and whose journal it is.
    if scan.expected().previous != following.previous {
        return Err(scan.damaged(Flaw::Link));
    }
    Ok(())
}

/// Copies a file to a new one, durably but for its name.
fn copy(disk: &dyn Disk, from: &str, archive: &Archive, to: &str) -> Result<(), JournalError> {
    let source = disk.open(from, Access::Read).map_err(reading(from))?;
    let target = archive.disk.create(to).map_err(writing("create", to))?;
    let mut buffer = vec![0; COPY_BYTES];
    let mut offset = 0;
    loop {
        let filled = read_full_at(&*source, &mut buffer, offset).map_err(reading(from))?;
        if filled == 0 {
            break;
        }
        write_all_at(&*target, &buffer[..filled], offset)
            .map_err(|failure| writing("write", to)(failure.source))?;
        offset += filled as u64;
    }
    target.sync_data().map_err(writing("sync", to))
}
