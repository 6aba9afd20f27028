//! Actions on a campaign without a file, and the list of everything that was done.
//!
//! Owns: the words of actions and what belongs to each. Never: takes a member that an action
//! does not use, or guesses one that it lacks.

use super::access::{Changer, Reader};
use super::truth::{self, ActionTruth};
use super::{Operator, input};
use crate::extract::{Query, Segment, Upload};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::Arc;
use types::{Action, CampaignNo, Definition, ItemNo, Outcome, OutletNo, SlotNo, limits};
use utoipa::{IntoParams, ToSchema};

/// An action and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionRequest {
    /// What.
    #[serde(rename = "do")]
    word: Word,
    /// Why; kept with the action.
    reason: Option<String>,
    /// For `cap`, which must have it: the new cap; null lifts it.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<u32>)]
    entries: Option<Option<u32>>,
    /// For `withdraw`: only at this outlet.
    outlet: Option<String>,
    /// For `withdraw`: only of this item.
    item: Option<String>,
    /// For `withdraw`: only in this slot.
    slot: Option<String>,
    /// For `withdraw`: at most so many from each pool; null takes all that are free.
    units: Option<u32>,
}

/// A member that is there, if only as null: one that was forgotten must lift no cap.
fn stated<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// What can be done to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Word {
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
}

/// What an action did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionAnswer {
    /// The campaign.
    campaign: String,
    /// Units that changed hands; 0 for actions that move none.
    units: u64,
    /// The phase from now on.
    phase: &'static str,
}

/// Does something to a campaign.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/actions", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = ActionRequest,
    responses(
        (status = 200, description = "Done", body = ActionAnswer),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "Refused: already-so, still-open, below-entries, …")))]
pub(super) async fn act(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<ActionAnswer>, Problem> {
    let request: ActionRequest = input::json(&body)?;
    let reason = input::reason(request.reason.as_deref())?;
    let view = operator.campaign(&code)?;
    let action = action(&request, view.no, &view.definition)?;
    let outcome = operator.act(&caller, &reason, action).await?;
    let Outcome::Done { units } = outcome else { unreachable!("an action is done or refused") };
    let phase = truth::phase_word(operator.campaign(&code)?.phase(operator.now()));
    Ok(Json(ActionAnswer { campaign: code, units, phase }))
}

fn action(
    request: &ActionRequest,
    campaign: CampaignNo,
    definition: &Definition,
) -> Result<Action, Problem> {
    let ActionRequest { word, entries, outlet, item, slot, units, .. } = request;
    let places = outlet.is_some() || item.is_some() || slot.is_some() || units.is_some();
    if (places && *word != Word::Withdraw) || (entries.is_some() && *word != Word::Cap) {
        let detail = "\"entries\" belongs to \"cap\" alone; \"outlet\", \"item\", \"slot\" and \
                      \"units\" to \"withdraw\" alone. Nothing was done. Leave them out.";
        return Err(malformed(detail));
    }
    Ok(match word {
        Word::Open => Action::Open { campaign },
        Word::Pause => Action::Pause { campaign },
        Word::Resume => Action::Resume { campaign },
        Word::Close => Action::Close { campaign },
        Word::Publish => Action::Publish { campaign },
        Word::Cap => {
            let detail = "\"cap\" needs \"entries\": the new cap, or null to lift it. Nothing was \
                          done. Send it again with the number.";
            Action::Cap { campaign, entries: entries.ok_or_else(|| malformed(detail))? }
        }
        Word::Withdraw => Action::Withdraw {
            campaign,
            outlet: place(outlet.as_deref(), "outlet", &definition.outlets, |row| &row.code)?
                .map(OutletNo::from_index),
            item: place(item.as_deref(), "item", &definition.items, |row| &row.code)?
                .map(ItemNo::from_index),
            slot: place(slot.as_deref(), "slot", &definition.slots, |row| &row.code)?
                .map(SlotNo::from_index),
            units: *units,
        },
    })
}

fn malformed(detail: &'static str) -> Problem {
    Problem::new(400, "malformed-request", "Malformed request", detail)
}

fn place<T>(
    code: Option<&str>,
    kind: &str,
    rows: &[T],
    code_of: impl Fn(&T) -> &String,
) -> Result<Option<usize>, Problem> {
    let Some(code) = code else { return Ok(None) };
    let found = rows.iter().position(|row| code_of(row) == code);
    found.map(Some).ok_or_else(|| {
        let detail = format!(
            "The campaign has no {kind} \"{code}\". Nothing was done. `tidegate campaign show` \
             lists the codes there are."
        );
        Problem::new(409, "unknown-place", "Unknown place", detail)
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

/// What operators did, newest first; done or refused.
#[utoipa::path(get, path = "/v1/operator/actions", tag = "operator", params(ActionsQuery),
    responses((status = 200, description = "Actions, newest first", body = Vec<ActionTruth>)))]
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
