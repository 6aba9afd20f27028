//! What can be measured, in the order in which it is.

pub mod batch;
pub mod console;
pub mod do_nothing;
pub mod draw;
pub mod entries;
pub mod ledger;
pub mod look_ups;
pub mod postgres;
pub mod redis;
pub mod restart;
pub mod sold_out;

use crate::method::Subject;
use crate::requests::{Expected, Maker, send};
use crate::results::Card;
use crate::session::Session;
use anyhow::{Result, bail};
use crowd::Loopback;
use crowd::load::{Plan, Report};

/// One thing to measure.
pub struct Scenario {
    /// What `--only` calls it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub says: &'static str,
    /// Measures it.
    pub run: fn(&mut Session) -> Result<()>,
}

/// All of them.
pub static ALL: [Scenario; 11] = [
    Scenario {
        name: "do-nothing",
        says: "the same HTTP stack without a state machine, against itself: the noise",
        run: do_nothing::run,
    },
    Scenario { name: "entries", says: "single durable entries", run: entries::run },
    Scenario { name: "batch", says: "durable entries, 1,000 in a request", run: batch::run },
    Scenario { name: "look-ups", says: "results after publication", run: look_ups::run },
    Scenario { name: "sold-out", says: "entries when nothing is left", run: sold_out::run },
    Scenario {
        name: "console",
        says: "entries while 100 pages of the console are open",
        run: console::run,
    },
    Scenario { name: "ledger", says: "the rules alone, in one thread", run: ledger::run },
    Scenario { name: "restart", says: "a stop and a start with many entries", run: restart::run },
    Scenario { name: "draw", says: "a draw on bare files, and its check", run: draw::run },
    Scenario { name: "redis", says: "Redis with a Lua script", run: redis::run },
    Scenario { name: "postgres", says: "PostgreSQL with two statements", run: postgres::run },
];

/// The scenarios of these names, or all.
///
/// # Errors
/// When there is none of a name.
pub fn chosen(names: &[String]) -> Result<Vec<&'static Scenario>> {
    let known: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no scenario {unknown:?}; there are {}", known.join(", "));
    }
    let is_chosen =
        |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    Ok(ALL.iter().filter(is_chosen).collect())
}

/// A server that is sent a maker's requests over HTTP.
pub struct HttpSubject {
    card: Card,
    address: Loopback,
    maker: Box<dyn Maker>,
    expected: Expected,
    entries_per_request: u64,
}

impl HttpSubject {
    /// A subject of which such answers are expected.
    #[must_use]
    pub fn new(
        card: Card,
        address: Loopback,
        maker: impl Maker + 'static,
        expected: Expected,
        entries_per_request: u64,
    ) -> Self {
        Self { card, address, maker: Box::new(maker), expected, entries_per_request }
    }
}

impl Subject for HttpSubject {
    fn card(&self) -> Card {
        self.card
    }

    fn entries_per_request(&self) -> u64 {
        self.entries_per_request
    }

    fn measure_do_nothing(&mut self, address: Loopback, plan: &Plan) -> Result<Report> {
        send(address, plan, self.maker.as_mut(), Expected::status(200))
    }

    fn measure(&mut self, plan: &Plan) -> Result<Report> {
        send(self.address, plan, self.maker.as_mut(), self.expected)
    }
}
