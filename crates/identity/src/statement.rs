//! What a person stated, normalised, in the order of the campaign's fields.
//!
//! Owns: one reusable buffer whose bytes are at once the plaintext of a seal and the message of
//! a digest: for each field, length u16 little-endian, then the text. Never: prints a value.
//! Invariants: every text is UTF-8 within the limits; at most `IDENTITY_FIELDS_MAX` of them.

use std::fmt;
use types::limits::{IDENTITY_CHARS_MAX, IDENTITY_FIELDS_MAX};

const LENGTH_BYTES: usize = 2;
/// Bytes of one normalised value: 100 characters of at most four bytes.
const VALUE_BYTES_MAX: usize = IDENTITY_CHARS_MAX * 4;

/// Normalised fields of one person. Keep one per worker and fill it again and again.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Statement {
    encoded: Vec<u8>,
    /// Where each text ends; it begins `LENGTH_BYTES` after the one before.
    ends: [u16; IDENTITY_FIELDS_MAX],
    count: usize,
}

impl Statement {
    /// An empty statement.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        self.encoded.clear();
        self.count = 0;
    }

    /// How many fields are stated.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether nothing is stated.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A field's normalised value.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        (index < self.count)
            .then(|| std::str::from_utf8(self.value(index)).expect("normalised values are UTF-8"))
    }

    /// All values, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.count).filter_map(|index| self.get(index))
    }

    /// A field's value as bytes.
    pub(crate) fn value(&self, index: usize) -> &[u8] {
        assert!(index < self.count, "a field that is stated");
        let before = if index == 0 { 0 } else { usize::from(self.ends[index - 1]) };
        &self.encoded[before + LENGTH_BYTES..usize::from(self.ends[index])]
    }

    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// Appends one field, whose UTF-8 text `write` adds to the bytes. On an error the field is
    /// taken out again.
    pub(crate) fn push_with<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        assert!(self.count < IDENTITY_FIELDS_MAX, "a campaign has at most 8 fields");
        let start = self.encoded.len();
        self.encoded.extend_from_slice(&[0; LENGTH_BYTES]);
        if let Err(error) = write(&mut self.encoded) {
            self.encoded.truncate(start);
            return Err(error);
        }
        let bytes = self.encoded.len() - start - LENGTH_BYTES;
        assert!(bytes <= VALUE_BYTES_MAX, "normalised values are within the limit");
        self.encoded[start..start + LENGTH_BYTES].copy_from_slice(&(bytes as u16).to_le_bytes());
        self.ends[self.count] = self.encoded.len() as u16;
        self.count += 1;
        Ok(())
    }

    /// Makes room for an encoded statement and hands out where to put it;
    /// [`Self::read_encoded`] must follow.
    pub(crate) fn encoded_room(&mut self, bytes: usize) -> &mut [u8] {
        self.clear();
        self.encoded.resize(bytes, 0);
        &mut self.encoded
    }

    /// The statements of so many people, one behind the other, each with as many fields.
    pub(crate) fn read_people(mut encoded: &[u8], people: usize) -> Option<Vec<Self>> {
        let mut fields = Vec::new();
        while let Some((length, rest)) = encoded.split_first_chunk::<LENGTH_BYTES>() {
            let length = usize::from(u16::from_le_bytes(*length));
            let (_, rest) = rest.split_at_checked(length)?;
            let (field, _) = encoded.split_at(LENGTH_BYTES + length);
            fields.push(field);
            encoded = rest;
        }
        let each = fields.len().checked_div(people).filter(|each| 0 < *each)?;
        if !encoded.is_empty() || each * people != fields.len() {
            return None;
        }
        let person = |fields: &[&[u8]]| {
            let mut statement = Self::new();
            statement.encoded = fields.concat();
            statement.read_encoded().then_some(statement)
        };
        fields.chunks(each).map(person).collect()
    }

    /// Finds the fields in what was put into [`Self::encoded_room`]; on `false` it was not a
    /// statement, and this one is empty.
    pub(crate) fn read_encoded(&mut self) -> bool {
        let whole = self.find_fields().is_some();
        if !whole {
            self.clear();
        }
        whole
    }

    fn find_fields(&mut self) -> Option<()> {
        let mut start = 0;
        self.count = 0;
        while start < self.encoded.len() {
            let length = self.encoded[start..].first_chunk::<LENGTH_BYTES>()?;
            let length = usize::from(u16::from_le_bytes(*length));
            let text = self.encoded.get(start + LENGTH_BYTES..start + LENGTH_BYTES + length)?;
            std::str::from_utf8(text).ok()?;
            if VALUE_BYTES_MAX < length || self.count == IDENTITY_FIELDS_MAX {
                return None;
            }
            start += LENGTH_BYTES + length;
            self.ends[self.count] = start as u16;
            self.count += 1;
        }
        Some(())
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({} fields)", self.count)
    }
}
