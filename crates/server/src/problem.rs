//! Problem documents (RFC 9457) in every language, with codes that never change.
//!
//! Owns: the shape of every error answer. Never: the sentences, which each language's texts have,
//! or a secret.
//! Invariants: the same refusal gives the same bytes; `code` and `type` do not depend on the
//! language.

mod catalogue;

pub use catalogue::{PUBLIC, Public, public};

use crate::language::Language;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a code of the operator API can mean, where the console says more of it in a language of
/// its own than the code alone tells. Each has its words among `console.refusal` of every language.
pub(crate) const MEANINGS: [&str; 12] = [
    "draw-command-busy",
    "draw-deadline-past",
    "draw-round-known",
    "draw-void-cut-off",
    "list-needs-slot",
    "list-not-of-unserved",
    "list-of-unserved",
    "list-takes-no-slot",
    "seal-too-late",
    "void-unwritten",
    "winners-differ",
    "winners-sold-out",
];

/// One problem document before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code; its page is `/errors/CODE`.
    pub code: &'static str,
    /// What kind of problem, in a few words.
    pub title: Cow<'static, str>,
    /// What happened, to what, and what to do now.
    pub detail: Cow<'static, str>,
    /// The language of both.
    pub language: Language,
    /// Further members, after the usual ones.
    pub extra: Map<String, Value>,
    /// Seconds after which to come again.
    pub retry_after_seconds: Option<u32>,
    /// Which of all that its code can mean; none where the code says it. Not in the document.
    pub meaning: Option<&'static str>,
}

impl Problem {
    /// A problem of the public catalogue.
    ///
    /// # Panics
    /// When the catalogue has no such code: a bug that the tests of every route would meet.
    #[must_use]
    pub fn of(code: &'static str, language: Language) -> Self {
        let public = public(code).expect("every public code stands in the catalogue");
        let said = language.texts().problem(code);
        Self::new(public.status, code, &*said.title, &*said.detail).spoken(language)
    }

    /// A problem with texts of its own.
    #[must_use]
    pub fn new(
        status: u16,
        code: &'static str,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("statuses are written by hand"),
            code,
            title: title.into(),
            detail: detail.into(),
            language: Language::default(),
            extra: Map::new(),
            retry_after_seconds: None,
            meaning: None,
        }
    }

    /// The same, which means one of all that its code can mean.
    ///
    /// # Panics
    /// When it is none of `MEANINGS`: a bug that the tests of every route would meet.
    #[must_use]
    pub(crate) fn meaning(self, meaning: &'static str) -> Self {
        assert!(MEANINGS.contains(&meaning), "every meaning has its words");
        Self { meaning: Some(meaning), ..self }
    }

    /// The same with another detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same with a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// The same with `Retry-After`.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The same, said to be in a language.
    #[must_use]
    pub const fn spoken(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// The document, as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut document = Map::new();
        document.insert("type".into(), format!("/errors/{}", self.code).into());
        document.insert("title".into(), self.title.clone().into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("code".into(), self.code.into());
        document.insert("detail".into(), self.detail.clone().into());
        document.extend(self.extra.clone());
        Value::Object(document)
    }

    /// The document's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = serde_json::to_vec(&self.to_value()).expect("a JSON value can be written");
        bytes.push(b'\n');
        bytes.into()
    }

    /// The whole answer.
    #[must_use]
    pub fn to_response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.to_bytes());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The whole answer of a problem that says the same to everybody, from bytes made once.
#[must_use]
pub fn ready(code: &'static str, language: Language) -> Response<Bytes> {
    static READY: LazyLock<HashMap<&'static str, Vec<Response<Bytes>>>> = LazyLock::new(|| {
        let of = |code, language| Problem::of(code, language).to_response();
        let all = |code| Language::all().map(|language| of(code, language)).collect();
        PUBLIC.iter().map(|problem| (problem.code, all(problem.code))).collect()
    });
    match READY.get(code) {
        Some(answers) => answers[language.index()].clone(),
        None => Problem::of(code, language).to_response(),
    }
}

/// The code of the problem that an answer tells of, for whoever logs the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnsweredCode(pub(crate) &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        let mut response = self.to_response().map(axum::body::Body::from);
        response.extensions_mut().insert(AnsweredCode(self.code));
        response
    }
}
