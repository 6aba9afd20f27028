//! The identity fields of a form: from a campaign and what was typed to what is shown.
//!
//! Owns: hint, keyboard and autocomplete of each kind of field. Never: judges a value.

use super::form::ErrorView;
use super::typed::Typed;
use super::view::local;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::people::FieldError;
use types::definition::FieldKind;

/// One input for an identity field.
pub(super) struct FieldView {
    pub(super) code: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) hint: &'static str,
    pub(super) error: Option<&'static str>,
    pub(super) autocomplete: &'static str,
    pub(super) input_mode: &'static str,
    pub(super) described_by: String,
    /// What a script checks it by; the server checks it anyway.
    pub(super) kind: String,
}

impl FieldView {
    /// Its line of the summary of errors.
    pub(super) fn summary(&self) -> Option<ErrorView> {
        let (anchor, label) = (format!("f-{}", self.code), self.label.clone());
        Some(ErrorView { anchor, label, message: self.error?.to_owned() })
    }
}

/// The identity inputs, with what was typed and what is wrong with it.
pub(super) fn fields(
    campaign: &Prepared,
    typed: &Typed,
    errors: &[FieldError],
    language: Language,
) -> Vec<FieldView> {
    let definition = &*campaign.view.definition;
    let fields = definition.register.fields.iter().map(|field| {
        let error = errors.iter().find(|error| error.field == field.code);
        let (hint, autocomplete, input_mode) = about(&field.kind, language);
        let code = field.code.clone();
        let mut described_by = Vec::new();
        if !hint.is_empty() {
            described_by.push(format!("f-{code}-hint"));
        }
        if error.is_some() {
            described_by.push(format!("f-{code}-error"));
        }
        FieldView {
            label: local(definition, &field.label, language).to_owned(),
            value: typed.get(&format!("f.{code}")).to_owned(),
            hint,
            error: error.map(|error| error.message(language)),
            autocomplete,
            input_mode,
            described_by: described_by.join(" "),
            kind: kind(&field.kind),
            code,
        }
    });
    fields.collect()
}

/// Hint, autocomplete token and keyboard of a kind of field.
fn about(kind: &FieldKind, language: Language) -> (&'static str, &'static str, &'static str) {
    let t = &language.texts().hint;
    match kind {
        FieldKind::ResidentId => (&t.resident_id, "off", "text"),
        FieldKind::Phone { .. } => ("", "tel", "tel"),
        FieldKind::Passport => ("", "off", "text"),
        FieldKind::HomeReturnPermit => (&t.home_return_permit, "off", "text"),
        FieldKind::Text { .. } => ("", "name", "text"),
    }
}

fn kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::ResidentId => "resident-id".to_owned(),
        FieldKind::Phone { region } => format!("phone-{region}"),
        FieldKind::HomeReturnPermit => "home-return-permit".to_owned(),
        FieldKind::Passport | FieldKind::Text { .. } => String::new(),
    }
}
