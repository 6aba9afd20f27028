//! Entries of few people: collisions, repeats, reused request ids, wrong numbers.

use super::world::{PEOPLE, POOLS};
use super::{Generator, Guess};
use crate::state::Entry;
use std::collections::BTreeSet;
use types::command::EnterParts;
use types::{CampaignNo, EnterDigests, PersonKey, PoolNo, RequestId, limits};

/// How many of the last entries are repeated.
const REPEATS: usize = 40;

/// An entry as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    campaign: CampaignNo,
    request: RequestId,
    digests: EnterDigests,
    units: u8,
    any: bool,
    people: u8,
    choices: Vec<PoolNo>,
    keys: Vec<PersonKey>,
}

impl Generator {
    pub(super) fn enter(&mut self, record: &mut Vec<u8>) {
        let recent = self.sent.len().saturating_sub(REPEATS);
        let recent = &self.sent[recent..];
        let sent = match self.random.below(100) {
            0..12 if !recent.is_empty() => self.random.pick(recent).clone(),
            12..17 if !recent.is_empty() => {
                let Sent { request, campaign, .. } = *self.random.pick(recent);
                let entry = self.new_entry();
                let campaign = if self.random.chance(70) { campaign } else { entry.campaign };
                Sent { request, campaign, ..entry }
            }
            _ => self.new_entry(),
        };
        sent.encode(record);
        self.sent.push(sent);
    }

    /// Somebody new, in a campaign that draws.
    pub(super) fn enter_draw(&mut self, campaign: CampaignNo, record: &mut Vec<u8>) {
        let sent = self.new_entry_of(campaign);
        sent.encode(record);
        self.sent.push(sent);
    }

    fn new_entry(&mut self) -> Sent {
        let campaign = self.campaign();
        self.new_entry_of(campaign)
    }

    fn new_entry_of(&mut self, campaign: CampaignNo) -> Sent {
        let number = self.random.number();
        let identity = self.random.below(3);
        let Some(guess) = self.campaigns.get_mut(campaign.index()) else {
            return Sent::nowhere(campaign, number);
        };
        guess.sent += 1;
        let guess = guess.clone();
        let (any, people) = self.terms(&guess);
        let keys = match people {
            1 => self.keys(&guess),
            _ => self.group(&guess, people),
        };
        let known = self.registered(&guess.definition);
        let (people, keys) = known.map_or((people, keys), |keys| (1, keys));
        // Most people write the rest of their identity always the same way.
        let identity = u64::from(keys[0].0[0]) + 256 * (identity / 2);
        let digests =
            EnterDigests { request: number.to_le_bytes(), identity: identity.to_le_bytes() };
        let request = RequestId((u128::from(number) << 1 | 1).to_le_bytes());
        let (units, choices) = (self.units(&guess), self.choices(&guess));
        Sent { campaign, request, digests, units, any, people, choices, keys }
    }

    /// Whether any place will do, and how many people enter together.
    fn terms(&mut self, guess: &Guess) -> (bool, u8) {
        if self.shadow.is_none() {
            return (false, 1);
        }
        let Some(terms) = guess.definition.draw() else {
            return (self.random.chance(1), 1 + u8::from(self.random.chance(1)));
        };
        let any = self.random.chance(if terms.accept_any { 40 } else { 2 });
        let most = u64::from(terms.group_max);
        let people = match self.random.below(100) {
            0..2 => most + 1,
            2..40 => 1 + self.random.below(most),
            _ => 1,
        };
        (any, people as u8)
    }

    /// So many people; now and then one of them twice.
    fn group(&mut self, guess: &Guess, people: u8) -> Vec<PersonKey> {
        let fields = guess.definition.unique_fields().count();
        let mut keys = Vec::new();
        for _ in 0..people {
            let mut own = self.keys(guess);
            own.truncate(fields);
            keys.extend(own);
        }
        keys
    }

