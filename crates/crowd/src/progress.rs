//! How a run is going, for whoever watches it from another thread.
//!
//! Owns: counters and latencies that one thread adds to and others read. Never: holds a run up;
//! the latencies come over ten times a second. Invariants: counters only grow.

use crate::load::{Latency, LatencySummary};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use types::outcome;

/// Every answer a crowd tells apart: the codes of the rules, then those of the gate and of its own.
pub const CODES: [&str; outcome::CODES.len() + OTHERS.len()] = {
    let mut codes = ["other"; outcome::CODES.len() + OTHERS.len()];
    let (rules, others) = codes.split_at_mut(outcome::CODES.len());
    rules.copy_from_slice(&outcome::CODES);
    others.copy_from_slice(&OTHERS);
    codes
};

/// What the gate says, and last what only a crowd knows.
const OTHERS: [&str; 38] = [
    "invalid-field",
    "no-receipt-yet",
    "no-receipt",
    "no-promise",
    "draw-unreadable",
    "no-such-page",
    "method-not-allowed",
    "malformed-request",
    "malformed-json",
    "malformed-form",
    "unsupported-media-type",
    "unsupported-content-encoding",
    "unsupported-transfer-encoding",
    "invalid-host",
    "idempotency-key-missing",
    "invalid-idempotency-key",
    "body-too-large",
    "body-too-slow",
    "body-broken-off",
    "batch-too-large",
    "token-missing",
    "token-refused",
    "role-not-allowed",
    "tokens-unreadable",
    "slow-down",
    "too-many-connections",
    "overloaded",
    "starting",
    "shutting-down",
    "journal-full",
    "keys-missing",
    "failed",
    "not-ready",
    "page",
    "look-up",
    "connection-lost",
    "unreadable",
    "other",
];

/// One of [`CODES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u8);

impl Code {
    /// A page was read.
    pub(crate) const PAGE: Self = Self::known("page");
    /// A result was read.
    pub(crate) const LOOK_UP: Self = Self::known("look-up");
    /// An answer without an outcome.
    pub(crate) const UNREADABLE: Self = Self::known("unreadable");
    /// No answer: the outcome is unknown.
    pub(crate) const LOST: Self = Self::known("connection-lost");

    /// The place of a code of [`CODES`], found while compiling.
    const fn known(code: &str) -> Self {
        let mut place = 0;
        while !is_same(CODES[place].as_bytes(), code.as_bytes()) {
            place += 1;
        }
        Self(place as u8)
    }

    /// The outcome with this code; `other` for one that a crowd does not know.
    #[must_use]
    pub fn of(code: &str) -> Self {
        let place = CODES.iter().position(|known| *known == code);
        Self(place.unwrap_or(CODES.len() - 1) as u8)
    }

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        CODES[self.0 as usize]
    }
}

/// Counters of a run under way.
#[derive(Debug)]
pub struct Progress {
    sent: AtomicU64,
    answered: AtomicU64,
    lost: AtomicU64,
    people: AtomicU64,
    outcomes: [AtomicU64; CODES.len()],
    latency: Mutex<Latency>,
    begun: AtomicBool,
    stopped: AtomicBool,
}

/// A moment of a [`Progress`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Requests sent.
    pub sent: u64,
    /// Answers received.
    pub answered: u64,
    /// Connections that ended before their answer.
    pub lost: u64,
    /// People who have done all they came for.
    pub people: u64,
    /// Answers by outcome code, those that came at least once, in the order of [`CODES`].
    pub outcomes: Vec<(&'static str, u64)>,
    /// Latencies of all answers so far.
    pub latency: LatencySummary,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            sent: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            people: AtomicU64::new(0),
            outcomes: [const { AtomicU64::new(0) }; CODES.len()],
            latency: Mutex::new(Latency::default()),
            begun: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }
}

impl Progress {
    /// Asks the run to send nothing more, to await what is under way, and to end.
    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    /// Whether the run was asked to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// Whether all connections of the run are open; from then on, one that breaks is opened again.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.load(Relaxed)
    }

    pub(crate) fn begin(&self) {
        self.begun.store(true, Relaxed);
    }

    /// The counters as they are now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let counted = CODES.iter().zip(&self.outcomes);
        let outcomes = counted.map(|(code, count)| (*code, count.load(Relaxed)));
        let latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner).summary();
        Snapshot {
            sent: self.sent.load(Relaxed),
            answered: self.answered.load(Relaxed),
            lost: self.lost.load(Relaxed),
            people: self.people.load(Relaxed),
            outcomes: outcomes.filter(|(_, count)| *count > 0).collect(),
            latency,
        }
    }

    pub(crate) fn add_counts(&self, sent: u64, answered: u64, lost: u64) {
        self.sent.fetch_add(sent, Relaxed);
        self.answered.fetch_add(answered, Relaxed);
        self.lost.fetch_add(lost, Relaxed);
    }

    pub(crate) fn add_outcome(&self, code: Code) {
        self.outcomes[usize::from(code.0)].fetch_add(1, Relaxed);
    }

    pub(crate) fn add_person(&self) {
        self.people.fetch_add(1, Relaxed);
    }

    pub(crate) fn absorb(&self, recent: &mut Latency) {
        self.latency.lock().unwrap_or_else(PoisonError::into_inner).absorb(recent);
    }
}

const fn is_same(first: &[u8], second: &[u8]) -> bool {
    if first.len() != second.len() {
        return false;
    }
    let mut index = 0;
    while index < first.len() && first[index] == second[index] {
        index += 1;
    }
    index == first.len()
}
