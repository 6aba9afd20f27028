//! Load that goes on until it is told to end, and the asking again after it.
//!
//! Owns: the clients' threads. Never: ends by time; whoever makes load waits for counts.
//! Invariants: what had no answer when a load ended is unknown, and is asked for first.

use crate::error::TrialError;
use crate::people::{Clients, Purpose};
use crate::record::{Desk, Records};
use crate::site::Site;
use crowd::load::{self, Pace, Plan};
use crowd::{Offer, Progress, mix};
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// Longer than any load lasts.
const LOAD_MAX: Duration = Duration::from_secs(3_000);
/// How long what is under way is awaited when a load is to end: the clients' patience.
const DRAIN: Duration = Duration::from_secs(1);

/// Asks for every acknowledgement again, and for everything unknown until it is known.
///
/// # Errors
/// When the load cannot be made.
pub fn ask_again(
    site: &Site<'_>,
    records: &Records,
    offer: &Offer,
    connections: usize,
) -> Result<(), TrialError> {
    let plan = plan(connections);
    for desk in [Desk::Public, Desk::Counter] {
        let address = address(site, desk);
        let whom = (desk, address, site.authorization());
        let what = (Purpose::AskAgain, connections, 0);
        let mut clients = Clients::new(records, offer, whom, what);
        load::run(address, &plan, &mut clients, None)?;
        clients.give_up();
    }
    Ok(())
}

/// People and a counter that go on until they are told to end.
pub struct Load<'scope> {
    people: Desked<'scope>,
    counter: Desked<'scope>,
}

/// A desk's clients on a thread.
struct Desked<'scope> {
    progress: Arc<Progress>,
    thread: ScopedJoinHandle<'scope, Result<(), TrialError>>,
}

impl<'scope> Load<'scope> {
    /// Starts both.
    pub fn start<'env>(
        scope: &'scope thread::Scope<'scope, 'env>,
        site: &'env Site<'env>,
        records: &'env Records,
        offer: &'env Offer,
        connections: usize,
        who: u64,
    ) -> Self {
        let start = |desk: Desk, connections: usize| {
            let progress = Arc::new(Progress::default());
            let shared = Arc::clone(&progress);
            let thread = scope.spawn(move || {
                let address = address(site, desk);
                let whom = (desk, address, site.authorization());
                let what = (Purpose::Load, connections, mix(who, desk as u64));
                let mut clients = Clients::new(records, offer, whom, what);
                let ended = load::run(address, &plan(connections), &mut clients, Some(&shared));
                clients.give_up();
                ended?;
                Ok(())
            });
            Desked { progress, thread }
        };
        Self { people: start(Desk::Public, connections), counter: start(Desk::Counter, 4) }
    }

    /// Answers that people got.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.people.progress.snapshot().answered
    }

    /// Waits until people have so many answers.
    ///
    /// # Errors
    /// When the load ended before.
    pub fn await_answers(&self, count: u64) -> Result<(), TrialError> {
        while self.answers() < count {
            self.check()?;
            thread::yield_now();
        }
        Ok(())
    }

    /// Whether it still goes on.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self) -> Result<(), TrialError> {
        if self.people.thread.is_finished() || self.counter.thread.is_finished() {
            let (what, log) = ("made its load end".to_owned(), String::new());
            return Err(TrialError::Program { what, log });
        }
        Ok(())
    }

    /// Ends both; what has no answer then is unknown.
    ///
    /// # Errors
    /// What kept a load from being made.
    pub fn end(self) -> Result<(), TrialError> {
        for desk in [self.people, self.counter] {
            desk.progress.stop();
            desk.thread.join().expect("clients do not panic")?;
        }
        Ok(())
    }
}

fn address(site: &Site<'_>, desk: Desk) -> crowd::Loopback {
    match desk {
        Desk::Public => site.public(),
        Desk::Counter => site.operator(),
    }
}

fn plan(connections: usize) -> Plan {
    Plan {
        connections,
        pace: Pace::Closed,
        warm_up: Duration::ZERO,
        duration: LOAD_MAX,
        requests_max: u64::MAX,
        drain: DRAIN,
        reconnect: true,
    }
}
