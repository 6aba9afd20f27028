//! Load that goes on until it is told to end, and the asking again after it.
//!
//! Owns: the threads of people, front end, counter and operator. Never: ends by time; whoever
//! makes load waits for counts.
//! Invariants: what had no answer when a load ended is unknown, and is asked for first.

use crate::error::TrialError;
use crate::operators;
use crate::people::{Clients, Purpose};
use crate::record::{Desk, Records};
use crate::site::Site;
use crowd::load::{self, Pace, Plan};
use crowd::{Offer, Progress, mix};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// Longer than any load lasts.
const LOAD_MAX: Duration = Duration::from_secs(3_000);
/// How long what is under way is awaited when a load is to end: the clients' patience.
const DRAIN: Duration = Duration::from_secs(1);
/// Tells an operator's decisions from those at a desk.
const OPERATOR: u64 = 0x6f70_6572;

/// Connections of the front end, each with a batch at a time.
const FRONT_END_CONNECTIONS: usize = 3;
const COUNTER_CONNECTIONS: usize = 4;

/// Asks for every acknowledgement again, and for everything unknown until it is known. Entries go
/// singly and by the batch in turn: what went singly at one call goes by the batch at the next,
/// and which of the two comes first changes, too.
///
/// # Errors
/// When the load cannot be made.
pub fn ask_again(
    site: &Site<'_>,
    records: &Records,
    offer: &Offer,
    connections: usize,
) -> Result<(), TrialError> {
    let turn = {
        let mut inner = records.lock();
        inner.turn += 1;
        inner.turn
    };
    operators::settle(site, records)?;
    let desks = if turn.is_multiple_of(2) {
        [Desk::Public, Desk::FrontEnd, Desk::Counter]
    } else {
        [Desk::FrontEnd, Desk::Public, Desk::Counter]
    };
    for desk in desks {
        let connections = match desk {
            Desk::FrontEnd => connections.min(FRONT_END_CONNECTIONS),
            Desk::Public | Desk::Counter => connections,
        };
        let plan = plan(connections);
        let address = address(site, desk);
        let whom = (desk, address, site.authorization());
        let what = (Purpose::AskAgain, connections, 0);
        let mut clients = Clients::new(records, offer, whom, what);
        load::run(address, &plan, &mut clients, None)?;
        clients.give_up();
    }
    Ok(())
}

/// People, a front end, a counter and an operator who go on until they are told to end.
pub struct Load<'scope> {
    people: Desked<'scope>,
    front_end: Desked<'scope>,
    counter: Desked<'scope>,
    operator: ScopedJoinHandle<'scope, ()>,
    is_over: Arc<AtomicBool>,
}

/// A desk's clients on a thread.
struct Desked<'scope> {
    progress: Arc<Progress>,
    thread: ScopedJoinHandle<'scope, Result<(), TrialError>>,
}

impl<'scope> Load<'scope> {
    /// Starts all of them.
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
        let is_over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_over);
        Self {
            people: start(Desk::Public, connections),
            front_end: start(Desk::FrontEnd, FRONT_END_CONNECTIONS),
            counter: start(Desk::Counter, COUNTER_CONNECTIONS),
            operator: scope
                .spawn(move || operators::work(site, records, mix(who, OPERATOR), &stop)),
            is_over,
        }
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
        let desks = [&self.people, &self.front_end, &self.counter];
        if desks.iter().any(|desk| desk.thread.is_finished()) {
            let (what, log) = ("made its load end".to_owned(), String::new());
            return Err(TrialError::Program { what, log });
        }
        Ok(())
    }

    /// Ends all; what has no answer then is unknown.
    ///
    /// # Errors
    /// What kept a load from being made.
    pub fn end(self) -> Result<(), TrialError> {
        self.is_over.store(true, Relaxed);
        let desks = [self.people, self.front_end, self.counter];
        desks.iter().for_each(|desk| desk.progress.stop());
        self.operator.join().expect("operators do not panic");
        for desk in desks {
            desk.thread.join().expect("clients do not panic")?;
        }
        Ok(())
    }
}

fn address(site: &Site<'_>, desk: Desk) -> crowd::Loopback {
    match desk {
        Desk::Public | Desk::FrontEnd => site.public(),
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
