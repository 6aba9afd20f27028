//! A frame's bytes: header, payload, hash, end mark (`docs/format.md`).
//!
//! Owns: the layout, and the verdict whether bytes are the frame they should be. Never: IO.
//! Invariants: a decoded frame encodes to the same bytes; its hash does not depend on where in
//! which file it lies.

use crate::disk::ZEROS;
use crate::error::Flaw;
use crate::log::{FrameHash, Tail};
use sha2::{Digest, Sha256};
use types::ids::{FrameNo, Millis};
use types::limits::FRAME_PAYLOAD_BYTES_MAX;
#[cfg(planted)]
use types::planted;

/// Frames begin at multiples of this, so that a search need look nowhere else.
pub(crate) const ALIGNMENT: usize = 8;
/// Bytes before the payload.
pub(crate) const HEADER_BYTES: usize = 88;
/// Bytes after the payload and its padding: hash and end mark.
pub(crate) const TRAILER_BYTES: usize = 40;
/// Bytes of a frame without payload.
pub(crate) const FRAME_BYTES_MIN: usize = HEADER_BYTES + TRAILER_BYTES;
/// Bytes of the largest frame there can be.
pub(crate) const FRAME_BYTES_MAX: usize = FRAME_BYTES_MIN + FRAME_PAYLOAD_BYTES_MAX;
/// What a disk writes wholly or not at all.
pub(crate) const SECTOR_BYTES: u64 = 512;

const MAGIC: [u8; 4] = *b"TGfr";
const VERSION: u16 = 1;
const END_MARK: [u8; 8] = *b"TGfr.end";
/// The part of the header under the frame's hash; the rest depends on the place in the file.
const HASHED_BYTES: usize = 72;
/// The part of the header under the header's check.
const CHECKED_BYTES: usize = 80;
/// The part of the header that is zeros.
const FILL: std::ops::Range<usize> = 76..80;

const _: () = assert!(HEADER_BYTES.is_multiple_of(ALIGNMENT));
const _: () = assert!(TRAILER_BYTES.is_multiple_of(ALIGNMENT));
const _: () = assert!(CHECKED_BYTES + 8 == HEADER_BYTES);

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) payload_bytes: u32,
    pub(crate) command_count: u32,
    pub(crate) no: FrameNo,
    pub(crate) at: Millis,
    pub(crate) durable_through: FrameNo,
    pub(crate) previous: FrameHash,
    /// Sectors of the file within the frame that hold nothing but zeros: were more found, some
    /// would be missing.
    pub(crate) zero_sectors: u32,
}

/// Bytes of a whole frame with so much payload.
pub(crate) const fn frame_bytes(payload_bytes: usize) -> usize {
    HEADER_BYTES + payload_bytes.next_multiple_of(ALIGNMENT) + TRAILER_BYTES
}

impl Header {
    /// Bytes of the whole frame.
    pub(crate) fn frame_bytes(&self) -> usize {
        frame_bytes(self.payload_bytes as usize)
    }

    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[6..8].copy_from_slice(&(HEADER_BYTES as u16).to_le_bytes());
        bytes[8..12].copy_from_slice(&self.payload_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.command_count.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.no.0.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.at.0.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.durable_through.0.to_le_bytes());
        bytes[40..72].copy_from_slice(&self.previous.0);
        bytes[72..76].copy_from_slice(&self.zero_sectors.to_le_bytes());
        let check = check(&bytes);
        bytes[80..88].copy_from_slice(&check);
        assert_eq!(Self::decode(&bytes), Ok(*self));
        bytes
    }

    /// Reads a header that matches its check; says nothing about its place in the order.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Flaw> {
        assert!(HEADER_BYTES <= bytes.len(), "callers read a whole header");
        if bytes[0..4] != MAGIC {
            return Err(Flaw::NoFrame);
        }
        if bytes[80..88] != check(bytes) {
            return Err(Flaw::HeaderCheck);
        }
        let version = u16::from_le_bytes(array(bytes, 4));
        if version != VERSION || usize::from(u16::from_le_bytes(array(bytes, 6))) != HEADER_BYTES {
            return Err(Flaw::Version(version));
        }
        if !is_zero(&bytes[FILL.start..FILL.end]) {
            return Err(Flaw::Fill);
        }
        let payload_bytes = u32::from_le_bytes(array(bytes, 8));
        if FRAME_PAYLOAD_BYTES_MAX < payload_bytes as usize {
            return Err(Flaw::Length(payload_bytes));
        }
        Ok(Self {
            payload_bytes,
            command_count: u32::from_le_bytes(array(bytes, 12)),
            no: FrameNo(u64::from_le_bytes(array(bytes, 16))),
            at: Millis(u64::from_le_bytes(array(bytes, 24))),
            durable_through: FrameNo(u64::from_le_bytes(array(bytes, 32))),
            previous: FrameHash(array(bytes, 40)),
            zero_sectors: u32::from_le_bytes(array(bytes, 72)),
        })
    }

    /// Whether this is the frame that must follow.
    pub(crate) fn follows(&self, expected: &Expected) -> Result<(), Flaw> {
        if self.no != expected.no {
            return Err(Flaw::Number(self.no));
        }
        let is_linked = self.previous == expected.previous;
        #[cfg(planted)]
        let is_linked = is_linked || planted::is(planted::Bug::IgnoreLink);
        if !is_linked {
            return Err(Flaw::Link);
        }
        if self.durable_through < expected.durable_through || self.no <= self.durable_through {
            return Err(Flaw::DurableMark(self.durable_through));
        }
        if self.at < expected.at {
            return Err(Flaw::Time);
        }
        Ok(())
    }
}

