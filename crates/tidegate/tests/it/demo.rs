//! The demo, short, for each example: it ends by itself and its audit finds nothing.

use crate::support::{run, tidegate};

#[test]
fn the_city_ends_with_a_clean_audit() {
    let output = run(&[
        "demo",
        "--seconds",
        "8",
        "--countdown",
        "1",
        "--crowd",
        "2000",
        "--listen",
        "127.0.0.1:0",
    ]);
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    assert!(words.contains("nothing oversold, nothing acknowledged lost"), "{words}");
    assert!(words.contains("issued 120000"), "{words}");
}

#[test]
fn the_county_cools_down_from_one_opening_to_the_next() {
    let output = run(&[
        "demo",
        "--example",
        "county",
        "--seconds",
        "12",
        "--countdown",
        "1",
        "--crowd",
        "500",
        "--listen",
        "127.0.0.1:0",
    ]);
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    assert!(words.contains("cooling-down"), "{words}");
    assert!(words.contains("nothing oversold, nothing acknowledged lost"), "{words}");
}

#[test]
fn a_demo_that_is_short_of_time_ends_with_its_audit() {
    // Three countdowns take longer than the whole of it.
    let short = ["--crowd", "20", "--seconds", "5", "--countdown", "2", "--listen", "127.0.0.1:0"];
    let output = tidegate(&["demo", "--example", "county"]).args(short).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("nothing oversold, nothing acknowledged lost"), "{told}");
}
