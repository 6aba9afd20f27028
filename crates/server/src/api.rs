//! The public JSON API.
//!
//! Owns: its routes and its wire types, which stay in here. Never: a page.

pub(crate) mod batch;
pub(crate) mod document;
pub(crate) mod draw_receipt;
pub(crate) mod enter;
mod health;
pub(crate) mod lookup;
pub(crate) mod openapi;
pub(crate) mod prepare;
mod read;
mod refusals;
pub(crate) mod reply;
mod schema;
pub(crate) mod seen;
pub(crate) mod status;
pub(crate) mod wire;

pub(crate) use read::{serve_document, takes_gzip};

use crate::language::Language;
use crate::problem::ready;
use crate::state::ServerState;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use std::sync::LazyLock;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The routes that are not hot.
pub(crate) fn router(state: ServerState) -> Router {
    let browser: Router = SwaggerUi::new("/docs/api").config(Config::from("/openapi.json")).into();
    Router::new()
        .route("/v1/campaigns", get(read::list))
        .route("/v1/entries/{receipt}/draw", get(draw_receipt::show))
        .route("/v1/entries/{receipt}/promise", get(draw_receipt::promise))
        .route("/v1/campaigns/{campaign}", get(read::campaign))
        .route("/v1/campaigns/{campaign}/status", get(read::status))
        .route("/livez", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(describe))
        .with_state(state)
        .merge(browser.layer(from_fn(as_problems)))
}

/// The API's description, written once: it is the longest answer, and anybody may ask for it.
async fn describe() -> impl IntoResponse {
    static DESCRIPTION: LazyLock<Bytes> = LazyLock::new(|| {
        let text = openapi::openapi().to_json().expect("a description can be written");
        text.into()
    });
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION.clone())
}

/// The API's browser comes with errors of its own, in plain text; ours are problem documents.
async fn as_problems(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let answer = next.run(request).await;
    let code = match answer.status() {
        StatusCode::BAD_REQUEST => "malformed-request",
        StatusCode::NOT_FOUND => "no-such-page",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        _ => return answer,
    };
    ready(code, language).map(axum::body::Body::from)
}
