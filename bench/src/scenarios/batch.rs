//! Durable entries from a trusted front end, many in a request.

use super::HttpSubject;
use crate::requests::{Batches, Expected};
use crate::results::Card;
use crate::session::Session;
use crate::table::count;
use crate::tidegate::{MEASURED, Tidegate};
use anyhow::Result;

const CARD: Card = Card {
    scenario: "batch",
    subject: "tidegate",
    state_machine: "as with single entries; each entry decided and answered by itself",
    payload: "1,000 entries of about 205 bytes in a request; an answer for each",
    left_out: "TLS",
};
/// Every entry of a batch is decided by itself; one that is not booked spoils the whole answer.
pub const EXPECTED: Expected = Expected { status: 200, booked: ENTRIES as usize };
/// Entries in one request.
pub const ENTRIES: u64 = types::limits::BATCH_ENTRIES_MAX as u64;

/// Measures batches on few connections.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let tidegate = Tidegate::start(session, "batch")?;
    tidegate.open(MEASURED)?;
    let batches = Batches::new(MEASURED.code, tidegate.address, &tidegate.token, ENTRIES, 0);
    let mut subject = HttpSubject::new(CARD, tidegate.address, batches, EXPECTED, ENTRIES);
    let connections: &[usize] = if session.quick { &[4] } else { &[1, 4, 16] };
    let mut best = 0.0_f64;
    for connections in connections {
        let plan = session.closed(*connections);
        let row = session.row(&mut subject, &plan)?;
        best = best.max(row.per_second.median * ENTRIES as f64);
    }
    let found = format!("{} a second", count(best));
    session.target("batch ≥ 1,000,000 durable entries/s", found, 1e6 <= best);
    tidegate.stop()
}
