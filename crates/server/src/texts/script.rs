//! The texts that scripts show: they travel in the page, as data.
//!
//! Owns: their JSON. Never: knows which script shows what; the scripts' own names are held against
//! these by a test.

use super::text::{TextError, places};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The section `[script]`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub(crate) struct Script {
    texts: BTreeMap<String, String>,
    json: String,
}

impl TryFrom<BTreeMap<String, String>> for Script {
    type Error = TextError;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, TextError> {
        for text in texts.values() {
            if text.trim().is_empty() {
                return Err(TextError::Empty);
            }
            places(text)?;
        }
        let json = serde_json::to_string(&texts).expect("a map of strings is JSON");
        // No text ends the element that it stands in.
        Ok(Self { texts, json: json.replace('<', "\\u003c") })
    }
}

impl Script {
    /// All of them as an object, for a `script` element that holds data.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// A text whose places differ from those of another language, if there is one.
    pub(super) fn uneven(&self, other: &Self) -> Option<&str> {
        let mut texts = self.texts.iter();
        let differs = |(key, text): &(&String, &String)| {
            filled_in(text) != filled_in(other.texts.get(*key).map_or("", String::as_str))
        };
        texts.find(differs).map(|(key, _)| key.as_str())
    }
}

/// The places of a text that was checked.
fn filled_in(text: &str) -> BTreeSet<&str> {
    places(text).into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPTS: &[&str] = &[
        include_str!("../../assets/booking.js"),
        include_str!("../../assets/entry.js"),
        include_str!("../../assets/fields.js"),
        include_str!("../../assets/near.js"),
        include_str!("../../assets/send.js"),
        include_str!("../../assets/swap.js"),
    ];

    fn script(texts: &[(&str, &str)]) -> Result<Script, TextError> {
        let texts = texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned()));
        Script::try_from(texts.collect::<BTreeMap<_, _>>())
    }

    /// The whole names in `text("…")`, and the beginnings in `` text(`…${ ``.
    fn named(source: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let calls = source.match_indices("text(").filter_map(|(at, call)| {
            let before = source[..at].chars().next_back();
            let is_ours = before.is_none_or(|before| !before.is_alphanumeric());
            is_ours.then_some(&source[at + call.len()..])
        });
        let calls: Vec<&str> = calls.collect();
        let whole = calls.iter().filter_map(|call| call.strip_prefix('"')?.split('"').next());
        let begun = calls.iter().filter_map(|call| call.strip_prefix('`')?.split("${").next());
        (whole.collect(), begun.collect())
    }

    #[test]
    fn scripts_and_texts_name_each_other() {
        let texts = &super::super::all()[0].script.texts;
        let mut whole = BTreeSet::new();
        let mut begun = BTreeSet::new();
        for source in SCRIPTS {
            let (names, beginnings) = named(source);
            whole.extend(names);
            begun.extend(beginnings);
        }
        assert!(5 < whole.len() && 5 < begun.len(), "{whole:?} {begun:?}");
        for name in &whole {
            assert!(texts.contains_key(*name), "a script shows {name}, which is no text");
        }
        for key in texts.keys() {
            let is_known = whole.contains(key.as_str()) || begun.iter().any(|b| key.starts_with(b));
            assert!(is_known, "no script shows {key}");
        }
    }

    #[test]
    fn a_text_cannot_leave_its_element() {
        let json = script(&[("a", "</script>")]).unwrap();
        assert_eq!(json.json(), r#"{"a":"\u003c/script>"}"#);
    }

    #[test]
    fn languages_fill_in_the_same() {
        let one = script(&[("a", "in {span}"), ("b", "x")]).unwrap();
        let other = script(&[("a", "{span} 后"), ("b", "{span}")]).unwrap();
        assert_eq!(one.uneven(&other), Some("b"));
        assert_eq!(one.uneven(&one), None);
        assert!(script(&[("a", " ")]).is_err() && script(&[("a", "{b")]).is_err());
    }
}
