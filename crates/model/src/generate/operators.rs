//! Operators' actions: every one of them, mostly sensible.

use super::world::{self, ITEMS, OUTLETS, POOLS, SLOTS};
use super::{Generator, Guess};
use types::{
    Action, CampaignNo, Definition, ItemNo, ListKind, OperatorCommand, OutletNo, Publish, SlotNo,
    StockMode, StockRow, limits,
};

impl Generator {
    pub(super) fn operate(&mut self, record: &mut Vec<u8>) {
        let campaign = self.campaign();
        if let Some(action) = self.take_over(campaign) {
            return self.encode(action, record);
        }
        let action = match self.random.below(100) {
            0..8 => return self.load_again(record),
            8..24 => self.stock(campaign),
            24..44 => Action::Open { campaign },
            44..48 => Action::Pause { campaign },
            48..58 => Action::Resume { campaign },
            58..62 => Action::Close { campaign },
            62..70 => Action::Publish { campaign },
            70..78 => self.cap(campaign),
            78..84 => self.withdraw(campaign),
            84..91 => self.list(campaign),
            91..99 => self.export(campaign),
            _ if self.random.chance(50) => Action::Shred { campaign },
            _ => Action::Close { campaign },
        };
        self.encode(action, record);
    }

    /// A campaign as planned.
    pub(super) fn load(&mut self, definition: Definition, record: &mut Vec<u8>) {
        let code = &definition.code;
        let known = self.campaigns.iter_mut().find(|guess| guess.definition.code == *code);
        match known {
            Some(guess) if guess.sent == 0 => guess.definition = definition.clone(),
            Some(_) => (),
            None => self.campaigns.push(Guess { definition: definition.clone(), sent: 0 }),
        }
        self.encode(Action::Load { definition: Box::new(definition) }, record);
    }

    /// A campaign whose code may be taken, or that does not fit, or is not sound.
    fn load_again(&mut self, record: &mut Vec<u8>) {
        let codes = ["masks-1", "masks-2", "gloves", "gloves", "late", "late"];
        let code = *self.random.pick(&codes);
        let mut definition = world::campaign(&mut self.random, code);
        let series = self.campaigns[0].definition.series.clone();
        if code != "gloves" {
            definition.series = series;
            let first = &self.campaigns[0].definition;
            definition.register.fields.clone_from(&first.register.fields);
            if first.is_held_back() != definition.is_held_back() {
                let by_hand = Publish::ByHand { expected: None };
                definition.publish = if first.is_held_back() { by_hand } else { Publish::AtOnce };
            }
        }
        match self.random.below(6) {
            0 => {
                if let Some(series) = &mut definition.series {
                    series.cool_down_days += 1;
                }
            }
            1 => definition.register.fields.rotate_left(1),
            2 => definition.publish = Publish::AtOnce,
            3 => {
                definition.slots[0].until = definition.slots[0].from;
                return self.encode(Action::Load { definition: Box::new(definition) }, record);
            }
            _ => (),
        }
        self.name_any(&mut definition);
        self.load(definition, record);
    }

    fn stock(&mut self, campaign: CampaignNo) -> Action {
        let mode = *self.random.pick(&[StockMode::Replace, StockMode::Add, StockMode::Add]);
        let few = self.random.chance(20);
        let mut rows: Vec<StockRow> = Vec::new();
        for place in 0..POOLS {
            if self.random.chance(if few { 20 } else { 70 }) {
                let [outlet, item, slot] = world::place_of(place);
                let (outlet, item, slot) = (OutletNo(outlet), ItemNo(item), SlotNo(slot));
                rows.push(StockRow { outlet, item, slot, units: self.random.below(9) as u32 });
            }
        }
        if self.random.chance(50) {
            rows.reverse();
        }
        if let Some(row) = rows.first().copied() {
            match self.random.below(30) {
                0 => rows.push(row),
                1 => rows[0].outlet = OutletNo(OUTLETS as u16),
                // Two reasons at once: which comes first must not depend on the order of rows.
                6 => rows.extend([row, StockRow { item: ItemNo(ITEMS as u16), ..row }]),
                2 => rows[0].item = ItemNo(ITEMS as u16),
                3 => rows[0].slot = SlotNo(SLOTS as u16),
                4 => rows[0].units = limits::POOL_UNITS_MAX,
                5 => rows[0].units = u32::MAX,
                _ => (),
            }
        }
        Action::Stock { campaign, mode, rows }
    }

    fn cap(&mut self, campaign: CampaignNo) -> Action {
        let entries = match self.random.below(20) {
            0 => Some(0),
            1 => Some(limits::ENTRIES_MAX + 1),
            2..6 => None,
            6..12 => Some(1 + self.random.below(6) as u32),
            _ => Some(5 + self.random.below(40) as u32),
        };
        Action::Cap { campaign, entries }
    }

    fn withdraw(&mut self, campaign: CampaignNo) -> Action {
        let number = |generator: &mut Self, end: u64| {
            let some = generator.random.chance(50);
            let beyond = u64::from(generator.random.chance(4));
            some.then(|| generator.random.below(end + beyond) as u16)
        };
        let outlet = number(self, OUTLETS).map(OutletNo);
        let item = number(self, ITEMS).map(ItemNo);
        let slot = number(self, SLOTS).map(SlotNo);
        let units = self.random.chance(70).then(|| self.random.below(4) as u32);
        Action::Withdraw { campaign, outlet, item, slot, units }
    }

    fn list(&mut self, campaign: CampaignNo) -> Action {
        let guess = self.campaigns.get(campaign.index());
        let allow = guess.is_some_and(|guess| guess.definition.register.allow_list);
        let percent = if allow { 75 } else { 10 };
        let list = if self.random.chance(percent) { ListKind::Allow } else { ListKind::Block };
        let field = *self.random.pick(&[0, 0, 0, 0, 1, 1, 2]);
        let mut keys = self.people();
        // A block list that grows as fast as an allow list would end every sequence early.
        if list == ListKind::Block {
            keys.truncate(1);
        }
        Action::List { campaign, list, field, keys }
    }

    fn export(&mut self, campaign: CampaignNo) -> Action {
        let bookings = self.random.below(10) as u32;
        let checksum = format!("{:064x}", self.random.number());
        Action::Export { campaign, bookings, checksum, seen: None }
    }

    pub(super) fn encode(&mut self, action: Action, record: &mut Vec<u8>) {
        let actor = (*self.random.pick(&["duty officer", "deputy"])).to_owned();
        // Commands of builds that did not say from where are in journals, too.
        let from = (actor == "duty officer").then(|| "203.0.113.7".to_owned());
        let command = OperatorCommand { actor, from, reason: "planned".into(), action };
        command.encode(record).expect("small worlds have small definitions");
    }
}
