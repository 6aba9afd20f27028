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

/// Chores start programs from the folder that cargo built them in.
#[test]
fn what_chores_build_lies_in_the_workspace_whatever_the_machine_is_set_to() {
    let target = xtask::target();
    for (words, folder) in [("sim", target.clone()), ("plant", target.join("planted"))] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg(words).env("CARGO", xtask::root().join("xtask/tests/it/tools/cargo"));
        let output = command.env("CARGO_TARGET_DIR", "/elsewhere").output().unwrap();
        assert!(output.status.success(), "{words}: {}", output.status);
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(told.trim_end(), folder.to_str().unwrap(), "{words}");
    }
}

#[test]
fn the_chores_that_are_programs_say_where_their_options_are() {
    let usage = String::from_utf8(xtask("--help").stdout).unwrap();
    for words in ["`--help` shows the simulation's", "`--help` shows the trial's"] {
        assert!(usage.contains(words), "{usage}");
    }
}
