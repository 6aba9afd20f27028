//! Records of a program that is wrong about operators' changes on purpose: each breach is found.

use crate::records::{booking, enter, found, truth};
use serde_json::{Value, json};
use trial::Records;
use trial::change::What;
use trial::check::at_least;
use trial::record::Act;

const KIOSK: usize = 0;

/// An operator wants something, and a right program answers at once.
fn done(records: &Records, what: What) {
    let body = {
        let inner = records.lock();
        let units = match what {
            What::Withdraw { most, .. } => most,
            _ => 0,
        };
        let after = inner.book.standing().after(what, units).on_offer_everywhere();
        json!({ "units": units, "units_after": after })
    };
    let sent = records.now();
    let mut inner = records.lock();
    inner.book.add(what, sent);
    assert_eq!(inner.book.answered(200, &body.to_string(), records.now()), Ok(()));
}

/// A right program's record of so many changes, newest first.
fn record(count: usize) -> Value {
    let action = |place| json!({ "reason": format!("change {place}"), "outcome": "done" });
    (0..count).rev().map(action).collect()
}

/// Ten units more, five less, one booked.
fn stocked() -> (Records, Value) {
    let records = Records::new(1);
    enter(&records, 0, &booking(1, "kiosk", 1));
    done(&records, What::Add { outlet: KIOSK, units: 10 });
    done(&records, What::Withdraw { outlet: KIOSK, most: 5 });
    let mut truth = truth([1, 1, 0, 0], 1);
    let kiosk = json!({ "code": "kiosk", "issued": 70, "withdrawn": 5, "booked": 1, "free": 64 });
    truth["by_outlet"][KIOSK] = kiosk;
    truth["actions"] = record(2);
    (records, truth)
}

#[test]
fn a_right_program_is_right_about_changes() {
    let (records, mut truth) = stocked();
    at_least(&records, &truth);
    assert_eq!(found(&records, &truth), "");
    done(&records, What::Replace { outlet: KIOSK, on_offer: 60 });
    done(&records, What::Cap { entries: Some(9) });
    done(&records, What::Pause);
    truth["by_outlet"][KIOSK]["withdrawn"] = json!(10);
    truth["by_outlet"][KIOSK]["free"] = json!(59);
    truth["marks"] = json!({ "paused": true, "cap": 9 });
    truth["actions"] = record(5);
    assert_eq!(found(&records, &truth), "");
}

#[test]
fn stock_that_was_acknowledged_and_is_not_there() {
    for (name, wrong) in [("issued", 60), ("withdrawn", 0)] {
        let (records, mut truth) = stocked();
        truth["by_outlet"][KIOSK][name] = json!(wrong);
        at_least(&records, &truth);
        let before = records.problems();
        assert_eq!(before.0, 1, "{name}: {}", before.1);
        let found = found(&records, &truth);
        assert!(found.contains("kiosk: 1 of 70 less 5"), "{name}: {found}");
    }
}

#[test]
fn stock_that_was_added_twice_or_booked_beyond() {
    let (records, mut truth) = stocked();
    truth["by_outlet"][KIOSK]["issued"] = json!(80);
    truth["by_outlet"][KIOSK]["free"] = json!(74);
    assert!(found(&records, &truth).contains("kiosk: 1 of 70 less 5"));
    let (records, truth) = stocked();
    done(&records, What::Withdraw { outlet: KIOSK, most: 65 });
    assert!(found(&records, &truth).contains("kiosk is oversold: 1 of 0"));
}

