//! The steps of a draw, by the books: who is on its list, what happened, what is published.
//!
//! Owns: "Draws" in `docs/rules.md`, but for awards. Never: computes who wins; that is in the
//! files of the draw, which anybody can check.
//! Invariants: a step that is refused changes nothing.

use super::campaign::{Campaign, Decision, Fate};
use super::definition::{draws_once, terms};
use super::draw::{Draw, Stage};
use super::operator::{Change, Judged, Selected, is_place, is_within};
use super::people::Success;
use super::{Books, Place};
use crate::claim::{Claim, Refused};
use types::action::{Action, DrawEvent, ListKind};
use types::ids::{CampaignNo, DrawNo, EntryNo, Millis, Sha256, SlotNo};
use types::limits;
use types::outcome::DrawNeed;

impl Books {
    pub(super) fn judge_close_draw(
        &self,
        place: Place,
        campaign: &Campaign,
        (slot, unserved): (Option<SlotNo>, bool),
    ) -> Judged {
        self.may_close_draw(place.at, campaign, slot, unserved)?;
        let (change, entries) = self.closing(place, campaign, slot, unserved);
        if entries == 0 {
            return Err(Refused::NoEntries);
        }
        let draw = DrawNo::from_index(campaign.draws().len() + 1);
        Ok((Claim::Listed { draw, entries }, change))
    }

    fn may_close_draw(
        &self,
        at: Millis,
        campaign: &Campaign,
        slot: Option<SlotNo>,
        unserved: bool,
    ) -> Result<(), Refused> {
        if terms(&campaign.definition).is_none() {
            return Err(Refused::NotADraw);
        }
        let before = campaign.draws().last();
        if let Some(before) = before.filter(|before| before.is_under_way()) {
            return Err(Refused::DrawOrder { needs: before.lacks() });
        }
        let is_once = draws_once(&campaign.definition);
        let has_ended =
            matches!(campaign.closed_because(at), Some(Refused::Closed | Refused::CapReached));
        if is_once && !has_ended {
            return Err(Refused::StillOpen);
        }
        if self.awaits_publication(campaign, at) {
            return Err(Refused::SeriesUnpublished);
        }
        if !is_place(campaign, (None, None, slot)) {
            return Err(Refused::UnknownPlace);
        }
        let is_next = match before {
            None => !unserved,
            Some(before) if before.stage == Stage::Void => {
                before.unserved == unserved || (before.unserved && !is_once)
            }
            Some(_) => unserved || !is_once,
        };
        let is_of_slot = slot.is_some() != is_once
            && (!unserved || before.is_some_and(|before| before.slot == slot));
        if !is_next || !is_of_slot {
            return Err(Refused::NotAsAsked);
        }
        if limits::DRAWS_MAX <= campaign.draws().len() {
            return Err(Refused::OverLimit);
        }
        Ok(())
    }

    /// A list that is closed now, and how many are on it.
    pub(super) fn closing(
        &self,
        place: Place,
        campaign: &Campaign,
        slot: Option<SlotNo>,
        unserved: bool,
    ) -> (Change, u32) {
        let takes_part = |entry: EntryNo| match unserved {
            true => campaign.is_listed(entry) && campaign.is_waiting(entry),
            false => {
                campaign.stands(place.at, entry) && self.may_take_part(place.at, campaign, entry)
            }
        };
        let listed: Vec<bool> = campaign.entries().map(takes_part).collect();
        let entries = listed.iter().filter(|listed| **listed).count();
        let entries = u32::try_from(entries).expect("an entry's number is 32 bits wide");
        let draw = Draw {
            no: DrawNo::from_index(campaign.draws().len() + 1),
            frame: place.frame,
            at: place.at,
            slot,
            unserved,
            entries,
            stage: Stage::Closed,
            winners: 0,
            awarded: 0,
            was_published: false,
            events: Vec::new(),
        };
        (Change::CloseDraw { campaign: campaign.no, draw: Box::new(draw), listed }, entries)
    }

    /// Whether no list, no success and no other campaign keeps an entry's people out.
    fn may_take_part(&self, at: Millis, campaign: &Campaign, entry: EntryNo) -> bool {
        let is_blocked = |field: usize, person: u8| {
            let people = campaign.lists.get(&(ListKind::Block, field as u8));
            people.is_some_and(|people| people.has(campaign.key(field, entry, person)))
        };
        let mut people = campaign.people_of(entry);
        let is_kept_out = people.any(|person| {
            (0..campaign.fields_len()).any(|field| {
                is_blocked(field, person)
                    || self.cools_down(at, campaign, field, campaign.key(field, entry, person))
            })
        });
        !is_kept_out && self.keeps_in(campaign, at, entry)
    }

    pub(super) fn close_list(&mut self, no: CampaignNo, draw: Draw, listed: &[bool]) {
        let campaign = &mut self.campaigns[no.index()];
        for (entry, listed) in campaign.entries().zip(listed) {
            let losses = match draw.unserved {
                true => campaign.lot(entry).map_or(0, |lot| lot.losses),
                false => campaign.losses_so_far(entry),
            };
            if let Some(lot) = campaign.lot_mut(entry) {
                (lot.losses, lot.listed) = (losses, *listed);
            }
        }
        campaign.draws.push(draw);
    }

    pub(super) fn note_event(&mut self, no: CampaignNo, event: DrawEvent, digest: Sha256) {
        let campaign = &mut self.campaigns[no.index()];
        let Some(draw) = campaign.draws.last_mut() else { return };
        draw.take(event, digest);
        if event == DrawEvent::Void {
            let hidden: Vec<_> =
                campaign.entries().filter(|entry| campaign.is_hidden(*entry)).collect();
            hidden.into_iter().for_each(|entry| campaign.unaward(entry));
        }
    }

