//! Spreads, numbers and names as the table shows them.

use bench::machine::filesystem;
use bench::results::Spread;
use bench::scenarios::chosen;
use bench::table::count;
use expect_test::expect;
use std::path::Path;

#[test]
fn a_spread_is_median_least_and_most() {
    let of = |values: &[f64]| Spread::of(values.iter().copied());
    assert_eq!(of(&[]), Spread { median: 0.0, min: 0.0, max: 0.0 });
    assert_eq!(of(&[3.0]), Spread { median: 3.0, min: 3.0, max: 3.0 });
    assert_eq!(of(&[3.0, 1.0, 2.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
    assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), Spread { median: 2.5, min: 1.0, max: 4.0 });
}

#[test]
fn numbers_are_readable() {
    let numbers = [0.0, 1.25, 99.96, 100.0, 999.6, 1_000.0, 123_456.7, 1_234_567.0];
    let text: Vec<String> = numbers.into_iter().map(count).collect();
    expect!["0.0 1.2 100.0 100 1,000 1,000 123,457 1,234,567"].assert_eq(&text.join(" "));
}

#[test]
fn the_nearest_mount_point_counts() {
    let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /srv/data xfs rw 0 0\n";
    let found = |folder: &str| filesystem(mounts, Path::new(folder));
    assert_eq!(found("/home/x"), "ext4");
    assert_eq!(found("/tmp/x"), "tmpfs");
    assert_eq!(found("/srv/data/bench"), "xfs");
    assert_eq!(found("/srv/database"), "ext4");
    assert_eq!(filesystem("", Path::new("/")), "unknown");
}

#[test]
fn an_unknown_scenario_is_named() {
    assert_eq!(chosen(&[]).unwrap().len(), 11);
    assert_eq!(chosen(&["redis".to_owned()]).unwrap().len(), 1);
    let error = chosen(&["reddis".to_owned()]).err().unwrap().to_string();
    let (said, known) = error.split_once("; there are ").unwrap();
    expect![[r#"there is no scenario "reddis""#]].assert_eq(said);
    assert_eq!(known.split(", ").count(), 11);
}
