//! Sets of people: block and allow lists, and the latest successes of a series.
//!
//! Owns: membership by person key, and the hash of each set. Never: a rule. Invariants: a person
//! stands once in a set; a success that was forgotten stays as a row that counts for nothing.

use crate::entry::{halves, key_hash};
use crate::mix::SetHash;
use crate::rows::Rows;
use crate::table::Table;
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

/// A person's latest success in a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Success {
    /// Who, by one identity field.
    pub key: PersonKey,
    /// The calendar day on which they entered.
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
}

/// The latest success of each person of a series, by one identity field.
pub(crate) struct Successes {
    rows: Rows<(Success, bool)>,
    table: Table,
    hash: SetHash,
}

impl Successes {
    pub(crate) fn new() -> Self {
        Self { rows: Rows::new(), table: Table::new(), hash: SetHash::default() }
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

    pub(crate) fn remember(&mut self, success: Success) {
        self.hash.add(&success.words());
        if let Some(row) = self.row(success.key) {
            let (old, live) = std::mem::replace(self.rows.get_mut(row as usize), (success, true));
            if live {
                self.hash.remove(&old.words());
            }
            return;
        }
        let row = u32::try_from(self.rows.len()).expect("a series has fewer than 2^32 people");
        self.table.insert_new(key_hash(&success.key.0), row);
        self.rows.push((success, true));
    }

    /// Forgets a person's latest success if this entry made it.
    pub(crate) fn forget(&mut self, key: PersonKey, campaign: CampaignNo, entry: EntryNo) {
        let Some(row) = self.row(key) else { return };
        let (success, live) = self.rows.get_mut(row as usize);
        if *live && success.campaign == campaign && success.entry == entry {
            *live = false;
            let words = success.words();
            self.hash.remove(&words);
        }
    }

    pub(crate) fn live(&self) -> impl Iterator<Item = Success> {
        self.rows.iter().filter(|(_, live)| *live).map(|(success, _)| *success)
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
