//! The files that go back to the outlets: who comes for what, where and when.
//!
//! Owns: the columns, the order of the rows, CSV and XLSX, the archive with its index, checksums,
//! and what "changed since the last time" means. Never: reads a ledger, a journal, a key or a
//! clock; the caller brings compact references in order and opens the people one by one.
//! Invariants: memory grows neither with the rows nor with their texts; a CSV cell that a
//! spreadsheet could take for a formula is made plain text.
//! On failure: the file written so far is incomplete and must be thrown away.

mod archive;
mod booking;
mod cells;
mod columns;
mod error;
mod export;
mod output;
mod room;
mod tables;

pub use booking::{Booking, Change, Fate, Mark};
pub use error::HandoverError;
pub use export::{Bookings, Format, Layout, People, Request, Summary, export};
