//! The published view: the little of the state that the gate answers from, without the ledger.
//!
//! Owns: one immutable view a campaign, replaced when an operator changes it, with atomics for
//! what moves with every frame. Written by the sequencer only, after a frame is durable and
//! applied. Never: says anything about units while outcomes are held back.

use crate::metrics::TurnedAway;
use foldhash::fast::FixedState;
use ledger::phase::{self, Marks, Phase};
use ledger::{Campaign, Draw, PoolPlace};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use types::definition::Definition;
use types::ids::{CampaignNo, FrameNo, ItemNo, Millis, OutletNo, PoolNo, SlotNo};
#[cfg(planted)]
use types::planted::{self, Bug};

/// All campaigns, by number.
#[derive(Debug, Default)]
pub struct View {
    /// Index is the campaign's number.
    pub campaigns: Vec<Arc<CampaignView>>,
    by_code: HashMap<String, CampaignNo, FixedState>,
}

impl View {
    /// A campaign by code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Arc<CampaignView>> {
        self.campaigns.get(self.by_code.get(code)?.index())
    }

    /// The campaign whose results another one of its series waits for: as long as they are held
    /// back, the ledger takes no entry of it (`series-unpublished` in `docs/rules.md`).
    #[must_use]
    pub fn waits_for(&self, definition: &Definition, at: Millis) -> Option<&Arc<CampaignView>> {
        let series = definition.series.as_ref().filter(|series| 0 < series.cool_down_days)?;
        let holds_back = |other: &&Arc<CampaignView>| {
            let of = other.definition.series.as_ref();
            other.definition.code != definition.code
                && of.is_some_and(|of| of.code == series.code)
                // What a draw has not published, nothing depends on yet.
                && other.definition.draw().is_none()
                && 0 < other.entries()
                && !other.is_published(at)
                && !other.is_shredded()
        };
        self.campaigns.iter().find(holds_back).filter(|_| definition.is_held_back())
    }

    /// The same view with some campaigns replaced or added.
    pub(crate) fn with(&self, replaced: Vec<Arc<CampaignView>>) -> Self {
        let mut campaigns = self.campaigns.clone();
        for view in replaced {
            let no = view.no.index();
            assert!(no <= campaigns.len(), "campaigns come in the order of their numbers");
            if no == campaigns.len() {
                campaigns.push(view);
            } else {
                campaigns[no] = view;
            }
        }
        let codes = campaigns.iter().map(|view| (view.definition.code.clone(), view.no));
        Self { by_code: codes.collect(), campaigns }
    }
}

/// A campaign as the gate sees it.
#[derive(Debug)]
pub struct CampaignView {
    /// Its number.
    pub no: CampaignNo,
    /// Its definition.
    pub definition: Arc<Definition>,
    /// Changes whenever an operator changes the campaign: the frame that did.
    pub version: FrameNo,
    marks: Marks,
    draws: Vec<Draw>,
    places: Arc<Places>,
    free: Vec<AtomicU32>,
    /// Pools that have, or for all that may be told have, units for the smallest booking.
    offered: Vec<bool>,
    /// Pools that can still satisfy the smallest booking.
    pools_with_units: AtomicU32,
    entries: AtomicU32,
    turned_away: Arc<TurnedAway>,
}

/// Where, what and when the pools are. Pools come; they change or go only when the campaign is
/// loaded again, and may then be as many as before.
#[derive(Debug)]
struct Places {
    by_no: Vec<PoolPlace>,
    by_place: HashMap<PoolPlaceKey, PoolNo, FixedState>,
    /// By outlet, then item, then slot.
    sorted: Vec<PoolNo>,
    /// Where each outlet's pools begin in `sorted`, and at the end where the last one's end. It
    /// is as long as the last outlet that has pools needs.
    begins: Vec<u32>,
}

type PoolPlaceKey = (u16, u16, u16);

