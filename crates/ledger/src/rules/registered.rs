//! A campaign that takes only people of another one: what it may name, and who is in it.
//!
//! Owns: `registered_in` in `docs/rules.md`. Never: looks at more of an entry than its owner is
//! told. Invariants: a campaign that is named gives people the same keys as those that name it, so
//! whoever is in the one is known in the other; no campaign waits for itself.

use crate::Ledger;
use crate::campaign::Campaign;
use crate::entry::Decision;
use types::command::Enter;
use types::definition::Definition;
use types::ids::{EntryNo, Millis, PersonKey};
use types::outcome::{
    REGISTERED_HERE_LOST, REGISTERED_IN_CIRCLE, REGISTERED_IN_DIFFERS, REGISTERED_IN_UNKNOWN,
    Refusal,
};

impl Ledger {
    /// Whether a definition may name the campaign that it names, and whether those that name its
    /// own code still may.
    pub(super) fn check_registered_in(&self, definition: &Definition) -> Result<(), Refusal> {
        let invalid = |why: &str| Err(Refusal::DefinitionInvalid { why: why.to_owned() });
        if definition.registered_in().is_some() {
            let first = self.first_of(definition).filter(|first| !first.marks.shredded);
            let Some(first) = first else { return invalid(REGISTERED_IN_UNKNOWN) };
            if !first.definition.shares_person_keys(definition) {
                return invalid(REGISTERED_IN_DIFFERS);
            }
            let all = std::iter::successors(Some(first), |of| self.first_of(&of.definition));
            let mut all = all.take(self.campaigns.len());
            if all.any(|of| of.definition.code == definition.code) {
                return invalid(REGISTERED_IN_CIRCLE);
            }
        }
        let mut naming = self.campaigns.iter().filter(|other| {
            let code = definition.code.as_str();
            other.definition.registered_in() == Some(code) && other.definition.code != code
        });
        if naming.all(|other| other.definition.shares_person_keys(definition)) {
            Ok(())
        } else {
            invalid(REGISTERED_HERE_LOST)
        }
    }

    /// Whether every campaign names one that is there and knows its people by the same keys.
    pub(crate) fn names_are_sound(&self) -> bool {
        self.campaigns.iter().map(|campaign| &campaign.definition).all(|definition| {
            let first = self.first_of(definition);
            let is_known = first.is_some_and(|it| it.definition.shares_person_keys(definition));
            definition.registered_in().is_none() || is_known
        })
    }

    /// The campaign whose people alone may enter, if one is named.
    fn first_of(&self, definition: &Definition) -> Option<&Campaign> {
        let no = *self.by_code.get(definition.registered_in()?)?;
        Some(&self.campaigns[no.index()])
    }

    /// Whether an entry's people may enter, as far as another campaign decides that.
    pub(super) fn check_registered(
        &self,
        campaign: &Campaign,
        at: Millis,
        enter: &Enter<'_>,
    ) -> Result<(), Refusal> {
        let first = self.first_of(&campaign.definition);
        let is_gone = first.is_some_and(|first| first.marks.shredded);
        if !is_gone && self.are_registered(campaign, at, enter.keys()) {
            Ok(())
        } else {
            Err(Refusal::NotEligible)
        }
    }

    /// Whether each of the people whose keys come person after person has one latest entry in the
    /// campaign that is named, by all of their keys, and keeps it.
    pub(crate) fn are_registered(
        &self,
        campaign: &Campaign,
        at: Millis,
        keys: impl Iterator<Item = PersonKey>,
    ) -> bool {
        if campaign.definition.registered_in().is_none() {
            return true;
        }
        let first = self.first_of(&campaign.definition);
        let first = first.expect("a campaign that is named was loaded before, and stays");
        let fields = campaign.fields_len();
        assert!(fields == first.fields_len(), "both know people by the same keys");
        let mut of_person = None;
        for (nth, key) in keys.enumerate() {
            let latest = first.latest_of_key(nth % fields, key);
            let is_theirs = match nth % fields {
                0 => latest.is_some_and(|entry| first.keeps(at, entry)),
                _ => latest == of_person,
            };
            if !is_theirs {
                return false;
            }
            of_person = latest;
        }
        true
    }
}

impl Campaign {
    /// Whether an entry's owner, asking now, is told that it is registered or booked.
    fn keeps(&self, at: Millis, entry: EntryNo) -> bool {
        let row = self.row(entry).expect("tables hold only rows there are");
        let has_units = row.decision() == Decision::Booked;
        row.is_live() && (has_units || !self.is_told(at, entry))
    }
}
