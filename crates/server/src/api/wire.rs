//! What clients send, as JSON: borrowed from the body, checked for shape and nothing else.
//!
//! Owns: the wire's structs. Never: leaves the API; what is inside speaks in `types`.
//! Invariants: unknown and repeated names, wrong types and too many parts are errors; nothing is
//! copied unless a string has an escape in it.

use crate::json;
use crate::language::Language;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use types::limits;

/// A string, borrowed where it can be. (`Cow` by itself is always copied inside a collection.)
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(TextVisitor)
    }
}

/// One request to enter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an entry")]
pub(crate) struct EntryBody<'a> {
    #[serde(borrow)]
    pub(crate) identity: Stated<'a>,
    #[serde(borrow)]
    pub(crate) choices: Choices<'a>,
    #[serde(default, deserialize_with = "units")]
    pub(crate) units: Option<u64>,
    #[serde(default)]
    pub(crate) any: bool,
    #[serde(borrow, default)]
    pub(crate) people: Further<'a>,
}

/// One request of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an entry of a batch")]
pub(crate) struct BatchEntry<'a> {
    #[serde(borrow)]
    pub(crate) idempotency_key: Text<'a>,
    #[serde(borrow)]
    pub(crate) identity: Stated<'a>,
    #[serde(borrow)]
    pub(crate) choices: Choices<'a>,
    #[serde(default, deserialize_with = "units")]
    pub(crate) units: Option<u64>,
    #[serde(default)]
    pub(crate) any: bool,
    #[serde(borrow, default)]
    pub(crate) people: Further<'a>,
}

/// Units, which may be left out or null: any whole number here, and the campaign decides.
fn units<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    struct UnitsVisitor;
    impl<'de> Visitor<'de> for UnitsVisitor {
        type Value = Option<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(json::UNITS)
        }

        fn visit_unit<E: Error>(self) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_none<E: Error>(self) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<u64>, D::Error> {
            from.deserialize_u64(self)
        }

        fn visit_u64<E: Error>(self, units: u64) -> Result<Option<u64>, E> {
            Ok(Some(units))
        }
    }
    from.deserialize_option(UnitsVisitor)
}

/// A look-up without receipt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a look-up")]
pub(crate) struct FindBody<'a> {
    #[serde(borrow)]
    pub(crate) identity: Stated<'a>,
}

/// Identity fields by code. Never printed.
#[derive(Default)]
pub(crate) struct Stated<'a> {
    values: Vec<(Text<'a>, Text<'a>)>,
}

impl<'a> Stated<'a> {
    /// From pairs of code and value; the later ones of a code are left out.
    pub(crate) fn new(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut stated = Self::default();
        for (code, value) in pairs.take(limits::IDENTITY_FIELDS_MAX) {
            if stated.get(code).is_none() {
                stated.values.push((Text(Cow::Borrowed(code)), Text(Cow::Borrowed(value))));
            }
        }
        stated
    }

    /// A field's value as it was sent.
    pub(crate) fn get(&self, code: &str) -> Option<&str> {
        let found = self.values.iter().find(|(name, _)| name.0 == code);
        found.map(|(_, value)| value.0.as_ref())
    }

    /// The codes sent.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(code, _)| code.0.as_ref())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Stated<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct StatedVisitor;
        impl<'de> Visitor<'de> for StatedVisitor {
            type Value = Stated<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(json::IDENTITY)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Stated<'de>, A::Error> {
                let values = Vec::with_capacity(limits::IDENTITY_FIELDS_MAX);
                let mut stated = Stated { values };
                while let Some((code, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
                    if stated.get(&code.0).is_some() {
                        return Err(Error::custom(json::FIELD_TWICE));
                    }
                    if stated.values.len() == limits::IDENTITY_FIELDS_MAX {
                        return Err(Error::custom(json::TOO_MANY_FIELDS));
                    }
                    stated.values.push((code, value));
                }
                Ok(stated)
            }
        }
        from.deserialize_map(StatedVisitor)
    }
}

/// The further people of a group, each with the identity fields; those beyond the limit are only
/// counted.
#[derive(Default)]
pub(crate) struct Further<'a> {
    pub(crate) first: Vec<Stated<'a>>,
    pub(crate) count: usize,
}

impl<'de: 'a, 'a> Deserialize<'de> for Further<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct FurtherVisitor;
        impl<'de> Visitor<'de> for FurtherVisitor {
            type Value = Further<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(json::PEOPLE)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Further<'de>, A::Error> {
                let mut further = Further::default();
                while further.count < usize::from(limits::DRAW_UNITS_MAX) {
                    let Some(person) = list.next_element()? else { return Ok(further) };
                    further.first.push(person);
                    further.count += 1;
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    further.count += 1;
                }
                Ok(further)
            }
        }
        from.deserialize_seq(FurtherVisitor)
    }
}

/// Choices in order of preference; those beyond the limit are only counted.
#[derive(Default)]
pub(crate) struct Choices<'a> {
    pub(crate) first: Vec<Choice<'a>>,
    pub(crate) count: usize,
}

