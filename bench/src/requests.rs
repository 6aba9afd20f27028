//! The requests that are measured: rendered once, and patched person by person.
//!
//! Owns: templates of requests, and the script that sends them over HTTP. Never: spends more on
//! a request than copying it; the generator shares its cores with the servers it measures.
//! Invariants: no two entries of one maker have a person or a request id in common.

use anyhow::{Context, Result, bail};
use crowd::acknowledgement::RequestKey;
use crowd::http::{self, Head};
use crowd::load::{self, Answer, Next, Plan, Report, Script};
use crowd::{CrowdError, Loopback, Population};
use memchr::memmem;
use std::ops::Range;

/// Decides who is made up.
const SEED: u64 = 20_200_202;

/// Writes one request after the other.
pub trait Maker {
    /// Appends the next request.
    fn write(&mut self, request: &mut Vec<u8>);
}

/// A text with the places of one person in it.
#[derive(Clone, Debug)]
struct Template {
    bytes: Vec<u8>,
    key: Option<Range<usize>>,
    id_number: Range<usize>,
    phone: Range<usize>,
    name: Range<usize>,
}

impl Template {
    /// Finds the places of person 0 in `bytes`.
    fn of(bytes: Vec<u8>) -> Self {
        let person = Population::new(SEED).person(0);
        let place = |part: &[u8]| {
            let mut windows = bytes.windows(part.len());
            windows.position(|window| window == part).map(|start| start..start + part.len())
        };
        let there = "a template is rendered with person 0";
        Self {
            key: place(&key(0)),
            id_number: place(person.id_number().as_bytes()).expect(there),
            phone: place(person.phone().as_bytes()).expect(there),
            name: place(person.name().as_bytes()).expect(there),
            bytes,
        }
    }

    fn write(&self, number: u64, request: &mut Vec<u8>) {
        let person = Population::new(SEED).person(number);
        let start = request.len();
        request.extend_from_slice(&self.bytes);
        let mut put = |place: &Range<usize>, part: &[u8]| {
            request[start + place.start..start + place.end].copy_from_slice(part);
        };
        put(&self.id_number, person.id_number().as_bytes());
        put(&self.phone, person.phone().as_bytes());
        put(&self.name, person.name().as_bytes());
        if let Some(place) = &self.key {
            put(place, &key(number));
        }
    }
}

fn key(number: u64) -> [u8; 32] {
    let person = u32::try_from(number).expect("a population has fewer than 2^32 people");
    RequestKey { crowd: SEED, person, serial: 1 }.text()
}

fn identity() -> String {
    let person = Population::new(SEED).person(0);
    format!(
        r#""identity":{{"name":"{}","id_number":"{}","phone":"{}"}}"#,
        person.name(),
        person.id_number(),
        person.phone()
    )
}

const PLACE: &str = r#""choices":[{"outlet":"shop","item":"mask","slot":"day"}],"units":1"#;
const JSON: (&str, &str) = ("content-type", "application/json");

/// Entries, each of another person.
#[derive(Clone, Debug)]
pub struct Entries {
    template: Template,
    next: u64,
}

impl Entries {
    /// Entries in `campaign`, from the person with number `first`.
    #[must_use]
    pub fn new(campaign: &str, address: Loopback, first: u64) -> Self {
        let mut bytes = Vec::new();
        let body = format!("{{{},{PLACE}}}", identity());
        Head::new("POST", &format!("/v1/campaigns/{campaign}/entries"), address, &[JSON]).write(
            &mut bytes,
            &[("idempotency-key", &key(0))],
            body.as_bytes(),
        );
        Self { template: Template::of(bytes), next: first }
    }
}

impl Maker for Entries {
    fn write(&mut self, request: &mut Vec<u8>) {
        self.template.write(self.next, request);
        self.next += 1;
    }
}

/// Batches of entries, each of other people.
#[derive(Clone, Debug)]
pub struct Batches {
    head: Head,
    template: Template,
    size: u64,
    next: u64,
    body: Vec<u8>,
}

