//! The name of a draw.
//!
//! Owns: which characters may stand in it: it is the origin of the tree, the name of the
//! operator's key and a part of each commitment, and must be unmistakable in all three.

use std::fmt;
use std::str::FromStr;
use types::limits;

/// The name of a draw: `masks.example/2026-02-18`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DrawName(String);

/// Why a text is no name of a draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a draw's name has 1 to {} of the characters A-Z a-z 0-9 . _ - /",
    limits::DRAW_NAME_CHARS_MAX
)]
pub struct NameProblem;

impl DrawName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DrawName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DrawName {
    type Err = NameProblem;

    fn from_str(text: &str) -> Result<Self, NameProblem> {
        let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
        let is_short = (1..=limits::DRAW_NAME_CHARS_MAX).contains(&text.len());
        if is_short && text.bytes().all(may_stand) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameProblem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_nothing_that_parts_it() {
        assert!("lot.example/2026-02-18".parse::<DrawName>().is_ok());
        let long = "a".repeat(limits::DRAW_NAME_CHARS_MAX);
        assert!(long.parse::<DrawName>().is_ok());
        for wrong in ["", "a b", "a:b", "a+b", "a\n", "口罩", &format!("{long}a")] {
            assert_eq!(wrong.parse::<DrawName>(), Err(NameProblem), "{wrong:?}");
        }
    }
}
