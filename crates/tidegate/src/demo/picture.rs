//! The live picture of an opening, line by line: a page of numbers as wide as its terminal.
//!
//! Owns: columns, bars, and how numbers are written. Never: a number of its own; prints.
//! Invariants: no line is wider than the room; in a live picture no more lines than it is high.

use crowd::Snapshot;

/// With the widest of the other columns, a line is 79 cells wide.
const BAR_CELLS: u64 = 28;

/// Cells of a terminal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// What is left of a campaign.
#[derive(Clone, Debug)]
pub(super) struct Stock {
    pub(super) code: String,
    pub(super) units_free: u64,
    pub(super) units_issued: u64,
    /// Nobody but an operator may see it now.
    pub(super) is_operators: bool,
}

/// Everything that a picture shows.
#[derive(Debug)]
pub(super) struct Moment<'a> {
    pub(super) code: &'a str,
    pub(super) people: u64,
    pub(super) seconds: f64,
    /// What the rates are of: `now` or `on average`.
    pub(super) span: &'a str,
    pub(super) crowd: &'a Snapshot,
    pub(super) stock: &'a [Stock],
    pub(super) answers_per_second: u64,
    pub(super) sync_us_p50: u64,
    pub(super) sync_us_p99: u64,
    pub(super) frames: u64,
    pub(super) frames_per_second: u64,
    pub(super) commands_p50: u64,
    pub(super) commands_p99: u64,
    pub(super) journal_bytes: u64,
    pub(super) queue: u64,
}

/// The picture: an empty line, the title, then the rest.
pub(super) fn lines(moment: &Moment<'_>, room: Room) -> Vec<String> {
    let head = head(moment);
    let tail = [stock(moment.stock), engine(moment)].concat();
    let rows = room.rows.saturating_sub(head.len() + tail.len());
    let all = [head, outcomes(moment.crowd, rows), tail].concat();
    all.into_iter().map(|line| line.chars().take(room.columns).collect()).collect()
}

fn head(moment: &Moment<'_>) -> Vec<String> {
    let crowd = moment.crowd;
    let progress = format!(
        "  {}   {:.1} s   {} of {} people are done",
        moment.code,
        moment.seconds,
        thousands(crowd.people),
        thousands(moment.people),
    );
    let rate = format!("{}/s {}", thousands(moment.answers_per_second), moment.span);
    let arrivals = row("arrivals", crowd.sent, &rate);
    vec![String::new(), progress, format!("  {}", bar(crowd.people, moment.people)), arrivals]
}

/// What people were told; where there is no room for all, the most frequent.
fn outcomes(crowd: &Snapshot, rows: usize) -> Vec<String> {
    let most = crowd.outcomes.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let line = |(code, count): (&str, u64)| row(&format!("  {code}"), count, &bar(count, most));
    let counted = crowd.outcomes.iter().copied();
    if crowd.outcomes.len() <= rows {
        return counted.map(line).collect();
    }
    let mut by_count: Vec<_> = counted.clone().map(|(_, count)| count).collect();
    by_count.sort_unstable_by(|first, second| second.cmp(first));
    let shown = rows.saturating_sub(1);
    let least = by_count.get(shown).copied().unwrap_or(0);
    let (frequent, rare): (Vec<_>, Vec<_>) = counted.partition(|(_, count)| least < *count);
    let rest: u64 = rare.iter().map(|(_, count)| count).sum();
    let mut lines: Vec<_> = frequent.into_iter().map(line).collect();
    let label = if lines.is_empty() { "codes, together" } else { "rarer ones" };
    lines.push(row(&format!("  {} {label}", rare.len()), rest, &bar(rest, most)));
    lines
}

fn stock(stock: &[Stock]) -> Vec<String> {
    let mut lines = Vec::new();
    for Stock { code, units_free, units_issued, .. } in stock {
        let label = match stock.len() {
            1 => "units left".to_owned(),
            _ => format!("units left, {code}"),
        };
        let of = format!("{}  of {}", bar(*units_free, *units_issued), thousands(*units_issued));
        lines.push(row(&label, *units_free, &of));
    }
    if stock.iter().any(|stock| stock.is_operators) {
        lines.push("    the operator's view: no page tells it before results are out".to_owned());
    }
    lines
}

fn engine(moment: &Moment<'_>) -> Vec<String> {
    let latency = &moment.crowd.latency;
    let (p50, p99) = (duration(moment.sync_us_p50), duration(moment.sync_us_p99));
    vec![
        format!(
            "  latency   p50 {:>8}   p99 {:>8}   p99.9 {:>8}   max {:>8}",
            duration(latency.p50_nanos / 1_000),
            duration(latency.p99_nanos / 1_000),
            duration(latency.p999_nanos / 1_000),
            duration(latency.max_nanos / 1_000),
        ),
        format!(
            "  fsync     p50 {p50:>8}   p99 {p99:>8}   {}/s {}",
            thousands(moment.frames_per_second),
            moment.span
        ),
        format!(
            "  frame     p50 {:>8}   p99 {:>8}   commands in each of {}",
            thousands(moment.commands_p50),
            thousands(moment.commands_p99),
            thousands(moment.frames)
        ),
        format!(
            "  journal   {:>9} MB   queue {:>6}",
            thousands(moment.journal_bytes >> 20),
            thousands(moment.queue)
        ),
    ]
}

