//! Style sheet and mark: named by their content, kept for a year.
//!
//! Owns: both, in the program. Never: reads a file.

use super::Named;
use crate::api::document::Document;
use crate::api::serve_document;
use crate::language::Language;
use crate::problem::ready;
use axum::body::Body;
use axum::response::Response;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/style.css");
const MARK: &str = include_str!("../../assets/mark.svg");
const A_YEAR: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLE.as_bytes());
    let digest: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("/assets/style-{digest}.css")
});
static STYLE_BYTES: LazyLock<Document> = LazyLock::new(|| Document::of_bytes(STYLE.into()));
static MARK_BYTES: LazyLock<Document> = LazyLock::new(|| Document::of_bytes(MARK.into()));

/// Where the style sheet is.
pub(super) fn stylesheet_path() -> &'static str {
    &STYLE_PATH
}

/// `GET /assets/{name}`
pub(super) async fn show(Named(name): Named, headers: HeaderMap) -> Response {
    if STYLE_PATH.ends_with(&format!("/{name}")) {
        serve_document(&STYLE_BYTES, "text/css; charset=utf-8", A_YEAR, &headers)
    } else if name == "mark.svg" {
        serve_document(&MARK_BYTES, "image/svg+xml", A_DAY, &headers)
    } else {
        ready("no-such-page", Language::of(&headers)).map(Body::from)
    }
}