impl Places {
    fn new(by_no: Vec<PoolPlace>) -> Self {
        let numbered = by_no.iter().enumerate();
        let by_place = numbered.map(|(no, place)| (key(place), PoolNo::from_index(no))).collect();
        let mut sorted: Vec<_> = (0..by_no.len()).map(PoolNo::from_index).collect();
        sorted.sort_unstable_by_key(|no| key(&by_no[no.index()]));
        let mut begins = vec![0];
        for (before, no) in sorted.iter().enumerate() {
            let outlet = by_no[no.index()].outlet.index();
            begins.resize(begins.len().max(outlet + 1), before as u32);
        }
        begins.push(sorted.len() as u32);
        Self { by_no, by_place, sorted, begins }
    }

    fn at(&self, outlet: OutletNo) -> &[PoolNo] {
        let outlet = outlet.index();
        match (self.begins.get(outlet), self.begins.get(outlet + 1)) {
            (Some(from), Some(until)) => &self.sorted[*from as usize..*until as usize],
            _ => &[],
        }
    }
}

impl CampaignView {
    /// The view of a campaign; `before` is its last one, of which it takes what is the same.
    pub(crate) fn new(
        campaign: &Campaign,
        version: FrameNo,
        turned_away: &Arc<TurnedAway>,
        before: Option<&Self>,
    ) -> Self {
        let least = u64::from(campaign.definition().register.units_min);
        let places = || campaign.pools().iter().map(|pool| pool.place);
        let same = before.filter(|before| before.places.by_no.iter().copied().eq(places()));
        let places = match same {
            Some(before) => Arc::clone(&before.places),
            None => Arc::new(Places::new(places().collect())),
        };
        let with_units = campaign.pools().iter().filter(|pool| least <= pool.free()).count();
        Self {
            no: campaign.no(),
            definition: Arc::clone(campaign.definition()),
            version,
            marks: campaign.marks().clone(),
            draws: campaign.draws().to_vec(),
            places,
            free: campaign.pools().iter().map(|pool| AtomicU32::new(free_of(pool))).collect(),
            offered: offered(campaign, least),
            pools_with_units: AtomicU32::new(with_units as u32),
            entries: AtomicU32::new(campaign.entries_len()),
            turned_away: Arc::clone(turned_away),
        }
    }

    /// Takes note of a pool's and the campaign's new counts.
    pub(crate) fn update(&self, campaign: &Campaign, pool: PoolNo) {
        let least = u32::from(self.definition.register.units_min);
        let new = free_of(&campaign.pools()[pool.index()]);
        let old = self.free[pool.index()].swap(new, Relaxed);
        if old < least && least <= new {
            #[cfg(planted)]
            if planted::is(Bug::ShutDoor) {
                return;
            }
            self.pools_with_units.fetch_add(1, Relaxed);
        } else if new < least && least <= old {
            self.pools_with_units.fetch_sub(1, Relaxed);
        }
    }

    pub(crate) fn update_entries(&self, campaign: &Campaign) {
        self.entries.store(campaign.entries_len(), Relaxed);
    }

    /// Its phase at a moment, by the ledger's own function.
    #[must_use]
    pub fn phase(&self, at: Millis) -> Phase {
        phase::phase(&self.definition, &self.marks, self.entries(), at)
    }

    /// Whether its outcomes are visible at a moment.
    #[must_use]
    pub fn is_published(&self, at: Millis) -> bool {
        phase::is_published(&self.definition, &self.marks, at)
    }

    /// Counts a request that the gate turned away, by the code it was given.
    pub fn count_turned_away(&self, code: &str) {
        self.turned_away.count(code);
    }

    /// Whether its people are shredded.
    #[must_use]
    pub const fn is_shredded(&self) -> bool {
        self.marks.shredded
    }

    /// What operators did to it.
    #[must_use]
    pub const fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Its draws, by number from 1. How many winners of a draw have got their units is told when
    /// all of them have: a look at the ledger tells it before.
    #[must_use]
    pub fn draws(&self) -> &[Draw] {
        &self.draws
    }

    /// Entries ever accepted.
    #[must_use]
    pub fn entries(&self) -> u32 {
        self.entries.load(Relaxed)
    }

