//! `registered_in`: the campaign whose people alone may enter.
//!
//! Owns: the key, and what is wrong with it in the file and beside the file that it names. Never:
//! decides who is the same person in both; `Definition::shares_person_keys` does, for the ledger
//! as well.

use crate::Loaded;
use crate::codes;
use crate::document::{Reading, Section};
use crate::problem::{Code, Place, Problem};
use std::ops::Range;
use std::path::Path;
use types::Definition;
use types::definition::is_code;

const EXPECTED: &str = "another campaign's code";

/// `registered_in` of `[register]`.
pub(crate) fn key(section: &mut Section<'_>) -> Option<String> {
    let named = section.text("registered_in", EXPECTED)?;
    if !is_code(&named.text) {
        let place = section.reading.source.place(&named.span);
        let problem = codes::bad("campaign", &named.text, place).expected(EXPECTED);
        section.reading.report.add(problem);
    }
    Some(named.text)
}

/// What the rest of the file must be for it.
pub(crate) fn check(definition: &Definition, reading: Reading<'_>, span: &Range<usize>) {
    let Some(named) = definition.registered_in() else { return };
    let problem = |message: String| reading.problem(Code::RegisteredIn, span, message);
    if named == definition.code {
        let message = "the campaign would take only people who are in it already".to_owned();
        reading.report.add(problem(message).expected(EXPECTED));
    } else if definition.series.is_none() {
        let message = format!(
            "people are known to be the same as in \"{named}\" only within a series, and the \
             campaign has none"
        );
        let expected = format!("a [series] with the code that the file of \"{named}\" has");
        reading.report.add(problem(message).expected(expected));
    }
}

/// Where the file says it.
pub(crate) fn place(
    definition: &Definition,
    reading: Reading<'_>,
    span: &Range<usize>,
) -> Option<Place> {
    definition.registered_in().map(|_| reading.source.place(span))
}

/// An error for each of `others` that a campaign names, or that names it, and that knows people by
/// other keys or waits for it in turn. What a series disagrees in is `series_differences`'s.
#[must_use]
pub fn registered_differences<'a>(
    loaded: &Loaded,
    others: impl IntoIterator<Item = (&'a Path, &'a Loaded)>,
) -> Vec<Problem> {
    let own = &loaded.definition;
    let mut found = Vec::new();
    for (file, Loaded { definition: other, .. }) in others {
        let names = own.registered_in() == Some(other.code.as_str());
        let is_named = other.registered_in() == Some(own.code.as_str());
        if own.code == other.code || !(names || is_named) {
            continue;
        }
        let file = file.display();
        let place = loaded.registered_place.clone();
        let place = place.unwrap_or_else(|| loaded.series_places.series().clone());
        if names && is_named {
            let message =
                format!("the campaign takes only people of {file}, which takes only people of it");
            let problem = Problem::error(Code::RegisteredIn, place, message);
            found.push(problem.advice("let the first of them take everybody"));
        } else if !own.shares_person_keys(other) && own.agrees_in_series(other) {
            let message = format!(
                "\"{}\" takes only people of \"{}\", but they are not known to be the same: {file} \
                 is of another series, or has unique fields of other kinds",
                if names { &own.code } else { &other.code },
                if names { &other.code } else { &own.code },
            );
            let problem = Problem::error(Code::RegisteredIn, place, message);
            found.push(problem.expected("the same series, and the same unique fields, in both"));
        }
    }
    found
}

/// A warning when the campaign whose people alone may enter, which may be among `others`, gives
/// them units at once in a series with a cool-down: that keeps them out.
#[must_use]
pub fn registered_cool_down<'a>(
    definition: &Definition,
    file: &str,
    others: impl IntoIterator<Item = &'a Definition>,
) -> Option<Problem> {
    let days = definition.series.as_ref().map_or(0, |series| series.cool_down_days);
    let named = definition.registered_in().filter(|_| 0 < days)?;
    let first = others.into_iter().find(|other| other.code == named)?;
    if first.draw().is_some() {
        return None;
    }
    let message = format!(
        "whoever is booked in \"{named}\" cools down for {days} days, and cannot enter here \
         meanwhile"
    );
    let advice = format!(
        "leave cool_down_days out, or let \"{named}\" be by = \"draw\" and never draw it: it then \
         books nobody"
    );
    Some(Problem::warning(Code::RegisteredIn, Place::file(file), message).advice(advice))
}
