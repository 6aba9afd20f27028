//! What records must satisfy: the promises, checked from the clients' side alone.
//! What operators changed is checked in `operated`.
//!
//! Owns: an own count of every pool, person and number. Never: uses anything that decides.
//! Invariants: what is checked at rest is checked when no request is unknown.
//! On failure: every breach is a problem in the records.

mod operated;

use crate::change::Standing;
use crate::error::TrialError;
use crate::record::{Act, Known, Records, Told, member};
use crate::site::{CAMPAIGN, OUTLETS, Site};
use serde_json::Value;
use std::collections::HashMap;

/// What the clients know of one entry.
struct Entry<'a> {
    person: u32,
    told: &'a Told,
    is_cancelled: bool,
    is_redeemed: bool,
}

/// The clients' own sums.
#[derive(Debug, Default)]
struct Sums {
    entries: u64,
    live: u64,
    cancelled: u64,
    redeemed: u64,
    booked: [u64; OUTLETS.len()],
}

/// Checks everything that must hold whenever nothing is under way: one order that agrees with
/// real time (I5), numbers given once and without gaps (I4, I7), one live entry a person (I3),
/// pools never oversold (I2), and that the program counts as the clients do, and as the operators
/// do: issued - withdrawn = free + booked at each outlet, the pause, the cap, and the record of
/// every change; nobody entered against them.
///
/// # Errors
/// When the program does not answer.
pub fn at_rest(records: &Records, site: &Site<'_>, exports: &[String]) -> Result<(), TrialError> {
    let truth = site.ask_operator(&format!("/v1/operator/campaigns/{CAMPAIGN}"))?;
    books(records, &truth, exports);
    Ok(())
}

/// Checks that the program has at least what it acknowledged, before anything is asked again: an
/// entry that was lost would come back by being asked for.
///
/// # Errors
/// When the program does not answer.
pub fn nothing_missing(records: &Records, site: &Site<'_>) -> Result<(), TrialError> {
    let truth = site.ask_operator(&format!("/v1/operator/campaigns/{CAMPAIGN}"))?;
    at_least(records, &truth);
    Ok(())
}

/// The same against what the program told of its own count.
pub fn at_least(records: &Records, truth: &Value) {
    let mut problems = Vec::new();
    let sums = {
        let inner = records.lock();
        operated::at_least(&inner.book, truth, &mut problems);
        let standing = inner.book.standing();
        add_up(&entries(&inner.asked, &mut Vec::new()), standing, &mut Vec::new())
    };
    let fates = "/entries_by_decision/booked";
    for (what, own, path) in [
        ("entries", sums.entries, "/entries".to_owned()),
        ("cancellations", sums.cancelled, format!("{fates}/cancelled")),
        ("redemptions", sums.redeemed, format!("{fates}/redeemed")),
    ] {
        let told = truth.pointer(&path).and_then(Value::as_u64);
        if told.is_none_or(|told| told < own) {
            problems.push(format!("{own} {what} were acknowledged, and {told:?} are there"));
        }
    }
    problems.into_iter().for_each(|problem| records.problem(problem));
}

/// The same as [`at_rest`], against what the program told of its own count.
pub fn books(records: &Records, truth: &Value, exports: &[String]) {
    let mut problems = Vec::new();
    {
        let mut inner = records.lock();
        let stops = std::mem::take(&mut inner.stops);
        let unknown = inner.asked.iter().filter(|asked| asked.known == Known::Nothing).count();
        if 0 < unknown {
            problems.push(format!("{unknown} requests never got an answer"));
        }
        let entries = entries(&inner.asked, &mut problems);
        let standing = inner.book.standing();
        let sums = add_up(&entries, standing, &mut problems);
        in_order(&inner.asked, &mut problems);
        compare(&sums, standing, truth, &mut problems);
        operated::standing(&inner.book, truth, &mut problems);
        operated::recorded(&inner.book, truth, &mut problems);
        operated::obeyed(&inner.book, &inner.asked, &stops, &mut problems);
    }
    let recorded = truth.get("exports").and_then(Value::as_array);
    let recorded = |checksum: &String| {
        let is_it = |export: &Value| export.get("checksum")?.as_str().map(|it| it == checksum);
        recorded.is_some_and(|all| all.iter().any(|export| is_it(export) == Some(true)))
    };
    for lost in exports.iter().filter(|export| !recorded(export)) {
        problems.push(format!("an export that was read to its end is not recorded: {lost}"));
    }
    problems.into_iter().for_each(|problem| records.problem(problem));
}

/// Checks that receipts and codes were given once.
pub fn secrets_once(records: &Records) {
    let mut problems = Vec::new();
    {
        let inner = records.lock();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (place, asked) in inner.asked.iter().enumerate() {
            let (Act::Enter { .. }, Some(told)) = (asked.act, asked.told()) else { continue };
            for name in ["receipt", "code"] {
                let Some(secret) = member(told, name) else {
                    problems.push(format!("request {place} got no {name}"));
                    continue;
                };
                if let Some(other) = seen.insert(format!("{name} {secret}"), place) {
                    problems.push(format!("requests {other} and {place} have one {name}"));
                }
            }
        }
    }
    problems.into_iter().for_each(|problem| records.problem(problem));
}

