//! Targets of fuzzing: every reader of bytes that come from outside, or back from a disk.
//!
//! Owns: what is done with any bytes, and what must hold whatever they are. Never: makes bytes up;
//! the engine does (`src/main.rs`), and the tests replay the corpus without one.
//! Invariants: a target says nothing, and keeps nothing but a server, which it replaces in time.
//! On failure: a panic, which is the finding.

pub mod bites;
mod campaign_file;
mod exchange;
mod frames;
mod http;
mod lots;
mod people;
mod records;
mod site;
mod snapshots;
mod tables;

/// One reader under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// The most bytes that are worth giving it.
    pub bytes_max: usize,
    /// Feeds it; panics when something does not hold.
    pub feed: fn(&[u8]),
}

const fn target(name: &'static str, bytes_max: usize, feed: fn(&[u8])) -> Target {
    Target { name, bytes_max, feed }
}

/// All of them.
pub const TARGETS: [Target; 15] = [
    target("journal", 8_192, frames::feed),
    target("snapshot", 4_096, snapshots::feed_file),
    target("ledger", 8_192, snapshots::feed_body),
    target("records", 8_192, records::feed),
    target("campaign", 4_096, campaign_file::feed),
    target("outlets", 2_048, tables::feed_outlets),
    target("stock-csv", 2_048, tables::feed_stock),
    target("stock-xlsx", 8_192, tables::feed_workbook),
    target("list", 2_048, tables::feed_list),
    target("identity", 256, people::feed_fields),
    target("codes", 128, people::feed_codes),
    target("api", 2_048, http::feed_api),
    target("operator", 4_096, http::feed_operator),
    target("form", 2_048, http::feed_form),
    target("draw", 4_096, lots::feed),
];

/// The target of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
