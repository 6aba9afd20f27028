//! What was answered is there after a restart, from the journal and from snapshots.

use crate::support::{config, open_campaign, start, start_on};
use journal::OsDisk;
use node::{Config, NodeError};
use std::sync::Arc;
use types::definition::Publish;
use types::{CampaignNo, EntryNo, Outcome, PoolNo, Refusal};

#[test]
fn a_restart_gives_the_same_answers_and_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    open_campaign(&site, 5, Publish::AtOnce);
    let first: Vec<_> = (0..8).map(|person| site.enter(person, person).unwrap()).collect();
    assert_eq!(first[4], Outcome::Booked { entry: EntryNo(4), pool: PoolNo(0), units: 1 });
    assert_eq!(first[5], Outcome::Refused(Refusal::SoldOut));
    assert_eq!(site.enter(0, 99).unwrap(), Outcome::Refused(Refusal::AlreadyIn));
    site.stop().unwrap();

    let site = start(folder.path());
    let again: Vec<_> = (0..8).map(|person| site.enter(person, person).unwrap()).collect();
    assert_eq!(again, first);
    let entries = site.node.read(|ledger| ledger.campaigns()[0].entries_len()).unwrap();
    assert_eq!(entries.wait().unwrap(), 5);
    site.stop().unwrap();
}

#[test]
fn a_snapshot_is_made_beside_the_ledger_and_leads_to_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let disk = || Arc::new(OsDisk::open(folder.path()).unwrap());
    let often = || Config { snapshot_every_bytes: 20_000, ..config() };
    let site = start_on(disk(), often()).unwrap();
    open_campaign(&site, 1_000, Publish::AtOnce);
    for person in 0..500 {
        site.enter(person, person).unwrap();
    }
    let hash = site.hash();
    // The maker of snapshots works beside; what it has begun it finishes.
    let snapshots = folder.path().join("snapshots");
    while std::fs::read_dir(&snapshots).map_or(0, Iterator::count) == 0 {
        std::thread::yield_now();
    }
    site.stop().unwrap();
    let site = start_on(disk(), often()).unwrap();
    assert!(0 < std::fs::read_dir(&snapshots).unwrap().count());
    let entries = site.node.read(|ledger| ledger.campaigns()[0].entries_len()).unwrap();
    assert_eq!(entries.wait().unwrap(), 500);
    assert_eq!(site.enter(7, 7).unwrap(), site.enter(7, 7).unwrap());
    site.stop().unwrap();

    // The same journal without its snapshots gives the same state.
    std::fs::remove_dir_all(&snapshots).unwrap();
    let site = start_on(disk(), config()).unwrap();
    let campaign = site.node.read(|ledger| ledger.campaign(CampaignNo(0)).unwrap().entries_len());
    assert_eq!(campaign.unwrap().wait().unwrap(), 500);
    assert_ne!(site.hash(), hash, "the marking frames since then are part of the state");
    site.stop().unwrap();
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    let disk = Arc::new(OsDisk::open(folder.path()).unwrap());
    let Err(error) = start_on(disk, config()) else { panic!("two nodes on one folder") };
    assert_eq!(error.code(), "data-in-use");
    site.stop().unwrap();
}

#[test]
fn a_clock_behind_the_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    site.clock.0.fetch_add(3_600_000, std::sync::atomic::Ordering::Relaxed);
    open_campaign(&site, 5, Publish::AtOnce);
    site.stop().unwrap();
    let disk = Arc::new(OsDisk::open(folder.path()).unwrap());
    let Err(error) = start_on(disk, config()) else { panic!("the clock is an hour behind") };
    assert!(matches!(error, NodeError::ClockBehind { behind_seconds: 3_600 }), "{error}");
}

#[test]
fn a_batch_is_answered_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    open_campaign(&site, 3, Publish::AtOnce);
    let records: Vec<u8> =
        [1, 2, 1, 3, 4].into_iter().flat_map(|n| crate::support::enter_record(n, n)).collect();
    let outcomes = site.node.submit(records, 5).unwrap().wait().unwrap();
    assert_eq!(outcomes[0], outcomes[2], "a repeated request within a batch");
    assert_eq!(outcomes[4], Outcome::Refused(Refusal::SoldOut));
    site.stop().unwrap();
}

#[test]
fn requests_after_draining_are_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    open_campaign(&site, 3, Publish::AtOnce);
    site.node.drain();
    assert_eq!(site.enter(1, 1), Err(node::Unavailable::Draining));
    site.stop().unwrap();
}

/// The next segment is ready before it is needed: nobody waits for 256 MiB of zeros.
#[test]
fn a_running_node_prepares_the_next_segment() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    let prepared = folder.path().join("journal/prepared.tmp");
    while !prepared.exists() {
        std::thread::yield_now();
    }
    site.stop().unwrap();
}
