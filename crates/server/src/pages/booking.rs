//! `/` and `/c/{campaign}`: what there is, and the form to enter.
//!
//! Owns: Post/Redirect/Get with the request id in the form, so that a double tap is one entry.
//! Never: loses what was typed.

use super::form::{ErrorView, FormView};
use super::offer::{Making, asks_district};
use super::outlets::OutletsView;
use super::typed::{Typed, new_request, outlet_name};
use super::view::{Fact, PhaseView, facts, local, paragraphs, phase};
use super::{Asked, Banner, Named, Page, plain, retry_after};
use crate::api::prepare::{Faults, Refused, enter_record};
use crate::api::{enter, reply};
use crate::campaigns::Prepared;
use crate::gate::{self, Closed};
use crate::problem::Problem;
use crate::state::{ServerState, Shared};
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use types::ids::{EntryNo, Millis};
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
    step: Step,
    is_shredded: bool,
}

/// What there is to fill in.
enum Step {
    Nothing,
    District(Vec<String>),
    Outlets(OutletsView),
    Form(FormView),
}

impl Step {
    /// What is wrong with what was filled in.
    fn errors(&self) -> &[ErrorView] {
        match self {
            Self::Outlets(view) => &view.errors,
            Self::Form(view) => &view.errors,
            Self::Nothing | Self::District(_) => &[],
        }
    }

    /// Whether the way to this step led past what the campaign says of itself.
    const fn is_second(&self) -> bool {
        matches!(self, Self::Form(view) if view.may_move)
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
    let sheet = Sheet { page: &page, state: &state, campaign: &campaign, typed, now };
    let takes_entries =
        campaign.view.phase(now).refusal().is_none() && !state.waits(&campaign.view, now);
    let is_open = takes_entries && campaign.people.is_some();
    let district = typed.district();
    let step = if !is_open {
        Step::Nothing
    } else if asks_district(&campaign.view.definition) && district.is_none() {
        Step::District(campaign.districts(page.language).names.clone())
    } else {
        sheet.first_step(district)
    };
    sheet.answer(StatusCode::OK, step, None)
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
    let Some(request) = typed.request() else {
        return page.problem(&Problem::of("malformed-form", page.language));
    };
    let now = state.now();
    let sheet = Sheet { page: &page, state: &state, campaign: &campaign, typed: &typed, now };
    match typed.get("to") {
        "outlets" => return sheet.answer(StatusCode::OK, sheet.outlets(request, &[]), None),
        "form" => {
            let step = sheet.step(request.to_owned(), &Faults::default(), &[]);
            return sheet.answer(StatusCode::OK, step, None);
        }
        _ => (),
    }
    match sheet.enter(request).await {
        Ok(entry) => {
            let receipt = state.receipts.encode(campaign.view.no, entry);
            page.see(&format!("/e/{receipt}"))
        }
        Err(Stopped::Faults(faults, numbers)) => {
            let step = sheet.step(request.to_owned(), &faults, &numbers);
            sheet.answer(StatusCode::UNPROCESSABLE_ENTITY, step, None)
        }
        Err(Stopped::Problem(problem)) => sheet.refused(request, &problem),
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
}

impl Sheet<'_> {
    async fn enter(&self, request: &str) -> Result<EntryNo, Stopped> {
        let (campaign, language) = (self.campaign, self.page.language);
        let problem = |code| Stopped::Problem(Problem::of(code, language));
        let id = identity::request_id(request).map_err(|_| problem("malformed-form"))?;
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

    fn refusal(&self, refusal: &Refusal) -> Problem {
        plain::refusal(self.campaign, refusal, self.now, self.page.language)
    }

    fn record(&self, id: types::RequestId) -> Result<(Vec<u8>, bool), Stopped> {
        let (campaign, typed) = (self.campaign, self.typed);
        let (choices, numbers) = typed.choices(campaign.view.definition.register.choices_max);
        let mut record = Vec::new();
        let (stated, units) = (typed.stated(), typed.units());
        match enter_record(campaign, id, &stated, &choices, units, self.now, &mut record) {
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

    /// The page again, with what was typed, and why it was refused. A new request id is given
    /// only where the old one is known to be spent.
    fn refused(&self, request: &str, problem: &Problem) -> Response {
        let request = match problem.code {
            "request-reused" => new_request(),
            _ => request.to_owned(),
        };
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

    /// Where somebody begins who has typed nothing but perhaps chosen outlets.
    fn first_step(&self, district: Option<usize>) -> Step {
        let status = self.campaign.status.get(self.state, &self.campaign.view, self.now);
        let making = Making { district, ..self.making(&status.outlets_gone) };
        let missing = making.outlets_missing();
        if self.campaign.offering().is_empty() {
            Step::Nothing
        } else if missing.is_empty() {
            Step::Form(making.form(new_request(), &Faults::default(), &[]))
        } else {
            let faults = if self.typed.has(&outlet_name(1)) { &missing[..] } else { &[] };
            Step::Outlets(making.outlets_view(faults, None))
        }
    }

    /// The form, or the outlets where one of them is missing.
    fn step(&self, request: String, faults: &Faults, numbers: &[usize]) -> Step {
        let status = self.campaign.status.get(self.state, &self.campaign.view, self.now);
        let making = self.making(&status.outlets_gone);
        let missing = making.outlets_missing();
        if missing.is_empty() {
            Step::Form(making.form(request, faults, numbers))
        } else {
            self.outlets(&request, &missing)
        }
    }

    fn outlets(&self, request: &str, missing: &[usize]) -> Step {
        let status = self.campaign.status.get(self.state, &self.campaign.view, self.now);
        let making = self.making(&status.outlets_gone);
        Step::Outlets(making.outlets_view(missing, Some(request)))
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

    /// The district whose outlets are listed. Where there are too many for one list, a form that
    /// names none gets that of its first outlet.
    fn district(&self) -> Option<usize> {
        let typed = self.typed.district();
        if typed.is_some() || !asks_district(&self.campaign.view.definition) {
            return typed;
        }
        let outlet = self.campaign.outlet(self.typed.get(&outlet_name(1)));
        let districts = self.campaign.districts(self.page.language);
        let named = outlet.and_then(|outlet| districts.of(outlet));
        Some(named.unwrap_or(0))
    }

    fn answer(&self, status: StatusCode, step: Step, banner: Option<Banner>) -> Response {
        let (campaign, t) = (self.campaign, self.page.language);
        let definition = &*campaign.view.definition;
        let page = CampaignPage {
            page: self.page,
            code: &definition.code,
            title: local(definition, &definition.texts.title, t),
            summary: paragraphs(local(definition, &definition.texts.summary, t)),
            notice: paragraphs(local(definition, &definition.texts.notice, t)),
            phase: phase(self.state, campaign, self.now, t),
            facts: facts(campaign, self.now, t),
            banner,
            step,
            is_shredded: campaign.view.is_shredded(),
        };
        self.page.answer(status, &page)
    }
}
