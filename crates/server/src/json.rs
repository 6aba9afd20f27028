//! What is wrong with a JSON body, in plain words: where, what was expected, what came.
//!
//! Owns: the wording of every parser's error, English and Chinese. Never: repeats a value that was
//! sent, or shows a word of the language this is written in.
//! Invariants: a body that parses costs nothing here; one that does not is read once more, to
//! find the way to the fault.

use crate::language::Language;
use serde::Deserialize;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment, Track};
use std::fmt::Write as _;
use types::limits;

/// What a sentence says in English and in Chinese.
type Words = (&'static str, &'static str);

/// Faults of the text itself, by the beginning of the parser's message.
const SYNTAX: &[(&str, Words)] = &[
    ("EOF", ("the body ends too early", "内容没有写完就结束了")),
    ("expected `:`", ("a colon is missing", "缺少冒号")),
    ("expected `,` or `]`", ("a comma or the end of the list is missing", "缺少逗号或列表的结尾")),
    (
        "expected `,` or `}`",
        ("a comma or the end of the object is missing", "缺少逗号或对象的结尾"),
    ),
    ("expected", ("no value that can stand here", "这里不能是这样的值")),
    ("key must be", ("a name in quotes is missing", "缺少加引号的名称")),
    ("trailing comma", ("there is a comma too many", "多了一个逗号")),
    ("trailing characters", ("something follows after the end", "结尾之后还有多余内容")),
    ("recursion", ("lists or objects are nested too deeply", "列表或对象嵌套太深")),
    ("control character", ("a text holds a control character", "文字里有控制字符")),
    ("invalid number", ("a number is not written as JSON writes it", "数字的写法不符合 JSON")),
    ("number out of range", ("a number is too large", "数字太大")),
    ("", ("a text holds what is no UTF-8, or no known escape", "文字里有无效的编码或转义")),
];

/// What can be expected, by what our structs and the library's types call it.
const EXPECTED: &[(&str, Words)] = &[
    ("a string", ("a text in quotes", "加引号的文字")),
    ("a boolean", ("true or false", " true 或 false")),
    ("u8", ("a whole number from 0 to 255", " 0 到 255 的整数")),
    ("u32", ("a whole number from 0 to 4,294,967,295", " 0 到 4,294,967,295 的整数")),
    ("u64", ("a whole number, 0 or more", "不小于 0 的整数")),
    ("usize", ("a whole number, 0 or more", "不小于 0 的整数")),
    ("a sequence", ("a list", "列表")),
    ("a map", ("an object", "对象")),
    ("struct ", ("an object", "对象")),
    (UNITS, ("a whole number from 1 to 200", " 1 到 200 的整数")),
    (
        BATCH_ENTRY,
        (
            "an object with idempotency_key, identity and choices",
            "含 idempotency_key、identity 和 choices 的对象",
        ),
    ),
    (ENTRY, ("an object with identity and choices", "含 identity 和 choices 的对象")),
    (FIND, ("an object with identity", "含 identity 的对象")),
    (
        IDENTITY,
        (
            "an object of identity fields, each a text in quotes",
            "身份信息对象，各项都是加引号的文字",
        ),
    ),
    (CHOICES, ("a list of choices", "选择的列表")),
    (CHOICE, ("an object with outlet, item and slot", "含 outlet、item 和 slot 的对象")),
    (BATCH, ("an object with entries", "含 entries 的对象")),
    (ENTRIES, ("a list of 1 to 1,000 entries", " 1 到 1,000 条登记的列表")),
];

/// What the wire's own types call what they expect.
pub(crate) const UNITS: &str = "units of a booking";
pub(crate) const ENTRY: &str = "an entry";
pub(crate) const BATCH_ENTRY: &str = "an entry of a batch";
pub(crate) const FIND: &str = "a look-up";
pub(crate) const IDENTITY: &str = "identity fields";
pub(crate) const CHOICES: &str = "choices";
pub(crate) const CHOICE: &str = "a choice";
pub(crate) const BATCH: &str = "a batch";
pub(crate) const ENTRIES: &str = "entries of a batch";

/// What the wire's own types complain of.
pub(crate) const FIELD_TWICE: &str = "an identity field stands twice";
pub(crate) const TOO_MANY_FIELDS: &str = "more identity fields than a campaign can have";

const OWN: &[(&str, Words)] = &[
    (FIELD_TWICE, ("an identity field stands twice", "有一项身份信息出现了两次")),
    (TOO_MANY_FIELDS, ("there are more than 8 identity fields", "身份信息超过 8 项")),
];

