//! What holds after every command, whatever it was.
//!
//! Owns: the invariants, recomputed from the entries alone. On failure: panics and says which.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::{Entry, Fate};
use std::collections::BTreeSet;
use types::{CampaignNo, PoolNo, limits};

impl Model {
    /// Checks the campaign a command was about, and every series.
    pub(crate) fn assert_invariants(&self, touched: Option<CampaignNo>) {
        assert!(self.campaigns.len() <= limits::CAMPAIGNS_MAX, "campaigns within the limit");
        if let Some(Ok(campaign)) = touched.map(|number| self.campaign(number)) {
            campaign.assert_pools();
            campaign.assert_people();
            campaign.assert_marks();
        }
        self.assert_successes();
    }

    /// A success is remembered while the entry that made it is live.
    fn assert_successes(&self) {
        for ((series, field, key), success) in &self.successes {
            let campaign = &self.campaigns[success.campaign.index()];
            let definition = &campaign.definition;
            let entry = &campaign.entries[success.entry.index()];
            let code = definition.series.as_ref().map(|series| &series.code);
            assert_eq!(code, Some(series), "a success belongs to its campaign's series");
            assert_eq!(entry.keys[*field], *key, "a success belongs to its entry's keys");
            assert_eq!(definition.calendar.day(entry.at), success.day, "the day of the entry");
            assert!(entry.is_live(), "a cancelled entry leaves no success");
            assert!(entry.pool().is_some(), "only what is booked is a success");
        }
    }
}

impl Campaign {
    /// Nothing is oversold, nothing is lost.
    fn assert_pools(&self) {
        let mut places = BTreeSet::new();
        for (index, pool) in self.pools.iter().enumerate() {
            let number = PoolNo::from_index(index);
            let units = |counts: fn(&Entry) -> bool| -> u64 {
                let of_pool = self.entries.iter().filter(|entry| entry.pool() == Some(number));
                of_pool.filter(|entry| counts(entry)).map(|entry| u64::from(entry.units)).sum()
            };
            let redeemed = |entry: &Entry| matches!(entry.fate, Fate::Redeemed { .. });
            assert_eq!(pool.booked, units(Entry::is_live), "booked is what live entries hold");
            assert_eq!(pool.redeemed, units(redeemed), "redeemed is what was handed out");
            assert!(pool.withdrawn + pool.booked <= pool.issued, "free is never negative");
            assert!(pool.withdrawn_early <= pool.withdrawn, "a part of all");
            assert!(pool.issued <= u64::from(limits::POOL_UNITS_MAX), "issued within the limit");
            assert!(places.insert((pool.outlet, pool.item, pool.slot)), "one pool a place");
        }
        assert!(self.pools.len() <= limits::POOLS_MAX, "pools within the limit");
    }

    /// One live entry a person, one entry a request.
    fn assert_people(&self) {
        assert_eq!(self.requests.len(), self.entries.len(), "one entry a request");
        let mut live = BTreeSet::new();
        for entry in &self.entries {
            assert_eq!(entry.keys.len(), self.blocked.len(), "one key a unique field");
            for key in entry.keys.iter().enumerate().filter(|_| entry.is_live()) {
                assert!(live.insert(key), "one live entry a person, by every key");
            }
            let told = self.definition.is_held_back() || entry.pool().is_some();
            assert!(told, "at-once, whoever is not booked is refused");
            let redeemed = matches!(entry.fate, Fate::Redeemed { .. });
            assert!(!redeemed || entry.pool().is_some(), "only what is booked is handed out");
        }
    }

    fn assert_marks(&self) {
        let marks = &self.marks;
        assert!(!(marks.opened && marks.closed), "opening clears closing, and the reverse");
        assert!(!marks.published || self.definition.is_held_back(), "only secrets are published");
        let within = marks.cap.is_none_or(|cap| self.entries_count() <= cap);
        assert!(within, "no entry beyond the cap");
        assert_eq!(self.definition.check(), Ok(()), "every definition in a ledger is checked");
    }
}
