//! A campaign's identity: what was stated becomes keys, digests and a seal.
//!
//! Owns: matching stated fields by code, and one reusable buffer a worker. Never: keeps a value
//! beyond the call, or puts one into an error.

use crate::api::wire::Stated;
use crate::language::Language;
use identity::{FieldProblem, FieldSet, KeyList, Keyring, Persons, Scope, Sealer, Statement};
use std::cell::RefCell;
use types::definition::{Definition, FieldKind};
use types::ids::PoolNo;
use types::{EnterDigests, LocalDay, PersonKey, limits};

/// Checks, keys and seal of one campaign.
pub(crate) struct People {
    fields: FieldSet,
    persons: Persons,
    sealer: Sealer,
}

/// What is wrong with one identity field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The field's code; of an unknown field, what was sent, shortened.
    pub(crate) field: String,
    /// The stable code.
    pub(crate) code: &'static str,
    /// What is wrong with it; nothing of a field that the campaign does not have.
    problem: Option<(FieldProblem, FieldKind)>,
}

impl FieldError {
    /// A sentence for people.
    pub(crate) fn message(&self, language: Language) -> &'static str {
        let t = &language.texts().field;
        match &self.problem {
            Some((problem, kind)) => t.of(*problem, kind),
            None => &t.unknown,
        }
    }

    /// The same of the n-th of a group, where 0 is whoever enters it.
    fn of_person(self, nth: usize) -> Self {
        match nth.checked_sub(1) {
            Some(place) => Self { field: format!("people[{place}].{}", self.field), ..self },
            None => self,
        }
    }

    fn of(field: &str, problem: FieldProblem, kind: &FieldKind) -> Self {
        let code = problem.code();
        Self { field: field.to_owned(), code, problem: Some((problem, kind.clone())) }
    }

    fn unknown(code: &str) -> Self {
        let field = code.chars().take(limits::CODE_CHARS_MAX).collect();
        Self { field, code: "unknown-field", problem: None }
    }
}

thread_local! {
    static BUFFERS: RefCell<(Statement, Vec<u8>)> = RefCell::default();
}

/// A person's checked fields, for the length of a call.
pub(crate) struct Person<'a> {
    people: &'a People,
    statement: &'a Statement,
    sealed: &'a [u8],
    keys: KeyList,
}

impl Person<'_> {
    /// One key for each unique field.
    pub(crate) fn keys(&self) -> &[PersonKey] {
        &self.keys
    }

    /// All fields, sealed.
    pub(crate) const fn sealed(&self) -> &[u8] {
        self.sealed
    }

    /// What the ledger remembers of fields and request.
    pub(crate) fn digests(&self, pools: &[PoolNo], units: u8) -> EnterDigests {
        self.people.persons.digests(self.statement, units, pools)
    }
}

/// People who enter together, checked.
pub(crate) struct Group {
    statements: Vec<Statement>,
    /// The keys of each, person after person.
    pub(crate) keys: Vec<PersonKey>,
    /// All fields of all of them, sealed.
    pub(crate) sealed: Vec<u8>,
}

/// What is wrong with people who enter together.
pub(crate) enum GroupFault {
    /// Fields of some of them.
    Fields(Vec<FieldError>),
    /// The n-th of the further people, from 0, stands before.
    Twice(usize),
    /// Their fields are too long together.
    TooLong,
}

impl People {
    /// Of a campaign whose keys are there. A definition whose rules do not compile was refused
    /// when it was loaded.
    pub(crate) fn new(definition: &Definition, keyring: &Keyring) -> Option<Self> {
        let keys = keyring.campaign_keys(&definition.code, &Scope::of(definition))?;
        let fields = FieldSet::new(definition);
        let fields = fields.inspect_err(|error| {
            tracing::error!(campaign = definition.code, code = error.code(), %error, "no entries");
        });
        Some(Self {
            fields: fields.ok()?,
            persons: Persons::new(definition, &keys),
            sealer: Sealer::new(&definition.code, &keys),
        })
    }

