//! The edges of what a definition may be: the last value that is let through, and the first that
//! is not.

use crate::calendar::Calendar;
use crate::definition::SeriesTerm;
use crate::definition::{
    Allocate, Definition, DrawTerms, FieldKind, Fulfil, IdentityField, Item, Outlet, Pacing,
    Publish, Register, Reserved, Series, Slot, Stock, Texts, Window, turns_direction,
};
use crate::ids::{ItemNo, Millis, OutletNo, SlotNo};
use crate::limits;

/// The last moment there is.
const LAST: Millis = Millis(limits::MOMENT_MILLIS_END - 1);

/// One unit of one item at one outlet in one slot.
fn definition() -> Definition {
    Definition {
        code: "masks".into(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["en".into()],
        texts: texts(),
        items: vec![item("n95")],
        outlets: vec![outlet("1001")],
        slots: vec![slot(10, 20)],
        stock: vec![stock(0, 0, 0, 1)],
        register: Register {
            windows: vec![window(1, 2), window(2, 5)],
            fields: vec![field("id", true), field("name", false)],
            cap: None,
            units_min: 1,
            units_max: 1,
            choices_max: 1,
            reenter_after_cancel: false,
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

fn texts() -> Texts {
    let (title, summary, pickup, notice) = Default::default();
    Texts { title, summary, pickup, notice }
}

fn item(code: &str) -> Item {
    Item { code: code.into(), name: Default::default(), reserved: None }
}

fn outlet(code: &str) -> Outlet {
    let (name, district, address) = Default::default();
    Outlet { code: code.into(), name, district, address, position: None }
}

fn slot(from: u64, until: u64) -> Slot {
    let (from, until) = (Millis(from), Millis(until));
    Slot { code: format!("slot-{}", until.0), name: Default::default(), from, until }
}

const fn stock(outlet: u16, item: u16, slot: u16, units: u32) -> Stock {
    Stock { outlet: OutletNo(outlet), item: ItemNo(item), slot: SlotNo(slot), units }
}

const fn window(from: u64, until: u64) -> Window {
    Window { from: Millis(from), until: Millis(until) }
}

fn field(code: &str, unique: bool) -> IdentityField {
    let kind = FieldKind::Text { pattern: None };
    IdentityField { code: code.into(), kind, label: Default::default(), unique }
}

/// The part that is refused after a change; nothing when it is let through.
fn refused(change: impl FnOnce(&mut Definition)) -> Option<String> {
    let mut changed = definition();
    change(&mut changed);
    changed.check().err().map(|error| error.what)
}

#[track_caller]
fn allows(change: impl FnOnce(&mut Definition)) {
    assert_eq!(refused(change), None);
}

#[track_caller]
fn refuses(what: &str, change: impl FnOnce(&mut Definition)) {
    assert_eq!(refused(change).as_deref(), Some(what));
}

#[test]
fn codes_are_short_plain_and_stand_once() {
    allows(|_| ());
    let longest = "c".repeat(limits::CODE_CHARS_MAX);
    for code in ["0", "a-b_c.d", "Z9", &longest] {
        allows(|it| it.code = code.into());
    }
    for code in ["", "-a", ".a", "_a", "a b", "ä", "a/b", &format!("{longest}c")] {
        refuses("code", |it| it.code = code.into());
    }
    refuses("items", |it| it.items.push(item("n95")));
    refuses("items", |it| it.items.clear());
    refuses("outlets", |it| it.outlets.push(outlet("1001")));
    refuses("slots", |it| it.slots.push(slot(10, 20)));
    let items = |many: usize| (0..many).map(|no| item(&format!("item-{no}"))).collect();
    allows(|it| it.items = items(limits::ITEMS_MAX));
    refuses("items", |it| it.items = items(limits::ITEMS_MAX + 1));
    refuses("register.fields", |it| it.register.fields.push(field("id", false)));
}

#[test]
fn moments_are_in_order_and_not_beyond_the_last() {
    refuses("slots", |it| it.slots = vec![slot(10, 10)]);
    allows(|it| it.slots = vec![slot(10, 11)]);
    allows(|it| it.slots = vec![slot(10, LAST.0)]);
    refuses("slots", |it| it.slots = vec![slot(10, LAST.0 + 1)]);
    let windows = |windows: &[(u64, u64)]| {
        let windows = windows.iter().map(|(from, until)| window(*from, *until)).collect();
        move |it: &mut Definition| it.register.windows = windows
    };
    allows(windows(&[]));
    allows(windows(&[(1, 2), (2, 3)]));
    refuses("register.windows", windows(&[(1, 3), (2, 4)]));
    refuses("register.windows", windows(&[(1, 1)]));
    allows(windows(&[(1, LAST.0)]));
    refuses("register.windows", windows(&[(1, LAST.0 + 1)]));
    let many = |many: u64| (0..many).map(|no| (no, no + 1)).collect::<Vec<_>>();
    allows(windows(&many(limits::WINDOWS_MAX as u64)));
    refuses("register.windows", windows(&many(limits::WINDOWS_MAX as u64 + 1)));
    refuses("publish.at", |it| it.publish = Publish::At { at: Millis(4) });
    allows(|it| it.publish = Publish::At { at: Millis(5) });
    allows(|it| it.publish = Publish::At { at: LAST });
    refuses("publish.at", |it| it.publish = Publish::At { at: Millis(LAST.0 + 1) });
}

#[test]
fn stock_is_of_places_that_are_there_once_each() {
    for missing in [stock(1, 0, 0, 1), stock(0, 1, 0, 1), stock(0, 0, 1, 1)] {
        refuses("stock", |it| it.stock = vec![missing]);
    }
    allows(|it| it.stock = Vec::new());
    refuses("stock", |it| it.stock.push(stock(0, 0, 0, 2)));
    allows(|it| it.stock = vec![stock(0, 0, 0, limits::POOL_UNITS_MAX)]);
    refuses("stock", |it| it.stock = vec![stock(0, 0, 0, limits::POOL_UNITS_MAX + 1)]);
}

#[test]
fn numbers_stay_within_their_limits() {
    let units = |least: u8, most: u8| {
        move |it: &mut Definition| (it.register.units_min, it.register.units_max) = (least, most)
    };
    allows(units(2, 2));
    allows(units(1, limits::UNITS_PER_BOOKING_MAX));
    for units in [units(0, 1), units(2, 1), units(1, limits::UNITS_PER_BOOKING_MAX + 1)] {
        refuses("register.units", units);
    }
    let choices = limits::CHOICES_MAX as u8;
    allows(|it| it.register.choices_max = choices);
    refuses("register.choices_max", |it| it.register.choices_max = choices + 1);
    refuses("register.choices_max", |it| it.register.choices_max = 0);
    allows(|it| it.register.cap = Some(1));
    allows(|it| it.register.cap = Some(limits::ENTRIES_MAX));
    refuses("register.cap", |it| it.register.cap = Some(0));
    refuses("register.cap", |it| it.register.cap = Some(limits::ENTRIES_MAX + 1));
    allows(|it| it.pacing.release_percent = 1);
    refuses("pacing.release_percent", |it| it.pacing.release_percent = 0);
    refuses("pacing.release_percent", |it| it.pacing.release_percent = 101);
    allows(|it| it.pacing.admit_per_second = Some(1));
    refuses("pacing.admit_per_second", |it| it.pacing.admit_per_second = Some(0));
    let series = |code: &str, cool_down_days| Some(Series { code: code.into(), cool_down_days });
    allows(|it| it.series = series("city", limits::COOL_DOWN_DAYS_MAX));
    refuses("series.cool_down_days", |it| {
        it.series = series("city", limits::COOL_DOWN_DAYS_MAX + 1);
    });
    refuses("series.code", |it| it.series = series("", 1));
    refuses("calendar", |it| it.calendar.offsets.clear());
    refuses("languages", |it| it.languages.clear());
    refuses("languages", |it| it.languages = vec!["en".into(); limits::LANGUAGES_MAX + 1]);
}

#[test]
fn people_are_known_by_one_to_four_unique_fields() {
    let unique = |many: usize| {
        let fields = (0..many).map(|no| field(&format!("field-{no}"), true));
        let fields = fields.chain([field("name", false)]).collect();
        move |it: &mut Definition| it.register.fields = fields
    };
    refuses("register.fields", unique(0));
    allows(unique(1));
    allows(unique(limits::UNIQUE_FIELDS_MAX));
    refuses("register.fields", unique(limits::UNIQUE_FIELDS_MAX + 1));
}

#[test]
fn names_and_numbers_are_not_mixed_up() {
    let many = |most: usize| (0..most).map(|no| no.to_string());
    allows(|it| it.outlets = many(limits::OUTLETS_MAX).map(|code| outlet(&code)).collect());
    refuses("outlets", |it| {
        it.outlets = many(limits::OUTLETS_MAX + 1).map(|code| outlet(&code)).collect();
    });
    refuses("outlets", |it| it.outlets.clear());
    refuses("slots", |it| it.slots.clear());
    let fields =
        |most: usize| -> Vec<_> { many(most).map(|code| field(&code, code == "0")).collect() };
    allows(|it| it.register.fields = fields(limits::IDENTITY_FIELDS_MAX));
    refuses("register.fields", |it| it.register.fields = fields(limits::IDENTITY_FIELDS_MAX + 1));
    allows(|it| it.languages = vec!["en".into(); limits::LANGUAGES_MAX]);
}

#[test]
fn campaigns_of_a_series_agree_in_its_terms() {
    let series = |code: &str, cool_down_days| Some(Series { code: code.into(), cool_down_days });
    let base = || Definition { series: series("city", 10), ..definition() };
    let differs = |change: &dyn Fn(&mut Definition)| {
        let mut other = base();
        change(&mut other);
        let terms: Vec<_> = base().differs_in_series(&other).collect();
        assert_eq!(base().agrees_in_series(&other), terms.is_empty());
        terms
    };
    assert_eq!(differs(&|it| it.code = "other".into()), []);
    assert_eq!(differs(&|it| it.series = series("city", 11)), [SeriesTerm::CoolDown]);
    assert_eq!(
        differs(&|it| it.register.fields[0].code = "phone".into()),
        [SeriesTerm::UniqueFields]
    );
    assert_eq!(differs(&|it| it.register.fields[1].code = "phone".into()), []);
    assert_eq!(differs(&|it| it.calendar.zone = "Asia/Urumqi".into()), [SeriesTerm::TimeZone]);
    assert_eq!(differs(&|it| it.publish = Publish::At { at: LAST }), [SeriesTerm::HeldBack]);
    let of_none =
        |it: &mut Definition| (it.series, it.calendar.zone) = (None, "Asia/Urumqi".into());
    assert_eq!(differs(&of_none), [], "one of a series, one of none");
    let (mut one, mut other) = (definition(), definition());
    other.calendar.zone = "Asia/Urumqi".into();
    assert!(one.agrees_in_series(&other), "both of none");
    (one.series, other.series) = (series("city", 1), series("county", 1));
    assert!(one.agrees_in_series(&other), "of two series");
}

#[test]
fn a_person_has_the_same_keys_within_a_series_or_a_campaign() {
    let series = Some(Series { code: "city".into(), cool_down_days: 1 });
    let (mut one, mut other) = (definition(), definition());
    assert!(one.shares_person_keys(&other), "the same campaign");
    other.code = "other".into();
    assert!(!one.shares_person_keys(&other), "two campaigns of no series");
    other.series = series.clone();
    assert!(!one.shares_person_keys(&other), "of a series and of none");
    other.code = one.code.clone();
    assert!(!one.shares_person_keys(&other), "though of one code");
    other.code = "other".into();
    one.series = series;
    assert!(one.shares_person_keys(&other), "two campaigns of one series");
    let fields = other.register.fields.clone();
    other.register.fields[0].kind = FieldKind::ResidentId;
    assert!(!one.shares_person_keys(&other), "fields of two kinds");
    other.register.fields = fields;
    other.register.fields[1].unique = true;
    assert!(!one.shares_person_keys(&other), "one field and two");
}

#[test]
fn outcomes_are_held_back_unless_they_are_told_at_once() {
    let held_back = |publish| Definition { publish, ..definition() }.is_held_back();
    assert!(!held_back(Publish::AtOnce));
    assert!(held_back(Publish::At { at: LAST }) && held_back(Publish::ByHand { expected: None }));
}

#[test]
fn characters_that_turn_text_are_known() {
    assert!(['\u{61c}', '\u{200e}', '\u{202e}', '\u{2066}'].into_iter().all(turns_direction));
    assert!(!['a', '口', 'ש', '\u{200d}', '\u{2065}'].into_iter().any(turns_direction));
}

/// The same, drawn once for all.
fn drawn() -> Definition {
    let terms = DrawTerms { stand_days: None, tickets_max: 1, accept_any: false, group_max: 1 };
    Definition {
        allocate: Allocate::Draw(terms),
        publish: Publish::ByHand { expected: None },
        ..definition()
    }
}

fn terms(change: impl FnOnce(&mut DrawTerms)) -> Definition {
    let mut definition = drawn();
    let Allocate::Draw(terms) = &mut definition.allocate else { unreachable!("it draws") };
    change(terms);
    definition
}

#[test]
fn the_terms_of_a_draw_have_their_edges() {
    assert_eq!(drawn().check(), Ok(()));
    for (definition, what) in [
        (Definition { publish: Publish::AtOnce, ..drawn() }, "publish"),
        (terms(|terms| terms.stand_days = Some(0)), "allocate.stand_days"),
        (terms(|terms| terms.stand_days = Some(limits::STAND_DAYS_MAX + 1)), "allocate.stand_days"),
        (terms(|terms| terms.tickets_max = 0), "allocate.tickets_max"),
        (terms(|terms| terms.tickets_max = limits::DRAW_TICKETS_MAX + 1), "allocate.tickets_max"),
        (terms(|terms| terms.group_max = 0), "allocate.group_max"),
        (terms(|terms| terms.group_max = limits::DRAW_UNITS_MAX + 1), "allocate.group_max"),
    ] {
        assert_eq!(definition.check().unwrap_err().what, what);
    }
    let most = terms(|terms| {
        terms.stand_days = Some(limits::STAND_DAYS_MAX);
        terms.tickets_max = limits::DRAW_TICKETS_MAX;
        terms.group_max = limits::DRAW_UNITS_MAX;
    });
    assert_eq!(most.check(), Ok(()));
    let mut units = drawn();
    units.register.units_max = limits::DRAW_UNITS_MAX;
    assert_eq!(units.check(), Ok(()));
    units.register.units_max += 1;
    assert_eq!(units.check().unwrap_err().what, "register.units");
}

#[test]
fn no_two_places_of_a_draw_have_one_bucket() {
    let mut definition = drawn();
    definition.items = vec![item("n95"), item("N95")];
    assert_eq!(definition.check().unwrap_err().what, "items");
    definition.items = vec![item("n-95")];
    assert_eq!(definition.check().unwrap_err().what, "items");
    definition.items = vec![item("n95")];
    definition.outlets = vec![outlet("a"), outlet("A")];
    assert_eq!(definition.check().unwrap_err().what, "outlets");
    let long = |length: usize| vec![outlet(&"a".repeat(length))];
    definition.items = vec![item(&"i".repeat(20))];
    definition.outlets = long(43);
    assert_eq!(definition.check(), Ok(()), "43 and 20 and what joins them");
    definition.outlets = long(44);
    assert_eq!(definition.check().unwrap_err().what, "outlets");
}

#[test]
fn a_reserved_item_is_a_part_of_a_whole_one() {
    let part = |of, tranche: &str| {
        let reserved = Some(Reserved { of: ItemNo(of), tranche: tranche.into() });
        Item { reserved, ..item(&format!("part{tranche}{of}")) }
    };
    let with =
        |parts: Vec<Item>| Definition { items: [vec![item("n95")], parts].concat(), ..drawn() };
    let parts = with(vec![part(0, "65"), part(0, "A.B_C-D")]);
    assert_eq!(parts.check().unwrap_err().what, "items", "a code has no '-'");
    let fine = with(vec![part(0, "65"), part(0, "KIDS")]);
    assert_eq!(fine.check(), Ok(()));
    let bucket = |item| fine.bucket(OutletNo(0), ItemNo(item), SlotNo(0));
    assert_eq!((bucket(0), bucket(1)), ("1001-N95".into(), "1001-N95#65".into()));
    for wrong in [
        vec![part(1, "65")],
        vec![part(9, "65")],
        vec![part(0, "65"), part(0, "65")],
        vec![part(0, "")],
        vec![part(0, "kids")],
        vec![part(0, &"9".repeat(limits::DRAW_TRANCHE_CHARS_MAX + 1))],
    ] {
        assert!(with(wrong).check().is_err());
    }
    let mut first_come = fine;
    first_come.allocate = Allocate::FirstCome;
    assert_eq!(first_come.check().unwrap_err().what, "items.reserved");
}

#[test]
fn only_another_campaign_of_the_series_gives_its_people() {
    let city = || Some(Series { code: "city".into(), cool_down_days: 0 });
    let named = |code: &str| Some(code.to_owned());
    let names = |it: &mut Definition, code: &str| {
        (it.series, it.register.registered_in) = (city(), named(code));
    };
    allows(|it| names(it, "reserve"));
    for code in ["masks", "", "a b"] {
        refuses("register.registered_in", |it| names(it, code));
    }
    refuses("register.registered_in", |it| it.register.registered_in = named("reserve"));
}

/// Definitions of builds that did not know the key are what they were, byte by byte.
#[test]
fn whoever_takes_everybody_does_not_say_so() {
    let mut definition = definition();
    let json = serde_json::to_string(&definition).unwrap();
    assert!(!json.contains("registered_in"), "{json}");
    assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), definition);
    definition.register.registered_in = Some("reserve".into());
    let json = serde_json::to_string(&definition).unwrap();
    assert!(json.contains(r#""allow_list":false,"registered_in":"reserve"}"#), "{json}");
    assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), definition);
}
