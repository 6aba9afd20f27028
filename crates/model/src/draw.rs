//! "Draws" in the rules: who takes part, in which order the steps come, who gets units.
//!
//! Owns: each step, in the order of its refusals. Never: who wins; that comes with the journal.
//! Invariants: a refusal changes nothing.

use crate::Model;
use crate::campaign::{Campaign, Phase};
use crate::state::{Decision, Draw, Entry, Fate, Stage, Success};
use std::collections::{BTreeMap, BTreeSet};
use types::{
    Award, CampaignNo, DrawEvent, DrawNo, EntryNo, FrameNo, ItemNo, Millis, Outcome, OutletNo,
    PoolNo, Refusal, Sha256, SlotNo, limits,
};

impl Model {
    pub(crate) fn close_draw(
        &mut self,
        (frame, at): (FrameNo, Millis),
        number: CampaignNo,
        slot: Option<SlotNo>,
        unserved: bool,
    ) -> Result<Outcome, Refusal> {
        let campaign = self.campaign(number)?;
        self.check_close_draw(campaign, at, slot, unserved)?;
        let takes_part = |entry: &Entry| {
            if unserved {
                return entry.listed && entry.decision == Decision::Waiting;
            }
            let blocked = entry.keys().any(|(field, key)| campaign.blocked[field].contains(&key));
            let cooling_down = self.cooling_down_until(campaign, &entry.people, at).is_some();
            let stay = self.are_registered(campaign, at, &entry.people);
            campaign.stands(entry, at) && !blocked && !cooling_down && stay
        };
        let listed: Vec<bool> = campaign.entries.iter().map(takes_part).collect();
        let lost: Vec<bool> =
            campaign.entries.iter().map(|entry| campaign.has_just_lost(entry)).collect();
        let entries = listed.iter().filter(|listed| **listed).count() as u32;
        if entries == 0 {
            return Err(Refusal::NoEntries);
        }
        let campaign = self.campaign_mut(number)?;
        for (index, entry) in campaign.entries.iter_mut().enumerate() {
            if lost[index] && !unserved {
                entry.losses = (entry.losses + 1).min(31);
            }
            entry.listed = listed[index];
        }
        campaign.draws.push(Draw {
            frame,
            at,
            slot,
            unserved,
            entries,
            events: Vec::new(),
            announced: 0,
            awarded: 0,
            was_published: false,
            stage: Stage::Closed,
        });
        Ok(Outcome::Listed { draw: DrawNo::from_index(campaign.draws.len()), entries })
    }

    fn check_close_draw(
        &self,
        campaign: &Campaign,
        at: Millis,
        slot: Option<SlotNo>,
        unserved: bool,
    ) -> Result<(), Refusal> {
        if campaign.definition.draw().is_none() {
            return Err(Refusal::NotADraw);
        }
        let before = campaign.draws.last();
        if let Some(before) = before
            && before.is_under_way()
        {
            return Err(Refusal::DrawOrder { needs: before.needs() });
        }
        let once = campaign.draws_once();
        if once && !matches!(campaign.phase(at), Phase::Closed | Phase::CapReached) {
            return Err(Refusal::StillOpen);
        }
        if self.awaits_publication(campaign, at) {
            return Err(Refusal::SeriesUnpublished);
        }
        if slot.is_some_and(|slot| campaign.definition.slots.len() <= slot.index()) {
            return Err(Refusal::UnknownPlace);
        }
        let after_void = before.filter(|draw| draw.stage == Stage::Void);
        let after_published = before.filter(|draw| draw.stage == Stage::Published);
        let odd_slot = slot.is_some() == once;
        let nobody_before = unserved && before.is_none();
        let all_again = !unserved && once && after_published.is_some();
        // A void draw is made again; but of draws without end, a fresh one may follow any.
        let otherwise =
            after_void.is_some_and(|draw| draw.unserved != unserved && (unserved || once));
        let elsewhere = unserved && before.is_some_and(|draw| draw.slot != slot);
        if odd_slot || nobody_before || all_again || otherwise || elsewhere {
            return Err(Refusal::NotAsAsked);
        }
        if limits::DRAWS_MAX <= campaign.draws.len() {
            return Err(Refusal::OverLimit);
        }
        Ok(())
    }

