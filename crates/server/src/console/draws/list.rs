//! The draws of a campaign, and the form that closes the list of the next one.
//!
//! Owns: that page. Never: closes a list, which the operator API does; reads more of a draw's files
//! than its seal.

use super::address;
use crate::console::Console;
use crate::console::answers::Answer;
use crate::console::guard::{Overseer, Posted};
use crate::console::page::{Shell, grouped, refusal};
use crate::console::switches::title;
use crate::draws::{DrawFolder, blocking, seal_of};
use crate::language::Language;
use crate::operator::draws::{Close, is_rehearsal};
use crate::operator::input;
use crate::problem::Problem;
use crate::secret;
use crate::texts::DrawStageTexts;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use ledger::{Draw, Stage};
use node::CampaignView;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use types::ids::{DrawNo, Millis};

#[derive(Template)]
#[template(path = "console/draw/list.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    told: Option<Answer>,
    error: Option<String>,
    draws: Vec<DrawLine>,
    /// Whether the list of another draw may be closed.
    may_close: bool,
    /// Whether draws are of one slot each.
    has_slots: bool,
    slots: Vec<SlotView>,
    /// Whether it may be a draw among those who have nothing.
    may_be_unserved: bool,
    reason: String,
    request: String,
}

struct DrawLine {
    href: String,
    no: DrawNo,
    name: String,
    slot: String,
    stage: StageView,
    /// Whether it was sealed as one.
    is_rehearsal: bool,
    entries: String,
    closed_at: String,
}

/// A stage's word and its mark.
pub(in crate::console) struct StageView {
    pub(in crate::console) kind: &'static str,
    pub(in crate::console) word: String,
}

struct SlotView {
    code: String,
    name: String,
    is_chosen: bool,
}

/// How far a draw is.
pub(in crate::console) fn stage(stage: Stage, t: &DrawStageTexts) -> StageView {
    let (kind, word) = match stage {
        Stage::Closed => ("waiting", &t.closed),
        Stage::Sealed => ("waiting", &t.sealed),
        Stage::Opened => ("waiting", &t.opened),
        Stage::Seeded => ("waiting", &t.seeded),
        Stage::Drawn => ("waiting", &t.drawn),
        Stage::Published => ("open", &t.published),
        Stage::Resumed => ("waiting", &t.resumed),
        Stage::Void => ("ended", &t.void),
    };
    StageView { kind, word: word.to_string() }
}

/// `GET /console/c/{campaign}/draws`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path(code): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/draws"));
    let Ok(view) = console.operator.campaign(&code) else {
        return refusal(&shell, StatusCode::NOT_FOUND, "unknown-campaign");
    };
    if view.definition.draw().is_none() {
        return refusal(&shell, StatusCode::NOT_FOUND, "not-a-draw");
    }
    let told = query.get("told").and_then(|id| console.sessions.given(&seat.visit.key, id));
    let typed = Close { slot: None, unserved: false, reason: None };
    console.draws_page(&shell, &view, (StatusCode::OK, None), told, &typed).await
}

/// `POST /console/c/{campaign}/draws`
pub(super) async fn close(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    Posted { seat, fields }: Posted,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/draws"));
    let view = match console.owned(&shell, &seat, &code) {
        Ok(view) => view,
        Err(answer) => return *answer,
    };
    let asked = Close {
        slot: Some(fields.get("slot").to_owned()).filter(|slot| !slot.is_empty()),
        unserved: fields.get("unserved") == "1",
        reason: Some(fields.get("reason").to_owned()),
    };
    if let Err(problem) = input::reason(asked.reason.as_deref()) {
        let (_, error) = shell.words(&problem);
        let wrong = (StatusCode::BAD_REQUEST, Some(error));
        return console.draws_page(&shell, &view, wrong, None, &asked).await;
    }
    let (desk, by, own) = (Arc::clone(&console.operator), seat.actor(), code.clone());
    let work = async move { desk.close_list(&by, &own, &asked).await.map(|_| ()) };
    tracing::info!(client = %seat.from, actor = %seat.visit.person.name, campaign = %code,
        switch = "close-draw", "a switch was pressed");
    let title = shell.t.draw.list.submit.to_string();
    console.once_on((&shell.path, None), (&shell, &seat), &fields, (&view, title), work).await
}

