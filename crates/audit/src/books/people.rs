//! Who is who: tables of 16-byte keys, lists of people, and successes across a series.
//!
//! Owns: the hash of a key, fixed, so that an audit is the same everywhere. Never: holds a key
//! that a column holds already; tables hold places in columns.

use super::campaign::Campaign;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use types::calendar::LocalDay;
use types::ids::{CampaignNo, EntryNo};

/// A person key or a request id.
pub(super) type Key = [u8; 16];

/// Where a key lies in a table: both halves, multiplied, so that every bit counts.
pub(super) fn hash(key: &Key) -> u64 {
    let half = |at: usize| u64::from_le_bytes(key[at..at + 8].try_into().expect("8 of 16 bytes"));
    let low = u128::from(half(0) ^ 0x9e37_79b9_7f4a_7c15);
    let high = u128::from(half(8) ^ 0xd1b5_4a32_d192_ed03);
    let product = low * high;
    let folded = (product as u64) ^ ((product >> 64) as u64);
    // The product alone is weak where a half is small, as numbers in tests are.
    (folded ^ folded >> 32).wrapping_mul(0xa076_1d64_78bd_642f)
}

/// Puts a row into a table under its key, in place of an earlier one.
pub(super) fn put<'k>(
    table: &mut HashTable<u32>,
    key: &Key,
    row: u32,
    key_of: impl Fn(u32) -> &'k Key,
) {
    let hashed = hash(key);
    match table.find_mut(hashed, |known| key_of(*known) == key) {
        Some(known) => *known = row,
        None => {
            table.insert_unique(hashed, row, |known| hash(key_of(*known)));
        }
    }
}

/// Loads what a table holds where a key would lie.
pub(super) fn touch<T>(table: &HashTable<T>, key: &Key, load: impl Fn(&T) -> u8) -> u8 {
    let mut loaded = 0;
    let found = table.find(hash(key), |member| {
        loaded ^= load(member);
        false
    });
    assert!(found.is_none(), "nothing was looked for");
    loaded
}

/// People on a list.
#[derive(Debug, Default)]
pub(super) struct People(HashTable<Key>);

impl People {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.0.find(hash(key), |known| known == key).is_some()
    }

    pub(super) fn add(&mut self, key: Key) {
        if !self.has(&key) {
            self.0.insert_unique(hash(&key), key, hash);
        }
    }
}

/// An entry by which a person succeeded in a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Success {
    pub(super) campaign: CampaignNo,
    pub(super) entry: EntryNo,
    /// Which of the entry's people; the first is 0.
    pub(super) person: u8,
    /// The day that counts: of the entry, or of the close of the draw that it won in.
    pub(super) day: LocalDay,
}

/// Campaigns that share a cool-down.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) code: String,
    pub(super) cool_down_days: u16,
    /// By unique field, the latest success of each person.
    successes: Vec<HashTable<Success>>,
    /// By unique field and person, those before the latest that are no whole cool-down older: what
    /// counts if the latest is given up.
    earlier: BTreeMap<(usize, Key), Vec<Success>>,
}

impl Series {
    pub(super) fn new(code: &str, cool_down_days: u16, fields: usize) -> Self {
        let successes = std::iter::repeat_with(HashTable::new).take(fields).collect();
        Self { code: code.to_owned(), cool_down_days, successes, earlier: BTreeMap::new() }
    }

    /// The latest success of a person by one unique field.
    pub(super) fn latest(
        &self,
        campaigns: &[Campaign],
        field: usize,
        key: &Key,
    ) -> Option<Success> {
        let is_it = |success: &Success| key_of(campaigns, field, *success) == key;
        self.successes.get(field)?.find(hash(key), is_it).copied()
    }

    /// Loads what a look at a person will load.
    pub(super) fn touch(&self, campaigns: &[Campaign], field: usize, key: &Key) -> u8 {
        self.successes
            .get(field)
            .map_or(0, |people| touch(people, key, |success| key_of(campaigns, field, *success)[0]))
    }

    /// Remembers the success of an entry that the campaign holds already.
    pub(super) fn remember(&mut self, campaigns: &[Campaign], field: usize, success: Success) {
        let key = *key_of(campaigns, field, success);
        let days = u32::from(self.cool_down_days);
        let is_over = |one: &Success, by: &Success| one.day.0 + days <= by.day.0;
        let mut all = self.take(campaigns, field, &key);
        all.retain(|known| !is_over(known, &success));
        if all.iter().all(|known| !is_over(&success, known)) {
            all.push(success);
        }
        self.put_back(campaigns, field, &key, all);
    }

    /// Forgets the success of an entry.
    pub(super) fn forget(&mut self, campaigns: &[Campaign], field: usize, success: Success) {
        let key = *key_of(campaigns, field, success);
        let who = |of: &Success| (of.campaign, of.entry, of.person);
        let mut all = self.take(campaigns, field, &key);
        all.retain(|known| who(known) != who(&success));
        self.put_back(campaigns, field, &key, all);
    }

    fn take(&mut self, campaigns: &[Campaign], field: usize, key: &Key) -> Vec<Success> {
        let mut all = self.earlier.remove(&(field, *key)).unwrap_or_default();
        let is_it = |known: &Success| key_of(campaigns, field, *known) == key;
        if let Ok(latest) = self.successes[field].find_entry(hash(key), is_it) {
            all.push(latest.remove().0);
        }
        all
    }

    /// The latest apart from the others; of those of one day, the last by campaign and entry.
    fn put_back(&mut self, campaigns: &[Campaign], field: usize, key: &Key, mut all: Vec<Success>) {
        all.sort_by_key(|success| (success.day, success.campaign, success.entry));
        let Some(latest) = all.pop() else { return };
        let rehash = |known: &Success| hash(key_of(campaigns, field, *known));
        self.successes[field].insert_unique(hash(key), latest, rehash);
        if !all.is_empty() {
            self.earlier.insert((field, *key), all);
        }
    }
}

fn key_of(campaigns: &[Campaign], field: usize, success: Success) -> &Key {
    campaigns[success.campaign.index()].key(field, success.entry, success.person)
}
