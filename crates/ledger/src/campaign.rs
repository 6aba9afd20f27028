//! A campaign's state: pools, entries, lists, marks.
//!
//! Owns: the tables, and that pools, entries and their hashes change together, through one
//! function each. Never: decides; `rules` does.
//! Invariants: `withdrawn + booked <= issued` and `redeemed <= booked` for every pool, asserted
//! at every change; the hash of the state equals the one recomputed from a snapshot.

use crate::draw::Draw;
use crate::entry::{Decision, Fate, NewRow, Place, Row, halves, key_hash};
use crate::group::Groups;
use crate::lot::Lot;
use crate::mix::{self, SetHash};
use crate::people::PeopleList;
use crate::phase::{self, Marks, Phase};
use crate::pool::{Pool, PoolPlace};
use crate::rows::Rows;
use crate::table::Table;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::action::ListKind;
use types::command::EnterDigests;
use types::definition::Definition;
use types::ids::{CampaignNo, DrawNo, EntryNo, Millis, PersonKey, PoolNo, RequestId};
use types::limits;
#[cfg(planted)]
use types::planted::{self, Bug};

/// A person's latest entries, by unique field.
pub(crate) type EntriesBefore = [Option<EntryNo>; limits::UNIQUE_FIELDS_MAX];

/// Who handed units out; the outlet is the pool's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The request that did it.
    pub request: RequestId,
    /// The person at the counter, as the API token names them.
    pub actor: String,
}

/// What draws know of an entry from its start.
#[derive(Default)]
pub(crate) struct Drawn {
    pub(crate) lot: Lot,
    /// The keys of its further people, person after person.
    pub(crate) further: Vec<PersonKey>,
}

/// A list's number, in hashes and snapshots.
pub(crate) fn list_number(list: ListKind) -> u64 {
    match list {
        ListKind::Block => 0,
        ListKind::Allow => 1,
        ListKind::Reserved(item) => 2 + u64::from(item.0),
    }
}

/// A campaign's state.
pub struct Campaign {
    pub(crate) no: CampaignNo,
    pub(crate) definition: Arc<Definition>,
    pub(crate) definition_hash: u64,
    /// The series' place in the ledger's table.
    pub(crate) series: Option<usize>,
    pub(crate) marks: Marks,
    pub(crate) lists: BTreeMap<(ListKind, u8), PeopleList>,
    redemptions: BTreeMap<EntryNo, Redemption>,
    redemptions_hash: SetHash,
    pools: Vec<Pool>,
    pools_hash: SetHash,
    rows: Rows<Row>,
    /// One column of person keys for each unique field.
    keys: Vec<Rows<PersonKey>>,
    entries_hash: SetHash,
    by_request: Table,
    by_key: Vec<Table>,
    pub(crate) draws: Vec<Draw>,
    /// What draws know of each entry; no rows where the campaign does not draw.
    lots: Rows<Lot>,
    /// Entries among the winners of a draw that is not published, which the lots say, too.
    hidden: Vec<EntryNo>,
    groups: Groups,
}

impl Campaign {
    pub(crate) fn new(no: CampaignNo, definition: Definition, series: Option<usize>) -> Self {
        let mut campaign = Self::without_pools(no, definition, series);
        for stock in &Arc::clone(&campaign.definition).stock {
            let place = PoolPlace { outlet: stock.outlet, item: stock.item, slot: stock.slot };
            campaign.push_pool(Pool::new(place, u64::from(stock.units)));
        }
        campaign
    }

