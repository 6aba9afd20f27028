//! The results as a table on the terminal, ratios first.

use crate::results::{Results, Row, Spread};
use comfy_table::{CellAlignment, Table, presets};
use std::fmt::Write;

/// The table, the other figures, the promises, and what was left out.
#[must_use]
pub fn render(results: &Results) -> String {
    let mut text = String::new();
    let machine = &results.machine;
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    line(format!(
        "{}, {} cores, {} MiB, Linux {}, {}; one 4 KiB sync: {:.0} µs, p99 {:.0} µs",
        machine.cpu,
        machine.cores,
        machine.memory_mib,
        machine.kernel,
        machine.filesystem,
        results.sync.p50_micros,
        results.sync.p99_micros
    ));
    if results.quick {
        line("--quick: shows that everything works; the figures mean nothing".to_owned());
    }
    if !results.rows.is_empty() {
        line(rows(&results.rows));
    }
    for figure in &results.figures {
        line(format!(
            "{}: {} {} {}",
            figure.scenario,
            figure.what,
            count(figure.value),
            figure.unit
        ));
    }
    for target in &results.targets {
        let word = if target.reached { "reached" } else { "MISSED" };
        line(format!("{word:8} {}: {}", target.wanted, target.found));
    }
    results.left_out.iter().for_each(|what| line(format!("left out: {what}")));
    results.failed.iter().for_each(|what| line(format!("FAILED: {what}")));
    text
}

fn rows(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "× do-nothing",
        "scenario",
        "subject",
        "loop",
        "connections",
        "requests/s",
        "entries/s",
        "p50 µs",
        "p99 µs",
        "p99 × do-nothing",
        "not as expected",
    ]);
    for row in rows {
        let pace = row.due_per_second.map_or_else(
            || row.pace.to_owned(),
            |due| format!("{} at {}", row.pace, count(f64::from(due))),
        );
        let entries = row.per_second.median * row.entries_per_request as f64;
        table.add_row([
            spread(row.ratio, |value| format!("{value:.2}")),
            row.card.scenario.to_owned(),
            row.card.subject.to_owned(),
            pace,
            row.connections.to_string(),
            spread(row.per_second, count),
            if row.entries_per_request == 0 { String::new() } else { count(entries) },
            count(row.p50_micros.median),
            count(row.p99_micros.median),
            spread(row.p99_ratio, |value| format!("{value:.2}")),
            row.trouble().to_string(),
        ]);
    }
    for index in [0, 4, 5, 6, 7, 8, 9, 10] {
        let column = table.column_mut(index).expect("the table has eleven columns");
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn spread(spread: Spread, shown: impl Fn(f64) -> String) -> String {
    let Spread { median, min, max } = spread;
    if min < max {
        format!("{} ({}–{})", shown(median), shown(min), shown(max))
    } else {
        shown(median)
    }
}

/// A number with its thousands apart; small ones with one decimal.
#[must_use]
pub fn count(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        let comma = index > 0 && (digits.len() - index).is_multiple_of(3);
        let _ = write!(text, "{}{digit}", if comma { "," } else { "" });
    }
    text
}
