//! A step that is ended in its middle, by `kill -9` or by the system, and given again: the same
//! files come of it as of one that nobody ended.

use super::{BEACON, OPEN, files, inputs, keys, said, sealing, words_of};
use crate::support::program;
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// So many that a list and its winners are written in more than one go.
const ENTRIES: u128 = 15_000;
const STOCK: &str = "P1,3000\nP2,3000\n";
/// Behind so many blocks, of 512 bytes or 1,024, the system ends whoever writes on in a file: in
/// the middle of the list, which has 1.6 MB, and of the winners, 0.4 MB.
const LIST_BLOCKS: &str = "1000";
const WINNERS_BLOCKS: &str = "200";

/// What appears in the folder while a draw is sealed, and while it is made, in this order.
const WHILE_SEALED: [&str; 8] = [
    "sorting.part",
    "entries.txt.part",
    "tile.part",
    "entries.txt",
    "rules.txt.part",
    "tile",
    "checkpoint",
    "seal.txt.part",
];
const WHILE_DRAWN: [&str; 4] =
    ["winners.txt.part", "winners.txt", "cutoffs.txt", "result.txt.part"];

/// A step that is ended by the system when a file grows beyond so many blocks.
fn cut_off(home: &Path, words: &[&str], blocks: &str) {
    let limited = "ulimit -c 0 && ulimit -f \"$0\" && exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, blocks]).arg(program()).arg("draw").args(words_of(home, words));
    let output = command.output().unwrap();
    assert_eq!(output.status.signal(), Some(Signal::XFSZ.as_raw()), "{output:?}");
}

/// A step that is killed when `name` appears in the draw's folder, unless it has ended by then: of
/// what a step before has left, when it changes or is made anew.
fn killed_at(home: &Path, words: &[&str], name: &str) {
    let path = home.join("draw").join(name);
    let seen = || {
        let found = fs::symlink_metadata(&path).ok()?;
        Some((found.ino(), found.ctime(), found.ctime_nsec()))
    };
    let before = seen();
    let mut command = Command::new(program());
    command.arg("draw").args(words_of(home, words)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() && seen().is_none_or(|now| before == Some(now)) {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The same words for a folder that nobody ends a step in.
fn whole<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().map(|word| if *word == "@draw" { "@whole" } else { word }).collect()
}

fn entries() -> String {
    let line = |person: u128| {
        let digits = person.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let choices = ["P1", "P1>P2", "P2>*"][person as usize % 3];
        format!("{digits:032x}{person:032x},{digits:032x},1,1,{choices}\n")
    };
    (1..=ENTRIES).map(line).collect()
}

#[test]
fn a_step_that_was_killed_in_its_middle_comes_to_the_same_files() {
    let home = inputs();
    let home = home.path();
    for (name, text) in [("entries", &*entries()), ("stock", STOCK)] {
        fs::write(home.join(name), text).unwrap();
    }
    let (_, commitments) = keys(home);
    let (seal, run) = (sealing(&commitments), ["run", "@draw", "--key", "@key"]);
    let seed = ["seed", "@draw", "--rehearsal", "--beacon", BEACON, "--key", "@key"];
    for step in [&seal[..], &OPEN, &seed, &run] {
        said(home, &whole(step));
    }
    let end_and_go_on = |step: &[&str], blocks: &str, part: &str, moments: &[&str]| {
        cut_off(home, step, blocks);
        assert_ne!(fs::metadata(home.join("draw").join(part)).unwrap().len(), 0, "half of {part}");
        for moment in moments {
            killed_at(home, step, moment);
        }
        assert_eq!(said(home, step), said(home, &whole(step)));
    };
    end_and_go_on(&seal, LIST_BLOCKS, "entries.txt.part", &WHILE_SEALED);
    said(home, &OPEN);
    said(home, &seed);
    end_and_go_on(&run, WINNERS_BLOCKS, "winners.txt.part", &WHILE_DRAWN);
    assert!(files(&home.join("draw")) == files(&home.join("whole")), "the same files");
}
