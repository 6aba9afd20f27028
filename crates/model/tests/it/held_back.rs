//! Outcomes that are held back: entering, looking up, publishing.

use crate::desk::{Desk, MASKS, SECOND, Wish, february, in_series, masks, wish};
use expect_test::expect;
use types::{Action, Definition, Publish};

const BY_HAND: Publish = Publish::ByHand { expected: None };

#[test]
fn booked_sold_out_and_cooling_down_look_the_same() {
    let first = Definition { publish: BY_HAND, ..in_series("first", 1) };
    let second = Definition { publish: BY_HAND, ..in_series("second", 1) };
    let mut desk = Desk::new(first);
    desk.load(second);
    desk.act(Action::Open { campaign: SECOND });
    desk.enter(Wish { campaign: SECOND, ..wish(1, &[3]) });
    desk.act(Action::Close { campaign: SECOND });
    desk.act(Action::Publish { campaign: SECOND });
    desk.act(Action::Open { campaign: MASKS });
    desk.at(2, 0, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.enter(wish(3, &[3]));
    desk.enter(wish(4, &[2]));
    desk.enter(wish(5, &[3]));
    for entry in 0..3 {
        desk.look(entry);
        desk.find(&[entry as u8 + 1], entry as u8 + 1);
        desk.redeem(entry, 0, 1);
    }
    desk.act(Action::Close { campaign: MASKS });
    desk.act(Action::Publish { campaign: MASKS });
    for entry in 0..3 {
        desk.look(entry);
        desk.enter(wish(entry as u8 + 1, &[entry as u8 + 1]));
    }
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [3] request 1: registered entry 0
        Feb 1 00:00 close: done 0
        Feb 1 00:00 publish: done 0
        Feb 1 00:00 open: done 0
        Feb 2 00:00 person [1] request 1: registered entry 0
        Feb 2 00:00 person [2] request 2: registered entry 1
        Feb 2 00:00 person [3] request 3: registered entry 2
        Feb 2 00:00 person [2] request 4: REFUSED already-in
        Feb 2 00:00 person [3] request 5: REFUSED already-in
        Feb 2 00:00 look 0: Registered
        Feb 2 00:00 find [1]: Registered
        Feb 2 00:00 redeem 0 at outlet 0 request 1: REFUSED not-published
        Feb 2 00:00 look 1: Registered
        Feb 2 00:00 find [2]: Registered
        Feb 2 00:00 redeem 1 at outlet 0 request 1: REFUSED not-published
        Feb 2 00:00 look 2: Registered
        Feb 2 00:00 find [3]: Registered
        Feb 2 00:00 redeem 2 at outlet 0 request 1: REFUSED not-published
        Feb 2 00:00 close: done 0
        Feb 2 00:00 publish: done 0
        Feb 2 00:00 look 0: booked 1 of pool 0
        Feb 2 00:00 person [1] request 1: registered entry 0
        Feb 2 00:00 look 1: SoldOut
        Feb 2 00:00 person [2] request 2: registered entry 1
        Feb 2 00:00 look 2: CoolingDown
        Feb 2 00:00 person [3] request 3: registered entry 2
    "#]]);
}

#[test]
fn results_of_a_series_wait_for_one_another() {
    let first = Definition { publish: BY_HAND, ..in_series("first", 1) };
    let second = Definition { publish: BY_HAND, ..in_series("second", 1) };
    let mut desk = Desk::new(first);
    desk.load(second);
    desk.act(Action::Open { campaign: MASKS });
    desk.act(Action::Open { campaign: SECOND });
    let in_second = |request, keys| Wish { campaign: SECOND, ..wish(request, keys) };
    desk.enter(wish(1, &[1]));
    desk.enter(in_second(2, &[1]));
    desk.enter(in_second(3, &[2]));
    desk.act(Action::Close { campaign: MASKS });
    desk.enter(in_second(3, &[2]));
    desk.act(Action::Publish { campaign: MASKS });
    desk.enter(in_second(2, &[1]));
    desk.enter(in_second(3, &[2]));
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [1] request 2: REFUSED series-unpublished
        Feb 1 00:00 person [2] request 3: REFUSED series-unpublished
        Feb 1 00:00 close: done 0
        Feb 1 00:00 person [2] request 3: REFUSED series-unpublished
        Feb 1 00:00 publish: done 0
        Feb 1 00:00 person [1] request 2: registered entry 0
        Feb 1 00:00 person [2] request 3: registered entry 1
    "#]]);
}

#[test]
fn who_cancels_sold_out_gives_nothing_back() {
    let mut desk = Desk::new(Definition { publish: BY_HAND, ..masks(1) });
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.cancel(1);
    desk.look(1);
    desk.pools();
    desk.cancel(0);
    desk.pools();
    desk.enter(wish(3, &[2]));
    desk.pools();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: registered entry 0
        Feb 1 20:00 person [2] request 2: registered entry 1
        Feb 1 20:00 cancel 1: cancelled entry 1 Feb 1 20:00
        Feb 1 20:00 look 1: cancelled Feb 1 20:00
        Feb 1 20:00 pool 0: issued 1 withdrawn 0 booked 1 redeemed 0 free 0
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 pool 0: issued 1 withdrawn 0 booked 0 redeemed 0 free 1
        Feb 1 20:00 person [2] request 3: registered entry 2
        Feb 1 20:00 pool 0: issued 1 withdrawn 0 booked 1 redeemed 0 free 0
    "#]]);
}

#[test]
fn publishing_by_hand_waits_for_the_end() {
    let mut desk = Desk::new(Definition { publish: BY_HAND, ..masks(1) });
    desk.act(Action::Publish { campaign: MASKS });
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.act(Action::Publish { campaign: MASKS });
    desk.act(Action::Pause { campaign: MASKS });
    desk.act(Action::Publish { campaign: MASKS });
    desk.at(2, 20, 0).act(Action::Publish { campaign: MASKS });
    desk.act(Action::Resume { campaign: MASKS });
    desk.act(Action::Publish { campaign: MASKS });
    desk.act(Action::Publish { campaign: MASKS });
    desk.act(Action::Open { campaign: MASKS });
    desk.phase();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 publish: REFUSED still-open
        Feb 1 20:00 person [1] request 1: registered entry 0
        Feb 1 20:00 publish: REFUSED still-open
        Feb 1 20:00 pause: done 0
        Feb 1 20:00 publish: REFUSED still-open
        Feb 2 20:00 publish: REFUSED still-open
        Feb 2 20:00 resume: done 0
        Feb 2 20:00 publish: done 0
        Feb 2 20:00 publish: REFUSED already-so
        Feb 2 20:00 open: REFUSED published
        Feb 2 20:00 phase: Closed
    "#]]);
}

#[test]
fn a_full_campaign_can_be_published_at_once() {
    let mut masks = masks(1);
    masks.register.cap = Some(1);
    let mut desk = Desk::new(Definition { publish: BY_HAND, ..masks });
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.act(Action::Publish { campaign: MASKS });
    desk.act(Action::Cap { campaign: MASKS, entries: None });
    desk.phase();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: registered entry 0
        Feb 1 20:00 person [2] request 2: REFUSED cap-reached
        Feb 1 20:00 publish: done 0
        Feb 1 20:00 cap: done 0
        Feb 1 20:00 phase: Closed
    "#]]);
}

#[test]
fn a_time_publishes_by_itself() {
    let publish = Publish::At { at: february(2, 21, 0) };
    let mut desk = Desk::new(Definition { publish, ..masks(1) });
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.at(2, 20, 59).tick();
    desk.look(0);
    desk.at(2, 21, 0).tick();
    desk.look(0);
    desk.act(Action::Publish { campaign: MASKS });
    desk.act(Action::Open { campaign: MASKS });
    desk.load(masks(1));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: registered entry 0
        Feb 2 20:59 tick: ticked
        Feb 2 20:59 look 0: Registered
        Feb 2 21:00 tick: ticked
        Feb 2 21:00 look 0: booked 1 of pool 0
        Feb 2 21:00 publish: REFUSED already-so
        Feb 2 21:00 open: REFUSED published
        Feb 2 21:00 load masks: REFUSED campaign-exists
    "#]]);
}

#[test]
fn a_look_up_needs_every_field_and_tells_no_stranger() {
    let mut desk = Desk::new(masks(3));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.find(&[1], 1);
    desk.find(&[1], 2);
    desk.find(&[2], 2);
    desk.find(&[1, 1], 1);
    desk.cancel(0);
    desk.find(&[1], 1);
    desk.enter(wish(2, &[1]));
    desk.find(&[1], 1);
    desk.look(0);
    desk.look(1);
    desk.look(2);
    desk.act(Action::Shred { campaign: MASKS });
    desk.find(&[1], 1);
    desk.look(1);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 find [1]: booked 1 of pool 0
        Feb 1 20:00 find [1]: not found
        Feb 1 20:00 find [2]: not found
        Feb 1 20:00 find [1, 1]: not found
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 find [1]: cancelled Feb 1 20:00
        Feb 1 20:00 person [1] request 2: booked entry 1, 1 of pool 0
        Feb 1 20:00 find [1]: booked 1 of pool 0
        Feb 1 20:00 look 0: cancelled Feb 1 20:00
        Feb 1 20:00 look 1: booked 1 of pool 0
        Feb 1 20:00 look 2: not found
        Feb 1 20:00 shred: done 0
        Feb 1 20:00 find [1]: not found
        Feb 1 20:00 look 1: booked 1 of pool 0
    "#]]);
}
