//! The pages that one watches: the list of campaigns, and one campaign.
//!
//! Owns: their routes. Never: renders a part that changes; `view` does.

use super::Console;
use super::guard::{Overseer, Seat, Watcher};
use super::page::{Shell, refusal};
use super::scene::Topic;
use crate::secret;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use std::collections::HashMap;
use std::sync::Arc;

/// A part of the page and its place: what was there when the page was loaded.
pub(super) struct PartView {
    pub(super) name: &'static str,
    pub(super) html: String,
}

#[derive(Template)]
#[template(path = "console/list.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    parts: Vec<PartView>,
}

#[derive(Template)]
#[template(path = "console/campaign.html")]
struct CampaignPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    title: String,
    /// Behind the address of the stream.
    query: String,
    /// The district that the heat table is of.
    district: Option<String>,
    parts: Vec<PartView>,
    /// Whether lots decide.
    draws: bool,
    /// Whether it may ever be paused again.
    is_alive: bool,
    request: String,
    told: Option<super::answers::Answer>,
}

impl CampaignPage<'_> {
    fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|part| part.name == name).map_or("", |part| &part.html)
    }
}

impl ListPage<'_> {
    fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|part| part.name == name).map_or("", |part| &part.html)
    }
}

/// `GET /console`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
) -> Response {
    let shell = &Shell::of(&seat, "/console");
    match console.parts(Topic::List, seat.language).await {
        Ok(parts) => shell.answer(StatusCode::OK, &ListPage { shell, parts: views(parts) }),
        Err(problem) => shell.problem_of(&problem),
    }
}

/// `GET /console/live`
pub(super) async fn list_live(State(console): State<Arc<Console>>, watcher: Watcher) -> Response {
    console.stream(Topic::List, watcher)
}

/// `GET /console/stay`: somebody is there, as their page can tell. Asking is all there is to it.
pub(super) async fn stay(_: Seat) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `GET /console/c/{campaign}`
pub(super) async fn campaign(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path(code): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let shell = &Shell::of(&seat, &format!("/console/c/{code}"));
    let view = match console.operator.campaign(&code) {
        Ok(view) => view,
        Err(_) => return refusal(shell, StatusCode::NOT_FOUND, "unknown-campaign"),
    };
    let count = view.definition.outlets.len();
    let district = query.get("district").and_then(|district| district.parse().ok());
    let district = district.filter(|one| *one < count);
    let parts = match console.parts(Topic::Campaign(view.no, district), seat.language).await {
        Ok(parts) => views(parts),
        Err(problem) => return shell.problem_of(&problem),
    };
    let page = CampaignPage {
        shell,
        code: &view.definition.code,
        title: super::switches::title(&view, shell),
        query: district.map_or_else(String::new, |district| format!("?district={district}")),
        district: district.map(|district| district_name(&view.definition, district, &seat)),
        parts,
        draws: view.definition.draw().is_some(),
        is_alive: !view.is_shredded() && !view.marks().closed,
        request: secret::random().unwrap_or_default(),
        told: query.get("told").and_then(|id| console.sessions.given(&seat.visit.key, id)),
    };
    shell.answer(StatusCode::OK, &page)
}

/// `GET /console/c/{campaign}/live`
pub(super) async fn campaign_live(
    State(console): State<Arc<Console>>,
    watcher: Watcher,
    Path(code): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Ok(view) = console.operator.campaign(&code) else {
        let shell = Shell::spoken(watcher.language, "/console");
        return refusal(&shell, StatusCode::NOT_FOUND, "unknown-campaign");
    };
    let count = view.definition.outlets.len();
    let district = query.get("district").and_then(|district| district.parse().ok());
    // No more topics than there can be districts.
    console.stream(Topic::Campaign(view.no, district.filter(|one| *one < count)), watcher)
}

pub(super) fn views(parts: Vec<(&'static str, String)>) -> Vec<PartView> {
    parts.into_iter().map(|(name, html)| PartView { name, html }).collect()
}

/// The name of the district of this place, in the order of the heat table.
fn district_name(definition: &types::Definition, place: usize, seat: &Seat) -> String {
    let first_text = |outlet: &&types::definition::Outlet| {
        crate::language::first_text(definition, &outlet.district).to_owned()
    };
    let mut outlets: Vec<_> = definition.outlets.iter().collect();
    outlets.sort_by_key(first_text);
    outlets.dedup_by_key(|outlet| first_text(outlet));
    let found = outlets.get(place);
    found.map_or_else(String::new, |outlet| {
        seat.language.local(definition, &outlet.district).to_owned()
    })
}
