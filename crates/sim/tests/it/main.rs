//! The simulation's own tests, and what it found.

mod found;
mod seeds;
