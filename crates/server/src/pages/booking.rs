//! `/` and `/c/{campaign}`: what there is, and the form to enter.
//!
//! Owns: Post/Redirect/Get with the request id in the form, so that a double tap is one entry.
//! Never: loses what was typed.

use super::form::{Making, Typed, asks_district, districts, new_request, sent_request};
use super::view::{Fact, PhaseView, facts, local, paragraphs, phase};
use super::{Asked, Banner, Named, Page, retry_after};
use crate::api::prepare::{Faults, Refused, enter_record};
use crate::api::{enter, reply};
use crate::campaigns::Prepared;
use crate::gate::{self, Closed};
use crate::pages::form::FormView;
use crate::problem::Problem;
use crate::state::{ServerState, Shared};
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use types::ids::{EntryNo, Millis};
use types::outcome::Outcome;

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
    districts: Option<Vec<String>>,
    form: Option<FormView>,
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
        let phase = phase(&campaign, now, page.language);
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
    let typed = Typed::default();
    let sheet = Sheet { page: &page, state: &state, campaign: &campaign, typed: &typed, now };
    let district = asked.district();
    let is_open = campaign.view.phase(now).refusal().is_none() && campaign.people.is_some();
    let waits = asks_district(&campaign.view.definition) && district.is_none();
    let form = (is_open && !waits)
        .then(|| sheet.form(new_request(), &Faults::default(), &[], None, district));
    sheet.answer(StatusCode::OK, form, is_open && waits)
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
    let Some(request) = sent_request(&typed) else {
        return page.problem(&Problem::of("malformed-form", page.language));
    };
    let now = state.now();
    let sheet = Sheet { page: &page, state: &state, campaign: &campaign, typed: &typed, now };
    match sheet.enter(request).await {
        Ok(entry) => {
            let receipt = state.receipts.encode(campaign.view.no, entry);
            page.see(&format!("/e/{receipt}"))
        }
        Err(Stopped::Faults(faults, numbers)) => {
            let district = typed.get("district").parse().ok();
            let form = sheet.form(request.to_owned(), &faults, &numbers, None, district);
            sheet.answer(StatusCode::UNPROCESSABLE_ENTITY, Some(form), false)
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
                Closed::Refused(refusal) => reply::refusal_as_problem(campaign, &refusal, language),
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
            Outcome::Refused(refusal) => {
                let problem = reply::refusal_as_problem(campaign, &refusal, language);
                Err(Stopped::Problem(problem))
            }
            other => unreachable!("an entry never becomes {}", other.code()),
        }
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
        let banner = Some(Banner::of(problem));
        let district = self.typed.get("district").parse().ok();
        let form = self.form(request, &Faults::default(), &[], banner, district);
        let mut answer = self.answer(problem.status, Some(form), false);
        retry_after(&mut answer, problem);
        answer
    }

    fn form(
        &self,
        request: String,
        faults: &Faults,
        numbers: &[usize],
        banner: Option<Banner>,
        district: Option<usize>,
    ) -> FormView {
        let status = self.campaign.status.get(&self.campaign.view, self.now);
        let making = Making {
            campaign: self.campaign,
            language: self.page.language,
            now: self.now,
            typed: self.typed,
            district,
            gone: &status.outlets_gone,
        };
        making.form(request, faults, numbers, banner)
    }

    fn answer(&self, status: StatusCode, form: Option<FormView>, by_district: bool) -> Response {
        let (campaign, t) = (self.campaign, self.page.language);
        let definition = &*campaign.view.definition;
        let page = CampaignPage {
            page: self.page,
            code: &definition.code,
            title: local(definition, &definition.texts.title, t),
            summary: paragraphs(local(definition, &definition.texts.summary, t)),
            notice: paragraphs(local(definition, &definition.texts.notice, t)),
            phase: phase(campaign, self.now, t),
            facts: facts(campaign, self.now, t),
            districts: by_district.then(|| districts(definition, t)),
            form,
        };
        self.page.answer(status, &page)
    }
}