    pub(super) fn note_round(&mut self, no: CampaignNo, begin: bool) {
        if let Some(draw) = self.campaigns[no.index()].draws.last_mut() {
            draw.stage = if begin { Stage::Resumed } else { Stage::Published };
        }
    }

    pub(super) fn publish_draw(&mut self, no: CampaignNo) {
        let campaign = &mut self.campaigns[no.index()];
        let is_once = draws_once(&campaign.definition);
        let Some(draw) = campaign.draws.last_mut() else { return };
        (draw.stage, draw.was_published) = (Stage::Published, true);
        let closed_at = draw.at;
        campaign.marks.published = is_once;
        let day = campaign.day(closed_at);
        let hidden: Vec<_> =
            campaign.entries().filter(|entry| campaign.is_hidden(*entry)).collect();
        for entry in hidden {
            let campaign = &mut self.campaigns[no.index()];
            let has_units = !campaign.is_waiting(entry);
            if let Some(lot) = campaign.lot_mut(entry) {
                (lot.hidden, lot.listed) = (false, has_units);
            }
            let is_live = campaign.entry(entry).is_some_and(|entry| entry.fate == Fate::Live);
            let Some(series) = campaign.series.filter(|_| is_live && has_units) else { continue };
            let (people, fields) = (campaign.people_of(entry), campaign.fields_len());
            for person in people {
                let success = Success { campaign: no, entry, person, day };
                (0..fields).for_each(|field| {
                    self.series[series].remember(&self.campaigns, field, success);
                });
            }
        }
    }

    /// What the books take over of a step that they refuse, and somebody claims was done.
    pub(super) fn adopt_step(&self, place: Place, action: &Action, claim: &Claim) -> Change {
        let latest = |no: CampaignNo| {
            let campaign = self.campaign(no)?;
            campaign.draws().last().map(|draw| (campaign, draw))
        };
        match (action, claim) {
            (Action::CloseDraw { campaign, slot, unserved }, Claim::Listed { .. }) => {
                let drawing = self.campaign(*campaign);
                let drawing = drawing.filter(|drawing| terms(&drawing.definition).is_some());
                let place = |drawing| self.closing(place, drawing, *slot, *unserved).0;
                drawing.map_or(Change::Nothing, place)
            }
            (Action::DrawEvent { campaign, draw, event, digest }, Claim::Done { .. })
                if latest(*campaign).is_some_and(|(_, latest)| latest.no == *draw) =>
            {
                Change::Event { campaign: *campaign, event: *event, digest: *digest }
            }
            (Action::Publish { campaign }, Claim::Done { .. }) if latest(*campaign).is_some() => {
                Change::PublishDraw(*campaign)
            }
            (Action::Alternates { campaign, draw, begin }, Claim::Done { .. })
                if latest(*campaign).is_some_and(|(_, latest)| latest.no == *draw) =>
            {
                Change::Round { campaign: *campaign, begin: *begin }
            }
            _ => Change::Nothing,
        }
    }
}

pub(super) fn judge_event(
    campaign: &Campaign,
    draw: DrawNo,
    event: DrawEvent,
    digest: Sha256,
) -> Judged {
    let latest = latest(campaign, draw)?;
    match latest.refuses(event, digest) {
        Some(refused) => Err(refused),
        None => {
            let change = Change::Event { campaign: campaign.no, event, digest };
            Ok((Claim::Done { units: 0 }, change))
        }
    }
}

/// A campaign's latest draw, which a step must be of.
pub(super) fn latest(campaign: &Campaign, draw: DrawNo) -> Result<&Draw, Refused> {
    if terms(&campaign.definition).is_none() {
        return Err(Refused::NotADraw);
    }
    campaign.draws().last().filter(|latest| latest.no == draw).ok_or(Refused::UnknownDraw)
}

pub(super) fn judge_round(campaign: &Campaign, draw: DrawNo, begin: bool) -> Judged {
    match latest(campaign, draw)?.refuses_round(begin) {
        Some(refused) => Err(refused),
        None => Ok((Claim::Done { units: 0 }, Change::Round { campaign: campaign.no, begin })),
    }
}

pub(super) fn judge_publish(campaign: &Campaign) -> Judged {
    let lacks = match campaign.draws().last() {
        Some(draw) if draw.stage == Stage::Published => return Err(Refused::AlreadySo),
        Some(draw) => draw.lacks(),
        None => DrawNeed::List,
    };
    match lacks {
        DrawNeed::Publication => Ok((Claim::Done { units: 0 }, Change::PublishDraw(campaign.no))),
        needs => Err(Refused::DrawOrder { needs }),
    }
}

pub(super) fn judge_lapse(campaign: &Campaign, at: Millis, selected: Selected) -> Judged {
    if terms(&campaign.definition).is_none() {
        return Err(Refused::NotADraw);
    }
    if !is_place(campaign, selected) {
        return Err(Refused::UnknownPlace);
    }
    let mut units = 0;
    let mut lapsed = Vec::new();
    for no in campaign.entries() {
        let Some(entry) = campaign.entry(no) else { continue };
        let is_uncollected = entry.fate == Fate::Live
            && entry.decision == Decision::Booked
            && !entry.hidden
            && entry.pool.is_some_and(|pool| is_within(&campaign.pools[pool.index()], selected));
        if is_uncollected {
            units += u64::from(entry.units);
            lapsed.push(no);
        }
    }
    let change = Change::Lapse { campaign: campaign.no, at, entries: lapsed };
    Ok((Claim::Done { units }, change))
}
