//! Random secrets and how they are written.
//!
//! Owns: the alphabet. Never: keeps a secret.

/// Crockford's base 32, in lower case: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of a secret: 256 bits, 5 in each.
pub(crate) const CHARS: usize = 52;

/// 256 bits as letters and digits.
pub(crate) fn base32(bytes: &[u8; 32]) -> String {
    let mut text = String::with_capacity(CHARS);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[(bits >> count & 31) as usize]));
        }
    }
    text.push(char::from(ALPHABET[(bits << (5 - count) & 31) as usize]));
    assert_eq!(text.len(), CHARS, "256 bits are 52 characters of 5 bits");
    text
}

/// A new secret of 256 bits, as text.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(base32(&bytes))
}
