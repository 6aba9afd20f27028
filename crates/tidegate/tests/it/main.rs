//! The program itself, as its own process on a real disk.
#![allow(clippy::unwrap_used, missing_docs)]

mod demo;
mod killed;
mod refusals;
mod silent;
mod support;
