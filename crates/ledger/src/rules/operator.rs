//! What operators do: every change of a campaign, and the record of it.
//!
//! Owns: "Operator" in `docs/rules.md`. Never: who may act; that was asked before. Invariants: an
//! action changes all it says or nothing, and is remembered either way; units that were ever on
//! offer stay accounted for.

use crate::campaign::Campaign;
use crate::entry::Place;
use crate::people::{PeopleList, Series, Successes};
use crate::phase::{Export, Phase};
use crate::pool::{Pool, PoolPlace};
use crate::rules::detail::detail;
use crate::{ActionRecord, Ledger};
use std::collections::{BTreeMap, BTreeSet};
use types::action::{Action, ListKind, OperatorCommand, StockMode, StockRow};
use types::definition::Definition;
use types::ids::{CampaignNo, ItemNo, Millis, OutletNo, PersonKey, PoolNo, SlotNo};
use types::limits;
use types::outcome::{LISTED_PEOPLE_LOST, Outcome, RESERVED_PEOPLE_LOST, Refusal};
#[cfg(planted)]
use types::planted::{self, Bug};

pub(super) type Done = Result<Outcome, Refusal>;

impl Ledger {
    pub(crate) fn operate(
        &mut self,
        place: Place,
        at: Millis,
        command: &OperatorCommand,
    ) -> Outcome {
        let is_told = command.from.is_some();
        let tell = |ledger: &Self| match is_told {
            true => ledger.value(at, &command.action),
            false => String::new(),
        };
        let before = tell(self);
        let (outcome, [before, after]) = match self.act(place, at, &command.action) {
            Ok(outcome) => (outcome, [before, tell(self)]),
            // A refusal changes nothing.
            Err(refusal) => (Outcome::Refused(refusal), [String::new(), String::new()]),
        };
        let loaded = match outcome {
            Outcome::Loaded { campaign } => Some(campaign),
            _ => None,
        };
        let about = command.action.campaign().or(loaded);
        let campaign = about.and_then(|no| self.campaigns.get(no.index()));
        // Whoever publishes a view of each change may count on its campaign.
        self.changes.campaigns.extend(campaign.and(about));
        let definition = campaign.map(|campaign| &*campaign.definition);
        self.remember_action(ActionRecord {
            frame: place.frame,
            at,
            actor: command.actor.clone(),
            from: command.from.clone().unwrap_or_default(),
            reason: command.reason.clone(),
            word: command.action.word().to_owned(),
            campaign: about,
            detail: detail(&command.action, &outcome, definition),
            outcome: outcome.code().to_owned(),
            before,
            after,
        });
        outcome
    }

    fn act(&mut self, place: Place, at: Millis, action: &Action) -> Done {
        if let Action::Load { definition } = action {
            return self.load_campaign(definition);
        }
        let no = action.campaign().expect("every action but a load names a campaign");
        let campaign = self.campaigns.get_mut(no.index()).ok_or(Refusal::UnknownCampaign)?;
        if campaign.marks.shredded {
            return Err(Refusal::Shredded);
        }
        match action {
            Action::Load { .. } => unreachable!("loads were handled above"),
            // What comes on top takes nothing from a winner.
            Action::Stock { mode: StockMode::Replace, .. } | Action::Withdraw { .. }
                if campaign.draws_now() =>
            {
                Err(Refusal::DrawUnderWay)
            }
            Action::Stock { mode, rows, .. } => stock(campaign, *mode, rows),
            Action::Open { .. } => open(campaign, at),
            Action::Pause { .. } => pause(campaign, true),
            Action::Resume { .. } => pause(campaign, false),
            Action::Close { .. } => close(campaign),
            Action::Publish { .. } if campaign.definition.draw().is_some() => self.publish_draw(no),
            Action::Publish { .. } => publish(campaign, at),
            Action::Cap { entries, .. } => cap(campaign, *entries),
            Action::Withdraw { outlet, item, slot, units, .. } => {
                withdraw(campaign, (*outlet, *item, *slot), *units)
            }
            Action::List { list, field, keys, .. } => add_to_list(campaign, *list, *field, keys),
            Action::Export { bookings, checksum, .. } => {
                let export = Export {
                    frame: place.frame,
                    at,
                    bookings: *bookings,
                    checksum: checksum.clone(),
                };
                record_export(&mut campaign.marks.exports, export);
                Ok(Outcome::Done { units: 0 })
            }
            Action::Shred { .. } => {
                campaign.marks.shredded = true;
                Ok(Outcome::Done { units: 0 })
            }
            Action::CloseDraw { slot, unserved, .. } => {
                self.close_draw(place, at, no, (*slot, *unserved))
            }
            Action::DrawEvent { draw, event, digest, .. } => {
                self.draw_event(no, *draw, *event, *digest)
            }
            Action::Alternates { draw, begin, .. } => self.resume_draw(no, *draw, *begin),
            Action::Lapse { outlet, item, slot, .. } => self.lapse(at, no, (*outlet, *item, *slot)),
            Action::TakeOver { .. } => take_over(campaign),
        }
    }

