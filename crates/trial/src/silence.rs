//! How long nothing came that should: a program that hangs ends nothing by itself.
//!
//! Owns: the count that last changed, and when. Never: reads a clock, or waits.

use std::time::{Duration, Instant};

/// So long a program that lives answers at least somebody, reads at least something at its start,
/// and sends at least a part of an export; on a machine that does much else, too.
pub const SILENCE_MAX: Duration = Duration::from_secs(60);

/// A count that is looked at again and again.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    count: u64,
    since: Instant,
}

impl Silence {
    /// Nothing came before `now`.
    #[must_use]
    pub const fn new(now: Instant) -> Self {
        Self { count: 0, since: now }
    }

    /// How long the count, as it is at `now`, has been what it is.
    pub fn lasts(&mut self, count: u64, now: Instant) -> Duration {
        if count != self.count {
            *self = Self { count, since: now };
        }
        now.saturating_duration_since(self.since)
    }
}
