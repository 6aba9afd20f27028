//! The bytes of segments and frames, and what each must be by itself.
//!
//! Owns: "Segments" and "Frames" in `docs/format.md`. Never: reads a file, judges an end.

use super::bytes::{Window, is_zero};
use super::{Bytes, Damage, Expected};
use crate::hash::Hash;
use std::io;
use types::ids::FrameNo;
use types::limits::FRAME_PAYLOAD_BYTES_MAX;

pub(super) const SEGMENT_HEADER_BYTES: usize = 4096;
pub(super) const FRAME_HEADER_BYTES: usize = 88;
/// A frame without payload: header, hash, end mark.
pub(super) const FRAME_BYTES_MIN: usize = FRAME_HEADER_BYTES + 32 + END_MARK.len();

const FORMAT_VERSION: u32 = 1;
const SEGMENT_MAGIC: &[u8] = b"TGsegmnt";
const SEGMENT_VERSION: u32 = 1;
pub(super) const FRAME_MAGIC: &[u8] = b"TGfr";
const FRAME_VERSION: u16 = 1;
const END_MARK: &[u8; 8] = b"TGfr.end";
const SUFFIX: &str = ".seg";
/// Of a frame's header, what its hash covers.
const HASHED_BYTES: usize = 72;
/// Of a frame's header, what its check covers.
const CHECKED_BYTES: usize = 80;

/// What the last eight bytes of a frame say. They are no part of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndMark {
    /// What was written.
    Whole,
    /// Cut short by zeros: a torn write that lost no content.
    Cut,
    /// Something else: these bytes have changed. No content is concerned.
    Changed,
}

/// Why a file `FORMAT` is none that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It is not of a data folder, or damaged.
    #[error("{0}")]
    Foreign(&'static str),
    /// A later version than this auditor knows.
    #[error("it says `format {0}`, and this auditor knows `format 1`")]
    Version(u32),
}

/// The journal's id in a data folder's file `FORMAT`.
///
/// # Errors
/// What is wrong with the file.
pub fn read_format(text: &[u8]) -> Result<[u8; 16], FormatError> {
    let foreign = Err(FormatError::Foreign("it is not that of a data folder"));
    let mut lines = text.split(|byte| *byte == b'\n');
    if lines.next() != Some(b"tidegate data folder") {
        return foreign;
    }
    match lines.next().and_then(|line| line.strip_prefix(b"format ")).map(number) {
        Some(Some(FORMAT_VERSION)) => {}
        Some(Some(newer)) if FORMAT_VERSION < newer => return Err(FormatError::Version(newer)),
        Some(_) => {
            return Err(FormatError::Foreign("its second line names a version that never was"));
        }
        None => return foreign,
    }
    let id = lines.next().and_then(|line| line.strip_prefix(b"journal ")).and_then(hex_16);
    // A last line may lack its end.
    let ends = lines.next().is_none_or(<[u8]>::is_empty) && lines.next().is_none();
    match id {
        Some(id) if ends => Ok(id),
        Some(_) => Err(FormatError::Foreign("something follows its third line")),
        None => Err(FormatError::Foreign("its third line does not name the journal's id")),
    }
}

/// A number in decimal digits, as it is written: no sign, no zeros before it.
fn number(digits: &[u8]) -> Option<u32> {
    let is_plain = digits.iter().all(u8::is_ascii_digit) && digits.first() != Some(&b'0');
    std::str::from_utf8(digits).ok().filter(|_| is_plain)?.parse().ok()
}

fn hex_16(digits: &[u8]) -> Option<[u8; 16]> {
    let is_hex = digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    let number = u128::from_str_radix(digits, 16).ok()?;
    Some(number.to_be_bytes())
}

/// The name of the segment that begins with a frame.
pub(super) fn name(first: u64) -> String {
    format!("{first:020}{SUFFIX}")
}

/// The first frame of a segment, by its name.
pub(super) fn parse_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

/// Whether a file has a segment's name.
#[must_use]
pub fn is_segment(name: &str) -> bool {
    parse_name(name).is_some()
}

/// The journal that a segment names, if its header is whole.
///
/// # Errors
/// When it cannot be read.
pub fn segment_journal(bytes: Box<dyn Bytes + '_>) -> io::Result<Option<[u8; 16]>> {
    let mut window = Window::open(bytes)?;
    Ok(SegmentHeader::read(&mut window)?.ok().map(|header| header.journal))
}

/// What stands in the chain before frame 1.
pub(super) fn genesis(journal: &[u8; 16]) -> Hash {
    Hash::of(&[b"tidegate journal genesis", journal])
}

/// A segment's header, checked by itself.
pub(super) struct SegmentHeader {
    pub(super) journal: [u8; 16],
    pub(super) first: u64,
    pub(super) previous: Hash,
}

impl SegmentHeader {
    pub(super) fn read(window: &mut Window<'_>) -> io::Result<Result<Self, Damage>> {
        let length = window.length();
        if length < SEGMENT_HEADER_BYTES as u64 {
            return Ok(Err(Damage::SegmentHeader("the file is shorter than a header")));
        }
        Ok(Self::decode(window.bytes(0, SEGMENT_HEADER_BYTES)?, length))
    }

