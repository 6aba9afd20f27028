//! The files of a draw that are a header and a word with its value a line.
//!
//! Owns: reading them in their one order, with the line of whatever is wrong. Never: skips a line:
//! what nobody has read may mean anything.

use crate::hash::Digest;
use std::str::FromStr;

/// What is wrong with a file, and in which line (from 1).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: expected `{expected}`, found {found}")]
pub struct FormatProblem {
    /// The line, from 1.
    pub line: usize,
    /// What should stand there.
    pub expected: String,
    /// What stands there: the beginning of the line in quotes, or `the end`.
    pub found: String,
}

/// How much of a wrong line is told.
const FOUND_CHARS_MAX: usize = 40;

/// A file that is being read.
pub(crate) struct Fields<'a> {
    lines: std::str::Split<'a, char>,
    line: usize,
}

impl<'a> Fields<'a> {
    /// Begins to read `text`, whose first line is `header`.
    pub(crate) fn open(text: &'a str, header: &str) -> Result<Self, FormatProblem> {
        let mut fields = Self { lines: text.split('\n'), line: 0 };
        match fields.next() {
            Some(line) if line == header => Ok(fields),
            found => Err(fields.problem(header, found)),
        }
    }

    /// The value behind `word`, as `read` takes it; `form` says how it is written.
    pub(crate) fn take<T>(
        &mut self,
        word: &str,
        form: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, FormatProblem> {
        let found = self.next();
        let value = found.and_then(|line| line.strip_prefix(word)?.strip_prefix(' '));
        let value = value.filter(|value| value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        value.and_then(read).ok_or_else(|| self.problem(&format!("{word} {form}"), found))
    }

    /// A digest behind `word`.
    pub(crate) fn digest(&mut self, word: &str) -> Result<Digest, FormatProblem> {
        self.take(word, "<64 hex>", |value| value.parse().ok())
    }

    /// What is written as one word, such as a name.
    pub(crate) fn parsed<T: FromStr>(
        &mut self,
        word: &str,
        form: &str,
    ) -> Result<T, FormatProblem> {
        self.take(word, form, |value| value.parse().ok())
    }

    /// Whether the next line is `line`, which is then read.
    pub(crate) fn skip(&mut self, line: &str) -> bool {
        let mut ahead = self.lines.clone();
        let is_next = ahead.next() == Some(line);
        if is_next {
            self.lines = ahead;
            self.line += 1;
        }
        is_next
    }

    /// Ends the file: the last line feed was read, and nothing is left.
    pub(crate) fn end(mut self) -> Result<(), FormatProblem> {
        match (self.next(), self.next()) {
            (Some(""), None) => Ok(()),
            (found, _) => Err(self.problem("a line feed, and then the end", found)),
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        self.lines.next()
    }

    fn problem(&self, expected: &str, found: Option<&str>) -> FormatProblem {
        let found = found.map_or_else(
            || "the end".to_owned(),
            |line| format!("`{}`", line.chars().take(FOUND_CHARS_MAX).collect::<String>()),
        );
        FormatProblem { line: self.line, expected: expected.to_owned(), found }
    }
}
