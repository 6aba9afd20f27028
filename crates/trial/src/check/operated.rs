//! What must hold of operators' changes: stock, pause, cap and record, and who entered meanwhile.
//!
//! Owns: the comparison of the operators' own books with the program's. Never: asks the program.

use crate::change::{Book, Fate, Span, reason};
use crate::record::{Act, Asked, Stop};
use crate::site::OUTLETS;
use serde_json::Value;

/// The newest actions that the program tells of a campaign, at most.
const TOLD_MAX: usize = 1_000;

/// Stock that was acknowledged is there, and every change that was, in the record; what is unknown
/// may be there, too.
pub(super) fn at_least(book: &Book, truth: &Value, problems: &mut Vec<String>) {
    in_record(book, truth, book.unknown(), problems);
    let outlets = truth.get("by_outlet").and_then(Value::as_array);
    for (place, (outlet, _)) in OUTLETS.iter().enumerate() {
        let named = |sum: &&Value| sum.get("code").and_then(Value::as_str) == Some(outlet);
        let found = outlets.into_iter().flatten().find(named);
        let standing = book.standing();
        for (what, own) in
            [("issued", standing.issued[place]), ("withdrawn", standing.withdrawn[place])]
        {
            let told = found.and_then(|sum| sum.get(what)?.as_u64());
            if told.is_none_or(|told| told < own) {
                problems.push(format!("{outlet}: {own} {what} were acknowledged, told {told:?}"));
            }
        }
    }
}

/// The pause and the cap are as they were acknowledged last.
pub(super) fn standing(book: &Book, truth: &Value, problems: &mut Vec<String>) {
    if let Some(place) = book.unknown() {
        problems.push(format!("{} never got an answer", reason(place)));
    }
    let own = (book.standing().paused, book.standing().cap);
    let marks = |name: &str| truth.get("marks").and_then(|marks| marks.get(name));
    let paused = marks("paused").and_then(Value::as_bool);
    let cap = marks("cap").and_then(Value::as_u64);
    if (paused, cap) != (Some(own.0), own.1) {
        problems.push(format!("pause and cap are {own:?}, told {paused:?} and {cap:?}"));
    }
}

/// Every change is in the record once, in its order, as far back as the program tells.
pub(super) fn recorded(book: &Book, truth: &Value, problems: &mut Vec<String>) {
    in_record(book, truth, None, problems);
}

/// The same, but for a change of which nothing is known.
fn in_record(book: &Book, truth: &Value, but: Option<usize>, problems: &mut Vec<String>) {
    let but = but.map(reason);
    let record = truth.get("actions").and_then(Value::as_array);
    let record = record.map(Vec::as_slice).unwrap_or_default();
    let word = |action: &Value, name: &str| {
        action.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let told: Vec<(String, bool)> = record
        .iter()
        .map(|action| (word(action, "reason"), word(action, "outcome") == "done"))
        .filter(|(reason, _)| reason.starts_with("change ") && Some(reason) != but.as_ref())
        .collect();
    let own = book.changes().iter().enumerate().rev();
    let own = own.map(|(place, change)| (reason(place), matches!(change.fate, Fate::Done { .. })));
    let own: Vec<_> = own.filter(|(reason, _)| Some(reason) != but.as_ref()).collect();
    let shorter = told.len().min(own.len());
    let is_whole = record.len() < TOLD_MAX;
    if told[..shorter] != own[..shorter] || (is_whole && told.len() != own.len()) {
        let differs = told.iter().zip(&own).find(|(told, own)| told != own);
        let (told, own) = (told.len(), own.len());
        problems.push(format!(
            "the record tells of {told} changes, there were {own}; told and made: {differs:?}"
        ));
    }
}

/// Nobody who came after a pause or a cap was acknowledged entered before it was taken back; and
/// nobody was refused for one that was not there.
pub(super) fn obeyed(book: &Book, asked: &[Asked], stops: &[Stop], problems: &mut Vec<String>) {
    let kinds = [("a pause", book.pauses()), ("a cap", book.caps())];
    for (what, spans) in &kinds {
        for (place, asked) in asked.iter().enumerate() {
            let (Act::Enter { .. }, Some(told)) = (asked.act, asked.told()) else { continue };
            let before = spans.partition_point(|span| span.from_surely < asked.first_sent);
            let Some(span) = before.checked_sub(1).map(|last| spans[last]) else { continue };
            if told.at < span.until_surely && span.entries_max < told.number {
                problems.push(format!("request {place} got number {} in {what}", told.number));
            }
        }
    }
    for stop in stops {
        let (what, spans) = &kinds[usize::from(stop.by_cap)];
        if !is_within(spans, stop) {
            problems.push(format!("request {} was refused by {what} that was not", stop.place));
        }
    }
}

/// Whether there was such a span at some time between the request and its refusal.
fn is_within(spans: &[Span], stop: &Stop) -> bool {
    let before = spans.partition_point(|span| span.from_at_least < stop.at);
    before.checked_sub(1).is_some_and(|last| stop.first_sent < spans[last].until_at_most)
}
