//! Answers of the operator API as a person reads them.
//!
//! Owns: the tables. Never: leaves a number out that decides something.

use crate::output::plural;
use clap::ValueEnum;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use serde_json::Value;
use std::fmt::Write as _;

/// The newest; `--json` has them all.
const EXPORTS_SHOWN_MAX: usize = 5;

/// Rows of a long table that a terminal is shown; `--json` has all.
const ROWS_SHOWN_MAX: usize = 40;

/// By what units are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Where they are handed out
    Outlet,
    /// What is handed out
    Item,
    /// When
    Slot,
    /// In which part of the city
    District,
}

impl Kind {
    /// Its sums among all that is told of a campaign.
    pub(super) fn of(self, told: &Value) -> &Value {
        match self {
            Self::Outlet => &told["by_outlet"],
            Self::Item => &told["by_item"],
            Self::Slot => &told["by_slot"],
            Self::District => &told["by_district"],
        }
    }

    /// The whole table, however long.
    pub(super) fn show(self, sums: &Value) -> String {
        units(self.word(), sums, usize::MAX)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Outlet => "outlet",
            Self::Item => "item",
            Self::Slot => "slot",
            Self::District => "district",
        }
    }
}

/// All campaigns.
pub(super) fn campaigns(told: &Value) -> String {
    let mut table =
        table(&["campaign", "title", "phase", "published", "entries", "booked", "on offer"]);
    for line in rows(told) {
        table.add_row([
            text(&line["campaign"]),
            text(&line["title"]),
            text(&line["phase"]),
            yes(&line["published"]),
            text(&line["entries"]),
            text(&line["units_booked"]),
            text(&line["units_on_offer"]),
        ]);
    }
    if rows(told).is_empty() {
        return "There is no campaign yet; `tidegate campaign load FILE` loads one.".to_owned();
    }
    align(&mut table, 4..7);
    table.to_string()
}

/// Everything about one campaign.
pub(super) fn campaign(told: &Value) -> String {
    let mut shown = format!("{}  {}\n", text(&told["campaign"]), text(&told["title"]));
    let until = told["phase_until"].as_str().map(|at| format!(" until {at}")).unwrap_or_default();
    writeln(
        &mut shown,
        &format!("phase: {}{until}, as of {}", text(&told["phase"]), text(&told["at"])),
    );
    let outcome = match (&told["published"], &told["held_back"]) {
        (Value::Bool(true), Value::Bool(true)) => "published",
        (Value::Bool(true), _) => "told at once",
        _ => "held back, not published",
    };
    writeln(&mut shown, &format!("outcomes: {outcome}"));
    if told["shredded"] == Value::Bool(true) {
        writeln(&mut shown, "people: shredded");
    }
    if !told["marks"]["cap"].is_null() {
        let cap = counted(&told["marks"]["cap"], "entry", "entries");
        writeln(&mut shown, &format!("cap: {cap}"));
    }
    writeln(&mut shown, &format!("entries: {}", text(&told["entries"])));
    shown += &entries(&told["entries_by_decision"]);
    let total = Value::Array(vec![told["units"].clone()]);
    shown += &units("units", &total, 1);
    for kind in [Kind::Item, Kind::Slot, Kind::District] {
        shown += &units(kind.word(), kind.of(told), ROWS_SHOWN_MAX);
    }
    let outlets = rows(Kind::Outlet.of(told)).len();
    let outlets = plural(outlets, "outlet", "outlets");
    let code = text(&told["campaign"]);
    let how = format!("`tidegate campaign show {code} --by outlet` lists them");
    writeln(&mut shown, &format!("{outlets}: {how}"));
    for list_of in rows(&told["lists"]) {
        let (list, field) = (text(&list_of["list"]), text(&list_of["field"]));
        let people = counted(&list_of["people"], "person", "people");
        let unread = match list_of["in_force"] {
            Value::Bool(false) => ", not in force: the campaign's file has no allow_list = true",
            _ => "",
        };
        writeln(&mut shown, &format!("{list} list by {field}: {people}{unread}"));
    }
    for export in rows(&told["exports"]).iter().take(EXPORTS_SHOWN_MAX) {
        let (at, rows) = (text(&export["at"]), counted(&export["bookings"], "row", "rows"));
        writeln(&mut shown, &format!("export: {at}, {rows}, {}", text(&export["checksum"])));
    }
    shown += &actions(&told["actions"]);
    shown
}

