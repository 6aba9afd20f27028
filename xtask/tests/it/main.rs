//! The chores' own tests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod alone;
mod examples;
mod machine;
mod pages;
mod report;
mod step;
mod tidy;
mod tools;
mod words;
