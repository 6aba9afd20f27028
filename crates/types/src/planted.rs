//! Bugs that can be planted, one at a time, to prove that the tests find them.
//!
//! Owns: their names, and which of them is in force. Never: part of a release: this module is there
//! only in a build with `--cfg planted`, which does not compile without debug assertions.
//! Invariants: a build for planting behaves like any other until a bug is planted.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[cfg(not(debug_assertions))]
compile_error!("a build for planting bugs is never a release: build it with debug assertions");

macro_rules! bugs {
    ($($name:ident, $word:literal, $what:literal;)*) => {
        /// A bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug {
            $(#[doc = $what] $name,)*
        }

        /// All of them, with their words and what they do.
        pub const BUGS: &[(Bug, &str, &str)] = &[$((Bug::$name, $word, $what),)*];
    };
}

bugs! {
    AckBeforeSync, "ack-before-sync", "a frame is acknowledged before it is synced";
    SkipSync, "skip-sync", "a frame is never synced";
    RetrySync, "retry-sync", "a sync that failed is tried again, and believed";
    NoFolderSync, "no-folder-sync", "a new segment's name is not synced";
    CutAtBadFrame, "cut-at-bad-frame", "the journal is cut at the first frame that is not sound";
    ForgetRequests, "forget-requests", "a snapshot forgets the request ids";
    OneTooMany, "one-too-many", "a pool gives one unit more than it has";
    HashOrder, "hash-order", "new pools are numbered in the order of a hash table";
    WallClock, "wall-clock", "an entry's time comes from a clock instead of its frame";
    EnterTwice, "enter-twice", "a person who has an entry may make another";
    ForgetSeries, "forget-series", "a booking does not count in the campaigns that follow it";
    CancelTwice, "cancel-twice", "units of a cancelled entry go back a second time";
    ReuseNumber, "reuse-number", "after a restart the last frame's number is given again";
    ReplyEarly, "reply-early", "answers are handed over before their frame is durable";
    IgnoreLink, "ignore-link", "a frame's hash of the frame before is not looked at";
    TrustCache, "trust-cache", "a restart believes that what reads well is durable";
    SwapAnswers, "swap-answers", "two requests of a frame get each other's answers";
    StaleView, "stale-view", "the gate is not told of units that were booked";
    ShutDoor, "shut-door", "a pool that has units again does not count among those that have";
    LateEntry, "late-entry", "a window takes entries in the millisecond it ends";
    TimeBack, "time-back", "a clock that goes back takes the ledger's time with it";
    LeaveOut, "leave-out", "a draw's list leaves out the first who takes part";
    AwardAnyone, "award-anyone", "whoever is named wins, on the draw's list or not";
    AwardAgain, "award-again", "winners whose part is repeated get their units again";
    TellEarly, "tell-early", "a win is told before it is published";
    VoidKeeps, "void-keeps", "a void draw keeps the units of its winners";
}

/// 0 for none, else a place in `BUGS` from 1.
static PLANTED: AtomicUsize = AtomicUsize::new(0);
static NOISE: OnceLock<fn() -> u64> = OnceLock::new();

/// Plants a bug, in the place of any other; `None` takes it away.
pub fn plant(bug: Option<Bug>) {
    let place = bug.and_then(|bug| BUGS.iter().position(|(known, ..)| *known == bug));
    PLANTED.store(place.map_or(0, |place| place + 1), Relaxed);
}

/// Whether this is the bug in force.
#[must_use]
pub fn is(bug: Bug) -> bool {
    let place = PLANTED.load(Relaxed);
    0 < place && BUGS[place - 1].0 == bug
}

/// Says where noise comes from: whoever plants has a clock, and nobody here has.
pub fn set_noise(source: fn() -> u64) {
    NOISE.get_or_init(|| source);
}

/// What no replay gives again; 0 until somebody has said where it comes from.
#[must_use]
pub fn noise() -> u64 {
    NOISE.get().map_or(0, |source| source())
}
