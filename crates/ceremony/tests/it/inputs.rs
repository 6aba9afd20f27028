//! What is wrong with an input is told with its file and line, and nothing is sealed.

use crate::fixture::{Fixture, STOCK, line, lines};

/// What sealing says to these entries.
fn refused(entries: &str) -> String {
    let fixture = Fixture::new();
    let path = fixture.input("entries", entries);
    let error = fixture.seal().unwrap_err();
    assert_eq!(error.code(), "draw-file-wrong");
    let left = fixture.files();
    assert_eq!(left, [], "nothing is sealed");
    let said = error.to_string();
    let told = said.strip_prefix(&path.display().to_string());
    told.expect("the file is named").to_owned()
}

/// The list with its third line changed.
fn third(change: impl Fn(&str) -> String) -> String {
    (0..5).map(|person| if person == 2 { change(&line(2)) } else { line(person) }).collect()
}

#[test]
fn each_mistake_in_a_list_is_named_with_its_line() {
    let with = |from: &'static str, to: &'static str| {
        refused(&third(|line| {
            assert!(line.contains(from), "{line}");
            line.replacen(from, to, 1)
        }))
    };
    assert_eq!(
        with("\n", "\r\n"),
        ", line 3: the line ends in a carriage return: lines end in a line feed alone"
    );
    assert_eq!(with(",P2", ",Pä"), ", line 3: byte 104 of the line is not printable ASCII");
    assert_eq!(with(",3,1,", ",33,1,"), ", line 3: tickets are 1 to 32, without leading zeros");
    assert_eq!(with(",3,1,", ",0,1,"), ", line 3: tickets are 1 to 32, without leading zeros");
    assert_eq!(with(",3,1,", ",3,9,"), ", line 3: units are 1 to 8, without leading zeros");
    assert_eq!(with(",P2>", ",P9>"), ", line 3: choice 1 is P9, which is not in the stock");
    let six = with("P2>P1", "P2>P1>P2>P1>P2>P1");
    assert_eq!(six, ", line 3: 1 to 5 choices joined by >, and perhaps a last *");
    let mark = refused(&format!("\u{feff}{}", lines(5)));
    assert_eq!(mark, ", line 1: the file begins with a byte order mark: save it as plain ASCII");
    let empty = refused(&third(|line| format!("\n{line}")));
    assert!(empty.starts_with(", line 3: an entry has five parts between commas"), "{empty}");
}

#[test]
fn nobody_is_in_a_list_twice() {
    let same = |line: &str| format!("{line}{line}");
    let other_commit = |line: &str| format!("{line}{}{}", "0".repeat(64), &line[64..]);
    for list in [third(same), third(other_commit)] {
        let twice = ", line 4: a person is in the list twice: their tag stands in line 3";
        assert_eq!(refused(&list), twice);
    }
}

#[test]
fn of_two_mistakes_the_first_of_the_file_is_told() {
    let list: String = (0..40)
        .map(|person| if person < 9 { line(person) } else { line(person).replace(",P", ",Q") })
        .collect();
    assert!(refused(&list).starts_with(", line 10: choice 1 is Q"), "{}", refused(&list));
}

#[test]
fn a_list_that_was_cut_off_is_no_list() {
    let list = lines(5);
    let cut = refused(list.trim_end());
    assert_eq!(cut, ", line 5: the last line does not end in a line feed: the file may be cut off");
    let long = refused(&"a".repeat(3 << 20));
    assert_eq!(long, ", line 1: a line is longer than 2048 bytes");
}

#[test]
fn what_is_no_file_is_not_taken_for_an_empty_list() {
    let fixture = Fixture::new();
    let path = fixture.input("entries", "");
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    let said = fixture.seal().unwrap_err().to_string();
    assert!(said.ends_with("entries: not a file: name one that lies on a disk"), "{said}");
    assert_eq!(fixture.files(), [], "nothing is sealed");
}

/// Long enough that several threads read it, and each in several chunks.
#[test]
fn the_line_that_is_cut_off_or_too_long_is_told_in_a_long_list() {
    let list = lines(12_000);
    assert!(4 * (1 << 18) < list.len());
    let cut = refused(list.trim_end());
    assert!(cut.starts_with(", line 12000: the last line does not end"), "{cut}");
    let long = refused(&format!("{list}{}\n{}", "a".repeat(600 << 10), lines(9)));
    assert_eq!(long, ", line 12001: a line is longer than 2048 bytes");
}

#[test]
fn mistakes_in_a_stock_are_named_with_their_line() {
    let fixture = Fixture::new();
    let refused = |stock: &str| {
        fixture.input("stock", stock);
        fixture.seal().unwrap_err().to_string()
    };
    assert!(refused("P1,1\nP2,4294967296\n").ends_with(
        "stock, line 2: units are a whole number from 0 to 4294967295, without leading zeros"
    ));
    assert!(
        refused("P1,1\nP1,1\n").ends_with("stock, line 2: the bucket stands in line 1 already")
    );
    let end = refused("P1,1\r\nP2,1\r\n");
    assert!(end.ends_with(
        "stock, line 1: the line ends in a carriage return: lines end in a line feed alone"
    ));
    let mark = refused("\u{feff}P1,1\n");
    assert!(mark.contains("stock, line 1: the file begins with a byte order mark"), "{mark}");
    let foreign = refused("P1,1\n口罩,1\n");
    assert!(foreign.ends_with("stock, line 2: byte 1 of the line is not printable ASCII"));
    assert!(refused("P1,1\nP2,1").contains("stock, line 2: not `bucket,units`"));
    assert_eq!(fixture.files(), [], "nothing is sealed");
    fixture.input("stock", STOCK);
    fixture.seal().unwrap();
}
