//! The queue into the sequencer: bounded, never waited for, emptied when its reader goes.
//!
//! Owns: the channel and the count of what waits in it. Never: blocks whoever submits.
//! Invariants: the count is never less than what waits; a job whose reader has ended is dropped,
//! and with it its reply, so that nobody waits for an answer that cannot come. The channel is the
//! standard library's for that second one: others keep what was sent last until every sender is
//! gone, and our senders live as long as the program.

use crate::pending::Job;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// The end that submits.
#[derive(Clone)]
pub(crate) struct QueueIn {
    jobs: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
}

/// The end of the sequencer.
pub(crate) struct Queue {
    jobs: Receiver<Job>,
    waiting: Arc<AtomicUsize>,
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// As many wait as may wait.
    Full,
    /// The sequencer has ended.
    Ended,
}

/// A queue for so many jobs.
pub(crate) fn queue(jobs_max: usize) -> (QueueIn, Queue) {
    assert!(0 < jobs_max, "a queue without room would refuse everything");
    let (sender, receiver) = sync_channel(jobs_max);
    let waiting = Arc::new(AtomicUsize::new(0));
    (QueueIn { jobs: sender, waiting: Arc::clone(&waiting) }, Queue { jobs: receiver, waiting })
}

impl QueueIn {
    pub(crate) fn submit(&self, job: Job) -> Result<(), NotTaken> {
        // Counted first: a queue that looks empty is empty.
        self.waiting.fetch_add(1, SeqCst);
        self.jobs.try_send(job).map_err(|error| {
            self.waiting.fetch_sub(1, SeqCst);
            match error {
                TrySendError::Full(_) => NotTaken::Full,
                TrySendError::Disconnected(_) => NotTaken::Ended,
            }
        })
    }

    /// How many wait, or are about to.
    pub(crate) fn len(&self) -> usize {
        self.waiting.load(SeqCst)
    }
}

impl Queue {
    /// The next job, waited for at most so long.
    pub(crate) fn wait(&self, at_most: Duration) -> Result<Job, RecvTimeoutError> {
        self.jobs.recv_timeout(at_most).inspect(|_| self.take_note())
    }

    /// The next job, if one waits.
    pub(crate) fn next(&self) -> Option<Job> {
        // Empty or given up: either way nothing waits.
        self.jobs.try_recv().ok().inspect(|_| self.take_note())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.load(SeqCst) == 0
    }

    fn take_note(&self) {
        let before = self.waiting.fetch_sub(1, SeqCst);
        assert!(0 < before, "what was taken was counted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pending::Pending;

    #[test]
    fn nobody_waits_for_a_reader_that_has_gone() {
        let (into, out) = queue(1);
        let (reply, pending) = Pending::<u32>::new();
        let look = Box::new(move |_: &ledger::Ledger| -> Box<dyn FnOnce() + Send> {
            Box::new(move || assert!(reply.send(Ok(0)).is_ok()))
        });
        into.submit(Job::Read(look)).unwrap();
        assert!(!out.is_empty());
        drop(out);
        assert_eq!(pending.wait(), Err(crate::Unavailable::Failed), "though the sender lives");
        let again = into.submit(Job::Read(Box::new(|_| Box::new(|| ()))));
        assert_eq!(again, Err(NotTaken::Ended));
    }

    #[test]
    fn what_is_taken_waits_no_more() {
        let (into, out) = queue(2);
        let look = || Job::Read(Box::new(|_| Box::new(|| ())));
        for _ in 0..3 {
            into.submit(look()).unwrap();
            into.submit(look()).unwrap();
            assert_eq!(into.submit(look()), Err(NotTaken::Full));
            assert_eq!(into.len(), 2);
            assert!(out.next().is_some() && !out.is_empty() && into.len() == 1);
            assert!(out.wait(Duration::ZERO).is_ok() && out.is_empty());
            assert!(out.next().is_none() && into.len() == 0);
        }
    }
}
