//! The search for a shorter way: that it ends, and that it leads to the same.

use sim::{Plan, Violation, is_alike, shrink};

fn violation(promise: &'static str, what: &str) -> Violation {
    Violation { promise, step: 500, what: what.to_owned() }
}

#[test]
fn what_is_made_short_breaks_the_same_promise_in_the_same_words() {
    let told = |number: u32, hash: &str| {
        let what = format!("the state of frame {number} had the hash {hash} and now has {hash}");
        violation("I6", &what)
    };
    assert!(is_alike(&told(7, "0badc0de"), &told(19, "5eedfeed")), "but for numbers and hashes");
    let other = Violation { promise: "I1", ..told(7, "0badc0de") };
    assert!(!is_alike(&told(7, "0badc0de"), &other), "another promise");
    let starts = ["the directory is not empty", "a frame is damaged"].map(|cause| {
        let what = format!("it does not start on a sound disk: {cause}");
        violation("I1", &what)
    });
    assert!(!is_alike(&starts[0], &starts[1]), "a start that fails for another reason");
}

#[test]
fn a_search_ends_after_so_many_runs() {
    // No run of this seed breaks anything, so that no way is found.
    let (plan, mut runs) = (Plan::new(3), 0);
    let found = shrink(3, &plan, violation("I1", "nothing at all"), 4, &mut |best| {
        assert_eq!(best.steps, plan.steps);
        runs += 1;
    });
    assert_eq!(runs, 4);
    assert!(found.skipped.is_empty() && found.steps == plan.steps);
}
