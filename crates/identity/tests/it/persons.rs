//! Person keys, digests and request ids.

use crate::{PHONE, RESIDENT_ID, TODAY, campaign_keys, field, usual_fields, usual_statement};
use hmac::{Hmac, KeyInit, Mac};
use identity::{FieldSet, Persons, RequestIdProblem, Statement, request_id};
use std::collections::BTreeSet;
use types::{FieldKind, PoolNo};

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut hmac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    hmac.update(message);
    hmac.finalize().into_bytes().to_vec()
}

#[test]
fn person_keys_are_what_is_written_down() {
    let persons = Persons::from_fields(&usual_fields(), &campaign_keys(1, 2));
    let keys = persons.keys(&usual_statement());
    let id_key = hmac(&[2; 32], b"tidegate/person/v1:resident-id:id");
    let phone_key = hmac(&[2; 32], b"tidegate/person/v1:phone:phone");
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0].0[..], hmac(&id_key, RESIDENT_ID.as_bytes())[..16]);
    assert_eq!(keys[1].0[..], hmac(&phone_key, b"+8613812345678")[..16]);
}

#[test]
fn a_scope_knows_its_people_again_and_no_other_does() {
    let statement = usual_statement();
    let keys = |data, person| {
        Persons::from_fields(&usual_fields(), &campaign_keys(data, person)).keys(&statement)
    };
    assert_eq!(keys(1, 9), keys(2, 9));
    assert_ne!(keys(1, 8)[0], keys(1, 9)[0]);
}

#[test]
fn a_list_gives_the_keys_of_entries() {
    let fields = usual_fields();
    let set = FieldSet::from_fields(&fields).unwrap();
    let persons = Persons::from_fields(&fields, &campaign_keys(1, 2));
    let keys = persons.keys(&usual_statement());
    let mut statement = Statement::new();
    for (unique, value) in [(0, "11010519491231002x"), (1, "+86 138-1234-5678")] {
        let position = set.unique_positions().nth(unique).unwrap();
        statement.clear();
        set.normalise_field(position, value, TODAY, &mut statement).unwrap();
        assert_eq!(persons.key(unique, &statement, 0), keys[unique]);
    }
}

#[test]
fn one_value_in_two_fields_gives_two_keys() {
    let phone = FieldKind::Phone { region: "CN".into() };
    let fields = [
        field("own", phone.clone(), true),
        field("other", phone, true),
        field("text", FieldKind::Text { pattern: None }, true),
    ];
    let set = FieldSet::from_fields(&fields).unwrap();
    let mut statement = Statement::new();
    set.normalise(&[PHONE, PHONE, "+8613812345678"], TODAY, &mut statement).unwrap();
    let keys = Persons::from_fields(&fields, &campaign_keys(1, 2)).keys(&statement);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn digests_cover_everything_and_in_order() {
    let fields = [
        field("a", FieldKind::Text { pattern: None }, true),
        field("b", FieldKind::Text { pattern: None }, false),
    ];
    let set = FieldSet::from_fields(&fields).unwrap();
    let persons = Persons::from_fields(&fields, &campaign_keys(1, 2));
    let stated = |a: &str, b: &str| {
        let mut statement = Statement::new();
        set.normalise(&[a, b], TODAY, &mut statement).unwrap();
        statement
    };
    let digests = |a, b, units, choices: &[u32]| {
        let choices: Vec<_> = choices.iter().map(|pool| PoolNo(*pool)).collect();
        persons.digests(&stated(a, b), units, &choices)
    };
    let one = digests("ab", "c", 1, &[3, 4]);
    assert_eq!(one, digests(" ab ", "c", 1, &[3, 4]));
    assert_eq!(one.identity, persons.identity_digest(&stated("ab", "c")));
    assert_ne!(one.identity, one.request);
    assert_ne!(one.identity, digests("a", "bc", 1, &[3, 4]).identity);
    let others = [
        digests("a", "bc", 1, &[3, 4]),
        digests("ab", "c", 2, &[3, 4]),
        digests("ab", "c", 1, &[4, 3]),
        digests("ab", "c", 1, &[3]),
        digests("ab", "c", 1, &[3, 4, 0]),
    ];
    assert!(others.iter().all(|other| other.request != one.request));
    let elsewhere = Persons::from_fields(&fields, &campaign_keys(3, 2));
    assert_ne!(elsewhere.identity_digest(&stated("ab", "c")), one.identity);
}

#[test]
fn request_ids() {
    let id = request_id("8e03978e-40d5-43e8-bc93-6894a57f9324").unwrap();
    assert_eq!(id, request_id("8e03978e-40d5-43e8-bc93-6894a57f9324").unwrap());
    assert_ne!(id, request_id("8E03978E-40d5-43e8-bc93-6894a57f9324").unwrap());
    assert!(request_id(&"k".repeat(128)).is_ok());
    assert_eq!(request_id(""), Err(RequestIdProblem::Empty));
    assert_eq!(request_id(&"k".repeat(129)), Err(RequestIdProblem::TooLong { found: 129 }));
    for key in ["a b", "a\n", "钥匙", "\u{7f}"] {
        assert_eq!(request_id(key), Err(RequestIdProblem::Character));
    }
}

#[test]
fn the_request_digest_of_a_group_covers_all_that_it_says() {
    let statement = |phone: &str| {
        let set = identity::FieldSet::from_fields(&crate::usual_fields()).unwrap();
        let mut statement = identity::Statement::new();
        set.normalise(&["张三", crate::RESIDENT_ID, phone], crate::TODAY, &mut statement).unwrap();
        statement
    };
    let persons =
        identity::Persons::from_fields(&crate::usual_fields(), &crate::campaign_keys(1, 2));
    let pools = [types::PoolNo(3), types::PoolNo(1)];
    let people = [statement(crate::PHONE), statement("13800138001"), statement("13800138002")];
    let of = |people: &[identity::Statement], any| persons.digests_of_group(people, 1, &pools, any);
    assert_eq!(of(&people[..1], false), persons.digests(&people[0], 1, &pools), "as of kind 1");
    let turned = [people[0].clone(), people[2].clone(), people[1].clone()];
    let all = [
        of(&people[..1], false),
        of(&people[..1], true),
        of(&people[..2], false),
        of(&people[..2], true),
        of(&people, true),
        of(&turned, true),
        of(&people[1..], true),
    ];
    let requests: std::collections::BTreeSet<_> = all.iter().map(|one| one.request).collect();
    assert_eq!(requests.len(), all.len());
    let identities: std::collections::BTreeSet<_> = all.iter().map(|one| one.identity).collect();
    assert_eq!(identities.len(), 2, "the identity digest is the first person's");
}
