//! What a campaign that draws says more than others: its terms, reserved items, names in a draw.
//!
//! Owns: every rule of draws that the campaign file can break (`docs/rules.md`), with its place.
//! Never: how lots are drawn. Invariants: what passes here passes `types::definition::check`.

use crate::codes::{CodeRule, Codes};
use crate::document::{Reading, Section, Text};
use crate::problem::{Code, Problem};
use crate::words::shown;
use std::collections::HashMap;
use std::ops::Range;
use toml::de::DeValue;
use types::definition::{Allocate, Definition, DrawTerms, Item, Publish, Reserved};
use types::ids::ItemNo;
use types::limits;

const BY_DRAW: &str = "by = \"draw\" in [allocate]";
const TRANCHE: &str = "1 to 16 of A-Z, 0-9, \".\", \"_\", \"-\"";
const _: () = assert!(limits::DRAW_TRANCHE_CHARS_MAX == 16, "the form tells the length");
const _: () = assert!(limits::DRAW_UNITS_MAX == 8, "a message tells the number");
/// The keys of `[allocate]` that mean something in a draw alone.
const TERMS: [&str; 4] = ["stand_days", "tickets_max", "accept_any", "group_max"];

/// What the codes must keep to, known before they are read.
#[derive(Clone, Copy)]
pub(crate) struct Drawing {
    /// Whether it draws once for all.
    once: bool,
}

impl Drawing {
    /// What `[allocate]` says, without reading it for good.
    pub(crate) fn of(root: &Section<'_>) -> Option<Self> {
        let DeValue::Table(allocate) = root.look("allocate")? else { return None };
        let key = |name: &str| allocate.iter().find(|(key, _)| key.get_ref() == name);
        let (_, by) = key("by")?;
        let by = matches!(by.get_ref(), DeValue::String(by) if by.trim() == "draw");
        by.then(|| Self { once: key("stand_days").is_none() })
    }
}

/// The rule for codes of outlets.
pub(crate) fn of_outlets(drawing: Option<Drawing>) -> CodeRule {
    drawing.map_or(CodeRule::Any, |_| CodeRule::Differ)
}

/// The rule for codes of items.
pub(crate) fn of_items(drawing: Option<Drawing>) -> CodeRule {
    drawing.map_or(CodeRule::Any, |_| CodeRule::Plain)
}

/// The rule for codes of so many slots.
pub(crate) fn of_slots(drawing: Option<Drawing>, slots: usize) -> CodeRule {
    match drawing {
        None => CodeRule::Any,
        Some(Drawing { once }) if once && 1 < slots => CodeRule::Plain,
        Some(_) => CodeRule::Differ,
    }
}

/// `[allocate]`, where `by` is one of the words.
pub(crate) fn allocate(section: &mut Section<'_>, by: Option<&str>) -> Allocate {
    let given: Vec<_> = TERMS.into_iter().filter(|key| section.look(key).is_some()).collect();
    let spans: Vec<_> = given.iter().map(|key| section.span_of(key)).collect();
    let stand_days = section.number("stand_days", 1, u64::from(limits::STAND_DAYS_MAX));
    let tickets = section.number("tickets_max", 1, u64::from(limits::DRAW_TICKETS_MAX));
    let accept_any = section.flag("accept_any", false);
    let group = section.number("group_max", 1, u64::from(limits::DRAW_UNITS_MAX));
    if by != Some("draw") {
        for (key, span) in given.iter().zip(&spans).filter(|_| by.is_some()) {
            let message = format!("\"{key}\" has no meaning where nothing is drawn");
            let problem = section.reading.problem(Code::ConflictingKeys, span, message);
            let problem = problem.expected(BY_DRAW);
            section.reading.report.add(problem.advice(format!("add it, or remove \"{key}\"")));
        }
        return Allocate::FirstCome;
    }
    let number = |number: Option<u64>| number.map_or(1, |number| number as u8);
    Allocate::Draw(DrawTerms {
        stand_days: stand_days.map(|days| days as u16),
        tickets_max: number(tickets),
        accept_any,
        group_max: number(group),
    })
}

