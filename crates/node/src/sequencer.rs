//! The sequencer: one thread that orders, makes durable, applies and answers.
//!
//! Owns: the log, the ledger and the order between them. One turn: take whatever has arrived (up
//! to the limits) as one frame, stamp the time, append it (write and sync), apply it, hand the
//! answers over, publish the view. While it syncs, the next frame gathers in the queue.
//! Never: answers before the frame is durable; applies what is not durable; parses anything from
//! outside. Requests that would change nothing (repeated, or refused by the rules as they stand)
//! are answered from the state, which is durable, and take no place in the journal.
//! Invariants: the ledger's last frame is the log's last frame between two turns; stamped time
//! never goes back.
//! On failure: a full disk turns requests away until there is room; any other failed append ends
//! the process, since nobody can know what is on the disk then.

mod publish;
#[cfg(test)]
mod tests;
mod upkeep;

use crate::clock::{Clock, ClockWatch};
use crate::error::{NodeError, Unavailable};
use crate::pending::{Job, Reply, ReplyTo};
use crate::queue::Queue;
use crate::snapshots::Moment;
use crate::status::{Shared, State};
use journal::{AppendError, Log};
use ledger::{Changes, Ledger};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use types::command::{self, Command, Records};
use types::ids::Millis;
use types::limits;
use types::outcome::Outcome;
#[cfg(planted)]
use types::planted::{self, Bug};

/// How often the sequencer looks whether something is due, a disk has room again, or it is to end.
const WAKE: Duration = Duration::from_millis(100);

/// Whether there is another turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// There is.
    On,
    /// Everything that was accepted is answered, and nothing more is.
    Drained,
}

/// A request whose records are in the frame that gathers.
struct Waiting {
    count: u32,
    since: Instant,
    reply: ReplyTo,
}

pub(crate) struct Sequencer<L> {
    log: L,
    ledger: Ledger,
    jobs: Queue,
    replies: mpsc::UnboundedSender<Vec<Reply>>,
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    clock_watch: ClockWatch,
    payload: Vec<u8>,
    waiting: Vec<Waiting>,
    commands: u32,
    outcomes: Vec<Outcome>,
    ready: Vec<Reply>,
    changes: Changes,
    /// Whether the last frame held commands that no later frame declares durable.
    unmarked: bool,
    /// When, by the steady clock: the last frame with commands, the last look after what is due,
    /// the last note of the hash.
    idle_since: Duration,
    looked_after: Duration,
    hash_logged: Duration,
    moments: SyncSender<Moment>,
    snapshot_every_bytes: u64,
    since_snapshot_bytes: u64,
}

/// What a sequencer talks to.
pub(crate) struct Channels {
    pub(crate) jobs: Queue,
    pub(crate) replies: mpsc::UnboundedSender<Vec<Reply>>,
    /// To the maker of snapshots.
    pub(crate) moments: SyncSender<Moment>,
}

/// When snapshots are made.
#[derive(Clone, Copy)]
pub(crate) struct SnapshotPace {
    /// Payload bytes from one to the next.
    pub(crate) every_bytes: u64,
    /// Payload bytes there are already since the last one.
    pub(crate) since_bytes: u64,
}

impl<L: Log> Sequencer<L> {
    pub(crate) fn new(
        log: L,
        ledger: Ledger,
        channels: Channels,
        shared: Arc<Shared>,
        clock: Arc<dyn Clock>,
        snapshots: SnapshotPace,
    ) -> Self {
        let Channels { jobs, replies, moments } = channels;
        assert!(log.tail().frame == ledger.frame(), "replay reaches the end of the log");
        // A journal that ends in commands is marked as soon as the node is idle.
        let unmarked = 0 < ledger.frame().0;
        let begun = clock.steady();
        Self {
            log,
            ledger,
            jobs,
            replies,
            shared,
            clock,
            clock_watch: ClockWatch::default(),
            payload: Vec::with_capacity(limits::FRAME_BYTES_TARGET),
            waiting: Vec::new(),
            commands: 0,
            outcomes: Vec::new(),
            ready: Vec::new(),
            changes: Changes::default(),
            unmarked,
            idle_since: begun,
            looked_after: begun,
            hash_logged: begun,
            moments,
            snapshot_every_bytes: snapshots.every_bytes,
            since_snapshot_bytes: snapshots.since_bytes,
        }
    }

