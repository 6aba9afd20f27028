//! The campaign file as sections whose every key is asked for, or reported.
//!
//! Owns: positions in the text, types of values, unknown and missing keys. Never: knows what a
//! key means.
//! Invariants: a key that nobody asked for is an error when its section is finished; a value
//! that is not as asked for is reported once and read as absent; what a syntax error spoilt is
//! read as absent, and never called missing.

use crate::problem::{Code, Place, Problem, Report};
use crate::syntax::{Damage, SyntaxError};
use crate::words::{listed, nearest, shown};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where each key belongs, to send one that stands in the wrong section home.
const HOMES: &[(&str, &str)] = &[
    ("zone", "[campaign]"),
    ("languages", "[campaign]"),
    ("title", "[texts]"),
    ("summary", "[texts]"),
    ("pickup", "[texts]"),
    ("notice", "[texts]"),
    ("outlets", "[tables]"),
    ("windows", "[register]"),
    ("cap", "[register]"),
    ("choices_max", "[register]"),
    ("reenter_after_cancel", "[register]"),
    ("allow_list", "[register]"),
    ("registered_in", "[register]"),
    ("cool_down_days", "[series]"),
    ("stand_days", "[allocate]"),
    ("tickets_max", "[allocate]"),
    ("accept_any", "[allocate]"),
    ("group_max", "[allocate]"),
    ("whole_day", "[fulfil]"),
    ("expected", "[publish]"),
    ("release_percent", "[pacing]"),
    ("retry_seconds", "[pacing]"),
    ("poll_seconds", "[pacing]"),
    ("jitter_seconds", "[pacing]"),
    ("admit_per_second", "[pacing]"),
];

/// The campaign file's text, and where its lines begin.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { file, text, line_starts: std::iter::once(0).chain(after).collect() }
    }

    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let end = self.boundary(span.end).max(start);
        let line = self.line_starts.partition_point(|from| *from <= start);
        let line_start = self.line_starts[line - 1];
        let source = self.text[line_start..].lines().next().unwrap_or_default();
        let line_end = line_start + source.len();
        let length = self.text[start..end.min(line_end).max(start)].chars().count().max(1);
        let column = self.text[line_start..start].chars().count() + 1;
        let (file, source) = (self.file.to_owned(), source.to_owned());
        Place::Text { file, line, column, length, source }
    }

    fn boundary(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// What every reader of a section needs.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) report: &'a Report,
    pub(crate) damage: &'a Damage,
}

impl Reading<'_> {
    pub(crate) fn problem(
        &self,
        code: Code,
        span: &Range<usize>,
        message: impl Into<String>,
    ) -> Problem {
        Problem::error(code, self.source.place(span), message)
    }

    pub(crate) fn wrong_type(&self, value: &Value<'_>, expected: &str) {
        let message = format!("\"{}\" is {}", value.key, kind(&value.value));
        let problem = self.problem(Code::WrongType, &value.span, message);
        self.report.add(problem.expected(expected));
    }
}