/// What an item says of being a part of another.
pub(crate) struct Part {
    of: Text,
    tranche: Text,
}

/// `of` and `tranche` of an item.
pub(crate) fn part(section: &mut Section<'_>) -> Option<Part> {
    let of = section.text("of", "the code of another item");
    let tranche = section.text("tranche", TRANCHE);
    match (of, tranche) {
        (Some(of), Some(tranche)) => return Some(Part { of, tranche }),
        (Some(_), None) => section.missing("tranche", TRANCHE),
        (None, Some(_)) => section.missing("of", "the code of the item that this one is part of"),
        (None, None) => (),
    }
    None
}

/// Finds the items that others are parts of.
pub(crate) fn reserve(
    items: &mut [Item],
    parts: &[Option<Part>],
    codes: &Codes,
    drawing: Option<Drawing>,
    reading: Reading<'_>,
) {
    let mut seen: HashMap<(usize, &str), String> = HashMap::new();
    let named = items.iter().map(|item| item.code.clone()).collect::<Vec<_>>();
    for (nth, part) in parts.iter().enumerate() {
        let Some(Part { of, tranche }) = part else { continue };
        let place = |text: &Text| reading.source.place(&text.span);
        if drawing.is_none() {
            let message = "only a draw keeps a part of an item's units";
            let problem = Problem::error(Code::ConflictingKeys, place(of), message);
            let advice = "remove \"of\" and \"tranche\" where nothing is drawn";
            reading.report.add(problem.expected(BY_DRAW).advice(advice));
        }
        check_tranche(tranche, reading);
        let Some(whole) = codes.number(&of.text, || place(of), reading.report) else { continue };
        if parts.get(whole).is_some_and(Option::is_some) {
            let message = format!(
                "\"{}\" is a part of an item itself, so \"{}\" cannot be a part of it",
                shown(&of.text),
                shown(&named[nth])
            );
            let problem = Problem::error(Code::ConflictingKeys, place(of), message);
            reading.report.add(problem.expected("the code of an item that has no \"of\""));
            continue;
        }
        if let Some(first) = seen.get(&(whole, tranche.text.as_str())) {
            let message = format!(
                "the tranche \"{}\" of \"{}\" stands twice, first in {first}",
                shown(&tranche.text),
                shown(&of.text)
            );
            let problem = Problem::error(Code::DuplicateCode, place(tranche), message);
            reading.report.add(problem.expected("each tranche of an item once"));
            continue;
        }
        seen.insert((whole, &tranche.text), place(tranche).to_string());
        let of = ItemNo(u16::try_from(whole).expect("items are within their limit"));
        if let Some(item) = items.get_mut(nth) {
            item.reserved = Some(Reserved { of, tranche: tranche.text.clone() });
        }
    }
}

fn check_tranche(tranche: &Text, reading: Reading<'_>) {
    let fits = |text: &str| {
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "._-".contains(c);
        (1..=limits::DRAW_TRANCHE_CHARS_MAX).contains(&text.len()) && text.chars().all(plain)
    };
    if !fits(&tranche.text) {
        let meant = Some(tranche.text.to_ascii_uppercase()).filter(|meant| fits(meant));
        let message = format!("\"{}\" cannot be a tranche", shown(&tranche.text));
        let problem = reading.problem(Code::BadCode, &tranche.span, message);
        reading.report.add(problem.expected(TRANCHE).word(meant));
    }
}

/// Where the keys stand that a draw asks something of.
#[derive(Default)]
pub(crate) struct Spans {
    pub(crate) allocate: Range<usize>,
    pub(crate) units: Range<usize>,
    pub(crate) publish: Range<usize>,
}

