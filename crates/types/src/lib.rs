//! Tidegate's words as Rust types: ids, campaign definitions, commands, outcomes, limits.
//!
//! Owns: the vocabulary every crate shares and the byte encoding of commands. Never: a rule,
//! a clock, IO, or a type that only one crate needs.

pub mod ids;
pub mod limits;
