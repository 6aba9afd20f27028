//! Lists of people.

use campaign::{ListValue, Problem, Uploaded, read_list, render};
use expect_test::{Expect, expect};
use std::collections::BTreeMap;

fn read(text: &str) -> Result<Vec<ListValue>, Vec<Problem>> {
    let files = Uploaded(BTreeMap::from([("list.txt".into(), text.into())]));
    read_list(&files, "list.txt", None).map(|list| list.values)
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&render(&read(text).unwrap_err()));
}

#[test]
fn values_and_their_lines() {
    let values =
        read("手机\n13800000001\n\n １３８０００００００２ \n\"138 0000 0003\"\n").unwrap();
    let values: Vec<(u32, &str)> = values.iter().map(|v| (v.row, v.value.as_str())).collect();
    let expected = [(2, "13800000001"), (4, "13800000002"), (5, "138 0000 0003")];
    assert_eq!(values, expected);
}

#[test]
fn the_first_row_may_be_a_value() {
    assert_eq!(read("13800000001\n").unwrap().len(), 1);
}

#[test]
fn a_place_names_the_line() {
    let files = Uploaded(BTreeMap::from([("list.txt".into(), b"1\n2\n".to_vec())]));
    let list = read_list(&files, "list.txt", None).unwrap();
    assert_eq!(list.place(list.values[1].row).to_string(), "list.txt, line 2");
}

#[test]
fn two_columns() {
    check(
        "13800000001,张三\n",
        expect![[r#"
        error[unknown-column]: the row has more than one value
          --> list.txt, line 1
          = expected: a list with a single column

        1 error, 0 warnings
    "#]],
    );
}

#[test]
fn nobody() {
    check(
        "phone\n",
        expect![[r#"
        error[table-empty]: the list is empty
          --> list.txt
          = expected: one value on each line

        1 error, 0 warnings
    "#]],
    );
}
