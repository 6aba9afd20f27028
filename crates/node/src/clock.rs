//! Where the node's time comes from, and what is told when it goes back. The sequencer reads the
//! clock once a frame and stamps the frame; nothing below the node reads a clock.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use types::ids::Millis;
use types::limits;

/// A source of time: of the wall, and for intervals.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, below `limits::MOMENT_MILLIS_END`. May go back; the sequencer
    /// does not.
    fn now(&self) -> Millis;

    /// Since some moment in the past that stays the same. Never goes back.
    fn steady(&self) -> Duration;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        moment(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    fn steady(&self) -> Duration {
        static FIRST_ASKED: OnceLock<Instant> = OnceLock::new();
        FIRST_ASKED.get_or_init(Instant::now).elapsed()
    }
}

/// The moment so long after 1970. A clock beyond all time would be stamped on a frame that no
/// ledger could ever apply: the last moment stands for all of it.
fn moment(since: Duration) -> Millis {
    let last = limits::MOMENT_MILLIS_END - 1;
    Millis(u64::try_from(since.as_millis()).map_or(last, |millis| millis.min(last)))
}

/// Tells the log, once each time, that the clock lies before the journal's time, and that it has
/// caught up.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch {
    told: bool,
}

impl ClockWatch {
    /// The clock lies so many milliseconds before the journal's time.
    pub(crate) fn look(&mut self, behind: u64) {
        if !self.told && limits::CLOCK_BEHIND_TOLD_MILLIS <= behind {
            self.told = true;
            tracing::warn!(
                code = "clock-behind",
                behind_milliseconds = behind,
                "the clock was set back: the node's time stands still until the clock has caught up"
            );
        } else if self.told && behind == 0 {
            self.told = false;
            tracing::info!("the clock has caught up: the node's time goes on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_clock_is_told_in_milliseconds() {
        let millis = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        };
        let (before, now, after) = (millis(), SystemClock.now(), millis());
        assert!((before..=after).contains(&now.0), "{before} <= {now:?} <= {after}");
        let first = SystemClock.steady();
        assert!(first <= SystemClock.steady());
    }

    #[test]
    fn a_clock_beyond_all_time_tells_the_last_moment() {
        let last = limits::MOMENT_MILLIS_END - 1;
        for (since, told) in [(0, 0), (last - 1, last - 1), (last, last), (last + 1, last)] {
            assert_eq!(moment(Duration::from_millis(since)), Millis(told), "{since} ms");
        }
        assert_eq!(moment(Duration::MAX), Millis(last));
    }
}
