//! Draw numbers: the seed and a line make a number that nobody could choose.
//!
//! Owns: the formula. `number = min over t = 1 … w of SHA-256(seed_hex ":" leaf_hex ":" t)`; the
//! smallest of w numbers below τ has the chance 1 − (1 − τ)^w, exactly.

use crate::hash::Digest;
use sha2::{Digest as _, Sha256};
use types::limits;

/// Makes the numbers of one seed.
#[derive(Clone)]
pub struct Numbers {
    /// The hash's state behind the seed and its colon: the same for every number.
    begun: Sha256,
}

impl Numbers {
    /// The numbers that `seed` gives.
    #[must_use]
    pub fn new(seed: Digest) -> Self {
        Self { begun: Sha256::new().chain_update(seed.hex()).chain_update(":") }
    }

    /// The number of the entry whose line has the leaf hash `leaf`, with `tickets` tickets.
    ///
    /// # Panics
    /// When the tickets are none, or more than an entry can have.
    #[must_use]
    pub fn of(&self, leaf: Digest, tickets: u8) -> Digest {
        assert!((1..=limits::DRAW_TICKETS_MAX).contains(&tickets), "1 to 32 tickets");
        let leaf = leaf.hex();
        let of_ticket = |ticket: u8| {
            let digits = [b'0' + ticket / 10, b'0' + ticket % 10];
            let written = if ticket < 10 { &digits[1..] } else { &digits };
            let hash = self.begun.clone().chain_update(leaf).chain_update(":");
            Digest(hash.chain_update(written).finalize().into())
        };
        (1..=tickets).map(of_ticket).min().expect("there is at least one ticket")
    }

    /// What the audit sample ranks an entry by.
    #[must_use]
    pub fn audit(&self, leaf: Digest) -> Digest {
        let hash = self.begun.clone().chain_update("audit:").chain_update(leaf.hex());
        Digest(hash.finalize().into())
    }
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Numbers(..)")
    }
}
