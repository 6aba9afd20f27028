//! A draw that is made again, or goes on: who is on the list, and that nothing locks it.

use super::desk::{DAY, Desk, LOTS, done, draws, refused};
use ledger::{Changes, PublicEntry, Stage};
use types::definition::Slot;
use types::limits::DRAW_BUCKETS_MAX;
use types::{Action, DrawEvent, DrawNeed, DrawNo, EntryNo, Outcome, Refusal, StockMode};

fn listed(draw: u16, entries: u32) -> Outcome {
    Outcome::Listed { draw: DrawNo(draw), entries }
}

/// The files of a draw have everybody who was on its list, and so has the list after it is void.
#[test]
fn a_void_draw_loses_nobody_who_gave_up_and_won() {
    let mut desk = Desk::new(&draws(None, 1));
    desk.enter_all(3);
    desk.done(Action::Close { campaign: LOTS });
    desk.draw(None, &[0]);
    assert!(matches!(desk.cancel(0), Outcome::Cancelled { .. }));
    assert_eq!(desk.close_list(None, true), listed(2, 2));
    assert!(matches!(desk.cancel(2), Outcome::Cancelled { .. }));
    desk.until(Stage::Drawn, 1);
    assert_eq!(desk.award(0, &[2]), done(0));
    assert_eq!(desk.event(DrawEvent::Void), done(0));
    desk.save_and_load();
    assert_eq!(desk.close_list(None, true), listed(3, 2));
    // Once it is published, who won is served, with units or without.
    desk.until(Stage::Drawn, 1);
    assert_eq!(desk.award(0, &[2]), done(0));
    assert_eq!(desk.publish(), done(0));
    assert_eq!(desk.close_list(None, true), listed(4, 1));
}

/// Whoever was among the winners of a part is in no other part, though it got nothing.
#[test]
fn whoever_won_and_got_nothing_does_not_win_twice() {
    let mut desk = Desk::new(&draws(Some(3), 2));
    desk.enter_all(3);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 2);
    assert!(matches!(desk.cancel(0), Outcome::Cancelled { .. }));
    assert_eq!(desk.award(0, &[0]), done(0));
    desk.save_and_load();
    assert_eq!(refused(&desk.award(1, &[0])), &Refusal::NotAsAsked);
    assert_eq!(desk.award(1, &[1]), done(1));
}

#[test]
fn a_fresh_draw_may_follow_a_void_one_among_the_unserved() {
    let mut lots = draws(Some(9), 1);
    let second = Slot { code: "s1".into(), ..lots.slots[0].clone() };
    lots.slots.push(second);
    let mut desk = Desk::new(&lots);
    desk.enter_all(3);
    desk.draw(Some(0), &[0]);
    assert_eq!(desk.close_list(Some(0), true), listed(2, 2));
    assert_eq!(desk.event(DrawEvent::Void), done(0));
    // The slot is over; who lost its draw has lost once, not twice.
    desk.at.0 += DAY;
    let losses =
        |desk: &Desk| [1, 2].map(|entry| desk.ledger.campaigns()[0].losses_of(EntryNo(entry)));
    assert!(matches!(desk.look(1), PublicEntry::Registered { losses: 1, .. }));
    assert_eq!(desk.close_list(Some(1), false), listed(3, 2));
    assert_eq!(losses(&desk), [1, 1]);
    assert!(matches!(desk.look(1), PublicEntry::Registered { losses: 1, .. }));
    // Void, it is made again, and not among anybody's unserved.
    assert_eq!(desk.event(DrawEvent::Void), done(0));
    assert_eq!(refused(&desk.close_list(Some(1), true)), &Refusal::NotAsAsked);
    assert_eq!(desk.close_list(Some(1), false), listed(4, 2));
    assert_eq!(losses(&desk), [1, 1]);
    // One draw for all has no other but that among its unserved.
    let mut once = Desk::new(&draws(None, 1));
    once.enter_all(2);
    once.done(Action::Close { campaign: LOTS });
    once.draw(None, &[0]);
    assert_eq!(once.close_list(None, true), listed(2, 1));
    assert_eq!(once.event(DrawEvent::Void), done(0));
    assert_eq!(refused(&once.close_list(None, false)), &Refusal::NotAsAsked);
}