    /// Whether a definition that passes its own check may be loaded now, in place of a campaign of
    /// its code if there is one.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn may_load(&self, definition: &Definition) -> Result<(), Refusal> {
        let replaced = self.by_code.get(&definition.code).copied();
        if let Some(no) = replaced {
            let before = &self.campaigns[no.index()];
            let published = before.definition.is_held_back() && before.is_published(self.time);
            if 0 < before.entries_len() || before.marks.shredded || published {
                return Err(Refusal::CampaignExists);
            }
            if before.has_listed_people() && !before.definition.shares_person_keys(definition) {
                return Err(Refusal::DefinitionInvalid { why: LISTED_PEOPLE_LOST.to_owned() });
            }
            let same_items = before.definition.shares_reserved_items(definition);
            if before.has_reserved_people() && !same_items {
                return Err(Refusal::DefinitionInvalid { why: RESERVED_PEOPLE_LOST.to_owned() });
            }
        } else if self.campaigns.len() == limits::CAMPAIGNS_MAX {
            return Err(Refusal::TooManyCampaigns);
        }
        if !self.agrees_with_series(definition, replaced) {
            return Err(Refusal::SeriesDiffers);
        }
        self.check_registered_in(definition)
    }

    fn load_campaign(&mut self, definition: &Definition) -> Done {
        definition
            .check()
            .map_err(|error| Refusal::DefinitionInvalid { why: error.to_string() })?;
        self.may_load(definition)?;
        let replaced = self.by_code.get(&definition.code).copied();
        let series = self.join_series(definition, replaced);
        let no = replaced.unwrap_or_else(|| CampaignNo::from_index(self.campaigns.len()));
        let mut campaign = Campaign::new(no, definition.clone(), series);
        match replaced.map(|no| &mut self.campaigns[no.index()]) {
            Some(before) => {
                // Nobody comes off a list by a corrected file.
                if before.has_listed_people() {
                    campaign.lists = std::mem::take(&mut before.lists);
                    // One of an item that is there no more, on which nobody was ever put.
                    let is_empty = |list: &ListKind, people: &PeopleList| {
                        matches!(list, ListKind::Reserved(_)) && people.len() == 0
                    };
                    campaign.lists.retain(|(list, _), people| !is_empty(list, people));
                }
                *before = campaign;
            }
            None => self.campaigns.push(campaign),
        }
        self.by_code.insert(definition.code.clone(), no);
        assert!(self.by_code.len() == self.campaigns.len(), "every campaign has its own code");
        Ok(Outcome::Loaded { campaign: no })
    }

    /// The series of a definition that others than the campaign it replaces are in.
    fn shared_series(
        &self,
        definition: &Definition,
        replaced: Option<CampaignNo>,
    ) -> Option<usize> {
        let series = definition.series.as_ref()?;
        let known = self.series.iter().position(|known| known.code == series.code);
        known.filter(|no| self.others_in_series(*no, replaced).next().is_some())
    }

    fn agrees_with_series(&self, definition: &Definition, replaced: Option<CampaignNo>) -> bool {
        let Some(no) = self.shared_series(definition, replaced) else { return true };
        let mut others = self.others_in_series(no, replaced);
        others.all(|other| other.definition.agrees_in_series(definition))
    }

    fn join_series(
        &mut self,
        definition: &Definition,
        replaced: Option<CampaignNo>,
    ) -> Option<usize> {
        let series = definition.series.as_ref()?;
        let shared = self.shared_series(definition, replaced);
        let fields = definition.unique_fields().count();
        Some(shared.unwrap_or_else(|| self.begin_series(series, fields, replaced)))
    }

    /// The campaigns of a series but for one: the one in question, or being replaced.
    fn others_in_series(
        &self,
        series: usize,
        one: Option<CampaignNo>,
    ) -> impl Iterator<Item = &Campaign> {
        let others = self.campaigns.iter().filter(move |other| Some(other.no) != one);
        others.filter(move |other| other.series == Some(series))
    }

    /// A series as its only campaign says. Where nobody is left in another series, as when its
    /// one campaign was replaced, it takes that one's place: there are never more than campaigns.
    fn begin_series(
        &mut self,
        series: &types::definition::Series,
        fields: usize,
        replaced: Option<CampaignNo>,
    ) -> usize {
        let successes = std::iter::repeat_with(Successes::new).take(fields).collect();
        let (code, cool_down_days) = (series.code.clone(), series.cool_down_days);
        let begun = Series { code, cool_down_days, successes, entered_last: None };
        let is_free = |no: &usize| self.others_in_series(*no, replaced).next().is_none();
        let same = self.series.iter().position(|known| known.code == series.code);
        let Some(no) = same.or_else(|| (0..self.series.len()).find(is_free)) else {
            self.series.push(begun);
            assert!(self.series.len() <= limits::CAMPAIGNS_MAX, "a campaign is in each series");
            return self.series.len() - 1;
        };
        let former = std::mem::replace(&mut self.series[no], begun);
        assert!(former.entered_last.is_none(), "a campaign with entries stays in its series");
        let mut live = former.successes.iter().flat_map(Successes::live);
        assert!(live.next().is_none(), "whoever succeeds is in a campaign that stays");
        no
    }
}

