//! "Enter" in the rules: a person wants a place, and units.
//!
//! Owns: the nine steps, in their order. Invariants: a refusal changes nothing.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::{Decision, Entry, Fate, Place, Success};
use std::collections::BTreeSet;
use types::{CampaignNo, Enter, EntryNo, LocalDay, Millis, Outcome, PersonKey, PoolNo, Refusal};

impl Model {
    /// What a request gets whose id is known already (step 2); none when it is new.
    #[must_use]
    pub fn known(&self, enter: &Enter<'_>) -> Option<Outcome> {
        let campaign = self.campaign(enter.campaign).ok()?;
        let (entry, digest) = campaign.requests.get(&enter.request)?;
        let same = *digest == enter.digests.request;
        let reused = Outcome::Refused(Refusal::RequestReused);
        Some(if same { outcome(campaign, *entry) } else { reused })
    }

    pub(crate) fn enter(
        &mut self,
        place: Place,
        at: Millis,
        enter: &Enter<'_>,
    ) -> Result<Outcome, Refusal> {
        // 1.
        let campaign = self.campaign(enter.campaign)?;
        // 2.
        if let Some(known) = self.known(enter) {
            return Ok(known);
        }
        // 3.
        if let Some(refusal) = campaign.phase(at).refusal() {
            return Err(refusal);
        }
        if self.awaits_publication(campaign, at) {
            return Err(Refusal::SeriesUnpublished);
        }
        // 4.
        check_as_asked(campaign, enter)?;
        let keys: Vec<PersonKey> = enter.keys().collect();
        // 5.
        check_eligible(campaign, &keys)?;
        // 6.
        check_not_in_already(campaign, &keys)?;
        // 7. and 8.
        let held_back = campaign.definition.is_held_back();
        let cooling_down = self.cooling_down_until(campaign, &keys, at);
        let decision = match (cooling_down, allocate(campaign, enter)) {
            (Some(_), _) if held_back => Decision::CoolingDown,
            (Some(until), _) => return Err(Refusal::CoolingDown { until }),
            (None, Some(pool)) => Decision::Booked { pool },
            (None, None) if held_back => Decision::SoldOut,
            (None, None) => return Err(Refusal::SoldOut),
        };
        // 9.
        let entry = Entry {
            request: enter.request,
            digests: enter.digests,
            keys,
            units: enter.units,
            at,
            place,
            decision,
            fate: Fate::Live,
        };
        Ok(self.accept(enter.campaign, entry))
    }

    /// The first day on which these keys may have a success again, unless that is today.
    fn cooling_down_until(
        &self,
        campaign: &Campaign,
        keys: &[PersonKey],
        at: Millis,
    ) -> Option<LocalDay> {
        let series = campaign.definition.series.as_ref()?;
        let cool_down_days = u32::from(series.cool_down_days);
        if cool_down_days == 0 {
            return None;
        }
        let today = campaign.definition.calendar.day(at);
        let successes = keys
            .iter()
            .enumerate()
            .filter_map(|(field, key)| self.successes.get(&(series.code.clone(), field, *key)));
        let until = successes.map(|success| LocalDay(success.day.0 + cool_down_days)).max()?;
        (today < until).then_some(until)
    }

    /// Whether others of a series that cools down, with entries, still hold their results back.
    pub(crate) fn awaits_publication(&self, campaign: &Campaign, at: Millis) -> bool {
        let Some(series) = &campaign.definition.series else { return false };
        let secret = |other: &Campaign| {
            let same = other.definition.series.as_ref().is_some_and(|its| its.code == series.code);
            let itself = other.definition.code == campaign.definition.code;
            same && !itself && !other.entries.is_empty() && other.is_secret(at)
        };
        0 < series.cool_down_days
            && campaign.definition.is_held_back()
            && self.campaigns.iter().any(|other| secret(other) && !other.marks.shredded)
    }

    fn accept(&mut self, number: CampaignNo, entry: Entry) -> Outcome {
        let campaign = &mut self.campaigns[number.index()];
        let entry_no = EntryNo(campaign.entries_count());
        if let Decision::Booked { pool } = entry.decision {
            campaign.pool_mut(pool).booked += u64::from(entry.units);
            if let Some(series) = &campaign.definition.series {
                let day = campaign.definition.calendar.day(entry.at);
                let success = Success { day, campaign: number, entry: entry_no };
                for (field, key) in entry.keys.iter().enumerate() {
                    self.successes.insert((series.code.clone(), field, *key), success);
                }
            }
        }
        campaign.requests.insert(entry.request, (entry_no, entry.digests.request));
        campaign.entries.push(entry);
        outcome(campaign, entry_no)
    }
}

/// What the person is told, now and whenever the request is repeated.
fn outcome(campaign: &Campaign, number: EntryNo) -> Outcome {
    let entry = &campaign.entries[number.index()];
    if campaign.definition.is_held_back() {
        return Outcome::Registered { entry: number };
    }
    let pool = entry.pool().expect("at-once, only entries that are booked are accepted");
    Outcome::Booked { entry: number, pool, units: entry.units }
}

/// Step 4.
fn check_as_asked(campaign: &Campaign, enter: &Enter<'_>) -> Result<(), Refusal> {
    let register = &campaign.definition.register;
    let choices: Vec<PoolNo> = enter.choices().collect();
    let units = register.units_min..=register.units_max;
    let distinct: BTreeSet<PoolNo> = choices.iter().copied().collect();
    let as_asked = units.contains(&enter.units)
        && (1..=usize::from(register.choices_max)).contains(&choices.len())
        && distinct.len() == choices.len()
        && enter.keys().len() == campaign.definition.unique_fields().count();
    if !as_asked {
        return Err(Refusal::NotAsAsked);
    }
    let known = choices.iter().all(|pool| pool.index() < campaign.pools.len());
    if known { Ok(()) } else { Err(Refusal::UnknownPlace) }
}

/// Step 5.
fn check_eligible(campaign: &Campaign, keys: &[PersonKey]) -> Result<(), Refusal> {
    let on = |lists: &[BTreeSet<PersonKey>]| {
        keys.iter().zip(lists).any(|(key, list)| list.contains(key))
    };
    let blocked = on(&campaign.blocked);
    let missing = campaign.definition.register.allow_list && !on(&campaign.allowed);
    if blocked || missing { Err(Refusal::NotEligible) } else { Ok(()) }
}

/// Step 6.
fn check_not_in_already(campaign: &Campaign, keys: &[PersonKey]) -> Result<(), Refusal> {
    for (field, key) in keys.iter().enumerate() {
        let Some(latest) = campaign.latest_entry(field, *key) else { continue };
        if campaign.entry(latest)?.is_live() {
            return Err(Refusal::AlreadyIn);
        }
        if !campaign.definition.register.reenter_after_cancel {
            return Err(Refusal::EnteredBefore);
        }
    }
    Ok(())
}

/// Step 8: the first choice that has the units.
fn allocate(campaign: &Campaign, enter: &Enter<'_>) -> Option<PoolNo> {
    enter.choices().find(|pool| u64::from(enter.units) <= campaign.pools[pool.index()].free())
}
