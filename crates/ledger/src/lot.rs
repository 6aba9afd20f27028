//! What a draw knows of an entry: a byte.
//!
//! Owns: the packing. Never: a rule. What was packed is asserted on the way out of a snapshot.

const LOSSES: u8 = 0b0001_1111;
const LISTED: u8 = 0b0010_0000;
const HIDDEN: u8 = 0b0100_0000;

/// Losses that count: each is worth a ticket, and an entry has at most `DRAW_TICKETS_MAX`.
pub(crate) const LOSSES_MAX: u8 = LOSSES;

const _: () = assert!(LOSSES_MAX + 1 == types::limits::DRAW_TICKETS_MAX);

/// Losses, and the entry's part in the latest draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lot(u8);

impl Lot {
    /// Of an entry that was never in a draw.
    pub(crate) fn new(losses: u8) -> Self {
        assert!(losses <= LOSSES_MAX, "more losses do not count");
        Self(losses)
    }

    /// A byte of a snapshot, unless it cannot be a lot's.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        let lot = Self(byte);
        let is_known = byte & !(LOSSES | LISTED | HIDDEN) == 0;
        (is_known && (lot.is_listed() || !lot.is_hidden())).then_some(lot)
    }

    pub(crate) const fn byte(self) -> u8 {
        self.0
    }

    pub(crate) const fn losses(self) -> u8 {
        self.0 & LOSSES
    }

    /// On the list of the latest draw.
    pub(crate) const fn is_listed(self) -> bool {
        self.0 & LISTED != 0
    }

    /// Among the winners, and that is not published; whether it got units says the entry.
    pub(crate) const fn is_hidden(self) -> bool {
        self.0 & HIDDEN != 0
    }

    /// With one loss more, as far as they count.
    pub(crate) fn lost(self) -> Self {
        Self(self.0 - self.losses() + (self.losses() + 1).min(LOSSES_MAX))
    }

    pub(crate) fn listed(self, listed: bool) -> Self {
        assert!(!self.is_hidden(), "a list changes when nothing is hidden");
        Self(if listed { self.0 | LISTED } else { self.0 & !LISTED })
    }

    pub(crate) fn hidden(self, hidden: bool) -> Self {
        assert!(self.is_listed(), "only who is on the list wins");
        Self(if hidden { self.0 | HIDDEN } else { self.0 & !HIDDEN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_keeps_its_parts_apart() {
        let lot = Lot::new(30).listed(true).hidden(true);
        assert_eq!((lot.losses(), lot.is_listed(), lot.is_hidden()), (30, true, true));
        let lot = lot.hidden(false).lost().lost();
        assert_eq!((lot.losses(), lot.is_listed(), lot.is_hidden()), (LOSSES_MAX, true, false));
        assert_eq!(lot.listed(false), Lot::new(LOSSES_MAX));
        assert_eq!(Lot::from_byte(lot.byte()), Some(lot));
    }

    #[test]
    fn bytes_that_cannot_be_a_lot_are_refused() {
        assert_eq!(Lot::from_byte(0x80), None);
        assert_eq!(Lot::from_byte(HIDDEN), None, "nobody wins who is not on the list");
    }
}
