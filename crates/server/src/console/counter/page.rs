//! What every page of the counter has around it.
//!
//! Owns: the shell, and problems as pages. Never: what a page is about.

use super::super::guard::Guest;
use super::super::page::{Other, html, others};
use super::clerk::Clerk;
use crate::language::Language;
use crate::texts::CounterTexts;
use askama::Template;
use axum::response::Response;
use http::StatusCode;

/// Around every page.
pub(super) struct Shell {
    pub(super) language: Language,
    pub(super) t: &'static CounterTexts,
    /// What the page calls whoever is logged in; nobody on the log-in page.
    pub(super) name: Option<String>,
    /// The outlet that is worked for; empty where that is not known.
    pub(super) outlet: String,
    /// Whether there are others to choose.
    pub(super) has_outlets: bool,
    pub(super) token: String,
    /// Of the log-in: see [`Clerk::mark`].
    pub(super) shift: String,
    /// Until when the log-in lasts, in words.
    pub(super) until: Option<String>,
    pub(super) sheet: &'static str,
    pub(super) script: &'static str,
    pub(super) mark: &'static str,
}

impl Shell {
    /// For somebody at a counter.
    pub(super) fn of(clerk: &Clerk, outlet: &str) -> Self {
        Self {
            name: Some(clerk.name.clone()),
            outlet: outlet.to_owned(),
            has_outlets: 1 < clerk.outlets.len(),
            token: clerk.form_token.clone(),
            shift: clerk.mark(),
            ..Self::spoken(clerk.language)
        }
    }

    pub(super) fn guest(guest: &Guest) -> Self {
        Self::spoken(guest.language)
    }

    fn spoken(language: Language) -> Self {
        Self {
            language,
            t: &language.texts().counter,
            name: None,
            outlet: String::new(),
            has_outlets: false,
            token: String::new(),
            shift: String::new(),
            until: None,
            sheet: crate::pages::asset_path("counter.css"),
            script: crate::pages::asset_path("counter.js"),
            mark: crate::pages::asset_path("mark.svg"),
        }
    }

    /// The address of the first page, for this outlet.
    pub(super) fn home(&self) -> String {
        if self.has_outlets && !self.outlet.is_empty() {
            format!("/counter?outlet={}", self.outlet)
        } else {
            "/counter".to_owned()
        }
    }

    /// The same page in another language: the log-in page, or the first one.
    pub(super) fn address(&self, other: &Other) -> String {
        let path = if self.name.is_some() { self.home() } else { "/counter/log-in".to_owned() };
        let sign = if path.contains('?') { '&' } else { '?' };
        format!("{path}{sign}lang={}", other.address)
    }

    /// The other languages.
    pub(super) fn others(&self) -> Vec<Other> {
        others(self.language)
    }

    /// The direction of its texts.
    pub(super) fn dir(&self) -> String {
        self.language.texts().language.dir.to_string()
    }

    /// What the script says, as data.
    pub(super) fn said(&self) -> String {
        let json = serde_json::to_string(&self.t.script).expect("texts are strings");
        // No text ends the element that it stands in.
        json.replace('<', "\\u003c")
    }

    /// A page.
    pub(super) fn answer(&self, status: StatusCode, page: &impl Template) -> Response {
        html(self.language, status, page)
    }

    /// A refusal of the pages themselves.
    ///
    /// # Panics
    /// When the code has no words: a bug that the tests of every route would meet.
    pub(super) fn problem(&self, status: StatusCode, code: &str) -> Response {
        let words = self.t.problem.get(code).expect("every refusal of the counter has its words");
        let (title, detail) = (&*words.word, &*words.detail);
        self.answer(status, &ProblemPage { shell: self, title, detail, code: None })
    }

    /// What whoever looks after the node must mend.
    pub(super) fn unread(&self, code: &'static str) -> Response {
        let t = &self.t.unread;
        let (title, detail) = (&*t.word, &*t.detail);
        let page = ProblemPage { shell: self, title, detail, code: Some(code) };
        self.answer(StatusCode::SERVICE_UNAVAILABLE, &page)
    }
}

#[derive(Template)]
#[template(path = "counter/problem.html")]
struct ProblemPage<'a> {
    shell: &'a Shell,
    title: &'a str,
    detail: &'a str,
    /// With a page of its own.
    code: Option<&'static str>,
}
