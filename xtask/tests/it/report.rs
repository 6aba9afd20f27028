//! Tests of the summary: what is counted, and the closing line.

use expect_test::{Expect, expect};
use std::time::Duration;
use xtask::test::report::{Counts, Report, Verdict};

fn check(steps: Vec<(&'static str, Verdict)>, failed: usize, expected: Expect) {
    let mut report = Report::default();
    for (name, verdict) in steps {
        report.add(name, verdict, Duration::from_millis(1_500));
    }
    assert_eq!(report.failed(), failed);
    expected.assert_eq(&report.to_string());
}

fn counted(output: &str) -> Counts {
    let mut counts = Counts::default();
    output.lines().for_each(|line| counts.add_line(line));
    counts
}

#[test]
fn counts_only_the_runners_own_lines() {
    let output = "\
running 3 tests
test a ... ok
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.10s
an answer said 12 passed; 5 failed
test result: FAILED. 40 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s
test result: \u{1b}[32mok\u{1b}[m. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
    assert_eq!(counted(output), Counts { passed: 44, failed: 2, skipped: 1 });
}

#[test]
fn sums_tests_and_steps() {
    let counts = Counts { passed: 120, failed: 0, skipped: 0 };
    check(
        vec![
            ("format", Verdict::passed()),
            ("tests", Verdict::of_tests(Verdict::passed(), counts)),
        ],
        0,
        expect![[r#"

            ==== summary ====
            format             passed        1.5 s
            tests              passed        1.5 s  120 tests passed, 0 failed
            in all                           3.0 s

            121 passed, 0 failed
        "#]],
    );
}

#[test]
fn names_what_failed_and_what_was_left_out() {
    let counts = Counts { passed: 10, failed: 2, skipped: 0 };
    check(
        vec![
            ("format", Verdict::LeftOut("no rustfmt".to_owned())),
            ("clippy", Verdict::failed("exit status: 101")),
            ("tests", Verdict::of_tests(Verdict::failed("exit status: 101"), counts)),
        ],
        3,
        expect![[r#"

            ==== summary ====
            format             left out      1.5 s  no rustfmt
            clippy             FAILED        1.5 s  exit status: 101
            tests              FAILED        1.5 s  10 tests passed, 2 failed; exit status: 101
            in all                           4.5 s

            10 passed, 3 failed, 1 skipped
        "#]],
    );
}

#[test]
fn a_test_run_that_does_not_compile_is_a_failure() {
    let verdict = Verdict::of_tests(Verdict::failed("exit status: 101"), Counts::default());
    assert_eq!(verdict.counts(), Counts { passed: 0, failed: 1, skipped: 0 });
}

#[test]
fn a_test_run_without_a_test_is_a_failure() {
    let verdict = Verdict::of_tests(Verdict::passed(), Counts::default());
    assert_eq!(verdict.counts(), Counts { passed: 0, failed: 1, skipped: 0 });
}
