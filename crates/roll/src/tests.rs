//! Lines, identities, buckets and the way back, by hand.

use super::*;
use draw::Line;
use types::definition::FieldKind;
use types::ids::{ItemNo, OutletNo, PoolNo, SlotNo};
use zeroize::Zeroizing;

fn roll() -> Roll {
    let key = |byte| TagKey(Zeroizing::new([byte; 32]));
    Roll {
        draw: "masks/1".parse().unwrap(),
        salts: Salts::new(Zeroizing::new([7; 32])),
        operator: key(1),
        notary: key(2),
    }
}

fn people(values: &[&str]) -> Vec<Identity> {
    values.iter().map(|value| identity(&FieldKind::ResidentId, value).unwrap()).collect()
}

const WANTS: Wants<'_> = Wants { tickets: 3, units: 2, choices: &["A-MASK", "B-MASK"], any: true };

#[test]
fn a_line_opens_to_its_people_and_to_nobody_else() {
    let (roll, people) = (roll(), people(&["44010619900101123X", "440106199001011221"]));
    let bytes = roll.line(EntryNo(9), &people, WANTS).unwrap();
    let line = Line::read(&bytes).unwrap();
    assert_eq!((line.tickets(), line.units(), line.accepts_any()), (3, 2, true));
    assert_eq!(line.choices(), [b"A-MASK", b"B-MASK"]);
    let receipt = roll.salts.receipt(&roll.draw, EntryNo(9), &bytes);
    assert_eq!(
        people.iter().map(|one| receipt.place_of(one)).collect::<Vec<_>>(),
        [Some(0), Some(1)]
    );
    let stranger = identity(&FieldKind::ResidentId, "440106199001011248").unwrap();
    assert_eq!(receipt.place_of(&stranger), None);
    assert_eq!(
        roll.salts.receipt(&roll.draw, EntryNo(8), &bytes).place_of(&people[0]),
        None,
        "another's salt"
    );
}

#[test]
fn a_promise_is_kept_by_the_line_of_its_entry_and_by_no_other() {
    let (roll, people) = (roll(), people(&["44010619900101123X", "440106199001011221"]));
    let promise = roll.salts.promise(&roll.draw, EntryNo(9), &people, WANTS).unwrap();
    assert!(promise.is_promise());
    assert_eq!(promise.place_of(&people[1]), Some(1));
    let keeps = |entry, wants| {
        let bytes = roll.line(entry, &people, wants).unwrap();
        promise.is_of(&Line::read(&bytes).unwrap())
    };
    assert!(keeps(EntryNo(9), WANTS));
    assert!(keeps(EntryNo(9), Wants { tickets: 4, ..WANTS }), "a draw was lost since");
    assert!(!keeps(EntryNo(8), WANTS));
    for less in [
        Wants { tickets: 2, ..WANTS },
        Wants { units: 3, ..WANTS },
        Wants { choices: &["B-MASK", "A-MASK"], ..WANTS },
        Wants { any: false, ..WANTS },
    ] {
        assert!(!keeps(EntryNo(9), less), "{less:?}");
    }
    let line = roll.line(EntryNo(9), &people, WANTS).unwrap();
    let receipt = roll.salts.receipt(&roll.draw, EntryNo(9), &line);
    assert!(!receipt.is_promise() && receipt.is_of(&Line::read(&line).unwrap()));
}

#[test]
fn one_person_has_one_tag_and_two_entries_two_commitments() {
    let (roll, people) = (roll(), people(&["44010619900101123X"]));
    let lines = [EntryNo(1), EntryNo(2)].map(|entry| roll.line(entry, &people, WANTS).unwrap());
    let parts = |line: &[u8]| -> (Digest, Tag) {
        let line = Line::read(line).unwrap();
        (line.commits().next().unwrap(), line.tags().next().unwrap())
    };
    let ([one, other], again) = (lines.each_ref().map(|line| parts(line)), &lines[0]);
    assert_eq!(one.1, other.1);
    assert_ne!(one.0, other.0);
    assert_eq!(&roll.line(EntryNo(1), &people, WANTS).unwrap(), again, "made again, the same");
}

#[test]
fn every_kind_of_field_is_an_identity() {
    let phone = FieldKind::Phone { region: "CN".into() };
    let text = FieldKind::Text { pattern: None };
    for (kind, value, text) in [
        (FieldKind::ResidentId, "44010619900101123X", "RIC-CN:44010619900101123X"),
        (phone, "+8613800138000", "TEL-E164:+8613800138000"),
        (FieldKind::Passport, "E12345678", "PPT-ANY:E12345678"),
        (FieldKind::HomeReturnPermit, "H12345678", "HRP-CN:H12345678"),
        (
            text,
            "户口 7",
            "TXT-SHA256:D1B9E2FDC2505DC50A3D8C6C89A198A88038EB2F6314069E2C515DA064A65032",
        ),
    ] {
        assert!(identity(&kind, value).unwrap() == text.parse().unwrap(), "{text}");
    }
}

