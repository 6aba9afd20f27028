//! Tidegate measured side by side with a server that does nothing, and with its peers.
//!
//! Owns: what is measured, in which order, and how it is written down. Never: changes a target to
//! fit a figure; measures two things at once.
//! Invariants: every server is a process of its own on loopback, ended by its id; every row has a
//! pair in the same run; what was left out is named.

#![allow(clippy::print_stdout, reason = "a benchmark talks on the terminal")]

pub mod arguments;
pub mod machine;
pub mod method;
pub mod peers;
pub mod process;
pub mod requests;
pub mod results;
pub mod scenarios;
pub mod session;
pub mod table;
pub mod tidegate;
pub mod watchers;
