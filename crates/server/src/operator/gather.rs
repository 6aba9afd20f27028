//! The bookings of an export as of one moment, in order and in bounded memory.
//!
//! Owns: what an export sees, which it states as its mark, and how it looks: a little at a time,
//! so that entering goes on; once to count, and again for every million bookings when there are
//! more. Never: holds more than `limits::EXPORT_BOOKINGS_MAX` of them and one look's worth.
//! Invariants: what happened after the mark is not seen, so that every look sees the same, and the
//! next export misses nothing and repeats nothing; of a campaign that draws, a step of a draw
//! between two looks ends the export, since nothing tells when a winner's units came.

use super::{Operator, unavailable};
use crate::problem::Problem;
use handover::{Booking, Fate, HandoverError, Mark};
use ledger::{Decision, Draw, Ledger, Stage};
use node::Node;
use std::io;
use std::ops::Range;
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
    /// How far its draws were.
    pub(super) draws: DrawsSeen,
    /// Marked in the ledger as shredded: the file names nobody, whatever keys there are.
    pub(super) is_shredded: bool,
}

/// How far a campaign's draws are: their number, and of the latest one its stage and its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DrawsSeen(usize, Option<(Stage, usize)>);

impl DrawsSeen {
    pub(super) fn of(draws: &[Draw]) -> Self {
        Self(draws.len(), draws.last().map(|draw| (draw.stage, draw.events.len())))
    }
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
    pub(super) told: Arc<[EntryNo]>,
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
    /// Some bookings in the order of their entries, as the export sees them; none when a step of a
    /// draw came between this look and the mark.
    fn see_some(
        &self,
        ledger: &Ledger,
        some: Range<u32>,
        mut told: Told<'_>,
    ) -> Option<Vec<(PoolNo, Booking)>> {
        let campaign = ledger.campaign(self.no).expect("campaigns are never taken away");
        let is_same = DrawsSeen::of(campaign.draws()) == self.draws;
        let see = |no| self.see(ledger, EntryNo(no), &mut told);
        is_same.then(|| some.filter_map(see).collect())
    }

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
        // What lots gave and nobody was told of yet may still be void.
        if campaign.is_hidden(entry) {
            return None;
        }
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
            identity: view.identity,
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
    Found(&'a mut Vec<EntryNo>),
    /// Later looks keep to that.
    Kept(&'a [EntryNo]),
}

impl Told<'_> {
    fn has(&mut self, entry: EntryNo) -> bool {
        match self {
            Self::Found(told) => {
                assert!(told.last() < Some(&entry), "a look goes through the entries in order");
                told.push(entry);
                true
            }
            Self::Kept(told) => told.binary_search(&entry).is_ok(),
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
            told: Arc::default(),
            all: Some(Vec::new()),
            held_max: self.export_bookings_max,
        };
        let mut told = Vec::new();
        for (from, until) in slices(0, extent.mark.entries, usize::MAX) {
            let extent = Arc::clone(extent);
            let look = move |ledger: &Ledger| {
                let mut told = Vec::new();
                let some = extent.see_some(ledger, from..until, Told::Found(&mut told));
                (some, told)
            };
            let (some, found) = self.read(look).await?;
            let some = some.ok_or_else(drawn_meanwhile)?;
            tell(&mut told, &found)?;
            some.into_iter().for_each(|(pool, booking)| counted.add(pool, booking));
        }
        counted.told = told.into();
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
            HandoverError::Write(io::Error::other(unavailable(why).detail))
        };
        let (extent, wanted) = (Arc::clone(self.extent), Arc::clone(wanted));
        let told = Arc::clone(&self.counted.told);
        let look = move |ledger: &Ledger| {
            let seen = extent.see_some(ledger, from..until, Told::Kept(&told))?;
            let seen = seen.into_iter().filter(|(pool, _)| wanted[pool.index()]);
            Some(seen.map(|(_, booking)| booking).collect::<Vec<_>>())
        };
        let seen = self.node.read(look).map_err(ended)?.wait().map_err(ended)?;
        seen.ok_or_else(|| HandoverError::Write(io::Error::other(DRAWN_MEANWHILE)))
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

const DRAWN_MEANWHILE: &str = "a step of a draw of the campaign was taken meanwhile, so that the \
                               file would have only a part of its winners";

fn drawn_meanwhile() -> Problem {
    let detail =
        format!("The export ended: {DRAWN_MEANWHILE}. Nothing was recorded. Export again.");
    Problem::new(500, "export-cut", "Export ended early", detail)
}

/// Adds what one look found to what the mark will name, as long as the mark can name it.
fn tell(told: &mut Vec<EntryNo>, found: &[EntryNo]) -> Result<(), Problem> {
    if limits::EXPORT_TOLD_MAX < told.len() + found.len() {
        tracing::error!(
            code = "clock-stands",
            "an export is refused: too many bookings ended in one millisecond"
        );
        let detail = format!(
            "More than {} bookings ended in the ledger's present millisecond, which is more than \
             the mark of an export can name: the clock stands, or was set back. Nothing was \
             exported. Mend the clock, and export when the next millisecond has come.",
            limits::EXPORT_TOLD_MAX
        );
        return Err(Problem::new(503, "clock-stands", "Clock stands", detail).retry_after(10));
    }
    assert!(told.last() < found.first() || found.is_empty(), "looks follow each other");
    told.extend_from_slice(found);
    Ok(())
}

/// What single looks take, one after the other: no more than may be held.
fn slices(from: u32, until: u32, held_max: usize) -> impl Iterator<Item = (u32, u32)> {
    let step = limits::LOOK_ROWS_MAX.min(u32::try_from(held_max).unwrap_or(u32::MAX));
    (from..until)
        .step_by(step as usize)
        .map(move |from| (from, until.min(from.saturating_add(step))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{Action, OperatorCommand};

    #[test]
    fn as_many_ends_are_told_as_one_command_holds() {
        let first = limits::ENTRIES_MAX - u32::try_from(limits::EXPORT_TOLD_MAX).unwrap();
        let found: Vec<_> = (first..limits::ENTRIES_MAX).map(EntryNo).collect();
        let mut told = Vec::new();
        for some in found.chunks(limits::LOOK_ROWS_MAX as usize) {
            tell(&mut told, some).unwrap();
        }
        assert_eq!(told, found);
        let problem = tell(&mut told, &[EntryNo(limits::ENTRIES_MAX)]).unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.code), (503, "clock-stands"));
        let mark = ExportMark { at: Millis(1), entries: limits::ENTRIES_MAX, told };
        let action = Action::Export {
            campaign: CampaignNo(0),
            bookings: limits::ENTRIES_MAX,
            checksum: "00".repeat(32),
            seen: Some(mark),
        };
        let actor = "a".repeat(limits::ACTOR_CHARS_MAX);
        let reason = "r".repeat(limits::REASON_CHARS_MAX);
        OperatorCommand { actor, from: None, reason, action }.encode(&mut Vec::new()).unwrap();
    }
}
