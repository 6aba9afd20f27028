//! Entering and cancelling, published at once.

use crate::desk::{Desk, MASKS, SECOND, Wish, in_series, masks, wish, with_second_outlet};
use expect_test::expect;
use types::definition::{Register, Series, Window};
use types::{Action, Calendar, CampaignNo, Definition, ListKind, PersonKey};

#[test]
fn a_campaign_opens_and_closes_by_its_window() {
    let mut desk = Desk::new(masks(9));
    desk.at(1, 19, 59).enter(wish(1, &[1]));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.at(2, 19, 59).enter(wish(2, &[2]));
    desk.at(2, 20, 0).enter(wish(3, &[3]));
    desk.phase();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 19:59 person [1] request 1: REFUSED not-open-yet until Feb 1 20:00
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 2 19:59 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 2 20:00 person [3] request 3: REFUSED closed
        Feb 2 20:00 phase: Closed
    "#]]);
}

#[test]
fn the_first_phase_that_holds_decides() {
    let mut masks = masks(9);
    let window = |day| Window {
        from: crate::desk::february(day, 20, 0),
        until: crate::desk::february(day, 22, 0),
    };
    masks.register.windows = vec![window(1), window(3)];
    let mut desk = Desk::new(masks);
    desk.phase();
    desk.at(1, 20, 0).phase();
    desk.act(Action::Pause { campaign: MASKS });
    desk.phase();
    desk.at(2, 0, 0).phase();
    desk.act(Action::Resume { campaign: MASKS });
    desk.phase();
    desk.act(Action::Open { campaign: MASKS });
    desk.phase();
    desk.act(Action::Close { campaign: MASKS });
    desk.phase();
    desk.act(Action::Open { campaign: MASKS });
    desk.at(4, 0, 0).phase();
    desk.act(Action::Shred { campaign: MASKS });
    desk.phase();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 phase: opens Feb 1 20:00
        Feb 1 20:00 phase: Open
        Feb 1 20:00 pause: done 0
        Feb 1 20:00 phase: Paused
        Feb 2 00:00 phase: Paused
        Feb 2 00:00 resume: done 0
        Feb 2 00:00 phase: opens Feb 3 20:00
        Feb 2 00:00 open: done 0
        Feb 2 00:00 phase: Open
        Feb 2 00:00 close: done 0
        Feb 2 00:00 phase: Closed
        Feb 2 00:00 open: done 0
        Feb 4 00:00 phase: Open
        Feb 4 00:00 shred: done 0
        Feb 4 00:00 phase: Closed
    "#]]);
}

#[test]
fn a_repeated_request_gets_its_answer_even_after_closing() {
    let mut desk = Desk::new(masks(9));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(1, &[1]));
    desk.enter(Wish { units: 2, ..wish(1, &[1]) });
    desk.enter(wish(2, &[1]));
    desk.at(2, 21, 0).enter(wish(1, &[1]));
    desk.enter(wish(1, &[2]));
    desk.cancel(0);
    desk.enter(wish(1, &[1]));
    desk.act(Action::Shred { campaign: MASKS });
    desk.enter(wish(1, &[1]));
    desk.pools();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [1] request 1: REFUSED request-reused
        Feb 1 20:00 person [1] request 2: REFUSED already-in
        Feb 2 21:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 2 21:00 person [2] request 1: REFUSED request-reused
        Feb 2 21:00 cancel 0: cancelled entry 0 Feb 2 21:00
        Feb 2 21:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 2 21:00 shred: done 0
        Feb 2 21:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 2 21:00 pool 0: issued 9 withdrawn 0 booked 0 redeemed 0 free 9
    "#]]);
}

#[test]
fn a_refused_request_is_decided_anew() {
    let mut desk = Desk::new(masks(1));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.cancel(0);
    desk.enter(wish(2, &[2]));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [2] request 2: REFUSED sold-out
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 person [2] request 2: booked entry 1, 1 of pool 0
    "#]]);
}

