//! A fast, fixed 64-bit mixing hash, for comparing states, never for security.
//!
//! Part of the ledger's contract: the hash of a state must be the same on every machine and in
//! every release, so this function never changes. Multiply-and-fold, as in wyhash.

const SECRET: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];

/// Folds one word into a running hash.
#[must_use]
pub(crate) const fn fold(hash: u64, word: u64) -> u64 {
    fold_two(hash, word, 0)
}

/// Folds two words with one multiplication.
#[must_use]
#[inline]
const fn fold_two(hash: u64, first: u64, second: u64) -> u64 {
    let product = (hash ^ first ^ SECRET[0]) as u128 * (second ^ SECRET[1]) as u128;
    (product as u64) ^ ((product >> 64) as u64) ^ hash.rotate_left(23)
}

/// Folds many words, two at a time.
#[must_use]
#[inline]
pub(crate) fn words(seed: u64, words: &[u64]) -> u64 {
    let (pairs, rest) = words.as_chunks::<2>();
    let hash = pairs.iter().fold(seed, |hash, pair| fold_two(hash, pair[0], pair[1]));
    rest.iter().fold(hash, |hash, word| fold(hash, *word))
}

/// Folds bytes, with their length.
#[must_use]
pub(crate) fn bytes(seed: u64, bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let hash = chunks.iter().fold(seed, |hash, chunk| fold(hash, u64::from_le_bytes(*chunk)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    fold(fold(hash, u64::from_le_bytes(last)), bytes.len() as u64)
}

/// A hash of a set that grows, shrinks and changes member by member: the sum of its members'
/// hashes, 128 bits wide. The order in which members came does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SetHash(pub(crate) u128);

impl SetHash {
    pub(crate) fn add(&mut self, member: &[u64]) {
        self.0 = self.0.wrapping_add(wide(member));
    }

    pub(crate) fn remove(&mut self, member: &[u64]) {
        self.0 = self.0.wrapping_sub(wide(member));
    }

    pub(crate) const fn halves(self) -> [u64; 2] {
        [self.0 as u64, (self.0 >> 64) as u64]
    }
}

fn wide(member: &[u64]) -> u128 {
    let low = words(1, member);
    u128::from(fold(low, 2)) << 64 | u128::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recorded values are the contract: a release that changes them cannot read the hashes
    /// of older journals.
    #[test]
    fn the_function_never_changes() {
        assert_eq!(words(0, &[1, 2, 3]), 0x1a6ad8fe5c1a486f);
        let recorded = [
            words(9, &[u64::MAX, 1 << 63, 0]),
            bytes(7, b"tidegate"),
            bytes(7, b"tidegate!"),
            wide(&[1, 2, 3]) as u64,
            (wide(&[1, 2, 3]) >> 64) as u64,
        ];
        let expected = [
            0x65daf957ec7cb6ef,
            0x30a9e8a47442af96,
            0xaa9c3007340dc714,
            0x9abd72cece84c9ab,
            0xf5ac5adee0e6ed1b,
        ];
        assert_eq!(recorded, expected);
        assert_ne!(bytes(7, b"tidegate"), bytes(7, b"tidegate\0"));
    }

    #[test]
    fn a_set_forgets_what_was_removed() {
        let mut set = SetHash::default();
        set.add(&[1, 2]);
        let before = set;
        set.add(&[3]);
        assert_ne!(set, before);
        set.remove(&[3]);
        assert_eq!(set, before);
    }
}
