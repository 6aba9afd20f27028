//! An entry's row: 56 bytes, packed.
//!
//! Owns: the packing. Never: a rule. The limits that make it fit are asserted on the way in, and
//! what was packed is asserted on the way out.

use crate::mix;
use types::command::EnterDigests;
use types::ids::{FrameNo, Millis, PoolNo, RequestId};
use types::limits;

const POOL_BITS: u32 = 20;
const POOL_NONE: u64 = (1 << POOL_BITS) - 1;
const OFFSET_BITS: u32 = 26;
const FRAME_MAX: u64 = 1 << (64 - OFFSET_BITS);

const _: () = assert!(limits::MOMENT_MILLIS_END <= 1 << (64 - POOL_BITS));
const _: () = assert!(limits::POOLS_MAX < POOL_NONE as usize);
const _: () = assert!(limits::FRAME_PAYLOAD_BYTES_MAX <= 1 << OFFSET_BITS);

/// What the rules decided when the entry came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It holds units.
    Booked,
    /// It holds none: no chosen pool had enough.
    SoldOut,
    /// It holds none: a success in the series was too recent.
    CoolingDown,
    /// It holds none, and takes part in draws.
    Waiting,
}

/// What became of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Live,
    /// Given up.
    Cancelled {
        /// When.
        at: Millis,
    },
    /// Handed out.
    Redeemed {
        /// When.
        at: Millis,
    },
}

/// Where a command lies in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The frame.
    pub frame: FrameNo,
    /// The record's offset in the frame's payload, in bytes.
    pub offset: u32,
}

/// One entry, packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) request: RequestId,
    pub(crate) digests: EnterDigests,
    /// 48 bits of time, 8 bits of state, 8 bits of units.
    at_state_units: u64,
    /// 44 bits of time of change, 20 bits of pool.
    changed_pool: u64,
    /// 38 bits of frame, 26 bits of offset.
    place: u64,
}

const _: () = assert!(size_of::<Row>() == 56);

/// The parts of a row that never change.
pub(crate) struct NewRow {
    pub(crate) request: RequestId,
    pub(crate) digests: EnterDigests,
    pub(crate) at: Millis,
    pub(crate) decision: Decision,
    pub(crate) pool: Option<PoolNo>,
    pub(crate) units: u8,
    pub(crate) place: Place,
}

impl Row {
    pub(crate) fn new(new: &NewRow) -> Self {
        assert!(new.at.0 < limits::MOMENT_MILLIS_END, "times lie before the year 2527");
        assert!(new.place.frame.0 < FRAME_MAX, "a journal has fewer than 2^38 frames");
        assert!(new.place.offset >> OFFSET_BITS == 0, "offsets lie within a payload");
        assert!((new.decision == Decision::Booked) == new.pool.is_some(), "bookings have a pool");
        let pool = new.pool.map_or(POOL_NONE, |pool| u64::from(pool.0));
        let row = Self {
            request: new.request,
            digests: new.digests,
            at_state_units: new.at.0 << 16
                | u64::from(code(new.decision)) << 8
                | u64::from(new.units),
            changed_pool: pool,
            place: new.place.frame.0 << OFFSET_BITS | u64::from(new.place.offset),
        };
        assert!(row.at() == new.at && row.pool() == new.pool && row.place() == new.place);
        row
    }

    pub(crate) const fn at(&self) -> Millis {
        Millis(self.at_state_units >> 16)
    }

    pub(crate) const fn units(&self) -> u8 {
        self.at_state_units as u8
    }

    pub(crate) fn decision(&self) -> Decision {
        match (self.at_state_units >> 8) & 0x0f {
            1 => Decision::Booked,
            2 => Decision::SoldOut,
            3 => Decision::CoolingDown,
            4 => Decision::Waiting,
            other => unreachable!("no row has decision {other}"),
        }
    }

    pub(crate) fn fate(&self) -> Fate {
        let at = Millis(self.changed_pool >> POOL_BITS);
        match (self.at_state_units >> 12) & 0x0f {
            0 => Fate::Live,
            1 => Fate::Cancelled { at },
            2 => Fate::Redeemed { at },
            other => unreachable!("no row has fate {other}"),
        }
    }

