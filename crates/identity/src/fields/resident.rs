//! Chinese resident identity numbers: GB 11643-1999.
//!
//! Six digits of region (GB/T 2260), eight of the date of birth, three of order, and a check
//! character by ISO 7064 MOD 11-2.

use super::fold::Folded;
use super::problem::FieldProblem;
use types::LocalDay;

const LENGTH: usize = 18;
const YEAR_MIN: u32 = 1_900;
/// ISO 7064 MOD 11-2: 2^(17 - place) mod 11.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder of the weighted sum.
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

/// The check character of the first seventeen digits, given as ASCII: `0` to `9`, or `X`.
///
/// # Panics
/// When a byte is not an ASCII digit.
#[must_use]
pub fn resident_id_check_character(digits: &[u8; 17]) -> u8 {
    assert!(digits.iter().all(u8::is_ascii_digit), "the first 17 characters are digits");
    let weighted = digits.iter().zip(WEIGHTS).map(|(digit, weight)| number(*digit) * weight);
    CHECK_CHARACTERS[(weighted.sum::<u32>() % 11) as usize]
}

pub(super) fn normalise(
    value: &str,
    today: LocalDay,
    into: &mut Vec<u8>,
) -> Result<(), FieldProblem> {
    let folded = Folded::<LENGTH>::of(value, b"", b"")?;
    let Ok(id) = <&[u8; LENGTH]>::try_from(folded.as_bytes()) else {
        return Err(FieldProblem::WrongLength);
    };
    let (digits, check) = id.split_first_chunk::<17>().expect("18 is more than 17");
    if !digits.iter().all(u8::is_ascii_digit) || !(check[0].is_ascii_digit() || check[0] == b'X') {
        return Err(FieldProblem::WrongCharacter);
    }
    if !(b'1'..=b'8').contains(&digits[0]) {
        return Err(FieldProblem::NoSuchRegion);
    }
    let born = day_of(&digits[6..14]).ok_or(FieldProblem::NotADate)?;
    if i64::from(today.0) < born {
        return Err(FieldProblem::InTheFuture);
    }
    if resident_id_check_character(digits) != check[0] {
        return Err(FieldProblem::CheckCharacter);
    }
    into.extend_from_slice(id);
    Ok(())
}

fn number(digit: u8) -> u32 {
    u32::from(digit - b'0')
}

/// Days from 1970-01-01 to a date written YYYYMMDD; none when there is no such day.
fn day_of(date: &[u8]) -> Option<i64> {
    let part = |from, until| date[from..until].iter().fold(0, |sum, d| sum * 10 + number(*d));
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if year < YEAR_MIN || !(1..=days).contains(&day) {
        return None;
    }
    Some(days_from_civil(i64::from(year), i64::from(month), i64::from(day)))
}

/// Days from 1970-01-01 in the Gregorian calendar. The year is taken to begin in March, so that
/// the leap day is its last; five months of it have 153 days wherever one begins to count.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + leap_days + day_of_year - 719_468
}
