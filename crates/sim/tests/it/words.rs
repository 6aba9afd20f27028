//! The simulation's command line: what does not fit together is refused, with what would do.

use std::process::{Command, Output, Stdio};

fn sim(words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(words.split_whitespace()).output().unwrap()
}

#[track_caller]
fn refused(words: &str, with: &str) {
    let output = sim(words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}: {said}");
    assert!(said.contains(with), "{words}: {said}");
}

#[track_caller]
fn held(words: &str) -> String {
    let output = sim(words);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}: {said}");
    assert!(said.contains("every promise held"), "{words}: {said}");
    said
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    refused("--seeds 5..3", "the second number must be above the first");
    refused("--seeds 5", "two numbers with two dots between them");
    refused("--seed 18446744073709551615", "18446744073709551615");
    refused("--seed 7 --skip 0..99999999999", "a run has fewer than 1000 steps");
    refused("--seed 7 --skip 18446744073709551615", "a run has fewer than 1000 steps");
    refused("--boundary 0,fire,all", "crash, io, full, or");
    refused("--boundary 99999,io,nothing", "99999,io,nothing strikes nowhere");
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for words in [
        "--boundaries --seeds 0..5",
        "--boundaries --seed 5",
        "--boundaries --boundary none",
        "--boundaries --hashes",
        "--seed 5 --seeds 0..5",
        "--seed 5 --long",
        "--boundary none --hashes",
        "--boundary none --skip 5",
        "--seeds 0..5 --skip 5",
        "--boundaries --trace",
        "--seeds 0..5 --trace",
        "--long --trace",
    ] {
        refused(words, "cannot be used with");
    }
    refused("--trace", "--seed <SEED>|--boundary <BOUNDARY>");
    refused("--skip 5", "--seed <SEED>");
}

#[test]
fn the_usage_names_the_chore_and_the_exit_codes() {
    let usage = String::from_utf8(sim("--help").stdout).unwrap();
    for words in ["Usage: cargo xtask sim", "--boundary <BOUNDARY>", "Exit codes: 0,"] {
        assert!(usage.contains(words), "{usage}");
    }
}

#[test]
fn one_boundary_can_be_run_again_step_by_step() {
    held("--boundary none");
    let trace = held("--boundary 30,crash,prefix:0:87 --trace");
    assert!(trace.contains("power came back: Prefix"), "{trace}");
    assert!(100 < trace.lines().count(), "{trace}");
}

#[test]
fn a_reader_who_has_seen_enough_meets_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(["--boundary", "none"]).stdout(writer).stderr(Stdio::piped());
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(74));
}
