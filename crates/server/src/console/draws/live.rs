//! The streams of a draw's page and of its view for the hall: what changes there, as it changes.
//!
//! Owns: the way from their addresses to what they are about. Never: renders a part; `parts` and
//! `panels` do, and `console::live` sends them.

use crate::console::Console;
use crate::console::guard::Watcher;
use crate::console::page::Shell;
use crate::console::scene::Topic;
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;
use types::CampaignNo;
use types::ids::DrawNo;

/// `GET /console/c/{campaign}/draws/{draw}/live`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    watcher: Watcher,
    Path(at): Path<(String, String)>,
) -> Response {
    stream(&console, watcher, &at, Topic::Draw)
}

/// `GET /console/c/{campaign}/draws/{draw}/hall/live`
pub(super) async fn hall(
    State(console): State<Arc<Console>>,
    watcher: Watcher,
    Path(at): Path<(String, String)>,
) -> Response {
    stream(&console, watcher, &at, Topic::Hall)
}

fn stream(
    console: &Arc<Console>,
    watcher: Watcher,
    (code, draw): &(String, String),
    topic: fn(CampaignNo, DrawNo) -> Topic,
) -> Response {
    let shell = Shell::spoken(watcher.language, "/console");
    match console.draw_of(&shell, code, draw) {
        Ok((view, no)) => console.stream(topic(view.no, no), watcher),
        Err(answer) => *answer,
    }
}
