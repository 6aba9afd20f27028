//! A campaign's entries as lots: who stands, who is listed, who won.
//!
//! Owns: what an entry is to a draw, and the units that a draw gives and takes back. Never:
//! decides whether a step may come; `steps` and `award` do.
//! Invariants: a pool's booked units are those of its entries, hidden ones among them.

use super::{Campaign, Decision, Ended, NO_POOL};
use crate::books::definition::terms;
use crate::books::draw::{Draw, Stage};
use crate::books::lots::{LOSSES_MAX, Lot};
use types::ids::{EntryNo, Millis, PoolNo};

impl Campaign {
    /// Its draws, by number.
    #[must_use]
    pub fn draws(&self) -> &[Draw] {
        &self.draws
    }

    /// All entries, in their order.
    pub(in crate::books) fn entries(&self) -> impl Iterator<Item = EntryNo> + use<> {
        (0..self.entries_len()).map(EntryNo)
    }

    /// An entry's part in draws; none where lots do not decide.
    pub(in crate::books) fn lot(&self, entry: EntryNo) -> Option<&Lot> {
        self.lots.as_ref().map(|lots| lots.get(entry))
    }

    pub(in crate::books) fn lot_mut(&mut self, entry: EntryNo) -> Option<&mut Lot> {
        self.lots.as_mut().map(|lots| lots.get_mut(entry))
    }

    pub(in crate::books) fn draws_now(&self) -> bool {
        self.draws.last().is_some_and(Draw::is_under_way)
    }

    /// Whether lots gave an entry nothing, and may yet.
    pub(in crate::books) fn is_waiting(&self, entry: EntryNo) -> bool {
        self.rows.get(entry.index()).decision == Decision::Waiting
    }

    pub(in crate::books) fn is_listed(&self, entry: EntryNo) -> bool {
        self.lot(entry).is_some_and(|lot| lot.listed)
    }

    pub(in crate::books) fn is_hidden(&self, entry: EntryNo) -> bool {
        self.lot(entry).is_some_and(|lot| lot.hidden)
    }

    /// Whether an entry takes part in a draw that is closed now.
    pub(in crate::books) fn stands(&self, at: Millis, entry: EntryNo) -> bool {
        let row = self.rows.get(entry.index());
        let Some(terms) = terms(&self.definition) else { return false };
        let is_in_time = match terms.stand_days {
            Some(days) => self.day(at).0 < self.day(Millis(row.at)).0 + u32::from(days),
            None => !self.marks.published,
        };
        row.end == Ended::No && row.decision == Decision::Waiting && is_in_time
    }

    /// Whether an entry may win yet, for all that its people may know.
    pub(in crate::books) fn is_open(&self, at: Millis, entry: EntryNo) -> bool {
        let is_live = self.rows.get(entry.index()).end == Ended::No;
        let may_win = self.is_waiting(entry) || self.is_hidden(entry);
        let is_drawn_now = self.draws_now() && self.is_listed(entry);
        self.stands(at, entry) || (is_live && is_drawn_now && may_win)
    }

    /// Whether what became of an entry is published.
    pub(in crate::books) fn tells(&self, at: Millis, entry: EntryNo) -> bool {
        match terms(&self.definition) {
            Some(_) => !self.is_open(at, entry),
            None => self.is_published(at),
        }
    }

    /// What the latest draw adds to an entry's losses, as long as no other is closed: 0 or 1.
    pub(in crate::books) fn loss_to_come(&self, entry: EntryNo) -> u8 {
        // Of a void draw among the unserved, the loss is that of the draw before.
        let is_lost = self.draws.last().is_some_and(|draw| {
            draw.stage == Stage::Published || (draw.unserved && draw.stage == Stage::Void)
        });
        u8::from(is_lost && self.is_listed(entry) && self.is_waiting(entry))
    }

    pub(in crate::books) fn losses_so_far(&self, entry: EntryNo) -> u8 {
        let before = self.lot(entry).map_or(0, |lot| lot.losses);
        (before + self.loss_to_come(entry)).min(LOSSES_MAX)
    }

    /// Gives a live entry units of a pool, which nobody may know yet.
    pub(in crate::books) fn award(&mut self, entry: EntryNo, pool: PoolNo) {
        let row = self.rows.get_mut(entry.index());
        assert!(row.end == Ended::No && row.pool == NO_POOL, "callers look at the entry first");
        (row.decision, row.pool) = (Decision::Booked, pool.0);
        self.pools[pool.index()].units.booked += u64::from(row.units);
        if let Some(lot) = self.lot_mut(entry) {
            lot.hidden = true;
        }
    }

    /// Takes back what an entry won and nobody knows.
    pub(in crate::books) fn unaward(&mut self, entry: EntryNo) {
        let row = self.rows.get_mut(entry.index());
        let pool = self.pools.get_mut(row.pool as usize);
        if let Some(pool) = pool.filter(|_| row.end != Ended::Cancelled) {
            pool.units.booked -= u64::from(row.units);
        }
        (row.decision, row.pool) = (Decision::Waiting, NO_POOL);
        if let Some(lot) = self.lot_mut(entry) {
            lot.hidden = false;
        }
    }
}
