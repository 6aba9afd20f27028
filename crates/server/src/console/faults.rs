//! The mistakes in a table, in the words of the page.
//!
//! Owns: the sentence and the place of each mistake that operators make most. Never: finds one;
//! says what is wrong in more than its code does, which the reader's own report says beside it.

use super::page::Shell;
use crate::language::Language;
use crate::problem::Problem;
use crate::texts::ConsoleTexts;
use serde_json::Value;

/// The one mistake whose remedy is on the page, not in the table.
const SHEET_MISSING: &str = "sheet-missing";

/// A line for each mistake that the page's language has a sentence for, and what is to be said of
/// the others. Readers of the reader's own language get what only the page can say.
pub(super) fn lines(shell: &Shell, problem: &Problem) -> Vec<String> {
    let found = problem.extra.get("problems").and_then(Value::as_array);
    let found = found.map(Vec::as_slice).unwrap_or_default();
    let is_own = shell.language == Language::default();
    let code = |one: &Value| one.get("code").and_then(Value::as_str).map(str::to_owned);
    let wanted = found
        .iter()
        .filter(|one| is_error(one) && (!is_own || code(one).as_deref() == Some(SHEET_MISSING)));
    let (mut lines, mut has_others) = (Vec::new(), false);
    for one in wanted {
        match code(one).and_then(|code| shell.t.fault.get(&code)) {
            Some(sentence) => lines.push(format!("{}{sentence}", place(one, shell.t))),
            None => has_others = true,
        }
    }
    if has_others {
        lines.push(shell.t.stock.others_wrong.to_string());
    }
    lines
}

fn is_error(problem: &Value) -> bool {
    problem.get("severity").and_then(Value::as_str) == Some("error")
}

/// Where a mistake is, up to the sentence.
fn place(problem: &Value, t: &ConsoleTexts) -> String {
    let of = |name: &str| {
        let value = problem.get("place").and_then(|place| place.get(name));
        value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let file = of("file").unwrap_or_default();
    let t = &t.fault_place;
    match (of("line"), of("column"), of("sheet"), of("cell")) {
        (Some(line), Some(column), ..) => t.column.with(column, file, line),
        (Some(line), ..) => t.line.with(file, line),
        (_, _, Some(sheet), Some(cell)) => t.cell.with(cell, file, sheet),
        (_, _, Some(sheet), None) => t.sheet.with(file, sheet),
        _ => t.file.with(file),
    }
}
