//! Every sentence that a person can read, one file for each language.
//!
//! Owns: the list of languages, and that all of them say the same things: the same texts, with the
//! same places to fill in, none of them empty. Never: a sentence; those stand in `texts/*.toml`,
//! which the program carries.
//! A new part of the program has a section of its own in every file, and its struct in a small
//! module here (`sections!`); texts with places are types (`patterns!`), so that what is filled in
//! is checked by the compiler.
//! Invariants: a text that one language lacks, or has alone, is an error of the file, not of the
//! page that would have shown it.
//! On failure: the first page, call or start that needs a text panics and names language and text;
//! the tests read the same files, so no program that passed them can.

mod calls;
mod console;
mod counter;
mod dates;
mod draws;
mod pages;
mod promise;
mod script;
mod text;

pub(crate) use calls::{Json, JsonCame, JsonExpected, JsonSyntax, ProblemTexts};
pub(crate) use console::ConsoleTexts;
pub(crate) use counter::{CounterCodeTexts, CounterTexts};
pub(crate) use dates::Dates;
pub(crate) use draws::{DrawStageTexts, DrawTexts, SheetTexts};
pub(crate) use pages::Phrase;
pub(crate) use text::Text;

use crate::problem::PUBLIC;
use calls::{Calls, Choices, Fields, Refusals};
use pages::{
    Base, Campaign, Cancel, Check, DrawReceipt, Entry, Errors, Facts, Find, Form, Hints, Home,
    Outlets, Phases,
};
use promise::Promise;
use script::Script;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// One file for each language. The first is for whoever asks for none of them. `docs/texts.md`
/// says how to add one.
const FILES: &[&str] = &[include_str!("../texts/en.toml"), include_str!("../texts/zh-CN.toml")];

/// How many there are.
pub(crate) const LANGUAGES: usize = FILES.len();

/// Everything that is said in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    pub(crate) language: OwnName,
    pub(crate) promise: Promise,
    pub(crate) date: Dates,
    pub(crate) base: Base,
    pub(crate) home: Home,
    pub(crate) phase: Phases,
    pub(crate) facts: Facts,
    pub(crate) campaign: Campaign,
    pub(crate) outlets: Outlets,
    pub(crate) form: Form,
    pub(crate) hint: Hints,
    pub(crate) entry: Entry,
    pub(crate) cancel: Cancel,
    pub(crate) find: Find,
    pub(crate) draw_receipt: DrawReceipt,
    pub(crate) errors: Errors,
    pub(crate) check: Check,
    pub(crate) script: Script,
    pub(crate) field: Fields,
    pub(crate) choice: Choices,
    pub(crate) json: Json,
    pub(crate) refusal: Refusals,
    pub(crate) call: Calls,
    /// By code.
    problem: BTreeMap<String, ProblemTexts>,
    pub(crate) console: ConsoleTexts,
    pub(crate) counter: CounterTexts,
}

/// What a language calls itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnName {
    /// For HTML and `Content-Language`.
    pub(crate) tag: Text,
    /// Behind `?lang=`: ASCII letters, digits and `-`.
    pub(crate) address: Text,
    /// In itself.
    pub(crate) name: Text,
    pub(crate) dir: Direction,
}

impl Texts {
    /// The texts of a public problem.
    ///
    /// # Panics
    /// When there is no such code: a bug that the tests of every route would meet.
    pub(crate) fn problem(&self, code: &str) -> &ProblemTexts {
        self.problem.get(code).expect("every public code has its texts")
    }
}

/// Which way a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Ltr,
    Rtl,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        })
    }
}

/// What is wrong with the files of texts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TextsError {
    /// A text is missing, unknown, empty, or has other places than the program fills in.
    #[error("file {number} of texts: {cause}")]
    Unreadable {
        /// Its place in the list, from 1.
        number: usize,
        cause: toml::de::Error,
    },
    /// A text is optional and stands in one of two files.
    #[error("`{key}` stands in only one of {first} and {other}")]
    Uneven { key: String, first: String, other: String },
    /// A script would fill in what one of two files has no place for.
    #[error("`script.{key}` has other places in {first} than in {other}")]
    Places { key: String, first: String, other: String },
    /// A problem that is none of the public ones, or a public one that is never told.
    #[error("{tag}: the problem `{code}` has no texts, or is none of the public ones")]
    Problem { tag: String, code: String },
    /// What is said of a language cannot be.
    #[error("{tag}: {what}")]
    Language { tag: String, what: &'static str },
    /// Somebody could take it for a booking.
    #[error("{tag}: `{key}` says {word:?}, which only a booking may")]
    Promise { tag: String, key: String, word: String },
    /// An exception that is none.
    #[error("{tag}: the denial {phrase:?} has no word that promises, or stands in no text")]
    IdleDenial { tag: String, phrase: String },
}

