//! The decoder of records: what is drawn is read, and nothing else.

use crate::support::{cancel, enter, redeem, tick};
use audit::Command;
use audit::record::{RecordError, Records};
use types::ids::{CampaignNo, EntryNo, OutletNo, PoolNo};

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
