//! The node's steps, what is looked at after each, and how a run ends.

use super::asking::OPEN_MAX;
use super::{JOURNAL, Violation, World};
use crate::audited;
use crate::checks::{self, Broken};
use crate::disk::Rates;
use crate::people::Request;
use ledger::Ledger;
use model::generate::Random;
use node::{Clock as _, NodeError};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Turns in which everything must settle once the faults have stopped.
const SETTLE_TURNS: u64 = 20_000;

impl World {
    pub(super) fn turn(&mut self) -> Result<(), Violation> {
        let Some(live) = &self.live else { return Ok(()) };
        if self.random(5).chance(20) {
            self.oracle.before = Some(self.oracle.model.clone());
        }
        let turned = live.sequencer.lock().expect("no turn panicked").turn();
        match turned {
            Ok(_) => self.follow(),
            Err(error) => self.fail(&error),
        }
    }

    /// Reads what has become durable, and compares the node with it.
    pub(super) fn follow(&mut self) -> Result<(), Violation> {
        if self.disk.is_crashed() {
            return Ok(());
        }
        let followed = self.oracle.follow(&self.disk);
        self.check(followed.map_err(|what| Broken { promise: "I7", what }))?;
        let Some(live) = &self.live else { return Ok(()) };
        let sequencer = live.sequencer.lock().expect("no turn panicked");
        let frames = self.oracle.frames.len() as u64;
        let checked = checks::view(&live.node.view(), sequencer.ledger(), frames)
            .and_then(|()| checks::bounds(&live.node.status()));
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
        let now = self.clock.now();
        let proved = self.checks.prove_told(&self.people, &self.oracle, now);
        self.check(proved)
    }

    /// A snapshot, with the sequencer going on between two writes of it.
    pub(super) fn snapshot(&mut self, random: &mut Random) -> Result<(), Violation> {
        let asks = random.below(5);
        for _ in 0..asks {
            self.ask();
        }
        let Some(live) = &self.live else { return Ok(()) };
        let sequencer = Arc::clone(&live.sequencer);
        let failed: Arc<Mutex<Option<NodeError>>> = Arc::default();
        let (failure, mut calls) = (Arc::clone(&failed), random.below(12));
        self.disk.set_interlude(Some(Box::new(move || {
            if calls == 0 {
                let turned = sequencer.lock().expect("no turn panicked").turn();
                *failure.lock().expect("nothing panics with it") = turned.err();
            }
            calls = calls.wrapping_sub(1);
        })));
        let made = live.snapshots.step();
        self.disk.set_interlude(None);
        self.tally.snapshots += u64::from(made);
        let failed = failed.lock().expect("nothing panics with it").take();
        match failed {
            Some(error) => self.fail(&error),
            None => self.follow(),
        }
    }

    /// The state from the start of the journal, by way of nothing else.
    pub(super) fn compare(&self) -> Result<(), Violation> {
        let mut ledger = Ledger::new();
        let mut outcomes = Vec::new();
        for frame in &self.oracle.frames {
            let applied = ledger.apply_frame(frame.no, frame.at, &frame.payload, &mut outcomes);
            let unread = |error| Broken { promise: "I6", what: format!("{}: {error}", frame.no) };
            self.check(applied.map_err(unread))?;
            let (found, known) = (ledger.hash(), self.hashes.get(&frame.no.0));
            if known.is_some_and(|known| *known != found) {
                let what = format!("replayed from the start, {} has another hash", frame.no);
                return Err(self.broken(Broken { promise: "I6", what }));
            }
        }
        self.check(checks::same_state(&ledger, &self.oracle.model))
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
            open.iter().take(OPEN_MAX).for_each(|number| self.send(*number));
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
        while self.live.is_none() {
            self.step += 1;
            self.start(&mut self.random(8))?;
        }
        self.compare()?;
        self.check(self.checks.close(&self.people, &self.oracle))?;
        self.check(audited::check(&self.people, &self.disk, JOURNAL))?;
        self.live = None;
        Ok(())
    }
}
