//! Every kind of field: what is taken, what it becomes, what is refused and how it is said.

use crate::{RESIDENT_ID, TODAY, field, usual_fields};
use expect_test::{Expect, expect};
use identity::{
    FieldProblem, FieldSet, FieldSetError, Statement, mask, resident_id_check_character,
};
use proptest::prelude::*;
use std::fmt::Write;
use types::{FieldKind, LocalDay};

fn normalise(kind: &FieldKind, value: &str) -> Result<String, FieldProblem> {
    let set = FieldSet::from_fields(&[field("it", kind.clone(), true)]).unwrap();
    let mut statement = Statement::new();
    set.normalise_field(0, value, TODAY, &mut statement)?;
    Ok(statement.get(0).unwrap().to_owned())
}

fn check(kind: &FieldKind, values: &[&str], expected: Expect) {
    let mut all = String::new();
    for value in values {
        let became = match normalise(kind, value) {
            Ok(normalised) => {
                let again = normalise(kind, &normalised);
                assert_eq!(again.as_ref(), Ok(&normalised), "normalised values stay as they are");
                normalised
            }
            Err(problem) => problem.code().to_owned(),
        };
        writeln!(all, "{value:?} {became}").unwrap();
    }
    expected.assert_eq(&all);
}

fn phone(region: &str) -> FieldKind {
    FieldKind::Phone { region: region.into() }
}

fn text(pattern: &str) -> FieldKind {
    FieldKind::Text { pattern: Some(pattern.into()) }
}

#[test]
fn check_characters_are_as_published() {
    // The two examples printed in GB 11643-1999, and one of each remainder.
    for id in [
        "11010519491231002X",
        "440524188001010014",
        "34052419800101001X",
        "110101199003070070",
        "110101199003070011",
    ] {
        let digits = id.as_bytes().first_chunk().unwrap();
        assert_eq!(resident_id_check_character(digits), id.as_bytes()[17], "{id}");
    }
}

