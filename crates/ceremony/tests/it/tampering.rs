//! A folder that says anything but the truth is found out, file by file.

use crate::fixture::{Fixture, quiet};
use draw::note::SigningKey;
use std::fs;
use zeroize::Zeroizing;

/// What verifying says after `change` was made to a file of a whole draw.
fn found(file: &str, change: impl Fn(&str) -> String) -> String {
    let fixture = Fixture::drawn();
    let path = fixture.folder.path(file);
    let before = fs::read_to_string(&path).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "the change changes something");
    fs::write(&path, after).unwrap();
    let error = fixture.verify().expect_err("a file that was changed is found");
    // Without the key, too, but for what nothing but a signature guards.
    let said = error.to_string();
    said.rsplit('/').next().unwrap().to_owned()
}

fn replaced(from: &'static str, to: &'static str) -> impl Fn(&str) -> String {
    move |text| text.replacen(from, to, 1)
}

#[test]
fn a_changed_list_is_found() {
    let first_line_gone = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    let swapped = |text: &str| {
        let mut lines: Vec<_> = text.split_inclusive('\n').collect();
        lines.swap(3, 4);
        lines.concat()
    };
    for said in [
        found("entries.txt", replaced(",1,1,", ",2,1,")),
        found("entries.txt", first_line_gone),
        found("entries.txt", swapped),
        found("entries.txt", |text| format!("{text}\n")),
    ] {
        assert_eq!(said, "entries.txt: not the list that was sealed");
    }
}

#[test]
fn a_changed_stock_or_rule_is_found() {
    let stock = found("stock.txt", replaced("P1,3", "P1,4"));
    assert_eq!(stock, "stock.txt: not the stock that was sealed");
    let rules = found("rules.txt", replaced("may", "may not"));
    assert_eq!(rules, "rules.txt: not the rules that were sealed");
}

#[test]
fn a_changed_event_is_found() {
    let wrong = "the signature of masks.example does not fit";
    for (file, from, to) in [
        ("seal.txt", "entries 40", "entries 41"),
        ("seal.txt", "12:00:00Z", "12:00:01Z"),
        ("seal.txt", "program 0.1.0", "program 0.1.1"),
        ("opening.txt", "balls 08 41", "balls 41 08"),
        ("result.txt", "winners ", "winners 1"),
    ] {
        let said = found(file, replaced(from, to));
        let is_found = said.contains(wrong) || said.contains("as the event before it");
        assert!(is_found || said.contains("2026-02-18 does not fit"), "{file}: {said}");
    }
    let unsigned = found("seal.txt", |text| text.split("\n\n").next().unwrap().to_owned());
    assert!(unsigned.contains("not a signed note"), "{unsigned}");
    let order = found("seeded.txt", replaced("previous ", "previous 0"));
    assert!(order.contains("line 4: expected `previous <64 hex>`"), "{order}");
}

#[test]
fn a_changed_seed_is_found() {
    let said = found("seed.txt", replaced("balls 08", "balls 09"));
    assert_eq!(said, "seed.txt: secrets or balls are not those of opening.txt");
    let said = found("seed.txt", replaced("operator 06", "operator 07"));
    assert!(said.contains("the operator's secret does not open its commitment"), "{said}");
    let said = found("seed.txt", replaced(" 657413 ", " 657414 "));
    assert!(said.contains("the seal fixes round 657413"), "{said}");
    let said = found("seed.txt", replaced(" b713", " b714"));
    assert!(said.contains("not that of round 657413 of the chain quicknet"), "{said}");
}

#[test]
fn a_changed_result_is_found_with_its_line() {
    let swapped = |text: &str| {
        let mut rows: Vec<_> = text.split_inclusive('\n').collect();
        rows.swap(1, 2);
        rows.concat()
    };
    let cut = |text: &str| text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    let not_given = "not what the list and the seed give";
    assert_eq!(found("winners.txt", swapped), format!("winners.txt, line 2: {not_given}"));
    assert_eq!(found("winners.txt", cut), format!("winners.txt, line 8: {not_given}"));
    let said = found("winners.txt", replaced(",P1,", ",P2,"));
    assert!(said.ends_with(not_given), "{said}");
    let said = found("cutoffs.txt", swapped);
    assert_eq!(said, format!("cutoffs.txt, line 2: {not_given}"));
}

#[test]
fn another_checkpoint_is_found() {
    let said = found("checkpoint", replaced("\n40\n", "\n41\n"));
    assert!(said.contains("does not fit"), "{said}");
}

#[test]
fn a_whole_draw_of_another_key_is_found() {
    let fixture = Fixture::drawn();
    let other = SigningKey::new("masks.example/2026-02-18", &Zeroizing::new([1; 32])).unwrap();
    let error = ceremony::verify(&fixture.folder, Some(&other.verifying()), &quiet).unwrap_err();
    assert!(error.to_string().contains("has no signature of masks.example/2026-02-18"), "{error}");
    assert!(!ceremony::verify(&fixture.folder, None, &quiet).unwrap().signed);
}
