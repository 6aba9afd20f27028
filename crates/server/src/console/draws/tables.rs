//! What a published draw gave: winners by outlet, and the cut-offs.
//!
//! Owns: reading both out of the draw's files. Never: reads a file that is not public yet, which
//! `draws::public_file` says; knows a person.

use crate::draws::{failed, public_file, refused};
use crate::problem::Problem;
use ceremony::Folder;
use draw::table::{Cutoffs, Pass, read_winners};
use draw::{Digest, Stock};
use ledger::Draw;
use node::CampaignView;
use std::collections::HashMap;
use types::ids::OutletNo;
use types::limits;

/// What was given.
pub(super) struct Tables {
    /// Entries that won.
    pub(super) winners: u64,
    /// By outlet, in the campaign's order.
    pub(super) outlets: Vec<OutletRow>,
    /// By bucket, in published order.
    pub(super) cutoffs: Vec<CutoffRow>,
    /// Buckets that are left out.
    pub(super) more: usize,
    /// Whether alternates are among the winners.
    pub(super) has_alternates: bool,
}

/// An outlet.
pub(super) struct OutletRow {
    pub(super) outlet: OutletNo,
    /// Units that were sealed.
    pub(super) units: u64,
    /// Entries that won something there.
    pub(super) winners: u64,
}

/// A bucket.
pub(super) struct CutoffRow {
    pub(super) bucket: String,
    /// What was chosen, and any place.
    pub(super) passes: [Vec<Span>; 2],
}

/// A cut-off for entries that need so many units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The fewest units, and the most.
    pub(super) units: (u8, u8),
    /// None where it never closed.
    pub(super) cutoff: Option<Digest>,
}

impl Tables {
    /// Of a draw that was published. For a thread that may wait.
    pub(super) fn read(view: &CampaignView, draw: &Draw, folder: &Folder) -> Result<Self, Problem> {
        assert!(draw.was_published, "nobody is told before");
        let read = |name: &str| folder.read(name).map_err(|error| refused(&error));
        let wrong = |name: &str, what: String| {
            failed("draw-file-wrong", &format!("{}: {what}", folder.path(name).display()))
        };
        let stock = Stock::read(&read("stock.txt")?)
            .map_err(|error| wrong("stock.txt", error.to_string()))?;
        let told = read("cutoffs.txt")?;
        let cutoffs = Cutoffs::read(&told, &stock)
            .map_err(|error| wrong("cutoffs.txt", error.to_string()))?;
        let mut won = vec![0_u64; stock.len()];
        let later = (1_u32..).map(|round| format!("winners-{round}.txt"));
        let mut files = vec!["winners.txt".to_owned()];
        let alternates = |(event, _): &&(types::action::DrawEvent, _)| event.word() == "alternates";
        files.extend(later.take(draw.events.iter().filter(alternates).count()));
        files.retain(|name| public_file(draw, name));
        for name in &files {
            let rows = read_winners(&read(name)?, &stock);
            for winner in rows.map_err(|error| wrong(name, error.to_string()))? {
                won[usize::from(winner.bucket.0)] += 1;
            }
        }
        let most = limits::CONSOLE_CUTOFFS_MAX;
        let row = |bucket| CutoffRow {
            bucket: stock.name(bucket).to_owned(),
            passes: [Pass::Choices, Pass::Any].map(|pass| {
                let each = (1..=units_max(view)).map(|units| cutoffs.get(pass, bucket, units));
                spans(each)
            }),
        };
        Ok(Self {
            winners: won.iter().sum(),
            outlets: by_outlet(view, &stock, &won),
            cutoffs: stock.numbers().take(most).map(row).collect(),
            more: stock.len().saturating_sub(most),
            has_alternates: 1 < files.len(),
        })
    }
}

/// The most units that an entry of a campaign can need.
fn units_max(view: &CampaignView) -> u8 {
    let register = &view.definition.register;
    let group = view.definition.draw().map_or(1, |terms| terms.group_max);
    register.units_max.max(group).clamp(1, limits::DRAW_UNITS_MAX)
}

/// Cut-offs for 1, 2, … units; what follows on and is the same, once.
fn spans(cutoffs: impl Iterator<Item = Option<Digest>>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (units, cutoff) in (1..).zip(cutoffs) {
        match spans.last_mut() {
            Some(last) if last.cutoff == cutoff => last.units.1 = units,
            _ => spans.push(Span { units: (units, units), cutoff }),
        }
    }
    spans
}

fn by_outlet(view: &CampaignView, stock: &Stock, won: &[u64]) -> Vec<OutletRow> {
    let definition = &view.definition;
    let bucket =
        |place: &ledger::PoolPlace| definition.bucket(place.outlet, place.item, place.slot);
    let outlet_of: HashMap<String, OutletNo> =
        view.pools().iter().map(|place| (bucket(place), place.outlet)).collect();
    let mut rows: Vec<OutletRow> = (0..definition.outlets.len())
        .map(|outlet| OutletRow { outlet: OutletNo::from_index(outlet), units: 0, winners: 0 })
        .collect();
    for ((bucket, units), won) in stock.numbers().zip(stock.units()).zip(won) {
        if let Some(outlet) = outlet_of.get(stock.name(bucket)) {
            let row = &mut rows[outlet.index()];
            row.units += u64::from(units);
            row.winners += won;
        }
    }
    // Where nothing was drawn nobody looks.
    rows.retain(|row| 0 < row.units + row.winners);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_offs_that_are_the_same_stand_once() {
        let digest = |byte| Some(Digest([byte; 32]));
        let each = [digest(7), digest(7), digest(3), None, None];
        let told: Vec<_> = spans(each.into_iter())
            .into_iter()
            .map(|span| (span.units, span.cutoff.map(|digest| digest.0[0])))
            .collect();
        assert_eq!(told, [((1, 2), Some(7)), ((3, 3), Some(3)), ((4, 5), None)]);
        assert!(spans(std::iter::empty()).is_empty());
    }
}
