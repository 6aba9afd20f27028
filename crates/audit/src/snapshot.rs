//! What a snapshot's header says: of which frame it is, and the hash of the state there.
//!
//! Owns: the header of "Snapshots" in `docs/format.md`. Never: the body, which is the state that
//! an audit computes for itself.

use crate::hash::Hash;
use crate::journal::{array_at, u32_at, u64_at};
use types::ids::{FrameNo, Millis};

/// Bytes of a header.
pub const HEADER_BYTES: usize = 160;
const MAGIC: &[u8] = b"TGsnapsh";
const SUFFIX: &str = ".snap";

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
        // The ledger's hash is 64 bits wide.
        if bytes[88..112].iter().any(|byte| *byte != 0) {
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
