//! People at the public API: enter, cancel, ask again.
//!
//! Owns: what each connection asks next, by the seed. Never: gives a request up that has no
//! answer. Invariants: one request at a time on a connection; the same request is always sent
//! with the same id and the same body.

use crate::record::{Act, Asked, Desk, Records, decide, member};
use crowd::http::{self, Head, Response};
use crowd::load::{Answer, Next, Script};
use crowd::{CrowdError, Loopback, Offer, Population, mix};
use std::time::Duration;

/// Before a request that was not taken is sent again; runs are short.
const COME_AGAIN: Duration = Duration::from_millis(20);
/// Before somebody who has nothing to ask looks again.
const NOTHING_TO_DO: Duration = Duration::from_millis(2);
/// Of 100 steps, so many are of each kind; the rest are first entries.
const CANCELS: u64 = 10;
const REPEATS: u64 = 10;
const SECOND_ENTRIES: u64 = 8;
const REDEMPTIONS: u64 = 30;

/// What clients come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To ask for everything again that they were told, and for what they do not know.
    AskAgain,
    /// To enter, cancel and repeat, until they are stopped.
    Load,
}

/// The clients of one desk as a script of the load engine.
pub struct Clients<'a> {
    records: &'a Records,
    desk: Desk,
    purpose: Purpose,
    offer: &'a Offer,
    population: Population,
    address: Loopback,
    authorization: String,
    enter: Head,
    in_flight: Vec<Option<usize>>,
    waits: Vec<bool>,
    /// Of asking again: the place that is next, and the first that is not asked for.
    next: usize,
    end: usize,
    step: u64,
    who: u64,
    body: Vec<u8>,
}

impl<'a> Clients<'a> {
    /// Clients at a desk. `who` tells their decisions from those of others.
    #[must_use]
    pub fn new(
        records: &'a Records,
        offer: &'a Offer,
        (desk, address, authorization): (Desk, Loopback, String),
        (purpose, connections, who): (Purpose, usize, u64),
    ) -> Self {
        let path = format!("/v1/campaigns/{}/entries", offer.campaign);
        let json = [("content-type", "application/json")];
        let end = records.lock().asked.len();
        Self {
            records,
            desk,
            purpose,
            offer,
            population: Population::new(records.seed()),
            address,
            authorization,
            enter: Head::new("POST", &path, address, &json),
            in_flight: vec![None; connections],
            waits: vec![false; connections],
            next: 0,
            end,
            step: 0,
            who,
            body: Vec::with_capacity(1_024),
        }
    }

    /// What had no answer when the run ended is unknown.
    pub fn give_up(&mut self) {
        let mut inner = self.records.lock();
        self.in_flight.iter_mut().filter_map(Option::take).for_each(|place| inner.lost(place));
    }

    fn next_place(&mut self) -> Option<usize> {
        let mut inner = self.records.lock();
        if let Some(place) = inner.unknown[self.desk as usize].pop_front() {
            return Some(place);
        }
        if self.purpose == Purpose::AskAgain {
            let again = |asked: &Asked| {
                asked.desk() == self.desk && (asked.told().is_some() || asked.is_doubtful())
            };
            let found = (self.next..self.end).find(|place| again(&inner.asked[*place]));
            self.next = found.map_or(self.end, |place| place + 1);
            return found;
        }
        drop(inner);
        self.step += 1;
        let decision = decide(self.records.seed(), self.who, self.step);
        match self.desk {
            Desk::Public => Some(self.next_of_people(decision)),
            Desk::Counter => self.next_at_counter(decision),
        }
    }

    fn next_of_people(&self, decision: u64) -> usize {
        let (kind, which) = (decision % 100, mix(decision, 1));
        let now = self.records.now();
        let mut inner = self.records.lock();
        let entries = inner.entries.len() as u64;
        if 0 < entries {
            let entry = inner.entries[(which % entries) as usize];
            if kind < CANCELS {
                return inner.add(Act::Cancel { entry }, now);
            }
            if kind < CANCELS + REPEATS {
                return entry;
            }
        }
        let is_second = 0 < inner.people && kind < CANCELS + REPEATS + SECOND_ENTRIES;
        let person = if is_second {
            (which % u64::from(inner.people)) as u32
        } else {
            inner.people += 1;
            inner.people - 1
        };
        inner.add(Act::Enter { person }, now)
    }

