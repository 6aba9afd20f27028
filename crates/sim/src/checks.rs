//! The promises, each a small piece that looks at what the people know, what lies on the disk and
//! what the plain rules make of it.
//!
//! Owns: what is compared with what. Never: the code that it checks; the one thing asked of a
//! ledger is its state, to be compared.
//! On failure: names the promise, and what does not fit.

use crate::oracle::{Oracle, entry_of};
use crate::people::{People, Told};
use ledger::Ledger;
use model::{Model, Place};
use node::{NodeStatus, Unavailable, View};
use std::collections::BTreeSet;
use types::command::Command;
use types::{Millis, Outcome, limits};

/// A promise that does not hold, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub promise: &'static str,
    /// What was seen.
    pub what: String,
}

fn broken(promise: &'static str, what: String) -> Result<(), Broken> {
    Err(Broken { promise, what })
}

/// What is still to be proved, and how far order has come.
#[derive(Debug, Default)]
pub struct Checks {
    /// Outcomes that were told and are not found in the journal yet.
    unproved: Vec<(usize, Outcome)>,
    /// The latest place anybody was told of.
    latest: Option<Place>,
}

impl Checks {
    /// The latest place anybody was told of.
    #[must_use]
    pub const fn latest(&self) -> Option<Place> {
        self.latest
    }

    /// Takes note of answers: each outcome is to be proved. Without one, nothing is known.
    pub fn note(&mut self, heard: &[Told]) {
        for told in heard {
            match &told.answer {
                Ok(outcome) => self.unproved.push((told.request, outcome.clone())),
                Err(
                    Unavailable::Failed
                    | Unavailable::Draining
                    | Unavailable::JournalFull
                    | Unavailable::QueueFull
                    | Unavailable::Replaying,
                ) => {}
            }
        }
    }

    /// I1, I4, I5: what was just told is in the journal, or is what the rules say to a request that
    /// changes nothing. What is neither may still be in a frame that only a restart will show.
    ///
    /// # Errors
    /// When order is broken.
    pub fn prove_told(
        &mut self,
        people: &People,
        oracle: &Oracle,
        now: Millis,
    ) -> Result<(), Broken> {
        let mut open = Vec::new();
        for (number, outcome) in std::mem::take(&mut self.unproved) {
            let request = &people.requests[number];
            if self.is_in_journal(number, &outcome, people, oracle)? {
                continue;
            }
            let models = oracle.before.iter().chain([&oracle.model]);
            let is_said = models.into_iter().any(|model| {
                let at = now.max(model_time(oracle));
                Oracle::would(model, at, &request.command()) == outcome
            });
            if !is_said && changes_nothing(&outcome) {
                // The state has moved on since; a refusal promised nothing.
                continue;
            }
            if !is_said {
                open.push((number, outcome));
            }
        }
        self.unproved = open;
        Ok(())
    }

    /// I1: after a restart everything that was told is there, byte for byte.
    ///
    /// # Errors
    /// When something that was told is not in the journal.
    pub fn prove(&mut self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
        for (number, outcome) in std::mem::take(&mut self.unproved) {
            let found = self.is_in_journal(number, &outcome, people, oracle)?;
            if !found && !changes_nothing(&outcome) {
                let what = format!("request {number} was told {outcome:?}; the journal has not");
                return broken("I1", what);
            }
        }
        Ok(())
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

    /// I7: every record of the journal is one that somebody sent, byte for byte.
    ///
    /// # Errors
    /// When nobody sent one.
    pub fn trace(&self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
        let sent: BTreeSet<&[u8]> =
            people.requests.iter().map(|request| request.record.as_slice()).collect();
        let tick = [1, 0, 0, 0, 17];
        match oracle.records().find(|record| !sent.contains(record) && *record != tick) {
            Some(record) => broken("I7", format!("nobody sent the record {record:02x?}")),
            None => Ok(()),
        }
    }

    /// At the end: I4, one entry a request id, and one outcome for all its sendings; nothing that
    /// was told is left to be proved.
    ///
    /// # Errors
    /// When a request was told two things.
    pub fn close(&self, people: &People, oracle: &Oracle) -> Result<(), Broken> {
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

fn model_time(oracle: &Oracle) -> Millis {
    oracle.frames.last().map_or(Millis(0), |frame| frame.at)
}

/// Whether an outcome promises nothing: a refusal may be answered from the state as it stands.
const fn changes_nothing(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(_))
}

/// I2, I3, I6: the ledger and the plain rules have come to the same.
///
/// # Errors
/// When a count of a pool, an entry or a mark differs.
pub fn same_state(ledger: &Ledger, model: &Model) -> Result<(), Broken> {
    let state = model.state();
    if ledger.campaigns().len() != state.campaigns.len() {
        return broken("I6", "the ledger and the rules differ in their campaigns".to_owned());
    }
    for (found, wanted) in ledger.campaigns().iter().zip(&state.campaigns) {
        let code = &wanted.definition.code;
        let pools = found.pools().iter().map(|pool| {
            [pool.issued, pool.withdrawn, pool.withdrawn_early, pool.booked, pool.redeemed]
        });
        let expected = wanted.pools.iter().map(|pool| {
            [pool.issued, pool.withdrawn, pool.withdrawn_early, pool.booked, pool.redeemed]
        });
        if !pools.eq(expected) {
            return broken("I2", format!("the pools of {code} are not what the rules say"));
        }
        if found.entries_len() as usize != wanted.entries.len() {
            return broken("I3", format!("the entries of {code} are not what the rules say"));
        }
    }
    Ok(())
}

/// The view that the gate sees is the state, once a turn is over.
///
/// # Errors
/// When a count differs.
pub fn view(view: &View, ledger: &Ledger, frames: u64) -> Result<(), Broken> {
    if ledger.frame().0 != frames {
        let what = format!("{} frames are durable and {} applied", frames, ledger.frame());
        return broken("I1", what);
    }
    for (seen, campaign) in view.campaigns.iter().zip(ledger.campaigns()) {
        let code = &campaign.definition().code;
        if seen.entries() != campaign.entries_len() {
            return broken("I10", format!("the gate counts other entries of {code}"));
        }
        for (number, pool) in campaign.pools().iter().enumerate() {
            let free = seen.free(types::PoolNo::from_index(number), ledger.time());
            if free.is_some_and(|free| u64::from(free) != pool.free()) {
                return broken("I10", format!("the gate counts other units of {code}"));
            }
        }
    }
    Ok(())
}

/// I9: nothing grows beyond its limit.
///
/// # Errors
/// When the queue has.
pub fn bounds(status: &NodeStatus) -> Result<(), Broken> {
    if limits::QUEUE_REQUESTS_MAX < status.queue {
        return broken("I9", format!("{} requests wait", status.queue));
    }
    Ok(())
}