    pub(crate) fn award(&mut self, at: Millis, award: &Award<'_>) -> Result<Outcome, Refusal> {
        let campaign = self.campaign(award.campaign)?;
        if campaign.marks.shredded {
            return Err(Refusal::Shredded);
        }
        campaign.check_latest(award.draw)?;
        campaign.check_part(award)?;
        if self.awaits_publication(campaign, at) || self.awaits_winners(campaign) {
            return Err(Refusal::SeriesUnpublished);
        }
        // Those who get nothing, though lots fell on them.
        let none = |entry: &Entry| {
            !entry.is_live() || self.cooling_down_until(campaign, &entry.people, at).is_some()
        };
        let entries = campaign.entries.iter().enumerate();
        let without: BTreeSet<EntryNo> = entries
            .filter(|(_, entry)| none(entry))
            .map(|(index, _)| EntryNo::from_index(index))
            .collect();
        campaign.check_winners(award, &without)?;
        let campaign = self.campaign_mut(award.campaign)?;
        let mut sum = 0;
        for (number, pool) in award.rows() {
            let entry = &mut campaign.entries[number.index()];
            entry.hidden = true;
            if !without.contains(&number) {
                entry.decision = Decision::Booked { pool };
                let units = u64::from(entry.units);
                campaign.pools[pool.index()].booked += units;
                sum += units;
            }
        }
        let draw = campaign.draws.last_mut().expect("it is the latest");
        draw.awarded += award.rows().len() as u32;
        Ok(Outcome::Done { units: sum })
    }

    /// Whether another campaign of a series that cools down has winners who may not know it.
    fn awaits_winners(&self, campaign: &Campaign) -> bool {
        let Some(series) = &campaign.definition.series else { return false };
        let has_them = |other: &Campaign| {
            let same = other.definition.series.as_ref().is_some_and(|its| its.code == series.code);
            let itself = other.definition.code == campaign.definition.code;
            let hidden = other.entries.iter().any(|entry| entry.hidden);
            same && !itself && hidden && !other.marks.shredded
        };
        0 < series.cool_down_days && self.campaigns.iter().any(has_them)
    }

    pub(crate) fn publish_draw(&mut self, number: CampaignNo) -> Result<Outcome, Refusal> {
        let campaign = self.campaign_mut(number)?;
        let once = campaign.draws_once();
        let Some(draw) = campaign.draws.last_mut() else {
            return Err(Refusal::DrawOrder { needs: types::DrawNeed::List });
        };
        if draw.stage == Stage::Published {
            return Err(Refusal::AlreadySo);
        }
        if draw.stage != Stage::Drawn || draw.awarded < draw.announced {
            return Err(Refusal::DrawOrder { needs: draw.needs() });
        }
        draw.stage = Stage::Published;
        draw.was_published = true;
        let day = campaign.definition.calendar.day(draw.at);
        campaign.marks.published |= once;
        let series = campaign.definition.series.as_ref().map(|series| series.code.clone());
        let mut successes = Vec::new();
        for (index, entry) in campaign.entries.iter_mut().enumerate() {
            if entry.hidden && entry.decision == Decision::Waiting {
                entry.listed = false;
            } else if entry.hidden && entry.is_live() {
                let success = Success { day, campaign: number, entry: EntryNo::from_index(index) };
                successes.extend(entry.keys().map(|(field, key)| (field, key, success)));
            }
            entry.hidden = false;
        }
        for (field, key, success) in successes {
            if let Some(series) = &series {
                self.succeed((series.clone(), field, key), success);
            }
        }
        Ok(Outcome::Done { units: 0 })
    }
}

impl Campaign {
    pub(crate) fn draw_event(
        &mut self,
        number: DrawNo,
        event: DrawEvent,
        digest: Sha256,
    ) -> Result<Outcome, Refusal> {
        self.check_latest(number)?;
        let draw = self.draws.last_mut().expect("it is the latest");
        check_event(draw, event, digest)?;
        draw.stage = match event {
            DrawEvent::Seal { .. } => Stage::Sealed,
            DrawEvent::Opening => Stage::Opened,
            DrawEvent::Seed => Stage::Seeded,
            DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => {
                draw.announced += winners;
                Stage::Drawn
            }
            DrawEvent::Void => Stage::Void,
        };
        draw.events.push((event, digest));
        if event == DrawEvent::Void {
            self.undo_wins();
        }
        Ok(Outcome::Done { units: 0 })
    }

    pub(crate) fn alternates(&mut self, number: DrawNo, begin: bool) -> Result<Outcome, Refusal> {
        self.check_latest(number)?;
        let draw = self.draws.last_mut().expect("it is the latest");
        draw.stage = match (draw.stage, begin) {
            (Stage::Published, true) => Stage::Resumed,
            (Stage::Resumed, false) => Stage::Published,
            (Stage::Resumed, true) | (Stage::Published, false) => return Err(Refusal::AlreadySo),
            _ => return Err(Refusal::DrawOrder { needs: draw.needs() }),
        };
        Ok(Outcome::Done { units: 0 })
    }

