//! `/e/{receipt}/draw`: the signed receipt of an entry in a draw, and the way to the page that
//! checks it; before the seal, the signed promise that goes before it.
//!
//! Owns: that page. Never: an outcome; receipt and promise say who takes part.

use super::view::local;
use super::{Asked, Named, Page};
use crate::api::draw_receipt::{self, Looked};
use crate::api::lookup;
use crate::state::ServerState;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use ledger::PublicEntry;

#[derive(Template)]
#[template(path = "draw_receipt.html")]
struct DrawReceiptPage<'a> {
    page: &'a Page,
    receipt: &'a str,
    title: &'a str,
    /// None where no sealed list has the entry.
    found: Option<Checkable>,
    /// None where the entry waits for no list.
    promise: Option<String>,
    /// Whether it may still be in a draw.
    waits: bool,
}

impl DrawReceiptPage<'_> {
    /// What there is to keep.
    fn heading(&self) -> &str {
        let t = &self.page.t.draw_receipt;
        let is_promise = self.found.is_none() && self.promise.is_some();
        if is_promise { &t.promise_title } else { &t.title }
    }
}

/// What is checked, and where.
struct Checkable {
    note: String,
    /// The page that checks.
    href: String,
}

/// `GET /e/{receipt}/draw`
pub(super) async fn show(
    State(state): State<ServerState>,
    Named(receipt): Named,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(format!("/e/{receipt}/draw"), &asked, &headers);
    let (campaign, seen) = match lookup::by_receipt(&state, &receipt).await {
        Ok(known) => known,
        Err(not_found) => return page.problem(&not_found.problem(page.language)),
    };
    let found = draw_receipt::find(&state, &receipt, page.language).await;
    let promise = draw_receipt::find_promise(&state, &receipt, page.language).await;
    let (found, promise) = match (found, promise) {
        (Ok(found), Ok(promise)) => (found, promise),
        (Err(problem), _) | (_, Err(problem)) => return page.problem(&problem),
    };
    let found = match found {
        Looked::NotYet | Looked::Nowhere => None,
        Looked::Found(found) => Some(Checkable {
            note: found.note,
            href: format!("/draws/{}/{}/{}/", found.campaign, found.draw, crate::draws::PAGE),
        }),
    };
    let definition = &*campaign.view.definition;
    let title = local(definition, &definition.texts.title, page.language);
    let receipt = receipt.as_str();
    let waits = matches!(seen.entry, PublicEntry::Registered { .. });
    let view = DrawReceiptPage { page: &page, receipt, title, found, promise, waits };
    page.answer(StatusCode::OK, &view)
}
