//! Receipts: what proves to whom an entry belongs, 32 characters that fit a URL.
//!
//! Owns: campaign u16 and entry u32, little-endian, then 14 bytes of
//! HMAC-SHA-256(receipt key, `tidegate/receipt/v1:` those six bytes), in Crockford's base32,
//! lower case. Never: stores anything; a receipt is computed whenever it is needed.
//! Invariants: a guess succeeds with probability 2^-112; a receipt is compared in constant time.

use crate::keys::SecretKey;
use crate::mac::MacKey;
use std::fmt;
use subtle::ConstantTimeEq;
use types::{CampaignNo, EntryNo};

const NUMBER_BYTES: usize = 6;
const TAG_BYTES: usize = 14;
const BYTES: usize = NUMBER_BYTES + TAG_BYTES;
const CHARACTERS: usize = 32;
const DOMAIN: &[u8; 20] = b"tidegate/receipt/v1:";
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const NOT_A_DIGIT: u8 = 0xff;
const VALUES: [u8; 256] = values();

/// Makes and verifies receipts.
pub struct Receipts {
    key: MacKey,
}

/// An entry's receipt. Whoever has it may see and cancel the entry, so `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Receipt([u8; CHARACTERS]);

/// The text is no receipt of this installation. Which part is wrong is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a receipt that was given out here")]
pub struct NotAReceipt;

impl Receipts {
    /// With the installation's receipt key.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        Self { key: MacKey::new(key.bytes()) }
    }

    /// The receipt of an entry.
    #[must_use]
    pub fn encode(&self, campaign: CampaignNo, entry: EntryNo) -> Receipt {
        let mut bytes = [0; BYTES];
        bytes[..2].copy_from_slice(&campaign.0.to_le_bytes());
        bytes[2..NUMBER_BYTES].copy_from_slice(&entry.0.to_le_bytes());
        let tag = self.tag(&bytes[..NUMBER_BYTES]);
        bytes[NUMBER_BYTES..].copy_from_slice(&tag);
        Receipt(to_base32(&bytes))
    }

    /// The entry of a receipt, in upper or lower case.
    ///
    /// # Errors
    /// When it is not one that [`Self::encode`] made with this key.
    pub fn decode(&self, receipt: &str) -> Result<(CampaignNo, EntryNo), NotAReceipt> {
        let text = <&[u8; CHARACTERS]>::try_from(receipt.as_bytes()).map_err(|_| NotAReceipt)?;
        let bytes = from_base32(text).ok_or(NotAReceipt)?;
        let (numbers, tag) = bytes.split_at(NUMBER_BYTES);
        if !bool::from(self.tag(numbers).ct_eq(tag)) {
            return Err(NotAReceipt);
        }
        let [c0, c1, e0, e1, e2, e3] = *numbers else { return Err(NotAReceipt) };
        Ok((
            CampaignNo(u16::from_le_bytes([c0, c1])),
            EntryNo(u32::from_le_bytes([e0, e1, e2, e3])),
        ))
    }

    fn tag(&self, numbers: &[u8]) -> [u8; TAG_BYTES] {
        let mut message = [0; DOMAIN.len() + NUMBER_BYTES];
        message[..DOMAIN.len()].copy_from_slice(DOMAIN);
        message[DOMAIN.len()..].copy_from_slice(numbers);
        self.key.tag_front(&message)
    }
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipts(key withheld)")
    }
}

impl Receipt {
    /// The 32 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base32 is ASCII")
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt(withheld)")
    }
}

fn to_base32(bytes: &[u8; BYTES]) -> [u8; CHARACTERS] {
    let mut text = [0; CHARACTERS];
    // Five bytes are forty bits are eight characters, the highest bits first.
    let groups = bytes.as_chunks::<5>().0.iter().zip(text.as_chunks_mut::<8>().0);
    for (group, characters) in groups {
        let bits = group.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for (place, character) in characters.iter_mut().enumerate() {
            *character = ALPHABET[(bits >> (35 - 5 * place)) as usize & 31];
        }
    }
    text
}

fn from_base32(text: &[u8; CHARACTERS]) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let mut all = 0;
    let groups = bytes.as_chunks_mut::<5>().0.iter_mut().zip(text.as_chunks::<8>().0);
    for (group, characters) in groups {
        let mut bits = 0u64;
        for character in characters {
            let value = VALUES[usize::from(*character)];
            all |= value;
            bits = bits << 5 | u64::from(value & 31);
        }
        group.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    (all < 32).then_some(bytes)
}

const fn values() -> [u8; 256] {
    let mut values = [NOT_A_DIGIT; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        let character = ALPHABET[value];
        values[character as usize] = value as u8;
        values[character.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    values
}
