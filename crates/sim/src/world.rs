//! One run: a node on a simulated machine, the people who ask it, and everything that goes wrong.
//!
//! Owns: the scheduler, which chooses what happens next from the seed alone, and the machine's life
//! from one crash to the next. Never: a thread, a real file, a real clock.
//! Invariants: each step draws from numbers of its own; what a run did until some step does not
//! depend on the steps after it.
//! On failure: a `Violation` names the promise, the step and what was seen.

mod asking;
mod damage;
mod explained;
mod machine;
mod snapshots;
mod steps;

use crate::checks::{Broken, Checks};
use crate::clock::SimClock;
use crate::oracle::Oracle;
use crate::people::People;
use crate::plan::{Act, Plan};
use ledger::LedgerHash;
use model::generate::{Generator, Random};
use node::SequencerSteps;
use simdisk::{Counts, FAULTS, Fault, SimDisk, hash_line};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;
use std::sync::{Arc, Mutex};
use types::{FrameNo, Millis};

/// The id of every simulated journal.
const JOURNAL: [u8; 16] = *b"simulated journl";

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
    /// Changes of the disk before the faults stop: writes, syncs, creations, renames, removals.
    pub changes: u64,
    /// Faults of the disk, by kind.
    pub faults: [u64; FAULTS.len()],
    /// Starts that were refused because the clock lay behind the journal, and set it right.
    pub clocks_set: u64,
    /// Snapshots made.
    pub snapshots: u64,
    /// Starts of a copy that had one snapshot and no other.
    pub single_starts: u64,
    /// Sendings turned away because too many waited.
    pub shed: u64,
    /// Silent changes of what a node left on its disk.
    pub damages: u64,
    /// Starts of which reads were misdirected.
    pub misreads: u64,
    /// Draws, by the journal; of those, how many were published.
    pub draws: [u64; 2],
    /// Winners awarded in them.
    pub winners: u64,
    /// A hash of everything that happened.
    pub trace: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.commands += other.commands;
        self.sends += other.sends;
        self.answers += other.answers;
        self.crashes += other.crashes;
        self.restarts += other.restarts;
        self.changes += other.changes;
        self.faults = std::array::from_fn(|kind| self.faults[kind] + other.faults[kind]);
        self.clocks_set += other.clocks_set;
        self.snapshots += other.snapshots;
        self.single_starts += other.single_starts;
        self.shed += other.shed;
        self.damages += other.damages;
        self.misreads += other.misreads;
        self.draws = std::array::from_fn(|kind| self.draws[kind] + other.draws[kind]);
        self.winners += other.winners;
        self.trace = self.trace.rotate_left(1) ^ other.trace;
    }
}

/// A machine with a node that runs on it.
struct Live {
    node: node::Node,
    sequencer: Arc<Mutex<SequencerSteps>>,
    snapshots: node::SnapshotSteps,
    segments: journal::Preparer,
    replies: node::Replies,
    /// What the disk had done when the node was about to start.
    counts_at_start: Counts,
}

/// A run under way.
pub(crate) struct World {
    seed: u64,
    plan: Plan,
    step: u64,
    disk: SimDisk,
    clock: Arc<SimClock>,
    live: Option<Live>,
    generator: Generator,
    /// When the last request of the generator was to come.
    generated_at: Millis,
    people: People,
    oracle: Oracle,
    checks: Checks,
    /// The state's hash after each turn, by the frame.
    hashes: BTreeMap<u64, LedgerHash>,
    /// The newest snapshot that a node said it had made.
    snapshot: Option<FrameNo>,
    tally: Tally,
    lines: Option<Vec<String>>,
}

