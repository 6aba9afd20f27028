//! The nearest valid word for a typo, and words as people type them.
//!
//! Owns: what counts as near. Never: says anything.

use types::definition::turns_direction;

/// The one candidate nearest to what was found; none when nothing is near, or several are.
#[must_use]
pub fn nearest<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = found.to_lowercase();
    let length = lower.chars().count();
    // Of two letters, one changed leaves nothing of the word.
    let far = if length < 3 { 1 } else { (length / 3).max(1) + 1 };
    let mut best: Option<(usize, &'a str)> = None;
    let mut tied = false;
    for candidate in candidates {
        if candidate.chars().count().abs_diff(length) >= far {
            continue;
        }
        let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, word)) if distance == least => tied |= word != candidate,
            _ => (best, tied) = (Some((distance, candidate)), false),
        }
    }
    best.filter(|(distance, _)| *distance < far && !tied).map(|(_, word)| word)
}

/// Full-width letters, digits and signs as their ASCII selves, without spaces around: tables
/// typed with a Chinese input method mix both, and no code or number differs by it.
pub(crate) fn folded(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("full-width forms mirror ASCII")
        }
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    };
    text.chars().map(half).collect::<String>().trim().to_owned()
}

/// Words in a row, quoted, for a message: `"a", "b", "c" and 12 more`.
pub(crate) fn listed<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 10;
    let more = words.len().saturating_sub(SHOWN);
    let shown: Vec<String> = words.take(SHOWN).map(|word| format!("\"{word}\"")).collect();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// What was found, cut to a length that fits a line.
pub(crate) fn shown(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let is_unseen = |c: char| c.is_control() || turns_direction(c);
    let visible = |c: char| if is_unseen(c) { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(CHARS_MAX).map(visible).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
