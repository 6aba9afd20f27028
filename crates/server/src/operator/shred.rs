//! Shredding: the end of a campaign's people.
//!
//! Owns: the order of the two steps. The command comes first, so that a crash between the steps
//! leaves a campaign that is marked and whose key the next start destroys; never a campaign that
//! still takes entries nobody could open.

use super::access::Changer;
use super::{Operator, input};
use crate::extract::{Segment, Upload};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use identity::{KeyError, Keyring};
use ledger::Ledger;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Action, Outcome};
use utoipa::ToSchema;

/// What to shred, said twice, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShredRequest {
    /// The campaign's code once more: this cannot be undone.
    confirm: String,
    /// Why.
    reason: Option<String>,
}

/// What is no longer possible.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShredAnswer {
    /// The campaign.
    campaign: String,
    /// Entries whose people are gone.
    entries: u32,
    /// What can no longer be done, in sentences.
    no_longer_possible: Vec<&'static str>,
    /// What stays possible, in sentences.
    still_possible: Vec<&'static str>,
}

/// Why a shredded campaign's keys are still there.
#[derive(Debug, thiserror::Error)]
#[error("the keys of the shredded campaign {campaign} cannot be destroyed: {source}")]
pub struct ShredError {
    /// Its code.
    pub campaign: String,
    /// Why.
    pub source: KeyError,
}

impl ShredError {
    /// The stable code, with a page in `docs/errors`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "shred-unfinished"
    }
}

/// Destroys the keys of campaigns that are marked as shredded; for every start of a node, before
/// it listens. Does nothing for keys that are gone already.
///
/// # Errors
/// The first campaign whose keys cannot be destroyed.
pub fn finish_shreds(ledger: &Ledger, keyring: &Keyring) -> Result<(), ShredError> {
    let shredded = ledger.campaigns().iter().filter(|campaign| campaign.marks().shredded);
    for campaign in shredded {
        let code = &campaign.definition().code;
        destroy(keyring, code)?;
    }
    Ok(())
}

/// Destroys the key to a campaign's people, for good.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/shred", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = ShredRequest,
    responses(
        (status = 200, description = "Shredded", body = ShredAnswer),
        (status = 400, description = "confirmation-differs"),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "shredded: it was before")))]
pub(super) async fn shred(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<ShredAnswer>, Problem> {
    let ShredRequest { confirm, reason } = input::json(&body)?;
    let reason = input::reason(reason.as_deref())?;
    if confirm != code {
        let detail = "\"confirm\" must be the campaign's code, since this cannot be undone. \
                      Nothing was done. Send it again with the code.";
        let title = "Confirmation differs";
        return Err(Problem::new(400, "confirmation-differs", title, detail));
    }
    let held = operator.definitions.hold().await;
    let view = operator.campaign(&code)?;
    let outcome = operator.act(&caller, &reason, Action::Shred { campaign: view.no }).await?;
    assert!(matches!(outcome, Outcome::Done { .. }), "shredding is done or refused");
    let keyring = Arc::clone(&operator.keyring);
    let of = code.clone();
    let destroyed = tokio::task::spawn_blocking(move || destroy(&keyring, &of)).await;
    destroyed.expect("destroying keys does not panic").map_err(|error| {
        tracing::error!(code = error.code(), %error, "a shredding is not finished");
        let detail = format!(
            "{error}. The campaign is marked as shredded and takes no entries, but its key is \
             still on the disk. Mend the cause and start the node again: it destroys the key then."
        );
        Problem::new(500, error.code(), "Shredding not finished", detail)
    })?;
    drop(held);
    Ok(Json(ShredAnswer {
        campaign: code,
        entries: view.entries(),
        no_longer_possible: vec![
            "Nobody can open names, numbers or phones of this campaign again, in no export and \
             from no copy of the journal.",
            "People can no longer look their entry up by who they are, cancel it, or enter.",
            "Nothing can be redeemed any more.",
            "No campaign can be loaded under this code again.",
        ],
        still_possible: vec![
            "Counts, stock and the list of actions stay.",
            "Exports list bookings by code and number, without people.",
            "A cool-down of the series still counts successes in this campaign.",
            "Backups of keys/ring.json and keys/master.key made before still open the people: \
             destroy those, too.",
        ],
    }))
}

fn destroy(keyring: &Keyring, code: &str) -> Result<(), ShredError> {
    let failed = |source| ShredError { campaign: code.to_owned(), source };
    keyring.destroy_campaign(code).map_err(failed)
}