#[test]
fn the_first_choice_that_has_the_units_gives_them() {
    let masks = with_second_outlet(masks(3), 1);
    let register = Register { units_max: 2, choices_max: 2, ..masks.register.clone() };
    let mut desk = Desk::new(Definition { register, ..masks });
    let two = |request, choices, keys| Wish { units: 2, choices, ..wish(request, keys) };
    desk.at(1, 20, 0).enter(two(1, &[1, 0], &[1]));
    desk.enter(two(2, &[1, 0], &[2]));
    desk.enter(Wish { choices: &[1, 0], ..wish(3, &[3]) });
    desk.enter(Wish { choices: &[1, 0], ..wish(4, &[4]) });
    desk.enter(Wish { choices: &[1, 0], ..wish(5, &[5]) });
    desk.pools();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 2 of pool 0
        Feb 1 20:00 person [2] request 2: REFUSED sold-out
        Feb 1 20:00 person [3] request 3: booked entry 1, 1 of pool 1
        Feb 1 20:00 person [4] request 4: booked entry 2, 1 of pool 0
        Feb 1 20:00 person [5] request 5: REFUSED sold-out
        Feb 1 20:00 pool 0: issued 3 withdrawn 0 booked 3 redeemed 0 free 0
        Feb 1 20:00 pool 1: issued 1 withdrawn 0 booked 1 redeemed 0 free 0
    "#]]);
}

#[test]
fn what_is_not_as_asked_is_refused_before_what_is_unknown() {
    let masks = with_second_outlet(masks(9), 9);
    let register = Register { units_min: 2, units_max: 3, choices_max: 2, ..masks.register };
    let mut desk = Desk::new(Definition { register, ..masks });
    let two = Wish { units: 2, ..wish(1, &[1]) };
    desk.at(1, 20, 0).enter(Wish { campaign: CampaignNo(7), ..two });
    desk.enter(Wish { units: 1, choices: &[9], ..two });
    desk.enter(Wish { units: 4, ..two });
    desk.enter(Wish { choices: &[0, 0], ..two });
    desk.enter(Wish { choices: &[0, 1, 2], ..two });
    desk.enter(Wish { keys: &[1, 1], ..two });
    desk.enter(Wish { choices: &[0, 9], ..two });
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: REFUSED unknown-campaign
        Feb 1 20:00 person [1] request 1: REFUSED not-as-asked
        Feb 1 20:00 person [1] request 1: REFUSED not-as-asked
        Feb 1 20:00 person [1] request 1: REFUSED not-as-asked
        Feb 1 20:00 person [1] request 1: REFUSED not-as-asked
        Feb 1 20:00 person [1, 1] request 1: REFUSED not-as-asked
        Feb 1 20:00 person [1] request 1: REFUSED unknown-place
    "#]]);
}

#[test]
fn one_live_entry_a_person_by_every_key() {
    let mut masks = masks(9);
    let mut phone = masks.register.fields[0].clone();
    phone.code = "phone".into();
    masks.register.fields.push(phone);
    let mut desk = Desk::new(masks);
    desk.at(1, 20, 0).enter(wish(1, &[1, 11]));
    desk.enter(wish(2, &[1, 12]));
    desk.enter(wish(3, &[2, 11]));
    // The same bytes in another field are another person.
    desk.enter(wish(4, &[11, 1]));
    desk.cancel(0);
    desk.enter(wish(5, &[1, 12]));
    desk.enter(wish(6, &[2, 11]));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1, 11] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [1, 12] request 2: REFUSED already-in
        Feb 1 20:00 person [2, 11] request 3: REFUSED already-in
        Feb 1 20:00 person [11, 1] request 4: booked entry 1, 1 of pool 0
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:00 person [1, 12] request 5: booked entry 2, 1 of pool 0
        Feb 1 20:00 person [2, 11] request 6: booked entry 3, 1 of pool 0
    "#]]);
}

