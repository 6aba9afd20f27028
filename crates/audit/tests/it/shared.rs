//! What the auditor shares with the engine: data, and nothing that decides or reads.

use expect_test::expect;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// Everything that the sources name of `types`, one by one.
fn named(text: &str, names: &mut BTreeSet<String>) {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (at, _) in text.match_indices("types::") {
        let is_whole = !text[..at].ends_with(|before: char| before.is_alphanumeric());
        let end =
            text[at..].find([';', ' ', ')', '(', '>', ',']).map_or(text.len(), |end| at + end);
        let path = &text[at..end];
        match path.split_once('{') {
            _ if !is_whole => {}
            None => {
                names.insert(path.to_owned());
            }
            Some((module, _)) => {
                let list = &text[at + module.len() + 1..];
                let list = list.split_once('}').unwrap().0;
                let of_list = list.split(',').map(str::trim).filter(|name| !name.is_empty());
                names.extend(of_list.map(|name| format!("{module}{name}")));
            }
        }
    }
}

#[test]
fn only_data_is_shared_with_the_engine() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut names = BTreeSet::new();
    texts.iter().for_each(|text| named(text, &mut names));
    let names: Vec<_> = names.into_iter().collect();
    expect![[r#"
        types::ListKind
        types::OperatorCommand
        types::Publish::AtOnce
        types::action::Action
        types::action::ListKind
        types::action::OperatorCommand
        types::action::StockMode
        types::action::StockRow
        types::action::self
        types::calendar
        types::calendar::Calendar
        types::calendar::LocalDay
        types::definition::Definition
        types::definition::Fulfil
        types::definition::LocalText
        types::definition::Publish
        types::definition::Register
        types::definition::self
        types::ids::CampaignNo
        types::ids::EntryNo
        types::ids::FrameNo
        types::ids::ItemNo
        types::ids::Millis
        types::ids::OutletNo
        types::ids::PersonKey
        types::ids::PoolNo
        types::ids::RequestId
        types::ids::SlotNo
        types::limits
        types::limits::AUDIT_FINDINGS_MAX
        types::limits::CHOICES_MAX
        types::limits::COMMAND_BYTES_MAX
        types::limits::ENTRIES_MAX
        types::limits::FRAME_PAYLOAD_BYTES_MAX
        types::limits::SEALED_BYTES_MAX
        types::limits::UNIQUE_FIELDS_MAX
        types::outcome::Outcome
        types::outcome::Refusal
    "#]]
    .assert_eq(&(names.join("\n") + "\n"));
    // Checks and encodings that these types have, and that the auditor has of its own.
    for theirs in [
        ".check()",
        "is_valid()",
        "is_code;",
        "unique_fields()",
        "agrees_in_series",
        "differs_in_series",
        "shares_person_keys",
        ".encode(",
        "action.campaign()",
        "offset_seconds",
        "day_start",
        ".calendar.day(",
    ] {
        assert!(texts.iter().all(|text| !text.contains(theirs)), "{theirs} is the engine's");
    }
}
