//! Campaigns that take only people of another one, by the books.
//!
//! Owns: `registered_in` in `docs/rules.md`: which names are sound, and who is in the campaign that
//! is named. Never: goes by more of an entry than its people are told.

use super::Books;
use super::campaign::{Campaign, Decision};
use super::definition::unique;
use crate::record::Enter;
use std::mem::discriminant;
use types::definition::Definition;
use types::ids::{EntryNo, Millis, PersonKey};

impl Books {
    /// The campaign whose people alone may enter one of this definition.
    fn named_by(&self, definition: &Definition) -> Option<&Campaign> {
        self.campaign_by_code(definition.register.registered_in.as_ref()?)
    }

    /// Whether a definition names, or is named, as it may be.
    pub(super) fn has_sound_names(&self, definition: &Definition) -> bool {
        let code = &definition.code;
        let is_named_soundly = self.campaigns.iter().all(|other| {
            let other = &*other.definition;
            let names_it = other.register.registered_in.as_ref() == Some(code);
            !names_it || other.code == *code || knows_same_people(other, definition)
        });
        let names_soundly = definition.register.registered_in.is_none()
            || self.named_by(definition).is_some_and(|named| {
                !named.marks.shredded
                    && knows_same_people(&named.definition, definition)
                    && !self.comes_after(named, code)
            });
        is_named_soundly && names_soundly
    }

    /// Whether a campaign takes, in the end, only people of the one with this code.
    fn comes_after(&self, campaign: &Campaign, code: &str) -> bool {
        let mut seen = Some(campaign);
        for _ in &self.campaigns {
            match seen {
                Some(one) if one.definition.code == code => return true,
                Some(one) => seen = self.named_by(&one.definition),
                None => return false,
            }
        }
        false
    }

    /// Whether everybody in a request is in the campaign that is named, if one is.
    pub(super) fn lets_in(&self, campaign: &Campaign, at: Millis, enter: &Enter<'_>) -> bool {
        let fields = campaign.fields_len();
        let Some(named) = self.named_by(&campaign.definition) else {
            return campaign.definition.register.registered_in.is_none();
        };
        !named.marks.shredded
            && (0..usize::from(enter.people))
                .all(|person| has_in(named, at, enter.keys().skip(person * fields).take(fields)))
    }

    /// Whether everybody in an entry still is.
    pub(super) fn keeps_in(&self, campaign: &Campaign, at: Millis, entry: EntryNo) -> bool {
        let Some(named) = self.named_by(&campaign.definition) else { return true };
        campaign.people_of(entry).all(|person| {
            let key = |field| PersonKey(*campaign.key(field, entry, person));
            has_in(named, at, (0..campaign.fields_len()).map(key))
        })
    }
}

/// Whether one entry is the latest of a person by every key, and is told to be registered or
/// booked.
fn has_in(named: &Campaign, at: Millis, keys: impl Iterator<Item = PersonKey>) -> bool {
    let latest = keys.enumerate().map(|(field, key)| named.entry_of_person(field, key));
    let latest: Vec<_> = latest.collect();
    let Some(&Some(entry)) = latest.first() else { return false };
    let has_units = named.entry(entry).is_some_and(|entry| entry.decision == Decision::Booked);
    let is_in = !named.is_cancelled(entry) && (has_units || !named.tells(at, entry));
    is_in && latest.iter().all(|other| *other == Some(entry))
}

/// Whether a person has the same keys under both definitions.
fn knows_same_people(one: &Definition, other: &Definition) -> bool {
    let (Some(series), Some(others)) = (&one.series, &other.series) else { return false };
    let fields = unique(&one.register).map(|field| (&field.code, discriminant(&field.kind)));
    let of_other = unique(&other.register).map(|field| (&field.code, discriminant(&field.kind)));
    series.code == others.code && fields.eq(of_other)
}
