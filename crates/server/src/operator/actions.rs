//! Actions on a campaign without a file, and the list of everything that was done.
//!
//! Owns: the words of actions, what belongs to each, and what a withdrawal or a lapse would take.
//! Never: takes a member that an action does not use, or guesses one that it lacks.

use super::access::{Actor, Changer, Reader};
use super::truth::ActionTruth;
use super::{Operator, input, refusal};
use crate::extract::{Query, Segment, Upload};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use ledger::{Fate, Ledger, Pool};
use node::CampaignView;
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::Arc;
use types::definition::Fulfil;
use types::{
    Action, CampaignNo, Definition, EntryNo, ItemNo, LocalDay, Millis, Outcome, OutletNo, Refusal,
    SlotNo, limits,
};
use utoipa::{IntoParams, ToSchema};

/// An action and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionRequest {
    /// What.
    #[serde(rename = "do")]
    pub(crate) word: Word,
    /// Why; kept with the action. Not needed for a dry run.
    pub(crate) reason: Option<String>,
    /// For `cap`, which must have it: the new cap; null lifts it.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<u32>)]
    pub(crate) entries: Option<Option<u32>>,
    /// For `withdraw` and `lapse`, which must have a place or `all`: only at this outlet.
    pub(crate) outlet: Option<String>,
    /// For `withdraw` and `lapse`: only of this item.
    pub(crate) item: Option<String>,
    /// For `withdraw` and `lapse`: only in this slot.
    pub(crate) slot: Option<String>,
    /// For `withdraw` and `lapse`: with true, all pools of the campaign.
    #[serde(default)]
    pub(crate) all: bool,
    /// For `withdraw`: at most so many from each pool; null takes all that are free.
    pub(crate) units: Option<u32>,
    /// For `withdraw` and `lapse`: with true, it is only told how many units would be taken.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// For `lapse`: with true, what can still be collected is taken back, too: units of slots that
    /// have not ended.
    #[serde(default)]
    pub(crate) early: bool,
}

/// A member that is there, if only as null: one that was forgotten must lift no cap.
fn stated<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// What can be done to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// Takes entries from now on, whatever the windows say.
    Open,
    /// Takes no entries until resumed.
    Pause,
    /// Ends a pause.
    Resume,
    /// Takes no more entries.
    Close,
    /// Makes outcomes visible, for good.
    Publish,
    /// Sets or lifts the cap on entries.
    Cap,
    /// Takes free units out of pools.
    Withdraw,
    /// Takes units back from winners of a draw who have not collected them.
    Lapse,
}

impl Word {
    /// Whether it is done to the pools of a place, which has to be named.
    pub(crate) const fn selects(self) -> bool {
        matches!(self, Self::Withdraw | Self::Lapse)
    }

    /// Whether it changes what a step of a draw works with: whatever selects does, and what makes
    /// winners known.
    const fn disturbs_draws(self) -> bool {
        matches!(self, Self::Publish | Self::Withdraw | Self::Lapse)
    }
}

/// What an action did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionAnswer {
    /// The campaign.
    campaign: String,
    /// Whether this was only a dry run.
    dry_run: bool,
    /// Units that change hands; 0 for actions that move none.
    pub(crate) units: u64,
    /// For a dry run: the pools that units would be taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pools: Option<usize>,
    /// For a dry run of `lapse`: how many of the units are of slots that have not ended, and are
    /// taken back with `early` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) early_units: Option<u64>,
    /// The phase from now on.
    phase: &'static str,
    /// Why people may be refused though the campaign was opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<OpenWarning>,
}

/// What a withdrawal or a lapse would take.
struct Taken {
    units: u64,
    /// Of those, units of slots that have not ended.
    early: u64,
    pools: usize,
}

/// Why people may be refused by a campaign that is open.
#[derive(Debug, Serialize, ToSchema)]
struct OpenWarning {
    /// `series-unpublished` or `allow-list-empty`.
    code: &'static str,
    /// What stands in the way, and what to do.
    message: String,
}

/// Does something to a campaign, or says what a withdrawal or a lapse would take.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/actions", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = ActionRequest,
    responses(
        (status = 200, description = "Done, or what would be done", body = ActionAnswer),
        (status = 404, description = "unknown-campaign"),
        (status = 409,
            description = "Refused: already-so, still-open, unknown-place, lapse-too-early, …"),
        (status = 503, description = "draw-busy")))]
