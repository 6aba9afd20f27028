//! A ledger as bytes, and back.
//!
//! Owns: the snapshot's body, drawn in `docs/format.md`: a version, then sections, little-endian.
//! Never: touches a disk or checks for damage; the journal's snapshot container does both.
//! Invariants: what is loaded has the hash of what was saved: every set hash is computed again
//! from the rows while loading, and the caller compares the two; pools balance with entries.
//! On failure: says which part is not a ledger's; nothing of it is used.

mod load;
mod save;

use std::convert::Infallible;

/// The version this release writes; it reads this one and every older one. Bodies of version 1
/// tell of no action from where it came, and what it changed; bodies before version 3 know of no
/// draw.
pub const VERSION: u32 = 3;

/// Where a snapshot's bytes go.
pub trait Sink {
    /// Why a write failed.
    type Error;

    /// Takes all of the bytes.
    ///
    /// # Errors
    /// When they cannot be kept.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Where a snapshot's bytes come from.
pub trait Source {
    /// Why a read failed.
    type Error;

    /// Fills the whole buffer.
    ///
    /// # Errors
    /// When there are fewer bytes, or they are damaged.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Self::Error>;
}

impl Sink for Vec<u8> {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// There are fewer bytes than a ledger has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort;

/// What is left of it is what was not read yet.
impl Source for &[u8] {
    type Error = TooShort;

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), TooShort> {
        let (read, rest) = self.split_at_checked(buffer.len()).ok_or(TooShort)?;
        buffer.copy_from_slice(read);
        *self = rest;
        Ok(())
    }
}

/// Why a snapshot cannot be loaded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError<E> {
    /// The bytes could not be read.
    #[error("the snapshot cannot be read")]
    Source(E),
    /// A newer release wrote it.
    #[error("the snapshot has version {0}; this release reads up to version {VERSION}")]
    Newer(u32),
    /// The bytes are whole but do not describe a ledger.
    #[error("the snapshot's {0} is not as it must be")]
    Unsound(&'static str),
}
