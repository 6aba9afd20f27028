//! One spelling for numbers as people type them: full-width forms folded, separators left out.

use super::problem::FieldProblem;

/// Characters that remain, all ASCII, letters in upper case.
pub(super) struct Folded<const N: usize> {
    bytes: [u8; N],
    count: usize,
}

impl<const N: usize> Folded<N> {
    /// Folds a value. Letters and digits are kept, and what `also` names; spaces and hyphens of
    /// every kind, and what `without` names, are left out.
    ///
    /// # Errors
    /// `Empty` when nothing remains, `WrongCharacter`, and `WrongLength` over `N` characters.
    pub(super) fn of(value: &str, also: &[u8], without: &[u8]) -> Result<Self, FieldProblem> {
        let mut folded = Self { bytes: [0; N], count: 0 };
        let mut overflow = false;
        for character in value.chars() {
            let Some(byte) = ascii(character) else { return Err(FieldProblem::WrongCharacter) };
            if byte == b' ' || byte == b'-' || without.contains(&byte) {
                continue;
            }
            if !byte.is_ascii_alphanumeric() && !also.contains(&byte) {
                return Err(FieldProblem::WrongCharacter);
            }
            match folded.bytes.get_mut(folded.count) {
                Some(place) => *place = byte.to_ascii_uppercase(),
                None => overflow = true,
            }
            folded.count += usize::from(!overflow);
        }
        match (overflow, folded.count) {
            (true, _) => Err(FieldProblem::WrongLength),
            (false, 0) => Err(FieldProblem::Empty),
            (false, _) => Ok(folded),
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.count]
    }
}

/// The ASCII character meant: full-width forms (U+FF01 to U+FF5E) are their ASCII twins, any
/// white space is a space, any dash a hyphen.
pub(crate) fn ascii(character: char) -> Option<u8> {
    match character {
        '!'..='~' => Some(character as u8),
        '\u{ff01}'..='\u{ff5e}' => Some((character as u32 - 0xff01) as u8 + b'!'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{00ad}' => Some(b'-'),
        // A mark of text direction or a joiner comes along unseen when a number is copied.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => Some(b' '),
        _ if character.is_whitespace() => Some(b' '),
        _ => None,
    }
}
