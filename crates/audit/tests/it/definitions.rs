//! Operators' records and definitions: read and judged as the engine does, by other code.

use crate::drawn::drawing;
use crate::support::{DAY, START, definition, operator, shown};
use audit::record::Records;
use audit::{Books, Claim, Command};
use ledger::Ledger;
use serde_json::{Value, json};
use types::ids::{FrameNo, Millis};
use types::limits;

/// What both make of one operator's record.
fn both(record: &[u8]) -> [Option<types::OperatorCommand>; 2] {
    let own = match Records::new(record).next().unwrap().1 {
        Ok(Command::Operator(command)) => Some(*command),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    };
    let theirs = match types::Command::decode(&record[4..]) {
        Ok(types::Command::Operator(command)) => Some(*command),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    };
    [own, theirs]
}

fn actions() -> Vec<Value> {
    let publish = |publish: Value| definition("all", publish, json!(null));
    let mut whole = publish(json!({ "when": "at", "at": START + DAY }));
    whole["series"] = json!({ "code": "weekly", "cool_down_days": 5 });
    whole["outlets"][1]["position"] =
        json!({ "latitude_millionths": -1, "longitude_millionths": 180_000_000 });
    whole["register"]["windows"] = json!([{ "from": START, "until": START + DAY }]);
    whole["register"]["cap"] = json!(7);
    whole["register"]["registered_in"] = json!("reserve");
    whole["pacing"]["admit_per_second"] = json!(100);
    for (code, kind) in [
        ("phone", json!({ "type": "phone", "region": "CN" })),
        ("permit", json!({ "type": "home-return-permit" })),
        ("pass", json!({ "type": "passport" })),
        ("name", json!({ "type": "text", "pattern": null })),
        ("word", json!({ "type": "text", "pattern": "[a-z]+" })),
    ] {
        let label = json!({ "en": "text", "zh-CN": "文" });
        let field = json!({ "code": code, "kind": kind, "label": label, "unique": false });
        whole["register"]["fields"].as_array_mut().unwrap().push(field);
    }
    let load = |definition: Value| json!({ "do": "load", "definition": definition });
    let rows = json!([{ "outlet": 1, "item": 2, "slot": 3, "units": 4 }]);
    let keys = "00ff".repeat(8) + &"A0b1".repeat(8);
    let marked = |told: Value| {
        let seen = json!({ "at": 9, "entries": 8, "told": told });
        json!({ "do": "export", "campaign": 1, "bookings": 2, "checksum": "ab", "seen": seen })
    };
    let mut actions = vec![
        load(whole),
        load(publish(json!({ "when": "at-once" }))),
        load(publish(json!({ "when": "by-hand", "expected": null }))),
        load(publish(json!({ "when": "by-hand", "expected": START }))),
        json!({ "do": "stock", "campaign": 1, "mode": "replace", "rows": rows }),
        json!({ "do": "stock", "campaign": 1, "mode": "add", "rows": [] }),
        json!({ "do": "cap", "campaign": 1, "entries": null }),
        json!({ "do": "cap", "campaign": 65_535, "entries": 4_294_967_295_u32 }),
        json!({ "do": "withdraw", "campaign": 1, "outlet": 1, "item": 2, "slot": 3, "units": 4 }),
        json!({ "do": "withdraw", "campaign": 1 }),
        json!({ "do": "list", "campaign": 1, "list": "block", "field": 0, "keys": keys }),
        json!({ "do": "list", "campaign": 1, "list": "allow", "field": 255, "keys": "" }),
        json!({ "do": "list", "campaign": 1, "list": { "reserved": 7 }, "field": 1, "keys": keys }),
        json!({ "do": "close-draw", "campaign": 1, "slot": 3, "unserved": false }),
        json!({ "do": "close-draw", "campaign": 1, "unserved": true }),
        json!({ "do": "lapse", "campaign": 1, "outlet": 1, "item": 2, "slot": 3 }),
        json!({ "do": "lapse", "campaign": 1 }),
        json!({ "do": "take-over", "campaign": 1 }),
        load(drawing("all", json!(null), json!(null))),
        load(drawing("all", json!(7), json!(null))),
        json!({ "do": "export", "campaign": 1, "bookings": 2, "checksum": "ab" }),
        marked(json!([])),
        marked(json!([1, 7])),
    ];
    let events = [
        json!({ "is": "seal", "entries": 4 }),
        json!({ "is": "opening" }),
        json!({ "is": "seed" }),
        json!({ "is": "result", "winners": 3 }),
        json!({ "is": "alternates", "winners": 2 }),
        json!({ "is": "void" }),
    ];
    actions.extend(events.map(|event| {
        let digest = "0123456789abcdef".repeat(4);
        json!({ "do": "draw-event", "campaign": 1, "draw": 2, "event": event, "digest": digest })
    }));
    actions.extend(
        ["open", "pause", "resume", "close", "publish", "shred"]
            .map(|what| json!({ "do": what, "campaign": 3 })),
    );
    actions
}

