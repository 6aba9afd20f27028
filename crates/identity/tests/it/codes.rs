//! Pickup codes.

use expect_test::expect;
use identity::{CodeProblem, Codes, SecretKey};
use proptest::prelude::*;
use std::collections::BTreeSet;
use types::{CampaignNo, EntryNo};

const SYMBOLS: &str = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

fn codes() -> Codes {
    Codes::new(&SecretKey::new([5; 32]))
}

#[test]
fn codes_keep_their_form_for_good() {
    let codes = codes();
    let some = [(0, 0), (0, 1), (0, 2), (1, 0), (4_095, u32::MAX)];
    let all = some
        .map(|(campaign, entry)| codes.encode(CampaignNo(campaign), EntryNo(entry)).to_string());
    // A change of these would make the codes worthless that people already hold.
    expect!["NUVH6-YR82P F2A3H-N8EU2 MCMS3-6EPAN PFE5R-ZUT65 BKJXH-69B4A"]
        .assert_eq(&all.join(" "));
}

#[test]
fn every_single_slip_and_exchange_is_found() {
    let codes = codes();
    // The check is linear in the symbols: what it finds depends on place and difference alone,
    // not on the rest of the code. These codes show all pairs of symbols at all places.
    let mut pairs = BTreeSet::new();
    for entry in 0..40 {
        let code = codes.encode(CampaignNo(3), EntryNo(entry));
        for place in 0..10 {
            for symbol in SYMBOLS.bytes().filter(|s| *s != code.as_str().as_bytes()[place]) {
                let mut slip = code.as_str().as_bytes().to_vec();
                pairs.insert((place, slip[place], symbol));
                slip[place] = symbol;
                let slip = String::from_utf8(slip).unwrap();
                assert_eq!(codes.decode(&slip), Err(CodeProblem::CheckSymbol));
            }
        }
    }
    assert!(pairs.len() > 10 * 31 * 30 / 2);
}

/// The weights alone decide: with every pair of symbols at every pair of places, in a code whose
/// other symbols are all the same, a good code never stays good.
#[test]
fn no_slip_or_exchange_at_all_keeps_the_check() {
    let sum = |symbols: &[usize; 10]| {
        symbols.iter().enumerate().map(|(place, symbol)| symbol * (10 - place)).sum::<usize>() % 31
    };
    for place in 0..10 {
        for (one, other) in (0..31).flat_map(|one| (0..31).map(move |other| (one, other))) {
            let mut symbols = [7; 10];
            symbols[place] = one;
            let before = sum(&symbols);
            symbols[place] = other;
            assert_eq!(sum(&symbols) == before, one == other);
            for second in (0..10).filter(|second| *second != place) {
                let (mut first_way, mut second_way) = ([7; 10], [7; 10]);
                (first_way[place], first_way[second]) = (one, other);
                (second_way[place], second_way[second]) = (other, one);
                assert_eq!(sum(&first_way) == sum(&second_way), one == other);
            }
        }
    }
}

#[test]
fn codes_are_read_as_people_type_them() {
    let codes = codes();
    let code = codes.encode(CampaignNo(7), EntryNo(1_234_567));
    let expected = Ok((CampaignNo(7), EntryNo(1_234_567)));
    let wide: String =
        code.as_str().chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
    let spaced: String = code.as_str().chars().flat_map(|c| [c, ' ']).collect();
    for typed in
        [code.to_string(), code.as_str().into(), code.to_string().to_lowercase(), wide, spaced]
    {
        assert_eq!(codes.decode(&typed), expected, "{typed}");
    }
}

#[test]
fn what_is_no_code_is_refused_with_a_hint() {
    let codes = codes();
    for typed in ["", "ABCDE", "ABCDE-FGHJK-M"] {
        assert!(matches!(codes.decode(typed), Err(CodeProblem::Length { .. })), "{typed}");
    }
    for character in ['0', '1', 'I', 'L', 'O'] {
        let problem = CodeProblem::LookAlike { character };
        assert_eq!(codes.decode(&format!("ABCD{character}-FGHJK")), Err(problem));
        assert_eq!(codes.decode(&format!("abcd{}", character.to_lowercase())), Err(problem));
    }
    assert_eq!(codes.decode("ABCD!-FGHJK"), Err(CodeProblem::NotASymbol));
    assert_eq!(codes.decode("取货码"), Err(CodeProblem::NotASymbol));
    // All nine at their highest are more than 44 bits; the check symbol fits.
    assert_eq!(codes.decode("ZZZZZ-ZZZZS"), Err(CodeProblem::NeverGiven));
    for problem in [
        CodeProblem::Length { found: 9 },
        CodeProblem::LookAlike { character: '0' },
        CodeProblem::NotASymbol,
        CodeProblem::CheckSymbol,
        CodeProblem::NeverGiven,
    ] {
        assert!(problem.in_english().ends_with('.'));
        assert!(!problem.code().is_empty());
    }
}

#[test]
fn neighbours_look_nothing_like_each_other() {
    let codes = codes();
    // Of nine symbols, two codes made up at random share 0.29 on average; neighbours as well.
    let given: Vec<_> =
        (0..10_000).map(|entry| codes.encode(CampaignNo(0), EntryNo(entry))).collect();
    let shared: usize = given
        .windows(2)
        .map(|pair| {
            let (one, other) = (pair[0].as_str().as_bytes(), pair[1].as_str().as_bytes());
            one.iter().zip(other).take(9).filter(|(a, b)| a == b).count()
        })
        .sum();
    assert!((2_400..3_600).contains(&shared), "{shared} of 90,000");
    assert_eq!(given.iter().map(|code| code.as_str()).collect::<BTreeSet<_>>().len(), 10_000);
}

#[test]
fn another_key_reads_another_entry_and_nothing_is_printed() {
    let code = codes().encode(CampaignNo(7), EntryNo(8));
    let other = Codes::new(&SecretKey::new([6; 32]));
    assert_ne!(other.decode(code.as_str()), Ok((CampaignNo(7), EntryNo(8))));
    assert_eq!(format!("{code:?} {other:?}"), "Code(withheld) Codes(key withheld)");
}

proptest! {
    #[test]
    fn every_entry_has_its_code(campaign in 0u16..4_096, entry: u32) {
        let code = codes().encode(CampaignNo(campaign), EntryNo(entry));
        let read = codes().decode(&code.to_string());
        prop_assert_eq!(read, Ok((CampaignNo(campaign), EntryNo(entry))));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,20}|[2-9A-HJKMNP-Z]{10}") {
        let codes = codes();
        if let Ok((campaign, entry)) = codes.decode(&text) {
            let typed: String = text.chars().filter(|c| SYMBOLS.contains(*c)).collect();
            let code = codes.encode(campaign, entry);
            prop_assert_eq!(code.as_str(), typed);
        }
    }
}
