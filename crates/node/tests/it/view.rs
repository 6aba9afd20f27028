//! What the gate sees of campaigns: enough to turn away whom the ledger would, and no more.

use crate::support::{START, Site, definition, open_campaign, start};
use ledger::Phase;
use types::command::Cancel;
use types::definition::{Definition, Publish, Series};
use types::{Action, CampaignNo, EntryNo, Millis, Outcome, PoolNo};

const CAMPAIGN: CampaignNo = CampaignNo(0);
const POOL: PoolNo = PoolNo(0);
const NOW: Millis = Millis(START);

fn enter(site: &Site, person: u32) {
    let outcome = site.enter(person, person).unwrap();
    let entry = EntryNo(person);
    assert!(
        [Outcome::Booked { entry, pool: POOL, units: 1 }, Outcome::Registered { entry }]
            .contains(&outcome),
        "{outcome:?}"
    );
}

fn cancel(site: &Site, entry: u32) {
    let mut record = Vec::new();
    Cancel { campaign: CAMPAIGN, entry: EntryNo(entry) }.encode(&mut record);
    site.node.submit_one(record).unwrap().wait().unwrap();
}

/// Whether one unit, and two, are gone; whether everything is; and what is told to be free.
fn seen(site: &Site) -> (bool, bool, bool, Option<u32>) {
    let view = site.node.view();
    let campaign = &view.campaigns[0];
    let gone = |units| campaign.sold_out(&[POOL], units);
    (gone(1), gone(2), campaign.all_sold_out(), campaign.free(POOL, NOW))
}

#[test]
fn the_door_shuts_with_the_last_unit_and_opens_when_one_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    open_campaign(&site, 2, Publish::AtOnce);
    assert_eq!(seen(&site), (false, false, false, Some(2)));
    enter(&site, 0);
    assert_eq!(seen(&site), (false, true, false, Some(1)));
    enter(&site, 1);
    assert_eq!(seen(&site), (true, true, true, Some(0)));
    cancel(&site, 0);
    assert_eq!(seen(&site), (false, true, false, Some(1)));
    cancel(&site, 1);
    assert_eq!(seen(&site), (false, false, false, Some(2)));
    (2..4).for_each(|person| enter(&site, person));
    assert_eq!(seen(&site), (true, true, true, Some(0)), "each came back once");
    cancel(&site, 3);
    let view = site.node.view();
    let campaign = &view.campaigns[0];
    assert_eq!((campaign.entries(), campaign.phase(NOW)), (4, Phase::Open { until: None }));
    assert!(campaign.is_offered(POOL) && campaign.is_published(NOW) && !campaign.is_shredded());
    assert!(!campaign.sold_out(&[PoolNo(9)], 1), "the ledger says what is no pool of it");
    let (outlet, item, slot) = (None, None, None);
    let units = None;
    let _all = site.operate(Action::Withdraw { campaign: CAMPAIGN, outlet, item, slot, units });
    let view = site.node.view();
    assert!(view.campaigns[0].is_offered(POOL), "one of its units is booked");
    assert_eq!(seen(&site), (true, true, true, Some(0)));
    let _closed = site.operate(Action::Close { campaign: CAMPAIGN });
    let view = site.node.view();
    assert_eq!(view.campaigns[0].phase(NOW), Phase::Closed);
    (0..3).for_each(|_| view.campaigns[0].count_turned_away("closed"));
    let counts = site.node.metrics().turned_away.counts();
    let counted: Vec<_> = counts.filter(|(_, count)| 0 < *count).collect();
    assert_eq!(counted, [("closed", 3)]);
    site.stop().unwrap();
}

#[test]
fn what_nobody_can_have_is_not_offered() {
    for publish in [Publish::AtOnce, Publish::ByHand { expected: None }] {
        let folder = tempfile::tempdir().unwrap();
        let site = start(folder.path());
        open_campaign(&site, 2, publish);
        let is_offered = || site.node.view().campaigns[0].is_offered(POOL);
        assert!(is_offered());
        let (campaign, outlet, item, slot) = (CAMPAIGN, None, None, None);
        let withdraw =
            |units| site.operate(Action::Withdraw { campaign, outlet, item, slot, units });
        let _one = withdraw(Some(1));
        assert!(is_offered(), "there is another one");
        let _rest = withdraw(None);
        assert!(!is_offered());
        site.stop().unwrap();
    }
}

#[test]
fn what_is_held_back_shuts_no_door() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    open_campaign(&site, 1, Publish::ByHand { expected: None });
    enter(&site, 0);
    assert_eq!(seen(&site), (false, false, false, None));
    let _closed = site.operate(Action::Close { campaign: CAMPAIGN });
    let _published = site.operate(Action::Publish { campaign: CAMPAIGN });
    let view = site.node.view();
    assert_eq!(view.campaigns[0].free(POOL, NOW), Some(0));
    assert!(view.campaigns[0].is_published(NOW));
    let shredded = site.operate(Action::Shred { campaign: CAMPAIGN });
    assert!(site.node.view().campaigns[0].is_shredded(), "{shredded:?}");
    site.stop().unwrap();
}

#[test]
fn campaigns_are_found_by_code_and_wait_for_those_of_their_series() {
    let folder = tempfile::tempdir().unwrap();
    let site = start(folder.path());
    let of = |code: &str, series: Option<(&str, u16)>, publish| {
        let mut definition = definition(5, publish);
        definition.code = code.to_owned();
        definition.series =
            series.map(|(code, cool_down_days)| Series { code: code.to_owned(), cool_down_days });
        definition
    };
    let by_hand = || Publish::ByHand { expected: None };
    let load = |definition: Box<Definition>| {
        let _loaded = site.operate(Action::Load { definition });
    };
    load(of("first", Some(("masks", 7)), by_hand()));
    load(of("alone", None, by_hand()));
    let next = of("next", Some(("masks", 7)), by_hand());
    load(next.clone());
    let view = site.node.view();
    for (no, code) in ["first", "alone", "next"].into_iter().enumerate() {
        assert_eq!(view.by_code(code).map(|found| found.no.index()), Some(no));
    }
    assert!(view.by_code("another").is_none());
    let waits = |definition: &Definition| {
        site.node.view().waits_for(definition, NOW).map(|found| found.definition.code.clone())
    };
    assert_eq!(waits(&next), None, "nobody has entered the first");
    let _opened = site.operate(Action::Open { campaign: CAMPAIGN });
    enter(&site, 0);
    assert_eq!(waits(&next).as_deref(), Some("first"));
    let first = site.node.view().campaigns[0].definition.clone();
    assert_eq!(waits(&first), None, "not for itself");
    assert_eq!(waits(&of("next", None, by_hand())), None, "of no series");
    assert_eq!(waits(&of("next", Some(("others", 7)), by_hand())), None, "of another one");
    assert_eq!(waits(&of("next", Some(("masks", 0)), by_hand())), None, "nobody cools down");
    assert_eq!(waits(&of("next", Some(("masks", 7)), Publish::AtOnce)), None, "booked at once");
    let _closed = site.operate(Action::Close { campaign: CAMPAIGN });
    assert_eq!(waits(&next).as_deref(), Some("first"));
    let _published = site.operate(Action::Publish { campaign: CAMPAIGN });
    assert_eq!(waits(&next), None, "its results are known");
    site.stop().unwrap();
}
