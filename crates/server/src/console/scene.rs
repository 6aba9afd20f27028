//! What there is to see of a campaign, or of all, at a moment.
//!
//! Owns: what is gathered for the live pages, and what is remembered so that it need not be
//! gathered anew: counts of decisions, sums of pools. Never: a person, a person key or a code;
//! keeps the ledger's thread for more than a look.
//! Invariants: one gathering at a time, however many ask.

use super::Console;
use super::draws::DrawScene;
use crate::problem::Problem;
use ledger::{Decision, Ledger, Pool, Stage};
use node::CampaignView;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use types::ids::DrawNo;
use types::{CampaignNo, Definition, EntryNo, Millis, limits};

/// What somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The list of campaigns.
    List,
    /// A campaign; its heat table by districts, or by the outlets of one.
    Campaign(CampaignNo, Option<usize>),
    /// A draw of a campaign.
    Draw(CampaignNo, DrawNo),
    /// The same, for the hall.
    Hall(CampaignNo, DrawNo),
}

/// What is to be seen.
pub(super) enum Scene {
    List(ListScene),
    Campaign(Box<CampaignScene>),
    Draw(Box<DrawScene>),
    Hall(Box<DrawScene>),
}

/// All campaigns, the newest first.
pub(super) struct ListScene {
    pub(super) now: Millis,
    pub(super) lines: Vec<Line>,
    /// Older ones that are left out.
    pub(super) more: usize,
}

/// A campaign in the list.
pub(super) struct Line {
    pub(super) view: Arc<CampaignView>,
    pub(super) waits_for: Option<String>,
}

/// One campaign.
pub(super) struct CampaignScene {
    pub(super) line: Line,
    pub(super) now: Millis,
    pub(super) counts: Counts,
    pub(super) heat: Arc<Heat>,
    pub(super) series: Series,
}

/// Entries by decision, as far as they are counted. A decision is made once, so that only new
/// entries need to be looked at; of a draw, anew whenever winners were awarded or are void.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    /// Draws, winners of the latest one, and whether that is void.
    drawn: Drawn,
    pub(super) counted: u32,
    pub(super) booked: u32,
    pub(super) sold_out: u32,
    pub(super) cooling_down: u32,
    /// Of a draw: without units, or without them yet.
    pub(super) waiting: u32,
}

/// What decisions of a draw depend on.
type Drawn = (usize, u32, bool);

/// Entries over time. They lie in the order of their times, so a column costs two searches.
#[derive(Default)]
pub(super) struct Series {
    pub(super) entries: u32,
    /// In the last ten seconds.
    pub(super) latest: u32,
    /// In the last ten minutes.
    pub(super) minutes: Columns,
    /// From the first entry to now; nothing before the first.
    pub(super) whole: Option<Columns>,
}

/// Counts of equal spans.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) from: Millis,
    pub(super) span_millis: u64,
    pub(super) counts: Vec<u32>,
}

/// Units by district or outlet, and item.
pub(super) struct Heat {
    pub(super) definition: Arc<Definition>,
    pub(super) rows: Vec<Row>,
    pub(super) total: Row,
    pub(super) redeemed: u64,
    /// Rows that are left out.
    pub(super) more: usize,
}

/// A line of the heat table.
#[derive(Clone)]
pub(super) struct Row {
    /// The place of an outlet: of the row itself, or the first one of its district.
    pub(super) outlet: usize,
    /// The place of the district, when the row is one.
    pub(super) district: Option<usize>,
    pub(super) cells: Vec<Cell>,
}

/// Units at one crossing.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) offered: u64,
    pub(super) free: u64,
}

/// What gathering remembers.
#[derive(Default)]
pub(super) struct Memory {
    counts: HashMap<CampaignNo, (Arc<Definition>, Counts)>,
    heats: HashMap<(CampaignNo, Option<usize>), (Instant, Arc<Heat>)>,
}

/// The ten minutes that a chart shows.
const MINUTES_MILLIS: u64 = 600_000;
/// Over how long the entries of a second are told.
pub(super) const LATEST_MILLIS: u64 = 10_000;

impl Console {
    /// What there is to see now.
    pub(super) async fn scene(&self, topic: Topic) -> Result<Scene, Problem> {
        match topic {
            Topic::List => Ok(Scene::List(self.list_scene())),
            Topic::Campaign(no, district) => {
                let scene = self.campaign_scene(no, district).await?;
                Ok(Scene::Campaign(Box::new(scene)))
            }
            Topic::Draw(no, draw) => Ok(Scene::Draw(Box::new(self.draw_scene(no, draw).await?))),
            Topic::Hall(no, draw) => Ok(Scene::Hall(Box::new(self.draw_scene(no, draw).await?))),
        }
    }

