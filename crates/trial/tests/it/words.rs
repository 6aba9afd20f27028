//! The command line of the kills: what does not fit together is refused, with what would do.

use std::process::{Command, Output};

fn trial(words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trial"));
    command.args(words.split_whitespace()).output().unwrap()
}

#[track_caller]
fn ends(words: &str, code: i32, with: &str) {
    let output = trial(words);
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{words}: {said}");
    assert!(said.contains(with), "{words}: {said}");
}

#[test]
fn what_would_have_no_effect_is_refused() {
    for words in ["--rounds 3", "--first-starts 3", "--answers 3"] {
        let words = format!("--program tidegate --overload {words}");
        ends(&words, 2, "cannot be used with");
    }
    ends("--program tidegate --seconds 5", 2, "--overload");
    ends("--program tidegate --overload --seconds 0", 2, "0 is not in 1..=3600");
    ends("--program tidegate --rounds 0 --first-starts 0", 2, "nothing would be tried");
}

#[test]
fn a_program_that_cannot_be_run_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    std::fs::write(&file, "no program").unwrap();
    let words = |path: &std::path::Path| format!("--program {}", path.display());
    let told = format!("{} is no file that may be run", file.display());
    ends(&words(&file), 3, &told);
    ends(&words(folder.path()), 3, "is no file that may be run");
    ends("--program /nowhere/tidegate", 3, "no program /nowhere/tidegate");
}

#[test]
fn the_usage_names_the_chore_and_the_exit_codes() {
    for words in ["Usage: cargo xtask kill [OPTIONS]\n", "--first-starts", "Exit codes: 0,"] {
        ends("--help", 0, words);
    }
}
