//! A person in a draw: an identity, and a salt that only they get.
//!
//! Owns: how a field's value is written as an identity, and from what salts are made. Never: keeps
//! either.

use crate::Wants;
use draw::identity::{Identity, NotAnIdentity, Salt, Tag, commit};
use draw::receipt::Receipt;
use draw::{Digest, DrawName, Line, LineProblem};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use types::definition::FieldKind;
use types::ids::EntryNo;
use zeroize::Zeroizing;

/// The type and issuer that stand in an identity for a kind of field, before the colon; each is
/// also the kind's name on the page that checks.
#[must_use]
pub const fn issuer(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::ResidentId => "RIC-CN",
        FieldKind::Phone { .. } => "TEL-E164",
        FieldKind::Passport => "PPT-ANY",
        FieldKind::HomeReturnPermit => "HRP-CN",
        FieldKind::Text { .. } => "TXT-SHA256",
    }
}

/// The identity of whoever has this value in the campaign's first unique field, as the person
/// types it and as it is normalised: a resident identity number `RIC-CN:…`, a telephone number
/// `TEL-E164:+…`, a passport `PPT-ANY:…`, a home-return permit `HRP-CN:…`. Another text is named
/// by its SHA-256, `TXT-SHA256:…` with capital digits: it may hold any letter.
///
/// # Errors
/// When the value is not as its kind normalises it.
pub fn identity(kind: &FieldKind, value: &str) -> Result<Identity, NotAnIdentity> {
    let mut text = Zeroizing::new(format!("{}:", issuer(kind)));
    match kind {
        FieldKind::Text { .. } => {
            for byte in Sha256::digest(value.as_bytes()) {
                write!(text, "{byte:02X}").expect("writing to a text cannot fail");
            }
        }
        _ => text.push_str(value),
    }
    text.parse()
}

/// The salts of a campaign's people: each is made of the entry's number and the person's place in
/// it, under a key that is derived from the campaign's data key.
pub struct Salts(Zeroizing<[u8; 32]>);

impl Salts {
    /// What salts are derived for, under the campaign's data key.
    pub const PURPOSE: &str = "tidegate/draw-salt/v1";

    /// Salts under a key.
    #[must_use]
    pub const fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// What commits an entry's line in one draw to its `person`th person, from 0.
    #[must_use]
    pub fn commit(
        &self,
        draw: &DrawName,
        entry: EntryNo,
        person: usize,
        identity: &Identity,
    ) -> Digest {
        commit(draw, &self.of(draw, entry, person), identity)
    }

    /// What an entry's people are given: its line, and what opens it. A line that has no tags yet
    /// makes a promise.
    ///
    /// # Panics
    /// When the line is none.
    #[must_use]
    pub fn receipt(&self, draw: &DrawName, entry: EntryNo, line: &[u8]) -> Receipt {
        let line = Line::read(line).expect("a receipt is of a line of the list");
        let people = 0..line.commits().count();
        let salts = people.map(|nth| self.of(draw, entry, nth)).collect();
        Receipt::new(draw.clone(), salts, &line).expect("as many salts as commits")
    }

    /// What an entry's people may be given before the list is sealed.
    ///
    /// # Errors
    /// When what they want makes no line.
    ///
    /// # Panics
    /// When nobody is of the entry.
    pub fn promise(
        &self,
        draw: &DrawName,
        entry: EntryNo,
        people: &[Identity],
        wants: Wants<'_>,
    ) -> Result<Receipt, LineProblem> {
        let commit = |(nth, identity)| (self.commit(draw, entry, nth, identity), Tag::UNKNOWN);
        let people: Vec<_> = people.iter().enumerate().map(commit).collect();
        let line = wants.line(&people)?;
        Ok(self.receipt(draw, entry, &line))
    }

    /// The salt of an entry's person in one draw. The one that they keep for all draws is
    /// `HMAC-SHA256(key, entry ‖ place)`, the number as 4 bytes and the place as 1; that of a draw
    /// is made from it as the format says.
    fn of(&self, draw: &DrawName, entry: EntryNo, person: usize) -> Salt {
        let key = &*self.0;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes any key");
        mac.update(&entry.0.to_be_bytes());
        mac.update(&[u8::try_from(person).expect("a group has at most 8 people")]);
        Salt(Zeroizing::new(mac.finalize().into_bytes().into())).in_draw(draw)
    }
}
