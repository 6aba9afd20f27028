//! Campaigns that take only people of another one.

use crate::desk::{Desk, MASKS, SECOND, Wish, in_series, wish};
use expect_test::expect;
use model::generate::Generator;
use model::{Decision, Entry, Model};
use std::collections::{BTreeMap, BTreeSet};
use types::definition::Series;
use types::outcome::{
    REGISTERED_HERE_LOST, REGISTERED_IN_CIRCLE, REGISTERED_IN_DIFFERS, REGISTERED_IN_UNKNOWN,
};
use types::{
    Action, Allocate, Command, Definition, DrawTerms, FieldKind, Millis, Outcome, Publish, Refusal,
};

/// The campaign in which people register first.
fn reserve(units: u32) -> Definition {
    let mut reserve = in_series("reserve", units);
    reserve.series = Some(Series { code: "city".into(), cool_down_days: 0 });
    reserve
}

/// One whose people are those of the first.
fn then(code: &str, units: u32) -> Definition {
    let mut then = Definition { code: code.into(), ..reserve(units) };
    then.register.registered_in = Some("reserve".into());
    then
}

fn held_back(definition: Definition) -> Definition {
    Definition { publish: Publish::ByHand { expected: None }, ..definition }
}

fn by_lot(definition: Definition) -> Definition {
    let terms = DrawTerms { stand_days: None, tickets_max: 1, accept_any: false, group_max: 1 };
    Definition { allocate: Allocate::Draw(terms), ..held_back(definition) }
}

fn second(request: u8, keys: &[u8]) -> Wish<'_> {
    Wish { campaign: SECOND, ..wish(request, keys) }
}

/// Both, opened.
fn both(first: Definition, then: Definition) -> Desk {
    let mut desk = Desk::new(first);
    desk.load(then);
    desk.act(Action::Open { campaign: MASKS });
    desk.act(Action::Open { campaign: SECOND });
    desk
}

#[test]
fn whoever_is_not_in_the_first_does_not_enter_the_second() {
    let mut desk = both(reserve(9), then("buy", 9));
    desk.enter(wish(1, &[1]));
    desk.enter(second(1, &[1]));
    desk.enter(second(2, &[2]));
    desk.enter(wish(2, &[2]));
    desk.cancel(1);
    desk.enter(second(2, &[2]));
    desk.enter(wish(3, &[2]));
    desk.enter(second(2, &[2]));
    desk.act(Action::Shred { campaign: MASKS });
    desk.enter(second(2, &[2]));
    desk.enter(second(3, &[1]));
    desk.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load buy: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 00:00 person [1] request 1: booked entry 0, 1 of pool 0
        Feb 1 00:00 person [2] request 2: REFUSED not-eligible
        Feb 1 00:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 1 00:00 cancel 1: cancelled entry 1 Feb 1 00:00
        Feb 1 00:00 person [2] request 2: REFUSED not-eligible
        Feb 1 00:00 person [2] request 3: booked entry 2, 1 of pool 0
        Feb 1 00:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 1 00:00 shred: done 0
        Feb 1 00:00 person [2] request 2: booked entry 1, 1 of pool 0
        Feb 1 00:00 person [1] request 3: REFUSED not-eligible
    "#]]);
}

#[test]
fn a_person_is_known_by_all_of_their_keys() {
    let two_keys = |mut definition: Definition| {
        let mut phone = definition.register.fields[0].clone();
        phone.code = "phone".into();
        phone.kind = FieldKind::Phone { region: "CN".into() };
        definition.register.fields.push(phone);
        definition
    };
    let mut desk = both(two_keys(reserve(9)), two_keys(then("buy", 9)));
    desk.enter(wish(1, &[1, 11]));
    desk.enter(wish(2, &[2, 12]));
    desk.enter(second(1, &[1, 12]));
    desk.enter(second(2, &[1, 13]));
    desk.enter(second(3, &[3, 11]));
    desk.enter(second(4, &[1, 11]));
    desk.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load buy: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1, 11] request 1: booked entry 0, 1 of pool 0
        Feb 1 00:00 person [2, 12] request 2: booked entry 1, 1 of pool 0
        Feb 1 00:00 person [1, 12] request 1: REFUSED not-eligible
        Feb 1 00:00 person [1, 13] request 2: REFUSED not-eligible
        Feb 1 00:00 person [3, 11] request 3: REFUSED not-eligible
        Feb 1 00:00 person [1, 11] request 4: booked entry 0, 1 of pool 0
    "#]]);
}

