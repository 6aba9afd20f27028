//! The four choices of the campaign file: register, allocate, publish, fulfil; and pacing.
//!
//! Owns: their keys, words and defaults. Never: the tables.

use crate::codes::Codes;
use crate::document::{Reading, Section, Text};
use crate::draw;
use crate::language::{Languages, TextRule};
use crate::problem::{Code, Problem};
use crate::registered;
use crate::schedule::{Clock, MOMENT, Moment, limited};
use crate::words::{listed, nearest, shown};
use regex::RegexBuilder;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use toml::de::DeValue;
use types::definition::{Allocate, Fulfil, IdentityField, Pacing, Publish, Register};
use types::{FieldKind, Millis, limits};

const REGION: &str = "a country's two capital letters (ISO 3166), such as \"CN\"";
const KINDS: &[&str] = &["resident-id", "phone", "passport", "home-return-permit", "text"];

/// `[register]`; with the end of the last window, to compare publication with.
pub(crate) fn register<'a>(
    section: &mut Section<'a>,
    clock: Clock<'a>,
    languages: Languages<'a>,
) -> (Register, Option<Moment>) {
    let windows = clock.windows(section);
    let last = windows.last().map(|(window, span)| Moment { at: window.until, span: span.clone() });
    let cap = section.number("cap", 1, u64::from(limits::ENTRIES_MAX)).map(small);
    let (units_min, units_max) = units(section);
    let choices = section.number("choices_max", 1, limits::CHOICES_MAX as u64);
    let reenter_after_cancel = section.flag("reenter_after_cancel", true);
    let allow_list = section.flag("allow_list", false);
    let registered_in = registered::key(section);
    let fields = section.sections("field", "[[register.field]]");
    let fields = fields_of(fields, section, languages);
    let register = Register {
        windows: windows.into_iter().map(|(window, _)| window).collect(),
        fields,
        cap,
        units_min,
        units_max,
        choices_max: choices.map_or(1, small),
        reenter_after_cancel,
        allow_list,
        registered_in,
    };
    (register, last)
}

/// A number that was checked against a limit which fits its type.
fn small<T: TryFrom<u64>>(number: u64) -> T {
    T::try_from(number).ok().expect("the limit fits the type")
}

/// `units = 5`, or `units = { min = 1, max = 5 }`.
fn units(section: &mut Section<'_>) -> (u8, u8) {
    let most = u64::from(limits::UNITS_PER_BOOKING_MAX);
    let expected = "a whole number, or { min = 1, max = 5 }";
    let Some(value) = section.take("units") else { return (1, 1) };
    let reading = section.reading;
    match &value.value {
        DeValue::Integer(_) => {
            let units = reading.number(&value, 1, most).map_or(1, small);
            (units, units)
        }
        DeValue::Table(_) => {
            let span = value.span.clone();
            let name = "units = { … }".to_owned();
            let Some(mut table) = reading.section(value, name, expected) else { return (1, 1) };
            let min = table.number("min", 1, most).map_or(1, small);
            let max = table.take("max").map(|value| reading.number(&value, 1, most).map(small));
            if max.is_none() {
                table.missing("max", "the most units of one booking");
            }
            table.finish();
            let max = max.flatten().unwrap_or(min);
            if max < min {
                let message = format!("the least units, {min}, are more than the most, {max}");
                let problem = reading.problem(Code::OutOfRange, &span, message);
                reading.report.add(problem.expected("\"min\" not above \"max\""));
            }
            (min, max)
        }
        _ => {
            reading.wrong_type(&value, expected);
            (1, 1)
        }
    }
}

fn fields_of<'a>(
    sections: Vec<Section<'a>>,
    register: &Section<'a>,
    languages: Languages<'a>,
) -> Vec<IdentityField> {
    let mut codes = Codes::new("field", register.reading.damage);
    let mut fields = Vec::new();
    let mut is_unread = register.is_unread("field");
    for mut section in limited(sections, "fields", limits::IDENTITY_FIELDS_MAX) {
        let reading = section.reading;
        let code = section.require_text("code", "a code");
        codes.add_text(code.as_ref(), reading);
        code.iter().for_each(|code| refuse_column(reading, code));
        let kind = field_kind(&mut section);
        let label = languages.text(&mut section, "label", TextRule::NAME);
        let errors = reading.report.errors();
        is_unread |= section.is_unread("unique");
        let unique = section.flag("unique", false);
        is_unread |= errors < reading.report.errors();
        section.finish();
        let code = code.map(|code| code.text).unwrap_or_default();
        fields.push(IdentityField { code, kind, label, unique });
    }
    if is_unread {
        return fields;
    }
    let unique = fields.iter().filter(|field| field.unique).count();
    let most = limits::UNIQUE_FIELDS_MAX;
    let message = if fields.is_empty() {
        "the campaign asks for no identity field".to_owned()
    } else if unique == 0 {
        "no identity field is unique, so a person could enter again and again".to_owned()
    } else if unique > most {
        format!("{unique} identity fields are unique")
    } else {
        return fields;
    };
    let problem = register.reading.problem(Code::NoUniqueField, &register.span, message);
    let expected = format!("1 to {most} [[register.field]] with unique = true");
    register.reading.report.add(problem.expected(expected));
    fields
}

