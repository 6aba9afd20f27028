//! What the rules' refusals say to an operator or at a counter.
//!
//! Owns: the English sentences, and the members that a program needs. The codes are
//! `types::Refusal`'s. Every sentence says that nothing changed and what to do now.

use crate::problem::Problem;
use node::CampaignView;
use types::{Millis, Refusal};

/// No campaign has this code.
pub(super) fn unknown_campaign(code: &str) -> Problem {
    let detail = format!(
        "There is no campaign \"{code}\". Nothing was done. `tidegate campaign list` shows the \
         campaigns there are."
    );
    Problem::new(404, "unknown-campaign", "Unknown campaign", detail)
}

/// A refusal by the rules, without the words that only its route can know.
pub(super) fn problem(refusal: &Refusal) -> Problem {
    let (title, detail) = words(refusal);
    let status = if matches!(refusal, Refusal::UnknownCampaign) { 404 } else { 409 };
    let problem = Problem::new(status, refusal.code(), title, detail);
    match refusal {
        Refusal::DefinitionInvalid { why } => problem.with("why", why.clone()),
        Refusal::BelowEntries { entries } | Refusal::EntriesDiffer { entries } => {
            problem.with("entries", *entries)
        }
        Refusal::DrawOrder { needs } => problem.with("needs", needs.word()),
        _ => problem,
    }
}

/// A refusal for what can be named, in place of all that it may mean.
pub(super) fn named(
    refused: Problem,
    code: &str,
    detail: impl FnOnce() -> Option<String>,
) -> Problem {
    if refused.code != code {
        return refused;
    }
    match detail() {
        Some(detail) => Problem { detail: detail.into(), ..refused },
        None => refused,
    }
}

/// Why a campaign of this code cannot be replaced.
pub(super) fn exists(view: &CampaignView, at: Millis) -> String {
    let why = if view.is_shredded() {
        "was shredded".to_owned()
    } else if 0 < view.entries() {
        format!("has entries: {}", view.entries())
    } else if view.definition.is_held_back() && view.is_published(at) {
        "is published".to_owned()
    } else {
        "cannot be replaced".to_owned()
    };
    format!(
        "The campaign \"{}\" is there already and {why}. Nothing was done. Load the new one \
         under another code.",
        view.definition.code
    )
}

fn words(refusal: &Refusal) -> (&'static str, &'static str) {
    use Refusal as R;
    match refusal {
        R::UnknownCampaign => ("Unknown campaign", "There is no such campaign. Nothing was done."),
        R::UnknownPlace => (
            "Unknown place",
            "The campaign has no such outlet, item, slot or unique field. Nothing was done. Check \
             the codes against the campaign.",
        ),
        R::CampaignExists => (
            "Campaign exists",
            "A campaign of this code exists and has entries, is published or was shredded, so it \
             cannot be replaced. Nothing was done. Load the new one under another code.",
        ),
        R::TooManyCampaigns => (
            "Too many campaigns",
            "The journal holds as many campaigns as it can. Nothing was done. Start a new data \
             folder.",
        ),
        R::DefinitionInvalid { .. } => (
            "Definition invalid",
            "The campaign's definition breaks a rule of the ledger. Nothing was done. `tidegate \
             campaign check FILE` names the place in the file.",
        ),
        R::SeriesDiffers => (
            "Series differs",
            "The other campaigns of the series have another cool-down, other unique fields or \
             another time zone, or publish otherwise. Nothing was done. Make the file agree with \
             them, or name another series; `tidegate campaign check` with all the files says \
             what differs.",
        ),
        R::BelowBooked { .. } => (
            "Below what is booked",
            "Some pools would hold fewer units than people have booked there. Nothing was done. \
             Raise those rows; nobody's booking is ever taken away by a stock file.",
        ),
        R::NotAsAsked => (
            "Not as asked",
            "A pool stands twice among the rows. Nothing was done. Leave one row for each outlet, \
             item and slot.",
        ),
        R::OverLimit => (
            "Over the limit",
            "The numbers go beyond what the campaign may hold. Nothing was done. The limits are \
             in the documentation of the campaign file.",
        ),
        R::BelowEntries { .. } => (
            "Below the entries",
            "The campaign has more entries than this cap. Nothing was done. Close the campaign, \
             or name a higher cap.",
        ),
        R::StillOpen => (
            "Still open",
            "Registration has not ended: it is open, paused, or has a later window. Nothing was \
             done. Close the campaign first.",
        ),
        R::AlreadySo => ("Already so", "The campaign is in this state already. Nothing was done."),
        R::Published => (
            "Published",
            "The outcomes are published, so the campaign takes no more entries. Nothing was done.",
        ),
        R::Shredded => (
            "Shredded",
            "The campaign's people are shredded. Nothing more can be done with its entries.",
        ),
        other => draw_words(other).unwrap_or_else(|| counter_words(other)),
    }
}

