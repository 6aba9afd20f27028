//! Exports: the file that goes back to the outlets, streamed to whoever asked.
//!
//! Owns: the path from the ledger's bookings to the last byte, and its order: collect, write,
//! record, and only then let the last bytes go. Never: holds more of the file than a few chunks.
//! Invariants: an export is journalled only when its file was written whole; a reader that got
//! the end of a file got one that is recorded.
//! On failure: before the first bytes, a problem document; after them, the connection is cut,
//! and nothing is recorded.

use super::access::Changer;
use super::marks::Seen;
use super::people::Sealed;
use super::tokens::Token;
use super::{Operator, input};
use crate::extract::{Segment, Upload};
use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use handover::{Booking, Fate, Format, HandoverError, Layout, Mark, Request, Summary};
use hyper::body::Frame;
use identity::{Codes, Scope};
use ledger::{Decision, Ledger, PoolPlace};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use types::{Action, CampaignNo, Definition, EntryNo, limits};
use utoipa::ToSchema;

/// Chunks on their way to a reader, besides the one being filled.
const CHUNKS_AHEAD: usize = 4;

/// The header that says how many rows the file will have.
const ROWS: HeaderName = HeaderName::from_static("tidegate-rows");

/// What to export and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportRequest {
    /// `csv` (unless given) or `xlsx`.
    format: Option<String>,
    /// `archive` (unless given): a ZIP with one file an outlet; `file`: one file for all.
    layout: Option<String>,
    /// `last`: only what changed since the last export.
    since: Option<String>,
    /// Why; kept with the export.
    reason: Option<String>,
}

/// What is exported, as of one moment.
struct Extent {
    no: CampaignNo,
    definition: Arc<Definition>,
    mark: Mark,
    since: Option<Seen>,
    places: Vec<PoolPlace>,
    is_published: bool,
    last_checksum: Option<String>,
}

/// The bookings of an export, and those whose end it has seen at its mark or later.
#[derive(Default)]
struct Collected {
    bookings: Vec<Booking>,
    told: BTreeSet<EntryNo>,
}

/// Hands over the bookings, with people in clear, and records that it did.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/export", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = ExportRequest,
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "no-export-yet, export-mark-missing"),
        (status = 503, description = "exports-busy")))]
