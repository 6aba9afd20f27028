//! Nonces for AES-256-GCM that cannot repeat within a thread, and practically never do at all.
//!
//! Owns: 96 bits = 64 random bits that a thread draws from the operating system, then a 32-bit
//! counter; a thread whose counter is used up draws anew (SP 800-38D, 8.2.1, with a random fixed
//! field). Within one draw all nonces differ by construction, so only two draws of the same 64
//! bits could make a nonce repeat under a key. With d draws over the life of a key that has
//! probability at most d² / 2^65: eight threads and 1,000 restarts make d = 8,000, and 2 × 10⁻¹²,
//! whether the campaign seals a thousand entries or 10⁹ of them. Random 96-bit nonces, one for
//! each seal, would reach 6 × 10⁻¹² at 10⁹ seals and go on growing with every refused attempt.
//! On failure: no randomness from the operating system means no process; it panics.

use std::cell::Cell;

pub(crate) const NONCE_BYTES: usize = 12;

thread_local! {
    static NEXT: Cell<Option<([u8; 8], u32)>> = const { Cell::new(None) };
}

/// A nonce this process has never used, for any key.
pub(crate) fn next() -> [u8; NONCE_BYTES] {
    let (prefix, count) = NEXT.get().unwrap_or_else(|| {
        let mut prefix = [0; 8];
        fill_random(&mut prefix);
        (prefix, 0)
    });
    NEXT.set(count.checked_add(1).map(|next| (prefix, next)));
    let mut nonce = [0; NONCE_BYTES];
    nonce[..8].copy_from_slice(&prefix);
    nonce[8..].copy_from_slice(&count.to_le_bytes());
    nonce
}

/// Fills from the operating system's generator.
pub(crate) fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system always gives randomness after boot");
}

#[cfg(test)]
mod tests {
    use super::{NEXT, next};

    #[test]
    fn a_used_up_counter_draws_a_new_prefix() {
        NEXT.set(Some(([7; 8], u32::MAX)));
        assert_eq!(next(), [7, 7, 7, 7, 7, 7, 7, 7, 255, 255, 255, 255]);
        let fresh = next();
        assert_ne!(fresh[..8], [7; 8]);
        assert_eq!(fresh[8..], [0; 4]);
        assert_eq!(next()[8..], [1, 0, 0, 0]);
    }
}