/// What a draw asks of other sections.
pub(crate) fn check(
    reading: Reading<'_>,
    spans: &Spans,
    units_max: Option<u8>,
    publish: Option<&Publish>,
) {
    if units_max.is_some_and(|units| limits::DRAW_UNITS_MAX < units) {
        let message = "a draw gives at most 8 units to an entry";
        let problem = reading.problem(Code::OutOfRange, &spans.units, message);
        reading.report.add(problem.expected("units from 1 to 8, or first-come in [allocate]"));
    }
    if publish.is_some_and(|publish| !matches!(publish, Publish::ByHand { .. })) {
        let message = "what is drawn is published by hand, when the draw is done";
        let problem = reading.problem(Code::ConflictingKeys, &spans.publish, message);
        reading.report.add(problem.expected("when = \"by-hand\""));
    }
}

/// Whether each place's name in a draw is short enough; it is made of the codes.
pub(crate) fn check_names(definition: &Definition, reading: Reading<'_>, spans: &Spans) {
    let Some(terms) = definition.draw() else { return };
    let with_slot = terms.stand_days.is_none() && 1 < definition.slots.len();
    let longest = |codes: &mut dyn Iterator<Item = &String>| {
        codes.max_by_key(|code| code.len()).cloned().unwrap_or_default()
    };
    let mut parts = vec![
        ("outlet", longest(&mut definition.outlets.iter().map(|outlet| &outlet.code))),
        ("item", longest(&mut definition.items.iter().map(|item| &item.code))),
    ];
    if with_slot {
        parts.push(("slot", longest(&mut definition.slots.iter().map(|slot| &slot.code))));
    }
    let chars = parts.iter().map(|(_, code)| code.len() + 1).sum::<usize>() - 1;
    if limits::DRAW_BUCKET_CHARS_MAX < chars {
        let longest: Vec<_> =
            parts.iter().map(|(what, code)| format!("the {what} \"{code}\"")).collect();
        let message = format!(
            "the name of a place in a draw is made of its codes, and the longest have {chars} \
             characters together: {}",
            longest.join(", ")
        );
        let problem = reading.problem(Code::BadCode, &spans.allocate, message);
        let most = limits::DRAW_BUCKET_CHARS_MAX;
        let expected = format!("at most {most} characters with a \"-\" between the codes");
        reading.report.add(problem.expected(expected).advice("shorten the longest codes"));
    }
}

/// Whether a draw has room for every place that has stock.
pub(crate) fn check_buckets(definition: &Definition, reading: Reading<'_>, spans: &Spans) {
    let Some(terms) = definition.draw() else { return };
    let places = definition.stock.iter().map(|stock| (stock.outlet, stock.item, stock.slot));
    let (buckets, most) = (definition.buckets_len(places), limits::DRAW_BUCKETS_MAX);
    if most < buckets {
        let (each, advice) = match terms.stand_days {
            None => ("outlet, item and slot", "draw slot by slot (stand_days), or in campaigns"),
            Some(_) => ("outlet and item", "draw fewer outlets or items, or in campaigns"),
        };
        let message = format!("a draw has a bucket for each {each} with stock: here {buckets}");
        let problem = reading.problem(Code::TooMany, &spans.allocate, message);
        let advice = format!("{advice} of their own");
        reading.report.add(problem.expected(format!("at most {most}")).advice(advice));
    }
}

/// What is allowed in a draw and seldom meant.
pub(crate) fn warn(definition: &Definition, reading: Reading<'_>, spans: &Spans) {
    let draws_again = definition.draw().is_some_and(|terms| terms.stand_days.is_some());
    let cools_down = definition.series.as_ref().is_some_and(|series| 0 < series.cool_down_days);
    if draws_again && !cools_down {
        let place = reading.source.place(&spans.allocate);
        let message = "whoever wins may enter the next draw at once: nothing keeps winners out";
        let problem = Problem::warning(Code::WinnersAgain, place, message);
        let advice = "add [series] with cool_down_days if each person is to win once in a while";
        reading.report.add(problem.advice(advice));
    }
}
