//! The words that a member of a body may be, for the description.
//!
//! Owns: documentation. The bodies' own types read the words.

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// `block`, `allow` or `reserved`.
pub(super) fn list() -> RefOr<Schema> {
    one_of(&["block", "allow", "reserved"])
}

/// `replace` or `add`.
pub(super) fn mode() -> RefOr<Schema> {
    one_of(&["replace", "add"])
}

/// `csv`, `xlsx` or nothing.
pub(super) fn format() -> RefOr<Schema> {
    one_of_or_none(&["csv", "xlsx"])
}

/// `archive`, `file` or nothing.
pub(super) fn layout() -> RefOr<Schema> {
    one_of_or_none(&["archive", "file"])
}

fn one_of(words: &[&str]) -> RefOr<Schema> {
    let values = words.iter().map(|word| (*word).to_owned());
    let object = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
    RefOr::T(object.into())
}

fn one_of_or_none(words: &[&str]) -> RefOr<Schema> {
    let values = words.iter().map(|word| Some((*word).to_owned())).chain([None]);
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    let object = ObjectBuilder::new().schema_type(kinds).enum_values(Some(values));
    RefOr::T(object.into())
}
