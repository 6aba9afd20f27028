//! Tables as they come: encodings, separators, and a message for each mistake in them.

use crate::fixture::{OUTLETS, STOCK, files};
use campaign::{Severity, Uploaded, read_stock};
use encoding_rs::{GBK, UTF_16LE};
use expect_test::expect;
use std::collections::BTreeMap;

#[test]
fn an_unknown_outlet() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,1\n101,N95,am,1\n").check(
        expect![[r#"
            error[unknown-reference]: there is no outlet "101"
              --> stock.csv, line 3, column "outlet"
              = expected: the code of one that the campaign defines
              = help: did you mean "1001"?

            1 error, 0 warnings
        "#]],
    );
}

#[test]
fn an_unknown_item_and_slot() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N59,pm,1\n").check(expect![[r#"
        error[unknown-reference]: there is no item "N59"
          --> stock.csv, line 2, column "item"
          = expected: the code of one that the campaign defines
          = help: did you mean "N95"?

        error[unknown-reference]: there is no slot "pm"
          --> stock.csv, line 2, column "slot"
          = expected: the code of one that the campaign defines

        2 errors, 0 warnings
    "#]]);
}

#[test]
fn a_pool_twice() {
    files()
        .file("stock.csv", "outlet,item,slot,units\n1001,N95,am,1\n1002,N95,am,1\n1001,N95,am,2\n")
        .check(expect![[r#"
            error[duplicate-stock]: the same outlet, item and slot stand in line 2 already
              --> stock.csv, line 4
              = help: add the units up in one row

            1 error, 0 warnings
        "#]]);
}

#[test]
fn a_negative_number() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,-5\n").check(expect![[r#"
        error[bad-number]: -5 is below zero
          --> stock.csv, line 2, column "units"
          = expected: a whole number from 0 to 100000000

        1 error, 0 warnings
    "#]]);
}

#[test]
fn too_many_units() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,100000001\n").check(expect![[
        r#"
        error[bad-number]: 100000001 is more than 100000000
          --> stock.csv, line 2, column "units"
          = expected: a whole number from 0 to 100000000

        1 error, 0 warnings
    "#
    ]]);
}

#[test]
fn blank_units() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,\n1002,N95,am\n").check(
        expect![[r#"
            error[bad-number]: the number is blank
              --> stock.csv, line 2, column "units"
              = expected: a whole number from 0 to 100000000

            error[bad-number]: the number is blank
              --> stock.csv, line 3, column "units"
              = expected: a whole number from 0 to 100000000

            2 errors, 0 warnings
        "#]],
    );
}

#[test]
fn separators_between_digits() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,\"1,200\"\n").check(expect![[
        r#"
        error[bad-number]: "1,200" has separators between its digits
          --> stock.csv, line 2, column "units"
          = expected: a whole number from 0 to 100000000

        1 error, 0 warnings
    "#
    ]]);
}

#[test]
fn a_fraction() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,2.5\n").check(expect![[r#"
        error[bad-number]: 2.5 is not a whole number
          --> stock.csv, line 2, column "units"
          = expected: a whole number from 0 to 100000000

        1 error, 0 warnings
    "#]]);
}

