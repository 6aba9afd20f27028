//! A handle on a running node: how everybody else talks to the ledger.
//!
//! Owns: the way in. Never: decides, or waits; what is not taken at once is refused at once.

use crate::clock::Clock;
use crate::error::Unavailable;
use crate::metrics::Metrics;
use crate::pending::{Job, Pending, ReplyTo};
use crate::queue::{NotTaken, QueueIn};
use crate::status::{NodeStatus, Shared, State};
use crate::view::View;
use journal::ReadLog;
use ledger::Ledger;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;
use types::command::{Command, Records};
use types::ids::Millis;
use types::limits;
use types::outcome::Outcome;

/// A handle on a running node. Cheap to clone.
#[derive(Clone)]
pub struct Node {
    pub(crate) jobs: QueueIn,
    pub(crate) shared: Arc<Shared>,
    pub(crate) reader: Arc<dyn ReadLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Node {
    /// Submits one command record (`types::command`).
    ///
    /// # Errors
    /// When it was not taken; then it has no place and no effect.
    ///
    /// # Panics
    /// When `record` is not one whole command record: callers encode it themselves.
    pub fn submit_one(&self, record: Vec<u8>) -> Result<Pending<Outcome>, Unavailable> {
        let (reply, pending) = Pending::new();
        self.submit_records(record, 1, ReplyTo::One(reply))?;
        Ok(pending)
    }

    /// Submits several command records as one unit of the order; one outcome for each.
    ///
    /// # Errors
    /// When they were not taken; then none has a place or an effect.
    ///
    /// # Panics
    /// When they are more than `limits::BATCH_ENTRIES_MAX`, or not as many whole records.
    pub fn submit(
        &self,
        records: Vec<u8>,
        count: u32,
    ) -> Result<Pending<Vec<Outcome>>, Unavailable> {
        assert!(count as usize <= limits::BATCH_ENTRIES_MAX, "a batch is within its limit");
        let (reply, pending) = Pending::new();
        self.submit_records(records, count, ReplyTo::Many(reply))?;
        Ok(pending)
    }

    fn submit_records(
        &self,
        records: Vec<u8>,
        count: u32,
        reply: ReplyTo,
    ) -> Result<(), Unavailable> {
        assert_records(&records, count);
        match self.shared.state() {
            State::Ready => {}
            State::Replaying => return Err(Unavailable::Replaying),
            State::Full => return Err(Unavailable::JournalFull),
            State::Draining => return Err(Unavailable::Draining),
            State::Failed => return Err(Unavailable::Failed),
        }
        self.enqueue(Job::Submit { records, count, since: Instant::now(), reply })?;
        self.shared.metrics.arrivals.fetch_add(u64::from(count), Relaxed);
        Ok(())
    }

    /// Runs a look at the ledger between two frames. Everything it sees is durable. It holds up
    /// the whole node: at most about 10,000 rows at a time.
    ///
    /// # Errors
    /// When it was not taken.
    pub fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Ledger) -> T + Send + 'static,
    ) -> Result<Pending<T>, Unavailable> {
        match self.shared.state() {
            State::Ready | State::Full => {}
            State::Draining => return Err(Unavailable::Draining),
            State::Replaying => return Err(Unavailable::Replaying),
            State::Failed => return Err(Unavailable::Failed),
        }
        let (reply, pending) = Pending::new();
        self.enqueue(Job::Read(Box::new(move |ledger| {
            let seen = look(ledger);
            // Whoever asked may have gone away.
            Box::new(move || drop(reply.send(Ok(seen))))
        })))?;
        Ok(pending)
    }

    fn enqueue(&self, job: Job) -> Result<(), Unavailable> {
        self.jobs.submit(job).map_err(|error| match error {
            NotTaken::Full => {
                self.shared.metrics.shed.fetch_add(1, Relaxed);
                Unavailable::QueueFull
            }
            // A node that was not told to end has failed, and may not have said so yet.
            NotTaken::Ended if self.shared.state() == State::Draining => Unavailable::Draining,
            NotTaken::Ended => Unavailable::Failed,
        })
    }

    /// The published view.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.view.load_full()
    }

    /// The time now, by which everything outside the ledger answers: the clock's, but never
    /// before the journal's. A clock that is set back makes it stand still, and no answer goes
    /// back behind one that was given.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now().max(self.journal_time())
    }

    /// Milliseconds by which the clock lies before the journal's time: 0 unless it was set back.
    #[must_use]
    pub fn clock_behind_millis(&self) -> u64 {
        self.journal_time().since(self.clock.now())
    }

    /// The time of the journal's last frame.
    fn journal_time(&self) -> Millis {
        Millis(self.shared.time.load(Relaxed))
    }

    /// What the node counts.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// The node's condition.
    #[must_use]
    pub fn status(&self) -> NodeStatus {
        NodeStatus {
            state: self.shared.state(),
            frame: self.shared.frame.load(Relaxed),
            replay_until: self.shared.replay_until.load(Relaxed),
            queue: self.jobs.len(),
        }
    }

    /// A reader of the journal that sees everything durable by now.
    #[must_use]
    pub fn journal_reader(&self) -> Box<dyn ReadLog> {
        let mut reader = self.reader.duplicate();
        reader.refresh();
        reader
    }

    /// Takes no more requests, answers those taken, and ends the node.
    pub fn drain(&self) {
        self.shared.set_state(State::Draining);
    }
}