/// A value and where it stands.
pub(crate) struct Value<'a> {
    /// The key, for messages.
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) span: Range<usize>,
    pub(crate) value: DeValue<'a>,
}

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// A table of the file, whose keys are taken one by one.
pub(crate) struct Section<'a> {
    pub(crate) reading: Reading<'a>,
    /// `[register]`, or empty for the file itself.
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
    values: Vec<Value<'a>>,
    /// Those that a syntax error lies in.
    spoilt: Vec<Value<'a>>,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The file itself. Its syntax errors are reported.
    pub(crate) fn root(reading: Reading<'a>, table: DeTable<'a>, errors: &[SyntaxError]) -> Self {
        for SyntaxError { span, message, is_structural, is_quotation_mark } in errors {
            let problem = reading.problem(Code::TomlSyntax, span, message);
            let problem = problem.expected(match is_quotation_mark {
                true => "straight quotation marks, at both ends: \"…\"",
                false => "valid TOML 1.0 (https://toml.io)",
            });
            reading.report.add(if *is_structural {
                problem.advice("what may only seem to be missing because of this is not reported")
            } else {
                problem
            });
        }
        Self::new(reading, String::new(), 0..0, table)
    }

    fn new(reading: Reading<'a>, name: String, span: Range<usize>, table: DeTable<'a>) -> Self {
        let mut values: Vec<Value<'a>> = table
            .into_iter()
            .map(|(key, value)| Value {
                key_span: key.span(),
                key: key.into_inner().into_owned(),
                span: value.span(),
                value: value.into_inner(),
            })
            .collect();
        values.sort_by_key(|value| value.key_span.start);
        let (spoilt, values) =
            values.into_iter().partition(|value| reading.damage.spoils(&value.span));
        Self { reading, name, span, values, spoilt, known: Vec::new() }
    }

    /// Whether a key that has no value may have one: a syntax error lies in it, or may have taken
    /// it away.
    pub(crate) fn is_unread(&self, key: &str) -> bool {
        let is_there = self.values.iter().any(|value| value.key == key);
        let is_spoilt = self.spoilt.iter().any(|value| value.key == key);
        is_spoilt || self.reading.damage.is_structural() && !is_there
    }

    /// Where a key's value stands; the section when it has none.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        let value = self.values.iter().find(|value| value.key == key);
        value.map_or_else(|| self.span.clone(), |value| value.span.clone())
    }

    /// A value that stays where it is.
    pub(crate) fn look(&self, key: &str) -> Option<&DeValue<'a>> {
        self.values.iter().find(|value| value.key == key).map(|value| &value.value)
    }

    /// Takes a value, of whatever type.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        let at = self.values.iter().position(|value| value.key == key)?;
        Some(self.values.remove(at))
    }

    /// Takes a value that must be there.
    pub(crate) fn require(&mut self, key: &'static str, expected: &str) -> Option<Value<'a>> {
        let value = self.take(key);
        if value.is_none() {
            self.missing(key, expected);
        }
        value
    }

    pub(crate) fn missing(&self, key: &str, expected: &str) {
        if self.is_unread(key) {
            return;
        }
        let problem = if self.name.is_empty() {
            self.lacks(format!("the file has no \"{key}\""))
        } else {
            let message = format!("{} has no \"{key}\"", self.name);
            self.reading.problem(Code::MissingKey, &self.span, message)
        };
        self.reading.report.add(problem.expected(expected));
    }

    /// What the file as a whole lacks.
    pub(crate) fn lacks(&self, message: String) -> Problem {
        Problem::error(Code::MissingKey, Place::file(self.reading.source.file), message)
    }

    pub(crate) fn text(&mut self, key: &'static str, expected: &str) -> Option<Text> {
        let value = self.take(key)?;
        self.as_text(value, expected)
    }

    pub(crate) fn require_text(&mut self, key: &'static str, expected: &str) -> Option<Text> {
        let value = self.require(key, expected)?;
        self.as_text(value, expected)
    }

    fn as_text(&self, value: Value<'a>, expected: &str) -> Option<Text> {
        match value.value {
            DeValue::String(text) => Some(Text { text: text.trim().to_owned(), span: value.span }),
            _ => {
                self.reading.wrong_type(&value, expected);
                None
            }
        }
    }

    /// A local date or time: a text, or TOML's own.
    pub(crate) fn time(&mut self, key: &'static str, expected: &str) -> Option<Text> {
        let value = self.take(key)?;
        match &value.value {
            DeValue::Datetime(time) => Some(Text { text: time.to_string(), span: value.span }),
            _ => self.as_text(value, expected),
        }
    }

    pub(crate) fn require_time(&mut self, key: &'static str, expected: &str) -> Option<Text> {
        if self.values.iter().any(|value| value.key == key) {
            return self.time(key, expected);
        }
        self.known.push(key);
        self.missing(key, expected);
        None
    }

    pub(crate) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.take(key) else { return default };
        if let DeValue::Boolean(flag) = value.value {
            return flag;
        }
        self.reading.wrong_type(&value, "true or false");
        default
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn number(&mut self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.take(key)?;
        self.reading.number(&value, least, most)
    }

    /// A table of its own.
    pub(crate) fn section(&mut self, key: &'static str) -> Option<Self> {
        let value = self.take(key)?;
        let name = if self.name.is_empty() {
            format!("[{key}]")
        } else {
            format!("[{}.{key}]", self.name.trim_matches(['[', ']']))
        };
        let expected = format!("a table: {name} on a line of its own");
        self.reading.section(value, name, &expected)
    }

    pub(crate) fn require_section(&mut self, key: &'static str) -> Option<Self> {
        if self.values.iter().any(|value| value.key == key) {
            return self.section(key);
        }
        self.known.push(key);
        if self.is_unread(key) {
            return None;
        }
        let problem = self.lacks(format!("there is no section [{key}]"));
        self.reading.report.add(problem.expected(format!("a line [{key}], and its keys below it")));
        None
    }

    /// Tables in a row: `[[item]]`, or `windows = [{…}, {…}]`.
    pub(crate) fn sections(&mut self, key: &'static str, name: &str) -> Vec<Self> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let expected = format!("tables in a row: {name}");
        let DeValue::Array(values) = value.value else {
            self.reading.wrong_type(&value, &expected);
            return Vec::new();
        };
        let each = values.into_iter().map(|element| Value {
            key: key.to_owned(),
            key_span: value.key_span.clone(),
            span: element.span(),
            value: element.into_inner(),
        });
        each.filter_map(|value| self.reading.section(value, name.to_owned(), &expected)).collect()
    }

    /// Every key that is left, with its value; without those that a syntax error lies in.
    pub(crate) fn rest(&mut self) -> Vec<Value<'a>> {
        std::mem::take(&mut self.values)
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(mut self) {
        if self.reading.damage.is_structural() {
            // Keys may stand here that belong to a section whose line cannot be read.
            return;
        }
        let spoilt = std::mem::take(&mut self.spoilt);
        let unknown = |value: &Value<'_>| !self.known.contains(&value.key.as_str());
        let unasked: Vec<_> =
            self.values.iter().chain(spoilt.iter().filter(|value| unknown(value))).collect();
        for value in unasked {
            let place =
                if self.name.is_empty() { String::new() } else { format!(" in {}", self.name) };
            let message = format!("unknown key \"{}\"{place}", shown(&value.key));
            let known = self.known.iter().copied();
            let near = nearest(&value.key, known.clone());
            let expected = format!("one of {}", listed(known));
            let problem = self.reading.problem(Code::UnknownKey, &value.key_span, message);
            let problem = problem.expected(expected).word(near);
            let home = HOMES.iter().find(|(key, home)| *key == value.key && *home != self.name);
            self.reading.report.add(match home {
                Some((key, home)) => problem.advice(format!("\"{key}\" belongs in {home}")),
                None => problem,
            });
        }
    }
}

