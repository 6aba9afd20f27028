//! Campaigns that draw: once for all, and again and again.

use super::{OUTLETS, SLOTS, campaign, stock, text};
use crate::generate::random::Random;
use types::definition::{Item, Reserved, Series};
use types::{Allocate, Definition, DrawTerms, ItemNo, Publish};

/// What is reserved: the item behind the others.
const RESERVED: u16 = 2;

/// Two campaigns of one series, which may be that of the world's first where results are held back.
pub(crate) fn draw_campaigns(random: &mut Random, first: &Definition) -> Vec<Definition> {
    let cool_down_days = *random.pick(&[0, 1, 4, 9, 30]);
    let own = Series { code: "lots".into(), cool_down_days };
    let joins = first.is_held_back() && random.chance(50);
    let series = if joins { first.series.clone() } else { Some(own) };
    let draws = ["once", "daily"].map(|code| {
        let mut campaign = draw_campaign(random, code);
        campaign.series.clone_from(&series);
        campaign.register.fields.clone_from(&first.register.fields);
        campaign.calendar = first.calendar.clone();
        campaign
    });
    draws.into()
}

/// A sound campaign that draws, by its code once for all or daily.
pub(crate) fn draw_campaign(random: &mut Random, code: &str) -> Definition {
    let mut draws = campaign(random, code);
    let once = code == "once";
    let item = |number: u16| {
        let code = format!("item{number}");
        Item { name: text(&code), code, reserved: None }
    };
    draws.items = (0..RESERVED).map(item).collect();
    if random.chance(70) {
        let reserved = Some(Reserved { of: ItemNo(0), tranche: "65".into() });
        draws.items.push(Item { reserved, ..item(RESERVED) });
        let units = random.below(4) as u32;
        let slot = random.below(SLOTS) as u16;
        draws.stock.push(stock(random.below(OUTLETS) as u16, RESERVED, slot, units));
    }
    for (number, slot) in draws.slots.iter_mut().enumerate() {
        slot.code = format!("slot{number}");
    }
    draws.stock.iter_mut().for_each(|stock| stock.units += random.below(5) as u32);
    draws.publish = Publish::ByHand { expected: None };
    draws.register.cap = draws.register.cap.filter(|_| once);
    draws.register.allow_list &= random.chance(30);
    draws.allocate = Allocate::Draw(DrawTerms {
        stand_days: (!once).then(|| 1 + random.below(3) as u16),
        tickets_max: 1 + random.below(4) as u8,
        accept_any: random.chance(60),
        group_max: 1 + random.below(3) as u8,
    });
    draws
}
