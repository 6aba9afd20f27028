//! A look at everything that was acknowledged, before anything is sent again: whatever is asked
//! for again comes back, lost or not.
//!
//! Owns: what must be in the journal for each request, by its request id, and what the program
//! must tell of each entry, by its receipt. Never: sends what changes anything; asks the program
//! for its sums. The journal is read by the auditor's reader and books.
//! Invariants: what was acknowledged is there, with its number, booking, time and end; what was
//! refused or not taken is not; what has no answer may be there; nothing else is.
//! On failure: every breach is a problem in the records.

use crate::error::TrialError;
use crate::record::{Act, Asked, Inner, Records, Told, decide, member};
use crate::site::{CAMPAIGN, OUTLETS, Site};
use audit::books::{Campaign, Fate};
use audit::journal::Folders;
use audit::{Books, Ending, Reader};
use crowd::Loopback;
use crowd::http::{self, Head};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer to a look-up is awaited.
const PATIENCE: Duration = Duration::from_secs(10);
/// By so much the program's clock and ours, which are one, may be read apart, in milliseconds.
const APART_MILLIS: u64 = 1_000;
/// Tells the choice of what is read from other decisions.
const SAMPLE: u64 = 0x6c_6f6f_6b73;

/// Milliseconds since 1970.
type Moment = u64;

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing.
    None,
    /// It was given up.
    Cancelled(Moment),
    /// It was handed out.
    Redeemed(Moment),
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub number: u64,
    /// When it came.
    pub at: Moment,
    /// The place of its outlet in [`OUTLETS`], and its units.
    pub booked: Option<(usize, u64)>,
    /// What became of it.
    pub end: End,
}

/// The entries of a journal by their request ids.
pub type Rows = BTreeMap<[u8; 16], Row>;

/// What earlier looks saw.
#[derive(Debug, Default)]
pub struct Looks {
    seen: HashMap<usize, Row>,
    /// When the last look was, in nanoseconds since the trial began.
    last: u64,
}

impl Looks {
    /// Looks for everything that was acknowledged in the journal of a program that was started
    /// again, and reads by receipt what is new since the last look and `earlier_max` others.
    ///
    /// # Errors
    /// When the journal cannot be read, or the program does not answer.
    pub fn look(
        &mut self,
        records: &Records,
        site: &Site<'_>,
        earlier_max: usize,
    ) -> Result<(), TrialError> {
        let mut problems = Vec::new();
        let rows = rows(site, &mut problems)?;
        self.compare(records, &rows, &mut problems);
        self.read(records, site, &rows, earlier_max, &mut problems)?;
        self.last = records.now();
        problems.into_iter().for_each(|problem| records.problem(problem));
        Ok(())
    }

    /// Compares what was told with the entries of the journal.
    pub fn compare(&mut self, records: &Records, rows: &Rows, problems: &mut Vec<String>) {
        let mut inner = records.lock();
        let ends = ends(&inner);
        let mut known = 0;
        for (place, asked) in inner.asked.iter().enumerate() {
            let Act::Enter { .. } = asked.act else { continue };
            let row = rows.get(&request_id(&records.key(place)));
            known += u64::from(row.is_some());
            match (row, asked.told()) {
                (None, None) => {}
                (None, Some(told)) => problems.push(format!(
                    "request {place} was acknowledged with number {}, and the journal has no \
                     entry of it",
                    told.number
                )),
                (Some(row), None) if asked.lost == 0 => problems.push(format!(
                    "request {place} was turned away ({:?}), and the journal has number {} of it",
                    asked.known, row.number
                )),
                (Some(row), told) => {
                    if let Some(told) = told {
                        acknowledged(records, (place, asked), told, row, problems);
                    }
                    let acts = ends.get(&place).map(Vec::as_slice).unwrap_or_default();
                    ended(place, row, acts, problems);
                    self.again(place, row, problems);
                }
            }
        }
        if known < rows.len() as u64 {
            let more = rows.len() as u64 - known;
            problems.push(format!("the journal has {more} entries of requests that nobody made"));
        }
        let looked = inner.entries.len() as u64;
        inner.counts.looked += looked;
    }

    /// What was seen before is as it was; an entry ends at most once.
    fn again(&mut self, place: usize, row: &Row, problems: &mut Vec<String>) {
        let Some(before) = self.seen.insert(place, row.clone()) else { return };
        let end = if before.end == End::None { row.end } else { before.end };
        if *row != (Row { end, ..before.clone() }) {
            problems.push(format!("request {place} was {before:?} in the journal, and is {row:?}"));
        }
    }

