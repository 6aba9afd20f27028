//! The page that hands over the file for the outlets.
//!
//! Owns: its form. Never: writes the file; the operator API does.

use super::Console;
use super::guard::{Overseer, Posted};
use super::page::Shell;
use super::switches::title;
use crate::operator::export::{self, ExportRequest};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/export.html")]
struct ExportPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    campaign: String,
    is_published: bool,
}

/// `GET /console/c/{campaign}/export`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path(code): Path<String>,
) -> Response {
    let shell = &Shell::of(&seat, &format!("/console/c/{code}/export"));
    let view = match console.owned(shell, &seat, &code) {
        Ok(view) => view,
        Err(answer) => return *answer,
    };
    let campaign = title(&view, shell);
    let is_published = view.is_published(console.operator.now());
    let page = ExportPage { shell, code: &view.definition.code, campaign, is_published };
    shell.answer(StatusCode::OK, &page)
}

/// `POST /console/c/{campaign}/export`: the file itself. Each press is an export of its own, and
/// recorded as one.
pub(super) async fn submit(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    Posted { seat, fields }: Posted,
) -> Response {
    let shell = Shell::of(&seat, &format!("/console/c/{code}/export"));
    if let Err(answer) = console.owned(&shell, &seat, &code) {
        return *answer;
    }
    let (format, layout) = fields.get("format").split_once(' ').unwrap_or(("csv", "archive"));
    let asked = ExportRequest {
        format: Some(format.to_owned()),
        layout: Some(layout.to_owned()),
        since: None,
        reason: Some(fields.get("reason").to_owned()),
    };
    let by = seat.actor();
    tracing::info!(client = %by.from, actor = %by.name, campaign = %code,
        "an export was asked for");
    match export::begin(Arc::clone(&console.operator), by, &code, &asked).await {
        Ok(answer) => answer,
        Err(problem) => shell.problem_of(&problem),
    }
}