    /// The pool whose units it holds, or held before it was cancelled.
    pub(crate) fn pool(&self) -> Option<PoolNo> {
        let pool = self.changed_pool & POOL_NONE;
        (pool != POOL_NONE).then_some(PoolNo(pool as u32))
    }

    pub(crate) const fn place(&self) -> Place {
        Place {
            frame: FrameNo(self.place >> OFFSET_BITS),
            offset: (self.place & ((1 << OFFSET_BITS) - 1)) as u32,
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        !matches!(self.fate(), Fate::Cancelled { .. })
    }

    pub(crate) fn end(&mut self, fate: Fate) {
        assert!(self.fate() == Fate::Live, "an entry ends once");
        let (code, at) = match fate {
            Fate::Live => unreachable!("an entry does not end by living"),
            Fate::Cancelled { at } => (1, at),
            Fate::Redeemed { at } => (2, at),
        };
        assert!(at.0 < limits::MOMENT_MILLIS_END, "times lie before the year 2527");
        self.at_state_units |= code << 12;
        self.changed_pool |= at.0 << POOL_BITS;
        assert!(self.fate() == fate);
    }

    /// Units of a pool, for an entry that waits for a draw; none takes them back, of one that was
    /// cancelled since, too.
    pub(crate) fn award(&mut self, pool: Option<PoolNo>) {
        let before = if pool.is_some() { Decision::Waiting } else { Decision::Booked };
        assert!(self.decision() == before, "only who waits is awarded, and only that is undone");
        let decision = if pool.is_some() { Decision::Booked } else { Decision::Waiting };
        self.at_state_units = self.at_state_units & !0x0f00 | u64::from(code(decision)) << 8;
        let number = pool.map_or(POOL_NONE, |pool| u64::from(pool.0));
        self.changed_pool = self.changed_pool & !POOL_NONE | number;
        assert!(self.decision() == decision && self.pool() == pool, "what was packed is there");
    }

    /// The row as words, for hashing and snapshots.
    pub(crate) fn words(&self) -> [u64; 7] {
        let [a, b] = halves(&self.request.0);
        let request = u64::from_le_bytes(self.digests.request);
        let identity = u64::from_le_bytes(self.digests.identity);
        [a, b, request, identity, self.at_state_units, self.changed_pool, self.place]
    }

    /// A row from its words, unless they cannot be a row's.
    pub(crate) fn from_words(words: [u64; 7]) -> Option<Self> {
        let [a, b, request, identity, at_state_units, changed_pool, place] = words;
        let (decision, fate) = ((at_state_units >> 8) & 0x0f, (at_state_units >> 12) & 0x0f);
        let booked = decision == 1;
        let changed = changed_pool >> POOL_BITS;
        let sound = (1..=4).contains(&decision)
            && fate <= 2
            && (fate != 0 || changed == 0)
            && (fate != 2 || booked)
            && booked == (changed_pool & POOL_NONE != POOL_NONE)
            && at_state_units >> 16 < limits::MOMENT_MILLIS_END;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&a.to_le_bytes());
        id[8..].copy_from_slice(&b.to_le_bytes());
        sound.then_some(Self {
            request: RequestId(id),
            digests: EnterDigests {
                request: request.to_le_bytes(),
                identity: identity.to_le_bytes(),
            },
            at_state_units,
            changed_pool,
            place,
        })
    }
}

/// A decision as the low 4 bits of a row's state; the high ones are the fate, 0 at first.
const fn code(decision: Decision) -> u8 {
    match decision {
        Decision::Booked => 1,
        Decision::SoldOut => 2,
        Decision::CoolingDown => 3,
        Decision::Waiting => 4,
    }
}

