//! A node in parts, each step taken by hand, on a disk in memory.

use crate::support::{START, SetClock, config, definition, enter_record, operate_record};
use node::{Stepped, Unavailable, open};
use simdisk::{Kept, SimDisk};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use types::{Action, CampaignNo, Outcome, Publish};

fn start(disk: &SimDisk) -> Stepped {
    let clock = Arc::new(SetClock(AtomicU64::new(START)));
    open(Arc::new(disk.clone()), config(), clock).unwrap().into_steps().unwrap()
}

fn answer(parts: &mut Stepped, record: Vec<u8>) -> Outcome {
    let mut answer = parts.node.submit_one(record).unwrap();
    assert!(answer.try_get().is_none(), "nothing happens before a turn");
    assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
    assert!(answer.try_get().is_none(), "nothing is heard before it is handed over");
    parts.replies.deliver();
    answer.try_get().unwrap().unwrap()
}

/// Three people for two units.
fn enter(parts: &mut Stepped) -> Vec<Outcome> {
    (0..3).map(|person| answer(parts, enter_record(person, person))).collect()
}

#[test]
fn a_drained_node_gives_the_same_answers_after_the_next_start() {
    let disk = SimDisk::default();
    let mut parts = start(&disk);
    let load = Action::Load { definition: definition(2, Publish::AtOnce) };
    let campaign = CampaignNo(0);
    assert_eq!(answer(&mut parts, operate_record(load)), Outcome::Loaded { campaign });
    let open = operate_record(Action::Open { campaign });
    assert_eq!(answer(&mut parts, open), Outcome::Done { units: 0 });
    let answers = enter(&mut parts);
    let codes: Vec<_> = answers.iter().map(Outcome::code).collect();
    assert_eq!(codes, ["booked", "booked", "sold-out"]);
    assert!(parts.snapshots.step().is_none(), "no snapshot is due");
    parts.segments.prepare().unwrap();

    let mut last = parts.node.submit_one(enter_record(9, 9)).unwrap();
    parts.node.drain();
    let refused = parts.node.submit_one(enter_record(10, 10)).err();
    assert_eq!(refused, Some(Unavailable::Draining));
    assert!(parts.sequencer.turn().unwrap(), "it has drained");
    parts.replies.deliver();
    let last = last.try_get().unwrap().unwrap();
    let (frame, hash) = (parts.sequencer.ledger().frame(), parts.sequencer.ledger().hash());
    drop(parts);

    // Whatever was not synced is gone.
    let mut parts = start(&disk.restart(Kept::Nothing));
    let ledger = parts.sequencer.ledger();
    assert_eq!((ledger.frame(), ledger.hash()), (frame, hash));
    assert_eq!(enter(&mut parts), answers);
    assert_eq!(answer(&mut parts, enter_record(9, 9)), last);
    assert_eq!(parts.sequencer.ledger().hash(), hash, "a repeated request changes nothing");
}
