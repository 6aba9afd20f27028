//! HMAC-SHA-256 (RFC 2104, FIPS 198-1) with the key's two blocks hashed ahead.
//!
//! Owns: keyed digests of short messages, a handful of which every entry needs. The `hmac` crate
//! clones and wipes its whole state for each message, which costs half as much again; the tests
//! hold this against it on random keys and messages of every length around the block size.
//! Invariants: the hashed-ahead states are as secret as the key, and are wiped on drop.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

const BLOCK_BYTES: usize = 64;
const LENGTH_BYTES: usize = 8;
/// FIPS 180-4, 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A key for keyed digests.
#[derive(Clone)]
pub(crate) struct MacKey {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
}

impl MacKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { inner: padded(key, 0x36), outer: padded(key, 0x5c) }
    }

    /// A key of its own for one purpose: HMAC as a key derivation function (SP 800-108 style).
    pub(crate) fn derived(key: &[u8; 32], purpose: &str) -> Self {
        Self::new(&Zeroizing::new(Self::new(key).tag(purpose.as_bytes())))
    }

    /// The whole HMAC of a message.
    pub(crate) fn tag(&self, message: &[u8]) -> [u8; 32] {
        let inner = finish(*self.inner, message);
        finish(*self.outer, &inner)
    }

    /// The first bytes of the HMAC of a message; a truncated HMAC is as strong as it is long.
    pub(crate) fn tag_front<const N: usize>(&self, message: &[u8]) -> [u8; N] {
        *self.tag(message).first_chunk().expect("a tag is 32 bytes and fronts are shorter")
    }
}

fn padded(key: &[u8; 32], pad: u8) -> Zeroizing<[u32; 8]> {
    let mut block = Zeroizing::new([pad; BLOCK_BYTES]);
    block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    let mut state = Zeroizing::new(INITIAL);
    compress256(&mut state, &[*block]);
    state
}

/// Hashes a message into a state that has taken one block already, and ends it.
fn finish(mut state: [u32; 8], message: &[u8]) -> [u8; 32] {
    let (whole, rest) = message.as_chunks::<BLOCK_BYTES>();
    compress256(&mut state, whole);
    let bits = ((BLOCK_BYTES + message.len()) as u64) * 8;
    let mut last = [[0; BLOCK_BYTES]; 2];
    last[0][..rest.len()].copy_from_slice(rest);
    last[0][rest.len()] = 0x80;
    let blocks = if rest.len() < BLOCK_BYTES - LENGTH_BYTES { 1 } else { 2 };
    last[blocks - 1][BLOCK_BYTES - LENGTH_BYTES..].copy_from_slice(&bits.to_be_bytes());
    compress256(&mut state, &last[..blocks]);
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::MacKey;
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;

    fn reference(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
        let mut hmac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
        hmac.update(message);
        hmac.finalize().into_bytes().into()
    }

    proptest! {
        #[test]
        fn it_is_hmac(key: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(MacKey::new(&key).tag(&message), reference(&key, &message));
        }
    }

    #[test]
    fn it_is_hmac_around_every_block_boundary() {
        let message: Vec<u8> = (0..=255).collect();
        for length in 0..message.len() {
            let message = &message[..length];
            assert_eq!(MacKey::new(&[7; 32]).tag(message), reference(&[7; 32], message));
        }
    }
}
