//! Exports: the file that goes back to the outlets, streamed to whoever asked.
//!
//! Owns: the path from the ledger's bookings to the last byte, and its order: gather, write,
//! record, and only then let the last bytes go. Never: holds more of the file than a few chunks.
//! Invariants: an export is journalled only when its file was written whole; a reader that got
//! the end of a file got one that is recorded; whether people are named is decided once, by the
//! ledger's mark, and no file that names people ends without its record.
//! On failure: before the first bytes, a problem document; after them, the connection is cut.
//! Nothing is recorded then, unless the connection breaks behind the record.

use super::access::{Actor, Changer};
use super::chunks::{Chunks, DIGEST, channel};
use super::gather::{Counted, DrawsSeen, Extent};
use super::people::Sealed;
use super::{Operator, input, marks, moment, refusal, unavailable};
use crate::extract::{Segment, Upload};
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, TRAILER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use handover::{Format, HandoverError, Layout, Mark, Request, Summary};
use identity::{CampaignKeys, Codes, Scope};
use ledger::{Export as Record, Ledger};
use node::Unavailable;
use serde::Deserialize;
use std::io::{self, ErrorKind};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use types::{Action, CampaignNo, ExportMark, Outcome, Refusal, command, limits};
use utoipa::ToSchema;

/// What a client may know of the file before its end: rows, campaign, time.
const ROWS: HeaderName = HeaderName::from_static("tidegate-rows");
const CAMPAIGN: HeaderName = HeaderName::from_static("tidegate-campaign");
const EXPORTED_AT: HeaderName = HeaderName::from_static("tidegate-exported-at");

/// What to export and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportRequest {
    /// `csv` (unless given) or `xlsx`.
    #[schema(schema_with = super::words::format)]
    pub(crate) format: Option<String>,
    /// `archive` (unless given): a ZIP with one file an outlet; `file`: one file for all.
    #[schema(schema_with = super::words::layout)]
    pub(crate) layout: Option<String>,
    /// Only what changed since an earlier export: the SHA-256 of its file, in hex.
    #[schema(pattern = "^[0-9A-Fa-f]{64}$")]
    pub(crate) since: Option<String>,
    /// Why; kept with the export.
    pub(crate) reason: Option<String>,
}

/// Hands over the bookings, with people in clear, and records that it did.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/export", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = ExportRequest,
    responses(
        (status = 200, description = "The file", content(
            ([u8] = "application/zip"),
            ([u8] = "text/csv; charset=utf-8"),
            ([u8] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "export-unknown, export-mark-missing, shredded"),
        (status = 500, description = "export-cut, export-unreadable, journal-unreadable"),
        (status = 503, description = "exports-busy, export-no-room, keys-missing, clock-stands")))]
pub(super) async fn export(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Response, Problem> {
    let asked: ExportRequest = input::json(&body)?;
    begin(operator, caller, &code, &asked).await
}

/// Begins an export for somebody, and gives its file as an answer whose body comes by and by.
pub(crate) async fn begin(
    operator: Arc<Operator>,
    by: Actor,
    code: &str,
    asked: &ExportRequest,
) -> Result<Response, Problem> {
    let (format, layout) = form(asked)?;
    let since = asked.since.as_deref().map(checksum).transpose()?;
    let reason = input::reason(asked.reason.as_deref())?;
    let permit = Arc::clone(&operator.exports).try_acquire_owned().map_err(|_| {
        let detail = "As many exports run as may run at once. Try again when one has ended.";
        Problem::new(503, "exports-busy", "Exports busy", detail).retry_after(10)
    })?;
    let extent = Arc::new(operator.extent(code, since).await?);
    let keys = operator.keys(&extent)?;
    let counted = operator.count(&extent).await?;
    let (body, chunks) = channel();
    let form = (format, layout);
    let mut head = head(&request(&extent, &counted.rows, form, &operator.scratch))?;
    head.insert(ROWS, HeaderValue::from(counted.rows.iter().sum::<u32>()));
    let export = Export { operator, by, reason, extent, keys, form };
    tokio::task::spawn_blocking(move || export.run_guarded(counted, chunks, permit));
    let mut response = Response::new(Body::new(body.begin().await?));
    *response.headers_mut() = head;
    Ok(response)
}

fn form(asked: &ExportRequest) -> Result<(Format, Layout), Problem> {
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
    Ok((format, layout))
}

/// A checksum as the journal has it, in small letters.
fn checksum(asked: &str) -> Result<String, Problem> {
    if asked.len() != 64 || !asked.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(malformed("\"since\" is the SHA-256 of an exported file, 64 digits of hex"));
    }
    Ok(asked.to_ascii_lowercase())
}

fn malformed(why: &str) -> Problem {
    let detail = format!("{why}. Nothing was exported. Ask again.");
    Problem::new(400, "malformed-request", "Malformed request", detail)
}