/// That an action, by its word, was done, or what it would do.
pub(super) fn done(told: &Value, word: &str) -> String {
    let (campaign, phase) = (text(&told["campaign"]), text(&told["phase"]));
    if told["dry_run"] == Value::Bool(true) {
        let units = counted(&told["units"], "unit", "units");
        let pools = counted(&told["pools"], "pool", "pools");
        return format!("{campaign}: {word}: would take {units} from {pools}; nothing was done");
    }
    match told["units"].as_u64() {
        Some(units) if 0 < units => {
            let units = plural(units, "unit", "units");
            format!("{campaign}: {word}: done, {units}; registration is {phase}")
        }
        _ => format!("{campaign}: {word}: done; registration is {phase}"),
    }
}

/// A campaign that was loaded, or would be, and what becomes of its registration.
pub(super) fn loaded(told: &Value) -> String {
    let is_dry_run = told["dry_run"] == Value::Bool(true);
    let word = if is_dry_run { "would be loaded" } else { "loaded" };
    format!(
        "{}: {word}, {}, {}, {}, {}, {}; {}{}",
        text(&told["campaign"]),
        counted(&told["outlets"], "outlet", "outlets"),
        counted(&told["items"], "item", "items"),
        counted(&told["slots"], "slot", "slots"),
        counted(&told["pools"], "pool", "pools"),
        counted(&told["units"], "unit", "units"),
        registration(told, is_dry_run),
        warnings(told),
    )
}

/// The phase after loading, and the one before where it differs.
fn registration(told: &Value, is_dry_run: bool) -> String {
    let until = told["phase_until"].as_str().map(|at| format!(" until {at}")).unwrap_or_default();
    let (before, after) = (&told["phase_before"], &told["phase"]);
    let phase = format!("{}{until}", text(after));
    match (before.as_str(), is_dry_run) {
        (Some(_), false) if before != after => {
            format!("registration was {}, is now {phase}", text(before))
        }
        (Some(_), true) if before != after => {
            format!("registration is {}, would be {phase}", text(before))
        }
        (_, false) => format!("registration is {phase}"),
        (_, true) => format!("registration would be {phase}"),
    }
}

/// The difference that a stock table makes.
pub(super) fn stock(told: &Value) -> String {
    let mut table = table(&["outlet", "name", "item", "slot", "before", "after", "booked", ""]);
    let pools = rows(&told["pools"]);
    for pool in pools.iter().take(ROWS_SHOWN_MAX) {
        let mark = if pool["below_booked"] == Value::Bool(true) { "below booked" } else { "" };
        table.add_row([
            text(&pool["outlet"]),
            text(&pool["outlet_name"]),
            text(&pool["item"]),
            text(&pool["slot"]),
            text(&pool["before"]),
            text(&pool["after"]),
            text(&pool["booked"]),
            mark.to_owned(),
        ]);
    }
    align(&mut table, 4..7);
    let changed = told["pools_changed"].as_u64().unwrap_or(0);
    let more = changed.saturating_sub(pools.len().min(ROWS_SHOWN_MAX) as u64);
    let mut shown = if pools.is_empty() { String::new() } else { format!("{table}\n") };
    if more > 0 {
        writeln(&mut shown, &format!("and {}", plural(more, "more pool", "more pools")));
    }
    let (before, after) = (text(&told["units_before"]), text(&told["units_after"]));
    let changed = plural(changed, "pool changes", "pools change");
    writeln(&mut shown, &format!("{changed}; units on offer {before} -> {after}"));
    if told["refused"] == Value::Bool(true) {
        let below = counted(&told["pools_below_booked"], "pool", "pools");
        writeln(&mut shown, &format!("refused: {below} would go below what is booked"));
    }
    shown + &warnings(told)
}

