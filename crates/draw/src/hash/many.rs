//! Many SHA-256 states, each moved on by a block of its own, sixteen at once where the processor
//! can.
//!
//! Owns: padding, and which of the two ways is taken. Never: knows what is hashed or why.
//! Invariants: both ways give what `sha2` gives, which the tests hold them against.
//!
//! A hash is a chain of steps that wait for each other, and a list of millions is millions of
//! chains: in the lanes of wide registers, sixteen of them take little more time than one. This is
//! the one module of the workspace that may say `unsafe`, once, to call what only some processors
//! have; ARCHITECTURE.md has the figures.

#![allow(unsafe_code)]

use super::Digest;
use sha2::block_api::compress256;

/// A hash under way.
pub(crate) type State = [u32; 8];
/// What moves it on.
pub(crate) type Block = [u8; 64];

/// The state that every hash begins with: FIPS 180-4, 5.3.3.
pub(crate) const BEGUN: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
/// Bytes behind a message: a mark, and its length in bits.
const PADDING_BYTES_MIN: usize = 9;

/// Moves each state on by the block at its place.
///
/// # Panics
/// When there are not as many blocks as states.
pub(crate) fn compress_each(states: &mut [State], blocks: &[Block]) {
    assert_eq!(states.len(), blocks.len(), "each state has a block");
    let done = in_lanes(states, blocks);
    for (state, block) in states[done..].iter_mut().zip(&blocks[done..]) {
        compress256(state, std::slice::from_ref(block));
    }
}

/// The digests of `messages`, each with the byte `first` before it.
pub(crate) fn digest_each(first: u8, messages: &[&[u8]]) -> Vec<Digest> {
    let count = messages.len();
    let mut states = vec![BEGUN; count];
    let mut places = Vec::with_capacity(count);
    let (mut moved, mut blocks) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for number in 0.. {
        for (place, message) in messages.iter().enumerate() {
            if number < block_count(message) {
                places.push(place);
                moved.push(states[place]);
                blocks.push([0; 64]);
                fill(blocks.last_mut().expect("a block was pushed"), first, message, number);
            }
        }
        if places.is_empty() {
            break;
        }
        compress_each(&mut moved, &blocks);
        for (place, state) in places.drain(..).zip(moved.drain(..)) {
            states[place] = state;
        }
        blocks.clear();
    }
    states.iter().map(digest).collect()
}

/// How many blocks a message is with the byte before it, and padded.
const fn block_count(message: &[u8]) -> usize {
    (1 + message.len() + PADDING_BYTES_MIN).div_ceil(64)
}

