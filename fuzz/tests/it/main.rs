//! The corpus, fed to every target without an engine.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod corpus;
mod seeds;
