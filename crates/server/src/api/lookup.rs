//! `GET` and `DELETE /v1/entries/{receipt}`, `POST /v1/campaigns/{campaign}/find`.
//!
//! Owns: seeing and cancelling an entry by its receipt, and seeing one by all identity fields.
//! Never: tells which of the fields was wrong, or gives a receipt to whoever lost it.

use super::enter::{is_json, malformed};
use super::reply;
use super::seen::{self, Seen};
use super::wire::{FindBody, Stated};
use crate::body::read_body;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::people::FieldError;
use crate::problem::{Problem, ready};
use crate::state::Shared;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use hyper::body::Incoming;
use ledger::Ledger;
use node::Unavailable;
use serde_json::json;
use std::sync::Arc;
use types::command::Cancel;
use types::ids::EntryNo;
use types::limits;
use types::outcome::Outcome;

/// What a look-up found.
pub(crate) type Found = (Arc<Prepared>, Seen);

/// Why a look-up found nothing.
pub(crate) enum NotFound {
    /// There is no such entry, or not for whoever asks.
    Nothing,
    /// The campaign's keys are gone, or not there: the code of the problem.
    WithoutPeople(&'static str),
    /// Fields are not as they must be.
    Fields(Vec<FieldError>),
    /// The node takes no questions just now.
    Unavailable(Unavailable),
}

impl NotFound {
    pub(crate) fn problem(&self, language: Language) -> Problem {
        match self {
            Self::Nothing => Problem::of("not-found", language),
            Self::WithoutPeople(code) => Problem::of(code, language),
            Self::Unavailable(why) => reply::unavailable(*why, language),
            Self::Fields(errors) => {
                let errors = errors.iter().map(|error| {
                    let message = error.message(language);
                    let code = error.code;
                    json!({"field": error.field, "code": code, "message": message})
                });
                let errors: Vec<_> = errors.collect();
                // The usual sentence says that nothing was registered, which somebody who looks
                // up an entry would take for its fate.
                let detail = &*language.texts().call.find_fields;
                Problem::of("invalid-field", language).detail(detail).with("errors", errors)
            }
        }
    }

