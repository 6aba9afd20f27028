//! Passports and home-return permits: letters and digits of a certain number.

use super::fold::Folded;
use super::problem::FieldProblem;

const PASSPORT_CHARACTERS_MIN: usize = 5;
const PASSPORT_CHARACTERS_MAX: usize = 20;
/// A permit's letter and eight digits, which are its holder's for life.
const PERMIT_CHARACTERS: usize = 9;
/// With the two digits that count the cards issued. They are left out: with them and without
/// them, and on the next card, it is the same person.
const PERMIT_CHARACTERS_MAX: usize = PERMIT_CHARACTERS + 2;

pub(super) fn normalise_passport(value: &str, into: &mut Vec<u8>) -> Result<(), FieldProblem> {
    let folded = Folded::<PASSPORT_CHARACTERS_MAX>::of(value, b"", b"")?;
    if folded.as_bytes().len() < PASSPORT_CHARACTERS_MIN {
        return Err(FieldProblem::WrongLength);
    }
    into.extend_from_slice(folded.as_bytes());
    Ok(())
}

pub(super) fn normalise_home_return_permit(
    value: &str,
    into: &mut Vec<u8>,
) -> Result<(), FieldProblem> {
    let folded = Folded::<PERMIT_CHARACTERS_MAX>::of(value, b"", b"")?;
    let permit = folded.as_bytes();
    if permit.len() != PERMIT_CHARACTERS && permit.len() != PERMIT_CHARACTERS_MAX {
        return Err(FieldProblem::WrongLength);
    }
    if !matches!(permit[0], b'H' | b'M') || !permit[1..].iter().all(u8::is_ascii_digit) {
        return Err(FieldProblem::WrongCharacter);
    }
    into.extend_from_slice(&permit[..PERMIT_CHARACTERS]);
    Ok(())
}