/// Refusals of the steps of a draw.
fn draw_words(refusal: &Refusal) -> Option<(&'static str, &'static str)> {
    use Refusal as R;
    Some(match refusal {
        R::NotADraw => (
            "Not a draw",
            "The campaign gives units to whoever comes first, so there is nothing to draw. Nothing \
             was done. Name a campaign whose file says `by = \"draw\"` in [allocate].",
        ),
        R::UnknownDraw => (
            "Unknown draw",
            "The campaign's latest draw is another one, or it has none. Nothing was done. `tidegate \
             campaign draw show` tells which draw is the latest.",
        ),
        R::DrawUnderWay => (
            "Draw under way",
            "A draw of this campaign is under way; its list and its stock stay as they are until it \
             is published or void. Nothing was done. Finish the draw first.",
        ),
        R::DrawOrder { .. } => (
            "Draw out of order",
            "The steps of a draw have one order, and another one comes next; \"needs\" says what is \
             missing. Nothing was done. Do that step first.",
        ),
        R::DrawDiffers => (
            "Draw differs",
            "The draw has an event of this kind already, and its note says something else. Nothing \
             was done. Compare the two files; the one that the journal has is in force.",
        ),
        R::NoEntries => (
            "No entries",
            "Nobody would take part in this draw. Nothing was done. Draw when there are entries that \
             stand.",
        ),
        R::EntriesDiffer { .. } => (
            "Entries differ",
            "The seal counts other entries than the closed list has; \"entries\" says how many those \
             are. Nothing was done. Make the seal from the list of this draw.",
        ),
        _ => return None,
    })
}

/// Refusals that a counter meets, and those of entries, which no operator route can meet.
fn counter_words(refusal: &Refusal) -> (&'static str, &'static str) {
    use Refusal as R;
    match refusal {
        R::NotFound => ("Not found", "No booking has this code. Hand nothing out; read it again."),
        R::NotPublished => (
            "Not published",
            "The outcomes of this campaign are not published yet. Hand nothing out before they \
             are.",
        ),
        R::NotBooked => ("Not booked", "This entry holds no units. Hand nothing out."),
        R::AlreadyCancelled { .. } => {
            ("Cancelled", "This booking was cancelled by its owner. Hand nothing out.")
        }
        R::AlreadyRedeemed { .. } => (
            "Already handed out",
            "The units of this booking were handed out before. Hand nothing out.",
        ),
        R::WrongOutlet { .. } => {
            ("Wrong outlet", "The units are at another outlet. Send the person there.")
        }
        R::WrongTime { .. } => (
            "Wrong time",
            "The units are handed out at another time. Tell the person when to come.",
        ),
        R::RequestReused => (
            "Request reused",
            "The idempotency key belongs to another request. Use a new one for each booking.",
        ),
        _ => ("Refused", "The rules refuse this, and nothing changed. The code says why."),
    }
}
