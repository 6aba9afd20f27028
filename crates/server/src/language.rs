//! The languages the program itself speaks, and how a client asks for one.
//!
//! Owns: `Accept-Language`, and which of a campaign's texts fits a language. Never: those texts,
//! which may be in other languages.

use crate::texts::{self, Texts};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use types::definition::{Definition, LocalText};

/// A language of pages and problem documents: its place in the list of texts. The default is the
/// first of the list, English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Language(u8);

impl Language {
    /// How many the program speaks.
    pub(crate) const COUNT: usize = texts::LANGUAGES;

    /// All of them, in the order of the list.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self::at)
    }

    /// Everything that is said in it.
    pub(crate) fn texts(self) -> &'static Texts {
        &texts::all()[self.index()]
    }

    /// Its place in the list.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    fn at(index: usize) -> Self {
        Self(u8::try_from(index).expect("languages are fewer than 256"))
    }

    /// The tag for HTML and `Content-Language`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        &self.texts().language.tag
    }

    /// The language of a tag, if the program speaks it: `zh`, `zh-CN`, `en-GB`. What another
    /// country speaks is that language too, where it has no file of its own.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let wanted = tag.replace('_', "-");
        let main = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
        let tags = || texts::all().iter().map(|texts| &*texts.language.tag);
        let exact = tags().position(|tag| tag.eq_ignore_ascii_case(&wanted));
        let near = || tags().position(|tag| main(tag) == main(&wanted));
        exact.or_else(near).map(Self::at)
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

    /// A campaign's text in this language, or in the campaign's first one.
    #[must_use]
    pub fn local<'a>(self, definition: &Definition, text: &'a LocalText) -> &'a str {
        let mine = text.iter().find(|(tag, _)| Self::of_tag(tag) == Some(self));
        mine.map_or_else(|| first_text(definition, text), |(_, value)| value)
    }
}

/// A text in a campaign's first language.
pub(crate) fn first_text<'a>(definition: &Definition, text: &'a LocalText) -> &'a str {
    let language = definition.languages.first().map_or("", String::as_str);
    text.get(language).or_else(|| text.values().next()).map_or("", String::as_str)
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

    fn chinese() -> Language {
        Language::of_tag("zh-CN").unwrap()
    }

    #[test]
    fn a_tag_names_its_language_in_any_country() {
        for tag in ["zh", "ZH-cn", "zh_CN", "zh-Hant-TW"] {
            assert_eq!(Language::of_tag(tag), Some(chinese()), "{tag}");
        }
        assert_eq!(Language::of_tag("en-GB").unwrap().tag(), "en");
        assert_eq!(Language::of_tag("zho"), None);
        assert_eq!(Language::default().tag(), "en");
        let addresses = Language::all().map(|language| &language.texts().language.address);
        for (index, address) in addresses.enumerate() {
            assert_eq!(Language::of_tag(address).unwrap().index(), index, "{address} leads there");
        }
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(accepted("zh-CN,zh;q=0.9,en;q=0.8"), Some(chinese()));
        assert_eq!(accepted("fr, en-GB;q=0.7, zh;q=0.3"), Some(Language::default()));
        assert_eq!(accepted("en;q=0.2, zh;q=0.25"), Some(chinese()));
        assert_eq!(accepted("fr, de"), None);
        assert_eq!(accepted("zh;q=0"), None);
    }
}
