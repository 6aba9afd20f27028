//! What a snapshot says: of which frame it is, the hash of the state there, and whether its bytes
//! are those that were written.
//!
//! Owns: header and chunks of "Snapshots" in `docs/format.md`. Never: knows what the body means,
//! which is the state that an audit computes for itself.
//! Invariants: memory is a chunk, or a mebibyte.

use crate::hash::Hash;
use crate::journal::{Bytes, Window, array_at, is_zero, u32_at, u64_at};
use std::io;
use types::ids::{FrameNo, Millis};

/// Bytes of a header.
pub const HEADER_BYTES: usize = 160;
const MAGIC: &[u8] = b"TGsnapsh";
const SUFFIX: &str = ".snap";
const CHUNK_BYTES_MAX: u32 = 1 << 20;
const CHUNK_HEADER_BYTES: u64 = 16;
const HASH_BYTES: u64 = 32;

/// What is wrong with a snapshot's bytes, and from which byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} (byte {offset})")]
pub struct Damage {
    /// The byte of the file: its beginning, or that of a chunk.
    pub offset: u64,
    /// What is wrong, as a clause.
    pub why: &'static str,
}

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The journal it belongs to.
    pub journal: [u8; 16],
    /// The last frame that was applied.
    pub frame: FrameNo,
    /// That frame's time.
    pub at: Millis,
    /// That frame's hash.
    pub frame_hash: Hash,
    /// The ledger's hash after it.
    pub ledger_hash: u64,
}

/// The frame of a snapshot, by its file's name; none for any other file.
#[must_use]
pub fn parse_name(name: &str) -> Option<FrameNo> {
    let digits = name.strip_suffix(SUFFIX)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { digits.parse().ok().map(FrameNo) } else { None }
}

/// Reads a snapshot from its first byte to its last.
///
/// # Errors
/// When it cannot be read; and within, what is wrong with its bytes.
pub fn read(bytes: Box<dyn Bytes + '_>) -> io::Result<Result<Header, Damage>> {
    let mut window = Window::open(bytes)?;
    let length = window.length();
    let begins = usize::try_from(length).unwrap_or(usize::MAX).min(HEADER_BYTES);
    let begin = window.bytes(0, begins)?;
    let header = match Header::decode(begin) {
        Ok(header) => header,
        Err(why) => return Ok(Err(Damage { offset: 0, why })),
    };
    let (mut chain, mut offset) = (Hash(array_at(begin, 128)), HEADER_BYTES as u64);
    let mut body_bytes = 0;
    loop {
        let (in_chunk, hash) = match chunk(&mut window, offset, body_bytes, chain)? {
            Ok(chunk) => chunk,
            Err(why) => return Ok(Err(Damage { offset, why })),
        };
        chain = hash;
        body_bytes += in_chunk;
        offset += CHUNK_HEADER_BYTES + in_chunk + HASH_BYTES;
        assert!(offset <= length, "a chunk lies within its file");
        if in_chunk == 0 {
            let why = "something follows its closing chunk";
            return Ok(if offset == length { Ok(header) } else { Err(Damage { offset, why }) });
        }
    }
}

/// Bytes of the body in the chunk at an offset, and its hash.
fn chunk(
    window: &mut Window<'_>,
    offset: u64,
    body_bytes: u64,
    chain: Hash,
) -> io::Result<Result<(u64, Hash), &'static str>> {
    let room = window.length() - offset;
    if room < CHUNK_HEADER_BYTES + HASH_BYTES {
        return Ok(Err("it ends before its closing chunk"));
    }
    let header = window.bytes(offset, CHUNK_HEADER_BYTES as usize)?;
    let (before, in_chunk) = (u64_at(header, 0), u64_at(header, 8));
    if before != body_bytes || u64::from(CHUNK_BYTES_MAX) < in_chunk {
        return Ok(Err("a chunk's header cannot be right"));
    }
    if room < CHUNK_HEADER_BYTES + in_chunk + HASH_BYTES {
        return Ok(Err("it ends amid a chunk"));
    }
    let hash_at = usize::try_from(CHUNK_HEADER_BYTES + in_chunk).expect("at most a chunk");
    let bytes = window.bytes(offset, hash_at + HASH_BYTES as usize)?;
    let hash = Hash::of(&[&chain.0, &bytes[..hash_at]]);
    let is_right = hash.0 == bytes[hash_at..];
    Ok(if is_right { Ok((in_chunk, hash)) } else { Err("a chunk does not match its hash") })
}

impl Header {
    /// Reads the first bytes of a snapshot.
    ///
    /// # Errors
    /// What is wrong with them, as a clause.
    pub fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        if bytes.len() < HEADER_BYTES {
            return Err("it is shorter than its header");
        }
        if &bytes[..8] != MAGIC {
            return Err("it does not begin as a snapshot");
        }
        if u32_at(bytes, 8) != 1 {
            return Err("its version is not 1, which is the one that this auditor knows");
        }
        if Hash::of(&[&bytes[..128]]).0 != bytes[128..160] {
            return Err("its header does not match its hash");
        }
        if u32_at(bytes, 12) != CHUNK_BYTES_MAX || !is_zero(&bytes[112..128]) {
            return Err("its header holds what no release writes");
        }
        // The ledger's hash is 64 bits wide.
        if !is_zero(&bytes[88..112]) {
            return Err("its header holds a hash of another kind");
        }
        Ok(Self {
            journal: array_at(bytes, 16),
            frame: FrameNo(u64_at(bytes, 32)),
            at: Millis(u64_at(bytes, 40)),
            frame_hash: Hash(array_at(bytes, 48)),
            ledger_hash: u64_at(bytes, 80),
        })
    }
}