/// Stock that was changed, after its difference was shown.
pub(super) fn stock_done(told: &Value) -> String {
    let after = counted(&told["units_after"], "unit", "units");
    format!("{}: done, {after} on offer", text(&told["campaign"]))
}

/// People put on a list.
pub(super) fn list(told: &Value) -> String {
    let campaign = text(&told["campaign"]);
    let (list, field) = (text(&told["list"]), text(&told["field"]));
    if told["dry_run"] == Value::Bool(true) {
        let all = counted(&told["values"], "value is good", "values are good");
        return format!("{campaign}: {all}; nobody was put on the list");
    }
    let (added, people) = (text(&told["added"]), counted(&told["values"], "person", "people"));
    format!("{campaign}: new on the {list} list by {field}: {added} of {people}")
}

/// What shredding means.
pub(super) fn shredded(told: &Value) -> String {
    let entries = counted(&told["entries"], "entry", "entries");
    let mut shown = format!("{}: the people of {entries} are shredded\n", text(&told["campaign"]));
    for (heading, name) in
        [("No longer possible:", "no_longer_possible"), ("Still so:", "still_possible")]
    {
        writeln(&mut shown, heading);
        rows(&told[name]).iter().for_each(|line| writeln(&mut shown, &format!("- {}", text(line))));
    }
    shown
}

fn entries(told: &Value) -> String {
    let mut table = table(&["decided", "live", "cancelled", "redeemed"]);
    for (word, name) in
        [("booked", "booked"), ("sold out", "sold_out"), ("cooling down", "cooling_down")]
    {
        let fates = &told[name];
        table.add_row([
            word.to_owned(),
            text(&fates["live"]),
            text(&fates["cancelled"]),
            text(&fates["redeemed"]),
        ]);
    }
    align(&mut table, 1..4);
    format!("{table}\n")
}

/// Sums of units, so many rows at most, and how to see the others.
fn units(heading: &str, told: &Value, rows_max: usize) -> String {
    let mut table = table(&[heading, "name", "issued", "withdrawn", "booked", "redeemed", "free"]);
    for sum in rows(told).iter().take(rows_max) {
        table.add_row([
            text(&sum["code"]),
            text(&sum["name"]),
            text(&sum["issued"]),
            text(&sum["withdrawn"]),
            text(&sum["booked"]),
            text(&sum["redeemed"]),
            text(&sum["free"]),
        ]);
    }
    align(&mut table, 2..7);
    let mut shown = format!("{table}\n");
    let more = rows(told).len().saturating_sub(rows_max);
    if more > 0 {
        writeln(&mut shown, &format!("and {more} more; `--by {heading}` shows them all"));
    }
    shown
}

fn actions(told: &Value) -> String {
    if rows(told).is_empty() {
        return String::new();
    }
    let mut table = table(&["at", "who", "did", "what", "outcome", "why"]);
    for action in rows(told).iter().take(ROWS_SHOWN_MAX) {
        table.add_row([
            text(&action["at"]),
            text(&action["actor"]),
            text(&action["do"]),
            text(&action["detail"]),
            text(&action["outcome"]),
            text(&action["reason"]),
        ]);
    }
    format!("{table}\n")
}

fn warnings(told: &Value) -> String {
    let count = rows(&told["warnings"]).len();
    let mut shown = String::new();
    for warning in rows(&told["warnings"]) {
        write!(shown, "\nwarning: {}", text(&warning["message"])).expect("strings take writes");
        if let Some(advice) = warning["suggestion"]["advice"].as_str() {
            write!(shown, "; {}", text(&Value::from(advice))).expect("strings take writes");
        }
    }
    assert!(count == 0 || !shown.is_empty(), "every warning is shown");
    shown
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(headings);
    table
}

