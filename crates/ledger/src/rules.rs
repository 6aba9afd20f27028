//! The rules, one module each; `docs/rules.md` says the same in words.

mod detail;
mod draw;
mod enter;
mod operator;
mod registered;
mod release;
mod value;

use crate::campaign::Campaign;
use crate::mix;
use types::command::Enter;
use types::outcome::{Outcome, Refusal};

/// The outcome a request got the first time, if its id is known in the campaign.
pub(crate) fn known(campaign: &Campaign, enter: &Enter<'_>) -> Option<Outcome> {
    let entry = campaign.entry_of_request(enter.request)?;
    let row = campaign.row(entry).expect("tables hold only rows there are");
    if row.digests.request != enter.digests.request {
        return Some(Outcome::Refused(Refusal::RequestReused));
    }
    Some(enter::accepted(campaign, entry))
}

/// What an outcome adds to the chain over all outcomes.
pub(crate) fn outcome_hash(outcome: &Outcome) -> u64 {
    // The numbers are part of the hash for ever; refusals go by their stable codes.
    let kind = match outcome {
        Outcome::Booked { .. } => 1,
        Outcome::Registered { .. } => 2,
        Outcome::Cancelled { .. } => 3,
        Outcome::Redeemed { .. } => 4,
        Outcome::Loaded { .. } => 5,
        Outcome::Done { .. } => 6,
        Outcome::Ticked => 7,
        Outcome::Listed { .. } => 9,
        Outcome::Refused(refusal) => mix::bytes(8, refusal.code().as_bytes()),
    };
    let words = match outcome {
        Outcome::Booked { entry, pool, units } => {
            [u64::from(entry.0), u64::from(pool.0), u64::from(*units)]
        }
        Outcome::Registered { entry } => [u64::from(entry.0), 0, 0],
        Outcome::Cancelled { entry, at } => [u64::from(entry.0), at.0, 0],
        Outcome::Redeemed { entry, pool, at, .. } => [u64::from(entry.0), u64::from(pool.0), at.0],
        Outcome::Loaded { campaign } => [u64::from(campaign.0), 0, 0],
        Outcome::Done { units } => [*units, 0, 0],
        Outcome::Listed { draw, entries } => [u64::from(draw.0), u64::from(*entries), 0],
        Outcome::Ticked => [0; 3],
        Outcome::Refused(refusal) => refusal_words(refusal),
    };
    mix::words(kind, &words)
}

fn refusal_words(refusal: &Refusal) -> [u64; 3] {
    match refusal {
        Refusal::NotOpenYet { opens } => [opens.map_or(0, |opens| opens.0), 0, 0],
        Refusal::CoolingDown { until } => [u64::from(until.0), 0, 0],
        Refusal::AlreadyCancelled { at } => [at.0, 0, 0],
        Refusal::AlreadyRedeemed { at, outlet } => [at.0, u64::from(outlet.0), 0],
        Refusal::WrongOutlet { outlet } => [u64::from(outlet.0), 0, 0],
        Refusal::WrongTime { slot } => [u64::from(slot.0), 0, 0],
        Refusal::BelowEntries { entries } | Refusal::EntriesDiffer { entries } => {
            [u64::from(*entries), 0, 0]
        }
        Refusal::DrawOrder { needs } => [mix::bytes(0, needs.word().as_bytes()), 0, 0],
        Refusal::BelowBooked { pools } => {
            [pools.iter().fold(0, |hash, pool| mix::fold(hash, u64::from(pool.0))), 0, 0]
        }
        Refusal::DefinitionInvalid { why } => [mix::bytes(0, why.as_bytes()), 0, 0],
        _ => [0; 3],
    }
}

#[cfg(test)]
mod tests;
