//! What was asked and what was told: the clients' own records.
//!
//! Owns: every request, when it was first sent, its first acknowledgement, and what is unknown.
//! Never: believes the program; a later answer is compared with the first, byte for byte.
//! Invariants: an acknowledgement, once recorded, does not change; a request without an answer is
//! unknown, never failed, and is asked again under the same request id until it is known.

use crate::change::Book;
use crate::operators::Call;
use crate::site::OUTLETS;
use crowd::acknowledgement::{REQUEST_KEY_CHARS, RequestKey};
use crowd::mix;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Tells which requests are not sent again from other decisions.
const NOT_TAKEN: u64 = 0x6e6f_7420_7461_6b65;
/// Problems kept as text; the others are counted.
const PROBLEMS_SHOWN_MAX: usize = 20;

/// Whom a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// The public API.
    Public,
    /// The operators' API.
    Counter,
    /// The batch call of the public API, for the same requests as the public desk.
    FrontEnd,
}

impl Desk {
    /// Whose requests are sent again here: those of the public desk and its batches are the same.
    #[must_use]
    pub const fn queue(self) -> usize {
        match self {
            Self::Public | Self::FrontEnd => 0,
            Self::Counter => 1,
        }
    }
}

/// What was asked for. The places are those of the entry's own request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A person wants units.
    Enter {
        /// The person's number.
        person: u32,
    },
    /// The person gives them back.
    Cancel {
        /// Place of the entry's request.
        entry: usize,
    },
    /// A counter hands them out.
    Redeem {
        /// Place of the entry's request.
        entry: usize,
    },
}

/// What became of a request, as far as its client knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// No answer yet.
    Nothing,
    /// Accepted, with this answer.
    Accepted(Told),
    /// Refused by the rules: nothing changed, and nothing is promised.
    Refused,
    /// Told that it was not taken, and never sent again: nothing came of it.
    NotTaken,
}

/// The first acknowledgement of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The HTTP status.
    pub status: u16,
    /// The body; of a redemption, without the word whether it is repeated.
    pub body: Box<str>,
    /// The entry's number.
    pub number: u64,
    /// Units of a booking, with its outlet's place in [`OUTLETS`].
    pub booked: Option<(usize, u64)>,
    /// When it came, in nanoseconds since the trial began.
    pub at: u64,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What for.
    pub act: Act,
    /// When it was sent for the first time, in nanoseconds since the trial began.
    pub first_sent: u64,
    /// How often no answer came.
    pub lost: u32,
    /// What is known.
    pub known: Known,
}

impl Asked {
    /// Whom it goes to.
    #[must_use]
    pub const fn desk(&self) -> Desk {
        match self.act {
            Act::Enter { .. } | Act::Cancel { .. } => Desk::Public,
            Act::Redeem { .. } => Desk::Counter,
        }
    }

    /// The acknowledgement, if there is one.
    #[must_use]
    pub const fn told(&self) -> Option<&Told> {
        match &self.known {
            Known::Accepted(told) => Some(told),
            Known::Nothing | Known::Refused | Known::NotTaken => None,
        }
    }

    /// Refused after a sending that may have come to something: asking once more tells.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        0 < self.lost && self.known == Known::Refused
    }
}

/// An entry that was refused because nobody could enter just then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Place of the request.
    pub place: usize,
    /// By a cap rather than a pause.
    pub by_cap: bool,
    /// When the request was sent for the first time.
    pub first_sent: u64,
    /// When the refusal came.
    pub at: u64,
}

/// How much there was of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were acknowledged.
    pub acknowledged: u64,
    /// Acknowledgements that were asked for again, and compared.
    pub compared: u64,
    /// Sendings whose outcome was unknown.
    pub unknown: u64,
    /// Requests refused by the rules.
    pub refused: u64,
    /// Sendings that were shed with 503 and a time to come again.
    pub shed: u64,
    /// Requests that were shed, and never sent again: they must come to nothing.
    pub not_taken: u64,
    /// Acknowledged entries looked for in the journal before anything was sent again.
    pub looked: u64,
    /// Entries read by their receipts before anything was sent again.
    pub read: u64,
    /// Batches that were answered.
    pub batches: u64,
    /// Entries in them.
    pub batched: u64,
    /// Entries refused by a pause or a cap.
    pub stopped: u64,
    /// Operators' changes that were answered.
    pub changes: u64,
    /// Operators' changes without an answer that the record has.
    pub changes_found: u64,
}

