//! `GET /v1/campaigns`, `/v1/campaigns/{campaign}` and its `/status`: ready bytes.
//!
//! Owns: `ETag`, `If-None-Match` and `Accept-Encoding`. Never: asks the ledger.

use super::document::Document;
use crate::extract::Segment;
use crate::language::Language;
use crate::problem::ready;
use crate::state::ServerState;
use axum::body::Body;
use axum::extract::State;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

/// A minute's use without asking, then asked for with its tag.
const DOCUMENT_AGE: &str = "public, max-age=60";
const STATUS_AGE: &str = "public, max-age=1";
/// A status with the marks of so many pools is packed; a smaller one fits into a packet as it is.
const PACKED_FROM_BYTES: usize = 1_024;

/// All campaigns
///
/// Codes and names of all campaigns, in all their languages.
#[utoipa::path(
    get, path = "/v1/campaigns", tag = "Campaigns",
    responses(
        (status = 200, description = "All campaigns.", body = super::document::CampaignList),
        (status = 304, description = "As the `If-None-Match` tag has it."),
    )
)]
pub(super) async fn list(State(state): State<ServerState>, headers: HeaderMap) -> Response<Body> {
    let list = state.campaigns.list(&state.node);
    serve_document(&list, "application/json", DOCUMENT_AGE, &headers)
}

/// One campaign
///
/// Everything a page needs, in all languages at once, so that two languages can never disagree.
/// It changes with its version only; what moves is in the status.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaign}", tag = "Campaigns",
    params(("campaign" = String, Path, description = "The campaign's code.")),
    responses(
        (status = 200, description = "The campaign.", body = super::document::CampaignDocument),
        (status = 304, description = "As the `If-None-Match` tag has it."),
        (status = 404, description = "`unknown-campaign`.", body = super::schema::ProblemDocument,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn campaign(
    State(state): State<ServerState>,
    Segment(code): Segment,
    headers: HeaderMap,
) -> Response<Body> {
    match state.campaign(&code) {
        Some(campaign) => {
            serve_document(campaign.document(), "application/json", DOCUMENT_AGE, &headers)
        }
        None => ready("unknown-campaign", Language::of(&headers)).map(Body::from),
    }
}

/// A campaign's status
///
/// Phase, next moment, stock marks, coarse counts and pace. Tiny; good for a second. While
/// outcomes are held back there are no stock marks.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaign}/status", tag = "Campaigns",
    params(("campaign" = String, Path, description = "The campaign's code.")),
    responses(
        (status = 200, description = "The status.", body = super::status::StatusDocument),
        (status = 404, description = "`unknown-campaign`.", body = super::schema::ProblemDocument,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn status(
    State(state): State<ServerState>,
    Segment(code): Segment,
    headers: HeaderMap,
) -> Response<Body> {
    let Some(campaign) = state.campaign(&code) else {
        return ready("unknown-campaign", Language::of(&headers)).map(Body::from);
    };
    let status = campaign.status.get(&state, &campaign.view, state.now());
    let is_packed = PACKED_FROM_BYTES <= status.bytes.len() && takes_gzip(&headers);
    let bytes = if is_packed { &status.gzip } else { &status.bytes };
    let mut answer = Response::new(Body::from(bytes.clone()));
    let head = answer.headers_mut();
    if is_packed {
        head.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    head.insert(VARY, HeaderValue::from_static("accept-encoding"));
    head.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    head.insert(CACHE_CONTROL, HeaderValue::from_static(STATUS_AGE));
    answer
}

/// Serves ready bytes, compressed if the client takes that, or says that it has them already.
pub(crate) fn serve_document(
    document: &Document,
    kind: &'static str,
    age: &'static str,
    headers: &HeaderMap,
) -> Response<Body> {
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| {
        let mut tags = tags.split(',').map(str::trim);
        tags.any(|tag| tag == "*" || tag.trim_start_matches("W/") == document.tag)
    });
    let takes_gzip = takes_gzip(headers);
    let mut answer = Response::new(match (is_known, takes_gzip) {
        (true, _) => Body::empty(),
        (false, true) => Body::from(document.gzip.clone()),
        (false, false) => Body::from(document.plain.clone()),
    });
    // Weak: one tag stands for the plain and the compressed bytes (RFC 9110, 8.8.3.3).
    let tag = HeaderValue::try_from(format!("W/{}", document.tag));
    let tag = tag.expect("a tag is hex in quotes");
    let head = answer.headers_mut();
    head.insert(ETAG, tag);
    head.insert(VARY, HeaderValue::from_static("accept-encoding"));
    head.insert(CACHE_CONTROL, HeaderValue::from_static(age));
    if is_known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return answer;
    }
    head.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if takes_gzip {
        head.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

/// Whether the client takes gzip: named, and not with a weight of nothing.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let list = headers.get(ACCEPT_ENCODING).and_then(|list| list.to_str().ok());
    list.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let is_refused = weight.and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0);
        is_gzip && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;
    use http::HeaderMap;
    use http::header::ACCEPT_ENCODING;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let takes = |list: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, list.parse().unwrap());
            takes_gzip(&headers)
        };
        assert!(takes("gzip, br") && takes("br, GZIP;q=0.5"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes("gzip;q=0.000, identity"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
