//! The books of one campaign: its pools, its entries, its lists and what operators did to it.
//!
//! Owns: the tables and their sums. Never: decides whether something may be.
//! Invariants: a row for every entry, in their order; what a pool says was added up entry by
//! entry, and the recount adds it up again.

mod drawn;

use super::definition::{draws_once, terms, unique, waits};
use super::draw::{Draw, Stage};
use super::lots::{Lot, Lots};
use super::people::{Key, People, hash, put, touch};
use super::rows::Rows;
use crate::claim::{Claim, Refused};
use crate::record::Enter;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use types::ListKind;
use types::calendar::{Calendar, LocalDay};
use types::definition::{Definition, Publish};
use types::ids::{
    CampaignNo, EntryNo, ItemNo, Millis, OutletNo, PersonKey, PoolNo, RequestId, SlotNo,
};
use types::limits::ENTRIES_MAX;

const DAY_MILLIS: i64 = 86_400_000;
const NO_POOL: u32 = u32::MAX;

/// The counted supply of one item at one outlet in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Where.
    pub outlet: OutletNo,
    /// What.
    pub item: ItemNo,
    /// When.
    pub slot: SlotNo,
    /// Its units.
    pub units: Units,
}

/// Units of a pool, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Ever put on offer.
    pub issued: u64,
    /// Taken out again.
    pub withdrawn: u64,
    /// Of those, taken out before the first entry.
    pub withdrawn_early: u64,
    /// Held by entries that are not cancelled, handed out or not.
    pub booked: u64,
    /// Of those, handed out.
    pub redeemed: u64,
}

impl Units {
    /// What nobody holds: issued, less withdrawn, less booked. Below 0, it is oversold.
    #[must_use]
    pub const fn free(&self) -> i64 {
        self.issued as i64 - self.withdrawn as i64 - self.booked as i64
    }

    /// On offer, booked or not.
    pub(super) const fn on_offer(&self) -> u64 {
        self.issued.saturating_sub(self.withdrawn)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            issued: self.issued + other.issued,
            withdrawn: self.withdrawn + other.withdrawn,
            withdrawn_early: self.withdrawn_early + other.withdrawn_early,
            booked: self.booked + other.booked,
            redeemed: self.redeemed + other.redeemed,
        }
    }
}

/// What was decided when an entry came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It holds units.
    Booked,
    /// Its choices had too few; not told yet when it came.
    SoldOut,
    /// A success was too recent; not told yet when it came.
    CoolingDown,
    /// Lots will decide, or have, and gave it nothing so far.
    Waiting,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Live,
    /// It was given up.
    Cancelled {
        /// When.
        at: Millis,
    },
    /// Its units were handed out.
    Redeemed {
        /// When.
        at: Millis,
    },
}

/// One entry, as the books have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The request that made it.
    pub request: RequestId,
    /// Tells that request from another one under the same id.
    pub request_digest: [u8; 8],
    /// When it came.
    pub at: Millis,
    /// What was decided.
    pub decision: Decision,
    /// What became of it.
    pub fate: Fate,
    /// Whose units it holds, or held.
    pub pool: Option<PoolNo>,
    /// Units asked for.
    pub units: u8,
    /// Draws that it lost, but for the latest.
    pub losses: u8,
    /// Whether it is on the list of the latest draw.
    pub listed: bool,
    /// Whether it is among the winners, with units or without, and that is not published.
    pub hidden: bool,
}

/// An entry in 48 bytes.
#[derive(Clone, Copy, Debug)]
struct Row {
    request: Key,
    request_digest: [u8; 8],
    at: u64,
    ended: u64,
    pool: u32,
    units: u8,
    decision: Decision,
    end: Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    No,
    Cancelled,
    Redeemed,
}

/// Entries of a campaign by what was decided and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All there ever were.
    pub entries: u64,
    /// Holding units that are not handed out.
    pub booked: u64,
    /// With units handed out.
    pub redeemed: u64,
    /// Given up.
    pub cancelled: u64,
    /// Accepted, held back, and without units.
    pub sold_out: u64,
    /// Accepted, held back, and too soon after a success.
    pub cooling_down: u64,
    /// In draws, and without units so far.
    pub waiting: u64,
}

/// Who handed an entry's units out.
#[derive(Debug)]
struct Redemption {
    request: RequestId,
    /// In the order in which they first did so: a few people hand everything out.
    actor: u32,
}

/// What operators did to a campaign.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub(super) opened: bool,
    pub(super) closed: bool,
    pub(super) paused: bool,
    pub(super) published: bool,
    pub(super) shredded: bool,
    pub(super) cap: Option<u32>,
}

