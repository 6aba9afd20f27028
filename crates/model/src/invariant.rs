//! What holds after every command, whatever it was.
//!
//! Owns: the invariants, recomputed from the entries alone. On failure: panics and says which.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::{Decision, Entry, Fate, Stage};
use std::collections::BTreeSet;
use types::{CampaignNo, Millis, PersonKey, PoolNo, limits};

impl Model {
    /// Checks the campaign a command was about, and every series.
    pub(crate) fn assert_invariants(&self, touched: Option<CampaignNo>) {
        assert!(self.campaigns.len() <= limits::CAMPAIGNS_MAX, "campaigns within the limit");
        if let Some(Ok(campaign)) = touched.map(|number| self.campaign(number)) {
            campaign.assert_pools();
            campaign.assert_people(self.at);
            campaign.assert_marks();
            campaign.assert_draws();
        }
        self.assert_successes();
    }

    /// A success is remembered while the entry that made it is live, or until its units lapsed.
    fn assert_successes(&self) {
        let each = self.successes.iter().flat_map(|(place, successes)| {
            assert!(!successes.is_empty(), "nobody is kept without a success");
            successes.iter().map(move |success| (place, success))
        });
        for ((series, field, key), success) in each {
            let campaign = &self.campaigns[success.campaign.index()];
            let definition = &campaign.definition;
            let entry = &campaign.entries[success.entry.index()];
            let code = definition.series.as_ref().map(|series| &series.code);
            assert_eq!(code, Some(series), "a success belongs to its campaign's series");
            let own: Vec<(usize, PersonKey)> = entry.keys().collect();
            assert!(own.contains(&(*field, *key)), "a success belongs to its entry's keys");
            if definition.draw().is_none() {
                assert_eq!(definition.calendar.day(entry.at), success.day, "the day of the entry");
                assert!(entry.is_live(), "a cancelled entry leaves no success");
            } else {
                let mut closed = campaign.draws.iter().map(|draw| definition.calendar.day(draw.at));
                assert!(closed.any(|day| day == success.day), "the day of a draw's close");
                assert!(!entry.hidden, "what is hidden is no success yet");
            }
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

    /// One live entry a person, one entry a request. Where lots are drawn again and again, one that
    /// stands.
    fn assert_people(&self, at: Millis) {
        assert_eq!(self.requests.len(), self.entries.len(), "one entry a request");
        let again_and_again = self.definition.draw().is_some() && !self.draws_once();
        let counts = |entry: &Entry| match again_and_again {
            true => self.stands(entry, at),
            false => entry.is_live(),
        };
        let mut live = BTreeSet::new();
        for entry in &self.entries {
            let whole = |keys: &Vec<PersonKey>| keys.len() == self.blocked.len();
            assert!(entry.people.iter().all(whole), "one key a unique field");
            for key in entry.keys().filter(|_| counts(entry)) {
                assert!(live.insert(key), "one live entry a person, by every key");
            }
            let told = self.definition.is_held_back() || entry.pool().is_some();
            assert!(told, "at-once, whoever is not booked is refused");
            let redeemed = matches!(entry.fate, Fate::Redeemed { .. });
            assert!(!redeemed || entry.pool().is_some(), "only what is booked is handed out");
        }
    }

    /// Only who is on the list wins, nobody is told before publication, and the counts fit.
    fn assert_draws(&self) {
        let latest = self.draws.last();
        for entry in &self.entries {
            let waiting = entry.decision == Decision::Waiting;
            let drawn = waiting || entry.pool().is_some();
            assert!(self.definition.draw().is_none() || drawn, "lots decide, and nothing else");
            assert!(self.definition.draw().is_some() || !waiting, "nobody waits for no draw");
            assert!(entry.losses <= 31, "more losses do not count");
            let on_a_list = !entry.listed || latest.is_some();
            assert!(on_a_list, "nobody is listed without a draw");
            assert!(!entry.hidden || entry.listed, "whoever is among the winners is on the list");
            assert!(!entry.hidden || self.is_draw_under_way(), "it is hidden until it is told");
            let redeemed = matches!(entry.fate, Fate::Redeemed { .. });
            assert!(!(entry.hidden && redeemed), "nothing is handed out that is not told");
        }
        for draw in &self.draws {
            assert!(draw.awarded <= draw.announced, "nobody is awarded who was not announced");
            assert!(draw.announced <= draw.entries, "winners are on the list");
            assert!(0 < draw.entries, "somebody takes part");
            let void = draw.stage == Stage::Void;
            assert!(!(void && draw.was_published), "published for good");
        }
        let earlier = self.draws.split_last().map_or(&[][..], |(_, earlier)| earlier);
        assert!(earlier.iter().all(|draw| !draw.is_under_way()), "one draw at a time");
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
