//! "Cancel" in the rules: a person gives an entry up.
//!
//! Owns: the four steps, in their order. Invariants: a refusal changes nothing.

use crate::Model;
use crate::state::Fate;
use types::{Cancel, Millis, Outcome, Refusal};

impl Model {
    pub(crate) fn cancel(&mut self, at: Millis, cancel: &Cancel) -> Result<Outcome, Refusal> {
        // 1.
        let campaign = self.campaign(cancel.campaign)?;
        if campaign.marks.shredded {
            return Err(Refusal::Shredded);
        }
        let entry = campaign.entry(cancel.entry)?.clone();
        // 2.
        match entry.fate {
            Fate::Cancelled { at } => return Ok(Outcome::Cancelled { entry: cancel.entry, at }),
            Fate::Redeemed { at, .. } => {
                let pool = entry.pool().expect("only what is booked is redeemed");
                let outlet = campaign.pools[pool.index()].outlet;
                return Err(Refusal::AlreadyRedeemed { at, outlet });
            }
            Fate::Live => (),
        }
        // 3.
        if let Some(pool) = entry.pool() {
            let campaign = self.campaign_mut(cancel.campaign)?;
            campaign.pool_mut(pool).booked -= u64::from(entry.units);
            self.successes.retain(|_, successes| {
                successes.retain(|success| {
                    (success.campaign, success.entry) != (cancel.campaign, cancel.entry)
                });
                !successes.is_empty()
            });
        }
        // 4.
        let campaign = self.campaign_mut(cancel.campaign)?;
        campaign.entries[cancel.entry.index()].fate = Fate::Cancelled { at };
        Ok(Outcome::Cancelled { entry: cancel.entry, at })
    }
}
