//! Where the node's time comes from. The sequencer reads it once a frame and stamps the frame;
//! nothing below the node reads a clock.

use std::time::{SystemTime, UNIX_EPOCH};
use types::ids::Millis;
use types::limits;

/// A source of wall-clock time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, below `limits::MOMENT_MILLIS_END`. May go back; the sequencer
    /// does not.
    fn now(&self) -> Millis;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let last = limits::MOMENT_MILLIS_END - 1;
        // A clock beyond all time would be stamped on a frame that no ledger could ever apply.
        Millis(u64::try_from(since.as_millis()).map_or(last, |millis| millis.min(last)))
    }
}
