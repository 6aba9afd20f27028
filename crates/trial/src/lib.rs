//! Trials of the real program, as a child process on a real disk.
//!
//! Owns: starting and ending it, clients that record every acknowledgement, and what those
//! records must satisfy. Never: links the program, or anything of it that decides (what the journal
//! comes to, the auditor says); retries what a person would not; ends a process that it did not
//! start.
//! Invariants: the same seed asks for the same and kills at the same counts; what the machine
//! makes of it differs from run to run, and the checks hold for all of that.
//! On failure: what was promised and not kept is a problem in the records, with its request.

pub mod batch;
pub mod change;
pub mod check;
pub mod enclosure;
pub mod error;
pub mod export;
pub mod kill;
pub mod load;
pub mod look;
pub mod operators;
pub mod overload;
pub mod people;
pub mod record;
pub mod silence;
pub mod site;

pub use enclosure::Enclosure;
pub use error::TrialError;
pub use record::Records;
pub use site::{Node, Site};
