//! The machine's life: starts, power failures, failures of the node, ends in order, and clocks.
//!
//! Owns: when a node may refuse to start, or end, and what is looked at after a start. Never: heals
//! a fault before it struck.
//! Invariants: what people know outlives every node; a node that starts finds a disk that no
//! other has.
//! On failure: a refusal or an end that nothing explains is a broken promise, whether or not the
//! next start succeeds.

use super::explained::{is_end_explained, is_refusal_explained};
use super::{JOURNAL, Live, Violation, World};
use crate::checks::{self, Broken};
use crate::frames::Cursor;
use journal::{Archive, Disk as _, JournalId};
use model::generate::Random;
use node::{Clock as _, Config, NodeError, Stepped};
use simdisk::{Counts, Fault, Kept, Rates, SimDisk};
use std::io;
use std::sync::{Arc, Mutex};
use types::Millis;
use types::limits::CLOCK_BEHIND_MILLIS_MAX;

/// Requests that may wait for a node: fewer than come at times.
pub(super) const QUEUE_REQUESTS_MAX: usize = 32;

impl World {
    /// The data folder takes no other folders into it before it is one.
    pub(super) fn archives(&self) -> bool {
        self.plan.archives && self.disk.bytes("FORMAT").is_some()
    }

    pub(super) fn config(&self, disk: &SimDisk) -> Config {
        let archive = Archive { disk: Arc::new(disk.clone()), folder: "archive".into() };
        Config {
            segment_bytes: self.plan.segment_bytes,
            snapshot_every_bytes: self.plan.snapshot_every_bytes,
            queue_requests_max: QUEUE_REQUESTS_MAX,
            archive: self.archives().then_some(archive),
            process: 1,
            ..Config::new(JournalId(JOURNAL))
        }
    }

    /// Starts the node. It comes up unless the disk failed something meanwhile, or the clock lies
    /// behind; then somebody sets the clock, and the node is down until the next step.
    pub(super) fn start(&mut self, random: &mut Random) -> Result<(), Violation> {
        // A fault that was planned must not be healed before it struck.
        let patience = if self.plan.script.is_empty() { random.below(4) } else { 2 };
        for attempt in 0..=patience {
            let is_last = attempt == patience;
            if is_last {
                self.disk.set_rates(Rates::default());
                self.disk.heal();
            }
            if let Err(error) = self.make_archive(&self.disk) {
                self.note(|| format!("no archive for it: {error}"));
                if self.disk.is_crashed() || self.power_follows() {
                    self.restart_machine(random);
                }
                continue;
            }
            let (before, now) = (self.disk.counts(), self.clock.now());
            let started = self.start_on(&self.disk);
            self.pass_slow_time();
            match started {
                Ok(live) => return self.started(live),
                Err(NodeError::ClockBehind { behind_seconds }) => {
                    return self.set_clock(now, behind_seconds);
                }
                Err(error) if is_last => {
                    let what = format!("it does not start on a sound disk: {error}");
                    return Err(self.broken(Broken { promise: "I1", what }));
                }
                Err(error) => {
                    self.note(|| format!("no start: {error}"));
                    if !is_refusal_explained(&error, &before, &self.disk.counts()) {
                        let what = format!("it refuses to start, and nothing explains it: {error}");
                        return Err(self.broken(Broken { promise: "node", what }));
                    }
                    if self.disk.is_crashed() || self.power_follows() {
                        self.restart_machine(random);
                    }
                }
            }
        }
        Ok(())
    }

    /// The folder of the archive, as an operator makes it before the node is told of it.
    pub(super) fn make_archive(&self, disk: &SimDisk) -> io::Result<()> {
        if !self.archives() {
            return Ok(());
        }
        disk.create_folder("archive").and_then(|()| disk.sync_folder(""))
    }

    fn started(&mut self, live: Live) -> Result<(), Violation> {
        if live.counts_at_start.errors == self.disk.counts().errors {
            self.used_the_newest(&live)?;
        }
        self.live = Some(live);
        self.disk.set_rates(self.plan.rates);
        self.tally.restarts += 1;
        self.look_around()
    }

    /// A start was refused because of the clock, if that is so: as the message says, somebody sets
    /// it, so that the next start cannot be refused for it.
    fn set_clock(&mut self, at_start: Millis, behind_seconds: u64) -> Result<(), Violation> {
        self.note(|| format!("the clock is {behind_seconds} s behind"));
        let frames = Cursor::new(JOURNAL).read(&self.disk);
        let behind = frames.last().map_or(0, |frame| frame.at.since(at_start));
        if behind <= CLOCK_BEHIND_MILLIS_MAX || behind / 1_000 != behind_seconds {
            let what = format!(
                "it refuses to start with a clock {behind_seconds} s behind, which is {behind} ms"
            );
            return Err(self.broken(Broken { promise: "node", what }));
        }
        self.clock.set(self.clock.now().plus(behind_seconds * 1_000 + 1_000));
        self.tally.clocks_set += 1;
        Ok(())
    }

