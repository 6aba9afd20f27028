//! People at the public API, singly and by the batch: enter, cancel, ask again.
//!
//! Owns: what each connection asks next, by the seed. Never: gives a request up that has no
//! answer. Invariants: one request at a time on a connection; the same request is always sent
//! with the same id and the same body.

use crate::batch;
use crate::record::{Act, Asked, Desk, Inner, Records, decide, member};
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
/// Entries of a batch, at most: under load, and when everything is asked again.
const BATCH_MAX: u64 = 48;
const BATCH_AGAIN_MAX: usize = 500;
/// Of 100 entries of a batch, so many stand in it twice.
const TWICE: u64 = 5;
/// So many neighbours go the same way, singly or by the batch.
const NEIGHBOURS: usize = 8;

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
    enter_many: Head,
    in_flight: Vec<Vec<usize>>,
    waits: Vec<bool>,
    /// Of asking again: the place that is next, and the first that is not asked for.
    next: usize,
    end: usize,
    turn: u64,
    step: u64,
    who: u64,
    single: Vec<u8>,
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
        let many = [json[0], ("authorization", authorization.as_str())];
        let enter_many = Head::new("POST", &format!("{path}:batch"), address, &many);
        let (end, turn) = {
            let inner = records.lock();
            (inner.asked.len(), inner.turn)
        };
        Self {
            records,
            desk,
            purpose,
            offer,
            population: Population::new(records.seed()),
            address,
            authorization,
            enter: Head::new("POST", &path, address, &json),
            enter_many,
            in_flight: vec![Vec::new(); connections],
            waits: vec![false; connections],
            next: 0,
            end,
            turn,
            step: 0,
            who,
            single: Vec::with_capacity(1_024),
            body: Vec::with_capacity(1_024),
        }
    }

    /// What had no answer when the run ended is unknown.
    pub fn give_up(&mut self) {
        let mut inner = self.records.lock();
        self.in_flight.iter_mut().flat_map(std::mem::take).for_each(|place| inner.lost(place));
    }

    /// What a connection asks next: one request, or the entries of a batch; nothing when there is
    /// nothing to ask.
    fn next_places(&mut self) -> Vec<usize> {
        match (self.desk, self.purpose) {
            (Desk::Public | Desk::Counter, _) => self.next_place().into_iter().collect(),
            (Desk::FrontEnd, Purpose::AskAgain) => {
                std::iter::from_fn(|| self.next_again()).take(BATCH_AGAIN_MAX).collect()
            }
            (Desk::FrontEnd, Purpose::Load) => self.next_batch(),
        }
    }

    /// An acknowledgement or a doubt to be asked for again; of the unknown ones first.
    fn next_again(&mut self) -> Option<usize> {
        let mut inner = self.records.lock();
        if let Some(place) = self.next_unknown(&mut inner) {
            return Some(place);
        }
        let again = |place: &usize| {
            let asked = &inner.asked[*place];
            let is_due = asked.told().is_some() || asked.is_doubtful();
            is_due && self.is_mine(*place, asked)
        };
        let found = (self.next..self.end).find(again);
        self.next = found.map_or(self.end, |place| place + 1);
        found
    }

    /// Entries go singly and by the batch in turn, from one asking again to the next.
    fn is_mine(&self, place: usize, asked: &Asked) -> bool {
        let is_entry = matches!(asked.act, Act::Enter { .. });
        let by_batch = is_entry && ((place / NEIGHBOURS) as u64 + self.turn).is_multiple_of(2);
        match self.desk {
            Desk::FrontEnd => by_batch,
            desk => asked.desk() == desk && !by_batch,
        }
    }

    /// A request whose outcome is unknown; a front end takes entries alone.
    fn next_unknown(&self, inner: &mut Inner) -> Option<usize> {
        let Inner { asked, unknown, .. } = inner;
        let unknown = &mut unknown[self.desk.queue()];
        let may = |place: &usize| {
            self.desk != Desk::FrontEnd || matches!(asked[*place].act, Act::Enter { .. })
        };
        let at = unknown.iter().position(may)?;
        unknown.remove(at)
    }

    /// New entries, second ones, ones there have been, and some that stand in it twice.
    fn next_batch(&mut self) -> Vec<usize> {
        self.step += 1;
        let decision = decide(self.records.seed(), self.who, self.step);
        let size = 1 + decision % BATCH_MAX;
        let mut places = Vec::new();
        for number in 0..size {
            let chance = mix(decision, 16 + number);
            let unknown =
                if number * 2 < size { self.next_unknown(&mut self.records.lock()) } else { None };
            let twice = chance % 100 < TWICE;
            let place = match (unknown, places.last()) {
                (Some(place), _) => place,
                (None, Some(last)) if twice => *last,
                _ => self.next_entry(mix(chance, 1)),
            };
            places.push(place);
        }
        places
    }

    fn next_place(&mut self) -> Option<usize> {
        if self.purpose == Purpose::AskAgain {
            return self.next_again();
        }
        let unknown = self.next_unknown(&mut self.records.lock());
        if unknown.is_some() {
            return unknown;
        }
        self.step += 1;
        let decision = decide(self.records.seed(), self.who, self.step);
        match self.desk {
            Desk::Counter => self.next_at_counter(decision),
            Desk::Public | Desk::FrontEnd => Some(self.next_of_people(decision)),
        }
    }

    fn next_of_people(&self, decision: u64) -> usize {
        let (kind, which) = (decision % 100, mix(decision, 1));
        let now = self.records.now();
        let mut inner = self.records.lock();
        let entries = inner.entries.len() as u64;
        if 0 < entries && kind < CANCELS {
            let entry = inner.entries[(which % entries) as usize];
            return inner.add(Act::Cancel { entry }, now);
        }
        drop(inner);
        self.next_entry(decision)
    }

    /// An entry there has been, another one of somebody, or one of somebody new.
    fn next_entry(&self, decision: u64) -> usize {
        let (kind, which) = (decision % 100, mix(decision, 1));
        let now = self.records.now();
        let mut inner = self.records.lock();
        let entries = inner.entries.len() as u64;
        if 0 < entries && (CANCELS..CANCELS + REPEATS).contains(&kind) {
            return inner.entries[(which % entries) as usize];
        }
        let seconds = CANCELS + REPEATS..CANCELS + REPEATS + SECOND_ENTRIES;
        let is_second = 0 < inner.people && seconds.contains(&kind);
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

    fn write(&mut self, places: &[usize], request: &mut Vec<u8>) {
        if self.desk != Desk::FrontEnd {
            return places.iter().for_each(|place| self.write_one(*place, request));
        }
        batch::begin(&mut self.body);
        let records = self.records;
        let inner = records.lock();
        for place in places {
            let Act::Enter { person } = inner.asked[*place].act else {
                unreachable!("a batch has entries alone")
            };
            self.write_entry(*place, person);
            batch::add(&mut self.body, &records.key(*place), &self.single);
        }
        batch::end(&mut self.body);
        self.enter_many.write(request, &[], &self.body);
    }

    /// The body of an entry: the same however it is sent.
    fn write_entry(&mut self, place: usize, person: u32) {
        self.single.clear();
        let made_up = self.population.person(u64::from(person));
        let mixed = mix(self.records.seed(), place as u64);
        self.offer.write_entry(&mut self.single, &made_up, mixed, None);
    }

    fn write_one(&mut self, place: usize, request: &mut Vec<u8>) {
        let records = self.records;
        let inner = records.lock();
        let told = |entry: usize| inner.asked[entry].told().expect("an entry was accepted");
        let key = self.records.key(place);
        match inner.asked[place].act {
            Act::Enter { person } => {
                self.write_entry(place, person);
                self.enter.write(request, &[("idempotency-key", &key)], &self.single);
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

    fn told(&mut self, connection: usize, places: &[usize], response: &Response<'_>) {
        if !matches!(response.status, 429 | 503) {
            if self.desk == Desk::FrontEnd && response.status == 200 {
                return self.told_many(places, response.body);
            }
            for place in places {
                self.records.answered(*place, response.status, response.body);
            }
            return;
        }
        let body = String::from_utf8_lossy(response.body);
        let code = body.split_once("\"code\":\"").and_then(|(_, rest)| rest.split_once('"'));
        let code = code.map_or("", |(code, _)| code);
        let mut inner = self.records.lock();
        if response.retry_after_seconds.is_none() {
            inner.problem(format!("{} {code} without Retry-After", response.status));
        }
        for place in places {
            // Nobody can say `failed` of what was sequenced: it counts as unknown.
            if code == "failed" {
                inner.lost(*place);
            } else {
                inner.shed(*place, code);
            }
        }
        self.waits[connection] = true;
    }

    /// One answer for each entry of a batch, in their order.
    fn told_many(&self, places: &[usize], body: &[u8]) {
        let body = String::from_utf8_lossy(body);
        let answers = batch::answers(&body).unwrap_or_default();
        if answers.len() != places.len() {
            let (asked, told) = (places.len(), answers.len());
            let text = format!("a batch of {asked} entries got {told} answers: {body}");
            let mut inner = self.records.lock();
            places.iter().for_each(|place| inner.lost(*place));
            return inner.problem(text);
        }
        for (place, (status, answer)) in places.iter().zip(&answers) {
            self.records.answered(*place, *status, answer.as_bytes());
        }
        let mut inner = self.records.lock();
        inner.counts.batches += 1;
        inner.counts.batched += places.len() as u64;
    }
}

impl Script for Clients<'_> {
    fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next {
        if std::mem::take(&mut self.waits[connection]) {
            return Next::Wait(COME_AGAIN);
        }
        let places = self.next_places();
        if places.is_empty() {
            return match self.purpose {
                Purpose::AskAgain => Next::Finished,
                Purpose::Load => Next::Wait(NOTHING_TO_DO),
            };
        }
        self.write(&places, request);
        self.in_flight[connection] = places;
        Next::Send
    }

    fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        let Some(response) = http::parse(received)? else { return Ok(Answer::Incomplete) };
        let places = std::mem::take(&mut self.in_flight[connection]);
        assert!(!places.is_empty(), "an answer comes only to a request in flight");
        self.told(connection, &places, &response);
        let expected = response.status < 500;
        Ok(Answer::Complete { bytes: response.bytes, expected, keep: response.keep })
    }

    fn lost(&mut self, connection: usize) {
        let places = std::mem::take(&mut self.in_flight[connection]);
        let mut inner = self.records.lock();
        places.into_iter().for_each(|place| inner.lost(place));
    }
}
