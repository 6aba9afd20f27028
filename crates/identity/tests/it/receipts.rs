//! Receipts.

use expect_test::expect;
use identity::{NotAReceipt, Receipts, SecretKey};
use proptest::prelude::*;
use types::{CampaignNo, EntryNo};

fn receipts() -> Receipts {
    Receipts::new(&SecretKey::new([5; 32]))
}

#[test]
fn receipts_keep_their_form_for_good() {
    let receipt = receipts().encode(CampaignNo(3), EntryNo(70_000)).to_string();
    // A change of this would make the receipts worthless that people already hold.
    expect!["0c070481018e814ktax3nzyjx5jyb6zy"].assert_eq(&receipt);
    let read = receipts().decode(&receipt.to_uppercase());
    assert_eq!(read, Ok((CampaignNo(3), EntryNo(70_000))));
}

#[test]
fn every_changed_character_is_refused() {
    let receipts = receipts();
    let receipt = receipts.encode(CampaignNo(3), EntryNo(70_000)).to_string();
    for place in 0..receipt.len() {
        for character in (0..=255).map(char::from) {
            let mut changed: Vec<_> = receipt.chars().collect();
            if character.eq_ignore_ascii_case(&changed[place]) {
                continue;
            }
            changed[place] = character;
            let changed: String = changed.into_iter().collect();
            assert_eq!(receipts.decode(&changed), Err(NotAReceipt));
        }
    }
    for other in ["", &receipt[1..], &format!("{receipt}0"), &format!(" {receipt}")] {
        assert_eq!(receipts.decode(other), Err(NotAReceipt));
    }
}

#[test]
fn another_key_refuses_and_nothing_is_printed() {
    let receipt = receipts().encode(CampaignNo(3), EntryNo(4));
    let other = Receipts::new(&SecretKey::new([6; 32]));
    assert_eq!(other.decode(receipt.as_str()), Err(NotAReceipt));
    assert_eq!(format!("{receipt:?} {other:?}"), "Receipt(withheld) Receipts(key withheld)");
}

proptest! {
    #[test]
    fn every_entry_has_its_receipt(campaign: u16, entry: u32) {
        let receipt = receipts().encode(CampaignNo(campaign), EntryNo(entry));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits_a_url = receipt.as_str().bytes().all(plain);
        prop_assert!(fits_a_url && receipt.as_str().len() == 32);
        let read = receipts().decode(receipt.as_str());
        prop_assert_eq!(read, Ok((CampaignNo(campaign), EntryNo(entry))));
    }
}
