//! Snapshots of what is allowed at most load; one number more is told.

use crate::support::{Size, act, definition};
use ledger::Ledger;
use ledger::snapshot::{LoadError, TooShort};
use types::action::{StockMode, StockRow};
use types::ids::{ItemNo, OutletNo, SlotNo};
use types::{Action, CampaignNo, ListKind, PersonKey};

/// Units that stand nowhere else in a snapshot.
const UNITS: u32 = 77_777_777;

fn key(no: u8) -> PersonKey {
    PersonKey([0xe0 | no; 16])
}

/// A pool of the last outlet, item and slot, and every list there can be.
fn saved() -> Vec<u8> {
    let mut bytes = Vec::new();
    ledger().save(&mut bytes).unwrap();
    bytes
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::new();
    let size = Size { outlets: 3, items: 4, slots: 5, unique_fields: 4 };
    act(&mut ledger, Action::Load { definition: Box::new(definition(&size)) });
    let campaign = CampaignNo(0);
    let row = StockRow { outlet: OutletNo(2), item: ItemNo(3), slot: SlotNo(4), units: UNITS };
    act(&mut ledger, Action::Stock { campaign, mode: StockMode::Add, rows: vec![row] });
    for field in 0..4 {
        for list in [ListKind::Block, ListKind::Allow] {
            act(&mut ledger, Action::List { campaign, list, field, keys: vec![key(field)] });
        }
    }
    ledger
}

/// What loading says of a snapshot in which a number of 4 bytes is another.
fn changed(at: usize, from: u32, to: u32) -> Result<(), LoadError<TooShort>> {
    let mut bytes = saved();
    assert_eq!(bytes[at..at + 4], from.to_le_bytes());
    bytes[at..at + 4].copy_from_slice(&to.to_le_bytes());
    Ledger::load(&mut &bytes[..]).map(|_| ())
}

fn unsound(what: &str, at: usize, from: u32, to: u32) {
    let told = changed(at, from, to).unwrap_err();
    assert!(matches!(told, LoadError::Unsound(why) if why == what), "{told:?}");
}

fn place_of(wanted: &[u8]) -> usize {
    let bytes = saved();
    let mut places = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(wanted));
    places.next_back().unwrap()
}

#[test]
fn what_is_allowed_at_most_is_loaded_as_it_was() {
    let bytes = saved();
    let loaded = Ledger::load(&mut &bytes[..]).unwrap();
    let mut again = Vec::new();
    loaded.save(&mut again).unwrap();
    assert!(bytes == again);
}

#[test]
fn a_version_of_another_release_is_told() {
    assert!(matches!(changed(0, 3, 4), Err(LoadError::Newer(4))));
    unsound("version", 0, 3, 0);
}

/// What a build wrote that did not say from where anybody acted.
#[test]
fn a_body_of_version_1_is_the_state_it_was() {
    let bytes = include_bytes!("../golden/snapshot-v1.body");
    assert_eq!(bytes[..4], 1_u32.to_le_bytes());
    let loaded = Ledger::load(&mut &bytes[..]).unwrap();
    let now = ledger();
    assert_eq!(loaded.hash(), now.hash(), "the same journal leads there in this release");
    assert!(loaded.actions().eq(now.actions()) && 0 < loaded.actions().len());
    let mut again = Vec::new();
    loaded.save(&mut again).unwrap();
    assert!(again == saved(), "and is written as this release writes");
    // Bytes of the one version are not those of the other.
    let mut other = bytes.to_vec();
    other[0] = 2;
    assert!(Ledger::load(&mut &other[..]).is_err());
}

#[test]
fn a_pool_of_no_place_is_told() {
    let units = place_of(&u64::from(UNITS).to_le_bytes());
    unsound("pool", units - 12, 2, 3);
    unsound("pool", units - 8, 3, 4);
    unsound("pool", units - 4, 4, 5);
}

#[test]
fn a_list_of_no_field_is_told() {
    let last = place_of(&key(3).0);
    unsound("list", last - 8, 3, 4);
}
