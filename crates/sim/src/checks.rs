//! The promises, each a small piece that looks at what the people know, what lies on the disk and
//! what the plain rules make of it.
//!
//! Owns: what is compared with what. Never: the code that it checks; the one thing asked of a
//! ledger is its state, to be compared.
//! On failure: names the promise, and what does not fit.

mod gate;

pub(crate) use gate::view;

use crate::oracle::{Oracle, entry_of};
use crate::people::{People, Told};
use ledger::Ledger;
use model::{CampaignState, Place};
use node::NodeStatus;
use std::collections::{BTreeMap, BTreeSet};
use types::Outcome;
use types::command::Command;

/// A promise that does not hold, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Which.
    pub(crate) promise: &'static str,
    /// What was seen.
    pub(crate) what: String,
}

fn broken(promise: &'static str, what: String) -> Result<(), Broken> {
    Err(Broken { promise, what })
}

/// What is still to be proved, and how far order has come.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    /// Outcomes that were told and are not found in the journal yet.
    unproved: Vec<(usize, Outcome)>,
    /// The latest place anybody was told of.
    latest: Option<Place>,
}

impl Checks {
    /// The latest place anybody was told of.
    #[must_use]
    pub(crate) const fn latest(&self) -> Option<Place> {
        self.latest
    }

    /// Takes note of answers: each outcome is to be proved. Without one there is nothing to prove.
    pub(crate) fn note(&mut self, heard: &[Told]) {
        let told = heard.iter().filter_map(|told| Some((told.request, told.answer.clone().ok()?)));
        self.unproved.extend(told);
    }

    /// I1, I4, I5: what was just told is in the journal, or is what the rules foresaw when the
    /// request came, which then changed nothing. What is neither may still be in a frame that only
    /// a restart will show.
    ///
    /// # Errors
    /// When order is broken.
    pub(crate) fn prove_told(&mut self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
        let mut open = Vec::new();
        for (number, outcome) in std::mem::take(&mut self.unproved) {
            if !self.is_proved(number, &outcome, people, oracle)? {
                open.push((number, outcome));
            }
        }
        self.unproved = open;
        Ok(())
    }

    /// The same after a restart, which shows everything: nothing may be left.
    ///
    /// # Errors
    /// When something that was told is not in the journal, nor what the rules said.
    pub(crate) fn prove(&mut self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
        self.prove_told(people, oracle)?;
        let Some((number, outcome)) = self.unproved.first() else { return Ok(()) };
        let said = &people.requests[*number].foreseen;
        let what = format!(
            "request {number} was told {outcome:?}; the journal has not, and the rules foresaw \
             {said:?}"
        );
        broken("I1", what)
    }

    fn is_proved(
        &mut self,
        number: usize,
        outcome: &Outcome,
        people: &People,
        oracle: &Oracle,
    ) -> Result<bool, Broken> {
        Ok(self.is_in_journal(number, outcome, people, oracle)?
            || people.requests[number].foreseen.contains(outcome))
    }

    fn is_in_journal(
        &mut self,
        number: usize,
        outcome: &Outcome,
        people: &People,
        oracle: &Oracle,
    ) -> Result<bool, Broken> {
        let request = &people.requests[number];
        let places = oracle.outcomes_of(&request.record);
        let is_it = |found: &Outcome| *found == *outcome || *found == first(outcome);
        let Some((place, _)) = places.iter().find(|(_, found)| is_it(found)) else {
            return Ok(false);
        };
        let mut place = *place;
        if let (Command::Enter(enter), Some(entry)) = (request.command(), entry_of(outcome)) {
            // The same request again has the place of its first sending.
            place = oracle.place_of(enter.campaign, entry).unwrap_or(place);
            // I5: whoever was told before this was first sent comes before it.
            if request.floor.is_some_and(|floor| place <= floor) {
                let what = format!("request {number} was sent after a later place was told");
                broken("I5", what)?;
            }
            self.latest = self.latest.max(Some(place));
        }
        Ok(true)
    }

