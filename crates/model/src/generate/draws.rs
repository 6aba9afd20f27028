//! The steps of draws: most of them the next one, some out of order, odd or repeated.
//!
//! Owns: the choice of a step, beside the plain rules. Never: who wins.
//! Invariants: an award that no draw could make is one that the rules refuse, whenever it comes and
//! however often.

use super::winners::{NO_POOL, may_win};
use super::world::{self, OUTLETS, SLOTS};
use super::{Generator, Guess};
use crate::Model;
use crate::campaign::{Campaign, Phase};
use crate::state::{Decision, Draw, Entry, Fate, Stage};
use types::command::encode_award;
use types::{
    Action, CampaignNo, Cancel, DrawEvent, DrawNo, EntryNo, ItemNo, ListKind, OutletNo, PoolNo,
    Redeem, RequestId, Sha256, SlotNo,
};

/// Winners of a part, at most: parts are small, so that there are several.
const PART_MAX: u64 = 3;

impl Generator {
    pub(super) fn draw_step(&mut self, model: &Model, record: &mut Vec<u8>) {
        let draws = |campaign: &&Campaign| campaign.definition.draw().is_some();
        let known = model.campaigns.iter().enumerate();
        let drawing: Vec<CampaignNo> = known
            .filter(|(_, campaign)| draws(campaign))
            .map(|(index, _)| CampaignNo::from_index(index))
            .collect();
        if drawing.is_empty() {
            return self.enter(record);
        }
        let number = *self.random.pick(&drawing);
        let campaign = &model.campaigns[number.index()];
        if let Some(cancel) = self.leave_first(model, &campaign.definition) {
            return cancel.encode(record);
        }
        match self.random.below(100) {
            0..6 => self.odd_step(number, campaign, record),
            6..10 => self.lapse(number, record),
            10..14 => self.reserve(number, record),
            14..18 => self.repeat(number, campaign, record),
            18..21 => self.void(number, campaign, record),
            21..22 => self.load_draw_again(campaign, record),
            22..28 => self.enter_draw(number, record),
            28..34 => self.hand_out(number, campaign, record),
            34..38 => self.give_up(number, campaign, record),
            _ => self.next_step(model, number, record),
        }
    }

    fn next_step(&mut self, model: &Model, number: CampaignNo, record: &mut Vec<u8>) {
        let campaign = &model.campaigns[number.index()];
        let Some(draw) = campaign.draws.last() else {
            return self.close_list(number, campaign, record);
        };
        let event = match draw.stage {
            Stage::Closed => {
                let more = u32::from(self.random.chance(8));
                DrawEvent::Seal { entries: draw.entries + more }
            }
            Stage::Sealed => DrawEvent::Opening,
            Stage::Opened => DrawEvent::Seed,
            Stage::Seeded => DrawEvent::Result { winners: self.announce(number, campaign) },
            Stage::Drawn if self.random.chance(8) && has_won_nothing(campaign) => DrawEvent::Void,
            Stage::Drawn if draw.awarded < draw.announced => {
                return self.award(model, number, record);
            }
            Stage::Drawn => return self.encode(Action::Publish { campaign: number }, record),
            Stage::Published if self.random.chance(20) => {
                return match self.announce(number, campaign) {
                    0 => self.lapse(number, record),
                    _ => self.alternates(number, campaign, true, record),
                };
            }
            Stage::Resumed if self.random.chance(10) => {
                return self.alternates(number, campaign, false, record);
            }
            Stage::Resumed => match self.announce(number, campaign) {
                0 => return self.alternates(number, campaign, false, record),
                winners => DrawEvent::Alternates { winners },
            },
            Stage::Published | Stage::Void => return self.close_list(number, campaign, record),
        };
        self.event(number, campaign, event, record);
    }

