//! Free text, trimmed; with a pattern, the whole of it must match.

use super::problem::FieldProblem;
use regex::{Regex, RegexBuilder};
use types::limits::FIELD_PATTERN_BYTES_MAX;

/// Compiles a pattern that must match from end to end.
///
/// # Errors
/// When it is not a regular expression of the `regex` crate, or too large.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    // By itself first: `a)(b` is no pattern, but would become one between the brackets below.
    // The line break ends a comment that the pattern's own `(?x)` may have left open.
    build(pattern)?;
    let whole = format!(r"\A(?:{pattern})\z");
    build(&whole).or_else(|_| build(&format!("\\A(?:{pattern}\n)\\z")))
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(FIELD_PATTERN_BYTES_MAX).build()
}

pub(super) fn normalise(
    value: &str,
    pattern: Option<&Regex>,
    into: &mut Vec<u8>,
) -> Result<(), FieldProblem> {
    let text = value.trim();
    if text.is_empty() {
        return Err(FieldProblem::Empty);
    }
    if text.chars().any(is_control) {
        return Err(FieldProblem::ControlCharacter);
    }
    if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
        return Err(FieldProblem::Pattern);
    }
    into.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Control characters, line and paragraph breaks, spaces without width, and marks that turn the
/// direction of the text around: they make a list at a counter read otherwise than it is.
fn is_control(character: char) -> bool {
    let unseen = matches!(character, '\u{200b}' | '\u{2060}' | '\u{feff}');
    let breaks = matches!(character, '\u{2028}' | '\u{2029}');
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || unseen || breaks || turns
}
