//! A few seeds in the build at hand: that they hold, and that they are the same each time.

use sim::{Plan, run};
use std::collections::BTreeSet;

#[test]
fn a_seed_is_a_run() {
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
    }
}

#[test]
fn a_run_without_some_steps_is_otherwise_the_same() {
    let plan = Plan::new(3);
    let mut whole = Vec::new();
    run(3, &plan, &BTreeSet::new(), Some(&mut whole)).unwrap();
    let mut part = Vec::new();
    run(3, &plan, &(200..plan.steps).collect(), Some(&mut part)).unwrap();
    let until = |lines: &[String]| lines.iter().take(150).cloned().collect::<Vec<_>>();
    assert_eq!(until(&whole), until(&part));
}
