//! SHA-256 digests and how they are written.
//!
//! Owns: hexadecimal and the groups of four in which people read a digest aloud. Never: keeps a
//! secret; a digest is public.

pub(crate) mod many;

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A digest in groups of four digits, as it is read aloud.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint(Digest);

impl Digest {
    /// What no entry's number is: the cut-off of a bucket that was closed before the pass began.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of `parts`, one behind the other.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        Self(hasher.finalize().into())
    }

    /// The 64 digits.
    #[must_use]
    pub fn hex(&self) -> [u8; 64] {
        hex(&self.0)
    }

    /// In groups of four digits.
    #[must_use]
    pub const fn fingerprint(self) -> Fingerprint {
        Fingerprint(self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.hex()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, group) in self.0.hex().chunks(4).enumerate() {
            if 0 < number {
                f.write_str(" ")?;
            }
            f.write_str(ascii(group))?;
        }
        Ok(())
    }
}

impl FromStr for Digest {
    type Err = ();

    /// Reads 64 digits in lower case.
    fn from_str(text: &str) -> Result<Self, ()> {
        unhex(text.as_bytes()).map(Self).ok_or(())
    }
}

/// `N` bytes as `M` = 2 `N` digits.
pub(crate) fn hex<const N: usize, const M: usize>(bytes: &[u8; N]) -> [u8; M] {
    assert_eq!(M, 2 * N, "a byte is two digits");
    let mut digits = [0; M];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [byte >> 4, byte & 15].map(as_digit);
    }
    digits
}

/// A number below 16 as a digit. Reckoned, so that many are made with one instruction.
const fn as_digit(number: u8) -> u8 {
    number + if 9 < number { b'a' - 10 } else { b'0' }
}

/// Reads exactly 2 `N` digits in lower case.
pub(crate) fn unhex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (pairs, odd) = digits.as_chunks::<2>();
    if pairs.len() != N || !odd.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = of_digit(*high) << 4 | of_digit(*low);
    }
    are_digits(digits).then_some(bytes)
}

/// What a digit stands for.
const fn of_digit(digit: u8) -> u8 {
    (digit & 15) + if b'9' < digit { 9 } else { 0 }
}

/// Whether all of `bytes` are lower-case hex digits. Without an end before the last one, so that
/// many are looked at with one instruction: every byte of a list passes here.
#[inline]
pub(crate) fn are_digits(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |so_far, byte| so_far & (byte.is_ascii_digit() | (b'a'..=b'f').contains(byte)))
}

/// What is known to be ASCII, as text.
pub(crate) fn ascii(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("only ASCII is given here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written_and_only_in_lower_case() {
        let digest = Digest::of(b"abc");
        let text = digest.to_string();
        assert_eq!(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(text.parse(), Ok(digest));
        assert_eq!(text.to_uppercase().parse::<Digest>(), Err(()));
        assert_eq!(text[1..].parse::<Digest>(), Err(()));
        assert_eq!(format!("{text}0").parse::<Digest>(), Err(()));
        assert!(digest.fingerprint().to_string().starts_with("ba78 16bf 8f01 "));
        assert_eq!(Digest::of_parts(&[b"a", b"", b"bc"]), digest);
    }
}