    fn list_scene(&self) -> ListScene {
        let (now, view) = (self.operator.now(), self.operator.node.view());
        let newest = view.campaigns.iter().rev().take(limits::CONSOLE_CAMPAIGNS_LISTED_MAX);
        let lines = newest.map(|campaign| self.line(campaign, now)).collect();
        ListScene {
            now,
            lines,
            more: view.campaigns.len().saturating_sub(limits::CONSOLE_CAMPAIGNS_LISTED_MAX),
        }
    }

    fn line(&self, view: &Arc<CampaignView>, now: Millis) -> Line {
        let waits_for = self.operator.waits_for(&view.definition, now);
        Line { view: Arc::clone(view), waits_for }
    }

    async fn campaign_scene(
        &self,
        no: CampaignNo,
        district: Option<usize>,
    ) -> Result<CampaignScene, Problem> {
        let mut memory = self.memory.lock().await;
        let view = Arc::clone(&self.operator.node.view().campaigns[no.index()]);
        let now = self.operator.now();
        // In this order, so that what is counted is not fewer than what there was just before.
        let series = self.operator.read(move |ledger| series(ledger, no, now)).await?;
        let counts = self.count(&mut memory, &view).await?;
        let heat = self.heat(&mut memory, no, district).await?;
        Ok(CampaignScene { line: self.line(&view, now), now, counts, heat, series })
    }

    /// Goes on counting where the last count ended, so far as there is time for in a second.
    async fn count(&self, memory: &mut Memory, view: &CampaignView) -> Result<Counts, Problem> {
        let no = view.no;
        let known = memory.counts.get(&no).filter(|(of, _)| Arc::ptr_eq(of, &view.definition));
        let mut counts = known.map(|(_, counts)| *counts).unwrap_or_default();
        if view.definition.draw().is_some() {
            let drawn = self.operator.read(move |ledger| drawn(ledger, no)).await?;
            if counts.drawn != drawn {
                counts = Counts { drawn, ..Counts::default() };
            }
        }
        let until = counts.counted.saturating_add(limits::CONSOLE_ENTRIES_PER_SECOND);
        loop {
            let before = counts;
            let look = move |ledger: &Ledger| {
                let mut counts = before;
                let last = until.min(before.counted.saturating_add(limits::LOOK_ROWS_MAX));
                let entries = (before.counted..last).map(|entry| ledger.entry(no, EntryNo(entry)));
                entries.map_while(|entry| entry).for_each(|entry| counts.add(entry.decision));
                counts
            };
            counts = self.operator.read(look).await?;
            if counts.counted < before.counted + limits::LOOK_ROWS_MAX || until <= counts.counted {
                break;
            }
        }
        memory.counts.insert(no, (Arc::clone(&view.definition), counts));
        Ok(counts)
    }

    /// The sums of a campaign's pools, which are made again when they are due.
    async fn heat(
        &self,
        memory: &mut Memory,
        no: CampaignNo,
        district: Option<usize>,
    ) -> Result<Arc<Heat>, Problem> {
        let now = Instant::now();
        let key = (no, district);
        // Two due times after the last look nobody looks any more.
        if limits::CONSOLE_HEATS_KEPT_MAX <= memory.heats.len() {
            memory.heats.clear();
        }
        memory.heats.retain(|_, (due, _)| now < *due + Duration::from_secs(120));
        if let Some((due, heat)) = memory.heats.get(&key)
            && now < *due
        {
            return Ok(Arc::clone(heat));
        }
        let begin = |definition: &Definition| Sums::new(definition, district);
        let (definition, sums) = self.operator.fold_pools(no, begin, Sums::add).await?;
        let millis = sums.pools * 1_000 / limits::CONSOLE_POOLS_PER_SECOND;
        let pause = millis.max(limits::CONSOLE_SAMPLE_MILLIS / 2);
        let heat = Arc::new(sums.finish(definition));
        memory.heats.insert(key, (now + Duration::from_millis(pause), Arc::clone(&heat)));
        Ok(heat)
    }
}

impl Counts {
    const fn add(&mut self, decision: Decision) {
        self.counted += 1;
        match decision {
            Decision::Booked => self.booked += 1,
            Decision::SoldOut => self.sold_out += 1,
            Decision::CoolingDown => self.cooling_down += 1,
            Decision::Waiting => self.waiting += 1,
        }
    }
}

fn drawn(ledger: &Ledger, no: CampaignNo) -> Drawn {
    let draws = ledger.campaign(no).expect("campaigns are never taken away").draws();
    let latest = draws.last().map(|draw| (draws.len(), draw.awarded, draw.stage == Stage::Void));
    latest.unwrap_or_default()
}