/// All requests of a trial, shared by its clients.
#[derive(Debug)]
pub struct Records {
    seed: u64,
    began: Instant,
    /// The same in milliseconds since 1970.
    began_at: u64,
    inner: Mutex<Inner>,
}

/// What the lock guards.
#[derive(Debug, Default)]
pub struct Inner {
    /// All requests, in the order of their first sending.
    pub asked: Vec<Asked>,
    /// Places of requests to be sent again, by [`Desk::queue`].
    pub unknown: [VecDeque<usize>; 2],
    /// Places of accepted entries, in the order of their acknowledgement.
    pub entries: Vec<usize>,
    /// How much there was.
    pub counts: Counts,
    /// People so far.
    pub people: u32,
    /// How often everything was asked again: it decides what goes by the batch.
    pub turn: u64,
    /// The operators' own books.
    pub book: Book,
    /// A change's call that nobody waits for at the moment.
    pub call: Option<Call>,
    /// Refusals by a pause or a cap that were not looked at yet.
    pub stops: Vec<Stop>,
    /// Codes of answers that turned requests away, to see which there were.
    pub shed_codes: Vec<String>,
    problems: Vec<String>,
    problems_count: u64,
}

impl Records {
    /// Nothing asked yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let began_at = since.expect("it is after 1970").as_millis() as u64;
        Self { seed, began: Instant::now(), began_at, inner: Mutex::default() }
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Nanoseconds since the trial began.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.began.elapsed().as_nanos() as u64
    }

    /// Milliseconds since 1970 of so many nanoseconds since the trial began.
    #[must_use]
    pub const fn moment(&self, nanos: u64) -> u64 {
        self.began_at + nanos / 1_000_000
    }

    /// The records, for one look or change.
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        // A client that panicked has failed the trial; what it wrote is whole all the same.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request id of the request at a place.
    #[must_use]
    pub fn key(&self, place: usize) -> [u8; REQUEST_KEY_CHARS] {
        let serial = u32::try_from(place).expect("a trial has fewer requests than 2^32");
        RequestKey { crowd: self.seed, person: 0, serial }.text()
    }

    /// How much there was of everything.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// A promise that was not kept.
    pub fn problem(&self, text: String) {
        self.lock().problem(text);
    }

    /// The promises that were not kept: how many, and the first of them.
    #[must_use]
    pub fn problems(&self) -> (u64, String) {
        let inner = self.lock();
        (inner.problems_count, inner.problems.join("\n"))
    }

    /// Takes note of an answer that accepted or refused the request at a place.
    pub fn answered(&self, place: usize, status: u16, body: &[u8]) {
        let now = self.now();
        self.lock().answered(place, status, &String::from_utf8_lossy(body), now);
    }
}

impl Inner {
    /// A new request, sent now; its place.
    pub fn add(&mut self, act: Act, first_sent: u64) -> usize {
        self.asked.push(Asked { act, first_sent, lost: 0, known: Known::Nothing });
        self.asked.len() - 1
    }

    /// No answer came to the request at a place: unknown, and to be asked again.
    pub fn lost(&mut self, place: usize) {
        let asked = &mut self.asked[place];
        asked.lost += 1;
        self.counts.unknown += 1;
        let queue = asked.desk().queue();
        self.unknown[queue].push_back(place);
    }

    /// The request at a place was not taken. Some are sent again later; the others never, since
    /// only of these it stays visible that nothing came of them.
    pub fn shed(&mut self, place: usize, code: &str) {
        self.counts.shed += 1;
        if !self.shed_codes.iter().any(|known| known == code) {
            self.shed_codes.push(code.to_owned());
        }
        let asked = &mut self.asked[place];
        let is_nothing = asked.lost == 0 && asked.known == Known::Nothing;
        if is_nothing && mix(place as u64, NOT_TAKEN).is_multiple_of(2) {
            asked.known = Known::NotTaken;
            self.counts.not_taken += 1;
        }
        if asked.known != Known::NotTaken {
            let queue = asked.desk().queue();
            self.unknown[queue].push_back(place);
        }
    }

