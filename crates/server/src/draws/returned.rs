//! What came back to a draw: units that its winners hold no longer.
//!
//! Owns: that difference, bucket by bucket: what is out by the draw's files less what the ledger
//! says that its winners hold. Never: more than is free; stock that was added since is for another
//! draw.

use super::lines::write;
use super::{DrawFolder, disk, open, refused};
use crate::operator::unavailable;
use crate::problem::Problem;
use ceremony::Progress;
use ledger::{Decision, Fate, Ledger};
use node::Node;
use roll::Buckets;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::PathBuf;
use types::ids::{CampaignNo, EntryNo, PoolNo};
use types::limits;

/// Whose winners hold what.
pub(crate) struct Holders<'a> {
    pub(crate) node: &'a Node,
    pub(crate) campaign: CampaignNo,
    /// Entries of the campaign.
    pub(crate) entries: u32,
}

impl Holders<'_> {
    /// The units of each pool that live winners of the latest draw hold.
    fn held(&self) -> Result<HashMap<PoolNo, u64>, Problem> {
        let mut held = HashMap::new();
        for first in (0..self.entries).step_by(limits::LOOK_ROWS_MAX as usize) {
            let until = self.entries.min(first.saturating_add(limits::LOOK_ROWS_MAX));
            let campaign = self.campaign;
            let look = move |ledger: &Ledger| holdings(ledger, campaign, first..until);
            let some = self.node.read(look).map_err(unavailable)?.wait().map_err(unavailable)?;
            for (pool, units) in some {
                *held.entry(pool).or_default() += u64::from(units);
            }
        }
        Ok(held)
    }
}

fn holdings(
    ledger: &Ledger,
    campaign: CampaignNo,
    range: std::ops::Range<u32>,
) -> Vec<(PoolNo, u8)> {
    let of = ledger.campaign(campaign).expect("campaigns are never taken away");
    let entries = range.map(EntryNo).filter(|entry| of.is_listed(*entry));
    let views = entries.filter_map(|entry| ledger.entry(campaign, entry));
    let holds = |view: &ledger::EntryView| {
        view.decision == Decision::Booked && !matches!(view.fate, Fate::Cancelled { .. })
    };
    views.filter(holds).filter_map(|view| Some((view.pool?, view.units))).collect()
}

/// Writes what came back since the last event, for `ceremony`. `buckets` say what is free now. For
/// a thread that may wait.
pub(crate) fn write_returned(
    of: &DrawFolder,
    buckets: &Buckets,
    holders: &Holders<'_>,
    round: u32,
    progress: Progress<'_>,
) -> Result<PathBuf, Problem> {
    let folder = open(&of.path)?;
    // What a step that was cut off has put there stays: more may have come back since, and waits.
    let before = format!("returned-{round}.txt");
    if folder.has(&before).map_err(|error| refused(&error))? {
        return Ok(folder.path(&before));
    }
    let (sealed, left) = ceremony::left(&folder, progress).map_err(|error| refused(&error))?;
    let held = holders.held()?;
    let (mut text, mut all) = (String::new(), 0);
    for ((bucket, sealed_units), left_units) in
        sealed.numbers().zip(sealed.units()).zip(left.units())
    {
        let name = sealed.name(bucket);
        let free = buckets.units_of(name);
        let Some(at_most) = free.checked_sub(u64::from(left_units)) else {
            let detail = format!(
                "{name} has {free} free units, and {left_units} are left of the draw: units were \
                 withdrawn since. Nothing was drawn. Put them on offer again, or draw among those \
                 unserved with fresh numbers."
            );
            return Err(Problem::new(409, "draw-stock-short", "Units were withdrawn", detail));
        };
        let held = buckets.pool(name).ok().and_then(|pool| held.get(&pool).copied()).unwrap_or(0);
        let out = u64::from(sealed_units - left_units);
        let back = out.saturating_sub(held).min(at_most);
        writeln!(text, "{name},{back}").expect("writing to a text cannot fail");
        all += back;
    }
    if all == 0 {
        let detail = "Nothing came back since the draw, or since the alternates before: winners \
                      hold all that was given. Nothing was drawn. Ask again when bookings were \
                      cancelled or have lapsed.";
        return Err(Problem::new(409, "draw-nothing-returned", "Nothing came back", detail));
    }
    write(&of.private, &before, text.as_bytes())?;
    Ok(of.private.join(before))
}

/// Takes away what `write_returned` has written, unless it is in the draw's folder; whether it is
/// in neither. For a thread that may wait.
pub(crate) fn forget_returned(of: &DrawFolder, round: u32) -> Result<bool, Problem> {
    let name = format!("returned-{round}.txt");
    // In a folder that was taken elsewhere nothing of it is either.
    let is_here = of.path.try_exists().map_err(disk(&of.path))?;
    if is_here && open(&of.path)?.has(&name).map_err(|error| refused(&error))? {
        return Ok(false);
    }
    let path = of.private.join(name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(disk(&path)(error)),
        _ => Ok(true),
    }
}
