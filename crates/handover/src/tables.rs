//! One table of bookings as CSV or XLSX, streamed.
//!
//! Owns: byte order mark, line ends, quoting, sheets and their row limit. Never: keeps a row.

use crate::HandoverError;
use crate::cells::plain;
use crate::columns::{Row, fill, headings};
use crate::export::{Bookings, Format, People, Request};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};
use std::io::Write;
use types::limits::SHEET_ROWS_MAX;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes one table of so many bookings; tells their units.
pub(crate) fn write(
    request: &Request<'_>,
    rows: u32,
    bookings: &mut Bookings<'_>,
    people: &mut dyn People,
    to: &mut (dyn Write + Send),
) -> Result<u64, HandoverError> {
    match request.format {
        Format::Csv => write_csv(request, rows, bookings, people, to),
        Format::Xlsx => write_xlsx(request, rows, bookings, people, to),
    }
}

/// A CSV writer as spreadsheets like it: byte order mark, comma, CRLF.
pub(crate) fn csv_writer<W: Write>(mut to: W) -> Result<csv::Writer<W>, HandoverError> {
    to.write_all(BYTE_ORDER_MARK)?;
    Ok(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to))
}

fn write_csv(
    request: &Request<'_>,
    rows: u32,
    bookings: &mut Bookings<'_>,
    people: &mut dyn People,
    to: &mut (dyn Write + Send),
) -> Result<u64, HandoverError> {
    let mut table = csv_writer(to)?;
    table.write_record(headings(request, people.are_known()))?;
    let mut row = Row::in_csv(request, rows);
    let (mut written, mut units) = (0, 0);
    for booking in bookings {
        let booking = booking?;
        fill(&mut row, request, &booking, people)?;
        table.write_record(row.cells.iter().map(|cell| plain(cell).into_owned()))?;
        written += 1;
        units += u64::from(booking.units);
    }
    assert_eq!(written, rows, "a table has the rows that it states");
    table.flush()?;
    Ok(units)
}

fn write_xlsx(
    request: &Request<'_>,
    rows: u32,
    bookings: &mut Bookings<'_>,
    people: &mut dyn People,
    to: &mut (dyn Write + Send),
) -> Result<u64, HandoverError> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(request.scratch)?;
    let code = &request.definition.code;
    let made = ExcelDateTime::from_timestamp(i64::try_from(request.at.0 / 1_000).unwrap_or(0))?;
    let properties = DocProperties::new().set_title(code).set_creation_datetime(&made);
    workbook.set_properties(&properties);
    let rows_max = SHEET_ROWS_MAX - 1;
    let sheets = (rows as usize).div_ceil(rows_max).max(1);
    let headings = headings(request, people.are_known());
    let mut row = Row::default();
    let (mut written, mut units) = (0, 0);
    for number in 0..sheets {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(number))?;
        sheet.set_freeze_panes(1, 0)?;
        write_cells(sheet, 0, &headings)?;
        for (index, booking) in bookings.take(rows_max).enumerate() {
            let booking = booking?;
            fill(&mut row, request, &booking, people)?;
            let line = u32::try_from(index + 1).expect("a sheet's rows are within its limit");
            write_cells(sheet, line, &row.cells)?;
            written += 1;
            units += u64::from(booking.units);
        }
    }
    assert_eq!(written, rows, "a table has the rows that it states");
    write_about_sheet(&mut workbook, request, rows, units)?;
    workbook.save_to_writer(to)?;
    Ok(units)
}

fn sheet_name(number: usize) -> String {
    if number == 0 { "bookings".to_owned() } else { format!("bookings {}", number + 1) }
}

/// Every cell is typed as text, so that a number of 18 digits keeps them all and nothing runs.
fn write_cells(sheet: &mut Worksheet, row: u32, cells: &[String]) -> Result<(), HandoverError> {
    for (column, cell) in cells.iter().enumerate() {
        let column = u16::try_from(column).expect("a row has a few dozen columns at most");
        sheet.write_string(row, column, cell)?;
    }
    Ok(())
}

fn write_about_sheet(
    workbook: &mut Workbook,
    request: &Request<'_>,
    rows: u32,
    units: u64,
) -> Result<(), HandoverError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("about")?;
    for (row, (name, value)) in crate::archive::about(request, rows, units).iter().enumerate() {
        let row = u32::try_from(row).expect("there are a few lines about a file");
        write_cells(sheet, row, &[(*name).to_owned(), value.clone()])?;
    }
    Ok(())
}
