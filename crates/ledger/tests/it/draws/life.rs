//! One draw from its first entry to its last unit, and what becomes of it on the way.

use super::desk::{DAY, Desk, LOTS, done, draws, refused};
use ledger::{PublicEntry, Stage};
use types::definition::{Reserved, Series};
use types::ids::ItemNo;
use types::{
    Action, DrawEvent, DrawNo, EntryNo, ListKind, Outcome, PersonKey, PoolNo, Refusal, StockMode,
};

fn lapse() -> Action {
    Action::Lapse { campaign: LOTS, outlet: None, item: None, slot: None }
}

fn is_registered(entry: PublicEntry) -> bool {
    matches!(entry, PublicEntry::Registered { .. })
}

fn is_booked(entry: PublicEntry) -> bool {
    matches!(entry, PublicEntry::Booked { .. })
}

fn is_sold_out(entry: PublicEntry) -> bool {
    matches!(entry, PublicEntry::NotAllocated { cooling_down: false, .. })
}

#[test]
fn a_draw_for_all_lives_from_its_first_entry_to_its_last_unit() {
    let mut desk = Desk::new(&draws(None, 2));
    desk.enter_all(5);
    assert_eq!(refused(&desk.close_list(None, false)), &Refusal::StillOpen);
    desk.done(Action::Close { campaign: LOTS });
    let listed = Outcome::Listed { draw: DrawNo(1), entries: 5 };
    assert_eq!(desk.close_list(None, false), listed);
    let open = Action::Open { campaign: LOTS };
    assert_eq!(refused(&desk.act(open.clone())), &Refusal::DrawUnderWay);
    assert_eq!(refused(&desk.stock(StockMode::Replace, 0, 9)), &Refusal::DrawUnderWay);
    assert_eq!(refused(&desk.enter(&[77])), &Refusal::Closed);
    desk.until(Stage::Drawn, 2);
    assert_eq!(refused(&desk.award(0, &[0, 1, 2])), &Refusal::OverLimit);
    assert_eq!(desk.award(0, &[3]), done(1));
    desk.save_and_load();
    assert_eq!(desk.award(1, &[1]), done(1));
    assert!((0..5).all(|entry| is_registered(desk.look(entry))));
    assert_eq!(refused(&desk.redeem(3)), &Refusal::NotPublished);
    assert_eq!(desk.publish(), done(0));
    assert_eq!(refused(&desk.publish()), &Refusal::AlreadySo);
    assert!([3, 1].into_iter().all(|entry| is_booked(desk.look(entry))));
    assert!([0, 2, 4].into_iter().all(|entry| is_sold_out(desk.look(entry))));
    assert_eq!(refused(&desk.act(open)), &Refusal::Published);
    desk.at.0 += 3_600_000;
    assert!(matches!(desk.redeem(3), Outcome::Redeemed { .. }));
    assert_eq!(refused(&desk.redeem(4)), &Refusal::NotBooked);
    // The other does not come, and the next gets it.
    assert_eq!(desk.act(lapse()), done(1));
    assert!(matches!(desk.look(1), PublicEntry::Cancelled { .. }));
    assert_eq!(desk.act(lapse()), done(0));
    assert_eq!(desk.alternates(true), done(0));
    assert_eq!(desk.event(DrawEvent::Alternates { winners: 1 }), done(0));
    assert!(is_registered(desk.look(4)), "who may win yet reads nothing else");
    assert!(matches!(desk.look(3), PublicEntry::Booked { redeemed: Some(_), .. }));
    assert_eq!(desk.award(2, &[4]), done(1));
    desk.save_and_load();
    assert!(is_registered(desk.look(4)));
    assert_eq!(desk.publish(), done(0));
    assert!(is_booked(desk.look(4)) && is_sold_out(desk.look(0)));
    assert!(matches!(desk.redeem(4), Outcome::Redeemed { .. }));
    // Those who have nothing may be drawn among once more, and nobody else.
    assert_eq!(refused(&desk.close_list(None, false)), &Refusal::NotAsAsked);
    assert_eq!(desk.close_list(None, true), Outcome::Listed { draw: DrawNo(2), entries: 2 });
    desk.save_and_load();
}

