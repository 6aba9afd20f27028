//! `GET /v1/entries/{receipt}/draw` and `…/promise`: what a person checks a draw with.
//!
//! Owns: the signed receipt of an entry in the newest sealed draw that lists it, and the promise
//! that goes before it. Never: an outcome.

use crate::draws::{self, DrawFolder, Source};
use crate::extract::Segment;
use crate::language::Language;
use crate::problem::Problem;
use crate::state::ServerState;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use identity::{CampaignKeys, Scope, SecretKey};
use ledger::{Draw, EntryView, Ledger, PublicEntry};
use std::sync::Arc;
use types::Definition;
use types::ids::{CampaignNo, DrawNo, EntryNo};

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
    let language = Language::of(&headers);
    let found = find(&state, &receipt, language).await;
    answer(found.map(|found| found.map(|found| found.note)), language)
}

/// The promise of a draw
///
/// For an entry that waits for a draw whose list is not sealed yet: a signed note that says that
/// the list will have a line with these commits, units and choices. `docs/draw-format.md` says how
/// it is checked. With it, whoever was left out can show it.
#[utoipa::path(
    get, path = "/v1/entries/{receipt}/promise", tag = "Entries",
    params(("receipt" = String, Path, description = "As the answer to the entry gave it.")),
    responses(
        (status = 200, description = "The promise, a signed note.", content_type = "text/plain",
         body = String),
        (status = 404, description = "`not-found`: no such entry, or it waits for no list.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not taken just now; come again after `Retry-After`.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn promise(
    State(state): State<ServerState>,
    Segment(receipt): Segment,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    answer(find_promise(&state, &receipt, language).await, language)
}

fn answer(found: Result<Option<String>, Problem>, language: Language) -> Response {
    match found.and_then(|found| found.ok_or_else(|| Problem::of("not-found", language))) {
        Ok(note) => {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            let private = HeaderValue::from_static("private, no-store");
            ([(CONTENT_TYPE, plain), (CACHE_CONTROL, private)], note).into_response()
        }
        Err(problem) => problem.to_response().map(axum::body::Body::from),
    }
}

/// An entry in a campaign that draws.
struct Seen {
    campaign: CampaignNo,
    view: EntryView,
    definition: Arc<Definition>,
    draws: Vec<Draw>,
    /// Its tickets, as its owner may know them, if it waits for a list.
    awaits: Option<u8>,
}

fn look(ledger: &Ledger, no: CampaignNo, entry: EntryNo) -> Option<Seen> {
    let campaign = ledger.campaign(no)?;
    let terms = campaign.definition().draw()?;
    let losses = match ledger.public_entry(no, entry)? {
        PublicEntry::Registered { losses, .. } => Some(losses),
        _ => None,
    };
    let losses = losses.filter(|_| campaign.awaits_seal(ledger.time(), entry));
    Some(Seen {
        campaign: no,
        view: ledger.entry(no, entry)?,
        definition: Arc::clone(campaign.definition()),
        draws: campaign.draws().to_vec(),
        awaits: losses.map(|losses| (1 + losses).min(terms.tickets_max)),
    })
}

/// What is seen of an entry, with the keys that its notes are made with.
struct Keyed {
    seen: Seen,
    keys: CampaignKeys,
    secret: SecretKey,
}

async fn keyed(state: &ServerState, receipt: &str, language: Language) -> Result<Keyed, Problem> {
    let not_found = move || Problem::of("not-found", language);
    let (no, entry) = state.receipts.decode(receipt).map_err(|_| not_found())?;
    let unavailable = |why| super::reply::unavailable(why, language);
    let seen = state.node.read(move |ledger| look(ledger, no, entry));
    let seen = seen.map_err(unavailable)?.await.map_err(unavailable)?.ok_or_else(not_found)?;
    let keys = state.keyring.campaign_keys(&seen.definition.code, &Scope::of(&seen.definition));
    let keys = keys.ok_or_else(|| Problem::of("shredded", language))?;
    let secret = state.keyring.draw_key();
    let secret = secret.map_err(|error| draws::failed(error.code(), &error.to_string()))?;
    Ok(Keyed { seen, keys, secret })
}

/// A receipt, and of which draw it is.
pub(crate) struct Found {
    /// The campaign's code.
    pub(crate) campaign: String,
    pub(crate) draw: DrawNo,
    /// The signed note.
    pub(crate) note: String,
}

/// The receipt in the newest sealed draw that lists the entry; none when no sealed draw does.
pub(crate) async fn find(
    state: &ServerState,
    receipt: &str,
    language: Language,
) -> Result<Option<Found>, Problem> {
    let Keyed { seen, keys, secret } = keyed(state, receipt, language).await?;
    let (root, node) = (state.draws.clone(), state.node.clone());
    waiting(move || {
        let Seen { view, definition, draws, .. } = &seen;
        let source = Source { definition, keys: &keys, node: &node };
        for index in (0..draws.len()).rev().filter(|index| draws[*index].is_sealed()) {
            let draw = DrawNo::from_index(index + 1);
            let of = DrawFolder::of(&root, &definition.code, draws, draw);
            let of = of.expect("it is one of the draws");
            let key = draws::signing_key(&of.name, &secret);
            if let Some(note) = source.receipt(&of, view, &key)? {
                return Ok(Some(Found { campaign: definition.code.clone(), draw, note }));
            }
        }
        Ok(None)
    })
    .await
}

/// The promise of the draw whose list is sealed next; none when the entry waits for no list.
pub(crate) async fn find_promise(
    state: &ServerState,
    receipt: &str,
    language: Language,
) -> Result<Option<String>, Problem> {
    let Keyed { seen, keys, secret } = keyed(state, receipt, language).await?;
    let Some(tickets) = seen.awaits else { return Ok(None) };
    let node = state.node.clone();
    waiting(move || {
        let Seen { campaign, view, definition, draws, .. } = &seen;
        let name = draws::unsealed_name(&definition.code, draws);
        let source = Source { definition, keys: &keys, node: &node };
        let key = draws::signing_key(&name, &secret);
        source.promise((*campaign, &name), view, tickets, &key).map(Some)
    })
    .await
}

/// Work for a thread that may wait.
async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(draws::failed("draw-step-failed", &error.to_string())))
}
