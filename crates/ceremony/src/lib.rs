//! The files of a draw, and its steps in their one order.
//!
//! Owns: a draw's folder, each step from the seal to the alternates, and the check of all of it
//! again. Never: decides anything that `draw` decides; reads a clock or makes a secret, which come
//! as arguments.
//! Invariants: a file that is there is never written over, but that a note gains a signature
//! behind the others; a step that was done is done again to the same bytes, or refused; a step that
//! was cut off begins again.
//! On failure: the error names the file and the line, and nothing that was there is changed.

mod alternates;
mod before;
mod cosign;
mod error;
mod folder;
mod left;
mod lines;
mod list;
mod log;
mod page;
mod progress;
mod prove;
mod remaining;
mod run;
mod sample;
mod seal;
mod seed;
mod sort;
mod standing;
mod step;
mod tags;
mod tiles;
mod verify;
mod void;

pub use alternates::{Alternates, alternates};
pub use before::{KnownSecret, Reached, SealBefore, Units};
pub use cosign::{Cosigned, cosign};
pub use error::CeremonyError;
pub use folder::Folder;
pub use left::left;
pub use list::digest;
pub use log::{Happened, History};
pub use page::page;
pub use progress::{Passes, whole};
pub use prove::{Proved, prove};
pub use remaining::remaining;
pub use run::{Drawn, run};
pub use sample::sample;
pub use seal::{Sealing, seal};
pub use seed::{open, seed};
pub use verify::{Against, Earlier, Signer, Verified, verify};
pub use void::void;

/// Told how far a step is: what it does, and how much of how much is done, of the whole step. That
/// never goes back, and all of it is done only when the step has ended.
pub type Progress<'a> = &'a (dyn Fn(&'static str, u64, u64) + Sync);

/// Threads that read a list together: more would wait for the memory.
const THREADS: usize = 2;
