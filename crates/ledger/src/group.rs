//! People who entered together, but for the first of them, who is the entry's own.
//!
//! Owns: their keys, and which entry each is in. Never: a rule. Ordered maps: groups are few
//! beside entries, and nothing here is on the way of an entry of one person.

use crate::entry::halves;
use crate::mix::SetHash;
use std::collections::BTreeMap;
use types::ids::{EntryNo, PersonKey};

/// The further people of every group of a campaign.
#[derive(Default)]
pub(crate) struct Groups {
    /// Person after person, the keys of each in the order of the unique fields.
    keys: BTreeMap<EntryNo, Vec<PersonKey>>,
    /// The latest entry in which a key is a further person's.
    by_key: BTreeMap<(u8, PersonKey), EntryNo>,
    hash: SetHash,
}

impl Groups {
    /// The further people's keys of an entry; none of an entry of one person.
    pub(crate) fn keys(&self, entry: EntryNo) -> &[PersonKey] {
        self.keys.get(&entry).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn latest(&self, field: usize, key: PersonKey) -> Option<EntryNo> {
        self.by_key.get(&(field as u8, key)).copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) const fn all(&self) -> &BTreeMap<EntryNo, Vec<PersonKey>> {
        &self.keys
    }

    pub(crate) const fn hash(&self) -> SetHash {
        self.hash
    }

    /// Remembers the further people of an entry, of `fields` keys each.
    pub(crate) fn push(&mut self, entry: EntryNo, keys: Vec<PersonKey>, fields: usize) {
        assert!(!keys.is_empty() && keys.len().is_multiple_of(fields), "whole people");
        for (nth, key) in keys.iter().enumerate() {
            let [a, b] = halves(&key.0);
            self.hash.add(&[u64::from(entry.0), nth as u64, a, b]);
            self.by_key.insert(((nth % fields) as u8, *key), entry);
        }
        let before = self.keys.insert(entry, keys);
        assert!(before.is_none(), "an entry has its people from the start");
    }
}