impl Console {
    async fn draws_page(
        &self,
        shell: &Shell,
        view: &CampaignView,
        (status, error): (StatusCode, Option<String>),
        told: Option<Answer>,
        typed: &Close,
    ) -> Response {
        let (code, draws) = (&view.definition.code, view.draws());
        let folders = self.folders(view);
        let rehearsals = match rehearsals(draws, &folders).await {
            Ok(rehearsals) => rehearsals,
            Err(problem) => return shell.problem_of(&problem),
        };
        let line = |number: usize| {
            let (no, draw) = (DrawNo::from_index(number), &draws[number - 1]);
            DrawLine {
                href: address(code, no),
                no,
                name: folders[number - 1].name.to_string(),
                slot: slot_name(view, draw, shell.language)
                    .unwrap_or_else(|| shell.t.draw.list.all_slots.to_string()),
                stage: stage(draw.stage, &shell.t.draw.stage),
                is_rehearsal: rehearsals[number - 1],
                entries: grouped(draw.entries.into()),
                closed_at: super::parts::when(&view.definition.calendar, draw.at, shell.language),
            }
        };
        let last = draws.last();
        let has_slots = view.definition.draw().is_some_and(|terms| terms.stand_days.is_some());
        let slots = view.definition.slots.iter().map(|slot| SlotView {
            code: slot.code.clone(),
            name: shell.language.local(&view.definition, &slot.name).to_owned(),
            is_chosen: typed.slot.as_deref() == Some(&slot.code),
        });
        let page = ListPage {
            shell,
            code,
            campaign: title(view, shell),
            told,
            error,
            // The newest stands first.
            draws: (1..=draws.len()).rev().map(line).collect(),
            may_close: last.is_none_or(|draw| !draw.is_under_way()) && !view.is_shredded(),
            has_slots,
            slots: slots.collect(),
            may_be_unserved: last.is_some(),
            reason: typed.reason.clone().unwrap_or_default(),
            request: secret::random().unwrap_or_default(),
        };
        shell.answer(status, &page)
    }

    /// Where the draws of a campaign have their files, by number.
    fn folders(&self, view: &CampaignView) -> Vec<DrawFolder> {
        let (root, code, draws) = (self.operator.draws.root(), &view.definition.code, view.draws());
        let folder = |number| DrawFolder::of(root, code, draws, DrawNo::from_index(number));
        let folders = (1..=draws.len()).map(folder);
        folders.map(|folder| folder.expect("it is one of the draws")).collect()
    }
}

/// Which draws were sealed as rehearsals, by number. Of one whose seal cannot be read its own page
/// says so.
async fn rehearsals(draws: &[Draw], folders: &[DrawFolder]) -> Result<Vec<bool>, Problem> {
    let sealed = draws.iter().zip(folders).map(|(draw, folder)| {
        let path = draw.is_sealed().then(|| folder.path.clone());
        path.map(|path| (path, draw.at))
    });
    let sealed: Vec<_> = sealed.collect();
    let is_one = |(path, closed): &(PathBuf, Millis)| {
        seal_of(path).is_ok_and(|seal| is_rehearsal(&seal, *closed))
    };
    blocking(move || Ok(sealed.iter().map(|of| of.as_ref().is_some_and(is_one)).collect())).await
}

/// The slot whose units a draw draws, if it is of one.
pub(super) fn slot_name(view: &CampaignView, draw: &Draw, language: Language) -> Option<String> {
    let slot = view.definition.slots.get(draw.slot?.index())?;
    Some(language.local(&view.definition, &slot.name).to_owned())
}
