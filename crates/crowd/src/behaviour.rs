//! A crowd at a campaign: walks every person through their steps and keeps what they were told.
//!
//! Owns: who is on which connection, and the record of answers. Never: sends more than one request
//! at a time on a connection. Invariants: a request whose outcome is unknown is sent again with
//! the same id and body until it is known or the run ends.
//! On failure: a lost connection or a shed request makes its person wait and ask again.

use crate::acknowledgement::{Acknowledgements, Act, RequestKey, Told};
use crate::error::CrowdError;
use crate::http::{self, Head, Response};
use crate::load::{self, Answer, Loopback, Next, Pace, Plan, Report, Script};
use crate::offer::{Mistake, Offer};
use crate::people::{POPULATION_MAX, Population};
use crate::persona::{Persona, Step, persona};
use crate::progress::{Code, Progress};
use crate::{below, mix};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;
use types::limits::CROWD_PEOPLE_MAX;

/// Entries a person tries when what they chose is sold out.
const TRIES_MAX: u8 = 3;
/// What a person waits who was told to come again, at most; runs are short.
const WAIT_MILLIS_MAX: u64 = 2_000;

/// A crowd and how it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrowdOptions {
    /// The server's public address.
    pub address: Loopback,
    /// Decides who the people are and what they do.
    pub seed: u64,
    /// The number of the first person.
    pub first_person: u32,
    /// How many come; up to `CROWD_PEOPLE_MAX` with the first.
    pub people: u32,
    /// Connections they share.
    pub connections: usize,
    /// As fast as it goes, or at a rate.
    pub pace: Pace,
    /// When the run ends, if people are left.
    pub duration: Duration,
}

/// What came of a run.
#[derive(Debug)]
pub struct CrowdReport {
    /// Counts and latencies.
    pub report: Report,
    /// Every answer to an entry or a cancellation.
    pub acknowledgements: Acknowledgements,
}

/// Sends the crowd, on the calling thread.
///
/// # Errors
/// When the options are out of range or the server cannot be reached.
pub fn run(
    options: &CrowdOptions,
    offer: &Offer,
    progress: &Progress,
) -> Result<CrowdReport, CrowdError> {
    let people = u64::from(options.first_person) + u64::from(options.people);
    if people > u64::from(CROWD_PEOPLE_MAX).min(POPULATION_MAX) {
        return Err(CrowdError::Plan("a crowd has up to 100,000,000 people"));
    }
    let plan = Plan {
        pace: options.pace,
        warm_up: Duration::ZERO,
        reconnect: true,
        ..Plan::closed(options.connections, options.duration)
    };
    let mut behaviour = Behaviour::new(options, offer, progress);
    let report = load::run(options.address, &plan, &mut behaviour, Some(progress))?;
    Ok(CrowdReport { report, acknowledgements: behaviour.acknowledgements })
}

/// The crowd as a script of the load engine.
#[derive(Debug)]
pub struct Behaviour<'a> {
    offer: &'a Offer,
    progress: &'a Progress,
    population: Population,
    options: CrowdOptions,
    next_person: u32,
    visits: Vec<Visit>,
    /// Requests to be sent once more by whichever connection is free next.
    copies: VecDeque<Errand>,
    heads: Heads,
    body: Vec<u8>,
    acknowledgements: Acknowledgements,
}

#[derive(Debug)]
struct Heads {
    enter: Head,
    document: Head,
    status: Head,
}

/// A person on a connection.
#[derive(Debug)]
struct Visit {
    person: u32,
    persona: &'static Persona,
    step: usize,
    tries: u8,
    /// The serial of the last request; 0 before the first.
    serial: u32,
    receipt: String,
    /// Whether the step's request is to be sent again as it was.
    unknown: bool,
    wait: Option<Duration>,
    in_flight: Option<Errand>,
}

/// A request under way.
#[derive(Clone, Copy, Debug)]
struct Errand {
    person: u32,
    serial: u32,
    step: Step,
    /// A second sending by another connection than the person's own.
    is_copy: bool,
}

/// The members of an answer that a crowd reads.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    outcome: Option<Cow<'a, str>>,
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    number: Option<u64>,
    #[serde(borrow)]
    receipt: Option<Cow<'a, str>>,
}

