//! From what a client sent to the record of a command: checked, keyed, sealed.
//!
//! Owns: every check that needs no ledger, and the list of what is wrong, all at once.
//! Never: queues anything.

use super::wire::{Choices, Further, Stated};
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::people::{FieldError, GroupFault, People};
use crate::problem::Problem;
use serde_json::{Value, json};
use types::command::EnterParts;
use types::ids::{Millis, PoolNo, RequestId};
use types::{LocalDay, limits};

/// What was asked for, in a campaign's numbers.
pub(crate) struct Asked {
    pools: [PoolNo; limits::CHOICES_MAX],
    count: usize,
    pub(crate) units: u8,
}

impl Asked {
    /// The pools, most wanted first.
    pub(crate) fn pools(&self) -> &[PoolNo] {
        &self.pools[..self.count]
    }
}

/// Everything wrong with a request, by part.
#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) fields: Vec<FieldError>,
    pub(crate) choices: Vec<ChoiceFault>,
    pub(crate) units: bool,
    /// Any place is taken where that is not offered.
    pub(crate) any: bool,
    pub(crate) people: Option<PeopleFault>,
}

/// What somebody asks for, as it was sent.
pub(crate) struct Wish<'a> {
    /// Whoever enters.
    pub(crate) stated: &'a Stated<'a>,
    /// Further people of a group.
    pub(crate) further: &'a Further<'a>,
    pub(crate) choices: &'a Choices<'a>,
    pub(crate) units: Option<u64>,
    /// Whether any place will do.
    pub(crate) any: bool,
}

/// What is wrong with the people of a group, apart from their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeopleFault {
    /// There are too many.
    Count,
    /// The n-th of the further people, from 0, stands before.
    Twice(usize),
    /// Their fields are too long together.
    TooLong,
}

/// What is wrong with one choice, or with their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChoiceFault {
    /// There is none, or there are too many.
    Count,
    /// The n-th, from 0, names a code the campaign does not have: `outlet`, `item` or `slot`.
    Unknown(usize, &'static str),
    /// The n-th, from 0, names no slot.
    SlotMissing(usize),
    /// The n-th, from 0, is not offered.
    NotOffered(usize),
    /// The n-th, from 0, stands before.
    Twice(usize),
}

impl Faults {
    pub(crate) const fn is_empty(&self) -> bool {
        let parts = self.fields.is_empty() && self.choices.is_empty() && self.people.is_none();
        parts && !self.units && !self.any
    }

    /// The problem document: its code is that of the first kind of fault there is.
    pub(crate) fn problem(&self, campaign: &Prepared, language: Language) -> Problem {
        let unknown = |fault: &ChoiceFault| {
            matches!(fault, ChoiceFault::Unknown(..) | ChoiceFault::NotOffered(_))
        };
        let code = if !self.fields.is_empty() {
            "invalid-field"
        } else if self.choices.iter().any(unknown) {
            "unknown-place"
        } else {
            "not-as-asked"
        };
        let mut errors: Vec<Value> = self
            .fields
            .iter()
            .map(|error| {
                let message = error.message(language);
                json!({"field": error.field, "code": error.code, "message": message})
            })
            .collect();
        errors.extend(self.choices.iter().map(|fault| {
            let message = fault.message(campaign, language);
            json!({"field": fault.part(), "code": fault.code(), "message": message})
        }));
        if self.units {
            let message = units_message(campaign, language);
            errors.push(json!({"field": "units", "code": "out-of-range", "message": message}));
        }
        if self.any {
            let message = &*language.texts().choice.any;
            errors.push(json!({"field": "any", "code": "not-offered", "message": message}));
        }
        if let Some(fault) = self.people {
            let message = fault.message(campaign, language);
            errors.push(json!({"field": fault.part(), "code": fault.code(), "message": message}));
        }
        Problem::of(code, language).with("errors", errors)
    }
}

impl PeopleFault {
    fn part(self) -> String {
        match self {
            Self::Count | Self::TooLong => "people".to_owned(),
            Self::Twice(place) => format!("people[{place}]"),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Count => "wrong-count",
            Self::Twice(_) => "stands-twice",
            Self::TooLong => "too-long",
        }
    }

    /// A sentence for people.
    pub(crate) fn message(self, campaign: &Prepared, language: Language) -> String {
        let most = campaign.view.definition.draw().map_or(1, |terms| terms.group_max);
        let t = &language.texts().choice;
        match self {
            Self::Count if most == 1 => t.alone.to_string(),
            Self::Count => t.people.with(most),
            Self::Twice(_) => t.person_twice.to_string(),
            Self::TooLong => t.people_long.to_string(),
        }
    }
}

impl ChoiceFault {
    fn part(self) -> String {
        match self {
            Self::Count => "choices".to_owned(),
            Self::Unknown(place, part) => format!("choices[{place}].{part}"),
            Self::SlotMissing(place) => format!("choices[{place}].slot"),
            Self::NotOffered(place) | Self::Twice(place) => format!("choices[{place}]"),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Count => "wrong-count",
            Self::Unknown(..) => "unknown-code",
            Self::SlotMissing(_) => "empty",
            Self::NotOffered(_) => "not-offered",
            Self::Twice(_) => "stands-twice",
        }
    }

    /// A sentence for people.
    pub(crate) fn message(self, campaign: &Prepared, language: Language) -> String {
        let most = campaign.view.definition.register.choices_max;
        let t = &language.texts().choice;
        match self {
            Self::Count if most == 1 => t.one.to_string(),
            Self::Count => t.several.with(most),
            Self::Unknown(..) => t.unknown.to_string(),
            Self::SlotMissing(_) => t.slot_missing.to_string(),
            Self::NotOffered(_) => t.not_offered.to_string(),
            Self::Twice(_) => t.twice.to_string(),
        }
    }
}

