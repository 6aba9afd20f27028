//! Numbers as people type them into tables.
//!
//! Owns: full-width digits, `12.0`, and a message for each way not to be a number.
//! Never: rounds, except coordinates beyond a millionth of a degree.

use crate::words::{folded, shown};

/// A whole number from 0.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn whole(text: &str, most: u64) -> Result<u64, String> {
    let number = folded(text);
    if number.is_empty() {
        return Err("the number is blank".to_owned());
    }
    let found = shown(text);
    let below = number.strip_prefix(['-', '\u{2212}']);
    if below.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(format!("{number} is below zero"));
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if number.contains([',', '\u{66c}', '\'', ' ']) && number.split([',', '\'', ' ']).all(digits) {
        return Err(format!("\"{found}\" has separators between its digits"));
    }
    let (integer, fraction) = number.split_once('.').unwrap_or((&number, "0"));
    if !digits(integer) || !digits(fraction) {
        return Err(format!("\"{found}\" is not a number"));
    }
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(format!("{number} is not a whole number"));
    }
    match integer.parse() {
        Ok(value) if value <= most => Ok(value),
        // Too many digits to parse is too large all the same.
        _ => Err(format!("{integer} is more than {most}")),
    }
}

/// Degrees as millionths, from `-most` to `most` degrees.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn degrees(text: &str, most: i32) -> Result<i32, String> {
    let number = folded(text);
    let not = || format!("\"{}\" is not a number of degrees", shown(text));
    let (sign, plain) = match number.strip_prefix(['-', '\u{2212}']) {
        Some(plain) => (-1, plain),
        None => (1, number.as_str()),
    };
    let (integer, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(integer) || !digits(fraction) || integer.len() > 3 {
        return Err(not());
    }
    let mut millionths: i32 = integer.parse().map_err(|_| not())?;
    let rounds_up = fraction.as_bytes().get(6).is_some_and(|digit| *digit >= b'5');
    for position in 0..6 {
        let digit = fraction.as_bytes().get(position).map_or(0, |digit| i32::from(digit - b'0'));
        millionths = millionths * 10 + digit;
    }
    millionths = sign * (millionths + i32::from(rounds_up));
    if millionths.abs() > most * 1_000_000 {
        return Err(format!("{number} degrees lie outside -{most} to {most}"));
    }
    Ok(millionths)
}

#[cfg(test)]
mod tests {
    use super::{degrees, whole};

    #[test]
    fn whole_numbers_as_people_type_them() {
        for (text, value) in [("12", 12), (" 12 ", 12), ("１２", 12), ("12.0", 12), ("0", 0)] {
            assert_eq!(whole(text, 100), Ok(value), "{text}");
        }
        for text in ["", "-3", "1,200", "1，200", "12.5", "1e3", "twelve", "101", "１２万", "+1"]
        {
            assert!(whole(text, 100).is_err(), "{text}");
        }
        assert!(whole(&"9".repeat(1_000), u64::MAX).is_err());
    }

    #[test]
    fn degrees_become_millionths() {
        for (text, value) in [("23.1291", 23_129_100), ("-0.0000005", -1), ("９０", 90_000_000)] {
            assert_eq!(degrees(text, 90), Ok(value), "{text}");
        }
        for text in ["", "-", "90.000001", "999", "1e1", "2147.5", "23,5", "N23"] {
            assert!(degrees(text, 90).is_err(), "{text}");
        }
    }
}
