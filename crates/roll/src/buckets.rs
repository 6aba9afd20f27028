//! The buckets of a draw: which pools it draws, by name, and with how many units.
//!
//! Owns: the order of buckets, which is published, and both ways between pool and bucket. Never:
//! changes a pool.
//! Invariants: every choice that anybody could make names a bucket, though it may have no units.

use std::collections::{BTreeMap, HashMap};
use types::definition::Definition;
use types::ids::{ItemNo, OutletNo, PoolNo, SlotNo};

/// A pool that a draw may draw.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Where.
    pub outlet: OutletNo,
    /// What.
    pub item: ItemNo,
    /// When.
    pub slot: SlotNo,
    /// Units that nobody holds.
    pub free: u64,
}

/// The buckets of a draw, in published order: by outlet, item and slot of the definition.
#[derive(Clone, Debug)]
pub struct Buckets {
    names: Vec<String>,
    units: Vec<u64>,
    /// The pool of each bucket; none where the draw's slot has no such pool.
    pools: Vec<Option<PoolNo>>,
    /// The bucket of each pool.
    of_pool: Vec<usize>,
    by_name: HashMap<String, usize>,
}

/// A bucket of winners that the draw does not have, or that has no pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the draw has no pool for the bucket {0}")]
pub struct NoBucket(pub String);

impl Buckets {
    /// The buckets of a draw on `slot`, or of one that draws all slots at once, out of all pools
    /// of the campaign in the order of their numbers.
    #[must_use]
    pub fn new(definition: &Definition, pools: &[Place], slot: Option<SlotNo>) -> Self {
        // Where one slot is drawn, a choice is of outlet and item, whatever slot it named.
        let key = |place: &Place| {
            (place.outlet, place.item, if slot.is_some() { SlotNo(0) } else { place.slot })
        };
        let keys: BTreeMap<_, ()> = pools.iter().map(|place| (key(place), ())).collect();
        let numbers: BTreeMap<_, _> = keys.into_keys().zip(0..).collect();
        let name = |(outlet, item, slot): &(_, _, _)| definition.bucket(*outlet, *item, *slot);
        let names: Vec<String> = numbers.keys().map(name).collect();
        let mut buckets = Self {
            by_name: names.iter().cloned().zip(0..).collect(),
            names,
            units: vec![0; numbers.len()],
            pools: vec![None; numbers.len()],
            of_pool: pools.iter().map(|place| numbers[&key(place)]).collect(),
        };
        for (no, place) in pools.iter().enumerate() {
            if slot.is_none_or(|slot| slot == place.slot) {
                let bucket = buckets.of_pool[no];
                buckets.units[bucket] = place.free;
                let before = buckets.pools[bucket].replace(PoolNo::from_index(no));
                assert!(before.is_none(), "a place has one pool");
            }
        }
        buckets
    }

    /// `stock.txt`.
    #[must_use]
    pub fn stock(&self) -> String {
        let lines = self.names.iter().zip(&self.units);
        lines.map(|(name, units)| format!("{name},{units}\n")).collect()
    }

    /// Units of a bucket: none of one that the campaign does not have.
    #[must_use]
    pub fn units_of(&self, bucket: &str) -> u64 {
        self.by_name.get(bucket).map_or(0, |no| self.units[*no])
    }

    /// The bucket that a choice of this pool names.
    ///
    /// # Panics
    /// When the campaign has no such pool.
    #[must_use]
    pub fn of(&self, pool: PoolNo) -> &str {
        &self.names[self.of_pool[pool.index()]]
    }

    /// The pool behind each name.
    ///
    /// # Errors
    /// A bucket without a pool, which nobody can win.
    pub fn pool(&self, bucket: &str) -> Result<PoolNo, NoBucket> {
        let found = self.by_name.get(bucket).and_then(|no| self.pools[*no]);
        found.ok_or_else(|| NoBucket(bucket.to_owned()))
    }
}
