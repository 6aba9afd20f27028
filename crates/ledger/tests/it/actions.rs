//! The actions that are remembered: all of them up to the limit, then the newest.

use crate::support;
use expect_test::expect;
use ledger::snapshot::LoadError;
use ledger::{Ledger, LedgerHash};
use types::action::{COMMAND_LINE, StockRow};
use types::ids::{ItemNo, OutletNo, SlotNo};
use types::limits::{ACTIONS_KEPT_MAX, FROM_CHARS_MAX};
use types::{Action, CampaignNo, ListKind, PersonKey, Publish, StockMode};

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

/// One of every action, and some that are refused, from an address.
fn of_every_kind(ledger: &mut Ledger, from: Option<&str>) {
    let campaign = CampaignNo(0);
    let size = support::Size { outlets: 1, items: 1, slots: 1, unique_fields: 1 };
    let mut definition = support::definition(&size);
    definition.publish = Publish::ByHand { expected: None };
    let load = |units: u32| {
        let mut definition = definition.clone();
        let (outlet, item, slot) = (OutletNo(0), ItemNo(0), SlotNo(0));
        definition.stock = vec![types::definition::Stock { outlet, item, slot, units }];
        Action::Load { definition: Box::new(definition) }
    };
    let cap = |entries| Action::Cap { campaign, entries };
    let stock = |mode, units| {
        let row = StockRow { outlet: OutletNo(0), item: ItemNo(0), slot: SlotNo(0), units };
        Action::Stock { campaign, mode, rows: vec![row] }
    };
    let withdraw = |units| {
        let (outlet, item, slot) = (None, None, None);
        Action::Withdraw { campaign, outlet, item, slot, units }
    };
    let list = |list| {
        let keys = vec![PersonKey([1; 16]), PersonKey([2; 16])];
        Action::List { campaign, list, field: 0, keys }
    };
    let export = || {
        let checksum = "00".repeat(32);
        Action::Export { campaign, bookings: 0, checksum, seen: None }
    };
    let actions = [
        Action::Open { campaign: CampaignNo(9) },
        load(5),
        load(7),
        Action::Open { campaign },
        Action::Open { campaign },
        Action::Pause { campaign },
        cap(Some(100)),
        cap(Some(50)),
        cap(None),
        Action::Resume { campaign },
        stock(StockMode::Add, 10),
        stock(StockMode::Replace, 12),
        withdraw(Some(2)),
        withdraw(None),
        list(ListKind::Block),
        list(ListKind::Block),
        list(ListKind::Allow),
        Action::Publish { campaign },
        Action::Close { campaign },
        Action::Publish { campaign },
        export(),
        Action::Shred { campaign },
        Action::Shred { campaign },
    ];
    for action in actions {
        support::act_from(ledger, from, action);
    }
}

#[test]
fn every_action_tells_what_it_changed() {
    let mut ledger = Ledger::new();
    of_every_kind(&mut ledger, Some("203.0.113.7"));
    let told = ledger.actions().map(|action| {
        assert_eq!(action.from, "203.0.113.7");
        let change = match (&*action.before, &*action.after) {
            ("", "") => "nothing".to_owned(),
            (before, after) => format!("{before} -> {after}"),
        };
        format!("{} {}: {change}\n", action.word, action.outcome)
    });
    expect![[r#"
        open unknown-campaign: nothing
        load loaded: none -> 5
        load loaded: 5 -> 7
        open done: not-open-yet -> open
        open already-so: nothing
        pause done: open -> paused
        cap done: none -> 100
        cap done: 100 -> 50
        cap done: 50 -> none
        resume done: paused -> open
        stock done: 7 -> 17
        stock done: 17 -> 12
        withdraw done: 12 -> 10
        withdraw done: 10 -> 0
        list done: 0 -> 2
        list done: 2 -> 2
        list done: 0 -> 2
        publish still-open: nothing
        close done: open -> closed
        publish done: unpublished -> published
        export done: nothing
        shred done: kept -> shredded
        shred shredded: nothing
    "#]]
    .assert_eq(&told.collect::<String>());
    saved_and_loaded(&ledger);
}

/// Journals of builds that did not say from where lead to the hashes that they led to.
#[test]
fn an_action_from_nowhere_tells_no_change() {
    let (mut ledger, mut other) = (Ledger::new(), Ledger::new());
    of_every_kind(&mut ledger, None);
    for action in ledger.actions() {
        assert_eq!([&*action.from, &action.before, &action.after], [""; 3]);
    }
    saved_and_loaded(&ledger);
    of_every_kind(&mut other, Some(COMMAND_LINE));
    assert_ne!(other.hash(), ledger.hash(), "what is told is in the hash");
    let mut third = Ledger::new();
    of_every_kind(&mut third, Some("203.0.113.8"));
    assert_ne!(other.hash(), third.hash(), "and so is from where");
}

#[test]
fn a_change_from_nowhere_is_refused() {
    let mut ledger = Ledger::new();
    of_every_kind(&mut ledger, Some("203.0.113.7"));
    let bytes = save(&ledger);
    let text = |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let told = [text("203.0.113.7"), text("none"), text("5")].concat();
    let at = bytes.windows(told.len()).position(|window| window == told).unwrap();
    let with = |from: &str| {
        let from = text(from);
        let behind = &bytes[at + text("203.0.113.7").len()..];
        let changed = [&bytes[..at], &from, behind].concat();
        Ledger::load(&mut &changed[..]).err()
    };
    assert_eq!(with("203.0.113.7"), None);
    assert_eq!(with(""), Some(LoadError::Unsound("action")));
    assert_eq!(with(&"x".repeat(FROM_CHARS_MAX + 1)), Some(LoadError::Unsound("action")));
    assert_eq!(with("203.0.113.8"), Some(LoadError::Unsound("action")));
}
