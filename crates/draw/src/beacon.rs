//! The public beacon: a number that nobody could know when the list was sealed.
//!
//! Owns: the chains that are known, when a round appears, and the offline check of its signature.
//! Never: asks a network.

use crate::hash::{Digest, ascii, unhex};
use drand_verify::{G2PubkeyRfc, Pubkey as _};
use std::fmt;

/// A chain of drand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chain {
    /// What it is called.
    pub name: &'static str,
    hash: &'static str,
    public_key: &'static str,
    /// When its first round appeared, in seconds since 1970.
    genesis_seconds: u64,
    /// How far apart its rounds are, in seconds.
    period_seconds: u64,
}

/// The chain of drand whose rounds stand by themselves, one each three seconds.
///
/// From <https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/info>.
pub const QUICKNET: Chain = Chain {
    name: "quicknet",
    hash: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key: "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c\
                 8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb\
                 5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
    genesis_seconds: 1_692_803_367,
    period_seconds: 3,
};

/// Every chain that is known.
pub const CHAINS: [Chain; 1] = [QUICKNET];

/// What a round said: a signature of the round's number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BeaconSignature(pub [u8; 48]);

/// Why a signature is not a round's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the signature is not that of round {round} of the chain {chain}")]
pub struct NotTheRound {
    /// The round that was asked for.
    pub round: u64,
    /// The name of the chain.
    pub chain: &'static str,
}

impl Chain {
    /// The chain with `hash`, if it is known.
    #[must_use]
    pub fn find(hash: Digest) -> Option<Self> {
        CHAINS.into_iter().find(|chain| chain.hash() == hash)
    }

    /// The hash that names it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash.parse().expect("a known chain has a hash")
    }

    /// When `round` appears, in seconds since 1970; rounds count from 1.
    #[must_use]
    pub fn seconds_of(&self, round: u64) -> Option<u64> {
        let after = round.checked_sub(1)?.checked_mul(self.period_seconds)?;
        after.checked_add(self.genesis_seconds)
    }

    /// The first round that appears at `seconds` since 1970 or later.
    #[must_use]
    pub const fn round_at(&self, seconds: u64) -> u64 {
        1 + seconds.saturating_sub(self.genesis_seconds).div_ceil(self.period_seconds)
    }

    /// Whether `signature` is that of `round`.
    ///
    /// # Errors
    /// When it is another round's, another chain's, or nobody's.
    pub fn check(&self, round: u64, signature: BeaconSignature) -> Result<(), NotTheRound> {
        let key = unhex(self.public_key.as_bytes()).expect("a known chain has a key of 96 bytes");
        let key = G2PubkeyRfc::from_fixed(key).expect("the key of a known chain is on its curve");
        match key.verify(round, &[], &signature.0) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(NotTheRound { round, chain: self.name }),
        }
    }
}

impl BeaconSignature {
    /// Reads 96 hex digits in lower case.
    #[must_use]
    pub fn read(digits: &str) -> Option<Self> {
        unhex(digits.as_bytes()).map(Self)
    }
}

impl fmt::Display for BeaconSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&crate::hash::hex::<48, 96>(&self.0)))
    }
}

impl fmt::Debug for BeaconSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recorded round of the chain.
    const ROUND: u64 = 657_413;
    const SIGNATURE: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                             41076862b98fad56e91a6b85b89cd97b";

    #[test]
    fn a_recorded_round_is_found_true_and_no_other() {
        let signature = BeaconSignature::read(SIGNATURE).unwrap();
        assert_eq!(QUICKNET.check(ROUND, signature), Ok(()));
        let not = |round| Err(NotTheRound { round, chain: "quicknet" });
        assert_eq!(QUICKNET.check(ROUND + 1, signature), not(ROUND + 1));
        let mut other = signature;
        other.0[47] ^= 1;
        assert_eq!(QUICKNET.check(ROUND, other), not(ROUND));
        assert_eq!(QUICKNET.check(ROUND, BeaconSignature([0; 48])), not(ROUND));
        assert_eq!(signature.to_string(), SIGNATURE);
    }

    #[test]
    fn a_round_has_its_time() {
        assert_eq!(QUICKNET.seconds_of(1), Some(1_692_803_367));
        assert_eq!(QUICKNET.seconds_of(0), None);
        assert_eq!(QUICKNET.seconds_of(u64::MAX), None);
        assert_eq!(QUICKNET.seconds_of(ROUND), Some(1_694_775_603));
    }

    #[test]
    fn a_time_has_the_first_round_that_is_not_before_it() {
        let at = |seconds| QUICKNET.round_at(seconds);
        assert_eq!([at(0), at(1_692_803_367), at(1_692_803_368)], [1, 1, 2]);
        assert_eq!([at(1_694_775_601), at(1_694_775_603)], [ROUND, ROUND]);
        assert_eq!(at(1_694_775_604), ROUND + 1);
    }
}