/// 16 bytes as two words.
pub(crate) const fn halves(bytes: &[u8; 16]) -> [u64; 2] {
    let (words, _) = bytes.as_chunks::<8>();
    [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
}

/// The hash under which a table keeps a 16-byte key. The keys are keyed hashes already; folding
/// keeps a client who picks request ids from picking buckets as well.
pub(crate) fn key_hash(key: &[u8; 16]) -> u64 {
    mix::words(3, &halves(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(decision: Decision, pool: Option<PoolNo>) -> Row {
        Row::new(&NewRow {
            request: RequestId([7; 16]),
            digests: EnterDigests { request: [1; 8], identity: [2; 8] },
            at: Millis(1_580_486_400_123),
            decision,
            pool,
            units: 5,
            place: Place { frame: FrameNo(123_456_789), offset: 64 << 20 >> 1 },
        })
    }

    #[test]
    fn a_row_gives_back_what_it_was_given() {
        let mut booked = row(Decision::Booked, Some(PoolNo(999_999)));
        assert_eq!((booked.units(), booked.decision()), (5, Decision::Booked));
        assert_eq!(booked.fate(), Fate::Live);
        booked.end(Fate::Redeemed { at: Millis(1_580_500_000_001) });
        assert_eq!(booked.fate(), Fate::Redeemed { at: Millis(1_580_500_000_001) });
        assert_eq!(booked.pool(), Some(PoolNo(999_999)));
        assert_eq!(Row::from_words(booked.words()), Some(booked));
    }

    #[test]
    fn words_that_cannot_be_a_row_are_refused() {
        let mut words = row(Decision::SoldOut, None).words();
        words[4] |= 0x0f << 12;
        assert_eq!(Row::from_words(words), None);
        // Handed out, and nothing was booked.
        let mut words = row(Decision::SoldOut, None).words();
        words[4] |= 2 << 12;
        assert_eq!(Row::from_words(words), None);
        // Nothing became of it, and yet there is a time when it did.
        let mut words = row(Decision::Booked, Some(PoolNo(1))).words();
        words[5] |= 1 << POOL_BITS;
        assert_eq!(Row::from_words(words), None);
        // The last moment there is, and the one after it.
        let mut words = row(Decision::SoldOut, None).words();
        words[4] = (limits::MOMENT_MILLIS_END - 1) << 16 | words[4] & 0xffff;
        assert_eq!(Row::from_words(words).map(|row| row.words()), Some(words));
        words[4] = limits::MOMENT_MILLIS_END << 16 | words[4] & 0xffff;
        assert_eq!(Row::from_words(words), None);
    }

    #[test]
    fn each_decision_is_told_from_the_others_before_and_after_the_end() {
        for (decision, pool) in [
            (Decision::Booked, Some(PoolNo(0))),
            (Decision::SoldOut, None),
            (Decision::CoolingDown, None),
            (Decision::Waiting, None),
        ] {
            let mut row = row(decision, pool);
            assert!(row.is_live());
            row.end(Fate::Cancelled { at: Millis(1_580_500_000_001) });
            assert!(!row.is_live());
            assert_eq!((row.decision(), row.pool()), (decision, pool));
            assert_eq!(row.at(), Millis(1_580_486_400_123));
            assert_eq!(Row::from_words(row.words()), Some(row));
        }
    }

    #[test]
    fn an_award_is_kept_and_undone() {
        let mut row = row(Decision::Waiting, None);
        let before = row;
        row.award(Some(PoolNo(999_999)));
        assert_eq!((row.decision(), row.pool()), (Decision::Booked, Some(PoolNo(999_999))));
        assert_eq!((row.at(), row.units(), row.place()), (before.at(), 5, before.place()));
        assert_eq!(Row::from_words(row.words()), Some(row));
        row.end(Fate::Cancelled { at: Millis(1_580_500_000_001) });
        row.award(None);
        assert_eq!((row.decision(), row.pool()), (Decision::Waiting, None));
        assert_eq!(row.fate(), Fate::Cancelled { at: Millis(1_580_500_000_001) });
    }

    #[test]
    fn keys_that_differ_are_spread() {
        let keys = (0..1_000_u128).map(|key| key_hash(&key.to_le_bytes()));
        assert_eq!(keys.collect::<std::collections::BTreeSet<_>>().len(), 1_000);
    }
}
