//! Texts in every language of a campaign.
//!
//! Owns: which languages a text must have. Never: translates.

use crate::document::{Reading, Section, Text, Value};
use crate::problem::Code;
use crate::words::{listed, nearest, shown};
use std::ops::Range;
use toml::de::DeValue;
use types::LocalText;
use types::definition::turns_direction;
use types::limits;

/// The campaign's languages, and how its file is read.
#[derive(Clone, Copy)]
pub(crate) struct Languages<'a> {
    pub(crate) reading: Reading<'a>,
    /// None when they could not be read, which was reported; then texts may be in any.
    pub(crate) tags: &'a [String],
}

/// What a text may be.
#[derive(Clone, Copy)]
pub(crate) struct TextRule {
    /// Whether one text may stand for every language: names often do.
    pub(crate) one_for_all: bool,
    /// Whether it may be empty, or left out.
    pub(crate) optional: bool,
    /// The longest.
    pub(crate) chars_max: usize,
}

impl TextRule {
    /// Of items, slots, outlets and labels.
    pub(crate) const NAME: Self =
        Self { one_for_all: true, optional: false, chars_max: limits::NAME_CHARS_MAX };
    /// Of districts and addresses.
    pub(crate) const DETAIL: Self = Self { optional: true, ..Self::NAME };
    /// Of the campaign's title.
    pub(crate) const TITLE: Self = Self { one_for_all: false, ..Self::NAME };
    /// Of its paragraphs.
    pub(crate) const PARAGRAPH: Self =
        Self { one_for_all: false, optional: false, chars_max: limits::TEXT_CHARS_MAX };
    /// Of its notice.
    pub(crate) const NOTICE: Self = Self { optional: true, ..Self::PARAGRAPH };
}

impl<'a> Languages<'a> {
    /// A text of a section, in every language.
    pub(crate) fn text(
        self,
        section: &mut Section<'a>,
        key: &'static str,
        rule: TextRule,
    ) -> LocalText {
        let Some(value) = section.take(key) else {
            if !rule.optional {
                section.missing(key, &self.wanted(rule));
            }
            return self.everywhere("");
        };
        match &value.value {
            DeValue::String(text) if rule.one_for_all || self.tags.len() <= 1 => {
                let text = Text { text: text.trim().to_owned(), span: value.span.clone() };
                self.check(&value.key, &text, rule);
                self.everywhere(&text.text)
            }
            DeValue::Table(_) => self.table(value, rule),
            _ => {
                self.reading.wrong_type(&value, &self.wanted(rule));
                self.everywhere("")
            }
        }
    }

    /// The same text in every language.
    pub(crate) fn everywhere(self, text: &str) -> LocalText {
        self.tags.iter().map(|tag| (tag.clone(), text.to_owned())).collect()
    }

    fn table(self, value: Value<'a>, rule: TextRule) -> LocalText {
        let (key, span) = (value.key.clone(), value.key_span.clone());
        let Some(mut section) = self.reading.section(value, String::new(), "a table") else {
            return self.everywhere("");
        };
        let mut texts = LocalText::new();
        for value in section.rest() {
            if !self.tags.is_empty() && !self.tags.contains(&value.key) {
                self.unknown(&value.key, &value.key_span);
                continue;
            }
            let DeValue::String(text) = &value.value else {
                self.reading.wrong_type(&value, "a text");
                texts.insert(value.key, String::new());
                continue;
            };
            let text = Text { text: text.trim().to_owned(), span: value.span.clone() };
            self.check(&format!("{key}.{}", value.key), &text, rule);
            texts.insert(value.key, text.text);
        }
        for tag in self.tags {
            if texts.contains_key(tag) || section.is_unread(tag) {
                continue;
            }
            let message = format!("\"{key}\" has no text in \"{tag}\"");
            let problem = self.reading.problem(Code::MissingLanguage, &span, message);
            let all = listed(self.tags.iter().map(String::as_str));
            let expected = format!("a text in every language of the campaign: {all}");
            self.reading.report.add(problem.expected(expected));
        }
        texts
    }

    fn unknown(self, tag: &str, span: &Range<usize>) {
        let message = format!("\"{}\" is not one of the campaign's languages", shown(tag));
        let tags = self.tags.iter().map(String::as_str);
        let near = nearest(tag, tags.clone());
        let problem = self.reading.problem(Code::UnknownLanguage, span, message);
        let expected = format!("one of {}", listed(tags));
        self.reading.report.add(problem.expected(expected).word(near));
    }

    fn check(self, key: &str, text: &Text, rule: TextRule) {
        if let Err(message) = check_text(&text.text, rule) {
            let message = format!("\"{key}\" {message}");
            let problem = self.reading.problem(Code::BadText, &text.span, message);
            self.reading.report.add(problem.expected(wanted_chars(rule)));
        }
    }

    fn wanted(self, rule: TextRule) -> String {
        let tags = listed(self.tags.iter().map(String::as_str));
        match (rule.one_for_all, self.tags.len()) {
            (true, 0..=1) | (false, 0..=1) => "a text".to_owned(),
            (true, _) => format!("a text for all languages, or one for each of {tags}"),
            (false, _) => format!("a text for each of {tags}"),
        }
    }
}

/// What is wrong with a text, if anything.
pub(crate) fn check_text(text: &str, rule: TextRule) -> Result<(), String> {
    let chars = text.chars().count();
    if chars == 0 && !rule.optional {
        return Err("is empty".to_owned());
    }
    if let Some(turning) = text.chars().find(|character| turns_direction(*character)) {
        let number = u32::from(turning);
        return Err(format!(
            "has the invisible character U+{number:04X}, which makes text read in another order; take it out"
        ));
    }
    if chars > rule.chars_max {
        return Err(format!("has {chars} characters"));
    }
    Ok(())
}

/// How long a text may be, for a message.
pub(crate) fn wanted_chars(rule: TextRule) -> String {
    format!("{} to {} characters", usize::from(!rule.optional), rule.chars_max)
}

/// Whether a word can be a language tag: `en`, `zh-CN`, `zh-Hant-TW`.
pub(crate) fn is_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let letters = first.bytes().all(|byte| byte.is_ascii_alphabetic());
    (2..=3).contains(&first.len())
        && letters
        && tag.len() <= 20
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}
