//! Campaigns of one series, each beside another.

use crate::fixture::{Fixture, NOW, files};
use campaign::{Loaded, Other, render, series_differences, series_overlap};
use expect_test::{Expect, expect};
use std::path::Path;
use types::{Definition, Millis};

const DAY: u64 = 86_400_000;

/// A campaign of the series, published by hand, whose window of 1 February is moved by days.
fn held(code: &str, days: u32) -> Fixture {
    let window = format!("windows = [{{ from = \"2030-02-0{} 20:00\"", 1 + days);
    let until = format!("until = \"2030-02-0{} 22:00\" }}]", 1 + days);
    files()
        .with("\"masks\"", &format!("\"{code}\""))
        .with("windows = [{ from = \"2030-02-01 20:00\"", &window)
        .with("until = \"2030-02-01 22:00\" }]", &until)
        .with("[register]", "[series]\ncode = \"city\"\ncool_down_days = 5\n\n[register]")
        .with("at-once", "by-hand")
}

fn read(files: Fixture) -> Definition {
    files.read().unwrap().definition
}

fn said(one: &Definition, others: &[(&Definition, Option<Millis>)]) -> String {
    let others = others.iter().map(|&(definition, holds_at)| Other { definition, holds_at });
    series_overlap(one, "c.toml", others).map_or_else(String::new, |found| render(&[found]))
}

#[track_caller]
fn check(one: Fixture, other: Fixture, expected: Expect) {
    let (one, other) = (read(one), read(other));
    expected.assert_eq(&said(&one, &[(&other, None)]));
    assert_eq!(said(&one, &[(&other, None)]).is_empty(), said(&other, &[(&one, None)]).is_empty());
}

