//! As many pools, and entries, as a campaign may have, and one more.

use crate::support::{Size, act, definition};
use ledger::Ledger;
use types::action::{StockMode, StockRow};
use types::ids::{ItemNo, OutletNo, SlotNo};
use types::limits::{ENTRIES_MAX, ITEMS_MAX, POOLS_MAX};
use types::{Action, CampaignNo, Outcome, Refusal};

#[test]
fn a_campaign_has_the_most_pools_and_not_one_more() {
    let mut ledger = Ledger::new();
    let outlets = POOLS_MAX / ITEMS_MAX;
    let size = Size { outlets, items: ITEMS_MAX, slots: 2, unique_fields: 1 };
    let definition = Box::new(definition(&size));
    assert!(matches!(act(&mut ledger, Action::Load { definition }), Outcome::Loaded { .. }));
    let row = |place: usize, slot: u16| StockRow {
        outlet: OutletNo((place / ITEMS_MAX) as u16),
        item: ItemNo((place % ITEMS_MAX) as u16),
        slot: SlotNo(slot),
        units: 1,
    };
    let mut add = |rows: Vec<StockRow>| {
        let (campaign, mode) = (CampaignNo(0), StockMode::Add);
        act(&mut ledger, Action::Stock { campaign, mode, rows })
    };
    assert_eq!(add(vec![row(0, 0)]), Outcome::Done { units: 1 });
    let most = POOLS_MAX as u64;
    let rest = || (1..POOLS_MAX).map(|place| row(place, 0));
    let over = rest().chain([row(0, 1)]).collect();
    assert_eq!(add(over), Outcome::Refused(Refusal::OverLimit));
    assert_eq!(add(rest().collect()), Outcome::Done { units: most - 1 });
    assert_eq!(add(vec![row(0, 1)]), Outcome::Refused(Refusal::OverLimit));
    assert_eq!(add(vec![row(0, 0)]), Outcome::Done { units: 1 }, "one that is there already");
}

#[test]
fn a_cap_is_the_most_entries_and_not_one_more() {
    let mut ledger = Ledger::new();
    let size = Size { outlets: 1, items: 1, slots: 1, unique_fields: 1 };
    let definition = Box::new(definition(&size));
    assert!(matches!(act(&mut ledger, Action::Load { definition }), Outcome::Loaded { .. }));
    let mut cap = |entries| {
        let campaign = CampaignNo(0);
        act(&mut ledger, Action::Cap { campaign, entries: Some(entries) })
    };
    for (entries, is_done) in [(0, false), (1, true), (ENTRIES_MAX, true), (ENTRIES_MAX + 1, false)]
    {
        let refused = Outcome::Refused(Refusal::OverLimit);
        let outcome = if is_done { Outcome::Done { units: 0 } } else { refused };
        assert_eq!(cap(entries), outcome, "{entries}");
    }
}
