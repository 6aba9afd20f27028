//! One file of all outlets: the CSV's text, the workbook read back by another library.

use crate::fixture::{
    EVENING, Known, Unknown, booking, bookings, definition, export, hand_over, request,
};
use calamine::{Reader, Xlsx, open_workbook_from_rs};
use expect_test::expect;
use handover::{Booking, Fate, Format, HandoverError, Layout, People, Summary};
use std::io::{Cursor, Error, Write};
use types::EntryNo;

#[test]
fn a_csv_has_a_mark_crlf_and_no_formulas() {
    let (file, summary) = export((Format::Csv, Layout::File), None);
    let text = String::from_utf8(file).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    assert_eq!(text.matches("\r\n").count(), 5);
    assert_eq!((summary.rows, summary.units), (4, 20));
    expect![[r#"
        code,number,outlet,outlet_name,item,item_name,slot,slot_name,units,name,phone,state,booked_at,redeemed_at,cancelled_at,campaign,exported_at,rows
        AAAAA-AAAA4,5,A01,灯塔药房,n95,N95,am,am,5,"'=HYPERLINK(""x"",""y"")",'+8613800000004,booked,2030-02-01 20:00:04,,,masks,2030-02-02 20:00:00,4
        AAAAA-AAAA2,3,A01,灯塔药房,kn90,KN90,am,am,5,张2,'+8613800000002,redeemed,2030-02-01 20:00:02,2030-02-02 09:00:00,,masks,2030-02-02 20:00:00,4
        AAAAA-AAAA0,1,A01,灯塔药房,n95,N95,pm,pm,5,张0,'+8613800000000,booked,2030-02-01 20:00:00,,,masks,2030-02-02 20:00:00,4
        AAAAA-AAAA3,4,a01,'=潮门药房,n95,N95,am,am,5,张3,'+8613800000003,booked,2030-02-01 20:00:03,,,masks,2030-02-02 20:00:00,4
    "#]]
    .assert_eq(&text.replace("\r\n", "\n"));
}

#[test]
fn a_workbook_keeps_every_digit_as_text() {
    let (file, _) = export((Format::Xlsx, Layout::File), None);
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(file)).unwrap();
    assert_eq!(workbook.sheet_names(), ["bookings", "about"]);
    let sheet = workbook.worksheet_range("bookings").unwrap();
    let rows: Vec<String> = sheet
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
        .collect();
    expect![[r#"
        code|number|outlet|outlet_name|item|item_name|slot|slot_name|units|name|phone|state|booked_at|redeemed_at|cancelled_at
        AAAAA-AAAA4|5|A01|灯塔药房|n95|N95|am|am|5|=HYPERLINK("x","y")|+8613800000004|booked|2030-02-01 20:00:04||
        AAAAA-AAAA2|3|A01|灯塔药房|kn90|KN90|am|am|5|张2|+8613800000002|redeemed|2030-02-01 20:00:02|2030-02-02 09:00:00|
        AAAAA-AAAA0|1|A01|灯塔药房|n95|N95|pm|pm|5|张0|+8613800000000|booked|2030-02-01 20:00:00||
        AAAAA-AAAA3|4|a01|=潮门药房|n95|N95|am|am|5|张3|+8613800000003|booked|2030-02-01 20:00:03||"#]]
    .assert_eq(&rows.join("\n"));
    assert!(workbook.worksheet_formula("bookings").unwrap().is_empty());
}

#[test]
fn the_same_export_twice_is_the_same_file() {
    for format in [Format::Csv, Format::Xlsx] {
        for layout in [Layout::File, Layout::Archive] {
            let (once, summary) = export((format, layout), None);
            assert_eq!((once, summary), export((format, layout), None));
        }
    }
}

#[test]
fn without_people_the_columns_are_gone_and_the_file_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let definition = definition();
    let mut request = request(&definition, (Format::Xlsx, Layout::File), None, scratch.path());
    request.is_shredded = true;
    request.is_published = false;
    let mut file = Vec::new();
    hand_over(&request, bookings(), &mut Unknown, &mut file).unwrap();
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(file)).unwrap();
    let sheet = workbook.worksheet_range("bookings").unwrap();
    let headings: Vec<String> =
        sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert!(!headings.contains(&"phone".to_owned()) && headings.contains(&"code".to_owned()));
    let about = workbook.worksheet_range("about").unwrap();
    let about: Vec<String> = about.rows().map(|row| format!("{}: {}", row[0], row[1])).collect();
    expect![[r#"
        campaign: masks
        title: 口罩预约
        exported at: 2030-02-02 20:00:00 (Asia/Shanghai)
        rows: 4
        units: 20
        not published: the people in this file do not know it yet
        without people: this campaign's people were shredded; nobody can open them again"#]]
    .assert_eq(&about.join("\n"));
}

struct Broken;

impl People for Broken {
    fn are_known(&self) -> bool {
        true
    }

    fn open(&mut self, booking: &Booking, _: &mut Vec<String>) -> Result<(), HandoverError> {
        let why = "the seal is broken".to_owned();
        Err(HandoverError::Unreadable { entry: booking.entry, why })
    }

    fn code(&self, _: EntryNo) -> String {
        String::new()
    }
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(Error::other("the reader went away"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn nobody_is_left_out_silently() {
    let scratch = tempfile::tempdir().unwrap();
    let definition = definition();
    for layout in [Layout::File, Layout::Archive] {
        for format in [Format::Csv, Format::Xlsx] {
            let request = request(&definition, (format, layout), None, scratch.path());
            let broken = hand_over(&request, bookings(), &mut Broken, Vec::new());
            assert_eq!(broken.unwrap_err().code(), "export-unreadable");
            let full = hand_over(&request, bookings(), &mut Known, Full);
            assert_eq!(full.unwrap_err().code(), "export-cut");
        }
    }
    assert_eq!(scratch.path().read_dir().unwrap().count(), 0, "no working file stays");
}

#[test]
fn an_empty_export_is_a_file_with_headings() {
    let scratch = tempfile::tempdir().unwrap();
    let definition = definition();
    let request = request(&definition, (Format::Csv, Layout::File), None, scratch.path());
    let gone = vec![booking(1, 0, 0, 0, Fate::Cancelled(EVENING))];
    let mut file = Vec::new();
    let Summary { rows, units, .. } = hand_over(&request, gone, &mut Known, &mut file).unwrap();
    assert_eq!((rows, units), (0, 0));
    assert_eq!(String::from_utf8(file).unwrap().lines().count(), 1);
}
