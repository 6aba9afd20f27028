//! Outcomes and entries as answers: the same outcome gives the same bytes.
//!
//! Owns: the JSON of everything that is not a problem. Never: tells a held-back decision: what a
//! registered person gets is made of the number, the receipt and the campaign alone.

use super::seen::Seen;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{day, rfc3339};
use crate::problem::{Problem, ready};
use crate::state::Shared;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use ledger::PublicEntry;
use node::Unavailable;
use std::io::Write as _;
use types::ids::{EntryNo, Millis, PoolNo};
use types::outcome::{Outcome, Refusal};
use types::{Definition, LocalDay};

/// Bytes of a usual answer: one allocation is enough.
const ANSWER_BYTES: usize = 320;

/// A JSON answer that nobody may keep.
pub(crate) fn json(status: StatusCode, bytes: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The answer to an entry or a cancellation.
pub(crate) fn outcome(
    state: &Shared,
    campaign: &Prepared,
    outcome: &Outcome,
    language: Language,
) -> Response<Bytes> {
    let mut bytes = Vec::with_capacity(ANSWER_BYTES);
    match write_outcome(state, campaign, outcome, &mut bytes) {
        Ok(status) => json(status, bytes),
        Err(refusal) => refused(campaign, &refusal, language),
    }
}

/// Appends an outcome's object.
///
/// # Errors
/// A refusal, which is a problem document.
pub(crate) fn write_outcome(
    state: &Shared,
    campaign: &Prepared,
    outcome: &Outcome,
    bytes: &mut Vec<u8>,
) -> Result<StatusCode, Refusal> {
    let calendar = &campaign.view.definition.calendar;
    match outcome {
        Outcome::Booked { entry, pool, units } => {
            open(bytes, "booked", *entry);
            write_receipt(state, campaign, *entry, bytes);
            write_booking(state, campaign, *entry, *pool, *units, bytes);
            bytes.push(b'}');
            Ok(StatusCode::CREATED)
        }
        Outcome::Registered { entry } => {
            open(bytes, "registered", *entry);
            write_receipt(state, campaign, *entry, bytes);
            push(bytes, &[",\"results_at\":", &campaign.results_at, "}"]);
            Ok(StatusCode::ACCEPTED)
        }
        Outcome::Cancelled { entry, at } => {
            open(bytes, "cancelled", *entry);
            push(bytes, &[",\"cancelled_at\":\"", &rfc3339(calendar, *at), "\"}"]);
            Ok(StatusCode::OK)
        }
        Outcome::Refused(refusal) => Err(refusal.clone()),
        other => unreachable!("an entry or a cancellation never becomes {}", other.code()),
    }
}

/// What an entry's owner may know of it.
pub(crate) fn entry(state: &Shared, campaign: &Prepared, seen: &Seen) -> Vec<u8> {
    let calendar = &campaign.view.definition.calendar;
    let moment = |at: Millis| rfc3339(calendar, at);
    let mut bytes = Vec::with_capacity(ANSWER_BYTES);
    match seen.entry {
        PublicEntry::Registered { entry, at, losses } => {
            open(&mut bytes, "registered", entry);
            push(&mut bytes, &[",\"registered_at\":\"", &moment(at), "\""]);
            push(&mut bytes, &[",\"results_at\":", &campaign.results_at]);
            write_standing(&campaign.view.definition, at, losses, &mut bytes);
            let first = campaign.view.definition.registered_in();
            if let Some(first) = first.filter(|_| seen.lacks_registration) {
                push(&mut bytes, &[",\"registration_ended_in\":\"", first, "\""]);
            }
        }
        PublicEntry::Booked { entry, at, pool, units, redeemed } => {
            open(&mut bytes, "booked", entry);
            push(&mut bytes, &[",\"registered_at\":\"", &moment(at), "\""]);
            write_booking(state, campaign, entry, pool, units, &mut bytes);
            if let Some(at) = redeemed {
                push(&mut bytes, &[",\"redeemed_at\":\"", &moment(at), "\""]);
            }
        }
        PublicEntry::NotAllocated { entry, at, .. } => {
            open(&mut bytes, "not-allocated", entry);
            push(&mut bytes, &[",\"registered_at\":\"", &moment(at), "\""]);
            push(&mut bytes, &[",\"why\":\"", seen.why_nothing().word(), "\""]);
        }
        PublicEntry::Cancelled { entry, at } => {
            open(&mut bytes, "cancelled", entry);
            push(&mut bytes, &[",\"cancelled_at\":\"", &moment(at), "\""]);
        }
    }
    write_taken_over(state, seen, &mut bytes);
    bytes.push(b'}');
    bytes
}

/// Where the entries are that taking over made of one.
fn write_taken_over(state: &Shared, seen: &Seen, bytes: &mut Vec<u8>) {
    let view = state.node.view();
    for (nth, (into, entry)) in seen.taken_over.iter().enumerate() {
        let before =
            if nth == 0 { ",\"taken_over\":[{\"campaign\":\"" } else { ",{\"campaign\":\"" };
        let receipt = state.receipts.encode(*into, *entry);
        let code = &view.campaigns[into.index()].definition.code;
        push(bytes, &[before, code, "\",\"receipt\":\"", receipt.as_str(), "\"}"]);
    }
    if !seen.taken_over.is_empty() {
        bytes.push(b']');
    }
}

/// Of an entry in a draw: until when it stands, and how often it had no luck.
fn write_standing(definition: &Definition, at: Millis, losses: u8, bytes: &mut Vec<u8>) {
    if definition.draw().is_none() {
        return;
    }
    if let Some(last) = last_day(definition, at) {
        push(bytes, &[",\"stands_through\":\"", &day(last), "\""]);
    }
    push(bytes, &[",\"losses\":"]);
    number(bytes, u64::from(losses));
}

/// The last calendar day on which an entry takes part in draws, where it stands for days.
pub(crate) fn last_day(definition: &Definition, at: Millis) -> Option<LocalDay> {
    let days = definition.draw()?.stand_days?;
    Some(LocalDay(definition.calendar.day(at).0 + u32::from(days) - 1))
}

/// The problem document of a refusal.
pub(crate) fn refused(
    campaign: &Prepared,
    refusal: &Refusal,
    language: Language,
) -> Response<Bytes> {
    match refusal_problem(campaign, refusal, language) {
        Some(problem) => problem.to_response(),
        None => ready(refusal.code(), language),
    }
}

/// The problem of a refusal that has members of its own; the others are ready bytes.
fn refusal_problem(campaign: &Prepared, refusal: &Refusal, language: Language) -> Option<Problem> {
    let calendar = &campaign.view.definition.calendar;
    let problem =
        |name: &str, value: String| Some(Problem::of(refusal.code(), language).with(name, value));
    match refusal {
        Refusal::NotOpenYet { opens: Some(opens) } => problem("opens", rfc3339(calendar, *opens)),
        Refusal::CoolingDown { until } => problem("until", day(*until)),
        Refusal::AlreadyCancelled { at } | Refusal::AlreadyRedeemed { at, .. } => {
            problem("at", rfc3339(calendar, *at))
        }
        _ => None,
    }
}

/// The same as a value, for a batch and for pages.
pub(crate) fn refusal_as_problem(
    campaign: &Prepared,
    refusal: &Refusal,
    language: Language,
) -> Problem {
    let own = refusal_problem(campaign, refusal, language);
    own.unwrap_or_else(|| Problem::of(refusal.code(), language))
}

/// The node does not take requests just now.
pub(crate) fn unavailable(why: Unavailable, language: Language) -> Problem {
    Problem::of(why.code(), language).retry_after(why.retry_after_seconds())
}

/// More come than are let through.
pub(crate) fn slow_down(campaign: &Prepared, language: Language) -> Problem {
    let seconds = campaign.view.definition.pacing.retry_seconds.max(1);
    Problem::of("slow-down", language).retry_after(u32::from(seconds))
}

fn open(bytes: &mut Vec<u8>, outcome: &str, entry: EntryNo) {
    push(bytes, &["{\"outcome\":\"", outcome, "\",\"number\":"]);
    // People count from one.
    number(bytes, u64::from(entry.0) + 1);
}

fn write_receipt(state: &Shared, campaign: &Prepared, entry: EntryNo, bytes: &mut Vec<u8>) {
    let receipt = state.receipts.encode(campaign.view.no, entry);
    push(bytes, &[",\"receipt\":\"", receipt.as_str(), "\""]);
}

fn write_booking(
    state: &Shared,
    campaign: &Prepared,
    entry: EntryNo,
    pool: PoolNo,
    units: u8,
    bytes: &mut Vec<u8>,
) {
    let definition = &*campaign.view.definition;
    let place = campaign.view.pools()[pool.index()];
    // Codes need no escaping: they are letters, digits, '-', '_' and '.'.
    write!(bytes, ",\"code\":\"{}\"", state.codes.encode(campaign.view.no, entry))
        .expect("writing to memory cannot fail");
    push(
        bytes,
        &[
            ",\"booking\":{\"outlet\":\"",
            &definition.outlets[place.outlet.index()].code,
            "\",\"item\":\"",
            &definition.items[place.item.index()].code,
            "\",\"slot\":\"",
            &definition.slots[place.slot.index()].code,
            "\",\"units\":",
        ],
    );
    number(bytes, u64::from(units));
    bytes.push(b'}');
}

fn push(bytes: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| bytes.extend_from_slice(part.as_bytes()));
}

/// Appends a number in decimal.
pub(crate) fn number(bytes: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[start..]);
}