#[test]
fn words_for_numbers() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,many\n").check(expect![[r#"
        error[bad-number]: "many" is not a number
          --> stock.csv, line 2, column "units"
          = expected: a whole number from 0 to 100000000

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_cell_under_no_heading() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,1,200\n").check(expect![[r#"
        error[unknown-column]: a cell has a value and no heading above it
          --> stock.csv, line 2, column "5"
          = help: a value with the separator in it needs quotation marks

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_quotation_mark_never_closed() {
    files().file("stock.csv", "outlet,item,slot,units\n\"1001,N95,am,1\n1002,N95,am,1\n").check(
        expect![[r#"
            error[bad-cell]: the cell holds a line break
              --> stock.csv, line 2, column "outlet"
              = help: look for a quotation mark that is never closed

            error[blank-cell]: the cell under "item" is blank
              --> stock.csv, line 2, column "item"

            error[blank-cell]: the cell under "slot" is blank
              --> stock.csv, line 2, column "slot"

            error[bad-number]: the number is blank
              --> stock.csv, line 2, column "units"
              = expected: a whole number from 0 to 100000000

            4 errors, 0 warnings
        "#]],
    );
}

#[test]
fn an_outlet_without_stock() {
    files().file("stock.csv", "outlet,item,slot,units\n1001,N95,am,1\n").check(expect![[r#"
        good
        warning[nothing-in-stock]: 1 outlet has no units in stock: "1002"
          --> c.toml

        0 errors, 1 warning
    "#]]);
}

#[test]
fn headings_only() {
    files().file("stock.csv", "outlet,item,slot,units\n").check(expect![[r#"
        error[table-empty]: the table has headings and no rows
          --> stock.csv
          = expected: the headings outlet, item, slot, units and a row for each

        1 error, 0 warnings
    "#]]);
}

#[test]
fn no_headings() {
    files().file("stock.csv", "1001,N95,am,1\n").check(expect![[r#"
        error[missing-column]: the first row has none of the headings that this table needs
          --> stock.csv, line 1
          = expected: the headings "outlet" (网点), "item" (品类), "slot" (时段), "units" (份数)
          = help: delete the rows above the headings, if there are any

        1 error, 0 warnings
    "#]]);
}

#[test]
fn unknown_and_missing_columns() {
    files().file("stock.csv", "outlet,item,slott,units,remark\n1001,N95,am,1,x\n").check(expect![
        [r#"
            error[unknown-column]: unknown column "slott"
              --> stock.csv, line 1, column "slott"
              = expected: one of "outlet" (网点), "item" (品类), "slot" (时段), "units" (份数)
              = help: did you mean "slot"?

            error[unknown-column]: unknown column "remark"
              --> stock.csv, line 1, column "remark"
              = expected: one of "outlet" (网点), "item" (品类), "slot" (时段), "units" (份数)

            error[missing-column]: the column "slot" is missing
              --> stock.csv, line 1
              = expected: a heading "slot" or "时段" or "时段代码" or "时段编码"

            3 errors, 0 warnings
        "#]
    ]);
}

#[test]
fn a_heading_twice() {
    files().file("stock.csv", "outlet,item,slot,units,Units,units\n1001,N95,am,1,1,1\n").check(
        expect![[r#"
            error[duplicate-column]: the column "Units" stands twice
              --> stock.csv, line 1, column "Units"
              = expected: each column once, under one heading

            error[duplicate-column]: the column "units" stands twice
              --> stock.csv, line 1, column "units"
              = expected: each column once, under one heading

            2 errors, 0 warnings
        "#]],
    );
}

#[test]
fn a_column_twice() {
    files().file("stock.csv", "outlet,item,slot,units,数量\n1001,N95,am,1,1\n").check(expect![[
        r#"
        error[duplicate-column]: the columns "units" and "数量" mean the same
          --> stock.csv, line 1, column "数量"
          = expected: each column once, under one heading

        1 error, 0 warnings
    "#
    ]]);
}

#[test]
fn an_empty_table() {
    files().file("stock.csv", " \n\n").check(expect![[r#"
        error[table-empty]: the table is empty
          --> stock.csv
          = expected: the headings outlet, item, slot, units and a row for each

        1 error, 0 warnings
    "#]]);
}

#[test]
fn binary_rubbish() {
    files().file("stock.csv", [0_u8, 1, 2, 255, 254, 0, 7].as_slice()).check(expect![[r#"
        error[not-a-table]: "stock.csv" is not a text, nor a workbook
          --> stock.csv
          = expected: a CSV text in UTF-8 or GBK, or an XLSX workbook

        1 error, 0 warnings
    "#]]);
}

#[test]
fn an_old_workbook() {
    files().file("stock.csv", [0xd0_u8, 0xcf, 0x11, 0xe0, 0xa1].as_slice()).check(expect![[r#"
        error[not-a-table]: "stock.csv" is an old .xls workbook, or protected by a password
          --> stock.csv
          = expected: a CSV text or an XLSX workbook without a password
          = help: open it and save it as "Excel workbook (.xlsx)" or "CSV UTF-8"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_duplicate_outlet() {
    files().file("outlets.csv", format!("{OUTLETS}1001,再来,Again,,,,\n")).check(expect![[r#"
        error[duplicate-code]: the outlet "1001" stands twice, first in line 2
          --> outlets.csv, line 4, column "code"
          = expected: each outlet once

        1 error, 0 warnings
    "#]]);
}

#[test]
fn bad_outlets() {
    files()
        .file(
            "outlets.csv",
            "code,name,latitude,longitude\n1001,,91,114\n1002,听澜,21.5,\n10/3,x,,\n",
        )
        .check(expect![[r#"
            error[blank-cell]: the name is blank in "zh-CN"
              --> outlets.csv, line 2, column "name"
              = expected: 1 to 200 characters

            error[bad-number]: 91 degrees lie outside -90 to 90
              --> outlets.csv, line 2, column "latitude"
              = expected: decimal degrees from -90 to 90, such as 22.5431

            error[blank-cell]: the longitude is blank
              --> outlets.csv, line 3, column "longitude"
              = expected: latitude and longitude, or neither

            error[bad-code]: "10/3" cannot be the code of this outlet
              --> outlets.csv, line 4, column "code"
              = expected: up to 48 letters a-z, digits, "-", "_" or ".", beginning with a letter or digit

            4 errors, 0 warnings
        "#]]);
}

#[test]
fn an_outlet_without_a_language() {
    files().file("outlets.csv", "code,name.en\n1001,A\n1002,B\n").check(expect![[r#"
        error[missing-column]: the column "name" is missing
          --> outlets.csv, line 1
          = expected: a heading "name" or "名称" or "网点名称", or one for each language: "name.zh-CN", "name.en"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn an_outlet_column_in_another_language() {
    files().file("outlets.csv", "code,name,name.fr\n1001,A,B\n1002,C,D\n").check(expect![[r#"
        error[unknown-language]: "fr" in "name.fr" is not one of the languages
          --> outlets.csv, line 1, column "name.fr"
          = expected: one of "zh-CN", "en"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_thousand_errors() {
    let rows = "x,N95,am,1\n".repeat(1_000);
    let stock = format!("outlet,item,slot,units\n{rows}");
    let problems = files().file("stock.csv", stock).read().unwrap_err();
    assert_eq!(problems.len(), types::limits::PROBLEMS_MAX + 1);
    expect![[r#"
        error[too-many-problems]: only the first 200 problems are listed
          --> c.toml
          = help: correct these and check again"#]]
    .assert_eq(&problems.last().unwrap().to_string());
}

/// Reads the stock and compares the units, and the codes of any warnings.
fn check_units(stock: impl Into<Vec<u8>>, units: [u32; 2], warnings: &[&str]) {
    let loaded = files().file("stock.csv", stock).read().unwrap();
    let read: Vec<u32> = loaded.definition.stock.iter().map(|stock| stock.units).collect();
    assert_eq!(read, units);
    let codes: Vec<&str> = loaded.warnings.iter().map(|problem| problem.code.word()).collect();
    assert_eq!(codes, warnings);
    assert!(loaded.warnings.iter().all(|problem| problem.severity == Severity::Warning));
}

#[test]
fn separators_headings_and_digits() {
    check_units(STOCK.replace(',', ";"), [40, 60], &[]);
    check_units(STOCK.replace(',', "\t"), [40, 60], &[]);
    check_units(STOCK.replace('\n', "\r\n"), [40, 60], &[]);
    check_units(STOCK.replace("40", "４０").replace("1001", "１００１"), [40, 60], &[]);
    check_units(STOCK.replace("40", " 40.0 "), [40, 60], &[]);
    check_units(STOCK.replace("40", "\"40\""), [40, 60], &[]);
    check_units("Units,SLOT,Item,Outlet\n40,am,N95,1001\n\n,,,\n60,am,N95,1002\n", [40, 60], &[]);
    check_units("网点,品类,时段,数量\n1001,N95,am,40\n1002,N95,am,60\n", [40, 60], &[]);
}

#[test]
fn encodings() {
    check_units(format!("\u{feff}{STOCK}"), [40, 60], &[]);
    let chinese = STOCK.replace("outlet,item,slot,units", "网点,品类,时段,数量");
    check_units(GBK.encode(&chinese).0.into_owned(), [40, 60], &["text-encoding"]);
    let utf16: Vec<u8> = chinese.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(UTF_16LE.decode_without_bom_handling(&utf16).0, chinese);
    check_units([b"\xff\xfe".as_slice(), &utf16].concat(), [40, 60], &["text-encoding"][1..]);
}

#[test]
fn names_in_gbk_are_read_right() {
    let outlets = GBK.encode(OUTLETS).0.into_owned();
    let loaded = files().file("outlets.csv", outlets).read().unwrap();
    let outlet = &loaded.definition.outlets[0];
    assert_eq!(outlet.name["zh-CN"], "望潮药房");
    assert_eq!(outlet.name["en"], "Wangchao Pharmacy");
    expect![[r#"
        warning[text-encoding]: "outlets.csv" is not UTF-8 from this line on and was read as GBK, as a spreadsheet program in Chinese saves a plain CSV
          --> outlets.csv, line 2
          = help: look whether the names are right; saving as "CSV UTF-8" avoids the guess"#]]
    .assert_eq(&loaded.warnings[0].to_string());
}

#[test]
fn a_broken_byte_in_utf8_is_no_gbk() {
    let mut outlets = OUTLETS.as_bytes().to_vec();
    let at = OUTLETS.find("听澜区").unwrap();
    outlets.splice(at..at + 3, [0xcc, 0xfd]);
    files().file("outlets.csv", outlets).check(expect![[r#"
        error[text-encoding]: "outlets.csv" is in UTF-8, but for some bytes on this line
          --> outlets.csv, line 3
          = help: correct the line, then save the file as "CSV UTF-8"

        1 error, 0 warnings
    "#]]);
}

#[test]
fn neither_utf8_nor_gbk() {
    let mut outlets = GBK.encode(OUTLETS).0.into_owned();
    let line = outlets.iter().rposition(|byte| *byte == b'\n').unwrap();
    outlets.insert(line, 0xff);
    files().file("outlets.csv", outlets).check(expect![[r#"
        error[text-encoding]: "outlets.csv" is not UTF-8 from this line on, and not GBK either
          --> outlets.csv, line 2
          = expected: a CSV text in UTF-8 or GBK, or an XLSX workbook
          = help: open it in the program that made it and save it as "CSV UTF-8"

        1 error, 0 warnings
    "#]]);
    files().file("outlets.csv", *b"code,name\n1001,\xe9t\xe9\x01\n").check(expect![[r#"
        error[not-a-table]: "outlets.csv" is not a text, nor a workbook
          --> outlets.csv
          = expected: a CSV text in UTF-8 or GBK, or an XLSX workbook

        1 error, 0 warnings
    "#]]);
}

#[test]
fn lines_are_counted_over_blank_ones() {
    let stock = "\n\noutlet,item,slot,units\n\n\n1001,N95,am,1\n\n1002,N95,am,x\n";
    let problems = files().file("stock.csv", stock).read().unwrap_err();
    expect![[r#"stock.csv, line 8, column "units""#]].assert_eq(&problems[0].place.to_string());
}

#[test]
fn stock_by_itself() {
    let definition = files().read().unwrap().definition;
    let files = |text: &str| Uploaded(BTreeMap::from([("new.csv".into(), text.into())]));
    let read = read_stock(&files(STOCK), "new.csv", None, &definition).unwrap();
    assert_eq!(read.rows.len(), 2);
    assert_eq!((read.rows[1].outlet.0, read.rows[1].units), (1, 60));
    let problems = read_stock(&files(&STOCK.replace("1001", "100l")), "new.csv", None, &definition)
        .unwrap_err();
    expect![[r#"
        error[unknown-reference]: there is no outlet "100l"
          --> new.csv, line 2, column "outlet"
          = expected: the code of one that the campaign defines"#]]
    .assert_eq(&problems[0].to_string());
    let missing = read_stock(&files(""), "neww.csv", None, &definition).unwrap_err();
    expect![[r#"
        error[file-missing]: there is no file "neww.csv"
          --> neww.csv
          = expected: the name of a file beside the campaign file
          = help: did you mean "new.csv"?"#]]
    .assert_eq(&missing[0].to_string());
}

#[test]
fn a_million_rows() {
    let outlets: String = (0..20_000).map(|n| format!("{n},Outlet {n}\n")).collect();
    let slots: String = (0..50)
        .map(|n| {
            format!(
                "[[slot]]\ncode = \"s{n}\"\nname = \"{n}\"\n\
                 from = 2030-02-02T09:00:00\nuntil = 2030-02-02T10:00:00\n"
            )
        })
        .collect();
    let mut stock = String::from("outlet,item,slot,units\n");
    for outlet in 0..20_000 {
        for slot in 0..50 {
            stock += &format!("{outlet},N95,s{slot},7\n");
        }
    }
    let loaded = files()
        .with("[tables]", &format!("{slots}\n[tables]"))
        .file("outlets.csv", format!("code,name\n{outlets}"))
        .file("stock.csv", stock)
        .read()
        .unwrap();
    assert_eq!(loaded.definition.stock.len(), 1_000_000);
}