/// One choice, by codes.
#[derive(Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, expecting = "a choice")]
pub(crate) struct Choice<'a> {
    #[serde(borrow)]
    pub(crate) outlet: Text<'a>,
    #[serde(borrow)]
    pub(crate) item: Text<'a>,
    /// None where the campaign asks for none; looked at only where it does.
    #[serde(borrow, default)]
    pub(crate) slot: Option<Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Choices<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ChoicesVisitor;
        impl<'de> Visitor<'de> for ChoicesVisitor {
            type Value = Choices<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(json::CHOICES)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Choices<'de>, A::Error> {
                let mut choices = Choices { first: Vec::with_capacity(1), count: 0 };
                while choices.count < limits::CHOICES_MAX {
                    let Some(choice) = list.next_element()? else { return Ok(choices) };
                    choices.first.push(choice);
                    choices.count += 1;
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    choices.count += 1;
                }
                Ok(choices)
            }
        }
        from.deserialize_seq(ChoicesVisitor)
    }
}

/// Reads `{"entries": [...]}` and hands each entry on as soon as it is read, so that a batch
/// never stands in memory a second time.
///
/// # Errors
/// When the body is not of that shape; entries before the fault have been handed on.
pub(crate) fn read_batch<'a>(
    body: &'a [u8],
    each: &mut dyn FnMut(BatchEntry<'a>),
) -> Result<usize, serde_json::Error> {
    let mut from = serde_json::Deserializer::from_slice(body);
    let count = BatchSeed { each }.deserialize(&mut from)?;
    from.end()?;
    Ok(count)
}

/// Why a body is not a batch, as a sentence.
pub(crate) fn explain_batch(body: &[u8], error: &serde_json::Error, language: Language) -> String {
    json::explain_with(body, error, language, |from| {
        BatchSeed { each: &mut |_| () }.deserialize(from).is_ok()
    })
}

struct BatchSeed<'f, 'a> {
    each: &'f mut dyn FnMut(BatchEntry<'a>),
}

impl<'de> DeserializeSeed<'de> for BatchSeed<'_, 'de> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BatchSeed<'_, 'de> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(json::BATCH)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let mut count = None;
        while let Some(name) = map.next_key::<Text<'de>>()? {
            if name.0 != "entries" {
                return Err(Error::unknown_field(&name.0, &["entries"]));
            }
            if count.is_some() {
                return Err(Error::duplicate_field("entries"));
            }
            count = Some(map.next_value_seed(ListSeed { each: &mut *self.each })?);
        }
        count.ok_or_else(|| Error::missing_field("entries"))
    }
}

struct ListSeed<'f, 'a> {
    each: &'f mut dyn FnMut(BatchEntry<'a>),
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_, 'de> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, 'de> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(json::ENTRIES)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while let Some(entry) = list.next_element::<BatchEntry<'de>>()? {
            count += 1;
            // The caller refuses the whole batch by this count.
            if count <= limits::BATCH_ENTRIES_MAX {
                (self.each)(entry);
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(json: &str) -> Result<EntryBody<'_>, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn strings_are_borrowed_unless_escaped() {
        let json = r#"{"identity":{"a":"x","b":"\u4e00"},"choices":[]}"#;
        let body = entry(json).unwrap();
        assert!(matches!(body.identity.values[0].1.0, Cow::Borrowed("x")));
        assert!(matches!(body.identity.values[1].1.0, Cow::Owned(_)));
    }

    #[test]
    fn what_is_not_asked_for_is_refused() {
        let refused = [
            r#"{"identity":{},"choices":[],"extra":1}"#,
            r#"{"identity":{},"identity":{},"choices":[]}"#,
            r#"{"identity":{"a":"1","a":"1"},"choices":[]}"#,
            r#"{"identity":{"a":1},"choices":[]}"#,
            r#"{"identity":{},"choices":[],"units":-1}"#,
            r#"{"identity":{},"choices":[],"units":1.5}"#,
            r#"{"identity":{},"choices":[],"units":NaN}"#,
            r#"{"identity":{},"choices":[],"units":18446744073709551616}"#,
            r#"{"identity":{},"choices":[{"outlet":"a","slot":"c"}]}"#,
            r#"{"identity":{},"choices":[{"outlet":"a","item":"b","slot":1}]}"#,
            r#"{"choices":[]}"#,
            "[]",
            "{",
            "",
        ];
        for json in refused {
            assert!(entry(json).is_err(), "{json}");
        }
        // Whether a slot is asked for is the campaign's to say.
        assert!(entry(r#"{"identity":{},"choices":[{"outlet":"a","item":"b"}]}"#).is_ok());
        let deep = format!(r#"{{"identity":{{}},"choices":{}"#, "[".repeat(100_000));
        assert!(entry(&deep).is_err());
    }

    #[test]
    fn choices_beyond_the_limit_are_counted() {
        let choice = r#"{"outlet":"a","item":"b","slot":"c"}"#;
        let json = format!(r#"{{"identity":{{}},"choices":[{}]}}"#, [choice; 9].join(","));
        let choices = entry(&json).unwrap().choices;
        assert_eq!((choices.first.len(), choices.count), (5, 9));
    }

    #[test]
    fn a_batch_is_handed_on_entry_by_entry() {
        let one = r#"{"idempotency_key":"k","identity":{},"choices":[]}"#;
        let body = format!(r#"{{"entries":[{one},{one}]}}"#);
        let mut seen = 0;
        assert_eq!(read_batch(body.as_bytes(), &mut |_| seen += 1).unwrap(), 2);
        assert_eq!(seen, 2);
        for wrong in [r#"{"entries":[],"entries":[]}"#, "{}", r#"{"entries":[1]}"#, r#"{"x":[]}"#] {
            assert!(read_batch(wrong.as_bytes(), &mut |_| ()).is_err(), "{wrong}");
        }
    }
}
