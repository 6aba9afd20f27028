//! The bookings of an export as of one moment, in order and in bounded memory.
//!
//! Owns: what an export sees, which it states as its mark, and how it looks: a little at a time,
//! so that entering goes on; once to count, and again for every million bookings when there are
//! more. Never: holds more than `limits::EXPORT_BOOKINGS_MAX` of them and one look's worth.
//! Invariants: what happened after the mark is not seen, so that every look sees the same, and the
//! next export misses nothing and repeats nothing.

use super::{Operator, unavailable};
use crate::problem::Problem;
use handover::{Booking, Fate, HandoverError, Mark};
use ledger::{Decision, Ledger};
use node::Node;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::vec::IntoIter;
use types::{CampaignNo, Definition, EntryNo, ExportMark, Millis, PoolNo, limits};

/// What is exported, as of one moment.
pub(super) struct Extent {
    pub(super) no: CampaignNo,
    pub(super) definition: Arc<Definition>,
    pub(super) mark: Mark,
    pub(super) since: Option<ExportMark>,
    pub(super) is_published: bool,
}

/// What the first look found.
pub(super) struct Counted {
    /// Selected bookings by pool, in the ledger's order of pools.
    by_pool: Vec<u32>,
    /// Pools in the order of rows.
    pools: Vec<PoolNo>,
    /// Rows of each outlet, in the definition's order.
    pub(super) rows: Vec<u32>,
    /// See [`ExportMark::told`].
    pub(super) told: BTreeSet<EntryNo>,
    /// All bookings, unless they are too many to hold.
    all: Option<Vec<Booking>>,
    held_max: usize,
}

/// All bookings, in the order of rows.
pub(super) struct Ordered<'a> {
    node: &'a Node,
    extent: &'a Arc<Extent>,
    counted: &'a Counted,
    held: IntoIter<Booking>,
    /// Pools of the next look, by their place in the order of rows.
    pool: usize,
    /// In a pool with more bookings than can be held: the entry to begin with.
    entry: u32,
}

impl Extent {
    /// A booking as the export sees it, and its pool. What ended later than the mark goes on
    /// waiting; of what ended in the mark's millisecond, `told` says what is known by now, and
    /// is asked or filled.
    fn see(
        &self,
        ledger: &Ledger,
        entry: EntryNo,
        told: &mut Told<'_>,
    ) -> Option<(PoolNo, Booking)> {
        let view = ledger.entry(self.no, entry)?;
        if view.decision != Decision::Booked {
            return None;
        }
        let pool = view.pool.expect("a booked entry has a pool");
        let campaign = ledger.campaign(self.no).expect("campaigns are never taken away");
        let place = campaign.pools()[pool.index()].place;
        let mut is_seen = |at: Millis| at < self.mark.at || (at == self.mark.at && told.has(entry));
        let fate = match view.fate {
            ledger::Fate::Cancelled { at } if is_seen(at) => Fate::Cancelled(at),
            ledger::Fate::Redeemed { at } if is_seen(at) => Fate::Redeemed(at),
            _ => Fate::Waiting,
        };
        let booking = Booking {
            outlet: place.outlet,
            slot: place.slot,
            item: place.item,
            units: view.units,
            entry,
            at: view.at,
            fate,
            frame: view.place.frame,
            offset: view.place.offset,
        };
        self.selects(&booking).then_some((pool, booking))
    }

    fn selects(&self, booking: &Booking) -> bool {
        let Some(since) = &self.since else { return booking.stands() };
        let mark = Mark { at: since.at, entries: since.entries };
        // What was added since cannot have been told before.
        let is_new = since.entries <= booking.entry.0;
        booking.change(mark).is_some()
            && (is_new || since.told.binary_search(&booking.entry).is_err())
    }
}

/// Ends in the mark's millisecond that the export knows of.
enum Told<'a> {
    /// The first look takes them as it finds them.
    Found(&'a mut BTreeSet<EntryNo>),
    /// Later looks keep to that.
    Kept(&'a BTreeSet<EntryNo>),
}

impl Told<'_> {
    fn has(&mut self, entry: EntryNo) -> bool {
        match self {
            Self::Found(told) => {
                told.insert(entry);
                true
            }
            Self::Kept(told) => told.contains(&entry),
        }
    }
}

