//! CSV, semicolon- and tab-separated text, in UTF-8, UTF-16 with a mark, or GBK.
//!
//! Owns: the encoding and the separator. Never: headings.

use super::{Cell, Origin, RawSink};
use crate::problem::{Code, Place, Problem, Report};
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, GBK};
use std::borrow::Cow;
use types::limits;

/// The signature of the compound files of older office programs, and of protected workbooks.
const COMPOUND: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];
const SEPARATORS: [char; 3] = [',', ';', '\t'];

pub(super) fn read(
    bytes: &[u8],
    file: &str,
    report: &Report,
    sink: RawSink<'_>,
) -> Result<(), Problem> {
    if bytes.starts_with(&COMPOUND) {
        return Err(old_workbook(file));
    }
    let text = decode(bytes, file, report)?;
    let origin = Origin::Text { file: file.to_owned() };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut cells: Vec<Cell> = Vec::new();
    loop {
        let before = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                let message = format!("the text cannot be read as a table: {error}");
                return Err(Problem::error(Code::NotATable, Place::file(file), message));
            }
        }
        let start = record.position().map_or(before, csv::Position::byte);
        let line = line_of(&record, &text, start);
        if record.len() > limits::TABLE_COLUMNS_MAX {
            let message = format!("the line has {} cells", record.len());
            let most = limits::TABLE_COLUMNS_MAX;
            return Err(Problem::error(Code::TooMany, origin.row(line), message)
                .expected(format!("at most {most} columns")));
        }
        cells.clear();
        cells.extend(record.iter().map(cell));
        if !cells.iter().all(Cell::is_blank) && !sink(&origin, line, &cells) {
            return Ok(());
        }
    }
}

/// The line on which a record begins: the reader counts from where it stood before blank lines.
fn line_of(record: &StringRecord, text: &str, start: u64) -> u32 {
    let line = record.position().map_or(1, csv::Position::line);
    let start = usize::try_from(start).unwrap_or(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let blank = rest.bytes().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    let blank = blank.filter(|byte| *byte == b'\n').count() as u64;
    u32::try_from(line + blank).unwrap_or(u32::MAX)
}

fn cell(text: &str) -> Cell {
    if text.trim().contains(['\n', '\r']) {
        return Cell::Odd("a line break", "look for a quotation mark that is never closed");
    }
    Cell::Text(text.to_owned())
}

/// Old workbooks, and those that ask for a password.
pub(super) fn old_workbook(file: &str) -> Problem {
    let message = format!("\"{file}\" is an old .xls workbook, or protected by a password");
    Problem::error(Code::NotATable, Place::file(file), message)
        .expected("a CSV text or an XLSX workbook without a password")
        .advice("open it and save it as \"Excel workbook (.xlsx)\" or \"CSV UTF-8\"")
}

/// The text of a file.
fn decode<'a>(bytes: &'a [u8], file: &str, report: &Report) -> Result<Cow<'a, str>, Problem> {
    let not_text = || {
        let message = format!("\"{file}\" is not a text, nor a workbook");
        Problem::error(Code::NotATable, Place::file(file), message)
            .expected("a CSV text in UTF-8 or GBK, or an XLSX workbook")
    };
    let (text, failed) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(error) => {
                let place = line_at(bytes, error.valid_up_to(), file);
                return decode_other(bytes, place, file, report, not_text);
            }
        },
    };
    if failed || !is_plain(&text) { Err(not_text()) } else { Ok(text) }
}

/// The text of a file that is not UTF-8 from `place` on.
fn decode_other<'a>(
    bytes: &'a [u8],
    place: Place,
    file: &str,
    report: &Report,
    not_text: impl FnOnce() -> Problem,
) -> Result<Cow<'a, str>, Problem> {
    let (text, failed) = GBK.decode_without_bom_handling(bytes);
    if !is_plain(&text) {
        return Err(not_text());
    }
    if is_mostly_utf8(bytes) {
        let message = format!("\"{file}\" is in UTF-8, but for some bytes on this line");
        return Err(Problem::error(Code::Encoding, place, message)
            .advice("correct the line, then save the file as \"CSV UTF-8\""));
    }
    if failed {
        let message = format!("\"{file}\" is not UTF-8 from this line on, and not GBK either");
        return Err(Problem::error(Code::Encoding, place, message)
            .expected("a CSV text in UTF-8 or GBK, or an XLSX workbook")
            .advice("open it in the program that made it and save it as \"CSV UTF-8\""));
    }
    let message = format!(
        "\"{file}\" is not UTF-8 from this line on and was read as GBK, as a spreadsheet program \
         in Chinese saves a plain CSV"
    );
    report.add(
        Problem::warning(Code::Encoding, place, message)
            .advice("look whether the names are right; saving as \"CSV UTF-8\" avoids the guess"),
    );
    Ok(text)
}

/// The line, from 1, that a byte lies on.
fn line_at(bytes: &[u8], at: usize, file: &str) -> Place {
    let before = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let line = u32::try_from(before + 1).unwrap_or(u32::MAX);
    Place::Line { file: file.to_owned(), line, column: None }
}

/// Whether more characters come out Chinese than bytes come out broken when it is read as UTF-8:
/// by chance, a text in GBK gives hardly any.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let is_wide = |c: &char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    let (mut wide, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().chars().filter(is_wide).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken < wide
}

/// Whether there are no characters that only binary files have.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The separator that the first line with any text has most of.
fn separator(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: char| line.chars().filter(|c| *c == separator).count();
    let best = SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator));
    match best {
        Some(';') => b';',
        Some('\t') => b'\t',
        _ => b',',
    }
}
