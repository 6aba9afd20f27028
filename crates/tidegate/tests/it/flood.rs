//! Hostile clients in numbers against the real program: it serves others, stays as small as it
//! was, and gets rid of them in time.
//!
//! `cargo xtask flood` runs the same with the large amounts.

#![allow(clippy::print_stdout, reason = "a test of amounts tells how many there were")]

mod bodies;
mod clients;
mod idle;
mod malformed;
mod program;
mod slow;
mod tls;

use std::time::Duration;

/// Whether the large amounts are asked for.
fn is_large() -> bool {
    std::env::var_os("TIDEGATE_FLOOD").is_some_and(|amount| amount == "large")
}

/// How long a connection that does nothing useful may last.
const CLOSED_WITHIN: Duration = Duration::from_secs(30);
/// Before which nobody is given up.
const CLOSED_NOT_BEFORE: Duration = Duration::from_secs(5);

/// A runtime for the clients of one test.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
