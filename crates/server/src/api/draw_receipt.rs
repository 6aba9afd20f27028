//! `GET /v1/entries/{receipt}/draw`: what a person checks a draw with.
//!
//! Owns: the signed receipt of an entry in the newest sealed draw that lists it. Never: an
//! outcome.

use crate::draws::{self, DrawFolder};
use crate::extract::Segment;
use crate::language::Language;
use crate::problem::Problem;
use crate::state::ServerState;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use identity::Scope;
use ledger::Ledger;
use std::sync::Arc;
use types::ids::DrawNo;

/// The receipt of a draw
///
/// For an entry that takes part in a draw, once the list is sealed: a signed note with the entry's
/// line and what opens it, of the newest draw that lists it. `docs/draw-format.md` says how it is
/// checked.
#[utoipa::path(
    get, path = "/v1/entries/{receipt}/draw", tag = "Entries",
    params(("receipt" = String, Path, description = "As the answer to the entry gave it.")),
    responses(
        (status = 200, description = "The receipt, a signed note.", content_type = "text/plain",
         body = String),
        (status = 404, description = "`not-found`: no such entry, or no sealed draw lists it.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(state): State<ServerState>,
    Segment(receipt): Segment,
    headers: HeaderMap,
) -> Response {
    match find(&state, &receipt, Language::of(&headers)).await {
        Ok(note) => {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            let private = HeaderValue::from_static("private, no-store");
            ([(CONTENT_TYPE, plain), (CACHE_CONTROL, private)], note).into_response()
        }
        Err(problem) => problem.to_response().map(axum::body::Body::from),
    }
}

async fn find(state: &ServerState, receipt: &str, language: Language) -> Result<String, Problem> {
    let not_found = move || Problem::of("not-found", language);
    let (no, entry) = state.receipts.decode(receipt).map_err(|_| not_found())?;
    let look = move |ledger: &Ledger| {
        let campaign = ledger.campaign(no)?;
        let definition = Arc::clone(campaign.definition());
        Some((ledger.entry(no, entry)?, definition, campaign.draws().to_vec()))
    };
    let unavailable = |why| super::reply::unavailable(why, language);
    let seen = state.node.read(look).map_err(unavailable)?.await.map_err(unavailable)?;
    let (view, definition, draws) = seen.ok_or_else(not_found)?;
    let keys = state.keyring.campaign_keys(&definition.code, &Scope::of(&definition));
    let keys = keys.ok_or_else(|| Problem::of("shredded", language))?;
    let secret = state.keyring.draw_key();
    let secret = secret.map_err(|error| draws::failed(error.code(), &error.to_string()))?;
    let journal = state.node.journal_reader();
    let root = state.draws.clone();
    let work = move || {
        for index in (0..draws.len()).rev().filter(|index| draws[*index].is_sealed()) {
            let of = DrawFolder::of(&root, &definition.code, &draws, DrawNo::from_index(index + 1));
            let of = of.expect("it is one of the draws");
            let key = draws::signing_key(&of, &secret);
            let note = draws::receipt(&of, (&definition, &keys), &*journal, &view, &key)?;
            if let Some(note) = note {
                return Ok(note);
            }
        }
        Err(not_found())
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(draws::failed("draw-step-failed", &error.to_string())))
}
