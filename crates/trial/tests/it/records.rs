//! Records of a program that is wrong on purpose: each breach is found.

use serde_json::{Value, json};
use trial::check::{at_least, books, secrets_once};
use trial::record::{Act, Records};
use trial::site::OUTLETS;

const BOOKED: u16 = 201;

/// What a right program says of an entry.
pub(crate) fn booking(number: u64, outlet: &str, units: u64) -> String {
    json!({
        "outcome": "booked", "number": number, "receipt": format!("r{number}"),
        "code": format!("c{number}"), "booking": { "outlet": outlet, "units": units },
    })
    .to_string()
}

/// A person enters, and is answered at once.
pub(crate) fn enter(records: &Records, person: u32, body: &str) -> usize {
    let sent = records.now();
    let place = records.lock().add(Act::Enter { person }, sent);
    records.answered(place, BOOKED, body.as_bytes());
    place
}

/// What a right program counts, with units booked at the kiosk, and no operator's change.
pub(crate) fn truth([entries, live, cancelled, redeemed]: [u64; 4], kiosk: u64) -> Value {
    let outlets = OUTLETS.iter().enumerate().map(|(place, (code, issued))| {
        let booked = if place == 0 { kiosk } else { 0 };
        json!({ "code": code, "issued": issued, "withdrawn": 0, "booked": booked,
                "free": issued.saturating_sub(booked) })
    });
    json!({
        "entries": entries,
        "entries_by_decision":
            { "booked": { "live": live, "cancelled": cancelled, "redeemed": redeemed } },
        "units": { "booked": kiosk }, "by_outlet": outlets.collect::<Vec<_>>(),
        "marks": { "paused": false, "cap": null }, "actions": [],
    })
}

pub(crate) fn found(records: &Records, truth: &Value) -> String {
    books(records, truth, &[]);
    records.problems().1
}

