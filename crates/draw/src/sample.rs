//! The audit sample: which entries are opened before the notary.
//!
//! Owns: the ranking by `SHA-256(seed_hex ":audit:" leaf_hex)`, and `sample.txt`. A perfect draw
//! does not cure false entries: 300 of them opened find 1 % of false ones with 95 % probability.
//! Never: knows who an entry is.

use crate::hash::Digest;
use std::collections::BinaryHeap;

/// The entries with the smallest ranks so far.
#[derive(Clone, Debug)]
pub struct Sample {
    size: usize,
    lowest: BinaryHeap<(Digest, u32)>,
}

impl Sample {
    /// A sample of `size` entries, or of all if there are fewer.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, lowest: BinaryHeap::new() }
    }

    /// Looks at an entry: its rank and its place in the list.
    pub fn add(&mut self, rank: Digest, index: u32) {
        self.lowest.push((rank, index));
        if self.size < self.lowest.len() {
            self.lowest.pop();
        }
    }

    /// The entries in the order of their ranks.
    #[must_use]
    pub fn finish(self) -> Vec<(Digest, u32)> {
        self.lowest.into_sorted_vec()
    }
}

/// `sample.txt`.
#[must_use]
pub fn write(sample: &[(Digest, u32)]) -> String {
    sample.iter().map(|(rank, index)| format!("{rank},{index}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_are_kept_and_of_equals_the_first() {
        let mut sample = Sample::new(3);
        for (index, byte) in (0..).zip([5, 1, 9, 1, 0, 1]) {
            sample.add(Digest([byte; 32]), index);
        }
        let found: Vec<_> = sample.finish().into_iter().map(|(_, index)| index).collect();
        assert_eq!(found, [4, 1, 3]);
    }
}