#[test]
fn campaigns_of_a_held_back_series_that_overlap() {
    let (late, early) = (read(held("late", 0)), read(held("early", 0)));
    expect![[r#"
        warning[series-overlaps]: "late" is open while results of the series "city" are held back by "early", "late-2", or the other way round
          --> c.toml
          = help: while one of them has entries and is not published, the others take none (series-unpublished): let each publish before the next one opens

        0 errors, 1 warning
    "#]]
    .assert_eq(&said(&late, &[(&early, None), (&late, None), (&read(held("late-2", 0)), None)]));
    check(held("late", 1), held("early", 0), expect![""]);
}

#[test]
fn a_campaign_that_opens_before_another_one_publishes() {
    let expected = "by-hand\"\nexpected = \"2030-02-03 09:00";
    let early = held("early", 0).with("by-hand", expected);
    check(
        held("late", 1),
        early.clone(),
        expect![[r#"
        warning[series-overlaps]: "late" is open while results of the series "city" are held back by "early", or the other way round
          --> c.toml
          = help: while one of them has entries and is not published, the others take none (series-unpublished): let each publish before the next one opens

        0 errors, 1 warning
    "#]],
    );
    check(held("late", 2), early, expect![""]);
    let at = held("early", 0).with("by-hand", "at\"\nat = \"2030-02-02 20:00");
    check(held("late", 1), at, expect![""]);
}

#[test]
fn campaigns_that_share_nothing_do_not_overlap() {
    let late = held("late", 0);
    // Who is answered at once neither waits nor is waited for.
    check(late.clone(), held("early", 0).with("by-hand", "at-once"), expect![""]);
    check(late.clone(), held("early", 0).with("\"city\"", "\"town\""), expect![""]);
    let warm = |code: &str| held(code, 0).with("cool_down_days = 5", "cool_down_days = 0");
    check(warm("late"), warm("early"), expect![""]);
    check(late, files(), expect![""]);
}

#[test]
fn one_that_still_waits_for_its_publication() {
    let (late, early) = (read(held("late", 1)), read(held("early", 0)));
    let opens = Millis(late.register.windows[0].from.0);
    assert_eq!(said(&late, &[(&early, Some(Millis(opens.0 - 1)))]), "");
    assert!(said(&late, &[(&early, Some(opens))]).contains("\"early\""));
    let by_hand =
        held("early", 0).with("{ from = \"2030-02-01 20:00\", until = \"2030-02-01 22:00\" }", "");
    assert_eq!(said(&late, &[(&read(by_hand.clone()), None)]), "");
    assert!(said(&late, &[(&read(by_hand), Some(opens))]).contains("\"early\""));
    assert!(NOW.0 + DAY < opens.0, "the campaigns lie ahead");
}

/// What is said about a file of the series beside another one, and beside itself.
#[track_caller]
fn check_differences(one: Fixture, expected: Expect) {
    let other = held("other", 0).read().unwrap();
    let one = one.read().unwrap();
    let said = |one: &Loaded, other: &Loaded| {
        let others = [(Path::new("a/other.toml"), one), (Path::new("b/c.toml"), other)];
        render(&series_differences(one, others))
    };
    expected.assert_eq(&said(&one, &other));
    assert_eq!(said(&one, &one), "0 errors, 0 warnings\n");
    let differ = one.definition.differs_in_series(&other.definition).count();
    assert_eq!(series_differences(&other, [(Path::new("c.toml"), &one)]).len(), differ);
    assert_eq!(one.definition.agrees_in_series(&other.definition), differ == 0);
}

#[test]
fn campaigns_of_a_series_that_disagree() {
    check_differences(
        held("one", 0),
        expect![[r#"
        0 errors, 0 warnings
    "#]],
    );
    let days = held("one", 0).with("cool_down_days = 5", "cool_down_days = 7");
    check_differences(
        days,
        expect![[r#"
        error[series-differs]: campaigns of the series "city" must agree, but here "cool_down_days" is 7 and in b/c.toml, line 29, "cool_down_days" is 5
          --> c.toml:29:18
           |
        29 | cool_down_days = 7
           |                  ^
          = expected: the same cool_down_days in all of them
          = help: make the files agree, or name another series

        1 error, 0 warnings
    "#]],
    );
    let none = held("one", 0).with("cool_down_days = 5\n", "");
    check_differences(
        none,
        expect![[r#"
        error[series-differs]: campaigns of the series "city" must agree, but here "cool_down_days" is 0 and in b/c.toml, line 29, "cool_down_days" is 5
          --> c.toml:27:1
           |
        27 | [series]
           | ^^^^^^^^
          = expected: the same cool_down_days in all of them
          = help: make the files agree, or name another series

        1 error, 0 warnings
    "#]],
    );
    let zone = held("one", 0).with("Asia/Shanghai", "Asia/Macau");
    let fields = zone.with("code = \"phone\"", "code = \"mobile\"");
    check_differences(
        fields.with("by-hand", "at-once"),
        expect![[r#"
        error[series-differs]: campaigns of the series "city" must agree, but here the unique field is "mobile" and in b/c.toml, line 35, the unique field is "phone"
          --> c.toml:35:1
           |
        35 | [[register.field]]
           | ^^^^^^^^^^^^^^^^^^
          = expected: the same unique fields, in the same order, in all of them
          = help: make the files agree, or name another series

        error[series-differs]: campaigns of the series "city" must agree, but here the zone is "Asia/Macau" and in b/c.toml, line 4, the zone is "Asia/Shanghai"
          --> c.toml:4:8
          |
        4 | zone = "Asia/Macau"
          |        ^^^^^^^^^^^^
          = expected: the same zone in all of them
          = help: make the files agree, or name another series

        error[series-differs]: campaigns of the series "city" must agree, but here results are told at once and in b/c.toml, line 43, results are held back
          --> c.toml:43:8
           |
        43 | when = "at-once"
           |        ^^^^^^^^^
          = expected: when = "at-once" in all of them, or in none
          = help: make the files agree, or name another series

        3 errors, 0 warnings
    "#]],
    );
    let elsewhere = held("one", 0).with("cool_down_days = 5", "cool_down_days = 7");
    check_differences(
        elsewhere.with("\"city\"", "\"town\""),
        expect![[r#"
        0 errors, 0 warnings
    "#]],
    );
}
