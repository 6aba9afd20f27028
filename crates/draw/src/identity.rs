//! A person in a draw: what commits to them, and what shows that they are in it once.
//!
//! Owns: the form of an identity, commitments, tags, and the salt of each of several draws. Never:
//! keeps an identity, or prints a salt or a key.
//! Invariants: without the salt nobody can test a guess against a commitment; without both keys
//! nobody can test one against a tag.

use crate::hash::{Digest, hex};
use crate::name::DrawName;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;
use types::limits;
use zeroize::Zeroizing;

/// `TYPE-ISSUER:NUMBER`.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(Zeroizing<String>);

/// A text that is no identity. It does not repeat the text, which may be somebody's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "an identity is TYPE-ISSUER:NUMBER in printable ASCII without spaces and lower-case letters, \
     such as RIC-CN:NUMBER, of {} characters at most",
    limits::DRAW_IDENTITY_CHARS_MAX
)]
pub struct NotAnIdentity;

/// What a commitment is salted with: 32 bytes that only the person gets.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub Zeroizing<[u8; 32]>);

/// A key of the operator or the notary, for the tags of one draw.
#[derive(Clone)]
pub struct TagKey(pub Zeroizing<[u8; 32]>);

/// Shows that a person is in a draw once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag(pub [u8; 16]);

impl Tag {
    /// What stands for a tag in a promise, which is made before the notary's key may be used.
    pub const UNKNOWN: Self = Self([0; 16]);
}

impl FromStr for Identity {
    type Err = NotAnIdentity;

    fn from_str(text: &str) -> Result<Self, NotAnIdentity> {
        let may_stand = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_lowercase();
        let (kind, number) = text.split_once(':').ok_or(NotAnIdentity)?;
        let (kind, issuer) = kind.split_once('-').ok_or(NotAnIdentity)?;
        let is_whole = [kind, issuer, number].iter().all(|part| !part.is_empty());
        let is_short = text.len() <= limits::DRAW_IDENTITY_CHARS_MAX;
        if is_whole && is_short && !issuer.contains('-') && text.bytes().all(may_stand) {
            return Ok(Self(Zeroizing::new(text.to_owned())));
        }
        Err(NotAnIdentity)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(..)")
    }
}

impl Salt {
    /// The salt in `draw` of an application that stands for several draws: the lists of two days
    /// cannot be joined.
    #[must_use]
    pub fn in_draw(&self, draw: &DrawName) -> Self {
        Self(Zeroizing::new(mac(&self.0, &[draw.as_str().as_bytes()])))
    }
}

/// What commits an entry of `draw` to `identity`.
#[must_use]
pub fn commit(draw: &DrawName, salt: &Salt, identity: &Identity) -> Digest {
    let salt = Zeroizing::new(hex::<32, 64>(&salt.0));
    Digest::of_parts(&[
        b"tidegate/commit/v1:",
        draw.as_str().as_bytes(),
        b":",
        &*salt,
        b":",
        identity.0.as_bytes(),
    ])
}

/// The operator's half of a tag, which the notary makes whole.
#[must_use]
pub fn half_tag(operator: &TagKey, draw: &DrawName, identity: &Identity) -> Zeroizing<[u8; 32]> {
    let parts = [draw.as_str().as_bytes(), b":", identity.0.as_bytes()];
    Zeroizing::new(mac(&operator.0, &parts))
}

/// The tag, of the operator's half and the notary's key.
#[must_use]
pub fn tag(notary: &TagKey, half: &[u8; 32]) -> Tag {
    let whole = mac(&notary.0, &[half]);
    let (tag, _) = whole.split_first_chunk().expect("32 bytes hold 16");
    Tag(*tag)
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with a program of its own: Python's `hashlib` and `hmac`.
    #[test]
    fn commitments_and_tags_are_what_another_program_makes_of_the_same() {
        let draw: DrawName = "lot.example/2026-02-18".parse().unwrap();
        let identity: Identity = "RIC-CN:44010619900101123X".parse().unwrap();
        let salt = Salt(Zeroizing::new([7; 32]));
        let key = |byte| TagKey(Zeroizing::new([byte; 32]));
        let half = half_tag(&key(1), &draw, &identity);
        expect_test::expect![["aeb0a67abe9ea9dc589cadd3f482619585510dd306f7420a4c06edc648b728c2"]]
            .assert_eq(&commit(&draw, &salt, &identity).to_string());
        expect_test::expect![["16b9eff8841473ce379028df969865b0"]]
            .assert_eq(crate::hash::ascii(&hex::<16, 32>(&tag(&key(2), &half).0)));
        expect_test::expect![["92a3b39c56ebbebf60a92201c8067f40706cde56cc4488c434e27b44c6738986"]]
            .assert_eq(crate::hash::ascii(&hex::<32, 64>(&salt.in_draw(&draw).0)));
    }

    #[test]
    fn an_identity_is_of_one_form_and_is_not_told() {
        let identity: Identity = "P-GB:1:2-3".parse().unwrap();
        assert_eq!(format!("{identity:?}"), "Identity(..)");
        for wrong in
            ["", "RIC:1", "-CN:1", "RIC-:1", "RIC-CN:", "RIC-CN:1x", "RIC-CN:1 2", "A-B-C:1"]
        {
            assert_eq!(wrong.parse::<Identity>(), Err(NotAnIdentity), "{wrong:?}");
        }
    }
}
