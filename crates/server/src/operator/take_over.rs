//! Taking entries over by the operator API: the people of the campaign that another one names are
//! entered into it.
//!
//! Owns: the route, what must be so before anything is done, and that the run goes on though
//! whoever asked has left. Never: enters anybody by another way than an entry of their own.
//! Invariants: the action is in the journal before the first entry is; the definitions stay the
//! same until the campaign has an entry, from which on they do by themselves.

use super::access::{Actor, Changer, Reader};
use super::{Operator, input, refusal};
use crate::extract::{Segment, Upload};
use crate::problem::Problem;
use crate::take_over::{Run, Side, Tally, Unfit, Way};
use axum::Json;
use axum::extract::State;
use identity::{CampaignKeys, Scope};
use ledger::{Ledger, PoolPlace};
use node::CampaignView;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;
use types::{Action, Definition, Refusal};
use utoipa::ToSchema;

/// Why entries are taken over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeOverRequest {
    /// Why; kept with the action.
    reason: Option<String>,
}

/// What came of taking entries over, or how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakeOverAnswer {
    /// The campaign.
    campaign: String,
    /// The campaign whose people alone may enter, and whose entries are taken over.
    from: String,
    /// Whether it is still at work.
    at_work: bool,
    /// Entries that the first campaign had when it began, cancelled ones too.
    entries: u32,
    /// Of those, how many were looked at.
    looked_at: u32,
    /// Entries that were made.
    taken_over: u32,
    /// Entries that an earlier call had made; they are as they were, or as their owners left them.
    there_before: u32,
    /// Entries of the first campaign by which nobody is in it: given up, without a place once
    /// results are out, or made anew by the same person.
    gone: u32,
    /// All others, by the code of why not: that of the refusal; `unknown-place` if none of the
    /// places is there, `invalid-field` if what was stated breaks a rule of a field here.
    not_taken_over: BTreeMap<String, u32>,
    /// Why it ended before all were looked at, if it did: `closed`, `paused`, `cap-reached`, …
    stopped: Option<&'static str>,
}

impl TakeOverAnswer {
    fn new(campaign: &str, from: &str, tally: Tally) -> Self {
        let left = tally.not_taken_over.into_iter();
        Self {
            campaign: campaign.to_owned(),
            from: from.to_owned(),
            at_work: tally.at_work,
            entries: tally.entries,
            looked_at: tally.looked_at,
            taken_over: tally.taken_over,
            there_before: tally.there_before,
            gone: tally.gone,
            not_taken_over: left.map(|(code, count)| (code.to_owned(), count)).collect(),
            stopped: tally.stopped,
        }
    }
}

/// How far the latest call is that takes entries over into the campaign; null when the node has
/// done none, or another one since.
#[utoipa::path(get, path = "/v1/operator/campaigns/{campaign}/take-over", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    responses(
        (status = 200, description = "How far it is, or null", body = Option<TakeOverAnswer>),
        (status = 404, description = "unknown-campaign")))]
pub(super) async fn show(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Segment(code): Segment,
) -> Result<Json<Option<TakeOverAnswer>>, Problem> {
    let view = operator.campaign(&code)?;
    let from = view.definition.registered_in().unwrap_or_default();
    let tally = operator.take_overs.latest(view.no);
    Ok(Json(tally.map(|tally| TakeOverAnswer::new(&code, from, tally))))
}

/// Enters the people of the campaign that `registered_in` names, with what they entered there.
/// Asked for again, it goes on, and changes nothing that is there.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/take-over", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = TakeOverRequest,
    responses(
        (status = 200, description = "What came of it", body = TakeOverAnswer),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "take-over-impossible, not-a-draw, not-open-yet, closed, …"),
        (status = 500, description = "journal-unreadable, sealed-unreadable"),
        (status = 503, description = "take-over-busy, keys-missing, overloaded")))]
