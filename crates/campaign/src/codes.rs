//! Codes of items, slots, outlets and fields: their form, and each only once.
//!
//! Owns: the table from code to number. Never: what carries the code.

use crate::document::{Reading, Text};
use crate::problem::{Code, Place, Problem, Report};
use crate::syntax::Damage;
use crate::words::{nearest, shown};
use std::cell::Cell;
use std::collections::HashMap;
use types::definition::is_code;
use types::limits;

/// How a code may look, for a message.
pub(crate) const FORM: &str =
    "up to 48 letters a-z, digits, \"-\", \"_\" or \".\", beginning with a letter or digit";
const _: () = assert!(limits::CODE_CHARS_MAX == 48, "the form of a code tells its length");
/// Misspelt codes for which the nearest is looked for: each look goes through all codes.
const LOOKS_MAX: u32 = 20;

/// Codes of one kind by number.
pub(crate) struct Codes {
    /// `outlet`, for messages.
    what: &'static str,
    numbers: HashMap<String, (usize, String)>,
    /// Whether there may be more, which could not be read.
    is_incomplete: bool,
    looks: Cell<u32>,
    rule: CodeRule,
    /// Codes in capitals, and where: they differ by more than that in a draw.
    capitals: HashMap<String, String>,
}

/// What a draw asks of codes of one kind: they become the names of its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CodeRule {
    /// Nothing.
    #[default]
    Any,
    /// They differ by more than upper and lower case.
    Differ,
    /// They do, and have no `-`, which parts a name.
    Plain,
}

impl Codes {
    pub(crate) fn new(what: &'static str, damage: &Damage) -> Self {
        let is_incomplete = damage.is_structural();
        Self {
            what,
            numbers: HashMap::new(),
            is_incomplete,
            looks: Cell::new(0),
            rule: CodeRule::Any,
            capitals: HashMap::new(),
        }
    }

    /// The same, held to what a draw asks.
    pub(crate) fn held_to(self, rule: CodeRule) -> Self {
        Self { rule, ..self }
    }

    /// Codes that are known to be right.
    pub(crate) fn of<'a>(what: &'static str, codes: impl Iterator<Item = &'a str>) -> Self {
        let numbers =
            codes.enumerate().map(|(number, code)| (code.to_owned(), (number, String::new())));
        Self {
            what,
            numbers: numbers.collect(),
            is_incomplete: false,
            looks: Cell::new(0),
            rule: CodeRule::Any,
            capitals: HashMap::new(),
        }
    }

    /// Adds the code of a section; none when it is missing or cannot be read, which was reported.
    pub(crate) fn add_text(&mut self, code: Option<&Text>, reading: Reading<'_>) {
        let Some(code) = code else { return self.lose() };
        let place = || reading.source.place(&code.span);
        self.add(&code.text, || place().to_string(), place, reading.report);
    }

    /// Notes that a code is missing: what names it must not be called wrong.
    pub(crate) const fn lose(&mut self) {
        self.is_incomplete = true;
    }

    /// Adds a code as the next number; `spot` is where, as a later duplicate is told.
    pub(crate) fn add(
        &mut self,
        code: &str,
        spot: impl FnOnce() -> String,
        place: impl Fn() -> Place,
        report: &Report,
    ) {
        let what = self.what;
        if !is_code(code) {
            report.add(bad(what, code, place()));
        }
        let number = self.numbers.len();
        if let Some((_, first)) = self.numbers.get(code) {
            let message = format!("the {what} \"{}\" stands twice, first in {first}", shown(code));
            let problem = Problem::error(Code::DuplicateCode, place(), message);
            report.add(problem.expected(format!("each {what} once")));
            return;
        }
        let spot = spot();
        if self.rule != CodeRule::Any {
            self.hold(code, &spot, place, report);
        }
        self.numbers.insert(code.to_owned(), (number, spot));
    }

    /// Reports what a draw does not take.
    fn hold(&mut self, code: &str, spot: &str, place: impl Fn() -> Place, report: &Report) {
        let what = self.what;
        if self.rule == CodeRule::Plain && code.contains('-') {
            let message =
                format!("the {what} \"{}\" has a \"-\", which parts names in a draw", shown(code));
            let problem = Problem::error(Code::BadCode, place(), message);
            let problem = problem.expected("a code without \"-\" where lots are drawn");
            report.add(problem.word(Some(code.replace('-', "_"))));
        }
        if let Some(first) = self.capitals.get(&code.to_ascii_uppercase()) {
            let message = format!(
                "the {what} \"{}\" differs only in capitals from the one in {first}; a draw writes \
                 both in capitals",
                shown(code)
            );
            let problem = Problem::error(Code::DuplicateCode, place(), message);
            report.add(problem.expected(format!("each {what} once, whatever its capitals")));
            return;
        }
        self.capitals.insert(code.to_ascii_uppercase(), spot.to_owned());
    }

    pub(crate) fn find(&self, code: &str) -> Option<usize> {
        self.numbers.get(code).map(|(number, _)| *number)
    }

    /// The number of a code, or a problem at the place.
    pub(crate) fn number(
        &self,
        code: &str,
        place: impl FnOnce() -> Place,
        report: &Report,
    ) -> Option<usize> {
        let number = self.find(code);
        // A code that could not be read is the error; each reference would only repeat it.
        if number.is_none() && !self.numbers.is_empty() && !self.is_incomplete {
            let what = self.what;
            let message = format!("there is no {what} \"{}\"", shown(code));
            let problem = Problem::error(Code::UnknownReference, place(), message);
            let problem = problem.expected("the code of one that the campaign defines");
            report.add(problem.word(self.nearest(code)));
        }
        number
    }

    fn nearest(&self, code: &str) -> Option<&str> {
        self.looks.set(self.looks.get() + 1);
        if self.looks.get() > LOOKS_MAX {
            return None;
        }
        nearest(code, self.numbers.keys().map(String::as_str))
    }
}

/// A code with characters that it cannot have.
pub(crate) fn bad(what: &str, code: &str, place: Place) -> Problem {
    let message = if code.is_empty() {
        format!("the code of the {what} is empty")
    } else {
        format!("\"{}\" cannot be the code of this {what}", shown(code))
    };
    Problem::error(Code::BadCode, place, message).expected(FORM)
}