    /// I7: every record of the journal is one that somebody sent, byte for byte, and is there at
    /// most as often as it was sent and not turned away.
    ///
    /// # Errors
    /// When nobody sent one, or not as often.
    pub(crate) fn trace(&self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
        let mut sent: BTreeMap<&[u8], u64> = BTreeMap::new();
        for request in &people.requests {
            let taken = request.sends - request.not_taken;
            *sent.entry(&request.record).or_default() += u64::from(taken);
        }
        let tick = [1, 0, 0, 0, 17];
        for (record, times) in oracle.records().filter(|(record, _)| *record != tick) {
            let taken = sent.get(record).copied().unwrap_or(0);
            if taken < times {
                let what = format!("the record {record:02x?} is there {times} times, sent {taken}");
                return broken("I7", what);
            }
        }
        Ok(())
    }

    /// At the end: I4, one entry a request id, and one outcome for all its sendings; nothing that
    /// was told is left to be proved.
    ///
    /// # Errors
    /// When a request was told two things.
    pub(crate) fn close(&self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
        assert!(self.unproved.is_empty(), "everything was proved before");
        for (number, request) in people.requests.iter().enumerate() {
            let Command::Enter(_) = request.command() else { continue };
            let entries: BTreeSet<_> = request.told.iter().filter_map(entry_of).collect();
            if 1 < entries.len() {
                return broken("I4", format!("request {number} was told of entries {entries:?}"));
            }
            let in_journal = oracle.outcomes_of(&request.record);
            let made: BTreeSet<_> = in_journal.iter().filter_map(|(_, it)| entry_of(it)).collect();
            if 1 < made.len() {
                return broken("I4", format!("request {number} made entries {made:?}"));
            }
        }
        self.trace(people, oracle)
    }
}

/// What the first sending of a redemption led to, of which this repeats the answer.
fn first(outcome: &Outcome) -> Outcome {
    let mut first = outcome.clone();
    if let Outcome::Redeemed { repeated, .. } = &mut first {
        *repeated = false;
    }
    first
}

/// I2, I3, I6: the ledger and the plain rules have come to the same, in everything that
/// `model::State` holds, at the time that the last frame was stamped with.
///
/// # Errors
/// When a count of a pool, an entry, a person on a list, a mark, an action or the time differs.
pub(crate) fn same_state(ledger: &Ledger, oracle: &Oracle) -> Result<(), Broken> {
    let (found, mut wanted) = (mirror::state(ledger), oracle.model.state());
    // A frame without commands, which no rule ever sees, has a time, too.
    wanted.at = oracle.time();
    if found == wanted {
        return Ok(());
    }
    if found.at != wanted.at {
        let what = format!("the ledger's time is {:?}, the frames' {:?}", found.at, wanted.at);
        return broken("I6", what);
    }
    for (found, wanted) in found.campaigns.iter().zip(&wanted.campaigns) {
        let code = &wanted.definition.code;
        if found.pools != wanted.pools {
            return broken("I2", format!("the pools of {code} are not what the rules say"));
        }
        if found.entries != wanted.entries {
            return broken("I3", format!("the entries of {code} are not what the rules say"));
        }
        let lists = |of: &CampaignState| [of.blocked.clone(), of.allowed.clone()];
        if (lists(found), &found.reserved) != (lists(wanted), &wanted.reserved) {
            return broken("I3", format!("others are on the lists of {code} than were put there"));
        }
        if found.draws != wanted.draws {
            return broken("I3", format!("the draws of {code} are not what the rules say"));
        }
    }
    broken("I6", "the ledger and the rules have come to different states".to_owned())
}

/// I9: nothing grows beyond its limit.
///
/// # Errors
/// When the queue has.
pub(crate) fn bounds(status: &NodeStatus, queue_max: usize) -> Result<(), Broken> {
    if queue_max < status.queue {
        return broken("I9", format!("{} requests wait", status.queue));
    }
    Ok(())
}
