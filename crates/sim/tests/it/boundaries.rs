//! A sample of all boundaries; `cargo xtask sim --boundaries` tries every one.

use sim::boundaries::{all, check};

#[test]
fn a_fault_at_a_boundary_breaks_no_promise() {
    let boundaries = all(23);
    assert!(100 < boundaries.len(), "{} boundaries", boundaries.len());
    for boundary in boundaries {
        check(boundary).unwrap_or_else(|broken| panic!("{boundary:?}: {broken}"));
    }
}

#[test]
fn the_script_does_everything_that_a_node_does_to_its_disk() {
    let mut trace = Vec::new();
    let plan = sim::Plan::scripted(None, simdisk::Kept::All);
    sim::run(1, &plan, &std::collections::BTreeSet::new(), Some(&mut trace)).unwrap();
    let count =
        |what: &str| trace.iter().filter(|line| line.trim_start().starts_with(what)).count();
    let counts =
        ["rename journal", "rename snapshots", "remove snapshots", "rename archive"].map(count);
    assert!(counts.iter().all(|count| 0 < *count), "{counts:?}: {trace:#?}");
}
