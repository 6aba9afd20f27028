//! What people type: identity fields of every kind, pickup codes, receipts, request ids.
//!
//! Invariants: what normalises once normalises to itself, and can be masked; a code or receipt
//! that is accepted is the one that was given.

use crate::bites::Bites;
use identity::{Codes, FieldSet, Receipts, SecretKey, Statement, mask, request_id};
use serde_json::json;
use std::sync::OnceLock;
use types::definition::IdentityField;
use types::limits::{CAMPAIGNS_MAX, IDENTITY_CHARS_MAX};
use types::{CampaignNo, EntryNo, LocalDay};

/// 2020-02-01.
const TODAY: LocalDay = LocalDay(18_293);

fn fields() -> &'static FieldSet {
    static FIELDS: OnceLock<FieldSet> = OnceLock::new();
    FIELDS.get_or_init(|| {
        let kinds = [
            json!({ "type": "resident-id" }),
            json!({ "type": "phone", "region": "CN" }),
            json!({ "type": "phone", "region": "GB" }),
            json!({ "type": "passport" }),
            json!({ "type": "home-return-permit" }),
            json!({ "type": "text", "pattern": null }),
            json!({ "type": "text", "pattern": "[A-Z]{2}[0-9]+(张|Ω)?" }),
        ];
        let fields = kinds.iter().enumerate().map(|(index, kind)| {
            let field = json!({ "code": format!("f{index}"), "kind": kind, "label": { "en": "f" },
                "unique": index < 4 });
            serde_json::from_value(field).expect("it is a field")
        });
        let fields: Vec<IdentityField> = fields.collect();
        FieldSet::from_fields(&fields).expect("their rules can be run")
    })
}

pub(crate) fn feed_fields(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let fields = fields();
    let index = usize::from(bites.byte()) % fields.len();
    let Ok(text) = str::from_utf8(bites.0) else { return };
    let mut statement = Statement::new();
    let Ok(()) = fields.normalise_field(index, text, TODAY, &mut statement) else {
        assert!(statement.is_empty(), "a refused value leaves nothing behind");
        return;
    };
    let value = statement.get(0).expect("it was stated").to_owned();
    assert!(!value.is_empty() && value.chars().count() <= IDENTITY_CHARS_MAX);
    let mut again = Statement::new();
    fields.normalise_field(index, &value, TODAY, &mut again).expect("a normal value is one");
    assert_eq!(again.get(0), Some(&value[..]));
    let kind = fields.kind(index).expect("there is such a field");
    let masked = mask(kind, &value);
    assert!(masked.chars().count() <= value.chars().count(), "a mask adds nothing");
}

pub(crate) fn feed_codes(bytes: &[u8]) {
    static KEYS: OnceLock<(Codes, Receipts)> = OnceLock::new();
    let (codes, receipts) = KEYS.get_or_init(|| {
        let key = SecretKey::new([5; 32]);
        (Codes::new(&key), Receipts::new(&key))
    });
    let mut bites = Bites(bytes);
    let (campaign, entry) =
        (bites.short(), u32::from(bites.short()) << 16 | u32::from(bites.short()));
    let given = (CampaignNo(campaign % CAMPAIGNS_MAX as u16), EntryNo(entry));
    let code = codes.encode(given.0, given.1);
    assert_eq!(codes.decode(code.as_str()).ok(), Some(given));
    let receipt = receipts.encode(given.0, given.1);
    assert_eq!(receipts.decode(receipt.as_str()).ok(), Some(given));
    let Ok(text) = str::from_utf8(bites.0) else { return };
    if let Ok(of) = codes.decode(text) {
        let typed: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        assert!(codes.encode(of.0, of.1).as_str().eq_ignore_ascii_case(&typed), "{text}");
    }
    if let Ok(of) = receipts.decode(text) {
        assert_eq!(receipts.encode(of.0, of.1).as_str(), text.to_ascii_lowercase());
    }
    let _request = request_id(text);
}
