//! `GET /v1/entries/{receipt}/draw` and `…/promise`: what a person checks a draw with.
//!
//! Owns: the signed receipt of an entry in the newest sealed draw that lists it, and the promise
//! that goes before it, and how many are made at once. Never: an outcome.

use super::seen::drawn_elsewhere;
use crate::draws::{self, DrawFolder, Source, blocking};
use crate::extract::Segment;
use crate::language::Language;
use crate::operator::draws::is_rehearsal;
use crate::problem::Problem;
use crate::state::ServerState;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use draw::DrawName;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use identity::{CampaignKeys, Scope, SecretKey};
use ledger::{Draw, EntryView, Ledger, PublicEntry, Stage};
use node::{CampaignView, Unavailable};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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
        (status = 404, description = "`not-found`: no such entry; `no-receipt-yet`: its list is \
         not sealed; `no-receipt`: no sealed list has it.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 500, description = "`draw-unreadable`: the draw's files cannot be read.",
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
    let found = find(&state, &receipt, language).await.and_then(|looked| match looked {
        Looked::Found(found) => Ok(found.note),
        Looked::NotYet => Err(Problem::of("no-receipt-yet", language)),
        Looked::Nowhere => Err(Problem::of("no-receipt", language)),
    });
    answer(found)
}

/// The promise of a draw
///
/// For an entry that waits for a draw whose list is not sealed yet: a signed note that says that
/// the list will have a line with these commits, units and choices. `docs/draw-format.md` says how
/// it is checked. Should the line be missing, the organiser has to answer. Where lots are drawn
/// among these people in another campaign, the promise is that of the entry there.
#[utoipa::path(
    get, path = "/v1/entries/{receipt}/promise", tag = "Entries",
    params(("receipt" = String, Path, description = "As the answer to the entry gave it.")),
    responses(
        (status = 200, description = "The promise, a signed note.", content_type = "text/plain",
         body = String),
        (status = 404, description = "`not-found`: no such entry; `no-promise`: it waits for no \
         list.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
        (status = 500, description = "`draw-unreadable`: the draw's files cannot be read.",
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
    let found = find_promise(&state, &receipt, language).await;
    answer(found.and_then(|found| found.ok_or_else(|| Problem::of("no-promise", language))))
}

fn answer(note: Result<String, Problem>) -> Response {
    match note {
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
    /// The list that it waits for, if it does.
    awaits: Option<Awaited>,
}

/// A list that is not sealed yet, as one look at the ledger has it: by the next the list may be
/// sealed, and another draw be the one that comes.
struct Awaited {
    draw: DrawName,
    /// The entry's tickets in it, as its owner may know them.
    tickets: u8,
}

/// The entry, if there is one; nothing of it where its campaign does not draw.
fn look(ledger: &Ledger, no: CampaignNo, entry: EntryNo) -> Option<Option<Seen>> {
    let campaign = ledger.campaign(no)?;
    let (view, told) = (ledger.entry(no, entry)?, ledger.public_entry(no, entry)?);
    let Some(terms) = campaign.definition().draw() else { return Some(None) };
    let losses = match told {
        PublicEntry::Registered { losses, .. } => Some(losses),
        _ => None,
    };
    let losses = losses.filter(|_| ledger.awaits_seal(no, entry));
    let definition = Arc::clone(campaign.definition());
    let awaits = losses.map(|losses| Awaited {
        draw: draws::unsealed_name(&definition.code, campaign.draws()),
        tickets: (1 + losses).min(terms.tickets_max),
    });
    Some(Some(Seen { campaign: no, view, definition, awaits }))
}

/// What is seen of an entry, with the campaign as the gate sees it, and permission to go on.
struct Asked {
    /// None where its campaign does not draw.
    seen: Option<Seen>,
    of: Arc<CampaignView>,
    permit: OwnedSemaphorePermit,
}

async fn asked(state: &ServerState, receipt: &str, language: Language) -> Result<Asked, Problem> {
    let not_found = move || Problem::of("not-found", language);
    let (no, entry) = state.receipts.decode(receipt).map_err(|_| not_found())?;
    let permit = begin(&state.receipts_at_work, language)?;
    let unavailable = |why| super::reply::unavailable(why, language);
    let seen = state.node.read(move |ledger| look(ledger, no, entry));
    let seen = seen.map_err(unavailable)?.await.map_err(unavailable)?.ok_or_else(not_found)?;
    let of = state.node.view().campaigns.get(no.index()).cloned().ok_or_else(not_found)?;
    // A list that is never closed is none to wait for.
    let is_here = drawn_elsewhere(state, &of).is_none();
    let seen = seen.map(|seen| Seen { awaits: seen.awaits.filter(|_| is_here), ..seen });
    Ok(Asked { seen, of, permit })
}

/// Permission to read and sign, unless as many as may do that do it.
fn begin(all: &Arc<Semaphore>, language: Language) -> Result<OwnedSemaphorePermit, Problem> {
    let permit = Arc::clone(all).try_acquire_owned();
    permit.map_err(|_| super::reply::unavailable(Unavailable::QueueFull, language))
}

/// The keys that an entry's notes are made with.
fn keys(
    state: &ServerState,
    definition: &Definition,
    language: Language,
) -> Result<(CampaignKeys, SecretKey), Problem> {
    let keys = state.keyring.campaign_keys(&definition.code, &Scope::of(definition));
    let keys = keys.ok_or_else(|| Problem::of("shredded", language))?;
    let secret = state.keyring.draw_key();
    let secret = secret.map_err(|error| draws::failed(error.code(), &error.to_string()))?;
    Ok((keys, secret))
}

/// A receipt, and of which draw it is.
pub(crate) struct Found {
    /// The campaign's code.
    pub(crate) campaign: String,
    pub(crate) draw: DrawNo,
    /// Whether that draw does not count.
    pub(crate) is_void: bool,
    /// Whether it was sealed upon what could be known before.
    pub(crate) is_rehearsal: bool,
    /// The signed note.
    pub(crate) note: String,
}

/// What there is of an entry among the sealed lists.
pub(crate) enum Looked {
    Found(Found),
    /// Its list is not sealed yet.
    NotYet,
    /// No sealed list has it.
    Nowhere,
}

/// A fault of the organiser's files, which is told in the log, for whoever can do nothing about it.
fn for_people(problem: Problem, language: Language) -> Problem {
    let is_theirs = problem.status.as_u16() == 500;
    if is_theirs { Problem::of("draw-unreadable", language) } else { problem }
}

/// The receipt in the newest sealed draw that lists the entry.
pub(crate) async fn find(
    state: &ServerState,
    receipt: &str,
    language: Language,
) -> Result<Looked, Problem> {
    let Asked { seen, of, permit } = asked(state, receipt, language).await?;
    let Some(seen) = seen else { return Ok(Looked::Nowhere) };
    let state = Arc::clone(state);
    let looked = blocking(move || {
        let _permit = permit;
        let Seen { view, definition, awaits, .. } = &seen;
        let nothing = || if awaits.is_some() { Looked::NotYet } else { Looked::Nowhere };
        let listing = listing(of.draws(), view);
        if listing.is_empty() {
            return Ok(nothing());
        }
        let (keys, secret) = keys(&state, definition, language)?;
        let source = Source { definition, keys: &keys, node: &state.node };
        let opened = source.open(view)?;
        for draw in listing {
            let folder = DrawFolder::of(&state.draws, &definition.code, of.draws(), draw);
            let folder = folder.expect("it is one of the draws");
            let key = draws::signing_key(&folder.name, &secret);
            if let Some(note) = source.receipt(&folder, view, &opened, &key)? {
                let campaign = definition.code.clone();
                let drawn = &of.draws()[draw.index() - 1];
                let is_void = drawn.stage == Stage::Void;
                let is_rehearsal = is_rehearsal(&draws::seal_of(&folder.path)?, drawn.at);
                return Ok(Looked::Found(Found { campaign, draw, is_void, is_rehearsal, note }));
            }
        }
        Ok(nothing())
    });
    looked.await.map_err(|problem| for_people(problem, language))
}

/// The sealed draws whose list may have an entry, the newest first: none that was closed before the
/// entry came.
fn listing(draws: &[Draw], view: &EntryView) -> Vec<DrawNo> {
    let may = |draw: &Draw| draw.is_sealed() && view.place.frame <= draw.frame;
    let numbered = draws.iter().enumerate().rev().filter(|(_, draw)| may(draw));
    numbered.map(|(index, _)| DrawNo::from_index(index + 1)).collect()
}

/// The promise of the draw whose list is sealed next; none when the entry waits for no list.
pub(crate) async fn find_promise(
    state: &ServerState,
    receipt: &str,
    language: Language,
) -> Result<Option<String>, Problem> {
    let Asked { seen, permit, .. } = asked(state, receipt, language).await?;
    let Some(Seen { campaign, view, definition, awaits }) = seen else { return Ok(None) };
    let Some(Awaited { draw, tickets }) = awaits else { return Ok(None) };
    let state = Arc::clone(state);
    let made = blocking(move || {
        let _permit = permit;
        let (keys, secret) = keys(&state, &definition, language)?;
        let source = Source { definition: &definition, keys: &keys, node: &state.node };
        let key = draws::signing_key(&draw, &secret);
        source.promise((campaign, &draw), &view, tickets, &key).map(Some)
    });
    made.await.map_err(|problem| for_people(problem, language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{Decision, Fate, Place};
    use types::action::DrawEvent;
    use types::ids::{FrameNo, Millis, Sha256};

    fn draw(frame: u64, is_sealed: bool) -> Draw {
        let seal = (DrawEvent::Seal { entries: 1 }, Sha256([0; 32]));
        Draw {
            frame: FrameNo(frame),
            at: Millis(frame),
            slot: None,
            unserved: false,
            entries: 1,
            stage: Stage::Published,
            winners: 0,
            awarded: 0,
            was_published: true,
            events: if is_sealed { vec![seal] } else { Vec::new() },
        }
    }

    #[test]
    fn a_receipt_is_looked_for_in_draws_that_were_closed_behind_the_entry() {
        let draws = [draw(3, true), draw(5, true), draw(7, false), draw(9, true)];
        let view = |frame| EntryView {
            entry: EntryNo(0),
            at: Millis(frame),
            decision: Decision::Waiting,
            fate: Fate::Live,
            pool: None,
            units: 1,
            place: Place { frame: FrameNo(frame), offset: 0 },
            identity: [0; 8],
        };
        let listing = |frame| -> Vec<u16> {
            listing(&draws, &view(frame)).into_iter().map(|no| no.0).collect()
        };
        assert_eq!([1, 5, 6, 10].map(listing), [vec![4, 2, 1], vec![4, 2], vec![4], vec![]]);
    }

    #[test]
    fn more_receipts_at_once_than_may_be_are_told_to_come_again() {
        let all = Arc::new(Semaphore::new(1));
        let first = begin(&all, Language::default()).unwrap();
        let refused = begin(&all, Language::default()).unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.code), (503, "overloaded"));
        assert!(refused.retry_after_seconds.is_some());
        drop(first);
        assert!(begin(&all, Language::default()).is_ok());
    }
}
