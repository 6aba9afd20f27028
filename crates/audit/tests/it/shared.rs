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
        types::action::Action
        types::action::DrawEvent
        types::action::ListKind
        types::action::OperatorCommand
        types::action::StockMode
        types::action::StockRow
        types::action::self
        types::calendar
        types::calendar::Calendar
        types::calendar::LocalDay
        types::definition::Allocate
        types::definition::Definition
        types::definition::DrawTerms
        types::definition::Fulfil
        types::definition::IdentityField
        types::definition::Item
        types::definition::LocalText
        types::definition::Publish
        types::definition::Register
        types::definition::self
        types::ids::CampaignNo
        types::ids::DrawNo
        types::ids::EntryNo
        types::ids::FrameNo
        types::ids::ItemNo
        types::ids::Millis
        types::ids::OutletNo
        types::ids::PersonKey
        types::ids::PoolNo
        types::ids::RequestId
        types::ids::Sha256
        types::ids::SlotNo
        types::limits
        types::limits::AUDIT_FINDINGS_MAX
        types::limits::AWARDS_MAX
        types::limits::CHOICES_MAX
        types::limits::COMMAND_BYTES_MAX
        types::limits::DRAW_UNITS_MAX
        types::limits::ENTRIES_MAX
        types::limits::FRAME_PAYLOAD_BYTES_MAX
        types::limits::SEALED_BYTES_MAX
        types::limits::UNIQUE_FIELDS_MAX
        types::outcome::DrawNeed
        types::outcome::Outcome
        types::outcome::Refusal
    "#]]
    .assert_eq(&(names.join("\n") + "\n"));
}

/// The functions that a source defines under these words.
fn defined(text: &str, words: &[&str], names: &mut BTreeSet<String>) {
    for word in words {
        for (at, _) in text.match_indices(word) {
            names.insert(name_at(&text[at + word.len()..]).to_owned());
        }
    }
    names.remove("");
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn name_at(text: &str) -> &str {
    &text[..text.find(|letter| !is_of_name(letter)).unwrap_or(text.len())]
}

/// Every use of a function by one of these names, on a value or a type: `value.name`, `Type::name`.
fn used(text: &str, names: &BTreeSet<String>, calls: &mut BTreeSet<String>) {
    for mark in [".", "::"] {
        for (at, _) in text.match_indices(mark) {
            let name = name_at(&text[at + mark.len()..]);
            let behind = &text[at + mark.len() + name.len()..];
            // A field is no call, nor is a module; a path's end may hand the function on.
            let is_call =
                if mark == "." { behind.starts_with('(') } else { !behind.starts_with("::") };
            if !names.contains(name) || !is_call {
                continue;
            }
            let of = text[..at].trim_end_matches(|letter| is_of_name(letter) || letter == '.');
            let of = &text[of.len()..at];
            let of = if of.is_empty() { "(…)" } else { of };
            calls.insert(format!("{of}{mark}{name}"));
        }
    }
}

/// A chain's calls, each behind what it is called on.
fn joined(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    lines.collect::<Vec<_>>().join(" ").replace(" .", ".")
}

/// What `types` defines as a function is called on ids alone. Traits are not seen: ids are shown,
/// compared and sorted by `types`, and so are definitions compared.
#[test]
fn no_method_of_the_engine_is_called() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    sources(&crates.join("types/src"), &mut theirs);
    sources(&crates.join("audit/src"), &mut ours);
    let (mut names, mut own, mut calls) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    theirs.iter().for_each(|text| defined(text, &["pub fn ", "pub const fn "], &mut names));
    ours.iter().for_each(|text| defined(text, &["fn "], &mut own));
    ours.iter().for_each(|text| used(&joined(text), &names, &mut calls));
    let name_of = |call: &&String| call.rsplit(['.', ':']).next().unwrap().to_owned();
    let (alike, shared): (Vec<_>, Vec<_>) =
        calls.iter().partition(|call| own.contains(&name_of(call)));
    let shared: BTreeSet<_> = shared.iter().map(name_of).collect();
    expect![[r#"
        from_index
        index
    "#]]
    .assert_eq(&(Vec::from_iter(shared).join("\n") + "\n"));
    // By a name that the auditor defines, too: on what tells whose it is.
    let alike: Vec<_> = alike.into_iter().map(String::as_str).collect();
    expect![[r#"
        (…).next
        (…).word
        BTreeMap::new
        BTreeSet::new
        Box::new
        Campaign::new
        FrameHeader::decode
        HashTable::new
        Header::decode
        Lot::new
        Lots::new
        Records::new
        Rows::new
        Self::decode
        Series::new
        Sha256::new
        String::new
        Vec::new
        before.is_held_back
        campaign.day
        campaign.is_held_back
        claims.next
        enter.choices
        enter.keys
        known.next
        lines.next
        lot.choices
        other.is_held_back
        refused.code
        self.campaign
        self.code
        self.day
        self.is_held_back
        self.keys
        sum.plus
    "#]]
    .assert_eq(&(alike.join("\n") + "\n"));
}
