//! Answers of the operator API as a person reads them.
//!
//! Owns: what is said of each change. Never: leaves a number out that decides something.

mod state;
mod table;

pub(super) use state::{Kind, campaign, campaigns};
pub(super) use table::text;

use crate::output::plural;
use serde_json::Value;
use std::fmt::Write as _;
use table::{ROWS_SHOWN_MAX, align, counted, rows, table, writeln};

/// That an action, by its word, was done, or what it would do.
pub(super) fn done(told: &Value, word: &str) -> String {
    let (campaign, phase) = (text(&told["campaign"]), text(&told["phase"]));
    if told["dry_run"] == Value::Bool(true) {
        let units = counted(&told["units"], "unit", "units");
        let pools = counted(&told["pools"], "pool", "pools");
        let early = match told["early_units"].as_u64() {
            Some(early) if 0 < early => {
                let early = plural(early, "unit", "units");
                format!(", of which {early} can still be collected (taken with --early only)")
            }
            _ => String::new(),
        };
        let would = format!("would take {units} from {pools}{early}");
        return format!("{campaign}: {word}: {would}; nothing was done");
    }
    match told["units"].as_u64() {
        Some(units) if 0 < units => {
            let units = plural(units, "unit", "units");
            format!("{campaign}: {word}: done, {units}; registration is {phase}{}", warnings(told))
        }
        _ => format!("{campaign}: {word}: done; registration is {phase}{}", warnings(told)),
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
    let of = told["item"].as_str().map(|item| format!(" for {item}")).unwrap_or_default();
    format!("{campaign}: new on the {list} list{of} by {field}: {added} of {people}")
}

/// Entries that were taken over from another campaign, and those that were not.
pub(super) fn taken_over(told: &Value) -> String {
    let (campaign, from) = (text(&told["campaign"]), text(&told["from"]));
    let taken = counted(&told["taken_over"], "entry", "entries");
    let mut shown = format!("{campaign}: {taken} taken over from {from}\n");
    let count = |name: &str| told[name].as_u64().unwrap_or(0);
    let mut line = |count: u64, what: &str| {
        if 0 < count {
            writeln(&mut shown, &format!("- {what}: {count}"));
        }
    };
    line(count("there_before"), "there before");
    line(count("gone"), "nobody is in by them any more");
    for (code, count) in told["not_taken_over"].as_object().into_iter().flatten() {
        line(count.as_u64().unwrap_or(0), &format!("not taken over, {code}"));
    }
    if let Some(code) = told["stopped"].as_str() {
        let (done, all) = (text(&told["looked_at"]), text(&told["entries"]));
        let what = format!("ended early ({code}), at entry {done} of {all}: ask again to go on");
        writeln(&mut shown, &what);
    }
    shown
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
            let taken = json!({ "campaign": "c", "from": "b", "taken_over": number, "gone": number,
                "there_before": 0, "not_taken_over": { "already-in": number },
                "stopped": "paused", "looked_at": 5, "entries": 9 });
            shown.join("\n")
                + "\n"
                + &taken_over(&taken)
                + &list(&good(number))
                + "\n"
                + &shredded(&told)
        });
        let expected = "c: loaded, 1 outlet, 1 item, 1 slot, 1 pool, 1 unit; \
                        registration is open\n\
                        c: withdraw: done, 1 unit; registration is open\n\
                        and 1 more pool\n\
                        1 pool changes; units on offer 1 -> 1\n\
                        refused: 1 pool would go below what is booked\n\n\
                        c: done, 1 unit on offer\n\
                        c: new on the block list by phone: 1 of 1 person\n\
                        c: 1 entry taken over from b\n\
                        - nobody is in by them any more: 1\n\
                        - not taken over, already-in: 1\n\
                        ended early (paused), at entry 5 of 9: ask again to go on\n\
                        c: 1 value is good; nobody was put on the list\n\
                        c: the people of 1 entry are shredded\n\
                        No longer possible:\nStill so:\n";
        assert_eq!(one, expected);
        for many in [
            "2 entries taken",
            "2 outlets",
            "2 items",
            "2 slots",
            "2 pools change",
            "2 units",
            "2 values are",
        ] {
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
