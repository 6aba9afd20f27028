//! What operators do, by the books.
//!
//! Owns: "Operator" in `docs/rules.md`, and what an export says that it saw. Never: what an
//! author must be told of a definition.

use super::campaign::{Campaign, Fate, Marks, Pool, Units};
use super::definition::{buckets_of, draws_once, is_reserved, terms, unique, waits};
use super::draw::Draw;
use super::people::Series;
use super::sound::is_sound;
use super::steps::{judge_event, judge_lapse, judge_publish, judge_round};
use super::{Books, Place, acts};
use crate::claim::{Claim, Refused};
use std::collections::{BTreeMap, BTreeSet};
use types::action::{Action, DrawEvent, ListKind, StockMode, StockRow};
use types::definition::{Definition, Item};
use types::ids::{
    CampaignNo, EntryNo, ItemNo, Millis, OutletNo, PersonKey, PoolNo, Sha256, SlotNo,
};
use types::limits;

type Site = (OutletNo, ItemNo, SlotNo);

/// What an action changes.
pub(super) enum Change {
    Nothing,
    Load {
        campaign: Box<Campaign>,
        series: Option<Series>,
    },
    Marks(CampaignNo, Marks),
    /// Units on offer by pool, and pools that are new.
    Stock {
        campaign: CampaignNo,
        on_offer: Vec<(usize, u64)>,
        new: Vec<(Site, u64)>,
    },
    List {
        campaign: CampaignNo,
        list: ListKind,
        field: u8,
        keys: Vec<PersonKey>,
    },
    /// A draw, and which entries are on its list.
    CloseDraw {
        campaign: CampaignNo,
        draw: Box<Draw>,
        listed: Vec<bool>,
    },
    /// What happened in the latest draw.
    Event {
        campaign: CampaignNo,
        event: DrawEvent,
        digest: Sha256,
    },
    PublishDraw(CampaignNo),
    /// A round of alternates of the latest draw begins, or is called off.
    Round {
        campaign: CampaignNo,
        begin: bool,
    },
    /// Entries that nobody collected.
    Lapse {
        campaign: CampaignNo,
        at: Millis,
        entries: Vec<EntryNo>,
    },
}

pub(super) type Judged = Result<(Claim, Change), Refused>;

impl Books {
    /// What an action comes to, and what it then changes.
    pub(super) fn judge_action(&self, place: Place, action: &Action) -> (Claim, Change) {
        let judged = match acts::about(action) {
            None => self.judge_load(place.at, action),
            Some(no) => self.judge_about(place, no, action),
        };
        judged.unwrap_or_else(|refused| (Claim::Refused(refused), Change::Nothing))
    }

