//! XLSX workbooks, cell by cell.
//!
//! Owns: the choice of the sheet, merged cells, and what a cell's value is as a text.
//! Never: works a formula out; it counts as the value that was saved with it, and one without
//! such a value is a problem.
//! On failure: a workbook that the library cannot read, or stumbles over, is a problem.

use super::package::{self, PackageError};
use super::{Cell, Origin, RawSink, TableFile};
use crate::problem::{Code, Place, Problem, Report};
use crate::words::{listed, nearest, shown};
use calamine::{DataRef, Dimensions, Reader as _, Xlsx};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use types::limits;

/// From here on a floating-point cell no longer holds every whole number as it was typed.
const EXACT_MAX: f64 = 1e15;

/// As programs write it that leave the working out to whoever opens the workbook.
const UNCOMPUTED: Cell = Cell::Odd(
    "a formula without a saved value",
    "open the workbook in a spreadsheet program and save it there, or type the value",
);

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

pub(super) fn read(
    bytes: &[u8],
    table: TableFile<'_>,
    report: &Report,
    sink: RawSink<'_>,
) -> Result<(), Problem> {
    let file = table.file;
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(super::delimited::old_workbook(file));
    }
    if !package::is_package(bytes) {
        return Err(damaged(file, "it does not begin as an XLSX workbook does"));
    }
    package::weigh(bytes).map_err(|error| match error {
        PackageError::Damaged(why) => damaged(file, &why),
        PackageError::TooLarge => {
            let most = limits::WORKBOOK_BYTES_MAX >> 20;
            let message = format!("\"{file}\" unpacks to more than {most} MiB");
            Problem::error(Code::FileTooLarge, Place::file(file), message)
                .advice("remove the sheets and columns that are not needed")
        }
    })?;
    let mut workbook: Workbook<'_> = guarded(file, || Xlsx::new(Cursor::new(bytes)))?;
    let sheet = choose_sheet(&mut workbook, table)?;
    let merged = guarded(file, || workbook.merge_cells_by_sheet_name(&sheet))?;
    let origin = Origin::Sheet { file: file.to_owned(), sheet: sheet.clone() };
    let merged = report_merged(merged, table, &sheet, report);
    let mut cells = guarded(file, || workbook.worksheet_cells_reader(&sheet))?;
    let mut row = Gathered { number: 0, cells: Vec::new() };
    while let Some(cell) = guarded(file, || cells.next_cell_with_formula_metadata())? {
        let (row_index, position) = cell.pos;
        let number = row_index.saturating_add(1);
        if number < row.number {
            return Err(damaged(file, "its rows are not in order"));
        }
        if number != row.number && !row.flush(&origin, &merged, sink) {
            return Ok(());
        }
        row.number = number;
        let value = match (&cell.value, cell.formula.is_some()) {
            (DataRef::Empty, true) => UNCOMPUTED,
            (found, _) => value(found),
        };
        if value.is_blank() {
            continue;
        }
        let position = position as usize;
        if position >= limits::TABLE_COLUMNS_MAX {
            let message = format!("the cell lies beyond column {}", limits::TABLE_COLUMNS_MAX);
            let place = origin.cell(number, position, None);
            return Err(Problem::error(Code::TooMany, place, message)
                .advice("clear the columns to the right of the table"));
        }
        if row.cells.len() <= position {
            row.cells.resize(position + 1, Cell::BLANK);
        }
        row.cells[position] = value;
    }
    row.flush(&origin, &merged, sink);
    Ok(())
}

/// Cells of one row as they come.
struct Gathered {
    /// From 1; 0 before the first.
    number: u32,
    cells: Vec<Cell>,
}

impl Gathered {
    /// Hands a row that is not blank on, and begins a new one.
    fn flush(&mut self, origin: &Origin, merged: &[Dimensions], sink: RawSink<'_>) -> bool {
        let mut wanted = true;
        if !self.cells.iter().all(Cell::is_blank) {
            let row = self.number - 1;
            for region in
                merged.iter().filter(|region| (region.start.0..=region.end.0).contains(&row))
            {
                let last = region.end.1.min(limits::TABLE_COLUMNS_MAX as u32 - 1) as usize;
                if self.cells.len() <= last {
                    self.cells.resize(last + 1, Cell::BLANK);
                }
                let cells = self.cells.iter_mut().enumerate().take(last + 1);
                for (_, cell) in cells.skip(region.start.1 as usize).filter(|(_, c)| c.is_blank()) {
                    *cell = Cell::Merged;
                }
            }
            wanted = sink(origin, self.number, &self.cells);
        }
        self.cells.clear();
        wanted
    }
}

