//! `/` and `/c/{campaign}`: what there is, and the form to enter.
//!
//! Owns: Post/Redirect/Get with a request id that is the same for the same form, so that a double
//! tap is one entry, and the first page the same for everybody. Never: loses what was typed.

use super::check::CheckView;
use super::form::{ErrorView, FormView};
use super::offer::{Making, asks_district};
use super::outlets::{Begun, OutletsView, Ways};
use super::typed::{SEARCH, Typed, new_request, outlet_name, request_of};
use super::view::{Fact, PhaseView, facts, local, paragraphs, phase};
use super::{Asked, Banner, Named, Page, plain, retry_after};
use crate::api::prepare::{Faults, Refused, Wish, enter_record};
use crate::api::status::{self, Status};
use crate::api::{enter, reply};
use crate::campaigns::Prepared;
use crate::gate::{self, Closed};
use crate::moment::{self, rfc3339};
use crate::problem::Problem;
use crate::state::{ServerState, Shared};
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use types::ids::{EntryNo, Millis, RequestId};
use types::outcome::{Outcome, Refusal};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    page: &'a Page,
    campaigns: Vec<Card>,
}

struct Card {
    code: String,
    title: String,
    phase: PhaseView,
}

#[derive(Template)]
#[template(path = "campaign.html")]
struct CampaignPage<'a> {
    page: &'a Page,
    code: &'a str,
    title: &'a str,
    summary: Vec<String>,
    notice: Vec<String>,
    phase: PhaseView,
    facts: Vec<Fact>,
    banner: Option<Banner>,
    phase_code: &'static str,
    /// Whether it opens later, or goes on: what there is to fill in is for whoever has a script.
    is_ahead: bool,
    /// RFC 3339; empty where it is open, or nobody knows when it will be.
    opens: String,
    /// When to load the page again, for whoever has no script.
    reload: String,
    step: Step,
    is_shredded: bool,
}

/// What there is to fill in.
enum Step {
    Nothing,
    Outlets(OutletsView),
    Form(FormView),
    Check(CheckView),
}

impl Step {
    /// What is wrong with what was filled in.
    fn errors(&self) -> &[ErrorView] {
        match self {
            Self::Outlets(view) => &view.errors,
            Self::Form(view) => &view.errors,
            Self::Nothing | Self::Check(_) => &[],
        }
    }

    /// Whether the way to this step led past what the campaign says of itself.
    fn is_second(&self) -> bool {
        match self {
            Self::Outlets(view) => view.is_second(),
            Self::Form(view) => view.may_move,
            Self::Check(_) => true,
            Self::Nothing => false,
        }
    }

    /// The step that a form of this page leads to in another language, with all that is typed; none
    /// where nothing can be lost.
    const fn kept_by(&self) -> Option<&'static str> {
        match self {
            Self::Outlets(view) if view.is_begun => Some("outlets"),
            Self::Form(_) => Some("form"),
            Self::Check(_) => Some("check"),
            Self::Outlets(_) | Self::Nothing => None,
        }
    }
}

/// `GET /`
pub(super) async fn home(
    State(state): State<ServerState>,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let page = Page::new("/".into(), &asked, &headers);
    let (view, now) = (state.node.view(), state.now());
    // The newest first: it is what people come for.
    let campaigns = view.campaigns.iter().rev().filter_map(|view| {
        let campaign = state.campaign_by_no(view.no)?;
        let definition = &view.definition;
        let title = local(definition, &definition.texts.title, page.language).to_owned();
        let phase = phase(&state, &campaign, now, page.language);
        Some(Card { code: definition.code.clone(), title, phase })
    });
    let campaigns = campaigns.collect();
    page.answer(StatusCode::OK, &HomePage { page: &page, campaigns })
}

