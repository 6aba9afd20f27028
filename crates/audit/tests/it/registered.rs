//! Campaigns that take only people of another one: what the books say of who gets in.

use crate::support::{Enter, Line, cancel, definition, enter, kept, operator, shown};
use audit::{Claim, Refused};
use serde_json::{Value, json};
use types::ids::EntryNo;

fn load(code: &str, registered_in: Value) -> Vec<u8> {
    let series = json!({ "code": "city", "cool_down_days": 0 });
    let mut definition = definition(code, json!({ "when": "at-once" }), series);
    if !registered_in.is_null() {
        definition["register"]["registered_in"] = registered_in;
    }
    operator(&json!({ "do": "load", "definition": definition }))
}

fn history() -> Vec<Line> {
    let act = |what: &str, campaign: u16| operator(&json!({ "do": what, "campaign": campaign }));
    let one =
        |campaign, request, person| Enter { units: 1, ..enter(campaign, request, person) }.record();
    let lines = [
        load("reserve", json!(null)),
        load("buy", json!("nobody")),
        load("buy", json!("buy")),
        load("buy", json!("reserve")),
        load("reserve", json!("buy")),
        act("open", 0),
        act("open", 1),
        one(0, 1, 1),
        one(0, 2, 2),
        one(1, 1, 1),
        one(1, 2, 3),
        cancel(0, 1),
        one(1, 3, 2),
        act("shred", 0),
        one(1, 4, 1),
    ];
    (0..).zip(lines).collect()
}

#[test]
fn only_people_of_the_campaign_that_is_named_get_in() {
    let (books, own) = kept(&history(), |_| None);
    let refused = |no: usize| match &own[no] {
        Claim::Refused(refused) => Some(refused.clone()),
        _ => None,
    };
    for invalid in [1, 2, 4] {
        assert_eq!(refused(invalid), Some(Refused::DefinitionInvalid), "line {invalid}");
    }
    assert!(matches!(own[9], Claim::Booked { entry: EntryNo(0), .. }));
    for kept_out in [10, 12, 14] {
        assert_eq!(refused(kept_out), Some(Refused::NotEligible), "line {kept_out}");
    }
    assert_eq!(books.findings_len(), 0);
}

#[test]
fn somebody_else_who_got_in_is_found() {
    let claims = |no| match no {
        10 => Some(Claim::Registered { entry: EntryNo(1) }),
        _ => None,
    };
    let (books, _) = kept(&history(), claims);
    let found: Vec<String> = books.findings().iter().map(shown).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("not-eligible"), "{found:?}");
}
