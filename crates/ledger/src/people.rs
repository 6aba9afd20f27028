//! Sets of people: block and allow lists, and the successes of a series.
//!
//! Owns: membership by person key, and the hash of each set. Never: a rule. Invariants: a person
//! stands once in a set; of a person's successes no two are as many days apart as a cool-down has;
//! where all were forgotten, a row stays that counts for nothing.

use crate::entry::{halves, key_hash};
use crate::mix::SetHash;
use crate::rows::Rows;
use crate::table::Table;
use std::collections::BTreeMap;
use types::calendar::LocalDay;
use types::ids::{CampaignNo, EntryNo, PersonKey};

/// A list of people.
pub(crate) struct PeopleList {
    keys: Rows<PersonKey>,
    table: Table,
    hash: SetHash,
}

impl PeopleList {
    pub(crate) fn new() -> Self {
        Self { keys: Rows::new(), table: Table::new(), hash: SetHash::default() }
    }

    pub(crate) fn contains(&self, key: PersonKey) -> bool {
        self.table.find(key_hash(&key.0), |row| *self.keys.get(row as usize) == key).is_some()
    }

    /// Adds a person; says whether they are new.
    pub(crate) fn add(&mut self, key: PersonKey) -> bool {
        if self.contains(key) {
            return false;
        }
        let row = u32::try_from(self.keys.len()).expect("LIST_KEYS_MAX is far below 2^32");
        self.table.insert_new(key_hash(&key.0), row);
        self.keys.push(key);
        self.hash.add(&halves(&key.0));
        true
    }

    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = PersonKey> {
        self.keys.iter().copied()
    }

    pub(crate) const fn hash(&self) -> SetHash {
        self.hash
    }
}

/// A success of a person in a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Success {
    /// Who, by one identity field.
    pub key: PersonKey,
    /// The calendar day that counts: of the entry, or of the close of the draw that it won in.
    pub day: LocalDay,
    /// Where.
    pub campaign: CampaignNo,
    /// The entry that succeeded.
    pub entry: EntryNo,
}

impl Success {
    const fn words(&self) -> [u64; 4] {
        let [a, b] = halves(&self.key.0);
        let where_ = (self.campaign.0 as u64) << 32 | self.entry.0 as u64;
        [a, b, self.day.0 as u64, where_]
    }

    /// By this the latest is the latest, in whichever order they came.
    const fn order(&self) -> (LocalDay, CampaignNo, EntryNo) {
        (self.day, self.campaign, self.entry)
    }

    /// Whether it can never count again beside another one, which has been: whoever cools down by
    /// this one has cooled down by that one for longer.
    fn is_behind(&self, other: &Self, cool_down_days: u16) -> bool {
        self.day.0 + u32::from(cool_down_days) <= other.day.0
    }
}

/// The successes of each person of a series that may count yet, by one identity field: the latest,
/// and those beside it that would count if it were given up.
pub(crate) struct Successes {
    rows: Rows<(Success, bool)>,
    table: Table,
    /// But for the latest. There are some only where draws overlap.
    others: BTreeMap<PersonKey, Vec<Success>>,
    hash: SetHash,
}

impl Successes {
    pub(crate) fn new() -> Self {
        Self {
            rows: Rows::new(),
            table: Table::new(),
            others: BTreeMap::new(),
            hash: SetHash::default(),
        }
    }

    pub(crate) fn touch(&self, key: PersonKey) -> u64 {
        self.table.touch(key_hash(&key.0))
    }

    fn row(&self, key: PersonKey) -> Option<u32> {
        self.table.find(key_hash(&key.0), |row| self.rows.get(row as usize).0.key == key)
    }

    pub(crate) fn latest(&self, key: PersonKey) -> Option<Success> {
        let (success, live) = *self.rows.get(self.row(key)? as usize);
        live.then_some(success)
    }

    /// Remembers a success, if it may ever count, and forgets those that no longer may.
    pub(crate) fn remember(&mut self, success: Success, cool_down_days: u16) {
        let Some(row) = self.row(success.key) else {
            let row = u32::try_from(self.rows.len()).expect("a series has fewer than 2^32 people");
            self.table.insert_new(key_hash(&success.key.0), row);
            self.rows.push((success, true));
            self.hash.add(&success.words());
            return;
        };
        let before = self.take_all(success.key, row);
        let stays = |known: &Success| !known.is_behind(&success, cool_down_days);
        let mut all: Vec<_> = before.into_iter().filter(stays).collect();
        if !all.iter().any(|known| success.is_behind(known, cool_down_days)) {
            all.push(success);
        }
        self.put_all(row, all);
    }

    /// Forgets the success that an entry was to a person.
    pub(crate) fn forget(&mut self, key: PersonKey, campaign: CampaignNo, entry: EntryNo) {
        let Some(row) = self.row(key) else { return };
        let mut all = self.take_all(key, row);
        all.retain(|success| (success.campaign, success.entry) != (campaign, entry));
        self.put_all(row, all);
    }

    /// All successes of a row's person, which has none until they are put back.
    fn take_all(&mut self, key: PersonKey, row: u32) -> Vec<Success> {
        let (latest, live) = self.rows.get_mut(row as usize);
        let latest = std::mem::replace(live, false).then_some(*latest);
        let others = match self.others.is_empty() {
            true => Vec::new(),
            false => self.others.remove(&key).unwrap_or_default(),
        };
        assert!(latest.is_some() || others.is_empty(), "others stand beside the latest");
        let all: Vec<_> = latest.into_iter().chain(others).collect();
        all.iter().for_each(|success| self.hash.remove(&success.words()));
        all
    }

    fn put_all(&mut self, row: u32, mut all: Vec<Success>) {
        all.sort_unstable_by_key(Success::order);
        all.iter().for_each(|success| self.hash.add(&success.words()));
        let Some(latest) = all.pop() else { return };
        *self.rows.get_mut(row as usize) = (latest, true);
        if !all.is_empty() {
            self.others.insert(latest.key, all);
        }
    }

    pub(crate) fn live(&self) -> impl Iterator<Item = Success> {
        let latest = self.rows.iter().filter(|(_, live)| *live).map(|(success, _)| *success);
        latest.chain(self.others.values().flatten().copied())
    }

    pub(crate) const fn hash(&self) -> SetHash {
        self.hash
    }
}

/// Campaigns that share a cool-down.
pub(crate) struct Series {
    pub(crate) code: String,
    pub(crate) cool_down_days: u16,
    pub(crate) successes: Vec<Successes>,
    /// The campaign of the latest entry. Where results are held back under a cool-down, it alone
    /// may have entries that are not published: another one that had would have kept it from
    /// taking any.
    pub(crate) entered_last: Option<CampaignNo>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of a state must tell any two apart.
    #[test]
    fn every_part_of_a_success_is_in_its_words() {
        let one = Success {
            key: PersonKey([1; 16]),
            day: LocalDay(1),
            campaign: CampaignNo(1),
            entry: EntryNo(1),
        };
        let others = [
            Success { key: PersonKey([2; 16]), ..one },
            Success { day: LocalDay(2), ..one },
            Success { campaign: CampaignNo(2), ..one },
            Success { entry: EntryNo(2), ..one },
        ];
        assert!(others.iter().all(|other| other.words() != one.words()));
    }
}
