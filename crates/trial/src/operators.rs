//! An operator amid the load: stock added, replaced and withdrawn, a cap, a pause.
//!
//! Owns: the calls, and the search in the record for what had no answer. Never: asks again for a
//! change before its call is over and the record does not have it: a change has no request id,
//! and done twice it would count twice.
//! On failure: what had no answer stays unknown until [`settle`].

use crate::change::{Book, What, reason};
use crate::error::TrialError;
use crate::record::{Inner, Records, decide};
use crate::site::{CAMPAIGN, OUTLETS, Site};
use crowd::http::{self, Head};
use crowd::mix;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How long an answer is awaited before the operator looks whether to go on waiting.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it is awaited at last, from a program that serves.
const PATIENCE_AT_LAST: Duration = Duration::from_secs(10);
/// Before a change that was not taken is sent again.
const COME_AGAIN: Duration = Duration::from_millis(20);
/// After a change, up to so many milliseconds; after a pause, so many more.
const REST_MILLIS: u64 = 4;
const PAUSE_MILLIS: u64 = 6;
/// Of 100 changes, so many are of each kind; the rest withdraw.
const PAUSES: u64 = 6;
const CAPS: u64 = 8;
const REPLACEMENTS: u64 = 15;
const ADDITIONS: u64 = 30;
/// Units that one change moves, at most.
const UNITS_MAX: u64 = 40;
/// A cap lies above the entries there are by at most so many.
const CAP_ABOVE_MAX: u64 = 200;
/// The newest of the record among which a change is searched for.
const RECORD_MAX: usize = 50;

/// A call under way.
#[derive(Debug)]
pub struct Call {
    stream: TcpStream,
    received: Vec<u8>,
}

/// How a call stands.
enum Stands {
    /// The answer is there.
    Answered(u16, String),
    /// None yet.
    Silent,
    /// There will be none: the connection is gone.
    Gone,
}

/// Makes changes until told to stop, or until the program is gone.
pub fn work(site: &Site<'_>, records: &Records, who: u64, stop: &AtomicBool) {
    let mut step = 0;
    while !stop.load(Relaxed) {
        step += 1;
        let decision = decide(records.seed(), who, step);
        let request = {
            let now = records.now();
            let mut inner = records.lock();
            if inner.book.unknown().is_none() {
                let entries = inner.entries.len() as u64;
                let what = next(&inner.book, entries, decision);
                inner.book.add(what, now);
            }
            request(site, &inner.book)
        };
        let mut call = Call::begin(site, &request);
        loop {
            match call.wait(PATIENCE) {
                Stands::Answered(status, body) if is_not_taken(status, &body) => {
                    thread::sleep(COME_AGAIN);
                }
                Stands::Answered(503, _) | Stands::Gone => return,
                Stands::Answered(status, body) => answered(records, status, &body),
                Stands::Silent if stop.load(Relaxed) => {
                    // It may still be answered: whoever settles it waits for that first.
                    records.lock().call = call;
                    return;
                }
                Stands::Silent => continue,
            }
            break;
        }
        thread::sleep(rest(&records.lock(), mix(decision, 9)));
    }
}