    /// Reads by receipt: all that is new, and some others.
    fn read(
        &self,
        records: &Records,
        site: &Site<'_>,
        rows: &Rows,
        earlier_max: usize,
        problems: &mut Vec<String>,
    ) -> Result<(), TrialError> {
        let chosen = self.chosen(records, earlier_max);
        let mut reading = Reading { address: site.public(), stream: None };
        for (place, told) in &chosen {
            let Some(row) = rows.get(&request_id(&records.key(*place))) else { continue };
            let receipt = member(told, "receipt").unwrap_or_default();
            let (status, body) = reading.get(&format!("/v1/entries/{receipt}"))?;
            if let Err(what) = shows(status, &body, told, row) {
                problems.push(format!(
                    "request {place} is {row:?} in the journal, and its receipt shows {what}: \
                     {status} {body}"
                ));
            }
        }
        records.lock().counts.read += chosen.len() as u64;
        Ok(())
    }

    fn chosen(&self, records: &Records, earlier_max: usize) -> Vec<(usize, Told)> {
        let inner = records.lock();
        let ends = ends(&inner);
        let is_new = |told: &Told| self.last <= told.at;
        let is_news = |place: &usize, told: &Told| {
            let mut acts = ends.get(place).into_iter().flatten().filter_map(|asked| asked.told());
            is_new(told) || acts.any(is_new)
        };
        let entries = inner.entries.iter();
        let told = entries.filter_map(|place| Some((*place, inner.asked[*place].told()?)));
        let (mut chosen, mut earlier): (Vec<_>, Vec<_>) =
            told.partition(|(place, told)| is_news(place, told));
        let chance = |place: usize| decide(records.seed() ^ SAMPLE, self.last, place as u64);
        earlier.sort_by_key(|(place, _)| chance(*place));
        chosen.extend(earlier.into_iter().take(earlier_max));
        chosen.into_iter().map(|(place, told)| (place, told.clone())).collect()
    }
}

/// Cancellations and redemptions by the place of their entry's request.
fn ends(inner: &Inner) -> HashMap<usize, Vec<&Asked>> {
    let mut ends: HashMap<usize, Vec<&Asked>> = HashMap::new();
    for asked in &inner.asked {
        if let Act::Cancel { entry } | Act::Redeem { entry } = asked.act {
            ends.entry(entry).or_default().push(asked);
        }
    }
    ends
}

/// Number, booking and time are those of the acknowledgement.
fn acknowledged(
    records: &Records,
    (place, asked): (usize, &Asked),
    told: &Told,
    row: &Row,
    problems: &mut Vec<String>,
) {
    if (row.number, row.booked) != (told.number, told.booked) {
        problems.push(format!(
            "request {place} was told number {} and {:?}, the journal has {row:?}",
            told.number, told.booked
        ));
    }
    let (sent, answered) = (records.moment(asked.first_sent), records.moment(told.at));
    if row.at + APART_MILLIS < sent || answered + APART_MILLIS < row.at {
        problems.push(format!(
            "request {place} was sent at {sent} and answered at {answered} ms, the journal has it \
             at {}",
            row.at
        ));
    }
}

/// An entry ended as its owner or the counter was told; or as nobody was told who asked for it.
fn ended(place: usize, row: &Row, acts: &[&Asked], problems: &mut Vec<String>) {
    for asked in acts {
        let Some(told) = asked.told() else { continue };
        let (name, at) = match (asked.act, row.end) {
            (Act::Cancel { .. }, End::Cancelled(at)) => ("cancelled_at", Some(at)),
            (Act::Redeem { .. }, End::Redeemed(at)) => ("redeemed_at", Some(at)),
            _ => ("", None),
        };
        if at.is_none() || moment(&told.body, name) != at {
            problems.push(format!(
                "request {place}: {:?} was told {}, the journal has {:?}",
                asked.act, told.body, row.end
            ));
        }
    }
    let may = |asked: &&Asked| {
        let is_it = match row.end {
            End::None => true,
            End::Cancelled(_) => matches!(asked.act, Act::Cancel { .. }),
            End::Redeemed(_) => matches!(asked.act, Act::Redeem { .. }),
        };
        is_it && (asked.told().is_some() || 0 < asked.lost)
    };
    if row.end != End::None && !acts.iter().any(may) {
        problems.push(format!("request {place} is {:?}, which nobody asked for", row.end));
    }
}