/// Whoever reads an exported table by its headings must not take a field for another column.
fn refuse_column(reading: Reading<'_>, code: &Text) {
    if types::columns::is_taken(&code.text) {
        let message = format!("\"{}\" is a column of exported tables already", code.text);
        let problem = reading.problem(Code::BadCode, &code.span, message);
        reading.report.add(problem.expected("another code, such as \"person_NAME\""));
    }
}

fn field_kind(section: &mut Section<'_>) -> FieldKind {
    let Some(kind) = section.require_text("kind", &one_of(KINDS)) else {
        return of_unknown_kind(section);
    };
    match kind.text.as_str() {
        "resident-id" => FieldKind::ResidentId,
        "passport" => FieldKind::Passport,
        "home-return-permit" => FieldKind::HomeReturnPermit,
        "phone" => FieldKind::Phone { region: region(section) },
        "text" => FieldKind::Text { pattern: pattern(section) },
        _ => {
            unknown_word(section, &kind, "kind", KINDS, &[]);
            of_unknown_kind(section)
        }
    }
}

/// The keys of every kind are checked where they stand: they may be right for the one that is
/// meant.
fn of_unknown_kind(section: &mut Section<'_>) -> FieldKind {
    if let Some(region) = section.text("region", REGION) {
        check_region(section, &region);
    }
    FieldKind::Text { pattern: pattern(section) }
}

fn region(section: &mut Section<'_>) -> String {
    let Some(region) = section.require_text("region", REGION) else { return String::new() };
    check_region(section, &region);
    region.text
}

fn check_region(section: &Section<'_>, region: &Text) {
    let capitals = region.text.bytes().all(|byte| byte.is_ascii_uppercase());
    if region.text.len() != 2 || !capitals {
        let message = format!("\"{}\" is not a country's code", shown(&region.text));
        let problem = section.reading.problem(Code::UnknownWord, &region.span, message);
        let upper = region.text.to_uppercase();
        let near = (upper.len() == 2 && upper.is_ascii()).then_some(upper);
        section.reading.report.add(problem.expected(REGION).word(near));
    } else if !has_phone_numbers(&region.text) {
        let message = format!("there is no country \"{}\" with telephone numbers", region.text);
        let problem = section.reading.problem(Code::UnknownWord, &region.span, message);
        section.reading.report.add(problem.expected(REGION));
    }
}

/// Whether a country's two capital letters have a numbering plan, as whoever reads the numbers
/// needs it.
fn has_phone_numbers(code: &str) -> bool {
    let supported = || PHONE_NUMBER_UTIL.get_supported_regions();
    Region::from_code(code).is_ok_and(|region| supported().any(|known| known == region))
}

fn pattern(section: &mut Section<'_>) -> Option<String> {
    let pattern = section.text("pattern", "a regular expression")?;
    // Where it is used, anchors are put around it.
    let bytes_max = limits::FIELD_PATTERN_BYTES_MAX - 4_096;
    let built = RegexBuilder::new(&pattern.text).size_limit(bytes_max).build();
    if let Err(error) = built {
        let why = match &error {
            regex::Error::CompiledTooBig(_) => "it takes too much memory".to_owned(),
            // The last line says what is wrong; those before it draw the place.
            other => other.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
        };
        let message = format!("the pattern is not a regular expression: {why}");
        let problem = section.reading.problem(Code::BadPattern, &pattern.span, message);
        section.reading.report.add(problem.expected("the syntax of https://docs.rs/regex"));
    }
    Some(pattern.text)
}

/// `[allocate]`.
pub(crate) fn allocate(section: &mut Section<'_>) -> Allocate {
    let by =
        word(section, "by", "first-come", &["first-come", "draw"], &["everyone", "timed-release"]);
    draw::allocate(section, by)
}

/// `[fulfil]`.
pub(crate) fn fulfil(section: &mut Section<'_>) -> Fulfil {
    word(section, "by", "pickup", &["pickup"], &["purchase", "payout"]);
    Fulfil::Pickup { whole_day: section.flag("whole_day", false) }
}