/// The books of one campaign.
#[derive(Debug)]
pub struct Campaign {
    pub(super) no: CampaignNo,
    pub(super) definition: Box<Definition>,
    pub(super) series: Option<usize>,
    pub(super) marks: Marks,
    pub(super) pools: Vec<Pool>,
    pub(super) lists: BTreeMap<(ListKind, u8), People>,
    redemptions: BTreeMap<u32, Redemption>,
    actors: BTreeMap<String, u32>,
    rows: Rows<Row>,
    /// A column of person keys for each unique field.
    keys: Vec<Rows<Key>>,
    by_request: HashTable<u32>,
    /// By unique field, a person's latest entry.
    by_key: Vec<HashTable<u32>>,
    /// Of a campaign that draws: an entry's part in it.
    lots: Option<Lots>,
    pub(super) draws: Vec<Draw>,
}

/// What an accepted entry is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    pub(super) decision: Decision,
    pub(super) pool: Option<PoolNo>,
    pub(super) units: u8,
}

impl Campaign {
    pub(super) fn new(no: CampaignNo, definition: &Definition, series: Option<usize>) -> Self {
        let fields = unique(&definition.register).count();
        let pools = definition.stock.iter().map(|stock| {
            let units = Units { issued: u64::from(stock.units), ..Units::default() };
            Pool { outlet: stock.outlet, item: stock.item, slot: stock.slot, units }
        });
        Self {
            no,
            series,
            marks: Marks { cap: definition.register.cap, ..Marks::default() },
            pools: pools.collect(),
            definition: Box::new(definition.clone()),
            lists: BTreeMap::new(),
            redemptions: BTreeMap::new(),
            actors: BTreeMap::new(),
            rows: Rows::new(),
            keys: std::iter::repeat_with(Rows::new).take(fields).collect(),
            by_request: HashTable::new(),
            by_key: std::iter::repeat_with(HashTable::new).take(fields).collect(),
            lots: terms(definition).map(|_| Lots::new(fields)),
            draws: Vec::new(),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn no(&self) -> CampaignNo {
        self.no
    }

    /// Its definition.
    #[must_use]
    pub const fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Its pools, by number.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// All its pools together.
    #[must_use]
    pub fn units(&self) -> Units {
        self.pools.iter().fold(Units::default(), |sum, pool| sum.plus(pool.units))
    }

    /// Entries there ever were.
    #[must_use]
    pub fn entries_len(&self) -> u32 {
        u32::try_from(self.rows.len()).expect("an entry's number is 32 bits wide")
    }

    /// An entry.
    #[must_use]
    pub fn entry(&self, entry: EntryNo) -> Option<Entry> {
        (entry.index() < self.rows.len()).then(|| {
            let row = self.rows.get(entry.index());
            row.entry(self.lots.as_ref().map(|lots| lots.get(entry)))
        })
    }

    /// The entry that a request made.
    #[must_use]
    pub fn entry_of_request(&self, request: RequestId) -> Option<EntryNo> {
        let is_it = |row: &u32| self.rows.get(*row as usize).request == request.0;
        self.by_request.find(hash(&request.0), is_it).copied().map(EntryNo)
    }

    /// The latest entry of a person by one unique field, from 0.
    #[must_use]
    pub fn entry_of_person(&self, field: usize, key: PersonKey) -> Option<EntryNo> {
        let is_it = |row: &u32| *self.keys[field].get(*row as usize) == key.0;
        let own = self.by_key.get(field)?.find(hash(&key.0), is_it).copied().map(EntryNo);
        let brought = self.lots.as_ref().and_then(|lots| lots.entry_of_person(field, &key.0));
        own.max(brought)
    }

    /// Different people who ever had an entry, by each unique field.
    pub fn persons(&self) -> impl ExactSizeIterator<Item = u64> {
        self.by_key.iter().enumerate().map(|(field, people)| {
            let column = &self.keys[field];
            let is_known = |key: &Key| {
                people.find(hash(key), |row| column.get(*row as usize) == key).is_some()
            };
            let further =
                self.lots.as_ref().map_or(0, |lots| lots.further_persons(field, is_known));
            people.len() as u64 + further
        })
    }

    /// Its entries, counted one by one.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { entries: self.rows.len() as u64, ..Counts::default() };
        for row in self.rows.iter() {
            let count = match (row.end, row.decision) {
                (Ended::Cancelled, _) => &mut counts.cancelled,
                (Ended::Redeemed, _) => &mut counts.redeemed,
                (Ended::No, Decision::Booked) => &mut counts.booked,
                (Ended::No, Decision::SoldOut) => &mut counts.sold_out,
                (Ended::No, Decision::CoolingDown) => &mut counts.cooling_down,
                (Ended::No, Decision::Waiting) => &mut counts.waiting,
            };
            *count += 1;
        }
        counts
    }

    /// Where a pool is, in words: outlet, item and slot by their codes.
    #[must_use]
    pub fn place(&self, pool: &Pool) -> [&str; 3] {
        let Definition { outlets, items, slots, .. } = &*self.definition;
        [
            &outlets[pool.outlet.index()].code,
            &items[pool.item.index()].code,
            &slots[pool.slot.index()].code,
        ]
    }

    pub(super) fn is_cancelled(&self, entry: EntryNo) -> bool {
        self.rows.get(entry.index()).end == Ended::Cancelled
    }

    /// Unique fields: the person keys of an entry.
    pub(super) fn fields_len(&self) -> usize {
        self.by_key.len()
    }

    /// A key of one of an entry's people; the first is 0.
    pub(super) fn key(&self, field: usize, entry: EntryNo, person: u8) -> &Key {
        match &self.lots {
            Some(lots) if 0 < person => lots.key(field, entry, person),
            _ => self.keys[field].get(entry.index()),
        }
    }

    /// The places of an entry's people in it, from 0.
    pub(super) fn people_of(&self, entry: EntryNo) -> std::ops::RangeInclusive<u8> {
        0..=self.lots.as_ref().map_or(0, |lots| lots.further_len(entry))
    }

    pub(super) fn has_listed_people(&self) -> bool {
        self.lists.values().any(|people| 0 < people.len())
    }

    /// Whether people are on the list of a reserved item.
    pub(super) fn has_people_of_parts(&self) -> bool {
        let is_part = |list: &ListKind| matches!(list, ListKind::Reserved(_));
        self.lists.iter().any(|((list, _), people)| is_part(list) && 0 < people.len())
    }

    pub(super) const fn is_held_back(&self) -> bool {
        waits(&self.definition)
    }

    pub(super) fn is_published(&self, at: Millis) -> bool {
        match self.definition.publish {
            Publish::AtOnce => true,
            Publish::At { at: due } => self.marks.published || due <= at,
            Publish::ByHand { .. } => self.marks.published,
        }
    }

    /// Why no entries are taken at a moment; nothing when they are.
    pub(super) fn closed_because(&self, at: Millis) -> Option<Refused> {
        let Marks { opened, closed, paused, shredded, cap, .. } = self.marks;
        let is_drawn = draws_once(&self.definition)
            && self.draws.last().is_some_and(|draw| draw.stage != Stage::Void);
        let is_over = self.is_held_back() && self.is_published(at);
        if shredded || closed || is_over || is_drawn {
            return Some(Refused::Closed);
        }
        if cap.unwrap_or(ENTRIES_MAX) <= self.entries_len() {
            return Some(Refused::CapReached);
        }
        if paused {
            return Some(Refused::Paused);
        }
        if opened {
            return None;
        }
        let windows = &self.definition.register.windows;
        if windows.iter().any(|window| window.from <= at && at < window.until) {
            return None;
        }
        let later = windows.iter().map(|window| window.from).filter(|from| at < *from).min();
        match (later, windows.is_empty()) {
            (Some(opens), _) => Some(Refused::NotOpenYet { opens: Some(opens) }),
            (None, true) => Some(Refused::NotOpenYet { opens: None }),
            (None, false) => Some(Refused::Closed),
        }
    }

    /// The calendar day of a moment.
    pub(super) fn day(&self, at: Millis) -> LocalDay {
        day(&self.definition.calendar, at)
    }

    /// What an entry was told when it came, and is told again.
    pub(super) fn told(&self, entry: EntryNo) -> Claim {
        let row = self.rows.get(entry.index());
        match row.pool {
            pool if pool != NO_POOL && !self.is_held_back() => {
                Claim::Booked { entry, pool: PoolNo(pool), units: row.units }
            }
            _ => Claim::Registered { entry },
        }
    }

    /// Loads what the look-ups of an entry will load.
    pub(super) fn touch(&self, enter: &Enter<'_>) -> u8 {
        let load = |row: &u32| self.rows.get(*row as usize).request[0];
        let request = touch(&self.by_request, &enter.request.0, load);
        let tables = self.by_key.iter().zip(&self.keys).zip(enter.keys());
        tables.fold(request, |sum, ((table, column), key)| {
            sum ^ touch(table, &key.0, |row| column.get(*row as usize)[0])
        })
    }

    /// Puts an entry into the books.
    pub(super) fn accept(
        &mut self,
        (request, request_digest): (RequestId, [u8; 8]),
        at: Millis,
        mut keys: impl Iterator<Item = PersonKey>,
        (grant, lot): (Grant, Lot),
    ) -> EntryNo {
        let no = self.entries_len();
        let Grant { decision, pool, units } = grant;
        let row = Row {
            request: request.0,
            request_digest,
            at: at.0,
            ended: 0,
            pool: pool.map_or(NO_POOL, |pool| pool.0),
            units,
            decision,
            end: Ended::No,
        };
        self.rows.push(row);
        let rows = &self.rows;
        put(&mut self.by_request, &request.0, no, |row| &rows.get(row as usize).request);
        for ((column, table), key) in self.keys.iter_mut().zip(&mut self.by_key).zip(&mut keys) {
            column.push(key.0);
            put(table, &key.0, no, |row| column.get(row as usize));
        }
        assert!(self.keys.iter().all(|column| column.len() == rows.len()), "a key a field");
        if let Some(pool) = pool {
            self.pools[pool.index()].units.booked += u64::from(units);
        }
        if let Some(lots) = &mut self.lots {
            lots.push(lot, keys);
        }
        EntryNo(no)
    }

    /// Remembers who handed an entry's units out.
    pub(super) fn remember_redemption(&mut self, entry: EntryNo, request: RequestId, actor: &str) {
        let next = u32::try_from(self.actors.len()).expect("every actor has redeemed an entry");
        let actor = match self.actors.get(actor) {
            Some(known) => *known,
            None => *self.actors.entry(actor.to_owned()).or_insert(next),
        };
        self.redemptions.insert(entry.0, Redemption { request, actor });
    }

    /// Whether this very request of this person handed an entry's units out.
    pub(super) fn was_redeemed_by(&self, entry: EntryNo, request: RequestId, actor: &str) -> bool {
        let by = self.redemptions.get(&entry.0);
        by.is_some_and(|by| by.request == request && self.actors.get(actor) == Some(&by.actor))
    }

    /// Ends an entry in the books.
    pub(super) fn end(&mut self, entry: EntryNo, fate: Fate) {
        let row = self.rows.get_mut(entry.index());
        let (end, at) = match fate {
            Fate::Live => return,
            Fate::Cancelled { at } => (Ended::Cancelled, at),
            Fate::Redeemed { at } => (Ended::Redeemed, at),
        };
        assert!(row.end == Ended::No, "callers look at the fate first");
        (row.end, row.ended) = (end, at.0);
        let units = u64::from(row.units);
        if let Some(pool) = self.pools.get_mut(row.pool as usize) {
            match end {
                Ended::Cancelled => pool.units.booked -= units,
                Ended::Redeemed => pool.units.redeemed += units,
                Ended::No => {}
            }
        }
    }

    /// Adds up the entries and tells every pool that does not balance.
    pub(super) fn recount(&self, mut tell: impl FnMut(String)) {
        let mut held = vec![(0_u64, 0_u64); self.pools.len()];
        for row in self.rows.iter().filter(|row| row.pool != NO_POOL) {
            let (booked, redeemed) = &mut held[row.pool as usize];
            if row.end != Ended::Cancelled {
                *booked += u64::from(row.units);
            }
            if row.end == Ended::Redeemed {
                *redeemed += u64::from(row.units);
            }
        }
        for ((no, pool), held) in self.pools.iter().enumerate().zip(held) {
            let Units { issued, withdrawn, booked, redeemed, .. } = pool.units;
            let (code, place) = (&self.definition.code, self.place(pool).join("/"));
            if (booked, redeemed) != held {
                tell(format!(
                    "{code}: pool {no} ({place}) has {booked} booked and {redeemed} redeemed, \
                     its entries hold {} and {}",
                    held.0, held.1
                ));
            }
            if pool.units.free() < 0 || booked < redeemed {
                tell(format!(
                    "{code}: pool {no} ({place}) was issued {issued} units, of which {withdrawn} \
                     are withdrawn, {booked} booked and {redeemed} redeemed: it is oversold"
                ));
            }
        }
    }
}

impl Row {
    const fn entry(&self, lot: Option<&Lot>) -> Entry {
        let (losses, listed, hidden) = match lot {
            Some(lot) => (lot.losses, lot.listed, lot.hidden),
            None => (0, false, false),
        };
        let at = Millis(self.ended);
        Entry {
            request: RequestId(self.request),
            request_digest: self.request_digest,
            at: Millis(self.at),
            decision: self.decision,
            fate: match self.end {
                Ended::No => Fate::Live,
                Ended::Cancelled => Fate::Cancelled { at },
                Ended::Redeemed => Fate::Redeemed { at },
            },
            pool: if self.pool == NO_POOL { None } else { Some(PoolNo(self.pool)) },
            units: self.units,
            losses,
            listed,
            hidden,
        }
    }
}

/// Days since 1970-01-01 in a zone.
fn day(calendar: &Calendar, at: Millis) -> LocalDay {
    let in_force = calendar.offsets.iter().rev().find(|offset| offset.from <= at);
    let seconds = in_force.or(calendar.offsets.first()).map_or(0, |offset| offset.seconds);
    let utc = i64::try_from(at.0).unwrap_or(i64::MAX);
    let local = utc.saturating_add(i64::from(seconds) * 1_000).max(0);
    LocalDay(u32::try_from(local / DAY_MILLIS).unwrap_or(u32::MAX))
}
