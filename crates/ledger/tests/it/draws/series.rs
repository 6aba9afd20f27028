//! Draws of one series: nobody has more than the cool-down allows.

use super::desk::{DAY, Desk, LOTS, done, draws, key, refused};
use ledger::{PublicEntry, Stage};
use types::definition::{Definition, Series};
use types::{Action, Allocate, CampaignNo, DrawEvent, EntryNo, Outcome, Refusal};

const OTHER: CampaignNo = CampaignNo(1);

fn of_series(code: &str, units: u32) -> Definition {
    let mut lots = draws(Some(9), units);
    lots.code = code.into();
    lots.series = Some(Series { code: "lots".into(), cool_down_days: 5 });
    lots
}

/// Two draws of one series, both closed; the other one's list has nobody but this one's first.
fn two() -> Desk {
    let mut desk = Desk::new(&of_series("one", 2));
    desk.enter_all(3);
    desk.close_list(Some(0), false);
    desk.load(OTHER, &of_series("other", 2));
    assert_eq!(desk.enter(&[0]), Outcome::Registered { entry: EntryNo(0) });
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 1);
    desk
}

/// Something in another campaign than the one that everything is about.
fn of<T>(desk: &mut Desk, campaign: CampaignNo, what: impl FnOnce(&mut Desk) -> T) -> T {
    let before = std::mem::replace(&mut desk.of, campaign);
    let outcome = what(desk);
    desk.of = before;
    outcome
}

/// A booking of a later day stands before a draw's success, and is given up.
#[test]
fn an_earlier_success_counts_when_a_later_one_is_given_up() {
    let mut desk = Desk::new(&of_series("one", 2));
    desk.enter_all(2);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 1);
    assert_eq!(desk.award(0, &[0]), done(1));
    let first = desk.ledger.campaigns()[0].definition().calendar.day(desk.at);
    desk.at.0 += DAY;
    let mut by_hand = of_series("other", 2);
    by_hand.allocate = Allocate::FirstCome;
    desk.load(OTHER, &by_hand);
    assert_eq!(desk.enter(&[0]), Outcome::Registered { entry: EntryNo(0) });
    desk.done(Action::Close { campaign: OTHER });
    assert_eq!(desk.publish(), done(0));
    assert_eq!(of(&mut desk, LOTS, Desk::publish), done(0));
    let days = |desk: &Desk| {
        let mut days: Vec<u32> =
            desk.ledger.successes().map(|(_, _, success)| success.day.0 - first.0).collect();
        days.sort_unstable();
        days
    };
    assert_eq!(days(&desk), [0, 1]);
    desk.save_and_load();
    assert!(matches!(desk.cancel(0), Outcome::Cancelled { .. }));
    assert_eq!(days(&desk), [0]);
    desk.save_and_load();
    // The units of the draw are in hand, and so is its cool-down.
    let again = of(&mut desk, LOTS, |desk| desk.enter(&[0]));
    let Refusal::CoolingDown { until } = refused(&again) else { panic!("{again:?}") };
    assert_eq!(until.0, first.0 + 5);
    // Given up as well, it is forgotten.
    assert!(matches!(of(&mut desk, LOTS, |desk| desk.cancel(0)), Outcome::Cancelled { .. }));
    assert_eq!(days(&desk), [0_u32; 0]);
    assert!(matches!(of(&mut desk, LOTS, |desk| desk.enter(&[0])), Outcome::Registered { .. }));
}

/// Of two draws that were closed side by side, the one that is published first counts.
#[test]
fn whoever_won_elsewhere_since_the_list_gets_nothing() {
    let mut desk = two();
    assert_eq!(desk.award(0, &[0]), done(1));
    of(&mut desk, LOTS, |desk| desk.until(Stage::Drawn, 2));
    // Whoever knows nothing of the win must not learn of it by another draw.
    let early = of(&mut desk, LOTS, |desk| desk.award(0, &[0, 1]));
    assert_eq!(refused(&early), &Refusal::SeriesUnpublished);
    assert_eq!(desk.publish(), done(0));
    assert_eq!(of(&mut desk, LOTS, |desk| desk.award(0, &[0, 1])), done(1));
    desk.of = LOTS;
    desk.save_and_load();
    assert_eq!(desk.booked(0), 1);
    assert!(matches!(desk.look(0), PublicEntry::Registered { .. }));
    assert_eq!(desk.publish(), done(0));
    assert!(matches!(desk.look(0), PublicEntry::Registered { losses: 0, .. }), "it lost nothing");
    assert_eq!(desk.ledger.latest_success(LOTS, 0, key(0)).map(|of| of.campaign), Some(OTHER));
    // It is served: neither among the unserved, nor in a draw before the cool-down ends.
    assert!(matches!(desk.close_list(Some(0), true), Outcome::Listed { entries: 1, .. }));
}

#[test]
fn alternates_are_none_who_won_elsewhere_since() {
    let mut desk = two();
    of(&mut desk, LOTS, |desk| {
        desk.until(Stage::Drawn, 1);
        assert_eq!(desk.award(0, &[1]), done(1));
        assert_eq!(desk.publish(), done(0));
        assert!(matches!(desk.cancel(1), Outcome::Cancelled { .. }));
    });
    assert_eq!(desk.award(0, &[0]), done(1));
    assert_eq!(desk.publish(), done(0));
    desk.of = LOTS;
    assert_eq!(desk.alternates(true), done(0));
    assert_eq!(desk.event(DrawEvent::Alternates { winners: 2 }), done(0));
    assert_eq!(desk.award(1, &[0, 2]), done(1));
    assert_eq!(desk.publish(), done(0));
    assert!(matches!(desk.look(2), PublicEntry::Booked { .. }));
    assert!(!matches!(desk.look(0), PublicEntry::Booked { .. }));
}
