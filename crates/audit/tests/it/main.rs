//! The auditor: its reader against the golden journal, its books against planted wrong claims.
#![allow(clippy::unwrap_used, missing_docs)]

mod books;
mod definitions;
mod drawn;
mod draws;
mod equivalence;
mod generated;
mod journal;
mod kinds;
mod records;
mod registered;
mod shared;
mod snapshot;
mod support;
