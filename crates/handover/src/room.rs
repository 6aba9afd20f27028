//! Room for the working files of worksheets, asked for before the first byte.
//!
//! Owns: how much an export will take, and what the file system has. Never: keeps room free for
//! it; two exports at once may still meet on the last of it, and then end early.

use crate::HandoverError;
use crate::columns::headings;
use crate::export::{Format, Layout, Request};
use types::limits::SHEET_CELL_BYTES;

/// Refuses an export whose worksheets would not fit.
pub(crate) fn check(request: &Request<'_>, with_people: bool) -> Result<(), HandoverError> {
    let needed_bytes = scratch_bytes(request, with_people);
    if needed_bytes == 0 {
        return Ok(());
    }
    let system = rustix::fs::statvfs(request.scratch).map_err(std::io::Error::from)?;
    let free_bytes = system.f_bavail.saturating_mul(system.f_frsize);
    if needed_bytes <= free_bytes {
        return Ok(());
    }
    let scratch = request.scratch.to_owned();
    Err(HandoverError::NoRoom { scratch, needed_bytes, free_bytes })
}

/// Bytes of scratch that the export takes at its peak: an archive lets each outlet's go before
/// the next one begins; CSV needs none.
pub(crate) fn scratch_bytes(request: &Request<'_>, with_people: bool) -> u64 {
    let rows = request.rows.iter().map(|rows| u64::from(*rows));
    let rows = match (request.format, request.layout) {
        (Format::Csv, _) => return 0,
        (Format::Xlsx, Layout::Archive) => rows.max().unwrap_or(0),
        (Format::Xlsx, Layout::File) => rows.sum(),
    };
    rows * headings(request, with_people).len() as u64 * SHEET_CELL_BYTES
}
