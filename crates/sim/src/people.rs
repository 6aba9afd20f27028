//! Those who ask: what they sent, when, and what they were told.
//!
//! Owns: the clients' own records, which no node ever touches. Never: knows what a node did.
//! Invariants: what was told stays told; a request is sent again with the very same bytes.

use model::Place;
use node::{Pending, Unavailable};
use types::Outcome;
use types::command::{Command, Records};

/// A request and everything its sender knows of it.
#[derive(Debug)]
pub(crate) struct Request {
    /// The record, as it is sent each time.
    pub(crate) record: Vec<u8>,
    /// How often it was sent.
    pub(crate) sends: u32,
    /// Of those, how often its sender was told that it was not taken.
    pub(crate) not_taken: u32,
    /// Sendings since the sequencer last had a turn.
    pub(crate) fresh: u32,
    /// What the rules answered without changing anything at the turns that met its sendings: a
    /// refusal, or that an entry was given up before, by its owner or because it lapsed.
    pub(crate) foreseen: Vec<Outcome>,
    /// The place of the latest entry that anybody was told of before this was first sent.
    pub(crate) floor: Option<Place>,
    /// Answers to come.
    pub(crate) pending: Vec<Pending<Outcome>>,
    /// What was told, in the order of telling.
    pub(crate) told: Vec<Outcome>,
}

/// Requests sent as one, whose answers come as one.
#[derive(Debug)]
pub(crate) struct Many {
    /// Which.
    pub(crate) requests: Vec<usize>,
    /// The answers to come.
    pub(crate) pending: Pending<Vec<Outcome>>,
}

/// Everybody's records.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// In the order of first sending.
    pub(crate) requests: Vec<Request>,
    /// Sent as one.
    pub(crate) many: Vec<Many>,
}

/// An answer that has just come.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// To which request.
    pub(crate) request: usize,
    /// What.
    pub(crate) answer: Result<Outcome, Unavailable>,
}

impl Request {
    /// The command.
    ///
    /// # Panics
    /// Never: what is sent was encoded as one.
    #[must_use]
    pub(crate) fn command(&self) -> Command<'_> {
        let record = Records::new(&self.record).next().expect("a request is a record");
        Command::decode(record.expect("it is whole").1).expect("it is a command")
    }

    /// Notes a sending.
    pub(crate) fn sent(&mut self) {
        self.sends += 1;
        self.fresh += 1;
    }

    /// Notes that a sending has no outcome; of a node that failed nobody knows whether it was
    /// taken.
    pub(crate) fn turned_away(&mut self, why: Unavailable) {
        self.not_taken += u32::from(why != Unavailable::Failed);
    }

    /// Whether its sender waits for nothing more.
    #[must_use]
    pub(crate) const fn is_settled(&self) -> bool {
        !self.told.is_empty()
    }
}

impl People {
    /// Notes a request that is about to be sent, for the first time unless somebody enters with
    /// the very same bytes as before.
    pub(crate) fn begin(&mut self, record: Vec<u8>, floor: Option<Place>) -> usize {
        let is_same = |request: &Request| request.record == record;
        if let Some(known) = self.requests.iter().position(is_same)
            && matches!(self.requests[known].command(), Command::Enter(_))
        {
            return known;
        }
        self.requests.push(Request {
            record,
            sends: 0,
            not_taken: 0,
            fresh: 0,
            foreseen: Vec::new(),
            floor,
            pending: Vec::new(),
            told: Vec::new(),
        });
        self.requests.len() - 1
    }

    /// Takes the answers that have come, in a fixed order.
    pub(crate) fn hear(&mut self) -> Vec<Told> {
        let mut heard = Vec::new();
        for (number, request) in self.requests.iter_mut().enumerate() {
            request.pending.retain_mut(|pending| match pending.try_get() {
                None => true,
                Some(answer) => {
                    heard.push(Told { request: number, answer });
                    false
                }
            });
        }
        self.many.retain_mut(|many| {
            let Some(answers) = many.pending.try_get() else { return true };
            for (place, request) in many.requests.iter().enumerate() {
                let answer = answers.as_ref().map(|all| all[place].clone()).map_err(|why| *why);
                heard.push(Told { request: *request, answer });
            }
            false
        });
        for Told { request, answer } in &heard {
            let request = &mut self.requests[*request];
            match answer {
                Ok(outcome) => request.told.push(outcome.clone()),
                Err(why) => request.turned_away(*why),
            }
        }
        heard
    }
}