/// As long as nobody is told who is booked, everybody who registered may enter.
#[test]
fn what_is_held_back_decides_nothing() {
    let mut desk = both(held_back(reserve(1)), held_back(then("buy", 9)));
    desk.enter(wish(1, &[1]));
    desk.enter(wish(2, &[2]));
    desk.enter(wish(3, &[3]));
    desk.enter(second(1, &[1]));
    desk.enter(second(2, &[2]));
    desk.act(Action::Close { campaign: MASKS });
    desk.act(Action::Publish { campaign: MASKS });
    desk.look(2);
    desk.enter(second(3, &[3]));
    desk.enter(second(2, &[2]));
    desk.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load buy: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [2] request 2: registered entry 1
        Feb 1 00:00 person [3] request 3: registered entry 2
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [2] request 2: registered entry 1
        Feb 1 00:00 close: done 0
        Feb 1 00:00 publish: done 0
        Feb 1 00:00 look 2: SoldOut
        Feb 1 00:00 person [3] request 3: REFUSED not-eligible
        Feb 1 00:00 person [2] request 2: registered entry 1
    "#]]);
}

#[test]
fn in_a_series_with_a_cool_down_the_first_is_published_and_then_keeps_its_people_out() {
    let weekly = |mut definition: Definition| {
        definition.series = Some(Series { code: "city".into(), cool_down_days: 5 });
        held_back(definition)
    };
    let mut desk = both(weekly(reserve(9)), weekly(then("buy", 9)));
    desk.enter(wish(1, &[1]));
    desk.enter(second(1, &[1]));
    desk.act(Action::Close { campaign: MASKS });
    desk.act(Action::Publish { campaign: MASKS });
    desk.enter(second(1, &[1]));
    desk.act(Action::Close { campaign: SECOND });
    desk.act(Action::Publish { campaign: SECOND });
    // A first one that draws, and never does, holds nothing back and books nobody.
    let mut drawn = both(weekly(by_lot(reserve(9))), weekly(by_lot(then("buy", 9))));
    drawn.enter(wish(1, &[1]));
    drawn.enter(second(1, &[1]));
    desk.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load buy: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [1] request 1: REFUSED series-unpublished
        Feb 1 00:00 close: done 0
        Feb 1 00:00 publish: done 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 close: done 0
        Feb 1 00:00 publish: done 0
    "#]]);
    drawn.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load buy: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [1] request 1: registered entry 0
    "#]]);
}

#[test]
fn whoever_gave_the_first_up_is_not_on_the_list_of_the_second() {
    let mut desk = both(held_back(reserve(9)), by_lot(then("draw", 9)));
    for person in 1..=4 {
        desk.enter(wish(person, &[person]));
        desk.enter(second(person, &[person]));
    }
    desk.cancel(0);
    desk.cancel(2);
    desk.enter(wish(5, &[3]));
    desk.act(Action::Close { campaign: SECOND });
    desk.act(Action::Shred { campaign: MASKS });
    desk.act(Action::CloseDraw { campaign: SECOND, slot: None, unserved: false });
    let state = desk.model.state();
    let listed: Vec<bool> = state.campaigns[1].entries.iter().map(|entry| entry.listed).collect();
    assert_eq!(listed, [false, true, true, true]);
    desk.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load draw: loaded campaign 1
        Feb 1 00:00 open: done 0
        Feb 1 00:00 open: done 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [1] request 1: registered entry 0
        Feb 1 00:00 person [2] request 2: registered entry 1
        Feb 1 00:00 person [2] request 2: registered entry 1
        Feb 1 00:00 person [3] request 3: registered entry 2
        Feb 1 00:00 person [3] request 3: registered entry 2
        Feb 1 00:00 person [4] request 4: registered entry 3
        Feb 1 00:00 person [4] request 4: registered entry 3
        Feb 1 00:00 cancel 0: cancelled entry 0 Feb 1 00:00
        Feb 1 00:00 cancel 2: cancelled entry 2 Feb 1 00:00
        Feb 1 00:00 person [3] request 5: registered entry 4
        Feb 1 00:00 close: done 0
        Feb 1 00:00 shred: done 0
        Feb 1 00:00 close-draw: draw 1: 3 listed
    "#]]);
}