    /// A new list, or what must come before it.
    fn close_list(&mut self, number: CampaignNo, campaign: &Campaign, record: &mut Vec<u8>) {
        let once = campaign.draws_once();
        let waits = campaign.entries.iter().filter(|entry| entry.decision == Decision::Waiting);
        let open = campaign.phase(self.at) == Phase::Open;
        let may_open = !open && !campaign.is_drawn_once();
        // Few are in another campaign and in this one.
        let few = if campaign.definition.registered_in().is_some() { 2 } else { 4 };
        if waits.count() < few && self.random.chance(if open || may_open { 90 } else { 10 }) {
            return match campaign.phase(self.at) {
                Phase::Paused => self.encode(Action::Resume { campaign: number }, record),
                Phase::NotOpenYet { .. } | Phase::Closed if may_open => {
                    self.encode(Action::Open { campaign: number }, record);
                }
                _ => self.enter_draw(number, record),
            };
        }
        let ended = matches!(campaign.phase(self.at), Phase::Closed | Phase::CapReached);
        if once && !ended && self.random.chance(80) {
            return self.encode(Action::Close { campaign: number }, record);
        }
        let before = campaign.draws.last();
        let unserved = match before {
            None => false,
            // One that is void is made again, or left where others may follow.
            Some(draw) if draw.stage == Stage::Void => {
                draw.unserved && (once || self.random.chance(30))
            }
            Some(_) => once || self.random.chance(45),
        };
        let slot = match before {
            Some(draw) if unserved => draw.slot,
            _ if once => None,
            _ => Some(SlotNo(self.random.below(SLOTS) as u16)),
        };
        self.encode(Action::CloseDraw { campaign: number, slot, unserved }, record);
    }

    /// Begins a round of alternates, or calls it off.
    fn alternates(
        &mut self,
        number: CampaignNo,
        campaign: &Campaign,
        begin: bool,
        record: &mut Vec<u8>,
    ) {
        let draw = DrawNo::from_index(campaign.draws.len());
        self.encode(Action::Alternates { campaign: number, draw, begin }, record);
    }

    fn event(
        &mut self,
        number: CampaignNo,
        campaign: &Campaign,
        event: DrawEvent,
        record: &mut Vec<u8>,
    ) {
        let draw = DrawNo::from_index(campaign.draws.len());
        let nth = campaign.draws.last().map_or(0, |draw| draw.events.len());
        let digest = Sha256([event.word().len() as u8 * 8 + nth as u8; 32]);
        self.encode(Action::DrawEvent { campaign: number, draw, event, digest }, record);
    }

    /// As many winners as there may be; now and then more, or nobody.
    fn announce(&mut self, number: CampaignNo, campaign: &Campaign) -> u32 {
        let most = self.winners(number, campaign).len() as u64;
        match self.random.below(40) {
            0 => u32::MAX,
            1 => campaign.entries_count() + 1,
            2 => 0,
            3 => most as u32 + 1,
            4..20 => most.min(1) as u32,
            _ => (1 + self.random.below(most.max(1))).min(most) as u32,
        }
    }

    fn award(&mut self, model: &Model, number: CampaignNo, record: &mut Vec<u8>) {
        let campaign = &model.campaigns[number.index()];
        let draw = campaign.draws.last().expect("it has winners to award");
        let left = u64::from(draw.announced - draw.awarded);
        let part = 1 + self.random.below(left.min(PART_MAX));
        let mut rows = self.winners(number, campaign);
        // Those who get nothing are few: now and then they win first.
        if self.random.chance(50) {
            let gets_none = |entry: &Entry| {
                let until = model.cooling_down_until(campaign, &entry.people, self.at);
                until.is_some() || !entry.is_live()
            };
            rows.sort_by_key(|(entry, _)| !gets_none(&campaign.entries[entry.index()]));
        }
        rows.truncate(part as usize);
        if rows.is_empty() {
            return self.event(number, campaign, DrawEvent::Void, record);
        }
        let mut first = draw.awarded;
        match self.random.below(40) {
            0 => first += 1,
            1 => first = u32::MAX,
            2 => rows.push(rows[0]),
            3 => rows[0].1 = self.wrong_pool(campaign),
            4 => rows[0].0 = self.loser(campaign),
            5 => rows = vec![rows[0]; left as usize + 1],
            // All who may have one place, which may not have as much.
            6 => {
                let pool = rows[0].1;
                let may_have = |index: &usize| {
                    may_win(campaign, *index) && self.may_get((number, campaign), *index, pool)
                };
                let rivals = (0..campaign.entries.len()).filter(may_have).take(left as usize);
                rows = rivals.map(|index| (EntryNo::from_index(index), pool)).collect();
            }
            _ => (),
        }
        encode_award((number, DrawNo::from_index(campaign.draws.len())), first, &rows, record);
    }

