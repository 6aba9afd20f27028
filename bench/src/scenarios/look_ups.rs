//! The stampede at publication: everybody asks for their result at once.

use super::HttpSubject;
use crate::requests::{Entries, Expected, Finds, Receipts, fill};
use crate::results::Card;
use crate::session::Session;
use crate::tidegate::{HELD, Tidegate};
use anyhow::Result;

const BY_RECEIPT: Card = Card {
    scenario: "look-ups",
    subject: "tidegate, by receipt",
    state_machine: "the receipt is opened, the entry read from the ledger",
    payload: "a GET; the result of an entry",
    left_out: "TLS",
};
const BY_IDENTITY: Card = Card {
    subject: "tidegate, by identity",
    state_machine: "all identity fields are checked and keyed, the entry found in the ledger",
    payload: "a POST with three identity fields; the result of an entry",
    ..BY_RECEIPT
};

/// Fills a campaign, publishes it, and measures both ways of looking up.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let people = if session.quick { 2_000 } else { 200_000 };
    let tidegate = Tidegate::start(session, "look-ups")?;
    tidegate.open(HELD)?;
    let mut entries = Entries::new(HELD.code, tidegate.address, 0);
    let receipts = fill(tidegate.address, 64, people, &mut entries, Expected::status(202))?;
    tidegate.campaign("close", HELD.code)?;
    tidegate.campaign("publish", HELD.code)?;

    let by_receipt = Receipts::new(tidegate.address, &receipts)?;
    let by_identity = Finds::new(HELD.code, tidegate.address, people);
    let mut subjects = [
        HttpSubject::new(BY_RECEIPT, tidegate.address, by_receipt, Expected::status(200), 0),
        HttpSubject::new(BY_IDENTITY, tidegate.address, by_identity, Expected::status(200), 0),
    ];
    for subject in &mut subjects {
        let plan = session.closed(256);
        let row = session.row(subject, &plan)?;
        let wanted = format!("look-ups ≥ 0.8 × do-nothing ({})", row.card.subject);
        let found = format!("{:.2} ×", row.ratio.median);
        session.target(&wanted, found, 0.8 <= row.ratio.median);
    }
    tidegate.stop()
}
