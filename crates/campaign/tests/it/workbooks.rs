//! XLSX workbooks: cells of all kinds, sheets, and packages made to do harm.

use crate::fixture::{Fixture, files};
use campaign::{Uploaded, read_list, render};
use expect_test::expect;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A workbook with one sheet.
fn workbook(name: &str, fill: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name(name).unwrap();
    fill(sheet).unwrap();
    workbook.save_to_buffer().unwrap()
}

fn head(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write_row(0, 0, ["网点", "品类", "时段", "数量"])?;
    Ok(())
}

fn stock(bytes: Vec<u8>) -> Fixture {
    files().with("stock.csv", "stock.xlsx").file("stock.xlsx", bytes)
}

#[test]
fn numbers_texts_and_formulas() {
    let bytes = workbook("库存", |sheet| {
        head(sheet)?;
        sheet.write(1, 0, 1001)?.write(1, 1, "N95")?.write(1, 2, "am")?.write(1, 3, "４０")?;
        let sum = Formula::new("=30+30").set_result("60");
        sheet.write(4, 0, "1002 ")?.write(4, 1, "N95")?.write(4, 2, "am")?.write(4, 3, sum)?;
        Ok(())
    });
    let loaded = stock(bytes).read().unwrap();
    let units: Vec<u32> = loaded.definition.stock.iter().map(|stock| stock.units).collect();
    assert_eq!((units, loaded.warnings.len()), (vec![40, 60], 0));
}

