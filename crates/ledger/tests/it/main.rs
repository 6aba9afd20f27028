//! The ledger through its own doors, where the rules' oracle does not go.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod actions;
mod draws;
mod older;
mod snapshots;
mod stock;
mod support;