#[test]
fn a_right_program_is_right() {
    let records = Records::new(1);
    let first = enter(&records, 0, &booking(1, "kiosk", 2));
    enter(&records, 1, &booking(2, "kiosk", 1));
    let cancel = records.lock().add(Act::Cancel { entry: first }, records.now());
    records.answered(cancel, 200, br#"{"outcome":"cancelled","number":1,"cancelled_at":"x"}"#);
    enter(&records, 0, &booking(3, "kiosk", 1));
    secrets_once(&records);
    assert_eq!(found(&records, &truth([3, 2, 1, 0], 2)), "");
}

#[test]
fn another_answer_to_the_same_request() {
    let records = Records::new(1);
    let place = enter(&records, 0, &booking(1, "kiosk", 1));
    records.answered(place, BOOKED, booking(1, "kiosk", 1).as_bytes());
    assert_eq!(records.problems().0, 0);
    records.answered(place, BOOKED, booking(2, "kiosk", 1).as_bytes());
    records.answered(place, 409, br#"{"code":"sold-out"}"#);
    assert_eq!(records.problems().0, 2, "{}", records.problems().1);
}

#[test]
fn a_repeated_redemption_says_so_and_nothing_else_differs() {
    let records = Records::new(1);
    let entry = enter(&records, 0, &booking(1, "kiosk", 1));
    let redeem = records.lock().add(Act::Redeem { entry }, records.now());
    let told = |at: &str, repeated: bool| {
        let body = json!({ "number": 1, "redeemed_at": at, "repeated": repeated });
        records.answered(redeem, 200, body.to_string().as_bytes());
        records.problems().0
    };
    assert_eq!(told("10:00", false), 0);
    assert_eq!(told("10:00", true), 0);
    assert_eq!(told("10:01", true), 1);
}

#[test]
fn an_entry_that_says_whether_it_is_repeated_is_another_answer() {
    let records = Records::new(1);
    let place = enter(&records, 0, &booking(1, "kiosk", 1));
    for word in ["true", "false"] {
        let answer = booking(1, "kiosk", 1);
        let answer = format!("{},\"repeated\":{word}}}", answer.strip_suffix('}').unwrap());
        records.answered(place, BOOKED, answer.as_bytes());
    }
    assert_eq!(records.problems().0, 2, "{}", records.problems().1);
}

#[test]
fn a_refusal_that_the_rules_do_not_give() {
    let records = Records::new(1);
    let place = records.lock().add(Act::Enter { person: 0 }, records.now());
    records.answered(place, 409, br#"{"code":"request-reused"}"#);
    records.answered(place, 404, br#"{"code":"unknown-campaign"}"#);
    assert_eq!(records.problems().0, 2, "{}", records.problems().1);
}

#[test]
fn an_acknowledgement_that_was_lost_and_a_number_that_nobody_got() {
    let records = Records::new(1);
    enter(&records, 0, &booking(1, "kiosk", 1));
    enter(&records, 1, &booking(3, "kiosk", 1));
    let found = found(&records, &truth([1, 1, 0, 0], 1));
    for breach in ["not 1, 2, 3", "entries: 2 by the clients' count", "kiosk: 2 of 60 less 0"] {
        assert!(found.contains(breach), "{found}");
    }
}

#[test]
fn a_number_and_its_secrets_given_twice() {
    let records = Records::new(1);
    enter(&records, 0, &booking(1, "kiosk", 1));
    enter(&records, 1, &booking(1, "kiosk", 1));
    secrets_once(&records);
    let found = found(&records, &truth([2, 2, 0, 0], 2));
    for breach in ["not 1, 2, 3", "have one receipt", "have one code"] {
        assert!(found.contains(breach), "{found}");
    }
}

#[test]
fn an_order_against_real_time() {
    let records = Records::new(1);
    enter(&records, 0, &booking(2, "kiosk", 1));
    enter(&records, 1, &booking(1, "kiosk", 1));
    let found = found(&records, &truth([2, 2, 0, 0], 2));
    assert_eq!(found, "number 1 was sent after number 2 was acknowledged");
}

#[test]
fn more_than_there_is_and_two_for_one_person() {
    let records = Records::new(1);
    for number in 1..=31 {
        enter(&records, number.min(30) as u32, &booking(number, "kiosk", 2));
    }
    let found = found(&records, &truth([31, 31, 0, 0], 62));
    assert!(found.contains("kiosk is oversold: 62 of 60"), "{found}");
    assert!(found.contains("person 30 holds numbers 30 and 31"), "{found}");
}

#[test]
fn cancelled_and_handed_out() {
    let records = Records::new(1);
    let entry = enter(&records, 0, &booking(1, "kiosk", 1));
    for act in [Act::Cancel { entry }, Act::Redeem { entry }] {
        let place = records.lock().add(act, records.now());
        records.answered(place, 200, br#"{"number":1}"#);
    }
    let found = found(&records, &truth([1, 0, 1, 1], 0));
    assert_eq!(found, "number 1 is cancelled and handed out");
}

#[test]
fn a_request_without_an_answer_and_an_export_without_a_record() {
    let records = Records::new(1);
    let place = records.lock().add(Act::Enter { person: 0 }, records.now());
    records.lock().lost(place);
    books(&records, &truth([0; 4], 0), &["ab".to_owned()]);
    let (count, found) = records.problems();
    assert_eq!(count, 2, "{found}");
}

#[test]
fn less_than_was_acknowledged() {
    let records = Records::new(1);
    let entry = enter(&records, 0, &booking(1, "kiosk", 1));
    enter(&records, 1, &booking(2, "kiosk", 1));
    let cancel = records.lock().add(Act::Cancel { entry }, records.now());
    records.answered(cancel, 200, br#"{"number":1}"#);
    // More than was acknowledged may be there: what is unknown.
    at_least(&records, &truth([3, 2, 1, 0], 2));
    assert_eq!(records.problems().0, 0);
    at_least(&records, &truth([1, 1, 0, 0], 1));
    assert_eq!(records.problems().0, 2, "{}", records.problems().1);
}
