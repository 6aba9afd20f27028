//! Tests of the house rules: each on small fixtures, and all of them on this very tree.

use expect_test::{Expect, expect};
use std::fmt::Write;
use xtask::tidy::arrows::ARROWS;
use xtask::tidy::source::Source;
use xtask::tidy::{Tree, check as findings};

/// Checks the files and compares the findings, one a line.
fn check(files: &[(&str, &str)], expected: Expect) {
    let mut found = String::new();
    for finding in findings(&Tree::of(files)) {
        writeln!(found, "{finding}").unwrap();
    }
    expected.assert_eq(&found);
}

#[test]
fn this_tree_is_tidy() {
    let tree = Tree::read(xtask::root()).unwrap();
    let found: Vec<String> = findings(&tree).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "`cargo xtask tidy` finds:\n{}", found.join("\n"));
}

#[test]
fn takes_source_apart() {
    let text = r##"let a = "x // \" y"; // "not" text
let b = r#"raw " here"#; /* c /* d */ e */ let c = '"'; let d: &'static str = b'\'';
"##;
    let source = Source::new(text);
    expect![[r##"
        let·a·=·"·········";··············
        let·b·=·r#"··········"#;···················let·c·=·'·';·let·d:·&'static·str·=·b'··';
    "##]]
    .assert_eq(&source.code.replace(' ', "·"));
    let literals: Vec<&str> = source.literals.iter().map(|range| &text[range.clone()]).collect();
    assert_eq!(literals, [r#"x // \" y"#, r#"raw " here"#]);
    assert!(source.comments.contains(r#"// "not" text"#));
    assert!(source.comments.contains("/* c /* d */ e */"));
}

#[test]
fn raw_identifiers_and_lifetimes_are_no_literals() {
    let text = "fn f<'a>(r#type: &'a str, bar: char) { g('é', '\\u{1F600}', b'x', var\"\") }";
    let source = Source::new(text);
    assert_eq!(source.literals.len(), 1);
    assert!(source.code.contains("r#type: &'a str, bar: char"));
}

#[test]
fn text_ends_clean() {
    check(
        &[("a.toml", "x = 1 \n\n"), ("b.css", "a{}"), ("c.html", "")],
        expect![[r#"
            a.toml:1: trailing-space: white space at the end of the line; delete it
            a.toml:2: final-newline: the file must end with exactly one newline
            b.css:1: final-newline: the file must end with exactly one newline
        "#]],
    );
}

#[test]
fn rust_files_begin_with_what_they_are() {
    check(
        &[("crates/node/src/a.rs", "fn a() {}\n"), ("crates/node/src/b.rs", "//! Nodes.\n")],
        expect![[r#"
            crates/node/src/a.rs:1: module-header: the file must begin with `//! ` and a noun phrase that says what it is
        "#]],
    );
}

#[test]
fn rust_files_and_lines_are_short() {
    let long_file = format!("//! Long.\n{}", "\n".repeat(999)) + "fn a() {}\n";
    let words = "word ".repeat(25);
    let wide = format!(
        "//! Wide.\n// {words}.\n// https://example.org/{words}.\n    (\"{words}\", 1),\n\
         let a = (1, \"{words}\");\nlet b = r\"\n{words}.\n\";\n\tlet c = 1;\n// {}\n",
        "预".repeat(49)
    );
    check(
        &[
            ("crates/node/src/long.rs", &long_file),
            ("crates/node/tests/it/long.rs", &long_file),
            ("crates/node/src/wide.rs", &wide),
        ],
        expect![[r#"
            crates/node/src/long.rs:1001: file-length: 1001 lines; at most 1000: split the file by concept
            crates/node/src/wide.rs:2: line-length: 129 columns; at most 100: break the line
            crates/node/src/wide.rs:5: line-length: 141 columns; at most 100: break the line
            crates/node/src/wide.rs:9: tab: a tab; indent with spaces, write \t in a literal
            crates/node/src/wide.rs:10: line-length: 101 columns; at most 100: break the line
        "#]],
    );
}

#[test]
fn some_words_never_stand_in_code() {
    let text = "//! Words: unsafe, todo!, .unwrap() in prose are fine.\n\
        #![forbid(unsafe_code)]\n\
        fn a() { unsafe { b() } }\n\
        fn c() { todo!() }\n\
        fn d() { dbg!(1); e(\"todo! unsafe TODO\") }\n\
        // TODO: more.\n\
        fn f() { g()\n    .unwrap(); }\n\
        #[ignore]\n\
        fn h() { i().unwrap_or(1) }\n\
        #[cfg(test)]\nmod tests {\n    fn j() { k().unwrap(); }\n}\n";
    check(
        &[
            ("crates/node/src/a.rs", text),
            ("crates/node/tests/it/a.rs", "//! Tests.\nfn a() { b().unwrap(); }\n"),
        ],
        expect![[r#"
            crates/node/src/a.rs:3: forbidden: `unsafe`: one file alone needs it; find the safe way or a library that did
            crates/node/src/a.rs:4: forbidden: `todo!`: finish it, or leave the whole thing out
            crates/node/src/a.rs:5: forbidden: `dbg!`: remove it, or make it a trace
            crates/node/src/a.rs:6: put-off: `TODO`: do it now, or open an issue and say nothing here
            crates/node/src/a.rs:8: unwrap: `.unwrap()` outside tests: return the error, or `expect` with the invariant that excludes it
            crates/node/src/a.rs:9: forbidden: `#[ignore]`: repair the test or delete it; a test that does not run tests nothing
        "#]],
    );
}

#[test]
fn the_ledger_names_no_clock_no_chance_no_io() {
    let text = "//! Rules; unlike std::time they never change.\n\
        use std::{\n    fmt,\n    collections::{BTreeMap, HashMap as Table},\n    io::{self, Read},\n};\n\
        use std::time::Duration;\n\
        use hashbrown::HashMap;\n\
        fn a(b: f64) -> String { \"f64 std::fs\".into() }\n\
        fn c() { std::thread::yield_now(); rand::random() }\n\
        #[cfg(test)]\nmod tests { use std::fs; }\n";
    check(
        &[
            ("crates/ledger/src/a.rs", text),
            ("crates/ledger/tests/it/a.rs", "//! Tests.\nuse std::fs;\n"),
            ("crates/server/src/a.rs", "//! Server.\nuse std::time::Instant;\n"),
        ],
        expect![[r#"
            crates/ledger/src/a.rs:4: purity: `ledger` must not name `std::collections::HashMap`: the same journal must give the same state everywhere; take it as an argument
            crates/ledger/src/a.rs:5: purity: `ledger` must not name `std::io`: the same journal must give the same state everywhere; take it as an argument
            crates/ledger/src/a.rs:5: purity: `ledger` must not name `std::io`: the same journal must give the same state everywhere; take it as an argument
            crates/ledger/src/a.rs:7: purity: `ledger` must not name `std::time`: the same journal must give the same state everywhere; take it as an argument
            crates/ledger/src/a.rs:9: purity: `ledger` must not name `f64`: floats round differently elsewhere; count in whole units
            crates/ledger/src/a.rs:10: purity: `ledger` must not name `rand`: the same journal must give the same state everywhere; take it as an argument
            crates/ledger/src/a.rs:10: purity: `ledger` must not name `std::thread`: the same journal must give the same state everywhere; take it as an argument
        "#]],
    );
}

#[test]
fn the_journal_reads_no_clock() {
    let text = "//! Journal.\nuse std::time::{Duration, SystemTime};\nuse std::fs;\n\
        fn a() { let now = Timestamp::now(); }\n";
    check(
        &[("crates/journal/src/a.rs", text)],
        expect![[r#"
            crates/journal/src/a.rs:2: purity: `journal` must not name `SystemTime`: only the crates that serve read a clock; take the time as an argument
            crates/journal/src/a.rs:4: purity: `journal` must not name `Timestamp::now`: only the crates that serve read a clock; take the time as an argument
        "#]],
    );
}

#[test]
fn arrows_point_down() {
    let ledger = "[package]\nname = \"ledger\"\n\n[dependencies]\ntypes.workspace = true\n\
        journal = { workspace = true }\nserde = \"1\"\n\n[dev-dependencies]\nmodel.workspace = true\n\
        tidegate.workspace = true\n\n[lints]\nworkspace = true\n";
    let journal = "[dependencies.node]\nworkspace = true\n\n\
        [target.'cfg(unix)'.dependencies]\n\"server\" = \"1\"\nfloor = { package = \"ledger\" }\n";
    check(
        &[
            ("Cargo.toml", "[workspace.dependencies]\nserver = { path = \"crates/server\" }\n"),
            ("crates/ledger/Cargo.toml", ledger),
            ("crates/journal/Cargo.toml", journal),
            ("crates/wave/Cargo.toml", "[lints]\nworkspace = true\n"),
        ],
        expect![[r#"
            crates/journal/Cargo.toml:1: arrow: `journal` may depend on `types` and does not; take it out of ARROWS (xtask/src/tidy/arrows.rs)
            crates/journal/Cargo.toml:1: arrow: `journal` must not depend on `node`: arrows point down only; move what it needs down, or pass it in
            crates/journal/Cargo.toml:1: lints: the manifest must hold `[lints]` with `workspace = true`
            crates/journal/Cargo.toml:5: arrow: `journal` must not depend on `server`: arrows point down only; move what it needs down, or pass it in
            crates/journal/Cargo.toml:6: arrow: `journal` must not depend on `ledger`: arrows point down only; move what it needs down, or pass it in
            crates/ledger/Cargo.toml:6: arrow: `ledger` must not depend on `journal`: arrows point down only; move what it needs down, or pass it in
            crates/ledger/Cargo.toml:11: arrow: `ledger` must not depend on `tidegate`: arrows point down only; move what it needs down, or pass it in
            crates/wave/Cargo.toml:1: arrow: `wave` has no row in ARROWS (xtask/src/tidy/arrows.rs); add it there and in ARCHITECTURE.md
        "#]],
    );
}

#[test]
fn the_table_of_arrows_names_crates_that_are_there_from_the_bottom_up() {
    let tree = Tree::read(xtask::root()).unwrap();
    for (place, (name, links)) in ARROWS.iter().enumerate() {
        let is_there = |folder| tree.has(&format!("{folder}{name}/Cargo.toml"));
        assert!(is_there("crates/") || is_there(""), "no crate `{name}`");
        let below = &ARROWS[..place];
        let up = links.iter().find(|link| !below.iter().any(|(of, _)| of == *link));
        assert_eq!(up, None, "`{name}` links what does not stand below it");
    }
}

#[test]
fn the_code_map_is_in_the_order_of_the_arrows() {
    let text = std::fs::read_to_string(xtask::root().join("ARCHITECTURE.md")).unwrap();
    let (_, map) = text.split_once("## Code map\n").unwrap();
    let (map, _) = map.split_once("\n## ").unwrap();
    let tables: Vec<Vec<&str>> = map
        .split("|---|---|---|\n")
        .skip(1)
        .map(|rows| rows.lines().map_while(|row| row.strip_prefix("| `")?.split('`').next()))
        .map(Iterator::collect)
        .collect();
    assert_eq!(tables.len(), 2, "the program, and what holds it to its word");
    let place = |name: &str| {
        let row = |table: &Vec<&str>| table.iter().position(|row| *row == name);
        tables.iter().enumerate().find_map(|(no, table)| Some((no, row(table)?)))
    };
    let beside = ["bench", "fuzz", "xtask"];
    for (name, links) in ARROWS.iter().filter(|(name, _)| !beside.contains(name)) {
        let (table, row) = place(name).unwrap_or_else(|| panic!("`{name}` is not in the map"));
        for link in *links {
            let to = place(link).unwrap();
            let is_true = to.0 < table || (to.0 == table && row < to.1);
            assert!(is_true, "`{link}` must stand below `{name}`, or in the program's table");
        }
    }
}

#[test]
fn markdown_has_one_title_and_live_links() {
    let text = "# One\n\n```sh\n# a comment, [a link](nowhere.md)\n```\n\n\
        [here](b.md#part) [up](../README.md) [folder](sub/) [web](https://example.org) [in](#one)\n\
        [gone](gone.md) and `[code](none.md)` ![picture](picture.svg \"Title\")\n\
        [out](../../x.md)\n\n[name]: sub/missing.md\n<img src=\"flow.svg\">\n\n# Two\n";
    check(
        &[
            ("README.md", "No title.\n"),
            ("docs/a.md", text),
            ("docs/b.md", "# B\n"),
            ("docs/sub/c.md", "# C\n"),
        ],
        expect![[r#"
            README.md:1: one-title: no H1; begin the file with `# ` and its title
            docs/a.md:8: dead-link: the link `gone.md` leads nowhere; correct it or add the file
            docs/a.md:8: dead-link: the link `picture.svg` leads nowhere; correct it or add the file
            docs/a.md:9: dead-link: the link `../../x.md` leads nowhere; correct it or add the file
            docs/a.md:11: dead-link: the link `sub/missing.md` leads nowhere; correct it or add the file
            docs/a.md:12: dead-link: the link `flow.svg` leads nowhere; correct it or add the file
            docs/a.md:14: one-title: a second H1; make it `##`, or split the file
        "#]],
    );
}

#[test]
fn bugs_name_their_tests() {
    let test = "//! Tests.\n\n#[test]\nfn a_pool_never_oversells() {}\n";
    let bugs = "# Bugs\n\n| what | shown by |\n|---|---|\n\
        | oversold | `cargo test -p ledger a_pool_never` |\n\
        | renamed | `cargo test -p ledger a_pool_always` |\n\
        | elsewhere | `cargo test -p model a_pool_never` |\n| by hand | looked at |\n\
        | seen | `npx playwright test counter -g \"a press\"` |\n\
        | unseen | `npx playwright test booking -g \"a press\"` |\n\
        | untitled | `npx playwright test counter -g \"a tap\"` |\n";
    let page = "test('a press counts', () => tap('a tap'));\n";
    check(
        &[
            ("docs/bugs.md", bugs),
            ("crates/ledger/tests/it/main.rs", test),
            ("web/tests/counter.spec.js", page),
        ],
        expect![[r#"
            docs/bugs.md:6: bug-without-test: ledger has no test `a_pool_always`; name the one that shows the bug
            docs/bugs.md:7: bug-without-test: model has no test `a_pool_never`; name the one that shows the bug
            docs/bugs.md:8: bug-without-test: the row ends in no `cargo test -p CRATE TEST`, nor in `npx playwright test FILE -g "TEST"`; name the test
            docs/bugs.md:10: bug-without-test: booking has no test `a press`; name the one that shows the bug
            docs/bugs.md:11: bug-without-test: counter has no test `a tap`; name the one that shows the bug
        "#]],
    );
}

#[test]
fn codes_and_pages_belong_together() {
    let text = "//! Errors.\nimpl Refusal {\n    /// The code.\n\
        \n    pub const fn code(&self) -> &'static str {\n\
        match self {\n            Self::SoldOut { .. } => \"sold-out\",\n            \
        Self::Closed => \"closed\",\n        }\n    }\n}\n\
        impl Outcome {\n    fn code(&self) -> &str { \"booked\" }\n}\n\
        const DAMAGED: &str = \"journal-damaged\";\n";
    let page = "# `sold-out`\n\nNothing is left.\n\n## What happened\n\n## What to do\n";
    check(
        &[
            ("crates/types/src/outcome.rs", text),
            ("docs/errors/README.md", "# Errors\n"),
            ("docs/errors/sold-out.md", page),
            ("docs/errors/journal-damaged.md", "# Damaged\n\n## What happened\n"),
            ("docs/errors/unheard-of.md", &page.replace("sold-out", "unheard-of")),
        ],
        expect![[r#"
            crates/types/src/outcome.rs:8: error-page: the code `closed` has no page; write docs/errors/closed.md
            docs/errors/journal-damaged.md:1: error-page: the page lacks the section `## What to do`
            docs/errors/journal-damaged.md:1: error-page: the page must begin with the line # `journal-damaged`
            docs/errors/unheard-of.md:1: error-page: no Rust file holds the code "unheard-of"; delete the page, or name it as the code is
        "#]],
    );
}