#[cfg(planted)]
fn in_hash_order(mut plan: StockPlan) -> StockPlan {
    let seed = planted::noise() | 1;
    let hash = |place: &PoolPlace| {
        let word = u64::from(place.outlet.0) << 32 | u64::from(place.item.0 * 2 + place.slot.0);
        word.wrapping_mul(seed) >> 7
    };
    plan.new.sort_by_key(|(place, _)| hash(place));
    plan
}

/// Units on offer for each pool that changes: the pool's number, or its place when it is new.
struct StockPlan {
    known: BTreeMap<PoolNo, u64>,
    new: Vec<(PoolPlace, u64)>,
}

fn stock(campaign: &mut Campaign, mode: StockMode, rows: &[StockRow]) -> Done {
    let plan = plan_stock(campaign, mode, rows)?;
    #[cfg(planted)]
    let plan = if planted::is(Bug::HashOrder) { in_hash_order(plan) } else { plan };
    let is_early = campaign.entries_len() == 0;
    let mut units = 0;
    for (no, on_offer) in plan.known {
        campaign.change_pool(no, |pool| {
            let before = pool.issued - pool.withdrawn;
            units += before.abs_diff(on_offer);
            pool.issued += on_offer.saturating_sub(before);
            pool.withdraw(before.saturating_sub(on_offer), is_early);
        });
    }
    for (place, on_offer) in plan.new {
        units += on_offer;
        campaign.push_pool(Pool::new(place, on_offer));
    }
    Ok(Outcome::Done { units })
}

