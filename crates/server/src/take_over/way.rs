//! The way of an entry from one campaign into another.
//!
//! Owns: which field becomes which, which place becomes which, and the request that an entry makes.
//! Never: reads the journal or asks the ledger.
//! Invariants: the request's id depends on the two campaigns and the entry alone, under a key that
//! is gone when the campaign's people are shredded; what is stated passes the campaign's own
//! checks, so that its people find themselves by what they type.

use identity::{CampaignKeys, FieldSet, Persons, Sealer, Statement};
use ledger::PoolPlace;
use std::collections::BTreeMap;
use std::mem::discriminant;
use types::command::{Command, Enter, EnterParts};
use types::ids::{CampaignNo, EntryNo, PersonKey, PoolNo, RequestId};
use types::{Definition, LocalDay, limits};

/// What the ids of requests are made with.
const PURPOSE: &str = "tidegate/take-over/v1:";
/// None of the places that were chosen is there.
const NOWHERE: &str = "unknown-place";
/// What was stated there cannot be stated here.
const FIELD: &str = "invalid-field";
/// The people are too many, or their fields too long together.
const COMPANY: &str = "not-as-asked";

/// A campaign with its pools and keys.
pub(crate) struct Side<'a> {
    pub(crate) no: CampaignNo,
    pub(crate) definition: &'a Definition,
    pub(crate) pools: &'a [PoolPlace],
    pub(crate) keys: &'a CampaignKeys,
}

/// How entries of one campaign become requests of another.
pub(crate) struct Way {
    pub(crate) first: CampaignNo,
    code: String,
    into: CampaignNo,
    /// Opens what was sealed there.
    opener: Sealer,
    before: Persons,
    /// For each field here, its place among those there.
    stated: Vec<usize>,
    fields: FieldSet,
    persons: Persons,
    sealer: Sealer,
    ids: CampaignKeys,
    today: LocalDay,
    /// For each pool there, the same place here.
    pools: Vec<Option<PoolNo>>,
    /// Places here that are kept for nobody.
    open: Vec<PoolNo>,
    units: (u8, u8),
    choices_max: usize,
    any: bool,
    group_max: u8,
}

/// Why two campaigns have no way between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A field is not asked for there, or is another kind of thing.
    Field(String),
    /// Its rule cannot be used.
    Rule(String),
}

/// Why an entry makes no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unmade {
    /// It does not fit, for the reason of this code.
    Unfit(&'static str),
    /// It cannot be read.
    Damaged(String),
}

