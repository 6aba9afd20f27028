//! New stock from a table: first what would change, then the change.
//!
//! Owns: the two pages, and the tables that wait between them. Never: keeps more of those than
//! the limits say; changes anything before somebody has seen the difference.

use super::Console;
use super::faults;
use super::guard::{Overseer, Posted, Seat, is_from_here, is_token};
use super::page::{Shell, grouped, refusal, see};
use super::press::{answered_before, told};
use super::sessions::SessionKey;
use super::switches::title;
use crate::operator::input;
use crate::operator::stock::{StockAnswer, StockChange};
use crate::problem::Problem;
use crate::secret;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, FromRequestParts as _, Multipart, Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use types::definition::LocalText;
use types::{Definition, StockMode, limits};

/// Tables that wait for their confirmation.
#[derive(Default)]
pub(super) struct Drafts(Mutex<VecDeque<Draft>>);

/// A table that was looked at.
#[derive(Clone)]
struct Draft {
    id: String,
    session: SessionKey,
    campaign: String,
    table: Table,
}

/// A table as it came.
#[derive(Clone)]
struct Table {
    name: String,
    bytes: Bytes,
    sheet: Option<String>,
    mode: StockMode,
}

#[derive(Template)]
#[template(path = "console/stock.html")]
struct StockPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    error: Option<String>,
    /// The mistakes in the table, for the page's reader.
    lines: Vec<String>,
    /// The same as whoever read the table tells it.
    faults: Option<String>,
}

#[derive(Template)]
#[template(path = "console/difference.html")]
struct DifferencePage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    sum: String,
    below: Option<String>,
    rows: Vec<ChangeView>,
    more: Option<String>,
    warnings: Vec<String>,
    may_submit: bool,
    draft: String,
    request: String,
    /// What was typed with a confirmation that was refused, and why it was.
    reason: String,
    error: Option<String>,
}

struct ChangeView {
    outlet: String,
    outlet_name: String,
    item: String,
    slot: String,
    before: String,
    after: String,
    booked: String,
    is_below: bool,
}

impl Table {
    fn change(&self, reason: Option<String>) -> StockChange {
        StockChange {
            files: BTreeMap::from([(self.name.clone(), self.bytes.to_vec())]),
            sheet: self.sheet.clone(),
            mode: self.mode,
            dry_run: reason.is_none(),
            reason,
        }
    }
}

impl Drafts {
    fn keep(&self, draft: Draft) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One session looks at one table at a time.
        drafts.retain(|other| other.session != draft.session);
        if limits::CONSOLE_DRAFTS_MAX <= drafts.len() {
            drafts.pop_front();
        }
        drafts.push_back(draft);
    }

    /// Forgets a table that was taken in.
    fn forget(&self, id: &str) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|draft| draft.id != id);
    }

    /// Forgets the tables of sessions that are over.
    pub(super) fn sweep(&self, is_alive: impl Fn(&SessionKey) -> bool) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|draft| is_alive(&draft.session));
    }

    fn find(&self, session: &SessionKey, campaign: &str, id: &str) -> Option<Draft> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |draft: &&Draft| {
            draft.session == *session && draft.campaign == campaign && draft.id == id
        };
        drafts.iter().find(is_it).cloned()
    }
}

/// `GET /console/c/{campaign}/stock`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path(code): Path<String>,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/stock"));
    match console.owned(&shell, &seat, &code) {
        Ok(view) => page(&shell, &view, StatusCode::OK, None, None),
        Err(answer) => *answer,
    }
}

