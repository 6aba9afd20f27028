//! Load that goes on until it is told to end, and the asking again after it.
//!
//! Owns: the threads of people, front end, counter and operator. Never: ends by time; whoever
//! makes load waits for counts, as long as anybody is answered.
//! Invariants: what had no answer when a load ended is unknown, and is asked for first.
//! On failure: a program that answers nobody any more is told with the end of its log.

use crate::error::TrialError;
use crate::operators;
use crate::people::{Clients, Purpose};
use crate::record::{Desk, Records};
use crate::silence::{SILENCE_MAX, Silence};
use crate::site::{Node, Site};
use crowd::load::{self, Pace, Plan};
use crowd::{Loopback, Offer, Progress, mix};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// Longer than any load lasts.
const LOAD_MAX: Duration = Duration::from_secs(3_000);
/// How long what is under way is awaited when a load is to end: the clients' patience.
const DRAIN: Duration = Duration::from_secs(1);
/// Between two looks whether anybody is answered, while everything is asked again.
const LOOK_EVERY: Duration = Duration::from_secs(1);
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
/// When the load cannot be made, or the program answers nobody any more.
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
        let address = address(site, desk);
        let whom = (desk, address, site.authorization());
        let what = (Purpose::AskAgain, connections, 0);
        let mut clients = Clients::new(records, offer, whom, what);
        let asked = ask(site, address, &plan(connections), &mut clients);
        clients.give_up();
        asked?;
    }
    Ok(())
}

/// Lets clients ask until they have done, or are answered no more.
fn ask(
    site: &Site<'_>,
    address: Loopback,
    plan: &Plan,
    clients: &mut Clients<'_>,
) -> Result<(), TrialError> {
    let progress = Progress::default();
    let progress = &progress;
    thread::scope(|scope| {
        // Nothing is ever sent: it ends with the thread, however that ends.
        let (asks, end) = mpsc::channel::<()>();
        let asking = scope.spawn(move || {
            let _asks = asks;
            load::run(address, plan, clients, Some(progress))
        });
        let mut silence = Silence::new(Instant::now());
        while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(LOOK_EVERY) {
            if SILENCE_MAX <= silence.lasts(progress.snapshot().answered, Instant::now()) {
                progress.stop();
                return Err(answered_nobody(site));
            }
        }
        asking.join().expect("clients do not panic")?;
        Ok(())
    })
}

fn answered_nobody(site: &Site<'_>) -> TrialError {
    site.failed(format!("answered nobody for {SILENCE_MAX:?}"))
}

/// People, a front end, a counter and an operator who go on until they are told to end.
pub struct Load<'scope> {
    site: &'scope Site<'scope>,
    people: Desked<'scope>,
    front_end: Desked<'scope>,
    counter: Desked<'scope>,
    operator: ScopedJoinHandle<'scope, ()>,
    stop: Stop,
}

/// Tells all of them to end when it is dropped: also when whoever made the load panics, whose
/// scope would wait for them.
struct Stop {
    progress: [Arc<Progress>; 3],
    is_over: Arc<AtomicBool>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        self.progress.iter().for_each(|progress| progress.stop());
    }
}

/// A desk's clients on a thread.
struct Desked<'scope> {
    progress: Arc<Progress>,
    /// Why the load could not be made.
    failed: Arc<OnceLock<String>>,
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
            let (progress, failed) = (Arc::new(Progress::default()), Arc::new(OnceLock::new()));
            let (shared, why) = (Arc::clone(&progress), Arc::clone(&failed));
            let thread = scope.spawn(move || {
                let address = address(site, desk);
                let whom = (desk, address, site.authorization());
                let what = (Purpose::Load, connections, mix(who, desk as u64));
                let mut clients = Clients::new(records, offer, whom, what);
                let ended = load::run(address, &plan(connections), &mut clients, Some(&shared));
                clients.give_up();
                if let Err(error) = &ended {
                    why.get_or_init(|| error.to_string());
                }
                ended?;
                Ok(())
            });
            Desked { progress, failed, thread }
        };
        let people = start(Desk::Public, connections);
        let front_end = start(Desk::FrontEnd, FRONT_END_CONNECTIONS);
        let counter = start(Desk::Counter, COUNTER_CONNECTIONS);
        let progress = [&people, &front_end, &counter].map(|desk| Arc::clone(&desk.progress));
        let is_over = Arc::new(AtomicBool::new(false));
        let stop = Stop { progress, is_over: Arc::clone(&is_over) };
        let operator =
            scope.spawn(move || operators::work(site, records, mix(who, OPERATOR), &is_over));
        Self { site, people, front_end, counter, operator, stop }
    }

    /// Whether all desks have their connections. A desk that has none yet would find nobody there
    /// after a kill, and could not begin.
    fn has_begun(&self) -> bool {
        [&self.people, &self.front_end, &self.counter].iter().all(|desk| desk.progress.has_begun())
    }

    /// Answers that people got.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.people.progress.snapshot().answered
    }

    /// Waits until people have so many answers.
    ///
    /// # Errors
    /// When the load ended before, or nobody is answered any more.
    pub fn await_answers(&self, count: u64) -> Result<(), TrialError> {
        self.wait(|| Ok(count <= self.answers()))
    }

    /// Waits for what comes while a program that lives answers people, but at least until all of
    /// them are there.
    ///
    /// # Errors
    /// When the program or the load ended before, or nobody is answered any more.
    pub fn await_from(
        &self,
        node: &mut Node<'_>,
        has_come: impl Fn() -> bool,
    ) -> Result<(), TrialError> {
        self.wait(|| node.lives().map(|()| self.has_begun() && has_come()))
    }

    fn wait(
        &self,
        mut has_come: impl FnMut() -> Result<bool, TrialError>,
    ) -> Result<(), TrialError> {
        let mut silence = Silence::new(Instant::now());
        while !has_come()? {
            self.check()?;
            if SILENCE_MAX <= silence.lasts(self.answers(), Instant::now()) {
                return Err(answered_nobody(self.site));
            }
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
        let Some(ended) = desks.iter().find(|desk| desk.thread.is_finished()) else {
            return Ok(());
        };
        let why = ended.failed.get().map_or("it lasted too long", String::as_str);
        Err(self.site.failed(format!("made its load end: {why}")))
    }

    /// Ends all; what has no answer then is unknown.
    ///
    /// # Errors
    /// What kept a load from being made.
    pub fn end(self) -> Result<(), TrialError> {
        drop(self.stop);
        let desks = [self.people, self.front_end, self.counter];
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
