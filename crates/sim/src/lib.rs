//! Whole nodes on a simulated disk and clock, with faults: the proof that nothing is lost.
//!
//! Owns: the clock, the people, the scheduler, the checks of every promise of
//! `docs/safety.md`, and the shrinking of a run that broke one. Never: a thread, a real file, a
//! real clock, or chance that does not come from the seed.
//! Invariants: the same seed gives the same run, to the byte, in every build.

mod audited;
pub mod boundaries;
mod checks;
mod clock;
mod frames;
mod oracle;
mod people;
mod plan;
mod run;
mod world;

pub use clock::SimClock;
pub use plan::{ACTS, Act, Plan, STEPS_MAX};
pub use run::{Found, is_alike, is_under_way, run, shrink};
pub use world::{Tally, Violation};