/// While others are drawn, whoever won before may know it, and collect.
#[test]
fn a_winner_who_may_know_it_collects_while_alternates_are_drawn() {
    let mut desk = Desk::new(&draws(Some(2), 2));
    desk.enter_all(3);
    desk.draw(Some(0), &[0]);
    assert_eq!(desk.alternates(true), done(0));
    assert_eq!(desk.event(DrawEvent::Alternates { winners: 1 }), done(0));
    assert!(is_booked(desk.look(0)) && is_registered(desk.look(1)));
    desk.at.0 += 3_600_000;
    assert!(matches!(desk.redeem(0), Outcome::Redeemed { .. }));
}

#[test]
fn a_void_draw_undoes_what_it_gave() {
    let mut desk = Desk::new(&draws(None, 2));
    desk.enter_all(4);
    desk.done(Action::Close { campaign: LOTS });
    desk.close_list(None, false);
    desk.until(Stage::Drawn, 2);
    assert_eq!(desk.award(0, &[0, 1]), done(2));
    assert!(matches!(desk.cancel(1), Outcome::Cancelled { .. }));
    assert_eq!(desk.booked(0), 1, "what a hidden win held is free again");
    assert_eq!(desk.event(DrawEvent::Void), done(0));
    assert_eq!(desk.booked(0), 0);
    let campaign = &desk.ledger.campaigns()[0];
    assert!((0..4).all(|entry| !campaign.is_hidden(EntryNo(entry))));
    assert!(is_registered(desk.look(0)), "it stands again");
    assert_eq!(refused(&desk.event(DrawEvent::Void)), &Refusal::AlreadySo);
    // A part that it gave, and took back, was not applied.
    let needs = types::DrawNeed::List;
    assert_eq!(refused(&desk.award(0, &[0, 1])), &Refusal::DrawOrder { needs });
    desk.save_and_load();
    desk.done(Action::Open { campaign: LOTS });
    assert_eq!(desk.enter(&[9]), Outcome::Registered { entry: EntryNo(4) });
    desk.done(Action::Close { campaign: LOTS });
    let listed = Outcome::Listed { draw: DrawNo(2), entries: 4 };
    assert_eq!(desk.close_list(None, false), listed, "all but who is gone");
    desk.until(Stage::Drawn, 1);
    assert_eq!(desk.award(0, &[4]), done(1));
    assert_eq!(desk.publish(), done(0));
    let published = desk.event(DrawEvent::Void);
    assert_eq!(refused(&published), &Refusal::Published, "what is published is never void");
}

#[test]
fn whoever_was_gone_before_the_award_gets_nothing() {
    let mut desk = Desk::new(&draws(Some(3), 1));
    desk.enter_all(3);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 2);
    assert!(matches!(desk.cancel(0), Outcome::Cancelled { .. }));
    // One unit is enough for two winners of whom one is gone.
    assert_eq!(desk.award(0, &[0, 2]), done(1));
    assert_eq!(desk.booked(0), 1);
    assert_eq!(refused(&desk.award(0, &[0])), &Refusal::AlreadySo);
    desk.save_and_load();
    assert_eq!(desk.publish(), done(0));
    assert!(!desk.ledger.campaigns()[0].is_listed(EntryNo(0)), "it is served");
    assert!(matches!(desk.look(0), PublicEntry::Cancelled { .. }));
    assert!(is_booked(desk.look(2)));
    desk.save_and_load();
}

