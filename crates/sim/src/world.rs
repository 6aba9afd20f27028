//! One run: a node on a simulated machine, the people who ask it, and everything that goes wrong.
//!
//! Owns: the scheduler, which chooses what happens next from the seed alone, and the machine's life
//! from one crash to the next. Never: a thread, a real file, a real clock.
//! Invariants: each step draws from numbers of its own, so that a run without some of its steps is
//! otherwise the same.
//! On failure: a `Violation` names the promise, the step and what was seen.

use crate::checks::{self, Broken};
use crate::clock::SimClock;
use crate::disk::{Fault, Kept, SimDisk};
use crate::oracle::Oracle;
use crate::people::{Many, People};
use crate::plan::{Act, Plan};
use journal::{Archive, Disk, JournalId};
use ledger::{Ledger, LedgerHash};
use model::generate::{Generator, Random};
use node::{Clock as _, Config, NodeError, SequencerSteps, Stepped};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use types::{Millis, limits};

/// The id of every simulated journal.
const JOURNAL: [u8; 16] = *b"simulated journl";
/// Requests that wait for an answer, at most.
const OPEN_MAX: usize = 64;
/// Requests of one sending.
const MANY_MAX: u64 = 6;
/// Turns in which everything must settle once the faults have stopped.
const SETTLE_TURNS: u64 = 20_000;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{promise} at step {step}: {what}")]
pub struct Violation {
    /// Which: `I1` to `I10`, or `node` when it failed where it must not.
    pub promise: &'static str,
    /// At which step.
    pub step: u64,
    /// What was seen.
    pub what: String,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Commands in the journal.
    pub commands: u64,
    /// Sendings of requests.
    pub sends: u64,
    /// Answers heard.
    pub answers: u64,
    /// Power failures.
    pub crashes: u64,
    /// Starts that found a journal.
    pub restarts: u64,
    /// Faults of the disk, by kind.
    pub faults: [u64; 7],
    /// Snapshots made.
    pub snapshots: u64,
    /// A hash of everything that happened.
    pub trace: u64,
}

/// A machine with a node that runs on it.
struct Live {
    node: node::Node,
    sequencer: Arc<Mutex<SequencerSteps>>,
    snapshots: node::SnapshotSteps,
    segments: journal::Preparer,
    replies: node::Replies,
}

/// A run under way.
pub struct World {
    seed: u64,
    plan: Plan,
    step: u64,
    disk: SimDisk,
    clock: Arc<SimClock>,
    live: Option<Live>,
    generator: Generator,
    people: People,
    oracle: Oracle,
    checks: checks::Checks,
    /// The state's hash after each turn, by the frame.
    hashes: BTreeMap<u64, LedgerHash>,
    tally: Tally,
    lines: Option<Vec<String>>,
}

impl World {
    /// A machine that was never used, and people who have asked for nothing yet.
    #[must_use]
    pub fn new(seed: u64, plan: Plan) -> Self {
        let disk = SimDisk::default();
        disk.set_rates(plan.rates);
        let generator = Generator::new(seed);
        let begin = generator.clone().next().expect("there always is one").at;
        Self {
            seed,
            plan,
            step: 0,
            disk,
            clock: Arc::new(SimClock::new(begin)),
            live: None,
            generator,
            people: People::default(),
            oracle: Oracle::new(JOURNAL),
            checks: checks::Checks::default(),
            hashes: BTreeMap::new(),
            tally: Tally::default(),
            lines: None,
        }
    }

    /// Notes everything that happens as lines.
    pub fn keep_trace(&mut self) {
        self.lines = Some(Vec::new());
        self.disk.keep_trace();
    }

    /// The step it is at.
    #[must_use]
    pub const fn step(&self) -> u64 {
        self.step
    }

    /// The lines noted.
    #[must_use]
    pub fn into_trace(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }

    /// Runs all steps but some, then lets the faults stop and everything settle.
    ///
    /// # Errors
    /// The first broken promise.
    pub fn run(&mut self, skipped: &BTreeSet<u64>) -> Result<Tally, Violation> {
        for step in 0..self.plan.steps {
            self.step = step;
            if !skipped.contains(&step) {
                self.one_step()?;
            }
        }
        self.step = self.plan.steps;
        self.settle()?;
        let counts = self.disk.counts();
        self.tally.faults = counts.faults;
        self.tally.trace = self.disk.trace_hash();
        self.tally.commands =
            self.oracle.frames.iter().map(|frame| u64::from(frame.commands)).sum();
        Ok(self.tally)
    }