#[test]
fn what_alternates_are_drawn_from_stays_until_they_have_it() {
    let mut desk = Desk::new(&draws(Some(9), 1));
    desk.enter_all(3);
    desk.draw(Some(0), &[0]);
    assert!(matches!(desk.cancel(0), Outcome::Cancelled { .. }));
    let event = DrawEvent::Alternates { winners: 1 };
    let needs = |needs| Refusal::DrawOrder { needs };
    assert_eq!(desk.alternates(true), done(0));
    assert_eq!(refused(&desk.alternates(true)), &Refusal::AlreadySo);
    desk.save_and_load();
    for locked in [desk.withdraw(), desk.stock(StockMode::Replace, 0, 0)] {
        assert_eq!(refused(&locked), &Refusal::DrawUnderWay);
    }
    assert_eq!(refused(&desk.close_list(Some(0), true)), &needs(DrawNeed::Alternates));
    assert_eq!(refused(&desk.publish()), &needs(DrawNeed::Alternates));
    assert_eq!(desk.event(event), done(0));
    assert_eq!(refused(&desk.alternates(false)), &needs(DrawNeed::Awards), "it is announced");
    assert_eq!(desk.award(1, &[1]), done(1));
    assert_eq!(desk.publish(), done(0));
    // A round that nobody needs is called off.
    assert_eq!(refused(&desk.alternates(false)), &Refusal::AlreadySo);
    assert_eq!(desk.alternates(true), done(0));
    assert_eq!(desk.alternates(false), done(0));
    assert!(matches!(desk.look(1), PublicEntry::Booked { .. }));
    assert_eq!(desk.withdraw(), done(1));
}

#[test]
fn stock_may_grow_while_a_draw_is_under_way() {
    let mut desk = Desk::new(&draws(Some(9), 1));
    desk.enter_all(3);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 2);
    assert_eq!(refused(&desk.award(0, &[0, 1])), &Refusal::SoldOut);
    assert_eq!(desk.stock(StockMode::Add, 0, 1), done(1));
    assert_eq!(desk.award(0, &[0, 1]), done(2));
    assert_eq!(refused(&desk.withdraw()), &Refusal::DrawUnderWay);
}

#[test]
fn stock_has_no_more_buckets_than_a_draw() {
    let mut lots = draws(None, 1);
    let most = DRAW_BUCKETS_MAX as u16;
    let mut outlets = Vec::new();
    for outlet in 0..=most / 4 {
        outlets.push(types::definition::Outlet {
            code: format!("o{outlet}"),
            ..lots.outlets[0].clone()
        });
    }
    lots.outlets = outlets;
    let item = |no| types::definition::Item { code: format!("i{no}"), ..lots.items[0].clone() };
    lots.items = (0..4).map(item).collect();
    let place = |nth: u16| types::definition::Stock {
        outlet: types::OutletNo(nth / 4),
        item: types::ids::ItemNo(nth % 4),
        slot: types::SlotNo(0),
        units: 1,
    };
    lots.stock = (0..most).map(place).collect();
    let mut desk = Desk::new(&lots);
    // One place is left, and no bucket for it.
    let row = types::StockRow {
        outlet: types::OutletNo(most / 4),
        item: types::ids::ItemNo(most % 4),
        slot: types::SlotNo(0),
        units: 1,
    };
    let add = Action::Stock { campaign: LOTS, mode: StockMode::Add, rows: vec![row] };
    assert_eq!(refused(&desk.act(add)), &Refusal::OverLimit);
    assert_eq!(desk.stock(StockMode::Add, 0, 1), done(1));
    lots.stock.push(place(most));
    assert!(lots.check().unwrap_err().to_string().contains("65,535 buckets"));
}

/// Whoever shows a campaign makes a view of it when it is told that it changed.
#[test]
fn winners_in_parts_are_one_change_of_their_campaign() {
    let mut desk = Desk::new(&draws(Some(9), 3));
    desk.enter_all(3);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 3);
    let mut changes = Changes::default();
    let mut changed = |desk: &mut Desk| {
        desk.ledger.take_changes(&mut changes);
        (changes.campaigns.len(), changes.pools.len())
    };
    changed(&mut desk);
    assert_eq!(desk.award(0, &[0]), done(1));
    assert_eq!(changed(&mut desk), (0, 1));
    assert_eq!(desk.award(1, &[1]), done(1));
    assert_eq!(changed(&mut desk), (0, 1));
    assert_eq!(desk.award(2, &[2]), done(1));
    assert_eq!(changed(&mut desk), (1, 1));
}