/// Whoever won may not be drawn again before the cool-down ends, and no earlier draw forgets it.
#[test]
fn a_success_counts_from_the_close_of_its_draw() {
    let mut lots = draws(Some(9), 5);
    lots.series = Some(Series { code: "lots".into(), cool_down_days: 3 });
    let mut desk = Desk::new(&lots);
    desk.enter_all(2);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 1);
    desk.at.0 += DAY;
    assert_eq!(desk.award(0, &[0]), done(1));
    assert_eq!(refused(&desk.enter(&[0])), &Refusal::AlreadyIn);
    assert_eq!(desk.publish(), done(0));
    let success = desk.ledger.latest_success(LOTS, 0, super::desk::key(0)).unwrap();
    let calendar = &lots.calendar;
    assert_eq!(success.day.0 + 1, calendar.day(desk.at).0, "the day before, when it was closed");
    assert!(matches!(refused(&desk.enter(&[0])), Refusal::CoolingDown { until }
        if until.0 == success.day.0 + 3));
    // Units that lapse leave the success.
    desk.at.0 += DAY;
    assert_eq!(desk.act(lapse()), done(1));
    assert!(matches!(refused(&desk.enter(&[0])), Refusal::CoolingDown { .. }));
    desk.at.0 += DAY;
    assert_eq!(desk.enter(&[0]), Outcome::Registered { entry: EntryNo(2) });
    // A block list takes whoever is on it out of the next list.
    let keys = vec![super::desk::key(1)];
    desk.done(Action::List { campaign: LOTS, list: ListKind::Block, field: 0, keys });
    assert_eq!(desk.close_list(Some(0), false), Outcome::Listed { draw: DrawNo(2), entries: 1 });
}

/// Another item list, and a list nobody was put on: what is loaded can be saved and read.
#[test]
fn an_empty_list_of_an_item_that_is_gone_leaves_no_trace() {
    let mut lots = draws(Some(1), 1);
    let mut part = lots.items[0].clone();
    part.code = "part".into();
    part.reserved = Some(Reserved { of: ItemNo(0), tranche: "65".into() });
    lots.items.push(part);
    let mut desk = Desk::new(&lots);
    let list = |list, keys| Action::List { campaign: LOTS, list, field: 0, keys };
    desk.done(list(ListKind::Reserved(ItemNo(1)), Vec::new()));
    desk.done(list(ListKind::Block, vec![PersonKey([3; 16])]));
    lots.items.pop();
    desk.done(Action::Load { definition: Box::new(lots) });
    desk.save_and_load();
}

#[test]
fn only_people_on_its_list_may_choose_a_reserved_item() {
    let mut lots = draws(Some(1), 1);
    let mut part = lots.items[0].clone();
    part.code = "part".into();
    part.reserved = Some(Reserved { of: ItemNo(0), tranche: "65".into() });
    lots.items.push(part);
    lots.stock.reverse();
    lots.stock[0].item = ItemNo(1);
    let mut desk = Desk::new(&lots);
    let list = |item, keys| {
        let list = ListKind::Reserved(ItemNo(item));
        Action::List { campaign: LOTS, list, field: 0, keys }
    };
    let of_whole = desk.act(list(0, vec![super::desk::key(1)]));
    assert_eq!(refused(&of_whole), &Refusal::UnknownPlace, "it is not reserved");
    assert_eq!(desk.act(list(1, vec![super::desk::key(1)])), done(1));
    assert_eq!(refused(&desk.enter(&[0])), &Refusal::NotEligible);
    assert_eq!(refused(&desk.enter(&[1, 0])), &Refusal::NotEligible, "each of a group");
    assert_eq!(desk.enter(&[1]), Outcome::Registered { entry: EntryNo(0) });
    assert_eq!(desk.ledger.campaigns()[0].pools()[0].place.item, ItemNo(1));
    desk.save_and_load();
    // Nor may other items take them off it before somebody enters.
    let mut other = Desk::new(&lots);
    assert_eq!(other.act(list(1, vec![super::desk::key(1)])), done(1));
    lots.items.pop();
    lots.stock.remove(0);
    let outcome = other.act(Action::Load { definition: Box::new(lots) });
    let why = types::outcome::RESERVED_PEOPLE_LOST.to_owned();
    assert_eq!(refused(&outcome), &Refusal::DefinitionInvalid { why });
}

