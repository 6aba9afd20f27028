//! Nanoseconds per hot operation, each the best of seven rounds: `cargo run --release -p identity
//! --example rates`.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use identity::{
    CampaignKeys, Codes, FieldSet, Persons, Receipts, Sealer, SecretKey, Statement, request_id,
};
use std::hint::black_box;
use std::time::Instant;
use types::definition::IdentityField;
use types::{CampaignNo, EntryNo, FieldKind, LocalDay, PoolNo};

const ROUNDS: u32 = 7;
const CALLS: u32 = 200_000;
const TODAY: LocalDay = LocalDay(20_513);
const NUMBERS: [&str; 2] = ["11010519491231002X", "13812345678"];
const ALL: [&str; 3] = ["欧阳明月", NUMBERS[0], NUMBERS[1]];

fn main() {
    let text = |pattern: &str| FieldKind::Text { pattern: Some(pattern.into()) };
    let phone = || FieldKind::Phone { region: "CN".into() };
    let numbers = fields([("id", FieldKind::ResidentId), ("phone", phone())]);
    let all = [fields([("name", text(r"\p{Han}{2,20}"))]), numbers.clone()].concat();
    normalising(&numbers, &all);

    let keys = CampaignKeys::from_secrets(SecretKey::new([1; 32]), SecretKey::new([2; 32]));
    let persons = Persons::from_fields(&all, &keys);
    let sealer = Sealer::new("masks", &keys);
    let statement = stated(&all, &ALL);
    rate("person keys (identity number, phone)", || persons.keys(black_box(&statement)));
    rate("digests (identity and request)", || {
        persons.digests(black_box(&statement), 5, &[PoolNo(7)])
    });
    rate("request id of a UUID", || request_id(black_box("8e03978e-40d5-43e8-bc93-6894a57f9324")));
    let mut sealed = Vec::with_capacity(4_096);
    rate("seal", || {
        sealed.clear();
        sealer.seal(black_box(&statement), &mut sealed);
    });
    let mut opened = Statement::new();
    rate("open into a statement", || sealer.open(black_box(&sealed), &mut opened));

    let codes = Codes::new(&SecretKey::new([3; 32]));
    let code = codes.encode(CampaignNo(9), EntryNo(123_456));
    rate("pickup code, encode", || codes.encode(CampaignNo(9), black_box(EntryNo(123_456))));
    rate("pickup code, decode", || codes.decode(black_box(code.as_str())));
    let receipts = Receipts::new(&SecretKey::new([4; 32]));
    let receipt = receipts.encode(CampaignNo(9), EntryNo(123_456));
    rate("receipt, encode", || receipts.encode(CampaignNo(9), black_box(EntryNo(123_456))));
    rate("receipt, decode", || receipts.decode(black_box(receipt.as_str())));
    whole_entry(&all, &persons, &sealer);
}

fn normalising(numbers: &[IdentityField], all: &[IdentityField]) {
    let mut statement = Statement::new();
    let set = FieldSet::from_fields(numbers).expect("the fields are well formed");
    rate("normalise identity number and mobile phone", || {
        set.normalise(black_box(&NUMBERS), TODAY, &mut statement)
    });
    let set = FieldSet::from_fields(all).expect("the fields are well formed");
    rate("normalise these and a name by a pattern", || {
        set.normalise(black_box(&ALL), TODAY, &mut statement)
    });
    let phone = FieldSet::from_fields(&numbers[1..]).expect("the field is well formed");
    rate("normalise a phone of another country", || {
        phone.normalise(black_box(&["+85251234567"]), TODAY, &mut statement)
    });
}

fn whole_entry(all: &[IdentityField], persons: &Persons, sealer: &Sealer) {
    let set = FieldSet::from_fields(all).expect("the fields are well formed");
    let (mut statement, mut sealed) = (Statement::new(), Vec::with_capacity(4_096));
    rate("a whole entry: normalise, keys, digests, request id, seal", || {
        sealed.clear();
        set.normalise(black_box(&ALL), TODAY, &mut statement).expect("the values are good");
        let request = request_id(black_box("8e03978e-40d5-43e8-bc93-6894a57f9324"));
        sealer.seal(&statement, &mut sealed);
        (persons.keys(&statement), persons.digests(&statement, 5, &[PoolNo(7)]), request)
    });
}

fn fields<const N: usize>(fields: [(&str, FieldKind); N]) -> Vec<IdentityField> {
    let field = |(code, kind): (&str, FieldKind)| {
        let unique = matches!(kind, FieldKind::ResidentId | FieldKind::Phone { .. });
        IdentityField { code: code.into(), kind, label: [].into(), unique }
    };
    fields.into_iter().map(field).collect()
}

fn stated(fields: &[IdentityField], values: &[&str]) -> Statement {
    let mut statement = Statement::new();
    let set = FieldSet::from_fields(fields).expect("the fields are well formed");
    set.normalise(values, TODAY, &mut statement).expect("the values are good");
    statement
}

fn rate<T>(name: &str, mut call: impl FnMut() -> T) {
    let round = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
    };
    let mut call = || drop(black_box(call()));
    let best = (0..ROUNDS).map(|_| round(&mut call)).fold(f64::INFINITY, f64::min);
    println!("{best:8.0} ns  {name}");
}