/// `[publish]`.
pub(crate) fn publish<'a>(
    section: &mut Section<'a>,
    clock: Clock<'a>,
    last_window: Option<&Moment>,
    now: Millis,
) -> Publish {
    let words = ["at-once", "at", "by-hand"];
    let when = word(section, "when", "", &words, &[]);
    let at = section.time("at", MOMENT);
    let expected = section.time("expected", MOMENT);
    let belongs = |text: &Option<Text>, key: &str, with: &str| {
        if let (Some(text), Some(when)) = (text, when)
            && when != with
        {
            let message = format!("\"{key}\" has no meaning with when = \"{when}\"");
            let problem = section.reading.problem(Code::ConflictingKeys, &text.span, message);
            section.reading.report.add(problem.expected(format!("when = \"{with}\"")));
        }
    };
    belongs(&at, "at", "at");
    belongs(&expected, "expected", "by-hand");
    let moment = |text: &Option<Text>| text.as_ref().and_then(|text| clock.moment(text));
    let after = |moment: &Moment| {
        if last_window.is_some_and(|last| moment.at < last.at) {
            let message = "results would be published before the last window ends";
            let reading = clock.reading;
            let problem = reading.problem(Code::TimesOutOfOrder, &moment.span, message);
            reading.report.add(problem.expected("a time not before the end of the last window"));
        }
    };
    match when {
        Some("at") => {
            if at.is_none() {
                section.missing("at", MOMENT);
            }
            let at = moment(&at);
            at.iter().for_each(after);
            for at in at.iter().filter(|at| at.at <= now) {
                let message =
                    "the time at which results are published is over: nobody could ever enter";
                let problem = clock.reading.problem(Code::InThePast, &at.span, message);
                let problem = problem.expected("a time that is still to come");
                clock.reading.report.add(problem.advice("look whether the year is right"));
            }
            Publish::At { at: at.map(|at| at.at).unwrap_or_default() }
        }
        Some("by-hand") => {
            let expected = moment(&expected);
            expected.iter().for_each(after);
            for expected in expected.iter().filter(|expected| expected.at <= now) {
                let place = clock.reading.source.place(&expected.span);
                let message = "the time at which results are expected is over";
                let problem = Problem::warning(Code::InThePast, place, message);
                clock.reading.report.add(problem.advice("look whether the year is right"));
            }
            Publish::ByHand { expected: expected.map(|expected| expected.at) }
        }
        _ => Publish::AtOnce,
    }
}

/// `[pacing]`, or what it is without.
pub(crate) fn pacing(section: Option<&mut Section<'_>>) -> Pacing {
    const SECONDS_MAX: u64 = 3_600;
    let mut pacing = Pacing {
        release_percent: 100,
        retry_seconds: 3,
        poll_seconds: 5,
        jitter_seconds: 2,
        admit_per_second: None,
    };
    let Some(section) = section else { return pacing };
    pacing.release_percent = section.number("release_percent", 1, 100).map_or(100, small);
    pacing.retry_seconds = section.number("retry_seconds", 1, SECONDS_MAX).map_or(3, small);
    pacing.poll_seconds = section.number("poll_seconds", 1, SECONDS_MAX).map_or(5, small);
    pacing.jitter_seconds = section.number("jitter_seconds", 0, SECONDS_MAX).map_or(2, small);
    let most = u64::from(limits::ENTRIES_MAX);
    pacing.admit_per_second = section.number("admit_per_second", 1, most).map(small);
    pacing
}

/// A word out of a few; an empty default means that it must be there.
fn word<'w>(
    section: &mut Section<'_>,
    key: &'static str,
    default: &'w str,
    words: &[&'w str],
    later: &[&str],
) -> Option<&'w str> {
    let expected = one_of(words);
    let found = if default.is_empty() {
        section.require_text(key, &expected)?
    } else {
        match section.text(key, &expected) {
            Some(found) => found,
            None => return Some(default),
        }
    };
    let word = words.iter().copied().find(|word| *word == found.text);
    if word.is_none() {
        unknown_word(section, &found, key, words, later);
    }
    word
}

fn unknown_word(section: &Section<'_>, found: &Text, key: &str, words: &[&str], later: &[&str]) {
    let reading = section.reading;
    let expected = one_of(words);
    let problem = if later.contains(&found.text.as_str()) {
        let message = format!("{key} = \"{}\" is not available in this release", found.text);
        reading.problem(Code::NotAvailable, &found.span, message)
    } else {
        let value = shown(&found.text);
        let message = format!("unknown value \"{value}\" of \"{key}\" in {}", section.name);
        let near = nearest(&found.text, words.iter().copied());
        reading.problem(Code::UnknownWord, &found.span, message).word(near)
    };
    reading.report.add(problem.expected(expected));
}

/// `"a"`, or `one of "a", "b"`.
fn one_of(words: &[&str]) -> String {
    let few = if words.len() > 1 { "one of " } else { "" };
    few.to_owned() + &listed(words.iter().copied())
}
