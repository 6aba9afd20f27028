//! Answers on their way back to whoever asked.
//!
//! Owns: the one place that sends replies, `Replies::run`: the sequencer hands over a frame's
//! answers as one message, and a task on the server's runtime wakes the waiting requests. Waking
//! them from the sequencer's thread instead would cost a lock and often a system call each.
//! Never: holds an answer whose frame is not durable and applied.

use crate::error::Unavailable;
use ledger::Ledger;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use types::outcome::Outcome;

/// An answer to come.
#[derive(Debug)]
pub struct Pending<T> {
    receiver: oneshot::Receiver<Result<T, Unavailable>>,
}

impl<T> Pending<T> {
    pub(crate) fn new() -> (oneshot::Sender<Result<T, Unavailable>>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Self { receiver })
    }

    /// The answer, if it is there.
    pub fn try_get(&mut self) -> Option<Result<T, Unavailable>> {
        match self.receiver.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            // A dropped sender means the sequencer is gone: whether it was applied is open.
            Err(TryRecvError::Closed) => Some(Err(Unavailable::Failed)),
        }
    }

    /// Waits on a thread that is not a runtime's.
    ///
    /// # Errors
    /// When the request was not taken, or the node failed.
    pub fn wait(self) -> Result<T, Unavailable> {
        self.receiver.blocking_recv().unwrap_or(Err(Unavailable::Failed))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Unavailable>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // A dropped sender means the sequencer is gone: whether the request was applied is open.
        let answer = Pin::new(&mut self.receiver).poll(context);
        answer.map(|answer| answer.unwrap_or(Err(Unavailable::Failed)))
    }
}

/// Whom to answer.
pub(crate) enum ReplyTo {
    One(oneshot::Sender<Result<Outcome, Unavailable>>),
    Many(oneshot::Sender<Result<Vec<Outcome>, Unavailable>>),
}

/// An answer and whom it is for.
pub(crate) enum Reply {
    One(oneshot::Sender<Result<Outcome, Unavailable>>, Result<Outcome, Unavailable>),
    Many(oneshot::Sender<Result<Vec<Outcome>, Unavailable>>, Result<Vec<Outcome>, Unavailable>),
    Look(Box<dyn FnOnce() + Send>),
}

impl ReplyTo {
    pub(crate) fn refuse(self, why: Unavailable) -> Reply {
        match self {
            Self::One(sender) => Reply::One(sender, Err(why)),
            Self::Many(sender) => Reply::Many(sender, Err(why)),
        }
    }
}

/// Replies of durable, applied frames, in order.
#[derive(Debug)]
pub struct Replies {
    receiver: mpsc::UnboundedReceiver<Vec<Reply>>,
}

impl Replies {
    pub(crate) fn new() -> (mpsc::UnboundedSender<Vec<Reply>>, Self) {
        // Unbounded as a channel, bounded in fact: there is one reply for each queued request.
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Self { receiver })
    }

    /// Sends replies until the node has ended. Spawn it on the runtime that waits for them.
    pub async fn run(mut self) {
        while let Some(replies) = self.receiver.recv().await {
            replies.into_iter().for_each(Reply::send);
        }
    }

    /// Sends those that are there now.
    pub fn deliver(&mut self) {
        while let Ok(replies) = self.receiver.try_recv() {
            replies.into_iter().for_each(Reply::send);
        }
    }

    /// The same on a thread of its own, for programs without a runtime.
    pub fn run_blocking(mut self) {
        while let Some(replies) = self.receiver.blocking_recv() {
            replies.into_iter().for_each(Reply::send);
        }
    }
}

impl Reply {
    fn send(self) {
        // Whoever asked may have gone away; the outcome stands, and asking again gets it.
        match self {
            Self::One(sender, answer) => drop(sender.send(answer)),
            Self::Many(sender, answer) => drop(sender.send(answer)),
            Self::Look(send) => send(),
        }
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}

/// A look at the ledger; what it gives back sends what was seen.
pub(crate) type Look = Box<dyn FnOnce(&Ledger) -> Box<dyn FnOnce() + Send> + Send>;

/// What waits for the sequencer.
pub(crate) enum Job {
    /// Command records to be sequenced as one unit.
    Submit { records: Vec<u8>, count: u32, since: Instant, reply: ReplyTo },
    /// A look at the state between two frames.
    Read(Look),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Waker;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn answers_come_as_they_are_handed_over_until_nobody_can_hand_any_over() {
        let (handed, replies) = Replies::new();
        let mut run = pin!(replies.run());
        assert_eq!(poll(run.as_mut()), Poll::Pending, "there is nothing to send yet");
        let (reply, mut one) = Pending::<Outcome>::new();
        let (many_reply, mut many) = Pending::<Vec<Outcome>>::new();
        assert_eq!((one.try_get(), poll(pin!(&mut many))), (None, Poll::Pending));
        let answers = vec![
            ReplyTo::One(reply).refuse(Unavailable::JournalFull),
            Reply::Many(many_reply, Ok(Vec::new())),
        ];
        assert!(handed.send(answers).is_ok());
        assert_eq!(poll(run.as_mut()), Poll::Pending, "there may be more");
        assert_eq!(one.try_get(), Some(Err(Unavailable::JournalFull)));
        assert_eq!(poll(pin!(&mut many)), Poll::Ready(Ok(Vec::new())));
        drop(handed);
        assert_eq!(poll(run), Poll::Ready(()));
    }

    #[test]
    fn whoever_is_dropped_is_told_that_the_outcome_is_open() {
        let open = Unavailable::Failed;
        let pending = || Pending::<Outcome>::new().1;
        assert_eq!(pending().try_get(), Some(Err(open)));
        assert_eq!(pending().wait(), Err(open));
        assert_eq!(poll(pin!(pending())), Poll::Ready(Err(open)));
    }
}
