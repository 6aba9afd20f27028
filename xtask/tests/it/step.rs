//! Tests of running a command: its lines, its end, its limit.

use std::process::Command;
use std::time::{Duration, Instant};
use xtask::test::step::{Ending, Limit, ask, run, shown};
use xtask::tidy::Tree;
use xtask::tidy::source::Source;

const HOUR: Limit = Limit::Within(Duration::from_secs(3_600));

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn lines_of(script: &str) -> (Vec<String>, Ending) {
    let mut lines = Vec::new();
    let ending = run(shell(script), HOUR, |line| lines.push(line.to_owned())).unwrap();
    (lines, ending)
}

#[test]
fn keeps_the_order_of_output_and_errors() {
    let (lines, ending) = lines_of("echo one; echo two >&2; echo three; printf four");
    assert_eq!(lines, ["one", "two", "three", "four"]);
    assert_eq!(ending, Ending::Success);
}

#[test]
fn survives_what_is_not_utf8() {
    let (lines, ending) = lines_of("printf 'a\\377b\\n'");
    assert_eq!(lines, ["a\u{FFFD}b"]);
    assert_eq!(ending, Ending::Success);
}

#[test]
fn tells_the_exit_code() {
    let (_, ending) = lines_of("exit 7");
    assert!(matches!(ending, Ending::Failure(status) if status.code() == Some(7)));
}

#[test]
fn without_a_limit_runs_to_its_end() {
    let ending = run(shell("exit 0"), Limit::None, |_| ()).unwrap();
    assert_eq!(ending, Ending::Success);
}

#[test]
fn ends_a_command_with_its_children_at_the_limit() {
    // The child in the background holds the output open; only ending the group closes it.
    let started = Instant::now();
    let limit = Limit::Within(Duration::from_millis(50));
    let ending = run(shell("sleep 600 & sleep 600"), limit, |_| ()).unwrap();
    assert_eq!(ending, Ending::OutOfTime(Duration::from_millis(50)));
    assert!(started.elapsed() < Duration::from_secs(300));
}

#[test]
fn an_answer_is_all_that_was_said_and_is_limited_too() {
    let (ending, said) = ask(shell("echo one; echo two >&2; exit 3"), HOUR).unwrap();
    assert!(matches!(ending, Ending::Failure(status) if status.code() == Some(3)));
    assert_eq!(said, "one\ntwo\n");

    let limit = Limit::Within(Duration::from_millis(50));
    let (ending, _) = ask(shell("echo one; sleep 600"), limit).unwrap();
    assert_eq!(ending, Ending::OutOfTime(Duration::from_millis(50)));
}

#[test]
fn says_how_long_a_command_was_let_run() {
    let ending = Ending::OutOfTime(Duration::from_secs(300));
    assert_eq!(ending.to_string(), "ended by us after 300 s");
}

/// Whatever goes round this module has no limit, and hangs a build machine where nobody watches.
#[test]
fn no_step_runs_a_command_on_its_own() {
    let tree = Tree::read(xtask::root()).unwrap();
    // What hands over to a program in our place, or is no step.
    let others = ["xtask/src/lib.rs", "xtask/src/mutants.rs", "xtask/src/alone.rs"];
    let runs = [".output(", ".status()", ".spawn()"];
    let mut found = Vec::new();
    for (path, text) in tree.texts_ending(".rs") {
        if path.starts_with("xtask/src/") && !others.contains(&path) {
            let code = Source::new(text).code;
            let calls = runs.iter().filter(|call| code.contains(**call));
            found.extend(calls.map(|call| format!("{path} {call}")));
        }
    }
    // A node that serves until it is ended; and this module, with what ends a group.
    let step = "xtask/src/test/step.rs";
    let known = [format!("{step} .status()"), format!("{step} .spawn()")];
    assert_eq!(found, [&["xtask/src/api.rs .spawn()".to_owned()], &known[..]].concat());
}

#[test]
fn says_which_command_cannot_be_started() {
    let error = run(Command::new("/nowhere/tide"), HOUR, |_| ()).unwrap_err();
    assert_eq!(error.to_string(), "`tide` could not be started");
}

#[test]
fn shows_a_command_as_typed() {
    let mut command = Command::new("/usr/bin/cargo");
    command.args(["fmt", "--check"]);
    assert_eq!(shown(&command), "cargo fmt --check");
}
