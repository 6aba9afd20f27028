//! The identity fields of a form: from a campaign and what was typed to what is shown.
//!
//! Owns: hint, keyboard and autocomplete of each kind of field. Never: judges a value.

use super::form::ErrorView;
use super::typed::{Typed, person_prefix};
use super::view::local;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::people::FieldError;
use types::definition::FieldKind;

/// One input for an identity field.
pub(super) struct FieldView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) required: bool,
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
        let (anchor, label) = (self.id.clone(), self.label.clone());
        Some(ErrorView { anchor, label, message: self.error?.to_owned() })
    }
}

/// Whose fields they are.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    /// Whoever fills the form in.
    Own,
    /// A further person's of a group: the number on the form, from 1, and the place among those
    /// of whom something was typed.
    Further(u8, Option<usize>),
}

/// The identity inputs, with what was typed and what is wrong with it.
pub(super) fn fields(
    campaign: &Prepared,
    typed: &Typed,
    errors: &[FieldError],
    language: Language,
    whose: Whose,
) -> Vec<FieldView> {
    let definition = &*campaign.view.definition;
    let fields = definition.register.fields.iter().map(|field| {
        let code = &field.code;
        let (id, name, part) = match whose {
            Whose::Own => (format!("f-{code}"), format!("f.{code}"), Some(code.clone())),
            Whose::Further(number, place) => {
                let prefix = person_prefix(number);
                let part = place.map(|place| format!("people[{place}].{code}"));
                (format!("p{number}-{code}"), format!("{prefix}{code}"), part)
            }
        };
        let error = errors.iter().find(|error| Some(&error.field) == part.as_ref());
        let (hint, autocomplete, input_mode) = about(&field.kind, language);
        let is_own = matches!(whose, Whose::Own);
        let mut described_by = Vec::new();
        if !hint.is_empty() {
            described_by.push(format!("{id}-hint"));
        }
        if error.is_some() {
            described_by.push(format!("{id}-error"));
        }
        FieldView {
            label: local(definition, &field.label, language).to_owned(),
            value: typed.get(&name).to_owned(),
            hint,
            error: error.map(|error| error.message(language)),
            autocomplete: if is_own { autocomplete } else { "off" },
            input_mode,
            described_by: described_by.join(" "),
            kind: kind(&field.kind),
            required: is_own,
            id,
            name,
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