#[test]
fn a_campaign_names_one_that_knows_its_people() {
    let mut desk = Desk::new(reserve(9));
    let naming = |code: &str, mut definition: Definition| {
        definition.register.registered_in = Some(code.into());
        definition
    };
    desk.load(naming("nobody", then("buy", 9)));
    desk.load(naming("buy", then("buy", 9)));
    desk.load(Definition { series: None, ..then("buy", 9) });
    let town = Some(Series { code: "town".into(), cool_down_days: 0 });
    desk.load(Definition { series: town.clone(), ..then("buy", 9) });
    let mut other_kind = then("buy", 9);
    other_kind.register.fields[0].kind = FieldKind::Passport;
    desk.load(other_kind.clone());
    let mut other_field = then("buy", 9);
    other_field.register.fields[0].code = "number".into();
    desk.load(other_field);
    desk.load(then("buy", 9));
    desk.load(naming("buy", then("collect", 9)));
    desk.load(naming("collect", reserve(9)));
    desk.load(Definition { series: town, ..reserve(9) });
    other_kind.register.registered_in = None;
    desk.load(Definition { code: "reserve".into(), ..other_kind });
    desk.load(reserve(7));
    desk.act(Action::Shred { campaign: MASKS });
    desk.load(then("late", 9));
    desk.check(expect![[r#"
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 load buy: REFUSED definition-invalid
          register.registered_in: no campaign of this code is there, or its people are shredded. Load that one first, and check the code
        Feb 1 00:00 load buy: REFUSED definition-invalid
          register.registered_in is not as a definition must be: must name another campaign of its series
        Feb 1 00:00 load buy: REFUSED definition-invalid
          register.registered_in is not as a definition must be: must name another campaign of its series
        Feb 1 00:00 load buy: REFUSED definition-invalid
          register.registered_in: that campaign is of another series, or has other unique fields, so nobody is known to be the same person in both. Make the two agree
        Feb 1 00:00 load buy: REFUSED definition-invalid
          register.registered_in: that campaign is of another series, or has other unique fields, so nobody is known to be the same person in both. Make the two agree
        Feb 1 00:00 load buy: REFUSED series-differs
        Feb 1 00:00 load buy: loaded campaign 1
        Feb 1 00:00 load collect: loaded campaign 2
        Feb 1 00:00 load reserve: REFUSED definition-invalid
          register.registered_in: that campaign takes only people of this one, by itself or through others. Let the first of them take everybody
        Feb 1 00:00 load reserve: REFUSED definition-invalid
          register.fields: other campaigns take only people of this one, by its unique fields and series; with other ones nobody could enter there. Load it under a new code
        Feb 1 00:00 load reserve: REFUSED definition-invalid
          register.fields: other campaigns take only people of this one, by its unique fields and series; with other ones nobody could enter there. Load it under a new code
        Feb 1 00:00 load reserve: loaded campaign 0
        Feb 1 00:00 shred: done 0
        Feb 1 00:00 load late: REFUSED definition-invalid
          register.registered_in: no campaign of this code is there, or its people are shredded. Load that one first, and check the code
    "#]]);
}

/// What the generator's histories come by, of such campaigns.
#[test]
fn histories_have_campaigns_of_registered_people() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..120 {
        let mut model = Model::new();
        for step in Generator::new(seed).take(500) {
            let command = step.command();
            let outcome = model.apply(step.frame, step.offset, step.at, &command);
            if let Some(word) = word(&model, step.at, &command, &outcome) {
                *seen.entry(word).or_default() += 1;
            }
        }
    }
    println!("{seen:#?}");
    let words = [
        "entered",
        "not eligible",
        "listed",
        "somebody listed no more",
        REGISTERED_IN_UNKNOWN,
        REGISTERED_IN_DIFFERS,
        REGISTERED_IN_CIRCLE,
        REGISTERED_HERE_LOST,
    ];
    for word in words {
        assert!(seen.contains_key(word), "never: {word}");
    }
}

fn word(
    model: &Model,
    at: Millis,
    command: &Command<'_>,
    outcome: &Outcome,
) -> Option<&'static str> {
    let reasons =
        [REGISTERED_IN_UNKNOWN, REGISTERED_IN_DIFFERS, REGISTERED_IN_CIRCLE, REGISTERED_HERE_LOST];
    if let Outcome::Refused(Refusal::DefinitionInvalid { why }) = outcome {
        return reasons.into_iter().find(|reason| reason == why);
    }
    let number = match command {
        Command::Enter(enter) => enter.campaign,
        Command::Operator(command) => command.action.campaign()?,
        _ => return None,
    };
    let definition = model.gate(number, at)?.definition();
    definition.registered_in()?;
    match outcome {
        Outcome::Booked { .. } | Outcome::Registered { .. } => Some("entered"),
        Outcome::Refused(Refusal::NotEligible) => Some("not eligible"),
        Outcome::Listed { .. } => {
            let state = model.state();
            let campaign = &state.campaigns[number.index()];
            let waits = |entry: &&Entry| entry.is_live() && entry.decision == Decision::Waiting;
            let once = definition.draw().is_some_and(|terms| terms.stand_days.is_none());
            let no_list = campaign.blocked.iter().all(BTreeSet::is_empty);
            let warm = definition.series.as_ref().is_some_and(|series| series.cool_down_days == 0);
            let left_out = campaign.entries.iter().filter(waits).any(|entry| !entry.listed);
            let gone = once && no_list && warm && campaign.draws.len() == 1 && left_out;
            Some(if gone { "somebody listed no more" } else { "listed" })
        }
        _ => None,
    }
}