    /// Any step at any time.
    fn odd_step(&mut self, number: CampaignNo, campaign: &Campaign, record: &mut Vec<u8>) {
        // One that may not draw at all.
        let other = self.random.chance(15).then(|| self.campaign());
        let (asked, number) = (number, other.unwrap_or(number));
        let draw = DrawNo(self.random.below(campaign.draws.len() as u64 + 2) as u16);
        let draw =
            if self.random.chance(70) { DrawNo::from_index(campaign.draws.len()) } else { draw };
        let entries = self.random.below(12) as u32;
        let event = match self.random.below(10) {
            9 => {
                let begin = self.random.chance(50);
                return self.encode(Action::Alternates { campaign: number, draw, begin }, record);
            }
            0 => DrawEvent::Seal { entries },
            1 => DrawEvent::Opening,
            2 => DrawEvent::Seed,
            3 => DrawEvent::Result { winners: entries },
            4 => DrawEvent::Alternates { winners: entries },
            5 => {
                let slot = self.random.chance(60);
                let slot = slot.then(|| SlotNo(self.random.below(SLOTS + 1) as u16));
                let unserved = self.random.chance(50);
                let close = Action::CloseDraw { campaign: number, slot, unserved };
                return self.encode(close, record);
            }
            6 => return self.encode(Action::Publish { campaign: number }, record),
            7 => DrawEvent::Void,
            _ => {
                let pool = PoolNo(self.random.below(9) as u32);
                let is_due =
                    number == asked && self.may_get((number, campaign), entries as usize, pool);
                let rows = [(EntryNo(entries), if is_due { pool } else { NO_POOL })];
                return encode_award((number, draw), entries / 3, &rows, record);
            }
        };
        let digest = Sha256([self.random.below(4) as u8; 32]);
        self.encode(Action::DrawEvent { campaign: number, draw, event, digest }, record);
    }

    /// What has come once comes again, the same or with another digest.
    fn repeat(&mut self, number: CampaignNo, campaign: &Campaign, record: &mut Vec<u8>) {
        let again = |draw: &&Draw| !draw.events.is_empty() || 0 < draw.awarded;
        let Some(draw) = campaign.draws.last().filter(again) else {
            return self.enter(record);
        };
        let latest = DrawNo::from_index(campaign.draws.len());
        let winners = campaign.entries.iter().enumerate();
        let winners = winners.filter_map(|(index, entry)| {
            entry.pool().filter(|_| entry.listed).map(|pool| (EntryNo::from_index(index), pool))
        });
        let winners: Vec<_> = winners.take(draw.awarded as usize).collect();
        if !winners.is_empty() && self.random.chance(40) {
            let first = draw.awarded - winners.len() as u32;
            return encode_award((number, latest), first, &winners, record);
        }
        let Some(index) = (draw.events.len() as u64).checked_sub(1) else {
            return self.enter(record);
        };
        let (mut event, mut digest) = draw.events[self.random.below(index + 1) as usize];
        match self.random.below(3) {
            0 => digest.0[0] ^= 1,
            1 => {
                if let DrawEvent::Alternates { winners } | DrawEvent::Result { winners } =
                    &mut event
                {
                    *winners += 1;
                }
            }
            _ => (),
        }
        let action = Action::DrawEvent { campaign: number, draw: latest, event, digest };
        self.encode(action, record);
    }

