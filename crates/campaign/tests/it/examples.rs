//! The examples are campaigns without a mistake, and can be opened at any time.

use crate::fixture::NOW;
use campaign::{read, render, with_times};
use expect_test::{Expect, expect};
use std::path::Path;
use types::{Definition, Millis};

/// Reads an example that nothing is to be said about.
fn good(file: &str) -> Definition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(file);
    let loaded = read(&path, NOW).unwrap_or_else(|problems| panic!("{}", render(&problems)));
    assert_eq!(render(&loaded.warnings), "0 errors, 0 warnings\n");
    loaded.definition
}

/// The same of one that can be opened at any time.
fn example(file: &str) -> Definition {
    let definition = good(file);
    // 2026-11-05T13:37:00Z.
    let moved = with_times(&definition, Millis(1_793_885_820_000)).unwrap();
    assert!(moved.register.windows[0].until < moved.slots[0].from);
    definition
}

fn check(definition: &Definition, expected: Expect) {
    let districts: std::collections::BTreeSet<&str> =
        definition.outlets.iter().map(|outlet| outlet.district["en"].as_str()).collect();
    let units: u64 = definition.stock.iter().map(|stock| u64::from(stock.units)).sum();
    let [outlets, items, slots, pools] = [
        definition.outlets.len(),
        definition.items.len(),
        definition.slots.len(),
        definition.stock.len(),
    ];
    let districts = districts.len();
    expected.assert_eq(&format!(
        "{outlets} outlets in {districts} districts, {items} items, {slots} slots, \
         {pools} pools, {units} units"
    ));
}

#[test]
fn masks() {
    check(
        &example("masks/campaign.toml"),
        expect!["300 outlets in 11 districts, 4 items, 2 slots, 2400 pools, 120000 units"],
    );
}

#[test]
fn mask_draw() {
    let definition = good("mask-draw/campaign.toml");
    let terms = definition.draw().unwrap();
    assert_eq!((terms.stand_days, terms.tickets_max, terms.accept_any), (Some(5), 4, true));
    let reserved = definition.items[1].reserved.as_ref().unwrap();
    assert_eq!((reserved.of.0, &*reserved.tranche), (0, "65"));
    check(
        &definition,
        expect!["110 outlets in 11 districts, 2 items, 5 slots, 1100 pools, 54605 units"],
    );
}

#[test]
fn reserve_draw() {
    let (reserve, draw) = (good("reserve-draw/reserve.toml"), good("reserve-draw/draw.toml"));
    assert_eq!(draw.registered_in(), Some(reserve.code.as_str()));
    assert!(reserve.draw().is_some(), "nobody is ever told \"booked\" of a reservation");
    assert_eq!(draw.stock, reserve.stock);
    assert!(draw.shares_person_keys(&reserve) && draw.agrees_in_series(&reserve));
    assert_eq!(
        (&draw.outlets, &draw.items, &draw.slots),
        (&reserve.outlets, &reserve.items, &reserve.slots)
    );
    check(&draw, expect!["2 outlets in 2 districts, 1 items, 1 slots, 2 pools, 600 units"]);
}

#[test]
fn county() {
    let openings = [1, 2, 3].map(|number| example(&format!("county/county-{number}.toml")));
    for opening in &openings {
        let same = |text: &Definition| (text.series.clone(), text.outlets.clone());
        assert_eq!(same(opening), same(&openings[0]));
        assert!(opening.stock.iter().all(|stock| stock.units % 5 == 0));
    }
    check(
        &openings[0],
        expect!["40 outlets in 5 districts, 1 items, 1 slots, 40 pools, 22705 units"],
    );
}
