//! Handing out.

use crate::desk::{Desk, MASKS, masks, wish, with_second_outlet};
use expect_test::expect;
use types::definition::Fulfil;
use types::{Action, Definition, Publish};

#[test]
fn units_are_handed_out_once_at_their_outlet_in_their_slot() {
    let mut desk = Desk::new(with_second_outlet(masks(2), 0));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.redeem(7, 0, 1);
    desk.redeem(0, 1, 1);
    desk.redeem(0, 0, 1);
    desk.at(3, 8, 59).redeem(0, 0, 1);
    desk.at(3, 9, 14).redeem(0, 0, 1);
    desk.at(3, 9, 20).redeem(0, 0, 1);
    desk.redeem(0, 0, 2);
    desk.redeem(0, 1, 1);
    desk.cancel(0);
    desk.look(0);
    desk.pools();
    desk.act(Action::Shred { campaign: MASKS });
    desk.redeem(0, 0, 1);
    desk.cancel(0);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 redeem 7 at outlet 0 request 1: REFUSED not-found
        Feb 1 20:00 redeem 0 at outlet 1 request 1: REFUSED wrong-outlet, it is outlet 0
        Feb 1 20:00 redeem 0 at outlet 0 request 1: REFUSED wrong-time, it is slot 0
        Feb 3 08:59 redeem 0 at outlet 0 request 1: REFUSED wrong-time, it is slot 0
        Feb 3 09:14 redeem 0 at outlet 0 request 1: redeemed entry 0, 1 of pool 0, Feb 3 09:14
        Feb 3 09:20 redeem 0 at outlet 0 request 1: redeemed entry 0, 1 of pool 0, Feb 3 09:14, as before
        Feb 3 09:20 redeem 0 at outlet 0 request 2: REFUSED already-redeemed Feb 3 09:14 at outlet 0
        Feb 3 09:20 redeem 0 at outlet 1 request 1: REFUSED already-redeemed Feb 3 09:14 at outlet 0
        Feb 3 09:20 cancel 0: REFUSED already-redeemed Feb 3 09:14 at outlet 0
        Feb 3 09:20 look 0: redeemed 1 of pool 0, Feb 3 09:14
        Feb 3 09:20 pool 0: issued 2 withdrawn 0 booked 1 redeemed 1 free 1
        Feb 3 09:20 pool 1: issued 0 withdrawn 0 booked 0 redeemed 0 free 0
        Feb 3 09:20 shred: done 0
        Feb 3 09:20 redeem 0 at outlet 0 request 1: REFUSED shredded
        Feb 3 09:20 cancel 0: REFUSED shredded
    "#]]);
}

#[test]
fn a_slot_ends_at_its_end() {
    let mut desk = Desk::new(masks(2));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.at(3, 17, 59).redeem(0, 0, 1);
    desk.at(3, 18, 0).redeem(1, 0, 2);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 3 17:59 redeem 0 at outlet 0 request 1: redeemed entry 0, 1 of pool 0, Feb 3 17:59
        Feb 3 18:00 redeem 1 at outlet 0 request 2: REFUSED wrong-time, it is slot 0
    "#]]);
}

#[test]
fn a_whole_day_is_every_day_the_slot_touches() {
    let mut masks = Definition { fulfil: Fulfil::Pickup { whole_day: true }, ..masks(3) };
    masks.slots[0].until = crate::desk::february(4, 0, 0);
    let mut desk = Desk::new(masks);
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.enter(wish(3, &[3]));
    desk.at(2, 23, 59).redeem(0, 0, 1);
    desk.at(3, 0, 0).redeem(0, 0, 1);
    desk.at(3, 23, 59).redeem(1, 0, 2);
    desk.at(4, 0, 0).redeem(2, 0, 3);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 1 20:00 person [3] request 3: booked entry 2, 1 of pool 0
        Feb 2 23:59 redeem 0 at outlet 0 request 1: REFUSED wrong-time, it is slot 0
        Feb 3 00:00 redeem 0 at outlet 0 request 1: redeemed entry 0, 1 of pool 0, Feb 3 00:00
        Feb 3 23:59 redeem 1 at outlet 0 request 2: redeemed entry 1, 1 of pool 0, Feb 3 23:59
        Feb 4 00:00 redeem 2 at outlet 0 request 3: REFUSED wrong-time, it is slot 0
    "#]]);
}

#[test]
fn what_is_cancelled_or_not_booked_is_not_handed_out() {
    let publish = Publish::ByHand { expected: None };
    let mut desk = Desk::new(Definition { publish, ..masks(1) });
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.cancel(0);
    desk.redeem(0, 0, 1);
    desk.at(2, 20, 0).act(Action::Publish { campaign: MASKS });
    desk.at(3, 9, 0).redeem(0, 0, 1);
    desk.redeem(1, 0, 2);
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: registered entry 0
        Feb 1 20:00 person [2] request 2: registered entry 1
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 redeem 0 at outlet 0 request 1: REFUSED not-published
        Feb 2 20:00 publish: done 0
        Feb 3 09:00 redeem 0 at outlet 0 request 1: REFUSED already-cancelled Feb 1 20:00
        Feb 3 09:00 redeem 1 at outlet 0 request 2: REFUSED not-booked
    "#]]);
}
