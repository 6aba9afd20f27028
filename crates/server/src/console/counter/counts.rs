//! What an outlet has handed out of today's slots, and what it has still to hand out.
//!
//! Owns: the sums, by item. Never: counts a campaign whose outcomes are held back, whose numbers
//! nobody may know.

use super::super::Console;
use crate::language::Language;
use crate::problem::Problem;
use ledger::Campaign;
use node::CampaignView;
use types::definition::Slot;
use types::{CampaignNo, LocalDay, Millis, OutletNo, PoolNo, limits};

/// Units of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) item: String,
    pub(super) done: u64,
    pub(super) to_do: u64,
}

/// Units of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) items: Vec<Count>,
    pub(super) all: Count,
}

/// Whether a slot has a part of a day.
fn is_on(slot: &Slot, day: LocalDay, calendar: &types::Calendar) -> bool {
    let last = Millis(slot.until.0 - 1);
    (calendar.day(slot.from)..=calendar.day(last)).contains(&day)
}

/// Whether some draws may be published while others are to come.
fn draws_again(view: &CampaignView) -> bool {
    view.definition.draw().is_some_and(|terms| terms.stand_days.is_some())
}

/// Whether a draw for the pool's slot is under way: what it gave is not told yet.
fn is_drawn_now(campaign: &Campaign, pool: PoolNo) -> bool {
    let slot = campaign.pools().get(pool.index()).map(|pool| pool.place.slot);
    let mut draws = campaign.draws().iter().filter(|draw| draw.is_under_way());
    draws.any(|draw| draw.slot.is_none() || draw.slot == slot)
}

impl Console {
    /// The sums of an outlet now, unless the node does not tell them.
    pub(super) async fn known_counts(&self, outlet: &str, language: Language) -> Option<Counts> {
        let counts = self.counts_of(outlet, language).await;
        counts
            .inspect_err(|why| {
                tracing::warn!(code = why.code, outlet, "counts of a counter are not known");
            })
            .ok()
    }

    /// The sums of an outlet now.
    async fn counts_of(&self, outlet: &str, language: Language) -> Result<Counts, Problem> {
        let (pools, names) = self.pools_of_today(outlet, language);
        let mut items: Vec<Count> =
            names.into_iter().map(|item| Count { item, ..Count::default() }).collect();
        for some in pools.chunks(limits::COUNTER_POOLS_PER_LOOK) {
            let some = some.to_vec();
            let sums = self.operator.read(move |ledger| {
                let of = |(campaign, pool, item): (CampaignNo, PoolNo, usize)| {
                    let found =
                        ledger.campaign(campaign).filter(|found| !is_drawn_now(found, pool));
                    let pool = found.and_then(|found| found.pools().get(pool.index()));
                    let (booked, redeemed) =
                        pool.map_or((0, 0), |pool| (pool.booked, pool.redeemed));
                    (item, redeemed, booked - redeemed)
                };
                some.into_iter().map(of).collect::<Vec<_>>()
            });
            for (item, done, to_do) in sums.await? {
                items[item].done += done;
                items[item].to_do += to_do;
            }
        }
        items.retain(|count| 0 < count.done + count.to_do);
        let mut all = Count::default();
        for count in &items {
            all.done += count.done;
            all.to_do += count.to_do;
        }
        Ok(Counts { items, all })
    }

    /// The pools of an outlet in slots of today, each with the place of its item's name.
    fn pools_of_today(
        &self,
        outlet: &str,
        language: Language,
    ) -> (Vec<(CampaignNo, PoolNo, usize)>, Vec<String>) {
        let (now, mut pools, mut names) = (self.operator.now(), Vec::new(), Vec::new());
        for view in &self.operator.node.view().campaigns {
            let definition = &view.definition;
            let calendar = &definition.calendar;
            let today = calendar.day(now);
            let is_today = |slot: &Slot| is_on(slot, today, calendar);
            if view.is_shredded()
                || !(view.is_published(now) || draws_again(view))
                || !definition.slots.iter().any(is_today)
            {
                continue;
            }
            let place = definition.outlets.iter().position(|known| known.code == outlet);
            let Some(outlet) = place.map(OutletNo::from_index) else { continue };
            for pool in view.pools_at(outlet) {
                let place = view.pools()[pool.index()];
                if !is_today(&definition.slots[place.slot.index()]) {
                    continue;
                }
                let name = language.local(definition, &definition.items[place.item.index()].name);
                let known = names.iter().position(|known| known == name);
                let item = known.unwrap_or_else(|| {
                    names.push(name.to_owned());
                    names.len() - 1
                });
                pools.push((view.no, *pool, item));
            }
        }
        (pools, names)
    }
}