/// Reports merged cells, and returns those that rows must be compared with.
fn report_merged(
    merged: Vec<Dimensions>,
    table: TableFile<'_>,
    sheet: &str,
    report: &Report,
) -> Vec<Dimensions> {
    let merged: Vec<Dimensions> = merged.into_iter().take(limits::PROBLEMS_MAX).collect();
    for region in &merged {
        let first = reference(region.start.0.saturating_add(1), region.start.1 as usize);
        let last = reference(region.end.0.saturating_add(1), region.end.1 as usize);
        let cell = format!("{first}:{last}");
        let message = format!("cells {cell} are merged, so only {first} has a value");
        let (file, sheet) = (table.file.to_owned(), sheet.to_owned());
        report.add(
            Problem::error(Code::MergedCells, Place::Cell { file, sheet, cell }, message)
                .expected("a value in every cell")
                .advice("unmerge the cells and repeat the value in each of them"),
        );
    }
    merged
}

/// The sheet that is named; or, when none is, the only one that has any cells.
fn choose_sheet(workbook: &mut Workbook<'_>, table: TableFile<'_>) -> Result<String, Problem> {
    let file = table.file;
    let names = workbook.sheet_names();
    if let Some(wanted) = table.sheet {
        if let Some(name) = names.iter().find(|name| name.trim() == wanted.trim()) {
            return Ok(name.clone());
        }
        let message = format!("\"{file}\" has no sheet \"{}\"", shown(wanted));
        let near = nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned);
        return Err(Problem::error(Code::SheetMissing, Place::file(file), message)
            .expected(format!("one of {}", listed(names.iter().map(String::as_str))))
            .word(near));
    }
    let mut filled: Vec<String> = Vec::new();
    for name in names {
        if has_cells(workbook, file, &name)? {
            filled.push(name);
        }
    }
    match filled.len() {
        0 => {
            let message = format!("\"{file}\" has no sheet with any cells");
            Err(Problem::error(Code::TableEmpty, Place::file(file), message))
        }
        1 => Ok(filled.remove(0)),
        _ => {
            let all = listed(filled.iter().map(String::as_str));
            let message = format!("\"{file}\" has several sheets with cells: {all}");
            Err(Problem::error(Code::SheetMissing, Place::file(file), message)
                .expected(format!("{{ file = \"{file}\", sheet = \"…\" }} in [tables]")))
        }
    }
}

fn has_cells(workbook: &mut Workbook<'_>, file: &str, sheet: &str) -> Result<bool, Problem> {
    let opened = guarded(file, || match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => Ok(Some(cells)),
        // A chart on a sheet of its own has no cells.
        Err(calamine::XlsxError::NotAWorksheet(_)) => Ok(None),
        Err(error) => Err(error),
    })?;
    let Some(mut cells) = opened else { return Ok(false) };
    while let Some(cell) = guarded(file, || cells.next_cell())? {
        if !value(cell.get_value()).is_blank() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A cell as it would have been typed.
fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::BLANK,
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) if number.abs() >= EXACT_MAX => Cell::Odd(
            "a number so long that it was rounded",
            "format the column as text and retype it",
        ),
        // `{}` writes a whole float without a fraction, and never with an exponent.
        DataRef::Float(number) => Cell::Text(format!("{number}")),
        DataRef::String(text) => Cell::Text(one_line(text)),
        DataRef::SharedString(text) => Cell::Text(one_line(text)),
        DataRef::Bool(flag) => Cell::Text(flag.to_string().to_uppercase()),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => {
            Cell::Odd("a date or time", "format the column as text and retype the value")
        }
        DataRef::Error(_) => Cell::Odd("an error value", "correct its formula or type the value"),
    }
}

/// A line break within a cell is a matter of layout.
fn one_line(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\n', '\r'], " ")
}

/// `C14` for row 14, position 2.
pub(super) fn reference(row: u32, position: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = position + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    let letters = String::from_utf8(letters).expect("letters are ASCII");
    format!("{letters}{row}")
}

/// Calls the library; its errors, and the panics that damaged files provoke in it, are problems.
fn guarded<T, E: std::fmt::Display>(
    file: &str,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, Problem> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| damaged(file, &error.to_string())),
        Err(_) => Err(damaged(file, "its parts contradict each other")),
    }
}

fn damaged(file: &str, why: &str) -> Problem {
    let message = format!("\"{file}\" cannot be read as an XLSX workbook: {}", shown(why));
    Problem::error(Code::NotATable, Place::file(file), message)
        .expected("a CSV text in UTF-8 or GBK, or an XLSX workbook")
        .advice("open it in a spreadsheet program and save it again")
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn columns_are_lettered() {
        let letters = [(0, "A1"), (25, "Z1"), (26, "AA1"), (701, "ZZ1"), (702, "AAA1")];
        for (position, cell) in letters {
            assert_eq!(reference(1, position), cell);
        }
    }
}
