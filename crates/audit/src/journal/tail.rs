//! The verdict on what follows the last sound frame of the last segment.
//!
//! Owns: "Where the journal ends" in `docs/format.md`, in that order. Never: moves the walk.

use super::bytes::is_zero;
use super::layout::{self, FRAME_BYTES_MIN, FRAME_HEADER_BYTES, FRAME_MAGIC, FrameHeader};
use super::{Damage, Ending, Expected, Segment};
use std::io;
use types::ids::FrameNo;

const SECTOR_BYTES: u64 = 512;
/// The parts of a header by which it is recognised, and more than how many of them must be there.
const RECOGNISED_ABOVE: usize = 3;

/// What follows the walk's place, where no sound frame begins that continues the chain.
pub(super) fn judge(segment: &mut Segment<'_>, expected: &Expected) -> io::Result<Ending> {
    let (offset, length) = (segment.offset, segment.window.length());
    let end = segment.written_end()?;
    if end == offset {
        return Ok(Ending::Clean);
    }
    let has_room = offset + FRAME_BYTES_MIN as u64 <= length;
    let header = if has_room {
        FrameHeader::decode(segment.window.bytes(offset, FRAME_HEADER_BYTES)?)
    } else {
        Err(Damage::FrameHeader)
    };
    // Beyond a frame whose header is sound: what people sent is no frame.
    let beyond = match &header {
        Ok(header) => offset + header.frame_bytes() as u64,
        Err(_) => offset + 8,
    };
    if let Some(no) = later(segment, expected.no, beyond, end)? {
        return Ok(Ending::Damaged(Damage::DurableLater(no)));
    }
    let damage = match header {
        Ok(header) => of_content(segment, expected, &header)?,
        Err(damage) if has_room && is_recognised(segment, expected, end)? => Some(damage),
        Err(_) => None,
    };
    Ok(damage.map_or(Ending::Torn { bytes: end - offset }, Ending::Damaged))
}

/// A sound frame behind the missing one that calls it durable.
fn later(
    segment: &mut Segment<'_>,
    missing: u64,
    from: u64,
    end: u64,
) -> io::Result<Option<FrameNo>> {
    let window = &mut segment.window;
    let last = end.min(window.length().saturating_sub(FRAME_BYTES_MIN as u64) + 1);
    for offset in (from..last).step_by(8) {
        let bytes = window.bytes(offset, FRAME_HEADER_BYTES)?;
        if &bytes[..4] != FRAME_MAGIC {
            continue;
        }
        let Ok(header) = FrameHeader::decode(bytes) else { continue };
        let calls_it_durable = missing < header.no && missing <= header.durable_through;
        if calls_it_durable && offset + header.frame_bytes() as u64 <= window.length() {
            let frame = window.bytes(offset, header.frame_bytes())?;
            if layout::check_content(frame, &header).is_ok() {
                return Ok(Some(FrameNo(header.no)));
            }
        }
    }
    Ok(None)
}

/// What is wrong with a frame whose header is sound, unless a part of it is missing.
fn of_content(
    segment: &mut Segment<'_>,
    expected: &Expected,
    header: &FrameHeader,
) -> io::Result<Option<Damage>> {
    if let Some(damage) = header.breaks_off(expected) {
        return Ok(Some(damage));
    }
    let offset = segment.offset;
    if segment.window.length() < offset + header.frame_bytes() as u64 {
        return Ok(Some(Damage::Length(header.payload_bytes)));
    }
    let frame = segment.window.bytes(offset, header.frame_bytes())?;
    let is_whole = has_its_parts(frame, offset, header.zero_sectors);
    Ok(is_whole.then(|| layout::check_content(frame, header).err().unwrap_or(Damage::Content)))
}

/// Whether a frame was written to its end, by the sectors that hold it.
fn has_its_parts(frame: &[u8], offset: u64, zero_sectors_written: u32) -> bool {
    let end = offset + frame.len() as u64;
    let within = |from: u64, until: u64| {
        let place = |at: u64| usize::try_from(at - offset).expect("a frame fits into memory");
        &frame[place(from)..place(until)]
    };
    let last_sector = (end - 1) / SECTOR_BYTES * SECTOR_BYTES;
    let mut zero_sectors = 0;
    let mut sector = offset.next_multiple_of(SECTOR_BYTES);
    while sector + SECTOR_BYTES <= end {
        zero_sectors += u32::from(is_zero(within(sector, sector + SECTOR_BYTES)));
        sector += SECTOR_BYTES;
    }
    frame[frame.len() - 1] != 0
        && !is_zero(within(last_sector.max(offset), end))
        && zero_sectors <= zero_sectors_written
}

/// Whether a header that fails its check is that of the expected frame, whole, and changed since.
fn is_recognised(segment: &mut Segment<'_>, expected: &Expected, end: u64) -> io::Result<bool> {
    let offset = segment.offset;
    let sector_end = offset / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES;
    let bytes = segment.window.bytes(offset, FRAME_HEADER_BYTES)?;
    let cut = usize::try_from(sector_end - offset).unwrap_or(usize::MAX).min(FRAME_HEADER_BYTES);
    let (first, second) = bytes.split_at(cut);
    let has_both = !is_zero(first) && (second.is_empty() || !is_zero(second));
    let words = (0..4).filter(|word| {
        let (found, right) = (40 + word * 8, word * 8);
        bytes[found..found + 8] == expected.previous.0[right..right + 8]
    });
    let recognised = words.count()
        + usize::from(&bytes[..4] == FRAME_MAGIC)
        + usize::from(layout::u64_at(bytes, 16) == expected.no);
    Ok(RECOGNISED_ABOVE < recognised
        && bytes[0] != 0
        && has_both
        && offset + (FRAME_HEADER_BYTES as u64) < end)
}
