//! "Redeem" in the rules: an outlet hands units out.
//!
//! Owns: the five steps, in their order. Invariants: a refusal changes nothing.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::Fate;
use types::definition::Fulfil;
use types::{Millis, Outcome, Redeem, Refusal, SlotNo};

impl Model {
    pub(crate) fn redeem(&mut self, at: Millis, redeem: &Redeem<'_>) -> Result<Outcome, Refusal> {
        // 1.
        let campaign = self.campaign(redeem.campaign)?;
        if campaign.marks.shredded {
            return Err(Refusal::Shredded);
        }
        let entry = campaign.entry(redeem.entry)?;
        if campaign.is_secret_of(entry, at) {
            return Err(Refusal::NotPublished);
        }
        // 2.
        if let Fate::Cancelled { at } = entry.fate {
            return Err(Refusal::AlreadyCancelled { at });
        }
        let Some(pool) = entry.pool() else { return Err(Refusal::NotBooked) };
        let (units, place) = (entry.units, campaign.pools[pool.index()]);
        let entry_no = redeem.entry;
        let redeemed =
            |at, repeated| Outcome::Redeemed { entry: entry_no, pool, units, at, repeated };
        if let Fate::Redeemed { at, request, actor } = &entry.fate {
            let asked = (redeem.request, redeem.actor, redeem.outlet);
            let same = (*request, actor.as_str(), place.outlet) == asked;
            let again = Refusal::AlreadyRedeemed { at: *at, outlet: place.outlet };
            return if same { Ok(redeemed(*at, true)) } else { Err(again) };
        }
        // 3.
        if redeem.outlet != place.outlet {
            return Err(Refusal::WrongOutlet { outlet: place.outlet });
        }
        // 4.
        if !is_time(campaign, place.slot, at) {
            return Err(Refusal::WrongTime { slot: place.slot });
        }
        // 5.
        let campaign = self.campaign_mut(redeem.campaign)?;
        campaign.entries[redeem.entry.index()].fate =
            Fate::Redeemed { at, request: redeem.request, actor: redeem.actor.to_owned() };
        campaign.pool_mut(pool).redeemed += u64::from(units);
        Ok(redeemed(at, false))
    }
}

/// Whether units of a slot are handed out at a moment.
fn is_time(campaign: &Campaign, slot: SlotNo, at: Millis) -> bool {
    let slot = &campaign.definition.slots[slot.index()];
    let Fulfil::Pickup { whole_day } = campaign.definition.fulfil;
    if whole_day {
        let calendar = &campaign.definition.calendar;
        let last = Millis(slot.until.0 - 1);
        return (calendar.day(slot.from)..=calendar.day(last)).contains(&calendar.day(at));
    }
    slot.from <= at && at < slot.until
}
