//! Identity fields: what a person types becomes one normalised value, or a problem with a code.
//!
//! Owns: the rules of every field kind, compiled once per campaign. Never: reads a clock (today
//! is an argument), keeps or prints a value.
//! Invariants: what normalises once normalises to itself; two spellings of one number give the
//! same value.

mod document;
mod fold;
mod masked;
mod phone;
mod problem;
mod resident;
mod text;

use crate::statement::Statement;
use regex::Regex;
use rlibphonenumber::Region;
use types::definition::{Definition, IdentityField};
use types::limits::{IDENTITY_CHARS_MAX, IDENTITY_FIELDS_MAX};
use types::{FieldKind, LocalDay};

pub(crate) use fold::ascii;
pub use masked::mask;
pub use problem::{FieldProblem, FieldProblems};
pub use resident::resident_id_check_character;

/// The fields of one campaign, ready to check 100,000 statements a second; `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct FieldSet {
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    code: String,
    kind: FieldKind,
    unique: bool,
    rule: Rule,
}

/// A field kind with everything looked up and compiled.
#[derive(Clone, Debug)]
enum Rule {
    ResidentId,
    Phone(Region),
    Passport,
    HomeReturnPermit,
    Text(Option<Regex>),
}

/// Why a definition's fields cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldSetError {
    /// The pattern is not a regular expression, or one too large to run for everybody.
    #[error("the pattern of field {field} is not a regular expression this program can run: {why}")]
    Pattern {
        /// The field's code.
        field: String,
        /// What is wrong, in one line or several.
        why: String,
    },
    /// No country has such phone numbers.
    #[error(
        "the region {region} of field {field} is not a country code with a telephone numbering \
         plan; write two capital letters, such as CN"
    )]
    Region {
        /// The field's code.
        field: String,
        /// What stands there.
        region: String,
    },
    /// More fields than the limit.
    #[error("a campaign asks for at most {most} identity fields, not {found}",
        most = IDENTITY_FIELDS_MAX)]
    TooMany {
        /// How many there are.
        found: usize,
    },
}

impl FieldSetError {
    /// The stable code, one for all: `invalid-field-rule`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "invalid-field-rule"
    }
}

impl FieldSet {
    /// Compiles a campaign's fields.
    ///
    /// # Errors
    /// The first field with a pattern or region that does not work.
    pub fn new(definition: &Definition) -> Result<Self, FieldSetError> {
        Self::from_fields(&definition.register.fields)
    }

    /// Compiles fields, in the order of the form.
    ///
    /// # Errors
    /// The first field with a pattern or region that does not work.
    pub fn from_fields(fields: &[IdentityField]) -> Result<Self, FieldSetError> {
        if IDENTITY_FIELDS_MAX < fields.len() {
            return Err(FieldSetError::TooMany { found: fields.len() });
        }
        let fields = fields.iter().map(Field::new).collect::<Result<_, _>>()?;
        Ok(Self { fields })
    }

    /// How many fields there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none, which a definition that holds its checks excludes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields' codes, in the order of the form.
    pub fn codes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.fields.iter().map(|field| field.code.as_str())
    }

    /// A field's place by its code.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.code == code)
    }

    /// A field's kind.
    #[must_use]
    pub fn kind(&self, index: usize) -> Option<&FieldKind> {
        self.fields.get(index).map(|field| &field.kind)
    }

    /// The places of the unique fields: the n-th is person key n.
    pub fn unique_positions(&self) -> impl Iterator<Item = usize> {
        let places = self.fields.iter().enumerate();
        places.filter(|(_, field)| field.unique).map(|(index, _)| index)
    }

    /// Checks and normalises all fields of a person into `statement`, which is cleared first. A
    /// field that is not given is an empty string. Free of allocation once the buffer has grown.
    ///
    /// # Errors
    /// Every field that is not as it must be; `statement` is then empty.
    ///
    /// # Panics
    /// When there is not one value for each field; the caller has matched them by code.
    pub fn normalise(
        &self,
        values: &[&str],
        today: LocalDay,
        statement: &mut Statement,
    ) -> Result<(), FieldProblems> {
        assert_eq!(values.len(), self.fields.len(), "one value for each field");
        statement.clear();
        let mut problems = FieldProblems::default();
        for (index, value) in values.iter().enumerate() {
            if let Err(problem) = self.normalise_field(index, value, today, statement) {
                problems.add(index, problem);
            }
        }
        if problems.is_empty() {
            assert_eq!(statement.len(), self.fields.len(), "every field is stated");
            return Ok(());
        }
        statement.clear();
        Err(problems)
    }

    /// Checks one field and appends its normalised value to `statement`; for lists, which hold
    /// one field of many people.
    ///
    /// # Errors
    /// What is wrong with the value; `statement` is then as before.
    ///
    /// # Panics
    /// When there is no such field, or the statement is full.
    pub fn normalise_field(
        &self,
        index: usize,
        value: &str,
        today: LocalDay,
        statement: &mut Statement,
    ) -> Result<(), FieldProblem> {
        let rule = &self.fields[index].rule;
        statement.push_with(|into| rule.normalise(value, today, into))
    }
}

impl Field {
    fn new(field: &IdentityField) -> Result<Self, FieldSetError> {
        let rule = match &field.kind {
            FieldKind::ResidentId => Rule::ResidentId,
            FieldKind::Phone { region } => {
                let found = phone::region(region);
                Rule::Phone(found.ok_or_else(|| FieldSetError::Region {
                    field: field.code.clone(),
                    region: region.clone(),
                })?)
            }
            FieldKind::Passport => Rule::Passport,
            FieldKind::HomeReturnPermit => Rule::HomeReturnPermit,
            FieldKind::Text { pattern } => {
                let compiled = pattern.as_deref().map(text::compile).transpose();
                Rule::Text(compiled.map_err(|error| FieldSetError::Pattern {
                    field: field.code.clone(),
                    why: error.to_string(),
                })?)
            }
        };
        let (code, kind) = (field.code.clone(), field.kind.clone());
        Ok(Self { code, kind, unique: field.unique, rule })
    }
}

impl Rule {
    fn normalise(
        &self,
        value: &str,
        today: LocalDay,
        into: &mut Vec<u8>,
    ) -> Result<(), FieldProblem> {
        // Bytes first: they are never fewer than characters, and counting those costs a pass.
        if IDENTITY_CHARS_MAX < value.len() && IDENTITY_CHARS_MAX < value.chars().count() {
            return Err(FieldProblem::TooLong);
        }
        match self {
            Self::ResidentId => resident::normalise(value, today, into),
            Self::Phone(region) => phone::normalise(value, *region, into),
            Self::Passport => document::normalise_passport(value, into),
            Self::HomeReturnPermit => document::normalise_home_return_permit(value, into),
            Self::Text(pattern) => text::normalise(value, pattern.as_ref(), into),
        }
    }
}
