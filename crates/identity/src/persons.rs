//! Person keys and digests: how the ledger knows people it never sees.
//!
//! Owns: the keyed hashes of one campaign's fields. Never: keeps a value.
//! Invariants: a field's person key depends on the scope's key, the field's kind and code and
//! the normalised value, so campaigns of one series give a person the same key, and two fields
//! never do; digests depend on the campaign's data key and are worth nothing once it is gone.

use crate::keys::CampaignKeys;
use crate::mac::MacKey;
use crate::statement::Statement;
use std::fmt;
use std::ops::Deref;
use types::definition::{Definition, IdentityField};
use types::limits::{CHOICES_MAX, UNIQUE_FIELDS_MAX};
use types::{EnterDigests, FieldKind, PersonKey, PoolNo};

/// Bytes that stand for the request of one person: the fields' tag, units, choices.
const REQUEST_BYTES: usize = 32 + 2 + 4 * CHOICES_MAX;

/// The keyed hashes of one campaign; every key is hashed ahead.
pub struct Persons {
    unique: Vec<(usize, MacKey)>,
    identity: MacKey,
    request: MacKey,
}

/// A person's keys, in the order of the unique fields; a slice without an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyList {
    keys: [PersonKey; UNIQUE_FIELDS_MAX],
    count: usize,
}

impl Deref for KeyList {
    type Target = [PersonKey];

    fn deref(&self) -> &[PersonKey] {
        &self.keys[..self.count]
    }
}

impl Persons {
    /// Prepares a campaign's hashes.
    #[must_use]
    pub fn new(definition: &Definition, keys: &CampaignKeys) -> Self {
        Self::from_fields(&definition.register.fields, keys)
    }

    /// Prepares the hashes of fields, in the order of the form.
    ///
    /// # Panics
    /// When more than `UNIQUE_FIELDS_MAX` are unique, which a definition's checks exclude.
    #[must_use]
    pub fn from_fields(fields: &[IdentityField], keys: &CampaignKeys) -> Self {
        let unique: Vec<_> = fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.unique)
            .map(|(index, field)| (index, field_key(field, keys)))
            .collect();
        assert!(unique.len() <= UNIQUE_FIELDS_MAX, "at most 4 fields are unique");
        Self {
            unique,
            identity: MacKey::derived(keys.data.bytes(), "tidegate/identity-digest/v1"),
            request: MacKey::derived(keys.data.bytes(), "tidegate/request-digest/v1"),
        }
    }

    /// The person's keys.
    ///
    /// # Panics
    /// When the statement lacks a unique field; it is a whole one from the same definition.
    #[must_use]
    pub fn keys(&self, statement: &Statement) -> KeyList {
        let mut list = KeyList { keys: [PersonKey([0; 16]); UNIQUE_FIELDS_MAX], count: 0 };
        for (place, (index, key)) in list.keys.iter_mut().zip(&self.unique) {
            *place = PersonKey(key.tag_front(statement.value(*index)));
            list.count += 1;
        }
        assert_eq!(list.count, self.unique.len(), "one key for each unique field");
        list
    }

    /// The key of one value of the n-th unique field, which stands at `position` of the
    /// statement; for block and allow lists, where a statement holds that field alone.
    ///
    /// # Panics
    /// When there is no such unique field or position.
    #[must_use]
    pub fn key(&self, unique: usize, statement: &Statement, position: usize) -> PersonKey {
        PersonKey(self.unique[unique].1.tag_front(statement.value(position)))
    }

    /// The digest of all fields: a look-up without a receipt must know every one of them.
    #[must_use]
    pub fn identity_digest(&self, statement: &Statement) -> [u8; 8] {
        self.identity.tag_front(statement.encoded())
    }

    /// The digests of an entry: of all fields, and of the whole request.
    ///
    /// # Panics
    /// When there are more than `CHOICES_MAX` choices; the edge has checked them.
    #[must_use]
    pub fn digests(&self, statement: &Statement, units: u8, choices: &[PoolNo]) -> EnterDigests {
        let (stated, request) = self.asked(statement, units, choices);
        EnterDigests {
            request: self.request.tag_front(&request),
            identity: *stated.first_chunk().expect("a tag is 32 bytes"),
        }
    }

    /// The digests of an entry in a draw: of all fields of the first person, and of the whole
    /// request, with whether any place will do and whoever else is in it. Of one person who takes
    /// no other place than those chosen, they are those of [`Self::digests`].
    ///
    /// # Panics
    /// When there is nobody, or there are more than `CHOICES_MAX` choices or 255 people; the edge
    /// has checked them.
    #[must_use]
    pub fn digests_of_group(
        &self,
        people: &[Statement],
        units: u8,
        choices: &[PoolNo],
        any: bool,
    ) -> EnterDigests {
        let (first, further) = people.split_first().expect("somebody makes the entry");
        if !any && further.is_empty() {
            return self.digests(first, units, choices);
        }
        let count = u8::try_from(people.len()).expect("a group is small");
        let (stated, request) = self.asked(first, units, choices);
        let mut request = request.to_vec();
        request.extend_from_slice(&[u8::from(any), count]);
        further
            .iter()
            .for_each(|person| request.extend_from_slice(&self.identity.tag(person.encoded())));
        EnterDigests {
            request: self.request.tag_front(&request),
            identity: *stated.first_chunk().expect("a tag is 32 bytes"),
        }
    }

    /// The tag of the fields, and what a request of one person is.
    fn asked(
        &self,
        statement: &Statement,
        units: u8,
        choices: &[PoolNo],
    ) -> ([u8; 32], [u8; REQUEST_BYTES]) {
        assert!(choices.len() <= CHOICES_MAX, "at most 5 choices");
        let stated = self.identity.tag(statement.encoded());
        // The fields' whole tag stands for them; number and order of the choices count.
        let mut request = [0; REQUEST_BYTES];
        request[..32].copy_from_slice(&stated);
        request[32] = units;
        request[33] = choices.len() as u8;
        for (bytes, pool) in request[34..].as_chunks_mut::<4>().0.iter_mut().zip(choices) {
            *bytes = pool.0.to_le_bytes();
        }
        (stated, request)
    }
}

impl fmt::Debug for Persons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Persons({} unique fields)", self.unique.len())
    }
}

fn field_key(field: &IdentityField, keys: &CampaignKeys) -> MacKey {
    let kind = match field.kind {
        FieldKind::ResidentId => "resident-id",
        FieldKind::Phone { .. } => "phone",
        FieldKind::Passport => "passport",
        FieldKind::HomeReturnPermit => "home-return-permit",
        FieldKind::Text { .. } => "text",
    };
    let purpose = format!("tidegate/person/v1:{kind}:{code}", code = field.code);
    MacKey::derived(keys.person.bytes(), &purpose)
}