impl Way {
    /// The way from one campaign into another.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn new(from: &Side<'_>, into: &Side<'_>, today: LocalDay) -> Result<Self, Unfit> {
        let definition = into.definition;
        let there = &from.definition.register.fields;
        let place = |field: &types::definition::IdentityField| {
            let is_it = |other: &types::definition::IdentityField| {
                other.code == field.code && discriminant(&other.kind) == discriminant(&field.kind)
            };
            there.iter().position(is_it).ok_or_else(|| Unfit::Field(field.code.clone()))
        };
        let stated: Result<Vec<usize>, Unfit> =
            definition.register.fields.iter().map(place).collect();
        let fields = FieldSet::new(definition).map_err(|error| Unfit::Rule(error.to_string()))?;
        let places: BTreeMap<_, _> = into
            .pools
            .iter()
            .enumerate()
            .map(|(no, pool)| (codes(definition, pool), PoolNo::from_index(no)))
            .collect();
        let same = |pool: &PoolPlace| places.get(&codes(from.definition, pool)).copied();
        let is_open = |pool: &&PoolPlace| definition.items[pool.item.index()].reserved.is_none();
        let open = into.pools.iter().enumerate().filter(|(_, pool)| is_open(pool));
        let register = &definition.register;
        let terms = definition.draw();
        Ok(Self {
            first: from.no,
            code: from.definition.code.clone(),
            into: into.no,
            opener: Sealer::new(&from.definition.code, from.keys),
            before: Persons::new(from.definition, from.keys),
            stated: stated?,
            fields,
            persons: Persons::new(definition, into.keys),
            sealer: Sealer::new(&definition.code, into.keys),
            ids: into.keys.clone(),
            today,
            pools: from.pools.iter().map(same).collect(),
            open: open.map(|(no, _)| PoolNo::from_index(no)).collect(),
            units: (register.units_min, register.units_max),
            choices_max: usize::from(register.choices_max),
            any: terms.is_some_and(|terms| terms.accept_any),
            group_max: terms.map_or(1, |terms| terms.group_max),
        })
    }

    /// The record of the request that an entry makes, out of its own. `digest` is what the ledger
    /// remembers of its first person's fields.
    pub(super) fn record(
        &self,
        entry: EntryNo,
        digest: [u8; 8],
        record: &[u8],
    ) -> Result<Vec<u8>, Unmade> {
        let damaged = |why: &str| Unmade::Damaged(why.to_owned());
        let Ok(Command::Enter(enter)) = Command::decode(record) else {
            return Err(damaged("its record in the journal is not an entry"));
        };
        if enter.campaign != self.first {
            return Err(damaged("its record in the journal is of another campaign"));
        }
        let people = self.opener.open_group(enter.sealed, enter.people);
        let people = people.map_err(|error| damaged(&error.to_string()))?;
        if self.before.identity_digest(&people[0]) != digest {
            return Err(damaged("its fields are not those that it was made with"));
        }
        if self.group_max < enter.people {
            return Err(Unmade::Unfit(COMPANY));
        }
        let people: Result<Vec<Statement>, Unmade> =
            people.iter().map(|person| self.statement(person)).collect();
        self.request(entry, &enter, &people?)
    }

    /// What somebody stated there, stated here.
    fn statement(&self, person: &Statement) -> Result<Statement, Unmade> {
        let missing = || Unmade::Damaged("it has fewer fields than it was made with".to_owned());
        let mut values = [""; limits::IDENTITY_FIELDS_MAX];
        for (value, place) in values.iter_mut().zip(&self.stated) {
            *value = person.get(*place).ok_or_else(missing)?;
        }
        let mut statement = Statement::new();
        let checked =
            self.fields.normalise(&values[..self.stated.len()], self.today, &mut statement);
        checked.map_err(|_| Unmade::Unfit(FIELD))?;
        Ok(statement)
    }

    fn request(
        &self,
        entry: EntryNo,
        enter: &Enter<'_>,
        people: &[Statement],
    ) -> Result<Vec<u8>, Unmade> {
        let (choices, any) = self.choices(entry, enter)?;
        let (min, max) = self.units;
        let units = enter.units.clamp(min, max);
        let keys: Vec<PersonKey> =
            people.iter().flat_map(|person| self.persons.keys(person).to_vec()).collect();
        let mut sealed = Vec::new();
        let short = self.sealer.seal_group(people, &mut sealed);
        short.map_err(|identity::TooLong| Unmade::Unfit(COMPANY))?;
        let parts = EnterParts {
            campaign: self.into,
            request: request_id(&self.ids, &self.code, entry),
            digests: self.persons.digests_of_group(people, units, &choices, any),
            units,
            choices: &choices,
            keys: &keys,
            sealed: &sealed,
        };
        let mut record = Vec::new();
        parts.encode_apply(any, enter.people, &mut record);
        Ok(record)
    }

    /// The places that were chosen, as far as they are here. Of whom none is left takes any, where
    /// that is offered; since a request names one, those are spread over all that are kept for
    /// nobody.
    fn choices(&self, entry: EntryNo, enter: &Enter<'_>) -> Result<(Vec<PoolNo>, bool), Unmade> {
        let here = |pool: PoolNo| self.pools.get(pool.index()).copied().flatten();
        let choices: Vec<PoolNo> =
            enter.choices().filter_map(here).take(self.choices_max).collect();
        if !choices.is_empty() {
            return Ok((choices, enter.any && self.any));
        }
        match entry.index().checked_rem(self.open.len()) {
            Some(nth) if self.any => Ok((vec![self.open[nth]], true)),
            _ => Err(Unmade::Unfit(NOWHERE)),
        }
    }
}

/// The id of the request that an entry of the campaign of the code `first` makes in the campaign of
/// these keys.
pub(crate) fn request_id(keys: &CampaignKeys, first: &str, entry: EntryNo) -> RequestId {
    let derived = keys.derived(&format!("{PURPOSE}{first}:{entry}"));
    RequestId(*derived.first_chunk().expect("a derived key is 32 bytes"))
}

/// A place by its codes.
fn codes<'a>(definition: &'a Definition, pool: &PoolPlace) -> [&'a str; 3] {
    [
        &definition.outlets[pool.outlet.index()].code,
        &definition.items[pool.item.index()].code,
        &definition.slots[pool.slot.index()].code,
    ]
}
