//! Lists of people: one identity value a row, as an operator keeps them.
//!
//! Owns: which row and cell a value stands in. Never: normalises, checks or hashes a value;
//! whoever knows the field does.

use crate::files::{self, Files};
use crate::problem::{Code, Place, Problem, Report};
use crate::table::{self, Cell, Origin, TableFile};
use crate::words::folded;
use types::limits;

/// The values of a list, and where they stand.
#[derive(Clone, Debug)]
pub struct List {
    /// In the file's order.
    pub values: Vec<ListValue>,
    /// What a person should know.
    pub warnings: Vec<Problem>,
    origin: Option<Origin>,
}

/// One value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListValue {
    /// Its line or row, from 1.
    pub row: u32,
    /// As it was typed, without spaces around, full-width characters made plain.
    pub value: String,
}

impl List {
    /// Where a row is, to name it in a problem of one's own.
    #[must_use]
    pub fn place(&self, row: u32) -> Place {
        self.origin.as_ref().map_or_else(|| Place::file(""), |origin| origin.row(row))
    }
}

/// Reads a list: a text, CSV or XLSX file with one value a row. A first row without any digit
/// is a heading and left out.
///
/// # Errors
/// Everything that is wrong with the file, up to `limits::PROBLEMS_MAX`.
pub fn read_list(files: &dyn Files, file: &str, sheet: Option<&str>) -> Result<List, Vec<Problem>> {
    let report = Report::default();
    let mut values = Vec::new();
    let mut origin: Option<Origin> = None;
    match files::read(files, file, limits::UPLOAD_BYTES_MAX, Place::file(file)) {
        Err(problem) => report.add(problem),
        Ok(bytes) => {
            let mut is_first = true;
            table::read_raw(&bytes, TableFile { file, sheet }, &report, &mut |from, row, cells| {
                origin.get_or_insert_with(|| from.clone());
                let value = value(from, row, cells, &report);
                let is_heading = is_first
                    && value.as_deref().is_some_and(|value| !value.contains(char::is_numeric));
                is_first = false;
                if let Some(value) = value.filter(|_| !is_heading) {
                    values.push(ListValue { row, value });
                }
                if values.len() > limits::LIST_ROWS_MAX as usize {
                    let message = format!("the list has more than {} rows", limits::LIST_ROWS_MAX);
                    report.add(
                        Problem::error(Code::TooMany, from.place(), message)
                            .advice("split the list, and import one part after the other"),
                    );
                    return false;
                }
                !report.is_full()
            });
        }
    }
    if values.is_empty() && report.errors() == 0 {
        let problem = Problem::error(Code::TableEmpty, Place::file(file), "the list is empty");
        report.add(problem.expected("one value on each line"));
    }
    let warnings = report.finish(file)?;
    Ok(List { values, warnings, origin })
}

/// The one value of a row; a row with none or several is reported.
fn value(origin: &Origin, row: u32, cells: &[Cell], report: &Report) -> Option<String> {
    let mut found: Option<String> = None;
    for cell in cells {
        match cell {
            Cell::Text(text) if text.trim().is_empty() => {}
            Cell::Merged => {}
            Cell::Odd(what, advice) => {
                let message = format!("the cell holds {what}");
                report.add(Problem::error(Code::BadCell, origin.row(row), message).advice(*advice));
                return None;
            }
            Cell::Text(_) if found.is_some() => {
                let message = "the row has more than one value";
                let problem = Problem::error(Code::UnknownColumn, origin.row(row), message);
                report.add(problem.expected("a list with a single column"));
                return None;
            }
            // A value longer than any identity value is cut, so that it fails where it is
            // checked and is not carried about.
            Cell::Text(text) => {
                let longest = limits::IDENTITY_CHARS_MAX + 1;
                found = Some(folded(text).chars().take(longest).collect());
            }
        }
    }
    found
}
