//! The view of a draw for the hall: large, without anything of the console around it.
//!
//! Owns: that page. Never: a form; a winner before the publication; renders a part that changes,
//! which `parts` does.

use super::address;
use crate::console::Console;
use crate::console::guard::Overseer;
use crate::console::page::Shell;
use crate::console::scene::Topic;
use crate::console::switches::title;
use crate::console::watching::{PartView, views};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/draw/hall.html")]
struct HallPage<'a> {
    shell: &'a Shell,
    campaign: String,
    name: String,
    href: String,
    sheet: &'static str,
    script: &'static str,
    parts: Vec<PartView>,
}

impl HallPage<'_> {
    fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|part| part.name == name).map_or("", |part| &part.html)
    }
}

/// `GET /console/c/{campaign}/draws/{draw}/hall`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path((code, draw)): Path<(String, String)>,
) -> Response {
    let shell = &Shell::of(&seat, &format!("/console/c/{code}/draws/{draw}/hall"));
    let (view, no) = match console.draw_of(shell, &code, &draw) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let facts = match console.facts(&view, no).await {
        Ok(facts) => facts,
        Err(problem) => return shell.problem_of(&problem),
    };
    let parts = match console.parts(Topic::Hall(view.no, no), seat.language).await {
        Ok(parts) => views(parts),
        Err(problem) => return shell.problem_of(&problem),
    };
    let page = HallPage {
        shell,
        campaign: title(&view, shell),
        name: facts.folder.name.to_string(),
        href: address(&code, no),
        sheet: crate::pages::asset_path("hall.css"),
        script: crate::pages::asset_path("ceremony.js"),
        parts,
    };
    shell.answer(StatusCode::OK, &page)
}
