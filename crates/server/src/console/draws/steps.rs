//! The forms of the steps of a draw.
//!
//! Owns: a page for each step, which is looked at before it is done where a mistake would be for
//! good. Never: does a step: the operator API does, under the name of the account.
//! Invariants: every form has a reason; nothing is recorded of what does not fit the seal; a form
//! that comes twice is done once.

use super::address;
use super::facts::Facts;
use super::form::{FieldView, Form, Place};
use super::kind::Kind;
use crate::console::Console;
use crate::console::fields::Fields;
use crate::console::guard::{Overseer, Posted, Seat};
use crate::console::page::{Shell, refusal};
use crate::console::switches::title;
use crate::operator::actions::{ActionRequest, Word};
use crate::operator::{Operator, input};
use crate::problem::Problem;
use crate::secret;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use node::CampaignView;
use std::sync::Arc;
use std::time::Duration;
use types::ids::DrawNo;
use types::limits;

#[derive(Template)]
#[template(path = "console/draw/step.html")]
struct StepPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    /// The draw's page, and its name.
    draw: (String, String),
    title: String,
    what: String,
    submit: String,
    /// The word on the button that only looks, where there is one.
    check: Option<String>,
    /// What is said of what was looked at.
    held: Option<String>,
    /// Whether it can be done: it holds, or is of the kind that is done at once.
    may_submit: bool,
    fields: Vec<FieldView>,
    notes: Vec<String>,
    needs_code: bool,
    typed_code: String,
    reason_hint: Option<String>,
    reason: String,
    error: Option<String>,
    request: String,
}

/// The draw that a form is of.
struct At<'a> {
    shell: &'a Shell,
    view: &'a CampaignView,
    no: DrawNo,
    facts: &'a Facts,
    kind: Kind,
}

/// What stands in a form besides its own fields.
#[derive(Default)]
struct Typed {
    code: String,
    reason: String,
    /// Whether it was looked at, and all of it holds.
    held: bool,
}

/// `GET /console/c/{campaign}/draws/{draw}/do/{step}`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path((code, draw, word)): Path<(String, String, String)>,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/draws/{draw}/do/{word}"));
    let (view, no, kind) = match console.step_of(&shell, &seat, (&code, &draw, &word)) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let facts = match console.facts(&view, no).await {
        Ok(facts) => facts,
        Err(problem) => return shell.problem_of(&problem),
    };
    if !facts.is_latest {
        return refusal(&shell, StatusCode::CONFLICT, "unknown-draw");
    }
    if !facts.offers(kind) {
        return refusal(&shell, StatusCode::CONFLICT, "draw-order");
    }
    if let Some(answer) = unread(&shell, kind, &facts) {
        return answer;
    }
    let at = At { shell: &shell, view: &view, no, facts: &facts, kind };
    let form = Form::of(kind, &console.place(&at), None);
    at.page((StatusCode::OK, None), form, Typed::default())
}

/// `POST /console/c/{campaign}/draws/{draw}/do/{step}`
pub(super) async fn submit(
    State(console): State<Arc<Console>>,
    Path((code, draw, word)): Path<(String, String, String)>,
    Posted { seat, fields }: Posted,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/draws/{draw}/do/{word}"));
    let (view, no, kind) = match console.step_of(&shell, &seat, (&code, &draw, &word)) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let facts = match console.facts(&view, no).await {
        Ok(facts) => facts,
        Err(problem) => return shell.problem_of(&problem),
    };
    if let Some(answer) = unread(&shell, kind, &facts) {
        return answer;
    }
    let at = At { shell: &shell, view: &view, no, facts: &facts, kind };
    let form = Form::of(kind, &console.place(&at), Some(&fields));
    let form = match at.look(&fields, form) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    console.take(&at, &seat, &fields, form).await
}

/// The refusal of a form that asks for what the seal fixes, where the seal cannot be read.
fn unread(shell: &Shell, kind: Kind, facts: &Facts) -> Option<Response> {
    let problem = facts.damage.as_ref().filter(|_| facts.history.is_none())?;
    matches!(kind, Kind::Open | Kind::Seed).then(|| shell.problem_of(problem))
}

