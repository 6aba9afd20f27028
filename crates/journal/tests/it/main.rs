//! The journal's tests: providers, crashes, damage, folders, snapshots, golden files.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod crash;
mod damage;
mod faults;
mod folder;
mod golden;
mod provider;
mod snapshot;
mod support;
