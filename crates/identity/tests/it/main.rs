//! What the crate promises, from outside.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod codes;
mod fields;
mod keys;
mod persons;
mod receipts;
mod seal;

use identity::{CampaignKeys, FieldSet, SecretKey, Statement};
use types::definition::IdentityField;
use types::{FieldKind, LocalDay};

/// 2026-03-01.
const TODAY: LocalDay = LocalDay(20_513);
const RESIDENT_ID: &str = "11010519491231002X";
const PHONE: &str = "13812345678";

fn field(code: &str, kind: FieldKind, unique: bool) -> IdentityField {
    IdentityField { code: code.into(), kind, label: [].into(), unique }
}

/// Name, identity number and phone, as most campaigns ask.
fn usual_fields() -> Vec<IdentityField> {
    vec![
        field("name", FieldKind::Text { pattern: None }, false),
        field("id", FieldKind::ResidentId, true),
        field("phone", FieldKind::Phone { region: "CN".into() }, true),
    ]
}

fn usual_statement() -> Statement {
    let set = FieldSet::from_fields(&usual_fields()).unwrap();
    let mut statement = Statement::new();
    set.normalise(&["张三", RESIDENT_ID, PHONE], TODAY, &mut statement).unwrap();
    statement
}

fn campaign_keys(data: u8, person: u8) -> CampaignKeys {
    CampaignKeys::from_secrets(SecretKey::new([data; 32]), SecretKey::new([person; 32]))
}