#[test]
fn every_action_is_read_as_the_engine_reads_it() {
    for action in actions() {
        let [own, theirs] = both(&operator(&action));
        assert_eq!(own, theirs, "{action}");
        assert!(own.is_some(), "{action}");
    }
}

#[test]
fn from_where_is_read_as_the_engine_reads_it() {
    let read = |from: Value| {
        let action = json!({ "do": "open", "campaign": 3 });
        let command = json!({ "actor": "a", "from": from, "reason": "r", "action": action });
        let body = command.to_string();
        let length = u32::try_from(body.len() + 1).unwrap().to_le_bytes();
        let [own, theirs] = both(&[&length[..], &[16], body.as_bytes()].concat());
        assert_eq!(own, theirs, "{command}");
        own.map(|command| command.from.expect("what is there is read"))
    };
    let longest = "文".repeat(limits::FROM_CHARS_MAX);
    assert_eq!(read(json!("203.0.113.7")).as_deref(), Some("203.0.113.7"));
    assert_eq!(read(json!(longest)), Some(longest.clone()));
    for wrong in [json!(""), json!(longest + "x"), json!(null), json!(7), json!(["x"])] {
        assert_eq!(read(wrong), None);
    }
}

#[test]
fn a_digest_is_read_as_the_engine_reads_it() {
    let hex = "0123456789abcdef".repeat(4);
    for wrong in
        [hex.to_uppercase(), hex[1..].to_owned(), hex.replace('0', "+"), format!("{hex}00")]
    {
        let event = json!({ "is": "opening" });
        let action = json!({ "do": "draw-event", "campaign": 1, "draw": 2, "event": event,
            "digest": wrong });
        assert_eq!(both(&operator(&action)), [None, None], "{wrong}");
    }
}

/// The value at a place in a document, each in turn.
fn places(value: &Value) -> Vec<String> {
    let below = |name: &str, value: &Value| {
        places(value).into_iter().map(|place| format!("/{name}{place}")).collect::<Vec<_>>()
    };
    let mut all = vec![String::new()];
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| all.extend(below(name, value)));
        }
        Value::Array(members) => {
            let members = members.iter().enumerate();
            members.for_each(|(no, value)| all.extend(below(&no.to_string(), value)));
        }
        _ => {}
    }
    all
}

#[test]
fn what_is_wrong_anywhere_is_refused_or_read_alike() {
    let wrong = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1_u64 << 40),
        json!("x"),
        json!([]),
        json!({}),
    ];
    let (mut refused, mut read) = (0, 0);
    let mut check = |document: &Value| {
        let [own, theirs] = both(&operator(document));
        assert_eq!(own, theirs, "{document}");
        *if own.is_some() { &mut read } else { &mut refused } += 1;
    };
    for action in actions() {
        for place in places(&action) {
            for wrong in &wrong {
                let mut document = action.clone();
                *document.pointer_mut(&place).unwrap() = wrong.clone();
                check(&document);
            }
            let mut more = action.clone();
            let Some(Value::Object(members)) = more.pointer_mut(&place) else { continue };
            members.insert("surplus".to_owned(), json!(1));
            check(&more);
            let Some(Value::Object(members)) = action.pointer(&place) else { continue };
            for name in members.keys() {
                let mut less = action.clone();
                less.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(name);
                check(&less);
            }
        }
    }
    assert!(3_000 < refused && 100 < read, "{refused} refused, {read} read");
}

/// What ledger and books make of loading a definition.
fn loaded(definition: &Value) -> Claim {
    let record = operator(&json!({ "do": "load", "definition": definition }));
    let (frame, at) = (FrameNo(1), Millis(START));
    let (mut ledger, mut books, mut outcomes) = (Ledger::new(), Books::new(), Vec::new());
    ledger.apply_frame(frame, at, &record, &mut outcomes).unwrap();
    let claim = Claim::from(&outcomes[0]);
    books.take_claimed_frame((frame, at), 1, &record, [claim.clone()]);
    let found: Vec<_> = books.findings().iter().map(shown).collect();
    assert!(found.is_empty(), "{definition}\n{}", found.join("\n"));
    claim
}