fn row(label: &str, number: u64, rest: &str) -> String {
    format!("  {label:<25}{:>10}  {rest}", thousands(number))
}

fn bar(part: u64, whole: u64) -> String {
    // What there is at all is seen.
    let least = part.min(1);
    let full = (part * BAR_CELLS).checked_div(whole).unwrap_or(0).clamp(least, BAR_CELLS);
    let empty = BAR_CELLS - full;
    format!("{}{}", "█".repeat(full as usize), "░".repeat(empty as usize))
}

pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if 0 < place && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crowd::load::LatencySummary;

    const STANDARD: Room = Room { columns: 79, rows: 23 };

    fn crowd() -> Snapshot {
        let latency = LatencySummary {
            count: 1,
            p50_nanos: 4_400_000,
            p99_nanos: 16_700_000,
            p999_nanos: 999_900_000,
            max_nanos: 1_500_000_000,
            ..LatencySummary::default()
        };
        let codes = [
            ("booked", 4_000_000),
            ("registered", 1_000_000),
            ("idempotency-key-missing", 7),
            ("page", 300_000),
        ];
        Snapshot {
            sent: 12_345_678,
            answered: 12_345_600,
            lost: 0,
            people: 1_000_000,
            outcomes: codes.to_vec(),
            latency,
        }
    }

    fn stock(code: &str, is_operators: bool) -> Stock {
        Stock { code: code.to_owned(), units_free: 60_000, units_issued: 120_000, is_operators }
    }

    fn drawn(stock: &[Stock], room: Room) -> Vec<String> {
        let moment = Moment {
            code: "county-1",
            people: 1_000_000,
            seconds: 119.9,
            span: "on average",
            crowd: &crowd(),
            stock,
            answers_per_second: 123_456,
            sync_us_p50: 39,
            sync_us_p99: 3_000,
            frames: 1_234_567,
            frames_per_second: 3_497,
            commands_p50: 1,
            commands_p99: 2_230,
            journal_bytes: 5 << 30,
            queue: 12,
        };
        lines(&moment, room)
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(duration(999), "999 µs");
        assert_eq!(duration(1_500), "1.5 ms");
        assert_eq!(duration(2_340_000), "2.3 s");
        assert_eq!(bar(1, 2).chars().filter(|cell| *cell == '█').count(), 14);
        assert_eq!(bar(1, 1_000_000).chars().filter(|cell| *cell == '█').count(), 1);
        assert_eq!(bar(0, 0).chars().filter(|cell| *cell == '█').count(), 0);
    }

    #[test]
    fn nothing_of_a_picture_is_cut_at_eighty_columns() {
        let stock = [stock("county-1", false), stock("county-2", false)];
        let wide = drawn(&stock, Room { columns: 500, rows: 100 });
        assert_eq!(drawn(&stock, STANDARD), wide, "the picture is made for 80 columns");
        let narrow = drawn(&stock, Room { columns: 40, rows: 100 });
        assert!(narrow.iter().all(|line| line.chars().count() <= 40), "{narrow:#?}");
    }

    #[test]
    fn the_numbers_of_a_picture_end_in_one_column() {
        let lines = drawn(&[stock("masks", true)], STANDARD);
        for code in ["arrivals", "booked", "idempotency-key-missing", "page", "units left"] {
            let line = lines.iter().find(|line| line.trim_start().starts_with(code));
            let line: Vec<char> = line.expect("every code has its line").chars().collect();
            assert!(line[36].is_ascii_digit() && line[37] == ' ', "{line:?}");
        }
    }

    #[test]
    fn a_picture_is_no_higher_than_its_terminal() {
        let stock = [stock("county-1", false), stock("county-2", false)];
        for rows in 13..=16 {
            let lines = drawn(&stock, Room { columns: 79, rows });
            assert!(lines.len() <= rows, "{} lines in {rows} rows", lines.len());
        }
        let short = drawn(&stock, Room { columns: 79, rows: 13 });
        let rest = short.iter().find(|line| line.contains("2 rarer ones"));
        assert!(rest.is_some_and(|line| line.contains("300,007")), "{short:#?}");
        let shortest = drawn(&stock, Room { columns: 40, rows: 10 });
        let all = shortest.iter().find(|line| line.contains("4 codes, together"));
        assert!(all.is_some_and(|line| line.contains("5,300,007")), "{shortest:#?}");
    }

    #[test]
    fn what_pages_do_not_tell_is_called_the_operators() {
        let told = |is_operators| drawn(&[stock("masks", is_operators)], STANDARD).join("\n");
        assert!(told(true).contains("the operator's view"), "{}", told(true));
        assert!(!told(false).contains("the operator's view"), "{}", told(false));
    }
}