pub(super) async fn act(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<ActionAnswer>, Problem> {
    let request: ActionRequest = input::json(&body)?;
    operator.perform(&caller, code, &request).await.map(Json)
}

impl Operator {
    /// Does something to a campaign for somebody, or says what a withdrawal or a lapse would take.
    pub(crate) async fn perform(
        &self,
        by: &Actor,
        code: String,
        request: &ActionRequest,
    ) -> Result<ActionAnswer, Problem> {
        request.check()?;
        if request.dry_run {
            return self.preview(code, request).await;
        }
        let reason = input::reason(request.reason.as_deref())?;
        // Places go by their numbers in the definition, so no other may be loaded meanwhile. And
        // what a lapse would take is looked at before it is done: a publication in between would
        // give it fresh winners to take from. Whatever is neither need not wait.
        let held = match request.word.disturbs_draws() {
            true => Some(self.definitions.hold().await),
            false => None,
        };
        let on_its_way = match request.word.disturbs_draws() {
            true => Some(self.draws.disturb(&code)?),
            false => None,
        };
        let view = self.campaign(&code)?;
        let action = request.action(view.no, &view.definition)?;
        self.check_lapse(&view, request).await?;
        let outcome = self.act(by, &reason, action).await.map_err(|refused| {
            refusal::named(refused, "over-limit", || {
                let most = limits::ENTRIES_MAX;
                let detail = format!(
                    "A cap is 1 to {most} entries. Nothing was done. To take no more entries, close \
                     the campaign; to lift the cap, send null."
                );
                (request.word == Word::Cap).then_some(detail)
            })
        })?;
        drop((held, on_its_way));
        let Outcome::Done { units } = outcome else { unreachable!("an action is done or refused") };
        let view = self.campaign(&code)?;
        let phase = self.standing(&view, self.now());
        let warnings = match request.word {
            Word::Open | Word::Resume => self.in_the_way(&view).await?,
            _ => Vec::new(),
        };
        let (dry_run, pools, early_units) = (false, None, None);
        let campaign = code;
        Ok(ActionAnswer { campaign, dry_run, units, pools, early_units, phase, warnings })
    }

    /// What a withdrawal or a lapse would take now.
    async fn preview(
        &self,
        code: String,
        request: &ActionRequest,
    ) -> Result<ActionAnswer, Problem> {
        let view = self.campaign(&code)?;
        if view.is_shredded() {
            return Err(refusal::problem(&Refusal::Shredded));
        }
        let taken = self.taken(&view, request).await?;
        let phase = self.standing(&view, self.now());
        let early_units = (request.word == Word::Lapse).then_some(taken.early);
        let (dry_run, units, pools) = (true, taken.units, Some(taken.pools));
        let (campaign, warnings) = (code, Vec::new());
        Ok(ActionAnswer { campaign, dry_run, units, pools, early_units, phase, warnings })
    }

    /// Refuses a lapse of what can still be collected, unless it says that it is meant: nobody
    /// gets such units back.
    async fn check_lapse(
        &self,
        view: &CampaignView,
        request: &ActionRequest,
    ) -> Result<(), Problem> {
        let draws = view.definition.draw().is_some() && !view.is_shredded();
        if request.word != Word::Lapse || request.early || !draws {
            return Ok(());
        }
        let Taken { units, early, .. } = self.taken(view, request).await?;
        if early == 0 {
            return Ok(());
        }
        let detail = format!(
            "{early} of {units} units are of slots that have not ended by the node's clock: people \
             can still collect them, and a lapse cannot be undone. Nothing was done. Name a slot \
             that has ended, or say that these are meant, too: \"early\": true, or --early."
        );
        let problem = Problem::new(409, "lapse-too-early", "Too early to take back", detail);
        Err(problem.with("early_units", early))
    }

    /// What a withdrawal or a lapse would take now.
    async fn taken(&self, view: &CampaignView, request: &ActionRequest) -> Result<Taken, Problem> {
        let (definition, pools) = self.pools(view.no).await?;
        let (place, taken): (_, Vec<u64>) = match request.action(view.no, &definition)? {
            Action::Withdraw { outlet, item, slot, units, .. } => {
                let free = pools.iter().map(|pool| pool.withdrawable(units)).collect();
                ((outlet, item, slot), free)
            }
            Action::Lapse { outlet, item, slot, .. } => {
                if definition.draw().is_none() {
                    return Err(refusal::problem(&Refusal::NotADraw));
                }
                ((outlet, item, slot), self.uncollected(view.no, pools.len()).await?)
            }
            _ => unreachable!("nothing else has a dry run"),
        };
        let (outlet, item, slot) = place;
        let matches = |pool: &Pool| pool.place.is_within(outlet, item, slot);
        let now = self.now();
        let mut sum = Taken { units: 0, early: 0, pools: 0 };
        for (pool, units) in pools.iter().zip(taken).filter(|(pool, _)| matches(pool)) {
            sum.units += units;
            sum.pools += usize::from(0 < units);
            if now < collected_until(&definition, pool.place.slot) {
                sum.early += units;
            }
        }
        Ok(sum)
    }

    /// The units of each pool that winners hold who know it and have not collected them.
    async fn uncollected(&self, no: CampaignNo, pools: usize) -> Result<Vec<u64>, Problem> {
        let (mut held, mut from) = (vec![0; pools], 0);
        loop {
            let look = move |ledger: &Ledger| {
                let campaign = ledger.campaign(no).expect("campaigns are never taken away");
                let until = campaign.entries_len().min(from + limits::LOOK_ROWS_MAX);
                let views = (from..until).filter_map(|entry| ledger.entry(no, EntryNo(entry)));
                let theirs =
                    views.filter(|view| view.fate == Fate::Live && !campaign.is_hidden(view.entry));
                let theirs = theirs.filter_map(|view| Some((view.pool?, view.units)));
                (theirs.collect::<Vec<_>>(), until, campaign.entries_len())
            };
            let (theirs, until, entries) = self.read(look).await?;
            for (pool, units) in theirs {
                held[pool.index()] += u64::from(units);
            }
            if entries <= until {
                return Ok(held);
            }
            from = until;
        }
    }

    /// What makes a campaign refuse everybody, whatever its phase.
    async fn in_the_way(&self, view: &CampaignView) -> Result<Vec<OpenWarning>, Problem> {
        let mut found = Vec::new();
        if let Some(other) = self.waits_for(&view.definition, self.now()) {
            let code = Refusal::SeriesUnpublished.code();
            let message = format!(
                "nobody can enter until \"{other}\" is published: it is of the same series, has \
                 entries, and its results are held back ({code})"
            );
            found.push(OpenWarning { code, message });
        }
        if view.definition.register.allow_list && self.allowed(view.no).await? == 0 {
            let message = "nobody can enter: the campaign asks for its allow list, which is \
                           empty; put people on it with `tidegate campaign allow`";
            found.push(OpenWarning { code: "allow-list-empty", message: message.to_owned() });
        }
        Ok(found)
    }
}

impl ActionRequest {
    /// Whether every member belongs to the action, and none is missing.
    fn check(&self) -> Result<(), Problem> {
        let Self { word, entries, outlet, item, slot, all, units, dry_run, early, .. } = self;
        let has_place = outlet.is_some() || item.is_some() || slot.is_some();
        let selects = word.selects();
        let is_foreign = (units.is_some() && *word != Word::Withdraw)
            || ((has_place || *all || *dry_run) && !selects)
            || (*early && *word != Word::Lapse)
            || (entries.is_some() && *word != Word::Cap);
        if is_foreign {
            let detail = "\"entries\" belongs to \"cap\" alone; \"outlet\", \"item\", \"slot\", \
                          \"all\" and \"dry_run\" to \"withdraw\" and \"lapse\"; \"units\" to \
                          \"withdraw\" and \"early\" to \"lapse\" alone. Nothing was done. Leave \
                          them out.";
            return Err(malformed(detail));
        }
        if *word == Word::Cap && entries.is_none() {
            let detail = "\"cap\" needs \"entries\": the new cap, or null to lift it. Nothing was \
                          done. Send it again with the number.";
            return Err(malformed(detail));
        }
        if selects && has_place == *all {
            let detail = "\"withdraw\" and \"lapse\" need either a place (\"outlet\", \"item\" or \
                          \"slot\", or several of them) or \"all\": true, which means every pool of \
                          the campaign. Nothing was done. Send it again with one of the two.";
            return Err(malformed(detail));
        }
        Ok(())
    }

    /// The action, once its members are checked.
    fn action(&self, campaign: CampaignNo, definition: &Definition) -> Result<Action, Problem> {
        let Self { word, entries, outlet, item, slot, units, .. } = self;
        let of = definition;
        Ok(match word {
            Word::Open => Action::Open { campaign },
            Word::Pause => Action::Pause { campaign },
            Word::Resume => Action::Resume { campaign },
            Word::Close => Action::Close { campaign },
            Word::Publish => Action::Publish { campaign },
            Word::Cap => Action::Cap { campaign, entries: entries.expect("a cap has entries") },
            Word::Withdraw | Word::Lapse => {
                let outlet = place(of, "outlet", outlet.as_deref(), &of.outlets, |row| &row.code)?;
                let item = place(of, "item", item.as_deref(), &of.items, |row| &row.code)?;
                let slot = place(of, "slot", slot.as_deref(), &of.slots, |row| &row.code)?;
                let outlet = outlet.map(OutletNo::from_index);
                let (item, slot) = (item.map(ItemNo::from_index), slot.map(SlotNo::from_index));
                match word {
                    Word::Lapse => Action::Lapse { campaign, outlet, item, slot },
                    _ => Action::Withdraw { campaign, outlet, item, slot, units: *units },
                }
            }
        })
    }
}

/// The first moment at which nothing of a slot can be collected any more.
fn collected_until(definition: &Definition, slot: SlotNo) -> Millis {
    let (calendar, until) = (&definition.calendar, definition.slots[slot.index()].until);
    match definition.fulfil {
        Fulfil::Pickup { whole_day: false } => until,
        Fulfil::Pickup { whole_day: true } => {
            let last = calendar.day(Millis(until.0 - 1));
            calendar.day_start(LocalDay(last.0 + 1))
        }
    }
}

pub(super) fn malformed(detail: &'static str) -> Problem {
    Problem::new(400, "malformed-request", "Malformed request", detail)
}

/// The place of a code among those of a kind; nothing when none is named.
fn place<T>(
    definition: &Definition,
    kind: &str,
    code: Option<&str>,
    rows: &[T],
    code_of: impl Fn(&T) -> &String,
) -> Result<Option<usize>, Problem> {
    let Some(code) = code else { return Ok(None) };
    if let Some(found) = rows.iter().position(|row| code_of(row) == code) {
        return Ok(Some(found));
    }
    let nearest = campaign::nearest(code, rows.iter().map(|row| code_of(row).as_str()));
    let meant = nearest.map_or_else(String::new, |word| format!(" Did you mean \"{word}\"?"));
    let detail = format!(
        "The campaign has no {kind} \"{code}\".{meant} Nothing was done. `tidegate campaign show \
         {} --by {kind}` lists those there are.",
        definition.code
    );
    let problem = Problem::new(409, "unknown-place", "Unknown place", detail);
    Err(match nearest {
        Some(word) => problem.with("nearest", word),
        None => problem,
    })
}

/// Which actions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionsQuery {
    /// Only those on this campaign.
    campaign: Option<String>,
    /// At most so many, 1 to 1,000; 100 unless given.
    limit: Option<usize>,
}

/// What operators did, newest first; done or refused by the rules. What was turned away before
/// it reached the rules is only in the log.
#[utoipa::path(get, path = "/v1/operator/actions", tag = "operator", params(ActionsQuery),
    responses(
        (status = 200, description = "Actions, newest first", body = Vec<ActionTruth>),
        (status = 404, description = "unknown-campaign")))]
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Query(ActionsQuery { campaign, limit }): Query<ActionsQuery>,
) -> Result<Json<Vec<ActionTruth>>, Problem> {
    let limit = limit.unwrap_or(100).clamp(1, limits::ACTIONS_LISTED_MAX);
    let only = match &campaign {
        Some(code) => Some(operator.campaign(code)?.no),
        None => None,
    };
    Ok(Json(operator.latest_actions(only, limit).await?))
}