/// All languages, in the order of the list.
pub(crate) fn all() -> &'static [Texts] {
    static ALL: LazyLock<Vec<Texts>> =
        LazyLock::new(|| read(FILES).expect("the files that the program carries were tested"));
    &ALL
}

/// Reads the files of all languages, and holds them against each other.
fn read(files: &[&str]) -> Result<Vec<Texts>, TextsError> {
    let unreadable =
        |index: usize| move |cause| TextsError::Unreadable { number: index + 1, cause };
    let mut all: Vec<Texts> = Vec::with_capacity(files.len());
    let mut said: Vec<BTreeMap<String, String>> = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        all.push(toml::from_str(file).map_err(unreadable(index))?);
        let table: toml::Table = toml::from_str(file).map_err(unreadable(index))?;
        said.push(leaves(&table));
    }
    for (index, (texts, said_here)) in all.iter().zip(&said).enumerate() {
        let other = said[0].keys().find(|key| !said_here.contains_key(*key));
        let alone = said_here.keys().find(|key| !said[0].contains_key(*key));
        if let Some(key) = other.or(alone) {
            let [first, other] = [&all[0], texts].map(|texts| texts.language.tag.to_string());
            return Err(TextsError::Uneven { key: key.clone(), first, other });
        }
        if let Some(key) = texts.script.uneven(&all[0].script) {
            let [first, other] = [&all[0], texts].map(|texts| texts.language.tag.to_string());
            return Err(TextsError::Places { key: key.to_owned(), first, other });
        }
        check_name(texts, &all[..index])?;
        check_problems(texts)?;
        check_promise(texts, said_here)?;
    }
    Ok(all)
}

/// That a language can be told from those before it, in addresses and headers.
fn check_name(texts: &Texts, before: &[Texts]) -> Result<(), TextsError> {
    let OwnName { tag, address, .. } = &texts.language;
    let wrong = |what| Err(TextsError::Language { tag: tag.to_string(), what });
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name(tag) || !is_name(address) {
        return wrong("tag and address are ASCII letters, digits and `-`");
    }
    let is_same = |other: &Texts| {
        other.language.tag.eq_ignore_ascii_case(tag)
            || other.language.address.eq_ignore_ascii_case(address)
    };
    if before.iter().any(is_same) { wrong("this language stands twice") } else { Ok(()) }
}

/// That every public problem is told, and no other.
fn check_problems(texts: &Texts) -> Result<(), TextsError> {
    let untold = PUBLIC.iter().map(|problem| problem.code);
    let mut untold = untold.filter(|code| !texts.problem.contains_key(*code));
    let is_unknown = |code: &&str| crate::problem::public(code).is_none();
    let mut unknown = texts.problem.keys().map(String::as_str).filter(is_unknown);
    match untold.next().or_else(|| unknown.next()) {
        Some(code) => {
            let tag = texts.language.tag.to_string();
            Err(TextsError::Problem { tag, code: code.to_owned() })
        }
        None => Ok(()),
    }
}

/// That no text but a booking's says a word that promises one.
fn check_promise(texts: &Texts, said: &BTreeMap<String, String>) -> Result<(), TextsError> {
    let tag = || texts.language.tag.to_string();
    for (key, text) in said {
        if let Some(word) = texts.promise.broken_by(key, text) {
            let (key, word) = (key.clone(), word.to_owned());
            return Err(TextsError::Promise { tag: tag(), key, word });
        }
    }
    match texts.promise.idle(said.values().map(String::as_str)) {
        Some(phrase) => Err(TextsError::IdleDenial { tag: tag(), phrase: phrase.to_owned() }),
        None => Ok(()),
    }
}

/// Every text by its path, a list as its lines; but not the words that promise, of which each
/// language has as many as it needs.
fn leaves(table: &toml::Table) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &toml::Value, leaves: &mut BTreeMap<String, String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    walk(&format!("{path}.{key}"), value, leaves);
                }
            }
            toml::Value::Array(list) => {
                let lines: Vec<_> = list.iter().filter_map(toml::Value::as_str).collect();
                leaves.insert(path.to_owned(), lines.join("\n"));
            }
            value => {
                leaves.insert(path.to_owned(), value.as_str().unwrap_or_default().to_owned());
            }
        }
    }
    let mut leaves = BTreeMap::new();
    for (key, value) in table.iter().filter(|(key, _)| *key != "promise") {
        walk(key, value, &mut leaves);
    }
    leaves
}

#[cfg(test)]
mod tests;
