//! What the people do: ask, ask again, ask together.
//!
//! Owns: which request is sent, and when; that no more wait than may, which shows right after a
//! sending and at no other time. Never: hears an answer.
//! Invariants: a request that is sent again has the very same bytes.
//! On failure: who is turned away knows that nothing was taken; a queue beyond its limit breaks I9.

use super::machine::QUEUE_REQUESTS_MAX;
use super::{Violation, World};
use crate::checks;
use crate::people::{Many, People};
use model::generate::{Random, edges};
use node::{Clock as _, Unavailable};
use types::Millis;

/// Requests that wait for an answer, at most.
pub(super) const OPEN_MAX: usize = 64;
/// Requests of one sending.
const MANY_MAX: u64 = 6;
/// Requests in the millisecond of an edge: many, since few of them are to that campaign, by
/// somebody who may.
const EDGE_REQUESTS: u64 = 12;

impl World {
    pub(super) fn new_request(&mut self) -> usize {
        let request = self.begin_request();
        self.clock.advance_to(self.generated_at);
        request
    }

    /// The next request of the world, made of what the durable frames came to, without the time
    /// that passes until it comes.
    pub(super) fn begin_request(&mut self) -> usize {
        let step = self.generator.next_given(&self.oracle.model);
        self.generated_at = step.at;
        let floor = self.checks.latest();
        self.people.begin(step.record, floor)
    }

    pub(super) fn waiting(&self) -> usize {
        let single =
            self.people.requests.iter().map(|request| request.pending.len()).sum::<usize>();
        single + self.people.many.len()
    }

    pub(super) fn ask(&mut self) -> Result<(), Violation> {
        if OPEN_MAX <= self.waiting() {
            return Ok(());
        }
        let request = self.new_request();
        self.send(request)
    }

    pub(super) fn ask_at_edge(&mut self, random: &mut Random) -> Result<(), Violation> {
        if OPEN_MAX <= self.waiting() {
            return self.turn();
        }
        let now = self.clock.now();
        let state = self.oracle.model.state();
        let edges = state.campaigns.iter().flat_map(|campaign| edges(&campaign.definition));
        if let Some(edge) = edges.filter(|edge| now < *edge).min() {
            self.clock.advance_to(Millis(edge.0 + random.below(3) - 1));
        }
        for _ in 0..EDGE_REQUESTS {
            let request = self.begin_request();
            self.send(request)?;
        }
        self.turn()
    }

    pub(super) fn ask_again(&mut self, random: &mut Random) -> Result<(), Violation> {
        let count = self.people.requests.len() as u64;
        if count == 0 || OPEN_MAX <= self.waiting() {
            return Ok(());
        }
        let open = |people: &People, number: usize| !people.requests[number].is_settled();
        // Those who know nothing yet ask most often.
        let first = random.below(count) as usize;
        let unsettled = (first..count as usize).find(|number| open(&self.people, *number));
        let request = unsettled.filter(|_| random.chance(70)).unwrap_or(first);
        if self.people.requests[request].sends < 10 { self.send(request) } else { Ok(()) }
    }

    pub(super) fn ask_many(&mut self, random: &mut Random) -> Result<(), Violation> {
        if OPEN_MAX <= self.waiting() {
            return Ok(());
        }
        let count = 1 + random.below(MANY_MAX);
        let requests: Vec<usize> = (0..count).map(|_| self.new_request()).collect();
        let Some(live) = &self.live else { return Ok(()) };
        let mut records = Vec::new();
        for request in &requests {
            records.extend_from_slice(&self.people.requests[*request].record);
        }
        self.tally.sends += count;
        let submitted = live.node.submit(records, count as u32);
        requests.iter().for_each(|request| self.people.requests[*request].sent());
        match submitted {
            Ok(pending) => self.people.many.push(Many { requests, pending }),
            Err(why) => {
                requests.iter().for_each(|it| self.people.requests[*it].turned_away(why));
                self.turned_away(&format!("requests {requests:?}"), why);
            }
        }
        self.look_at_queue()
    }

    pub(super) fn send(&mut self, number: usize) -> Result<(), Violation> {
        let Some(live) = &self.live else { return Ok(()) };
        let request = &mut self.people.requests[number];
        request.sent();
        self.tally.sends += 1;
        match live.node.submit_one(request.record.clone()) {
            Ok(pending) => request.pending.push(pending),
            Err(why) => {
                request.turned_away(why);
                self.turned_away(&format!("request {number}"), why);
            }
        }
        self.look_at_queue()
    }

    /// I9: a turn empties the queue, so that only now it could hold too much.
    fn look_at_queue(&self) -> Result<(), Violation> {
        let Some(live) = &self.live else { return Ok(()) };
        self.check(checks::bounds(&live.node.status(), QUEUE_REQUESTS_MAX))
    }

    fn turned_away(&mut self, what: &str, why: Unavailable) {
        self.tally.shed += u64::from(why == Unavailable::QueueFull);
        self.note(|| format!("{what} turned away: {why}"));
    }
}
