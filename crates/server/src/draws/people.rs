//! Who an entry is of, for its line.
//!
//! Owns: opening the sealed fields of an entry, and that they are those it was made with. Never:
//! keeps what it opened.

use identity::{CampaignKeys, Persons, Sealer, Statement};
use types::command::Enter;
use types::{Definition, FieldKind};

/// The people of one campaign.
pub(super) struct People {
    sealer: Sealer,
    persons: Persons,
    /// The first unique field's place among all fields, and its kind.
    field: (usize, FieldKind),
}

impl People {
    pub(super) fn new(definition: &Definition, keys: &CampaignKeys) -> Self {
        let fields = &definition.register.fields;
        let place = fields.iter().position(|field| field.unique);
        let place = place.expect("a definition has a unique field");
        Self {
            sealer: Sealer::new(&definition.code, keys),
            persons: Persons::new(definition, keys),
            field: (place, fields[place].kind.clone()),
        }
    }

    /// What an entry's people have stated, or why it cannot be had. `digest` is what the ledger
    /// remembers of the first one's fields.
    pub(super) fn statements(
        &self,
        enter: &Enter<'_>,
        digest: [u8; 8],
    ) -> Result<Vec<Statement>, String> {
        let people = self.sealer.open_group(enter.sealed, enter.people);
        let people = people.map_err(|error| error.to_string())?;
        let first = people.first().expect("somebody made the entry");
        if self.persons.identity_digest(first) != digest {
            return Err("its fields are not those that it was made with".to_owned());
        }
        Ok(people)
    }

    /// Their identities, or why they cannot be had.
    pub(super) fn identities(
        &self,
        people: &[Statement],
    ) -> Result<Vec<draw::identity::Identity>, String> {
        let (place, kind) = &self.field;
        let identity = |person: &Statement| roll::identity(kind, person.get(*place)?).ok();
        let identities: Option<Vec<_>> = people.iter().map(identity).collect();
        identities.ok_or_else(|| "its first unique field is no identity".to_owned())
    }
}
