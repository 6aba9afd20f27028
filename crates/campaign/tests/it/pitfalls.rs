//! Files that can be read, and would not do what they were written for.

use crate::fixture::files;
use expect_test::expect;

const AT_ONCE: &str = "at-once";

#[test]
fn results_in_the_past() {
    let without_windows = files()
        .with("windows = [{ from = \"2030-02-01 20:00\", until = \"2030-02-01 22:00\" }]\n", "");
    without_windows.clone().with(AT_ONCE, "at\"\nat = \"2020-01-01 09:00").check(expect![[r#"
        error[in-the-past]: the time at which results are published is over: nobody could ever enter
          --> c.toml:39:6
           |
        39 | at = "2020-01-01 09:00"
           |      ^^^^^^^^^^^^^^^^^^
          = expected: a time that is still to come
          = help: look whether the year is right

        1 error, 0 warnings
    "#]]);
    without_windows.with(AT_ONCE, "by-hand\"\nexpected = \"2020-01-01 00:00").check(expect![[r#"
        good
        warning[missing-key]: there are no windows
          --> c.toml:27:1
           |
        27 | [register]
           | ^^^^^^^^^^
          = help: an operator must open the campaign by hand

        warning[in-the-past]: the time at which results are expected is over
          --> c.toml:39:12
           |
        39 | expected = "2020-01-01 00:00"
           |            ^^^^^^^^^^^^^^^^^^
          = help: look whether the year is right

        0 errors, 2 warnings
    "#]]);
}

#[test]
fn results_after_the_slot() {
    files().with(AT_ONCE, "at\"\nat = \"2030-02-02 12:00").check(expect![[r#"
        good
        warning[times-out-of-order]: a slot is over before results are published, so that nobody can collect there: "am"
          --> c.toml:16:1
           |
        16 | [[slot]]
           | ^^^^^^^^
          = help: publish before the slots begin

        0 errors, 1 warning
    "#]]);
    files().with(AT_ONCE, "by-hand\"\nexpected = \"2030-02-03 09:00").check(expect![[r#"
        good
        warning[times-out-of-order]: a slot is over before results are published, so that nobody can collect there: "am"
          --> c.toml:16:1
           |
        16 | [[slot]]
           | ^^^^^^^^
          = help: publish before the slots begin

        0 errors, 1 warning
    "#]]);
    let whole_day = files().with(AT_ONCE, "at\"\nat = \"2030-02-02 12:00");
    let whole_day =
        whole_day.with("[publish]", "[fulfil]\nby = \"pickup\"\nwhole_day = true\n\n[publish]");
    whole_day.check(expect![[r#"
        good
        0 errors, 0 warnings
    "#]]);
}

#[test]
fn too_little_for_one_booking() {
    let stock = "outlet,item,slot,units\n1001,N95,am,3\n1002,N95,am,3\n";
    let files = files().with("min = 1, max = 5", "min = 4, max = 5");
    files.file("stock.csv", stock).check(expect![[r#"
        good
        warning[nothing-in-stock]: nobody can be booked: the smallest booking takes 4 units, and no outlet has more than 3 of an item in a slot
          --> c.toml

        0 errors, 1 warning
    "#]]);
}

#[test]
fn a_cap_that_one_person_can_use_up() {
    files().with("units = {", "cap = 10\nunits = {").check(expect![[r#"
        good
        warning[cap-reentry]: whoever enters and cancels again and again uses up the cap: it counts cancelled entries, too
          --> c.toml:29:7
           |
        29 | cap = 10
           |       ^^
          = help: set reenter_after_cancel = false, so that each person counts once

        0 errors, 1 warning
    "#]]);
    let once = files().with("units = {", "cap = 10\nreenter_after_cancel = false\nunits = {");
    once.check(expect![[r#"
        good
        0 errors, 0 warnings
    "#]]);
}

#[test]
fn a_field_with_the_name_of_a_column() {
    for column in ["units", "code", "state", "rows", "change", "Slot"] {
        let said = files().with("code = \"phone\"", &format!("code = \"{column}\"")).read();
        assert_eq!(said.unwrap_err().len(), 1, "{column}");
    }
    files().with("code = \"phone\"", "code = \"units\"").check(expect![[r#"
        error[bad-code]: "units" is a column of exported tables already
          --> c.toml:32:8
           |
        32 | code = "units"
           |        ^^^^^^^
          = expected: another code, such as "person_NAME"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_language_with_an_underscore_is_one_mistake() {
    files().with("\"zh-CN\", \"en\"", "\"zh_CN\", \"en\"").check(expect![[r#"
        error[unknown-language]: "zh_CN" is not a language tag
          --> c.toml:5:14
          |
        5 | languages = ["zh_CN", "en"]
          |              ^^^^^^^
          = expected: a tag such as "en" or "zh-CN" (BCP 47)
          = help: did you mean "zh-CN"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn one_bracket_too_few_is_one_mistake() {
    files().with("[[item]]", "[item]").check(expect![[r#"
        error[wrong-type]: "item" is a table
          --> c.toml:12:1
           |
        12 | [item]
           | ^^^^^^
          = expected: tables in a row: [[item]]

        1 error, 0 warnings
    "#]]);
}
