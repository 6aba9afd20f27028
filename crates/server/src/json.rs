//! What is wrong with a JSON body, in plain words: where, what was expected, what came.
//!
//! Owns: which text tells which of the parser's errors. Never: repeats a value that was sent, or
//! shows a word of the language this is written in.
//! Invariants: a body that parses costs nothing here; one that does not is read once more, to
//! find the way to the fault.

use crate::language::Language;
use crate::texts::{Json, JsonCame, JsonExpected, JsonSyntax, Text};
use serde::Deserialize;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment, Track};
use std::fmt::Write as _;
use types::limits;

/// The beginning of what the parser says, and which text says it to people.
type Row<T> = (&'static str, fn(&T) -> &Text);

/// Faults of the text itself, by the beginning of the parser's message.
const SYNTAX: &[Row<JsonSyntax>] = &[
    ("EOF", |t| &t.ends_early),
    ("expected `:`", |t| &t.colon),
    ("expected `,` or `]`", |t| &t.list_end),
    ("expected `,` or `}`", |t| &t.object_end),
    ("expected", |t| &t.no_value),
    ("key must be", |t| &t.name),
    ("trailing comma", |t| &t.comma),
    ("trailing characters", |t| &t.trailing),
    ("recursion", |t| &t.nesting),
    ("control character", |t| &t.control),
    ("invalid number", |t| &t.number),
    ("number out of range", |t| &t.large),
    ("", |t| &t.encoding),
];

/// What can be expected, by what our structs and the library's types call it.
const EXPECTED: &[Row<JsonExpected>] = &[
    ("a string", |t| &t.text),
    ("a boolean", |t| &t.boolean),
    ("u8", |t| &t.small),
    ("u32", |t| &t.large),
    ("u64", |t| &t.count),
    ("usize", |t| &t.count),
    ("a sequence", |t| &t.list),
    ("a map", |t| &t.object),
    ("struct ", |t| &t.object),
    (UNITS, |t| &t.units),
    (BATCH_ENTRY, |t| &t.batch_entry),
    (ENTRY, |t| &t.entry),
    (FIND, |t| &t.find),
    (IDENTITY, |t| &t.identity),
    (PEOPLE, |t| &t.people),
    (CHOICES, |t| &t.choices),
    (CHOICE, |t| &t.choice),
    (BATCH, |t| &t.batch),
    (ENTRIES, |t| &t.entries),
    ("", |t| &t.other),
];

/// Which of these are numbers.
const NUMBERS: [&str; 5] = ["u8", "u32", "u64", "usize", UNITS];

/// What the wire's own types call what they expect.
pub(crate) const UNITS: &str = "units of a booking";
pub(crate) const ENTRY: &str = "an entry";
pub(crate) const BATCH_ENTRY: &str = "an entry of a batch";
pub(crate) const FIND: &str = "a look-up";
pub(crate) const IDENTITY: &str = "identity fields";
pub(crate) const PEOPLE: &str = "further people";
pub(crate) const CHOICES: &str = "choices";
pub(crate) const CHOICE: &str = "a choice";
pub(crate) const BATCH: &str = "a batch";
pub(crate) const ENTRIES: &str = "entries of a batch";

/// What the wire's own types complain of.
pub(crate) const FIELD_TWICE: &str = "an identity field stands twice";
pub(crate) const TOO_MANY_FIELDS: &str = "more identity fields than a campaign can have";

/// What can come, by what the library calls it.
const CAME: &[Row<JsonCame>] = &[
    ("null", |t| &t.nothing),
    ("unit", |t| &t.nothing),
    ("boolean", |t| &t.boolean),
    ("integer", |t| &t.number),
    ("number", |t| &t.number),
    ("floating point", |t| &t.number),
    ("string", |t| &t.text),
    ("sequence", |t| &t.list),
    ("map", |t| &t.object),
    ("", |t| &t.other),
];

/// Which of these are numbers.
const NUMBERS_THAT_COME: [&str; 3] = ["integer", "number", "floating point"];

const _: () = assert!(limits::UNITS_PER_BOOKING_MAX == 200, "as the words say");
const _: () = assert!(limits::IDENTITY_FIELDS_MAX == 8, "as the words say");
const _: () = assert!(limits::BATCH_ENTRIES_MAX == 1_000, "as the words say");

/// Why a body is not a `T`, as one sentence without a full stop.
pub(crate) fn explain<'de, T: Deserialize<'de>>(
    body: &'de [u8],
    error: &serde_json::Error,
    language: Language,
) -> String {
    explain_with(body, error, language, |from| T::deserialize(from).is_ok())
}

/// The same for what is read by other means than a type of its own.
pub(crate) fn explain_with<'de>(
    body: &'de [u8],
    error: &serde_json::Error,
    language: Language,
    read: impl FnOnce(serde_path_to_error::Deserializer<'_, '_, &mut Reader<'de>>) -> bool,
) -> String {
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    // Whether it is refused again does not matter: the error is the first one's.
    let _refused = read(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    words(error, &track.path(), language)
}

/// A body as the library reads it.
pub(crate) type Reader<'de> = serde_json::Deserializer<serde_json::de::SliceRead<'de>>;

fn words(error: &serde_json::Error, path: &Path, language: Language) -> String {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let t = &language.texts().json;
    let what = if error.classify() == Category::Data {
        data(message, path, t)
    } else {
        find(SYNTAX, message, &t.syntax).to_string()
    };
    t.fault.with(line, column, what)
}

/// A fault of what the text says.
fn data(message: &str, path: &Path, t: &Json) -> String {
    if message.starts_with(FIELD_TWICE) {
        return t.field_twice.to_string();
    }
    if message.starts_with(TOO_MANY_FIELDS) {
        return t.too_many_fields.to_string();
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return t.lacks.with(way(path, false, t), name);
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return t.twice.with(name);
    }
    let (met, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    if met.starts_with("unknown field ") {
        return t.unknown_name.with(way(path, true, t), quoted(expected, t));
    }
    let at = way(path, false, t);
    if met.starts_with("unknown variant ") {
        return t.one_of.with(at, quoted(expected, t));
    }
    let is_number = NUMBERS.iter().any(|name| expected.starts_with(name));
    let expected = find(EXPECTED, expected, &t.expected);
    if met.starts_with("invalid value: ") {
        return t.out_of_range.with(at, expected);
    }
    // An object that came as a list is told by its length.
    let came = met.strip_prefix("invalid type: ").unwrap_or("sequence");
    // A number where a number belongs is of another kind: less than nothing, or broken.
    let is_other = is_number && NUMBERS_THAT_COME.iter().any(|name| came.starts_with(name));
    let came = if is_other { &t.came.other_number } else { find(CAME, came, &t.came) };
    t.other_kind.with(at, came, expected)
}

fn find<'t, T>(rows: &[Row<T>], text: &str, t: &'t T) -> &'t Text {
    let row = rows.iter().find(|(start, _)| text.starts_with(start));
    row.expect("the last row suits all").1(t)
}

/// The names between back quotes.
fn quoted(text: &str, t: &Json) -> String {
    let names: Vec<_> =
        text.split('`').skip(1).step_by(2).map(|name| format!("`{name}`")).collect();
    names.join(&t.names)
}

/// The way to what is meant, like `entries[3].units`; without its last step, which then is a name
/// that was sent and is not ours. Steps that cannot be codes are not shown: they could be anything.
fn way(path: &Path, without_last: bool, t: &Json) -> String {
    let steps: Vec<_> = path.iter().collect();
    let steps = match steps.split_last() {
        Some((Segment::Map { .. }, before)) if without_last => before,
        _ => &steps,
    };
    let mut way = String::new();
    for step in steps {
        match step {
            Segment::Seq { index } => {
                write!(way, "[{index}]").expect("writing to a string cannot fail");
            }
            Segment::Map { key } if is_code(key) => {
                let dot = if way.is_empty() { "" } else { "." };
                way += dot;
                way += key;
            }
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => {
                way.push('…');
                break;
            }
        }
    }
    if way.is_empty() { t.body.to_string() } else { t.way.with(way) }
}

fn is_code(key: &str) -> bool {
    let odd = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c));
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.len() <= limits::CODE_CHARS_MAX
        && !key.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::{EntryBody, explain_batch, read_batch};
    use expect_test::{Expect, expect};

    fn check(body: &str, expected: &Expect) {
        let body = body.as_bytes();
        let error = serde_json::from_slice::<EntryBody<'_>>(body).err().expect("a bad body");
        let all = Language::all().map(|language| explain::<EntryBody<'_>>(body, &error, language));
        expected.assert_eq(&all.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn what_came_and_what_was_expected() {
        let with = |units: &str| format!(r#"{{"identity":{{}},"choices":[],"units":{units}}}"#);
        for (units, came) in [("\"1\"", "a text"), ("[]", "a list"), ("1.5", "another number")] {
            let body = with(units);
            let error = serde_json::from_str::<EntryBody<'_>>(&body).err().expect("a bad body");
            let text = explain::<EntryBody<'_>>(body.as_bytes(), &error, Language::default());
            let end = format!("`units` is {came}; expected a whole number from 1 to 200");
            assert!(text.ends_with(&end), "{text}");
        }
        assert_eq!(serde_json::from_str::<EntryBody<'_>>(&with("null")).ok().unwrap().units, None);
        check(
            "[]",
            &expect![[r#"
            Line 1, column 2: the body is a list; expected an object with identity and choices
            第 1 行第 2 列：提交的内容是列表，应为含 identity 和 choices 的对象"#]],
        );
        check(
            r#"{"identity":{"phone":13800138000},"choices":[]}"#,
            &expect![[r#"
                Line 1, column 32: `identity.phone` is a number; expected a text in quotes
                第 1 行第 32 列：`identity.phone` 是数字，应为加引号的文字"#]],
        );
        check(
            r#"{"identity":{},"choices":{}}"#,
            &expect![[r#"
                Line 1, column 25: `choices` is an object; expected a list of choices
                第 1 行第 25 列：`choices` 是对象，应为选择的列表"#]],
        );
        check(
            r#"{"identity":{},"choices":[{"outlet":true}]}"#,
            &expect![[r#"
                Line 1, column 40: `choices[0].outlet` is true or false; expected a text in quotes
                第 1 行第 40 列：`choices[0].outlet` 是 true 或 false，应为加引号的文字"#]],
        );
    }

    #[test]
    fn names_that_are_wrong() {
        check(
            r#"{"identity":{},"choices":[{"outlet":"a","slot":"c"}]}"#,
            &expect![[r#"
            Line 1, column 51: `choices[0]` lacks `item`
            第 1 行第 51 列：`choices[0]` 缺少 `item`"#]],
        );
        check(
            r#"{"choices":[]}"#,
            &expect![[r#"
            Line 1, column 14: the body lacks `identity`
            第 1 行第 14 列：提交的内容缺少 `identity`"#]],
        );
        check(
            r#"{"identity":{},"13800138000":1}"#,
            &expect![[r#"
            Line 1, column 28: the body has a name that this call does not know; it knows `identity`, `choices`, `units`, `any`, `people`
            第 1 行第 28 列：提交的内容有本接口不认识的名称，认识的有 `identity`、`choices`、`units`、`any`、`people`"#]],
        );
        check(
            r#"{"identity":{},"identity":{}}"#,
            &expect![[r#"
            Line 1, column 25: `identity` stands twice
            第 1 行第 25 列：`identity` 出现了两次"#]],
        );
        check(
            r#"{"identity":{"a":"1","a":"1"}}"#,
            &expect![[r#"
            Line 1, column 29: an identity field stands twice
            第 1 行第 29 列：有一项身份信息出现了两次"#]],
        );
        check(
            r#"{"identity":{"张伟":1}}"#,
            &expect![[r#"
            Line 1, column 23: `identity…` is a number; expected a text in quotes
            第 1 行第 23 列：`identity…` 是数字，应为加引号的文字"#]],
        );
    }

    #[test]
    fn text_that_is_no_json() {
        check(
            "",
            &expect![[r#"
            Line 1, column 0: the body ends too early
            第 1 行第 0 列：内容没有写完就结束了"#]],
        );
        check(
            r#"{"identity":NaN}"#,
            &expect![[r#"
            Line 1, column 13: no value that can stand here
            第 1 行第 13 列：这里不能是这样的值"#]],
        );
        check(
            r#"{"identity":{},}"#,
            &expect![[r#"
            Line 1, column 16: there is a comma too many
            第 1 行第 16 列：多了一个逗号"#]],
        );
        check(
            &format!(r#"{{"choices":{}"#, "[".repeat(1_000)),
            &expect![[r#"
            Line 1, column 13: `choices[0][0]` is a list; expected a text in quotes
            第 1 行第 13 列：`choices[0][0]` 是列表，应为加引号的文字"#]],
        );
    }

    #[test]
    fn the_place_in_a_batch() {
        let good = r#"{"idempotency_key":"k","identity":{},"choices":[]}"#;
        let bad = r#"{"idempotency_key":"k","identity":{},"choices":[],"units":-1}"#;
        let body = format!(r#"{{"entries":[{good},{bad}]}}"#);
        let cases = [
            (
                body.as_str(),
                expect![
                    "Line 1, column 123: `entries[1].units` is another number; expected a whole number from 1 to 200"
                ],
            ),
            (
                r#"{"entries":{}}"#,
                expect![
                    "Line 1, column 11: `entries` is an object; expected a list of 1 to 1,000 entries"
                ],
            ),
            (r#"{"entries":[]}{}"#, expect!["Line 1, column 15: something follows after the end"]),
        ];
        for (body, expected) in cases {
            let error = read_batch(body.as_bytes(), &mut |_| ()).unwrap_err();
            let text = explain_batch(body.as_bytes(), &error, Language::default());
            expected.assert_eq(&text);
        }
    }
}
