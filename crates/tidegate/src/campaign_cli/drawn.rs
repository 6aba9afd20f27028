//! How a campaign draws, in words.
//!
//! Owns: what `check` and `show` say of the terms of a draw. Never: a draw's own steps.

use crate::output::plural;
use serde_json::Value;
use types::Definition;

/// What a campaign file's draw means; nothing of one that does not draw.
pub(super) fn of_file(definition: &Definition) -> Option<String> {
    let terms = definition.draw()?;
    let mut lines = vec![format!("{}: lots decide, and not who comes first", definition.code)];
    lines.extend(terms_in_words(
        terms.stand_days.map(u64::from),
        terms.tickets_max.into(),
        terms.accept_any,
        terms.group_max.into(),
    ));
    for item in &definition.items {
        if let Some(reserved) = &item.reserved {
            let of = &definition.items[reserved.of.index()].code;
            lines.push(format!(
                "item {} is the part #{} of {of}: only people on its list may choose it",
                item.code, reserved.tranche
            ));
        }
    }
    Some(lines.join("\n  ") + "\n")
}

/// The same of what a node tells of a campaign.
pub(super) fn of_answer(draw: &Value) -> Option<String> {
    let tickets = draw["tickets_max"].as_u64()?;
    let group = draw["group_max"].as_u64()?;
    let any = draw["accept_any"].as_bool()?;
    let lines = terms_in_words(draw["stand_days"].as_u64(), tickets, any, group);
    Some(format!("draws: {}\n", lines.join("; ")))
}

fn terms_in_words(stand: Option<u64>, tickets: u64, any: bool, group: u64) -> Vec<String> {
    let stands = match stand {
        Some(1) => "it draws again and again; an entry takes part on its own day alone".to_owned(),
        Some(days) => format!(
            "it draws again and again; an entry takes part on {days} days, its own the first, \
             until it wins"
        ),
        None => "it draws once, when registration has ended".to_owned(),
    };
    let tickets = match tickets {
        1 => "every entry has one ticket".to_owned(),
        most => format!("an entry has one ticket more for each draw lost before, at most {most}"),
    };
    let any = match any {
        true => "people may say that any place will do",
        false => "people win a place that they chose, or none",
    };
    let group = match group {
        1 => "each person enters alone".to_owned(),
        most => format!(
            "up to {} may enter together; all of them win, or none",
            plural(most, "person", "people")
        ),
    };
    vec![stands, tickets, any.to_owned(), group]
}