impl At<'_> {
    /// What there is to say before anything is done; the form, if it may be done.
    fn look(&self, fields: &Fields, form: Form) -> Result<Form, Box<Response>> {
        let (t, shell) = (&self.shell.t.draw, self.shell);
        let typed = |held| Typed {
            code: fields.get("code").to_owned(),
            reason: fields.get("reason").to_owned(),
            held,
        };
        let bad = StatusCode::BAD_REQUEST;
        let page = |status, error: Option<&str>, form, held| {
            let error = error.map(str::to_owned);
            Err(Box::new(self.page((status, error), form, typed(held))))
        };
        if form.has_errors() {
            return page(bad, Some(&t.wrong.check), form, false);
        }
        if !form.holds() {
            return page(StatusCode::CONFLICT, Some(&t.wrong.check), form, false);
        }
        // Beyond what its own fields say, what the operator API would not read.
        let is_read = form.asked.as_ref().is_none_or(|asked| asked.step().is_ok());
        if !is_read && self.kind != Kind::Void {
            return page(bad, Some(&t.wrong.check), form, false);
        }
        if fields.get("look") == "1" {
            return page(StatusCode::OK, None, form, true);
        }
        if self.kind.needs_code() && fields.get("code").trim() != self.view.definition.code {
            return page(bad, Some(&shell.t.switch.wrong_code), form, true);
        }
        if let Err(problem) = input::reason(Some(fields.get("reason"))) {
            let (_, error) = shell.words(&problem);
            return page(bad, Some(&error), form, true);
        }
        if !is_read {
            return page(bad, Some(&t.wrong.reason), form, true);
        }
        Ok(form)
    }

    fn page(
        &self,
        (status, error): (StatusCode, Option<String>),
        form: Form,
        typed: Typed,
    ) -> Response {
        let Self { shell, view, no, facts, kind } = self;
        let (t, code) = (&shell.t.draw, &view.definition.code);
        let seal = facts.history.as_ref().map(|history| &history.seal);
        let has_beacon = seal.is_some_and(|seal| seal.drand.is_some());
        let [title_of_step, what, submit] = kind.texts(t, has_beacon).map(str::to_owned);
        // Without a field there is nothing to look at first.
        let check = kind.check(t).filter(|_| !form.fields.is_empty());
        let is_held = check.is_none() || typed.held;
        let page = StepPage {
            shell,
            code,
            campaign: title(view, shell),
            draw: (address(code, *no), facts.folder.name.to_string()),
            title: title_of_step,
            what,
            submit,
            held: check.filter(|_| typed.held && error.is_none()).map(|[_, held]| held.to_owned()),
            check: check.map(|[check, _]| match typed.held {
                true => t.form.check_again.to_string(),
                false => check.to_owned(),
            }),
            may_submit: is_held,
            fields: form.fields,
            notes: form.notes,
            needs_code: kind.needs_code(),
            typed_code: typed.code,
            reason_hint: (*kind == Kind::Void).then(|| t.form.void_reason.to_string()),
            reason: typed.reason,
            error,
            request: secret::random().unwrap_or_default(),
        };
        shell.answer(status, &page)
    }
}

impl Console {
    fn step_of(
        &self,
        shell: &Shell,
        seat: &Seat,
        (code, draw, word): (&str, &str, &str),
    ) -> Result<(Arc<CampaignView>, DrawNo, Kind), Box<Response>> {
        self.owned(shell, seat, code)?;
        let (view, no) = self.draw_of(shell, code, draw)?;
        let nowhere = || Box::new(refusal(shell, StatusCode::NOT_FOUND, "no-such-page"));
        Ok((view, no, Kind::of(word).ok_or_else(nowhere)?))
    }

    fn place<'a>(&self, at: &At<'a>) -> Place<'a> {
        Place {
            facts: at.facts,
            calendar: &at.view.definition.calendar,
            now: self.operator.now(),
            language: at.shell.language,
        }
    }

    /// Does it, once, and leads back to the draw's page, which tells what became of it.
    async fn take(&self, at: &At<'_>, seat: &Seat, fields: &Fields, form: Form) -> Response {
        let (code, no) = (at.view.definition.code.clone(), at.no);
        let (desk, by) = (Arc::clone(&self.operator), seat.actor());
        tracing::info!(client = %seat.from, actor = %seat.visit.person.name, campaign = %code,
            draw = no.0, step = at.kind.word(), "a step of a draw was pressed");
        let [title, ..] = at.kind.texts(&at.shell.t.draw, true).map(str::to_owned);
        let page = address(&code, no);
        let reason = fields.get("reason").to_owned();
        let work = async move {
            match form.asked {
                Some(asked) => desk.draw_step(by, &code, no, &asked).await,
                None => publish(&desk, &by, code, reason).await,
            }
        };
        let patience = Some(Duration::from_millis(limits::CONSOLE_STEP_MILLIS_MAX));
        let seen = (at.shell, seat);
        self.once_on((&page, patience), seen, fields, (at.view, title), work).await
    }
}

/// Publishes what was drawn, as the campaign's switch does.
async fn publish(
    desk: &Operator,
    by: &crate::operator::Actor,
    code: String,
    reason: String,
) -> Result<(), Problem> {
    let request = ActionRequest {
        word: Word::Publish,
        reason: Some(reason),
        entries: None,
        outlet: None,
        item: None,
        slot: None,
        all: false,
        units: None,
        dry_run: false,
        early: false,
    };
    desk.perform(by, code, &request).await.map(|_| ())
}