/// `GET /c/{campaign}`
pub(super) async fn show(
    State(state): State<ServerState>,
    Named(code): Named,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(format!("/c/{code}"), &asked, &headers);
    let Some(campaign) = state.campaign(&code) else {
        return page.problem(&Problem::of("unknown-campaign", page.language));
    };
    let now = state.now();
    let typed = &asked.outlets;
    let (page, campaign) = (&page, &campaign);
    let sheet = Sheet { page, state: &state, campaign, typed, now, is_first: true };
    if typed.is_empty() {
        let (_, changes) = status::phase(&campaign.view, false, now);
        let html = || sheet.html(sheet.begin(), None);
        return campaign.pages.answer(page, &headers, now, changes, html);
    }
    sheet.answer(StatusCode::OK, sheet.begin(), None)
}

/// `POST /c/{campaign}`
pub(super) async fn submit(
    State(state): State<ServerState>,
    Named(code): Named,
    asked: Asked,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let page = Page::new(format!("/c/{code}"), &asked, &headers);
    let Some(campaign) = state.campaign(&code) else {
        return page.problem(&Problem::of("unknown-campaign", page.language));
    };
    let Ok(Form(pairs)) = form else {
        return page.problem(&Problem::of("malformed-form", page.language));
    };
    let typed = Typed::new(pairs);
    let now = state.now();
    let (page, campaign, typed) = (&page, &campaign, &typed);
    let sheet = Sheet { page, state: &state, campaign, typed, now, is_first: false };
    let request = typed.request();
    match typed.get("to") {
        "outlets" => return sheet.answer(StatusCode::OK, sheet.outlets(&[]), None),
        "form" => {
            let step = sheet.step(request, &Faults::default(), &[]);
            return sheet.answer(StatusCode::OK, step, None);
        }
        "check" => return sheet.check(request),
        _ => (),
    }
    match sheet.enter(request).await {
        Ok(entry) => {
            let receipt = state.receipts.encode(campaign.view.no, entry);
            page.see(&format!("/e/{receipt}"))
        }
        Err(stopped) => sheet.stopped(request, &stopped),
    }
}

/// Why a form led to no entry.
enum Stopped {
    Faults(Faults, Vec<usize>),
    Problem(Problem),
}

/// One campaign's page being made.
struct Sheet<'a> {
    page: &'a Page,
    state: &'a Shared,
    campaign: &'a Prepared,
    typed: &'a Typed,
    now: Millis,
    /// Whether nothing was sent yet: what was sent stays in sight, whatever the phase became.
    is_first: bool,
}

