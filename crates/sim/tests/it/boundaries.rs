//! A sample of all boundaries; `cargo xtask sim --boundaries` tries every one.

use sim::boundaries::{Boundary, all, check, sound};

#[test]
fn a_fault_at_a_boundary_breaks_no_promise() {
    let boundaries = all(sound(None).unwrap().changes, 23);
    assert!(100 < boundaries.len(), "{} boundaries", boundaries.len());
    for boundary in boundaries {
        check(boundary, None).unwrap_or_else(|broken| panic!("{boundary}: {broken}"));
    }
}

#[test]
fn the_words_of_a_boundary_are_that_boundary() {
    for boundary in all(2, 1) {
        assert_eq!(boundary.to_string().parse(), Ok(boundary));
    }
    for text in ["", "1", "1,io", "x,io,all", "1,fire,all", "1,io,none", "1,io,all:1"] {
        assert!(text.parse::<Boundary>().is_err(), "{text}");
    }
    for text in ["1,io,prefix", "1,io,prefix:1", "1,io,prefix:1001:0", "1,io,sectors:-1", "1,io,"] {
        assert!(text.parse::<Boundary>().is_err(), "{text}");
    }
}

#[test]
fn the_script_does_everything_that_a_node_does_to_its_disk() {
    let mut trace = Vec::new();
    sound(Some(&mut trace)).unwrap();
    let count =
        |what: &str| trace.iter().filter(|line| line.trim_start().starts_with(what)).count();
    let counts =
        ["rename journal", "rename snapshots", "remove snapshots", "rename archive"].map(count);
    assert!(counts.iter().all(|count| 0 < *count), "{counts:?}: {trace:#?}");
}