#[test]
fn a_group_wins_as_one_and_counts_for_each() {
    let mut lots = draws(Some(5), 5);
    lots.series = Some(Series { code: "lots".into(), cool_down_days: 2 });
    let mut desk = Desk::new(&lots);
    assert_eq!(desk.enter(&[1, 2, 3]), Outcome::Registered { entry: EntryNo(0) });
    assert_eq!(refused(&desk.enter(&[3])), &Refusal::AlreadyIn);
    assert_eq!(refused(&desk.enter(&[4, 2])), &Refusal::AlreadyIn);
    assert_eq!(refused(&desk.enter(&[5, 5])), &Refusal::NotAsAsked);
    desk.draw(Some(0), &[0]);
    desk.save_and_load();
    for person in 1..=3 {
        assert!(matches!(refused(&desk.enter(&[person])), Refusal::CoolingDown { .. }));
        let keys = [super::desk::key(person)];
        assert!(is_booked(desk.ledger.find(LOTS, &keys, [2; 8]).unwrap()));
    }
    assert!(matches!(refused(&desk.enter(&[6, 3])), Refusal::CoolingDown { .. }));
    assert!(matches!(desk.cancel(0), Outcome::Cancelled { .. }));
    assert_eq!(desk.enter(&[6, 3]), Outcome::Registered { entry: EntryNo(1) });
    assert_eq!(desk.ledger.campaigns()[0].further_keys_of(EntryNo(1)), [super::desk::key(3)]);
}

#[test]
fn an_award_that_does_not_fit_is_not_applied_in_part() {
    let mut desk = Desk::new(&draws(Some(5), 2));
    desk.enter_all(4);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 4);
    let before = |desk: &Desk| (desk.booked(0), desk.booked(1));
    let pool = |rows: &[(u32, u32)]| -> Vec<(EntryNo, PoolNo)> {
        rows.iter().map(|(entry, pool)| (EntryNo(*entry), PoolNo(*pool))).collect()
    };
    let latest = DrawNo(1);
    for (first, rows, refusal) in [
        (0, pool(&[(0, 0), (1, 0), (2, 0)]), Refusal::SoldOut),
        (0, pool(&[(0, 0), (1, 0), (0, 1)]), Refusal::NotAsAsked),
        (0, pool(&[(0, 0), (9, 0)]), Refusal::NotAsAsked),
        (0, pool(&[(0, 0), (1, 2)]), Refusal::NotAsAsked),
        (1, pool(&[(0, 0)]), Refusal::NotAsAsked),
        (u32::MAX, pool(&[(0, 0)]), Refusal::NotAsAsked),
        (0, pool(&[(0, 0), (1, 0), (2, 1), (3, 1), (3, 1)]), Refusal::OverLimit),
    ] {
        assert_eq!(refused(&desk.award_of(latest, first, &rows)), &refusal, "{first} {rows:?}");
        assert_eq!(before(&desk), (0, 0));
    }
    assert_eq!(refused(&desk.award_of(DrawNo(2), 0, &pool(&[(0, 0)]))), &Refusal::UnknownDraw);
    assert_eq!(desk.award_of(latest, 0, &pool(&[(0, 0), (1, 0), (2, 1)])), done(3));
    assert_eq!(refused(&desk.award_of(latest, 0, &pool(&[(0, 0)]))), &Refusal::AlreadySo);
    assert_eq!(refused(&desk.award_of(latest, 3, &pool(&[(2, 1)]))), &Refusal::NotAsAsked);
    assert_eq!(desk.award_of(latest, 3, &pool(&[(3, 1)])), done(1));
    assert_eq!(refused(&desk.award_of(latest, 3, &pool(&[(3, 1)]))), &Refusal::AlreadySo);
    let needs = types::DrawNeed::Publication;
    let more = desk.award_of(latest, 4, &pool(&[(3, 1)]));
    assert_eq!(refused(&more), &Refusal::DrawOrder { needs });
    desk.save_and_load();
}