    pub(super) fn start_on(&self, disk: &SimDisk) -> Result<Live, NodeError> {
        let counts_at_start = disk.counts();
        let clock = Arc::clone(&self.clock);
        let opened = node::open(Arc::new(disk.clone()), self.config(disk), clock)?;
        let Stepped { node, sequencer, snapshots, segments, replies } = opened.into_steps()?;
        let sequencer = Arc::new(Mutex::new(sequencer));
        Ok(Live { node, sequencer, snapshots, segments, replies, counts_at_start })
    }

    /// After a start: everything that was durable is there, and the state is the one it was.
    pub(super) fn look_around(&mut self) -> Result<(), Violation> {
        let reread = self.oracle.reread(&self.disk);
        self.check(reread.map_err(|what| Broken { promise: "I1", what }))?;
        let proved = self.checks.prove(&self.people, &self.oracle);
        self.check(proved)?;
        self.check(self.checks.trace(&self.people, &self.oracle))?;
        self.note_hash()?;
        self.look_at_snapshots()?;
        let live = self.live.as_ref().expect("it has just started");
        let sequencer = live.sequencer.lock().expect("no turn panicked");
        let checked = checks::same_state(sequencer.ledger(), &self.oracle);
        drop(sequencer);
        self.check(checked)
    }

    /// Power fails and comes back; the people who waited know nothing.
    pub(super) fn restart_machine(&mut self, random: &mut Random) {
        let chosen = match random.below(6) {
            0 => Kept::Nothing,
            1 => Kept::All,
            2 => {
                let thousandths = random.below(1_001);
                Kept::Prefix { thousandths, bytes: random.below(2_000) as usize }
            }
            _ => Kept::Sectors(random.number()),
        };
        let kept = match self.plan.remains {
            Some(remains) if self.disk.has_struck() => remains,
            // Until its fault a run is the one without: the fault finds the change it is meant for.
            Some(_) => Kept::All,
            None => chosen,
        };
        self.stop_hearing();
        self.disk = self.disk.restart(kept);
        self.disk.set_random(self.random(3));
        self.tally.crashes += 1;
        self.note(|| format!("power came back: {kept:?}"));
    }

    /// The process ends; what it had answered may still arrive, what it had not is open.
    pub(super) fn stop_hearing(&mut self) {
        self.live = None;
        // Nobody holds the other end any more: every wait ends.
        let heard = self.people.hear();
        self.tally.answers += heard.len() as u64;
        self.checks.note(&heard);
    }

    pub(super) fn crash(&mut self, random: &mut Random) -> Result<(), Violation> {
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

    /// The node failed and ends, in a turn before which the disk had done so much: with the power
    /// on, the system keeps what it was given.
    pub(super) fn fail(&mut self, error: &NodeError, before: Counts) -> Result<(), Violation> {
        self.note(|| format!("the node failed: {error}"));
        let live = self.live.as_ref().expect("what failed was running");
        if !is_end_explained(error, &live.counts_at_start, &before, &self.disk.counts()) {
            let what = format!("it failed as it must never: {error}");
            return Err(self.broken(Broken { promise: "node", what }));
        }
        self.deliver()?;
        self.stop_hearing();
        self.disk.heal();
        let mut random = self.random(4);
        let power_fails = match self.plan.fault {
            Some(_) => self.power_follows(),
            None => random.chance(50),
        };
        if power_fails || self.disk.is_crashed() {
            self.restart_machine(&mut random);
        }
        Ok(())
    }

    /// Whether the run's one fault has struck, and now power is to fail: once.
    pub(super) fn power_follows(&mut self) -> bool {
        self.disk.has_struck() && std::mem::take(&mut self.plan.power_follows)
    }

    pub(super) fn drain(&mut self, random: &mut Random) -> Result<(), Violation> {
        let Some(live) = &self.live else { return Ok(()) };
        live.node.drain();
        let mut has_drained = false;
        for _ in 0..=QUEUE_REQUESTS_MAX {
            if has_drained || self.live.is_none() {
                break;
            }
            has_drained = self.take_turn()?;
        }
        self.deliver()?;
        if self.live.is_none() {
            return Ok(());
        }
        if !has_drained {
            let what = "it does not end when told to".to_owned();
            return Err(self.broken(Broken { promise: "I7", what }));
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

    pub(super) fn jump(&mut self, random: &mut Random) {
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
}
