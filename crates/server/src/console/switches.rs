//! The switches of a campaign: open, pause, resume, close, publish, cap, withdraw; and exports.
//!
//! Owns: their pages, what each says before it is pressed, and the forms. Never: decides whether
//! something is allowed: what a form asks for goes the way of the operator API, under the name of
//! the account.
//! Invariants: every form has a reason; publishing and closing need the campaign's code, typed; a
//! form that comes twice is done once.

use super::Console;
use super::accounts::AccountRole;
use super::answers::Answer;
use super::guard::{Fields, Overseer, Posted, Seat};
use super::page::{Shell, grouped, refusal, see};
use crate::operator::actions::{ActionRequest, Word};
use crate::operator::export::{self, ExportRequest};
use crate::problem::Problem;
use crate::secret;
use crate::texts::ConsoleTexts;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use node::CampaignView;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use types::Millis;

/// A switch that a campaign's page leads to.
pub(super) struct Switch {
    /// Behind the campaign's address.
    pub(super) path: &'static str,
    pub(super) title: String,
}

#[derive(Template)]
#[template(path = "console/switch.html")]
struct SwitchPage<'a> {
    shell: &'a Shell,
    view: &'a CampaignView,
    campaign: String,
    kind: Word,
    title: String,
    what: String,
    submit: String,
    entries: String,
    cap: Option<String>,
    withdraw: Option<WithdrawView>,
    error: Option<String>,
    request: String,
}

/// What a withdrawal would take, once that was asked.
struct WithdrawView {
    outlet: String,
    units: String,
    items: Vec<ChoiceView>,
    slots: Vec<ChoiceView>,
    item: String,
    slot: String,
    would: Option<String>,
    error: Option<(String, String)>,
}

struct ChoiceView {
    code: String,
    name: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "console/export.html")]
struct ExportPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    is_published: bool,
}

impl Word {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "open" => Self::Open,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "close" => Self::Close,
            "publish" => Self::Publish,
            "cap" => Self::Cap,
            "withdraw" => Self::Withdraw,
            _ => return None,
        })
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Open => "do/open",
            Self::Pause => "do/pause",
            Self::Resume => "do/resume",
            Self::Close => "do/close",
            Self::Publish => "do/publish",
            Self::Cap => "do/cap",
            Self::Withdraw => "do/withdraw",
        }
    }

    /// Whether a wrong press could not be mended: then the campaign's code is to be typed.
    const fn is_for_good(self) -> bool {
        matches!(self, Self::Close | Self::Publish)
    }

    /// Its title, what it does, and the word on its button.
    fn texts(self, t: &ConsoleTexts, entries: &str) -> [String; 3] {
        let plain = |title: &str, what: &str, submit: &str| {
            [title.to_owned(), what.to_owned(), submit.to_owned()]
        };
        match self {
            Self::Open => plain(&t.open.title, &t.open.what, &t.open.submit),
            Self::Pause => plain(&t.pause.title, &t.pause.what, &t.pause.submit),
            Self::Resume => plain(&t.resume.title, &t.resume.what, &t.resume.submit),
            Self::Close => plain(&t.close.title, &t.close.what, &t.close.submit),
            Self::Cap => plain(&t.cap.title, &t.cap.what, &t.cap.submit),
            Self::Withdraw => plain(&t.withdraw.title, &t.withdraw.what, &t.withdraw.submit),
            Self::Publish => {
                let what = t.publish.what.with(entries);
                plain(&t.publish.title, &what, &t.publish.submit)
            }
        }
    }
}

/// Whether a campaign can be paused: it takes entries, or would by itself.
pub(super) fn may_pause(view: &CampaignView, now: Millis) -> bool {
    use ledger::Phase;
    let phase = view.phase(now);
    let is_alive = matches!(phase, Phase::Open { .. } | Phase::NotOpenYet { .. });
    is_alive && !view.is_shredded() && !view.marks().paused
}

/// The switches that make sense now; the ledger has the last word.
pub(super) fn offered(view: &CampaignView, now: Millis, t: &ConsoleTexts) -> Vec<Switch> {
    let marks = view.marks();
    let is_over = view.definition.is_held_back() && view.is_published(now);
    let kinds = [
        (Word::Open, !marks.opened && !marks.closed && !is_over),
        (Word::Resume, marks.paused),
        (Word::Close, !marks.closed && !is_over),
        (Word::Publish, !view.is_published(now)),
        (Word::Cap, !marks.closed && !is_over),
        (Word::Withdraw, true),
    ];
    if view.is_shredded() {
        return Vec::new();
    }
    let kinds = kinds.into_iter().filter(|(_, is_offered)| *is_offered).map(|(kind, _)| kind);
    let mut offered: Vec<Switch> = kinds
        .map(|kind| {
            let [title, ..] = kind.texts(t, "");
            Switch { path: kind.path(), title }
        })
        .collect();
    offered.push(Switch { path: "stock", title: t.stock.title.to_string() });
    offered.push(Switch { path: "export", title: t.export.title.to_string() });
    offered
}

