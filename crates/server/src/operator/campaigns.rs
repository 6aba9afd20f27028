//! Campaigns: loading one, listing all, the whole truth about one.
//!
//! Owns: the step from files to a loaded campaign with its keys. Never: holds the ledger's thread
//! for a whole campaign; what takes long is read a little at a time.

use super::access::{Changer, Reader};
use super::truth::{self, CampaignLine, CampaignTruth, EntriesTruth, Sums, Units};
use super::{Operator, input, refusal};
use crate::extract::{Query, Segment, Upload};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use campaign::{Loaded, Other, Severity, Uploaded};
use identity::Scope;
use ledger::{Campaign, Ledger, Marks, Pool};
use node::CampaignView;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Instant;
use tokio::sync::Mutex;
use types::{Action, CampaignNo, Definition, EntryNo, Millis, Outcome, Refusal, limits};
use utoipa::{IntoParams, ToSchema};

/// Whether to do it or only to say what would be done.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct DryRun {
    /// With true, nothing is changed.
    #[serde(default)]
    dry_run: bool,
}

/// A campaign to load.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadRequest {
    /// The name of the campaign file among the files.
    file: String,
    /// The campaign file and its tables.
    #[schema(min_items = 1, max_items = 16)]
    files: Vec<input::UploadedFile>,
    /// Why; not needed for a dry run.
    reason: Option<String>,
}

/// A campaign that was loaded, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoadAnswer {
    /// Its code.
    campaign: String,
    /// Whether this was only a dry run.
    dry_run: bool,
    /// Outlets.
    outlets: usize,
    /// Items.
    items: usize,
    /// Slots.
    slots: usize,
    /// Pools.
    pools: usize,
    /// Units of all pools.
    units: u64,
    /// The phase of the campaign it replaces; null when there was none.
    phase_before: Option<&'static str>,
    /// The phase from now on: marks made by hand, such as `opened`, are gone.
    phase: &'static str,
    /// The next moment at which the phase changes by itself, if any.
    phase_until: Option<String>,
    /// The campaign of the series that must be published before this one takes entries; null when
    /// there is none.
    waits_for: Option<String>,
    /// What a person should know; nothing that must be mended.
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<campaign::Problem>,
}

/// Loads a campaign from its files, or replaces one that has no entries, and says what becomes of
/// registration.
#[utoipa::path(post, path = "/v1/operator/campaigns", tag = "operator", params(DryRun),
    request_body = LoadRequest,
    responses(
        (status = 201, description = "Loaded", body = LoadAnswer),
        (status = 200, description = "Would be loaded", body = LoadAnswer),
        (status = 409, description = "Refused: campaign-exists, series-differs, …"),
        (status = 503, description = "draw-busy"),
        (status = 422, description = "The files have problems, all listed")))]
pub(super) async fn load(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Query(DryRun { dry_run }): Query<DryRun>,
    Upload(body): Upload,
) -> Result<Response, Problem> {
    let LoadRequest { file, files, reason } = input::json(&body)?;
    drop(body);
    let files = Uploaded(input::files(files)?);
    let (now, name) = (operator.now(), file.clone());
    let read = tokio::task::spawn_blocking(move || campaign::read_from(&files, &file, now)).await;
    let loaded = read.expect("reading files does not panic").map_err(|found| problems(&found))?;
    identity::FieldSet::new(&loaded.definition).map_err(|error| {
        let detail = format!("Nothing was loaded: {error}.");
        Problem::new(422, error.code(), "A field's rule cannot be used", detail)
    })?;
    let reason = if dry_run { String::new() } else { input::reason(reason.as_deref())? };
    let held = if dry_run { None } else { Some(operator.definitions.hold().await) };
    let mut answer = operator.beside(&loaded, &name, now).await?;
    if dry_run {
        let look = move |ledger: &Ledger| ledger.may_load(&loaded.definition);
        let refused = operator.read(look).await?.map_err(|refused| refusal::problem(&refused));
        refused.map_err(|refused| operator.explain(refused, &answer.campaign))?;
        return Ok((StatusCode::OK, Json(answer)).into_response());
    }
    let on_its_way = operator.draws.disturb(&answer.campaign)?;
    let keys = operator.ensure_keys(&loaded.definition).await;
    keys.map_err(|refused| operator.explain(refused, &answer.campaign))?;
    let code = loaded.definition.code.clone();
    let action = Action::Load { definition: Box::new(loaded.definition) };
    let outcome = operator.act(&caller, &reason, action).await;
    let outcome = outcome.map_err(|refused| operator.explain(refused, &code))?;
    drop((held, on_its_way));
    assert!(matches!(outcome, Outcome::Loaded { .. }), "a load loads or is refused");
    answer.dry_run = false;
    let view = operator.campaign(&code)?;
    let now = operator.now();
    (_, answer.phase_until) = truth::phase(&view.definition, view.phase(now));
    answer.phase = operator.standing(&view, now);
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// All campaigns, in the order of loading.
#[utoipa::path(get, path = "/v1/operator/campaigns", tag = "operator",
    responses((status = 200, description = "All campaigns", body = Vec<CampaignLine>)))]
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    _: Reader,
) -> Result<Json<Vec<CampaignLine>>, Problem> {
    Ok(Json(operator.lines().await?))
}

