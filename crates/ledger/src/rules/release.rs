//! Giving up and handing out: how an entry ends.

use crate::Ledger;
use crate::campaign::{Campaign, Redemption};
use crate::entry::{Decision, Fate};
use types::command::{Cancel, Redeem};
use types::definition::{Fulfil, Slot};
use types::ids::Millis;
use types::outcome::{Outcome, Refusal};

impl Ledger {
    pub(crate) fn cancel(&mut self, at: Millis, cancel: Cancel) -> Outcome {
        let Cancel { campaign: no, entry } = cancel;
        let Some(campaign) = self.campaigns.get_mut(no.index()) else {
            return Outcome::Refused(Refusal::UnknownCampaign);
        };
        if campaign.marks.shredded {
            return Outcome::Refused(Refusal::Shredded);
        }
        let Some(row) = campaign.row(entry).copied() else {
            return Outcome::Refused(Refusal::NotFound);
        };
        match row.fate() {
            Fate::Cancelled { at } => return Outcome::Cancelled { entry, at },
            Fate::Redeemed { at } => {
                let pool = row.pool().expect("a redeemed entry has a pool");
                let outlet = campaign.pool(pool).place.outlet;
                return Outcome::Refused(Refusal::AlreadyRedeemed { at, outlet });
            }
            Fate::Live => campaign.end(entry, Fate::Cancelled { at }),
        }
        if let Some(pool) = row.pool() {
            self.changes.pools.push((no, pool));
        }
        if let (Decision::Booked, Some(series)) = (row.decision(), campaign.series) {
            let people = &mut self.series[series].successes;
            for (successes, key) in people.iter_mut().zip(campaign.keys_of(entry)) {
                successes.forget(key, no, entry);
            }
        }
        Outcome::Cancelled { entry, at }
    }

    pub(crate) fn redeem(&mut self, at: Millis, redeem: &Redeem<'_>) -> Outcome {
        let Some(campaign) = self.campaigns.get_mut(redeem.campaign.index()) else {
            return Outcome::Refused(Refusal::UnknownCampaign);
        };
        match redeem_in(campaign, at, redeem) {
            Ok(outcome) => outcome,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }
}

fn redeem_in(campaign: &mut Campaign, at: Millis, redeem: &Redeem<'_>) -> Result<Outcome, Refusal> {
    if campaign.marks.shredded {
        return Err(Refusal::Shredded);
    }
    let entry = redeem.entry;
    let row = *campaign.row(entry).ok_or(Refusal::NotFound)?;
    if !campaign.is_published(at) {
        return Err(Refusal::NotPublished);
    }
    if let Fate::Cancelled { at } = row.fate() {
        return Err(Refusal::AlreadyCancelled { at });
    }
    let Some(pool) = row.pool() else { return Err(Refusal::NotBooked) };
    let place = campaign.pool(pool).place;
    let outcome = |at| Outcome::Redeemed { entry, pool, units: row.units(), at };
    if let Fate::Redeemed { at } = row.fate() {
        let before = campaign.redemption(entry).expect("who redeemed is remembered");
        let same = before.request == redeem.request && redeem.outlet == place.outlet;
        let again = Refusal::AlreadyRedeemed { at, outlet: place.outlet };
        return if same { Ok(outcome(at)) } else { Err(again) };
    }
    if redeem.outlet != place.outlet {
        return Err(Refusal::WrongOutlet { outlet: place.outlet });
    }
    if !is_time(campaign, &campaign.definition.slots[place.slot.index()], at) {
        return Err(Refusal::WrongTime { slot: place.slot });
    }
    campaign.end(entry, Fate::Redeemed { at });
    let redemption = Redemption { request: redeem.request, actor: redeem.actor.to_owned() };
    campaign.remember_redemption(entry, redemption);
    Ok(outcome(at))
}

fn is_time(campaign: &Campaign, slot: &Slot, at: Millis) -> bool {
    match campaign.definition.fulfil {
        Fulfil::Pickup { whole_day: false } => slot.from <= at && at < slot.until,
        Fulfil::Pickup { whole_day: true } => {
            let calendar = &campaign.definition.calendar;
            let last = Millis(slot.until.0 - 1);
            (calendar.day(slot.from)..=calendar.day(last)).contains(&calendar.day(at))
        }
    }
}
