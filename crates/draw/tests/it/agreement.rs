//! What every program that checks a draw must take or refuse alike: `tests/vector/agreement.json`,
//! which the second program and the person's page go through, too.

use draw::event::Event;
use draw::note::{Note, VerifyingKey};
use draw::seal::Seal;
use draw::table::Cutoffs;
use draw::{Line, Stock};
use serde_json::Value;

const CASES: &str = include_str!("../vector/agreement.json");

/// The cases of one kind.
fn cases(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(CASES).unwrap();
    let cases = all[kind].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}

/// A text in parts: each is written as it is, or `[part, how many times]`, or, with a third text,
/// counted between the two.
fn joined(parts: &Value) -> String {
    let part = |part: &Value| match part {
        Value::String(text) => text.clone(),
        part => {
            let (before, times) = (part[0].as_str().unwrap(), part[1].as_u64().unwrap());
            let one = |number| match part[2].as_str() {
                Some(behind) => format!("{before}{number}{behind}"),
                None => before.to_owned(),
            };
            (1..=times).map(one).collect()
        }
    };
    parts.as_array().unwrap().iter().map(part).collect()
}

fn is_signed(key: &str, note: &str) -> bool {
    let Ok(key) = key.parse::<VerifyingKey>() else { return false };
    Note::read(note).is_ok_and(|note| note.verify(&key).is_ok())
}

#[test]
fn a_note_is_signed_or_not_as_for_every_other_program() {
    for case in cases("notes") {
        let found = is_signed(text(&case, "key"), &joined(&case["note"]));
        assert_eq!(Some(found), case["taken"].as_bool(), "{}", text(&case, "what"));
    }
}

#[test]
fn an_event_is_one_or_not_as_for_every_other_program() {
    for case in cases("events") {
        let event = joined(&case["text"]);
        let found = match text(&case, "file") {
            "seal.txt" => Seal::read(&event).is_ok(),
            _ => Event::read(&event).is_ok(),
        };
        assert_eq!(Some(found), case["taken"].as_bool(), "{}", text(&case, "what"));
    }
}

#[test]
fn a_table_is_one_or_not_as_for_every_other_program() {
    for case in cases("tables") {
        let written = joined(&case["text"]);
        let table = written.as_bytes();
        let stock = || Stock::read(joined(&case["stock"]).as_bytes()).unwrap();
        let found = match text(&case, "file") {
            "stock.txt" => Stock::read(table).is_ok(),
            "cutoffs.txt" => Cutoffs::read(table, &stock()).is_ok(),
            _ => Line::read(table).is_ok_and(|line| line.wish(&stock()).is_ok()),
        };
        assert_eq!(Some(found), case["taken"].as_bool(), "{}", text(&case, "what"));
    }
}