fn places() -> Vec<Place> {
    let place = |outlet, slot, free| Place {
        outlet: OutletNo(outlet),
        item: ItemNo(0),
        slot: SlotNo(slot),
        free,
    };
    // As pools may come: not in the order of the definition.
    vec![place(1, 0, 5), place(0, 0, 7), place(0, 1, 9)]
}

#[test]
fn where_one_slot_is_drawn_a_choice_is_of_outlet_and_item() {
    let definition = definition(Some(10));
    let buckets = Buckets::new(&definition, &places(), Some(SlotNo(1)));
    assert_eq!(buckets.stock(), "A-MASK,9\nB-MASK,0\n");
    let of = [0, 1, 2].map(|pool| buckets.of(PoolNo(pool)));
    assert_eq!(of, ["B-MASK", "A-MASK", "A-MASK"]);
    assert_eq!(buckets.pool("A-MASK"), Ok(PoolNo(2)));
    assert_eq!(buckets.pool("B-MASK"), Err(NoBucket("B-MASK".into())));
}

#[test]
fn where_all_slots_are_drawn_at_once_each_is_a_bucket() {
    let definition = definition(None);
    let buckets = Buckets::new(&definition, &places(), None);
    assert_eq!(buckets.stock(), "A-MASK-S0,7\nA-MASK-S1,9\nB-MASK-S0,5\n");
    assert_eq!(buckets.pool("A-MASK-S1"), Ok(PoolNo(2)));
    assert_eq!(buckets.of(PoolNo(0)), "B-MASK-S0");
}

#[test]
fn winners_lead_back_to_their_entries() {
    let (roll, people) = (roll(), people(&["44010619900101123X"]));
    let mut table = Vec::new();
    let mut firsts = Vec::new();
    for entry in (3..9).map(EntryNo) {
        let line = roll.line(entry, &people, WANTS).unwrap();
        Index::write(&mut table, entry, &line).unwrap();
        firsts.push(Line::read(&line).unwrap().commits().next().unwrap());
    }
    let wanted = [firsts[4], firsts[0]];
    let found = Index::find(&*table, wanted.into_iter()).unwrap();
    assert_eq!(found, [EntryNo(7), EntryNo(3)]);
    let foreign = Index::find(&*table, [Digest([1; 32])].into_iter());
    assert!(matches!(foreign, Err(IndexError::Missing { missing: 1 })));
    let twice = Index::find(&*table, [firsts[0], firsts[0]].into_iter());
    assert!(matches!(twice, Err(IndexError::Missing { .. })));
    let cut = Index::find(&table[..table.len() - 1], wanted.into_iter());
    assert!(matches!(cut, Err(IndexError::Cut)));
}

fn definition(stand_days: Option<u16>) -> types::Definition {
    let outlet = |code: &str| {
        serde_json::json!({
            "code": code, "name": {}, "district": {}, "address": {}, "position": null,
        })
    };
    let slot = |code: &str| serde_json::json!({ "code": code, "name": {}, "from": 1, "until": 2 });
    let json = serde_json::json!({
        "code": "masks",
        "series": null,
        "calendar": { "zone": "UTC", "offsets": [{ "from": 0, "seconds": 0 }] },
        "languages": ["en"],
        "texts": { "title": {}, "summary": {}, "pickup": {}, "notice": {} },
        "items": [{ "code": "mask", "name": {} }],
        "outlets": [outlet("a"), outlet("b")],
        "slots": [slot("s0"), slot("s1")],
        "stock": [],
        "register": {
            "windows": [],
            "fields": [{
                "code": "id", "kind": { "type": "resident-id" }, "label": {}, "unique": true,
            }],
            "cap": null,
            "units_min": 1,
            "units_max": 1,
            "choices_max": 5,
            "reenter_after_cancel": false,
            "allow_list": false,
        },
        "allocate": {
            "by": "draw",
            "stand_days": stand_days,
            "tickets_max": 1,
            "accept_any": true,
            "group_max": 8,
        },
        "publish": { "when": "by-hand", "expected": null },
        "fulfil": { "by": "pickup", "whole_day": false },
        "pacing": {
            "release_percent": 100,
            "retry_seconds": 1,
            "poll_seconds": 1,
            "jitter_seconds": 1,
            "admit_per_second": null,
        },
    });
    let definition: types::Definition = serde_json::from_value(json).unwrap();
    definition.check().unwrap();
    definition
}
