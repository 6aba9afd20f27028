//! What whoever stands before the ledger may say of a campaign, without asking it.
//!
//! Owns: units free, on offer and sold out, as "State" and "Enter" in the rules have them, counted
//! anew each time. Never: says anything about units while outcomes are held back.

use crate::Model;
use crate::campaign::{Campaign, Phase};
use crate::state::{Draw, Marks, Pool};
use types::{CampaignNo, Definition, Millis};

/// A campaign at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'m> {
    campaign: &'m Campaign,
    at: Millis,
    waits: bool,
}

impl Model {
    /// Campaigns there are.
    #[must_use]
    pub const fn campaigns_len(&self) -> usize {
        self.campaigns.len()
    }

    /// A campaign at a moment; none when there is no such campaign.
    #[must_use]
    pub fn gate(&self, campaign: CampaignNo, at: Millis) -> Option<Gate<'_>> {
        let campaign = self.campaign(campaign).ok()?;
        Some(Gate { campaign, at, waits: self.awaits_publication(campaign, at) })
    }
}

impl<'m> Gate<'m> {
    /// Its definition.
    #[must_use]
    pub const fn definition(&self) -> &'m Definition {
        &self.campaign.definition
    }

    /// What operators did to it.
    #[must_use]
    pub const fn marks(&self) -> &'m Marks {
        &self.campaign.marks
    }

    /// Its draws, by number from 1.
    #[must_use]
    pub fn draws(&self) -> &'m [Draw] {
        &self.campaign.draws
    }

    /// Its pools, by number.
    #[must_use]
    pub fn pools(&self) -> &'m [Pool] {
        &self.campaign.pools
    }

    /// Entries ever accepted.
    #[must_use]
    pub fn entries(&self) -> u32 {
        self.campaign.entries_count()
    }

    /// Its phase.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.campaign.phase(self.at)
    }

    /// Whether it takes nobody until another one of its series is published.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.waits
    }

    /// A pool's free units, once they may be told; of a draw never, since others may be drawn.
    #[must_use]
    pub fn free(&self, pool: &Pool) -> Option<u64> {
        let told = self.definition().draw().is_none() && !self.campaign.is_secret(self.at);
        told.then(|| pool.free())
    }

    /// Whether a pool has units for the smallest booking, booked or not. Of what is held back it
    /// is not told that stock was taken away once people had entered.
    #[must_use]
    pub fn is_offered(&self, pool: &Pool) -> bool {
        let offered = if self.definition().is_held_back() {
            pool.issued - pool.withdrawn_early
        } else {
            pool.on_offer()
        };
        u64::from(self.definition().register.units_min) <= offered
    }

    /// Whether none of these pools has so many units; never of what is, or was, held back.
    #[must_use]
    pub fn is_sold_out<'p>(&self, pools: impl IntoIterator<Item = &'p Pool>, units: u8) -> bool {
        !self.definition().is_held_back()
            && pools.into_iter().all(|pool| pool.free() < u64::from(units))
    }
}