/// Finds out what became of a change without an answer: waits for it, searches the record, and
/// asks again when it is not there.
///
/// # Errors
/// When the program does not answer.
pub fn settle(site: &Site<'_>, records: &Records) -> Result<(), TrialError> {
    let mut call = records.lock().call.take();
    loop {
        let Some(place) = records.lock().book.unknown() else { return Ok(()) };
        match call.wait(PATIENCE_AT_LAST) {
            Stands::Answered(status, body) if is_not_taken(status, &body) => {
                thread::sleep(COME_AGAIN);
            }
            Stands::Answered(503, _) | Stands::Gone => {}
            Stands::Answered(status, body) => {
                answered(records, status, &body);
                continue;
            }
            Stands::Silent => {
                return Err(TrialError::no_answer(reason(place))(ErrorKind::TimedOut.into()));
            }
        }
        let path = format!("/v1/operator/actions?campaign={CAMPAIGN}&limit={RECORD_MAX}");
        let record = site.ask_operator(&path)?;
        let word = |action: &Value, name: &str| {
            action.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut actions = record.as_array().into_iter().flatten();
        match actions.find(|action| word(action, "reason") == reason(place)) {
            Some(action) => {
                let now = records.now();
                let (outcome, detail) = (word(action, "outcome"), word(action, "detail"));
                let mut inner = records.lock();
                let told = inner.book.found(&outcome, &detail, now);
                inner.counts.changes_found += 1;
                judge(&mut inner, told);
            }
            None => {
                let request = request(site, &records.lock().book);
                call = Call::begin(site, &request);
            }
        }
    }
}

/// Takes note of an answer.
fn answered(records: &Records, status: u16, body: &str) {
    let now = records.now();
    let mut inner = records.lock();
    let told = inner.book.answered(status, body, now);
    inner.counts.changes += 1;
    judge(&mut inner, told);
}

fn judge(inner: &mut Inner, told: Result<(), String>) {
    if let Err(problem) = told {
        inner.problem(problem);
    }
}

/// Turned away before it was sequenced. `failed` may have come to something.
fn is_not_taken(status: u16, body: &str) -> bool {
    matches!(status, 429 | 503) && !body.contains("\"code\":\"failed\"")
}

fn next(book: &Book, entries: u64, decision: u64) -> What {
    let (kind, which) = (decision % 100, mix(decision, 1));
    let standing = book.standing();
    if standing.paused {
        return What::Resume;
    }
    if standing.cap.is_some() && !which.is_multiple_of(3) {
        return What::Cap { entries: None };
    }
    // The first three are those that sell out.
    let outlet = (which >> 8) as usize % 4;
    let units = 1 + (which >> 16) % UNITS_MAX;
    let mut rest = kind;
    let mut is = |share: u64| {
        let is_it = rest < share;
        rest = rest.wrapping_sub(share);
        is_it
    };
    if is(PAUSES) {
        What::Pause
    } else if is(CAPS) {
        let cap = entries + 1 + which % CAP_ABOVE_MAX;
        // The cap in force once more would be refused, rightly.
        if standing.cap == Some(cap) { What::Pause } else { What::Cap { entries: Some(cap) } }
    } else if is(REPLACEMENTS) {
        let now = standing.on_offer(outlet);
        let more = (which >> 24).is_multiple_of(2);
        let on_offer = if more { now + units } else { now.saturating_sub(units) };
        What::Replace { outlet, on_offer }
    } else if is(ADDITIONS) {
        What::Add { outlet, units }
    } else {
        What::Withdraw { outlet, most: units }
    }
}

fn rest(inner: &Inner, chance: u64) -> Duration {
    let paused = inner.book.standing().paused;
    let millis = if paused { REST_MILLIS + PAUSE_MILLIS } else { REST_MILLIS };
    Duration::from_micros(chance % (millis * 1_000))
}

/// The request for the newest change: the same bytes each time, since no other is between.
fn request(site: &Site<'_>, book: &Book) -> Vec<u8> {
    let place = book.changes().len() - 1;
    let what = book.changes()[place].what;
    let reason = reason(place);
    let row = |outlet: usize, units: u64| format!("{},mask,ever,{units}\n", OUTLETS[outlet].0);
    let stock = |mode: &str, rows: String| {
        let text = format!("outlet,item,slot,units\n{rows}");
        let file = json!({ "name": "stock.csv", "text": text });
        ("stock", json!({ "file": file, "mode": mode, "reason": reason }))
    };
    let (route, body) = match what {
        What::Add { outlet, units } => stock("add", row(outlet, units)),
        What::Replace { outlet, on_offer } => {
            let units = |place| {
                if place == outlet { on_offer } else { book.standing().on_offer(place) }
            };
            stock("replace", (0..OUTLETS.len()).map(|place| row(place, units(place))).collect())
        }
        What::Withdraw { outlet, most } => {
            let outlet = OUTLETS[outlet].0;
            let body =
                json!({ "do": "withdraw", "outlet": outlet, "units": most, "reason": reason });
            ("actions", body)
        }
        What::Cap { entries } => {
            ("actions", json!({ "do": "cap", "entries": entries, "reason": reason }))
        }
        What::Pause => ("actions", json!({ "do": "pause", "reason": reason })),
        What::Resume => ("actions", json!({ "do": "resume", "reason": reason })),
    };
    let path = format!("/v1/operator/campaigns/{CAMPAIGN}/{route}");
    let authorization = site.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let mut request = Vec::new();
    let head = Head::new("POST", &path, site.operator(), &headers);
    head.write(&mut request, &[], body.to_string().as_bytes());
    request
}

impl Call {
    /// Sends a request on a connection of its own; nothing when nobody takes it.
    fn begin(site: &Site<'_>, request: &[u8]) -> Option<Self> {
        let mut stream = TcpStream::connect_timeout(&site.operator().get(), PATIENCE).ok()?;
        stream.write_all(request).ok()?;
        Some(Self { stream, received: Vec::new() })
    }

    fn read(&mut self, patience: Duration) -> Stands {
        let until = Instant::now() + patience;
        let mut chunk = [0; 16 << 10];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Stands::Silent;
            }
            if self.stream.set_read_timeout(Some(left)).is_err() {
                return Stands::Gone;
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Stands::Gone,
                Ok(count) => self.received.extend_from_slice(&chunk[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                    _ => return Stands::Gone,
                },
            }
            match http::parse(&self.received) {
                Ok(None) => {}
                Ok(Some(response)) => {
                    let body = String::from_utf8_lossy(response.body).into_owned();
                    return Stands::Answered(response.status, body);
                }
                Err(_) => return Stands::Gone,
            }
        }
    }
}

/// A call that may be none.
trait Wait {
    /// Waits for its answer; a call that is over is none from then on.
    fn wait(&mut self, patience: Duration) -> Stands;
}

impl Wait for Option<Call> {
    fn wait(&mut self, patience: Duration) -> Stands {
        let Some(call) = self else { return Stands::Gone };
        let stands = call.read(patience);
        if !matches!(stands, Stands::Silent) {
            *self = None;
        }
        stands
    }
}
