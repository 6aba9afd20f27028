//! Draws: who takes part, in which order the steps come, who gets units.
//!
//! Owns: "Draws" in `docs/rules.md`. Never: computes who wins; winners come as facts of the
//! journal, and anybody can compute them again from what was sealed. Invariants: nobody is awarded
//! who is not on the list, and nobody twice; until publication nothing told depends on who won.

use crate::campaign::Campaign;
use crate::draw::{Draw, Stage};
use crate::entry::{Decision, Fate, Place, Row};
use crate::lot::{LOSSES_MAX, Lot};
use crate::people::{Series, Success};
use crate::rules::operator::{Done, Selection, is_place};
use crate::{Ledger, Phase};
use std::collections::{BTreeMap, BTreeSet};
use types::action::{DrawEvent, ListKind};
use types::command::{Award, Enter};
use types::ids::{CampaignNo, DrawNo, EntryNo, Millis, PersonKey, PoolNo, Sha256, SlotNo};
use types::limits;
use types::outcome::{DrawNeed, Outcome, Refusal};
#[cfg(planted)]
use types::planted::{self, Bug};

impl Ledger {
    /// Closes the list of a campaign's next draw. Like that of a lapse, its cost grows with the
    /// campaign's entries: for 14 million about a second (`bench ledger`), in which nobody else is
    /// answered.
    pub(super) fn close_draw(
        &mut self,
        place: Place,
        at: Millis,
        no: CampaignNo,
        (slot, unserved): (Option<SlotNo>, bool),
    ) -> Done {
        let campaign = &self.campaigns[no.index()];
        self.may_close_draw(campaign, at, slot, unserved)?;
        let takes_part = |entry| match unserved {
            true => campaign.lot(entry).is_listed() && campaign.waits(entry),
            false => campaign.stands(at, entry) && self.may_take_part(campaign, at, entry),
        };
        let listed: Vec<bool> = campaign.entries().map(takes_part).collect();
        #[cfg(planted)]
        let listed = leave_out(listed);
        let entries = listed.iter().filter(|listed| **listed).count() as u32;
        if entries == 0 {
            return Err(Refusal::NoEntries);
        }
        let campaign = &mut self.campaigns[no.index()];
        for (entry, listed) in campaign.entries().zip(listed) {
            let losses = if unserved { 0 } else { campaign.losses_to_come(entry) };
            let lost = |lot: Lot| if losses == 0 { lot } else { lot.lost() };
            campaign.change_lot(entry, |lot| lost(lot).listed(listed));
        }
        campaign.marks.drawing = campaign.draws_once();
        campaign.draws.push(Draw {
            frame: place.frame,
            at,
            slot,
            unserved,
            entries,
            stage: Stage::Closed,
            winners: 0,
            awarded: 0,
            was_published: false,
            events: Vec::new(),
        });
        Ok(Outcome::Listed { draw: DrawNo::from_index(campaign.draws.len()), entries })
    }

    fn may_close_draw(
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
        if let Some(before) = before.filter(|draw| draw.is_under_way()) {
            return Err(Refusal::DrawOrder { needs: before.needs() });
        }
        let once = campaign.draws_once();
        if once && !matches!(campaign.phase(at), Phase::Closed | Phase::CapReached) {
            return Err(Refusal::StillOpen);
        }
        if self.awaits_publication(campaign, at) {
            return Err(Refusal::SeriesUnpublished);
        }
        if !is_place(&campaign.definition, (None, None, slot)) {
            return Err(Refusal::UnknownPlace);
        }
        let fits = match before {
            None => !unserved,
            // A void draw is made again. Where draws go on, one that was among the unserved may be
            // left as it is, and a fresh one follow.
            Some(draw) if draw.stage == Stage::Void && unserved => draw.unserved,
            Some(draw) if draw.stage == Stage::Void => !draw.unserved || !once,
            Some(_) => unserved || !once,
        };
        let same_slot = !unserved || before.is_some_and(|draw| draw.slot == slot);
        if !fits || !same_slot || slot.is_some() == once {
            return Err(Refusal::NotAsAsked);
        }
        if campaign.draws.len() < limits::DRAWS_MAX { Ok(()) } else { Err(Refusal::OverLimit) }
    }

    /// Whether nothing that an operator, the series or another campaign says keeps an entry's
    /// people out.
    fn may_take_part(&self, campaign: &Campaign, at: Millis, entry: EntryNo) -> bool {
        let fields = campaign.fields_len();
        let is_blocked = |(nth, key)| {
            let people = campaign.lists.get(&(ListKind::Block, (nth % fields) as u8));
            people.is_some_and(|people| people.contains(key))
        };
        let keys = || campaign.all_keys_of(entry);
        let blocked = !campaign.lists.is_empty() && keys().enumerate().any(is_blocked);
        !blocked
            && self.cooling_down(campaign, at, keys()).is_none()
            && self.are_registered(campaign, at, keys())
    }

