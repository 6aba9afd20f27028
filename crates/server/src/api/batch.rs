//! `POST /v1/campaigns/{campaign}/entries:batch`: many entries of a trusted front end at once.
//!
//! Owns: one answer for each entry, in their order; all that pass the door travel to the node as
//! one unit. Never: lets one bad entry stop the others.

use super::enter::{is_accepted, is_json, malformed};
use super::prepare::{Wish, enter_record};
use super::reply;
use super::wire::{BatchEntry, explain_batch, read_batch};
use crate::body::read_body;
use crate::campaigns::Prepared;
use crate::gate::{self, Closed, Remember};
use crate::language::Language;
use crate::operator::{bearer, tokens::Role};
use crate::problem::{Problem, ready};
use crate::state::Shared;
use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::body::Incoming;
use types::ids::Millis;
use types::limits;
use types::outcome::Outcome;

/// Bytes a record and an answer usually take.
const RECORD_BYTES: usize = 320;
const ANSWER_BYTES: usize = 240;

/// What became of one entry before the node.
enum Item<'a> {
    Submitted(Remember<'a>),
    Refused(Problem),
}

/// Entries of a batch on their way to the node.
struct Batch<'a> {
    campaign: &'a Prepared,
    now: Millis,
    language: Language,
    items: Vec<Item<'a>>,
    records: Vec<u8>,
}