impl Operator {
    /// Counts the bookings to export, and keeps them if they are not too many.
    pub(super) async fn count(&self, extent: &Arc<Extent>) -> Result<Counted, Problem> {
        let (_, pools) = self.pools(extent.no).await?;
        let places: Vec<_> = pools.iter().map(|pool| pool.place).collect();
        let mut pools: Vec<_> = (0..places.len()).map(PoolNo::from_index).collect();
        pools.sort_unstable_by_key(|pool| {
            let place = &places[pool.index()];
            (place.outlet, place.slot, place.item)
        });
        let mut counted = Counted {
            by_pool: vec![0; places.len()],
            pools,
            rows: vec![0; extent.definition.outlets.len()],
            told: BTreeSet::new(),
            all: Some(Vec::new()),
            held_max: self.export_bookings_max,
        };
        for (from, until) in slices(0, extent.mark.entries, usize::MAX) {
            let extent = Arc::clone(extent);
            let look = move |ledger: &Ledger| {
                let mut told = BTreeSet::new();
                let mut found = Told::Found(&mut told);
                let some = (from..until).map(EntryNo);
                let some: Vec<_> =
                    some.filter_map(|entry| extent.see(ledger, entry, &mut found)).collect();
                (some, told)
            };
            let (some, told) = self.read(look).await?;
            counted.told.extend(told);
            some.into_iter().for_each(|(pool, booking)| counted.add(pool, booking));
        }
        if let Some(all) = &mut counted.all {
            all.sort_unstable_by_key(Booking::order);
        }
        Ok(counted)
    }
}

impl Counted {
    fn add(&mut self, pool: PoolNo, booking: Booking) {
        // A pool that came later belongs to no entry from before.
        self.by_pool[pool.index()] += 1;
        self.rows[booking.outlet.index()] += 1;
        let Some(all) = &mut self.all else { return };
        if all.len() < self.held_max {
            all.push(booking);
        } else {
            self.all = None;
        }
    }

    /// The bookings in the order of rows. For a thread that may wait.
    pub(super) fn ordered<'a>(
        &'a mut self,
        node: &'a Node,
        extent: &'a Arc<Extent>,
    ) -> Ordered<'a> {
        let all = self.all.take();
        let pool = if all.is_some() { self.pools.len() } else { 0 };
        let held = all.unwrap_or_default().into_iter();
        Ordered { node, extent, counted: self, held, pool, entry: 0 }
    }
}

impl Ordered<'_> {
    /// Looks for the next bookings: of as many pools as can be held, or of a part of one.
    fn look(&mut self) -> Result<(), HandoverError> {
        let counted = self.counted;
        let held_max = counted.held_max;
        let (mut until_pool, mut sum) = (self.pool, 0);
        while let Some(pool) = counted.pools.get(until_pool) {
            sum += counted.by_pool[pool.index()] as usize;
            if held_max < sum && self.pool < until_pool {
                break;
            }
            until_pool += 1;
        }
        let mut wanted = vec![false; counted.pools.len()];
        let pools = &counted.pools[self.pool..until_pool];
        pools.iter().for_each(|pool| wanted[pool.index()] = true);
        let wanted: Arc<[bool]> = wanted.into();
        let mut held = Vec::new();
        let mut next = 0;
        for (from, until) in slices(self.entry, self.extent.mark.entries, held_max) {
            held.extend(self.slice(from, until, &wanted)?);
            // Only one pool can have more than fits, and its entries come in their order.
            if held_max <= held.len() && until_pool == self.pool + 1 {
                next = until;
                break;
            }
        }
        if next == 0 {
            self.pool = until_pool;
        }
        self.entry = next;
        held.sort_unstable_by_key(Booking::order);
        self.held = held.into_iter();
        Ok(())
    }

    fn slice(
        &self,
        from: u32,
        until: u32,
        wanted: &Arc<[bool]>,
    ) -> Result<Vec<Booking>, HandoverError> {
        let ended = |why: node::Unavailable| {
            HandoverError::Write(std::io::Error::other(unavailable(why).detail))
        };
        let (extent, wanted) = (Arc::clone(self.extent), Arc::clone(wanted));
        let told = self.counted.told.clone();
        let look = move |ledger: &Ledger| {
            let mut told = Told::Kept(&told);
            let seen = (from..until).filter_map(|no| extent.see(ledger, EntryNo(no), &mut told));
            let seen = seen.filter(|(pool, _)| wanted[pool.index()]);
            seen.map(|(_, booking)| booking).collect::<Vec<_>>()
        };
        self.node.read(look).map_err(ended)?.wait().map_err(ended)
    }
}

impl Iterator for Ordered<'_> {
    type Item = Result<Booking, HandoverError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(booking) = self.held.next() {
                return Some(Ok(booking));
            }
            if self.pool == self.counted.pools.len() {
                return None;
            }
            if let Err(error) = self.look() {
                self.pool = self.counted.pools.len();
                return Some(Err(error));
            }
        }
    }
}

/// What single looks take, one after the other: no more than may be held.
fn slices(from: u32, until: u32, held_max: usize) -> impl Iterator<Item = (u32, u32)> {
    let step = limits::LOOK_ROWS_MAX.min(u32::try_from(held_max).unwrap_or(u32::MAX));
    (from..until)
        .step_by(step as usize)
        .map(move |from| (from, until.min(from.saturating_add(step))))
}
