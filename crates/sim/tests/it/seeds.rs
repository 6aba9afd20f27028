//! A few seeds in the build at hand: that they hold, and that they are the same each time.

use sim::{Plan, Tally, run};
use std::collections::BTreeSet;

#[test]
fn a_seed_is_a_run() {
    let mut sum = Tally::default();
    for seed in 0..12 {
        let plan = Plan::new(seed);
        let mut traces = [Vec::new(), Vec::new()];
        let tallies = traces.each_mut().map(|trace| {
            run(seed, &plan, &BTreeSet::new(), Some(trace)).unwrap_or_else(|broken| {
                panic!("seed {seed}: {broken}");
            })
        });
        assert_eq!(tallies[0], tallies[1], "seed {seed}");
        assert!(traces[0] == traces[1], "seed {seed}: other lines");
        assert!(100 < traces[0].len(), "a run leaves a trace");
        sum += tallies[0];
    }
    assert!(0 < sum.draws[1] && 0 < sum.winners, "lots are drawn in some: {sum:?}");
}

#[test]
fn a_run_is_the_same_until_the_first_step_that_is_left_out() {
    let plan = Plan::new(3);
    let mut whole = Vec::new();
    run(3, &plan, &BTreeSet::new(), Some(&mut whole)).unwrap();
    let mut part = Vec::new();
    run(3, &plan, &(200..plan.steps).collect(), Some(&mut part)).unwrap();
    // A line of the disk's belongs to the step whose line follows it.
    let is_before = |line: &&String| {
        let step = line.trim_start().split(' ').next().and_then(|word| word.parse::<u64>().ok());
        step.is_none_or(|step| step < 200)
    };
    let until = |lines: &[String]| lines.iter().take_while(is_before).cloned().collect::<Vec<_>>();
    let (whole, part) = (until(&whole), until(&part));
    let length = whole.len().min(part.len());
    assert!(300 < length && whole[..length] == part[..length], "{length} lines are compared");
}
