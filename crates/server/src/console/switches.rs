//! The switches of a campaign: open, pause, resume, close, publish, cap, withdraw, and lapse where
//! lots are drawn.
//!
//! Owns: their pages, what each says before it is pressed, and the forms. Never: decides whether
//! something is allowed: what a form asks for goes the way of the operator API, under the name of
//! the account.
//! Invariants: every form has a reason; publishing, closing and taking back need the campaign's
//! code, typed; a form that comes twice is done once.

use super::Console;
use super::fields::Fields;
use super::guard::{Overseer, Posted, Seat};
use super::page::{Shell, grouped, not_an_owner, refusal};
use super::withdraw::WithdrawView;
use crate::operator::actions::{ActionRequest, Word};
use crate::secret;
use crate::texts::ConsoleTexts;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use node::CampaignView;
use std::collections::HashMap;
use std::num::IntErrorKind;
use std::sync::Arc;
use types::{Millis, limits};

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
    typed: Typed,
    error: Option<String>,
    request: String,
}

/// What stands in the form already: what was typed into one that was refused.
#[derive(Default)]
struct Typed {
    entries: Option<String>,
    code: String,
    reason: String,
}

impl Word {
    /// The switch of this word, if the campaign has it.
    fn of(word: &str, view: &CampaignView) -> Option<Self> {
        Some(match word {
            "open" => Self::Open,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "close" => Self::Close,
            "publish" => Self::Publish,
            "cap" => Self::Cap,
            "withdraw" => Self::Withdraw,
            "lapse" if view.definition.draw().is_some() => Self::Lapse,
            _ => return None,
        })
    }