/// Fills the block of this number, from 0, of `first` and `message`, padded: FIPS 180-4, 5.1.1.
fn fill(block: &mut Block, first: u8, message: &[u8], number: usize) {
    let (start, length) = (64 * number, 1 + message.len());
    // A block that is full is copied in one piece of a length that the compiler knows.
    if number == 0 {
        block[0] = first;
        if let Some(part) = message.first_chunk::<63>() {
            block[1..].copy_from_slice(part);
        } else {
            block[1..length].copy_from_slice(message);
        }
    } else if start < length {
        let part = &message[start - 1..];
        if let Some(full) = part.first_chunk() {
            *block = *full;
            return;
        }
        block[..part.len()].copy_from_slice(part);
    }
    if let Some(mark) = length.checked_sub(start).and_then(|at| block.get_mut(at)) {
        *mark = 0x80;
    }
    if number + 1 == block_count(message) {
        block[56..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    }
}

/// A state as the digest that it is at the end.
pub(crate) fn digest(state: &State) -> Digest {
    let mut bytes = [0; 32];
    for (four, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *four = word.to_be_bytes();
    }
    Digest(bytes)
}

/// Moves on as many states as the processor does in lanes; how many.
#[cfg(all(target_arch = "x86_64", not(sha2_backend = "soft")))]
fn in_lanes(states: &mut [State], blocks: &[Block]) -> usize {
    if !std::is_x86_feature_detected!("avx512f") {
        return 0;
    }
    let (states, _) = states.as_chunks_mut();
    let (blocks, _) = blocks.as_chunks();
    // SAFETY: the line above saw that this processor has what the function is built for.
    unsafe { lanes::compress_all(states, blocks) };
    lanes::COUNT * states.len()
}

/// Moves on no state: the processor, or whoever builds for one without, has no lanes.
#[cfg(not(all(target_arch = "x86_64", not(sha2_backend = "soft"))))]
fn in_lanes(_: &mut [State], _: &[Block]) -> usize {
    0
}

#[cfg(all(target_arch = "x86_64", not(sha2_backend = "soft")))]
mod lanes {
    //! SHA-256 in sixteen lanes of 32 bits: FIPS 180-4, 6.2.2, each step for all of them.

    use super::{Block, State};
    use std::arch::x86_64::{
        __m512i, _mm_extract_epi32, _mm512_add_epi32, _mm512_extracti32x4_epi32, _mm512_ror_epi32,
        _mm512_set_epi32, _mm512_set1_epi32, _mm512_srli_epi32, _mm512_ternarylogic_epi32,
    };

    /// States that are moved on together.
    pub(super) const COUNT: usize = 16;

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes: FIPS
    /// 180-4, 4.2.2.
    #[rustfmt::skip]
    const K: [u32; 64] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ];

    /// Of three bits, as tables for the instruction that knows all of their functions.
    const PARITY: i32 = 0x96;
    const CHOICE: i32 = 0xca;
    const MAJORITY: i32 = 0xe8;

    /// Moves each state on by the block at its place.
    #[target_feature(enable = "avx512f,sse4.1")]
    pub(super) fn compress_all(states: &mut [[State; COUNT]], blocks: &[[Block; COUNT]]) {
        for (states, blocks) in states.iter_mut().zip(blocks) {
            compress(states, blocks);
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,sse4.1")]
    fn compress(states: &mut [State; COUNT], blocks: &[Block; COUNT]) {
        let mut words = [[0; COUNT]; 16];
        for (lane, block) in blocks.iter().enumerate() {
            for (word, four) in words.iter_mut().zip(block.as_chunks::<4>().0) {
                word[lane] = u32::from_be_bytes(*four);
            }
        }
        let mut begun = [[0; COUNT]; 8];
        for (lane, state) in states.iter().enumerate() {
            for (word, value) in begun.iter_mut().zip(state) {
                word[lane] = *value;
            }
        }
        let moved = rounds(begun, &words);
        for (lane, state) in states.iter_mut().enumerate() {
            for (value, word) in state.iter_mut().zip(&moved) {
                *value = word[lane];
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,sse4.1")]
    fn rounds(begun: [[u32; COUNT]; 8], words: &[[u32; COUNT]; 16]) -> [[u32; COUNT]; 8] {
        let begun = begun.map(|word| load(&word));
        let mut w = [begun[0]; 16];
        for (lanes, word) in w.iter_mut().zip(words) {
            *lanes = load(word);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = begun;
        for (round, constant) in K.iter().enumerate() {
            let at = round % 16;
            if 16 <= round {
                w[at] = schedule(w[at], w[(at + 1) % 16], w[(at + 9) % 16], w[(at + 14) % 16]);
            }
            let key = _mm512_add_epi32(_mm512_set1_epi32(constant.cast_signed()), w[at]);
            let mixed = parity(
                _mm512_ror_epi32::<6>(e),
                _mm512_ror_epi32::<11>(e),
                _mm512_ror_epi32::<25>(e),
            );
            let choice = _mm512_ternarylogic_epi32::<CHOICE>(e, f, g);
            let one = _mm512_add_epi32(_mm512_add_epi32(h, key), _mm512_add_epi32(mixed, choice));
            let mixed = parity(
                _mm512_ror_epi32::<2>(a),
                _mm512_ror_epi32::<13>(a),
                _mm512_ror_epi32::<22>(a),
            );
            let two = _mm512_add_epi32(mixed, _mm512_ternarylogic_epi32::<MAJORITY>(a, b, c));
            (h, g, f, e) = (g, f, e, _mm512_add_epi32(d, one));
            (d, c, b, a) = (c, b, a, _mm512_add_epi32(one, two));
        }
        let mut moved = [a, b, c, d, e, f, g, h];
        for (word, begun) in moved.iter_mut().zip(begun) {
            *word = _mm512_add_epi32(*word, begun);
        }
        moved.map(|word| store(word))
    }

    /// The word of the schedule that takes the place of `w0`.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn schedule(w0: __m512i, w1: __m512i, w9: __m512i, w14: __m512i) -> __m512i {
        let low = parity(
            _mm512_ror_epi32::<7>(w1),
            _mm512_ror_epi32::<18>(w1),
            _mm512_srli_epi32::<3>(w1),
        );
        let high = parity(
            _mm512_ror_epi32::<17>(w14),
            _mm512_ror_epi32::<19>(w14),
            _mm512_srli_epi32::<10>(w14),
        );
        _mm512_add_epi32(_mm512_add_epi32(w0, low), _mm512_add_epi32(w9, high))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn parity(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
        _mm512_ternarylogic_epi32::<PARITY>(x, y, z)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(word: &[u32; COUNT]) -> __m512i {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = word.map(u32::cast_signed);
        _mm512_set_epi32(p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a)
    }

    #[inline]
    #[target_feature(enable = "avx512f,sse4.1")]
    fn store(word: __m512i) -> [u32; COUNT] {
        let fours = [
            _mm512_extracti32x4_epi32::<0>(word),
            _mm512_extracti32x4_epi32::<1>(word),
            _mm512_extracti32x4_epi32::<2>(word),
            _mm512_extracti32x4_epi32::<3>(word),
        ];
        let mut lanes = [0; COUNT];
        for (four, lanes) in fours.into_iter().zip(lanes.as_chunks_mut::<4>().0) {
            *lanes = [
                _mm_extract_epi32::<0>(four),
                _mm_extract_epi32::<1>(four),
                _mm_extract_epi32::<2>(four),
                _mm_extract_epi32::<3>(four),
            ]
            .map(i32::cast_unsigned);
        }
        lanes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes that are as good as chance, the same everywhere.
    fn bytes(number: usize) -> Block {
        let digests = [2 * number, 2 * number + 1].map(|half| Digest::of(&half.to_le_bytes()).0);
        std::array::from_fn(|at| digests[at / 32][at % 32])
    }

    #[test]
    fn each_state_is_moved_on_as_if_it_were_alone() {
        for count in (0..=33).chain([47, 48, 49, 256]) {
            let blocks: Vec<Block> = (0..count).map(bytes).collect();
            let word = |at: usize, of: usize| BEGUN[at] ^ u32::from(blocks[of][at]) << at;
            let mut states: Vec<State> =
                (0..count).map(|of| std::array::from_fn(|at| word(at, of))).collect();
            let mut alone = states.clone();
            for (state, block) in alone.iter_mut().zip(&blocks) {
                compress256(state, std::slice::from_ref(block));
            }
            compress_each(&mut states, &blocks);
            assert_eq!(states, alone, "{count}");
        }
    }

    #[test]
    fn every_length_is_padded_as_it_should_be() {
        let text: Vec<u8> = (0..10).flat_map(bytes).collect();
        let messages: Vec<&[u8]> = (0..=300).map(|length| &text[..length]).collect();
        for (message, digest) in messages.iter().zip(digest_each(7, &messages)) {
            assert_eq!(digest, Digest::of_parts(&[&[7], message]), "{}", message.len());
        }
    }

    proptest! {
        #[test]
        fn many_messages_have_the_digests_of_each(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..80),
            first in any::<u8>(),
        ) {
            let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let alone: Vec<Digest> =
                messages.iter().map(|message| Digest::of_parts(&[&[first], message])).collect();
            prop_assert_eq!(digest_each(first, &messages), alone);
        }
    }
}
