//! What the books read off a definition.
//!
//! Owns: which fields tell people apart, and whether outcomes wait for publication. Never: says
//! whether a definition is sound; `sound` does.

use types::definition::{Definition, IdentityField, Publish, Register};

/// The fields by which people are told apart, in the definition's order: a person key each.
pub(super) fn unique(register: &Register) -> impl Iterator<Item = &IdentityField> {
    register.fields.iter().filter(|field| field.unique)
}

/// Whether outcomes are told no sooner than they are published.
pub(super) const fn waits(definition: &Definition) -> bool {
    !matches!(definition.publish, Publish::AtOnce)
}