/// What the next frame must agree with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) no: FrameNo,
    pub(crate) previous: FrameHash,
    pub(crate) at: Millis,
    pub(crate) durable_through: FrameNo,
}

impl Expected {
    /// What follows a frame.
    pub(crate) fn after(header: &Header, hash: FrameHash) -> Self {
        Self {
            // Only a forger gets to the last of all numbers, and no frame follows that one.
            no: FrameNo(header.no.0.saturating_add(1)),
            previous: hash,
            at: header.at,
            durable_through: header.durable_through,
        }
    }

    /// The last frame before the one expected.
    pub(crate) fn tail(&self) -> Tail {
        Tail { frame: FrameNo(self.no.0 - 1), at: self.at, hash: self.previous }
    }

    /// Whether damaged bytes are still recognisably this frame's header: more than half of
    /// what is known of it in advance. Chance does not do that, nor does a single fault undo it.
    pub(crate) fn resembles(&self, bytes: &[u8]) -> bool {
        let magic = u32::from(bytes[0..4] == MAGIC);
        let number = u32::from(bytes[16..24] == self.no.0.to_le_bytes());
        let links = self.previous.0.chunks_exact(8).zip(bytes[40..72].chunks_exact(8));
        let links: u32 = links.map(|(known, found)| u32::from(known == found)).sum();
        3 < magic + number + links
    }
}

/// Writes a whole frame into `buffer` (cleared first); returns its hash.
pub(crate) fn encode(
    buffer: &mut Vec<u8>,
    mut header: Header,
    payload: &[u8],
    file_offset: u64,
) -> FrameHash {
    assert_eq!(header.payload_bytes as usize, payload.len());
    assert!(file_offset.is_multiple_of(ALIGNMENT as u64));
    buffer.clear();
    buffer.resize(HEADER_BYTES, 0);
    buffer.extend_from_slice(payload);
    buffer.resize(header.frame_bytes() - TRAILER_BYTES, 0);
    // With the padding, which may be what fills a last sector of zeros. Header and trailer hold
    // hashes, so no sector that has a part of them is all zeros.
    let content = &buffer[HEADER_BYTES..];
    header.zero_sectors = zero_sectors(content, file_offset + HEADER_BYTES as u64);
    buffer[..HEADER_BYTES].copy_from_slice(&header.encode());
    let hash = hash(buffer);
    buffer.extend_from_slice(&hash.0);
    buffer.extend_from_slice(&END_MARK);
    assert_eq!(buffer.len(), header.frame_bytes());
    hash
}

/// Checks a whole frame's bytes against the hash they carry, and what fills it up.
pub(crate) fn verify_hash(frame: &[u8]) -> Result<FrameHash, Flaw> {
    assert!(FRAME_BYTES_MIN <= frame.len());
    let (content, trailer) = frame.split_at(frame.len() - TRAILER_BYTES);
    let hash = hash(content);
    // The end mark needs no check: it only tells, of a frame that fails, how far it was written.
    if trailer[..32] != hash.0 {
        return Err(Flaw::Hash);
    }
    // Our writer never wrote this; whoever reads by the format alone refuses it.
    let payload_end = HEADER_BYTES + u32::from_le_bytes(array(frame, 8)) as usize;
    if !is_zero(&content[payload_end..]) {
        return Err(Flaw::Fill);
    }
    Ok(hash)
}

/// Whether a frame with a sound header and an unsound rest lacks a part, as after a torn write;
/// otherwise it was written to its end and has changed since.
pub(crate) fn lacks_a_part(header: &Header, frame: &[u8], file_offset: u64) -> bool {
    assert_eq!(frame.len(), header.frame_bytes());
    if frame.ends_with(&[0]) {
        return true;
    }
    header.zero_sectors < zero_sectors(frame, file_offset)
        || partial_sector_is_missing(frame, file_offset)
}

/// Whether the part of the frame in its last, shared sector is all zeros.
fn partial_sector_is_missing(frame: &[u8], file_offset: u64) -> bool {
    let end = file_offset + frame.len() as u64;
    let start = (end - 1) / SECTOR_BYTES * SECTOR_BYTES;
    let from = usize::try_from(start.saturating_sub(file_offset)).expect("within the frame");
    is_zero(&frame[from..])
}

/// Whole sectors of the file within these bytes that are all zeros.
fn zero_sectors(bytes: &[u8], file_offset: u64) -> u32 {
    let skip = file_offset.next_multiple_of(SECTOR_BYTES) - file_offset;
    let skip = usize::try_from(skip).expect("below a sector").min(bytes.len());
    let sectors = bytes[skip..].chunks_exact(SECTOR_BYTES as usize);
    let zero = sectors.filter(|sector| is_zero(sector)).count();
    u32::try_from(zero).expect("a frame has fewer sectors than 2^32")
}

/// Whether there is nothing but zeros.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(ZEROS.len()).all(|chunk| *chunk == ZEROS[..chunk.len()])
}

fn hash(content: &[u8]) -> FrameHash {
    let mut hash = Sha256::new();
    hash.update(&content[..HASHED_BYTES]);
    hash.update(&content[HEADER_BYTES..]);
    FrameHash(hash.finalize().into())
}

fn check(header: &[u8]) -> [u8; 8] {
    array(&Sha256::digest(&header[..CHECKED_BYTES]), 0)
}

/// The `N` bytes at an offset.
pub(crate) fn array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("the slice has the array's length")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, as it should")]
mod tests;