/// Everything about one campaign, published or not, but nothing about a person.
#[utoipa::path(get, path = "/v1/operator/campaigns/{campaign}", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    responses(
        (status = 200, description = "The campaign", body = CampaignTruth),
        (status = 404, description = "unknown-campaign")))]
pub(super) async fn show(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Segment(code): Segment,
) -> Result<Json<CampaignTruth>, Problem> {
    let mut told = operator.truth(&code).await?;
    let no = operator.campaign(&code)?.no;
    let count = operator.count_entries(no).await?;
    assert!(told.line.entries <= count.entries, "entries are never taken away");
    told.line.entries = count.entries;
    told.entries_by_decision = count.by_decision;
    told.actions = operator.latest_actions(Some(no), limits::ACTIONS_LISTED_MAX).await?;
    Ok(Json(told))
}

/// All entries of a campaign as one count saw them.
#[derive(Clone, Copy)]
struct Count {
    /// Before its first look.
    began: Instant,
    /// Entries there were at its first look: as many as are counted.
    entries: u32,
    by_decision: EntriesTruth,
}

/// The latest count of each campaign that was counted. The lock is held while a campaign is
/// counted, which goes through all its entries: one count at a time, shared by all who wait for it.
#[derive(Default)]
pub(super) struct Counting(StdMutex<HashMap<CampaignNo, LastCount>>);

type LastCount = Arc<Mutex<Option<Count>>>;

impl Counting {
    fn of(&self, campaign: CampaignNo) -> LastCount {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(campaign).or_default())
    }
}

impl Operator {
    /// A line on each campaign, in the order of loading.
    pub(crate) async fn lines(&self) -> Result<Vec<CampaignLine>, Problem> {
        let count = self.node.view().campaigns.len();
        let mut lines = Vec::with_capacity(count);
        for no in 0..count {
            let no = CampaignNo::from_index(no);
            let begin = |_: &Definition| Units::default();
            let tell = |campaign: &Campaign, at, units: Units| truth::line(campaign, at, &units);
            let mut line = self.with_pools(no, begin, Units::add, tell).await?;
            line.phase = self.standing_of(no, line.phase);
            lines.push(line);
        }
        Ok(lines)
    }

    /// A campaign as it is, but for its entries by decision and its actions, which take longer.
    pub(crate) async fn truth(&self, code: &str) -> Result<CampaignTruth, Problem> {
        let view = self.campaign(code)?;
        let mut told = self.with_pools(view.no, Sums::new, Sums::add, truth::campaign).await?;
        told.line.phase = self.standing_of(view.no, told.line.phase);
        told.waits_for = self.waits_for(&view.definition, self.now());
        Ok(told)
    }

    /// All pools of a campaign with the definition they belong to, read a little at a time.
    pub(crate) async fn pools(
        &self,
        no: CampaignNo,
    ) -> Result<(Arc<Definition>, Vec<Pool>), Problem> {
        self.fold_pools(no, |_| Vec::new(), |pools, pool| pools.push(*pool)).await
    }

