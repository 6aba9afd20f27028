//! What a connection is doing, in one word that costs a request no clock and no timer.
//!
//! Owns: the idle, head and busy phases and the watch over them. Never: touches the socket.
//! Invariants: the word changes with every change of phase, so two equal looks at it mean that
//! nothing happened in between.
//!
//! Why not hyper's own header timer: it is made and dropped anew for every request, and it counts
//! a kept-alive connection's silence as a slow header.

use crate::config::ConnectionLimits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

const PHASE_BITS: u64 = 0b11;
const IDLE: u64 = 0;
const HEAD: u64 = 1;
const BUSY: u64 = 2;
const STEP: u64 = 4;

/// Looks in the time a phase may last: a phase ends at most a quarter late.
const LOOKS: u32 = 4;

/// A connection's phase and how often it changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity(Arc<AtomicU64>);

impl Activity {
    /// Bytes arrived: of a head, if the connection was idle.
    pub(crate) fn received(&self) {
        let word = self.0.load(Ordering::Relaxed);
        if word & PHASE_BITS == IDLE {
            self.0.store((word + STEP) | HEAD, Ordering::Relaxed);
        }
    }

    /// A whole head arrived; busy until the guard is dropped.
    pub(crate) fn begin(&self) -> BusyGuard {
        self.enter(BUSY);
        BusyGuard(self.clone())
    }

    fn enter(&self, phase: u64) {
        let word = self.0.load(Ordering::Relaxed);
        self.0.store(((word + STEP) & !PHASE_BITS) | phase, Ordering::Relaxed);
    }

    fn word(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Keeps a connection busy while it lives.
#[derive(Debug)]
pub struct BusyGuard(Activity);

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.enter(IDLE);
    }
}

/// Tells when a connection has been in one phase for too long.
pub(crate) struct Watch {
    activity: Activity,
    head_time: Duration,
    idle_time: Duration,
    word: u64,
    since: Instant,
}

impl Watch {
    pub(crate) fn new(activity: Activity, limits: &ConnectionLimits, now: Instant) -> Self {
        let word = activity.word();
        let (head_time, idle_time) = (limits.header_time, limits.idle_time);
        Self { activity, head_time, idle_time, word, since: now }
    }

    /// When to look next.
    pub(crate) fn next_look(&self, now: Instant) -> Instant {
        now + self.head_time.min(self.idle_time) / LOOKS
    }

    /// Whether the connection is to be closed.
    /// In a crowd, a kept-alive connection has no longer than a head: somebody else needs it.
    pub(crate) fn is_stalled(&mut self, now: Instant, is_crowded: bool) -> bool {
        let word = self.activity.word();
        if word != self.word {
            self.word = word;
            self.since = now;
            return false;
        }
        let limit = match word & PHASE_BITS {
            // A connection that never sent a byte is a slow head, not a kept-alive one.
            IDLE if word != 0 && !is_crowded => self.idle_time,
            IDLE if word != 0 => self.idle_time.min(self.head_time),
            IDLE | HEAD => self.head_time,
            _ => return false,
        };
        now.duration_since(self.since) >= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(activity: &Activity, now: Instant) -> Watch {
        let limits = ConnectionLimits {
            header_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(60),
            ..ConnectionLimits::default()
        };
        Watch::new(activity.clone(), &limits, now)
    }

    #[test]
    fn a_dripping_head_is_stalled() {
        let (activity, start) = (Activity::default(), Instant::now());
        let mut watch = watch(&activity, start);
        activity.received();
        assert!(!watch.is_stalled(start + Duration::from_secs(1), false));
        activity.received();
        assert!(!watch.is_stalled(start + Duration::from_secs(10), false));
        assert!(watch.is_stalled(start + Duration::from_secs(11), false));
    }

    #[test]
    fn silence_before_the_first_byte_counts_as_head_and_later_as_idle() {
        let (activity, start) = (Activity::default(), Instant::now());
        let mut watch = watch(&activity, start);
        assert!(watch.is_stalled(start + Duration::from_secs(10), false));
        drop(activity.begin());
        assert!(!watch.is_stalled(start + Duration::from_secs(11), false));
        assert!(!watch.is_stalled(start + Duration::from_secs(70), false));
        assert!(watch.is_stalled(start + Duration::from_secs(71), false));
    }

    #[test]
    fn a_busy_connection_is_never_stalled() {
        let (activity, start) = (Activity::default(), Instant::now());
        let mut watch = watch(&activity, start);
        let guard = activity.begin();
        assert!(!watch.is_stalled(start, false));
        assert!(!watch.is_stalled(start + Duration::from_secs(3_600), false));
        drop(guard);
        assert!(!watch.is_stalled(start + Duration::from_secs(3_601), false));
    }

    #[test]
    fn silence_in_a_crowd_counts_as_a_slow_head() {
        let (activity, start) = (Activity::default(), Instant::now());
        let mut watch = watch(&activity, start);
        drop(activity.begin());
        assert!(!watch.is_stalled(start, true));
        assert!(!watch.is_stalled(start + Duration::from_secs(9), true));
        assert!(!watch.is_stalled(start + Duration::from_secs(10), false));
        assert!(watch.is_stalled(start + Duration::from_secs(10), true));
    }
}
