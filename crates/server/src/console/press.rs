//! A press: a form that changes something, done once.
//!
//! Owns: the way from a form to its answer, and the words of that answer. Never: knows what the
//! form asks for.
//! Invariants: a request id is good for one form, word for word: the same again is told what
//! became of the first, another one is refused. "Nothing was done" stands over no answer of which
//! that is not known.

use super::Console;
use super::answers::Answer;
use super::fields::Fields;
use super::guard::Seat;
use super::page::{Shell, refusal, see};
use crate::language::Language;
use crate::moment::plain;
use crate::problem::Problem;
use crate::secret;
use axum::response::Response;
use http::StatusCode;
use node::CampaignView;
use std::future::Future;
use std::time::Duration;
use tokio::time::timeout;

/// The code of a press of which it is not known whether it was done.
const UNKNOWN: &str = "failed";
/// Meanings of refusals behind which a part is done; their own words stand over them.
const HALF_DONE: [&str; 3] = ["void-unwritten", "winners-differ", "winners-sold-out"];

/// A campaign's page, which tells what became of a form.
pub(super) fn told(code: &str, request: &str) -> String {
    told_on(&format!("/console/c/{code}"), request)
}

/// A page that tells what became of a form.
fn told_on(page: &str, request: &str) -> String {
    format!("{page}?told={request}")
}

/// The refusal of a form whose request id came with another form before.
pub(super) fn answered_before(shell: &Shell) -> Response {
    refusal(shell, StatusCode::CONFLICT, "form-answered")
}

/// What became of a press, in the words of its page.
fn became(result: Result<(), Problem>, what: &str, when: String, language: Language) -> Answer {
    let t = &language.texts().console.switch;
    let when = t.pressed.with(when);
    match result {
        Ok(()) => {
            let (title, detail) = (t.done.with(what), String::new());
            Answer { is_done: true, code: "", title, detail, when }
        }
        Err(problem) => {
            let (word, detail) = Shell::spoken(language, "").words(&problem);
            let title = match problem.meaning {
                _ if problem.code == UNKNOWN => t.unknown.to_string(),
                Some(meaning) if HALF_DONE.contains(&meaning) => word,
                _ => t.refused.to_string(),
            };
            Answer { is_done: false, code: problem.code, title, detail, when }
        }
    }
}

impl Console {
    /// Does what a form asks, unless it came before, and leads back to the campaign's page, which
    /// tells what became of it.
    pub(super) async fn once(
        &self,
        (shell, seat): (&Shell, &Seat),
        fields: &Fields,
        (view, title): (&CampaignView, String),
        work: impl Future<Output = Result<(), Problem>> + Send + 'static,
    ) -> Response {
        let page = format!("/console/c/{}", view.definition.code);
        self.once_on((&page, None), (shell, seat), fields, (view, title), work).await
    }

    /// The same, and leads to another page: when the answer is there, or when it was waited for
    /// long enough. What is at work goes on, and the page tells when it is done.
    pub(super) async fn once_on(
        &self,
        (page, patience): (&str, Option<Duration>),
        (shell, seat): (&Shell, &Seat),
        fields: &Fields,
        (view, title): (&CampaignView, String),
        work: impl Future<Output = Result<(), Problem>> + Send + 'static,
    ) -> Response {
        let request = fields.get("request");
        let is_id = request.len() == secret::CHARS
            && request.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let form = fields.digest(&shell.path);
        let slot = is_id.then(|| self.sessions.answer(&seat.visit.key, request, form)).flatten();
        let slot = match slot {
            Some(Ok(slot)) => slot,
            Some(Err(_)) => return answered_before(shell),
            None => return refusal(shell, StatusCode::FORBIDDEN, "form-refused"),
        };
        let (t, language) = (&shell.t.switch, shell.language);
        let now = self.operator.now();
        let when = plain(&view.definition.calendar, now, now, language);
        let answer = async move { became(work.await, &title, when, language) };
        let answered = slot.once(answer);
        let is_lost = match patience {
            None => answered.await.is_none(),
            Some(patience) => timeout(patience, answered).await.is_ok_and(|it| it.is_none()),
        };
        if is_lost {
            let failed = StatusCode::INTERNAL_SERVER_ERROR;
            return shell.problem(failed, UNKNOWN, &t.unknown, &t.lost);
        }
        see(&told_on(page, request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_was_done_only_where_that_is_known() {
        let problem = |code| Problem::new(503, code, "Not available now", "Look.".to_owned());
        for language in Language::all() {
            let t = &language.texts().console.switch;
            let answer =
                |result| became(result, "Withdraw", "Fri 1 Feb, 20:30".to_owned(), language);
            let lost = answer(Err(problem(UNKNOWN)));
            assert_eq!((lost.is_done, lost.code), (false, "failed"));
            assert_eq!(lost.title, *t.unknown);
            assert_eq!(answer(Err(problem("overloaded"))).title, *t.refused);
            for meaning in HALF_DONE {
                let half = answer(Err(problem("sold-out").meaning(meaning)));
                assert_ne!(half.title, *t.refused, "{meaning}");
            }
            assert!(lost.when.contains("Fri 1 Feb, 20:30"));
            assert!(answer(Ok(())).is_done);
        }
    }
}
