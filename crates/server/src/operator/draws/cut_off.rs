//! What must hold before a draw goes on, though a step of it may have been cut off between its
//! files and the journal.
//!
//! Owns: that alternates are recorded only with units for all of them, and that no list is closed
//! behind alternates that were drawn and not recorded. Never: makes a file; journals anything.

use super::Known;
use crate::draws::DrawFolder;
use crate::operator::Operator;
use crate::problem::Problem;
use ledger::{Fate, Ledger, Stage};
use std::collections::BTreeMap;
use types::action::DrawEvent;
use types::ids::{CampaignNo, DrawNo, EntryNo, PoolNo};
use types::limits;

impl Operator {
    /// Refuses winners whose places have not as many units any more: once they are recorded, they
    /// must be awarded, and until they are the stock stays as it is.
    pub(super) async fn must_have_units(
        &self,
        known: &Known,
        rows: &[(EntryNo, PoolNo)],
    ) -> Result<(), Problem> {
        let campaign = known.campaign;
        let mut asked: BTreeMap<PoolNo, u64> = BTreeMap::new();
        for part in rows.chunks(limits::LOOK_ROWS_MAX as usize) {
            let part = part.to_vec();
            let look = move |ledger: &Ledger| {
                let units = |(entry, pool)| {
                    let view = ledger.entry(campaign, entry)?;
                    (view.fate == Fate::Live).then_some((pool, u64::from(view.units)))
                };
                part.into_iter().filter_map(units).collect::<Vec<_>>()
            };
            for (pool, units) in self.read(look).await? {
                *asked.entry(pool).or_default() += units;
            }
        }
        let (_, pools) = self.pools(campaign).await?;
        let is_short = |(pool, units): &(PoolNo, u64)| pools[pool.index()].free() < *units;
        let Some((pool, units)) = asked.into_iter().find(is_short) else { return Ok(()) };
        let (name, free) = (known.buckets.of(pool), pools[pool.index()].free());
        let detail = format!(
            "{name} has {free} free units, and the alternates that were drawn get {units}: units \
             were withdrawn since. Nothing was recorded. Put them on offer again, and ask for the \
             alternates again."
        );
        Err(Problem::new(409, "draw-stock-short", "Units were withdrawn", detail))
    }

    /// Refuses to go on behind alternates that have files and no record: their step was cut off,
    /// and could not be given again once another draw has begun.
    pub(super) async fn must_be_recorded(
        &self,
        code: &str,
        campaign: CampaignNo,
    ) -> Result<(), Problem> {
        let draws = self.draws_of(campaign).await?;
        let Some(draw) = draws.last().filter(|draw| draw.stage == Stage::Published) else {
            return Ok(());
        };
        let is_alternates =
            |(event, _): &&(DrawEvent, _)| matches!(event, DrawEvent::Alternates { .. });
        let next = draw.events.iter().filter(is_alternates).count() + 1;
        let no = DrawNo::from_index(draws.len());
        let folder = DrawFolder::of(self.draws.root(), code, &draws, no);
        let folder = folder.expect("it is one of the draws");
        // The first file of the step.
        let file = folder.path.join(format!("returned-{next}.txt"));
        if !file.try_exists().map_err(crate::draws::disk(&file))? {
            return Ok(());
        }
        let detail = format!(
            "Alternates {next} of draw {no} were drawn, and their step was cut off before they \
             were recorded: {} is there. Nothing was closed. Ask for the alternates of draw {no} \
             again, and publish them; then close the list.",
            file.display()
        );
        Err(Problem::new(409, "draw-out-of-order", "A step was cut off", detail))
    }
}
