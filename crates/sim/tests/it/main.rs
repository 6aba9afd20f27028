//! The simulation's own tests, and what it found.

mod boundaries;
mod found;
mod seeds;
