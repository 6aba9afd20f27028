//! `POST /v1/campaigns/{campaign}/entries`: one request to enter, the hot path.
//!
//! Owns: the order of its checks: headers, campaign, phase and pace, body, stock, node. Never:
//! opens a tracing span, or queues what can be refused.

use super::prepare::{Wish, enter_record};
use super::reply;
use super::wire::EntryBody;
use crate::body::read_body;
use crate::campaigns::Prepared;
use crate::gate::{self, Closed, Remember};
use crate::json;
use crate::language::Language;
use crate::problem::{Problem, ready};
use crate::state::Shared;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response};
use hyper::body::Incoming;
use types::ids::{Millis, RequestId};
use types::limits;
use types::outcome::Outcome;

/// Bytes of a usual record.
const RECORD_BYTES: usize = 384;

/// Enter
///
/// One person's request. Repeating it with the same key and content gives the same answer, byte
/// for byte, and has no second effect; a time-out means that the outcome is not known, so repeat.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/entries", tag = "Entries",
    params(
        ("campaign" = String, Path, description = "The campaign's code."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128,
         pattern = "^[!-~]+$",
         description = "A new random name for each new request, repeated with each retry of it."),
    ),
    request_body = super::schema::EntryRequest,
    responses(
        (status = 201, description = "Booked: the entry holds units.",
         body = super::schema::Booked),
        (status = 202, description = "Registered, which is not booked: results come later.",
         body = super::schema::Registered),
        (status = 400, description = "Not readable, or without a usable key.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`unknown-campaign`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 408, description = "`body-too-slow`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The rules say no; `code` says why.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "`body-too-large`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "Parts are wrong; `errors` names each.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "`slow-down`; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn enter(
    state: &Shared,
    code: &str,
    headers: &HeaderMap,
    body: Incoming,
) -> Response<Bytes> {
    let body = match read_body(body, limits::BODY_BYTES_MAX, state.body_time).await {
        Ok(body) => body,
        Err(error) => return ready(error.code(), Language::of(headers)),
    };
    let id = match is_json(headers).and_then(|()| idempotency_key(headers)) {
        Ok(id) => id,
        Err(code) => return ready(code, Language::of(headers)),
    };
    let Some(campaign) = state.campaign(code) else {
        return ready("unknown-campaign", Language::of(headers));
    };
    let now = state.now();
    if let Err(closed) = gate::door(&campaign, id, now) {
        return turned_away(&campaign, &closed, Language::of(headers));
    }
    let record = match read_entry(&campaign, id, &body, now) {
        Ok(record) => record,
        Err(refused) => return refused.response(&campaign, &body, Language::of(headers)),
    };
    match submit(state, &campaign, id, record).await {
        Ok(outcome) => reply::outcome(state, &campaign, &outcome, Language::of(headers)),
        Err(why) => reply::unavailable(why, Language::of(headers)).to_response(),
    }
}

/// Why an entry goes no further.
enum NotRead {
    Json(serde_json::Error),
    Refused(super::prepare::Refused),
    SoldOut,
}

impl NotRead {
    fn response(&self, campaign: &Prepared, body: &[u8], language: Language) -> Response<Bytes> {
        match self {
            Self::Json(error) => {
                let why = json::explain::<EntryBody<'_>>(body, error, language);
                malformed(&why, language).to_response()
            }
            Self::Refused(refused) => refused.problem(campaign, language).to_response(),
            Self::SoldOut => ready("sold-out", language),
        }
    }
}

fn read_entry(
    campaign: &Prepared,
    id: RequestId,
    body: &[u8],
    now: Millis,
) -> Result<Vec<u8>, NotRead> {
    let entry: EntryBody<'_> = serde_json::from_slice(body).map_err(NotRead::Json)?;
    let mut record = Vec::with_capacity(RECORD_BYTES);
    let wish = Wish {
        stated: &entry.identity,
        further: &entry.people,
        choices: &entry.choices,
        units: entry.units,
        any: entry.any,
    };
    let asked = enter_record(campaign, id, &wish, now, &mut record).map_err(NotRead::Refused)?;
    if gate::is_sold_out(campaign, id, asked.pools(), asked.units) {
        return Err(NotRead::SoldOut);
    }
    Ok(record)
}

/// Hands a record to the node and waits for the outcome.
pub(crate) async fn submit(
    state: &Shared,
    campaign: &Prepared,
    id: RequestId,
    record: Vec<u8>,
) -> Result<Outcome, node::Unavailable> {
    let pending = state.node.submit_one(record)?;
    let mut remember = Remember::new(&campaign.known, id);
    let outcome = pending.await?;
    remember.settle(is_accepted(&outcome));
    Ok(outcome)
}

/// Whether an entry has its place.
pub(crate) const fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Booked { .. } | Outcome::Registered { .. })
}

/// The answer at a closed door.
pub(crate) fn turned_away(
    campaign: &Prepared,
    closed: &Closed,
    language: Language,
) -> Response<Bytes> {
    match closed {
        Closed::Refused(refusal) => reply::refused(campaign, refusal, language),
        Closed::TooFast => reply::slow_down(campaign, language).to_response(),
    }
}

/// The problem of a JSON body, with what is wrong with it in a sentence.
pub(crate) fn malformed(why: &str, language: Language) -> Problem {
    let problem = Problem::of("malformed-json", language);
    let detail = language.texts().json.answer.with(&problem.detail, why);
    problem.detail(detail)
}

/// The content type must be JSON, and JSON is UTF-8 (RFC 8259, 8.1): a body said to be in another
/// encoding would be read as something that nobody wrote.
///
/// # Errors
/// The code of the problem.
pub(crate) fn is_json(headers: &HeaderMap) -> Result<(), &'static str> {
    const JSON: &[u8] = b"application/json";
    let kind = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes).unwrap_or_default();
    if kind == JSON {
        return Ok(());
    }
    let mut parts = kind.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let is_named = parts.next().is_some_and(|it| it.eq_ignore_ascii_case(JSON));
    if is_named && parts.all(is_readable) { Ok(()) } else { Err("unsupported-media-type") }
}

/// Whether a parameter of the content type leaves the body readable.
fn is_readable(parameter: &[u8]) -> bool {
    const NAME: &[u8] = b"charset=";
    let Some((name, charset)) = parameter.split_at_checked(NAME.len()) else { return true };
    let charset =
        charset.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\"")).unwrap_or(charset);
    !name.eq_ignore_ascii_case(NAME) || charset.eq_ignore_ascii_case(b"utf-8")
}

/// The request id of the one `Idempotency-Key` header.
///
/// # Errors
/// The code of the problem.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<RequestId, &'static str> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let key = keys.next().ok_or("idempotency-key-missing")?;
    if keys.next().is_some() {
        return Err("invalid-idempotency-key");
    }
    let key = key.to_str().map_err(|_| "invalid-idempotency-key")?;
    identity::request_id(key).map_err(|problem| problem.code())
}