    fn void(&mut self, number: CampaignNo, campaign: &Campaign, record: &mut Vec<u8>) {
        self.event(number, campaign, DrawEvent::Void, record);
    }

    fn lapse(&mut self, campaign: CampaignNo, record: &mut Vec<u8>) {
        let some = |generator: &mut Self, percent, end| {
            let some = generator.random.chance(percent);
            some.then(|| generator.random.below(end) as u16)
        };
        let outlet = some(self, 60, OUTLETS).map(OutletNo);
        let item = some(self, 30, 4).map(ItemNo);
        let slot = some(self, 70, SLOTS).map(SlotNo);
        self.encode(Action::Lapse { campaign, outlet, item, slot }, record);
    }

    /// People on the list of an item that is reserved, or not.
    fn reserve(&mut self, campaign: CampaignNo, record: &mut Vec<u8>) {
        let item = ItemNo(*self.random.pick(&[2, 2, 2, 2, 2, 2, 1, 3]));
        let field = *self.random.pick(&[0, 0, 0, 1, 2]);
        let list = ListKind::Reserved(item);
        let mut keys = self.people();
        keys.extend(self.people());
        self.encode(Action::List { campaign, list, field, keys }, record);
    }

    /// The same campaign, or one of its code with other items.
    fn load_draw_again(&mut self, campaign: &Campaign, record: &mut Vec<u8>) {
        let before = &campaign.definition;
        let mut definition = world::draw_campaign(&mut self.random, &before.code);
        definition.series.clone_from(&before.series);
        definition.calendar.clone_from(&before.calendar);
        definition.register.fields.clone_from(&before.register.fields);
        definition.register.registered_in.clone_from(&before.register.registered_in);
        if self.random.chance(30) {
            definition.items.truncate(2);
            definition.stock.retain(|stock| stock.item.index() < 2);
        }
        let mut guesses = self.campaigns.iter();
        let is_new = |guess: &Guess| guess.definition.code != before.code;
        assert!(!guesses.all(is_new), "it was loaded before");
        self.load(definition, record);
    }

    /// At the right outlet, for somebody who has units.
    fn hand_out(&mut self, number: CampaignNo, campaign: &Campaign, record: &mut Vec<u8>) {
        let entries = campaign.entries.iter().enumerate();
        let booked: Vec<(usize, PoolNo)> =
            entries.filter_map(|(index, entry)| entry.pool().map(|pool| (index, pool))).collect();
        if booked.is_empty() {
            return self.enter(record);
        }
        let (index, pool) = *self.random.pick(&booked);
        let redeem = Redeem {
            campaign: number,
            entry: EntryNo::from_index(index),
            outlet: campaign.pools[pool.index()].outlet,
            request: RequestId([self.random.below(3) as u8; 16]),
            actor: "counter 1",
        };
        redeem.encode(record);
    }

    /// Somebody on the list goes, who may have won.
    fn give_up(&mut self, number: CampaignNo, campaign: &Campaign, record: &mut Vec<u8>) {
        let entries = campaign.entries.iter().enumerate();
        let listed: Vec<usize> = entries
            .filter(|(_, entry)| entry.listed && entry.fate == Fate::Live)
            .map(|(index, _)| index)
            .collect();
        if listed.is_empty() {
            return self.enter(record);
        }
        let entry = EntryNo::from_index(*self.random.pick(&listed));
        Cancel { campaign: number, entry }.encode(record);
    }
}

/// Whether a draw that may still be void has a winner without units.
fn has_won_nothing(campaign: &Campaign) -> bool {
    let draw = campaign.draws.last();
    let mut entries = campaign.entries.iter();
    draw.is_some_and(|draw| !draw.was_published)
        && entries.any(|entry| entry.hidden && entry.pool().is_none())
}
