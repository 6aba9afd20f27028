//! Campaigns as they are: the list of all, and everything about one.
//!
//! Owns: which sums are shown, and how much of them. Never: leaves a number out that decides
//! something.

use super::table::{
    ROWS_SHOWN_MAX, align, counted, keep_whole, rows, shortened, table, text, writeln, yes,
};
use crate::campaign_cli::drawn;
use crate::output::plural;
use clap::ValueEnum;
use comfy_table::Table;
use serde_json::Value;

/// The newest; `--json` has them all.
const EXPORTS_SHOWN_MAX: usize = 5;

/// By what units are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::campaign_cli) enum Kind {
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
    pub(in crate::campaign_cli) fn of(self, told: &Value) -> &Value {
        match self {
            Self::Outlet => &told["by_outlet"],
            Self::Item => &told["by_item"],
            Self::Slot => &told["by_slot"],
            Self::District => &told["by_district"],
        }
    }

    /// The whole table, however long.
    pub(in crate::campaign_cli) fn show(self, sums: &Value) -> String {
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
pub(in crate::campaign_cli) fn campaigns(told: &Value) -> String {
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
pub(in crate::campaign_cli) fn campaign(told: &Value) -> String {
    let mut shown = format!("{}  {}\n", text(&told["campaign"]), text(&told["title"]));
    let until = told["phase_until"].as_str().map(|at| format!(" until {at}")).unwrap_or_default();
    writeln(
        &mut shown,
        &format!("phase: {}{until}, as of {}", text(&told["phase"]), text(&told["at"])),
    );
    if let Some(other) = told["waits_for"].as_str() {
        let line = format!("waits for: {other}, which must be published before anybody can enter");
        writeln(&mut shown, &line);
    }
    if let Some(first) = told["registered_in"].as_str() {
        writeln(&mut shown, &format!("takes only people who are in: {first}"));
    }
    let outcome = match (&told["published"], &told["held_back"]) {
        (Value::Bool(true), Value::Bool(true)) => "published",
        (Value::Bool(true), _) => "told at once",
        _ => "held back, not published",
    };
    writeln(&mut shown, &format!("outcomes: {outcome}"));
    shown += &drawn::of_answer(&told["draw"]).unwrap_or_default();
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
        let of = list_of["item"].as_str().map(|item| format!(" for {item}")).unwrap_or_default();
        writeln(&mut shown, &format!("{list} list{of} by {field}: {people}{unread}"));
    }
    for export in rows(&told["exports"]).iter().take(EXPORTS_SHOWN_MAX) {
        let (at, rows) = (text(&export["at"]), counted(&export["bookings"], "row", "rows"));
        writeln(&mut shown, &format!("export: {at}, {rows}, {}", text(&export["checksum"])));
    }
    shown += &actions(&told["actions"]);
    shown
}

fn entries(told: &Value) -> String {
    let mut table = table(&["decided", "live", "cancelled", "redeemed"]);
    for (word, name) in [
        ("booked", "booked"),
        ("sold out", "sold_out"),
        ("cooling down", "cooling_down"),
        ("waiting", "waiting"),
    ] {
        let fates = &told[name];
        if name == "waiting" && fates.as_object().is_none_or(|fates| fates.values().all(|n| n == 0))
        {
            continue;
        }
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
    format!("{}\n", actions_table(told))
}

/// The lines of the exports tell their checksums whole.
fn actions_table(told: &Value) -> Table {
    let mut table = table(&["at", "who", "did", "outcome", "why"]);
    for action in rows(told).iter().take(ROWS_SHOWN_MAX) {
        let (did, detail) = (text(&action["do"]), shortened(&text(&action["detail"])));
        let did = if detail.is_empty() { did } else { format!("{did}: {detail}") };
        let did = match (action["before"].as_str(), action["after"].as_str()) {
            (Some(before), Some(after)) => format!("{did} ({before} → {after})"),
            _ => did,
        };
        let who = match action["from"].as_str() {
            Some(from) => format!("{} from {from}", text(&action["actor"])),
            None => text(&action["actor"]),
        };
        table.add_row([
            text(&action["at"]),
            who,
            did,
            text(&action["outcome"]),
            text(&action["reason"]),
        ]);
    }
    keep_whole(&mut table, 0);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn actions_fit_a_terminal() {
        let checksum = "0123456789abcdef".repeat(4);
        let action = |what: &str, detail: &str| {
            json!({ "at": "2035-01-01T08:00:00+08:00", "actor": "duty officer", "do": what,
                "from": "203.0.113.7", "detail": detail, "outcome": "done",
                "reason": "a longer reason than fits here", "before": null, "after": null })
        };
        let told = json!([
            action("export", &format!("12 bookings, {checksum}")),
            action("withdraw", "outlet shop, at most 7 a pool: 7 units"),
            action("open", ""),
            json!({ "at": "2035-01-01T08:00:00+08:00", "actor": "ann", "do": "cap",
                "from": null, "detail": "100 entries", "outcome": "done", "reason": "more came",
                "before": "50", "after": "100" }),
        ]);
        let mut table = actions_table(&told);
        let shown = table.set_width(80).to_string();
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert_eq!(shown.matches("2035-01-01T08:00:00+08:00").count(), 4, "{shown}");
        let wide = table.set_width(500).to_string();
        assert!(wide.contains("export: 12 bookings, 0123456789ab… "), "{wide}");
        assert!(wide.contains("┆ open "), "{wide}");
        assert!(wide.contains("┆ duty officer from 203.0.113.7 ┆"), "{wide}");
        assert!(
            wide.contains("┆ ann  ") && wide.contains("┆ cap: 100 entries (50 → 100) "),
            "{wide}"
        );
    }
}
