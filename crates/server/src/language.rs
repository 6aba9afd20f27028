//! The two languages the program itself speaks, and how a client asks for one.
//!
//! Owns: `Accept-Language`. Never: a campaign's own texts, which may be in other languages.

use crate::texts::{self, Texts};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use std::collections::BTreeMap;

/// A language of pages and problem documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// The tag for HTML and `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language of a tag, if the program speaks it: `zh`, `zh-CN`, `en-GB`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let main = tag.split(['-', '_']).next().unwrap_or(tag);
        if main.eq_ignore_ascii_case("zh") {
            Some(Self::Chinese)
        } else if main.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// What `Accept-Language` prefers, if it names a language the program speaks.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let list = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best = (0, None);
        for range in list.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let language = parts.next().and_then(Self::of_tag);
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
            // The first of equal weight is meant to win.
            if language.is_some() && weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// What `Accept-Language` prefers, else English.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self::accepted(headers).unwrap_or_default()
    }

    /// Everything that is said in it.
    #[must_use]
    pub(crate) fn texts(self) -> &'static Texts {
        &texts::all()[self.index()]
    }

    /// Its place in the list.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// One of two texts.
    #[must_use]
    pub const fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }

    /// A campaign's text in this language, or in the first language it has.
    #[must_use]
    pub fn local<'a>(self, text: &'a BTreeMap<String, String>, first: &str) -> &'a str {
        let mine = text.iter().find(|(tag, _)| Self::of_tag(tag) == Some(self));
        let value = mine.map(|(_, value)| value).or_else(|| text.get(first));
        value.or_else(|| text.values().next()).map_or("", String::as_str)
    }
}

/// A weight of `Accept-Language` in thousandths; nonsense weighs nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let mut sum = if whole == "1" { 1_000 } else { 0 };
    for (digit, worth) in digits.zip([100, 10, 1]) {
        sum += u32::from(digit.saturating_sub(b'0').min(9)) * worth;
    }
    sum.min(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(list: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, list.parse().unwrap());
        Language::accepted(&headers)
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(accepted("zh-CN,zh;q=0.9,en;q=0.8"), Some(Language::Chinese));
        assert_eq!(accepted("fr, en-GB;q=0.7, zh;q=0.3"), Some(Language::English));
        assert_eq!(accepted("en;q=0.2, zh;q=0.25"), Some(Language::Chinese));
        assert_eq!(accepted("fr, de"), None);
        assert_eq!(accepted("zh;q=0"), None);
    }
}