    fn response(&self, language: Language) -> Response<Bytes> {
        match self {
            Self::Nothing => ready("not-found", language),
            _ => self.problem(language).to_response(),
        }
    }
}

/// See an entry
///
/// By its receipt, as its owner may know it now: before publication a registered one says no more.
/// An entry that was taken over into a draw names the entry there.
#[utoipa::path(
    get, path = "/v1/entries/{receipt}", tag = "Entries",
    params(("receipt" = String, Path, description = "As the answer to the entry gave it.")),
    responses(
        (status = 200, description = "The entry.", body = super::schema::Entry),
        (status = 404, description = "`not-found`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`shredded`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(state: &Shared, receipt: &str, headers: &HeaderMap) -> Response<Bytes> {
    match by_receipt(state, receipt).await {
        Ok((campaign, seen)) => reply::json(StatusCode::OK, reply::entry(state, &campaign, &seen)),
        Err(not_found) => not_found.response(Language::of(headers)),
    }
}

/// Find an entry
///
/// By every identity field of the campaign, for whoever has lost the receipt. If any of them is
/// wrong the answer is `not-found`, and which one it was is not told. The receipt is not given.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/find", tag = "Entries",
    params(("campaign" = String, Path, description = "The campaign's code.")),
    request_body = super::schema::FindRequest,
    responses(
        (status = 200, description = "The entry.", body = super::schema::Entry),
        (status = 400, description = "Not readable.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`, or `unknown-campaign`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`shredded`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong; `errors` names each.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn find(
    state: &Shared,
    code: &str,
    headers: &HeaderMap,
    body: Incoming,
) -> Response<Bytes> {
    let language = Language::of(headers);
    let body = match read_body(body, limits::BODY_BYTES_MAX, state.body_time).await {
        Ok(body) => body,
        Err(error) => return ready(error.code(), language),
    };
    if let Err(code) = is_json(headers) {
        return ready(code, language);
    }
    let Some(campaign) = state.campaign(code) else {
        return ready("unknown-campaign", language);
    };
    let looked = match serde_json::from_slice::<FindBody<'_>>(&body) {
        Ok(asked) => by_identity(state, &campaign, &asked.identity),
        Err(error) => {
            let why = crate::json::explain::<FindBody<'_>>(&body, &error, language);
            return malformed(&why, language).to_response();
        }
    };
    match settle(looked).await {
        Ok(seen) => reply::json(StatusCode::OK, reply::entry(state, &campaign, &seen)),
        Err(not_found) => not_found.response(language),
    }
}

/// Cancel an entry
///
/// Its units go back at once. Cancelling twice gives the same answer.
#[utoipa::path(
    delete, path = "/v1/entries/{receipt}", tag = "Entries",
    params(("receipt" = String, Path, description = "As the answer to the entry gave it.")),
    responses(
        (status = 200, description = "Cancelled.", body = super::schema::Cancelled),
        (status = 404, description = "`not-found`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`already-redeemed`, or `shredded`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn cancel(state: &Shared, receipt: &str, headers: &HeaderMap) -> Response<Bytes> {
    let language = Language::of(headers);
    match cancel_by_receipt(state, receipt).await {
        Ok((campaign, outcome)) => reply::outcome(state, &campaign, &outcome, language),
        Err(not_found) => not_found.response(language),
    }
}

/// The entry of a receipt, as its owner may see it.
pub(crate) async fn by_receipt(state: &Shared, receipt: &str) -> Result<Found, NotFound> {
    let (campaign, entry) = decode(state, receipt)?;
    let no = campaign.view.no;
    let onward = seen::onward(state, &campaign, entry);
    let pending = state.node.read(move |ledger| Seen::look(ledger, no, entry, &onward));
    Ok((campaign, settle(pending.map_err(NotFound::Unavailable)).await?))
}

/// Asks for the entry of a person.
pub(crate) fn by_identity(
    state: &Shared,
    campaign: &Prepared,
    stated: &Stated<'_>,
) -> Result<node::Pending<Option<Seen>>, NotFound> {
    let people = campaign
        .people
        .as_ref()
        .ok_or_else(|| NotFound::WithoutPeople(campaign.without_people()))?;
    let today = campaign.view.definition.calendar.day(state.now());
    let (keys, identity) = people.look_up(stated, today).map_err(NotFound::Fields)?;
    let no = campaign.view.no;
    let find = move |ledger: &Ledger| {
        let found = ledger.find(no, &keys, identity)?;
        Some(Seen::without_receipt(ledger, no, found))
    };
    let pending = state.node.read(find);
    pending.map_err(NotFound::Unavailable)
}

/// Waits for what a look-up finds.
pub(crate) async fn settle(
    pending: Result<node::Pending<Option<Seen>>, NotFound>,
) -> Result<Seen, NotFound> {
    let found = pending?.await.map_err(NotFound::Unavailable)?;
    found.ok_or(NotFound::Nothing)
}

/// Cancels the entry of a receipt.
pub(crate) async fn cancel_by_receipt(
    state: &Shared,
    receipt: &str,
) -> Result<(Arc<Prepared>, Outcome), NotFound> {
    let (campaign, entry) = decode(state, receipt)?;
    let mut record = Vec::new();
    Cancel { campaign: campaign.view.no, entry }.encode(&mut record);
    let pending = state.node.submit_one(record).map_err(NotFound::Unavailable)?;
    let outcome = pending.await.map_err(NotFound::Unavailable)?;
    Ok((campaign, outcome))
}

fn decode(state: &Shared, receipt: &str) -> Result<(Arc<Prepared>, EntryNo), NotFound> {
    let (campaign, entry) = state.receipts.decode(receipt).map_err(|_| NotFound::Nothing)?;
    let campaign = state.campaign_by_no(campaign).ok_or(NotFound::Nothing)?;
    if campaign.view.is_shredded() {
        Err(NotFound::WithoutPeople("shredded"))
    } else {
        Ok((campaign, entry))
    }
}