impl Sheet<'_> {
    async fn enter(&self, request: Option<&str>) -> Result<EntryNo, Stopped> {
        let (campaign, language) = (self.campaign, self.page.language);
        let problem = |code| Stopped::Problem(Problem::of(code, language));
        let id = self.request_id(request).ok_or_else(|| problem("malformed-form"))?;
        gate::door(campaign, id, self.now).map_err(|closed| {
            Stopped::Problem(match closed {
                Closed::Refused(refusal) => self.refusal(&refusal),
                Closed::TooFast => reply::slow_down(campaign, language),
            })
        })?;
        let (record, sold_out) = self.record(id)?;
        if sold_out {
            return Err(problem("sold-out"));
        }
        let outcome = enter::submit(self.state, campaign, id, record).await;
        match outcome.map_err(|why| Stopped::Problem(reply::unavailable(why, language)))? {
            Outcome::Booked { entry, .. } | Outcome::Registered { entry } => Ok(entry),
            Outcome::Refused(refusal) => Err(Stopped::Problem(self.refusal(&refusal))),
            other => unreachable!("an entry never becomes {}", other.code()),
        }
    }

    /// The id of the form's request; none where it brought one that cannot be ours.
    fn request_id(&self, request: Option<&str>) -> Option<RequestId> {
        if let Some(request) = request {
            return identity::request_id(request).ok();
        }
        let today = self.campaign.view.definition.calendar.day(self.now);
        let people = self.campaign.people.as_ref();
        let person = people.and_then(|people| people.look_up(&self.typed.stated(), today).ok());
        let further = self.typed.further();
        let further = people.zip(Some(&further.first)).map(|(people, further)| {
            let person = |stated| people.look_up(stated, today).ok();
            further.iter().map(person).collect::<Option<Vec<_>>>()
        });
        // Who cannot be told from what was typed is refused, under whatever id.
        let (Some(person), Some(Some(further))) = (person, further) else {
            return identity::request_id(&new_request()).ok();
        };
        let mut parts: Vec<&[u8]> = Vec::new();
        for (keys, digest) in std::iter::once(&person).chain(&further) {
            parts.extend(keys.iter().map(|key| &key.0[..]));
            parts.push(digest);
        }
        identity::request_id(&request_of(&parts, self.typed)).ok()
    }

    fn refusal(&self, refusal: &Refusal) -> Problem {
        plain::refusal(self.campaign, refusal, self.now, self.page.language)
    }

    fn record(&self, id: types::RequestId) -> Result<(Vec<u8>, bool), Stopped> {
        let (campaign, typed) = (self.campaign, self.typed);
        let (choices, numbers) = typed.choices(campaign.view.definition.register.choices_max);
        let mut record = Vec::new();
        let (stated, further) = (typed.stated(), typed.further());
        let (units, any) = (typed.units(), typed.any());
        let wish = Wish { stated: &stated, further: &further, choices: &choices, units, any };
        match enter_record(campaign, id, &wish, self.now, &mut record) {
            Ok(asked) => {
                let sold_out = gate::is_sold_out(campaign, id, asked.pools(), asked.units);
                Ok((record, sold_out))
            }
            Err(Refused::Faults(faults)) => Err(Stopped::Faults(faults, numbers)),
            Err(refused @ Refused::WithoutPeople) => {
                Err(Stopped::Problem(refused.problem(campaign, self.page.language)))
            }
        }
    }

    /// The same form once more before it is sent, or what is wrong with it.
    fn check(&self, request: Option<&str>) -> Response {
        let Some(id) = self.request_id(request) else {
            return self.page.problem(&Problem::of("malformed-form", self.page.language));
        };
        match self.record(id) {
            Ok(_) => {
                let status = self.status();
                let step = Step::Check(self.making(&status.outlets_gone).check(request));
                self.answer(StatusCode::OK, step, None)
            }
            Err(stopped) => self.stopped(request, &stopped),
        }
    }

    fn stopped(&self, request: Option<&str>, stopped: &Stopped) -> Response {
        match stopped {
            Stopped::Faults(faults, numbers) => {
                let step = self.step(request, faults, numbers);
                self.answer(StatusCode::UNPROCESSABLE_ENTITY, step, None)
            }
            Stopped::Problem(problem) => self.refused(request, problem),
        }
    }

    /// The page again, with what was typed, and why it was refused. A new request id is given
    /// only where the old one is known to be spent.
    fn refused(&self, request: Option<&str>, problem: &Problem) -> Response {
        let renewed = (problem.code == "request-reused").then(new_request);
        let request = renewed.as_deref().or(request);
        let banner = Some(Banner::of(problem).with_find(problem, self.page, &self.campaign.view));
        let is_over = matches!(
            problem.code,
            "closed" | "cap-reached" | "published" | "shredded" | "keys-missing"
        );
        let step =
            if is_over { Step::Nothing } else { self.step(request, &Faults::default(), &[]) };
        let mut answer = self.answer(problem.status, step, banner);
        retry_after(&mut answer, problem);
        answer
    }

    /// The phase as the status has it; `sold-out` where nothing is left of what is open.
    fn phase(&self) -> (&'static str, Option<Millis>) {
        let view = &self.campaign.view;
        let waits = self.state.waits(view, self.now);
        match status::phase(view, waits, self.now) {
            ("open", until) if view.all_sold_out() => ("sold-out", until),
            phase => phase,
        }
    }

    fn status(&self) -> Arc<Status> {
        self.campaign.status.get(self.state, &self.campaign.view, self.now)
    }

    /// Where somebody begins; before the opening and in a pause, too, for whoever has a script that
    /// waits.
    fn begin(&self) -> Step {
        let takes_entries =
            matches!(self.phase().0, "open" | "sold-out" | "not-open-yet" | "paused");
        if !takes_entries || self.campaign.people.is_none() {
            Step::Nothing
        } else {
            self.first_step()
        }
    }

    /// Where somebody begins who has typed nothing but perhaps chosen outlets.
    fn first_step(&self) -> Step {
        let status = self.status();
        let making = self.making(&status.outlets_gone);
        let missing = making.outlets_missing();
        if self.campaign.offering().is_empty() {
            Step::Nothing
        } else if missing.is_empty() {
            let request = self.typed.is_again().then(new_request);
            Step::Form(making.form(request.as_deref(), &Faults::default(), &[]))
        } else {
            let faults = if self.typed.has(&outlet_name(1)) { &missing[..] } else { &[] };
            Step::Outlets(making.outlets_view(faults, Begun::No))
        }
    }

    /// The form, or the outlets where one of them is missing.
    fn step(&self, request: Option<&str>, faults: &Faults, numbers: &[usize]) -> Step {
        let status = self.status();
        let making = self.making(&status.outlets_gone);
        let missing = making.outlets_missing();
        if missing.is_empty() {
            Step::Form(making.form(request, faults, numbers))
        } else {
            // Whoever looks for an outlet has not forgotten it.
            self.outlets(if self.typed.get(SEARCH).is_empty() { &missing } else { &[] })
        }
    }

    fn outlets(&self, missing: &[usize]) -> Step {
        let status = self.status();
        let making = self.making(&status.outlets_gone);
        Step::Outlets(making.outlets_view(missing, Begun::Yes))
    }

    fn making<'a>(&'a self, gone: &'a [bool]) -> Making<'a> {
        Making {
            campaign: self.campaign,
            language: self.page.language,
            now: self.now,
            typed: self.typed,
            district: self.district(),
            gone,
        }
    }

    /// The district whose outlets are listed: the one that was named, or, where there are too many
    /// for one list, that of the first outlet.
    fn district(&self) -> Option<usize> {
        let language = self.page.language;
        let districts = self.campaign.districts(language);
        let named = self.typed.district();
        if let Some(known) = districts.iter().find(|district| named == Some(district.no)) {
            return Some(known.no);
        }
        let outlet = self.campaign.outlet(self.typed.get(&outlet_name(1)))?;
        let of_outlet = districts.iter().find(|district| district.outlets.contains(&outlet));
        of_outlet.filter(|_| asks_district(self.campaign, language)).map(|district| district.no)
    }

    fn answer(&self, status: StatusCode, step: Step, banner: Option<Banner>) -> Response {
        self.page.answer(status, &self.page_of(step, banner))
    }

    fn html(&self, step: Step, banner: Option<Banner>) -> String {
        self.page_of(step, banner).render().expect("templates render from memory to memory")
    }

    fn page_of(&self, step: Step, banner: Option<Banner>) -> CampaignPage<'_> {
        let (campaign, t) = (self.campaign, self.page.language);
        let definition = &*campaign.view.definition;
        let (phase_code, next) = self.phase();
        let is_ahead = self.is_first && matches!(phase_code, "not-open-yet" | "paused");
        let opens = next.filter(|_| phase_code == "not-open-yet");
        let words = &t.texts().check;
        let when = opens.map(|at| moment::plain(&definition.calendar, at, self.now, t));
        let reload = when.map_or_else(|| words.reload.to_string(), |at| words.reload_at.with(at));
        let opens = opens.map(|at| rfc3339(&definition.calendar, at));
        CampaignPage {
            page: self.page,
            code: &definition.code,
            title: local(definition, &definition.texts.title, t),
            summary: paragraphs(local(definition, &definition.texts.summary, t)),
            notice: paragraphs(local(definition, &definition.texts.notice, t)),
            phase: phase(self.state, campaign, self.now, t),
            facts: facts(self.state, campaign, self.now, t),
            banner,
            phase_code,
            is_ahead,
            opens: opens.unwrap_or_default(),
            reload,
            step,
            is_shredded: campaign.view.is_shredded(),
        }
    }
}
