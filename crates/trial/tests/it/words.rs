//! The command line of the kills: what does not fit together is refused, with what would do.

use crate::ends::program;
use std::fs;
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

/// Whoever is to blame, and whatever was to be tried: what there is of the trial stays.
#[test]
fn the_folder_of_a_trial_that_failed_is_kept() {
    for (serve, code, told) in [
        ("echo at work >&2; exit 70", 1, "ended with exit status: 70 instead of becoming ready"),
        // As if the machine had taken the program away between one start and the next.
        ("exit 0", 3, "the trial could not be run: "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let program = program(folder.path(), serve);
        if code == 3 {
            let text = fs::read_to_string(&program).unwrap();
            fs::write(&program, text.replace("echo a token", "echo a token; rm \"$0\"")).unwrap();
        }
        let trials = folder.path().join("trials");
        fs::create_dir(&trials).unwrap();
        let (program, trials) = (program.display(), trials.display());
        for rounds in ["--rounds 1", "--rounds 0 --first-starts 1", "--overload"] {
            ends(&format!("--program {program} --folder {trials} {rounds}"), code, told);
        }
        let kept = fs::read_dir(folder.path().join("trials")).unwrap();
        let logs = kept.map(|kept| {
            let kept = kept.unwrap().path();
            kept.join("node.log").exists() || kept.join("first-0/node.log").exists()
        });
        assert_eq!(logs.collect::<Vec<_>>(), [true; 3]);
    }
}

#[test]
fn the_usage_names_the_chore_and_the_exit_codes() {
    for words in ["Usage: cargo xtask kill [OPTIONS]\n", "--first-starts", "Exit codes: 0,"] {
        ends("--help", 0, words);
    }
}
