//! The counter: where units are handed out, on a phone, with a queue at the door.
//!
//! Owns: the pages under `/counter`, who may use them, and the frames of their cameras. Never:
//! decides what the rules decide: a code goes the way of the operator API; opens who it belongs to.
//! Invariants: what a code is worth is shown first, and handed out by a press of its own; a press
//! that comes twice hands out once, through lost connections and restarts; only these pages may
//! ask for a camera.
//! On failure: a page that says what happened and what to do now.

mod clerk;
mod counts;
mod frames;
mod log_in;
mod page;
pub(super) mod shifts;
mod told;
mod work;

use super::Console;
use super::guard::{Guest, strict};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get, post};
use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};
use std::sync::Arc;
use types::limits;

pub(super) use frames::Frames;

/// A camera, for these pages alone; nothing else that a page of ours could ask for.
const PERMISSIONS: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()";

/// For a phone that met a node which takes nothing now.
const RETRY_SECONDS: u64 = 2;

/// The counter's pages.
pub(super) fn router(console: Arc<Console>) -> Router<Arc<Console>> {
    Router::new()
        .route("/counter", get(work::home))
        .route("/counter/look", get(work::to_home).post(work::look))
        .route("/counter/hand-over", get(work::to_home).post(work::hand_over))
        .route("/counter/log-in", get(log_in::show).post(log_in::submit))
        .route("/counter/log-out", get(work::to_home).post(log_in::log_out))
        .route("/counter/{*elsewhere}", any(not_here))
        .layer(DefaultBodyLimit::max(limits::CONSOLE_FORM_BYTES_MAX))
        .route(
            "/counter/frame",
            post(frames::read).layer(DefaultBodyLimit::max(limits::COUNTER_FRAME_BYTES_MAX)),
        )
        .layer(middleware::from_fn_with_state(console, once_ready))
        .layer(middleware::map_response(strict))
        .layer(middleware::map_response(with_camera))
}

/// Until replay is done a phone waits, and asks again by itself.
async fn once_ready(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    if console.operator.node.status().state == node::State::Replaying {
        let (parts, _) = request.into_parts();
        let shell = page::Shell::guest(&clerk::spoken(Guest::of(&parts), &parts.headers));
        let mut answer = shell.problem(StatusCode::SERVICE_UNAVAILABLE, "starting");
        answer.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS.into());
        return answer;
    }
    next.run(request).await
}

/// Any other address.
async fn not_here(guest: Guest) -> Response {
    page::Shell::guest(&guest).problem(StatusCode::NOT_FOUND, "no-such-page")
}

/// Marks an answer as one of pages that may ask for a camera.
async fn with_camera(mut answer: Response) -> Response {
    let name = HeaderName::from_static("permissions-policy");
    answer.headers_mut().insert(name, HeaderValue::from_static(PERMISSIONS));
    answer
}
