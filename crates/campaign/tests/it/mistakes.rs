//! Each mistake in a campaign file has its own message.

use crate::fixture::{OUTLETS, files};
use expect_test::expect;

#[test]
fn nothing_is_wrong() {
    files().check(expect![[r#"
        good
        0 errors, 0 warnings
    "#]]);
}

#[test]
fn toml_that_is_none() {
    files()
        .with(r#"code = "masks""#, "code = masks")
        .with(r#"when = "at-once""#, r#"when = "at-once"#)
        .check(expect![[r#"
            error[toml-syntax]: string values must be quoted, expected literal string
              --> c.toml:3:8
              |
            3 | code = masks
              |        ^^^^^
              = expected: valid TOML 1.0 (https://toml.io)

            error[toml-syntax]: invalid basic string, expected `"`
              --> c.toml:39:16
               |
            39 | when = "at-once
               |                ^
              = expected: valid TOML 1.0 (https://toml.io)

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn an_unknown_key() {
    files()
        .with(
            "units = {",
            r#"colour = "red"
units = {"#,
        )
        .check(expect![[r#"
            error[unknown-key]: unknown key "colour" in [register]
              --> c.toml:29:1
               |
            29 | colour = "red"
               | ^^^^^^
              = expected: one of "windows", "cap", "units", "choices_max", "reenter_after_cancel", "allow_list", "registered_in", "field"

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_typo_in_a_key() {
    files().with(r#"outlets = "outlets.csv""#, r#"ouutlets = "outlets.csv""#).check(expect![[r#"
        error[unknown-key]: unknown key "ouutlets" in [tables]
          --> c.toml:24:1
           |
        24 | ouutlets = "outlets.csv"
           | ^^^^^^^^
          = expected: one of "outlets", "stock"
          = help: did you mean "outlets"?

        error[missing-key]: the campaign has no outlets
          --> c.toml
          = expected: outlets = "FILE" in [tables], or [[outlet]]

        2 errors, 0 warnings
    "#]]);
}

#[test]
fn a_key_of_another_section() {
    files().with("units = {", "cool_down_days = 5\nunits = {").check(expect![[r#"
        error[unknown-key]: unknown key "cool_down_days" in [register]
          --> c.toml:29:1
           |
        29 | cool_down_days = 5
           | ^^^^^^^^^^^^^^
          = expected: one of "windows", "cap", "units", "choices_max", "reenter_after_cancel", "allow_list", "registered_in", "field"
          = help: "cool_down_days" belongs in [series]

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_missing_key() {
    files()
        .with(
            r#"zone = "Asia/Shanghai"
"#,
            "",
        )
        .check(expect![[r#"
            error[missing-key]: [campaign] has no "zone"
              --> c.toml:2:1
              |
            2 | [campaign]
              | ^^^^^^^^^^
              = expected: the IANA name of a time zone, such as "Asia/Shanghai"

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_missing_section() {
    files()
        .with(
            r#"[publish]
when = "at-once""#,
            "",
        )
        .check(expect![[r#"
            error[missing-key]: there is no section [publish]
              --> c.toml
              = expected: a line [publish], and its keys below it

            1 error, 0 warnings
        "#]]);
}

#[test]
fn wrong_types() {
    files()
        .with("units = { min = 1, max = 5 }", r#"units = "five""#)
        .with("unique = true", "unique = 1")
        .with("[[slot]]", "[slot]")
        .check(expect![[r#"
            error[wrong-type]: "slot" is a table
              --> c.toml:16:1
               |
            16 | [slot]
               | ^^^^^^
              = expected: tables in a row: [[slot]]

            error[wrong-type]: "units" is the text "five"
              --> c.toml:29:9
               |
            29 | units = "five"
               |         ^^^^^^
              = expected: a whole number, or { min = 1, max = 5 }

            error[wrong-type]: "unique" is the number 1
              --> c.toml:36:10
               |
            36 | unique = 1
               |          ^
              = expected: true or false

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn a_missing_language() {
    files()
        .with(
            r#"title = { zh-CN = "口罩预约", en = "Masks" }"#,
            r#"title = { zh-CN = "口罩预约" }"#,
        )
        .check(expect![[r#"
            error[missing-language]: "title" has no text in "en"
              --> c.toml:8:1
              |
            8 | title = { zh-CN = "口罩预约" }
              | ^^^^^
              = expected: a text in every language of the campaign: "zh-CN", "en"

            1 error, 0 warnings
        "#]]);
}

#[test]
fn an_unknown_language() {
    files().with(r#"zh-CN = "请带证件。""#, r#"zh-TW = "請帶證件。""#).check(expect![[r#"
        error[missing-language]: "pickup" has no text in "zh-CN"
          --> c.toml:10:1
           |
        10 | pickup = { zh-TW = "請帶證件。", en = "Bring your ID." }
           | ^^^^^^
          = expected: a text in every language of the campaign: "zh-CN", "en"

        error[unknown-language]: "zh-TW" is not one of the campaign's languages
          --> c.toml:10:12
           |
        10 | pickup = { zh-TW = "請帶證件。", en = "Bring your ID." }
           |            ^^^^^
          = expected: one of "zh-CN", "en"

        2 errors, 0 warnings
    "#]]);
}

#[test]
fn one_text_for_two_languages() {
    files().with(r#"title = { zh-CN = "口罩预约", en = "Masks" }"#, r#"title = "口罩预约""#).check(
        expect![[r#"
            error[wrong-type]: "title" is the text "口罩预约"
              --> c.toml:8:9
              |
            8 | title = "口罩预约"
              |         ^^^^^^^^^^
              = expected: a text for each of "zh-CN", "en"

            1 error, 0 warnings
        "#]],
    );
}

#[test]
fn an_empty_text() {
    files().with(r#"en = "One each.""#, r#"en = " ""#).check(expect![[r#"
        error[bad-text]: "summary.en" is empty
          --> c.toml:9:35
          |
        9 | summary = { zh-CN = "每人一份。", en = " " }
          |                                        ^^^
          = expected: 1 to 4000 characters

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_window_that_ends_before_it_opens() {
    files().with(r#"until = "2030-02-01 22:00""#, r#"until = "2030-02-01 02:00""#).check(expect![
        [r#"
            error[times-out-of-order]: the window ends before it opens
              --> c.toml:28:49
               |
            28 | windows = [{ from = "2030-02-01 20:00", until = "2030-02-01 02:00" }]
               |                                                 ^^^^^^^^^^^^^^^^^^
              = expected: "until" after "from"

            1 error, 0 warnings
        "#]
    ]);
}

#[test]
fn windows_that_overlap() {
    files()
        .with(
            r#"windows = [{ from = "2030-02-01 20:00", until = "2030-02-01 22:00" }]"#,
            r#"windows = [
  { from = "2030-02-01 21:00", until = "2030-02-01 23:00" },
  { from = "2030-02-01 20:00", until = "2030-02-01 22:00" },
]"#,
        )
        .check(expect![[r#"
            error[times-out-of-order]: the window opens while another one is still open
              --> c.toml:29:12
               |
            29 |   { from = "2030-02-01 21:00", until = "2030-02-01 23:00" },
               |            ^^^^^^^^^^^^^^^^^^
              = expected: windows that do not overlap

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_slot_that_ends_before_it_begins() {
    files().with(r#"until = "12:00""#, r#"until = "08:00""#).check(expect![[r#"
        error[times-out-of-order]: the slot ends before it begins
          --> c.toml:21:9
           |
        21 | until = "08:00"
           |         ^^^^^^^
          = expected: "until" after "from"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn publication_before_the_window_ends() {
    files()
        .with(
            r#"when = "at-once""#,
            r#"when = "at"
at = "2030-02-01 21:00""#,
        )
        .check(expect![[r#"
            error[times-out-of-order]: results would be published before the last window ends
              --> c.toml:40:6
               |
            40 | at = "2030-02-01 21:00"
               |      ^^^^^^^^^^^^^^^^^^
              = expected: a time not before the end of the last window

            1 error, 0 warnings
        "#]]);
}

#[test]
fn publication_at_no_time() {
    files().with(r#"when = "at-once""#, r#"when = "at""#).check(expect![[r#"
        error[missing-key]: [publish] has no "at"
          --> c.toml:38:1
           |
        38 | [publish]
           | ^^^^^^^^^
          = expected: a local date and time such as "2030-02-01 20:00"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_time_of_another_publication() {
    files()
        .with(
            r#"when = "at-once""#,
            r#"when = "by-hand"
at = "2030-02-03 09:00""#,
        )
        .check(expect![[r#"
            error[conflicting-keys]: "at" has no meaning with when = "by-hand"
              --> c.toml:40:6
               |
            40 | at = "2030-02-03 09:00"
               |      ^^^^^^^^^^^^^^^^^^
              = expected: when = "at"

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_series_without_a_code() {
    files().with("[publish]", "[series]\ncool_down_days = 5\n[publish]").check(expect![[r#"
        error[missing-key]: [series] has no "code"
          --> c.toml:38:1
           |
        38 | [series]
           | ^^^^^^^^
          = expected: up to 48 small letters a-z, digits and "-", beginning with a letter or digit

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_cool_down_beyond_the_limit() {
    files()
        .with(
            "[publish]",
            r#"[series]
code = "s"
cool_down_days = 500
[publish]"#,
        )
        .check(expect![[r#"
            error[out-of-range]: "cool_down_days" is 500, which is out of range
              --> c.toml:40:18
               |
            40 | cool_down_days = 500
               |                  ^^^
              = expected: a whole number from 0 to 366

            1 error, 0 warnings
        "#]]);
}

#[test]
fn no_unique_field() {
    files().with("unique = true", "unique = false").check(expect![[r#"
        error[no-unique-field]: no identity field is unique, so a person could enter again and again
          --> c.toml:27:1
           |
        27 | [register]
           | ^^^^^^^^^^
          = expected: 1 to 4 [[register.field]] with unique = true

        1 error, 0 warnings
    "#]]);
}

#[test]
fn no_field_at_all() {
    files()
        .with(
            r#"[[register.field]]
code = "phone"
kind = "phone"
region = "CN"
label = { zh-CN = "手机", en = "Phone" }
unique = true
"#,
            "",
        )
        .check(expect![[r#"
            error[no-unique-field]: the campaign asks for no identity field
              --> c.toml:27:1
               |
            27 | [register]
               | ^^^^^^^^^^
              = expected: 1 to 4 [[register.field]] with unique = true

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_pattern_that_is_none() {
    files()
        .with(
            r#"kind = "phone"
region = "CN""#,
            r#"kind = "text"
pattern = "(a""#,
        )
        .check(expect![[r#"
            error[bad-pattern]: the pattern is not a regular expression: unclosed group
              --> c.toml:34:11
               |
            34 | pattern = "(a"
               |           ^^^^
              = expected: the syntax of https://docs.rs/regex

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_region_in_small_letters() {
    files().with(r#"region = "CN""#, r#"region = "cn""#).check(expect![[r#"
        error[unknown-word]: "cn" is not a country's code
          --> c.toml:34:10
           |
        34 | region = "cn"
           |          ^^^^
          = expected: a country's two capital letters (ISO 3166), such as "CN"
          = help: did you mean "CN"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_pattern_for_a_phone() {
    files()
        .with(
            r#"region = "CN""#,
            r#"region = "CN"
pattern = "1.*""#,
        )
        .check(expect![[r#"
            error[unknown-key]: unknown key "pattern" in [[register.field]]
              --> c.toml:35:1
               |
            35 | pattern = "1.*"
               | ^^^^^^^
              = expected: one of "code", "kind", "region", "label", "unique"

            1 error, 0 warnings
        "#]]);
}

#[test]
fn an_unknown_kind() {
    files().with(r#"kind = "phone""#, r#"kind = "phones""#).check(expect![[r#"
        error[unknown-word]: unknown value "phones" of "kind" in [[register.field]]
          --> c.toml:33:8
           |
        33 | kind = "phones"
           |        ^^^^^^^^
          = expected: one of "resident-id", "phone", "passport", "home-return-permit", "text"
          = help: did you mean "phone"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn an_unknown_kind_hides_neither_pattern_nor_region() {
    files()
        .with(r#"kind = "phone""#, "kind = \"txt\"\npattern = \"[0-9\"")
        .with(r#"region = "CN""#, r#"region = "China""#)
        .check(expect![[r#"
            error[unknown-word]: unknown value "txt" of "kind" in [[register.field]]
              --> c.toml:33:8
               |
            33 | kind = "txt"
               |        ^^^^^
              = expected: one of "resident-id", "phone", "passport", "home-return-permit", "text"
              = help: did you mean "text"?

            error[bad-pattern]: the pattern is not a regular expression: unclosed character class
              --> c.toml:34:11
               |
            34 | pattern = "[0-9"
               |           ^^^^^^
              = expected: the syntax of https://docs.rs/regex

            error[unknown-word]: "China" is not a country's code
              --> c.toml:35:10
               |
            35 | region = "China"
               |          ^^^^^^^
              = expected: a country's two capital letters (ISO 3166), such as "CN"

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn an_unknown_zone() {
    files().with("Asia/Shanghai", "Asia/Shangai").check(expect![[r#"
        error[unknown-zone]: there is no time zone "Asia/Shangai"
          --> c.toml:4:8
          |
        4 | zone = "Asia/Shangai"
          |        ^^^^^^^^^^^^^^
          = expected: the IANA name of a time zone, such as "Asia/Shanghai"
          = help: did you mean "Asia/Shanghai"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn an_unknown_zone_hides_no_order() {
    files()
        .with("Asia/Shanghai", "Asia/Shangai")
        .with("2030-02-01 22:00", "2030-02-01 19:00")
        .with(r#"until = "12:00""#, r#"until = "08:00""#)
        .check(expect![[r#"
            error[unknown-zone]: there is no time zone "Asia/Shangai"
              --> c.toml:4:8
              |
            4 | zone = "Asia/Shangai"
              |        ^^^^^^^^^^^^^^
              = expected: the IANA name of a time zone, such as "Asia/Shanghai"
              = help: did you mean "Asia/Shanghai"?

            error[times-out-of-order]: the slot ends before it begins
              --> c.toml:21:9
               |
            21 | until = "08:00"
               |         ^^^^^^^
              = expected: "until" after "from"

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
fn a_day_that_does_not_exist_hides_no_order() {
    files()
        .with("date = 2030-02-02", r#"date = "2030-02-30""#)
        .with(r#"until = "12:00""#, r#"until = "08:00""#)
        .check(expect![[r#"
            error[bad-time]: "2030-02-30" does not exist in the calendar
              --> c.toml:19:8
               |
            19 | date = "2030-02-30"
               |        ^^^^^^^^^^^^
              = expected: a date such as "2030-02-01"

            error[times-out-of-order]: the slot ends before it begins
              --> c.toml:21:9
               |
            21 | until = "08:00"
               |         ^^^^^^^
              = expected: "until" after "from"

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn a_zone_by_its_city() {
    files().with("Asia/Shanghai", "Shanghai").check(expect![[r#"
        error[unknown-zone]: there is no time zone "Shanghai"
          --> c.toml:4:8
          |
        4 | zone = "Shanghai"
          |        ^^^^^^^^^^
          = expected: the IANA name of a time zone, such as "Asia/Shanghai"
          = help: did you mean "Asia/Shanghai"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn codes_with_bad_characters() {
    files()
        .with(r#"code = "masks""#, r#"code = "Masks 2030""#)
        .with(r#"code = "N95""#, r#"code = "N95/a""#)
        .check(expect![[r#"
            error[bad-code]: "Masks 2030" cannot be the code of this campaign
              --> c.toml:3:8
              |
            3 | code = "Masks 2030"
              |        ^^^^^^^^^^^^
              = expected: up to 48 small letters a-z, digits and "-", beginning with a letter or digit

            error[bad-code]: "N95/a" cannot be the code of this item
              --> c.toml:13:8
               |
            13 | code = "N95/a"
               |        ^^^^^^^
              = expected: up to 48 letters a-z, digits, "-", "_" or ".", beginning with a letter or digit

            error[unknown-reference]: there is no item "N95"
              --> stock.csv, line 2, column "item"
              = expected: the code of one that the campaign defines

            error[unknown-reference]: there is no item "N95"
              --> stock.csv, line 3, column "item"
              = expected: the code of one that the campaign defines

            4 errors, 0 warnings
        "#]]);
}

#[test]
fn a_code_twice() {
    files()
        .with(
            "[[slot]]",
            r#"[[item]]
code = "N95"
name = "again"

[[slot]]"#,
        )
        .check(expect![[r#"
            error[duplicate-code]: the item "N95" stands twice, first in c.toml:13:8
              --> c.toml:17:8
               |
            17 | code = "N95"
               |        ^^^^^
              = expected: each item once

            1 error, 0 warnings
        "#]]);
}

#[test]
fn words_of_later_releases() {
    files()
        .with(
            "[publish]",
            r#"[allocate]
by = "everyone"
[fulfil]
by = "purchase"
[publish]"#,
        )
        .check(expect![[r#"
            error[not-available]: by = "everyone" is not available in this release
              --> c.toml:39:6
               |
            39 | by = "everyone"
               |      ^^^^^^^^^^
              = expected: one of "first-come", "draw"

            error[not-available]: by = "purchase" is not available in this release
              --> c.toml:41:6
               |
            41 | by = "purchase"
               |      ^^^^^^^^^^
              = expected: "pickup"

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn a_misspelt_word() {
    files().with(r#"when = "at-once""#, r#"when = "at-onec""#).check(expect![[r#"
        error[unknown-word]: unknown value "at-onec" of "when" in [publish]
          --> c.toml:39:8
           |
        39 | when = "at-onec"
           |        ^^^^^^^^^
          = expected: one of "at-once", "at", "by-hand"
          = help: did you mean "at-once"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn numbers_out_of_range() {
    files()
        .with("max = 5", "max = 201")
        .with("[publish]", "[pacing]\nrelease_percent = 0\nretry_seconds = -1\n[publish]")
        .check(expect![[r#"
            error[out-of-range]: "max" is 201, which is out of range
              --> c.toml:29:26
               |
            29 | units = { min = 1, max = 201 }
               |                          ^^^
              = expected: a whole number from 1 to 200

            error[out-of-range]: "release_percent" is 0, which is out of range
              --> c.toml:39:19
               |
            39 | release_percent = 0
               |                   ^
              = expected: a whole number from 1 to 100

            error[out-of-range]: "retry_seconds" is -1, which is out of range
              --> c.toml:40:17
               |
            40 | retry_seconds = -1
               |                 ^^
              = expected: a whole number from 1 to 3600

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn more_at_least_than_at_most() {
    files().with("min = 1", "min = 6").check(expect![[r#"
        error[out-of-range]: the least units, 6, are more than the most, 5
          --> c.toml:29:9
           |
        29 | units = { min = 6, max = 5 }
           |         ^^^^^^^^^^^^^^^^^^^^
          = expected: "min" not above "max"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn times_that_cannot_be() {
    files()
        .with("2030-02-01 20:00", "2030-02-30 20:00")
        .with("2030-02-01 22:00", "tonight")
        .with("2030-02-02", "1999-02-02")
        .check(expect![[r#"
            error[bad-time]: "1999-02-02" lies outside the years 2000 to 2199
              --> c.toml:19:8
               |
            19 | date = 1999-02-02
               |        ^^^^^^^^^^
              = expected: a date such as "2030-02-01"

            error[bad-time]: "2030-02-30 20:00" does not exist in the calendar
              --> c.toml:28:21
               |
            28 | windows = [{ from = "2030-02-30 20:00", until = "tonight" }]
               |                     ^^^^^^^^^^^^^^^^^^
              = expected: a local date and time such as "2030-02-01 20:00"

            error[bad-time]: "tonight" cannot be read as a time
              --> c.toml:28:49
               |
            28 | windows = [{ from = "2030-02-30 20:00", until = "tonight" }]
               |                                                 ^^^^^^^^^
              = expected: a local date and time such as "2030-02-01 20:00"

            3 errors, 0 warnings
        "#]]);
}

#[test]
fn a_time_that_clocks_skip() {
    files()
        .with("Asia/Shanghai", "Europe/Berlin")
        .with("2030-02-01 20:00", "2030-03-31 02:30")
        .with("2030-02-01 22:00", "2030-10-27 02:30")
        .check(expect![[r#"
            error[bad-time]: "2030-03-31 02:30" does not exist in Europe/Berlin: clocks go forward over it
              --> c.toml:28:21
               |
            28 | windows = [{ from = "2030-03-31 02:30", until = "2030-10-27 02:30" }]
               |                     ^^^^^^^^^^^^^^^^^^
              = expected: a local date and time such as "2030-02-01 20:00"
              = help: choose a time at least an hour earlier or later

            error[bad-time]: "2030-10-27 02:30" comes twice in Europe/Berlin: clocks go back over it
              --> c.toml:28:49
               |
            28 | windows = [{ from = "2030-03-31 02:30", until = "2030-10-27 02:30" }]
               |                                                 ^^^^^^^^^^^^^^^^^^
              = expected: a local date and time such as "2030-02-01 20:00"
              = help: choose a time at least an hour earlier or later

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn a_time_with_an_offset() {
    files().with(r#"from = "2030-02-01 20:00""#, "from = 2030-02-01T20:00:00Z").check(expect![[
        r#"
        error[bad-time]: "2030-02-01T20:00:00Z" cannot be read as a time
          --> c.toml:28:21
           |
        28 | windows = [{ from = 2030-02-01T20:00:00Z, until = "2030-02-01 22:00" }]
           |                     ^^^^^^^^^^^^^^^^^^^^
          = expected: a local date and time such as "2030-02-01 20:00"

        1 error, 0 warnings
    "#
    ]]);
}

#[test]
fn a_missing_table() {
    files().with("outlets.csv", "outlet.csv").check(expect![[r#"
        error[file-missing]: there is no file "outlet.csv"
          --> c.toml:24:11
           |
        24 | outlets = "outlet.csv"
           |           ^^^^^^^^^^^^
          = expected: the name of a file beside the campaign file
          = help: did you mean "outlets.csv"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_table_outside_the_folder() {
    files().with(r#""stock.csv""#, r#""../stock.csv""#).check(expect![[r#"
        error[file-missing]: there is no file "../stock.csv"
          --> c.toml:25:9
           |
        25 | stock = "../stock.csv"
           |         ^^^^^^^^^^^^^^
          = expected: the name of a file beside the campaign file
          = help: did you mean "stock.csv"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn no_tables_at_all() {
    files()
        .with(
            r#"[tables]
outlets = "outlets.csv"
stock = "stock.csv"
"#,
            "",
        )
        .check(expect![[r#"
            error[missing-key]: the campaign has no outlets
              --> c.toml
              = expected: outlets = "FILE" in [tables], or [[outlet]]

            error[missing-key]: the campaign has no stock
              --> c.toml
              = expected: stock = "FILE" in [tables], or [[stock]]

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn outlets_both_ways() {
    files()
        .with(
            "[register]",
            r#"[[outlet]]
code = "1003"
name = "x"

[register]"#,
        )
        .check(expect![[r#"
            error[conflicting-keys]: outlets stand both in a table and in [[outlet]]
              --> c.toml:24:11
               |
            24 | outlets = "outlets.csv"
               |           ^^^^^^^^^^^^^
              = expected: one of the two

            1 error, 0 warnings
        "#]]);
}

#[test]
fn no_windows() {
    files()
        .with(
            r#"windows = [{ from = "2030-02-01 20:00", until = "2030-02-01 22:00" }]
"#,
            "",
        )
        .check(expect![[r#"
            good
            warning[missing-key]: there are no windows
              --> c.toml:27:1
               |
            27 | [register]
               | ^^^^^^^^^^
              = help: an operator must open the campaign by hand

            0 errors, 1 warning
        "#]]);
}

#[test]
fn windows_in_the_past() {
    files()
        .with("2030-02-01 20:00", "2029-02-01 20:00")
        .with("2030-02-01 22:00", "2029-02-01 22:00")
        .with("2030-02-02", "2029-02-02")
        .check(expect![[r#"
            good
            warning[in-the-past]: the slot "am" is over before anyone can enter
              --> c.toml:16:1
               |
            16 | [[slot]]
               | ^^^^^^^^

            warning[in-the-past]: the last window has ended already
              --> c.toml:27:1
               |
            27 | [register]
               | ^^^^^^^^^^

            0 errors, 2 warnings
        "#]]);
}

#[test]
fn a_file_that_is_not_utf8() {
    files().file("c.toml", b"[campaign]\ncode = \"\xbf\xda\"\n".as_slice()).check(expect![[r#"
        error[text-encoding]: the campaign file is not in UTF-8
          --> c.toml, line 2
          = help: save it as UTF-8; only tables may be in GBK

        1 error, 0 warnings
    "#]]);
}

#[test]
fn an_empty_file() {
    files().file("c.toml", "").check(expect![[r#"
        error[missing-key]: there is no section [campaign]
          --> c.toml
          = expected: a line [campaign], and its keys below it

        error[missing-key]: there is no section [texts]
          --> c.toml
          = expected: a line [texts], and its keys below it

        error[missing-key]: the file has no "item"
          --> c.toml
          = expected: at least one [[item]]

        error[missing-key]: the file has no "slot"
          --> c.toml
          = expected: at least one [[slot]]

        error[missing-key]: the campaign has no outlets
          --> c.toml
          = expected: outlets = "FILE" in [tables], or [[outlet]]

        error[missing-key]: the campaign has no stock
          --> c.toml
          = expected: stock = "FILE" in [tables], or [[stock]]

        error[missing-key]: there is no section [register]
          --> c.toml
          = expected: a line [register], and its keys below it

        error[missing-key]: there is no section [publish]
          --> c.toml
          = expected: a line [publish], and its keys below it

        8 errors, 0 warnings
    "#]]);
}

#[test]
fn everything_at_once() {
    files()
        .with("Asia/Shanghai", "Asia/Shangai")
        .with("max = 5", "max = 0")
        .with("at-once", "now")
        .file("stock.csv", "outlet,item,slot,units\n1001,N59,am,-4\n1009,N95,am,\n")
        .check(expect![[r#"
            error[unknown-zone]: there is no time zone "Asia/Shangai"
              --> c.toml:4:8
              |
            4 | zone = "Asia/Shangai"
              |        ^^^^^^^^^^^^^^
              = expected: the IANA name of a time zone, such as "Asia/Shanghai"
              = help: did you mean "Asia/Shanghai"?

            error[out-of-range]: "max" is 0, which is out of range
              --> c.toml:29:26
               |
            29 | units = { min = 1, max = 0 }
               |                          ^
              = expected: a whole number from 1 to 200

            error[unknown-word]: unknown value "now" of "when" in [publish]
              --> c.toml:39:8
               |
            39 | when = "now"
               |        ^^^^^
              = expected: one of "at-once", "at", "by-hand"

            error[unknown-reference]: there is no item "N59"
              --> stock.csv, line 2, column "item"
              = expected: the code of one that the campaign defines
              = help: did you mean "N95"?

            error[bad-number]: -4 is below zero
              --> stock.csv, line 2, column "units"
              = expected: a whole number from 0 to 100000000

            error[unknown-reference]: there is no outlet "1009"
              --> stock.csv, line 3, column "outlet"
              = expected: the code of one that the campaign defines

            error[bad-number]: the number is blank
              --> stock.csv, line 3, column "units"
              = expected: a whole number from 0 to 100000000

            7 errors, 0 warnings
        "#]]);
}

#[test]
fn a_country_without_telephones() {
    files()
        .with(r#"region = "CN""#, r#"region = "XX""#)
        .with(r#"when = "at-once""#, r#"when = "at-onec""#)
        .check(expect![[r#"
            error[unknown-word]: there is no country "XX" with telephone numbers
              --> c.toml:34:10
               |
            34 | region = "XX"
               |          ^^^^
              = expected: a country's two capital letters (ISO 3166), such as "CN"

            error[unknown-word]: unknown value "at-onec" of "when" in [publish]
              --> c.toml:39:8
               |
            39 | when = "at-onec"
               |        ^^^^^^^^^
              = expected: one of "at-once", "at", "by-hand"
              = help: did you mean "at-once"?

            2 errors, 0 warnings
        "#]]);
    for region in ["CN", "HK", "MO", "TW", "US", "GB"] {
        files().with(r#"region = "CN""#, &format!("region = \"{region}\"")).read().unwrap();
    }
}

#[test]
fn characters_that_turn_text_around() {
    files()
        .with(r#"en = "Masks""#, "en = \"Masks \u{202e}eerf\u{202c}\"")
        .with("Morning", "\\u200fMorning")
        .file("outlets.csv", OUTLETS.replace("听澜药房", "听澜\u{2066}药房"))
        .check(expect![[r#"
            error[bad-text]: "title.en" has the invisible character U+202E, which makes text read in another order; take it out
              --> c.toml:8:32
              |
            8 | title = { zh-CN = "口罩预约", en = "Masks �eerf�" }
              |                                    ^^^^^^^^^^^^^^
              = expected: 1 to 200 characters

            error[bad-text]: "name.en" has the invisible character U+200F, which makes text read in another order; take it out
              --> c.toml:18:29
               |
            18 | name = { zh-CN = "上午", en = "\u200fMorning" }
               |                               ^^^^^^^^^^^^^^^
              = expected: 1 to 200 characters

            error[bad-text]: the name has the invisible character U+2066, which makes text read in another order; take it out
              --> outlets.csv, line 3, column "name"
              = expected: 1 to 200 characters

            3 errors, 0 warnings
        "#]]);
}
