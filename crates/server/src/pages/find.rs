//! `/c/{campaign}/find`: a result for whoever is not on the receipt's page.
//!
//! Owns: two ways to it, the receipt's number and every identity field. Never: redirects with
//! anything personal, gives the receipt to whoever lost it, or says which field was wrong.

use super::entry::result_page;
use super::fields::{FieldView, Whose, fields};
use super::form::ErrorView;
use super::typed::Typed;
use super::view::local;
use super::{Asked, Banner, Named, Page};
use crate::api::lookup::{self, NotFound, by_identity, settle};
use crate::campaigns::Prepared;
use crate::people::FieldError;
use crate::problem::Problem;
use crate::state::{ServerState, Shared};
use crate::texts::Texts;
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
    banner: Option<Banner>,
    /// None where nothing can be looked up any more.
    form: Option<FindForm>,
}

struct FindForm {
    errors: Vec<ErrorView>,
    receipt: String,
    receipt_error: Option<String>,
    fields: Vec<FieldView>,
}

/// What was wrong with a look-up.
#[derive(Default)]
struct Wrong {
    fields: Vec<FieldError>,
    receipt: Option<String>,
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
        Some(campaign) => {
            form_page(&page, &campaign, StatusCode::OK, &Typed::default(), Wrong::default())
        }
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
    if typed.has("receipt") {
        return by_receipt(&page, &state, &campaign, &typed).await;
    }
    let looked = by_identity(&state, &campaign, &typed.stated());
    match settle(looked).await {
        Ok(seen) => result_page(&page, &state, &campaign, &seen, None, None),
        Err(NotFound::Fields(fields)) => {
            let wrong = Wrong { fields, ..Wrong::default() };
            form_page(&page, &campaign, StatusCode::UNPROCESSABLE_ENTITY, &typed, wrong)
        }
        Err(not_found) => refused(&page, &campaign, &typed, &not_found),
    }
}

/// Leads to the page of a receipt, where its entry can be seen and cancelled.
async fn by_receipt(page: &Page, state: &Shared, campaign: &Prepared, typed: &Typed) -> Response {
    let receipt = receipt_of(typed.get("receipt"));
    if receipt.is_empty() {
        let message = page.t.find.receipt_missing.to_string();
        let wrong = Wrong { receipt: Some(message), ..Wrong::default() };
        return form_page(page, campaign, StatusCode::UNPROCESSABLE_ENTITY, typed, wrong);
    }
    match lookup::by_receipt(state, &receipt).await {
        Ok(_) => page.see(&format!("/e/{receipt}")),
        Err(NotFound::Nothing) => {
            let message = not_a_receipt(receipt.chars().count(), page.t);
            let wrong = Wrong { receipt: Some(message), ..Wrong::default() };
            form_page(page, campaign, StatusCode::NOT_FOUND, typed, wrong)
        }
        Err(not_found) => refused(page, campaign, typed, &not_found),
    }
}

fn refused(page: &Page, campaign: &Prepared, typed: &Typed, not_found: &NotFound) -> Response {
    let problem = not_found.problem(page.language);
    let mut banner = Banner::of(&problem);
    if matches!(not_found, NotFound::Nothing) {
        banner.detail = page.t.find.not_found.to_string();
    }
    let wrong = Wrong { banner: Some(banner), ..Wrong::default() };
    let mut answer = form_page(page, campaign, problem.status, typed, wrong);
    super::retry_after(&mut answer, &problem);
    answer
}

/// The receipt in what somebody typed: the number in whatever groups, or the address of its page.
/// Receipts have no I, L or O, so those are meant as the digits they look like.
fn receipt_of(typed: &str) -> String {
    let number = typed.rsplit_once("/e/").map_or(typed, |(_, number)| number);
    let number = number.trim_start().split(['?', '#', '/']).next().unwrap_or_default();
    let characters = number.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.'));
    let plain = characters.map(|character| match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).expect("full-width forms have twins")
        }
        other => other,
    });
    let plain = plain.flat_map(char::to_lowercase).map(|character| match character {
        'i' | 'l' => '1',
        'o' => '0',
        other => other,
    });
    plain.collect()
}

fn not_a_receipt(characters: usize, t: &Texts) -> String {
    const CHARACTERS: usize = 32;
    if characters == CHARACTERS {
        t.find.receipt_unknown.to_string()
    } else {
        t.find.receipt_not_whole.with(CHARACTERS, characters)
    }
}

fn form_page(
    page: &Page,
    campaign: &Prepared,
    status: StatusCode,
    typed: &Typed,
    wrong: Wrong,
) -> Response {
    let (language, t) = (page.language, page.t);
    let definition = &*campaign.view.definition;
    let mut banner = wrong.banner;
    let form = if campaign.people.is_some() {
        let fields = fields(campaign, typed, &wrong.fields, language, Whose::Own);
        let mut errors: Vec<_> = fields.iter().filter_map(FieldView::summary).collect();
        errors.extend(wrong.receipt.as_ref().map(|message| ErrorView {
            anchor: "receipt".to_owned(),
            label: t.entry.receipt.to_string(),
            message: message.clone(),
        }));
        let receipt = typed.get("receipt").to_owned();
        Some(FindForm { errors, receipt, receipt_error: wrong.receipt, fields })
    } else {
        let problem = Problem::of(campaign.without_people(), language);
        banner = banner.or_else(|| Some(Banner::of(&problem)));
        None
    };
    let title = local(definition, &definition.texts.title, language);
    let view = FindPage { page, code: &definition.code, title, banner, form };
    page.answer(status, &view)
}

#[cfg(test)]
mod tests {
    use super::receipt_of;

    #[test]
    fn a_receipt_is_found_in_whatever_was_pasted() {
        let receipt = "00000000000000000abcdefghjkmnpqr";
        for typed in [
            receipt.to_owned(),
            format!(" {}\n", receipt.to_uppercase()),
            "0000 0000 0000 0000 0abc defg hjkm npqr".to_owned(),
            "0000-0000-0000-0000-0abc-defg-hjkm-npqr".to_owned(),
            format!("https://masks.example/e/{receipt}?lang=zh#main"),
            format!("masks.example:8080/e/{receipt}/cancel"),
            receipt.replace('0', "O"),
            receipt.replace('a', "ａ"),
        ] {
            assert_eq!(receipt_of(&typed), receipt, "{typed}");
        }
        for typed in ["", " ", "https://masks.example/e/"] {
            assert_eq!(receipt_of(typed), "", "{typed}");
        }
    }
}