#[test]
fn who_cancelled_enters_again_if_the_campaign_says_so() {
    let mut no = masks(9);
    no.register.reenter_after_cancel = false;
    let mut desk = Desk::new(no);
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.cancel(0);
    desk.at(1, 20, 5).cancel(0);
    desk.cancel(5);
    desk.enter(wish(2, &[1]));
    desk.pools();
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:05 cancel 0: cancelled entry 0 Feb 1 20:00
        Feb 1 20:05 cancel 5: REFUSED not-found
        Feb 1 20:05 person [1] request 2: REFUSED entered-before
        Feb 1 20:05 pool 0: issued 9 withdrawn 0 booked 0 redeemed 0 free 9
    "#]]);
}

#[test]
fn lists_say_who_may_enter_and_never_which() {
    let mut masks = masks(9);
    masks.register.allow_list = true;
    let mut desk = Desk::new(masks);
    let list = |list, field, keys: &[u8]| Action::List {
        campaign: MASKS,
        list,
        field,
        keys: keys.iter().map(|key| PersonKey([*key; 16])).collect(),
    };
    desk.act(list(ListKind::Allow, 0, &[1, 2, 2]));
    desk.act(list(ListKind::Allow, 0, &[2, 3]));
    desk.act(list(ListKind::Block, 0, &[2]));
    desk.act(list(ListKind::Block, 1, &[2]));
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.enter(wish(3, &[4]));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 list: done 2
        Feb 1 00:00 list: done 1
        Feb 1 00:00 list: done 1
        Feb 1 00:00 list: REFUSED unknown-place
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [2] request 2: REFUSED not-eligible
        Feb 1 20:00 person [4] request 3: REFUSED not-eligible
    "#]]);
}

#[test]
fn nobody_comes_off_a_list_by_a_corrected_file() {
    let mut desk = Desk::new(masks(9));
    let keys = vec![PersonKey([2; 16])];
    desk.act(Action::List { campaign: MASKS, list: ListKind::Block, field: 0, keys });
    desk.load(masks(7));
    let mut other_fields = masks(9);
    other_fields.register.fields[0].code = "other".into();
    desk.load(other_fields);
    desk.at(1, 20, 0).enter(wish(1, &[2]));
    desk.enter(wish(2, &[1]));
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 list: done 1
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 load masks: REFUSED definition-invalid
          register.fields: people are on this campaign's lists, by its unique fields and series; other ones would take them off. Load it under a new code
        Feb 1 20:00 person [2] request 1: REFUSED not-eligible
        Feb 1 20:00 person [1] request 2: booked entry 0, 1 of pool 0
    "#]]);
}

#[test]
fn a_cool_down_counts_calendar_days() {
    let mut desk = Desk::new(in_series("first", 9));
    desk.load(in_series("second", 9));
    desk.act(Action::Open { campaign: MASKS });
    desk.act(Action::Open { campaign: SECOND });
    let second = |request, keys| Wish { campaign: SECOND, ..wish(request, keys) };
    // One minute before midnight counts as the whole day, for person 1; person 2 is a minute later.
    desk.at(1, 23, 59).enter(wish(1, &[1]));
    desk.at(2, 0, 0).enter(wish(2, &[2]));
    desk.at(5, 23, 59).enter(second(3, &[1]));
    desk.at(6, 0, 0).enter(second(3, &[1]));
    desk.enter(second(4, &[2]));
    desk.at(7, 0, 0).enter(second(4, &[2]));
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 23:59 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 2 00:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 5 23:59 person [1] request 3: REFUSED cooling-down until Feb 6
        Feb 6 00:00 person [1] request 3: booked entry 0, 1 of pool 0
        Feb 6 00:00 person [2] request 4: REFUSED cooling-down until Feb 7
        Feb 7 00:00 person [2] request 4: booked entry 1, 1 of pool 0
    "#]]);
}

