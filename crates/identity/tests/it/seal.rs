//! Sealed fields.

use crate::{TODAY, campaign_keys, field, usual_statement};
use identity::{FieldSet, OpenError, Sealer, Statement};
use proptest::prelude::*;
use std::collections::BTreeSet;
use types::FieldKind;
use types::limits::{IDENTITY_FIELDS_MAX, SEALED_BYTES_MAX};

fn sealer(campaign: &str) -> Sealer {
    Sealer::new(campaign, &campaign_keys(1, 2))
}

fn sealed() -> Vec<u8> {
    let mut sealed = Vec::new();
    sealer("masks").seal(&usual_statement(), &mut sealed);
    sealed
}

/// The values within, under the same keys.
fn opened(campaign: &str, sealed: &[u8]) -> Result<Vec<String>, OpenError> {
    let mut statement = Statement::new();
    sealer(campaign).open(sealed, &mut statement)?;
    Ok(statement.iter().map(str::to_owned).collect())
}

#[test]
fn what_is_sealed_opens() {
    let values = opened("masks", &sealed()).unwrap();
    assert_eq!(values, ["张三", "11010519491231002X", "+8613812345678"]);
    let mut statement = Statement::new();
    sealer("masks").open(&sealed(), &mut statement).unwrap();
    assert!(statement == usual_statement());
}

#[test]
fn no_two_seals_are_alike_from_any_thread() {
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(|| (0..1_000).map(|_| sealed()).collect::<Vec<_>>()))
        .collect();
    let seals: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let nonces: BTreeSet<_> = seals.iter().map(|sealed| &sealed[1..13]).collect();
    assert_eq!(nonces.len(), 4_000);
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let sealed = sealed();
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = opened("masks", &flipped).unwrap_err();
        assert_eq!(matches!(error, OpenError::Version(_)), bit < 8, "bit {bit}");
        assert_eq!(error.code(), "sealed-unreadable");
    }
    for length in 0..sealed.len() {
        assert!(opened("masks", &sealed[..length]).is_err());
    }
    let longer = [&sealed[..], &[0]].concat();
    assert_eq!(opened("masks", &longer), Err(OpenError::Refused));
    let endless = vec![1; SEALED_BYTES_MAX + 1];
    assert_eq!(opened("masks", &endless), Err(OpenError::Length(SEALED_BYTES_MAX + 1)));
}

#[test]
fn another_campaign_or_key_is_refused() {
    assert_eq!(opened("mask", &sealed()), Err(OpenError::Refused));
    let other = Sealer::new("masks", &campaign_keys(3, 2));
    let mut statement = usual_statement();
    assert_eq!(other.open(&sealed(), &mut statement), Err(OpenError::Refused));
    assert!(statement.is_empty());
}

#[test]
fn the_largest_statement_fits() {
    let texts = vec![field("text", FieldKind::Text { pattern: None }, false); IDENTITY_FIELDS_MAX];
    let set = FieldSet::from_fields(&texts).unwrap();
    let value = "\u{20000}".repeat(100);
    let mut statement = Statement::new();
    set.normalise(&[value.as_str(); IDENTITY_FIELDS_MAX], TODAY, &mut statement).unwrap();
    let mut sealed = Vec::new();
    sealer("masks").seal(&statement, &mut sealed);
    assert!(sealed.len() <= SEALED_BYTES_MAX);
    assert_eq!(opened("masks", &sealed).unwrap(), vec![value; IDENTITY_FIELDS_MAX]);
}

#[test]
fn nothing_personal_or_secret_is_printed() {
    let printed = format!("{:?} {:?}", usual_statement(), sealer("masks"));
    assert_eq!(printed, "Statement(3 fields) Sealer(key withheld)");
}

proptest! {
    #[test]
    fn all_texts_come_back(values in prop::collection::vec("[^\\pC\\s]{1,60}", 1..8)) {
        let fields = vec![field("text", FieldKind::Text { pattern: None }, false); values.len()];
        let set = FieldSet::from_fields(&fields).unwrap();
        let raw: Vec<_> = values.iter().map(String::as_str).collect();
        let mut statement = Statement::new();
        set.normalise(&raw, TODAY, &mut statement).unwrap();
        let mut sealed = vec![9];
        sealer("masks").seal(&statement, &mut sealed);
        prop_assert_eq!(opened("masks", &sealed[1..]).unwrap(), values);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(opened("masks", &bytes).is_err());
    }
}

/// Somebody with a name of their own.
fn statement_of(name: &str) -> Statement {
    let set = FieldSet::from_fields(&crate::usual_fields()).unwrap();
    let mut statement = Statement::new();
    set.normalise(&[name, crate::RESIDENT_ID, crate::PHONE], TODAY, &mut statement).unwrap();
    statement
}

#[test]
fn people_who_enter_together_are_sealed_together() {
    let people = [statement_of("张三"), statement_of("李四"), statement_of("王五")];
    let mut sealed = Vec::new();
    sealer("masks").seal_group(&people, &mut sealed).unwrap();
    let opened = sealer("masks").open_group(&sealed, 3).unwrap();
    assert!(opened == people, "each is whom they were sealed as");
    // 9 fields are not those of 2, 4 or 5 people, nor of one: a form has at most 8.
    for others in [1, 2, 4, 5] {
        assert_eq!(sealer("masks").open_group(&sealed, others), Err(OpenError::Form), "{others}");
    }
    // One person's seal is the usual one.
    let mut one = Vec::new();
    sealer("masks").seal_group(&people[..1], &mut one).unwrap();
    let mut statement = Statement::new();
    sealer("masks").open(&one, &mut statement).unwrap();
    assert!(statement == people[0]);
}

#[test]
fn a_group_that_is_too_long_is_not_sealed() {
    let long = "𠀀".repeat(100);
    let people: Vec<_> = (0..8).map(|_| statement_of(&long)).collect();
    let mut sealed = vec![7];
    assert_eq!(sealer("masks").seal_group(&people, &mut sealed), Err(identity::TooLong));
    assert_eq!(sealed, [7], "nothing is appended");
    sealer("masks").seal_group(&people[..7], &mut sealed).unwrap();
    assert!(sealed.len() <= 1 + SEALED_BYTES_MAX);
}