    /// What all pools of a campaign come to, one by one in their order, with the definition they
    /// belong to. They are read a little at a time, and no more than that is held of them.
    pub(crate) async fn fold_pools<S: Send>(
        &self,
        no: CampaignNo,
        begin: impl Fn(&Definition) -> S + Send,
        add: impl Fn(&mut S, &Pool) + Send,
    ) -> Result<(Arc<Definition>, S), Problem> {
        let mut some: Vec<Pool> = Vec::new();
        let mut folded: Option<(Arc<Definition>, S)> = None;
        let mut from = 0;
        loop {
            let look = move |ledger: &Ledger| {
                let campaign = ledger.campaign(no).expect("campaigns are never taken away");
                let rest = campaign.pools().get(from..).unwrap_or_default();
                let step = &rest[..rest.len().min(limits::LOOK_ROWS_MAX as usize)];
                some.clear();
                some.extend_from_slice(step);
                (Arc::clone(campaign.definition()), some, step.len() == rest.len())
            };
            let (definition, read, is_all) = self.read(look).await?;
            some = read;
            if folded.as_ref().is_some_and(|(of, _)| !Arc::ptr_eq(of, &definition)) {
                // It was loaded anew meanwhile, which only one without entries can be.
                (folded, from) = (None, 0);
                continue;
            }
            let (of, mut sum) = folded.take().unwrap_or_else(|| {
                assert!(from == 0, "a fold begins with the first pool");
                let sum = begin(&definition);
                (definition, sum)
            });
            some.iter().for_each(|pool| add(&mut sum, pool));
            if is_all {
                return Ok((of, sum));
            }
            from += some.len();
            folded = Some((of, sum));
        }
    }

    /// Tells something of a campaign and of what its pools come to, which is summed up apart from
    /// the ledger's thread.
    async fn with_pools<S: Send + 'static, T: Send + 'static>(
        &self,
        no: CampaignNo,
        begin: impl Fn(&Definition) -> S + Copy + Send,
        add: impl Fn(&mut S, &Pool) + Copy + Send,
        tell: impl Fn(&Campaign, Millis, S) -> T + Copy + Send + 'static,
    ) -> Result<T, Problem> {
        let now = self.now();
        loop {
            let (definition, sum) = self.fold_pools(no, begin, add).await?;
            let look = move |ledger: &Ledger| {
                let campaign = ledger.campaign(no).expect("campaigns are never taken away");
                let is_same = Arc::ptr_eq(campaign.definition(), &definition);
                is_same.then(|| tell(campaign, now.max(ledger.time()), sum))
            };
            if let Some(told) = self.read(look).await? {
                return Ok(told);
            }
        }
    }

    /// Entries by decision. However many ask, only one count of a campaign runs: whoever waited
    /// takes a count that began after they had asked.
    async fn count_entries(&self, campaign: CampaignNo) -> Result<Count, Problem> {
        let asked = Instant::now();
        let last = self.counting.of(campaign);
        let mut last = last.lock().await;
        if let Some(count) = &*last
            && asked <= count.began
        {
            return Ok(*count);
        }
        let began = Instant::now();
        let mut by_decision = EntriesTruth::default();
        let (mut from, mut known) = (0, None);
        loop {
            let look = move |ledger: &Ledger| {
                let found = ledger.campaign(campaign).expect("campaigns are never taken away");
                let entries = known.unwrap_or_else(|| found.entries_len());
                let until = entries.min(from + limits::LOOK_ROWS_MAX);
                let views = (from..until).map(|no| ledger.entry(campaign, EntryNo(no)));
                views.flatten().for_each(|view| by_decision.count(&view));
                (entries, until, by_decision)
            };
            let (entries, until, counted) = self.read(look).await?;
            (from, known, by_decision) = (until, Some(entries), counted);
            if entries <= until {
                let count = Count { began, entries, by_decision };
                *last = Some(count);
                return Ok(count);
            }
        }
    }

