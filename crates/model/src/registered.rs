//! `registered_in` in the rules: a campaign that takes only people of another one.
//!
//! Owns: what "Load" says of it, and who is in the other one. Never: changes anything.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::{Decision, Fate};
use types::definition::{FieldKind, IdentityField};
use types::outcome::{
    REGISTERED_HERE_LOST, REGISTERED_IN_CIRCLE, REGISTERED_IN_DIFFERS, REGISTERED_IN_UNKNOWN,
};
use types::{Definition, Millis, PersonKey, Refusal};

impl Model {
    fn by_code(&self, code: &str) -> Option<&Campaign> {
        self.campaigns.iter().find(|campaign| campaign.definition.code == code)
    }

    pub(crate) fn check_registered_in(&self, definition: &Definition) -> Result<(), Refusal> {
        let invalid = |why: &str| Err(Refusal::DefinitionInvalid { why: why.to_owned() });
        if let Some(code) = &definition.register.registered_in {
            match self.by_code(code) {
                None => return invalid(REGISTERED_IN_UNKNOWN),
                Some(first) if first.marks.shredded => return invalid(REGISTERED_IN_UNKNOWN),
                Some(first) if !same_people(&first.definition, definition) => {
                    return invalid(REGISTERED_IN_DIFFERS);
                }
                Some(_) => {}
            }
            let mut next = Some(code.clone());
            while let Some(code) = next {
                if code == definition.code {
                    return invalid(REGISTERED_IN_CIRCLE);
                }
                let named = self.by_code(&code).expect("whoever is named was loaded before");
                next = named.definition.register.registered_in.clone();
            }
        }
        for other in &self.campaigns {
            let names_it = other.definition.register.registered_in.as_ref();
            let is_other = other.definition.code != definition.code;
            if is_other
                && names_it == Some(&definition.code)
                && !same_people(&other.definition, definition)
            {
                return invalid(REGISTERED_HERE_LOST);
            }
        }
        Ok(())
    }

    /// "Enter", step 5.
    pub(crate) fn check_registered(
        &self,
        campaign: &Campaign,
        at: Millis,
        people: &[Vec<PersonKey>],
    ) -> Result<(), Refusal> {
        let first = campaign.definition.register.registered_in.as_ref();
        let first = first.and_then(|code| self.by_code(code));
        let shredded = first.is_some_and(|first| first.marks.shredded);
        if shredded || !self.are_registered(campaign, at, people) {
            return Err(Refusal::NotEligible);
        }
        Ok(())
    }

    /// Whether each of the people has an entry in the campaign that is named, and keeps it.
    pub(crate) fn are_registered(
        &self,
        campaign: &Campaign,
        at: Millis,
        people: &[Vec<PersonKey>],
    ) -> bool {
        let Some(code) = &campaign.definition.register.registered_in else { return true };
        let first = self.by_code(code).expect("whoever is named was loaded before");
        people.iter().all(|person| is_in(first, person, at))
    }
}

/// Whether a person is told, of an entry that is their latest by every key, that it is registered
/// or booked.
fn is_in(first: &Campaign, person: &[PersonKey], at: Millis) -> bool {
    let latest: Vec<_> =
        person.iter().enumerate().map(|(field, key)| first.latest_entry(field, *key)).collect();
    let Some(number) = latest[0] else { return false };
    if latest.iter().any(|other| *other != Some(number)) {
        return false;
    }
    let entry = &first.entries[number.index()];
    match entry.fate {
        Fate::Cancelled { .. } => false,
        Fate::Redeemed { .. } => true,
        Fate::Live => {
            let booked = matches!(entry.decision, Decision::Booked { .. });
            booked || first.is_secret_of(entry, at)
        }
    }
}

/// Whether a person has the same keys in both: the same series, and the same unique fields of the
/// same kinds in the same order.
fn same_people(one: &Definition, other: &Definition) -> bool {
    let series = |of: &Definition| of.series.as_ref().map(|series| series.code.clone());
    let unique = |of: &Definition| -> Vec<(String, &'static str)> {
        let unique = of.register.fields.iter().filter(|field| field.unique);
        unique.map(|field: &IdentityField| (field.code.clone(), kind(&field.kind))).collect()
    };
    series(one).is_some() && series(one) == series(other) && unique(one) == unique(other)
}

const fn kind(of: &FieldKind) -> &'static str {
    match of {
        FieldKind::ResidentId => "resident-id",
        FieldKind::Phone { .. } => "phone",
        FieldKind::Passport => "passport",
        FieldKind::HomeReturnPermit => "home-return-permit",
        FieldKind::Text { .. } => "text",
    }
}