pub(super) async fn export(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Response, Problem> {
    let asked: ExportRequest = input::json(&body)?;
    let (format, layout, changes_only) = form(&asked)?;
    let reason = input::reason(asked.reason.as_deref())?;
    let permit = Arc::clone(&operator.exports).try_acquire_owned().map_err(|_| {
        let detail = "As many exports run as may run at once. Try again when one has ended.";
        Problem::new(503, "exports-busy", "Exports busy", detail).retry_after(10)
    })?;
    let extent = operator.extent(&code, changes_only).await?;
    let collected = operator.collect(&extent).await?;
    let (mut body, chunks) = channel();
    let mut head = head(&request(&extent, (format, layout), false, &operator.scratch))?;
    head.insert(ROWS, HeaderValue::from(collected.bookings.len()));
    let export = Export { operator, caller, reason, extent, form: (format, layout) };
    tokio::task::spawn_blocking(move || {
        let _one_of_few = permit;
        export.run(collected, chunks);
    });
    // The first chunk decides whether there is a file at all.
    body.first = body.rest.recv().await;
    match body.first {
        Some(Err(problem)) => Err(problem),
        _ => {
            let mut response = Response::new(Body::new(body));
            *response.headers_mut() = head;
            Ok(response)
        }
    }
}

fn form(asked: &ExportRequest) -> Result<(Format, Layout, bool), Problem> {
    let format = match asked.format.as_deref() {
        None | Some("csv") => Format::Csv,
        Some("xlsx") => Format::Xlsx,
        Some(_) => return Err(malformed("\"format\" is csv or xlsx")),
    };
    let layout = match asked.layout.as_deref() {
        None | Some("archive") => Layout::Archive,
        Some("file") => Layout::File,
        Some(_) => return Err(malformed("\"layout\" is archive or file")),
    };
    let changes_only = match asked.since.as_deref() {
        None => false,
        Some("last") => true,
        Some(_) => return Err(malformed("\"since\" is last, or left out")),
    };
    Ok((format, layout, changes_only))
}

fn malformed(why: &str) -> Problem {
    let detail = format!("{why}. Nothing was exported. Ask again.");
    Problem::new(400, "malformed-request", "Malformed request", detail)
}

impl Operator {
    /// What there is to export, as of now.
    async fn extent(&self, code: &str, changes_only: bool) -> Result<Extent, Problem> {
        let view = self.campaign(code)?;
        let (no, definition) = (view.no, Arc::clone(&view.definition));
        let now = self.now();
        let look = move |ledger: &Ledger| {
            let campaign = ledger.campaign(no).expect("campaigns are never taken away");
            let mark = Mark { at: ledger.time(), entries: campaign.entries_len() };
            let places: Vec<_> = campaign.pools().iter().map(|pool| pool.place).collect();
            let is_published = campaign.is_published(now.max(ledger.time()));
            let last = campaign.marks().last_export.as_ref();
            (mark, places, is_published, last.map(|export| export.checksum.clone()))
        };
        let (mark, places, is_published, last_checksum) = self.read(look).await?;
        let since =
            if changes_only { Some(self.mark_of(code, last_checksum.as_deref())?) } else { None };
        Ok(Extent { no, definition, mark, since, places, is_published, last_checksum })
    }

    fn mark_of(&self, code: &str, checksum: Option<&str>) -> Result<Seen, Problem> {
        let Some(checksum) = checksum else {
            let detail = "The campaign was never exported, so there is nothing to compare with. \
                          Export all of it first, without \"since\".";
            return Err(Problem::new(409, "no-export-yet", "No export yet", detail));
        };
        let found = self.marks.find(code, checksum).map_err(|error| {
            tracing::error!(code = "export-mark-missing", %error, "handover.json cannot be read");
            mark_missing()
        })?;
        found.ok_or_else(mark_missing)
    }

    /// The bookings to export, collected a little at a time so that entering goes on.
    async fn collect(&self, extent: &Extent) -> Result<Collected, Problem> {
        let (no, mark) = (extent.no, extent.mark);
        let places: Arc<[PoolPlace]> = extent.places.as_slice().into();
        let mut collected = Collected::default();
        let mut from = 0;
        while from < mark.entries {
            let until = mark.entries.min(from.saturating_add(limits::LOOK_ENTRIES_MAX));
            let places = Arc::clone(&places);
            let look = move |ledger: &Ledger| {
                let some = (from..until).map(EntryNo);
                some.filter_map(|entry| booking(ledger, no, entry, &places)).collect::<Vec<_>>()
            };
            for booking in self.read(look).await? {
                collected.add(booking, extent);
            }
            from = until;
        }
        Ok(collected)
    }
}

impl Collected {
    fn add(&mut self, booking: Booking, extent: &Extent) {
        if let Fate::Cancelled(at) | Fate::Redeemed(at) = booking.fate
            && at >= extent.mark.at
        {
            self.told.insert(booking.entry);
        }
        let selected = match &extent.since {
            None => booking.stands(),
            Some(since) => {
                // What was added since cannot have been told before.
                let new = booking.entry.0 >= since.mark.entries;
                booking.change(since.mark).is_some()
                    && (new || !since.told.contains(&booking.entry))
            }
        };
        if selected {
            self.bookings.push(booking);
        }
    }
}

fn mark_missing() -> Problem {
    let detail = "The node does not know how far the last export had seen: it was made by another \
                  node, or handover.json was lost. Nothing was exported. Export all of it once, \
                  without \"since\".";
    Problem::new(409, "export-mark-missing", "Mark of the last export missing", detail)
}

fn booking(
    ledger: &Ledger,
    campaign: CampaignNo,
    entry: EntryNo,
    places: &[PoolPlace],
) -> Option<Booking> {
    let view = ledger.entry(campaign, entry)?;
    if view.decision != Decision::Booked {
        return None;
    }
    let pool = view.pool.expect("a booked entry has a pool");
    // A pool that came after the export began to look belongs to no entry from before.
    let place = places[pool.index()];
    let fate = match view.fate {
        ledger::Fate::Live => Fate::Waiting,
        ledger::Fate::Cancelled { at } => Fate::Cancelled(at),
        ledger::Fate::Redeemed { at } => Fate::Redeemed(at),
    };
    Some(Booking {
        outlet: place.outlet,
        slot: place.slot,
        item: place.item,
        units: view.units,
        entry,
        at: view.at,
        fate,
        frame: view.place.frame,
        offset: view.place.offset,
    })
}

fn request<'a>(
    extent: &'a Extent,
    (format, layout): (Format, Layout),
    is_shredded: bool,
    scratch: &'a std::path::Path,
) -> Request<'a> {
    Request {
        definition: &extent.definition,
        at: extent.mark.at,
        format,
        layout,
        since: extent.since.as_ref().map(|since| since.mark),
        is_published: extent.is_published,
        is_shredded,
        scratch,
    }
}

fn head(request: &Request<'_>) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(request.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"{}\"", request.file_name());
    let name = HeaderValue::from_str(&name).map_err(|_| malformed("the campaign's code is odd"))?;
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(headers)
}

/// One export while it is written, on a thread of its own.
struct Export {
    operator: Arc<Operator>,
    caller: Token,
    reason: String,
    extent: Extent,
    form: (Format, Layout),
}

