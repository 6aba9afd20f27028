//! Entering: who gets a place, and units.
//!
//! Owns: "Enter" in `docs/rules.md`, in that order. Invariants: deciding changes nothing, so what
//! is foreseen and what is decided are one function; what a held-back entry is told does not
//! depend on its decision.

use crate::campaign::{Campaign, Drawn, EntriesBefore};
use crate::entry::{Decision, NewRow, Place};
use crate::lot::Lot;
use crate::people::Success;
use crate::{Ledger, rules};
use types::action::ListKind;
use types::command::Enter;
use types::ids::{EntryNo, Millis, PersonKey, PoolNo};
use types::outcome::{Outcome, Refusal};
#[cfg(planted)]
use types::planted::{self, Bug};

/// What the rules grant an entry.
struct Grant {
    decision: Decision,
    pool: Option<PoolNo>,
    before: EntriesBefore,
    /// Draws that the entry's people bring as lost.
    losses: u8,
}

impl Ledger {
    pub(crate) fn enter(&mut self, place: Place, at: Millis, enter: &Enter<'_>) -> Outcome {
        let Some(campaign) = self.campaign(enter.campaign) else {
            return Outcome::Refused(Refusal::UnknownCampaign);
        };
        if let Some(outcome) = rules::known(campaign, enter) {
            return outcome;
        }
        match self.grant(campaign, at, enter) {
            Ok(grant) => self.accept(place, at, enter, &grant),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    /// The outcome, if entering would change nothing.
    pub(crate) fn preview_enter(&self, at: Millis, enter: &Enter<'_>) -> Option<Outcome> {
        let Some(campaign) = self.campaign(enter.campaign) else {
            return Some(Outcome::Refused(Refusal::UnknownCampaign));
        };
        let refused = || self.grant(campaign, at, enter).err().map(Outcome::Refused);
        rules::known(campaign, enter).or_else(refused)
    }

    fn grant(&self, campaign: &Campaign, at: Millis, enter: &Enter<'_>) -> Result<Grant, Refusal> {
        if let Some(refusal) = campaign.phase(at).refusal() {
            return Err(refusal);
        }
        if self.awaits_publication(campaign, at) {
            return Err(Refusal::SeriesUnpublished);
        }
        check_asked(campaign, enter)?;
        check_eligible(campaign, enter)?;
        self.check_registered(campaign, at, enter)?;
        let before = check_alone(campaign, at, enter)?;
        if campaign.definition.draw().is_some() {
            return match self.cooling_down(campaign, at, enter.keys()) {
                Some(until) => Err(Refusal::CoolingDown { until }),
                None => {
                    let losses = campaign.losses_brought(enter);
                    Ok(Grant { decision: Decision::Waiting, pool: None, before, losses })
                }
            };
        }
        let held_back = campaign.definition.is_held_back();
        let grant = |decision, pool| Ok(Grant { decision, pool, before, losses: 0 });
        if let Some(until) = self.cooling_down(campaign, at, enter.keys()) {
            return if held_back {
                grant(Decision::CoolingDown, None)
            } else {
                Err(Refusal::CoolingDown { until })
            };
        }
        match first_with_units(campaign, enter) {
            Some(pool) => grant(Decision::Booked, Some(pool)),
            None if held_back => grant(Decision::SoldOut, None),
            None => Err(Refusal::SoldOut),
        }
    }

    /// Whether the cool-down of this entry would depend on what is not published yet: sooner or
    /// later its own result would tell.
    pub(super) fn awaits_publication(&self, campaign: &Campaign, at: Millis) -> bool {
        let Some(series) = campaign.series else { return false };
        if !campaign.definition.is_held_back() || self.series[series].cool_down_days == 0 {
            return false;
        }
        let entered_last = self.series[series].entered_last;
        let Some(other) = entered_last.filter(|last| *last != campaign.no) else { return false };
        let other = &self.campaigns[other.index()];
        assert!(other.series == Some(series), "a campaign with entries stays in its series");
        assert!(0 < other.entries_len(), "entries are never taken away");
        // What a draw has not published, nothing depends on yet.
        other.definition.draw().is_none() && !other.is_published(at) && !other.marks.shredded
    }

    fn accept(&mut self, place: Place, at: Millis, enter: &Enter<'_>, grant: &Grant) -> Outcome {
        #[cfg(planted)]
        let at = if planted::is(Bug::WallClock) { at.plus(planted::noise()) } else { at };
        let campaign = &mut self.campaigns[enter.campaign.index()];
        campaign.assert_place(place);
        let new = NewRow {
            request: enter.request,
            digests: enter.digests,
            at,
            decision: grant.decision,
            pool: grant.pool,
            units: enter.units,
            place,
        };
        let fields = campaign.fields_len();
        let drawn =
            Drawn { lot: Lot::new(grant.losses), further: enter.keys().skip(fields).collect() };
        let first = enter.keys().take(fields);
        let entry = campaign.accept(&new, first, &grant.before, drawn);
        if let Some(pool) = grant.pool {
            self.changes.pools.push((enter.campaign, pool));
        }
        if let Some(series) = campaign.series {
            let series = &mut self.series[series];
            series.entered_last = Some(enter.campaign);
            let counts = grant.decision == Decision::Booked;
            #[cfg(planted)]
            let counts = counts && !planted::is(Bug::ForgetSeries);
            if counts {
                let day = campaign.definition.calendar.day(at);
                let days = series.cool_down_days;
                for (successes, key) in series.successes.iter_mut().zip(enter.keys()) {
                    let success = Success { key, day, campaign: enter.campaign, entry };
                    successes.remember(success, days);
                }
            }
        }
        accepted(&self.campaigns[enter.campaign.index()], entry)
    }
}

/// What an accepted entry is told, now and whenever the request is repeated.
pub(super) fn accepted(campaign: &Campaign, entry: EntryNo) -> Outcome {
    if campaign.definition.is_held_back() {
        return Outcome::Registered { entry };
    }
    let row = campaign.row(entry).expect("the entry was accepted");
    let pool = row.pool().expect("an at-once entry is accepted only when booked");
    Outcome::Booked { entry, pool, units: row.units() }
}

fn check_asked(campaign: &Campaign, enter: &Enter<'_>) -> Result<(), Refusal> {
    let register = &campaign.definition.register;
    let choices = enter.choices().len();
    let twice = (1..choices).any(|nth| {
        let choice = enter.choices().nth(nth);
        enter.choices().take(nth).any(|earlier| Some(earlier) == choice)
    });
    let (people_max, may_take_any) = match campaign.definition.draw() {
        Some(terms) => (terms.group_max, terms.accept_any),
        None => (1, false),
    };
    let as_asked = (register.units_min..=register.units_max).contains(&enter.units)
        && (1..=usize::from(register.choices_max)).contains(&choices)
        && (1..=people_max).contains(&enter.people)
        && enter.keys().len() == campaign.fields_len() * usize::from(enter.people)
        && (may_take_any || !enter.any)
        && !twice
        && (enter.people == 1 || are_different_people(campaign, enter));
    if !as_asked {
        return Err(Refusal::NotAsAsked);
    }
    let known = enter.choices().all(|pool| pool.index() < campaign.pools().len());
    if known { Ok(()) } else { Err(Refusal::UnknownPlace) }
}

/// No two people of a group share a key.
fn are_different_people(campaign: &Campaign, enter: &Enter<'_>) -> bool {
    let fields = campaign.fields_len();
    let keys: Vec<_> = enter.keys().enumerate().map(|(nth, key)| (nth % fields, key)).collect();
    (1..keys.len()).all(|nth| !keys[..nth].contains(&keys[nth]))
}

fn check_eligible(campaign: &Campaign, enter: &Enter<'_>) -> Result<(), Refusal> {
    let is_on = |list: ListKind, field: usize, key: PersonKey| {
        let people = campaign.lists.get(&(list, field as u8));
        people.is_some_and(|people| people.contains(key))
    };
    let all_on = |list: ListKind| {
        let mut people = enter.people_keys();
        people.all(|mut keys| {
            let mut field = 0..;
            keys.any(|key| is_on(list, field.next().expect("it has no end"), key))
        })
    };
    let items = &campaign.definition.items;
    let blocked = !campaign.lists.is_empty() && {
        let mut people = enter.people_keys();
        people.any(|keys| keys.enumerate().any(|(field, key)| is_on(ListKind::Block, field, key)))
    };
    let missing = campaign.definition.register.allow_list && !all_on(ListKind::Allow);
    let reserved = enter.choices().any(|choice| {
        let item = campaign.pool(choice).place.item;
        items[item.index()].reserved.is_some() && !all_on(ListKind::Reserved(item))
    });
    if blocked || missing || reserved { Err(Refusal::NotEligible) } else { Ok(()) }
}

/// The first person's entries before this one. Nobody's keep them from entering.
fn check_alone(
    campaign: &Campaign,
    at: Millis,
    enter: &Enter<'_>,
) -> Result<EntriesBefore, Refusal> {
    let before = campaign.entries_of_keys(enter.keys().take(campaign.fields_len()));
    if campaign.definition.draw().is_none() {
        before.iter().flatten().try_for_each(|entry| may_enter_after(campaign, at, *entry))?;
        return Ok(before);
    }
    for keys in enter.people_keys() {
        let latest = keys.enumerate().map(|(field, key)| campaign.latest_of_key(field, key));
        for entry in latest.flatten() {
            may_enter_after(campaign, at, entry)?;
        }
    }
    Ok(before)
}

fn may_enter_after(campaign: &Campaign, at: Millis, entry: EntryNo) -> Result<(), Refusal> {
    let row = campaign.row(entry).expect("tables hold only rows there are");
    let is_live = row.is_live();
    #[cfg(planted)]
    let is_live = is_live && !planted::is(Bug::EnterTwice);
    if is_live {
        let is_done = campaign.is_done_with(at, entry);
        return if is_done { Ok(()) } else { Err(Refusal::AlreadyIn) };
    }
    let again = campaign.definition.register.reenter_after_cancel;
    if again { Ok(()) } else { Err(Refusal::EnteredBefore) }
}

fn first_with_units(campaign: &Campaign, enter: &Enter<'_>) -> Option<PoolNo> {
    let units = u64::from(enter.units);
    #[cfg(planted)]
    let units = units - u64::from(planted::is(Bug::OneTooMany));
    enter.choices().find(|choice| units <= campaign.pool(*choice).free())
}
