//! Decisions out of bytes: how a target reads what the engine made up.
//!
//! Invariants: any bytes are decisions; when they have run out, all that follows is 0.

/// What is left of the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bites<'a>(pub &'a [u8]);

impl<'a> Bites<'a> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// The next two bytes.
    pub fn short(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// The next bytes, so many or as many as there are.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
