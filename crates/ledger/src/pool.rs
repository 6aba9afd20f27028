//! A pool: the counted supply of one item at one outlet in one slot.
//!
//! Owns: its counts, and which pools a selection of places means. Never: changes by itself; a
//! campaign changes its pools and their hash together.
//! Invariants: `withdrawn + booked <= issued` and `redeemed <= booked`.

use types::ids::{ItemNo, OutletNo, SlotNo};

/// Where, what and when a pool's units are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolPlace {
    /// Where.
    pub outlet: OutletNo,
    /// What.
    pub item: ItemNo,
    /// When.
    pub slot: SlotNo,
}

impl PoolPlace {
    /// Whether it is at this outlet, of this item and in this slot, as far as they are named.
    #[must_use]
    pub fn is_within(
        self,
        outlet: Option<OutletNo>,
        item: Option<ItemNo>,
        slot: Option<SlotNo>,
    ) -> bool {
        outlet.is_none_or(|outlet| outlet == self.outlet)
            && item.is_none_or(|item| item == self.item)
            && slot.is_none_or(|slot| slot == self.slot)
    }
}

/// The counted supply of one item at one outlet in one slot. All counts are units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Where, what and when.
    pub place: PoolPlace,
    /// Ever put on offer.
    pub issued: u64,
    /// Taken out again.
    pub withdrawn: u64,
    /// Of those withdrawn, taken out while the campaign had no entries yet. What was on offer to
    /// the first who came is `issued` less these, whatever was withdrawn since.
    pub withdrawn_early: u64,
    /// Held by entries that are not cancelled, handed out or not.
    pub booked: u64,
    /// Of those booked, handed out.
    pub redeemed: u64,
}

impl Pool {
    /// A pool nobody has booked from.
    #[must_use]
    pub const fn new(place: PoolPlace, issued: u64) -> Self {
        Self { place, issued, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 }
    }

    /// Units nobody holds.
    #[must_use]
    pub const fn free(&self) -> u64 {
        self.issued - self.withdrawn - self.booked
    }

    /// Units that a withdrawal of at most so many takes out; of all that are free without a number.
    #[must_use]
    pub fn withdrawable(&self, most: Option<u32>) -> u64 {
        self.free().min(most.map_or(u64::MAX, u64::from))
    }

    pub(crate) fn assert_balanced(&self) {
        assert!(self.withdrawn + self.booked <= self.issued, "no pool is ever oversold");
        assert!(self.withdrawn_early <= self.withdrawn, "early is a part of all");
        assert!(self.redeemed <= self.booked, "only booked units are handed out");
    }

    /// Takes units out; early if the campaign has no entries yet.
    pub(crate) const fn withdraw(&mut self, units: u64, is_early: bool) {
        self.withdrawn += units;
        if is_early {
            self.withdrawn_early += units;
        }
    }

    pub(crate) const fn words(&self, no: usize) -> [u64; 7] {
        let place = (self.place.outlet.0 as u64) << 32
            | (self.place.item.0 as u64) << 16
            | self.place.slot.0 as u64;
        let Self { issued, withdrawn, withdrawn_early, booked, redeemed, .. } = *self;
        [no as u64, place, issued, withdrawn, withdrawn_early, booked, redeemed]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> Pool {
        let place = PoolPlace { outlet: OutletNo(0), item: ItemNo(0), slot: SlotNo(0) };
        Pool { withdrawn: 3, withdrawn_early: 3, booked: 7, redeemed: 7, ..Pool::new(place, 10) }
    }

    #[test]
    fn a_pool_may_be_given_out_to_the_last_unit() {
        pool().assert_balanced();
        assert_eq!((pool().free(), pool().withdrawable(None)), (0, 0));
        let four_free = Pool { issued: 14, ..pool() };
        assert_eq!((four_free.free(), four_free.withdrawable(None)), (4, 4));
        assert_eq!((four_free.withdrawable(Some(3)), four_free.withdrawable(Some(5))), (3, 4));
    }

    #[test]
    #[should_panic(expected = "no pool is ever oversold")]
    fn a_pool_is_never_oversold() {
        Pool { issued: 9, ..pool() }.assert_balanced();
    }

    #[test]
    #[should_panic(expected = "early is a part of all")]
    fn early_is_a_part_of_all_withdrawn() {
        Pool { withdrawn_early: 4, ..pool() }.assert_balanced();
    }

    #[test]
    #[should_panic(expected = "only booked units are handed out")]
    fn only_booked_units_are_handed_out() {
        Pool { redeemed: 8, ..pool() }.assert_balanced();
    }
}