    fn units(&mut self, guess: &Guess) -> u8 {
        let register = &guess.definition.register;
        let range = u64::from(register.units_max - register.units_min) + 1;
        match self.random.below(100) {
            0 => 0,
            1 => register.units_max + 1,
            _ => register.units_min + self.random.below(range) as u8,
        }
    }

    fn choices(&mut self, guess: &Guess) -> Vec<PoolNo> {
        let most = u64::from(guess.definition.register.choices_max);
        let pools = guess.definition.stock.len().max(1) as u64;
        let mut choices: Vec<PoolNo> = Vec::new();
        for _ in 0..1 + self.random.below(most) {
            let pool = PoolNo(self.random.below(pools) as u32);
            if !choices.contains(&pool) {
                choices.push(pool);
            }
        }
        match self.random.below(100) {
            0 => choices = vec![choices[0]; limits::CHOICES_MAX],
            1 => choices.insert(0, choices[0]),
            // The last of the pools that stock rows may bring, or one beyond them.
            2..8 => choices[0] = PoolNo((POOLS - 1 + self.random.below(2)) as u32),
            _ => (),
        }
        choices.truncate(limits::CHOICES_MAX);
        choices
    }

    /// A person; now and then with somebody else's phone, or a key too many.
    fn keys(&mut self, guess: &Guess) -> Vec<PersonKey> {
        let person = self.random.below(PEOPLE);
        let other = self.random.below(PEOPLE);
        let mut keys = vec![person_key(person); guess.definition.unique_fields().count()];
        if self.random.chance(20) {
            *keys.last_mut().expect("a campaign has a unique field") = person_key(other);
        }
        if self.random.chance(1) {
            keys.push(person_key(other));
        }
        keys
    }

    /// The pools that an entry chose, in its order, and whether any other will do; none of an entry
    /// that was not sent from here.
    pub(super) fn choices_of(
        &self,
        campaign: CampaignNo,
        entry: &Entry,
    ) -> Option<(&[PoolNo], bool)> {
        let made = |sent: &&Sent| {
            let same = sent.request == entry.request && sent.digests == entry.digests;
            same && sent.campaign == campaign
        };
        self.sent.iter().find(made).map(|sent| (&sent.choices[..], sent.any))
    }

    /// People for a list.
    pub(super) fn people(&mut self) -> Vec<PersonKey> {
        let count = self.random.below(4);
        let mut people: Vec<_> =
            (0..count).map(|_| person_key(self.random.below(PEOPLE))).collect();
        let distinct: BTreeSet<_> = people.iter().copied().collect();
        if self.random.chance(50) {
            people = distinct.into_iter().collect();
        }
        people
    }
}

impl Sent {
    /// Whether it is of one person, to this campaign.
    pub(super) fn is_of_one(&self, campaign: CampaignNo) -> bool {
        self.campaign == campaign && self.people == 1
    }

    pub(super) fn keys(&self) -> &[PersonKey] {
        &self.keys
    }

    /// An entry to a campaign that most likely is not there.
    fn nowhere(campaign: CampaignNo, number: u64) -> Self {
        Self {
            campaign,
            request: RequestId(u128::from(number).to_le_bytes()),
            digests: EnterDigests { request: number.to_le_bytes(), identity: [0; 8] },
            units: 1,
            any: false,
            people: 1,
            choices: vec![PoolNo(0)],
            keys: vec![person_key(0)],
        }
    }

    fn encode(&self, record: &mut Vec<u8>) {
        let Self { campaign, request, digests, units, any, people, choices, keys } = self;
        let parts = EnterParts {
            campaign: *campaign,
            request: *request,
            digests: *digests,
            units: *units,
            choices,
            keys,
            sealed: b"sealed",
        };
        parts.encode_apply(*any, *people, record);
    }
}

/// The same bytes in every field: keys of different fields must not be confused.
const fn person_key(person: u64) -> PersonKey {
    PersonKey([person as u8; 16])
}
