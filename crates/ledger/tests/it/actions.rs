//! The actions that are remembered: all of them up to the limit, then the newest.

use crate::support;
use ledger::snapshot::LoadError;
use ledger::{Ledger, LedgerHash};
use types::limits::ACTIONS_KEPT_MAX;
use types::{Action, CampaignNo};

fn save(ledger: &Ledger) -> Vec<u8> {
    let mut bytes = Vec::new();
    ledger.save(&mut bytes).unwrap();
    bytes
}

/// Actions of one a frame and millisecond; there is no campaign to act on, which is remembered too.
fn act(ledger: &mut Ledger, actions: usize) {
    for _ in 0..actions {
        support::act(ledger, Action::Open { campaign: CampaignNo(0) });
    }
}

/// How many are remembered, and the frames of the first and the last.
fn remembered(ledger: &Ledger) -> (usize, u64, u64) {
    let frame = |action: &ledger::ActionRecord| action.frame.0;
    let mut actions = ledger.actions();
    let count = actions.len();
    let first = actions.next().map_or(0, frame);
    (count, first, actions.next_back().map_or(first, frame))
}

/// Saves, loads, and gives what both must agree on.
fn saved_and_loaded(ledger: &Ledger) -> (usize, u64, u64, LedgerHash) {
    let loaded = Ledger::load(&mut &save(ledger)[..]).unwrap();
    assert_eq!(loaded.hash(), ledger.hash());
    assert!(loaded.actions().eq(ledger.actions()));
    let (count, first, last) = remembered(&loaded);
    (count, first, last, loaded.hash())
}

#[test]
fn so_many_actions_are_remembered_and_then_the_newest() {
    let most = ACTIONS_KEPT_MAX as u64;
    let mut ledger = Ledger::new();
    act(&mut ledger, ACTIONS_KEPT_MAX - 1);
    let (count, first, last, before) = saved_and_loaded(&ledger);
    assert_eq!((count as u64, first, last), (most - 1, 1, most - 1));
    act(&mut ledger, 1);
    let (count, first, last, full) = saved_and_loaded(&ledger);
    assert_eq!((count as u64, first, last), (most, 1, most));
    act(&mut ledger, 3);
    let (count, first, last, over) = saved_and_loaded(&ledger);
    assert_eq!((count as u64, first, last), (most, 4, most + 3));
    assert!(before != full && full != over, "each is in the hash");
}

/// While all there ever were are kept, a snapshot that tells of others is refused.
#[test]
fn actions_that_were_not_these_are_refused() {
    let mut ledger = Ledger::new();
    act(&mut ledger, 3);
    let bytes = save(&ledger);
    let at = bytes.windows(12).position(|text| text == b"duty officer").unwrap();
    let mut other = bytes.clone();
    other[at] = b'j';
    let error = Ledger::load(&mut &other[..]).err();
    assert_eq!(error, Some(LoadError::Unsound("action")));
    assert!(Ledger::load(&mut &bytes[..]).is_ok());
}