/// What is once in the journal must be readable for ever: whoever submits anything else is wrong,
/// and learns it before it is queued.
///
/// # Panics
/// When the bytes are not `count` command records.
fn assert_records(records: &[u8], count: u32) {
    // What gathered before them is less than after what a frame is closed.
    const RECORDS_BYTES_MAX: usize = limits::FRAME_PAYLOAD_BYTES_MAX - limits::FRAME_BYTES_TARGET;
    const _: () =
        assert!(limits::COMMAND_BYTES_MAX < RECORDS_BYTES_MAX, "with its kind and length");
    assert!(records.len() <= RECORDS_BYTES_MAX, "records fit into a frame");
    let mut found = 0;
    for record in Records::new(records) {
        let (_, record) = record.expect("what is submitted was encoded as records");
        assert!(Command::decode(record).is_ok(), "what is submitted was encoded as commands");
        found += 1;
    }
    assert!(found == count && 0 < count, "as many records as the caller says");
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::command;

    fn ticks(count: u32) -> Vec<u8> {
        let mut records = Vec::new();
        (0..count).for_each(|_| command::encode_tick(&mut records));
        records
    }

    /// Whether records are refused, and with which words.
    fn refused(records: &[u8], count: u32) -> Option<String> {
        let refused = std::panic::catch_unwind(|| assert_records(records, count)).err()?;
        let text = refused.downcast::<String>().map(|text| *text);
        Some(text.unwrap_or_else(|other| (*other.downcast::<&str>().unwrap()).to_owned()))
    }

    #[test]
    fn only_whole_records_as_many_as_told_and_within_a_frame_are_submitted() {
        assert_eq!(refused(&ticks(3), 3), None);
        for (records, count) in [(ticks(3), 2), (ticks(3), 4), (ticks(0), 0)] {
            let text = refused(&records, count).unwrap();
            assert!(text.contains("as many records"), "{text}");
        }
        let text = refused(&ticks(2)[1..], 1).unwrap();
        assert!(text.contains("encoded"), "{text}");
        let most = limits::FRAME_PAYLOAD_BYTES_MAX - limits::FRAME_BYTES_TARGET;
        let text = refused(&vec![0; most + 1], 1).unwrap();
        assert!(text.contains("fit into a frame"), "{text}");
        let text = refused(&vec![0; most], 1).unwrap();
        assert!(text.contains("encoded"), "{text}");
    }
}