impl<'a> Reading<'a> {
    pub(crate) fn section(
        self,
        value: Value<'a>,
        name: String,
        expected: &str,
    ) -> Option<Section<'a>> {
        match value.value {
            _ if self.damage.spoils(&value.span) => None,
            DeValue::Table(table) => Some(Section::new(self, name, value.span, table)),
            _ => {
                self.wrong_type(&value, expected);
                None
            }
        }
    }

    pub(crate) fn number(self, value: &Value<'_>, least: u64, most: u64) -> Option<u64> {
        let expected = format!("a whole number from {least} to {most}");
        let DeValue::Integer(integer) = &value.value else {
            self.wrong_type(value, &expected);
            return None;
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| u64::try_from(number).ok());
        let within = number.filter(|number| (least..=most).contains(number));
        if within.is_none() {
            let message = format!("\"{}\" is {}, which is out of range", value.key, integer);
            let problem = self.problem(Code::OutOfRange, &value.span, message);
            self.report.add(problem.expected(expected));
        }
        within
    }

    /// The texts of an array of texts; none when one of them is no text or cannot be read.
    pub(crate) fn texts(self, value: Value<'a>, expected: &str) -> Option<Vec<Text>> {
        let DeValue::Array(values) = value.value else {
            self.wrong_type(&value, expected);
            return None;
        };
        let text = |element: Spanned<DeValue<'a>>| {
            let span = element.span();
            let (key, key_span) = (value.key.clone(), value.key_span.clone());
            match element.into_inner() {
                _ if self.damage.spoils(&span) => None,
                DeValue::String(text) => Some(Text { text: text.trim().to_owned(), span }),
                other => {
                    self.wrong_type(&Value { key, key_span, span, value: other }, "a text");
                    None
                }
            }
        };
        values.into_iter().map(text).collect()
    }
}

/// What a value is, for a message.
fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{}\"", shown(text)),
        DeValue::Integer(integer) => format!("the number {integer}"),
        DeValue::Float(float) => format!("the number {}", float.as_str()),
        DeValue::Boolean(flag) => format!("{flag}"),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