pub(super) async fn begin(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<TakeOverAnswer>, Problem> {
    let asked: TakeOverRequest = input::json(&body)?;
    let reason = input::reason(asked.reason.as_deref())?;
    let permit = operator.take_overs.begin()?;
    // Whoever asked may leave; the run goes on to its end.
    let at_work = tokio::spawn(async move {
        let done = operator.take_over(&caller, &reason, &code).await;
        drop(permit);
        done
    });
    at_work.await.expect("taking entries over does not panic").map(Json)
}

/// Both campaigns, as a run needs them.
struct Both {
    into: Arc<CampaignView>,
    first: Arc<CampaignView>,
    entries: u32,
    before: u32,
    way: Way,
}

impl Operator {
    async fn take_over(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        code: &str,
    ) -> Result<TakeOverAnswer, Problem> {
        let held = self.definitions.hold().await;
        let both = self.both(code).await?;
        let no = both.into.no;
        self.act(by, reason, Action::TakeOver { campaign: no }).await?;
        let from = both.first.definition.code.clone();
        let (began, has_entries) = oneshot::channel();
        let operator = Arc::clone(self);
        let work = tokio::task::spawn_blocking(move || {
            let note = |tally| operator.take_overs.note(no, tally);
            let Both { entries, before, way, .. } = both;
            let (node, way, began) = (&operator.node, &way, Some(began));
            Run { way, node, entries, before, began, note: &note }.work()
        });
        // An error says that it ended without one.
        let _has_entries = has_entries.await;
        drop(held);
        let tally = work.await.expect("taking entries over does not panic")?;
        let (actor, taken_over) = (&by.name, tally.taken_over);
        tracing::info!(campaign = code, from, actor, taken_over, "entries were taken over");
        Ok(TakeOverAnswer::new(code, &from, tally))
    }

    /// Both campaigns, if the one can take the other's entries now.
    async fn both(&self, code: &str) -> Result<Both, Problem> {
        let into = self.campaign(code)?;
        if into.definition.draw().is_none() {
            return Err(refusal::problem(&Refusal::NotADraw));
        }
        let Some(first) = into.definition.registered_in() else {
            let why = "its file has no \"registered_in\", so nobody is in another one for it";
            return Err(impossible(code, why));
        };
        let first = self.campaign(first)?;
        if into.is_shredded() || first.is_shredded() {
            return Err(refusal::problem(&Refusal::Shredded));
        }
        self.takes_entries(&into)?;
        let (of_first, of_into) = (first.no, into.no);
        let look = move |ledger: &Ledger| {
            let entries = |no| ledger.campaign(no).map_or(0, ledger::Campaign::entries_len);
            (entries(of_first), entries(of_into))
        };
        let (entries, before) = self.read(look).await?;
        let way = self.way(&first, &into).await?;
        Ok(Both { into, first, entries, before, way })
    }

    /// The way from one to the other. The pools are looked at behind the entries: whatever those
    /// name is among them.
    async fn way(&self, first: &CampaignView, into: &CampaignView) -> Result<Way, Problem> {
        let (from_definition, from_pools) = self.pools(first.no).await?;
        let (definition, pools) = self.pools(into.no).await?;
        let places = |pools: &[ledger::Pool]| -> Vec<PoolPlace> {
            pools.iter().map(|pool| pool.place).collect()
        };
        let (from_pools, pools) = (places(&from_pools), places(&pools));
        let (from_keys, keys) = (self.keys_of(&from_definition)?, self.keys_of(&definition)?);
        let today = definition.calendar.day(self.now());
        let from = Side {
            no: first.no,
            definition: &from_definition,
            pools: &from_pools,
            keys: &from_keys,
        };
        let to = Side { no: into.no, definition: &definition, pools: &pools, keys: &keys };
        Way::new(&from, &to, today).map_err(|unfit| {
            let why = match unfit {
                Unfit::Field(field) => format!(
                    "it asks for \"{field}\", which \"{}\" did not ask for, or as another kind of \
                     field",
                    from_definition.code
                ),
                Unfit::Rule(why) => why,
            };
            impossible(&definition.code, &why)
        })
    }

    /// Whether the campaign takes entries now.
    fn takes_entries(&self, view: &CampaignView) -> Result<(), Problem> {
        let now = self.now();
        let waits = self.waits_for(&view.definition, now).map(|_| Refusal::SeriesUnpublished);
        let Some(refused) = view.phase(now).refusal().or(waits) else { return Ok(()) };
        let detail = format!(
            "\"{}\" takes no entries now, so none can be taken over. Nothing was done. Ask again \
             while its registration is open; `tidegate campaign show` says when that is.",
            view.definition.code
        );
        Err(Problem::new(409, refused.code(), "No entries are taken", detail))
    }

    fn keys_of(&self, definition: &Definition) -> Result<CampaignKeys, Problem> {
        let keys = self.keyring.campaign_keys(&definition.code, &Scope::of(definition));
        keys.ok_or_else(|| {
            let code = &definition.code;
            tracing::error!(code = "keys-missing", campaign = code, "entries are not taken over");
            let detail = format!(
                "The keys of \"{code}\" are not in the key ring, so its people cannot be read. \
                 Nothing was done. Stop the node, put the newest copy of \"keys\" back into the \
                 data folder, and start it again."
            );
            Problem::new(503, "keys-missing", "Keys missing", detail)
        })
    }
}

fn impossible(code: &str, why: &str) -> Problem {
    let detail = format!(
        "No entries can be taken over into \"{code}\": {why}. Nothing was done. The campaign's file \
         decides that; people can enter by themselves."
    );
    Problem::new(409, "take-over-impossible", "Nothing to take over from", detail)
}
