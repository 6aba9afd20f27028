//! Where the view finds a campaign's pools.

use crate::support::{definition, start};
use types::definition::{Publish, Stock};
use types::{Action, CampaignNo, ItemNo, Outcome, OutletNo, PoolNo, SlotNo};

#[test]
fn pools_follow_a_campaign_that_is_loaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    let stocked_at = |outlet| {
        let mut definition = definition(1, Publish::AtOnce);
        let mut second = definition.outlets[0].clone();
        second.code = "o2".into();
        definition.outlets.push(second);
        let (item, slot) = (ItemNo(0), SlotNo(0));
        definition.stock = vec![Stock { outlet: OutletNo(outlet), item, slot, units: 1 }];
        let loaded = site.operate(Action::Load { definition });
        assert_eq!(loaded, Outcome::Loaded { campaign: CampaignNo(0) });
        let view = site.node.view();
        let seen = &view.campaigns[0];
        let found = [0, 1].map(|outlet| seen.pool_no(OutletNo(outlet), item, slot));
        let listed = [0, 1].map(|outlet| seen.pools_at(OutletNo(outlet)).to_vec());
        (seen.pools()[0].outlet, found, listed)
    };
    let only = PoolNo(0);
    let first = (OutletNo(0), [Some(only), None], [vec![only], vec![]]);
    assert_eq!(stocked_at(0), first);
    // As many pools, and another one.
    let second = (OutletNo(1), [None, Some(only)], [vec![], vec![only]]);
    assert_eq!(stocked_at(1), second);
    assert_eq!(stocked_at(0), first);
    site.stop().unwrap();
}
