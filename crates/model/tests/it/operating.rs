//! What operators do.

use crate::desk::{Desk, MASKS, SECOND, in_series, masks, row, wish, with_second_outlet};
use expect_test::expect;
use model::generate::definition;
use types::{
    Action, CampaignNo, Command, Definition, ItemNo, OperatorCommand, Outcome, OutletNo, Publish,
    Refusal, StockMode, limits,
};

#[test]
fn stock_is_replaced_whole_or_not_at_all() {
    let mut desk = Desk::new(with_second_outlet(masks(3), 5));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.stock(StockMode::Replace, &[row(0, 2), row(1, 9)]);
    desk.pools();
    desk.stock(StockMode::Replace, &[row(0, 1), row(1, 1)]);
    desk.stock(StockMode::Replace, &[row(1, 4)]);
    desk.pools();
    desk.stock(StockMode::Replace, &[row(0, 4)]);
    desk.pools();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 1 20:00 stock: done 5
        Feb 1 20:00 pool 0: issued 3 withdrawn 1 booked 2 redeemed 0 free 0
        Feb 1 20:00 pool 1: issued 9 withdrawn 0 booked 0 redeemed 0 free 9
        Feb 1 20:00 stock: REFUSED below-booked [PoolNo(0)]
        Feb 1 20:00 stock: REFUSED below-booked [PoolNo(0)]
        Feb 1 20:00 pool 0: issued 3 withdrawn 1 booked 2 redeemed 0 free 0
        Feb 1 20:00 pool 1: issued 9 withdrawn 0 booked 0 redeemed 0 free 9
        Feb 1 20:00 stock: done 11
        Feb 1 20:00 pool 0: issued 5 withdrawn 1 booked 2 redeemed 0 free 2
        Feb 1 20:00 pool 1: issued 9 withdrawn 9 booked 0 redeemed 0 free 0
    "#]]);
}

#[test]
fn stock_is_added_and_new_pools_appended() {
    let mut masks = with_second_outlet(masks(3), 5);
    masks.stock.pop();
    let mut desk = Desk::new(masks);
    desk.stock(StockMode::Add, &[row(1, 4), row(0, 2)]);
    desk.pools();
    desk.stock(StockMode::Add, &[row(0, 1), row(2, 1)]);
    desk.stock(StockMode::Add, &[row(0, 1), row(0, 1)]);
    desk.stock(StockMode::Add, &[row(0, 1), row(0, 1), row(2, 1)]);
    desk.stock(StockMode::Add, &[row(0, limits::POOL_UNITS_MAX)]);
    desk.stock(StockMode::Add, &[row(0, u32::MAX)]);
    desk.stock(StockMode::Add, &[row(0, limits::POOL_UNITS_MAX - 5)]);
    desk.stock(StockMode::Add, &[row(0, 1)]);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 stock: done 6
        Feb 1 00:00 pool 0: issued 5 withdrawn 0 booked 0 redeemed 0 free 5
        Feb 1 00:00 pool 1: issued 4 withdrawn 0 booked 0 redeemed 0 free 4
        Feb 1 00:00 stock: REFUSED unknown-place
        Feb 1 00:00 stock: REFUSED not-as-asked
        Feb 1 00:00 stock: REFUSED unknown-place
        Feb 1 00:00 stock: REFUSED over-limit
        Feb 1 00:00 stock: REFUSED over-limit
        Feb 1 00:00 stock: done 99999995
        Feb 1 00:00 stock: REFUSED over-limit
    "#]]);
}

#[test]
fn units_are_withdrawn_while_they_are_free() {
    let mut desk = Desk::new(with_second_outlet(masks(3), 5));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    let withdraw = |outlet, item, units| Action::Withdraw {
        campaign: MASKS,
        outlet: Some(OutletNo(outlet)),
        item,
        slot: None,
        units,
    };
    desk.act(withdraw(1, None, Some(2)));
    desk.act(withdraw(0, None, None));
    desk.act(withdraw(0, None, None));
    desk.act(withdraw(2, None, None));
    desk.act(withdraw(0, Some(ItemNo(1)), None));
    desk.pools();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 withdraw: done 2
        Feb 1 20:00 withdraw: done 2
        Feb 1 20:00 withdraw: done 0
        Feb 1 20:00 withdraw: REFUSED unknown-place
        Feb 1 20:00 withdraw: REFUSED unknown-place
        Feb 1 20:00 pool 0: issued 3 withdrawn 2 booked 1 redeemed 0 free 0
        Feb 1 20:00 pool 1: issued 5 withdrawn 2 booked 0 redeemed 0 free 3
    "#]]);
}