    /// What loading a campaign would answer, with what a person should know of it beside the
    /// other campaigns and beside the one it replaces.
    async fn beside(
        &self,
        loaded: &Loaded,
        file: &str,
        now: Millis,
    ) -> Result<LoadAnswer, Problem> {
        let Loaded { definition, warnings, .. } = loaded;
        let node = self.node.view();
        let before = node.by_code(&definition.code).cloned();
        let mut warnings = warnings.clone();
        let others = node.campaigns.iter();
        let others = others.filter(|view| !view.is_shredded() && !view.is_published(now));
        let others = others.map(|view| Other {
            definition: &view.definition,
            holds_at: (0 < view.entries()).then_some(now),
        });
        warnings.extend(campaign::series_overlap(definition, file, others));
        let others = node.campaigns.iter().map(|view| &*view.definition);
        warnings.extend(campaign::registered_cool_down(definition, file, others));
        let people = match &before {
            Some(before) => self.allowed(before.no).await?,
            None => 0,
        };
        warnings.extend(match (definition.register.allow_list, people) {
            (true, 0) => Some(campaign::allow_list_empty(file)),
            (false, 1..) => Some(campaign::allow_list_unread(file, people)),
            _ => None,
        });
        // As the ledger loads it: nothing done by hand, and nobody in it.
        let marks = Marks { cap: definition.register.cap, ..Marks::default() };
        let phase = ledger::phase::phase(definition, &marks, 0, now);
        let (_, phase_until) = truth::phase(definition, phase);
        let waits_for = self.waits_for(definition, now);
        Ok(LoadAnswer {
            campaign: definition.code.clone(),
            dry_run: true,
            outlets: definition.outlets.len(),
            items: definition.items.len(),
            slots: definition.slots.len(),
            pools: definition.stock.len(),
            units: definition.stock.iter().map(|stock| u64::from(stock.units)).sum(),
            phase_before: before.map(|before| self.standing(&before, now)),
            phase: truth::standing(phase, waits_for.is_some()),
            phase_until,
            waits_for,
            warnings,
        })
    }

    /// A refused load, with the reason why the campaign of this code cannot be replaced.
    fn explain(&self, refused: Problem, code: &str) -> Problem {
        refusal::named(refused, "campaign-exists", || {
            let view = self.node.view().by_code(code).cloned()?;
            Some(refusal::exists(&view, self.now()))
        })
    }

    /// People on a campaign's allow lists.
    pub(super) async fn allowed(&self, no: CampaignNo) -> Result<usize, Problem> {
        let look = move |ledger: &Ledger| {
            truth::allowed(ledger.campaign(no).expect("campaigns are never taken away"))
        };
        self.read(look).await
    }

    /// The code of the campaign whose results a campaign waits for, if any.
    pub(crate) fn waits_for(&self, definition: &Definition, at: Millis) -> Option<String> {
        let view = self.node.view();
        view.waits_for(definition, at).map(|other| other.definition.code.clone())
    }

    /// The word of a campaign's phase.
    pub(crate) fn standing(&self, view: &CampaignView, at: Millis) -> &'static str {
        truth::standing(view.phase(at), self.waits_for(&view.definition, at).is_some())
    }

    /// The word of a campaign's phase as people meet it, from that of the campaign alone.
    fn standing_of(&self, no: CampaignNo, alone: &'static str) -> &'static str {
        let view = self.node.view();
        let of = &view.campaigns[no.index()].definition;
        let waits = alone == "open" && view.waits_for(of, self.now()).is_some();
        if waits { Refusal::SeriesUnpublished.code() } else { alone }
    }

    /// Makes the keys that a campaign's entries need, durably, before it can have any.
    async fn ensure_keys(&self, definition: &Definition) -> Result<(), Problem> {
        let code = definition.code.clone();
        let shredded = self.node.view().by_code(&code).is_some_and(|view| view.is_shredded());
        if shredded {
            return Err(refusal::problem(&types::Refusal::CampaignExists));
        }
        let scope = Scope::of(definition);
        let keyring = Arc::clone(&self.keyring);
        let made = tokio::task::spawn_blocking(move || keyring.ensure_campaign(&code, &scope));
        made.await.expect("making keys does not panic").map_err(|error| {
            tracing::error!(code = error.code(), %error, "keys cannot be made");
            let detail = format!("{error}. The campaign was not loaded.");
            Problem::new(500, error.code(), "Keys cannot be made", detail)
        })
    }
}

/// Everything that is wrong with an operator's files.
pub(super) fn problems(found: &[campaign::Problem]) -> Problem {
    let errors = found.iter().filter(|problem| problem.severity == Severity::Error).count();
    let errors = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
    let detail = format!(
        "The files have {errors}. Nothing was done. Mend what \"problems\" lists and send \
         them again."
    );
    let list = serde_json::to_value(found).expect("problems have only string keys");
    Problem::new(422, "files-invalid", "Files invalid", detail)
        .with("problems", list)
        .with("text", campaign::render(found))
}