#[test]
fn campaigns_of_one_series_count_days_in_one_time_zone() {
    let mut far_west = in_series("second", 9);
    far_west.calendar = Calendar::fixed("America/Lima", -5 * 3_600);
    let mut desk = Desk::new(in_series("first", 9));
    desk.load(far_west);
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: REFUSED series-differs
    "#]]);
}

#[test]
fn the_longest_cool_down_of_all_keys_is_told() {
    let two_fields = |code| {
        let mut masks = in_series(code, 9);
        let mut phone = masks.register.fields[0].clone();
        phone.code = "phone".into();
        masks.register.fields.push(phone);
        masks
    };
    let mut desk = Desk::new(two_fields("first"));
    desk.load(two_fields("second"));
    desk.act(Action::Open { campaign: MASKS });
    desk.act(Action::Open { campaign: SECOND });
    desk.at(1, 8, 0).enter(wish(1, &[1, 11]));
    desk.at(3, 8, 0).enter(wish(2, &[2, 12]));
    desk.enter(Wish { campaign: SECOND, ..wish(3, &[1, 12]) });
    desk.enter(Wish { campaign: SECOND, ..wish(3, &[12, 1]) });
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 08:00 person [1, 11] request 1: booked entry 0, 1 of pool 0
        Feb 3 08:00 person [2, 12] request 2: booked entry 1, 1 of pool 0
        Feb 3 08:00 person [1, 12] request 3: REFUSED cooling-down until Feb 8
        Feb 3 08:00 person [12, 1] request 3: booked entry 0, 1 of pool 0
    "#]]);
}

#[test]
fn a_cancelled_success_is_forgotten_and_its_units_return() {
    let mut desk = Desk::new(in_series("first", 1));
    desk.load(in_series("second", 9));
    desk.act(Action::Open { campaign: MASKS });
    desk.act(Action::Open { campaign: SECOND });
    desk.at(1, 8, 0).enter(wish(1, &[1]));
    desk.enter(Wish { campaign: SECOND, ..wish(2, &[1]) });
    desk.pools();
    desk.cancel(0);
    desk.pools();
    desk.enter(Wish { campaign: SECOND, ..wish(2, &[1]) });
    desk.enter(wish(3, &[1]));
    desk.enter(wish(4, &[2]));
    desk.check(expect![[r#"
        Feb 1 00:00 load first: loaded campaign 0
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 08:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 08:00 person [1] request 2: REFUSED cooling-down until Feb 6
        Feb 1 08:00 pool 0: issued 1 withdrawn 0 booked 1 redeemed 0 free 0
        Feb 1 08:00 cancel 0: cancelled entry 0 Feb 1 08:00
        Feb 1 08:00 pool 0: issued 1 withdrawn 0 booked 0 redeemed 0 free 1
        Feb 1 08:00 person [1] request 2: booked entry 0, 1 of pool 0
        Feb 1 08:00 person [1] request 3: REFUSED cooling-down until Feb 6
        Feb 1 08:00 person [2] request 4: booked entry 1, 1 of pool 0
    "#]]);
}

#[test]
fn a_success_in_one_series_counts_in_no_other() {
    let mut desk = Desk::new(in_series("masks", 1));
    let series = Some(Series { code: "county".into(), cool_down_days: 5 });
    desk.load(Definition { series, ..in_series("second", 1) });
    desk.act(Action::Open { campaign: MASKS });
    desk.act(Action::Open { campaign: SECOND });
    desk.at(1, 20, 0).enter(wish(1, &[1]));
    desk.enter(Wish { campaign: SECOND, ..wish(2, &[1]) });
    desk.check(expect![[r#"
        Feb 1 00:00 load masks: loaded campaign 0
        Feb 1 00:00 load second: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 20:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 20:00 person [1] request 2: booked entry 0, 1 of pool 0
    "#]]);
}
