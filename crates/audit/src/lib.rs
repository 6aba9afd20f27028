//! The auditor: a second pair of eyes on a journal and on what people were told.
//!
//! Owns: a reader of segments, a decoder of records and a bookkeeper, each written from
//! `docs/format.md` and `docs/rules.md` alone. Never: uses code that it checks (journal, node,
//! ledger, model; the decoding of commands, the check of definitions and the calendar's arithmetic
//! in `types`); writes; reads a clock.
//! Shares with the engine: of `types` the data alone, which are ids with their turning into numbers
//! and back, the fields of definitions and actions, the names of outcomes, and the numbers in
//! `limits`; a test lists every type and every method, one by one. A wrong number among the limits
//! is wrong on both sides, and not found here. Of outside libraries, SHA-256 and the grammar of
//! JSON.
//! Invariants: the same journal and the same claims give the same findings, in the same order;
//! memory grows by about a hundred bytes an entry, and besides with what the journal brings into
//! being: definitions, pools, people on lists (up to `LIST_KEYS_MAX` a list, 16 bytes each and
//! their place in a table), redemptions and who made them, and successes across a series. What is
//! refused, and ticks, cost none.
//! On failure: what cannot be read is an error; what is wrong is a finding, and the audit goes on.
//!
//! ```
//! use audit::{Books, Claim, Ending, Reader};
//! use std::collections::BTreeMap;
//!
//! # fn claimed() -> Option<Claim> { None }
//! // Segments by name, from memory; `audit::journal::Folders` reads files.
//! let segments: BTreeMap<String, Vec<u8>> = BTreeMap::new();
//! let (mut reader, mut books) = (Reader::new(&segments, None), Books::new());
//! while let Some(frame) = reader.next_frame()? {
//!     // What somebody claims that each command came to; none where nobody does.
//!     let claims = |_place, _command: &audit::Command<'_>| claimed();
//!     books.take_frame((frame.no, frame.at), frame.commands, frame.payload, claims);
//! }
//! books.close();
//! assert!(matches!(reader.end().unwrap().ending, Ending::Damaged(_)), "there is no segment");
//! assert_eq!(books.findings(), []);
//! # Ok::<_, audit::journal::ReadError>(())
//! ```

pub mod books;
pub mod claim;
mod hash;
pub mod journal;
pub mod record;
pub mod snapshot;

pub use books::{Books, Finding, Kind, Place};
pub use claim::{Claim, Refused};
pub use hash::Hash;
pub use journal::{End, Ending, Frame, Reader};
pub use record::Command;
