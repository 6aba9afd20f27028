//! "Enter" in the rules: a person wants a place, and units.
//!
//! Owns: the nine steps, in their order. Invariants: a refusal changes nothing.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::{Decision, Entry, Fate, Place, Success, SuccessKey};
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
        let people: Vec<Vec<PersonKey>> = enter.people_keys().map(Iterator::collect).collect();
        // 5.
        check_eligible(campaign, enter, &people)?;
        self.check_registered(campaign, at, &people)?;
        // 6.
        check_not_in_already(campaign, at, &people)?;
        // 7. and 8.
        let held_back = campaign.definition.is_held_back();
        let draws = campaign.definition.draw().is_some();
        let cooling_down = self.cooling_down_until(campaign, &people, at);
        let decision = match (cooling_down, allocate(campaign, enter)) {
            (Some(until), _) if draws => return Err(Refusal::CoolingDown { until }),
            (None, _) if draws => Decision::Waiting,
            (Some(_), _) if held_back => Decision::CoolingDown,
            (Some(until), _) => return Err(Refusal::CoolingDown { until }),
            (None, Some(pool)) => Decision::Booked { pool },
            (None, None) if held_back => Decision::SoldOut,
            (None, None) => return Err(Refusal::SoldOut),
        };
        // 9.
        let losses = if draws { losses_brought(campaign, &people) } else { 0 };
        let entry = Entry {
            request: enter.request,
            digests: enter.digests,
            people,
            units: enter.units,
            at,
            place,
            decision,
            fate: Fate::Live,
            losses,
            listed: false,
            hidden: false,
        };
        Ok(self.accept(enter.campaign, entry))
    }

    /// The first day on which these people may have a success again, unless that is today.
    pub(crate) fn cooling_down_until(
        &self,
        campaign: &Campaign,
        people: &[Vec<PersonKey>],
        at: Millis,
    ) -> Option<LocalDay> {
        let series = campaign.definition.series.as_ref()?;
        let cool_down_days = u32::from(series.cool_down_days);
        if cool_down_days == 0 {
            return None;
        }
        let today = campaign.definition.calendar.day(at);
        let keys = people.iter().flat_map(|keys| keys.iter().enumerate());
        let successes = keys.filter_map(|(field, key)| {
            self.successes.get(&(series.code.clone(), field, *key))?.last()
        });
        let until = successes.map(|success| LocalDay(success.day.0 + cool_down_days)).max()?;
        (today < until).then_some(until)
    }

    /// Whether others of a series that cools down, with entries, still hold their results back;
    /// those that draw aside.
    pub(crate) fn awaits_publication(&self, campaign: &Campaign, at: Millis) -> bool {
        let Some(series) = &campaign.definition.series else { return false };
        let secret = |other: &Campaign| {
            let same = other.definition.series.as_ref().is_some_and(|its| its.code == series.code);
            let itself = other.definition.code == campaign.definition.code;
            let draws = other.definition.draw().is_some();
            same && !itself && !draws && !other.entries.is_empty() && other.is_secret(at)
        };
        0 < series.cool_down_days
            && campaign.definition.is_held_back()
            && self.campaigns.iter().any(|other| secret(other) && !other.marks.shredded)
    }

    /// Remembers a success. One that lies a whole cool-down behind another one counts no more.
    pub(crate) fn succeed(&mut self, place: SuccessKey, success: Success) {
        let definition = &self.campaigns[success.campaign.index()].definition;
        let series = definition.series.as_ref().expect("its campaign is in the series");
        let days = u32::from(series.cool_down_days);
        let behind = |one: &Success, other: &Success| one.day.0 + days <= other.day.0;
        let known = self.successes.entry(place).or_default();
        known.retain(|before| !behind(before, &success));
        if !known.iter().any(|before| behind(&success, before)) {
            known.insert(success);
        }
    }

    fn accept(&mut self, number: CampaignNo, entry: Entry) -> Outcome {
        let campaign = &mut self.campaigns[number.index()];
        let entry_no = EntryNo(campaign.entries_count());
        if let Decision::Booked { pool } = entry.decision {
            campaign.pool_mut(pool).booked += u64::from(entry.units);
            if let Some(series) = campaign.definition.series.clone() {
                let day = campaign.definition.calendar.day(entry.at);
                let success = Success { day, campaign: number, entry: entry_no };
                for (field, key) in entry.keys() {
                    self.succeed((series.code.clone(), field, key), success);
                }
            }
        }
        let campaign = &mut self.campaigns[number.index()];
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
    let fields = campaign.definition.unique_fields().count();
    let people = usize::from(enter.people);
    let (group_max, accept_any) = match campaign.definition.draw() {
        Some(terms) => (usize::from(terms.group_max), terms.accept_any),
        None => (1, false),
    };
    let as_asked = units.contains(&enter.units)
        && (1..=usize::from(register.choices_max)).contains(&choices.len())
        && distinct.len() == choices.len()
        && (1..=group_max).contains(&people)
        && enter.keys().len() == people * fields
        && (accept_any || !enter.any);
    if !as_asked {
        return Err(Refusal::NotAsAsked);
    }
    let keys: BTreeSet<(usize, PersonKey)> =
        enter.people_keys().flat_map(Iterator::enumerate).collect();
    if keys.len() < people * fields {
        return Err(Refusal::NotAsAsked);
    }
    let known = choices.iter().all(|pool| pool.index() < campaign.pools.len());
    if known { Ok(()) } else { Err(Refusal::UnknownPlace) }
}