#[test]
fn a_cap_ends_registration_and_lifting_it_opens_again() {
    let mut desk = Desk::new(masks(9));
    let cap = |entries| Action::Cap { campaign: MASKS, entries };
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.act(cap(Some(0)));
    desk.act(cap(Some(limits::ENTRIES_MAX + 1)));
    desk.act(cap(Some(1)));
    desk.act(cap(Some(2)));
    desk.act(cap(Some(2)));
    desk.enter(wish(3, &[3]));
    // A cancelled entry keeps its place under the cap.
    desk.cancel(0);
    desk.enter(wish(3, &[3]));
    desk.act(cap(Some(3)));
    desk.enter(wish(3, &[3]));
    desk.act(cap(None));
    desk.act(cap(None));
    desk.enter(wish(4, &[4]));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 1 20:00 cap: REFUSED over-limit
        Feb 1 20:00 cap: REFUSED over-limit
        Feb 1 20:00 cap: REFUSED below-entries, there are 2
        Feb 1 20:00 cap: done 0
        Feb 1 20:00 cap: REFUSED already-so
        Feb 1 20:00 person [3] request 3: REFUSED cap-reached
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 person [3] request 3: REFUSED cap-reached
        Feb 1 20:00 cap: done 0
        Feb 1 20:00 person [3] request 3: booked entry 2, 1 of pool 0
        Feb 1 20:00 cap: done 0
        Feb 1 20:00 cap: REFUSED already-so
        Feb 1 20:00 person [4] request 4: booked entry 3, 1 of pool 0
    "#]]);
}

#[test]
fn switches_say_when_they_are_so_already() {
    let mut desk = Desk::new(masks(9));
    let (campaign, second) = (MASKS, SECOND);
    desk.act(Action::Open { campaign });
    desk.act(Action::Open { campaign });
    desk.act(Action::Resume { campaign });
    desk.act(Action::Pause { campaign });
    desk.act(Action::Pause { campaign });
    desk.act(Action::Close { campaign });
    desk.act(Action::Close { campaign });
    desk.act(Action::Resume { campaign });
    desk.act(Action::Publish { campaign });
    desk.act(Action::Close { campaign: second });
    desk.act(Action::Shred { campaign });
    desk.act(Action::Shred { campaign });
    desk.act(Action::Open { campaign });
    desk.load(masks(9));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: REFUSED already-so
        Feb 1 00:00 resume: REFUSED already-so
        Feb 1 00:00 pause: done 0
        Feb 1 00:00 pause: REFUSED already-so
        Feb 1 00:00 close: done 0
        Feb 1 00:00 close: REFUSED already-so
        Feb 1 00:00 resume: REFUSED already-so
        Feb 1 00:00 publish: REFUSED already-so
        Feb 1 00:00 close: REFUSED unknown-campaign
        Feb 1 00:00 shred: done 0
        Feb 1 00:00 shred: REFUSED shredded
        Feb 1 00:00 open: REFUSED shredded
        Feb 1 00:00 load masks: REFUSED campaign-exists
    "#]]);
}

#[test]
fn a_campaign_is_replaced_until_somebody_entered() {
    let mut desk = Desk::new(masks(9));
    desk.act(Action::Pause { campaign: MASKS });
    desk.stock(StockMode::Add, &[row(0, 4)]);
    desk.load(masks(5));
    desk.pools();
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.cancel(0);
    desk.load(masks(5));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 pause: done 0
        Feb 1 00:00 stock: done 4
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 pool 0: issued 5 withdrawn 0 booked 0 redeemed 0 free 5
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 load masks: REFUSED campaign-exists
    "#]]);
}

