//! What the files of an export say, and what they never do.

#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod archive;
mod changes;
mod fixture;
mod formats;
mod room;
