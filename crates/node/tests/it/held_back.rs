//! Outcomes that are held back, and published when they fall due.

use crate::support::{START, open_campaign, start};
use ledger::PublicEntry;
use std::sync::atomic::Ordering::Relaxed;
use types::definition::Publish;
use types::{Action, CampaignNo, EntryNo, Millis, Outcome};

#[test]
fn a_publication_that_falls_due_is_sequenced_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    let due = Millis(START + 60_000);
    open_campaign(&site, 1, Publish::At { at: due });
    for person in 0..2 {
        let entered = site.enter(person, person).unwrap();
        assert_eq!(entered, Outcome::Registered { entry: EntryNo(person) });
    }
    let look = |entry| {
        let seen = site.node.read(move |ledger| ledger.public_entry(CampaignNo(0), entry));
        seen.unwrap().wait().unwrap().unwrap()
    };
    assert!(matches!(look(EntryNo(0)), PublicEntry::Registered { .. }));
    let view = site.node.view();
    assert!(!view.campaigns[0].all_sold_out(), "held back: the gate cannot tell");

    site.clock.0.store(due.0, Relaxed);
    while matches!(look(EntryNo(0)), PublicEntry::Registered { .. }) {
        std::thread::yield_now();
    }
    assert!(matches!(look(EntryNo(0)), PublicEntry::Booked { .. }));
    assert!(matches!(look(EntryNo(1)), PublicEntry::NotAllocated { cooling_down: false, .. }));
    site.stop().unwrap();
}

#[test]
fn metrics_do_not_tell_what_is_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    open_campaign(&site, 1, Publish::ByHand { expected: None });
    for person in 0..10 {
        site.enter(person, person).unwrap();
    }
    let outcomes = site.node.metrics().outcomes();
    assert_eq!(outcomes.get("registered"), Some(&10));
    assert!(!outcomes.contains_key("booked") && !outcomes.contains_key("sold-out"));
    let _closed = site.operate(Action::Close { campaign: CampaignNo(0) });
    site.stop().unwrap();
}