/// `GET /console/c/{campaign}/do/{switch}`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path((code, word)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/do/{word}"));
    let (view, kind) = match console.switch(&shell, &seat, &code, &word) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let withdraw = match kind {
        Word::Withdraw => Some(console.withdrawal(&shell, &view, query).await),
        _ => None,
    };
    console.switch_page(&shell, &view, kind, (StatusCode::OK, None), withdraw)
}

/// `POST /console/c/{campaign}/do/{switch}`
pub(super) async fn submit(
    State(console): State<Arc<Console>>,
    Path((code, word)): Path<(String, String)>,
    Posted { seat, fields }: Posted,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/do/{word}"));
    let (view, kind) = match console.switch(&shell, &seat, &code, &word) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let t = shell.t;
    let wrong = |why: &str| {
        let status = (StatusCode::BAD_REQUEST, Some(why.to_owned()));
        console.switch_page(&shell, &view, kind, status, None)
    };
    if kind.is_for_good() && fields.get("code").trim() != code {
        return wrong(&t.switch.wrong_code);
    }
    let Ok(request) = action(kind, &fields) else {
        return wrong(if kind == Word::Cap { &t.cap.wrong } else { &t.withdraw.wrong });
    };
    let [title, ..] = kind.texts(t, "");
    let (desk, by) = (Arc::clone(&console.operator), seat.visit.person.name.clone());
    let work = async move { desk.perform(&by, code, &request).await.map(|_| ()) };
    let code = view.definition.code.as_str();
    tracing::info!(client = %seat.from, actor = %seat.visit.person.name, campaign = %code,
        switch = kind.path(), "a switch was pressed");
    console.once(&shell, &seat, &fields, (code, title), work).await
}

/// What a form asks for.
fn action(kind: Word, fields: &Fields) -> Result<ActionRequest, std::num::ParseIntError> {
    let number = |name: &str| match fields.get(name).trim() {
        "" => Ok(None),
        digits => digits.parse().map(Some),
    };
    let place =
        |name: &str| Some(fields.get(name).trim().to_owned()).filter(|code| !code.is_empty());
    let is_withdraw = kind == Word::Withdraw;
    let only = |name: &str| place(name).filter(|_| is_withdraw);
    let (outlet, item, slot) = (only("outlet"), only("item"), only("slot"));
    let all = is_withdraw && outlet.is_none() && item.is_none() && slot.is_none();
    Ok(ActionRequest {
        word: kind,
        reason: Some(fields.get("reason").to_owned()),
        entries: if kind == Word::Cap { Some(number("entries")?) } else { None },
        outlet,
        item,
        slot,
        all,
        units: if is_withdraw { number("units")? } else { None },
        dry_run: false,
    })
}

/// `GET /console/c/{campaign}/export`
pub(super) async fn show_export(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path(code): Path<String>,
) -> Response {
    let shell = &Shell::of(&seat, &format!("/console/c/{code}/export"));
    let view = match console.owned(shell, &seat, &code) {
        Ok(view) => view,
        Err(answer) => return *answer,
    };
    let campaign = title(&view, shell);
    let is_published = view.is_published(console.operator.now());
    let page = ExportPage { shell, code: &view.definition.code, campaign, is_published };
    shell.answer(StatusCode::OK, &page)
}

/// `POST /console/c/{campaign}/export`: the file itself. Each press is an export of its own, and
/// recorded as one.
pub(super) async fn submit_export(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    Posted { seat, fields }: Posted,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/export"));
    if let Err(answer) = console.owned(&shell, &seat, &code) {
        return *answer;
    }
    let (format, layout) = fields.get("format").split_once(' ').unwrap_or(("csv", "archive"));
    let asked = ExportRequest {
        format: Some(format.to_owned()),
        layout: Some(layout.to_owned()),
        since: None,
        reason: Some(fields.get("reason").to_owned()),
    };
    let by = seat.visit.person.name.clone();
    tracing::info!(client = %seat.from, actor = %by, campaign = %code, "an export was asked for");
    match export::begin(Arc::clone(&console.operator), by, &code, &asked).await {
        Ok(answer) => answer,
        Err(problem) => shell.problem_of(&problem),
    }
}

/// A campaign's title in the language of a page.
pub(super) fn title(view: &CampaignView, shell: &Shell) -> String {
    let first = view.definition.languages.first().map_or("", String::as_str);
    shell.language.local(&view.definition.texts.title, first).to_owned()
}

impl Console {
    /// A campaign, for somebody who may change it.
    pub(super) fn owned(
        &self,
        shell: &Shell,
        seat: &Seat,
        code: &str,
    ) -> Result<Arc<CampaignView>, Box<Response>> {
        if seat.visit.person.role != AccountRole::Owner {
            let name = &seat.visit.person.name;
            tracing::warn!(client = %seat.from, actor = %name, "not with this role");
            return Err(Box::new(refusal(shell, StatusCode::FORBIDDEN, "role-not-allowed")));
        }
        let unknown = |_| Box::new(refusal(shell, StatusCode::NOT_FOUND, "unknown-campaign"));
        self.operator.campaign(code).map_err(unknown)
    }

