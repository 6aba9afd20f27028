//! Made-up people and what they wish for, in a made-up city.
//!
//! Owns: districts, outlets, buckets, who enters with whom, and the receipt of each. Never: makes
//! an identity that somebody could have: the issuer of all of them, `XX`, is no country's code.
//! Invariants: of the same chance come the same people, in the same order.

use super::chance::{Chance, Numbers};
use anyhow::Result;
use draw::identity::{self, Identity, Salt, Tag, TagKey};
use draw::line::Parts;
use draw::receipt::Receipt;
use draw::{Digest, DrawName, Line};

/// Districts of the city.
pub(super) const DISTRICTS: usize = 11;
/// Outlets of each district.
pub(super) const DISTRICT_OUTLETS: usize = 20;
/// Of each district, those that opened when nobody could choose them any more: what is left there
/// goes to whoever accepts any.
const LATE_OUTLETS: usize = 2;
/// Units for so many people are one.
const PEOPLE_PER_UNIT: u32 = 10;
/// People of a large household.
const HOUSEHOLD_MAX: u8 = 8;

/// All buckets with their units, in published order: of each outlet what is kept for people of 65
/// years and more, and what is for all.
pub(super) fn stock(chance: Chance, people: u32) -> String {
    let outlets = DISTRICTS * DISTRICT_OUTLETS;
    let all = people / PEOPLE_PER_UNIT;
    let mean = u64::from(all) / outlets as u64;
    let units = |outlet: usize| {
        let mut numbers = chance.numbers("outlet", outlet as u64);
        if mean == 0 {
            // Too few for all: here and there one, so that a small rehearsal draws something, too.
            let count = u32::try_from(outlets).expect("a city has few outlets");
            return [0, u64::from(numbers.below(count) < all)];
        }
        // From half to one and a half times the mean, a fifth of it kept.
        let whole = mean * u64::from(50 + numbers.below(101)) / 100;
        [whole / 5, whole - whole / 5]
    };
    (0..outlets)
        .flat_map(|outlet| {
            let [kept, open] = units(outlet);
            [format!("{},{kept}\n", kept_bucket(outlet)), format!("{},{open}\n", bucket(outlet))]
        })
        .collect()
}

fn bucket(outlet: usize) -> String {
    format!("P{:03}-N95", outlet + 1)
}

fn kept_bucket(outlet: usize) -> String {
    format!("{}#65", bucket(outlet))
}

/// Everybody, entry by entry.
pub(super) struct People<'a> {
    pub(super) chance: Chance,
    pub(super) draw: &'a DrawName,
    /// The keys of the tags, which operator and notary would hold apart.
    tag_keys: [TagKey; 2],
}

/// Those who enter together.
pub(super) struct Entry {
    /// The line without its line feed.
    pub(super) line: Vec<u8>,
    salts: Vec<Salt>,
    /// Who they are, in the order of the line. Of real people nobody would keep it.
    pub(super) identities: Vec<String>,
}

impl<'a> People<'a> {
    pub(super) fn new(chance: Chance, draw: &'a DrawName) -> Self {
        let tag_keys = [0, 1].map(|holder| TagKey(chance.bytes("tag key", holder)));
        Self { chance, draw, tag_keys }
    }

    /// The entry of the person `first`, from 0, and of those behind who enter with them: `people`
    /// at most.
    pub(super) fn entry(&self, first: u32, people: u32) -> Result<Entry> {
        let mut numbers = self.chance.numbers("entry", u64::from(first));
        let count = if numbers.once_in(10) { household(&mut numbers) } else { 1 };
        let count = u32::from(count).min(people);
        let mut entry = Entry { line: Vec::new(), salts: Vec::new(), identities: Vec::new() };
        let mut group: Vec<(Digest, Tag)> = Vec::new();
        for person in first..first + count {
            // A document that no country issues, with a number that none would have.
            let written = format!("RIC-XX:REHEARSAL-{person:08}");
            let identity: Identity = written.parse()?;
            let salt = Salt(self.chance.bytes("salt", u64::from(person)));
            let half = identity::half_tag(&self.tag_keys[0], self.draw, &identity);
            let tag = identity::tag(&self.tag_keys[1], &half);
            group.push((identity::commit(self.draw, &salt, &identity), tag));
            entry.salts.push(salt);
            entry.identities.push(written);
        }
        let is_alone = count == 1;
        let units = if is_alone && numbers.once_in(20) { 2 } else { count };
        let choices = choices(&mut numbers);
        let choices: Vec<_> = choices.iter().map(String::as_str).collect();
        let parts = Parts {
            people: &group,
            tickets: tickets(&mut numbers),
            units: u8::try_from(units).expect("a household is small"),
            choices: &choices,
            accepts_any: numbers.once_in(2),
        };
        entry.line = parts.write()?;
        Ok(entry)
    }
}

impl Entry {
    /// How many people it is of.
    pub(super) fn people(&self) -> u32 {
        u32::try_from(self.identities.len()).expect("a household is small")
    }

    /// What each of them takes home.
    pub(super) fn receipt(self, draw: &DrawName) -> Result<Receipt> {
        Ok(Receipt::new(draw.clone(), self.salts, &Line::read(&self.line)?)?)
    }
}

fn household(numbers: &mut Numbers) -> u8 {
    if numbers.once_in(50) { HOUSEHOLD_MAX } else { numbers.between(2, 5) }
}

/// Most have one ticket; whoever came away empty before has more.
fn tickets(numbers: &mut Numbers) -> u8 {
    match numbers.below(100) {
        0..70 => 1,
        70..90 => 2,
        90..99 => numbers.between(3, 6),
        _ => numbers.between(7, 32),
    }
}

/// One to five buckets, at home first, and for older people what is kept for them.
fn choices(numbers: &mut Numbers) -> Vec<String> {
    let district = |numbers: &mut Numbers| {
        // More people live in the first districts than in the last ones.
        let count = u32::try_from(DISTRICTS).expect("a city has few districts");
        numbers.below(count).min(numbers.below(count)) as usize
    };
    let (home, is_old) = (district(numbers), numbers.once_in(6));
    let mut choices: Vec<String> = Vec::new();
    for choice in 0..numbers.between(1, 5) {
        let is_away = 0 < choice && numbers.once_in(4);
        let district = if is_away { district(numbers) } else { home };
        let outlets = u32::try_from(DISTRICT_OUTLETS - LATE_OUTLETS).expect("a few outlets");
        let outlet = district * DISTRICT_OUTLETS + numbers.below(outlets) as usize;
        let wanted = if is_old && choice == 0 { kept_bucket(outlet) } else { bucket(outlet) };
        if !choices.contains(&wanted) {
            choices.push(wanted);
        }
    }
    choices
}