/// Step 5.
fn check_eligible(
    campaign: &Campaign,
    enter: &Enter<'_>,
    people: &[Vec<PersonKey>],
) -> Result<(), Refusal> {
    let is_on = |lists: &[BTreeSet<PersonKey>], person: &Vec<PersonKey>| {
        person.iter().zip(lists).any(|(key, list)| list.contains(key))
    };
    let all_on = |lists: &[BTreeSet<PersonKey>]| people.iter().all(|person| is_on(lists, person));
    let blocked = people.iter().any(|person| is_on(&campaign.blocked, person));
    let missing = campaign.definition.register.allow_list && !all_on(&campaign.allowed);
    let mut lists = enter
        .choices()
        .filter_map(|choice| campaign.reserved.get(&campaign.pools[choice.index()].item));
    let kept_for_others = lists.any(|lists| !all_on(lists));
    if blocked || missing || kept_for_others { Err(Refusal::NotEligible) } else { Ok(()) }
}

/// Step 6.
fn check_not_in_already(
    campaign: &Campaign,
    at: Millis,
    people: &[Vec<PersonKey>],
) -> Result<(), Refusal> {
    for (field, key) in people.iter().flat_map(|keys| keys.iter().enumerate()) {
        let Some(latest) = campaign.latest_entry(field, *key) else { continue };
        let entry = campaign.entry(latest)?;
        if entry.is_live() && campaign.keeps_out(entry, at) {
            return Err(Refusal::AlreadyIn);
        }
        if !entry.is_live() && !campaign.definition.register.reenter_after_cancel {
            return Err(Refusal::EnteredBefore);
        }
    }
    Ok(())
}

/// Step 8: the first choice that has the units.
fn allocate(campaign: &Campaign, enter: &Enter<'_>) -> Option<PoolNo> {
    enter.choices().find(|pool| u64::from(enter.units) <= campaign.pools[pool.index()].free())
}

/// Step 9: the fewest losses that one of the people brings.
fn losses_brought(campaign: &Campaign, people: &[Vec<PersonKey>]) -> u8 {
    let brings = |person: &Vec<PersonKey>| {
        let Some(latest) = campaign.latest_entry(0, person[0]) else { return 0 };
        let entry = &campaign.entries[latest.index()];
        if entry.decision == Decision::Waiting || entry.hidden {
            campaign.losses_so_far(entry)
        } else {
            0
        }
    };
    people.iter().map(brings).min().expect("somebody enters")
}
