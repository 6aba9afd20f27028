//! The hashes of outcomes, recorded: journals of older releases chain over them.

use super::outcome_hash;
use expect_test::expect;
use types::calendar::LocalDay;
use types::ids::{CampaignNo, EntryNo, Millis, OutletNo, PoolNo, SlotNo};
use types::outcome::{Outcome, Refusal};

/// Every kind of outcome that has numbers, each twice with one of them changed.
fn outcomes() -> Vec<Outcome> {
    let (entry, other, pool, outlet) = (EntryNo(7), EntryNo(8), PoolNo(3), OutletNo(5));
    let (at, later, again) = (Millis(1_580_486_400_000), Millis(1_580_486_400_001), true);
    let accepted = vec![
        Outcome::Booked { entry, pool, units: 2 },
        Outcome::Booked { entry: other, pool, units: 2 },
        Outcome::Booked { entry, pool: PoolNo(4), units: 2 },
        Outcome::Booked { entry, pool, units: 3 },
        Outcome::Registered { entry },
        Outcome::Registered { entry: other },
        Outcome::Cancelled { entry, at },
        Outcome::Cancelled { entry, at: later },
        Outcome::Redeemed { entry, pool, units: 2, at, repeated: !again },
        Outcome::Redeemed { entry, pool, units: 2, at: later, repeated: !again },
        Outcome::Loaded { campaign: CampaignNo(1) },
        Outcome::Loaded { campaign: CampaignNo(2) },
        Outcome::Done { units: 9 },
        Outcome::Done { units: 10 },
        Outcome::Ticked,
    ];
    let refusals = [
        Refusal::UnknownCampaign,
        Refusal::NotOpenYet { opens: None },
        Refusal::NotOpenYet { opens: Some(at) },
        Refusal::SoldOut,
        Refusal::CoolingDown { until: LocalDay(18_293) },
        Refusal::CoolingDown { until: LocalDay(18_294) },
        Refusal::AlreadyCancelled { at },
        Refusal::AlreadyCancelled { at: later },
        Refusal::AlreadyRedeemed { at, outlet },
        Refusal::AlreadyRedeemed { at, outlet: OutletNo(6) },
        Refusal::WrongOutlet { outlet },
        Refusal::WrongOutlet { outlet: OutletNo(6) },
        Refusal::WrongTime { slot: SlotNo(1) },
        Refusal::WrongTime { slot: SlotNo(2) },
        Refusal::BelowEntries { entries: 4 },
        Refusal::BelowEntries { entries: 5 },
        Refusal::BelowBooked { pools: vec![pool] },
        Refusal::BelowBooked { pools: vec![pool, PoolNo(4)] },
        Refusal::DefinitionInvalid { why: "stock: there is none".into() },
        Refusal::DefinitionInvalid { why: "items: there is none".into() },
    ];
    accepted.into_iter().chain(refusals.into_iter().map(Outcome::Refused)).collect()
}

#[test]
fn the_hash_of_an_outcome_never_changes_and_no_other_has_it() {
    let hashes: Vec<u64> = outcomes().iter().map(outcome_hash).collect();
    let distinct: std::collections::BTreeSet<&u64> = hashes.iter().collect();
    assert_eq!(distinct.len(), hashes.len());
    let lines: Vec<String> = hashes.iter().map(|hash| format!("{hash:016x}")).collect();
    expect![[r#"
        d0a7ddf2ccffb846
        137df8a0c1f904ee
        747af0103bbbea25
        227c93219e8acd41
        ad061d99ed991ccd
        08f48b6aab91d84b
        2280a73acc229c1e
        2d5807c50d3d2599
        5a9e34cf79c7b26d
        284b6afc1758ad6b
        e2f93658397ac24e
        41ce8ba33ad18959
        b09c2436324e16a6
        28e0b5f9936a36f0
        161c94543ea33e17
        2ec138b5615fd95e
        e798a80c5ca72b3e
        9e020b5c28eb1cd7
        c36883f928f2b1f0
        82533d4d983d32c1
        9054d4a23f4bab60
        4c6f5a1501bf70c0
        d021cfced2b55003
        041fa2fc69f02f62
        a409bb0b4bfe1668
        53df7371cafff4b4
        efe3df6d3ebd7596
        af79272531905fde
        0ad1c007f4de0599
        b3092e95a0ac6b24
        60b9adc7908a3e4a
        f98ba5dab0bdbca6
        f5a4c15304251101
        13599290201ba0ff
        e2046b9325ead1c2"#]]
    .assert_eq(&lines.join("\n"));
}