    /// Runs until drained. Every accepted request is answered before it returns.
    pub(crate) fn run(&mut self) -> Result<(), NodeError> {
        self.begin();
        loop {
            let first = match self.jobs.wait(WAKE) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if self.turn(first)? == Flow::Drained {
                break;
            }
        }
        self.end()
    }

    pub(crate) const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Takes requests from now on.
    pub(crate) fn begin(&mut self) {
        self.publish_all();
        // What was replayed, for whoever compares it before anything is added.
        self.log_hash();
        self.shared.set_state(State::Ready);
    }

    /// One turn without waiting.
    pub(crate) fn turn_now(&mut self) -> Result<Flow, NodeError> {
        let first = self.jobs.next();
        self.turn(first)
    }

    /// One turn: a frame of what waits, if anything does, and what is due now and then.
    fn turn(&mut self, first: Option<Job>) -> Result<Flow, NodeError> {
        let had_jobs = first.is_some();
        self.gather(first);
        self.add_due_tick();
        if 0 < self.commands {
            // What needed no frame does not wait for this one's sync.
            self.hand_over();
            self.sequence()?;
            self.idle_since = self.clock.steady();
        }
        self.hand_over();
        if self.shared.state() == State::Draining && self.jobs.is_empty() {
            return Ok(Flow::Drained);
        }
        // Also between requests: somebody may look something up without end.
        let now = self.clock.steady();
        if !had_jobs || WAKE <= now.saturating_sub(self.looked_after) {
            self.looked_after = now;
            self.look_after(now)?;
        }
        Ok(Flow::On)
    }

    /// Declares everything durable, and refuses what was queued meanwhile.
    pub(crate) fn end(&mut self) -> Result<(), NodeError> {
        self.mark()?;
        self.log_hash();
        self.turn_latecomers_away();
        Ok(())
    }

    /// Refuses what was queued between the last look at the queue and its end.
    fn turn_latecomers_away(&mut self) {
        while let Some(job) = self.jobs.next() {
            match job {
                Job::Submit { reply, .. } => self.ready.push(reply.refuse(Unavailable::Draining)),
                Job::Read(look) => self.ready.push(Reply::Look(look(&self.ledger))),
            }
        }
        self.hand_over();
    }

    /// Takes jobs until none waits or the frame is full.
    fn gather(&mut self, first: Option<Job>) {
        assert!(self.payload.is_empty() && self.waiting.is_empty(), "one frame at a time");
        let now = self.now();
        let mut next = first;
        while let Some(job) = next.take() {
            self.take(now, job);
            let full = limits::FRAME_COMMANDS_MAX <= self.commands as usize
                || limits::FRAME_COMMANDS_MAX <= self.ready.len()
                || limits::FRAME_BYTES_TARGET <= self.payload.len();
            if full {
                break;
            }
            next = self.jobs.next();
        }
    }

    fn take(&mut self, now: Millis, job: Job) {
        match job {
            Job::Read(look) => {
                self.ready.push(Reply::Look(look(&self.ledger)));
                self.shared.metrics.reads.fetch_add(1, Relaxed);
            }
            Job::Submit { records, count, since, reply } => {
                let reply = match reply {
                    ReplyTo::One(sender) => match preview(&self.ledger, now, &records) {
                        None => ReplyTo::One(sender),
                        Some(outcome) => {
                            let metrics = &self.shared.metrics;
                            metrics.previewed.fetch_add(1, Relaxed);
                            metrics.count_outcomes(std::iter::once(outcome.code()));
                            self.ready.push(Reply::One(sender, Ok(outcome)));
                            return;
                        }
                    },
                    many @ ReplyTo::Many(_) => many,
                };
                self.payload.extend_from_slice(&records);
                self.commands += count;
                self.waiting.push(Waiting { count, since, reply });
            }
        }
    }

    /// A tick when something became due: the frame moves the ledger's time past that moment.
    fn add_due_tick(&mut self) {
        if 0 < self.commands {
            return;
        }
        if self.ledger.next_due().is_some_and(|due| due <= self.now()) {
            command::encode_tick(&mut self.payload);
            self.commands = 1;
        }
    }