/// Enter many
///
/// For trusted front ends that gather people's requests: 1 to 1,000 at once. Each gets its own
/// answer, in their order, and one bad entry does not stop the others. Repeating a batch, whole or
/// in part, is safe: every entry has its own key.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/entries:batch", tag = "Entries",
    params(("campaign" = String, Path, description = "The campaign's code.")),
    request_body = super::schema::BatchRequest,
    security(("token" = [])),
    responses(
        (status = 200, description = "One answer for each entry.",
         body = super::schema::BatchAnswer),
        (status = 400, description = "Not readable. Nothing was done.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`token-missing`, or `token-refused`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "`role-not-allowed`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`unknown-campaign`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "`batch-too-large`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn enter_batch(
    state: &Shared,
    code: &str,
    headers: &HeaderMap,
    body: Incoming,
) -> Response<Bytes> {
    let language = Language::of(headers);
    if let Err(problem) = authorise(state, headers, language) {
        return challenge(&problem);
    }
    let body = match read_body(body, limits::BATCH_BODY_BYTES_MAX, state.body_time).await {
        Ok(body) => body,
        Err(error) => return ready(error.code(), language),
    };
    if let Err(code) = is_json(headers) {
        return ready(code, language);
    }
    let Some(campaign) = state.campaign(code) else {
        return ready("unknown-campaign", language);
    };
    let mut batch = Batch {
        campaign: &campaign,
        now: state.now(),
        language,
        items: Vec::new(),
        records: Vec::with_capacity(body.len().min(limits::BATCH_ENTRIES_MAX * RECORD_BYTES)),
    };
    match read_batch(&body, &mut |entry| batch.take(&entry)) {
        Ok(count) if (1..=limits::BATCH_ENTRIES_MAX).contains(&count) => (),
        Ok(_) => return batch.give_up(&Problem::of("batch-too-large", language)),
        Err(error) => {
            let why = explain_batch(&body, &error, language);
            return batch.give_up(&malformed(&why, language));
        }
    }
    drop(body);
    batch.finish(state).await
}

impl<'a> Batch<'a> {
    fn take(&mut self, entry: &BatchEntry<'_>) {
        let item = self.admit(entry).map_or_else(Item::Refused, Item::Submitted);
        self.items.push(item);
    }

    fn admit(&mut self, entry: &BatchEntry<'_>) -> Result<Remember<'a>, Problem> {
        let (campaign, language) = (self.campaign, self.language);
        let id = identity::request_id(&entry.idempotency_key.0)
            .map_err(|problem| Problem::of(problem.code(), language))?;
        gate::door(campaign, id, self.now).map_err(|closed| match closed {
            Closed::Refused(refusal) => reply::refusal_as_problem(campaign, &refusal, language),
            Closed::TooFast => reply::slow_down(campaign, language),
        })?;
        let start = self.records.len();
        let wish = Wish {
            stated: &entry.identity,
            further: &entry.people,
            choices: &entry.choices,
            units: entry.units,
            any: entry.any,
        };
        let asked = enter_record(campaign, id, &wish, self.now, &mut self.records)
            .map_err(|refused| refused.problem(campaign, language))?;
        if gate::is_sold_out(campaign, id, asked.pools(), asked.units) {
            self.records.truncate(start);
            return Err(Problem::of("sold-out", language));
        }
        Ok(Remember::new(&campaign.known, id))
    }

    /// Nothing of the batch was submitted, so nothing needs to be remembered.
    fn give_up(self, problem: &Problem) -> Response<Bytes> {
        for item in self.items {
            if let Item::Submitted(mut remember) = item {
                remember.settle(false);
            }
        }
        problem.to_response()
    }

    async fn finish(mut self, state: &Shared) -> Response<Bytes> {
        let submitted = |item: &&Item<'_>| matches!(item, Item::Submitted(_));
        let count = self.items.iter().filter(submitted).count();
        let outcomes = if count == 0 {
            Vec::new()
        } else {
            let count = u32::try_from(count).expect("a batch is within its limit");
            let records = std::mem::take(&mut self.records);
            let pending = match state.node.submit(records, count) {
                Ok(pending) => pending,
                Err(why) => {
                    let problem = reply::unavailable(why, self.language);
                    return self.give_up(&problem);
                }
            };
            match pending.await {
                Ok(outcomes) => outcomes,
                Err(why) => return reply::unavailable(why, self.language).to_response(),
            }
        };
        assert_eq!(outcomes.len(), count, "one outcome for each record");
        self.answer(state, &outcomes)
    }

    fn answer(self, state: &Shared, outcomes: &[Outcome]) -> Response<Bytes> {
        let mut bytes = Vec::with_capacity(self.items.len() * ANSWER_BYTES);
        bytes.extend_from_slice(b"{\"results\":[");
        let mut outcomes = outcomes.iter();
        for (place, item) in self.items.into_iter().enumerate() {
            if place > 0 {
                bytes.push(b',');
            }
            match item {
                Item::Refused(problem) => write_problem(&mut bytes, &problem),
                Item::Submitted(mut remember) => {
                    let outcome = outcomes.next().expect("one outcome for each record");
                    remember.settle(is_accepted(outcome));
                    write_result(state, self.campaign, outcome, self.language, &mut bytes);
                }
            }
        }
        bytes.extend_from_slice(b"]}");
        reply::json(StatusCode::OK, bytes)
    }
}

fn write_result(
    state: &Shared,
    campaign: &Prepared,
    outcome: &Outcome,
    language: Language,
    bytes: &mut Vec<u8>,
) {
    if let Err(refusal) = reply::write_outcome(state, campaign, outcome, bytes) {
        write_problem(bytes, &reply::refusal_as_problem(campaign, &refusal, language));
        return;
    }
    // The status is the last member, so that the rest is the single answer's.
    assert_eq!(bytes.pop(), Some(b'}'), "an outcome is an object");
    let booked = matches!(outcome, Outcome::Booked { .. });
    bytes.extend_from_slice(if booked { b",\"status\":201}" } else { b",\"status\":202}" });
}

fn write_problem(bytes: &mut Vec<u8>, problem: &Problem) {
    serde_json::to_writer(bytes, &problem.to_value()).expect("a JSON value can be written");
}

/// Whether the bearer may enter people by the batch.
fn authorise(state: &Shared, headers: &HeaderMap, language: Language) -> Result<(), Problem> {
    let secret = bearer(headers).ok_or_else(|| Problem::of("token-missing", language))?;
    let found = state.tokens.find(secret, state.now()).map_err(|error| {
        tracing::error!(code = error.code(), %error, "tokens cannot be read");
        Problem::of("tokens-unreadable", language)
    })?;
    match found.map(|token| token.role) {
        Some(Role::Operator | Role::Frontend) => Ok(()),
        Some(Role::Auditor | Role::Outlet) => Err(Problem::of("role-not-allowed", language)),
        None => Err(Problem::of("token-refused", language)),
    }
}

fn challenge(problem: &Problem) -> Response<Bytes> {
    let mut response = problem.to_response();
    if problem.status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}
