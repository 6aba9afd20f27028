//! Moving closed segments out of the journal's folder.
//!
//! Owns: the move, as a copy and a removal. Never: moves the last segment.
//! Invariants: a segment is durable in its new place before it leaves the old one.
//! On failure: a segment may be in both places, never in neither; the next move repairs that.

use crate::disk::{Disk, read_full_at, write_all_at};
use crate::error::{JournalError, reading, writing};
use crate::segment::{self, Archive, FOLDER, Places};
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
        move_segment(&*places.disk, archive, first)?;
        moved += 1;
    }
    Ok(moved)
}

fn move_segment(disk: &dyn Disk, archive: &Archive, first: FrameNo) -> Result<(), JournalError> {
    let from = segment::path(FOLDER, first);
    copy(disk, &from, archive, &segment::path(&archive.folder, first))?;
    disk.remove(&from).map_err(writing("remove", &from))?;
    disk.sync_folder(FOLDER).map_err(writing("sync", FOLDER))
}

/// Copies a file under a temporary name and gives it its own when it is durable.
fn copy(disk: &dyn Disk, from: &str, archive: &Archive, to: &str) -> Result<(), JournalError> {
    let partial = format!("{to}.tmp");
    match archive.disk.remove(&partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => other.map_err(writing("remove", &partial))?,
    }
    let source = disk.open(from, crate::Access::Read).map_err(reading(from))?;
    let target = archive.disk.create(&partial).map_err(writing("create", &partial))?;
    let mut buffer = vec![0; COPY_BYTES];
    let mut offset = 0;
    loop {
        let filled = read_full_at(&*source, &mut buffer, offset).map_err(reading(from))?;
        if filled == 0 {
            break;
        }
        write_all_at(&*target, &buffer[..filled], offset)
            .map_err(|failure| writing("write", &partial)(failure.source))?;
        offset += filled as u64;
    }
    target.sync_data().map_err(writing("sync", &partial))?;
    archive.disk.rename(&partial, to).map_err(writing("name", to))?;
    archive.disk.sync_folder(&archive.folder).map_err(writing("sync", to))
}
