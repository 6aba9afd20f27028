//! Pickup codes: ten characters that a person can read out and nobody can guess.
//!
//! Owns: 31 symbols without look-alikes (2 to 9 and A to Z without I, L and O). Nine of them
//! write a 44-bit number, the keyed permutation of campaign (12 bits) and entry (32 bits); the
//! tenth checks them. Never: stores anything.
//! Invariants: any one wrong symbol and any two symbols changed round are found by the check
//! symbol; two entries never share a code; without the key, one code tells nothing of another.
//!
//! A code made up at random with a good check symbol is somebody's with the probability (live
//! bookings) / 2^44: with a million bookings 1 in 17 million, and a counter that tries one every
//! second meets the first after half a year.

mod permutation;
mod problem;

use crate::fields::ascii;
use crate::keys::SecretKey;
use permutation::Permutation;
use std::fmt;
use types::limits::CAMPAIGNS_MAX;
use types::{CampaignNo, EntryNo};

pub use problem::CodeProblem;

/// What codes are made of: none is easily taken for another, spoken or written.
pub const SYMBOLS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LENGTH: usize = 10;
const VALUE_SYMBOLS: usize = LENGTH - 1;
const GROUP: usize = LENGTH / 2;
/// 31 is prime, so a weight other than 0 shows every change of its symbol, and the difference of
/// two weights every exchange of theirs.
const MODULUS: u64 = SYMBOLS.len() as u64;

/// Makes and reads pickup codes.
pub struct Codes {
    permutation: Permutation,
}

/// A pickup code. It is worth a booking, so `Debug` does not show it; `Display` does, in the
/// form `ABCDE-FGHJK`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code([u8; LENGTH]);

impl Codes {
    /// With the installation's code key.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        Self { permutation: Permutation::new(key) }
    }

    /// The code of an entry.
    ///
    /// # Panics
    /// When the campaign's number is not below `CAMPAIGNS_MAX`.
    #[must_use]
    pub fn encode(&self, campaign: CampaignNo, entry: EntryNo) -> Code {
        assert!(campaign.index() < CAMPAIGNS_MAX, "a campaign's number has 12 bits");
        let number = u64::from(campaign.0) << 32 | u64::from(entry.0);
        let mut rest = self.permutation.forward(number);
        let mut symbols = [0; LENGTH];
        for symbol in symbols[..VALUE_SYMBOLS].iter_mut().rev() {
            *symbol = (rest % MODULUS) as u8;
            rest /= MODULUS;
        }
        assert_eq!(rest, 0, "44 bits fit nine symbols");
        symbols[VALUE_SYMBOLS] = ((MODULUS - weighted(&symbols) % MODULUS) % MODULUS) as u8;
        Code(symbols.map(|symbol| SYMBOLS[usize::from(symbol)]))
    }

    /// The entry of a code as somebody typed it: in either case, with spaces and hyphens
    /// anywhere. A good code may still name an entry that is not there.
    ///
    /// # Errors
    /// What is wrong with the code, for the person at the counter.
    pub fn decode(&self, code: &str) -> Result<(CampaignNo, EntryNo), CodeProblem> {
        let symbols = read(code)?;
        if !weighted(&symbols).is_multiple_of(MODULUS) {
            return Err(CodeProblem::CheckSymbol);
        }
        let value = symbols[..VALUE_SYMBOLS]
            .iter()
            .fold(0, |value, symbol| value * MODULUS + u64::from(*symbol));
        if permutation::SIZE <= value {
            return Err(CodeProblem::NeverGiven);
        }
        let number = self.permutation.backward(value);
        Ok((CampaignNo((number >> 32) as u16), EntryNo(number as u32)))
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes(key withheld)")
    }
}

impl Code {
    /// The ten symbols without the hyphen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("symbols are ASCII")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (front, back) = self.as_str().split_at(GROUP);
        write!(f, "{front}-{back}")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(withheld)")
    }
}

/// The weighted sum of all symbols, which is a multiple of 31 in a good code. The weights are 10
/// down to 1: none is 0 and no two are the same.
fn weighted(symbols: &[u8; LENGTH]) -> u64 {
    symbols.iter().zip((1..=LENGTH as u64).rev()).map(|(s, weight)| u64::from(*s) * weight).sum()
}

fn read(code: &str) -> Result<[u8; LENGTH], CodeProblem> {
    let mut symbols = [0; LENGTH];
    let mut found = 0;
    for character in code.chars() {
        let upper = ascii(character).unwrap_or(b'?').to_ascii_uppercase();
        if upper == b' ' || upper == b'-' {
            continue;
        }
        if let Some(symbol) = SYMBOLS.iter().position(|symbol| *symbol == upper) {
            if let Some(place) = symbols.get_mut(found) {
                *place = symbol as u8;
            }
            found += 1;
        } else if matches!(upper, b'0' | b'1' | b'I' | b'L' | b'O') {
            return Err(CodeProblem::LookAlike { character: char::from(upper) });
        } else {
            return Err(CodeProblem::NotASymbol);
        }
    }
    if found == LENGTH { Ok(symbols) } else { Err(CodeProblem::Length { found }) }
}
