//! Seeds on the command line: run, summed up, and made short where a promise is broken.
//!
//! Owns: what is printed of a run, and how long a shorter way is looked for. Never: what a seed
//! means.
//! Invariants: what broke, and the command that shows it again, are printed before anything else
//! is tried.
//! On failure: of a promise, all seeds behind it are left out.

use super::arguments::told;
use super::progress::Progress;
use sim::{Found, Plan, Tally, Violation, run, shrink};
use simdisk::FAULTS;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Instant;

/// Runs in which a shorter way is looked for, at most. A run that breaks nothing goes to its end,
/// and that of a broken engine may be a long one.
const SHRINK_RUNS: u32 = 200;

/// What is to be run, and told.
pub(super) struct Wanted {
    pub(super) seeds: Range<u64>,
    pub(super) skipped: BTreeSet<u64>,
    pub(super) shows_trace: bool,
    pub(super) shows_hashes: bool,
    /// How this program was called.
    pub(super) call: String,
}

/// Runs seed after seed; true when every promise held.
pub(super) fn hold(wanted: &Wanted) -> bool {
    let begun = Instant::now();
    let mut sum = Tally::default();
    let Range { start, end } = wanted.seeds;
    let mut progress = Progress::new(end - start, "seeds");
    for seed in start..end {
        let plan = Plan::new(seed);
        let mut trace = Vec::new();
        let ran = run(seed, &plan, &wanted.skipped, wanted.shows_trace.then_some(&mut trace));
        trace.iter().for_each(|line| say!("{line}"));
        match ran {
            Ok(tally) => {
                if wanted.shows_hashes {
                    say!("{seed} {:016x}", tally.trace);
                }
                sum += tally;
                progress.step(|| {
                    let faults: u64 = sum.faults.iter().sum();
                    let Tally { commands, crashes, .. } = sum;
                    format!("{commands} commands, {crashes} crashes, {faults} faults")
                });
            }
            Err(violation) => {
                progress.finish();
                tell(seed, &plan, wanted, violation);
                return false;
            }
        }
    }
    progress.finish();
    say!("{}", report(&wanted.seeds, &sum, begun.elapsed().as_secs_f64()));
    true
}

fn report(seeds: &Range<u64>, sum: &Tally, seconds: f64) -> String {
    let faults: Vec<String> =
        FAULTS.iter().zip(sum.faults).map(|(name, count)| format!("{name} {count}")).collect();
    format!(
        "{} seeds ({}..{}), {} commands, {} sendings, {} answers, {} starts, {} clocks set, {} \
         crashes, {} snapshots, {} starts from one alone, {} silent changes, {} misread starts, \
         {} turned away, {} draws ({} published, {} winners) in {seconds:.1} s; every promise \
         held\nfaults: {}",
        seeds.end - seeds.start,
        seeds.start,
        seeds.end,
        sum.commands,
        sum.sends,
        sum.answers,
        sum.restarts,
        sum.clocks_set,
        sum.crashes,
        sum.snapshots,
        sum.single_starts,
        sum.damages,
        sum.misreads,
        sum.shed,
        sum.draws[0],
        sum.draws[1],
        sum.winners,
        faults.join(", ")
    )
}

/// What broke and how to see it again, at once; then the shortest run that breaks it, unless all of
/// the run was asked for.
fn tell(seed: u64, plan: &Plan, wanted: &Wanted, violation: Violation) {
    say!("seed {seed}: {violation}");
    let call = &wanted.call;
    if !wanted.skipped.is_empty() {
        say!("again: {call} --seed {seed} --trace --skip {}", told(&wanted.skipped));
        return;
    }
    let again = format!("again: {call} --seed {seed} --trace");
    say!("{again}");
    if wanted.shows_trace {
        return;
    }
    say!(
        "looking for a shorter way to it, in at most {SHRINK_RUNS} runs; ending this loses nothing \
         else …"
    );
    let mut progress = Progress::new(u64::from(SHRINK_RUNS), "runs");
    let mut found = shrink(seed, plan, violation.clone(), SHRINK_RUNS, &mut |best| {
        progress.step(|| format!("{} steps of {}", best.steps, plan.steps));
    });
    progress.finish();
    if found.skipped.is_empty() {
        say!("no shorter way was found");
        return;
    }
    show(seed, plan, &found);
    say!("\nseed {seed}, {} steps of {}: {}", found.steps, plan.steps, found.violation);
    if found.violation.what != violation.what {
        say!("(the whole run broke it with other numbers, at step {})", violation.step);
    }
    // The steps behind it matter to nobody.
    found.skipped.retain(|step| *step < plan.steps);
    say!("{again}");
    say!("the short way: {call} --seed {seed} --trace --skip {}", told(&found.skipped));
}

/// The short run, step by step; it must be the one that was found.
fn show(seed: u64, plan: &Plan, found: &Found) {
    let mut trace = Vec::new();
    let again = run(seed, plan, &found.skipped, Some(&mut trace));
    trace.iter().for_each(|line| say!("{line}"));
    if !again.as_ref().is_err_and(|again| *again == found.violation) {
        say!("\nthe same run did something else this time: {again:?}");
    }
}