    /// Checks the fields, and hands keys and seal to `then`.
    pub(crate) fn with_statement(
        &self,
        stated: &Stated<'_>,
        today: LocalDay,
        then: impl FnOnce(&Person<'_>),
    ) -> Result<(), Vec<FieldError>> {
        BUFFERS.with_borrow_mut(|(statement, sealed)| {
            self.check(stated, today, statement)?;
            sealed.clear();
            self.sealer.seal(statement, sealed);
            let keys = self.persons.keys(statement);
            then(&Person { people: self, statement, sealed, keys });
            statement.clear();
            Ok(())
        })
    }

    /// Checks the fields of people who enter together, and keys and seals them.
    pub(crate) fn group(
        &self,
        first: &Stated<'_>,
        further: &[Stated<'_>],
        today: LocalDay,
    ) -> Result<Group, GroupFault> {
        let mut statements = Vec::with_capacity(1 + further.len());
        let mut errors = Vec::new();
        for (nth, stated) in std::iter::once(first).chain(further).enumerate() {
            let mut statement = Statement::new();
            if let Err(wrong) = self.check(stated, today, &mut statement) {
                errors.extend(wrong.into_iter().map(|error| error.of_person(nth)));
            }
            statements.push(statement);
        }
        if !errors.is_empty() {
            return Err(GroupFault::Fields(errors));
        }
        let mut keys: Vec<PersonKey> = Vec::new();
        for (nth, statement) in statements.iter().enumerate() {
            let own = self.persons.keys(statement);
            let same = |before: &[PersonKey]| before.iter().zip(own.iter()).any(|(a, b)| a == b);
            if keys.chunks(own.len()).any(same) {
                return Err(GroupFault::Twice(nth - 1));
            }
            keys.extend_from_slice(&own);
        }
        let mut sealed = Vec::new();
        let short = self.sealer.seal_group(&statements, &mut sealed);
        short.map_err(|identity::TooLong| GroupFault::TooLong)?;
        Ok(Group { statements, keys, sealed })
    }

    /// What the ledger remembers of the fields and the request of a group.
    pub(crate) fn digests(
        &self,
        group: &Group,
        pools: &[PoolNo],
        units: u8,
        any: bool,
    ) -> EnterDigests {
        self.persons.digests_of_group(&group.statements, units, pools, any)
    }

    /// Keys and identity digest of a look-up.
    pub(crate) fn look_up(
        &self,
        stated: &Stated<'_>,
        today: LocalDay,
    ) -> Result<(KeyList, [u8; 8]), Vec<FieldError>> {
        BUFFERS.with_borrow_mut(|(statement, _)| {
            self.check(stated, today, statement)?;
            let found = (self.persons.keys(statement), self.persons.identity_digest(statement));
            statement.clear();
            Ok(found)
        })
    }

    fn check(
        &self,
        stated: &Stated<'_>,
        today: LocalDay,
        statement: &mut Statement,
    ) -> Result<(), Vec<FieldError>> {
        let mut values = [""; limits::IDENTITY_FIELDS_MAX];
        let count = self.fields.len();
        let mut given = 0;
        for (value, code) in values.iter_mut().zip(self.fields.codes()) {
            if let Some(stated) = stated.get(code) {
                *value = stated;
                given += 1;
            }
        }
        let checked = self.fields.normalise(&values[..count], today, statement);
        if checked.is_ok() && given == stated.codes().count() {
            return Ok(());
        }
        Err(self.errors(stated, checked.err()))
    }

    fn errors(
        &self,
        stated: &Stated<'_>,
        problems: Option<identity::FieldProblems>,
    ) -> Vec<FieldError> {
        let codes: Vec<&str> = self.fields.codes().collect();
        let problems = problems.unwrap_or_default();
        let mut errors: Vec<_> = problems
            .iter()
            .map(|(place, problem)| {
                let kind = self.fields.kind(place).expect("problems name fields of the set");
                FieldError::of(codes[place], problem, kind)
            })
            .collect();
        let unknown = stated.codes().filter(|code| !codes.contains(code));
        errors.extend(unknown.map(FieldError::unknown));
        errors
    }
}
