//! `/e/{receipt}/draw`: the signed receipt of an entry in a draw, and the way to the page that
//! checks it; before the seal, the signed promise that goes before it.
//!
//! Owns: that page. Never: an outcome; receipt and promise say who takes part.

use super::qr::{Picture, long_picture};
use super::view::local;
use super::{Asked, Named, Page, onward};
use crate::api::draw_receipt::{self, Looked};
use crate::api::lookup;
use crate::state::ServerState;
use crate::texts::Texts;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use types::definition::FieldKind;

#[derive(Template)]
#[template(path = "draw_receipt.html")]
struct DrawReceiptPage<'a> {
    page: &'a Page,
    receipt: &'a str,
    title: &'a str,
    /// None where no sealed list has the entry.
    found: Option<Checkable>,
    /// None where the entry waits for no list.
    promise: Option<Signed>,
    /// Whether it may still be in a draw.
    waits: bool,
    /// Where lots are drawn instead, if not in this campaign.
    elsewhere: Vec<String>,
    /// Lead to what was taken over of it into draws.
    onward: Vec<onward::Link>,
}

impl DrawReceiptPage<'_> {
    /// What there is to keep.
    fn heading(&self) -> &str {
        let t = &self.page.t.draw_receipt;
        let is_promise = self.found.is_none() && self.promise.is_some();
        if is_promise { &t.promise_title } else { &t.title }
    }
}

/// What is kept, as it was signed.
struct Signed {
    note: String,
    /// To be scanned; None where no code holds as much.
    picture: Option<Picture>,
}

impl Signed {
    fn of(note: String) -> Self {
        Self { picture: long_picture(&note), note }
    }
}

/// What is checked, and where.
struct Checkable {
    receipt: Signed,
    /// Whether the draw does not count.
    is_void: bool,
    /// Whether somebody could know its numbers before.
    is_rehearsal: bool,
    /// The page that checks, asked for what people entered with.
    href: String,
    /// What is to be done there.
    how: String,
}

/// What people entered with, as the page that checks calls it, and how they type it there.
struct Typed {
    name: &'static str,
    form: &'static str,
}

impl Typed {
    fn of(kind: &FieldKind, t: &'static Texts) -> Self {
        let t = &t.draw_receipt;
        let (name, form) = match kind {
            FieldKind::ResidentId => (&t.kind.resident_id, &t.typed.resident_id),
            FieldKind::Phone { .. } => (&t.kind.phone, &t.typed.phone),
            FieldKind::Passport => (&t.kind.passport, &t.typed.passport),
            FieldKind::HomeReturnPermit => {
                (&t.kind.home_return_permit, &t.typed.home_return_permit)
            }
            FieldKind::Text { .. } => (&t.kind.text, &t.typed.text),
        };
        Self { name, form }
    }
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
    let definition = &*campaign.view.definition;
    let person = definition.register.fields.iter().find(|field| field.unique);
    let person = person.expect("a draw knows its people by a unique field");
    let typed = Typed::of(&person.kind, page.t);
    let label = local(definition, &person.label, page.language);
    let found = match found {
        Looked::NotYet | Looked::Nowhere => None,
        Looked::Found(found) => Some(Checkable {
            receipt: Signed::of(found.note),
            is_void: found.is_void,
            is_rehearsal: found.is_rehearsal,
            href: format!(
                "/draws/{}/{}/{}/#{}",
                found.campaign,
                found.draw,
                crate::draws::PAGE,
                roll::issuer(&person.kind)
            ),
            how: page.t.draw_receipt.how.with(typed.name, label, typed.form),
        }),
    };
    let title = local(definition, &definition.texts.title, page.language);
    let receipt = receipt.as_str();
    let onward = onward::links(&page, &state, &seen);
    let t = &page.t.entry.onward;
    let elsewhere = onward::drawn_in(&state, &campaign, &seen.entry).map(|into| {
        let there = if onward.is_empty() { &t.later } else { &t.there };
        vec![t.drawn_in.with(onward::title(&into.view, page.language)), there.to_string()]
    });
    let view = DrawReceiptPage {
        page: &page,
        receipt,
        title,
        found,
        promise: promise.map(Signed::of),
        waits: seen.may_be_drawn(),
        elsewhere: elsewhere.unwrap_or_default(),
        onward,
    };
    page.answer(StatusCode::OK, &view)
}
