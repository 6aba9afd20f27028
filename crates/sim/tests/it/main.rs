//! The simulation's own tests, and what it found.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod boundaries;
mod clock;
mod found;
mod seeds;
mod shrinking;
mod words;