    /// Appends the gathered frame, applies it and readies the answers.
    fn sequence(&mut self) -> Result<(), NodeError> {
        let at = self.now();
        let begun = Instant::now();
        #[cfg(planted)]
        if planted::is(Bug::ReplyEarly) {
            self.reply_early(at)?;
        }
        let appended = self
            .log
            .reserve(self.payload.len())
            .and_then(|()| self.log.append(at, self.commands, &self.payload));
        let frame = match appended {
            Ok(frame) => frame,
            Err(AppendError::Full { .. }) => {
                self.turn_away(Unavailable::JournalFull);
                return Ok(());
            }
            Err(error) => {
                self.turn_away(Unavailable::Failed);
                return Err(error.into());
            }
        };
        self.shared.leave_full();
        let synced = Instant::now();
        #[cfg(planted)]
        if planted::is(Bug::ReplyEarly) {
            self.unmarked = true;
            self.clear();
            return Ok(());
        }
        self.outcomes.clear();
        self.ledger
            .apply_frame(frame, at, &self.payload, &mut self.outcomes)
            .map_err(|error| NodeError::Command { frame: frame.0, error })?;
        assert!(self.outcomes.len() == self.commands as usize, "an outcome for every command");
        self.publish_changes();
        self.note_frame(self.payload.len());
        self.count(begun, synced);
        self.ready_answers();
        self.unmarked = true;
        self.clear();
        Ok(())
    }

    #[cfg(planted)]
    fn reply_early(&mut self, at: Millis) -> Result<(), NodeError> {
        let frame = self.log.tail().frame.next();
        self.outcomes.clear();
        self.ledger
            .apply_frame(frame, at, &self.payload, &mut self.outcomes)
            .map_err(|error| NodeError::Command { frame: frame.0, error })?;
        self.publish_changes();
        self.note_frame(self.payload.len());
        self.ready_answers();
        self.hand_over();
        Ok(())
    }

    fn ready_answers(&mut self) {
        #[cfg(planted)]
        if planted::is(Bug::SwapAnswers) {
            self.outcomes.reverse();
        }
        let mut outcomes = self.outcomes.drain(..);
        let now = Instant::now();
        for Waiting { count, since, reply } in self.waiting.drain(..) {
            let micros = now.duration_since(since).as_micros() as u64;
            self.shared.metrics.ack_us.record_many(micros, u64::from(count));
            self.ready.push(match reply {
                ReplyTo::One(sender) => {
                    let outcome = outcomes.next().expect("an outcome for every command");
                    Reply::One(sender, Ok(outcome))
                }
                ReplyTo::Many(sender) => {
                    let own = outcomes.by_ref().take(count as usize).collect();
                    Reply::Many(sender, Ok(own))
                }
            });
        }
    }

    fn turn_away(&mut self, why: Unavailable) {
        if why == Unavailable::JournalFull {
            self.shared.enter_full();
        }
        self.ready.extend(self.waiting.drain(..).map(|waiting| waiting.reply.refuse(why)));
        self.hand_over();
        self.clear();
    }

    fn clear(&mut self) {
        self.payload.clear();
        self.waiting.clear();
        self.commands = 0;
    }

    /// Hands the answers to the task that sends them; the only place that does.
    fn hand_over(&mut self) {
        if !self.ready.is_empty() {
            // The receiver ends only with the program; what is durable stays so without it.
            drop(self.replies.send(std::mem::take(&mut self.ready)));
        }
    }

    /// The time to stamp: the clock's, but never before the last frame's.
    fn now(&self) -> Millis {
        #[cfg(planted)]
        if planted::is(Bug::TimeBack) {
            return self.clock.now();
        }
        self.clock.now().max(self.ledger.time())
    }

    fn count(&self, begun: Instant, synced: Instant) {
        let metrics = &self.shared.metrics;
        metrics.frames.fetch_add(1, Relaxed);
        metrics.commands.fetch_add(u64::from(self.commands), Relaxed);
        metrics.frame_commands.record(u64::from(self.commands));
        metrics.frame_bytes.record(self.payload.len() as u64);
        metrics.sync_us.record(synced.duration_since(begun).as_micros() as u64);
        metrics.journal_bytes.fetch_add(self.payload.len() as u64, Relaxed);
        metrics.count_outcomes(self.outcomes.iter().map(Outcome::code));
    }
}

/// The outcome of a single command that would change nothing.
fn preview(ledger: &Ledger, now: Millis, records: &[u8]) -> Option<Outcome> {
    let first = Records::new(records).next().expect("a submitted record is there");
    let (_, record) = first.expect("this process encoded the record");
    let command = Command::decode(record).expect("this process encoded the command");
    ledger.preview(now, &command)
}
