//! The node's steps, what is looked at after each, and how a run ends.
//!
//! Owns: turns, deliveries and snapshots; the comparison of the node's state with the journal's
//! and with itself; the settling once the faults have stopped. Never: starts or ends a node, but
//! to close a run.
//! Invariants: a frame has one hash of the state, by whatever way it is reached.
//! On failure: a node that ends is restarted where the disk explains its end; all else is a
//! broken promise.

use super::asking::OPEN_MAX;
use super::{JOURNAL, Violation, World};
use crate::audited;
use crate::checks::{self, Broken};
use crate::people::Request;
use ledger::Ledger;
use model::generate::Random;
use node::{Clock as _, NodeError};
use simdisk::Rates;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use types::Outcome;

/// Starts of a close: the first may find the clock behind, and set it.
const CLOSE_STARTS: u64 = 2;
/// Turns in which everything must settle once the faults have stopped.
const SETTLE_TURNS: u64 = 20_000;

impl World {
    pub(super) fn turn(&mut self) -> Result<(), Violation> {
        self.take_turn().map(|_| ())
    }

    /// A turn, if there is a node; true when it has drained.
    pub(super) fn take_turn(&mut self) -> Result<bool, Violation> {
        let Some(live) = &self.live else { return Ok(false) };
        let sequencer = Arc::clone(&live.sequencer);
        self.foresee();
        let before = self.disk.counts();
        let turned = sequencer.lock().expect("no turn panicked").turn();
        match turned {
            Ok(has_drained) => self.turned().map(|()| has_drained),
            Err(error) => self.fail(&error, before).map(|()| false),
        }
    }

    /// What the requests since the last turn may be refused with.
    fn foresee(&mut self) {
        self.oracle.foresee(&mut self.people, self.clock.now());
    }

    /// After a turn: the state has moved on, and every request that waited was met.
    fn turned(&mut self) -> Result<(), Violation> {
        self.follow()?;
        self.people.requests.iter_mut().for_each(|request| request.fresh = 0);
        Ok(())
    }

    /// Reads what has become durable, and compares the node with it.
    pub(super) fn follow(&mut self) -> Result<(), Violation> {
        if self.disk.is_crashed() {
            return Ok(());
        }
        let followed = self.oracle.follow(&self.disk, &mut self.people, self.clock.now());
        self.check(followed.map_err(|what| Broken { promise: "I7", what }))?;
        let Some(live) = &self.live else { return Ok(()) };
        let sequencer = live.sequencer.lock().expect("no turn panicked");
        let checked = checks::view(&live.node.view(), sequencer.ledger(), &self.oracle);
        drop(sequencer);
        self.check(checked)?;
        self.note_hash()
    }

    /// One frame, one state: whenever it is reached, and by whatever way.
    pub(super) fn note_hash(&mut self) -> Result<(), Violation> {
        let Some(live) = &self.live else { return Ok(()) };
        let sequencer = live.sequencer.lock().expect("no turn panicked");
        let (frame, hash) = (sequencer.ledger().frame().0, sequencer.ledger().hash());
        drop(sequencer);
        let known = *self.hashes.entry(frame).or_insert(hash);
        if known == hash {
            return Ok(());
        }
        let what = format!("the state of frame {frame} had the hash {known} and now has {hash}");
        Err(self.broken(Broken { promise: "I6", what }))
    }

    pub(super) fn deliver(&mut self) -> Result<(), Violation> {
        if let Some(live) = &mut self.live {
            live.replies.deliver();
        }
        let heard = self.people.hear();
        self.tally.answers += heard.len() as u64;
        for told in &heard {
            self.note(|| format!("request {} hears {:?}", told.request, told.answer));
        }
        self.checks.note(&heard);
        let proved = self.checks.prove_told(&self.people, &self.oracle);
        self.check(proved)
    }