/// What can come, by what the library calls it.
const CAME: &[(&str, Words)] = &[
    ("null", ("null", "null")),
    ("unit", ("null", "null")),
    ("boolean", ("true or false", " true 或 false")),
    ("integer", ("a number", "数字")),
    ("number", ("a number", "数字")),
    ("floating point", ("a number", "数字")),
    ("string", ("a text", "文字")),
    ("sequence", ("a list", "列表")),
    ("map", ("an object", "对象")),
    ("", ("something else", "别的内容")),
];

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
    read: impl FnOnce(serde_path_to_error::Deserializer<'_, '_, &mut Json<'de>>) -> bool,
) -> String {
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    // Whether it is refused again does not matter: the error is the first one's.
    let _refused = read(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    words(error, &track.path(), language)
}

/// A body as the library reads it.
pub(crate) type Json<'de> = serde_json::Deserializer<serde_json::de::SliceRead<'de>>;

fn words(error: &serde_json::Error, path: &Path, language: Language) -> String {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let mut text = match language {
        Language::English => format!("Line {line}, column {column}: "),
        Language::Chinese => format!("第 {line} 行第 {column} 列："),
    };
    if error.classify() == Category::Data {
        text += &data(message, path, language);
    } else {
        text += pick(find(SYNTAX, message).expect("the last row suits all"), language);
    }
    text
}

/// A fault of what the text says.
fn data(message: &str, path: &Path, language: Language) -> String {
    let say = |english: String, chinese: String| match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    if let Some(own) = find(OWN, message) {
        return pick(own, language).to_owned();
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        let at = way(path, false, language);
        return say(format!("{at} lacks {name}"), format!("{at}缺少 {name}"));
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return say(format!("{name} stands twice"), format!("{name} 出现了两次"));
    }
    let (met, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    if met.starts_with("unknown field ") {
        let at = way(path, true, language);
        let names = quoted(expected, language);
        return say(
            format!("{at} has a name that this call does not know; it knows {names}"),
            format!("{at}有本接口不认识的名称，认识的有 {names}"),
        );
    }
    let at = way(path, false, language);
    if met.starts_with("unknown variant ") {
        let names = quoted(expected, language);
        let (english, chinese) =
            (format!("{at} is one of {names}"), format!("{at}应为 {names} 之一"));
        return say(english, chinese);
    }
    let expected = find(EXPECTED, expected).unwrap_or(("something else", "别的内容"));
    let expected = pick(expected, language);
    if met.starts_with("invalid value: ") {
        return say(
            format!("{at} is out of range; expected {expected}"),
            format!("{at}超出范围，应为{expected}"),
        );
    }
    // An object that came as a list is told by its length.
    let came = met.strip_prefix("invalid type: ").unwrap_or("sequence");
    let came = pick(find(CAME, came).expect("the last row suits all"), language);
    // A number where a number belongs is of another kind: less than nothing, or broken.
    let came = match came {
        "a number" if expected.contains("number") => "another number",
        "数字" if expected.contains("整数") => "别的数字",
        came => came,
    };
    say(format!("{at} is {came}; expected {expected}"), format!("{at}是{came}，应为{expected}"))
}

fn find(rows: &[(&str, Words)], text: &str) -> Option<Words> {
    rows.iter().find(|(start, _)| text.starts_with(start)).map(|(_, words)| *words)
}

const fn pick(words: Words, language: Language) -> &'static str {
    language.pick(words.0, words.1)
}

/// The names between back quotes.
fn quoted(text: &str, language: Language) -> String {
    let names: Vec<_> =
        text.split('`').skip(1).step_by(2).map(|name| format!("`{name}`")).collect();
    names.join(language.pick(", ", "、"))
}

/// The way to what is meant, like `entries[3].units`; without its last step, which then is a name
/// that was sent and is not ours. Steps that cannot be codes are not shown: they could be anything.
fn way(path: &Path, without_last: bool, language: Language) -> String {
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
    if way.is_empty() {
        language.pick("the body", "提交的内容").to_owned()
    } else {
        let gap = language.pick("", " ");
        format!("`{way}`{gap}")
    }
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
        let both = [Language::English, Language::Chinese];
        let both = both.map(|language| explain::<EntryBody<'_>>(body, &error, language));
        expected.assert_eq(&both.join("\n"));
    }

    #[test]
    fn what_came_and_what_was_expected() {
        let with = |units: &str| format!(r#"{{"identity":{{}},"choices":[],"units":{units}}}"#);
        for (units, came) in [("\"1\"", "a text"), ("[]", "a list"), ("1.5", "another number")] {
            let body = with(units);
            let error = serde_json::from_str::<EntryBody<'_>>(&body).err().expect("a bad body");
            let text = explain::<EntryBody<'_>>(body.as_bytes(), &error, Language::English);
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
            r#"{"identity":{},"choices":[{"outlet":"a","item":"b"}]}"#,
            &expect![[r#"
            Line 1, column 51: `choices[0]` lacks `slot`
            第 1 行第 51 列：`choices[0]` 缺少 `slot`"#]],
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
            Line 1, column 28: the body has a name that this call does not know; it knows `identity`, `choices`, `units`
            第 1 行第 28 列：提交的内容有本接口不认识的名称，认识的有 `identity`、`choices`、`units`"#]],
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
            let text = explain_batch(body.as_bytes(), &error, Language::English);
            expected.assert_eq(&text);
        }
    }

    #[test]
    fn no_sentence_shows_a_word_of_the_language_below() {
        for (_, (english, chinese)) in [SYNTAX, EXPECTED, OWN, CAME].concat() {
            for word in ["u32", "u64", "struct", "map", "sequence", "variant", "EOF", "ident "] {
                assert!(!english.contains(word) && !chinese.contains(word), "{english}");
            }
        }
    }
}