    fn path(self) -> &'static str {
        match self {
            Self::Open => "do/open",
            Self::Pause => "do/pause",
            Self::Resume => "do/resume",
            Self::Close => "do/close",
            Self::Publish => "do/publish",
            Self::Cap => "do/cap",
            Self::Withdraw => "do/withdraw",
            Self::Lapse => "do/lapse",
        }
    }

    /// Whether a wrong press shuts everybody out or cannot be mended: then the campaign's code is
    /// to be typed.
    const fn needs_code(self) -> bool {
        matches!(self, Self::Close | Self::Publish | Self::Lapse)
    }

    /// Its title, what it does, and the word on its button.
    fn texts(self, t: &ConsoleTexts, view: &CampaignView) -> [String; 3] {
        let plain = |title: &str, what: &str, submit: &str| {
            [title.to_owned(), what.to_owned(), submit.to_owned()]
        };
        match self {
            Self::Open if view.marks().closed => {
                plain(&t.reopen.title, &t.reopen.what, &t.reopen.submit)
            }
            Self::Open => plain(&t.open.title, &t.open.what, &t.open.submit),
            Self::Pause => plain(&t.pause.title, &t.pause.what, &t.pause.submit),
            Self::Resume => plain(&t.resume.title, &t.resume.what, &t.resume.submit),
            Self::Close => plain(&t.close.title, &t.close.what, &t.close.submit),
            Self::Cap => plain(&t.cap.title, &t.cap.what, &t.cap.submit),
            Self::Withdraw => plain(&t.withdraw.title, &t.withdraw.what, &t.withdraw.submit),
            Self::Lapse => plain(&t.lapse.title, &t.lapse.what, &t.lapse.submit),
            Self::Publish => {
                let what = t.publish.what.with(grouped(view.entries().into()));
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
        // What was closed by mistake begins again, until people were told what was decided.
        (Word::Open, (!marks.opened || marks.closed) && !is_over),
        (Word::Resume, marks.paused),
        (Word::Close, !marks.closed && !is_over),
        (Word::Publish, !view.is_published(now)),
        (Word::Cap, !marks.closed && !is_over),
        (Word::Withdraw, true),
        // Until somebody was told of a win there is nothing to take back.
        (Word::Lapse, view.draws().iter().any(|draw| draw.was_published)),
    ];
    if view.is_shredded() {
        return Vec::new();
    }
    let kinds = kinds.into_iter().filter(|(_, is_offered)| *is_offered).map(|(kind, _)| kind);
    let mut offered: Vec<Switch> = kinds
        .map(|kind| {
            let [title, ..] = kind.texts(t, view);
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
    let is_asked = query.contains_key("outlet");
    let fields = Fields::new(query.into_iter().collect());
    let withdraw = match kind.selects() {
        true => Some(console.withdrawal((&shell, &seat), (&view, kind), &fields, is_asked).await),
        false => None,
    };
    console.switch_page(&shell, &view, kind, (StatusCode::OK, None), (Typed::default(), withdraw))
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
    let wrong = |why: &str, withdraw: Option<WithdrawView>| {
        let status = (StatusCode::BAD_REQUEST, Some(why.to_owned()));
        let [entries, code, reason] =
            ["entries", "code", "reason"].map(|name| fields.get(name).to_owned());
        let typed = Typed { entries: Some(entries), code, reason };
        console.switch_page(&shell, &view, kind, status, (typed, withdraw))
    };
    if kind.needs_code() && fields.get("code").trim() != code {
        let withdraw = match kind.selects() {
            true => Some(console.withdrawal((&shell, &seat), (&view, kind), &fields, true).await),
            false => None,
        };
        return wrong(&t.switch.wrong_code, withdraw);
    }
    let request = match action(kind, &fields) {
        Ok(request) => request,
        Err(error) if kind == Word::Cap => {
            let why = match error.kind() {
                IntErrorKind::PosOverflow => t.cap.beyond.with(grouped(limits::ENTRIES_MAX.into())),
                _ => t.cap.wrong.to_string(),
            };
            return wrong(&why, None);
        }
        // No form of ours says so: the preview has read the number. The plain form names no place.
        Err(_) => return refusal(&shell, StatusCode::BAD_REQUEST, "malformed-request"),
    };
    if request.entries.flatten().is_some_and(|cap| !(1..=limits::ENTRIES_MAX).contains(&cap)) {
        return wrong(&t.cap.beyond.with(grouped(limits::ENTRIES_MAX.into())), None);
    }
    let [title, ..] = kind.texts(t, &view);
    let (desk, by) = (Arc::clone(&console.operator), seat.actor());
    let work = async move { desk.perform(&by, code, &request).await.map(|_| ()) };
    let code = view.definition.code.as_str();
    tracing::info!(client = %seat.from, actor = %seat.visit.person.name, campaign = %code,
        switch = kind.path(), "a switch was pressed");
    console.once((&shell, &seat), &fields, (&view, title), work).await
}

/// A digit as it stands on a keyboard, whatever width an input method gave it.
pub(super) fn narrow(digit: char) -> char {
    match digit {
        '０'..='９' => {
            let value = u32::from(digit) - u32::from('０');
            char::from_digit(value, 10).expect("there are ten of them")
        }
        other => other,
    }
}

/// What a form asks for.
pub(super) fn action(
    kind: Word,
    fields: &Fields,
) -> Result<ActionRequest, std::num::ParseIntError> {
    let number = |name: &str| match fields.get(name).trim() {
        "" => Ok(None),
        digits => digits.chars().map(narrow).collect::<String>().parse().map(Some),
    };
    let place =
        |name: &str| Some(fields.get(name).trim().to_owned()).filter(|code| !code.is_empty());
    let only = |name: &str| place(name).filter(|_| kind.selects());
    Ok(ActionRequest {
        word: kind,
        reason: Some(fields.get("reason").to_owned()),
        entries: if kind == Word::Cap { Some(number("entries")?) } else { None },
        outlet: only("outlet"),
        item: only("item"),
        slot: only("slot"),
        // A form that lost its place must not empty every pool: only the preview of that says so.
        all: kind.selects() && fields.get("all") == "1",
        units: if kind == Word::Withdraw { number("units")? } else { None },
        dry_run: false,
        early: kind == Word::Lapse && fields.get("early") == "1",
    })
}

/// A campaign's title in the language of a page.
pub(super) fn title(view: &CampaignView, shell: &Shell) -> String {
    shell.language.local(&view.definition, &view.definition.texts.title).to_owned()
}

impl Console {
    /// A campaign, for somebody who may change it.
    pub(super) fn owned(
        &self,
        shell: &Shell,
        seat: &Seat,
        code: &str,
    ) -> Result<Arc<CampaignView>, Box<Response>> {
        if let Some(refused) = not_an_owner(shell, seat) {
            return Err(Box::new(refused));
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
        let kind = Word::of(word, &view).ok_or_else(nowhere)?;
        Ok((view, kind))
    }

    fn switch_page(
        &self,
        shell: &Shell,
        view: &CampaignView,
        kind: Word,
        (status, error): (StatusCode, Option<String>),
        (typed, withdraw): (Typed, Option<WithdrawView>),
    ) -> Response {
        let entries = grouped(view.entries().into());
        let [name, what, submit] = kind.texts(shell.t, view);
        let cap = (kind == Word::Cap).then(|| match view.marks().cap {
            Some(cap) => shell.t.cap.now.with(grouped(cap.into())),
            None => shell.t.cap.none.to_string(),
        });
        // An empty field lifts the cap, so that it is never empty by itself.
        let now = view.marks().cap.map(|cap| cap.to_string()).unwrap_or_default();
        let typed = Typed { entries: typed.entries.or(Some(now)), ..typed };
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
            typed,
            error,
            // Without randomness nobody is logged in, either.
            request: secret::random().unwrap_or_default(),
        };
        shell.answer(status, &page)
    }
}
