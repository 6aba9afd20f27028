//! What a second export says: what was added, given up and handed out since the first.

use crate::fixture::{EVENING, booking, export};
use handover::{Change, Fate, Format, Layout, Mark};

#[test]
fn a_second_export_lists_what_changed() {
    let mark = Mark { at: EVENING.plus(30_000), entries: 3 };
    let (file, summary) = export((Format::Csv, Layout::File), Some(mark));
    let text = String::from_utf8(file).unwrap();
    let short = |line: &str| line.split(',').take(3).collect::<Vec<_>>().join(",");
    let rows: Vec<String> = text.lines().skip(1).map(short).collect();
    let expected = [
        "cancelled,AAAAA-AAAA1,2",
        "added,AAAAA-AAAA4,5",
        "redeemed,AAAAA-AAAA2,3",
        "added,AAAAA-AAAA3,4",
    ];
    assert_eq!(rows, expected);
    assert_eq!(summary.rows, 4);
}

#[test]
fn every_change_is_told_and_nothing_else() {
    let mark = Mark { at: EVENING, entries: 2 };
    let before = types::Millis(EVENING.0 - 1);
    let cases = [
        (1, Fate::Waiting, None),
        (2, Fate::Waiting, Some(Change::Added)),
        (2, Fate::Redeemed(EVENING), Some(Change::Added)),
        (2, Fate::Cancelled(EVENING), None),
        (1, Fate::Cancelled(EVENING), Some(Change::Cancelled)),
        (1, Fate::Cancelled(before), None),
        (1, Fate::Redeemed(EVENING), Some(Change::Redeemed)),
        (1, Fate::Redeemed(before), None),
    ];
    for (entry, fate, change) in cases {
        assert_eq!(booking(entry, 0, 0, 0, fate).change(mark), change, "{entry} {fate:?}");
    }
}
