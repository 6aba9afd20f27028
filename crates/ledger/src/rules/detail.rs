//! What an action did, in a few words, for the record of actions.
//!
//! Owns: those words, which are part of the state's hash. Never: a person, or a value of a list.
//! Invariants: the same action on the same definition says the same; places are named by their
//! codes, which a later definition cannot change the meaning of.

use types::action::{Action, ListKind, StockMode};
use types::definition::Definition;
use types::outcome::Outcome;

/// The words; none of an action that says it all by its name. Without a definition, as on a
/// campaign that is not there, places go by their numbers.
pub(super) fn detail(
    action: &Action,
    outcome: &Outcome,
    definition: Option<&Definition>,
) -> String {
    let units = match outcome {
        Outcome::Done { units } => *units,
        _ => 0,
    };
    match action {
        Action::Load { definition } => definition.code.clone(),
        Action::Stock { mode: StockMode::Replace, rows, .. } => {
            let rows = counted(rows.len() as u64, "row", "rows");
            format!("replace: {rows}, {} changed", counted(units, "unit", "units"))
        }
        Action::Stock { mode: StockMode::Add, rows, .. } => {
            let rows = counted(rows.len() as u64, "row", "rows");
            format!("add: {rows}, {}", counted(units, "unit", "units"))
        }
        Action::Cap { entries: Some(entries), .. } => {
            counted(u64::from(*entries), "entry", "entries")
        }
        Action::Cap { entries: None, .. } => "lifted".to_owned(),
        Action::Withdraw { units: most, .. } => {
            let most = most.map_or_else(String::new, |most| format!(", at most {most} a pool"));
            let units = counted(units, "unit", "units");
            format!("{}{most}: {units}", whence(action, definition))
        }
        Action::List { list, keys, .. } => {
            let list = match list {
                ListKind::Block => "block",
                ListKind::Allow => "allow",
                ListKind::Reserved(item) => {
                    let known = definition.and_then(|of| of.items.get(item.index()));
                    &named("item", item.index(), known.map(|row| &row.code))
                }
            };
            let people = counted(keys.len() as u64, "person", "people");
            format!("{list}: {people}, {units} new")
        }
        Action::Export { bookings, checksum, .. } => {
            format!("{}, {checksum}", counted(u64::from(*bookings), "booking", "bookings"))
        }
        Action::CloseDraw { unserved, .. } => {
            let (draw, entries) = match outcome {
                Outcome::Listed { draw, entries } => (format!("draw {draw}"), *entries),
                _ => ("a draw".to_owned(), 0),
            };
            let among = if *unserved { ", among those unserved" } else { "" };
            let slot = whence(action, definition);
            let entries = counted(u64::from(entries), "entry", "entries");
            format!("{draw}{among}, {slot}: {entries}")
        }
        Action::DrawEvent { draw, event, digest, .. } => {
            format!("draw {draw}: {}, {digest}", event.word())
        }
        Action::Alternates { draw, begin, .. } => {
            format!("draw {draw}: {}", if *begin { "begun" } else { "called off" })
        }
        Action::Lapse { .. } => {
            format!("{}: {}", whence(action, definition), counted(units, "unit", "units"))
        }
        Action::TakeOver { .. } => {
            let first = definition.and_then(Definition::registered_in);
            first.map_or_else(String::new, |code| format!("from {code}"))
        }
        Action::Open { .. }
        | Action::Pause { .. }
        | Action::Resume { .. }
        | Action::Close { .. }
        | Action::Publish { .. }
        | Action::Shred { .. } => String::new(),
    }
}

/// Which places an action selects: `outlet 1001, item N95`, or `all`.
fn whence(action: &Action, definition: Option<&Definition>) -> String {
    let (outlet, item, slot) = match action {
        Action::Withdraw { outlet, item, slot, .. } | Action::Lapse { outlet, item, slot, .. } => {
            (outlet, item, slot)
        }
        Action::CloseDraw { slot, .. } => (&None, &None, slot),
        _ => unreachable!("only these select places"),
    };
    let of = definition;
    let places = [
        outlet.map(|no| {
            let known = of.and_then(|of| of.outlets.get(no.index()));
            named("outlet", no.index(), known.map(|row| &row.code))
        }),
        item.map(|no| {
            let known = of.and_then(|of| of.items.get(no.index()));
            named("item", no.index(), known.map(|row| &row.code))
        }),
        slot.map(|no| {
            let known = of.and_then(|of| of.slots.get(no.index()));
            named("slot", no.index(), known.map(|row| &row.code))
        }),
    ];
    let places: Vec<String> = places.into_iter().flatten().collect();
    if places.is_empty() { "all".to_owned() } else { places.join(", ") }
}

/// A place by its code; one that the campaign lacks, by its number.
fn named(kind: &str, number: usize, code: Option<&String>) -> String {
    code.map_or_else(|| format!("{kind} number {number}"), |code| format!("{kind} {code}"))
}

/// One thing and its number: `1 unit`, `2 units`.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::detail;
    use types::action::Action;
    use types::ids::{CampaignNo, OutletNo, SlotNo};
    use types::outcome::{Outcome, Refusal};

    #[test]
    fn a_withdrawal_says_from_where() {
        let withdraw = |outlet, slot, units| Action::Withdraw {
            campaign: CampaignNo(0),
            outlet,
            item: None,
            slot,
            units,
        };
        let all = detail(&withdraw(None, None, None), &Outcome::Done { units: 43 }, None);
        assert_eq!(all, "all: 43 units");
        let one = detail(&withdraw(None, None, None), &Outcome::Done { units: 1 }, None);
        assert_eq!(one, "all: 1 unit");
        let refused = Outcome::Refused(Refusal::UnknownPlace);
        let nowhere = withdraw(Some(OutletNo(9)), Some(SlotNo(2)), Some(5));
        let said = detail(&nowhere, &refused, None);
        assert_eq!(said, "outlet number 9, slot number 2, at most 5 a pool: 0 units");
    }
}