impl<'a> Behaviour<'a> {
    /// A crowd that has not begun.
    #[must_use]
    pub fn new(options: &CrowdOptions, offer: &'a Offer, progress: &'a Progress) -> Self {
        let campaign = format!("/v1/campaigns/{}", offer.campaign);
        let json = [("content-type", "application/json")];
        let head = |method: &str, path: &str, headers: &[(&str, &str)]| {
            Head::new(method, path, options.address, headers)
        };
        Self {
            offer,
            progress,
            population: Population::new(options.seed),
            options: *options,
            next_person: 0,
            visits: (0..options.connections).map(|_| Visit::nobody()).collect(),
            copies: VecDeque::new(),
            heads: Heads {
                enter: head("POST", &format!("{campaign}/entries"), &json),
                document: head("GET", &campaign, &[]),
                status: head("GET", &format!("{campaign}/status"), &[]),
            },
            body: Vec::with_capacity(1_024),
            acknowledgements: Acknowledgements::new(options.seed),
        }
    }

    /// The step the person on `connection` takes next; the next person's when one has left.
    fn next_errand(&mut self, connection: usize) -> Option<Errand> {
        loop {
            let visit = &mut self.visits[connection];
            let Some(&step) = visit.persona.steps.get(visit.step) else {
                if self.next_person >= self.options.people {
                    return None;
                }
                let person = self.options.first_person + self.next_person;
                self.next_person += 1;
                visit.arrive(person, persona(self.options.seed, person));
                continue;
            };
            let needs_receipt = matches!(step, Step::Cancel | Step::Result);
            if needs_receipt && visit.receipt.is_empty() {
                self.step_on(connection);
                continue;
            }
            let is_new = matches!(step, Step::Enter | Step::EnterTwice | Step::Mistyped(_));
            if is_new && !visit.unknown {
                visit.serial += 1;
            }
            let errand =
                Errand { person: visit.person, serial: visit.serial, step, is_copy: false };
            if step == Step::EnterTwice && !visit.unknown {
                self.copies.push_back(Errand { is_copy: true, ..errand });
            }
            return Some(errand);
        }
    }

    fn step_on(&mut self, connection: usize) {
        let visit = &mut self.visits[connection];
        visit.step += 1;
        visit.unknown = false;
        if visit.step == visit.persona.steps.len() {
            self.progress.add_person();
        }
    }

    fn write(&mut self, connection: usize, errand: Errand, request: &mut Vec<u8>) {
        let mistake = match errand.step {
            Step::Document => return self.heads.document.write(request, &[], b""),
            Step::Status => return self.heads.status.write(request, &[], b""),
            Step::Cancel => return self.write_entry_call("DELETE", connection, request),
            Step::Result => return self.write_entry_call("GET", connection, request),
            Step::Mistyped(mistake) => Some(mistake),
            Step::Enter | Step::EnterTwice | Step::Repeat => None,
        };
        self.write_entry(errand, mistake, request);
    }

    fn write_entry(&mut self, errand: Errand, mistake: Option<Mistake>, request: &mut Vec<u8>) {
        let (person, serial) = (errand.person, errand.serial);
        let mixed = mix(self.options.seed, u64::from(person) << 32 | u64::from(serial));
        self.body.clear();
        let made_up = self.population.person(u64::from(person));
        self.offer.write_entry(&mut self.body, &made_up, mixed, mistake);
        let key = RequestKey { crowd: self.options.seed, person, serial }.text();
        self.heads.enter.write(request, &[("idempotency-key", &key)], &self.body);
    }

    fn write_entry_call(&self, method: &str, connection: usize, request: &mut Vec<u8>) {
        let path = format!("/v1/entries/{}", self.visits[connection].receipt);
        Head::new(method, &path, self.options.address, &[]).write(request, &[], b"");
    }

    fn told(&mut self, connection: usize, errand: Errand, response: &Response<'_>) -> bool {
        let is_page = matches!(errand.step, Step::Document | Step::Status);
        let body = if is_page && response.status == 200 { b"" } else { response.body };
        let document = serde_json::from_slice::<Document<'_>>(body).ok();
        let code = code(errand.step, response, document.as_ref());
        self.progress.add_outcome(code);
        let act = match errand.step {
            Step::Document | Step::Status | Step::Result => None,
            Step::Cancel => Some(Act::Cancel),
            Step::Enter | Step::EnterTwice | Step::Repeat | Step::Mistyped(_) => Some(Act::Enter),
        };
        let receipt = document.as_ref().and_then(|document| document.receipt.as_deref());
        if let Some(act) = act {
            self.acknowledgements.add(&Told {
                person: errand.person,
                serial: errand.serial,
                act,
                status: response.status,
                code,
                number: document.as_ref().and_then(|document| document.number),
                receipt,
            });
        }
        if errand.is_copy {
            if is_come_again(response.status) {
                self.copies.push_back(errand);
                // Whoever sends it next was turned away just now, too.
                self.visits[connection].pause(told_to_wait(response), 0);
            }
        } else {
            self.react(connection, response, code, receipt.filter(|_| act == Some(Act::Enter)));
        }
        response.status < 500 && code != Code::UNREADABLE
    }

