//! Chance that comes out the same again: everything of a rehearsal is made of one number.
//!
//! Owns: bytes and numbers from a seed. Never: makes anything for a real draw: whoever knows the
//! number knows every key and secret that was made of it.

use draw::Digest;
use zeroize::Zeroizing;

/// What a rehearsal is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(pub(super) u64);

/// Numbers, one after the other.
pub(super) struct Numbers {
    block: Digest,
    used: usize,
}

impl Chance {
    /// 32 bytes for the `number`th of whatever `what` names.
    pub(super) fn bytes(self, what: &str, number: u64) -> Zeroizing<[u8; 32]> {
        let [seed, number] = [self.0, number].map(u64::to_be_bytes);
        let parts = [b"tidegate/rehearsal/v1:", &seed[..], what.as_bytes(), b":", &number];
        Zeroizing::new(Digest::of_parts(&parts).0)
    }

    /// Numbers for the `number`th of whatever `what` names.
    pub(super) fn numbers(self, what: &str, number: u64) -> Numbers {
        Numbers { block: Digest(*self.bytes(what, number)), used: 0 }
    }
}

impl Numbers {
    /// A number below `end`; a little more often one number than another, by 1 in 2^32.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let (words, _) = self.block.0.as_chunks::<4>();
        let word = u64::from(u32::from_be_bytes(words[self.used]));
        self.used += 1;
        if self.used == words.len() {
            *self = Self { block: Digest::of(&self.block.0), used: 0 };
        }
        u32::try_from((word * u64::from(end)) >> 32).expect("it is below the end")
    }

    /// A number from `least` to `most`.
    pub(super) fn between(&mut self, least: u8, most: u8) -> u8 {
        let more = self.below(u32::from(most - least) + 1);
        least + u8::try_from(more).expect("it is below 256")
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }
}