    fn random(&self, salt: u64) -> Random {
        let mut random = Random::new(self.seed ^ salt.rotate_left(56));
        Random::new(random.number() ^ self.step.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        let disk = self.disk.take_trace();
        if let Some(lines) = &mut self.lines {
            lines.extend(disk.into_iter().map(|call| format!("         {call}")));
            lines.push(format!("{:>6}   {}", self.step, line()));
        }
    }

    fn broken(&self, broken: Broken) -> Violation {
        Violation { promise: broken.promise, step: self.step, what: broken.what }
    }

    fn check(&self, checked: Result<(), Broken>) -> Result<(), Violation> {
        checked.map_err(|broken| self.broken(broken))
    }

    fn one_step(&mut self) -> Result<(), Violation> {
        let mut random = self.random(1);
        self.disk.set_random(self.random(2));
        if self.live.is_none() {
            return self.start(&mut random);
        }
        let act = self.plan.act(&mut random);
        self.note(|| format!("{act:?}"));
        match act {
            Act::Ask => self.ask(),
            Act::AskAgain => self.ask_again(&mut random),
            Act::AskMany => self.ask_many(&mut random),
            Act::Turn => self.turn()?,
            Act::Deliver => self.deliver()?,
            Act::Snapshot => self.snapshot(&mut random)?,
            Act::Segment => {
                // What fails here, the sequencer meets again when it needs the segment.
                let prepared = self.live.as_ref().map(|live| live.segments.step());
                self.note(|| format!("segment {prepared:?}"));
            }
            Act::Wait => self.clock.advance(wait_millis(&mut random)),
            Act::Clock => self.jump(&mut random),
            Act::Crash => self.crash(&mut random)?,
            Act::Fail => self.disk.set_fault(random.below(12), Fault::Io),
            Act::Full => match random.chance(50) {
                true => self.disk.set_fault(random.below(12), Fault::Full),
                false => self.disk.heal(),
            },
            Act::Drain => self.drain(&mut random)?,
            Act::Compare => self.compare()?,
        }
        self.pass_slow_time();
        if self.disk.is_crashed() {
            self.restart_machine(&mut random);
        }
        Ok(())
    }

    fn pass_slow_time(&self) {
        self.clock.advance(self.disk.take_slow_millis());
    }

    // The machine.

    /// The data folder takes no other folders into it before it is one.
    fn archives(&self) -> bool {
        self.plan.archives && self.disk.bytes("FORMAT").is_some()
    }

    fn config(&self) -> Config {
        let archive = Archive { disk: Arc::new(self.disk.clone()), folder: "archive".into() };
        Config {
            segment_bytes: self.plan.segment_bytes,
            snapshot_every_bytes: self.plan.snapshot_every_bytes,
            archive: self.archives().then_some(archive),
            process: 1,
            ..Config::new(JournalId(JOURNAL))
        }
    }

    /// Starts the node. With a disk that fails at random it may not come up; a sound one must.
    fn start(&mut self, random: &mut Random) -> Result<(), Violation> {
        let patience = random.below(4);
        for attempt in 0..=patience {
            let is_last = attempt == patience;
            if is_last {
                self.disk.set_rates(crate::disk::Rates::default());
                self.disk.heal();
            }
            let started = self.try_start();
            self.pass_slow_time();
            match started {
                Ok(live) => {
                    self.live = Some(live);
                    self.disk.set_rates(self.plan.rates);
                    self.tally.restarts += 1;
                    return self.look_around();
                }
                Err(NodeError::ClockBehind { behind_seconds }) => {
                    self.note(|| format!("the clock is {behind_seconds} s behind"));
                    // As the message says: somebody sets the clock.
                    self.clock.advance(behind_seconds * 1_000 + 1_000);
                    return Ok(());
                }
                Err(error) if is_last => {
                    let what = format!("it does not start on a sound disk: {error}");
                    return Err(self.broken(Broken { promise: "I1", what }));
                }
                Err(error) => {
                    self.note(|| format!("no start: {error}"));
                    if self.disk.is_crashed() {
                        self.restart_machine(random);
                    }
                }
            }
        }
        Ok(())
    }

    fn try_start(&self) -> Result<Live, NodeError> {
        if self.archives() {
            // As an operator makes it, before the node is told of it.
            self.disk.create_folder("archive").map_err(NodeError::Thread)?;
        }
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let clock = Arc::clone(&self.clock);
        let opened = node::open(disk, self.config(), clock)?;
        let Stepped { node, sequencer, snapshots, segments, replies } = opened.into_steps()?;
        let sequencer = Arc::new(Mutex::new(sequencer));
        Ok(Live { node, sequencer, snapshots, segments, replies })
    }

    /// After a start: everything that was durable is there, and the state is the one it was.
    fn look_around(&mut self) -> Result<(), Violation> {
        let reread = self.oracle.reread(&self.disk);
        self.check(reread.map_err(|what| Broken { promise: "I1", what }))?;
        let proved = self.checks.prove(&self.people, &self.oracle, true);
        self.check(proved)?;
        self.check(self.checks.trace(&self.people, &self.oracle))?;
        self.note_hash()?;
        let live = self.live.as_ref().expect("it has just started");
        let sequencer = live.sequencer.lock().expect("no turn panicked");
        let checked = checks::same_state(sequencer.ledger(), &self.oracle.model);
        drop(sequencer);
        self.check(checked)
    }

    /// Power fails and comes back; the people who waited know nothing.
    fn restart_machine(&mut self, random: &mut Random) {
        let kept = match random.below(6) {
            0 => Kept::Nothing,
            1 => Kept::All,
            2 => {
                let thousandths = random.below(1_001);
                Kept::Prefix { thousandths, bytes: random.below(2_000) as usize }
            }
            _ => Kept::Sectors(random.number()),
        };
        self.stop_hearing();
        self.disk = self.disk.restart(kept);
        self.disk.set_random(self.random(3));
        self.tally.crashes += 1;
        self.note(|| format!("power came back: {kept:?}"));
    }

    /// The process ends; what it had answered may still arrive, what it had not is open.
    fn stop_hearing(&mut self) {
        self.live = None;
        // Nobody holds the other end any more: every wait ends.
        let heard = self.people.hear();
        self.tally.answers += heard.len() as u64;
        self.checks.note(&heard);
    }

    fn crash(&mut self, random: &mut Random) -> Result<(), Violation> {
        if random.chance(60) {
            self.disk.set_fault(random.below(10), Fault::Crash);
            return Ok(());
        }
        if random.chance(50) {
            self.deliver()?;
        }
        self.disk.crash();
        Ok(())
    }

    /// The node failed and ends: with the power on, the system keeps what it was given.
    fn fail(&mut self, error: &NodeError) -> Result<(), Violation> {
        self.note(|| format!("the node failed: {error}"));
        if !may_fail(error) {
            let what = format!("it failed as it must never: {error}");
            return Err(self.broken(Broken { promise: "node", what }));
        }
        self.deliver()?;
        self.stop_hearing();
        self.disk.heal();
        let mut random = self.random(4);
        if random.chance(50) || self.disk.is_crashed() {
            self.restart_machine(&mut random);
        }
        Ok(())
    }

    fn drain(&mut self, random: &mut Random) -> Result<(), Violation> {
        let Some(live) = &self.live else { return Ok(()) };
        live.node.drain();
        for _ in 0..limits::QUEUE_REQUESTS_MAX {
            let Some(live) = &self.live else { return Ok(()) };
            let turned = live.sequencer.lock().expect("no turn panicked").turn();
            match turned {
                Ok(true) => break,
                Ok(false) => self.follow()?,
                Err(error) => return self.fail(&error),
            }
        }
        self.follow()?;
        self.deliver()?;
        if self.live.is_none() {
            return Ok(());
        }
        let waiting = self.people.requests.iter().filter(|request| !request.pending.is_empty());
        if 0 < waiting.count() + self.people.many.len() {
            let what = "a node that drained left a request unanswered".to_owned();
            return Err(self.broken(Broken { promise: "I7", what }));
        }
        self.stop_hearing();
        if random.chance(30) {
            self.restart_machine(random);
        }
        Ok(())
    }

    fn jump(&mut self, random: &mut Random) {
        const DAY: u64 = 86_400_000;
        let now = self.clock.now();
        let millis = match random.below(3) {
            0 => random.below(1_000),
            1 => random.below(60_000),
            _ => random.below(DAY),
        };
        match random.below(4) {
            0 => self.clock.set(now.plus(millis)),
            1 => self.clock.set(Millis(now.0.saturating_sub(millis))),
            2 => self.clock.freeze(true),
            _ => self.clock.freeze(false),
        }
    }

    // The people.

    fn new_request(&mut self) -> usize {
        let step = self.generator.next().expect("there always is one");
        self.clock.advance_to(step.at);
        let floor = self.checks.latest();
        self.people.begin(step.record, floor)
    }

    fn waiting(&self) -> usize {
        let single =
            self.people.requests.iter().map(|request| request.pending.len()).sum::<usize>();
        single + self.people.many.len()
    }

    fn ask(&mut self) {
        if self.waiting() < OPEN_MAX {
            let request = self.new_request();
            self.send(request);
        }
    }

    fn ask_again(&mut self, random: &mut Random) {
        let count = self.people.requests.len() as u64;
        if count == 0 || OPEN_MAX <= self.waiting() {
            return;
        }
        let open = |people: &People, number: usize| !people.requests[number].is_settled();
        // Those who know nothing yet ask most often.
        let first = random.below(count) as usize;
        let unsettled = (first..count as usize).find(|number| open(&self.people, *number));
        let request = unsettled.filter(|_| random.chance(70)).unwrap_or(first);
        if self.people.requests[request].sends < 10 {
            self.send(request);
        }
    }

    fn ask_many(&mut self, random: &mut Random) {
        if OPEN_MAX <= self.waiting() {
            return;
        }
        let count = 1 + random.below(MANY_MAX);
        let requests: Vec<usize> = (0..count).map(|_| self.new_request()).collect();
        let Some(live) = &self.live else { return };
        let mut records = Vec::new();
        for request in &requests {
            records.extend_from_slice(&self.people.requests[*request].record);
        }
        self.tally.sends += count;
        let submitted = live.node.submit(records, count as u32);
        for request in &requests {
            self.people.requests[*request].sends += 1;
        }
        match submitted {
            Ok(pending) => self.people.many.push(Many { requests, pending }),
            Err(why) => self.note(|| format!("turned away: {why}")),
        }
    }

    fn send(&mut self, number: usize) {
        let Some(live) = &self.live else { return };
        let request = &mut self.people.requests[number];
        request.sends += 1;
        self.tally.sends += 1;
        match live.node.submit_one(request.record.clone()) {
            Ok(pending) => request.pending.push(pending),
            Err(why) => self.note(|| format!("request {number} turned away: {why}")),
        }
    }

    // The node's steps.

    fn turn(&mut self) -> Result<(), Violation> {
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
    fn follow(&mut self) -> Result<(), Violation> {
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
    fn note_hash(&mut self) -> Result<(), Violation> {
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

    fn deliver(&mut self) -> Result<(), Violation> {
        if let Some(live) = &mut self.live {
            live.replies.deliver();
        }
        let heard = self.people.hear();
        self.tally.answers += heard.len() as u64;
        if self.lines.is_some() {
            for told in &heard {
                self.note(|| format!("request {} hears {:?}", told.request, told.answer));
            }
        }
        self.checks.note(&heard);
        let now = self.clock.now();
        let proved = self.checks.prove_told(&self.people, &self.oracle, now);
        self.check(proved)
    }

    /// A snapshot, with the sequencer going on between two writes of it.
    fn snapshot(&mut self, random: &mut Random) -> Result<(), Violation> {
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
    fn compare(&self) -> Result<(), Violation> {
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
    fn settle(&mut self) -> Result<(), Violation> {
        self.plan.rates = crate::disk::Rates::default();
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
            if self.people.requests.iter().all(crate::people::Request::is_settled) {
                return self.close();
            }
            self.clock.advance(100);
        }
        let open = self.people.requests.iter().filter(|request| !request.is_settled()).count();
        let what = format!("{open} requests have no answer long after the faults stopped");
        Err(self.broken(Broken { promise: "I1", what }))
    }

    /// The last look: a start that finds everything as it was left.
    fn close(&mut self) -> Result<(), Violation> {
        self.drain(&mut Random::new(0))?;
        let proved = self.checks.prove(&self.people, &self.oracle, true);
        self.check(proved)?;
        while self.live.is_none() {
            self.step += 1;
            self.start(&mut self.random(8))?;
        }
        self.compare()?;
        self.check(self.checks.close(&self.people, &self.oracle))?;
        self.live = None;
        Ok(())
    }
}

fn wait_millis(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.below(100),
        1 => random.below(2_000),
        _ => random.below(40_000),
    }
}

/// Whether a fault of the disk explains it.
const fn may_fail(error: &NodeError) -> bool {
    matches!(error, NodeError::Append(_))
}
