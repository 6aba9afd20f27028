//! Stock: a table that replaces what is on offer or adds to it, with the difference told first.
//!
//! Owns: the difference, pool by pool. Never: decides whether it is allowed; the ledger does, on
//! what is booked at that moment.

use super::access::{Actor, Changer};
use super::campaigns::problems;
use super::{Operator, input, refusal};
use crate::extract::{Segment, Upload};
use crate::language::first_text;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use campaign::{StockTable, Uploaded};
use ledger::{Pool, PoolPlace};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::{Action, Definition, Outcome, StockMode, StockRow, limits};
use utoipa::ToSchema;

/// Pools listed in one answer; sums are always of all.
const POOLS_LISTED_MAX: usize = 1_000;

/// New stock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StockRequest {
    /// The table: a CSV or XLSX file with outlet, item, slot and units.
    file: input::UploadedFile,
    /// The sheet of a workbook that has several.
    sheet: Option<String>,
    /// `replace`: the rows are the whole stock, what has no row goes to 0; `add`: on top.
    #[schema(schema_with = super::words::mode)]
    mode: StockMode,
    /// With true, only the difference is told.
    #[serde(default)]
    dry_run: bool,
    /// Why; not needed for a dry run.
    reason: Option<String>,
}

/// What new stock changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockAnswer {
    /// The campaign.
    pub(crate) campaign: String,
    /// Whether this was only a dry run.
    pub(crate) dry_run: bool,
    /// Whether it would be refused, because some pools would go below what is booked.
    pub(crate) refused: bool,
    /// Units on offer before.
    pub(crate) units_before: u64,
    /// Units on offer after.
    pub(crate) units_after: u64,
    /// Pools that change.
    pub(crate) pools_changed: usize,
    /// Pools that would go below what is booked.
    pub(crate) pools_below_booked: usize,
    /// The pools that change, those below what is booked first; at most 1,000.
    pub(crate) pools: Vec<PoolChange>,
    /// What a person should know about the table.
    #[schema(value_type = Vec<Object>)]
    pub(crate) warnings: Vec<campaign::Problem>,
}

/// What changes in one pool.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoolChange {
    /// The outlet's code.
    pub(crate) outlet: String,
    /// The outlet's name in the campaign's first language.
    pub(crate) outlet_name: String,
    /// The item's code.
    pub(crate) item: String,
    /// The slot's code.
    pub(crate) slot: String,
    /// Units on offer before.
    pub(crate) before: u64,
    /// Units on offer after.
    pub(crate) after: u64,
    /// Units people have booked.
    pub(crate) booked: u64,
    /// Whether `after` lies below `booked`.
    pub(crate) below_booked: bool,
}

/// Changes a campaign's stock, all of it or none; or says what would change.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/stock", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = StockRequest,
    responses(
        (status = 200, description = "Done, or what would be done", body = StockAnswer),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "Refused: below-booked, over-limit, shredded"),
        (status = 503, description = "draw-busy"),
        (status = 422, description = "The table has problems, all listed")))]
