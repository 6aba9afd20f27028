//! Campaign files of any bytes.
//!
//! Invariants: what reads without an error passes its own check, travels through JSON unchanged
//! and loads into an empty ledger; what does not read is explained.

use crate::records::operator;
use campaign::{Loaded, Problem, Uploaded};
use ledger::Ledger;
use serde_json::json;
use std::collections::BTreeMap;
use types::{Definition, FrameNo, Millis, Outcome, Refusal};

/// When it is read: only warnings depend on it.
const NOW: Millis = Millis(1_577_836_800_000);
const OUTLETS: &str = "code,name,name.en,district,district.en,address,address.en\n\
    o1,东堤药房,East Dyke,东堤区,East,潮声路18号,18 Tide Road\n\
    o2,西堤药房,West Dyke,西堤区,West,潮声路9号,9 Tide Road\n";
/// For each campaign file of the corpus, which name other items and slots.
const STOCK: [(&str, &str); 3] = [
    ("stock.csv", "outlet,item,slot,units\no1,n95,am,40\no2,n95,am,60\n"),
    ("stock-1.csv", "outlet,item,slot,units\no1,mask,collect,40\n"),
    ("stock-2.csv", "outlet,item,slot,units\no1,surgical,morning,40\no2,child,afternoon,3\n"),
];

pub(crate) fn feed(bytes: &[u8]) {
    let tables = STOCK.into_iter().chain([("outlets.csv", OUTLETS)]);
    let tables = tables.map(|(name, text)| (name.to_owned(), text.into()));
    read(tables.chain([("campaign.toml".to_owned(), bytes.to_vec())]).collect());
}

/// Reads `campaign.toml` of these files, and holds what comes of it to its promises.
pub(crate) fn read(files: BTreeMap<String, Vec<u8>>) {
    if let Some(Ok(text)) = files.get("campaign.toml").map(|bytes| str::from_utf8(bytes)) {
        let _named = campaign::tables_named(text);
    }
    match campaign::read_from(&Uploaded(files), "campaign.toml", NOW) {
        Err(problems) => explained(&problems),
        Ok(Loaded { definition, warnings, .. }) => {
            let _shown = campaign::render(&warnings);
            holds(definition);
        }
    }
}

/// There is something to say, and it can be said.
pub(crate) fn explained(problems: &[Problem]) {
    assert!(!problems.is_empty(), "whatever is refused has a reason");
    assert!(!campaign::render(problems).is_empty(), "and the reason is told");
}

fn holds(mut definition: Definition) {
    assert_eq!(definition.check(), Ok(()));
    let text = serde_json::to_string(&definition).expect("a definition has a JSON");
    assert_eq!(serde_json::from_str(&text).ok(), Some(definition.clone()));
    // A field's pattern may be too large to run; the operator API refuses that.
    let _rules = identity::FieldSet::new(&definition);
    // The campaign that it names is not there.
    definition.register.registered_in = None;
    let payload = operator(&json!({ "do": "load", "definition": definition }));
    let mut outcomes = Vec::new();
    let applied = Ledger::new().apply_frame(FrameNo(1), NOW, &payload, &mut outcomes);
    assert_eq!(applied, Ok(()));
    let invalid = matches!(outcomes[0], Outcome::Refused(Refusal::DefinitionInvalid { .. }));
    assert!(!invalid, "{outcomes:?}");
}
