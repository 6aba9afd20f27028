//! Entering: who gets a place, and units.
//!
//! Owns: "Enter" in `docs/rules.md`, in that order. Invariants: deciding changes nothing, so what
//! is foreseen and what is decided are one function; what a held-back entry is told does not
//! depend on its decision.

use crate::campaign::{Campaign, EntriesBefore};
use crate::entry::{Decision, NewRow, Place};
use crate::people::Success;
use crate::{Ledger, rules};
use types::action::ListKind;
use types::command::Enter;
use types::ids::{EntryNo, Millis, PoolNo};
use types::outcome::{Outcome, Refusal};
#[cfg(planted)]
use types::planted::{self, Bug};

/// What the rules grant an entry.
struct Grant {
    decision: Decision,
    pool: Option<PoolNo>,
    before: EntriesBefore,
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
        let before = check_alone(campaign, enter)?;
        let held_back = campaign.definition.is_held_back();
        if let Some(until) = self.cooling_down(campaign, at, enter.keys()) {
            return if held_back {
                Ok(Grant { decision: Decision::CoolingDown, pool: None, before })
            } else {
                Err(Refusal::CoolingDown { until })
            };
        }
        match first_with_units(campaign, enter) {
            Some(pool) => Ok(Grant { decision: Decision::Booked, pool: Some(pool), before }),
            None if held_back => Ok(Grant { decision: Decision::SoldOut, pool: None, before }),
            None => Err(Refusal::SoldOut),
        }
    }

    /// Whether the cool-down of this entry would depend on what is not published yet: sooner or
    /// later its own result would tell.
    fn awaits_publication(&self, campaign: &Campaign, at: Millis) -> bool {
        let Some(series) = campaign.series else { return false };
        if !campaign.definition.is_held_back() || self.series[series].cool_down_days == 0 {
            return false;
        }
        let entered_last = self.series[series].entered_last;
        let Some(other) = entered_last.filter(|last| *last != campaign.no) else { return false };
        let other = &self.campaigns[other.index()];
        assert!(other.series == Some(series), "a campaign with entries stays in its series");
        assert!(0 < other.entries_len(), "entries are never taken away");
        !other.is_published(at) && !other.marks.shredded
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
        let entry = campaign.accept(&new, enter.keys(), &grant.before);
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
                for (successes, key) in series.successes.iter_mut().zip(enter.keys()) {
                    successes.remember(Success { key, day, campaign: enter.campaign, entry });
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
    let as_asked = (register.units_min..=register.units_max).contains(&enter.units)
        && (1..=usize::from(register.choices_max)).contains(&choices)
        && enter.keys().len() == campaign.fields_len()
        && !twice;
    if !as_asked {
        return Err(Refusal::NotAsAsked);
    }
    let known = enter.choices().all(|pool| pool.index() < campaign.pools().len());
    if known { Ok(()) } else { Err(Refusal::UnknownPlace) }
}

fn check_eligible(campaign: &Campaign, enter: &Enter<'_>) -> Result<(), Refusal> {
    let on = |list: ListKind| {
        enter.keys().enumerate().any(|(field, key)| {
            let people = campaign.lists.get(&(list, field as u8));
            people.is_some_and(|people| people.contains(key))
        })
    };
    let blocked = !campaign.lists.is_empty() && on(ListKind::Block);
    let missing = campaign.definition.register.allow_list && !on(ListKind::Allow);
    if blocked || missing { Err(Refusal::NotEligible) } else { Ok(()) }
}

/// The person's entries before this one; they are all cancelled.
fn check_alone(campaign: &Campaign, enter: &Enter<'_>) -> Result<EntriesBefore, Refusal> {
    let before = campaign.entries_of_keys(enter.keys());
    for entry in before.iter().flatten().copied() {
        let row = campaign.row(entry).expect("tables hold only rows there are");
        let is_live = row.is_live();
        #[cfg(planted)]
        let is_live = is_live && !planted::is(Bug::EnterTwice);
        if is_live {
            return Err(Refusal::AlreadyIn);
        }
        if !campaign.definition.register.reenter_after_cancel {
            return Err(Refusal::EnteredBefore);
        }
    }
    Ok(before)
}

fn first_with_units(campaign: &Campaign, enter: &Enter<'_>) -> Option<PoolNo> {
    let units = u64::from(enter.units);
    #[cfg(planted)]
    let units = units - u64::from(planted::is(Bug::OneTooMany));
    enter.choices().find(|choice| units <= campaign.pool(*choice).free())
}