impl World {
    /// A machine that was never used, and people who have asked for nothing yet.
    #[must_use]
    pub(crate) fn new(seed: u64, plan: Plan) -> Self {
        let disk = SimDisk::default();
        disk.set_rates(plan.rates);
        if let Some((change, fault)) = plan.fault {
            disk.set_fault(change, fault);
        }
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
            generated_at: begin,
            people: People::default(),
            oracle: Oracle::new(JOURNAL),
            checks: Checks::default(),
            hashes: BTreeMap::new(),
            snapshot: None,
            tally: Tally::default(),
            lines: None,
        }
    }

    /// Notes everything that happens as lines.
    pub(crate) fn keep_trace(&mut self) {
        self.lines = Some(Vec::new());
        self.disk.keep_trace();
    }

    /// The step it is at.
    #[must_use]
    pub(crate) const fn step(&self) -> u64 {
        self.step
    }

    /// The lines noted, and what the disk did since the last of them.
    #[must_use]
    pub(crate) fn into_trace(self) -> Vec<String> {
        let Some(mut lines) = self.lines else { return Vec::new() };
        lines.extend(self.disk.take_trace().into_iter().map(indented));
        lines
    }

    /// Runs all steps but some, then lets the faults stop and everything settle.
    ///
    /// # Errors
    /// The first broken promise.
    pub(crate) fn run(&mut self, skipped: &BTreeSet<u64>) -> Result<Tally, Violation> {
        for step in 0..self.plan.steps {
            self.step = step;
            if !skipped.contains(&step) {
                self.one_step()?;
            }
        }
        self.step = self.plan.steps;
        if self.plan.fault.is_some() && !self.disk.has_struck() {
            let what = "the fault struck nowhere, so that nothing was tried".to_owned();
            return Err(self.broken(Broken { promise: "node", what }));
        }
        self.tally.changes = self.disk.counts().changes;
        self.note(|| "the faults stop".to_owned());
        self.settle()?;
        for (sum, count) in self.tally.faults.iter_mut().zip(self.disk.counts().faults) {
            *sum += count;
        }
        let state = self.oracle.model.state();
        for draw in state.campaigns.iter().flat_map(|campaign| &campaign.draws) {
            self.tally.draws[0] += 1;
            self.tally.draws[1] += u64::from(draw.was_published);
            self.tally.winners += u64::from(draw.awarded);
        }
        self.tally.trace ^= self.disk.trace_hash();
        self.tally.commands =
            self.oracle.frames.iter().map(|frame| u64::from(frame.commands)).sum();
        Ok(self.tally)
    }

    fn random(&self, salt: u64) -> Random {
        let mut random = Random::new(self.seed ^ salt.rotate_left(56));
        Random::new(random.number() ^ self.step.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        let line = line();
        self.tally.trace = hash_line(self.tally.trace, &line);
        let disk = self.disk.take_trace();
        if let Some(lines) = &mut self.lines {
            lines.extend(disk.into_iter().map(indented));
            lines.push(format!("{:>6}   {line}", self.step));
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
        if self.plan.power_fails.contains(&self.step) {
            self.disk.crash();
            self.restart_machine(&mut random);
            return Ok(());
        }
        if self.live.is_none() {
            self.start(&mut random)?;
        } else {
            self.act(&mut random)?;
        }
        self.pass_slow_time();
        if self.disk.is_crashed() || self.power_follows() {
            self.restart_machine(&mut random);
        }
        Ok(())
    }

    fn act(&mut self, random: &mut Random) -> Result<(), Violation> {
        let step = self.step;
        let act = self.plan.act(step, random);
        self.note(|| format!("{act:?}"));
        match act {
            Act::Ask => self.ask()?,
            Act::AskAgain => self.ask_again(random)?,
            Act::AskMany => self.ask_many(random)?,
            Act::Turn => self.turn()?,
            Act::Deliver => self.deliver()?,
            Act::Snapshot => self.snapshot(random)?,
            Act::Segment => {
                // What fails here, the sequencer meets again when it needs the segment.
                let prepared = self.live.as_ref().map(|live| live.segments.step());
                self.note(|| format!("segment {prepared:?}"));
            }
            Act::Wait => self.clock.advance(wait_millis(random)),
            Act::Clock => self.jump(random),
            Act::Crash => self.crash(random)?,
            Act::PowerOff => self.disk.crash(),
            Act::Fail => match random.chance(20) {
                // As a file system does by itself after an error.
                true => self.disk.set_read_only(),
                false => self.disk.set_fault(random.below(12), Fault::Io),
            },
            Act::Full => match random.chance(50) {
                true => self.disk.set_fault(random.below(12), Fault::Full),
                false => self.disk.heal(),
            },
            Act::Drain => self.drain(random)?,
            Act::Compare => drop(self.compare()?),
            Act::AskAtEdge => self.ask_at_edge(random)?,
            Act::Damage => self.damage(random)?,
        }
        Ok(())
    }

    fn pass_slow_time(&self) {
        self.clock.advance(self.disk.take_slow_millis());
    }
}

/// A call of the disk among the lines of a trace.
fn indented(call: String) -> String {
    format!("         {call}")
}

fn wait_millis(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.below(100),
        1 => random.below(2_000),
        _ => random.below(40_000),
    }
}
