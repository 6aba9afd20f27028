//! What the generator reaches: every outcome and every refusal, but those named here.

use expect_test::expect;
use model::Model;
use model::generate::Generator;
use std::collections::BTreeMap;
use types::outcome::CODES;

const SEEDS: u64 = 60;
const STEPS: usize = 500;

#[test]
fn every_outcome_that_can_be_reached_is_reached() {
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut model = Model::new();
        for step in Generator::new(seed).take(STEPS) {
            let outcome = model.apply(step.frame, step.offset, step.at, &step.command());
            *counts.entry(outcome.code()).or_default() += 1;
        }
    }
    let mut table = String::new();
    for code in CODES {
        let count = counts.remove(code).unwrap_or(0);
        table += &format!("{code:<20} {count:>6}\n");
    }
    assert!(counts.is_empty(), "no outcome is missing from the list: {counts:?}");
    println!("{table}");
    let unreached: String =
        table.lines().filter(|line| line.ends_with(" 0")).map(|line| format!("{line}\n")).collect();
    // 4,096 campaigns do not fit into a small world; `operating` fills one.
    expect![[r#"
        too-many-campaigns        0
    "#]]
    .assert_eq(&unreached);
}

#[test]
fn a_seed_is_a_sequence() {
    let steps = |seed| Generator::new(seed).take(STEPS).collect::<Vec<_>>();
    assert_eq!(steps(7), steps(7));
    assert_ne!(steps(7), steps(8));
}
