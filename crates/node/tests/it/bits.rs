//! Every single bit of a real ledger's snapshot, turned round: it is refused, and the journal has
//! everything.

use crate::marks::Still;
use crate::support::{config, definition, enter_record, operate_record};
use expect_test::expect;
use ledger::LedgerHash;
use node::{Config, NodeError, Opened, open};
use simdisk::SimDisk;
use std::sync::Arc;
use types::{Action, CampaignNo, Publish};

/// A start takes 0.3 ms where nothing is optimised: there, every 13th bit, which is each of a
/// byte's in turn; all of them with `--release`.
const STEP: usize = if cfg!(debug_assertions) { 13 } else { 1 };

fn start(disk: &SimDisk) -> Result<Opened, NodeError> {
    let config = Config { segment_bytes: 8 << 10, snapshot_every_bytes: 3_000, ..config() };
    open(Arc::new(disk.clone()), config, Arc::new(Still::default()))
}

/// A snapshot of a campaign with entries and actions, in the journal's second segment.
fn with_snapshot() -> (SimDisk, LedgerHash) {
    let disk = SimDisk::default();
    let mut parts = start(&disk).unwrap().into_steps().unwrap();
    let mut records = vec![
        operate_record(Action::Load { definition: definition(100, Publish::AtOnce) }),
        operate_record(Action::Open { campaign: CampaignNo(0) }),
    ];
    records.extend((0..30).map(|person| enter_record(person, person)));
    let mut made = 0;
    for record in records {
        let pending = parts.node.submit_one(record).unwrap();
        assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
        drop(pending);
        made += u32::from(parts.snapshots.step().is_some());
    }
    assert_eq!(made, 1);
    (disk, parts.sequencer.ledger().hash())
}

#[test]
fn every_flip_of_a_snapshot_is_refused() {
    let (disk, hash) = with_snapshot();
    let snapshot = journal::snapshots::list(&disk).unwrap()[0];
    let path = format!("snapshots/{:020}.snap", snapshot.0);
    let opened = start(&disk).unwrap();
    let after_snapshot = opened.recovery.frames;
    let whole = opened.recovery.tail.frame.0;
    assert!(after_snapshot < whole, "the snapshot saves the first segment");
    drop(opened);
    let bits = disk.bytes(&path).unwrap().len() * 8;
    let (mut passed_over, mut newer) = (0, 0);
    for bit in (0..bits).step_by(STEP) {
        disk.flip(&path, bit);
        match start(&disk) {
            Ok(opened) => {
                assert_eq!(opened.recovery.frames, whole, "bit {bit}: it was used");
                if passed_over % 61 == 0 {
                    let parts = opened.into_steps().unwrap();
                    assert_eq!(parts.sequencer.ledger().hash(), hash, "bit {bit}");
                }
                passed_over += 1;
            }
            // As a later release would have written it.
            Err(error) => {
                assert_eq!(error.code(), "data-newer", "bit {bit}");
                newer += 1;
            }
        }
        disk.flip(&path, bit);
    }
    let expected = if cfg!(debug_assertions) {
        expect!["2210 passed over, 3 called newer, of 28760 bits"]
    } else {
        expect!["28729 passed over, 31 called newer, of 28760 bits"]
    };
    let found = format!("{passed_over} passed over, {newer} called newer, of {bits} bits");
    expected.assert_eq(&found);
}