fn sound() -> Value {
    definition("all", json!({ "when": "at", "at": START + DAY }), json!(null))
}

fn one(place: &str) -> Value {
    sound().pointer(place).unwrap().clone()
}

/// So many of what is at a place, each with a code of its own.
fn times(place: &str, count: usize) -> Value {
    let first = one(place);
    let of_code = |no: usize| {
        let mut one = first.clone();
        one["code"] = json!(format!("c{no}"));
        one
    };
    json!((0..count).map(of_code).collect::<Vec<_>>())
}

fn twice(place: &str) -> Value {
    json!([one(place), one(place)])
}

/// With what is right at a place the definition is loaded, with what is wrong it is not.
fn judged(place: &str, right: &[Value], wrong: &[Value]) {
    judged_in(&sound(), place, right, wrong);
}

fn judged_in(whole: &Value, place: &str, right: &[Value], wrong: &[Value]) {
    let with = |value: &Value| {
        let mut definition = whole.clone();
        *definition.pointer_mut(place).unwrap() = value.clone();
        loaded(&definition).word()
    };
    right.iter().for_each(|value| assert_eq!(with(value), "loaded", "{place}: {value}"));
    wrong
        .iter()
        .for_each(|value| assert_eq!(with(value), "definition-invalid", "{place}: {value}"));
}

#[test]
fn a_definition_is_judged_as_the_engine_judges_it() {
    assert_eq!(loaded(&sound()).word(), "loaded");
    let long = "c".repeat(limits::CODE_CHARS_MAX);
    let longer = format!("{long}c");
    let codes = ["", "-a", "a b", "é", &longer].map(|code| json!(code));
    judged("/code", &[json!("A-b_c.9"), json!(long)], &codes);
    let series = |code: &str, days: u16| json!({ "code": code, "cool_down_days": days });
    judged("/series", &[series("s", 366)], &[series("s", 367), series(".", 1)]);
    let offsets = |offsets: &[(u64, i32)]| {
        let offset = |(from, seconds): &(u64, i32)| json!({ "from": from, "seconds": seconds });
        json!(offsets.iter().map(offset).collect::<Vec<_>>())
    };
    let many = |count: u64| offsets(&(0..count).map(|from| (from, 0)).collect::<Vec<_>>());
    judged(
        "/calendar/offsets",
        &[many(1_000), offsets(&[(5, -86_399)])],
        &[many(0), many(1_001), offsets(&[(0, 86_400)]), offsets(&[(1, 0), (1, 1)])],
    );
    judged("/languages", &[json!(vec!["en"; 8])], &[json!([]), json!(vec!["en"; 9])]);
    for (table, most) in [("/items", 200), ("/outlets", 20_000), ("/slots", 500)] {
        let first = format!("{table}/0");
        let wrong = [json!([]), times(&first, most + 1), twice(&first)];
        judged(table, &[times(&first, most)], &wrong);
        judged(&format!("{first}/code"), &[json!("x")], &[json!("/")]);
    }
    let end = limits::MOMENT_MILLIS_END;
    judged("/slots/0/from", &[json!(0)], &[one("/slots/0/until")]);
    judged("/slots/0/until", &[json!(end - 1)], &[json!(end)]);
    let most = limits::POOL_UNITS_MAX;
    let stock =
        |outlet: u16, units: u32| json!({ "outlet": outlet, "item": 0, "slot": 0, "units": units });
    judged(
        "/stock",
        &[json!([]), json!([stock(1, most)])],
        &[json!([stock(2, 1)]), json!([stock(0, 1), stock(0, 2)]), json!([stock(0, most + 1)])],
    );
    judged("/stock/0/item", &[], &[json!(1)]);
    judged("/stock/0/slot", &[], &[json!(1)]);
    judged("/publish/at", &[json!(end - 1), json!(0)], &[json!(end)]);
    judged("/pacing/release_percent", &[json!(1), json!(100)], &[json!(0), json!(101)]);
    judged("/pacing/admit_per_second", &[json!(1), json!(null)], &[json!(0)]);
}

