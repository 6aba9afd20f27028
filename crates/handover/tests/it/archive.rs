//! The archive: one file for each outlet, an index that checks them, a page about the whole.

use crate::fixture::export;
use expect_test::expect;
use handover::{Format, Layout};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Read};
use zip::ZipArchive;

fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_index_checks_every_file() {
    let (file, summary) = export((Format::Csv, Layout::Archive), None);
    assert_eq!(summary.checksum, hex(&file));
    assert_eq!(summary.bytes, file.len() as u64);
    let mut archive = ZipArchive::new(Cursor::new(file)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["A01.csv", "a01~1.csv", "_index.csv", "_about.txt"]);

    let index = String::from_utf8(read(&mut archive, "_index.csv")).unwrap();
    let index = index.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let one = hex(&read(&mut archive, "A01.csv"));
    let other = hex(&read(&mut archive, "a01~1.csv"));
    let index = index.replace(&one, "FIRST").replace(&other, "SECOND");
    expect![[r#"
        outlet,outlet_name,district,file,rows,units,sha256
        A01,灯塔药房,港东区,A01.csv,3,15,FIRST
        a01,'=潮门药房,港东区,a01~1.csv,1,5,SECOND
        B02,空,港东区,,0,0,
    "#]]
    .assert_eq(&index);

    let about = String::from_utf8(read(&mut archive, "_about.txt")).unwrap();
    expect![[r#"
        campaign: masks
        title: 口罩预约
        exported at: 2030-02-02 20:00:00 (Asia/Shanghai)
        rows: 4
        units: 20
        csv: for programs; a spreadsheet shortens long numbers, take XLSX for it
    "#]]
    .assert_eq(&about.replace("\r\n", "\n"));
}

#[test]
fn workbooks_in_an_archive_open() {
    let (file, _) = export((Format::Xlsx, Layout::Archive), None);
    let mut archive = ZipArchive::new(Cursor::new(file)).unwrap();
    let workbook = read(&mut archive, "A01.xlsx");
    let mut workbook: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(workbook)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut workbook, "bookings").unwrap();
    assert_eq!(sheet.height(), 4);
}