fn plan_stock(
    campaign: &Campaign,
    mode: StockMode,
    rows: &[StockRow],
) -> Result<StockPlan, Refusal> {
    let definition = &campaign.definition;
    let pools = campaign.pools();
    let numbers: BTreeMap<PoolPlace, usize> =
        pools.iter().enumerate().map(|(no, pool)| (pool.place, no)).collect();
    let mut plan = StockPlan { known: BTreeMap::new(), new: Vec::new() };
    if mode == StockMode::Replace {
        plan.known = (0..pools.len()).map(|no| (PoolNo::from_index(no), 0)).collect();
    }
    check_rows(definition, rows)?;
    for row in rows {
        let place = place_of(row);
        let Some(no) = numbers.get(&place) else {
            plan.new.push((place, u64::from(row.units)));
            continue;
        };
        let base = match mode {
            StockMode::Replace => 0,
            StockMode::Add => pools[*no].issued - pools[*no].withdrawn,
        };
        plan.known.insert(PoolNo::from_index(*no), base + u64::from(row.units));
    }
    check_stock(campaign, &plan)?;
    Ok(plan)
}

/// All rows first for the one reason, then for the other: which rows come first changes nothing.
fn check_rows(definition: &Definition, rows: &[StockRow]) -> Result<(), Refusal> {
    let is_known =
        |row: &StockRow| is_place(definition, (Some(row.outlet), Some(row.item), Some(row.slot)));
    if !rows.iter().all(is_known) {
        return Err(Refusal::UnknownPlace);
    }
    let places: BTreeSet<PoolPlace> = rows.iter().map(place_of).collect();
    if places.len() == rows.len() { Ok(()) } else { Err(Refusal::NotAsAsked) }
}

const fn place_of(row: &StockRow) -> PoolPlace {
    PoolPlace { outlet: row.outlet, item: row.item, slot: row.slot }
}

fn check_stock(campaign: &Campaign, plan: &StockPlan) -> Result<(), Refusal> {
    let most = u64::from(limits::POOL_UNITS_MAX);
    let issued = |(no, on_offer): (&PoolNo, &u64)| {
        let pool = campaign.pool(*no);
        pool.issued + on_offer.saturating_sub(pool.issued - pool.withdrawn)
    };
    let over = limits::POOLS_MAX < campaign.pools().len() + plan.new.len()
        || plan.known.iter().map(issued).any(|issued| most < issued)
        || plan.new.iter().any(|(_, units)| most < *units)
        || limits::DRAW_BUCKETS_MAX < buckets_len(campaign, plan);
    if over {
        return Err(Refusal::OverLimit);
    }
    let below = plan.known.iter().filter(|(no, units)| **units < campaign.pool(**no).booked);
    let pools: Vec<_> = below.map(|(no, _)| *no).take(limits::BELOW_BOOKED_POOLS_MAX).collect();
    if pools.is_empty() { Ok(()) } else { Err(Refusal::BelowBooked { pools }) }
}

/// Buckets that a draw would have; none where nothing is drawn.
fn buckets_len(campaign: &Campaign, plan: &StockPlan) -> usize {
    let known = campaign.pools().iter().map(|pool| &pool.place);
    let places = known.chain(plan.new.iter().map(|(place, _)| place));
    campaign.definition.buckets_len(places.map(|at| (at.outlet, at.item, at.slot)))
}

pub(super) type Selection = (Option<OutletNo>, Option<ItemNo>, Option<SlotNo>);

pub(super) fn is_place(definition: &Definition, (outlet, item, slot): Selection) -> bool {
    outlet.is_none_or(|outlet| outlet.index() < definition.outlets.len())
        && item.is_none_or(|item| item.index() < definition.items.len())
        && slot.is_none_or(|slot| slot.index() < definition.slots.len())
}

fn withdraw(campaign: &mut Campaign, selection: Selection, units: Option<u32>) -> Done {
    if !is_place(&campaign.definition, selection) {
        return Err(Refusal::UnknownPlace);
    }
    let (outlet, item, slot) = selection;
    let is_early = campaign.entries_len() == 0;
    let mut sum = 0;
    for no in 0..campaign.pools().len() {
        let pool = campaign.pools()[no];
        let take = pool.withdrawable(units);
        if pool.place.is_within(outlet, item, slot) {
            campaign.change_pool(PoolNo::from_index(no), |pool| pool.withdraw(take, is_early));
            sum += take;
        }
    }
    Ok(Outcome::Done { units: sum })
}

