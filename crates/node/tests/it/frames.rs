//! How much one turn takes: bounded in bytes, in commands and in answers, whatever waits.

use crate::marks::Still;
use crate::support::{config, definition, enter_record, operate_record};
use node::{Stepped, open};
use simdisk::SimDisk;
use std::sync::Arc;
use types::{Action, CampaignNo, FrameNo, ListKind, Outcome, PersonKey, Publish, limits};

fn start() -> Stepped {
    let disk = Arc::new(SimDisk::default());
    let mut parts = open(disk, config(), Arc::new(Still::default())).unwrap().into_steps().unwrap();
    for action in [
        Action::Load { definition: definition(100, Publish::AtOnce) },
        Action::Open { campaign: CampaignNo(0) },
    ] {
        let pending = parts.node.submit_one(operate_record(action)).unwrap();
        assert!(!parts.sequencer.turn().unwrap());
        drop(pending);
    }
    parts
}

fn last_frame(parts: &Stepped) -> FrameNo {
    parts.sequencer.ledger().frame()
}

/// How many were answered since the last time.
fn take_answered<T>(pending: &mut Vec<node::Pending<T>>) -> usize {
    let before = pending.len();
    pending.retain_mut(|pending| pending.try_get().is_none());
    before - pending.len()
}

/// A list of so many people.
fn list(keys: usize) -> Vec<u8> {
    let key = |no: usize| {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&(no as u64).to_le_bytes());
        PersonKey(key)
    };
    operate_record(Action::List {
        campaign: CampaignNo(0),
        list: ListKind::Block,
        field: 0,
        keys: (0..keys).map(key).collect(),
    })
}

/// Uploads that waited while the disk was slow come in frames of their own: all in one would be
/// more than a frame can hold.
#[test]
fn a_frame_that_is_large_enough_takes_no_more() {
    let mut parts = start();
    let before = last_frame(&parts).0;
    let upload = list(limits::LIST_KEYS_PER_COMMAND_MAX);
    let for_one_frame = limits::FRAME_BYTES_TARGET.div_ceil(upload.len());
    assert!(1 < for_one_frame, "a list alone fills no frame");
    let uploads = 2 * for_one_frame + 1;
    let mut pending: Vec<_> =
        (0..uploads).map(|_| parts.node.submit_one(upload.clone()).unwrap()).collect();
    for turn in 1..=3 {
        assert!(!parts.sequencer.turn().unwrap());
        assert_eq!(last_frame(&parts).0, before + turn);
        parts.replies.deliver();
        let answered = take_answered(&mut pending);
        assert_eq!(answered, if turn < 3 { for_one_frame } else { 1 }, "turn {turn}");
    }
}

/// As large as a command can be: the stock of a campaign with a million pools, say. It finds room
/// behind what gathered before it.
#[test]
fn the_largest_command_fits_into_a_frame_that_has_begun() {
    let mut parts = start();
    let before = last_frame(&parts).0;
    let of_text = |chars: usize| {
        let mut definition = definition(1, Publish::AtOnce);
        definition.texts.notice.insert("en".to_owned(), "x".repeat(chars));
        operate_record(Action::Load { definition })
    };
    let room = limits::COMMAND_BYTES_MAX - of_text(0).len();
    let (upload, largest) = (list(limits::LIST_KEYS_PER_COMMAND_MAX), of_text(room));
    assert!(largest.len() <= limits::COMMAND_BYTES_MAX, "room for the record's own length");
    let pending = [upload, largest].map(|record| parts.node.submit_one(record).unwrap());
    assert!(!parts.sequencer.turn().unwrap());
    assert_eq!(last_frame(&parts).0, before + 1, "both in one frame");
    parts.replies.deliver();
    let codes = pending.map(|mut pending| pending.try_get().unwrap().unwrap().code());
    assert_eq!(codes, ["done", "loaded"]);
}

#[test]
fn a_frame_of_enough_commands_takes_no_more() {
    let mut parts = start();
    let batch_commands = limits::BATCH_ENTRIES_MAX as u32;
    let batches = limits::FRAME_COMMANDS_MAX.div_ceil(limits::BATCH_ENTRIES_MAX) + 1;
    let records: Vec<u8> = (0..batch_commands).flat_map(|_| enter_record(1, 1)).collect();
    let mut pending: Vec<_> =
        (0..batches).map(|_| parts.node.submit(records.clone(), batch_commands).unwrap()).collect();
    assert!(records.len() * batches < limits::FRAME_BYTES_TARGET, "bytes are no limit here");
    let mut last = pending.pop().unwrap();
    assert!(!parts.sequencer.turn().unwrap());
    parts.replies.deliver();
    for mut answered in pending {
        let outcomes = answered.try_get().unwrap().unwrap();
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Booked { .. })));
    }
    assert!(last.try_get().is_none(), "it waits for the next");
    assert!(!parts.sequencer.turn().unwrap());
    parts.replies.deliver();
    assert_eq!(last.try_get().unwrap().unwrap().len(), batch_commands as usize);
}

/// Look-ups take no place in a frame; the people in the frame that gathers wait for no more of them
/// than for commands.
#[test]
fn a_turn_with_enough_answers_takes_no_more() {
    let mut parts = start();
    let looks = limits::FRAME_COMMANDS_MAX + 1;
    let mut pending: Vec<_> =
        (0..looks).map(|_| parts.node.read(ledger::Ledger::frame).unwrap()).collect();
    for taken in [looks - 1, 1] {
        assert!(!parts.sequencer.turn().unwrap());
        parts.replies.deliver();
        assert_eq!(take_answered(&mut pending), taken);
    }
}