impl Operator {
    /// What there is to export, as of now.
    async fn extent(&self, code: &str, since: Option<String>) -> Result<Extent, Problem> {
        let no = self.campaign(code)?.no;
        let since_asked = since.is_some();
        self.pass_time().await?;
        let now = self.now();
        let look = move |ledger: &Ledger| {
            let campaign = ledger.campaign(no).expect("campaigns are never taken away");
            let mark = Mark { at: ledger.time(), entries: campaign.entries_len() };
            let is_published = match campaign.definition().draw() {
                None => campaign.is_published(now.max(ledger.time())),
                Some(_) => campaign.draws().iter().any(|draw| draw.was_published),
            };
            let definition = Arc::clone(campaign.definition());
            let marks = campaign.marks();
            // The newest, should two have made the same file.
            let find = |since: String| {
                let found = marks.exports.iter().rev().find(|export| export.checksum == since);
                found.cloned().ok_or_else(unknown)
            };
            let earlier = since.map(find).transpose();
            let draws = DrawsSeen::of(campaign.draws());
            (definition, mark, is_published, draws, marks.shredded, earlier)
        };
        let (definition, mark, is_published, draws, is_shredded, earlier) = self.read(look).await?;
        if since_asked && definition.draw().is_some() {
            return Err(no_changes());
        }
        let since = match earlier? {
            Some(earlier) => Some(self.mark_of(no, earlier).await?),
            None => None,
        };
        Ok(Extent { no, definition, mark, since, is_published, draws, is_shredded })
    }

    /// Moves the ledger's time to now: it stands still while nobody asks for anything, and an
    /// export says until when it knows everything.
    async fn pass_time(&self) -> Result<(), Problem> {
        let mut record = Vec::new();
        command::encode_tick(&mut record);
        let pending = self.node.submit_one(record).map_err(unavailable)?;
        let outcome = pending.await.map_err(unavailable)?;
        assert_eq!(outcome, Outcome::Ticked, "time passes, whatever happens");
        Ok(())
    }

    /// The keys to the people, unless the ledger says that they are shredded: then none, even if
    /// their destruction failed.
    fn keys(&self, extent: &Extent) -> Result<Option<CampaignKeys>, Problem> {
        if extent.is_shredded {
            return Ok(None);
        }
        let definition = &extent.definition;
        let keys = self.keyring.campaign_keys(&definition.code, &Scope::of(definition));
        let view = self.node.view();
        if keys.is_none() && view.by_code(&definition.code).is_some_and(|view| view.is_shredded()) {
            // Just now, after the look at the ledger.
            return Err(refusal::problem(&Refusal::Shredded));
        }
        if keys.is_none() {
            tracing::error!(
                code = "keys-missing",
                campaign = definition.code,
                "an export is refused: the campaign's keys are not in the key ring"
            );
            let detail = "The campaign's keys are not in the key ring, so its people cannot be \
                          read. Nothing was exported. Stop the node, put the newest copy of \
                          \"keys\" back into the data folder, and start it again.";
            return Err(Problem::new(503, "keys-missing", "Keys missing", detail));
        }
        Ok(keys)
    }

    async fn mark_of(&self, no: CampaignNo, earlier: Record) -> Result<ExportMark, Problem> {
        let journal = self.node.journal_reader();
        let read = tokio::task::spawn_blocking(move || marks::of(&*journal, no, &earlier));
        read.await.expect("reading a mark does not panic")
    }
}

fn unknown() -> Problem {
    let detail = format!(
        "None of the campaign's exports has this SHA-256, or it is not among the newest {}: \
         nothing to compare with. Nothing was exported. Name a file as the node made it, or one \
         of the checksums that `tidegate campaign show` lists; or export all of it, without \
         \"since\".",
        limits::EXPORTS_KEPT_MAX
    );
    Problem::new(409, "export-unknown", "No such export", detail)
}

/// Lots give units to entries that came long before: an entry's own time does not tell whether
/// an earlier export had it.
fn no_changes() -> Problem {
    let detail = "What changed since an earlier export cannot be told of a campaign that draws. \
                  Nothing was exported. Export all of it, without \"since\".";
    Problem::new(409, "export-unknown", "No such export", detail)
}

fn request<'a>(
    extent: &'a Extent,
    rows: &'a [u32],
    (format, layout): (Format, Layout),
    scratch: &'a std::path::Path,
) -> Request<'a> {
    Request {
        definition: &extent.definition,
        at: extent.mark.at,
        format,
        layout,
        since: extent.since.as_ref().map(|since| Mark { at: since.at, entries: since.entries }),
        rows,
        is_published: extent.is_published,
        is_shredded: extent.is_shredded,
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
    let definition = request.definition;
    let told = [
        (CAMPAIGN, definition.code.clone()),
        (EXPORTED_AT, moment(&definition.calendar, request.at)),
    ];
    for (header, value) in told {
        let value = HeaderValue::try_from(value).expect("codes and times are visible ASCII");
        headers.insert(header, value);
    }
    headers.insert(TRAILER, DIGEST.into());
    Ok(headers)
}

