//! Redemptions: a code at a counter, and what the counter is told.
//!
//! Owns: what a refusal says to whoever stands at the counter. Never: names the person, or tells
//! before publication what a code is worth.

use super::access::Redeemer;
use super::handing_out::{AtOutlet, HandedOut, NotHandedOut, Units};
use super::tokens::{Role, Token};
use super::{Operator, input, moment, refusal, unavailable};
use crate::api::enter::idempotency_key;
use crate::extract::Upload;
use crate::language::{Language, first_text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use node::CampaignView;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Definition, OutletNo, Refusal};
use utoipa::ToSchema;

/// A code shown at an outlet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RedeemRequest {
    /// The pickup code, with or without its hyphen.
    code: String,
    /// The code of the outlet that hands out.
    outlet: String,
}

/// Units handed out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RedeemAnswer {
    /// Always `redeemed`.
    outcome: &'static str,
    /// The campaign.
    campaign: String,
    /// The number of the entry.
    number: u64,
    /// The outlet's code.
    outlet: String,
    /// The item's code.
    item: String,
    /// The item's name in the campaign's first language.
    item_name: String,
    /// The slot's code.
    slot: String,
    /// Units to hand out.
    units: u8,
    /// When, in the campaign's zone. A repeated request tells the first time.
    redeemed_at: String,
    /// This very request redeemed the code before, at `redeemed_at`: hand the units out only if
    /// that was not done then.
    repeated: bool,
}

/// Hands the units of a booking out, once.
#[utoipa::path(post, path = "/v1/operator/redemptions", tag = "operator",
    params(("Idempotency-Key" = String, Header, min_length = 1, max_length = 128,
        pattern = "^[!-~]+$", description = "One for each code at the counter")),
    request_body = RedeemRequest,
    responses(
        (status = 200, description = "Hand the units out", body = RedeemAnswer),
        (status = 403, description = "outlet-not-allowed, role-not-allowed"),
        (status = 404, description = "not-found: no booking has this code"),
        (status = 409, description = "Hand nothing out: already-redeemed, wrong-outlet, …"),
        (status = 422, description = "invalid-pickup-code")))]
pub(super) async fn redeem(
    State(operator): State<Arc<Operator>>,
    Redeemer(caller): Redeemer,
    headers: HeaderMap,
    Upload(body): Upload,
) -> Result<Json<RedeemAnswer>, Problem> {
    let RedeemRequest { code, outlet } = input::json(&body)?;
    let request = request_id(&headers)?;
    check_outlet(&caller, &outlet)?;
    let at = operator.at_outlet(&code, &outlet).map_err(|why| not_handed_out(why, &outlet))?;
    let handed = operator.hand_out(&at, request, &caller.name).await;
    let handed = handed.map_err(|why| not_handed_out(why, &outlet))?;
    Ok(Json(answer(&at, handed)))
}

fn request_id(headers: &HeaderMap) -> Result<types::RequestId, Problem> {
    idempotency_key(headers).map_err(|code| {
        let problem = Problem::of(code, Language::default());
        if code != "idempotency-key-missing" {
            return problem;
        }
        problem.detail(
            "The request has no Idempotency-Key. Hand nothing out. Send one for each code, the \
             same when you ask again after a time-out; a UUID is a good one.",
        )
    })
}

fn check_outlet(caller: &Token, outlet: &str) -> Result<(), Problem> {
    if caller.role != Role::Outlet || caller.outlets.iter().any(|own| own == outlet) {
        return Ok(());
    }
    let detail = format!(
        "The token \"{}\" does not redeem for the outlet \"{outlet}\". Nothing was handed out. \
         Use the token of that outlet.",
        caller.name
    );
    Err(Problem::new(403, "outlet-not-allowed", "Not for this outlet", detail))
}

fn not_found() -> Problem {
    let detail = "No booking has this code. Hand nothing out; read the code again.";
    Problem::new(404, "not-found", "Not found", detail)
}

fn elsewhere(view: &CampaignView, outlet: &str) -> Problem {
    let detail = format!(
        "The code belongs to \"{}\", in which the outlet \"{outlet}\" takes no part. Hand nothing \
         out.",
        view.definition.code
    );
    Problem::new(409, "unknown-place", "Unknown outlet", detail)
}

fn answer(at: &AtOutlet, handed: HandedOut) -> RedeemAnswer {
    let HandedOut { units: Units { place, units }, at: when, repeated } = handed;
    let definition = &*at.view.definition;
    let item = &definition.items[place.item.index()];
    RedeemAnswer {
        outcome: "redeemed",
        campaign: definition.code.clone(),
        number: u64::from(at.entry.0) + 1,
        outlet: definition.outlets[place.outlet.index()].code.clone(),
        item: item.code.clone(),
        item_name: first_text(definition, &item.name).to_owned(),
        slot: definition.slots[place.slot.index()].code.clone(),
        units,
        redeemed_at: moment(&definition.calendar, when),
        repeated,
    }
}

fn not_handed_out(why: NotHandedOut, outlet: &str) -> Problem {
    match why {
        NotHandedOut::Code(problem) => {
            // The sentence ends in a full stop of its own.
            let detail = format!("{problem} Hand nothing out; read the code again.");
            Problem::new(422, "invalid-pickup-code", "Code unreadable", detail)
                .with("cause", problem.code())
        }
        NotHandedOut::Unknown => not_found(),
        NotHandedOut::Elsewhere(view) => elsewhere(&view, outlet),
        NotHandedOut::Refused { view, refusal, .. } => told(&view.definition, &refusal),
        NotHandedOut::Unavailable(why) => unavailable(why),
    }
}

/// A refusal with what the counter must tell the person: when, where.
fn told(definition: &Definition, refused: &Refusal) -> Problem {
    let problem = refusal::problem(refused);
    let calendar = &definition.calendar;
    let outlet_of = |no: OutletNo| &definition.outlets[no.index()];
    let name = |no: OutletNo| first_text(definition, &outlet_of(no).name);
    match refused {
        Refusal::AlreadyRedeemed { at, outlet } => {
            let when = moment(calendar, *at);
            let detail = format!(
                "The units were handed out before, at {when}, by {}. Hand nothing out.",
                name(*outlet)
            );
            problem.detail(detail).with("at", when).with("outlet", outlet_of(*outlet).code.clone())
        }
        Refusal::AlreadyCancelled { at } => {
            let when = moment(calendar, *at);
            let detail = format!("The booking was cancelled at {when}. Hand nothing out.");
            problem.detail(detail).with("at", when)
        }
        Refusal::WrongOutlet { outlet } => {
            let detail = format!("The units are at {}. Send the person there.", name(*outlet));
            problem.detail(detail).with("outlet", outlet_of(*outlet).code.clone())
        }
        Refusal::WrongTime { slot } => {
            let slot = &definition.slots[slot.index()];
            let (from, until) = (moment(calendar, slot.from), moment(calendar, slot.until));
            let detail = format!("The units are handed out from {from} until {until}.");
            let problem = problem.detail(detail).with("slot", slot.code.clone());
            problem.with("from", from).with("until", until)
        }
        _ => problem,
    }
}