    fn judge_about(&self, place: Place, no: CampaignNo, action: &Action) -> Judged {
        let at = place.at;
        let campaign = self.campaign(no).ok_or(Refused::UnknownCampaign)?;
        if campaign.marks.shredded {
            return Err(Refused::Shredded);
        }
        let marks = campaign.marks;
        let mark = |marks| Ok((Claim::Done { units: 0 }, Change::Marks(no, marks)));
        let unless = |so: bool, marks| if so { Err(Refused::AlreadySo) } else { mark(marks) };
        match action {
            Action::Load { .. } => unreachable!("a load is about no campaign yet"),
            Action::Stock { mode: StockMode::Replace, .. } | Action::Withdraw { .. }
                if campaign.draws_now() =>
            {
                Err(Refused::DrawUnderWay)
            }
            Action::Stock { mode, rows, .. } => stock(campaign, *mode, rows),
            Action::Open { .. } if campaign.is_held_back() && campaign.is_published(at) => {
                Err(Refused::Published)
            }
            Action::Open { .. } if draws_once(&campaign.definition) && campaign.draws_now() => {
                Err(Refused::DrawUnderWay)
            }
            Action::Open { .. } => {
                let opened = Marks { opened: true, closed: false, ..marks };
                unless(marks.opened && !marks.closed, opened)
            }
            Action::Pause { .. } => unless(marks.paused, Marks { paused: true, ..marks }),
            Action::Resume { .. } => unless(!marks.paused, Marks { paused: false, ..marks }),
            Action::Close { .. } => {
                let closed = Marks { closed: true, opened: false, paused: false, ..marks };
                unless(marks.closed, closed)
            }
            Action::Publish { .. } if terms(&campaign.definition).is_some() => {
                judge_publish(campaign)
            }
            Action::Publish { .. } if campaign.is_published(at) => Err(Refused::AlreadySo),
            Action::Publish { .. } => match campaign.closed_because(at) {
                Some(Refused::Closed | Refused::CapReached) => {
                    mark(Marks { published: true, ..marks })
                }
                _ => Err(Refused::StillOpen),
            },
            Action::Cap { entries, .. } => {
                check_cap(campaign, *entries)?;
                unless(marks.cap == *entries, Marks { cap: *entries, ..marks })
            }
            Action::Withdraw { outlet, item, slot, units, .. } => {
                withdraw(campaign, (*outlet, *item, *slot), *units)
            }
            Action::List { list, field, keys, .. } => add_to_list(campaign, *list, *field, keys),
            Action::Export { .. } => Ok((Claim::Done { units: 0 }, Change::Nothing)),
            Action::Shred { .. } => mark(Marks { shredded: true, ..marks }),
            Action::CloseDraw { slot, unserved, .. } => {
                self.judge_close_draw(place, campaign, (*slot, *unserved))
            }
            Action::DrawEvent { draw, event, digest, .. } => {
                judge_event(campaign, *draw, *event, *digest)
            }
            Action::Alternates { draw, begin, .. } => judge_round(campaign, *draw, *begin),
            Action::Lapse { outlet, item, slot, .. } => {
                judge_lapse(campaign, at, (*outlet, *item, *slot))
            }
            Action::TakeOver { .. } => judge_take_over(&campaign.definition),
        }
    }

    fn judge_load(&self, at: Millis, action: &Action) -> Judged {
        let Action::Load { definition } = action else {
            unreachable!("only a load is about no campaign");
        };
        if !is_sound(definition) {
            return Err(Refused::DefinitionInvalid);
        }
        let replaced = self.by_code.get(&definition.code).copied();
        if let Some(no) = replaced {
            let before = &self.campaigns[no.index()];
            let is_over = before.is_held_back() && before.is_published(at);
            if 0 < before.entries_len() || before.marks.shredded || is_over {
                return Err(Refused::CampaignExists);
            }
            if before.has_listed_people() && !has_same_keys(&before.definition, definition) {
                return Err(Refused::DefinitionInvalid);
            }
            if before.has_people_of_parts() && !has_same_items(&before.definition, definition) {
                return Err(Refused::DefinitionInvalid);
            }
        } else if limits::CAMPAIGNS_MAX <= self.campaigns.len() {
            return Err(Refused::TooManyCampaigns);
        }
        let no = replaced.unwrap_or_else(|| CampaignNo::from_index(self.campaigns.len()));
        let (series, begun) = self.join_series(definition, no)?;
        if !self.has_sound_names(definition) {
            return Err(Refused::DefinitionInvalid);
        }
        let campaign = Box::new(Campaign::new(no, definition, series));
        Ok((Claim::Loaded { campaign: no }, Change::Load { campaign, series: begun }))
    }