    pub(super) fn draw_event(
        &mut self,
        no: CampaignNo,
        draw: DrawNo,
        event: DrawEvent,
        digest: Sha256,
    ) -> Done {
        let campaign = &mut self.campaigns[no.index()];
        campaign.check_latest(draw)?;
        campaign.draws.last_mut().expect("it is the latest").take(event, digest)?;
        if event == DrawEvent::Void {
            campaign.marks.drawing = false;
            let hidden = campaign.take_hidden();
            #[cfg(planted)]
            let hidden = if planted::is(Bug::VoidKeeps) { Vec::new() } else { hidden };
            for entry in hidden {
                let pool = campaign.row(entry).and_then(|row| row.pool());
                if pool.is_some() {
                    campaign.award(entry, None);
                }
                campaign.change_lot(entry, |lot| lot.hidden(false));
                self.changes.pools.extend(pool.map(|pool| (no, pool)));
            }
        }
        Ok(Outcome::Done { units: 0 })
    }

    /// Begins a round of alternates, or calls it off.
    pub(super) fn resume_draw(&mut self, no: CampaignNo, draw: DrawNo, begin: bool) -> Done {
        let campaign = &mut self.campaigns[no.index()];
        campaign.check_latest(draw)?;
        campaign.draws.last_mut().expect("it is the latest").resume(begin)?;
        Ok(Outcome::Done { units: 0 })
    }

