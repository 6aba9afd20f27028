//! Made-up people: valid, distinct, the same everywhere.

use crowd::people::POPULATION_MAX;
use crowd::{Person, Population};
use expect_test::expect;
use std::collections::HashSet;

fn shown(person: &Person) -> String {
    format!("{} {} {}\n", person.id_number(), person.phone(), person.name())
}

/// The check character by the standard's own formula: the weight of place i is 2^(i-1) mod 11.
pub(crate) fn passes_check(id_number: &str) -> bool {
    let values = id_number.chars().map(|c| if c == 'X' { 10 } else { c.to_digit(10).unwrap() });
    let sum: u32 = values.zip((0..18).rev()).map(|(value, power)| value * (1 << power) % 11).sum();
    sum % 11 == 1
}

#[test]
fn people_are_the_same_everywhere() {
    let people = Population::new(2020);
    let numbers = [0, 1, 2, 99_999_999, POPULATION_MAX - 1];
    let text: String = numbers.iter().map(|number| shown(&people.person(*number))).collect();
    expect![[r#"
        440199200309131574 13133173123 李康江
        440192200201198123 13148658986 冯洁芳
        44019520000526468X 13164144849 梁洁光
        440196194404227489 13417687260 周芳建
        440196200505085019 18230597040 高达霞
    "#]]
    .assert_eq(&text);
}

#[test]
fn numbers_pass_the_check_and_dates_are_real() {
    for seed in 0..20 {
        let people = Population::new(seed);
        for number in (0..POPULATION_MAX).step_by(1_234_567) {
            let person = people.person(number);
            let id_number = person.id_number();
            assert!(passes_check(id_number), "{id_number}");
            assert!(id_number.starts_with("44019"), "{id_number}");
            let (year, month, day) = (&id_number[6..10], &id_number[10..12], &id_number[12..14]);
            assert!(("1931".."2006").contains(&year), "{id_number}");
            assert!(("01"..="12").contains(&month), "{id_number}");
            assert!(("01"..="31").contains(&day), "{id_number}");
            let mistyped = person.id_number_mistyped();
            assert!(!passes_check(std::str::from_utf8(&mistyped).unwrap()), "{id_number}");
        }
    }
}

#[test]
fn nobody_is_there_twice() {
    let people = Population::new(7);
    let mut id_numbers = HashSet::new();
    let mut phones = HashSet::new();
    let far = (0..50_000).map(|step| step * 5_003 % POPULATION_MAX);
    for number in (1_000_000..1_050_000).chain(far.filter(|n| !(1_000_000..1_050_000).contains(n)))
    {
        let person = people.person(number);
        assert!(id_numbers.insert(person.id_number().to_owned()), "person {number}");
        assert!(phones.insert(person.phone().to_owned()), "person {number}");
    }
}