    /// Where a campaign's series stands, and the series itself when it begins anew with this
    /// campaign.
    fn join_series(
        &self,
        definition: &Definition,
        no: CampaignNo,
    ) -> Result<(Option<usize>, Option<Series>), Refused> {
        let Some(series) = &definition.series else { return Ok((None, None)) };
        let known = self.series.iter().position(|known| known.code == series.code);
        let place = known.unwrap_or(self.series.len());
        let is_other = |other: &&Campaign| other.series == Some(place) && other.no != no;
        let mut others = self.campaigns.iter().filter(is_other).peekable();
        if others.peek().is_none() {
            let fields = unique_codes(definition).count();
            let begun = Series::new(&series.code, series.cool_down_days, fields);
            return Ok((Some(place), Some(begun)));
        }
        let agrees = self.series[place].cool_down_days == series.cool_down_days
            && others.all(|other| {
                let theirs = &other.definition;
                unique_codes(theirs).eq(unique_codes(definition))
                    && theirs.calendar.zone == definition.calendar.zone
                    && other.is_held_back() == waits(definition)
            });
        if agrees { Ok((Some(place), None)) } else { Err(Refused::SeriesDiffers) }
    }

    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Nothing => {}
            Change::Load { campaign, series } => self.load(*campaign, series),
            Change::Marks(no, marks) => self.campaigns[no.index()].marks = marks,
            Change::Stock { campaign, on_offer, new } => {
                let campaign = &mut self.campaigns[campaign.index()];
                let is_early = campaign.entries_len() == 0;
                for (no, on_offer) in on_offer {
                    set_on_offer(&mut campaign.pools[no].units, on_offer, is_early);
                }
                let pools = new.into_iter().map(|((outlet, item, slot), issued)| Pool {
                    outlet,
                    item,
                    slot,
                    units: Units { issued, ..Units::default() },
                });
                campaign.pools.extend(pools);
            }
            Change::List { campaign, list, field, keys } => {
                let people = self.campaigns[campaign.index()].lists.entry((list, field));
                let people = people.or_default();
                keys.into_iter().for_each(|key| people.add(key.0));
            }
            Change::CloseDraw { campaign, draw, listed } => {
                self.close_list(campaign, *draw, &listed);
            }
            Change::Event { campaign, event, digest } => self.note_event(campaign, event, digest),
            Change::PublishDraw(campaign) => self.publish_draw(campaign),
            Change::Round { campaign, begin } => self.note_round(campaign, begin),
            Change::Lapse { campaign, at, entries } => {
                let campaign = &mut self.campaigns[campaign.index()];
                entries.into_iter().for_each(|entry| campaign.end(entry, Fate::Cancelled { at }));
            }
        }
    }

    fn load(&mut self, mut campaign: Campaign, series: Option<Series>) {
        if let (Some(place), Some(begun)) = (campaign.series, series) {
            match self.series.get_mut(place) {
                Some(known) => *known = begun,
                None => self.series.push(begun),
            }
        }
        self.by_code.insert(campaign.definition.code.clone(), campaign.no);
        match self.campaigns.get_mut(campaign.no.index()) {
            Some(before) => {
                // People stay on the lists of a campaign that is loaded again.
                campaign.lists = std::mem::take(&mut before.lists);
                *before = campaign;
            }
            None => self.campaigns.push(campaign),
        }
    }

    /// What an export says that it saw, against what there was.
    pub(super) fn contradicts(&self, at: Millis, action: &Action) -> Option<String> {
        let Action::Export { campaign, bookings, seen, .. } = action else { return None };
        let campaign = self.campaign(*campaign)?;
        let (code, entries) = (&campaign.definition.code, campaign.entries_len());
        if entries < *bookings {
            return Some(format!(
                "{code}: an export names {bookings} bookings, and there were {entries} entries"
            ));
        }
        let seen = seen.as_ref()?;
        let came = |no: u32| campaign.entry(EntryNo(no)).map(|entry| entry.at);
        let last_is_later =
            seen.entries.checked_sub(1).and_then(came).is_some_and(|last| seen.at < last);
        let next_is_earlier = came(seen.entries).is_some_and(|next| next < seen.at);
        if entries < seen.entries || at < seen.at || last_is_later || next_is_earlier {
            return Some(format!(
                "{code}: an export says that there were {} entries at {} ms; the books have \
                 another number there",
                seen.entries, seen.at.0
            ));
        }
        let ended = |no: &EntryNo| match campaign.entry(*no).map(|entry| entry.fate) {
            Some(Fate::Cancelled { at } | Fate::Redeemed { at }) => at == seen.at,
            Some(Fate::Live) | None => false,
        };
        let untrue = seen.told.iter().find(|no| !ended(no))?;
        Some(format!(
            "{code}: an export says that entry {untrue} ended at {} ms, which it did not",
            seen.at.0
        ))
    }
}