/// One export while it is written, on a thread of its own.
struct Export {
    operator: Arc<Operator>,
    by: Actor,
    reason: String,
    extent: Arc<Extent>,
    /// None when the people are shredded.
    keys: Option<CampaignKeys>,
    form: (Format, Layout),
}

impl Export {
    /// Runs, and logs it if that panics. The chunks are dropped then, which cuts the connection.
    fn run_guarded(&self, counted: Counted, chunks: Chunks, permit: OwnedSemaphorePermit) {
        let ran = panic::catch_unwind(AssertUnwindSafe(|| self.run(counted, chunks, permit)));
        if ran.is_err() {
            // Without the panic's words, which may quote a person's field.
            tracing::error!(
                code = "export-cut",
                campaign = self.extent.definition.code,
                "the writer of an export panicked: a fault in Tidegate"
            );
        }
    }

    fn run(&self, mut counted: Counted, mut chunks: Chunks, permit: OwnedSemaphorePermit) {
        let code = &self.extent.definition.code;
        let written = self.write(&mut counted, &mut chunks);
        let recorded = written.and_then(|summary| {
            self.record(&summary, &counted)?;
            Ok(summary)
        });
        // Whoever has the end of a file, or knows that it ended early, may ask for another.
        drop((counted, permit));
        match recorded {
            Ok(summary) => {
                // Not how many: before publication that is nobody's but the operator's to know.
                tracing::info!(campaign = %code, actor = %self.by.name, "exported");
                chunks.finish(&summary.checksum);
            }
            Err(problem) => {
                let why = problem.detail.as_ref();
                tracing::warn!(campaign = %code, code = problem.code, why, "an export ended early");
                chunks.fail(problem);
            }
        }
    }

    fn write(&self, counted: &mut Counted, chunks: &mut Chunks) -> Result<Summary, Problem> {
        let operator = &self.operator;
        let codes = Codes::new(&operator.keyring.code_key());
        let journal = operator.node.journal_reader();
        let campaign = (self.extent.no, &*self.extent.definition);
        let mut people = Sealed::new(campaign, codes, self.keys.as_ref(), journal);
        let rows = counted.rows.clone();
        let scratch = &operator.scratch;
        let request = request(&self.extent, &rows, self.form, scratch);
        // A worksheet is put together long before its first byte can be sent.
        let reader = chunks.watch();
        let mut bookings =
            counted.ordered(&operator.node, &self.extent).map(|booking| match reader.has_left() {
                true => Err(io::Error::new(ErrorKind::BrokenPipe, "the reader left").into()),
                false => booking,
            });
        handover::export(&request, &mut bookings, &mut people, chunks)
            .map_err(|error| failed(&error))
    }

    /// Journals the export with its mark, which an export of changes may begin from.
    ///
    /// A shredded campaign takes no more actions, so its exports, which name nobody, are only
    /// logged. One that names people and meets a shredding on its way is refused by the ledger.
    fn record(&self, summary: &Summary, counted: &Counted) -> Result<(), Problem> {
        assert_eq!(self.keys.is_none(), self.extent.is_shredded, "both were decided at once");
        if self.extent.is_shredded {
            return Ok(());
        }
        let Extent { no, mark: Mark { at, entries }, .. } = *self.extent;
        let told = counted.told.to_vec();
        let action = Action::Export {
            campaign: no,
            bookings: summary.rows,
            checksum: summary.checksum.clone(),
            seen: Some(ExportMark { at, entries, told }),
        };
        let runtime = tokio::runtime::Handle::current();
        runtime.block_on(self.operator.act(&self.by, &self.reason, action))?;
        Ok(())
    }
}

fn failed(error: &HandoverError) -> Problem {
    let remedy = match error {
        HandoverError::Unreadable { .. } => {
            "Run `tidegate journal verify` on the data folder, which names what is missing or \
             damaged; put it right, then export again."
        }
        _ => "Export again.",
    };
    let detail = format!("{error}. Nothing was recorded as handed over. {remedy}");
    match error {
        // As when the journal has no room, on the same disk.
        HandoverError::NoRoom { .. } => {
            Problem::new(503, error.code(), "No room for the export", detail)
                .retry_after(Unavailable::JournalFull.retry_after_seconds())
        }
        _ => Problem::new(500, error.code(), "Export ended early", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_begun_is_not_said_to_have_ended() {
        let scratch = std::path::PathBuf::from("/data/scratch");
        let error = HandoverError::NoRoom { scratch, needed_bytes: 2 << 20, free_bytes: 1 << 20 };
        let problem = failed(&error);
        assert_eq!(
            (problem.code, problem.title.as_ref()),
            ("export-no-room", "No room for the export")
        );
        let journal_full = unavailable(Unavailable::JournalFull);
        assert_eq!(problem.status, journal_full.status, "the same disk has no room");
        assert_eq!(problem.retry_after_seconds, journal_full.retry_after_seconds);
        let error = HandoverError::Write(std::io::Error::other("gone"));
        assert_eq!(failed(&error).status, 500);
    }
}
