//! The program itself, as its own process on a real disk.
#![allow(clippy::unwrap_used, missing_docs)]

mod account;
mod audit;
mod campaign_draw;
mod commands;
mod demo;
mod disk_full;
mod downloads;
mod draw;
mod flood;
mod killed;
mod overload;
mod read_only;
mod refusals;
mod silent;
mod snapshots;
mod support;
mod suspended;
