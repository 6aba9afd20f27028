//! The rules by example, the generator's reach, and the ledger against the model.

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, as it should")]

mod compared;
mod coverage;
mod desk;
mod entering;
mod equivalence;
mod held_back;
mod operating;
mod recorded;
mod redeeming;
mod registered;
