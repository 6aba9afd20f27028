//! Problems as text for a terminal, in the manner of a compiler.
//!
//! Owns: the layout. Never: colours, or anything that is not in the problem.

use crate::problem::{Place, Problem, Severity, Suggestion};
use std::fmt::{self, Write as _};
use types::definition::turns_direction;

/// Characters of a source line shown; a longer one is cut around the problem.
const SOURCE_CHARS: usize = 96;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file } => f.write_str(file),
            Self::Text { file, line, column, .. } => write!(f, "{file}:{line}:{column}"),
            Self::Line { file, line, column: None } => write!(f, "{file}, line {line}"),
            Self::Line { file, line, column: Some(column) } => {
                write!(f, "{file}, line {line}, column \"{column}\"")
            }
            Self::Sheet { file, sheet } => write!(f, "{file}, sheet \"{sheet}\""),
            Self::Cell { file, sheet, cell } => {
                let rows = cell.bytes().all(|byte| byte.is_ascii_digit());
                let word = match (rows, cell.contains(':')) {
                    (true, _) => "row",
                    (false, true) => "cells",
                    (false, false) => "cell",
                };
                write!(f, "{file}, sheet \"{sheet}\", {word} {cell}")
            }
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "did you mean \"{word}\"?"),
            Self::Advice(advice) => f.write_str(advice),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(f, "{severity}[{}]: {}", self.code.word(), self.message)?;
        write!(f, "  --> {}", self.place)?;
        if let Place::Text { line, column, length, source, .. } = &*self.place {
            excerpt(f, *line, *column, *length, source)?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "\n  = expected: {expected}")?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "\n  = help: {suggestion}")?;
        }
        Ok(())
    }
}

/// All problems, one after another, and how many there are.
#[must_use]
pub fn render(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        write!(text, "{problem}\n\n").expect("writing to a string cannot fail");
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    text + &count(errors, "error") + ", " + &count(warnings, "warning") + "\n"
}

fn excerpt(
    f: &mut fmt::Formatter<'_>,
    line: usize,
    column: usize,
    length: usize,
    source: &str,
) -> fmt::Result {
    let characters: Vec<char> = source.chars().map(visible).collect();
    let at = column.saturating_sub(1).min(characters.len());
    let start = if at + length.min(20) > SOURCE_CHARS { at - at.min(40) } else { 0 };
    let end = (start + SOURCE_CHARS).min(characters.len());
    let shown: String = characters[start..end].iter().collect();
    let before: usize = characters[start..at.max(start)].iter().map(|c| width(*c)).sum();
    let marked = &characters[at.min(end)..(at + length).min(end)];
    let marks = marked.iter().map(|c| width(*c)).sum::<usize>().max(1);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let (indent, carets) = (" ".repeat(before), "^".repeat(marks));
    write!(f, "\n{margin} |\n{number} | {shown}\n{margin} | {indent}{carets}")
}

/// Control characters would move the cursor or turn the line around, and a tab has no width of its
/// own.
fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() || turns_direction(c) => '\u{fffd}',
        c => c,
    }
}

/// Columns a character takes on a terminal: two for the wide blocks of Unicode's EastAsianWidth.
const fn width(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
