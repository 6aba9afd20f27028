//! `/livez` and `/readyz`, for whoever restarts and balances.
//!
//! Owns: what counts as ready. Never: waits for anything.

use super::schema::Health;
use crate::language::Language;
use crate::problem::Problem;
use crate::state::ServerState;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use node::State as NodeState;

/// Alive
///
/// Answers as long as the process runs. Restart it when this does not answer.
#[utoipa::path(
    get, path = "/livez", tag = "Health",
    responses((status = 200, description = "The process runs.", body = Health))
)]
pub(super) async fn alive() -> Json<Health> {
    Json(Health { state: "alive" })
}

/// Ready
///
/// 200 while requests are taken; 503 while the journal is replayed, while the server drains, and
/// while there is no room for the journal. Send people elsewhere meanwhile.
#[utoipa::path(
    get, path = "/readyz", tag = "Health",
    responses(
        (status = 200, description = "Requests are taken.", body = Health),
        (status = 503, description = "`not-ready`; `state` says why.",
         body = super::schema::ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ready(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let word = match state.node.status().state {
        NodeState::Ready => return Json(Health { state: "ready" }).into_response(),
        NodeState::Replaying => "replaying",
        NodeState::Full => "full",
        NodeState::Draining => "draining",
        NodeState::Failed => "failed",
    };
    let problem = Problem::of("not-ready", Language::of(&headers)).with("state", word);
    problem.retry_after(2).into_response()
}