fn judge_take_over(definition: &Definition) -> Judged {
    match (terms(definition), &definition.register.registered_in) {
        (None, _) => Err(Refused::NotADraw),
        (_, None) => Err(Refused::NotAsAsked),
        _ => Ok((Claim::Done { units: 0 }, Change::Nothing)),
    }
}

fn unique_codes(definition: &Definition) -> impl Iterator<Item = &str> {
    unique(&definition.register).map(|field| field.code.as_str())
}

/// Whether a person has the same keys under both definitions of one campaign.
fn has_same_keys(before: &Definition, after: &Definition) -> bool {
    let series = |of: &Definition| of.series.as_ref().map(|series| series.code.clone());
    let fields = |of: &Definition| -> Vec<_> {
        unique(&of.register)
            .map(|field| (field.code.clone(), std::mem::discriminant(&field.kind)))
            .collect()
    };
    series(before) == series(after) && fields(before) == fields(after)
}

/// Whether reserved items are the same ones, of the same items, under both definitions.
fn has_same_items(before: &Definition, after: &Definition) -> bool {
    let one = |item: &Item| {
        let part = item.reserved.as_ref().map(|part| (part.of, part.tranche.clone()));
        (item.code.clone(), part)
    };
    before.items.iter().map(one).eq(after.items.iter().map(one))
}

/// Units on offer: what comes on top is issued, what goes is withdrawn.
fn set_on_offer(units: &mut Units, on_offer: u64, is_early: bool) {
    let before = units.on_offer();
    units.issued += on_offer.saturating_sub(before);
    let withdrawn = before.saturating_sub(on_offer);
    units.withdrawn += withdrawn;
    if is_early {
        units.withdrawn_early += withdrawn;
    }
}

fn stock(campaign: &Campaign, mode: StockMode, rows: &[StockRow]) -> Judged {
    let site = |row: &StockRow| (row.outlet, row.item, row.slot);
    let is_known =
        |row: &StockRow| is_place(campaign, (Some(row.outlet), Some(row.item), Some(row.slot)));
    if !rows.iter().all(is_known) {
        return Err(Refused::UnknownPlace);
    }
    if rows.iter().map(site).collect::<BTreeSet<_>>().len() != rows.len() {
        return Err(Refused::NotAsAsked);
    }
    let pools = campaign.pools.iter().enumerate();
    let numbers: BTreeMap<Site, usize> =
        pools.map(|(no, pool)| ((pool.outlet, pool.item, pool.slot), no)).collect();
    let mut on_offer: BTreeMap<usize, u64> = match mode {
        StockMode::Replace => (0..campaign.pools.len()).map(|no| (no, 0)).collect(),
        StockMode::Add => BTreeMap::new(),
    };
    let mut new = Vec::new();
    for row in rows {
        let units = u64::from(row.units);
        let Some(no) = numbers.get(&site(row)) else {
            new.push((site(row), units));
            continue;
        };
        let before = match mode {
            StockMode::Replace => 0,
            StockMode::Add => campaign.pools[*no].units.on_offer(),
        };
        on_offer.insert(*no, before + units);
    }
    check_stock(campaign, &on_offer, &new)?;
    let changed =
        on_offer.iter().map(|(no, units)| campaign.pools[*no].units.on_offer().abs_diff(*units));
    let units = changed.sum::<u64>() + new.iter().map(|(_, units)| units).sum::<u64>();
    let on_offer = on_offer.into_iter().collect();
    Ok((Claim::Done { units }, Change::Stock { campaign: campaign.no, on_offer, new }))
}