fn align(table: &mut Table, numbers: std::ops::Range<usize>) {
    for column in numbers {
        let column = table.column_mut(column).expect("the headings made the column");
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn rows(told: &Value) -> &[Value] {
    told.as_array().map_or(&[], Vec::as_slice)
}

/// A value as a cell's text, without characters that a terminal would obey.
fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// A number of things.
fn counted(number: &Value, one: &str, many: &str) -> String {
    plural(text(number), one, many)
}

fn yes(value: &Value) -> String {
    if value == &Value::Bool(true) { "yes".to_owned() } else { "no".to_owned() }
}

fn writeln(shown: &mut String, line: &str) {
    shown.push_str(line);
    shown.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_is_no_plural() {
        let told = |number: u32| {
            json!({ "campaign": "c", "outlets": number, "items": number, "slots": number,
                "pools": number, "units": number, "phase": "open", "pools_changed": number,
                "units_before": number, "units_after": number, "values": number, "list": "block",
                "field": "phone", "added": number, "entries": number,
                "pools_below_booked": number, "refused": true })
        };
        let good = |number| json!({ "campaign": "c", "values": number, "dry_run": true });
        let [one, two] = [1, 2].map(|number| {
            let told = told(number);
            let shown = [
                loaded(&told),
                done(&told, "withdraw"),
                stock(&told),
                stock_done(&told),
                list(&told),
            ];
            shown.join("\n") + "\n" + &list(&good(number)) + "\n" + &shredded(&told)
        });
        let expected = "c: loaded, 1 outlet, 1 item, 1 slot, 1 pool, 1 unit; \
                        registration is open\n\
                        c: withdraw: done, 1 unit; registration is open\n\
                        and 1 more pool\n\
                        1 pool changes; units on offer 1 -> 1\n\
                        refused: 1 pool would go below what is booked\n\n\
                        c: done, 1 unit on offer\n\
                        c: new on the block list by phone: 1 of 1 person\n\
                        c: 1 value is good; nobody was put on the list\n\
                        c: the people of 1 entry are shredded\n\
                        No longer possible:\nStill so:\n";
        assert_eq!(one, expected);
        for many in ["2 outlets", "2 items", "2 slots", "2 pools change", "2 units", "2 values are"]
        {
            assert!(two.contains(many), "{two}");
        }
    }

    #[test]
    fn loading_says_what_becomes_of_registration() {
        let told = |before, after, dry_run: bool| {
            let told = json!({ "campaign": "c", "phase_before": before, "phase": after,
                "phase_until": null, "dry_run": dry_run });
            loaded(&told).split_once("; ").unwrap().1.to_owned()
        };
        let (none, open, closed) = (Value::Null, json!("open"), json!("closed"));
        assert_eq!(told(&none, &open, false), "registration is open");
        assert_eq!(told(&open, &open, false), "registration is open");
        assert_eq!(told(&open, &closed, false), "registration was open, is now closed");
        assert_eq!(told(&open, &closed, true), "registration is open, would be closed");
        assert_eq!(told(&none, &closed, true), "registration would be closed");
    }

    #[test]
    fn what_a_terminal_is_not_shown_is_told() {
        let outlet = |number| json!({ "code": format!("A{number}"), "name": "a", "free": 1 });
        let outlets: Vec<_> = (0..60).map(outlet).collect();
        let lists = json!([{ "list": "allow", "field": "phone", "people": 2, "in_force": false }]);
        let told = json!({ "campaign": "c", "by_outlet": outlets, "by_slot": outlets,
            "lists": lists });
        let shown = campaign(&told);
        assert!(shown.contains("60 outlets: `tidegate campaign show c --by outlet`"), "{shown}");
        assert!(shown.contains("and 20 more; `--by slot` shows them all"), "{shown}");
        assert!(shown.contains("allow list by phone: 2 people, not in force"), "{shown}");
        let all = Kind::Outlet.show(Kind::Outlet.of(&told));
        assert!(all.contains("A59") && !all.contains("more"), "{all}");
        let warning = json!({ "message": "a is b", "suggestion": { "advice": "make it c" } });
        assert_eq!(warnings(&json!({ "warnings": [warning] })), "\nwarning: a is b; make it c");
    }
}
