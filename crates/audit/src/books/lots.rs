//! What a draw needs of entries: what each chose, who else is in it, and where it stands.
//!
//! Owns: a lot for every entry of a campaign that draws, and the people whom an entry brings
//! beside the first. Never: decides; a campaign without draws has nothing here.
//! Invariants: lots are numbered as entries are; a person's latest entry by these tables is the
//! latest in which they came as a further one.
//! On failure: panics; callers ask for entries that there are.

use super::people::{Key, hash, put};
use super::rows::Rows;
use hashbrown::HashTable;
use types::ids::{EntryNo, PersonKey, PoolNo};
use types::limits::CHOICES_MAX;

/// By `docs/rules.md`: what was lost before counts no more than this.
pub(super) const LOSSES_MAX: u8 = 31;
const NO_POOL: u32 = u32::MAX;

/// An entry in a draw, in 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lot {
    choices: [u32; CHOICES_MAX],
    /// Of the further people, the first one's seat.
    seats_at: u32,
    /// Further people.
    seats: u8,
    /// Draws lost, but for the latest.
    pub(super) losses: u8,
    /// Whether any place will do.
    pub(super) any: bool,
    /// On the list of the latest draw.
    pub(super) listed: bool,
    /// Among the winners, with units or without, and that is not published.
    pub(super) hidden: bool,
}

impl Lot {
    pub(super) fn new(choices: impl Iterator<Item = PoolNo>, any: bool, losses: u8) -> Self {
        let mut chosen = [NO_POOL; CHOICES_MAX];
        chosen.iter_mut().zip(choices).for_each(|(chosen, choice)| *chosen = choice.0);
        Self { choices: chosen, seats_at: 0, seats: 0, losses, any, listed: false, hidden: false }
    }

    /// The pools that it chose.
    pub(super) fn choices(&self) -> impl Iterator<Item = PoolNo> {
        self.choices.into_iter().filter(|pool| *pool != NO_POOL).map(PoolNo)
    }
}

/// The lots of a campaign.
#[derive(Debug)]
pub(super) struct Lots {
    lots: Rows<Lot>,
    /// A column of keys for each unique field, a row for each further person.
    keys: Vec<Rows<Key>>,
    entry_of: Rows<u32>,
    /// By unique field, a person's latest seat.
    by_key: Vec<HashTable<u32>>,
}

impl Lots {
    pub(super) fn new(fields: usize) -> Self {
        Self {
            lots: Rows::new(),
            keys: std::iter::repeat_with(Rows::new).take(fields).collect(),
            entry_of: Rows::new(),
            by_key: std::iter::repeat_with(HashTable::new).take(fields).collect(),
        }
    }

    /// Takes the next entry, with the keys of its further people, person after person.
    pub(super) fn push(&mut self, mut lot: Lot, further: impl Iterator<Item = PersonKey>) {
        let entry = u32::try_from(self.lots.len()).expect("an entry's number is 32 bits wide");
        let first = self.entry_of.len();
        let mut field = 0;
        for key in further {
            if field == 0 {
                self.entry_of.push(entry);
            }
            let seat = u32::try_from(self.entry_of.len() - 1).expect("seats are 32 bits wide");
            let (column, table) = (&mut self.keys[field], &mut self.by_key[field]);
            column.push(key.0);
            put(table, &key.0, seat, |row| column.get(row as usize));
            field = (field + 1) % self.keys.len();
        }
        assert!(field == 0, "as many keys of each person");
        lot.seats_at = u32::try_from(first).expect("seats are 32 bits wide");
        lot.seats =
            u8::try_from(self.entry_of.len() - first).expect("at most seven further people");
        self.lots.push(lot);
    }

    pub(super) fn get(&self, entry: EntryNo) -> &Lot {
        self.lots.get(entry.index())
    }

    pub(super) fn get_mut(&mut self, entry: EntryNo) -> &mut Lot {
        self.lots.get_mut(entry.index())
    }

    /// People in an entry beside the first.
    pub(super) fn further_len(&self, entry: EntryNo) -> u8 {
        self.get(entry).seats
    }

    /// The key of a further person, from 1.
    pub(super) fn key(&self, field: usize, entry: EntryNo, person: u8) -> &Key {
        let lot = self.get(entry);
        assert!(1 <= person && person <= lot.seats, "it is one of the entry's people");
        self.keys[field].get((lot.seats_at + u32::from(person) - 1) as usize)
    }

    /// The latest entry in which a person is a further one.
    pub(super) fn entry_of_person(&self, field: usize, key: &Key) -> Option<EntryNo> {
        let is_it = |seat: &u32| self.keys[field].get(*seat as usize) == key;
        let seat = self.by_key.get(field)?.find(hash(key), is_it)?;
        Some(EntryNo(*self.entry_of.get(*seat as usize)))
    }

    /// Different further people by one unique field whom a test does not count already.
    pub(super) fn further_persons(&self, field: usize, is_known: impl Fn(&Key) -> bool) -> u64 {
        let column = &self.keys[field];
        let seats = self.by_key[field].iter();
        seats.filter(|seat| !is_known(column.get(**seat as usize))).count() as u64
    }
}
