//! Campaigns that draw: what they become, and each mistake in them.

use crate::fixture::{Fixture, OUTLETS, files};
use expect_test::expect;

const ALLOCATE: &str = r#"[allocate]
by = "draw"
stand_days = 5
tickets_max = 4
accept_any = true
group_max = 3

[series]
code = "masks"
cool_down_days = 14

[publish]"#;

const SENIOR: &str = r#"[[item]]
code = "senior"
name = { zh-CN = "长者", en = "Senior" }
of = "N95"
tranche = "65"

[[slot]]"#;

/// A campaign that draws, without a mistake.
fn draws() -> Fixture {
    files()
        .with("[publish]", ALLOCATE)
        .with(r#"when = "at-once""#, r#"when = "by-hand""#)
        .with("[[slot]]", SENIOR)
        .file("stock.csv", "outlet,item,slot,units\n1001,N95,am,40\n1002,senior,am,60\n")
}

#[test]
fn a_draw_has_its_terms_and_reserved_items() {
    let definition = draws().read().unwrap().definition;
    let allocate = serde_json::to_string(&definition.allocate).unwrap();
    expect![[r#"{"by":"draw","stand_days":5,"tickets_max":4,"accept_any":true,"group_max":3}"#]]
        .assert_eq(&allocate);
    let reserved: Vec<_> = definition.items.iter().map(|item| item.reserved.as_ref()).collect();
    let reserved = serde_json::to_string(&reserved).unwrap();
    expect![[r#"[null,{"of":0,"tranche":"65"}]"#]].assert_eq(&reserved);
    draws().check(expect![[r#"
        good
        0 errors, 0 warnings
    "#]]);
}

#[test]
fn terms_are_left_out_or_within_their_limits() {
    let plain = files()
        .with("[publish]", "[allocate]\nby = \"draw\"\n[publish]")
        .with(r#"when = "at-once""#, r#"when = "by-hand""#);
    let definition = plain.read().unwrap().definition;
    expect![[
        r#"{"by":"draw","stand_days":null,"tickets_max":1,"accept_any":false,"group_max":1}"#
    ]]
    .assert_eq(&serde_json::to_string(&definition.allocate).unwrap());
    draws()
        .with("stand_days = 5", "stand_days = 367")
        .with("tickets_max = 4", "tickets_max = 33")
        .with("accept_any = true", "accept_any = 1")
        .with("group_max = 3", "group_max = 9")
        .check(expect![[r#"
            error[out-of-range]: "stand_days" is 367, which is out of range
              --> c.toml:46:14
               |
            46 | stand_days = 367
               |              ^^^
              = expected: a whole number from 1 to 366

            error[out-of-range]: "tickets_max" is 33, which is out of range
              --> c.toml:47:15
               |
            47 | tickets_max = 33
               |               ^^
              = expected: a whole number from 1 to 32

            error[wrong-type]: "accept_any" is the number 1
              --> c.toml:48:14
               |
            48 | accept_any = 1
               |              ^
              = expected: true or false

            error[out-of-range]: "group_max" is 9, which is out of range
              --> c.toml:49:13
               |
            49 | group_max = 9
               |             ^
              = expected: a whole number from 1 to 8

            4 errors, 0 warnings
        "#]]);
}

#[test]
fn what_a_draw_asks_of_units_and_publication() {
    draws().with("max = 5", "max = 9").with(r#"when = "by-hand""#, r#"when = "at-once""#).check(
        expect![[r#"
            error[out-of-range]: a draw gives at most 8 units to an entry
              --> c.toml:35:9
               |
            35 | units = { min = 1, max = 9 }
               |         ^^^^^^^^^^^^^^^^^^^^
              = expected: units from 1 to 8, or first-come in [allocate]

            error[conflicting-keys]: what is drawn is published by hand, when the draw is done
              --> c.toml:56:8
               |
            56 | when = "at-once"
               |        ^^^^^^^^^
              = expected: when = "by-hand"

            2 errors, 0 warnings
        "#]],
    );
}

#[test]
fn terms_and_reserved_items_without_a_draw() {
    draws().with(r#"by = "draw""#, r#"by = "first-come""#).check(expect![[r#"
        error[conflicting-keys]: only a draw keeps a part of an item's units
          --> c.toml:19:6
           |
        19 | of = "N95"
           |      ^^^^^
          = expected: by = "draw" in [allocate]
          = help: remove "of" and "tranche" where nothing is drawn

        error[conflicting-keys]: "stand_days" has no meaning where nothing is drawn
          --> c.toml:46:14
           |
        46 | stand_days = 5
           |              ^
          = expected: by = "draw" in [allocate]
          = help: add it, or remove "stand_days"

        error[conflicting-keys]: "tickets_max" has no meaning where nothing is drawn
          --> c.toml:47:15
           |
        47 | tickets_max = 4
           |               ^
          = expected: by = "draw" in [allocate]
          = help: add it, or remove "tickets_max"

        error[conflicting-keys]: "accept_any" has no meaning where nothing is drawn
          --> c.toml:48:14
           |
        48 | accept_any = true
           |              ^^^^
          = expected: by = "draw" in [allocate]
          = help: add it, or remove "accept_any"

        error[conflicting-keys]: "group_max" has no meaning where nothing is drawn
          --> c.toml:49:13
           |
        49 | group_max = 3
           |             ^
          = expected: by = "draw" in [allocate]
          = help: add it, or remove "group_max"

        5 errors, 0 warnings
    "#]]);
}

#[test]
fn winners_who_may_enter_again() {
    draws().with("[series]\ncode = \"masks\"\ncool_down_days = 14\n", "").check(expect![[r#"
        good
        warning[winners-again]: whoever wins may enter the next draw at once: nothing keeps winners out
          --> c.toml:45:6
           |
        45 | by = "draw"
           |      ^^^^^^
          = help: add [series] with cool_down_days if each person is to win once in a while

        0 errors, 1 warning
    "#]]);
}

/// Further items, each with a fault.
const FURTHER_ITEMS: &str = r#"[[item]]
code = "third"
name = { zh-CN = "三", en = "Third" }
of = "senior"
tranche = "x 1"

[[item]]
code = "fourth"
name = { zh-CN = "四", en = "Fourth" }
of = "n95"
tranche = "c1"

[[item]]
code = "fifth"
name = { zh-CN = "五", en = "Fifth" }
of = "N95"
tranche = "65"

[[item]]
code = "sixth"
name = { zh-CN = "六", en = "Sixth" }
of = "N95"

[[item]]
code = "seventh"
name = { zh-CN = "七", en = "Seventh" }
tranche = "7"

[[slot]]"#;

#[test]
fn a_reserved_item_is_part_of_a_whole_one() {
    draws().with("[[slot]]", FURTHER_ITEMS).check(expect![[r#"
        error[conflicting-keys]: "senior" is a part of an item itself, so "third" cannot be a part of it
          --> c.toml:25:6
           |
        25 | of = "senior"
           |      ^^^^^^^^
          = expected: the code of an item that has no "of"

        error[bad-code]: "x 1" cannot be a tranche
          --> c.toml:26:11
           |
        26 | tranche = "x 1"
           |           ^^^^^
          = expected: 1 to 16 of A-Z, 0-9, ".", "_", "-"

        error[unknown-reference]: there is no item "n95"
          --> c.toml:31:6
           |
        31 | of = "n95"
           |      ^^^^^
          = expected: the code of one that the campaign defines
          = help: did you mean "N95"?

        error[bad-code]: "c1" cannot be a tranche
          --> c.toml:32:11
           |
        32 | tranche = "c1"
           |           ^^^^
          = expected: 1 to 16 of A-Z, 0-9, ".", "_", "-"
          = help: did you mean "C1"?

        error[duplicate-code]: the tranche "65" of "N95" stands twice, first in c.toml:20:11
          --> c.toml:38:11
           |
        38 | tranche = "65"
           |           ^^^^
          = expected: each tranche of an item once

        error[missing-key]: [[item]] has no "tranche"
          --> c.toml:40:1
           |
        40 | [[item]]
           | ^^^^^^^^
          = expected: 1 to 16 of A-Z, 0-9, ".", "_", "-"

        error[missing-key]: [[item]] has no "of"
          --> c.toml:45:1
           |
        45 | [[item]]
           | ^^^^^^^^
          = expected: the code of the item that this one is part of

        7 errors, 0 warnings
    "#]]);
}

#[test]
fn codes_become_the_names_of_places() {
    let outlets = OUTLETS.replace("1001", "a1").replace("1002", "A1");
    let stock = "outlet,item,slot,units\na1,n-95,am,1\n";
    draws()
        .with(r#"code = "N95""#, r#"code = "n-95""#)
        .with(r#"of = "N95""#, r#"of = "n-95""#)
        .file("outlets.csv", outlets)
        .file("stock.csv", stock)
        .check(expect![[r#"
            error[bad-code]: the item "n-95" has a "-", which parts names in a draw
              --> c.toml:13:8
               |
            13 | code = "n-95"
               |        ^^^^^^
              = expected: a code without "-" where lots are drawn
              = help: did you mean "n_95"?

            error[duplicate-code]: the outlet "A1" differs only in capitals from the one in line 2; a draw writes both in capitals
              --> outlets.csv, line 3, column "code"
              = expected: each outlet once, whatever its capitals

            2 errors, 0 warnings
        "#]]);
}

#[test]
fn slots_are_in_the_names_where_it_draws_once_for_several() {
    let slots = r#"[[slot]]
code = "p-m"
name = { zh-CN = "下午", en = "Afternoon" }
date = 2030-02-02
from = "13:00"
until = "17:00"

[tables]"#;
    draws().with("[tables]", slots).check(expect![[r#"
        good
        warning[nothing-in-stock]: 1 slot has no units in stock: "p-m"
          --> c.toml

        0 errors, 1 warning
    "#]]);
    draws().with("stand_days = 5\n", "").with("[tables]", slots).check(expect![[r#"
        error[bad-code]: the slot "p-m" has a "-", which parts names in a draw
          --> c.toml:30:8
           |
        30 | code = "p-m"
           |        ^^^^^
          = expected: a code without "-" where lots are drawn
          = help: did you mean "p_m"?

        1 error, 0 warnings
    "#]]);
}

#[test]
fn names_of_places_that_are_too_long() {
    let (outlet, item) = ("o".repeat(40), "i".repeat(40));
    draws()
        .with(r#"code = "N95""#, &format!("code = \"{item}\""))
        .with(r#"of = "N95""#, &format!("of = \"{item}\""))
        .file("outlets.csv", OUTLETS.replace("1001", &outlet))
        .file("stock.csv", format!("outlet,item,slot,units\n{outlet},{item},am,1\n"))
        .check(expect![[r#"
            error[bad-code]: the name of a place in a draw is made of its codes, and the longest have 81 characters together: the outlet "oooooooooooooooooooooooooooooooooooooooo", the item "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"
              --> c.toml:45:6
               |
            45 | by = "draw"
               |      ^^^^^^
              = expected: at most 64 characters with a "-" between the codes
              = help: shorten the longest codes

            1 error, 0 warnings
        "#]]);
}

/// What loads can be sealed: a draw has no more buckets than 16 bits number.
#[test]
fn more_places_than_buckets_are_told_with_their_place() {
    let (mut outlets, mut stock) = (String::new(), String::new());
    for outlet in 0..16_384 {
        outlets += &format!("o{outlet},望潮药房,Pharmacy,望潮区,灯塔路{outlet}号,,\n");
        for item in ["N95", "senior", "plain", "child"] {
            stock += &format!("o{outlet},{item},am,1\n");
        }
    }
    let item = |code: &str| {
        format!("[[item]]\ncode = \"{code}\"\nname = {{ zh-CN = \"口罩\", en = \"Mask\" }}\n\n")
    };
    let items = format!("{}{}[[slot]]", item("plain"), item("child"));
    let heading = OUTLETS.lines().next().unwrap();
    let with = |stock: &str| {
        draws()
            .with("[[slot]]", &items)
            .file("outlets.csv", format!("{heading}\n{outlets}"))
            .file("stock.csv", format!("outlet,item,slot,units\n{stock}"))
    };
    let (fits, _) = stock.trim_end().rsplit_once('\n').unwrap();
    assert!(with(fits).read().is_ok());
    with(&stock).check(expect![[r#"
        error[too-many]: a draw has a bucket for each outlet and item with stock: here 65536
          --> c.toml:53:6
           |
        53 | by = "draw"
           |      ^^^^^^
          = expected: at most 65535
          = help: draw fewer outlets or items, or in campaigns of their own

        1 error, 0 warnings
    "#]]);
}
