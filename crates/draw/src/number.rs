//! Draw numbers: the seed and a line make a number that nobody could choose.
//!
//! Owns: the formula. `number = min over t = 1 … w of SHA-256(seed_hex ":" leaf_hex ":" t)`; the
//! smallest of w numbers below τ has the chance 1 − (1 − τ)^w, exactly.

use crate::hash::many::{BEGUN, Block, State, compress_each, digest};
use crate::hash::{Digest, hex};
use types::limits;

/// Makes the numbers of one seed.
#[derive(Clone)]
pub struct Numbers {
    seed: [u8; 64],
    /// The hash's state behind the seed's digits, which are just a block: the same for all numbers.
    begun: State,
}

/// What is hashed for a number, in bits: seed, leaf, two colons and the ticket.
const fn bits(ticket: u8) -> u64 {
    8 * (64 + 1 + 64 + 1 + if ticket < 10 { 1 } else { 2 })
}

impl Numbers {
    /// The numbers that `seed` gives.
    #[must_use]
    pub fn new(seed: Digest) -> Self {
        let (seed, mut begun) = (seed.hex(), [BEGUN]);
        compress_each(&mut begun, &[seed]);
        Self { seed, begun: begun[0] }
    }

    /// The number of the entry whose line has the leaf hash `leaf`, with `tickets` tickets.
    ///
    /// # Panics
    /// When the tickets are none, or more than an entry can have.
    #[must_use]
    pub fn of(&self, leaf: Digest, tickets: u8) -> Digest {
        self.of_each(&[(leaf, tickets)])[0]
    }

    /// The number of each of many entries: of its leaf hash, and how many tickets it has.
    ///
    /// # Panics
    /// When the tickets are none, or more than an entry can have.
    #[must_use]
    pub fn of_each(&self, entries: &[(Digest, u8)]) -> Vec<Digest> {
        // The second block is the same for all tickets of an entry: a colon and all digits of the
        // leaf but one.
        let leaves: Vec<[u8; 64]> = entries.iter().map(|(leaf, _)| hex(&leaf.0)).collect();
        let mut states = vec![self.begun; entries.len()];
        let blocks: Vec<Block> = leaves.iter().map(second_block).collect();
        compress_each(&mut states, &blocks);

        let tickets = entries.iter().map(|(_, tickets)| usize::from(*tickets)).sum();
        let (mut ends, mut blocks) = (Vec::with_capacity(tickets), Vec::with_capacity(tickets));
        for (((_, tickets), leaf), state) in entries.iter().zip(&leaves).zip(states) {
            assert!((1..=limits::DRAW_TICKETS_MAX).contains(tickets), "1 to 32 tickets");
            for ticket in 1..=*tickets {
                ends.push(state);
                blocks.push(last_block(leaf[63], ticket));
            }
        }
        compress_each(&mut ends, &blocks);
        let mut ends = ends.into_iter();
        let mut smallest = |tickets| ends.by_ref().take(usize::from(tickets)).min();
        entries
            .iter()
            .map(|(_, tickets)| digest(&smallest(*tickets).expect("there is at least one ticket")))
            .collect()
    }

    /// What the audit sample ranks an entry by.
    #[must_use]
    pub fn audit(&self, leaf: Digest) -> Digest {
        Digest::of_parts(&[&self.seed, b":audit:", &leaf.hex()])
    }
}

fn second_block(leaf: &[u8; 64]) -> Block {
    let mut block = [b':'; 64];
    block[1..].copy_from_slice(&leaf[..63]);
    block
}

/// The last digit of a leaf, a colon and a ticket, padded.
fn last_block(digit: u8, ticket: u8) -> Block {
    let mut block = [0; 64];
    let written: &[u8] = match ticket {
        ..10 => &[digit, b':', b'0' + ticket, 0x80],
        _ => &[digit, b':', b'0' + ticket / 10, b'0' + ticket % 10, 0x80],
    };
    block[..written.len()].copy_from_slice(written);
    block[56..].copy_from_slice(&bits(ticket).to_be_bytes());
    block
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Numbers(..)")
    }
}
