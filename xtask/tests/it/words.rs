//! The chores' command line.

use std::process::{Command, Output};

fn xtask(words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(words.split_whitespace()).output().unwrap()
}

#[test]
fn a_part_that_there_is_not_is_refused_before_any_test_runs() {
    for (words, with) in [
        ("mutants --shard 9/3", "of 3 parts, the first is 0 and the last 2"),
        ("mutants --shard 0/0", "of 0 parts"),
        ("mutants --shard 3", "such as 0/20"),
        ("mutants --package nosuch", "possible values: ledger, journal, node, types"),
    ] {
        let output = xtask(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}: {said}");
        assert!(said.contains(with), "{words}: {said}");
        assert!(output.stdout.is_empty(), "{words}: nothing was begun");
    }
}

#[test]
fn the_chores_that_are_programs_say_where_their_options_are() {
    let usage = String::from_utf8(xtask("--help").stdout).unwrap();
    for words in ["`--help` shows the simulation's", "`--help` shows the trial's"] {
        assert!(usage.contains(words), "{usage}");
    }
}