/// Entries over time, by searches among those of one campaign.
fn series(ledger: &Ledger, no: CampaignNo, now: Millis) -> Series {
    let campaign = ledger.campaign(no).expect("campaigns are never taken away");
    let entries = campaign.entries_len();
    let at = |entry: u32| ledger.entry(no, EntryNo(entry)).expect("it is below the length").at;
    // How many came before a moment.
    let before = |moment: Millis| {
        let (mut low, mut high) = (0, entries);
        while low < high {
            let middle = low + (high - low) / 2;
            if at(middle) < moment { low = middle + 1 } else { high = middle }
        }
        low
    };
    let columns = |from: Millis, until: Millis| {
        let count = limits::CONSOLE_CHART_COLUMNS as u64;
        let span_millis = ((until.0 - from.0).div_ceil(count)).max(1_000);
        // Now is at the right end, so what is more than was asked for is at the left.
        let from = Millis(until.0.saturating_sub(count * span_millis));
        let mut begun = before(from);
        let counts = (1..=count).map(|column| {
            let end = before(Millis(from.0 + column * span_millis));
            end - std::mem::replace(&mut begun, end)
        });
        Columns { from, span_millis, counts: counts.collect() }
    };
    // What came in this very moment belongs to the picture.
    let end = Millis(now.0.max(ledger.time().0) + 1);
    let ago = |millis: u64| Millis(end.0.saturating_sub(millis));
    Series {
        entries,
        latest: entries - before(ago(LATEST_MILLIS)),
        minutes: columns(ago(MINUTES_MILLIS), end),
        whole: (0 < entries).then(|| columns(at(0), end)),
    }
}

/// Sums while pools are gone through.
struct Sums {
    /// The row of each outlet, if it has one.
    row_of: Vec<Option<usize>>,
    rows: Vec<Row>,
    total: Row,
    redeemed: u64,
    pools: u64,
}

impl Sums {
    fn new(definition: &Definition, only: Option<usize>) -> Self {
        let first = |text| crate::language::first_text(definition, text).to_owned();
        let outlets = definition.outlets.iter();
        let names: Vec<String> = outlets.map(|outlet| first(&outlet.district)).collect();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        names.iter().for_each(|name| {
            places.entry(name).or_default();
        });
        for (place, (_, number)) in places.iter_mut().enumerate() {
            *number = place;
        }
        let districts = places.len();
        let cells = vec![Cell::default(); definition.items.len()];
        let row = |outlet, district| Row { outlet, district, cells: cells.clone() };
        let mut rows = Vec::new();
        let mut row_of = vec![None; names.len()];
        match only {
            Some(only) => {
                for (outlet, name) in names.iter().enumerate() {
                    if places[name.as_str()] == only {
                        row_of[outlet] = Some(rows.len());
                        rows.push(row(outlet, None));
                    }
                }
            }
            None => {
                rows.extend((0..districts).map(|district| row(0, Some(district))));
                for (outlet, name) in names.iter().enumerate().rev() {
                    let district = places[name.as_str()];
                    row_of[outlet] = Some(district);
                    rows[district].outlet = outlet;
                }
            }
        }
        let total = row(0, None);
        Self { row_of, rows, total, redeemed: 0, pools: 0 }
    }

    fn add(&mut self, pool: &Pool) {
        let item = pool.place.item.index();
        let cell = Cell { offered: pool.issued - pool.withdrawn, free: pool.free() };
        self.pools += 1;
        self.redeemed += pool.redeemed;
        self.total.cells[item].add(cell);
        if let Some(row) = self.row_of[pool.place.outlet.index()] {
            self.rows[row].cells[item].add(cell);
        }
    }

    fn finish(self, definition: Arc<Definition>) -> Heat {
        let Self { mut rows, total, redeemed, .. } = self;
        let most = (limits::CONSOLE_HEAT_CELLS_MAX / definition.items.len().max(1)).max(1);
        let more = rows.len().saturating_sub(most);
        if 0 < more {
            // Those with the least left are what somebody looks for.
            rows.sort_by_key(|row| row.sum().free);
            rows.truncate(most);
        }
        Heat { definition, rows, total, redeemed, more }
    }
}

impl Cell {
    const fn add(&mut self, other: Self) {
        self.offered += other.offered;
        self.free += other.free;
    }

    /// How little is left, from 0 (nearly all) to 4 (nothing).
    pub(super) const fn heat(self) -> u8 {
        match (self.free, self.offered) {
            (0, _) => 4,
            (free, offered) if free * 10 < offered => 3,
            (free, offered) if free * 3 < offered => 2,
            (free, offered) if free * 3 < offered * 2 => 1,
            _ => 0,
        }
    }
}

impl Row {
    pub(super) fn sum(&self) -> Cell {
        let mut sum = Cell::default();
        self.cells.iter().for_each(|cell| sum.add(*cell));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_less_is_left_the_hotter() {
        let heat = |free, offered| Cell { offered, free }.heat();
        let told = [heat(100, 100), heat(66, 100), heat(33, 100), heat(9, 100), heat(0, 100)];
        assert_eq!(told, [0, 1, 2, 3, 4]);
        assert_eq!(heat(0, 0), 4);
    }
}