    /// Gives winners what they won.
    pub(crate) fn award(&mut self, at: Millis, award: &Award<'_>) -> Outcome {
        match self.award_part(at, award) {
            Ok(outcome) => outcome,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn award_part(&mut self, at: Millis, award: &Award<'_>) -> Done {
        let no = award.campaign;
        let campaign = self.campaign(no).ok_or(Refusal::UnknownCampaign)?;
        if campaign.marks.shredded {
            return Err(Refusal::Shredded);
        }
        campaign.check_latest(award.draw)?;
        campaign.check_part(award)?;
        if self.awaits_publication(campaign, at) || self.awaits_winners(campaign) {
            return Err(Refusal::SeriesUnpublished);
        }
        // Whoever gave the entry up gets nothing, nor who had a success since the list was closed.
        let gets = |entry| {
            let is_live = campaign.row(entry).is_some_and(Row::is_live);
            is_live && self.cooling_down(campaign, at, campaign.all_keys_of(entry)).is_none()
        };
        let given: Vec<bool> = award.rows().map(|(entry, _)| gets(entry)).collect();
        campaign.check_winners(award, &given)?;
        let campaign = &mut self.campaigns[no.index()];
        let mut units = 0;
        for ((entry, pool), gets) in award.rows().zip(given) {
            #[cfg(planted)]
            if planted::is(Bug::AwardAgain) && !campaign.waits(entry) {
                let more = u64::from(campaign.row(entry).expect("it was checked").units());
                campaign.change_pool(pool, |pool| pool.booked += more);
                units += more;
                continue;
            }
            #[cfg(planted)]
            if planted::is(Bug::AwardAnyone) {
                campaign.change_lot(entry, |lot| lot.listed(true));
            }
            if gets {
                campaign.award(entry, Some(pool));
                units += u64::from(campaign.row(entry).expect("it was checked").units());
                self.changes.pools.push((no, pool));
            }
            campaign.hide(entry);
        }
        let draw = campaign.draws.last_mut().expect("it is the latest");
        draw.awarded += award.rows().len() as u32;
        draw.assert_counts();
        // Another view of the campaign for each part would cost as much as the parts.
        if draw.awarded == draw.winners {
            self.changes.campaigns.push(no);
        }
        Ok(Outcome::Done { units })
    }

    /// Whether the cool-down of a draw's winners would depend on winners of another draw, whom
    /// nobody knows yet.
    fn awaits_winners(&self, campaign: &Campaign) -> bool {
        let Some(series) = campaign.series else { return false };
        let has_winners = |other: &Campaign| {
            other.series == Some(series)
                && other.no != campaign.no
                && other.has_hidden()
                && !other.marks.shredded
        };
        0 < self.series[series].cool_down_days && self.campaigns.iter().any(has_winners)
    }

    pub(super) fn publish_draw(&mut self, no: CampaignNo) -> Done {
        let campaign = &mut self.campaigns[no.index()];
        let needs = campaign.draws.last().map_or(DrawNeed::List, Draw::needs);
        let is_published = campaign.draws.last().is_some_and(|draw| draw.stage == Stage::Published);
        if is_published {
            return Err(Refusal::AlreadySo);
        }
        if needs != DrawNeed::Publication {
            return Err(Refusal::DrawOrder { needs });
        }
        let draw = campaign.draws.last_mut().expect("it was looked at");
        (draw.stage, draw.was_published) = (Stage::Published, true);
        let day = campaign.definition.calendar.day(draw.at);
        for entry in campaign.take_hidden() {
            // Who was among the winners and got nothing is served, too, as the draw's files say.
            let is_given = !campaign.waits(entry);
            campaign.change_lot(entry, |lot| lot.hidden(false).listed(is_given));
            let is_success = is_given && campaign.row(entry).is_some_and(Row::is_live);
            let Some(series) = campaign.series.filter(|_| is_success) else { continue };
            let Series { successes, cool_down_days, .. } = &mut self.series[series];
            let fields = campaign.fields_len();
            for (nth, key) in campaign.all_keys_of(entry).enumerate() {
                let success = Success { key, day, campaign: no, entry };
                successes[nth % fields].remember(success, *cool_down_days);
            }
        }
        campaign.marks.published = campaign.draws_once();
        Ok(Outcome::Done { units: 0 })
    }

    pub(super) fn lapse(&mut self, at: Millis, no: CampaignNo, selection: Selection) -> Done {
        let campaign = &mut self.campaigns[no.index()];
        if campaign.definition.draw().is_none() {
            return Err(Refusal::NotADraw);
        }
        if !is_place(&campaign.definition, selection) {
            return Err(Refusal::UnknownPlace);
        }
        let (outlet, item, slot) = selection;
        let mut units = 0;
        for entry in campaign.entries() {
            let row = *campaign.row(entry).expect("entries are numbered without gaps");
            let Some(pool) = row.pool().filter(|_| row.fate() == Fate::Live) else { continue };
            let within = campaign.pool(pool).place.is_within(outlet, item, slot);
            if within && !campaign.lot(entry).is_hidden() {
                campaign.end(entry, Fate::Cancelled { at });
                units += u64::from(row.units());
                self.changes.pools.push((no, pool));
            }
        }
        Ok(Outcome::Done { units })
    }
}

impl Campaign {
    /// Whether it draws once for all; a campaign that does not draw never does.
    pub(crate) fn draws_once(&self) -> bool {
        self.definition.draw().is_some_and(|terms| terms.stand_days.is_none())
    }

    /// Whether a draw is under way: its list and its stock stay as they are.
    pub(crate) fn draws_now(&self) -> bool {
        self.draws.last().is_some_and(Draw::is_under_way)
    }

    fn entries(&self) -> impl Iterator<Item = EntryNo> + use<> {
        (0..self.entries_len()).map(EntryNo)
    }

    /// All keys of an entry's people, person after person.
    pub(crate) fn all_keys_of(&self, entry: EntryNo) -> impl Iterator<Item = PersonKey> {
        self.keys_of(entry).chain(self.further_keys_of(entry).iter().copied())
    }

    /// Whether nobody who is in an entry is in a later one.
    #[must_use]
    pub fn is_latest(&self, entry: EntryNo) -> bool {
        let fields = self.fields_len();
        let mut keys = self.all_keys_of(entry).enumerate();
        keys.all(|(nth, key)| self.latest_of_key(nth % fields, key) == Some(entry))
    }

    /// Whether an entry has nothing, and is in draws for it.
    fn waits(&self, entry: EntryNo) -> bool {
        self.row(entry).is_some_and(|row| row.decision() == Decision::Waiting)
    }

    /// Whether an entry is on the list of the latest draw, and not among its winners so far.
    fn may_win(&self, entry: EntryNo) -> bool {
        let lot = self.lot(entry);
        let is_listed = lot.is_listed();
        #[cfg(planted)]
        let is_listed = is_listed || planted::is(Bug::AwardAnyone);
        is_listed && !lot.is_hidden() && self.waits(entry)
    }

    /// Whether all of a part of the winners have what it gives them.
    #[cfg(planted)]
    fn has_all(&self, award: &Award<'_>) -> bool {
        let has = |(entry, pool)| self.row(entry).is_some_and(|row| row.pool() == Some(pool));
        award.rows().all(has)
    }

    /// Whether an entry takes part in a draw that is closed now.
    pub(crate) fn stands(&self, at: Millis, entry: EntryNo) -> bool {
        let (Some(terms), Some(row)) = (self.definition.draw(), self.row(entry)) else {
            return false;
        };
        let calendar = &self.definition.calendar;
        let in_time = terms.stand_days.map_or(!self.marks.published, |days| {
            calendar.day(at).0 < calendar.day(row.at()).0 + u32::from(days)
        });
        row.is_live() && self.waits(entry) && in_time
    }

    /// Whether a live entry may still win, for all that its owner may know. Whoever was told of a
    /// win has it, whatever is drawn since.
    pub(crate) fn is_open(&self, at: Millis, entry: EntryNo) -> bool {
        let lot = self.lot(entry);
        let is_live = self.row(entry).is_some_and(|row| row.is_live());
        let is_drawn_now = lot.is_listed() && (self.waits(entry) || lot.is_hidden());
        self.stands(at, entry) || (is_live && self.draws_now() && is_drawn_now)
    }

    /// Whether a live entry no longer keeps its people from entering again.
    pub(crate) fn is_done_with(&self, at: Millis, entry: EntryNo) -> bool {
        let draws_again = self.definition.draw().is_some() && !self.draws_once();
        draws_again && !self.is_open(at, entry)
    }

    /// The loss that the latest draw will add to an entry's: 0 or 1. One among the unserved that
    /// is void leaves that of the draw before.
    fn losses_to_come(&self, entry: EntryNo) -> u8 {
        let is_lost = self.draws.last().is_some_and(|draw| match draw.stage {
            Stage::Published => true,
            Stage::Void => draw.unserved,
            _ => false,
        });
        u8::from(is_lost && self.lot(entry).is_listed() && self.waits(entry))
    }

    /// Draws that an entry lost, the latest one too, as far as they count.
    pub(crate) fn losses_so_far(&self, entry: EntryNo) -> u8 {
        (self.lot(entry).losses() + self.losses_to_come(entry)).min(LOSSES_MAX)
    }

    /// The losses that an entry begins with: the fewest that one of its people brings, so that
    /// nobody gains by the company of somebody who often lost.
    pub(super) fn losses_brought(&self, enter: &Enter<'_>) -> u8 {
        let of_person = |first: Option<PersonKey>| {
            let latest = first.and_then(|key| self.latest_of_key(0, key));
            // Were a hidden win given up for nothing, the new entry's losses would tell of it.
            let counts = |entry: &EntryNo| self.waits(*entry) || self.lot(*entry).is_hidden();
            latest.filter(counts).map_or(0, |entry| self.losses_so_far(entry))
        };
        let people = enter.people_keys().map(|mut keys| of_person(keys.next()));
        people.min().unwrap_or(0)
    }

    fn check_latest(&self, draw: DrawNo) -> Result<(), Refusal> {
        if self.definition.draw().is_none() {
            return Err(Refusal::NotADraw);
        }
        let latest = self.latest_draw().map(|(no, _)| no);
        if latest == Some(draw) { Ok(()) } else { Err(Refusal::UnknownDraw) }
    }

    /// Whether a part of the winners fits the draw.
    fn check_part(&self, award: &Award<'_>) -> Result<(), Refusal> {
        let (_, draw) = self.latest_draw().expect("it was checked");
        let until = u64::from(award.first) + award.rows().len() as u64;
        // What a void draw gave was taken back.
        if draw.stage != Stage::Void && until <= u64::from(draw.awarded) {
            #[cfg(planted)]
            if planted::is(Bug::AwardAgain) && self.has_all(award) {
                return Ok(());
            }
            return Err(Refusal::AlreadySo);
        }
        if draw.needs() != DrawNeed::Awards {
            let needs = draw.needs();
            return Err(Refusal::DrawOrder { needs });
        }
        if award.first != draw.awarded {
            return Err(Refusal::NotAsAsked);
        }
        if u64::from(draw.winners) < until { Err(Refusal::OverLimit) } else { Ok(()) }
    }

    /// Whether the winners of a part fit the list, and those who get units the stock.
    fn check_winners(&self, award: &Award<'_>, given: &[bool]) -> Result<(), Refusal> {
        #[cfg(planted)]
        if planted::is(Bug::AwardAgain) && self.has_all(award) {
            return Ok(());
        }
        let (_, draw) = self.latest_draw().expect("it was checked");
        let mut seen = BTreeSet::new();
        let mut taken: BTreeMap<PoolNo, u64> = BTreeMap::new();
        for ((entry, pool), gets) in award.rows().zip(given) {
            let row = self.row(entry).filter(|_| seen.insert(entry));
            let row = row.filter(|_| self.may_win(entry));
            let of = self.pools().get(pool.index());
            let of = of.filter(|of| draw.slot.is_none_or(|slot| slot == of.place.slot));
            let (Some(row), Some(_)) = (row, of) else { return Err(Refusal::NotAsAsked) };
            if *gets {
                *taken.entry(pool).or_default() += u64::from(row.units());
            }
        }
        let enough = taken.iter().all(|(pool, units)| *units <= self.pool(*pool).free());
        if enough { Ok(()) } else { Err(Refusal::SoldOut) }
    }
}

#[cfg(planted)]
fn leave_out(mut listed: Vec<bool>) -> Vec<bool> {
    let first = listed.iter().position(|listed| *listed);
    if let Some(first) = first.filter(|_| planted::is(Bug::LeaveOut)) {
        listed[first] = false;
    }
    listed
}
