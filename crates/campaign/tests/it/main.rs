//! What operators' files are read as, and what is said about their mistakes.

#![allow(clippy::unwrap_used, reason = "a test may fail at any step")]

mod beside;
mod bytes;
mod codes;
mod draw;
mod examples;
mod fixture;
mod folders;
mod lists;
mod mistakes;
mod pitfalls;
mod registered;
mod syntax;
mod tables;
mod times;
mod valid;
mod workbooks;
