//! What can be wrong with a pickup code, as codes and as sentences for programs.
//!
//! Owns: the English that the operator API says. Never: what the pages of the counter say, which
//! stands with their other texts.

/// What is wrong with a pickup code as somebody typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_english())]
pub enum CodeProblem {
    /// Not ten symbols.
    Length {
        /// How many there are.
        found: usize,
    },
    /// One of 0, 1, I, L, O, which no code contains because they look alike.
    LookAlike {
        /// Which.
        character: char,
    },
    /// A character that no code contains.
    NotASymbol,
    /// The check symbol does not fit: a symbol is mistyped.
    CheckSymbol,
    /// Well formed, and larger than any code that is given out.
    NeverGiven,
}

impl CodeProblem {
    /// The stable code of the cause, beside the problem document's `invalid-pickup-code`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length { .. } => "wrong-length",
            Self::LookAlike { .. } => "look-alike",
            Self::NotASymbol => "wrong-character",
            Self::CheckSymbol => "check-symbol",
            Self::NeverGiven => "never-given",
        }
    }

    /// What is wrong and what to do, for the person at the counter.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::Length { .. } => {
                "A pickup code has 10 characters, like ABCDE-FGHJK. Please check that none is \
                 missing or extra."
            }
            Self::LookAlike { .. } => {
                "No pickup code contains 0, 1, I, L or O. Please look again: perhaps it is a \
                 Q or D, a 7, a J, or a U."
            }
            Self::NotASymbol => "A pickup code has only letters and digits.",
            Self::CheckSymbol => {
                "This code does not add up: one character is mistyped, or two have changed \
                 places. Please compare it with the booking."
            }
            Self::NeverGiven => "This code was never given out. Please compare it.",
        }
    }
}