    /// A snapshot, with the sequencer going on between two writes of it.
    pub(super) fn snapshot(&mut self, random: &mut Random) -> Result<(), Violation> {
        let asks = random.below(5);
        for _ in 0..asks {
            self.ask()?;
        }
        self.foresee();
        let Some(live) = &self.live else { return Ok(()) };
        let sequencer = Arc::clone(&live.sequencer);
        let turns: Arc<Mutex<Vec<Result<bool, NodeError>>>> = Arc::default();
        let taken = Arc::clone(&turns);
        // Turns between its changes of the disk: after each, or now and then.
        let (mut calls, every) = (random.below(12), 1 + random.below(6));
        self.disk.set_interlude(Some(Box::new(move || {
            let mut taken = taken.lock().expect("nothing panics with it");
            if calls == 0 && !matches!(taken.last(), Some(Err(_))) {
                taken.push(sequencer.lock().expect("no turn panicked").turn());
                calls = every;
            }
            calls = calls.saturating_sub(1);
        })));
        let before = self.disk.counts();
        let made = live.snapshots.step();
        self.disk.set_interlude(None);
        let is_explained = before.errors < self.disk.counts().errors;
        let last = turns.lock().expect("nothing panics with it").pop();
        match last {
            Some(Err(error)) => self.fail(&error, before)?,
            Some(Ok(_)) => self.turned()?,
            None => {}
        }
        match made {
            None => Ok(()),
            Some(Ok(frame)) => {
                self.tally.snapshots += 1;
                self.snapshot = Some(frame);
                self.note(|| format!("made the snapshot of {frame}"));
                Ok(())
            }
            Some(Err(error)) => {
                self.note(|| format!("no snapshot: {error}"));
                self.may_not(is_explained, "a snapshot failed on a sound disk", &error)
            }
        }
    }

    /// What failed did so because of a fault of the disk, and says nothing worse.
    fn may_not(&self, is_explained: bool, what: &str, error: &NodeError) -> Result<(), Violation> {
        if is_explained && !matches!(error, NodeError::ReplayDiffers { .. }) {
            return Ok(());
        }
        Err(self.broken(Broken { promise: "I6", what: format!("{what}: {error}") }))
    }

    /// The state from the start of the journal, by way of nothing else; gives every outcome, by
    /// the frame. From then on the hash of each frame is known.
    pub(super) fn compare(&mut self) -> Result<Vec<Vec<Outcome>>, Violation> {
        let mut ledger = Ledger::new();
        let mut outcomes = Vec::new();
        for frame in &self.oracle.frames {
            let mut told = Vec::new();
            let applied = ledger.apply_frame(frame.no, frame.at, &frame.payload, &mut told);
            outcomes.push(told);
            let unread = |error| Broken { promise: "I6", what: format!("{}: {error}", frame.no) };
            self.check(applied.map_err(unread))?;
            let found = ledger.hash();
            if *self.hashes.entry(frame.no.0).or_insert(found) != found {
                let what = format!("replayed from the start, {} has another hash", frame.no);
                return Err(self.broken(Broken { promise: "I6", what }));
            }
        }
        self.check(checks::same_state(&ledger, &self.oracle))?;
        Ok(outcomes)
    }

    /// The faults stop: everybody asks until they are told, and everything agrees.
    pub(super) fn settle(&mut self) -> Result<(), Violation> {
        self.plan.rates = Rates::default();
        self.disk.set_rates(self.plan.rates);
        self.disk.heal();
        self.clock.freeze(false);
        for _ in 0..SETTLE_TURNS {
            self.step += 1;
            if self.disk.is_crashed() {
                let mut random = self.random(6);
                self.restart_machine(&mut random);
            }
            if self.live.is_none() {
                self.start(&mut self.random(7))?;
                continue;
            }
            let open = (0..self.people.requests.len()).filter(|number| {
                let request = &self.people.requests[*number];
                !request.is_settled() && request.pending.is_empty()
            });
            let in_many: BTreeSet<usize> =
                self.people.many.iter().flat_map(|many| many.requests.iter().copied()).collect();
            let open: Vec<usize> = open.filter(|number| !in_many.contains(number)).collect();
            open.iter().take(OPEN_MAX).try_for_each(|number| self.send(*number))?;
            self.turn()?;
            self.deliver()?;
            if self.people.requests.iter().all(Request::is_settled) {
                return self.close();
            }
            self.clock.advance(100);
        }
        let open = self.people.requests.iter().filter(|request| !request.is_settled()).count();
        let what = format!("{open} requests have no answer long after the faults stopped");
        Err(self.broken(Broken { promise: "I1", what }))
    }

    /// The last look: a start that finds everything as it was left.
    pub(super) fn close(&mut self) -> Result<(), Violation> {
        self.drain(&mut Random::new(0))?;
        let proved = self.checks.prove(&self.people, &self.oracle);
        self.check(proved)?;
        for _ in 0..CLOSE_STARTS {
            self.step += 1;
            self.start(&mut self.random(8))?;
            if self.live.is_some() {
                break;
            }
        }
        if self.live.is_none() {
            let what = format!("it does not start in {CLOSE_STARTS} times, at rest");
            return Err(self.broken(Broken { promise: "node", what }));
        }
        let outcomes = self.compare()?;
        self.look_at_snapshots()?;
        self.start_from_each_snapshot()?;
        self.check(self.checks.close(&self.people, &self.oracle))?;
        self.check(audited::check(&self.people, &self.disk, JOURNAL, &outcomes))?;
        self.live = None;
        Ok(())
    }
}