    fn decode(bytes: &[u8], length: u64) -> Result<Self, Damage> {
        let wrong = |why| Err(Damage::SegmentHeader(why));
        if &bytes[..8] != SEGMENT_MAGIC {
            return wrong("it does not begin as one");
        }
        // Before anything that a later version may keep elsewhere.
        match u32_at(bytes, 8) {
            SEGMENT_VERSION => {}
            newer if SEGMENT_VERSION < newer => return Err(Damage::Newer(newer)),
            _ => return wrong("its version is none"),
        }
        if Hash::of(&[&bytes[..96]]).0 != bytes[96..128] {
            return wrong("it does not match its hash");
        }
        if u32_at(bytes, 12) as usize != SEGMENT_HEADER_BYTES {
            return wrong("it names another length of itself");
        }
        if u64_at(bytes, 40) != length {
            return wrong("it names another length of the file");
        }
        if !is_zero(&bytes[80..96]) || !is_zero(&bytes[128..]) {
            return wrong("something other than zeros fills it up");
        }
        let (journal, previous) = (array_at(bytes, 16), Hash(array_at(bytes, 48)));
        Ok(Self { journal, first: u64_at(bytes, 32), previous })
    }
}

/// A frame's header whose check is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameHeader {
    pub(super) payload_bytes: u32,
    pub(super) commands: u32,
    pub(super) no: u64,
    pub(super) at: u64,
    pub(super) durable_through: u64,
    pub(super) previous: Hash,
    /// Sectors of the file, wholly within the frame, that are all zeros.
    pub(super) zero_sectors: u32,
}

impl FrameHeader {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let check = Hash::of(&[&bytes[..CHECKED_BYTES]]);
        if &bytes[..4] != FRAME_MAGIC || check.0[..8] != bytes[80..88] {
            return Err(Damage::FrameHeader);
        }
        match u16_at(bytes, 4) {
            FRAME_VERSION => {}
            newer if FRAME_VERSION < newer => return Err(Damage::Newer(newer.into())),
            _ => return Err(Damage::FrameHeader),
        }
        let payload_bytes = u32_at(bytes, 8);
        if FRAME_PAYLOAD_BYTES_MAX < payload_bytes as usize {
            return Err(Damage::Length(payload_bytes));
        }
        if usize::from(u16_at(bytes, 6)) != FRAME_HEADER_BYTES || u32_at(bytes, 76) != 0 {
            return Err(Damage::FrameHeader);
        }
        Ok(Self {
            payload_bytes,
            commands: u32_at(bytes, 12),
            no: u64_at(bytes, 16),
            at: u64_at(bytes, 24),
            durable_through: u64_at(bytes, 32),
            previous: Hash(array_at(bytes, 40)),
            zero_sectors: u32_at(bytes, 72),
        })
    }

    /// All bytes of the frame.
    pub(super) const fn frame_bytes(&self) -> usize {
        FRAME_BYTES_MIN + (self.payload_bytes as usize).next_multiple_of(8)
    }

    /// Why it does not continue the frame before it, if so.
    pub(super) fn breaks_off(&self, expected: &Expected) -> Option<Damage> {
        let durable = expected.durable_through..self.no;
        if self.no != expected.no {
            Some(Damage::Number(FrameNo(self.no)))
        } else if self.previous != expected.previous {
            Some(Damage::Chain)
        } else if self.at < expected.at {
            Some(Damage::Time)
        } else if !durable.contains(&self.durable_through) {
            Some(Damage::DurableMark(FrameNo(self.durable_through)))
        } else {
            None
        }
    }
}

/// The payload of a frame.
pub(super) fn payload<'a>(frame: &'a [u8], header: &FrameHeader) -> &'a [u8] {
    &frame[FRAME_HEADER_BYTES..][..header.payload_bytes as usize]
}

/// The frame's hash and end mark, if its content is what was hashed.
pub(super) fn check_content(frame: &[u8], header: &FrameHeader) -> Result<(Hash, EndMark), Damage> {
    assert!(frame.len() == header.frame_bytes(), "all bytes of the frame");
    let hash_at = frame.len() - END_MARK.len() - 32;
    let padded = &frame[FRAME_HEADER_BYTES..hash_at];
    let hash = Hash::of(&[&frame[..HASHED_BYTES], padded]);
    if hash.0 != frame[hash_at..hash_at + 32] {
        return Err(Damage::Content);
    }
    if !is_zero(&padded[header.payload_bytes as usize..]) {
        return Err(Damage::Padding);
    }
    let mark = &frame[hash_at + 32..];
    let there = END_MARK.iter().zip(mark).take_while(|(right, found)| right == found).count();
    Ok(match there {
        8 => (hash, EndMark::Whole),
        _ if is_zero(&mark[there..]) => (hash, EndMark::Cut),
        _ => (hash, EndMark::Changed),
    })
}

pub(crate) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("a slice of N bytes is N bytes long")
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}
