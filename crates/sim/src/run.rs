//! A seed run from its beginning to its end, and made short when it breaks a promise.
//!
//! Owns: what a panic of the engine counts as, and the search for fewer steps. Never: changes what
//! a seed means.

use crate::plan::Plan;
use crate::world::{Tally, Violation, World};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static IS_UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

/// Words of a violation that say what it is; those after them say with which request or entry.
const WORDS: usize = 12;

/// A broken promise with the steps that are needed to break it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was broken, by the short run.
    pub violation: Violation,
    /// Steps of the plan that are left out.
    pub skipped: BTreeSet<u64>,
    /// Steps that are left.
    pub steps: u64,
}

/// Whether this thread is amid a run: a panic is then a violation, which `run` tells.
#[must_use]
pub fn is_under_way() -> bool {
    IS_UNDER_WAY.get()
}

/// Runs a seed's plan without some of its steps.
///
/// # Errors
/// The first broken promise; a failed assert of the engine is one.
pub fn run(
    seed: u64,
    plan: &Plan,
    skipped: &BTreeSet<u64>,
    trace: Option<&mut Vec<String>>,
) -> Result<Tally, Violation> {
    let mut world = World::new(seed, plan.clone());
    if trace.is_some() {
        world.keep_trace();
    }
    IS_UNDER_WAY.set(true);
    let ran = catch_unwind(AssertUnwindSafe(|| world.run(skipped)));
    IS_UNDER_WAY.set(false);
    let ran = ran.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = what.unwrap_or_else(|| "an assert failed".to_owned());
        Err(Violation { promise: "assert", step: world.step(), what })
    });
    if let Some(trace) = trace {
        *trace = world.into_trace();
    }
    ran
}

/// Looks for the fewest steps that break the same promise in the same way: first without what came
/// after, then without ever smaller parts of what came before. It runs the seed at most `tries`
/// times, and `told` sees the best so far after each.
#[must_use]
pub fn shrink(
    seed: u64,
    plan: &Plan,
    violation: Violation,
    tries: u32,
    told: &mut dyn FnMut(&Found),
) -> Found {
    let behind = (violation.step + 1..plan.steps).collect();
    let mut best = Found { violation, skipped: BTreeSet::new(), steps: plan.steps };
    let mut left = tries;
    let mut try_without = |best: &mut Found, skipped: BTreeSet<u64>| {
        if let Err(found) = run(seed, plan, &skipped, None)
            && is_alike(&found, &best.violation)
        {
            let steps = plan.steps - skipped.len() as u64;
            *best = Found { violation: found, skipped, steps };
        }
        told(best);
    };
    if 0 < left {
        left -= 1;
        try_without(&mut best, behind);
    }
    let mut part = plan.steps.next_power_of_two() / 2;
    while 0 < part && 0 < left {
        for from in (0..plan.steps).step_by(usize::try_from(part).expect("steps are few")) {
            let more: BTreeSet<u64> = (from..plan.steps.min(from + part)).collect();
            if left == 0 || more.is_subset(&best.skipped) {
                continue;
            }
            left -= 1;
            let skipped = &best.skipped | &more;
            try_without(&mut best, skipped);
        }
        part /= 2;
    }
    best
}

/// Whether two runs broke the same promise, in the same words but for numbers and hashes.
#[must_use]
pub fn is_alike(one: &Violation, other: &Violation) -> bool {
    let words = |violation: &Violation| -> Vec<String> {
        let words = violation.what.split(|letter: char| !letter.is_alphanumeric());
        // Bytes and hashes are written in letters, too: of two, or with digits among them.
        let is_word = |word: &&str| 2 < word.len() && word.chars().all(char::is_alphabetic);
        words.filter(is_word).take(WORDS).map(str::to_owned).collect()
    };
    one.promise == other.promise && words(one) == words(other)
}