impl Batches {
    /// Batches of `size` entries, from the person with number `first`.
    #[must_use]
    pub fn new(campaign: &str, address: Loopback, token: &str, size: u64, first: u64) -> Self {
        let key = key(0);
        let key = std::str::from_utf8(&key).expect("a request key is hexadecimal");
        let entry = format!(r#"{{"idempotency_key":"{key}",{},{PLACE}}}"#, identity());
        let bearer = format!("Bearer {token}");
        let headers = [JSON, ("authorization", bearer.as_str())];
        let path = format!("/v1/campaigns/{campaign}/entries:batch");
        Self {
            head: Head::new("POST", &path, address, &headers),
            template: Template::of(entry.into_bytes()),
            size,
            next: first,
            body: Vec::new(),
        }
    }
}

impl Maker for Batches {
    fn write(&mut self, request: &mut Vec<u8>) {
        self.body.clear();
        self.body.extend_from_slice(br#"{"entries":["#);
        for index in 0..self.size {
            if index > 0 {
                self.body.push(b',');
            }
            self.template.write(self.next, &mut self.body);
            self.next += 1;
        }
        self.body.extend_from_slice(b"]}");
        self.head.write(request, &[], &self.body);
    }
}

/// Look-ups by identity, of people who have entered.
#[derive(Clone, Debug)]
pub struct Finds {
    template: Template,
    people: u64,
    next: u64,
}

impl Finds {
    /// Look-ups of the people from 0 to `people`, over and over.
    #[must_use]
    pub fn new(campaign: &str, address: Loopback, people: u64) -> Self {
        let mut bytes = Vec::new();
        let body = format!("{{{}}}", identity());
        let path = format!("/v1/campaigns/{campaign}/find");
        Head::new("POST", &path, address, &[JSON]).write(&mut bytes, &[], body.as_bytes());
        Self { template: Template::of(bytes), people, next: 0 }
    }
}

impl Maker for Finds {
    fn write(&mut self, request: &mut Vec<u8>) {
        self.template.write(self.next % self.people, request);
        self.next += 1;
    }
}

/// Look-ups by receipt.
#[derive(Clone, Debug)]
pub struct Receipts {
    requests: Vec<Vec<u8>>,
    next: usize,
}

impl Receipts {
    /// Look-ups of these receipts, over and over.
    ///
    /// # Errors
    /// When there is no receipt.
    pub fn new(address: Loopback, receipts: &[String]) -> Result<Self> {
        if receipts.is_empty() {
            bail!("no entry was answered with a receipt");
        }
        let request = |receipt: &String| {
            let mut bytes = Vec::new();
            let path = format!("/v1/entries/{receipt}");
            Head::new("GET", &path, address, &[]).write(&mut bytes, &[], b"");
            bytes
        };
        Ok(Self { requests: receipts.iter().map(request).collect(), next: 0 })
    }
}

impl Maker for Receipts {
    fn write(&mut self, request: &mut Vec<u8>) {
        request.extend_from_slice(&self.requests[self.next]);
        self.next = (self.next + 1) % self.requests.len();
    }
}

/// Which answers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The HTTP status.
    pub status: u16,
    /// How many entries of the answer must be booked; a batch tells each apart. 0: none is looked
    /// for.
    pub booked: usize,
}

impl Expected {
    /// Every answer with this status counts.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self { status, booked: 0 }
    }

    fn is_met(self, status: u16, body: &[u8]) -> bool {
        let booked = || memmem::find_iter(body, br#""outcome":"booked""#).count();
        status == self.status && (self.booked == 0 || booked() == self.booked)
    }
}

/// A maker's requests over HTTP.
struct Http<'a> {
    maker: &'a mut dyn Maker,
    expected: Expected,
    /// The first answer of another kind, for the error.
    other: Option<String>,
    receipts: Option<&'a mut Vec<String>>,
}

impl Script for Http<'_> {
    fn request(&mut self, _connection: usize, request: &mut Vec<u8>) -> Next {
        self.maker.write(request);
        Next::Send
    }

    fn answer(&mut self, _connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        let Some(response) = http::parse(received)? else { return Ok(Answer::Incomplete) };
        let expected = self.expected.is_met(response.status, response.body);
        if !expected && self.other.is_none() {
            let body = &response.body[..response.body.len().min(500)];
            self.other = Some(format!("{} {}", response.status, String::from_utf8_lossy(body)));
        }
        if let (true, Some(receipts)) = (expected, &mut self.receipts) {
            receipts.extend(receipt(response.body));
        }
        Ok(Answer::Complete { bytes: response.bytes, expected, keep: response.keep })
    }
}

fn receipt(body: &[u8]) -> Option<String> {
    let document: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(document.get("receipt")?.as_str()?.to_owned())
}

/// Sends `maker`'s requests as planned, and counts the answers that are as expected.
///
/// # Errors
/// When the server cannot be reached, or not one answer is as expected.
pub fn send(
    address: Loopback,
    plan: &Plan,
    maker: &mut dyn Maker,
    expected: Expected,
) -> Result<Report> {
    send_and_keep(address, plan, maker, expected, None)
}

/// Sends exactly `count` requests, and returns the receipts in the answers.
///
/// # Errors
/// When the server cannot be reached, or an answer is not as expected.
pub fn fill(
    address: Loopback,
    connections: usize,
    count: u64,
    maker: &mut dyn Maker,
    expected: Expected,
) -> Result<Vec<String>> {
    let hour = std::time::Duration::from_secs(types::limits::LOAD_SECONDS_MAX);
    let plan = Plan {
        requests_max: count,
        warm_up: std::time::Duration::ZERO,
        ..Plan::closed(connections, hour)
    };
    let mut receipts = Vec::new();
    let report = send_and_keep(address, &plan, maker, expected, Some(&mut receipts))?;
    let as_expected = report.answered - report.unexpected;
    if as_expected != count {
        bail!("of {count} requests to fill the server, {as_expected} were answered as expected");
    }
    Ok(receipts)
}

fn send_and_keep(
    address: Loopback,
    plan: &Plan,
    maker: &mut dyn Maker,
    expected: Expected,
    receipts: Option<&mut Vec<String>>,
) -> Result<Report> {
    let mut script = Http { maker, expected, other: None, receipts };
    let report = load::run(address, plan, &mut script, None).context("the load was not sent")?;
    if report.measured == 0 {
        let other = script.other.unwrap_or_else(|| "no answer at all".to_owned());
        bail!("not one of {} answers was as expected; the first: {other}", report.answered);
    }
    Ok(report)
}