    /// What the person does about an answer.
    fn react(
        &mut self,
        connection: usize,
        response: &Response<'_>,
        code: Code,
        receipt: Option<&str>,
    ) {
        let visit = &mut self.visits[connection];
        let jitter = below(mix(u64::from(visit.person), u64::from(visit.serial)), 200);
        if is_come_again(response.status) {
            visit.wait(told_to_wait(response), jitter);
            return;
        }
        if let Some(receipt) = receipt {
            visit.receipt.clear();
            visit.receipt.push_str(receipt);
        }
        match code.as_str() {
            "not-open-yet" | "paused" => return visit.wait(300, jitter),
            "closed" | "cap-reached" => visit.step = visit.persona.steps.len() - 1,
            "cancelled" => visit.receipt.clear(),
            "sold-out" if visit.tries < TRIES_MAX => {
                visit.tries += 1;
                visit.unknown = false;
                return;
            }
            _ => {}
        }
        self.step_on(connection);
    }
}

impl Script for Behaviour<'_> {
    fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next {
        if let Some(wait) = self.visits[connection].wait.take() {
            return Next::Wait(wait);
        }
        let copy = self.copies.pop_front();
        let Some(errand) = copy.or_else(|| self.next_errand(connection)) else {
            return Next::Finished;
        };
        self.write(connection, errand, request);
        self.visits[connection].in_flight = Some(errand);
        Next::Send
    }

    fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        let Some(response) = http::parse(received)? else { return Ok(Answer::Incomplete) };
        let errand = self.visits[connection].in_flight.take();
        let errand = errand.expect("an answer comes only to a request in flight");
        let expected = self.told(connection, errand, &response);
        Ok(Answer::Complete { bytes: response.bytes, expected, keep: response.keep })
    }

    fn lost(&mut self, connection: usize) {
        self.progress.add_outcome(Code::LOST);
        let visit = &mut self.visits[connection];
        match visit.in_flight.take() {
            Some(errand) if errand.is_copy => self.copies.push_back(errand),
            Some(_) => visit.unknown = true,
            None => {}
        }
    }
}

impl Visit {
    /// Nobody: every step is done.
    fn nobody() -> Self {
        static NOBODY: Persona = Persona { name: "nobody", per_mille: 0, steps: &[] };
        Self {
            person: 0,
            persona: &NOBODY,
            step: 0,
            tries: 0,
            serial: 0,
            receipt: String::new(),
            unknown: false,
            wait: None,
            in_flight: None,
        }
    }

    fn arrive(&mut self, person: u32, persona: &'static Persona) {
        (self.person, self.persona) = (person, persona);
        (self.step, self.tries, self.serial, self.unknown) = (0, 1, 0, false);
        self.receipt.clear();
    }

    fn wait(&mut self, millis: u64, jitter_millis: u64) {
        self.pause(millis, jitter_millis);
        self.unknown = true;
    }

    fn pause(&mut self, millis: u64, jitter_millis: u64) {
        let millis = millis.min(WAIT_MILLIS_MAX) + jitter_millis;
        self.wait = Some(Duration::from_millis(millis));
    }
}

/// Whether the server asks for the same request again, later.
const fn is_come_again(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// Milliseconds after which whoever is turned away may come again.
fn told_to_wait(response: &Response<'_>) -> u64 {
    response.retry_after_seconds.map_or(200, |after| u64::from(after) * 1_000)
}

fn code(step: Step, response: &Response<'_>, document: Option<&Document<'_>>) -> Code {
    let is_good = matches!(response.status, 200..=299);
    match (step, document) {
        (Step::Document | Step::Status, _) if is_good => Code::PAGE,
        (Step::Result, Some(_)) if is_good => Code::LOOK_UP,
        (_, None) => Code::UNREADABLE,
        (_, Some(document)) => {
            let named = if is_good { &document.outcome } else { &document.code };
            named.as_deref().map_or(Code::UNREADABLE, Code::of)
        }
    }
}
