//! Who wins the generator's draws: by lots that are random, and otherwise as in a true draw.
//!
//! Owns: what lots may give to whom. Never: a draw's numbers; more units than there are.

use super::{Generator, world};
use crate::campaign::Campaign;
use crate::state::{Decision, Entry, Pool};
use types::{CampaignNo, EntryNo, PoolNo, SlotNo};

/// A pool behind all that a campaign of a world can have.
pub(super) const NO_POOL: PoolNo = PoolNo(world::POOLS as u32 + 4);

/// A pass over those on a list.
#[derive(Clone, Copy)]
enum Pass {
    /// For what they chose.
    Chosen,
    /// For any place, of those who take any.
    Any,
}

impl Generator {
    /// Lots over those on the list: one after the other gets the first of its choices that has the
    /// units, and then, who takes any, the first place that has them.
    pub(super) fn winners(
        &mut self,
        number: CampaignNo,
        campaign: &Campaign,
    ) -> Vec<(EntryNo, PoolNo)> {
        let slot = campaign.draws.last().and_then(|draw| draw.slot);
        let mut listed: Vec<usize> =
            (0..campaign.entries.len()).filter(|index| may_win(campaign, *index)).collect();
        for end in (1..=listed.len()).rev() {
            listed.swap(end - 1, self.random.below(end as u64) as usize);
        }
        let mut free: Vec<u64> = campaign.pools.iter().map(Pool::free).collect();
        let mut winners = Vec::new();
        for pass in [Pass::Chosen, Pass::Any] {
            listed.retain(|index| {
                let entry = &campaign.entries[*index];
                let units = u64::from(entry.units);
                let places = self.places((number, campaign), entry, slot, pass);
                let mut with_units = places.into_iter().filter(|pool| units <= free[pool.index()]);
                let Some(pool) = with_units.next() else { return true };
                free[pool.index()] -= units;
                winners.push((EntryNo::from_index(*index), pool));
                false
            });
        }
        winners
    }

    /// The pools that an entry may win in a pass over a slot, in the order in which they are tried.
    /// A campaign that draws again and again looks for what was chosen in the slot that is drawn.
    fn places(
        &self,
        (number, campaign): (CampaignNo, &Campaign),
        entry: &Entry,
        slot: Option<SlotNo>,
        pass: Pass,
    ) -> Vec<PoolNo> {
        let Some((choices, any)) = self.choices_of(number, entry) else { return Vec::new() };
        let pools = || (0..).map(PoolNo).zip(&campaign.pools);
        let is_drawn = |pool: &Pool| slot.is_none_or(|slot| slot == pool.slot);
        let places: Vec<_> = match pass {
            Pass::Chosen => choices
                .iter()
                .filter_map(|choice| {
                    let chosen = &campaign.pools[choice.index()];
                    let is_it = |pool: &Pool| {
                        (pool.outlet, pool.item) == (chosen.outlet, chosen.item)
                            && pool.slot == slot.unwrap_or(chosen.slot)
                    };
                    pools().find(|(_, pool)| is_it(pool))
                })
                .collect(),
            Pass::Any => pools()
                .filter(|(_, pool)| any && is_drawn(pool))
                .filter(|(_, pool)| !campaign.reserved.contains_key(&pool.item))
                .collect(),
        };
        places.into_iter().map(|(number, _)| number).collect()
    }

    /// Whether lots could ever give an entry this pool, in whichever slot is drawn.
    pub(super) fn may_get(
        &self,
        (number, campaign): (CampaignNo, &Campaign),
        entry: usize,
        pool: PoolNo,
    ) -> bool {
        let (Some(entry), Some(of)) =
            (campaign.entries.get(entry), campaign.pools.get(pool.index()))
        else {
            return false;
        };
        let slot = if campaign.draws_once() { None } else { Some(of.slot) };
        [Pass::Chosen, Pass::Any]
            .into_iter()
            .any(|pass| self.places((number, campaign), entry, slot, pass).contains(&pool))
    }

    /// A pool that is not there, or whose slot is not drawn.
    pub(super) fn wrong_pool(&mut self, campaign: &Campaign) -> PoolNo {
        let slot = campaign.draws.last().and_then(|draw| draw.slot);
        let pools = (0..).map(PoolNo).zip(&campaign.pools);
        let others = pools.filter(|(_, pool)| slot.is_some_and(|slot| slot != pool.slot));
        let mut wrong: Vec<PoolNo> = others.map(|(number, _)| number).collect();
        wrong.push(NO_POOL);
        *self.random.pick(&wrong)
    }

    /// An entry that is not there, not on the list or has something.
    pub(super) fn loser(&mut self, campaign: &Campaign) -> EntryNo {
        let entries = 0..campaign.entries.len();
        let mut losers: Vec<usize> = entries.filter(|index| !may_win(campaign, *index)).collect();
        losers.push(campaign.entries.len());
        EntryNo::from_index(*self.random.pick(&losers))
    }
}

/// Whether an entry is on the list of the latest draw and not among its winners.
pub(super) fn may_win(campaign: &Campaign, index: usize) -> bool {
    let entry = &campaign.entries[index];
    entry.listed && !entry.hidden && entry.decision == Decision::Waiting
}