#[test]
fn mistakes_in_cells() {
    let bytes = workbook("库存", |sheet| {
        head(sheet)?;
        sheet.write(1, 0, 1001)?.write(1, 1, "N95")?.write(1, 2, "am")?.write(1, 3, -4)?;
        let date = ExcelDateTime::from_ymd(2030, 2, 2)?;
        let format = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write(2, 0, 1002)?.write(2, 1, "N95")?;
        sheet.write_datetime_with_format(2, 2, date, &format)?.write(2, 3, 2.5)?;
        sheet.write(3, 0, 1.0e17)?.write(3, 1, true)?.write(3, 2, "am")?.write(3, 3, 1)?;
        let failed = Formula::new("=1/0").set_result("#DIV/0!");
        sheet.write(4, 0, 1002)?.write(4, 1, "N95")?.write(4, 2, "am")?.write(4, 3, failed)?;
        Ok(())
    });
    stock(bytes).check(expect![[r#"
        error[bad-number]: -4 is below zero
          --> stock.xlsx, sheet "库存", cell D2
          = expected: a whole number from 0 to 100000000

        error[bad-cell]: the cell holds a date or time
          --> stock.xlsx, sheet "库存", cell C3
          = help: format the column as text and retype the value

        error[bad-number]: 2.5 is not a whole number
          --> stock.xlsx, sheet "库存", cell D3
          = expected: a whole number from 0 to 100000000

        error[bad-cell]: the cell holds a number so long that it was rounded
          --> stock.xlsx, sheet "库存", cell A4
          = help: format the column as text and retype it

        error[unknown-reference]: there is no item "TRUE"
          --> stock.xlsx, sheet "库存", cell B4
          = expected: the code of one that the campaign defines

        error[bad-cell]: the cell holds an error value
          --> stock.xlsx, sheet "库存", cell D5
          = help: correct its formula or type the value

        6 errors, 0 warnings
    "#]]);
}

/// The package with one part changed, as another program writes it.
fn rewritten(bytes: Vec<u8>, part: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut file = from.by_index(index).unwrap();
        let name = file.name().unwrap().to_string();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        to.start_file(&name, SimpleFileOptions::default()).unwrap();
        let text = if name == part { change(&text) } else { text };
        to.write_all(text.as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_formula_that_nobody_worked_out() {
    let bytes = workbook("库存", |sheet| {
        head(sheet)?;
        let row = |sheet: &mut Worksheet, row: u32, code: u32| -> Result<(), XlsxError> {
            let sum = Formula::new("=30+30").set_result("60");
            sheet.write(row, 0, code)?.write(row, 1, "N95")?.write(row, 2, "am")?;
            sheet.write(row, 3, sum).map(|_| ())
        };
        row(sheet, 1, 1001)?;
        row(sheet, 2, 1002)
    });
    for empty in ["", "<v/>", "<v></v>"] {
        let changed = |text: &str| {
            assert_eq!(text.matches("<v>60</v>").count(), 2, "{text}");
            text.replacen("<v>60</v>", empty, 1)
        };
        let bytes = rewritten(bytes.clone(), "xl/worksheets/sheet1.xml", changed);
        let problems = stock(bytes).read().unwrap_err();
        assert_eq!(
            render(&problems),
            "error[bad-cell]: the cell holds a formula without a saved value\n  \
             --> stock.xlsx, sheet \"库存\", cell D2\n  \
             = help: open the workbook in a spreadsheet program and save it there, or type the \
             value\n\n1 error, 0 warnings\n"
        );
    }
}

#[test]
fn merged_cells() {
    let bytes = workbook("库存", |sheet| {
        head(sheet)?;
        sheet.merge_range(1, 0, 2, 0, "1001", &Format::new())?;
        sheet.write(1, 1, "N95")?.write(1, 2, "am")?.write(1, 3, 4)?;
        sheet.write(2, 1, "N95")?.write(2, 2, "am")?.write(2, 3, 4)?;
        Ok(())
    });
    stock(bytes).check(expect![[r#"
        error[merged-cells]: cells A2:A3 are merged, so only A2 has a value
          --> stock.xlsx, sheet "库存", cells A2:A3
          = expected: a value in every cell
          = help: unmerge the cells and repeat the value in each of them

        1 error, 0 warnings
    "#]]);
}

#[test]
fn sheets() {
    let mut workbook = Workbook::new();
    for name in ["库存", "备注"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        head(sheet).unwrap();
        sheet.write_row(1, 0, ["1001", "N95", "am", "4"]).unwrap();
    }
    workbook.add_worksheet().set_name("空").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let sheet = |name: &str| {
        let named = format!("{{ file = \"stock.xlsx\", sheet = \"{name}\" }}");
        files().with("\"stock.csv\"", &named).file("stock.xlsx", bytes.clone())
    };
    assert_eq!(sheet("库存").read().unwrap().definition.stock.len(), 1);
    let none = render(&sheet("库存表").read().unwrap_err());
    let several = render(&stock(bytes.clone()).read().unwrap_err());
    let empty = render(&sheet("空").read().unwrap_err());
    expect![[r#"
        error[sheet-missing]: "stock.xlsx" has no sheet "库存表"
          --> stock.xlsx
          = expected: one of "库存", "备注", "空"
          = help: did you mean "库存"?

        1 error, 0 warnings
        error[sheet-missing]: "stock.xlsx" has several sheets with cells: "库存", "备注"
          --> stock.xlsx
          = expected: { file = "stock.xlsx", sheet = "…" } in [tables]

        1 error, 0 warnings
        error[table-empty]: the table is empty
          --> stock.xlsx
          = expected: the headings outlet, item, slot, units and a row for each

        1 error, 0 warnings
    "#]]
    .assert_eq(&(none + &several + &empty));
}

#[test]
fn a_workbook_without_cells() {
    stock(workbook("空", |_| Ok(()))).check(expect![[r#"
        error[table-empty]: "stock.xlsx" has no sheet with any cells
          --> stock.xlsx

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_text_named_as_a_workbook() {
    stock(b"outlet,item,slot,units\n".to_vec()).check(expect![[r#"
        error[not-a-table]: "stock.xlsx" cannot be read as an XLSX workbook: it does not begin as an XLSX workbook does
          --> stock.xlsx
          = expected: a CSV text in UTF-8 or GBK, or an XLSX workbook
          = help: open it in a spreadsheet program and save it again

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_list_of_rounded_identities() {
    let bytes = workbook("名单", |sheet| {
        sheet.write(0, 0, 110_101_199_003_070_000_f64)?.write(1, 0, "110101199003070011")?;
        Ok(())
    });
    let files = Uploaded(BTreeMap::from([("list.xlsx".into(), bytes)]));
    let problems = read_list(&files, "list.xlsx", None).unwrap_err();
    expect![[r#"
        error[bad-cell]: the cell holds a number so long that it was rounded
          --> list.xlsx, sheet "名单", row 1
          = help: format the column as text and retype it

        1 error, 0 warnings
    "#]]
    .assert_eq(&render(&problems));
}

/// A package of parts, deflated.
fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_package_that_is_no_workbook() {
    stock(package(&[("readme.txt", b"hello")])).check(expect![[r#"
        error[not-a-table]: "stock.xlsx" cannot be read as an XLSX workbook: File not found '_rels/.rels'
          --> stock.xlsx
          = expected: a CSV text in UTF-8 or GBK, or an XLSX workbook
          = help: open it in a spreadsheet program and save it again

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_package_that_announces_more_strings_than_it_has() {
    let strings = br#"<?xml version="1.0"?><sst uniqueCount="99999999999999"></sst>"#;
    stock(package(&[("xl/sharedStrings.xml", strings)])).check(expect![[r#"
        error[not-a-table]: "stock.xlsx" cannot be read as an XLSX workbook: the part with its shared strings is not as it should be
          --> stock.xlsx
          = expected: a CSV text in UTF-8 or GBK, or an XLSX workbook
          = help: open it in a spreadsheet program and save it again

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_package_that_unpacks_to_too_much() {
    let zeros = vec![0_u8; 16 << 20];
    let parts: Vec<(String, &[u8])> =
        (0..33).map(|n| (format!("xl/{n}.xml"), zeros.as_slice())).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    stock(package(&parts)).check(expect![[r#"
        error[file-too-large]: "stock.xlsx" unpacks to more than 512 MiB
          --> stock.xlsx
          = help: remove the sheets and columns that are not needed

        1 error, 0 warnings
    "#]]);
}

#[test]
fn a_cell_in_the_last_corner() {
    let bytes = workbook("库存", |sheet| {
        head(sheet)?;
        sheet.write(1_048_575, 16_383, "far away")?;
        Ok(())
    });
    stock(bytes).check(expect![[r#"
        error[too-many]: the cell lies beyond column 64
          --> stock.xlsx, sheet "库存", cell XFD1048576
          = help: clear the columns to the right of the table

        1 error, 0 warnings
    "#]]);
}
