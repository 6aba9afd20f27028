//! The disk's own tests: what each call does is seen through everything that runs on it; here is
//! what it tells of itself, and what a power failure leaves of its faults.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod counts;
mod restart;
mod trace;