    /// Where, what and when its pools are, by number.
    #[must_use]
    pub fn pools(&self) -> &[PoolPlace] {
        &self.places.by_no
    }

    /// The pool of an item at an outlet in a slot.
    #[must_use]
    pub fn pool_no(&self, outlet: OutletNo, item: ItemNo, slot: SlotNo) -> Option<PoolNo> {
        self.places.by_place.get(&(outlet.0, item.0, slot.0)).copied()
    }

    /// The pools at an outlet, by item and then by slot; none of an outlet that has none.
    #[must_use]
    pub fn pools_at(&self, outlet: OutletNo) -> &[PoolNo] {
        self.places.at(outlet)
    }

    /// Whether units for the smallest booking are on offer in a pool, booked or not. While
    /// outcomes are held back a pool that was on offer when the first entry came stays so: that
    /// its stock could be taken away would tell that nobody was booked there.
    #[must_use]
    pub fn is_offered(&self, pool: PoolNo) -> bool {
        self.offered[pool.index()]
    }

    /// A pool's free units; nothing while outcomes are held back, nor of a draw, which may give
    /// some to others before they may know.
    #[must_use]
    pub fn free(&self, pool: PoolNo, at: Millis) -> Option<u32> {
        let is_told = self.definition.draw().is_none() && self.is_published(at);
        is_told.then(|| self.free[pool.index()].load(Relaxed))
    }

    /// Whether none of the pools has so many units; never while outcomes are held back.
    #[must_use]
    pub fn sold_out(&self, pools: &[PoolNo], units: u8) -> bool {
        let has = |pool: &PoolNo| {
            u32::from(units)
                <= self.free.get(pool.index()).map_or(u32::MAX, |free| free.load(Relaxed))
        };
        !self.definition.is_held_back() && !pools.iter().any(has)
    }

    /// Whether no pool has units for the smallest booking; never while outcomes are held back.
    #[must_use]
    pub fn all_sold_out(&self) -> bool {
        !self.definition.is_held_back() && self.pools_with_units.load(Relaxed) == 0
    }
}

/// See [`CampaignView::is_offered`]. While nobody has entered, all that was withdrawn is early.
fn offered(campaign: &Campaign, least: u64) -> Vec<bool> {
    let is_held_back = campaign.definition().is_held_back();
    let pools = campaign.pools().iter().map(|pool| {
        let gone = if is_held_back { pool.withdrawn_early } else { pool.withdrawn };
        least <= pool.issued - gone
    });
    pools.collect()
}

const fn key(place: &PoolPlace) -> PoolPlaceKey {
    (place.outlet.0, place.item.0, place.slot.0)
}

fn free_of(pool: &ledger::Pool) -> u32 {
    u32::try_from(pool.free()).expect("POOL_UNITS_MAX is below 2^32")
}

#[cfg(test)]
mod tests {
    use super::{Places, PoolPlace};
    use types::ids::{ItemNo, OutletNo, PoolNo, SlotNo};

    #[test]
    fn an_outlet_has_its_own_pools_in_order() {
        let place = |(outlet, item, slot)| PoolPlace {
            outlet: OutletNo(outlet),
            item: ItemNo(item),
            slot: SlotNo(slot),
        };
        let pools = [(4, 0, 1), (1, 1, 0), (1, 0, 1), (4, 0, 0), (1, 0, 0)];
        let places = Places::new(pools.into_iter().map(place).collect());
        let at = |outlet| places.at(OutletNo(outlet));
        assert_eq!(at(1), [PoolNo(4), PoolNo(2), PoolNo(1)]);
        assert_eq!(at(4), [PoolNo(3), PoolNo(0)]);
        for none in [0, 2, 3, 5, u16::MAX] {
            assert!(at(none).is_empty(), "{none}");
        }
        let empty = Places::new(Vec::new());
        assert!((0..3).all(|outlet| empty.at(OutletNo(outlet)).is_empty()));
    }
}
