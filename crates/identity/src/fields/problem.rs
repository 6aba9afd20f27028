//! What can be wrong with a field, as codes. The sentences belong to whoever speaks to people.

/// What is wrong with one value. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.code())]
pub enum FieldProblem {
    /// Nothing, or nothing but spaces.
    Empty,
    /// Over `IDENTITY_CHARS_MAX` characters.
    TooLong,
    /// Not as many characters as such a number has.
    WrongLength,
    /// A character that such a number does not have, or not there.
    WrongCharacter,
    /// An identity number's first digit is not that of a region.
    NoSuchRegion,
    /// An identity number's date of birth is no date, or before 1900.
    NotADate,
    /// An identity number's date of birth is after today.
    InTheFuture,
    /// An identity number's last character does not fit the others.
    CheckCharacter,
    /// Not a phone number at all.
    NotANumber,
    /// Its country has no such phone number.
    NoSuchRegionNumber,
    /// A control character or line break in a text.
    ControlCharacter,
    /// Not as the field's pattern says.
    Pattern,
}

/// All that is wrong with the fields of one statement, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} identity fields are not as they must be", problems.len())]
pub struct FieldProblems {
    problems: Vec<(usize, FieldProblem)>,
}

impl FieldProblems {
    /// The problem document's stable code: `invalid-field`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "invalid-field"
    }

    /// Places of fields and what is wrong with each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, FieldProblem)> {
        self.problems.iter().copied()
    }

    pub(super) fn add(&mut self, index: usize, problem: FieldProblem) {
        self.problems.push((index, problem));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }
}

impl FieldProblem {
    /// Every problem, for documentation and tests.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::TooLong,
        Self::WrongLength,
        Self::WrongCharacter,
        Self::NoSuchRegion,
        Self::NotADate,
        Self::InTheFuture,
        Self::CheckCharacter,
        Self::NotANumber,
        Self::NoSuchRegionNumber,
        Self::ControlCharacter,
        Self::Pattern,
    ];

    /// The stable code, as the API gives it beside the field's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::WrongLength => "wrong-length",
            Self::WrongCharacter => "wrong-character",
            Self::NoSuchRegion => "no-such-region",
            Self::NotADate => "not-a-date",
            Self::InTheFuture => "in-the-future",
            Self::CheckCharacter => "check-character",
            Self::NotANumber => "not-a-number",
            Self::NoSuchRegionNumber => "no-such-region-number",
            Self::ControlCharacter => "control-character",
            Self::Pattern => "pattern",
        }
    }
}
