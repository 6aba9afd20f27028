//! Phone numbers, kept as E.164.
//!
//! A mainland mobile number is recognised by its digits alone; every other number is read by the
//! numbering plans of `rlibphonenumber`.

use super::fold::Folded;
use super::problem::FieldProblem;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// The longest way to write a number: `00`, country code and number, 15 digits, with room for a
/// trunk prefix. Anything longer is no phone number.
const CHARACTERS_MAX: usize = 24;

/// A region with a numbering plan, by its ISO 3166 alpha-2 code.
pub(super) fn region(code: &str) -> Option<Region> {
    let upper = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let region = upper.then(|| Region::from_code(code).ok()).flatten()?;
    PHONE_NUMBER_UTIL.get_supported_regions().any(|known| known == region).then_some(region)
}

pub(super) fn normalise(
    value: &str,
    region: Region,
    into: &mut Vec<u8>,
) -> Result<(), FieldProblem> {
    let folded = match Folded::<CHARACTERS_MAX>::of(value, b"+", b"().") {
        Err(FieldProblem::Empty) => return Err(FieldProblem::Empty),
        // No letters and no extensions: `+86 138… ext. 1` would be another person.
        Err(_) => return Err(FieldProblem::NotANumber),
        Ok(folded) => folded,
    };
    let number = folded.as_bytes();
    if let Some(mobile) = mainland_mobile(number, region) {
        into.extend_from_slice(b"+86");
        into.extend_from_slice(mobile);
        return Ok(());
    }
    if number.iter().any(u8::is_ascii_alphabetic) {
        return Err(FieldProblem::NotANumber);
    }
    let text = std::str::from_utf8(number).expect("folded values are ASCII");
    let parsed = PHONE_NUMBER_UTIL.parse(text, Some(region));
    let parsed = parsed.map_err(|_| FieldProblem::NotANumber)?;
    if !PHONE_NUMBER_UTIL.is_valid_number(&parsed) {
        return Err(FieldProblem::NoSuchRegionNumber);
    }
    let canonical = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::E164);
    into.extend_from_slice(canonical.as_bytes());
    Ok(())
}

/// The eleven digits of a mainland mobile number, however its country code is written.
fn mainland_mobile(number: &[u8], region: Region) -> Option<&[u8]> {
    let mobile = match number {
        [b'+', b'8', b'6', mobile @ ..] => mobile,
        [b'0', b'0', b'8', b'6', mobile @ ..] if region == Region::CN => mobile,
        _ if region == Region::CN => number,
        _ => return None,
    };
    let shape = mobile.len() == 11
        && mobile[0] == b'1'
        && (b'3'..=b'9').contains(&mobile[1])
        && mobile.iter().all(u8::is_ascii_digit);
    shape.then_some(mobile)
}
