//! The draw that anybody can check: a sealed list, a seed that did not exist when it was sealed,
//! and a rule that fits on a page.
//!
//! Owns: entry lines, commitments, tags, the tree and its tiles, signed notes, seal, seed, draw
//! numbers, the two passes, cut-offs, proofs, the audit sample, alternates; `docs/draw-format.md`
//! has them to the byte. Never: reads or writes a file, a clock or chance; starts a thread.
//! Invariants: the same sealed files give the same winners on any machine; what is written here
//! is what is read here, to the byte, and nothing else is read.

pub mod allocate;
pub mod beacon;
pub mod event;
mod fields;
mod hash;
pub mod identity;
pub mod line;
mod name;
pub mod note;
pub mod number;
pub mod outcome;
pub mod proof;
pub mod receipt;
pub mod sample;
pub mod seal;
pub mod seed;
pub mod stock;
pub mod table;
pub mod tile;
pub mod tree;

pub use fields::FormatProblem;
pub use hash::{Digest, Fingerprint};
pub use line::{Line, LineProblem};
pub use name::{DrawName, NameProblem};
pub use stock::{BucketNo, Stock};
