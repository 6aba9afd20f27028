//! "Stock" and "Withdraw" in the rules: units come on offer and are taken out again.
//!
//! Invariants: what is booked stays on offer; a refusal changes no pool.

use crate::campaign::Campaign;
use crate::state::Pool;
use std::collections::BTreeSet;
use types::{
    Definition, ItemNo, Outcome, OutletNo, PoolNo, Refusal, SlotNo, StockMode, StockRow, limits,
};

impl Campaign {
    pub(crate) fn stock(&mut self, mode: StockMode, rows: &[StockRow]) -> Result<Outcome, Refusal> {
        let known = |row: &StockRow| {
            row.outlet.index() < self.definition.outlets.len()
                && row.item.index() < self.definition.items.len()
                && row.slot.index() < self.definition.slots.len()
        };
        if !rows.iter().all(known) {
            return Err(Refusal::UnknownPlace);
        }
        let places: BTreeSet<_> = rows.iter().map(|row| (row.outlet, row.item, row.slot)).collect();
        if places.len() < rows.len() {
            return Err(Refusal::NotAsAsked);
        }
        let mut pools = self.pools.clone();
        append_missing(&mut pools, rows);
        let targets: Vec<u64> = pools.iter().map(|pool| target(pool, mode, rows)).collect();
        let over = |(pool, target): (&Pool, &u64)| {
            let issued = pool.issued.max(*target + pool.withdrawn);
            u64::from(limits::POOL_UNITS_MAX) < issued
        };
        let places = pools.iter().map(|pool| (pool.outlet, pool.item, pool.slot));
        if limits::DRAW_BUCKETS_MAX < buckets(&self.definition, places).len() {
            return Err(Refusal::OverLimit);
        }
        if limits::POOLS_MAX < pools.len() || pools.iter().zip(&targets).any(over) {
            return Err(Refusal::OverLimit);
        }
        let below: Vec<PoolNo> = (0..pools.len())
            .filter(|index| targets[*index] < pools[*index].booked)
            .map(PoolNo::from_index)
            .take(limits::BELOW_BOOKED_POOLS_MAX)
            .collect();
        if !below.is_empty() {
            return Err(Refusal::BelowBooked { pools: below });
        }
        let mut units = 0;
        for (pool, target) in pools.iter_mut().zip(targets) {
            let on_offer = pool.on_offer();
            units += on_offer.abs_diff(target);
            if on_offer <= target {
                pool.issued += target - on_offer;
            } else {
                pool.withdraw(on_offer - target, self.entries.is_empty());
            }
        }
        self.pools = pools;
        Ok(Outcome::Done { units })
    }

    pub(crate) fn withdraw(
        &mut self,
        outlet: Option<OutletNo>,
        item: Option<ItemNo>,
        slot: Option<SlotNo>,
        units: Option<u32>,
    ) -> Result<Outcome, Refusal> {
        if !self.has_places(outlet, item, slot) {
            return Err(Refusal::UnknownPlace);
        }
        let mut sum = 0;
        for pool in &mut self.pools {
            if pool.is_at(outlet, item, slot) {
                let taken = units.map_or(pool.free(), |units| pool.free().min(u64::from(units)));
                pool.withdraw(taken, self.entries.is_empty());
                sum += taken;
            }
        }
        Ok(Outcome::Done { units: sum })
    }

    /// Whether there is each place that is named.
    pub(crate) fn has_places(
        &self,
        outlet: Option<OutletNo>,
        item: Option<ItemNo>,
        slot: Option<SlotNo>,
    ) -> bool {
        outlet.is_none_or(|outlet| outlet.index() < self.definition.outlets.len())
            && item.is_none_or(|item| item.index() < self.definition.items.len())
            && slot.is_none_or(|slot| slot.index() < self.definition.slots.len())
    }
}

impl Pool {
    /// Whether it is where is named.
    pub(crate) fn is_at(
        &self,
        outlet: Option<OutletNo>,
        item: Option<ItemNo>,
        slot: Option<SlotNo>,
    ) -> bool {
        outlet.is_none_or(|outlet| self.outlet == outlet)
            && item.is_none_or(|item| self.item == item)
            && slot.is_none_or(|slot| self.slot == slot)
    }
}

/// The buckets of a draw: places, and where it draws again and again, those of all slots together.
fn buckets(
    definition: &Definition,
    places: impl Iterator<Item = (OutletNo, ItemNo, SlotNo)>,
) -> BTreeSet<(OutletNo, ItemNo, Option<SlotNo>)> {
    let Some(terms) = definition.draw() else { return BTreeSet::new() };
    let named = |slot| if terms.stand_days.is_none() { Some(slot) } else { None };
    places.map(|(outlet, item, slot)| (outlet, item, named(slot))).collect()
}

fn append_missing(pools: &mut Vec<Pool>, rows: &[StockRow]) {
    for row in rows {
        if !pools.iter().any(|pool| is_of(row, pool)) {
            pools.push(Pool::new(row.outlet, row.item, row.slot, 0));
        }
    }
}

/// The units a pool shall have on offer.
fn target(pool: &Pool, mode: StockMode, rows: &[StockRow]) -> u64 {
    let row = rows.iter().find(|row| is_of(row, pool)).map_or(0, |row| u64::from(row.units));
    match mode {
        StockMode::Replace => row,
        StockMode::Add => pool.on_offer() + row,
    }
}

fn is_of(row: &StockRow, pool: &Pool) -> bool {
    (row.outlet, row.item, row.slot) == (pool.outlet, pool.item, pool.slot)
}
