//! A sample of all boundaries; `cargo xtask sim --boundaries` tries every one.

use sim::boundaries::{Boundary, all, check, sound};
use simdisk::{Fault, Kept};

#[test]
fn a_fault_at_a_boundary_breaks_no_promise() {
    let boundaries = all(sound(None).unwrap().changes, 31);
    assert!(100 < boundaries.len(), "{} boundaries", boundaries.len());
    for boundary in boundaries {
        check(boundary, None).unwrap_or_else(|broken| panic!("{boundary}: {broken}"));
    }
}

/// Also behind the power failures that the script itself has.
#[test]
fn a_fault_that_strikes_nowhere_is_told() {
    let changes = sound(None).unwrap().changes;
    let at = |change| Boundary {
        change,
        fault: Fault::Full,
        power_follows: true,
        remains: Kept::Nothing,
    };
    check(at(changes - 1), None).unwrap();
    let told = check(at(changes), None).unwrap_err();
    assert!(told.what.contains("struck nowhere"), "{told}");
}

#[test]
fn power_fails_behind_a_fault_where_that_is_wanted_and_nowhere_else() {
    for fault in [Fault::Io, Fault::Full] {
        for change in [0, 3, 30, 90] {
            let failures = [false, true].map(|power_follows| {
                let boundary = Boundary { change, fault, power_follows, remains: Kept::Nothing };
                let mut trace = Vec::new();
                check(boundary, Some(&mut trace)).unwrap();
                trace.iter().filter(|line| line.contains("power came back")).count()
            });
            assert_eq!(failures[0] + 1, failures[1], "{fault:?} at {change}");
        }
    }
}

#[test]
fn the_words_of_a_boundary_are_that_boundary() {
    for boundary in all(2, 1) {
        assert_eq!(boundary.to_string().parse(), Ok(boundary));
    }
    assert!("1,io-power,all".parse::<Boundary>().unwrap().power_follows);
    for text in ["1,crash-power,all", "1,io-,all", "1,-power,all", "1,io-power-power,all"] {
        assert!(text.parse::<Boundary>().is_err(), "{text}");
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
    let is_before = |line: &&String| !line.ends_with("the faults stop");
    let trace: Vec<_> = trace.iter().take_while(is_before).collect();
    let count =
        |what: &str| trace.iter().filter(|line| line.trim_start().starts_with(what)).count();
    let counts =
        ["rename journal", "rename snapshots", "remove snapshots", "rename archive"].map(count);
    assert!(counts.iter().all(|count| 0 < *count), "{counts:?}: {trace:#?}");
}