    fn switch(
        &self,
        shell: &Shell,
        seat: &Seat,
        code: &str,
        word: &str,
    ) -> Result<(Arc<CampaignView>, Word), Box<Response>> {
        let view = self.owned(shell, seat, code)?;
        let nowhere = || Box::new(refusal(shell, StatusCode::NOT_FOUND, "no-such-page"));
        Ok((view, Word::of(word).ok_or_else(nowhere)?))
    }

    /// Does what a form asks, unless it came before, and leads back to the campaign's page, which
    /// tells what became of it.
    pub(super) async fn once(
        &self,
        shell: &Shell,
        seat: &Seat,
        fields: &Fields,
        (code, title): (&str, String),
        work: impl Future<Output = Result<(), Problem>> + Send + 'static,
    ) -> Response {
        let request = fields.get("request");
        let is_id = request.len() == 52 && request.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let slot = is_id.then(|| self.sessions.answer(&seat.visit.key, request)).flatten();
        let Some(slot) = slot else {
            return refusal(shell, StatusCode::FORBIDDEN, "form-refused");
        };
        let (t, language) = (shell.t, shell.language);
        let answer = async move {
            match work.await {
                Ok(()) => Answer {
                    is_done: true,
                    code: "",
                    title: t.switch.done.with(title),
                    detail: String::new(),
                },
                Err(problem) => {
                    let shell = Shell::spoken(language, "");
                    let (_, detail) = shell.words(&problem);
                    let refused = t.switch.refused.to_string();
                    Answer { is_done: false, code: problem.code, title: refused, detail }
                }
            }
        };
        match slot.once(answer).await {
            Some(_) => see(&format!("/console/c/{code}?told={request}")),
            None => {
                let (title, detail) = (&t.switch.refused, &t.switch.lost);
                shell.problem(StatusCode::INTERNAL_SERVER_ERROR, "failed", title, detail)
            }
        }
    }

    /// What a withdrawal would take from the place that the address names, if it names one.
    async fn withdrawal(
        &self,
        shell: &Shell,
        view: &CampaignView,
        query: HashMap<String, String>,
    ) -> WithdrawView {
        let is_asked = query.contains_key("units");
        let fields = Fields::new(query.into_iter().collect());
        let first = view.definition.languages.first().map_or("", String::as_str);
        let choice = |code: &String, name, chosen: &str| ChoiceView {
            code: code.clone(),
            name: shell.language.local(name, first).to_owned(),
            is_chosen: code == chosen,
        };
        let [outlet, item, slot, units] =
            ["outlet", "item", "slot", "units"].map(|name| fields.get(name).trim().to_owned());
        let items = view.definition.items.iter();
        let slots = view.definition.slots.iter();
        let mut seen = WithdrawView {
            items: items.map(|one| choice(&one.code, &one.name, &item)).collect(),
            slots: slots.map(|one| choice(&one.code, &one.name, &slot)).collect(),
            outlet,
            units,
            item,
            slot,
            would: None,
            error: None,
        };
        if !is_asked {
            return seen;
        }
        let t = &shell.t.withdraw;
        let Ok(request) = action(Word::Withdraw, &fields) else {
            seen.error = Some((shell.t.switch.refused.to_string(), t.wrong.to_string()));
            return seen;
        };
        let request = ActionRequest { dry_run: true, ..request };
        match self.operator.perform("", view.definition.code.clone(), &request).await {
            Ok(would) => {
                let pools = grouped(would.pools.unwrap_or_default() as u64);
                seen.would = Some(t.would.with(pools, grouped(would.units)));
            }
            Err(problem) => seen.error = Some(shell.words(&problem)),
        }
        seen
    }

    fn switch_page(
        &self,
        shell: &Shell,
        view: &CampaignView,
        kind: Word,
        (status, error): (StatusCode, Option<String>),
        withdraw: Option<WithdrawView>,
    ) -> Response {
        let entries = grouped(view.entries().into());
        let [name, what, submit] = kind.texts(shell.t, &entries);
        let cap = (kind == Word::Cap).then(|| match view.marks().cap {
            Some(cap) => shell.t.cap.now.with(grouped(cap.into())),
            None => shell.t.cap.none.to_string(),
        });
        let page = SwitchPage {
            shell,
            view,
            campaign: title(view, shell),
            kind,
            title: name,
            what,
            submit,
            entries: shell.t.switch.entries_now.with(entries),
            cap,
            withdraw,
            error,
            // Without randomness nobody is logged in, either.
            request: secret::random().unwrap_or_default(),
        };
        shell.answer(status, &page)
    }
}
