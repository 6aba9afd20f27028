//! Values as pages and look-ups show them: enough to recognise one's own, too little for others.

use types::FieldKind;

/// Characters shown at the front and at the back of a number.
const FRONT_CHARACTERS: usize = 3;
const BACK_CHARACTERS: usize = 2;
/// A shorter number would hide less than it shows.
const NUMBER_CHARACTERS_MIN: usize = 8;
const MAINLAND: &str = "+86";

/// A normalised value with its middle starred out: of a number the first three and the last two
/// characters stay (after the country code of a mainland phone), of a text or of anything short
/// only the first. `110*************2X`, `+86138******78`, `张**`.
#[must_use]
pub fn mask(kind: &FieldKind, value: &str) -> String {
    let (code, number) = match kind {
        FieldKind::Phone { .. } => value.split_at(if value.starts_with(MAINLAND) { 3 } else { 0 }),
        _ => ("", value),
    };
    let count = number.chars().count();
    let (front, back) = match kind {
        FieldKind::Text { .. } => (1, 0),
        _ if NUMBER_CHARACTERS_MIN <= count => (FRONT_CHARACTERS, BACK_CHARACTERS),
        _ => (1, 0),
    };
    // A text of one character shows nothing at all.
    let front = if count == 1 { 0 } else { front };
    let hidden = |place: usize| front <= place && place < count - back;
    let masked = number.chars().enumerate().map(|(place, c)| if hidden(place) { '*' } else { c });
    code.chars().chain(masked).collect()
}
