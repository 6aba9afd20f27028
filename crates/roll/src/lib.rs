//! A draw's list out of what people entered, and the way back from its winners.
//!
//! Owns: the identity that a campaign's first unique field stands for, salts, bucket names, the
//! line of an entry, and which entry a line is of. Never: reads the journal or a file; knows who
//! is on the list, which the ledger says; draws.
//! Invariants: the same entry has the same line whenever it is made; without the campaign's data
//! key no salt can be made again, so whoever shreds the campaign shreds the way back.

mod buckets;
mod index;
mod person;

pub use buckets::{Buckets, NoBucket, Place};
pub use index::{Index, IndexError};
pub use person::{Salts, identity, issuer};

use draw::identity::{Identity, Tag, TagKey, half_tag, tag};
use draw::line::Parts;
use draw::{Digest, DrawName, LineProblem};
use types::ids::EntryNo;

/// What makes the lines of one draw.
pub struct Roll {
    /// The draw's name.
    pub draw: DrawName,
    /// The salts of the campaign.
    pub salts: Salts,
    /// The operator's key for tags.
    pub operator: TagKey,
    /// The notary's key for tags.
    pub notary: TagKey,
}

/// What an entry takes into a draw.
#[derive(Clone, Copy, Debug)]
pub struct Wants<'a> {
    /// 1 to `DRAW_TICKETS_MAX`.
    pub tickets: u8,
    /// 1 to `DRAW_UNITS_MAX`, all or nothing.
    pub units: u8,
    /// Names of buckets, the most wanted first.
    pub choices: &'a [&'a str],
    /// Whether any other will do.
    pub any: bool,
}

impl Roll {
    /// The line of an entry, without its line feed.
    ///
    /// # Errors
    /// When it would be no line: too many people, or tickets, units or choices out of range.
    pub fn line(
        &self,
        entry: EntryNo,
        people: &[Identity],
        wants: Wants<'_>,
    ) -> Result<Vec<u8>, LineProblem> {
        let person = |(nth, identity): (usize, &Identity)| {
            let half = half_tag(&self.operator, &self.draw, identity);
            (self.salts.commit(&self.draw, entry, nth, identity), tag(&self.notary, &half))
        };
        let people: Vec<_> = people.iter().enumerate().map(person).collect();
        wants.line(&people)
    }
}

impl Wants<'_> {
    fn line(self, people: &[(Digest, Tag)]) -> Result<Vec<u8>, LineProblem> {
        let Self { tickets, units, choices, any } = self;
        Parts { people, tickets, units, choices, accepts_any: any }.write()
    }
}

#[cfg(test)]
mod tests;
