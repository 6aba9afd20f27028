//! A pace: so many a second, in one atomic word.
//!
//! Owns: the generic cell rate algorithm (ITU-T I.371): the word is the moment at which the next
//! one is due. Never: queues, or sleeps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const SECOND_NANOS: u64 = 1_000_000_000;
/// What may come at once after a silence: a quarter of a second's worth, and at least one.
const BURST_NANOS: u64 = SECOND_NANOS / 4;

/// Lets `per_second` through, evenly, with short bursts.
#[derive(Debug)]
pub(crate) struct Pace {
    started: Instant,
    nanos_each: u64,
    due_nanos: AtomicU64,
}

impl Pace {
    /// A pace of 1 or more a second.
    pub(crate) fn new(per_second: u32) -> Self {
        assert!(per_second >= 1, "a definition's pace is at least one");
        let nanos_each = SECOND_NANOS / u64::from(per_second);
        Self { started: Instant::now(), nanos_each, due_nanos: AtomicU64::new(0) }
    }

    /// Whether one more may pass now.
    pub(crate) fn admit(&self) -> bool {
        let nanos = self.started.elapsed().as_nanos();
        self.admit_at(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    fn admit_at(&self, now: u64) -> bool {
        let next = |due: u64| {
            let due = due.max(now);
            (due <= now + BURST_NANOS).then_some(due + self.nanos_each)
        };
        self.due_nanos.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_holds_over_seconds() {
        let pace = Pace::new(100);
        let admitted = (0..10_000_u64).filter(|step| pace.admit_at(step * 1_000_000)).count();
        assert!((1_000..=1_026).contains(&admitted), "10 seconds at 100 a second: {admitted}");
    }

    #[test]
    fn one_a_second_lets_the_first_one_through() {
        let pace = Pace::new(1);
        assert!(pace.admit_at(0));
        assert!(!pace.admit_at(SECOND_NANOS / 2));
        assert!(pace.admit_at(SECOND_NANOS));
    }
}
