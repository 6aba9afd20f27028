//! A keyed permutation of the 44-bit numbers.
//!
//! A balanced Feistel network over two halves of 22 bits, in the manner of Luby and Rackoff
//! ("How to construct pseudorandom permutations", 1988) and of FF1 (NIST SP 800-38G), from which
//! it takes the ten rounds and AES as the round function. A whole block holds round and half, so
//! one call of AES-128 is one round, a pseudorandom function of which 22 bits are used.

use crate::keys::SecretKey;
use crate::mac::MacKey;
use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use zeroize::Zeroizing;

const HALF_BITS: u32 = 22;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;
const ROUNDS: u8 = 10;
/// How many numbers are permuted: 2^44.
pub(super) const SIZE: u64 = 1 << (2 * HALF_BITS);

pub(super) struct Permutation {
    cipher: Aes128,
}

impl Permutation {
    pub(super) fn new(key: &SecretKey) -> Self {
        let derived = MacKey::new(key.bytes()).tag_front::<16>(b"tidegate/code/v1");
        let derived = Zeroizing::new(derived);
        Self { cipher: Aes128::new((&*derived).into()) }
    }

    pub(super) fn forward(&self, number: u64) -> u64 {
        assert!(number < SIZE, "the number has 44 bits");
        let halves = (number >> HALF_BITS, number & HALF_MASK);
        let (left, right) = (0..ROUNDS)
            .fold(halves, |(left, right), round| (right, left ^ self.round(round, right)));
        left << HALF_BITS | right
    }

    pub(super) fn backward(&self, number: u64) -> u64 {
        assert!(number < SIZE, "the number has 44 bits");
        let halves = (number >> HALF_BITS, number & HALF_MASK);
        let (left, right) = (0..ROUNDS)
            .rev()
            .fold(halves, |(left, right), round| (right ^ self.round(round, left), left));
        left << HALF_BITS | right
    }

    fn round(&self, round: u8, half: u64) -> u64 {
        let mut block = [0; 16];
        block[..8].copy_from_slice(&half.to_le_bytes());
        block[8] = round;
        let mut block = block.into();
        self.cipher.encrypt_block(&mut block);
        let front = block.first_chunk().expect("a block has 16 bytes");
        u64::from_le_bytes(*front) & HALF_MASK
    }
}