/// `POST /console/c/{campaign}/stock`: what the table would change.
pub(super) async fn preview(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_ours = is_from_here(&parts.headers);
    let seat = match Seat::from_request_parts(&mut parts, &console).await {
        Ok(seat) => seat,
        Err(answer) => return answer,
    };
    let shell = Shell::of(&seat, &format!("/console/c/{code}/stock"));
    if !is_ours {
        return refusal(&shell, StatusCode::FORBIDDEN, "form-refused");
    }
    // Who may not is told so before a table is taken in.
    let view = match console.owned(&shell, &seat, &code) {
        Ok(view) => view,
        Err(answer) => return *answer,
    };
    let table = match receive(&seat, Request::from_parts(parts, body)).await {
        Ok(Some(table)) if table.bytes.is_empty() => {
            let error = shell.t.stock.file_empty.to_string();
            return page(&shell, &view, StatusCode::BAD_REQUEST, Some(error), None);
        }
        Ok(Some(table)) => table,
        Ok(None) => {
            let error = shell.t.stock.file_missing.to_string();
            return page(&shell, &view, StatusCode::BAD_REQUEST, Some(error), None);
        }
        Err((status, code)) => return refusal(&shell, status, code),
    };
    let by = seat.actor();
    let answer = match console.operator.change_stock(&by, &code, table.change(None)).await {
        Ok(answer) => answer,
        Err(problem) => return wrong(&shell, &view, &problem),
    };
    let Ok(id) = secret::random() else {
        return refusal(&shell, StatusCode::FORBIDDEN, "form-refused");
    };
    let draft = Draft { id: id.clone(), session: seat.visit.key, campaign: code, table };
    console.drafts.keep(draft);
    let page = difference(&shell, &view, &answer, id);
    shell.answer(StatusCode::OK, &page)
}

/// `POST /console/c/{campaign}/stock/confirm`
pub(super) async fn confirm(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    Posted { seat, fields }: Posted,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/stock"));
    let view = match console.owned(&shell, &seat, &code) {
        Ok(view) => view,
        Err(answer) => return *answer,
    };
    let (draft, request) = (fields.get("draft"), fields.get("request"));
    let Some(draft) = console.drafts.find(&seat.visit.key, &code, draft) else {
        // A second press finds its answer, whatever became of the table.
        let form = fields.digest(&shell.path);
        return match console.sessions.came_with(&seat.visit.key, request, form) {
            Some(true) => see(&told(&view.definition.code, request)),
            Some(false) => answered_before(&shell),
            None => {
                let error = shell.t.stock.gone.to_string();
                page(&shell, &view, StatusCode::CONFLICT, Some(error), None)
            }
        };
    };
    let (desk, by) = (Arc::clone(&console.operator), seat.actor());
    let reason = fields.get("reason").to_owned();
    if let Err(problem) = input::reason(Some(&reason)) {
        // The difference stays where it is, for the same table.
        let seen = desk.change_stock(&by, &code, draft.table.change(None)).await;
        return match seen {
            Ok(answer) => {
                let (_, error) = shell.words(&problem);
                let page = difference(&shell, &view, &answer, draft.id);
                let page = DifferencePage { reason, error: Some(error), ..page };
                shell.answer(StatusCode::BAD_REQUEST, &page)
            }
            Err(problem) => wrong(&shell, &view, &problem),
        };
    }
    let own = view.definition.code.clone();
    let (id, table) = (draft.id, draft.table);
    let work =
        async move { desk.change_stock(&by, &own, table.change(Some(reason))).await.map(|_| ()) };
    let code = view.definition.code.as_str();
    tracing::info!(client = %seat.from, actor = %seat.visit.person.name, campaign = %code,
        switch = "stock", "a switch was pressed");
    let title = shell.t.stock.title.to_string();
    let answer = console.once((&shell, &seat), &fields, (&view, title), work).await;
    let given = console.sessions.given(&seat.visit.key, request);
    if given.is_some_and(|answer| answer.is_done) {
        console.drafts.forget(&id);
    }
    answer
}

