//! A campaign's first page: the same for everybody who asks at the same moment.
//!
//! Owns: its bytes, made anew a few times a second however many ask, and how long a cache on the
//! way may keep them. Never: anything personal, or anything that must not be handed to two.

use super::Page;
use crate::api::document::Document;
use crate::api::serve_document;
use crate::api::status::FRESH;
use crate::texts;
use arc_swap::ArcSwapOption;
use axum::response::Response;
use http::header::{CONTENT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderValue};
use std::sync::Arc;
use std::time::Instant;
use types::ids::Millis;

/// How long caches may keep a page whose campaign changes by the clock within the minute, …
const SOON: &str = "public, max-age=1";
/// … and any other: an operator's pause shows within so many seconds without a script.
const USUAL: &str = "public, max-age=5";
const SOON_MILLIS: u64 = 10_000;
const HTML: &str = "text/html; charset=utf-8";

/// The latest page in each language, with its links in that language or without.
pub(crate) struct SharedPages(Vec<ArcSwapOption<Made>>);

/// A page that was made a moment ago.
struct Made {
    at: Instant,
    document: Document,
}

impl Default for SharedPages {
    fn default() -> Self {
        Self((0..2 * texts::all().len()).map(|_| ArcSwapOption::empty()).collect())
    }
}

impl SharedPages {
    /// The page, fresh enough. `changes` is when it will be another one by the clock, if it will.
    pub(super) fn answer(
        &self,
        page: &Page,
        headers: &HeaderMap,
        now: Millis,
        changes: Option<Millis>,
        html: impl FnOnce() -> String,
    ) -> Response {
        let slot = &self.0[2 * page.language.index() + usize::from(page.query.is_empty())];
        let known = slot.load_full().filter(|made| made.at.elapsed() < FRESH);
        // Two at once may make one each, which is as true.
        let made = known.unwrap_or_else(|| {
            let document = Document::of_bytes(html().into());
            let made = Arc::new(Made { at: Instant::now(), document });
            slot.store(Some(Arc::clone(&made)));
            made
        });
        let soon = changes.is_some_and(|at| at.0.saturating_sub(now.0) < SOON_MILLIS);
        let age = if soon { SOON } else { USUAL };
        let mut answer = serve_document(&made.document, HTML, age, headers);
        let headers = answer.headers_mut();
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(page.language.tag()));
        headers.insert(VARY, HeaderValue::from_static("accept-language, accept-encoding"));
        answer
    }
}