    fn next_at_counter(&self, decision: u64) -> Option<usize> {
        let now = self.records.now();
        let mut inner = self.records.lock();
        let entries = inner.entries.len() as u64;
        if entries == 0 || REDEMPTIONS <= decision % 100 {
            return None;
        }
        let entry = inner.entries[(mix(decision, 1) % entries) as usize];
        Some(inner.add(Act::Redeem { entry }, now))
    }

    fn write(&mut self, place: usize, request: &mut Vec<u8>) {
        let inner = self.records.lock();
        let told = |entry: usize| inner.asked[entry].told().expect("an entry was accepted");
        let key = self.records.key(place);
        match inner.asked[place].act {
            Act::Enter { person } => {
                self.body.clear();
                let made_up = self.population.person(u64::from(person));
                let mixed = mix(self.records.seed(), place as u64);
                self.offer.write_entry(&mut self.body, &made_up, mixed, None);
                self.enter.write(request, &[("idempotency-key", &key)], &self.body);
            }
            Act::Cancel { entry } => {
                let receipt = member(told(entry), "receipt").unwrap_or_default();
                let path = format!("/v1/entries/{receipt}");
                Head::new("DELETE", &path, self.address, &[]).write(request, &[], b"");
            }
            Act::Redeem { entry } => {
                let told = told(entry);
                let code = member(told, "code").unwrap_or_default();
                let outlet = told.booked.map_or("", |(outlet, _)| crate::site::OUTLETS[outlet].0);
                let body = format!("{{\"code\":\"{code}\",\"outlet\":\"{outlet}\"}}");
                let json = [("content-type", "application/json")];
                let head = Head::new("POST", "/v1/operator/redemptions", self.address, &json);
                let headers: [(&str, &[u8]); 2] =
                    [("authorization", self.authorization.as_bytes()), ("idempotency-key", &key)];
                head.write(request, &headers, body.as_bytes());
            }
        }
    }

    fn told(&mut self, connection: usize, place: usize, response: &Response<'_>) {
        if !matches!(response.status, 429 | 503) {
            self.records.answered(place, response.status, response.body);
            return;
        }
        let body = String::from_utf8_lossy(response.body);
        let code = body.split_once("\"code\":\"").and_then(|(_, rest)| rest.split_once('"'));
        let code = code.map_or("", |(code, _)| code);
        let mut inner = self.records.lock();
        if response.retry_after_seconds.is_none() {
            inner.problem(format!("{} {code} without Retry-After", response.status));
        }
        // Nobody can say `failed` of what was sequenced: it counts as unknown.
        if code == "failed" {
            inner.lost(place);
        } else {
            inner.shed(place, code);
        }
        self.waits[connection] = true;
    }
}

impl Script for Clients<'_> {
    fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next {
        if std::mem::take(&mut self.waits[connection]) {
            return Next::Wait(COME_AGAIN);
        }
        let Some(place) = self.next_place() else {
            return match self.purpose {
                Purpose::AskAgain => Next::Finished,
                Purpose::Load => Next::Wait(NOTHING_TO_DO),
            };
        };
        self.write(place, request);
        self.in_flight[connection] = Some(place);
        Next::Send
    }

    fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        let Some(response) = http::parse(received)? else { return Ok(Answer::Incomplete) };
        let place = self.in_flight[connection].take();
        let place = place.expect("an answer comes only to a request in flight");
        self.told(connection, place, &response);
        let expected = response.status < 500;
        Ok(Answer::Complete { bytes: response.bytes, expected, keep: response.keep })
    }

    fn lost(&mut self, connection: usize) {
        if let Some(place) = self.in_flight[connection].take() {
            self.records.lock().lost(place);
        }
    }
}
