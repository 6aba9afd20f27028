//! The zip package of a workbook, weighed before anything unpacks it into memory.
//!
//! Owns: the guard against small files that unpack to huge ones, or that announce more strings
//! than they have. Never: keeps what it unpacks.
//! Invariants: what passes unpacks to at most `WORKBOOK_BYTES_MAX`.

use std::io::{self, Cursor, Read, Write};
use types::limits;
use zip::ZipArchive;

/// Bytes at the start of a part within which its first tag must end.
const HEAD_BYTES: usize = 4_096;

/// Why a package is refused.
pub(super) enum PackageError {
    /// It is damaged, or no workbook.
    Damaged(String),
    /// It unpacks to more than the limit.
    TooLarge,
}

pub(super) fn is_package(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Unpacks every part to nowhere and counts.
pub(super) fn weigh(bytes: &[u8]) -> Result<(), PackageError> {
    let damaged = |error: &dyn std::fmt::Display| PackageError::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    if archive.len() > limits::WORKBOOK_PARTS_MAX {
        return Err(PackageError::TooLarge);
    }
    let mut left = limits::WORKBOOK_BYTES_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(&error))?;
        let name = part.name().map_err(|error| damaged(&error))?.to_lowercase();
        let is_strings = name.ends_with("sharedstrings.xml");
        let mut scale = Scale::default();
        let unpacked = io::copy(&mut part.take(left + 1), &mut scale);
        let unpacked = unpacked.map_err(|error| damaged(&error))?;
        if unpacked > left {
            return Err(PackageError::TooLarge);
        }
        left -= unpacked;
        if is_strings && !announces_at_most(&scale.head, unpacked) {
            let message = "the part with its shared strings is not as it should be";
            return Err(PackageError::Damaged(message.to_owned()));
        }
    }
    Ok(())
}

/// Keeps the head of what is written, and nothing else.
#[derive(Default)]
struct Scale {
    head: Vec<u8>,
}

impl Write for Scale {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the strings' first tag follows the declaration at once and announces no more strings
/// than the part has bytes: the reader reserves memory for as many as it announces.
fn announces_at_most(head: &[u8], bytes: u64) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    if let Some(declaration) = rest.strip_prefix("<?xml") {
        let Some((declaration, after)) = declaration.split_once("?>") else { return false };
        let lower = declaration.to_lowercase();
        if lower.contains("encoding") && !lower.contains("utf-8") {
            return false;
        }
        rest = after.trim_start();
    }
    let Some((tag, _)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) else {
        return false;
    };
    let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
    if name.rsplit(':').next() != Some("sst") {
        return false;
    }
    let mut counts = tag.split("uniqueCount").skip(1).map(|after| {
        let digits = after.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse::<u64>().unwrap_or(u64::MAX)
    });
    counts.all(|count| count <= bytes)
}
