//! A small campaign, its bookings, and people that can be opened.

use handover::{Booking, Fate, Format, HandoverError, Layout, Mark, People, Request, Summary};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use types::definition::{
    Allocate, Fulfil, IdentityField, Item, LocalText, Outlet, Pacing, Register, Slot, Texts,
};
use types::{Calendar, Definition, EntryNo, FieldKind, FrameNo, ItemNo, Millis, OutletNo};
use types::{Publish, SlotNo};

/// 2030-02-01T12:00:00Z: eight in the evening in Shanghai.
pub(crate) const EVENING: Millis = Millis(1_896_177_600_000);

pub(crate) fn text(words: &str) -> LocalText {
    BTreeMap::from([("zh-CN".to_owned(), words.to_owned())])
}

fn field(code: &str, kind: FieldKind, unique: bool) -> IdentityField {
    IdentityField { code: code.to_owned(), kind, label: text(code), unique }
}

fn outlet(code: &str, name: &str) -> Outlet {
    let district = text("港东区");
    let address = text("灯塔路1号");
    Outlet { code: code.to_owned(), name: text(name), district, address, position: None }
}

pub(crate) fn definition() -> Definition {
    let slot = |code: &str, hour: u64| Slot {
        code: code.to_owned(),
        name: text(code),
        from: EVENING.plus(hour * 3_600_000),
        until: EVENING.plus((hour + 4) * 3_600_000),
    };
    Definition {
        code: "masks".to_owned(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["zh-CN".to_owned()],
        texts: Texts {
            title: text("口罩预约"),
            summary: text("示例"),
            pickup: text("带证件"),
            notice: LocalText::new(),
        },
        items: vec![
            Item { code: "n95".to_owned(), name: text("N95"), reserved: None },
            Item { code: "kn90".to_owned(), name: text("KN90"), reserved: None },
        ],
        outlets: vec![outlet("A01", "灯塔药房"), outlet("a01", "=潮门药房"), outlet("B02", "空")],
        slots: vec![slot("am", 13), slot("pm", 18)],
        stock: Vec::new(),
        register: Register {
            windows: Vec::new(),
            fields: vec![
                field("name", FieldKind::Text { pattern: None }, false),
                field("phone", FieldKind::Phone { region: "CN".to_owned() }, true),
            ],
            cap: None,
            units_min: 1,
            units_max: 5,
            choices_max: 1,
            reenter_after_cancel: true,
            allow_list: false,
            registered_in: None,
        },
        allocate: Allocate::FirstCome,
        publish: Publish::AtOnce,
        fulfil: Fulfil::Pickup { whole_day: true },
        pacing: Pacing {
            release_percent: 100,
            retry_seconds: 1,
            poll_seconds: 1,
            jitter_seconds: 0,
            admit_per_second: None,
        },
    }
}

pub(crate) fn booking(entry: u32, outlet: u16, slot: u16, item: u16, fate: Fate) -> Booking {
    Booking {
        outlet: OutletNo(outlet),
        slot: SlotNo(slot),
        item: ItemNo(item),
        units: 5,
        entry: EntryNo(entry),
        at: EVENING.plus(u64::from(entry) * 1_000),
        fate,
        frame: FrameNo(u64::from(entry) + 1),
        offset: 0,
        identity: [0; 8],
    }
}

/// Four bookings at two outlets; one redeemed, one cancelled.
pub(crate) fn bookings() -> Vec<Booking> {
    vec![
        booking(3, 1, 0, 0, Fate::Waiting),
        booking(0, 0, 1, 0, Fate::Waiting),
        booking(2, 0, 0, 1, Fate::Redeemed(EVENING.plus(46_800_000))),
        booking(1, 0, 0, 0, Fate::Cancelled(EVENING.plus(60_000))),
        booking(4, 0, 0, 0, Fate::Waiting),
    ]
}

/// People whose names depend on their number; number 5 tries to be a formula.
pub(crate) struct Known;

impl People for Known {
    fn are_known(&self) -> bool {
        true
    }

    fn open(&mut self, booking: &Booking, fields: &mut Vec<String>) -> Result<(), HandoverError> {
        let number = booking.entry.0;
        let name =
            if number == 4 { "=HYPERLINK(\"x\",\"y\")".to_owned() } else { format!("张{number}") };
        fields.clear();
        fields.extend([name, format!("+861380000{number:04}")]);
        Ok(())
    }

    fn code(&self, entry: EntryNo) -> String {
        format!("AAAAA-AAAA{}", entry.0)
    }
}

/// People nobody can open any more.
pub(crate) struct Unknown;

impl People for Unknown {
    fn are_known(&self) -> bool {
        false
    }

    fn open(&mut self, _: &Booking, _: &mut Vec<String>) -> Result<(), HandoverError> {
        panic!("shredded people are never opened");
    }

    fn code(&self, entry: EntryNo) -> String {
        Known.code(entry)
    }
}

pub(crate) fn request<'a>(
    definition: &'a Definition,
    form: (Format, Layout),
    since: Option<Mark>,
    scratch: &'a Path,
) -> Request<'a> {
    Request {
        definition,
        at: EVENING.plus(86_400_000),
        format: form.0,
        layout: form.1,
        since,
        rows: &[],
        is_published: true,
        is_shredded: false,
        scratch,
    }
}

/// Exports the small campaign into memory.
pub(crate) fn export(form: (Format, Layout), since: Option<Mark>) -> (Vec<u8>, Summary) {
    let scratch = tempfile::tempdir().unwrap();
    let definition = definition();
    let request = request(&definition, form, since, scratch.path());
    let mut file = Vec::new();
    let summary = hand_over(&request, bookings(), &mut Known, &mut file).unwrap();
    (file, summary)
}

/// Exports what the request selects of the bookings, put in order.
pub(crate) fn hand_over<W: Write + Send>(
    request: &Request<'_>,
    mut bookings: Vec<Booking>,
    people: &mut dyn People,
    to: W,
) -> Result<Summary, HandoverError> {
    bookings.retain(|booking| request.selects(booking));
    bookings.sort_unstable_by_key(Booking::order);
    let mut rows = vec![0; request.definition.outlets.len()];
    bookings.iter().for_each(|booking| rows[booking.outlet.index()] += 1);
    let request = Request { rows: &rows, ..*request };
    handover::export(&request, &mut bookings.into_iter().map(Ok), people, to)
}
