//! The journal's tests: providers, crashes, damage, folders, snapshots, golden files.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod archive;
mod bits;
mod busy;
mod calls;
mod crash;
mod damage;
mod directed;
mod embedded;
mod faults;
mod folder;
mod golden;
mod order;
mod provider;
mod reading;
mod room;
mod snapshot;
mod support;
