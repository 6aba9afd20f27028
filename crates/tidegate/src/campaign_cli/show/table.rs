//! The tables, numbers and texts that answers are shown with.
//!
//! Owns: what a terminal gets to see of a text. Never: chooses what is shown.

use crate::output::plural;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use serde_json::Value;

/// Rows of a long table that a terminal is shown; `--json` has all.
pub(super) const ROWS_SHOWN_MAX: usize = 40;

/// Of a SHA-256 in a cell.
const CHECKSUM_CHARS_SHOWN: usize = 12;

/// A table no wider than the terminal, if there is one: words wrap within their cells.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(headings);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table
}

pub(super) fn align(table: &mut Table, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let column = table.column_mut(number).expect("the headings made the column");
        column.set_cell_alignment(CellAlignment::Right);
        keep_whole(table, number);
    }
}

/// Keeps a column from being wrapped: half a number reads as another.
pub(super) fn keep_whole(table: &mut Table, column: usize) {
    let column = table.column_mut(column).expect("the headings made the column");
    column.set_constraint(ColumnConstraint::ContentWidth);
}

/// Text with every checksum cut to its beginning, for a cell.
pub(super) fn shortened(text: &str) -> String {
    let is_checksum =
        |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = text.split(' ').map(|word| match is_checksum(word) {
        true => format!("{}…", &word[..CHECKSUM_CHARS_SHOWN]),
        false => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

pub(super) fn rows(told: &Value) -> &[Value] {
    told.as_array().map_or(&[], Vec::as_slice)
}

/// A value as a cell's text, without characters that a terminal would obey.
pub(in crate::campaign_cli) fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// A number of things.
pub(super) fn counted(number: &Value, one: &str, many: &str) -> String {
    plural(text(number), one, many)
}

pub(super) fn yes(value: &Value) -> String {
    if value == &Value::Bool(true) { "yes".to_owned() } else { "no".to_owned() }
}

pub(super) fn writeln(shown: &mut String, line: &str) {
    shown.push_str(line);
    shown.push('\n');
}
