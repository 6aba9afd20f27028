//! Small worlds: three campaigns, two of them in one series, few people and fewer units.
//!
//! Owns: the campaigns of a seed, and the moments at which something changes in one.

mod lots;

pub(super) use lots::{draw_campaign, draw_campaigns};

use super::HOUR;
use super::random::Random;
use std::collections::BTreeMap;
use types::calendar::Offset;
use types::definition::{
    Allocate, Fulfil, IdentityField, Item, Outlet, Pacing, Register, Series, Slot, Stock, Texts,
    Window,
};
use types::{
    Calendar, Definition, FieldKind, ItemNo, LocalText, Millis, OutletNo, Publish, SlotNo,
};

/// 2020-02-01T00:00:00+08:00.
pub(super) const BEGIN: Millis = Millis(1_580_486_400_000);
/// Outlets of a campaign.
pub(super) const OUTLETS: u64 = 2;
/// Items of a campaign.
pub(super) const ITEMS: u64 = 2;
/// Slots of a campaign.
pub(super) const SLOTS: u64 = 2;
/// Pools a campaign can have.
pub(super) const POOLS: u64 = OUTLETS * ITEMS * SLOTS;
/// People in the world.
pub(super) const PEOPLE: u64 = 16;

/// The smallest sound campaign: one unit of one item at one outlet on 2020-02-02, first come,
/// published at once, opened by hand, one resident ID a person.
#[must_use]
pub fn definition(code: &str) -> Definition {
    let slot = Slot {
        code: "day".into(),
        name: text("day"),
        from: BEGIN.plus(33 * HOUR),
        until: BEGIN.plus(42 * HOUR),
    };
    Definition {
        code: code.into(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["en".into()],
        texts: Texts {
            title: text(code),
            summary: text("Masks"),
            pickup: text("Bring the code"),
            notice: text(""),
        },
        items: vec![Item { code: "mask".into(), name: text("mask"), reserved: None }],
        outlets: vec![outlet(0)],
        slots: vec![slot],
        stock: vec![stock(0, 0, 0, 1)],
        register: Register {
            windows: Vec::new(),
            fields: vec![field("id", FieldKind::ResidentId, true)],
            cap: None,
            units_min: 1,
            units_max: 1,
            choices_max: 1,
            reenter_after_cancel: true,
            allow_list: false,
            registered_in: None,
        },
        allocate: Allocate::FirstCome,
        publish: Publish::AtOnce,
        fulfil: Fulfil::Pickup { whole_day: false },
        pacing: Pacing {
            release_percent: 100,
            retry_seconds: 5,
            poll_seconds: 5,
            jitter_seconds: 2,
            admit_per_second: None,
        },
    }
}

/// The campaigns of a world, in the order of loading; the first two share a series.
pub(super) fn campaigns(random: &mut Random) -> Vec<Definition> {
    let fields = fields(random);
    let cool_down_days = *random.pick(&[0, 1, 1, 2, 3]);
    let calendar = calendar(random);
    let shared_is_held_back = random.chance(50);
    let mut campaigns = Vec::new();
    for code in ["masks-1", "masks-2", "gloves"] {
        let mut campaign = campaign(random, code);
        if code != "gloves" {
            campaign.series = Some(Series { code: "masks".into(), cool_down_days });
            campaign.register.fields.clone_from(&fields);
            campaign.calendar = calendar.clone();
            if shared_is_held_back != campaign.is_held_back() {
                campaign.publish = publish(random, shared_is_held_back, &campaign.register);
            }
        }
        campaigns.push(campaign);
    }
    campaigns
}

/// A sound campaign of small numbers.
pub(super) fn campaign(random: &mut Random, code: &str) -> Definition {
    let units_min = 1 + random.below(2) as u8;
    let register = Register {
        windows: windows(random),
        fields: fields(random),
        cap: random.chance(30).then(|| 4 + random.below(20) as u32),
        units_min,
        units_max: units_min + random.below(3) as u8,
        choices_max: 1 + random.below(3) as u8,
        reenter_after_cancel: random.chance(60),
        allow_list: random.chance(12),
        registered_in: None,
    };
    let held_back = random.chance(50);
    let publish = publish(random, held_back, &register);
    Definition {
        calendar: calendar(random),
        items: (0..ITEMS).map(item).collect(),
        outlets: (0..OUTLETS).map(outlet).collect(),
        slots: slots(random),
        stock: stocks(random),
        register,
        publish,
        fulfil: Fulfil::Pickup { whole_day: random.chance(40) },
        ..definition(code)
    }
}

/// The moments at which something changes in a campaign: windows, slots, publication, and the days
/// of the world's first month; in no order.
#[must_use]
pub fn edges(definition: &Definition) -> Vec<Millis> {
    let windows = definition.register.windows.iter().flat_map(|window| [window.from, window.until]);
    let slots = definition.slots.iter().flat_map(|slot| [slot.from, slot.until]);
    let publication = match definition.publish {
        Publish::At { at } => Some(at),
        Publish::AtOnce | Publish::ByHand { .. } => None,
    };
    let first = definition.calendar.day(BEGIN).0;
    let days = (first..first + 30).map(|day| definition.calendar.day_start(types::LocalDay(day)));
    windows.chain(slots).chain(publication).chain(days).collect()
}

/// One to three windows, one after another; or none.
fn windows(random: &mut Random) -> Vec<Window> {
    let mut from = BEGIN.plus(random.below(3 * HOUR));
    (0..random.below(4))
        .map(|_| {
            let until = from.plus(HOUR + random.below(60 * HOUR));
            let window = Window { from, until };
            from = until.plus(random.below(2) * random.below(12 * HOUR));
            window
        })
        .collect()
}

fn publish(random: &mut Random, held_back: bool, register: &Register) -> Publish {
    let last = register.windows.last().map_or(BEGIN, |window| window.until);
    match random.below(2) {
        _ if !held_back => Publish::AtOnce,
        0 => Publish::At { at: last.plus(random.below(2) * random.below(30 * HOUR)) },
        _ => Publish::ByHand { expected: None },
    }
}

fn calendar(random: &mut Random) -> Calendar {
    match random.below(4) {
        0 => Calendar::fixed("America/Lima", -5 * 3_600),
        // A zone that puts its clocks forward in the second night.
        1 => Calendar {
            zone: "Test/Moving".into(),
            offsets: vec![
                Offset { from: Millis(0), seconds: 3_600 },
                Offset { from: BEGIN.plus(36 * HOUR), seconds: 7_200 },
            ],
        },
        _ => Calendar::fixed("Asia/Shanghai", 8 * 3_600),
    }
}

/// One or two unique fields and one that is not.
fn fields(random: &mut Random) -> Vec<IdentityField> {
    let phone = FieldKind::Phone { region: "CN".into() };
    let both = random.chance(70);
    vec![
        field("id", FieldKind::ResidentId, true),
        field("name", FieldKind::Text { pattern: None }, false),
        field("phone", phone, both),
    ]
}

/// Half a day to five days each, from within the first two days.
fn slots(random: &mut Random) -> Vec<Slot> {
    (0..SLOTS)
        .map(|number| {
            let from = BEGIN.plus(random.below(2 * 24) * HOUR);
            let until = from.plus(12 * HOUR + random.below(108 * HOUR));
            let code = format!("slot-{number}");
            Slot { name: text(&code), code, from, until }
        })
        .collect()
}

/// Some of all the pools there can be, with few units.
fn stocks(random: &mut Random) -> Vec<Stock> {
    let mut stocks = Vec::new();
    for place in 0..POOLS {
        if random.chance(60) {
            let [outlet, item, slot] = place_of(place);
            stocks.push(stock(outlet, item, slot, random.below(7) as u32));
        }
    }
    stocks
}

/// Outlet, item and slot of the n-th pool there can be.
pub(super) const fn place_of(place: u64) -> [u16; 3] {
    let outlet = place % OUTLETS;
    let item = place / OUTLETS % ITEMS;
    let slot = place / OUTLETS / ITEMS % SLOTS;
    [outlet as u16, item as u16, slot as u16]
}

const fn stock(outlet: u16, item: u16, slot: u16, units: u32) -> Stock {
    Stock { outlet: OutletNo(outlet), item: ItemNo(item), slot: SlotNo(slot), units }
}

fn item(number: u64) -> Item {
    let code = format!("item-{number}");
    Item { name: text(&code), code, reserved: None }
}

fn outlet(number: u64) -> Outlet {
    let code = format!("outlet-{number}");
    let (district, address) = (text("North"), text("1 Main Road"));
    Outlet { name: text(&code), code, district, address, position: None }
}

fn field(code: &str, kind: FieldKind, unique: bool) -> IdentityField {
    IdentityField { code: code.into(), kind, label: text(code), unique }
}

fn text(english: &str) -> LocalText {
    BTreeMap::from([("en".to_owned(), english.to_owned())])
}