#[test]
fn resident_ids() {
    check(
        &FieldKind::ResidentId,
        &[
            "11010519491231002X",
            "11010519491231002x",
            " 110105 19491231 002x ",
            "110105-19491231-002X",
            "１１０１０５１９４９１２３１００２Ｘ",
            "\u{202d}11010519491231002X\u{202c}",
            "",
            " - ",
            "11010519491231002",
            "11010519491231002X1",
            "110105491231002",
            "110105194912310021",
            "11010519491231002Y",
            "1101051949123100XX",
            "11010519491231002√",
            "010105194912310020",
            "91010519491231002X",
            "11010519491331002X",
            "110105190002290021",
            "440524188001010014",
            "110105202603010025",
            "110105202603020026",
            "110105209901010020",
        ],
        expect![[r#"
            "11010519491231002X" 11010519491231002X
            "11010519491231002x" 11010519491231002X
            " 110105 19491231 002x " 11010519491231002X
            "110105-19491231-002X" 11010519491231002X
            "１１０１０５１９４９１２３１００２Ｘ" 11010519491231002X
            "\u{202d}11010519491231002X\u{202c}" 11010519491231002X
            "" empty
            " - " empty
            "11010519491231002" wrong-length
            "11010519491231002X1" wrong-length
            "110105491231002" wrong-length
            "110105194912310021" check-character
            "11010519491231002Y" wrong-character
            "1101051949123100XX" wrong-character
            "11010519491231002√" wrong-character
            "010105194912310020" no-such-region
            "91010519491231002X" no-such-region
            "11010519491331002X" not-a-date
            "110105190002290021" not-a-date
            "440524188001010014" not-a-date
            "110105202603010025" check-character
            "110105202603020026" in-the-future
            "110105209901010020" in-the-future
        "#]],
    );
}

#[test]
fn today_is_still_a_day_of_birth() {
    let set = FieldSet::from_fields(&[field("id", FieldKind::ResidentId, true)]).unwrap();
    let mut statement = Statement::new();
    // Born on 1949-12-31, before every day a LocalDay can hold.
    assert_eq!(set.normalise_field(0, RESIDENT_ID, LocalDay(0), &mut statement), Ok(()));
    let mut id = *b"11010520260301001?";
    id[17] = resident_id_check_character(id.first_chunk().unwrap());
    let id = std::str::from_utf8(&id).unwrap();
    assert_eq!(set.normalise_field(0, id, TODAY, &mut statement), Ok(()));
    let yesterday = LocalDay(TODAY.0 - 1);
    let refused = set.normalise_field(0, id, yesterday, &mut statement);
    assert_eq!(refused, Err(FieldProblem::InTheFuture));
}

#[test]
fn phones_of_the_mainland() {
    check(
        &phone("CN"),
        &[
            "13812345678",
            "138 1234 5678",
            "138-1234-5678",
            "+86 138 1234 5678",
            "0086 138 1234 5678",
            "8613812345678",
            "（+86）１３８１２３４５６７８",
            "010-6552 9988",
            "+852 5123 4567",
            "+1 (202) 555-0173",
            "",
            "12812345678",
            "1381234567",
            "138123456789",
            "+999 1234567",
            "13812345678 ext. 9",
            "13812345678#1",
            "phone",
            "1381234567890123456789012345",
        ],
        expect![[r#"
            "13812345678" +8613812345678
            "138 1234 5678" +8613812345678
            "138-1234-5678" +8613812345678
            "+86 138 1234 5678" +8613812345678
            "0086 138 1234 5678" +8613812345678
            "8613812345678" +8613812345678
            "（+86）１３８１２３４５６７８" +8613812345678
            "010-6552 9988" +861065529988
            "+852 5123 4567" +85251234567
            "+1 (202) 555-0173" +12025550173
            "" empty
            "12812345678" no-such-region-number
            "1381234567" no-such-region-number
            "138123456789" no-such-region-number
            "+999 1234567" not-a-number
            "13812345678 ext. 9" not-a-number
            "13812345678#1" not-a-number
            "phone" not-a-number
            "1381234567890123456789012345" not-a-number
        "#]],
    );
}

#[test]
fn phones_elsewhere() {
    check(
        &phone("HK"),
        &["5123 4567", "+852 51234567", "+8613812345678", "13812345678", "123"],
        expect![[r#"
            "5123 4567" +85251234567
            "+852 51234567" +85251234567
            "+8613812345678" +8613812345678
            "13812345678" no-such-region-number
            "123" no-such-region-number
        "#]],
    );
    check(
        &phone("DE"),
        &["030 901820", "+49 30 901820", "0171 1234567"],
        expect![[r#"
        "030 901820" +4930901820
        "+49 30 901820" +4930901820
        "0171 1234567" +491711234567
    "#]],
    );
}

#[test]
fn papers() {
    check(
        &FieldKind::Passport,
        &[
            "E12345678",
            "e1234 5678",
            "g-123",
            "G123",
            "A1234567890123456789",
            "A12345678901234567890",
            "E1234é",
            "Ｅ１２３４５６７８",
        ],
        expect![[r#"
            "E12345678" E12345678
            "e1234 5678" E12345678
            "g-123" wrong-length
            "G123" wrong-length
            "A1234567890123456789" A1234567890123456789
            "A12345678901234567890" wrong-length
            "E1234é" wrong-character
            "Ｅ１２３４５６７８" E12345678
        "#]],
    );
    check(
        &FieldKind::HomeReturnPermit,
        &[
            "H12345678",
            "m1234567801",
            "H1234567",
            "H123456780",
            "H123456780123",
            "C12345678",
            "HH2345678",
        ],
        expect![[r#"
            "H12345678" H12345678
            "m1234567801" M12345678
            "H1234567" wrong-length
            "H123456780" wrong-length
            "H123456780123" wrong-length
            "C12345678" wrong-character
            "HH2345678" wrong-character
        "#]],
    );
}

#[test]
fn texts() {
    let long = "长".repeat(100);
    let too_long = "长".repeat(101);
    assert_eq!(normalise(&FieldKind::Text { pattern: None }, &long), Ok(long));
    let refused = normalise(&FieldKind::Text { pattern: None }, &too_long);
    assert_eq!(refused, Err(FieldProblem::TooLong));
    check(
        &FieldKind::Text { pattern: None },
        &[
            "  张三\u{3000}",
            "Zoë  Müller",
            "\t",
            "",
            "a\u{0}b",
            "two\nlines",
            "a\u{202e}b",
            "\u{200b}",
        ],
        expect![[r#"
            "  张三\u{3000}" 张三
            "Zoë  Müller" Zoë  Müller
            "\t" empty
            "" empty
            "a\0b" control-character
            "two\nlines" control-character
            "a\u{202e}b" control-character
            "\u{200b}" control-character
        "#]],
    );
    check(
        &text("[a-z]{2}|[a-z]{4}"),
        &["ab", "abcd", "abc", "abcde", "x ab"],
        expect![[r#"
        "ab" ab
        "abcd" abcd
        "abc" pattern
        "abcde" pattern
        "x ab" pattern
    "#]],
    );
    check(
        &text("(?x) [0-9]+  # a room"),
        &["12", "12 ", "1a"],
        expect![[r#"
        "12" 12
        "12 " 12
        "1a" pattern
    "#]],
    );
}

#[test]
fn rules_that_cannot_work_are_refused() {
    let refused = |kind: FieldKind| {
        let error = FieldSet::from_fields(&[field("room", kind, false)]).unwrap_err();
        assert_eq!(error.code(), "invalid-field-rule");
        error
    };
    for pattern in ["[", "a)(b", "(a{500}){500}"] {
        assert!(matches!(refused(text(pattern)), FieldSetError::Pattern { .. }), "{pattern}");
    }
    for region in ["cn", "ZZ", "", "CHN", "001"] {
        assert!(matches!(refused(phone(region)), FieldSetError::Region { .. }), "{region}");
    }
    let many = vec![field("many", FieldKind::Passport, false); 9];
    expect!["a campaign asks for at most 8 identity fields, not 9"]
        .assert_eq(&FieldSet::from_fields(&many).unwrap_err().to_string());
}

#[test]
fn all_problems_are_found_at_once() {
    let set = FieldSet::from_fields(&usual_fields()).unwrap();
    let mut statement = Statement::new();
    let problems = set.normalise(&["", "123", "13812345678"], TODAY, &mut statement).unwrap_err();
    assert!(statement.is_empty());
    assert_eq!(problems.code(), "invalid-field");
    let found: Vec<_> = problems.iter().collect();
    assert_eq!(found, [(0, FieldProblem::Empty), (1, FieldProblem::WrongLength)]);
    assert_eq!(set.unique_positions().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(set.position("phone"), Some(2));
    assert_eq!(set.codes().collect::<Vec<_>>(), ["name", "id", "phone"]);
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&set);
}

#[test]
fn every_problem_has_its_code() {
    let codes: std::collections::BTreeSet<_> =
        FieldProblem::ALL.iter().map(|problem| problem.code()).collect();
    assert_eq!(codes.len(), FieldProblem::ALL.len(), "a code stands twice");
    assert!(FieldProblem::ALL.iter().all(|problem| problem.to_string() == problem.code()));
}

#[test]
fn masked_values_show_little() {
    let texts = FieldKind::Text { pattern: None };
    let all = [
        mask(&FieldKind::ResidentId, RESIDENT_ID),
        mask(&phone("CN"), "+8613812345678"),
        mask(&phone("HK"), "+85251234567"),
        mask(&FieldKind::Passport, "E12345678"),
        mask(&FieldKind::Passport, "G1234"),
        mask(&texts, "张三丰"),
        mask(&texts, "张"),
        mask(&texts, ""),
    ];
    expect![[r#"
        110*************2X
        +86138******78
        +85*******67
        E12****78
        G****
        张**
        *
    "#]]
    .assert_eq(&all.join("\n"));
}

proptest! {
    #[test]
    fn no_value_panics_and_normalised_values_stay(value in "\\PC{0,40}|[0-9Xx+ -]{0,30}") {
        for kind in [
            FieldKind::ResidentId,
            phone("CN"),
            phone("US"),
            FieldKind::Passport,
            FieldKind::HomeReturnPermit,
            FieldKind::Text { pattern: None },
        ] {
            if let Ok(normalised) = normalise(&kind, &value) {
                prop_assert_eq!(normalise(&kind, &normalised), Ok(normalised.clone()));
                let masked = mask(&kind, &normalised);
                prop_assert!(masked.contains('*'), "something is always hidden");
            }
        }
    }

    #[test]
    fn every_well_made_resident_id_is_taken_and_every_slip_refused(
        region in 1u32..=8, rest in 0u32..100_000, year in 1900u32..=2025, month in 1u32..=12,
        day in 1u32..=28, order in 0u32..1000, place in 0usize..18, other in 0u8..10,
    ) {
        let mut id = format!("{region}{rest:05}{year}{month:02}{day:02}{order:03}").into_bytes();
        id.push(resident_id_check_character(id.first_chunk().unwrap()));
        let good = String::from_utf8(id.clone()).unwrap();
        prop_assert_eq!(normalise(&FieldKind::ResidentId, &good), Ok(good.clone()));
        id[place] = b'0' + other;
        let slip = String::from_utf8(id.clone()).unwrap();
        prop_assert_eq!(normalise(&FieldKind::ResidentId, &slip).is_ok(), slip == good);
        if place > 0 && good.as_bytes()[place] != good.as_bytes()[place - 1] {
            let mut swapped = good.into_bytes();
            swapped.swap(place, place - 1);
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assert!(normalise(&FieldKind::ResidentId, &swapped).is_err());
        }
    }
}
