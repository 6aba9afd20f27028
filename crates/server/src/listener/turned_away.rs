//! What anybody can cause, told now and then.
//!
//! Owns: the count since the log heard of it. Never: keeps whom it counts.
//! Invariants: the log hears at most once in [`TOLD_EVERY`], however many come: a flood must not
//! become a flood of lines.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How often the log tells of one kind of those who are turned away, at most.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// Those who were turned away since the log told of them.
#[derive(Debug, Default)]
pub(crate) struct TurnedAway(Mutex<Untold>);

#[derive(Debug, Default)]
struct Untold {
    count: u64,
    told: Option<Instant>,
}

impl TurnedAway {
    /// One more; when the log is due to hear of them, how many they are by now.
    pub(crate) fn one(&self, now: Instant) -> Option<u64> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.count += 1;
        if untold.told.is_some_and(|told| now < told + TOLD_EVERY) {
            return None;
        }
        let count = untold.count;
        *untold = Untold { count: 0, told: Some(now) };
        Some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_in_few_lines_and_whole() {
        let (away, start) = (TurnedAway::default(), Instant::now());
        assert_eq!(away.one(start), Some(1));
        for _ in 0..999 {
            assert_eq!(away.one(start + TOLD_EVERY / 2), None);
        }
        assert_eq!(away.one(start + TOLD_EVERY), Some(1_000));
        assert_eq!(away.one(start + TOLD_EVERY), None);
    }
}
