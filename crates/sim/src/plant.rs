//! Bugs planted one after another, and the seeds it takes to find each.

use sim::{Plan, run};
use std::collections::BTreeSet;
use std::ops::Range;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use types::planted::{BUGS, plant, set_noise};

fn noise() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_micros())
}

/// Runs seeds with a bug planted until one breaks a promise; `all` for every bug there is. Prints
/// a table.
pub(crate) fn run_all(word: &str, seeds: &Range<u64>) -> Option<bool> {
    set_noise(noise);
    let known = BUGS.iter().filter(|(_, known, _)| word == "all" || word == *known);
    let (mut all_found, mut most) = (None, 0);
    println!("| bug | found by | seeds |\n|---|---|---:|");
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
        println!("| `{word}`: {what} | {by} | {count} |");
        all_found = Some(all_found.unwrap_or(true) && broken.is_some());
    }
    // Without a bug the very seeds that found them must hold.
    let sound = (seeds.start..seeds.start + most)
        .all(|seed| run(seed, &Plan::new(seed), &BTreeSet::new(), None).is_ok());
    let by = if sound { "nothing" } else { "SOMETHING" };
    println!("| none | {by} | {most} |");
    all_found.map(|all_found| all_found && sound)
}

/// The same as a program.
pub(crate) fn run_as_program(word: &str, seeds: &Range<u64>) -> ExitCode {
    match run_all(word, seeds) {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => {
            println!("there is no such bug; `all` plants every one");
            ExitCode::FAILURE
        }
    }
}
