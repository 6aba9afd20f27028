//! A booking as an export remembers it until its row is written.
//!
//! Owns: the compact reference, the order of rows, and what counts as a change since a mark.
//! Never: holds a name, a number or a code.

use types::{EntryNo, FrameNo, ItemNo, Millis, OutletNo, SlotNo};

/// A booking and where its sealed people lie. At most 56 bytes, so that a million fit anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Where the units are.
    pub outlet: OutletNo,
    /// When they are handed out.
    pub slot: SlotNo,
    /// What they are.
    pub item: ItemNo,
    /// How many.
    pub units: u8,
    /// The entry.
    pub entry: EntryNo,
    /// When it was accepted.
    pub at: Millis,
    /// What became of it.
    pub fate: Fate,
    /// The frame of its record in the journal.
    pub frame: FrameNo,
    /// The record's offset in the frame's payload.
    pub offset: u32,
    /// The digest of the fields that were sealed when it was entered.
    pub identity: [u8; 8],
}

/// What became of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its units wait to be collected.
    Waiting,
    /// Its units were handed out.
    Redeemed(Millis),
    /// It was given up, and its units went back.
    Cancelled(Millis),
}

/// How far an earlier export had seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The ledger's time when that export began to look.
    pub at: Millis,
    /// Entries there were then: the next one had this number.
    pub entries: u32,
}

/// What happened to a booking since a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The earlier export could not know it.
    Added,
    /// The earlier export listed it; it was given up since.
    Cancelled,
    /// The earlier export listed it; its units were handed out since.
    Redeemed,
}

impl Change {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Cancelled => "cancelled",
            Self::Redeemed => "redeemed",
        }
    }
}

impl Booking {
    /// Whether a complete export lists it: whatever is not cancelled.
    #[must_use]
    pub const fn stands(&self) -> bool {
        !matches!(self.fate, Fate::Cancelled(_))
    }

    /// What happened to it since the mark, if anything. Something that happened in the very
    /// millisecond of the mark is told once more rather than not at all.
    #[must_use]
    pub fn change(&self, since: Mark) -> Option<Change> {
        let known = self.entry.0 < since.entries;
        match self.fate {
            Fate::Cancelled(at) => (known && at >= since.at).then_some(Change::Cancelled),
            Fate::Waiting | Fate::Redeemed(_) if !known => Some(Change::Added),
            Fate::Redeemed(at) => (at >= since.at).then_some(Change::Redeemed),
            Fate::Waiting => None,
        }
    }

    /// The order of rows: as an outlet works through them.
    #[must_use]
    pub const fn order(&self) -> (OutletNo, SlotNo, ItemNo, EntryNo) {
        (self.outlet, self.slot, self.item, self.entry)
    }
}

const _: () = assert!(size_of::<Booking>() <= 56, "a million bookings stay below 56 MB");