/// What an entry's receipt shows, against the journal.
fn shows(status: u16, body: &str, told: &Told, row: &Row) -> Result<(), &'static str> {
    let document: Value = serde_json::from_str(body).map_err(|_| "what is no document")?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if status != 200 || document.get("number").and_then(Value::as_u64) != Some(row.number) {
        return Err("another entry, or none");
    }
    if let End::Cancelled(at) = row.end {
        let is_so =
            text("outcome") == Some("cancelled") && moment(body, "cancelled_at") == Some(at);
        return if is_so { Ok(()) } else { Err("another end") };
    }
    let booking = document.get("booking");
    let outlet = booking.and_then(|booking| booking.get("outlet")?.as_str());
    let units = booking.and_then(|booking| booking.get("units")?.as_u64());
    let expected = row.booked.map(|(outlet, units)| (OUTLETS[outlet].0, units));
    if text("outcome") != Some("booked") || outlet.zip(units) != expected {
        return Err("another booking");
    }
    if text("code").map(str::to_owned) != member(told, "code") {
        return Err("another code");
    }
    if moment(body, "registered_at") != Some(row.at) {
        return Err("another time");
    }
    let redeemed = match row.end {
        End::Redeemed(at) => Some(at),
        End::None | End::Cancelled(_) => None,
    };
    if moment(body, "redeemed_at") == redeemed { Ok(()) } else { Err("another end") }
}

/// A moment that an answer names.
fn moment(body: &str, name: &str) -> Option<Moment> {
    let document: Value = serde_json::from_str(body).ok()?;
    let at: Timestamp = document.get(name)?.as_str()?.parse().ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

/// The request id of a request key, as `docs/format.md` makes it.
#[must_use]
pub fn request_id(key: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(b"tidegate/request/v1:").chain_update(key).finalize();
    *digest.first_chunk().expect("a digest has 32 bytes")
}

/// The entries of the journal on disk, while the program runs.
fn rows(site: &Site<'_>, problems: &mut Vec<String>) -> Result<Rows, TrialError> {
    let folders = Folders(vec![site.seen("journal")]);
    let (mut reader, mut books) = (Reader::new(&folders, None), Books::new());
    let unreadable = |error: audit::journal::ReadError| TrialError::Answer {
        what: "the journal on disk".to_owned(),
        answer: error.to_string(),
    };
    while let Some(frame) = reader.next_frame().map_err(unreadable)? {
        books.take_frame((frame.no, frame.at), frame.commands, frame.payload, |_, _| None);
    }
    books.close();
    if let Some(Ending::Damaged(damage)) = reader.end().map(|end| &end.ending) {
        problems.push(format!("the journal on disk is damaged: {damage}"));
    }
    problems.extend(books.findings().iter().map(|found| format!("the auditor: {}", found.text)));
    Ok(books.campaign_by_code(CAMPAIGN).map(of_campaign).unwrap_or_default())
}

fn of_campaign(campaign: &Campaign) -> Rows {
    let row = |entry: audit::books::Entry, number: u64| {
        let booked = entry.pool.and_then(|pool| {
            let [code, ..] = campaign.place(&campaign.pools()[pool.index()]);
            let outlet = OUTLETS.iter().position(|(outlet, _)| *outlet == code)?;
            Some((outlet, u64::from(entry.units)))
        });
        let end = match entry.fate {
            Fate::Live => End::None,
            Fate::Cancelled { at } => End::Cancelled(at.0),
            Fate::Redeemed { at } => End::Redeemed(at.0),
        };
        (entry.request.0, Row { number, at: entry.at.0, booked, end })
    };
    let entries = (0..campaign.entries_len()).map(types::EntryNo);
    let entries = entries.filter_map(|no| Some((campaign.entry(no)?, u64::from(no.0) + 1)));
    entries.map(|(entry, number)| row(entry, number)).collect()
}

/// Look-ups one after another on one connection, or on the next when it is closed.
struct Reading {
    address: Loopback,
    stream: Option<TcpStream>,
}

impl Reading {
    fn get(&mut self, path: &str) -> Result<(u16, String), TrialError> {
        let mut request = Vec::new();
        Head::new("GET", path, self.address, &[]).write(&mut request, &[], b"");
        // A connection that idled too long may be closed under the first.
        match self.ask(&request) {
            Ok(answer) => Ok(answer),
            Err(_) => {
                self.stream = None;
                self.ask(&request)
            }
        }
    }

    fn ask(&mut self, request: &[u8]) -> Result<(u16, String), TrialError> {
        let failed = || TrialError::no_answer("a look-up by receipt");
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect_timeout(&self.address.get(), PATIENCE);
                let stream = stream.map_err(failed())?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(failed())?;
                stream.set_nodelay(true).map_err(failed())?;
                stream
            }
        };
        stream.write_all(request).map_err(failed())?;
        let (mut received, mut chunk) = (Vec::new(), [0; 4_096]);
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return Err(failed()(ErrorKind::UnexpectedEof.into())),
                Ok(count) => received.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failed()(error)),
            }
            if let Some(response) = http::parse(&received)? {
                let answer = (response.status, String::from_utf8_lossy(response.body).into_owned());
                self.stream = response.keep.then_some(stream);
                return Ok(answer);
            }
        }
    }
}
