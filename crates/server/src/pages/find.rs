//! `/c/{campaign}/find`: a result for whoever has lost the receipt.
//!
//! Owns: the form that asks for every identity field. Never: redirects with anything personal,
//! gives the receipt, or says which field was wrong.

use super::entry::result_page;
use super::form::{FieldView, Typed, fields};
use super::view::local;
use super::{Asked, Banner, Named, Page};
use crate::api::lookup::{NotFound, by_identity, settle};
use crate::campaigns::Prepared;
use crate::people::FieldError;
use crate::problem::Problem;
use crate::state::ServerState;
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage<'a> {
    page: &'a Page,
    code: &'a str,
    title: &'a str,
    form: FindForm,
}

struct FindForm {
    fields: Vec<FieldView>,
    banner: Option<Banner>,
}

/// `GET /c/{campaign}/find`
pub(super) async fn show(
    State(state): State<ServerState>,
    Named(code): Named,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(format!("/c/{code}/find"), &asked, &headers);
    match state.campaign(&code) {
        Some(campaign) => form_page(&page, &campaign, StatusCode::OK, &Typed::default(), &[], None),
        None => page.problem(&Problem::of("unknown-campaign", page.language)),
    }
}

/// `POST /c/{campaign}/find`
pub(super) async fn submit(
    State(state): State<ServerState>,
    Named(code): Named,
    asked: Asked,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let page = Page::new(format!("/c/{code}/find"), &asked, &headers);
    let Some(campaign) = state.campaign(&code) else {
        return page.problem(&Problem::of("unknown-campaign", page.language));
    };
    let Ok(Form(pairs)) = form else {
        return page.problem(&Problem::of("malformed-form", page.language));
    };
    let typed = Typed::new(pairs);
    let looked = by_identity(&state, &campaign, &typed.stated());
    match settle(looked).await {
        Ok(entry) => result_page(&page, &state, &campaign, &entry, None, None),
        Err(NotFound::Fields(errors)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form_page(&page, &campaign, status, &typed, &errors, None)
        }
        Err(not_found) => {
            let problem = not_found.problem(page.language);
            let banner = Some(Banner::of(&problem));
            form_page(&page, &campaign, problem.status, &typed, &[], banner)
        }
    }
}

fn form_page(
    page: &Page,
    campaign: &Prepared,
    status: StatusCode,
    typed: &Typed,
    errors: &[FieldError],
    banner: Option<Banner>,
) -> Response {
    let definition = &*campaign.view.definition;
    let view = FindPage {
        page,
        code: &definition.code,
        title: local(definition, &definition.texts.title, page.language),
        form: FindForm { fields: fields(campaign, typed, errors, page.language), banner },
    };
    page.answer(status, &view)
}