fn entries<'a>(asked: &'a [crate::record::Asked], problems: &mut Vec<String>) -> Vec<Entry<'a>> {
    let mut places = HashMap::new();
    let mut entries = Vec::new();
    for (place, asked) in asked.iter().enumerate() {
        let Some(told) = asked.told() else { continue };
        match asked.act {
            Act::Enter { person } => {
                places.insert(place, entries.len());
                entries.push(Entry { person, told, is_cancelled: false, is_redeemed: false });
            }
            Act::Cancel { entry } | Act::Redeem { entry } => {
                let of: &mut Entry<'_> = &mut entries[places[&entry]];
                let is_cancel = matches!(asked.act, Act::Cancel { .. });
                of.is_cancelled |= is_cancel;
                of.is_redeemed |= !is_cancel;
                if told.number != of.told.number {
                    problems.push(format!(
                        "request {place} is about number {}, and was told {}",
                        of.told.number, told.number
                    ));
                }
            }
        }
    }
    entries
}

fn add_up(entries: &[Entry<'_>], standing: &Standing, problems: &mut Vec<String>) -> Sums {
    let mut sums = Sums { entries: entries.len() as u64, ..Sums::default() };
    let mut people: HashMap<u32, u64> = HashMap::new();
    let mut numbers: Vec<u64> = entries.iter().map(|entry| entry.told.number).collect();
    numbers.sort_unstable();
    if numbers.iter().zip(1..).any(|(number, expected)| *number != expected) {
        problems.push("the numbers of the entries are not 1, 2, 3, … each once".to_owned());
    }
    for Entry { person, told, is_cancelled, is_redeemed } in entries {
        if *is_cancelled && *is_redeemed {
            problems.push(format!("number {} is cancelled and handed out", told.number));
        }
        sums.cancelled += u64::from(*is_cancelled);
        sums.redeemed += u64::from(*is_redeemed);
        sums.live += u64::from(!is_cancelled && !is_redeemed);
        let Some((outlet, units)) = told.booked else {
            problems.push(format!("number {} is booked nowhere", told.number));
            continue;
        };
        if *is_cancelled {
            continue;
        }
        sums.booked[outlet] += units;
        if let Some(first) = people.insert(*person, told.number) {
            problems.push(format!("person {person} holds numbers {first} and {}", told.number));
        }
    }
    for (place, booked) in sums.booked.into_iter().enumerate() {
        let (outlet, on_offer) = (OUTLETS[place].0, standing.on_offer(place));
        if on_offer < booked {
            problems.push(format!("{outlet} is oversold: {booked} of {on_offer}"));
        }
    }
    sums
}

/// If A was acknowledged before B was sent for the first time, A comes before B.
fn in_order(asked: &[crate::record::Asked], problems: &mut Vec<String>) {
    let entries = asked.iter().filter(|asked| matches!(asked.act, Act::Enter { .. }));
    let told: Vec<_> =
        entries.filter_map(|asked| Some((asked.first_sent, asked.told()?))).collect();
    let (mut by_sending, mut by_answer) = (told.clone(), told);
    by_sending.sort_unstable_by_key(|(sent, _)| *sent);
    by_answer.sort_unstable_by_key(|(_, told)| told.at);
    let mut earlier = by_answer.iter().peekable();
    let mut highest = 0;
    for (sent, told) in by_sending {
        while let Some((_, before)) = earlier.next_if(|(_, before)| before.at < sent) {
            highest = highest.max(before.number);
        }
        if told.number <= highest {
            problems.push(format!(
                "number {} was sent after number {highest} was acknowledged",
                told.number
            ));
        }
    }
}

fn compare(sums: &Sums, standing: &Standing, truth: &Value, problems: &mut Vec<String>) {
    let mut same = |what: &str, own: u64, path: &str| {
        let told = truth.pointer(path).and_then(Value::as_u64);
        if told != Some(own) {
            problems.push(format!("{what}: {own} by the clients' count, told {told:?}"));
        }
    };
    same("entries", sums.entries, "/entries");
    same("live", sums.live, "/entries_by_decision/booked/live");
    same("cancelled", sums.cancelled, "/entries_by_decision/booked/cancelled");
    same("redeemed", sums.redeemed, "/entries_by_decision/booked/redeemed");
    same("units", sums.booked.iter().sum(), "/units/booked");
    for (place, booked) in sums.booked.into_iter().enumerate() {
        let outlet = OUTLETS[place].0;
        let (issued, withdrawn) = (standing.issued[place], standing.withdrawn[place]);
        let outlets = truth.get("by_outlet").and_then(Value::as_array);
        let found =
            outlets.into_iter().flatten().find(|sum| sum.get("code") == Some(&outlet.into()));
        let told = |name: &str| found.and_then(|sum| sum.get(name)?.as_u64());
        let told = ["issued", "withdrawn", "booked", "free"].map(told);
        let free = standing.on_offer(place).checked_sub(booked);
        if told != [Some(issued), Some(withdrawn), Some(booked), free] || free.is_none() {
            problems.push(format!(
                "{outlet}: {booked} of {issued} less {withdrawn} by the clients' count, told of \
                 issued, withdrawn, booked and free {told:?}"
            ));
        }
    }
}
