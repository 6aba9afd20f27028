//! The words that only a booking may use.
//!
//! Owns: which texts are held to that, and that each exception says why. Never: judges a
//! campaign's own texts, which their operator answers for.
//! Invariants: a headline has no such word, not even beside a "not": of a headline, half is read.

use super::text::{Text, sections};

sections! {
    /// Words that only the texts of a booking may use, in any case of letters.
    Promise {
        words: Vec<Text>,
        /// Where such a word stands in another text all the same.
        denials: Vec<Denial>,
    }

    /// A phrase that takes back the word it holds.
    Denial {
        phrase: Text,
        /// Why nobody who reads half of it takes it for a booking.
        why: Text,
    }
}

/// The last name of a text that is read alone, large, and often half.
const HEADLINES: [&str; 3] = ["headline", "title", "word"];

impl Promise {
    /// The word that a text uses though it is no booking's. `key` is its path in the file.
    pub(super) fn broken_by<'a>(&'a self, key: &str, text: &str) -> Option<&'a str> {
        if key.split('.').any(|part| part == "booked") {
            return None;
        }
        let mut text = text.to_lowercase();
        let is_headline = key.rsplit('.').next().is_some_and(|name| HEADLINES.contains(&name));
        if !is_headline {
            for denial in &self.denials {
                text = text.replace(&denial.phrase.to_lowercase(), "");
            }
        }
        self.words.iter().find(|word| says(&text, &word.to_lowercase())).map(|word| &**word)
    }

    /// A denial that excuses nothing, because it holds no such word or stands in no text.
    pub(super) fn idle<'a>(&'a self, mut texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        assert!(self.denials.iter().all(|denial| !denial.why.is_empty()), "a text is never empty");
        let all: String = texts.by_ref().map(|text| text.to_lowercase() + "\n").collect();
        let is_idle = |denial: &&Denial| {
            let phrase = denial.phrase.to_lowercase();
            let has_word = self.words.iter().any(|word| says(&phrase, &word.to_lowercase()));
            !has_word || !all.contains(&phrase)
        };
        self.denials.iter().find(is_idle).map(|denial| &*denial.phrase)
    }
}

/// Whether a text has a word, and not only as a part of another: "yourself" does not say "yours".
/// Scripts that do not part their words have no such parts either.
fn says(text: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(word).any(|(start, _)| {
        let after = &text[start + word.len()..];
        let joined_before = word.starts_with(is_letter) && text[..start].ends_with(is_letter);
        let joined_after = word.ends_with(is_letter) && after.starts_with(is_letter);
        !joined_before && !joined_after
    })
}