pub(super) async fn change(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<StockAnswer>, Problem> {
    let StockRequest { file, sheet, mode, dry_run, reason } = input::json(&body)?;
    drop(body);
    let files = input::files(vec![file])?;
    let change = StockChange { files, sheet, mode, dry_run, reason };
    operator.change_stock(&caller, &code, change).await.map(Json)
}

/// New stock, read from its request.
pub(crate) struct StockChange {
    /// The table, by its name.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) sheet: Option<String>,
    pub(crate) mode: StockMode,
    pub(crate) dry_run: bool,
    /// Why; not needed for a dry run.
    pub(crate) reason: Option<String>,
}

impl Operator {
    /// Changes a campaign's stock for somebody, or says what would change.
    pub(crate) async fn change_stock(
        &self,
        by: &Actor,
        code: &str,
        change: StockChange,
    ) -> Result<StockAnswer, Problem> {
        let StockChange { files, sheet, mode, dry_run, reason } = change;
        let reason = if dry_run { String::new() } else { input::reason(reason.as_deref())? };
        let files = Uploaded(files);
        // Rows and pools go by their numbers in one definition, also in a dry run, so that no other
        // may be loaded meanwhile.
        let held = self.definitions.hold().await;
        let on_its_way = if dry_run { None } else { Some(self.draws.disturb(code)?) };
        let view = self.campaign(code)?;
        let definition = Arc::clone(&view.definition);
        let named = Arc::clone(&definition);
        let read = tokio::task::spawn_blocking(move || {
            let name = files.0.keys().next().expect("there is one file").clone();
            campaign::read_stock(&files, &name, sheet.as_deref(), &definition)
        });
        let table =
            read.await.expect("reading a table does not panic").map_err(|e| problems(&e))?;
        let StockTable { rows, warnings } = table;
        let no = view.no;
        let (_, pools) = self.pools(no).await?;
        let mut answer = difference(&named, &pools, &rows, mode);
        answer.dry_run = dry_run;
        answer.warnings = warnings;
        if dry_run {
            return Ok(answer);
        }
        let action = Action::Stock { campaign: no, mode, rows };
        let outcome = self.act(by, &reason, action).await.map_err(|refused| {
            if answer.refused {
                let list = serde_json::to_value(&answer.pools);
                let list = list.expect("pools have only string keys");
                return refused.with("pools", list);
            }
            refusal::named(refused, "over-limit", || {
                let most = u64::from(limits::POOL_UNITS_MAX);
                let over = answer.pools.iter().find(|pool| most < pool.after)?;
                Some(format!(
                    "{} units of \"{}\" at outlet \"{}\" in slot \"{}\" are more than one pool may \
                     hold, which is {most}. Nothing was done. Lower that row, and mind that rows are \
                     added to what is there with the mode \"add\".",
                    over.after, over.item, over.outlet, over.slot
                ))
            })
        })?;
        drop((held, on_its_way));
        assert!(matches!(outcome, Outcome::Done { .. }), "stock is changed or refused");
        answer.refused = false;
        Ok(answer)
    }
}

fn difference(
    definition: &Definition,
    pools: &[Pool],
    rows: &[StockRow],
    mode: StockMode,
) -> StockAnswer {
    let mut wanted: BTreeMap<PoolPlace, u64> = BTreeMap::new();
    for row in rows {
        let place = PoolPlace { outlet: row.outlet, item: row.item, slot: row.slot };
        wanted.insert(place, u64::from(row.units));
    }
    let (mut units_before, mut units_after) = (0, 0);
    let mut changes = Vec::new();
    let known = pools.iter().map(|pool| (pool.place, pool.issued - pool.withdrawn, pool.booked));
    let known: Vec<_> = known.collect();
    let places: BTreeSet<PoolPlace> = known.iter().map(|(place, ..)| *place).collect();
    let new = wanted.keys().filter(|place| !places.contains(place));
    let new: Vec<_> = new.map(|place| (*place, 0, 0)).collect();
    let all = known.into_iter().chain(new);
    for (place, before, booked) in all {
        let row = wanted.get(&place).copied().unwrap_or(0);
        let after = if mode == StockMode::Replace { row } else { before + row };
        units_before += before;
        units_after += after;
        if before != after {
            changes.push(pool_change(definition, place, (before, after, booked)));
        }
    }
    let below = changes.iter().filter(|change| change.below_booked).count();
    let changed = changes.len();
    let most = u64::from(limits::POOL_UNITS_MAX);
    changes.sort_by_key(|change| (!change.below_booked, change.after <= most));
    changes.truncate(POOLS_LISTED_MAX);
    StockAnswer {
        campaign: definition.code.clone(),
        dry_run: true,
        refused: below > 0,
        units_before,
        units_after,
        pools_changed: changed,
        pools_below_booked: below,
        pools: changes,
        warnings: Vec::new(),
    }
}

fn pool_change(
    definition: &Definition,
    place: PoolPlace,
    (before, after, booked): (u64, u64, u64),
) -> PoolChange {
    let outlet = &definition.outlets[place.outlet.index()];
    PoolChange {
        outlet: outlet.code.clone(),
        outlet_name: first_text(definition, &outlet.name).to_owned(),
        item: definition.items[place.item.index()].code.clone(),
        slot: definition.slots[place.slot.index()].code.clone(),
        before,
        after,
        booked,
        below_booked: after < booked,
    }
}
