//! The program itself, as its own process on a real disk.
#![allow(clippy::unwrap_used, missing_docs)]

mod audit;
mod commands;
mod demo;
mod downloads;
mod killed;
mod refusals;
mod silent;
mod snapshots;
mod support;
