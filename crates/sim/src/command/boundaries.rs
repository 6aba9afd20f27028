//! Boundaries on the command line: all of them, or one with everything that happens.
//!
//! Owns: what is printed of them. Never: which faults and remains there are, or what a run does.
//! Invariants: the run without a fault comes first; nothing is tried on one that breaks a promise.
//! On failure: the first broken promise ends it, with the command that shows it again.

use super::arguments::{Arguments, Case};
use super::progress::Progress;
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use sim::Violation;
use sim::boundaries;
use std::time::Instant;

/// Tries every boundary; true when every promise held.
pub(super) fn all(call: &str) -> bool {
    let begun = Instant::now();
    let changes = match boundaries::sound(None) {
        Ok(tally) => tally.changes,
        Err(violation) => return broken("none", &violation, call),
    };
    let boundaries = boundaries::all(changes, 1);
    let mut progress = Progress::new(boundaries.len() as u64, "boundaries");
    for boundary in &boundaries {
        if let Err(violation) = boundaries::check(*boundary, None) {
            progress.finish();
            return broken(&boundary.to_string(), &violation, call);
        }
        progress.step(String::new);
    }
    progress.finish();
    let (count, seconds) = (boundaries.len(), begun.elapsed().as_secs_f64());
    say!("{count} boundaries in {seconds:.1} s; every promise held");
    true
}

/// Tries one; true when every promise held.
pub(super) fn one(case: Case, shows_trace: bool, call: &str) -> bool {
    let mut trace = Vec::new();
    let lines = shows_trace.then_some(&mut trace);
    let (words, ran) = match case {
        Case::Sound => ("none".to_owned(), boundaries::sound(lines).map(|_| ())),
        Case::At(boundary) => {
            if let Ok(tally) = boundaries::sound(None)
                && tally.changes <= boundary.change
            {
                let last = tally.changes - 1;
                let what = format!("{boundary} strikes nowhere: the run's changes are 0 to {last}");
                Arguments::command().error(ErrorKind::ValueValidation, what).exit();
            }
            (boundary.to_string(), boundaries::check(boundary, lines))
        }
    };
    trace.iter().for_each(|line| say!("{line}"));
    match ran {
        Ok(()) => {
            say!("boundary {words}: every promise held");
            true
        }
        Err(violation) => broken(&words, &violation, call),
    }
}

fn broken(words: &str, violation: &Violation, call: &str) -> bool {
    let what = if words == "none" { "the run without a fault" } else { "boundary" };
    let space = if words == "none" { String::new() } else { format!(" {words}") };
    say!("{what}{space}: {violation}");
    say!("again: {call} --boundary {words} --trace");
    false
}
