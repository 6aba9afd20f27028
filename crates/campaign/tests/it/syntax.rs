//! What is not TOML hides no other mistake, and makes up none.

use crate::fixture::{CAMPAIGN, STOCK, files};
use campaign::Code;
use expect_test::expect;

#[test]
fn a_date_that_does_not_exist_hides_no_other_mistake() {
    files()
        .with("date = 2030-02-02", "date = 2030-02-30")
        .with(r#"until = "12:00""#, r#"until = "08:00""#)
        .with(r#"region = "CN""#, r#"region = "cn""#)
        .with(r#"when = "at-once""#, r#"when = "at-onec""#)
        .file("stock.csv", STOCK.replace("1002,N95", "1003,N95"))
        .check(expect![[r#"
            error[toml-syntax]: invalid date, expected day between 01 and 28
              --> c.toml:19:8
               |
            19 | date = 2030-02-30
               |        ^^^^^^^^^^
              = expected: valid TOML 1.0 (https://toml.io)

            error[times-out-of-order]: the slot ends before it begins
              --> c.toml:21:9
               |
            21 | until = "08:00"
               |         ^^^^^^^
              = expected: "until" after "from"

            error[unknown-word]: "cn" is not a country's code
              --> c.toml:34:10
               |
            34 | region = "cn"
               |          ^^^^
              = expected: a country's two capital letters (ISO 3166), such as "CN"
              = help: did you mean "CN"?

            error[unknown-word]: unknown value "at-onec" of "when" in [publish]
              --> c.toml:39:8
               |
            39 | when = "at-onec"
               |        ^^^^^^^^^
              = expected: one of "at-once", "at", "by-hand"
              = help: did you mean "at-once"?

            error[unknown-reference]: there is no outlet "1003"
              --> stock.csv, line 3, column "outlet"
              = expected: the code of one that the campaign defines

            5 errors, 0 warnings
        "#]]);
}

#[test]
fn a_word_without_quotation_marks_is_judged_as_it_stands() {
    files()
        .with(r#"when = "at-once""#, "when = at-onec")
        .with(r#"code = "N95""#, "code = N95")
        .with("unique = true", "unique = yes")
        .check(expect![[r#"
            error[toml-syntax]: string values must be quoted
              --> c.toml:13:8
               |
            13 | code = N95
               |        ^^^
              = expected: valid TOML 1.0 (https://toml.io)

            error[toml-syntax]: string values must be quoted, expected literal string
              --> c.toml:36:10
               |
            36 | unique = yes
               |          ^^^
              = expected: valid TOML 1.0 (https://toml.io)

            error[wrong-type]: "unique" is the text "yes"
              --> c.toml:36:10
               |
            36 | unique = yes
               |          ^^^
              = expected: true or false

            error[toml-syntax]: string values must be quoted, expected literal string
              --> c.toml:39:8
               |
            39 | when = at-onec
               |        ^^^^^^^
              = expected: valid TOML 1.0 (https://toml.io)

            error[unknown-word]: unknown value "at-onec" of "when" in [publish]
              --> c.toml:39:8
               |
            39 | when = at-onec
               |        ^^^^^^^
              = expected: one of "at-once", "at", "by-hand"
              = help: did you mean "at-once"?

            5 errors, 0 warnings
        "#]]);
}

#[test]
fn a_text_that_does_not_end() {
    files()
        .with(r#"zone = "Asia/Shanghai""#, r#"zone = "Asia/Shanghai"#)
        .with(r#"code = "N95""#, r#"code = "N95"#)
        .with(r#"until = "2030-02-01 22:00""#, r#"until = "2030-02-01 19:00""#)
        .check(expect![[r#"
            error[toml-syntax]: invalid basic string, expected `"`
              --> c.toml:4:22
              |
            4 | zone = "Asia/Shanghai
              |                      ^
              = expected: valid TOML 1.0 (https://toml.io)

            error[toml-syntax]: invalid basic string, expected `"`
              --> c.toml:13:12
               |
            13 | code = "N95
               |            ^
              = expected: valid TOML 1.0 (https://toml.io)

            error[times-out-of-order]: the window ends before it opens
              --> c.toml:28:49
               |
            28 | windows = [{ from = "2030-02-01 20:00", until = "2030-02-01 19:00" }]
               |                                                 ^^^^^^^^^^^^^^^^^^
              = expected: "until" after "from"

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn languages_that_cannot_be_read() {
    files().with(r#"["zh-CN", "en"]"#, r#"["zh-CN", “en”]"#).with("max = 5", "max = 0").check(
        expect![[r#"
            error[toml-syntax]: “ is not a quotation mark in TOML
              --> c.toml:5:23
              |
            5 | languages = ["zh-CN", “en”]
              |                       ^
              = expected: straight quotation marks, at both ends: "…"

            error[out-of-range]: "max" is 0, which is out of range
              --> c.toml:29:26
               |
            29 | units = { min = 1, max = 0 }
               |                          ^
              = expected: a whole number from 1 to 200

            2 errors, 0 warnings
        "#]],
    );
}

#[test]
fn a_table_without_a_comma() {
    files()
        .with(r#"en = "Masks" }"#, r#"en = "Masks" "Mask" }"#)
        .with("min = 1, max = 5", "min = 1 max = 5")
        .with("unique = true", "unique = false")
        .check(expect![[r#"
            error[toml-syntax]: missing comma between key-value pairs, expected `,`
              --> c.toml:8:40
              |
            8 | title = { zh-CN = "口罩预约", en = "Masks" "Mask" }
              |                                            ^
              = expected: valid TOML 1.0 (https://toml.io)

            error[no-unique-field]: no identity field is unique, so a person could enter again and again
              --> c.toml:27:1
               |
            27 | [register]
               | ^^^^^^^^^^
              = expected: 1 to 4 [[register.field]] with unique = true

            error[toml-syntax]: string values must be quoted, expected literal string
              --> c.toml:29:17
               |
            29 | units = { min = 1 max = 5 }
               |                 ^^^^^
              = expected: valid TOML 1.0 (https://toml.io)

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn a_list_that_is_not_closed() {
    files().with(r#"22:00" }]"#, r#"22:00" }"#).with("Asia/Shanghai", "Asia/Shangai").check(
        expect![[r#"
            error[unknown-zone]: there is no time zone "Asia/Shangai"
              --> c.toml:4:8
              |
            4 | zone = "Asia/Shangai"
              |        ^^^^^^^^^^^^^^
              = expected: the IANA name of a time zone, such as "Asia/Shanghai"
              = help: did you mean "Asia/Shanghai"?

            error[toml-syntax]: missing comma between array elements, expected `,`
              --> c.toml:29:1
               |
            29 | units = { min = 1, max = 5 }
               | ^
              = expected: valid TOML 1.0 (https://toml.io)
              = help: what may only seem to be missing because of this is not reported

            2 errors, 0 warnings
        "#]],
    );
}

#[test]
fn a_line_without_an_equals_sign() {
    files().with(r#"code = "N95""#, r#"code: "N95""#).with("max = 5", "max = 0").check(expect![[
        r#"
        error[toml-syntax]: invalid unquoted key, expected letters, numbers, `-`, `_`
          --> c.toml:13:5
           |
        13 | code: "N95"
           |     ^
          = expected: valid TOML 1.0 (https://toml.io)
          = help: what may only seem to be missing because of this is not reported

        error[out-of-range]: "max" is 0, which is out of range
          --> c.toml:29:26
           |
        29 | units = { min = 1, max = 0 }
           |                          ^
          = expected: a whole number from 1 to 200

        2 errors, 0 warnings
    "#
    ]]);
}

#[test]
fn a_section_whose_line_cannot_be_read() {
    files()
        .with("[register]", "[register")
        .with(r#"when = "at-once""#, r#"when = "at-onec""#)
        .check(expect![[r#"
            error[toml-syntax]: unclosed table, expected `]`
              --> c.toml:27:10
               |
            27 | [register
               |          ^
              = expected: valid TOML 1.0 (https://toml.io)
              = help: what may only seem to be missing because of this is not reported

            error[unknown-word]: unknown value "at-onec" of "when" in [publish]
              --> c.toml:39:8
               |
            39 | when = "at-onec"
               |        ^^^^^^^^^
              = expected: one of "at-once", "at", "by-hand"
              = help: did you mean "at-once"?

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn a_section_and_a_key_twice() {
    files()
        .with("[publish]", "[texts]\n[publish]")
        .with("max = 5", "max = 0")
        .with("unique = true", "unique = true\nunique = true")
        .check(expect![[r#"
            error[out-of-range]: "max" is 0, which is out of range
              --> c.toml:29:26
               |
            29 | units = { min = 1, max = 0 }
               |                          ^
              = expected: a whole number from 1 to 200

            error[toml-syntax]: duplicate key
              --> c.toml:37:1
               |
            37 | unique = true
               | ^^^^^^
              = expected: valid TOML 1.0 (https://toml.io)

            error[toml-syntax]: duplicate key
              --> c.toml:39:2
               |
            39 | [texts]
               |  ^^^^^
              = expected: valid TOML 1.0 (https://toml.io)
              = help: what may only seem to be missing because of this is not reported

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn a_key_without_quotation_marks_is_read() {
    files().with(r#"en = "Masks""#, r#"en = "Masks", 日本 = "Masks""#).check(expect![[r#"
        error[toml-syntax]: invalid unquoted key, expected letters, numbers, `-`, `_`
          --> c.toml:8:41
          |
        8 | title = { zh-CN = "口罩预约", en = "Masks", 日本 = "Masks" }
          |                                             ^^^^
          = expected: valid TOML 1.0 (https://toml.io)

        error[unknown-language]: "日本" is not one of the campaign's languages
          --> c.toml:8:41
          |
        8 | title = { zh-CN = "口罩预约", en = "Masks", 日本 = "Masks" }
          |                                             ^^^^
          = expected: one of "zh-CN", "en"

        2 errors, 0 warnings
    "#]]);
}

#[test]
fn a_text_of_several_lines_that_does_not_end() {
    files()
        .with(r#"zh-CN = "请带证件。""#, r#"zh-CN = """请带证件。""#)
        .with("Asia/Shanghai", "Asia/Shangai")
        .check(expect![[r#"
            error[unknown-zone]: there is no time zone "Asia/Shangai"
              --> c.toml:4:8
              |
            4 | zone = "Asia/Shangai"
              |        ^^^^^^^^^^^^^^
              = expected: the IANA name of a time zone, such as "Asia/Shanghai"
              = help: did you mean "Asia/Shanghai"?

            error[toml-syntax]: the text of several lines does not end
              --> c.toml:10:20
               |
            10 | pickup = { zh-CN = """请带证件。", en = "Bring your ID." }
               |                    ^^^
              = expected: valid TOML 1.0 (https://toml.io)
              = help: what may only seem to be missing because of this is not reported

            2 errors, 0 warnings
        "#]]);
}

/// Each sign of the good file left out by itself: whatever is said beside the syntax errors
/// would be made up.
#[test]
fn no_mistake_is_made_up() {
    let (mut broken, mut odd) = (0, Vec::new());
    for (at, sign) in CAMPAIGN.char_indices().filter(|(_, sign)| "=\"[]{},\n".contains(*sign)) {
        let mut text = CAMPAIGN.to_owned();
        text.remove(at);
        let Err(problems) = files().file("c.toml", text).read() else { continue };
        if !problems.iter().any(|problem| problem.code == Code::TomlSyntax) {
            continue;
        }
        broken += 1;
        let made_up = problems.iter().filter(|problem| problem.code != Code::TomlSyntax);
        odd.extend(made_up.map(|problem| format!("without {sign:?} at {at}: {problem}")));
    }
    assert!(100 < broken, "{broken} files were broken");
    assert!(odd.is_empty(), "{} of {broken}:\n{}", odd.len(), odd.join("\n"));
}

#[test]
fn quotation_marks_of_another_kind() {
    files()
        .with(r#"code = "masks""#, "code = “masks”")
        .with(r#"code = "N95""#, "code = \"N95”")
        .with(r#"en = "Respirator""#, "en = ‘Respirator’")
        .with(r#"region = "CN""#, "region = 「CN」")
        .with(r#"en = "One each.""#, "en = \"“One” each.\"")
        .check(expect![[r#"
            error[toml-syntax]: “ is not a quotation mark in TOML
              --> c.toml:3:8
              |
            3 | code = “masks”
              |        ^
              = expected: straight quotation marks, at both ends: "…"

            error[toml-syntax]: ” is not a quotation mark in TOML
              --> c.toml:13:12
               |
            13 | code = "N95”
               |            ^
              = expected: straight quotation marks, at both ends: "…"

            error[toml-syntax]: ‘ is not a quotation mark in TOML
              --> c.toml:14:31
               |
            14 | name = { zh-CN = "防护口罩", en = ‘Respirator’ }
               |                                   ^
              = expected: straight quotation marks, at both ends: "…"

            error[toml-syntax]: 「 is not a quotation mark in TOML
              --> c.toml:34:10
               |
            34 | region = 「CN」
               |          ^^
              = expected: straight quotation marks, at both ends: "…"

            4 errors, 0 warnings
        "#]]);
}