/// The oldest is forgotten when there are too many.
fn record_export(exports: &mut Vec<Export>, export: Export) {
    assert!(
        exports.last().is_none_or(|last| last.frame <= export.frame),
        "exports come in the order of the journal"
    );
    if exports.len() == limits::EXPORTS_KEPT_MAX {
        exports.remove(0);
    }
    exports.push(export);
    assert!(exports.len() <= limits::EXPORTS_KEPT_MAX, "there is room for one more");
}

fn open(campaign: &mut Campaign, at: Millis) -> Done {
    if campaign.definition.is_held_back() && campaign.is_published(at) {
        return Err(Refusal::Published);
    }
    let marks = &mut campaign.marks;
    if marks.drawing {
        return Err(Refusal::DrawUnderWay);
    }
    if marks.opened && !marks.closed {
        return Err(Refusal::AlreadySo);
    }
    (marks.opened, marks.closed) = (true, false);
    Ok(Outcome::Done { units: 0 })
}

/// The entries that it is about come by themselves.
fn take_over(campaign: &Campaign) -> Done {
    if campaign.definition.draw().is_none() {
        return Err(Refusal::NotADraw);
    }
    match campaign.definition.registered_in() {
        Some(_) => Ok(Outcome::Done { units: 0 }),
        None => Err(Refusal::NotAsAsked),
    }
}

fn pause(campaign: &mut Campaign, paused: bool) -> Done {
    if campaign.marks.paused == paused {
        return Err(Refusal::AlreadySo);
    }
    campaign.marks.paused = paused;
    Ok(Outcome::Done { units: 0 })
}

fn close(campaign: &mut Campaign) -> Done {
    let marks = &mut campaign.marks;
    if marks.closed {
        return Err(Refusal::AlreadySo);
    }
    (marks.opened, marks.closed, marks.paused) = (false, true, false);
    Ok(Outcome::Done { units: 0 })
}

fn publish(campaign: &mut Campaign, at: Millis) -> Done {
    if campaign.is_published(at) {
        return Err(Refusal::AlreadySo);
    }
    if !matches!(campaign.phase(at), Phase::Closed | Phase::CapReached) {
        return Err(Refusal::StillOpen);
    }
    campaign.marks.published = true;
    assert!(campaign.is_published(at), "published for good");
    Ok(Outcome::Done { units: 0 })
}

fn cap(campaign: &mut Campaign, cap: Option<u32>) -> Done {
    if cap.is_some_and(|cap| cap == 0 || limits::ENTRIES_MAX < cap) {
        return Err(Refusal::OverLimit);
    }
    let entries = campaign.entries_len();
    if cap.is_some_and(|cap| cap < entries) {
        return Err(Refusal::BelowEntries { entries });
    }
    if campaign.marks.cap == cap {
        return Err(Refusal::AlreadySo);
    }
    campaign.marks.cap = cap;
    Ok(Outcome::Done { units: 0 })
}

/// Whether a list of so many people may be given more.
const fn has_room(people: usize, more: usize) -> bool {
    people + more <= limits::LIST_KEYS_MAX
}

fn add_to_list(campaign: &mut Campaign, list: ListKind, field: u8, keys: &[PersonKey]) -> Done {
    let items = &campaign.definition.items;
    let is_list = match list {
        ListKind::Block | ListKind::Allow => true,
        ListKind::Reserved(item) => {
            items.get(item.index()).is_some_and(|item| item.reserved.is_some())
        }
    };
    if !is_list || campaign.fields_len() <= usize::from(field) {
        return Err(Refusal::UnknownPlace);
    }
    if !has_room(campaign.list_len(list, field), keys.len()) {
        return Err(Refusal::OverLimit);
    }
    let people = campaign.lists.entry((list, field)).or_insert_with(PeopleList::new);
    let new = keys.iter().filter(|key| people.add(**key)).count();
    Ok(Outcome::Done { units: new as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fifty million people are more than a test can hold.
    #[test]
    fn a_list_has_room_up_to_its_limit() {
        let most = limits::LIST_KEYS_MAX;
        assert!(has_room(0, most) && has_room(most, 0) && has_room(most - 2, 2));
        assert!(!has_room(most, 1) && !has_room(0, most + 1) && !has_room(most - 2, 3));
    }
}