#[test]
fn a_register_is_judged_as_the_engine_judges_it() {
    let window = |from: u64, until: u64| json!({ "from": START + from, "until": START + until });
    judged(
        "/register/windows",
        &[json!([window(0, 5), window(5, DAY)])],
        &[
            json!([window(5, 5)]),
            json!([window(0, 6), window(5, 7)]),
            json!([window(5, 7), window(0, 3)]),
            // Results before its end.
            json!([window(0, DAY + 1)]),
            json!((0..801).map(|no| window(no, no + 1)).collect::<Vec<_>>()),
            json!([{ "from": 0, "until": limits::MOMENT_MILLIS_END }]),
        ],
    );
    let field = "/register/fields/0";
    judged("/register/fields", &[times(field, 4)], &[json!([]), times(field, 5), twice(field)]);
    judged("/register/fields/1/unique", &[json!(false)], &[]);
    let mut none_unique = sound();
    none_unique["register"]["fields"][0]["unique"] = json!(false);
    none_unique["register"]["fields"][1]["unique"] = json!(false);
    assert_eq!(loaded(&none_unique).word(), "definition-invalid");
    let most = limits::ENTRIES_MAX;
    judged("/register/cap", &[json!(1), json!(most)], &[json!(0), json!(most + 1)]);
    judged("/register/units_min", &[json!(5)], &[json!(0), json!(6)]);
    judged("/register/units_max", &[json!(1), json!(200)], &[json!(0), json!(201)]);
    judged("/register/choices_max", &[json!(1), json!(5)], &[json!(0), json!(6)]);
}

#[test]
fn a_draw_is_judged_as_the_engine_judges_it() {
    let daily = drawing("all", json!(3), json!(null));
    let once = drawing("all", json!(null), json!(null));
    for whole in [&daily, &once] {
        assert_eq!(loaded(whole).word(), "loaded");
        judged_in(whole, "/allocate/stand_days", &[json!(1), json!(366)], &[json!(0), json!(367)]);
        judged_in(whole, "/allocate/tickets_max", &[json!(1), json!(32)], &[json!(0), json!(33)]);
        judged_in(whole, "/allocate/group_max", &[json!(1), json!(8)], &[json!(0), json!(9)]);
        judged_in(whole, "/register/units_max", &[json!(8)], &[json!(9)]);
        let at = json!({ "when": "at", "at": START + DAY });
        judged_in(whole, "/publish", &[], &[json!({ "when": "at-once" }), at]);
        // Without a draw nothing is reserved.
        judged_in(whole, "/allocate", &[], &[json!({ "by": "first-come" })]);
        let tranches = ["65", "A-B_9.", "AAAAAAAAAAAAAAAA"].map(|tranche| json!(tranche));
        let wrong = ["", "a", "A#", "A B", "AAAAAAAAAAAAAAAAA"].map(|tranche| json!(tranche));
        judged_in(whole, "/items/1/reserved/tranche", &tranches, &wrong);
        judged_in(whole, "/items/1/reserved/of", &[json!(0)], &[json!(1), json!(2)]);
        judged_in(whole, "/items/1/code", &[json!("Mask.65")], &[json!("MASK"), json!("a-b")]);
        judged_in(whole, "/outlets/1/code", &[json!("a-b")], &[json!("EAST")]);
        judged_in(whole, "/slots/1/code", &[json!("day.2")], &[json!("DAY")]);
        let long = |chars: usize| json!("x".repeat(chars));
        // Joined to the item, and where the slot is in the name, to that.
        let fits = if whole["allocate"]["stand_days"].is_null() { 64 - 8 - 4 } else { 64 - 8 };
        judged_in(whole, "/outlets/1/code", &[long(fits.min(48))], &[]);
        let (short, longest) = (long(64 - 48 - 1), long(64 - 48));
        let mut wide = whole.clone();
        wide["outlets"][1]["code"] = long(48);
        let is_daily = !whole["allocate"]["stand_days"].is_null();
        let (right, wrong) = if is_daily {
            (vec![short], vec![longest])
        } else {
            (vec![long(64 - 48 - 1 - 4)], vec![long(64 - 48 - 4)])
        };
        judged_in(&wide, "/items/1/code", &right, &wrong);
    }
    judged_in(&daily, "/slots/1/code", &[json!("eve-2")], &[]);
    judged_in(&once, "/slots/1/code", &[], &[json!("eve-2")]);
    let mut twice = daily.clone();
    let part = json!({ "code": "other", "name": { "en": "text" },
        "reserved": { "of": 0, "tranche": "65" } });
    twice["items"].as_array_mut().unwrap().push(part);
    assert_eq!(loaded(&twice).word(), "definition-invalid");
    twice["items"][2]["reserved"]["tranche"] = json!("66");
    assert_eq!(loaded(&twice).word(), "loaded");
}