/// The table of a form, which begins with the session's token; nothing when no file was chosen.
async fn receive(
    seat: &Seat,
    request: Request,
) -> Result<Option<Table>, (StatusCode, &'static str)> {
    let malformed = (StatusCode::BAD_REQUEST, "malformed-form");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| malformed)?;
    let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"),
        _ => malformed,
    };
    let (mut is_ours, mut sheet, mut mode, mut file) = (false, None, StockMode::Replace, None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "token" => is_ours = is_token(seat, &field.text().await.map_err(broken)?),
            "sheet" => {
                let text = field.text().await.map_err(broken)?;
                sheet = Some(text.trim().to_owned()).filter(|sheet| !sheet.is_empty());
            }
            "mode" => {
                if field.text().await.map_err(broken)? == "add" {
                    mode = StockMode::Add;
                }
            }
            // Nothing is taken in before it is known to be ours.
            "file" if is_ours => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(broken)?;
                file = Some((name, bytes)).filter(|(name, _)| !name.is_empty());
            }
            _ => return Err((StatusCode::FORBIDDEN, "form-refused")),
        }
    }
    if !is_ours {
        return Err((StatusCode::FORBIDDEN, "form-refused"));
    }
    Ok(file.map(|(name, bytes)| Table { name, bytes, sheet, mode }))
}

fn page(
    shell: &Shell,
    view: &node::CampaignView,
    status: StatusCode,
    error: Option<String>,
    faults: Option<(Vec<String>, String)>,
) -> Response {
    let (lines, faults) = faults.map_or_else(Default::default, |(lines, all)| (lines, Some(all)));
    let campaign = title(view, shell);
    let code = &view.definition.code;
    shell.answer(status, &StockPage { shell, code, campaign, error, lines, faults })
}

/// What is wrong with a table, in the words of whoever read it.
fn wrong(shell: &Shell, view: &node::CampaignView, problem: &Problem) -> Response {
    let faults = problem.extra.get("text").and_then(|text| text.as_str()).map(str::to_owned);
    let Some(faults) = faults else { return shell.problem_of(problem) };
    let faults = Some((faults::lines(shell, problem), faults));
    let error = shell.t.stock.files_wrong.to_string();
    page(shell, view, problem.status, Some(error), faults)
}

fn difference<'a>(
    shell: &'a Shell,
    view: &'a node::CampaignView,
    answer: &StockAnswer,
    draft: String,
) -> DifferencePage<'a> {
    let t = &shell.t.stock;
    let changed = grouped(answer.pools_changed as u64);
    let (before, after) = (grouped(answer.units_before), grouped(answer.units_after));
    let is_same = answer.pools_changed == 0;
    let sum = if is_same { t.nothing.to_string() } else { t.sum.with(after, before, changed) };
    let below = grouped(answer.pools_below_booked as u64);
    let more = answer.pools_changed.saturating_sub(limits::CONSOLE_STOCK_ROWS_MAX);
    let definition = &*view.definition;
    let Definition { outlets, items, slots, .. } = definition;
    let name = |found: Option<&LocalText>| {
        found.map_or_else(String::new, |text| shell.language.local(definition, text).to_owned())
    };
    let rows = answer.pools.iter().take(limits::CONSOLE_STOCK_ROWS_MAX).map(|pool| ChangeView {
        outlet: pool.outlet.clone(),
        outlet_name: name(outlets.iter().find(|one| one.code == pool.outlet).map(|one| &one.name)),
        item: name(items.iter().find(|one| one.code == pool.item).map(|one| &one.name)),
        slot: name(slots.iter().find(|one| one.code == pool.slot).map(|one| &one.name)),
        before: grouped(pool.before),
        after: grouped(pool.after),
        booked: grouped(pool.booked),
        is_below: pool.below_booked,
    });
    DifferencePage {
        shell,
        code: &view.definition.code,
        campaign: title(view, shell),
        sum,
        below: answer.refused.then(|| t.below.with(below)),
        rows: rows.collect(),
        more: (0 < more).then(|| shell.t.picture.more.with(grouped(more as u64))),
        warnings: answer.warnings.iter().map(|warning| warning.message.clone()).collect(),
        may_submit: !answer.refused && !is_same,
        draft,
        request: secret::random().unwrap_or_default(),
        reason: String::new(),
        error: None,
    }
}
