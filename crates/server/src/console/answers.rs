//! What a session's forms were answered: a form that comes twice is done once.
//!
//! Owns: the answers by the request id that each form carries, the newest of them. Never: does
//! anything itself.
//! Invariants: of all that come with one request id, one does what the form asks, in a task of
//! its own that goes on when the browser leaves; the others wait for its answer. A request id is
//! good for one form: another one that comes with it is neither done nor told to be.

use super::fields::FormDigest;
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
    /// When it was pressed: what is told again is of then.
    pub(super) when: String,
}

/// The newest answers of a session.
#[derive(Default)]
pub(super) struct Answers(VecDeque<Kept>);

/// The answer of a form, or the place for it.
struct Kept {
    request: String,
    form: FormDigest,
    slot: watch::Receiver<Option<Answer>>,
}

/// The request id is another form's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OtherForm;

/// Where the answer of a request is, or is to be put.
pub(super) enum Told {
    /// Nobody has done it yet: whoever gets this does it.
    First(watch::Sender<Option<Answer>>),
    /// Somebody has done it, or is about to.
    Again(watch::Receiver<Option<Answer>>),
}

impl Answers {
    /// The answer of a form with a request of this id.
    pub(super) fn of(&mut self, request: &str, form: FormDigest) -> Result<Told, OtherForm> {
        if let Some(kept) = self.find(request) {
            let is_same = kept.form == form;
            return if is_same { Ok(Told::Again(kept.slot.clone())) } else { Err(OtherForm) };
        }
        let (sender, slot) = watch::channel(None);
        if limits::CONSOLE_ANSWERS_KEPT_MAX <= self.0.len() {
            self.0.pop_front();
        }
        self.0.push_back(Kept { request: request.to_owned(), form, slot });
        Ok(Told::First(sender))
    }

    /// The answer of a request that came, if it is there.
    pub(super) fn given(&self, request: &str) -> Option<Answer> {
        self.find(request)?.slot.borrow().clone()
    }

    /// Whether a request came and has no answer yet.
    pub(super) fn is_waited_for(&self, request: &str) -> bool {
        self.find(request).is_some_and(|kept| kept.slot.borrow().is_none())
    }

    /// Whether a request came, and with this form.
    pub(super) fn is_of(&self, request: &str, form: FormDigest) -> Option<bool> {
        self.find(request).map(|kept| kept.form == form)
    }

    fn find(&self, request: &str) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.request == request)
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

    const FORM: FormDigest = [1; 32];

    fn answer(title: &str) -> Answer {
        let title = title.to_owned();
        let (detail, when) = (String::new(), String::new());
        Answer { is_done: true, code: "", title, detail, when }
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
        let first = press(answers.of("r1", FORM).unwrap());
        let second = press(answers.of("r1", FORM).unwrap());
        assert!(answers.is_waited_for("r1") && !answers.is_waited_for("r2"));
        go.notify_one();
        let (first, second) = tokio::join!(first, second);
        assert!(!answers.is_waited_for("r1"));
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
        let mut pressed = Box::pin(answers.of("r", FORM).unwrap().once(work));
        std::future::poll_fn(|context| {
            assert!(pressed.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(pressed);
        go.notify_one();
        let again = answers.of("r", FORM).unwrap().once(async { answer("a second time") }).await;
        assert_eq!(again, Some(answer("done")));
    }

    #[tokio::test]
    async fn only_the_newest_are_kept() {
        let mut answers = Answers::default();
        for number in 0..=limits::CONSOLE_ANSWERS_KEPT_MAX {
            let told = answers.of(&number.to_string(), FORM).unwrap();
            told.once(async { answer("x") }).await.unwrap();
        }
        assert_eq!(answers.given("0"), None);
        assert_eq!(answers.given("1"), Some(answer("x")));
    }

    #[tokio::test]
    async fn a_request_id_is_good_for_one_form() {
        let mut answers = Answers::default();
        answers.of("r", FORM).unwrap().once(async { answer("x") }).await.unwrap();
        assert!(answers.of("r", [2; 32]).is_err(), "it was not done");
        assert!(answers.of("r", FORM).is_ok());
        let told = ["r", "s"].map(|id| [FORM, [2; 32]].map(|form| answers.is_of(id, form)));
        assert_eq!(told, [[Some(true), Some(false)], [None, None]]);
    }
}