impl Export {
    fn run(&self, collected: Collected, mut chunks: Chunks) {
        let code = &self.extent.definition.code;
        let Collected { bookings, told } = collected;
        let written = self.write(bookings, &mut chunks);
        match written.and_then(|summary| self.record(&summary, told)) {
            Ok(()) => {
                // Not how many: before publication that is nobody's but the operator's to know.
                tracing::info!(campaign = %code, actor = %self.caller.name, "exported");
                chunks.finish();
            }
            Err(problem) => {
                let why = problem.detail.as_ref();
                tracing::warn!(campaign = %code, code = problem.code, why, "an export ended early");
                chunks.fail(problem);
            }
        }
    }

    fn is_shredded(&self) -> bool {
        let view = self.operator.node.view();
        view.by_code(&self.extent.definition.code).is_some_and(|view| view.is_shredded())
    }

    fn write(&self, bookings: Vec<Booking>, chunks: &mut Chunks) -> Result<Summary, Problem> {
        let operator = &self.operator;
        let code = self.extent.definition.code.as_str();
        let keys = operator.keyring.campaign_keys(code, &Scope::of(&self.extent.definition));
        let codes = Codes::new(&operator.keyring.code_key());
        let journal = operator.node.journal_reader();
        let campaign = (self.extent.no, code);
        let mut people = Sealed::new(campaign, codes, keys.as_ref(), journal);
        let request = request(&self.extent, self.form, keys.is_none(), &operator.scratch);
        handover::export(&request, bookings, &mut people, chunks).map_err(|error| failed(&error))
    }

    /// Keeps the mark, then journals the export. The mark comes first: one too many does no
    /// harm, one too few would make the next export of changes impossible.
    ///
    /// A shredded campaign takes no more actions, so its exports, which name nobody, are only
    /// logged.
    fn record(&self, summary: &Summary, told: BTreeSet<EntryNo>) -> Result<(), Problem> {
        let operator = &self.operator;
        if self.is_shredded() {
            return Ok(());
        }
        let Extent { no, definition, mark, last_checksum, .. } = &self.extent;
        let checksum = summary.checksum.clone();
        let in_force = last_checksum.as_deref();
        let seen = Seen { mark: *mark, told };
        operator
            .marks
            .keep(&definition.code, seen, &checksum, in_force)
            .map_err(|error| failed(&HandoverError::Write(error)))?;
        let action = Action::Export { campaign: *no, bookings: summary.rows, checksum };
        let runtime = tokio::runtime::Handle::current();
        runtime.block_on(operator.act(&self.caller, &self.reason, action))?;
        Ok(())
    }
}

fn failed(error: &HandoverError) -> Problem {
    let detail = format!("{error}. Nothing was recorded as handed over. Export again.");
    Problem::new(500, error.code(), "Export ended early", detail)
}

/// What is left of a file on its way: the newest chunk waits until the export is recorded.
struct Chunks {
    to: mpsc::Sender<Result<Bytes, Problem>>,
    waiting: Vec<u8>,
}

/// The body a reader sees.
struct Chunked {
    first: Option<Result<Bytes, Problem>>,
    rest: mpsc::Receiver<Result<Bytes, Problem>>,
}

fn channel() -> (Chunked, Chunks) {
    let (to, rest) = mpsc::channel(CHUNKS_AHEAD);
    let waiting = Vec::with_capacity(limits::EXPORT_CHUNK_BYTES);
    (Chunked { first: None, rest }, Chunks { to, waiting })
}

impl Chunks {
    /// Lets the last bytes go. A reader who left just now misses them, and exports again.
    fn finish(self) {
        if self.to.blocking_send(Ok(self.waiting.into())).is_err() {
            tracing::warn!("the reader of an export left before its last bytes");
        }
    }

    /// Cuts the connection, or answers with the problem when nothing was sent yet.
    fn fail(self, problem: Problem) {
        // Whoever left already needs no telling.
        let _left = self.to.blocking_send(Err(problem));
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.waiting.is_empty() && self.waiting.len() + bytes.len() > limits::EXPORT_CHUNK_BYTES
        {
            let empty = Vec::with_capacity(limits::EXPORT_CHUNK_BYTES);
            let chunk = std::mem::replace(&mut self.waiting, empty);
            let left = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader left");
            self.to.blocking_send(Ok(chunk.into())).map_err(left)?;
        }
        let count = bytes.len().min(limits::EXPORT_CHUNK_BYTES);
        self.waiting.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl HttpBody for Chunked {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => self.rest.poll_recv(context),
        };
        next.map(|next| {
            let cut = |problem: Problem| io::Error::other(problem.code);
            next.map(|chunk| chunk.map(Frame::data).map_err(cut))
        })
    }
}