#[test]
fn answers_to_changes_that_cannot_be() {
    let records = Records::new(1);
    let answered = |what: What, status: u16, body: &str| {
        let mut inner = records.lock();
        let now = records.now();
        inner.book.add(what, now);
        let told = inner.book.answered(status, body, now);
        if inner.book.unknown().is_some() {
            assert_eq!(inner.book.found("below-booked", "", now), Ok(()));
        }
        told.is_err()
    };
    let (add, withdraw) =
        (What::Add { outlet: KIOSK, units: 1 }, What::Withdraw { outlet: KIOSK, most: 5 });
    assert!(answered(add, 200, r#"{"units_after":1}"#), "another sum");
    assert!(answered(add, 409, r#"{"code":"below-booked"}"#), "more is never below");
    assert!(answered(withdraw, 200, r#"{"units":6}"#), "more than asked for");
    assert!(answered(withdraw, 200, "{}"), "it does not say how many");
    assert!(answered(What::Pause, 409, r#"{"code":"already-so"}"#), "it was not paused");
    assert!(answered(What::Pause, 500, "{}"), "no answer of the API");
    let cap = What::Cap { entries: Some(1) };
    assert!(!answered(cap, 409, r#"{"code":"below-entries"}"#), "a refusal by the rules");
}

#[test]
fn what_was_unknown_is_as_the_record_has_it() {
    let records = Records::new(1);
    let mut inner = records.lock();
    inner.book.add(What::Withdraw { outlet: KIOSK, most: 9 }, 1);
    let detail = "outlet kiosk, at most 9 a pool: 3 units";
    assert_eq!(inner.book.found("done", detail, 2), Ok(()));
    assert_eq!(inner.book.standing().withdrawn[KIOSK], 3);
    inner.book.add(What::Withdraw { outlet: KIOSK, most: 9 }, 3);
    assert!(inner.book.found("done", "outlet kiosk", 4).is_err());
    inner.book.add(What::Replace { outlet: KIOSK, on_offer: 0 }, 5);
    assert_eq!(inner.book.found("below-booked", "", 6), Ok(()));
    assert_eq!(inner.book.standing().on_offer(KIOSK), 57);
}

#[test]
fn a_pause_a_cap_and_a_record_that_are_not_as_they_were_made() {
    for (path, wrong) in [
        ("/marks/paused", json!(true)),
        ("/marks/cap", json!(5)),
        ("/actions", record(1)),
        ("/actions", record(3)),
        ("/actions/0/outcome", json!("below-booked")),
        ("/actions/0/reason", json!("change 0")),
    ] {
        let (records, mut truth) = stocked();
        *truth.pointer_mut(path).unwrap() = wrong;
        assert_eq!(records.problems().0, 0);
        let found = found(&records, &truth);
        assert_eq!(records.problems().0, 1, "{path}: {found}");
    }
    let (records, truth) = stocked();
    let now = records.now();
    records.lock().book.add(What::Pause, now);
    assert!(found(&records, &truth).contains("change 2 never got an answer"));
}

#[test]
fn a_change_that_was_lost_is_found_though_an_unknown_one_landed() {
    let (records, mut truth) = stocked();
    let now = records.now();
    records.lock().book.add(What::Add { outlet: KIOSK, units: 10 }, now);
    let named = |place: usize| json!({ "reason": format!("change {place}"), "outcome": "done" });
    // The unknown one came to something, or did not.
    for actions in [json!([named(2), named(1), named(0)]), record(2)] {
        truth["actions"] = actions;
        at_least(&records, &truth);
        assert_eq!(records.problems(), (0, String::new()));
    }
    // It put the units back that the first had, which was lost.
    truth["actions"] = json!([named(2), named(1)]);
    at_least(&records, &truth);
    let (count, found) = records.problems();
    assert!(count == 1 && found.contains("the record tells of 1 changes, there were 2"), "{found}");
}

#[test]
fn an_entry_in_a_pause_or_above_a_cap() {
    for (stopping, ending, what) in [
        (What::Pause, What::Resume, "a pause"),
        (What::Cap { entries: Some(1) }, What::Cap { entries: None }, "a cap"),
    ] {
        let (records, mut truth) = stocked();
        done(&records, stopping);
        enter(&records, 1, &booking(2, "kiosk", 1));
        done(&records, ending);
        enter(&records, 2, &booking(3, "kiosk", 1));
        truth["actions"] = record(4);
        let found = found(&records, &truth);
        assert!(found.contains(&format!("request 1 got number 2 in {what}")), "{found}");
        assert!(!found.contains("request 2 got"), "it came after: {found}");
    }
}

#[test]
fn a_refusal_for_a_pause_or_a_cap_that_was_not() {
    let refused = |records: &Records, code: &str| {
        let sent = records.now();
        let place = records.lock().add(Act::Enter { person: 7 }, sent);
        records.answered(place, 409, json!({ "code": code }).to_string().as_bytes());
    };
    let (records, mut truth) = stocked();
    done(&records, What::Pause);
    refused(&records, "paused");
    done(&records, What::Resume);
    truth["actions"] = record(4);
    assert_eq!(found(&records, &truth), "", "there was one");
    refused(&records, "paused");
    assert!(found(&records, &truth).contains("was refused by a pause that was not"));
    let (records, truth) = stocked();
    refused(&records, "cap-reached");
    assert!(found(&records, &truth).contains("was refused by a cap that was not"));
}