#[test]
fn campaigns_of_a_series_agree() {
    let mut desk = Desk::new(in_series("first", 9));
    let mut other_days = in_series("second", 9);
    other_days.series.as_mut().unwrap().cool_down_days = 4;
    let mut other_fields = in_series("second", 9);
    other_fields.register.fields[0].code = "passport".into();
    let publish = Publish::ByHand { expected: None };
    let other_publish = Definition { publish, ..in_series("second", 9) };
    let mut other_zone = in_series("second", 9);
    other_zone.calendar.zone = "Asia/Macau".into();
    desk.load(other_days.clone());
    desk.load(other_fields);
    desk.load(other_zone);
    desk.load(other_publish);
    desk.load(in_series("second", 9));
    // Neither can change alone; a third of no series can be what it likes.
    desk.load(other_days);
    desk.load(definition("third"));
    // Alone in its series, a campaign may change it.
    let mut alone = in_series("fourth", 9);
    alone.series.as_mut().unwrap().code = "county".into();
    desk.load(alone.clone());
    alone.series.as_mut().unwrap().cool_down_days = 1;
    desk.load(alone);
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: REFUSED series-differs
        Feb 1 00:00 load second: REFUSED series-differs
        Feb 1 00:00 load second: REFUSED series-differs
        Feb 1 00:00 load second: REFUSED series-differs
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 load second: REFUSED series-differs
        Feb 1 00:00 load third: loaded campaign 2
        Feb 1 00:00 load fourth: loaded campaign 3
        Feb 1 00:00 load fourth: loaded campaign 3
    "#]]);
}

#[test]
fn an_unsound_definition_is_refused_with_the_part() {
    let mut desk = Desk::new(masks(1));
    let mut unsound = masks(1);
    unsound.register.units_min = 2;
    desk.load(unsound);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 load masks: REFUSED definition-invalid
          register.units is not as a definition must be: must be 1 <= min <= max <= the limit
    "#]]);
}

#[test]
fn every_action_is_remembered_done_or_refused() {
    let mut desk = Desk::new(masks(1));
    desk.act(Action::Resume { campaign: MASKS });
    desk.act(Action::Open { campaign: CampaignNo(9) });
    let checksum = "00".repeat(32);
    desk.at(2, 0, 0).act(Action::Export { campaign: MASKS, bookings: 3, checksum, seen: None });
    let state = desk.model.state();
    let deeds: Vec<_> = state
        .deeds
        .iter()
        .map(|deed| (deed.frame.0, deed.word, deed.campaign.map(|no| no.0), deed.outcome))
        .collect();
    expect![[r#"
        [
            (
                1,
                "load",
                Some(
                    0,
                ),
                "loaded",
            ),
            (
                2,
                "resume",
                Some(
                    0,
                ),
                "already-so",
            ),
            (
                3,
                "open",
                Some(
                    9,
                ),
                "unknown-campaign",
            ),
            (
                4,
                "export",
                Some(
                    0,
                ),
                "done",
            ),
        ]
    "#]]
    .assert_debug_eq(&deeds);
    let exports = &state.campaigns[0].marks.exports;
    assert_eq!(exports.len(), 1);
    assert_eq!((exports[0].frame.0, exports[0].bookings), (4, 3));
}

#[test]
fn the_newest_exports_are_known() {
    let mut desk = Desk::new(masks(1));
    let made = limits::EXPORTS_KEPT_MAX as u32 + 2;
    for bookings in 0..made {
        let checksum = format!("{bookings:064x}");
        desk.act(Action::Export { campaign: MASKS, bookings, checksum, seen: None });
    }
    let exports = &desk.model.state().campaigns[0].marks.exports;
    assert_eq!(exports.len(), limits::EXPORTS_KEPT_MAX);
    assert_eq!((exports[0].bookings, exports[exports.len() - 1].bookings), (2, made - 1));
}

#[test]
fn there_is_room_for_so_many_campaigns() {
    let mut desk = Desk::new(masks(1));
    let load = |code: &str| {
        let (actor, reason) = ("officer".into(), "planned".into());
        let action = Action::Load { definition: Box::new(definition(code)) };
        Command::Operator(Box::new(OperatorCommand { actor, from: None, reason, action }))
    };
    for number in 1..limits::CAMPAIGNS_MAX {
        let campaign = CampaignNo::from_index(number);
        assert_eq!(desk.apply(&load(&format!("c{number}"))), Outcome::Loaded { campaign });
    }
    let full = Outcome::Refused(Refusal::TooManyCampaigns);
    assert_eq!(desk.apply(&load("one-more")), full);
    let campaign = CampaignNo(7);
    assert_eq!(desk.apply(&load("c7")), Outcome::Loaded { campaign });
}
