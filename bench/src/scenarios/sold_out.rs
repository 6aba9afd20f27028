//! The flood after the last unit: told so at the gate, without touching the journal.

use super::HttpSubject;
use crate::requests::{Entries, Expected, fill};
use crate::results::Card;
use crate::session::Session;
use crate::tidegate::{SOLD_OUT, Tidegate};
use anyhow::Result;

const CARD: Card = Card {
    scenario: "sold-out",
    subject: "tidegate",
    state_machine: "the gate's view of the stock; nothing is journalled",
    payload: "an entry of about 330 bytes with its head; a problem document",
    left_out: "TLS",
};

/// Takes the only unit, and measures what everybody else is told.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let tidegate = Tidegate::start(session, "sold-out")?;
    tidegate.open(SOLD_OUT)?;
    let mut entries = Entries::new(SOLD_OUT.code, tidegate.address, 0);
    fill(tidegate.address, 1, 1, &mut entries, Expected::status(201))?;
    let mut subject = HttpSubject::new(CARD, tidegate.address, entries, Expected::status(409), 0);
    let plan = session.closed(256);
    let row = session.row(&mut subject, &plan)?;
    let found = format!("{:.2} ×", row.ratio.median);
    session.target("sold out ≥ 0.9 × do-nothing", found, 0.9 <= row.ratio.median);
    tidegate.stop()
}
