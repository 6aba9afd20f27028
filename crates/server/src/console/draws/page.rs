//! The page of a draw: its steps in their order, and the one that is next.
//!
//! Owns: that page. Never: renders a part that changes; `parts` does.

use super::address;
use crate::console::Console;
use crate::console::answers::Answer;
use crate::console::guard::Overseer;
use crate::console::page::Shell;
use crate::console::scene::Topic;
use crate::console::switches::title;
use crate::console::watching::{PartView, views};
use crate::draws::PAGE;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/draw/page.html")]
struct DrawPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    name: String,
    /// Where it is.
    href: String,
    /// Where its files are for everybody, once they are.
    public: Option<String>,
    folder: String,
    script: &'static str,
    told: Option<Answer>,
    /// Whether what was pressed is still at work.
    is_pending: bool,
    parts: Vec<PartView>,
}

impl DrawPage<'_> {
    fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|part| part.name == name).map_or("", |part| &part.html)
    }
}

/// `GET /console/c/{campaign}/draws/{draw}`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path((code, draw)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let shell = &Shell::of(&seat, &format!("/console/c/{code}/draws/{draw}"));
    let (view, no) = match console.draw_of(shell, &code, &draw) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let request = query.get("told").map(String::as_str);
    // Whether it is at work is asked first: what ends meanwhile is then told as done.
    let is_pending = request.is_some_and(|id| console.sessions.is_waited_for(&seat.visit.key, id));
    let told = request.and_then(|id| console.sessions.given(&seat.visit.key, id));
    let facts = match console.facts(&view, no).await {
        Ok(facts) => facts,
        Err(problem) => return shell.problem_of(&problem),
    };
    let parts = match console.parts(Topic::Draw(view.no, no), seat.language).await {
        Ok(parts) => views(parts),
        Err(problem) => return shell.problem_of(&problem),
    };
    let page = DrawPage {
        shell,
        code: &view.definition.code,
        campaign: title(&view, shell),
        name: facts.folder.name.to_string(),
        href: address(&code, no),
        public: facts.draw.is_sealed().then(|| format!("/draws/{code}/{no}/{PAGE}/")),
        folder: facts.folder.path.display().to_string(),
        script: crate::pages::asset_path("ceremony.js"),
        is_pending: is_pending && told.is_none(),
        told,
        parts,
    };
    shell.answer(StatusCode::OK, &page)
}
