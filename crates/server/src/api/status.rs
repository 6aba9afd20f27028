//! A campaign's status: phase, next moment, stock marks, pace. Small, shared, a second old at most.
//!
//! Owns: its shape, and its being made anew a few times a second however many ask. Never: a
//! stock mark while outcomes are held back, or a count that tells who entered last.

use super::document::{PacingDocument, gzip};
use crate::moment::rfc3339;
use crate::state::Shared;
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use flate2::Compression;
use ledger::Phase;
use node::CampaignView;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::Millis;
use types::ids::PoolNo;
use types::outcome::Refusal;
use utoipa::ToSchema;

/// How long one status is good for: with a cache's second on top, nobody sees one older than two.
pub(crate) const FRESH: Duration = Duration::from_millis(250);
/// A pool with fewer free units than this has few.
const FEW_UNITS: u32 = 10;

/// What moves in a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusDocument {
    /// The campaign's code.
    campaign: String,
    /// The version of the campaign's document; fetch it again when this changes.
    version: u64,
    /// `open`, or the code with which entries are refused: `not-open-yet`, `series-unpublished`,
    /// `paused`, `cap-reached` or `closed`.
    phase: &'static str,
    /// When it opens, or when the window ends; RFC 3339. Absent when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Whether outcomes are visible.
    published: bool,
    /// Whether nothing is left at all. Absent while outcomes are held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    sold_out: Option<bool>,
    /// One letter for each of the document's `pools`: `p` plenty, `f` few, `n` none. Absent while
    /// outcomes are held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ppfn")]
    stock: Option<String>,
    /// Entries accepted, to two digits.
    entries: u32,
    /// The pace clients keep.
    pacing: PacingDocument,
    /// The server's time; RFC 3339.
    now: String,
}

/// A status that was made a moment ago.
#[derive(Debug)]
pub(crate) struct Status {
    made: Instant,
    pub(crate) bytes: Bytes,
    /// The same as gzip: of a city's many marks a hundredth is left.
    pub(crate) gzip: Bytes,
    /// For each outlet, whether nothing is left there; empty while outcomes are held back.
    pub(crate) outlets_gone: Vec<bool>,
}

/// The latest status of a campaign.
#[derive(Debug, Default)]
pub(crate) struct StatusCache(ArcSwapOption<Status>);

impl StatusCache {
    /// A status of the campaign that is fresh enough.
    pub(crate) fn get(&self, state: &Shared, view: &CampaignView, now: Millis) -> Arc<Status> {
        let known = self.0.load_full();
        if let Some(status) = known.filter(|status| status.made.elapsed() < FRESH) {
            return status;
        }
        // Two at once may make one each, which is as true.
        let status = Arc::new(make(view, state.waits(view, now), now));
        self.0.store(Some(status.clone()));
        status
    }
}

/// The phase's code, and when it changes by the clock.
pub(crate) fn phase(
    view: &CampaignView,
    waits: bool,
    now: Millis,
) -> (&'static str, Option<Millis>) {
    match view.phase(now) {
        Phase::Open { .. } if waits => (Refusal::SeriesUnpublished.code(), None),
        Phase::Open { until } => ("open", until),
        Phase::NotOpenYet { opens } => ("not-open-yet", opens),
        Phase::Paused => ("paused", None),
        Phase::CapReached => ("cap-reached", None),
        Phase::Closed => ("closed", None),
    }
}

fn make(view: &CampaignView, waits: bool, now: Millis) -> Status {
    let definition = &*view.definition;
    let (phase, next) = phase(view, waits, now);
    // Of a held-back campaign not even the published stock is of use: nobody can enter any more.
    let visible = !definition.is_held_back();
    let free: Vec<u32> = (0..view.pools().len())
        .filter_map(|pool| view.free(PoolNo::from_index(pool), now).filter(|_| visible))
        .collect();
    let least = u32::from(definition.register.units_min);
    let mark = |free: u32| match free {
        free if free < least => 'n',
        free if free < FEW_UNITS.max(least) => 'f',
        _ => 'p',
    };
    let document = StatusDocument {
        campaign: definition.code.clone(),
        version: view.version.0,
        phase,
        next: next.map(|at| rfc3339(&definition.calendar, at)),
        published: view.is_published(now),
        sold_out: visible.then(|| view.all_sold_out()),
        stock: visible.then(|| free.iter().map(|free| mark(*free)).collect()),
        entries: two_digits(view.entries()),
        pacing: PacingDocument::new(definition),
        now: rfc3339(&definition.calendar, now),
    };
    let bytes = serde_json::to_vec(&document).expect("a status has only string keys");
    let gzip = gzip(&bytes, Compression::fast());
    let outlets_gone = if visible { outlets_gone(view, &free, least) } else { Vec::new() };
    Status { made: Instant::now(), bytes: bytes.into(), gzip, outlets_gone }
}

fn outlets_gone(view: &CampaignView, free: &[u32], least: u32) -> Vec<bool> {
    let mut gone = vec![true; view.definition.outlets.len()];
    for (pool, free) in view.pools().iter().zip(free) {
        gone[pool.outlet.index()] &= *free < least;
    }
    gone
}

/// A count with all but its first two digits set to zero.
fn two_digits(count: u32) -> u32 {
    let scale = 10_u32.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    count / scale * scale
}

#[cfg(test)]
mod tests {
    use super::two_digits;

    #[test]
    fn counts_are_coarse() {
        let counts = [0, 7, 42, 100, 129, 9_999, 1_234_567, u32::MAX];
        let coarse = counts.map(two_digits);
        assert_eq!(coarse, [0, 7, 42, 100, 120, 9_900, 1_200_000, 4_200_000_000]);
    }
}
