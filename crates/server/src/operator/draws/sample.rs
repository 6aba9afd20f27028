//! The audit sample of a draw, opened: the people behind the lines that its seed chose.
//!
//! Owns: the way from those lines to what their people stated and to their receipts, by which
//! anybody can hold the one against the other. Never: chooses lines; opens another line than one
//! that the seed chose.
//! Invariants: nobody is named before it is on record that they are.

use super::super::access::{Actor, Changer};
use super::super::{Operator, input, refusal};
use crate::draws::{self, DrawFolder, Source, blocking, refused};
use crate::extract::{Segments, Upload};
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use draw::Digest;
use identity::Scope;
use ledger::{EntryView, Ledger};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::action::DrawEvent;
use types::ids::{CampaignNo, DrawNo, EntryNo};
use types::outcome::DrawNeed;
use types::{Action, Definition, Refusal, limits};
use utoipa::ToSchema;

/// How many entries to open, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleRequest {
    /// How many, as the rules fix it: 1 to 10,000. A draw has one sample, so another number is
    /// refused later.
    #[schema(minimum = 1, maximum = 10_000)]
    pub(crate) size: usize,
    /// Why; kept with the action.
    pub(crate) reason: Option<String>,
}

/// The entries that the seed chose for the audit, opened.
#[derive(Serialize, ToSchema)]
pub(crate) struct SampleAnswer {
    /// The draw's name, as its files have it.
    name: String,
    /// By line.
    entries: Vec<Sampled>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
struct Sampled {
    /// The line of the list, from 1.
    line: u32,
    /// The entry's number, which its export has, too.
    number: u32,
    /// What each of its people has stated, by the codes of the fields.
    people: Vec<BTreeMap<String, String>>,
    /// The signed receipt, which opens the line to these people and nobody else.
    receipt: String,
}

#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/draws/{draw}/sample",
    tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code"),
        ("draw" = u16, Path, description = "The draw's number, from 1")),
    request_body = SampleRequest,
    responses(
        (status = 200, description = "The entries, opened", body = SampleAnswer),
        (status = 400, description = "malformed-request: a number that no sample has"),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "unknown-draw, draw-order, draw-differs, shredded"),
        (status = 503, description = "draw-busy")))]
/// Opens the audit sample of a draw, people in clear, and records that it did.
pub(in super::super) async fn sample(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segments((code, draw)): Segments<(String, u16)>,
    Upload(body): Upload,
) -> Result<Response, Problem> {
    let asked: SampleRequest = input::json(&body)?;
    let reason = input::reason(asked.reason.as_deref())?;
    if !(1..=limits::DRAW_SAMPLE_MAX).contains(&asked.size) {
        let detail = format!(
            "\"size\" is 1 to {}, and {} was asked for. Nothing was opened. Ask for the number \
             that the rules fix.",
            limits::DRAW_SAMPLE_MAX,
            asked.size
        );
        return Err(Problem::new(400, "malformed-request", "Malformed request", detail));
    }
    let body = operator.open_sample(&caller, &reason, (&code, DrawNo(draw)), asked.size).await?;
    let mut response = Response::new(Body::from(body));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

/// A draw with a seed, and where its files are.
struct Seeded {
    campaign: CampaignNo,
    definition: Arc<Definition>,
    folder: DrawFolder,
}

impl Operator {
    async fn open_sample(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        (code, no): (&str, DrawNo),
        size: usize,
    ) -> Result<Vec<u8>, Problem> {
        let seeded = self.seeded(code, no).await?;
        let at_work = self.draws.begin(code, no)?;
        let (operator, campaign) = (Arc::clone(self), seeded.campaign);
        // Whoever asked may leave; nothing else begins before this has ended.
        let work = move || {
            let _at_work = at_work;
            operator.opened_sample(&seeded, size)
        };
        let (count, body) = blocking(work).await?;
        let checksum = Digest::of(&body).to_string();
        let action = Action::Export { campaign, bookings: count, checksum, seen: None };
        self.act(by, reason, action).await?;
        Ok(body)
    }

    async fn seeded(&self, code: &str, no: DrawNo) -> Result<Seeded, Problem> {
        let view = self.campaign(code)?;
        let draws = self.draws_of(view.no).await?;
        let folder = DrawFolder::of(self.draws.root(), code, &draws, no);
        let folder = folder.ok_or_else(|| refusal::problem(&Refusal::UnknownDraw))?;
        let events = &draws[no.index() - 1].events;
        if !events.iter().any(|(event, _)| matches!(event, DrawEvent::Seed)) {
            return Err(refusal::problem(&Refusal::DrawOrder { needs: DrawNeed::Seed }));
        }
        Ok(Seeded { campaign: view.no, definition: Arc::clone(&view.definition), folder })
    }

    /// How many were opened, and the answer. For a thread that may wait.
    fn opened_sample(&self, of: &Seeded, size: usize) -> Result<(u32, Vec<u8>), Problem> {
        let definition = &of.definition;
        let keys = self.keyring.campaign_keys(&definition.code, &Scope::of(definition));
        let keys = keys.ok_or_else(|| refusal::problem(&Refusal::Shredded))?;
        let progress = |doing, done, of| self.note(doing, done, of);
        let chosen = ceremony::sample(&draws::open(&of.folder.path)?, size, &progress);
        let chosen = chosen.map_err(|error| refused(&error))?;
        let mut lines: Vec<u32> = chosen.into_iter().map(|(_, line)| line).collect();
        lines.sort_unstable();
        let entries = draws::entries_of(&of.folder, &lines)?;
        let source = Source { definition, keys: &keys, node: &self.node };
        let key = self.signing_key(&of.folder)?;
        let open = |(line, entry): (&u32, EntryNo)| {
            let view = self.view_of(of.campaign, entry)?;
            let opened = source.open(&view)?;
            let receipt = source.receipt(&of.folder, &view, &opened, &key)?;
            let receipt = receipt.ok_or_else(|| {
                let what = format!("line {} is of no entry", line + 1);
                draws::wrong(&of.folder.path, what)
            })?;
            let stated = |person: &identity::Statement| {
                let codes = definition.register.fields.iter().map(|field| field.code.clone());
                codes.zip(person.iter().map(str::to_owned)).collect()
            };
            let people = opened.people.iter().map(stated).collect();
            Ok(Sampled { line: line + 1, number: entry.0 + 1, people, receipt })
        };
        let entries: Result<Vec<Sampled>, Problem> = lines.iter().zip(entries).map(open).collect();
        let answer = SampleAnswer { name: of.folder.name.to_string(), entries: entries? };
        let count = u32::try_from(answer.entries.len()).expect("a sample is small");
        Ok((count, serde_json::to_vec(&answer).expect("texts and numbers are JSON")))
    }

    fn view_of(&self, campaign: CampaignNo, entry: EntryNo) -> Result<EntryView, Problem> {
        let look = move |ledger: &Ledger| ledger.entry(campaign, entry);
        let unavailable = super::super::unavailable;
        let view = self.node.read(look).map_err(unavailable)?.wait().map_err(unavailable)?;
        view.ok_or_else(|| draws::failed("draw-file-wrong", "a line is of an entry that is not"))
    }
}
