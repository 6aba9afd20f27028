//! The decoder of records: what is drawn is read, and nothing else.

use crate::support::{Enter, award, cancel, enter, redeem, tick};
use audit::Command;
use audit::record::{RecordError, Records};
use types::ids::{CampaignNo, DrawNo, EntryNo, OutletNo, PoolNo};

fn one(payload: &[u8]) -> Result<Command<'_>, RecordError> {
    Records::new(payload).next().unwrap().1
}

#[test]
fn what_is_drawn_is_read() {
    let payload = [enter(7, 3, 4).record(), cancel(1, 2), redeem(1, 2, 3, 6), tick()].concat();
    let commands: Vec<_> = Records::new(&payload).collect();
    assert_eq!(commands.len(), 4);
    let Ok(Command::Enter(enter)) = &commands[0].1 else { panic!("an entry comes first") };
    assert_eq!((enter.campaign, enter.units, enter.sealed), (CampaignNo(7), 2, &b"sealed"[..]));
    assert_eq!(enter.choices().collect::<Vec<_>>(), [PoolNo(0), PoolNo(1)]);
    assert_eq!(enter.keys().map(|key| key.0[0]).collect::<Vec<_>>(), [4, 104]);
    assert_eq!((enter.request_digest, enter.identity_digest), ([1; 8], [9; 8]));
    let cancel = Command::Cancel { campaign: CampaignNo(1), entry: EntryNo(2) };
    assert_eq!(commands[1].1, Ok(cancel));
    let Ok(Command::Redeem { outlet, actor, .. }) = &commands[2].1 else { panic!("a redemption") };
    assert_eq!((*outlet, *actor), (OutletNo(3), "counter"));
    assert_eq!(commands[3].1, Ok(Command::Tick));
}

#[test]
fn nothing_else_is_read() {
    let body = |keys: u8, choices: u8, sealed: usize| {
        let bytes = 38 + usize::from(keys) * 16 + usize::from(choices) * 4 + sealed;
        let mut record = (bytes as u32).to_le_bytes().to_vec();
        record.extend_from_slice(&[1, keys, choices]);
        record.resize(4 + bytes, 0);
        record
    };
    assert!(one(&body(4, 5, 3_400)).is_ok());
    for (keys, choices, sealed) in [(0, 1, 0), (1, 0, 0), (5, 1, 0), (1, 6, 0), (1, 1, 3_401)] {
        assert_eq!(one(&body(keys, choices, sealed)), Err(RecordError::Length));
    }
    let whole = [enter(7, 3, 4).record(), cancel(1, 2), tick()].concat();
    for length in 0..whole.len() {
        let errors = Records::new(&whole[..length]).filter(|(_, record)| record.is_err());
        assert!(errors.count() <= 1, "nothing is found behind what is none");
    }
    assert_eq!(one(&[0, 0, 0, 0]), Err(RecordError::Length));
    assert_eq!(one(&[2, 0, 0, 0, 17, 0]), Err(RecordError::Length));
    assert_eq!(one(&[1, 0, 0, 0, 99]), Err(RecordError::Kind(99)));
    assert!(matches!(one(&[3, 0, 0, 0, 16, b'{', b'}']), Err(RecordError::Json(_))));
}

#[test]
fn what_is_drawn_of_draws_is_read() {
    let family = Enter { keys: vec![1, 101, 2, 102], ..enter(7, 3, 0) };
    let payload =
        [family.drawn(false, 2), enter(7, 3, 4).drawn(true, 1), award(7, 2, 5, &[(3, 1), (0, 9)])];
    let payload = payload.concat();
    let commands: Vec<_> = Records::new(&payload).map(|(_, command)| command.unwrap()).collect();
    let Command::Enter(family) = &commands[0] else { panic!("a family comes first") };
    assert_eq!((family.people, family.any, family.units), (2, false, 2));
    assert_eq!(family.keys().map(|key| key.0[0]).collect::<Vec<_>>(), [1, 101, 2, 102]);
    assert_eq!((family.campaign, family.sealed), (CampaignNo(7), &b"sealed"[..]));
    let Command::Enter(one) = &commands[1] else { panic!("one person is second") };
    assert_eq!((one.people, one.any, one.choices().len()), (1, true, 2));
    let Command::Award(award) = &commands[2] else { panic!("an award is last") };
    assert_eq!((award.campaign, award.draw, award.first), (CampaignNo(7), DrawNo(2), 5));
    let winners = [(EntryNo(3), PoolNo(1)), (EntryNo(0), PoolNo(9))];
    assert_eq!(award.winners().collect::<Vec<_>>(), winners);
}

/// A record of a kind, of a body that ends in zeros.
fn zeros(kind: u8, head: &[u8], bytes: usize) -> Vec<u8> {
    let mut record = (bytes as u32 + 1).to_le_bytes().to_vec();
    record.push(kind);
    record.extend_from_slice(head);
    record.resize(5 + bytes, 0);
    record
}

#[test]
fn nothing_else_is_read_of_draws() {
    // Any place, people, keys, choices; all else is zeros.
    let entry = |any: u8, people: u8, keys: u8, choices: u8, sealed: usize| {
        let bytes = 2 + 37 + usize::from(keys) * 16 + usize::from(choices) * 4 + sealed;
        zeros(4, &[any, people, keys, choices], bytes)
    };
    let right = [(1, 1, 4, 5, 3_400), (0, 2, 2, 1, 0), (1, 8, 32, 1, 0), (0, 3, 12, 1, 9)];
    for (any, people, keys, choices, sealed) in right {
        let record = entry(any, people, keys, choices, sealed);
        assert!(one(&record).is_ok(), "{any} {people} {keys}");
        assert!(types::Command::decode(&record[4..]).is_ok());
    }
    let wrong = [
        // What is of kind 1.
        (0, 1, 2, 1, 0),
        (2, 1, 2, 1, 0),
        (1, 0, 0, 1, 0),
        (1, 9, 9, 1, 0),
        // Keys that do not come out even, none, too many of each.
        (0, 2, 3, 1, 0),
        (0, 2, 0, 1, 0),
        (0, 2, 10, 1, 0),
        (0, 2, 2, 0, 0),
        (0, 2, 2, 6, 0),
        (0, 2, 2, 1, 3_401),
    ];
    for (any, people, keys, choices, sealed) in wrong {
        let record = entry(any, people, keys, choices, sealed);
        assert_eq!(one(&record), Err(RecordError::Length), "{any} {people} {keys}");
        assert!(types::Command::decode(&record[4..]).is_err());
    }
    for (bytes, is_right) in
        [(0, false), (7, false), (8, false), (15, false), (16, true), (17, false)]
    {
        assert_eq!(one(&zeros(5, &[], bytes)).is_ok(), is_right, "{bytes}");
    }
    assert!(one(&zeros(5, &[], 8 + 8 * 8_192)).is_ok());
    assert_eq!(one(&zeros(5, &[], 8 + 8 * 8_193)), Err(RecordError::Length));
    assert_eq!(one(&zeros(4, &[1, 1], 38)), Err(RecordError::Length));
}
