//! Tests of the programs of others that chores start: which one is taken.

use std::path::{Path, PathBuf};
use xtask::tools::{Tool, is_release};

const TIDE: Tool = Tool { name: "cargo-tide", version: "1.2.3" };

fn folder(name: &str) -> PathBuf {
    xtask::root().join("xtask/tests/it/tools").join(name)
}

#[test]
fn a_tool_is_taken_by_what_it_says_of_itself() {
    let found = TIDE.find_in([folder("nowhere"), folder("old"), folder("new")]);
    assert_eq!(found, Some(folder("new").join("cargo-tide")));
}

#[test]
fn another_release_is_not_taken() {
    assert_eq!(TIDE.find_in([folder("old")]), None);
    assert_eq!(
        TIDE.missing(),
        "cargo-tide 1.2.3 is not here (`cargo install cargo-tide --version 1.2.3 --locked`)"
    );
}

#[test]
fn what_fails_or_cannot_be_started_is_of_no_release() {
    let program = folder("new").join("cargo-tide");
    assert!(is_release(&program, &["tide", "--version"], "1.2.3"));
    assert!(!is_release(&program, &["tide", "--version"], "1.2"));
    assert!(!is_release(&program, &["--version"], "1.2.3"), "it ends with 1 then");
    assert!(!is_release(Path::new("/nowhere/tide"), &["--version"], "1.2.3"));
}