    pub(crate) fn without_pools(
        no: CampaignNo,
        definition: Definition,
        series: Option<usize>,
    ) -> Self {
        let fields = definition.unique_fields().count();
        assert!((1..=limits::UNIQUE_FIELDS_MAX).contains(&fields), "the definition was checked");
        let json = serde_json::to_vec(&definition).expect("definitions have only string keys");
        let marks = Marks { cap: definition.register.cap, ..Marks::default() };
        Self {
            no,
            definition_hash: mix::bytes(11, &json),
            definition: Arc::new(definition),
            series,
            marks,
            lists: BTreeMap::new(),
            redemptions: BTreeMap::new(),
            redemptions_hash: SetHash::default(),
            pools: Vec::new(),
            pools_hash: SetHash::default(),
            rows: Rows::new(),
            keys: std::iter::repeat_with(Rows::new).take(fields).collect(),
            entries_hash: SetHash::default(),
            by_request: Table::new(),
            by_key: std::iter::repeat_with(Table::new).take(fields).collect(),
            draws: Vec::new(),
            lots: Rows::new(),
            hidden: Vec::new(),
            groups: Groups::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn no(&self) -> CampaignNo {
        self.no
    }

    /// Its definition.
    #[must_use]
    pub const fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// What operators did to it.
    #[must_use]
    pub const fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Its pools, by number.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// Entries ever accepted.
    #[must_use]
    pub fn entries_len(&self) -> u32 {
        u32::try_from(self.rows.len()).expect("ENTRIES_MAX is below 2^32")
    }

    /// People on one of its lists.
    #[must_use]
    pub fn list_len(&self, list: ListKind, field: u8) -> usize {
        self.lists.get(&(list, field)).map_or(0, PeopleList::len)
    }

    /// The person keys on one of its lists, in the order in which they came.
    pub fn list_keys(&self, list: ListKind, field: u8) -> impl Iterator<Item = PersonKey> {
        self.lists.get(&(list, field)).into_iter().flat_map(PeopleList::keys)
    }

    pub(crate) fn has_listed_people(&self) -> bool {
        self.lists.values().any(|people| 0 < people.len())
    }

    pub(crate) fn has_reserved_people(&self) -> bool {
        let mut people = self.lists.iter();
        people.any(|((list, _), people)| matches!(list, ListKind::Reserved(_)) && 0 < people.len())
    }

    /// Who handed an entry's units out.
    #[must_use]
    pub fn redemption(&self, entry: EntryNo) -> Option<&Redemption> {
        self.redemptions.get(&entry)
    }

    /// Its phase at a moment.
    #[must_use]
    pub fn phase(&self, at: Millis) -> Phase {
        phase::phase(&self.definition, &self.marks, self.entries_len(), at)
    }

    /// Whether its outcomes are visible at a moment.
    #[must_use]
    pub fn is_published(&self, at: Millis) -> bool {
        phase::is_published(&self.definition, &self.marks, at)
    }

    /// Whether what was decided of an entry is visible at a moment.
    #[must_use]
    pub fn is_told(&self, at: Millis, entry: EntryNo) -> bool {
        match self.definition.draw() {
            None => self.is_published(at),
            #[cfg(planted)]
            Some(_) if planted::is(Bug::TellEarly) && self.is_hidden(entry) => true,
            Some(_) => !self.is_open(at, entry),
        }
    }

    /// The request that made an entry.
    #[must_use]
    pub fn request_of(&self, entry: EntryNo) -> RequestId {
        self.rows.get(entry.index()).request
    }

    /// The digests of the request that made an entry.
    #[must_use]
    pub fn digests_of(&self, entry: EntryNo) -> EnterDigests {
        self.rows.get(entry.index()).digests
    }

    /// Its draws, by number from 1.
    #[must_use]
    pub fn draws(&self) -> &[Draw] {
        &self.draws
    }

    /// Its latest draw, and the number of that.
    #[must_use]
    pub fn latest_draw(&self) -> Option<(DrawNo, &Draw)> {
        let draw = self.draws.last()?;
        Some((DrawNo::from_index(self.draws.len()), draw))
    }

    /// The keys of an entry's further people, person after person.
    #[must_use]
    pub fn further_keys_of(&self, entry: EntryNo) -> &[PersonKey] {
        self.groups.keys(entry)
    }

    /// How many people made an entry together.
    #[must_use]
    pub fn people_of(&self, entry: EntryNo) -> usize {
        1 + self.further_keys_of(entry).len() / self.fields_len()
    }

    /// Draws that an entry lost, as a draw counts them.
    #[must_use]
    pub fn losses_of(&self, entry: EntryNo) -> u8 {
        self.lot(entry).losses()
    }

    /// Tickets of an entry in a draw: one, and one for each draw that it lost, as far as the
    /// campaign counts them.
    #[must_use]
    pub fn tickets_of(&self, entry: EntryNo) -> u8 {
        let most = self.definition.draw().map_or(1, |terms| terms.tickets_max);
        (1 + self.lot(entry).losses()).min(most)
    }

    /// Whether an entry is on the list of the latest draw.
    #[must_use]
    pub fn is_listed(&self, entry: EntryNo) -> bool {
        self.lot(entry).is_listed()
    }

    /// Whether an entry is among the winners of a draw that is not published: it has units, or it
    /// had been given up before, or its people cooled down.
    #[must_use]
    pub fn is_hidden(&self, entry: EntryNo) -> bool {
        self.lot(entry).is_hidden()
    }

    pub(crate) fn lot(&self, entry: EntryNo) -> Lot {
        if self.lots.len() == 0 { Lot::default() } else { *self.lots.get(entry.index()) }
    }

    pub(crate) const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// An entry's person keys, in the order of the unique fields; of a group, its first person's.
    pub fn keys_of(&self, entry: EntryNo) -> impl ExactSizeIterator<Item = PersonKey> {
        self.keys.iter().map(move |column| *column.get(entry.index()))
    }

    /// Bytes on the heap that grow with the entries: rows, keys and tables.
    #[must_use]
    pub fn entries_heap_bytes(&self) -> usize {
        self.rows.heap_bytes()
            + self.keys.iter().map(Rows::heap_bytes).sum::<usize>()
            + self.by_request.heap_bytes()
            + self.lots.heap_bytes()
            + self.by_key.iter().map(Table::heap_bytes).sum::<usize>()
    }

    pub(crate) fn row(&self, entry: EntryNo) -> Option<&Row> {
        (entry.index() < self.rows.len()).then(|| self.rows.get(entry.index()))
    }

    pub(crate) fn pool(&self, pool: PoolNo) -> &Pool {
        &self.pools[pool.index()]
    }

    pub(crate) fn fields_len(&self) -> usize {
        self.by_key.len()
    }

    /// Loads the cache lines an entry's rules will look at.
    pub(crate) fn touch(&self, request: RequestId, keys: impl Iterator<Item = PersonKey>) -> u64 {
        let tables = self.by_key.iter().zip(keys);
        let keys: u64 = tables.fold(0, |sum, (table, key)| sum ^ table.touch(key_hash(&key.0)));
        keys ^ self.by_request.touch(key_hash(&request.0))
    }

    /// The entry that a request made.
    #[must_use]
    pub fn entry_of_request(&self, request: RequestId) -> Option<EntryNo> {
        let hash = key_hash(&request.0);
        let is_it = |row: u32| self.rows.get(row as usize).request == request;
        self.by_request.find(hash, is_it).map(EntryNo)
    }

    /// The latest entry that a person made, by one unique field.
    pub(crate) fn entry_of_key(&self, field: usize, key: PersonKey) -> Option<EntryNo> {
        let column = &self.keys[field];
        let is_it = |row: u32| *column.get(row as usize) == key;
        self.by_key[field].find(key_hash(&key.0), is_it).map(EntryNo)
    }

    /// The latest entry of a person by one unique field, whether they made it or are in its group.
    pub(crate) fn latest_of_key(&self, field: usize, key: PersonKey) -> Option<EntryNo> {
        self.entry_of_key(field, key).max(self.groups.latest(field, key))
    }

    /// The latest entry by each unique field of a person with these keys.
    pub(crate) fn entries_of_keys(&self, keys: impl Iterator<Item = PersonKey>) -> EntriesBefore {
        let mut entries = [None; limits::UNIQUE_FIELDS_MAX];
        for ((field, key), entry) in keys.enumerate().zip(&mut entries) {
            *entry = self.entry_of_key(field, key);
        }
        entries
    }

    /// Changes a pool; the only way to.
    pub(crate) fn change_pool(&mut self, no: PoolNo, change: impl FnOnce(&mut Pool)) {
        let pool = &mut self.pools[no.index()];
        self.pools_hash.remove(&pool.words(no.index()));
        change(pool);
        pool.assert_balanced();
        self.pools_hash.add(&pool.words(no.index()));
    }

    pub(crate) fn push_pool(&mut self, pool: Pool) -> PoolNo {
        pool.assert_balanced();
        assert!(self.pools.len() < limits::POOLS_MAX, "the limit was checked");
        let no = PoolNo::from_index(self.pools.len());
        self.pools_hash.add(&pool.words(no.index()));
        self.pools.push(pool);
        no
    }

    /// Accepts an entry: row, keys, tables and, when booked, its pool.
    pub(crate) fn accept(
        &mut self,
        new: &NewRow,
        keys: impl Iterator<Item = PersonKey>,
        before: &EntriesBefore,
        drawn: Drawn,
    ) -> EntryNo {
        if let Some(pool) = new.pool {
            self.change_pool(pool, |pool| pool.booked += u64::from(new.units));
        }
        self.push_row(Row::new(new), keys, before, drawn)
    }

    /// Appends a row and indexes it; also how a snapshot is loaded. `before` is what
    /// `entries_of_keys` says of the keys.
    pub(crate) fn push_row(
        &mut self,
        row: Row,
        keys: impl Iterator<Item = PersonKey>,
        before: &EntriesBefore,
        drawn: Drawn,
    ) -> EntryNo {
        let entry = self.entries_len();
        assert!(entry < limits::ENTRIES_MAX, "the cap keeps entries within their limit");
        self.by_request.insert_new(key_hash(&row.request.0), entry);
        let mut count = 0;
        let columns = self.keys.iter_mut().zip(&mut self.by_key);
        for (((column, table), key), before) in columns.zip(keys).zip(before) {
            let hash = key_hash(&key.0);
            match before {
                None => table.insert_new(hash, entry),
                Some(before) => table.replace(hash, before.0, entry),
            }
            column.push(key);
            count += 1;
        }
        assert!(count == self.by_key.len(), "an entry has one key for each unique field");
        self.rows.push(row);
        if self.definition.draw().is_some() {
            self.lots.push(drawn.lot);
        }
        if drawn.lot.is_hidden() {
            self.hidden.push(EntryNo(entry));
        }
        if !drawn.further.is_empty() {
            self.push_group(EntryNo(entry), drawn.further);
        }
        let words = self.entry_words(EntryNo(entry));
        self.entries_hash.add(&words);
        EntryNo(entry)
    }

    /// Remembers the further people of an entry.
    pub(crate) fn push_group(&mut self, entry: EntryNo, keys: Vec<PersonKey>) {
        self.groups.push(entry, keys, self.by_key.len());
    }

    #[cfg(planted)]
    pub(crate) fn forget_requests(&mut self) {
        if planted::is(Bug::ForgetRequests) {
            self.by_request = Table::new();
        }
    }

    pub(crate) fn reserve_entries(&mut self, entries: usize) {
        self.by_request.reserve(entries);
        self.by_key.iter_mut().for_each(|table| table.reserve(entries));
    }

    /// Ends an entry: row, hash and, when booked, its pool.
    pub(crate) fn end(&mut self, entry: EntryNo, fate: Fate) {
        self.change_entry(entry, |campaign| campaign.rows.get_mut(entry.index()).end(fate));
        let row = self.rows.get(entry.index());
        let (decision, pool, units) = (row.decision(), row.pool(), u64::from(row.units()));
        if decision == Decision::Booked {
            let pool = pool.expect("a booked entry has a pool");
            self.change_pool(pool, |pool| match fate {
                Fate::Cancelled { .. } => pool.booked -= units,
                Fate::Redeemed { .. } => pool.redeemed += units,
                Fate::Live => unreachable!("an entry does not end by living"),
            });
        }
    }

    /// Changes what draws know of an entry; the only way to.
    pub(crate) fn change_lot(&mut self, entry: EntryNo, change: impl FnOnce(Lot) -> Lot) {
        let lot = self.lot(entry);
        let changed = change(lot);
        if lot != changed {
            self.change_entry(entry, |campaign| *campaign.lots.get_mut(entry.index()) = changed);
        }
    }

    /// Marks an entry as one of the winners of whom nobody may know.
    pub(crate) fn hide(&mut self, entry: EntryNo) {
        self.change_lot(entry, |lot| lot.hidden(true));
        self.hidden.push(entry);
    }

    /// The entries that are so marked, in their order; whoever takes them takes the marks off.
    pub(crate) fn take_hidden(&mut self) -> Vec<EntryNo> {
        let mut hidden = std::mem::take(&mut self.hidden);
        hidden.sort_unstable();
        assert!(hidden.iter().all(|entry| self.lot(*entry).is_hidden()), "as the lots say");
        hidden
    }

    pub(crate) const fn has_hidden(&self) -> bool {
        !self.hidden.is_empty()
    }

    /// Gives an entry that waits the units of a pool, or takes back what it was given: row, hash
    /// and, while it is live, the pool.
    pub(crate) fn award(&mut self, entry: EntryNo, pool: Option<PoolNo>) {
        let row = *self.rows.get(entry.index());
        assert!(!matches!(row.fate(), Fate::Redeemed { .. }), "what was handed out stays");
        self.change_entry(entry, |campaign| campaign.rows.get_mut(entry.index()).award(pool));
        if row.is_live() {
            let held = pool.or(row.pool()).expect("an award gives or takes back");
            let units = u64::from(row.units());
            self.change_pool(held, |held| match pool {
                Some(_) => held.booked += units,
                None => held.booked -= units,
            });
        }
    }

    fn change_entry(&mut self, entry: EntryNo, change: impl FnOnce(&mut Self)) {
        let words = self.entry_words(entry);
        self.entries_hash.remove(&words);
        change(self);
        let words = self.entry_words(entry);
        self.entries_hash.add(&words);
    }

    /// Remembers who handed an entry's units out.
    pub(crate) fn remember_redemption(&mut self, entry: EntryNo, redemption: Redemption) {
        let [a, b] = halves(&redemption.request.0);
        let actor = mix::bytes(13, redemption.actor.as_bytes());
        self.redemptions_hash.add(&[u64::from(entry.0), a, b, actor]);
        let before = self.redemptions.insert(entry, redemption);
        assert!(before.is_none(), "an entry is redeemed once");
    }

    pub(crate) const fn redemptions(&self) -> &BTreeMap<EntryNo, Redemption> {
        &self.redemptions
    }

    /// A row and its keys, for the hash: 7 words, 2 a key, the number with what draws know.
    fn entry_words(&self, entry: EntryNo) -> [u64; 16] {
        let mut words = [0; 16];
        words[..7].copy_from_slice(&self.rows.get(entry.index()).words());
        for (field, column) in self.keys.iter().enumerate() {
            words[7 + field * 2..9 + field * 2]
                .copy_from_slice(&halves(&column.get(entry.index()).0));
        }
        words[15] = u64::from(entry.0) | u64::from(self.lot(entry).byte()) << 32;
        words
    }

    /// The hash of the whole state of the campaign; its cost does not grow with the entries.
    pub(crate) fn hash(&self) -> u64 {
        let marks = &self.marks;
        // A flag that came later stands first: while it is not set, the word is what it was.
        let flags = [
            marks.drawing,
            marks.opened,
            marks.closed,
            marks.paused,
            marks.published,
            marks.shredded,
        ];
        let flags = flags.iter().fold(0, |bits, flag| bits << 1 | u64::from(*flag));
        let cap = marks.cap.map_or(u64::MAX, u64::from);
        let mut hash = mix::words(self.definition_hash, &[flags, cap, self.rows.len() as u64]);
        for export in &marks.exports {
            let words = [export.frame.0, export.at.0, u64::from(export.bookings)];
            hash = mix::bytes(mix::words(hash, &words), export.checksum.as_bytes());
        }
        hash = mix::words(hash, &self.pools_hash.halves());
        hash = mix::words(hash, &self.entries_hash.halves());
        for ((list, field), people) in &self.lists {
            let [low, high] = people.hash().halves();
            hash = mix::words(hash, &[list_number(*list), u64::from(*field), low, high]);
        }
        hash = mix::words(hash, &self.redemptions_hash.halves());
        if !self.groups.is_empty() {
            hash = mix::words(hash, &self.groups.hash().halves());
        }
        self.draws.iter().fold(hash, |hash, draw| draw.hash(hash))
    }

    pub(crate) fn assert_place(&self, place: Place) {
        let last = self.rows.len().checked_sub(1).map(|row| self.rows.get(row).place());
        assert!(
            last.is_none_or(|last| (last.frame, last.offset) < (place.frame, place.offset)),
            "entries come in the order of the journal"
        );
    }
}