    fn undo_wins(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.hidden) {
            if let Some(pool) = entry.pool()
                && entry.is_live()
            {
                self.pools[pool.index()].booked -= u64::from(entry.units);
            }
            entry.decision = Decision::Waiting;
            entry.hidden = false;
        }
    }

    fn check_latest(&self, number: DrawNo) -> Result<(), Refusal> {
        if self.definition.draw().is_none() {
            return Err(Refusal::NotADraw);
        }
        let is_latest = !self.draws.is_empty() && number.index() == self.draws.len();
        if is_latest { Ok(()) } else { Err(Refusal::UnknownDraw) }
    }

    fn check_part(&self, award: &Award<'_>) -> Result<(), Refusal> {
        let draw = self.draws.last().expect("it is the latest");
        let (first, rows) = (u64::from(award.first), award.rows().len() as u64);
        let (awarded, announced) = (u64::from(draw.awarded), u64::from(draw.announced));
        if draw.stage != Stage::Void && first + rows <= awarded {
            return Err(Refusal::AlreadySo);
        }
        if draw.stage != Stage::Drawn || awarded == announced {
            return Err(Refusal::DrawOrder { needs: draw.needs() });
        }
        if first != awarded {
            return Err(Refusal::NotAsAsked);
        }
        if announced < first + rows {
            return Err(Refusal::OverLimit);
        }
        Ok(())
    }

    fn check_winners(&self, award: &Award<'_>, without: &BTreeSet<EntryNo>) -> Result<(), Refusal> {
        let draw = self.draws.last().expect("it is the latest");
        let numbers: BTreeSet<EntryNo> = award.rows().map(|(entry, _)| entry).collect();
        let may_win = |number: EntryNo| {
            let entry = self.entries.get(number.index());
            entry.is_some_and(|entry| {
                entry.listed && !entry.hidden && entry.decision == Decision::Waiting
            })
        };
        let is_drawn = |number: PoolNo| {
            let pool = self.pools.get(number.index());
            pool.is_some_and(|pool| draw.slot.is_none_or(|slot| slot == pool.slot))
        };
        let fits = award.rows().all(|(entry, pool)| may_win(entry) && is_drawn(pool));
        if !fits || numbers.len() < award.rows().len() {
            return Err(Refusal::NotAsAsked);
        }
        let mut asked: BTreeMap<PoolNo, u64> = BTreeMap::new();
        for (entry, pool) in award.rows() {
            if !without.contains(&entry) {
                let units = self.entries[entry.index()].units;
                *asked.entry(pool).or_insert(0) += u64::from(units);
            }
        }
        let enough = |(pool, units): (&PoolNo, &u64)| *units <= self.pools[pool.index()].free();
        if asked.iter().all(enough) { Ok(()) } else { Err(Refusal::SoldOut) }
    }

    pub(crate) fn lapse(
        &mut self,
        at: Millis,
        outlet: Option<OutletNo>,
        item: Option<ItemNo>,
        slot: Option<SlotNo>,
    ) -> Result<Outcome, Refusal> {
        if self.definition.draw().is_none() {
            return Err(Refusal::NotADraw);
        }
        if !self.has_places(outlet, item, slot) {
            return Err(Refusal::UnknownPlace);
        }
        let mut units = 0;
        for entry in &mut self.entries {
            let Some(pool) = entry.pool() else { continue };
            let pool = &mut self.pools[pool.index()];
            if pool.is_at(outlet, item, slot) && entry.fate == Fate::Live && !entry.hidden {
                entry.fate = Fate::Cancelled { at };
                pool.booked -= u64::from(entry.units);
                units += u64::from(entry.units);
            }
        }
        Ok(Outcome::Done { units })
    }
}

fn check_event(draw: &Draw, event: DrawEvent, digest: Sha256) -> Result<(), Refusal> {
    let same_kind = |known: DrawEvent| known.word() == event.word();
    let is_alternates = matches!(event, DrawEvent::Alternates { .. });
    for (known, known_digest) in &draw.events {
        if same_kind(*known) && *known_digest == digest {
            return Err(Refusal::AlreadySo);
        }
        if same_kind(*known) && !is_alternates {
            return Err(Refusal::DrawDiffers);
        }
    }
    if event == DrawEvent::Void {
        return if draw.was_published { Err(Refusal::Published) } else { Ok(()) };
    }
    let follows = match event {
        DrawEvent::Seal { .. } => Stage::Closed,
        DrawEvent::Opening => Stage::Sealed,
        DrawEvent::Seed => Stage::Opened,
        DrawEvent::Result { .. } => Stage::Seeded,
        DrawEvent::Alternates { .. } => Stage::Resumed,
        DrawEvent::Void => unreachable!("handled above"),
    };
    if draw.stage != follows {
        return Err(Refusal::DrawOrder { needs: draw.needs() });
    }
    let listed = draw.entries;
    match event {
        DrawEvent::Seal { entries } if entries != listed => {
            Err(Refusal::EntriesDiffer { entries: listed })
        }
        DrawEvent::Result { winners } | DrawEvent::Alternates { winners }
            if u64::from(listed) < u64::from(draw.announced) + u64::from(winners) =>
        {
            Err(Refusal::OverLimit)
        }
        _ => Ok(()),
    }
}
