//! Giving up and handing out: how an entry ends.
//!
//! Owns: "Cancel" and "Redeem" in `docs/rules.md`, in that order. Invariants: an entry ends once;
//! its units go back to its pool, or are counted as handed out, in the same step.

use crate::Ledger;
use crate::campaign::{Campaign, Redemption};
use crate::entry::{Decision, Fate};
use types::command::{Cancel, Redeem};
use types::definition::{Fulfil, Slot};
use types::ids::{Millis, PoolNo};
use types::outcome::{Outcome, Refusal};
#[cfg(planted)]
use types::planted::{self, Bug};

/// What handing out would do.
struct Release {
    pool: PoolNo,
    units: u8,
}

impl Ledger {
    pub(crate) fn cancel(&mut self, at: Millis, cancel: Cancel) -> Outcome {
        if let Some(outcome) = self.preview_cancel(cancel) {
            return outcome;
        }
        let Cancel { campaign: no, entry } = cancel;
        let campaign = &mut self.campaigns[no.index()];
        campaign.end(entry, Fate::Cancelled { at });
        let row = *campaign.row(entry).expect("the entry was just ended");
        if let Some(pool) = row.pool() {
            self.changes.pools.push((no, pool));
        }
        if let (Decision::Booked, Some(series)) = (row.decision(), campaign.series) {
            let people = &mut self.series[series].successes;
            let fields = campaign.fields_len();
            for (nth, key) in campaign.all_keys_of(entry).enumerate() {
                people[nth % fields].forget(key, no, entry);
            }
        }
        Outcome::Cancelled { entry, at }
    }

    /// The outcome, if cancelling would change nothing.
    pub(crate) fn preview_cancel(&self, cancel: Cancel) -> Option<Outcome> {
        let Cancel { campaign, entry } = cancel;
        let Some(campaign) = self.campaign(campaign) else {
            return Some(Outcome::Refused(Refusal::UnknownCampaign));
        };
        if campaign.marks.shredded {
            return Some(Outcome::Refused(Refusal::Shredded));
        }
        let Some(row) = campaign.row(entry) else {
            return Some(Outcome::Refused(Refusal::NotFound));
        };
        match row.fate() {
            Fate::Live => None,
            #[cfg(planted)]
            Fate::Cancelled { .. } if planted::is(Bug::CancelTwice) => None,
            Fate::Cancelled { at } => Some(Outcome::Cancelled { entry, at }),
            Fate::Redeemed { at } => {
                let pool = row.pool().expect("a redeemed entry has a pool");
                let outlet = campaign.pool(pool).place.outlet;
                Some(Outcome::Refused(Refusal::AlreadyRedeemed { at, outlet }))
            }
        }
    }

    pub(crate) fn redeem(&mut self, at: Millis, redeem: &Redeem<'_>) -> Outcome {
        let Release { pool, units } = match self.release(at, redeem) {
            Ok(release) => release,
            Err(outcome) => return outcome,
        };
        let entry = redeem.entry;
        let campaign = &mut self.campaigns[redeem.campaign.index()];
        campaign.end(entry, Fate::Redeemed { at });
        let redemption = Redemption { request: redeem.request, actor: redeem.actor.to_owned() };
        campaign.remember_redemption(entry, redemption);
        Outcome::Redeemed { entry, pool, units, at, repeated: false }
    }

    /// The outcome, if redeeming would change nothing.
    pub(crate) fn preview_redeem(&self, at: Millis, redeem: &Redeem<'_>) -> Option<Outcome> {
        self.release(at, redeem).err()
    }

    fn release(&self, at: Millis, redeem: &Redeem<'_>) -> Result<Release, Outcome> {
        let refused = |refusal| Err(Outcome::Refused(refusal));
        let Some(campaign) = self.campaign(redeem.campaign) else {
            return refused(Refusal::UnknownCampaign);
        };
        if campaign.marks.shredded {
            return refused(Refusal::Shredded);
        }
        let entry = redeem.entry;
        let Some(row) = campaign.row(entry) else { return refused(Refusal::NotFound) };
        if !campaign.is_told(at, entry) {
            return refused(Refusal::NotPublished);
        }
        if let Fate::Cancelled { at } = row.fate() {
            return refused(Refusal::AlreadyCancelled { at });
        }
        let Some(pool) = row.pool() else { return refused(Refusal::NotBooked) };
        let place = campaign.pool(pool).place;
        let units = row.units();
        if let Fate::Redeemed { at } = row.fate() {
            let before = campaign.redemption(entry).expect("who redeemed is remembered");
            let same = before.request == redeem.request
                && before.actor == redeem.actor
                && redeem.outlet == place.outlet;
            let again = Refusal::AlreadyRedeemed { at, outlet: place.outlet };
            let outcome = Outcome::Redeemed { entry, pool, units, at, repeated: true };
            return if same { Err(outcome) } else { refused(again) };
        }
        if redeem.outlet != place.outlet {
            return refused(Refusal::WrongOutlet { outlet: place.outlet });
        }
        if !is_time(campaign, &campaign.definition.slots[place.slot.index()], at) {
            return refused(Refusal::WrongTime { slot: place.slot });
        }
        Ok(Release { pool, units })
    }
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
