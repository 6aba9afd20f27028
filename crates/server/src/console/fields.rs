//! What stands in a form.
//!
//! Owns: the fields, as the browser sent them. Never: judges them.

use sha2::{Digest as _, Sha256};
use std::iter;

/// The fields of a form, in their order.
pub(super) struct Fields(Vec<(String, String)>);

/// SHA-256 of where a form was sent to, and of all that stood in it.
pub(super) type FormDigest = [u8; 32];

impl Fields {
    pub(super) fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// A field's value; empty when there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Takes a field out, so that no copy of it stays.
    pub(super) fn take(&mut self, name: &str) -> String {
        let found = self.0.iter_mut().find(|(known, _)| known == name);
        found.map(|(_, value)| std::mem::take(value)).unwrap_or_default()
    }

    /// What tells this form from another one.
    pub(super) fn digest(&self, path: &str) -> FormDigest {
        let fields = self.0.iter().flat_map(|(name, value)| [name.as_str(), value]);
        let mut sha256 = Sha256::new();
        for part in iter::once(path).chain(fields) {
            // With its length, so that no two forms run together into the same bytes.
            sha256.update((part.len() as u64).to_le_bytes());
            sha256.update(part);
        }
        sha256.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_form_counts() {
        let digest = |path: &str, fields: &[(&str, &str)]| {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            Fields::new(fields.iter().map(own).collect()).digest(path)
        };
        let form = [("entries", "10"), ("reason", "x")];
        let first = digest("/do/cap", &form);
        assert_eq!(first, digest("/do/cap", &form));
        let others: [(&str, &[(&str, &str)]); 5] = [
            ("/do/close", &form),
            ("/do/cap", &[("entries", "20"), ("reason", "x")]),
            ("/do/cap", &[("entries", "1"), ("0reason", "x")]),
            ("/do/cap", &[("reason", "x"), ("entries", "10")]),
            ("/do/cap", &form[..1]),
        ];
        for (path, fields) in others {
            assert_ne!(first, digest(path, fields), "{path} {fields:?}");
        }
    }
}