    /// A promise that was not kept.
    pub fn problem(&mut self, text: String) {
        self.problems_count += 1;
        if self.problems.len() < PROBLEMS_SHOWN_MAX {
            self.problems.push(text);
        }
    }

    fn answered(&mut self, place: usize, status: u16, body: &str, now: u64) {
        let asked = &self.asked[place];
        let body = match asked.act {
            Act::Redeem { .. } => without_repeated(body),
            Act::Enter { .. } | Act::Cancel { .. } => body.to_owned(),
        };
        match (&asked.known, status) {
            (Known::Accepted(told), _) => {
                self.counts.compared += 1;
                if (told.status, &*told.body) != (status, body.as_str()) {
                    let text = format!(
                        "request {place} ({:?}) was told {} {}\n  and asked again {status} {body}",
                        asked.act, told.status, told.body
                    );
                    self.problem(text);
                }
            }
            (_, 200..=299) => match read(status, body, now) {
                Some(told) => self.accepted(place, told),
                None => self.problem(format!("request {place}: an answer that tells nothing")),
            },
            (_, 409) => self.refused(place, &body, now),
            _ => {
                let text = format!("request {place} ({:?}) got {status} {body}", asked.act);
                self.problem(text);
            }
        }
    }

    fn accepted(&mut self, place: usize, told: Told) {
        let asked = &mut self.asked[place];
        asked.known = Known::Accepted(told);
        self.counts.acknowledged += 1;
        if let Act::Enter { .. } = asked.act {
            self.entries.push(place);
        }
    }

    fn refused(&mut self, place: usize, body: &str, now: u64) {
        let asked = &mut self.asked[place];
        let code = serde_json::from_str::<Value>(body).ok();
        let code = code.as_ref().and_then(|body| body.get("code")?.as_str());
        let code = code.unwrap_or_default();
        let is_expected = match asked.act {
            Act::Enter { .. } => {
                matches!(code, "sold-out" | "already-in" | "paused" | "cap-reached")
            }
            Act::Cancel { .. } => code == "already-redeemed",
            Act::Redeem { .. } => matches!(code, "already-cancelled" | "already-redeemed"),
        };
        if asked.known == Known::Nothing {
            self.counts.refused += 1;
        }
        asked.known = Known::Refused;
        if matches!(code, "paused" | "cap-reached") {
            let (by_cap, first_sent) = (code == "cap-reached", asked.first_sent);
            self.stops.push(Stop { place, by_cap, first_sent, at: now });
            self.counts.stopped += 1;
        }
        if !is_expected {
            let text = format!("request {place} ({:?}) was refused with {code}", asked.act);
            self.problem(text);
        }
    }
}

/// A number from the seed for the `step`th decision of somebody.
#[must_use]
pub fn decide(seed: u64, who: u64, step: u64) -> u64 {
    mix(mix(seed, who), step)
}

/// A repeated redemption says that it is one, which is the only byte that may differ.
fn without_repeated(body: &str) -> String {
    body.replace(",\"repeated\":true", "").replace(",\"repeated\":false", "")
}

fn read(status: u16, body: String, at: u64) -> Option<Told> {
    let document: Value = serde_json::from_str(&body).ok()?;
    let number = document.get("number")?.as_u64()?;
    let booked = document.get("booking").and_then(|booking| {
        let outlet = booking.get("outlet")?.as_str()?;
        let outlet = OUTLETS.iter().position(|(code, _)| *code == outlet)?;
        Some((outlet, booking.get("units")?.as_u64()?))
    });
    Some(Told { status, body: body.into_boxed_str(), number, booked, at })
}

/// A member of an acknowledgement.
#[must_use]
pub fn member(told: &Told, name: &str) -> Option<String> {
    let document: Value = serde_json::from_str(&told.body).ok()?;
    Some(document.get(name)?.as_str()?.to_owned())
}
