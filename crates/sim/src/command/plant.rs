//! Bugs planted one after another, and the seeds it takes to find each; or one, to be looked at.
//!
//! Owns: the table, and which bug is planted when. Never: a bug itself; those are where they would
//! be made.
//! Invariants: the seeds that find bugs hold without one; at most one is planted.
//! On failure: a bug that no seed finds is told in its row, and the rest are looked for.

use super::arguments::Arguments;
use anyhow::{Result, bail};
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use sim::{Plan, run};
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};
use types::planted::{BUGS, plant, set_noise};

/// The word for every bug.
const ALL: &str = "all";

fn noise() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_micros())
}

/// The word of a bug, or that for all of them.
pub(super) fn word(text: &str) -> Result<String> {
    if text == ALL || BUGS.iter().any(|(_, word, _)| *word == text) {
        return Ok(text.to_owned());
    }
    let words: Vec<&str> = BUGS.iter().map(|(_, word, _)| *word).collect();
    bail!("there is no such bug; there are {ALL}, {}", words.join(", "))
}

/// Ends the process where bugs are counted by seeds, and another option asks for something else.
pub(super) fn refuse_what_has_no_effect(arguments: &Arguments) {
    let what = if arguments.long || arguments.hashes {
        "no bug goes with --long or --hashes: look for it with --seeds"
    } else if arguments.plant == ALL && asks_for_runs(arguments) {
        "--seed, --boundary and --boundaries look at one bug: name it with --plant BUG"
    } else {
        return;
    };
    Arguments::command().error(ErrorKind::ArgumentConflict, what).exit();
}

fn asks_for_runs(arguments: &Arguments) -> bool {
    arguments.seed.is_some() || arguments.boundary.is_some() || arguments.boundaries
}

/// Plants the bug whose runs are asked for; false when seeds are to be counted instead.
pub(super) fn is_one_for(arguments: &Arguments) -> bool {
    set_noise(noise);
    if !asks_for_runs(arguments) {
        return false;
    }
    let bug = BUGS.iter().find(|(_, word, _)| *word == arguments.plant);
    plant(bug.map(|(bug, ..)| *bug));
    true
}

/// Runs seeds with a bug planted until one breaks a promise; `all` for every bug there is. Prints
/// a table; true when each was found, and nothing else.
pub(super) fn run_all(word: &str, seeds: &Range<u64>) -> bool {
    let known = BUGS.iter().filter(|(_, known, _)| word == ALL || word == *known);
    let (mut all_found, mut most) = (true, 0);
    say!("| bug | found by | seeds |\n|---|---|---:|");
    for (bug, word, what) in known {
        plant(Some(*bug));
        let broken = seeds.clone().find_map(|seed| {
            run(seed, &Plan::new(seed), &BTreeSet::new(), None).err().map(|it| (seed, it))
        });
        plant(None);
        let (by, count) = match &broken {
            Some((seed, violation)) => {
                most = most.max(seed - seeds.start + 1);
                (violation.promise.to_owned(), (seed - seeds.start + 1).to_string())
            }
            None => ("NOT FOUND".to_owned(), format!("> {}", seeds.end - seeds.start)),
        };
        say!("| `{word}`: {what} | {by} | {count} |");
        all_found &= broken.is_some();
    }
    // Without a bug the very seeds that found them must hold.
    let sound = (seeds.start..seeds.start + most)
        .all(|seed| run(seed, &Plan::new(seed), &BTreeSet::new(), None).is_ok());
    let by = if sound { "nothing" } else { "SOMETHING" };
    say!("| none | {by} | {most} |");
    all_found && sound
}
