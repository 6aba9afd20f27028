//! Campaigns that take only people of another one.

use crate::fixture::{Fixture, files};
use campaign::{registered_cool_down, registered_differences, render};
use expect_test::{Expect, expect};
use std::path::Path;

const SERIES: &str = "[series]\ncode = \"city\"\n\n[register]";

/// A campaign of the series by that code.
fn in_city(code: &str) -> Fixture {
    files().with("\"masks\"", &format!("\"{code}\"")).with("[register]", SERIES)
}

/// One that takes only people of another.
fn of(code: &str, named: &str) -> Fixture {
    let named = format!("[register]\nregistered_in = \"{named}\"");
    in_city(code).with("[register]", &named)
}

#[test]
fn the_campaign_is_named_by_its_code() {
    let loaded = of("buy", "reserve").read().unwrap();
    assert_eq!(loaded.definition.registered_in(), Some("reserve"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(in_city("buy").read().unwrap().registered_place, None);
}

#[test]
fn names_that_nobody_could_follow() {
    of("buy", "buy").check(expect![[r#"
        error[registered-in]: the campaign would take only people who are in it already
          --> c.toml:31:17
           |
        31 | registered_in = "buy"
           |                 ^^^^^
          = expected: another campaign's code

        1 error, 0 warnings
    "#]]);
    of("buy", "a b").check(expect![[r#"
        error[bad-code]: "a b" cannot be the code of this campaign
          --> c.toml:31:17
           |
        31 | registered_in = "a b"
           |                 ^^^^^
          = expected: another campaign's code

        1 error, 0 warnings
    "#]]);
    files().with("[register]", "[register]\nregistered_in = \"reserve\"").check(expect![[r#"
        error[registered-in]: people are known to be the same as in "reserve" only within a series, and the campaign has none
          --> c.toml:28:17
           |
        28 | registered_in = "reserve"
           |                 ^^^^^^^^^
          = expected: a [series] with the code that the file of "reserve" has

        1 error, 0 warnings
    "#]]);
    of("buy", "reserve").with("\"reserve\"", "3").check(expect![[r#"
        error[wrong-type]: "registered_in" is the number 3
          --> c.toml:31:17
           |
        31 | registered_in = 3
           |                 ^
          = expected: another campaign's code

        1 error, 0 warnings
    "#]]);
}

/// What is said of a file beside the one that it names, or that names it.
#[track_caller]
fn beside(one: Fixture, other: Fixture, expected: Expect) {
    let (one, other) = (one.read().unwrap(), other.read().unwrap());
    let found = |one, other| registered_differences(one, [(Path::new("b/other.toml"), other)]);
    expected.assert_eq(&render(&found(&one, &other)));
    assert_eq!(found(&one, &other).len(), found(&other, &one).len(), "in either order");
}

#[test]
fn campaigns_that_name_each_other() {
    beside(
        of("buy", "reserve"),
        in_city("reserve"),
        expect![[r#"
        0 errors, 0 warnings
    "#]],
    );
    beside(
        of("buy", "reserve"),
        of("reserve", "buy"),
        expect![[r#"
        error[registered-in]: the campaign takes only people of b/other.toml, which takes only people of it
          --> c.toml:31:17
           |
        31 | registered_in = "reserve"
           |                 ^^^^^^^^^
          = help: let the first of them take everybody

        1 error, 0 warnings
    "#]],
    );
    beside(
        of("buy", "reserve"),
        in_city("reserve").with("\"city\"", "\"town\""),
        expect![[r#"
        error[registered-in]: "buy" takes only people of "reserve", but they are not known to be the same: b/other.toml is of another series, or has unique fields of other kinds
          --> c.toml:31:17
           |
        31 | registered_in = "reserve"
           |                 ^^^^^^^^^
          = expected: the same series, and the same unique fields, in both

        1 error, 0 warnings
    "#]],
    );
    let passport =
        |it: Fixture| it.with("kind = \"phone\"\nregion = \"CN\"", "kind = \"passport\"");
    beside(
        passport(in_city("reserve")),
        of("buy", "reserve"),
        expect![[r#"
        error[registered-in]: "buy" takes only people of "reserve", but they are not known to be the same: b/other.toml is of another series, or has unique fields of other kinds
          --> c.toml:27:1
           |
        27 | [series]
           | ^^^^^^^^
          = expected: the same series, and the same unique fields, in both

        1 error, 0 warnings
    "#]],
    );
    beside(
        of("buy", "reserve"),
        in_city("elsewhere").with("\"city\"", "\"town\""),
        expect![[r#"
        0 errors, 0 warnings
    "#]],
    );
}

#[test]
fn a_cool_down_between_the_two_is_told() {
    let days = |it: Fixture| it.with("\"city\"\n", "\"city\"\ncool_down_days = 5\n");
    let read = |it: Fixture| it.read().unwrap().definition;
    let (buy, reserve) = (read(days(of("buy", "reserve"))), read(days(in_city("reserve"))));
    let said = registered_cool_down(&buy, "c.toml", [&buy, &reserve]);
    expect![[r#"
        warning[registered-in]: whoever is booked in "reserve" cools down for 5 days, and cannot enter here meanwhile
          --> c.toml
          = help: leave cool_down_days out, or let "reserve" be by = "draw" and never draw it: it then books nobody

        0 errors, 1 warning
    "#]].assert_eq(&render(&said.into_iter().collect::<Vec<_>>()));
    assert_eq!(registered_cool_down(&buy, "c.toml", [&buy]), None, "it is not there");
    assert_eq!(registered_cool_down(&reserve, "c.toml", [&buy, &reserve]), None);
    let warm = read(of("buy", "reserve"));
    assert_eq!(registered_cool_down(&warm, "c.toml", [&warm, &read(in_city("reserve"))]), None);
    let by_lot =
        days(in_city("reserve")).with("[publish]", "[allocate]\nby = \"draw\"\n\n[publish]");
    let by_lot = read(by_lot.with("at-once", "by-hand"));
    assert_eq!(registered_cool_down(&buy, "c.toml", [&by_lot]), None, "it books nobody by itself");
}
