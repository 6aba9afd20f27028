//! One text, with or without places to fill in.
//!
//! Owns: what a text may be: not empty, its places known. Never: HTML; templates escape what they
//! are given.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;

/// A text that is shown as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct Text(String);

/// Why a text cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextError {
    /// Nobody would see it.
    #[error("a text is empty")]
    Empty,
    /// A brace without its partner.
    #[error("a brace stands alone in {0:?}")]
    Brace(String),
    /// The program does not fill these places in, or fills in others.
    #[error("{text:?} has the places {has:?}; the program fills in {fills:?}")]
    Places { text: String, has: Vec<String>, fills: &'static [&'static str] },
}

impl TryFrom<String> for Text {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        check(&text, &[])?;
        Ok(Self(text))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Types of texts with places, by what is filled in. Every place stands in the text at least once.
macro_rules! patterns {
    ($($(#[$about:meta])* $name:ident($($place:ident),+);)+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
        #[serde(try_from = "String")]
        pub(crate) struct $name(String);

        impl $name {
            /// The text, filled in.
            pub(crate) fn with(&self, $($place: impl std::fmt::Display),+) -> String {
                $crate::texts::text::fill(&self.0, &[$((stringify!($place), &$place)),+])
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::texts::text::TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                $crate::texts::text::check(&text, &[$(stringify!($place)),+])?;
                Ok(Self(text))
            }
        }
    )+};
}
pub(super) use patterns;

/// Sections of a file of texts: a struct, its fields in the order of the file. A script is given
/// one as JSON, its places left open.
macro_rules! sections {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)+ })+) => {$(
        $(#[$about])*
        #[derive(Debug, serde::Deserialize, serde::Serialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name { $($(#[$doc])* pub(crate) $field: $kind,)+ }
    )+};
}
pub(super) use sections;

/// That a text is not empty, and has these places and no other.
pub(super) fn check(text: &str, fills: &'static [&'static str]) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    let has = places(text)?;
    let is_filled = has.iter().all(|place| fills.contains(place));
    if is_filled && fills.iter().all(|place| has.contains(place)) {
        return Ok(());
    }
    let has = has.into_iter().map(str::to_owned).collect();
    Err(TextError::Places { text: text.to_owned(), has, fills })
}

/// The names between braces.
pub(super) fn places(text: &str) -> Result<Vec<&str>, TextError> {
    let alone = || TextError::Brace(text.to_owned());
    let mut parts = text.split('{');
    if parts.next().is_some_and(|before| before.contains('}')) {
        return Err(alone());
    }
    let mut places = Vec::new();
    for part in parts {
        let (place, after) = part.split_once('}').ok_or_else(alone)?;
        if after.contains('}') {
            return Err(alone());
        }
        places.push(place);
    }
    Ok(places)
}

/// A text whose places were checked, filled in. What is filled in may hold braces of its own.
pub(super) fn fill(text: &str, values: &[(&str, &dyn fmt::Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16 * values.len());
    let mut parts = text.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (place, after) = part.split_once('}').expect("braces were checked when it was read");
        let value = values.iter().find(|(name, _)| *name == place);
        let (_, value) = value.expect("places were checked when it was read");
        filled.push_str(&value.to_string());
        filled.push_str(after);
    }
    filled
}