/// What units may be, for people.
pub(crate) fn units_message(campaign: &Prepared, language: Language) -> String {
    let register = &campaign.view.definition.register;
    let (min, max) = (register.units_min, register.units_max);
    let t = &language.texts().choice;
    if min == max { t.units_exactly.with(min) } else { t.units_range.with(min, max) }
}

/// Finds the pools and checks the units.
pub(crate) fn ask(campaign: &Prepared, wish: &Wish<'_>, faults: &mut Faults) -> Asked {
    let Wish { choices, units, .. } = *wish;
    let (group_max, may_take_any) = match campaign.view.definition.draw() {
        Some(terms) => (usize::from(terms.group_max), terms.accept_any),
        None => (1, false),
    };
    faults.any = wish.any && !may_take_any;
    faults.people = (group_max <= wish.further.count).then_some(PeopleFault::Count);
    let register = &campaign.view.definition.register;
    let mut asked = Asked { pools: Default::default(), count: 0, units: register.units_min };
    match units {
        Some(units) => match u8::try_from(units) {
            Ok(units) if (register.units_min..=register.units_max).contains(&units) => {
                asked.units = units;
            }
            _ => faults.units = true,
        },
        None => faults.units = register.units_min != register.units_max,
    }
    if choices.count == 0 || choices.count > usize::from(register.choices_max) {
        faults.choices.push(ChoiceFault::Count);
    }
    for (place, choice) in choices.first.iter().enumerate() {
        let (outlet, item) = (&choice.outlet.0, &choice.item.0);
        let slot = choice.slot.as_ref().map(|slot| &*slot.0).filter(|_| campaign.asks_slot());
        let Some(pool) = campaign.pool(outlet, item, slot) else {
            let fault = match campaign.unknown_part(outlet, item, slot) {
                Some(part) => ChoiceFault::Unknown(place, part),
                None if slot.is_none() && campaign.asks_slot() => ChoiceFault::SlotMissing(place),
                None => ChoiceFault::NotOffered(place),
            };
            faults.choices.push(fault);
            continue;
        };
        if asked.pools().contains(&pool) {
            faults.choices.push(ChoiceFault::Twice(place));
            continue;
        }
        asked.pools[asked.count] = pool;
        asked.count += 1;
    }
    asked
}

/// Appends the record of an entry to `records`.
///
/// # Errors
/// Everything that is wrong with the request; nothing is appended then.
pub(crate) fn enter_record(
    campaign: &Prepared,
    request: RequestId,
    wish: &Wish<'_>,
    now: Millis,
    records: &mut Vec<u8>,
) -> Result<Asked, Refused> {
    let mut faults = Faults::default();
    let asked = ask(campaign, wish, &mut faults);
    let people = campaign.people.as_ref().ok_or(Refused::WithoutPeople)?;
    let today = campaign.view.definition.calendar.day(now);
    if wish.any || 0 < wish.further.count {
        apply(campaign, request, (people, today), (wish, &asked), &mut faults, records);
        return if faults.is_empty() { Ok(asked) } else { Err(Refused::Faults(faults)) };
    }
    let sealed = people.with_statement(wish.stated, today, |person| {
        if !faults.is_empty() {
            return;
        }
        let digests = person.digests(asked.pools(), asked.units);
        let parts = EnterParts {
            campaign: campaign.view.no,
            request,
            digests,
            units: asked.units,
            choices: asked.pools(),
            keys: person.keys(),
            sealed: person.sealed(),
        };
        parts.encode(records);
    });
    if let Err(fields) = sealed {
        faults.fields = fields;
    }
    if faults.is_empty() { Ok(asked) } else { Err(Refused::Faults(faults)) }
}

/// Appends the record of an entry in a draw that says more than others, unless there are faults.
fn apply(
    campaign: &Prepared,
    request: RequestId,
    (people, today): (&People, LocalDay),
    (wish, asked): (&Wish<'_>, &Asked),
    faults: &mut Faults,
    records: &mut Vec<u8>,
) {
    let group = match people.group(wish.stated, &wish.further.first, today) {
        Ok(group) => group,
        Err(GroupFault::Fields(fields)) => {
            faults.fields = fields;
            return;
        }
        Err(GroupFault::Twice(nth)) => {
            faults.people.get_or_insert(PeopleFault::Twice(nth));
            return;
        }
        Err(GroupFault::TooLong) => {
            faults.people.get_or_insert(PeopleFault::TooLong);
            return;
        }
    };
    if !faults.is_empty() {
        return;
    }
    let parts = EnterParts {
        campaign: campaign.view.no,
        request,
        digests: people.digests(&group, asked.pools(), asked.units, wish.any),
        units: asked.units,
        choices: asked.pools(),
        keys: &group.keys,
        sealed: &group.sealed,
    };
    let count = u8::try_from(1 + wish.further.count).expect("a group is within its limit");
    parts.encode_apply(wish.any, count, records);
}

/// Why no record could be made.
pub(crate) enum Refused {
    /// Parts are not as they must be.
    Faults(Faults),
    /// The campaign's keys are gone, or not there.
    WithoutPeople,
}

impl Refused {
    pub(crate) fn problem(&self, campaign: &Prepared, language: Language) -> Problem {
        match self {
            Self::Faults(faults) => faults.problem(campaign, language),
            Self::WithoutPeople => Problem::of(campaign.without_people(), language),
        }
    }
}
