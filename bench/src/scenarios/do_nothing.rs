//! The do-nothing server against itself: what remains of a ratio when nothing differs.

use crate::method::Subject;
use crate::requests::{Entries, Expected, send};
use crate::results::Card;
use crate::session::Session;
use crate::tidegate::MEASURED;
use anyhow::Result;
use crowd::Loopback;
use crowd::load::{Plan, Report};

const CARD: Card = Card {
    scenario: "do-nothing",
    subject: "do-nothing",
    state_machine: "none: the body is read and a constant is answered",
    payload: "an entry of about 330 bytes with its head; a constant answer as long as a booking",
    left_out: "JSON, rules, order, durability",
};

/// Measured twice in a row, so that the ratio shows the noise of the machine.
struct Itself {
    entries: Entries,
    address: Option<Loopback>,
}

impl Subject for Itself {
    fn card(&self) -> Card {
        CARD
    }

    fn measure_do_nothing(&mut self, address: Loopback, plan: &Plan) -> Result<Report> {
        self.address = Some(address);
        send(address, plan, &mut self.entries, Expected::status(200))
    }

    fn measure(&mut self, plan: &Plan) -> Result<Report> {
        let address = self.address.expect("a pair begins with the do-nothing server");
        send(address, plan, &mut self.entries, Expected::status(200))
    }
}

/// Measures the noise.
///
/// # Errors
/// When the server cannot be started.
pub fn run(session: &mut Session) -> Result<()> {
    let nowhere = Loopback::new(([127, 0, 0, 1], 80).into())?;
    let entries = Entries::new(MEASURED.code, nowhere, 0);
    let mut subject = Itself { entries, address: None };
    let connections: &[usize] = if session.quick { &[256] } else { &[1, 64, 256, 1_024] };
    for connections in connections {
        let plan = session.closed(*connections);
        let row = session.row(&mut subject, &plan)?;
        let generator = row.pairs.iter().map(|pair| pair.subject.generator_nanos).min();
        let what = format!("the load generator's own cost at {connections} connections:");
        let micros = generator.unwrap_or_default() as f64 / 1e3;
        session.figure("do-nothing", what, micros, "µs a request");
    }
    Ok(())
}
