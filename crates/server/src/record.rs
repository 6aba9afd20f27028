//! One record of the journal, by its place.
//!
//! Owns: reading it whole. Never: trusts a length that it states.

use journal::ReadLog;
use types::ids::FrameNo;
use types::limits;

const LENGTH_BYTES: usize = 4;

/// Reads the record at an offset of a frame's payload: kind and body, without its length.
///
/// # Errors
/// Why there is none, in words.
pub(crate) fn read(
    journal: &dyn ReadLog,
    (frame, offset): (FrameNo, u32),
    record: &mut Vec<u8>,
) -> Result<(), String> {
    let offset = u64::from(offset);
    let mut length = [0; LENGTH_BYTES];
    journal.read_slice(frame, offset, &mut length).map_err(|error| error.to_string())?;
    let length = u32::from_le_bytes(length) as usize;
    if length > limits::COMMAND_BYTES_MAX {
        return Err(format!("its record claims {length} bytes"));
    }
    record.resize(length, 0);
    let read = journal.read_slice(frame, offset + LENGTH_BYTES as u64, record);
    read.map_err(|error| error.to_string())
}