fn check_stock(
    campaign: &Campaign,
    on_offer: &BTreeMap<usize, u64>,
    new: &[(Site, u64)],
) -> Result<(), Refused> {
    let most = u64::from(limits::POOL_UNITS_MAX);
    let is_over = |(no, units): (&usize, &u64)| {
        let before = campaign.pools[*no].units;
        most < before.issued + units.saturating_sub(before.on_offer())
    };
    if limits::POOLS_MAX < campaign.pools.len() + new.len()
        || on_offer.iter().any(is_over)
        || new.iter().any(|(_, units)| most < *units)
        || limits::DRAW_BUCKETS_MAX < buckets(campaign, new)
    {
        return Err(Refused::OverLimit);
    }
    let is_below = |(no, units): &(&usize, &u64)| **units < campaign.pools[**no].units.booked;
    let below = on_offer.iter().filter(is_below).map(|(no, _)| PoolNo::from_index(*no));
    let pools: Vec<_> = below.take(limits::BELOW_BOOKED_POOLS_MAX).collect();
    if pools.is_empty() { Ok(()) } else { Err(Refused::BelowBooked { pools }) }
}

/// Buckets of a draw, if pools are there and these come.
fn buckets(campaign: &Campaign, new: &[(Site, u64)]) -> usize {
    let known = campaign.pools.iter().map(|pool| (pool.outlet, pool.item, pool.slot));
    buckets_of(&campaign.definition, known.chain(new.iter().map(|(site, _)| *site)))
}

pub(super) type Selected = (Option<OutletNo>, Option<ItemNo>, Option<SlotNo>);

pub(super) fn is_place(campaign: &Campaign, (outlet, item, slot): Selected) -> bool {
    let Definition { outlets, items, slots, .. } = &*campaign.definition;
    outlet.is_none_or(|outlet| outlet.index() < outlets.len())
        && item.is_none_or(|item| item.index() < items.len())
        && slot.is_none_or(|slot| slot.index() < slots.len())
}

pub(super) fn is_within(pool: &Pool, (outlet, item, slot): Selected) -> bool {
    outlet.is_none_or(|outlet| outlet == pool.outlet)
        && item.is_none_or(|item| item == pool.item)
        && slot.is_none_or(|slot| slot == pool.slot)
}

fn withdraw(campaign: &Campaign, selected: Selected, most: Option<u32>) -> Judged {
    if !is_place(campaign, selected) {
        return Err(Refused::UnknownPlace);
    }
    let mut on_offer = Vec::new();
    let mut sum = 0;
    for (no, pool) in
        campaign.pools.iter().enumerate().filter(|(_, pool)| is_within(pool, selected))
    {
        let free = u64::try_from(pool.units.free()).unwrap_or(0);
        let taken = most.map_or(free, |most| free.min(u64::from(most)));
        on_offer.push((no, pool.units.on_offer() - taken));
        sum += taken;
    }
    let change = Change::Stock { campaign: campaign.no, on_offer, new: Vec::new() };
    Ok((Claim::Done { units: sum }, change))
}

fn check_cap(campaign: &Campaign, cap: Option<u32>) -> Result<(), Refused> {
    let entries = campaign.entries_len();
    match cap {
        Some(0) => Err(Refused::OverLimit),
        Some(cap) if limits::ENTRIES_MAX < cap => Err(Refused::OverLimit),
        Some(cap) if cap < entries => Err(Refused::BelowEntries { entries }),
        _ => Ok(()),
    }
}

fn add_to_list(campaign: &Campaign, list: ListKind, field: u8, keys: &[PersonKey]) -> Judged {
    let is_list = match list {
        ListKind::Block | ListKind::Allow => true,
        ListKind::Reserved(item) => {
            is_place(campaign, (None, Some(item), None)) && is_reserved(&campaign.definition, item)
        }
    };
    if campaign.fields_len() <= usize::from(field) || !is_list {
        return Err(Refused::UnknownPlace);
    }
    let people = campaign.lists.get(&(list, field));
    let before = people.map_or(0, |people| people.len());
    if limits::LIST_KEYS_MAX < before + keys.len() {
        return Err(Refused::OverLimit);
    }
    let is_new = |key: &&PersonKey| !people.is_some_and(|people| people.has(&key.0));
    let new: BTreeSet<_> = keys.iter().filter(is_new).collect();
    let units = new.len() as u64;
    let keys = new.into_iter().copied().collect();
    Ok((Claim::Done { units }, Change::List { campaign: campaign.no, list, field, keys }))
}
