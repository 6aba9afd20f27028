//! `kill -9` at chosen moments: after each restart, everything acknowledged is there, unchanged.

use crate::support::program;
use trial::kill::{MOMENTS, Plans, first_starts, run};
use trial::site::{Site, Sizes};

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(program(), folder.path(), Sizes::default(), None).unwrap();
    let rounds = MOMENTS.len() as u64;
    let plans = Plans { seed: 7, rounds, answers_max: 800, connections: 24 };
    let summary = run(&site, plans, &mut |_| ()).unwrap_or_else(|broken| panic!("{broken}"));
    println!("{summary}");
    assert_eq!(summary.rounds, [1; MOMENTS.len()]);
    assert!(rounds <= summary.kills + summary.ended_before, "{summary}");
    assert!(0 < summary.counts.unknown, "a kill leaves requests without an answer: {summary}");
    assert!(1_000 < summary.counts.compared, "{summary}");
}

#[test]
fn a_first_start_that_is_killed_leaves_a_folder_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let killed = first_starts(program(), folder.path(), 7, 8);
    killed.unwrap_or_else(|broken| panic!("{broken}"));
}
