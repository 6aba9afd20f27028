//! What a session's forms were answered: a form that comes twice is done once.
//!
//! Owns: the answers by the request id that each form carries, the newest of them. Never: does
//! anything itself.
//! Invariants: of all that come with one request id, one does what the form asks, in a task of
//! its own that goes on when the browser leaves; the others wait for its answer.

use std::collections::VecDeque;
use std::future::Future;
use tokio::sync::watch;
use types::limits;

/// What became of a form, as its page tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Whether it was done.
    pub(super) is_done: bool,
    /// The code of the refusal; empty when it was done.
    pub(super) code: &'static str,
    /// What happened, in a few words.
    pub(super) title: String,
    /// What happened, to what, and what to do now.
    pub(super) detail: String,
}

/// The newest answers of a session.
#[derive(Default)]
pub(super) struct Answers(VecDeque<(String, Slot)>);

type Slot = watch::Receiver<Option<Answer>>;

/// Where the answer of a request is, or is to be put.
pub(super) enum Told {
    /// Nobody has done it yet: whoever gets this does it.
    First(watch::Sender<Option<Answer>>),
    /// Somebody has done it, or is about to.
    Again(watch::Receiver<Option<Answer>>),
}

impl Answers {
    /// The answer of a request of this id.
    pub(super) fn of(&mut self, request: &str) -> Told {
        if let Some((_, slot)) = self.0.iter().find(|(id, _)| id == request) {
            return Told::Again(slot.clone());
        }
        let (sender, slot) = watch::channel(None);
        if limits::CONSOLE_ANSWERS_KEPT_MAX <= self.0.len() {
            self.0.pop_front();
        }
        self.0.push_back((request.to_owned(), slot));
        Told::First(sender)
    }

    /// The answer of a request that came, if it is there.
    pub(super) fn given(&self, request: &str) -> Option<Answer> {
        let (_, slot) = self.0.iter().find(|(id, _)| id == request)?;
        slot.borrow().clone()
    }
}

impl Told {
    /// Does what a form asks, unless that was done, and gives the answer. Nothing only when the
    /// task that does it has panicked.
    pub(super) async fn once(
        self,
        work: impl Future<Output = Answer> + Send + 'static,
    ) -> Option<Answer> {
        let mut slot = match self {
            Self::Again(slot) => slot,
            Self::First(sender) => {
                let slot = sender.subscribe();
                tokio::spawn(async move {
                    let answer = work.await;
                    // The session keeps the other end, and may have ended.
                    sender.send_replace(Some(answer));
                });
                slot
            }
        };
        let answered = slot.wait_for(Option::is_some).await.ok()?;
        answered.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use tokio::sync::Notify;

    fn answer(title: &str) -> Answer {
        let title = title.to_owned();
        Answer { is_done: true, code: "", title, detail: String::new() }
    }

    #[tokio::test]
    async fn two_presses_are_one_action() {
        let mut answers = Answers::default();
        let (done, go) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let press = |told: Told| {
            let (done, go) = (Arc::clone(&done), Arc::clone(&go));
            told.once(async move {
                go.notified().await;
                answer(&format!("done {}", done.fetch_add(1, Relaxed)))
            })
        };
        let first = press(answers.of("r1"));
        let second = press(answers.of("r1"));
        go.notify_one();
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first, Some(answer("done 0")));
        assert_eq!(first, second);
        assert_eq!(answers.given("r1"), first);
        assert_eq!(answers.given("r2"), None);
    }

    #[tokio::test]
    async fn a_browser_that_leaves_does_not_stop_it() {
        let mut answers = Answers::default();
        let go = Arc::new(Notify::new());
        let wait = Arc::clone(&go);
        let work = async move {
            wait.notified().await;
            answer("done")
        };
        // Polled once, and dropped.
        let mut pressed = Box::pin(answers.of("r").once(work));
        std::future::poll_fn(|context| {
            assert!(pressed.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(pressed);
        go.notify_one();
        let again = answers.of("r").once(async { answer("a second time") }).await;
        assert_eq!(again, Some(answer("done")));
    }

    #[tokio::test]
    async fn only_the_newest_are_kept() {
        let mut answers = Answers::default();
        for number in 0..=limits::CONSOLE_ANSWERS_KEPT_MAX {
            let told = answers.of(&number.to_string());
            told.once(async { answer("x") }).await.unwrap();
        }
        assert_eq!(answers.given("0"), None);
        assert_eq!(answers.given("1"), Some(answer("x")));
    }
}
