//! Server-rendered pages: everything a person needs, in every language, without a script.
//!
//! Owns: routes, templates, which text stands where. Never: puts anything personal into a URL, or
//! says more than is true: *registered* never looks or reads like *booked*.

mod article;
pub(crate) mod assets;
mod booking;
mod check;
mod draw_files;
mod draw_receipt;
mod entry;
mod fields;
mod find;
mod form;
mod lots;
mod offer;
mod onward;
mod outlets;
mod plain;
pub(crate) mod qr;
mod shared;
mod typed;
mod view;

pub(crate) use assets::path as asset_path;
pub(crate) use shared::SharedPages;

use crate::api::document::gzip;
use crate::api::takes_gzip;
use crate::language::Language;
use crate::problem::{Problem, ready};
use crate::state::ServerState;
use crate::texts::{self, OwnName, Texts};
use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Query};
use axum::response::Response;
use axum::routing::{any, get};
use flate2::Compression;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION, RETRY_AFTER,
    VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use node::CampaignView;
use std::convert::Infallible;
use typed::Typed;

/// The pages that problem documents lead to, and what they look like: for every listener.
pub(crate) fn errors<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/errors", get(article::index))
        .route("/errors/{code}", get(article::show))
        .route("/assets/{name}", get(assets::show))
}

/// All pages.
pub(crate) fn router(state: ServerState) -> Router {
    errors()
        .route("/", get(booking::home))
        .route("/c/{campaign}", get(booking::show).post(booking::submit))
        .route("/c/{campaign}/find", get(find::show).post(find::submit))
        .route("/e/{receipt}", get(entry::show))
        .route("/e/{receipt}/draw", get(draw_receipt::show))
        .route("/e/{receipt}/cancel", get(entry::back).post(entry::cancel))
        .route("/draws/{campaign}/{draw}/{*file}", get(draw_files::show))
        .route("/{*elsewhere}", any(not_here))
        .with_state(state)
}

/// Any other address.
async fn not_here(asked: Asked, headers: HeaderMap) -> Response {
    if reads_pages(&headers) {
        let page = Page::new("/".into(), &asked, &headers);
        page.problem(&Problem::of("no-such-page", page.language))
    } else {
        ready("no-such-page", Language::of(&headers)).map(Body::from)
    }
}

/// Whether whoever asks is a browser.
fn reads_pages(headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// What may stand behind the `?` besides a language and outlets.
const ASKED: [&str; 3] = ["district", typed::SEARCH, typed::AGAIN];

/// What stands behind the `?`: nothing personal. Whatever else stands there is passed over.
#[derive(Debug, Default)]
struct Asked {
    lang: Option<String>,
    /// District, outlets, and words to find them by: the first step of entering.
    outlets: Typed,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

impl Asked {
    fn of(uri: &Uri) -> Self {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let mut lang = None;
        let mut outlets = Vec::new();
        for (name, value) in pairs.map(|Query(pairs)| pairs).unwrap_or_default() {
            if name == "lang" {
                lang = Some(value);
            } else if name.starts_with("outlet") || ASKED.contains(&name.as_str()) {
                outlets.push((name, value));
            }
        }
        Self { lang, outlets: Typed::new(outlets) }
    }
}

/// The one part of a page's address that its route leaves open.
struct Named(String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match crate::extract::Segment::from_request_parts(parts, state).await {
            Ok(crate::extract::Segment(name)) => Ok(Self(name)),
            Err(problem) => {
                let page = Page::new("/".into(), &Asked::default(), &parts.headers);
                Err(page.problem(&problem))
            }
        }
    }
}

/// What every page knows.
struct Page {
    language: Language,
    /// Everything that is said in it.
    t: &'static Texts,
    /// `?lang=…` when it was asked for, to be kept in links.
    query: String,
    /// The same behind other parameters.
    also: String,
    path: String,
    /// What else stood behind the `?`, for the same page in the other language.
    kept: String,
    takes_gzip: bool,
}

impl Page {
    fn new(path: String, asked: &Asked, headers: &HeaderMap) -> Self {
        let chosen = asked.lang.as_deref().and_then(Language::of_tag);
        let lang = chosen.map(|chosen| &chosen.texts().language.address);
        let query = lang.map(|lang| format!("?lang={lang}")).unwrap_or_default();
        let also = lang.map(|lang| format!("&lang={lang}")).unwrap_or_default();
        let language = chosen.unwrap_or_else(|| Language::of(headers));
        let t = language.texts();
        let kept = asked.outlets.as_query();
        Self { language, t, query, also, path, kept, takes_gzip: takes_gzip(headers) }
    }

    /// The other languages that the page can be had in.
    fn others(&self) -> impl Iterator<Item = &'static OwnName> {
        let own = self.language.index();
        let others = texts::all().iter().enumerate().filter(move |(index, _)| *index != own);
        others.map(|(_, texts)| &texts.language)
    }

    /// A page that nobody but its reader may keep.
    fn answer(&self, status: StatusCode, template: &impl Template) -> Response {
        let html = template.render().expect("templates render from memory to memory");
        let html = match self.takes_gzip {
            // A page of its own for everybody: a little effort saves three quarters of it.
            true => gzip(html.as_bytes(), Compression::fast()),
            false => html.into(),
        };
        let mut answer = Response::new(Body::from(html));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        if self.takes_gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("accept-language, accept-encoding"));
        answer
    }

    /// A problem as a page.
    fn problem(&self, problem: &Problem) -> Response {
        let page = ProblemPage {
            page: self,
            title: &problem.title,
            detail: plain::detail(problem, self.language),
            code: problem.code,
        };
        let mut answer = self.answer(problem.status, &page);
        retry_after(&mut answer, problem);
        answer
    }

    /// See other: what a form was posted for is now at another address.
    fn see(&self, path: &str) -> Response {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::SEE_OTHER;
        let target = format!("{path}{}", self.query);
        let target = HeaderValue::try_from(target).expect("paths are codes and receipts");
        answer.headers_mut().insert(LOCATION, target);
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}

/// The answer to everything while the node starts: a page for a browser, a problem document for
/// everybody else. Nobody may keep it.
pub(crate) fn starting(headers: &HeaderMap) -> http::Response<crate::body::Body> {
    let why = node::Unavailable::Replaying;
    if reads_pages(headers) {
        let page = Page::new("/".into(), &Asked::default(), headers);
        let problem = crate::api::reply::unavailable(why, page.language);
        return page.problem(&problem).map(|body| crate::body::Body::Stream(body, None));
    }
    let problem = crate::api::reply::unavailable(why, Language::of(headers));
    problem.to_response().map(crate::body::Body::Bytes)
}

/// The answer to whoever sent a body that cannot be had: a page to a form of a browser's, a problem
/// document to every call.
pub(crate) fn body_refused(code: &'static str, head: &Parts) -> http::Response<crate::body::Body> {
    let is_call = head.uri.path().starts_with("/v1/");
    if is_call || !reads_pages(&head.headers) {
        return ready(code, Language::of(&head.headers)).map(crate::body::Body::Bytes);
    }
    let page = Page::new("/".into(), &Asked::of(&head.uri), &head.headers);
    let problem = Problem::of(code, page.language);
    page.problem(&problem).map(|body| crate::body::Body::Stream(body, None))
}

fn retry_after(answer: &mut Response, problem: &Problem) {
    if let Some(seconds) = problem.retry_after_seconds {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    page: &'a Page,
    title: &'a str,
    detail: &'a str,
    code: &'static str,
}

/// A title and a sentence above a form, and perhaps where to go from there.
struct Banner {
    title: String,
    detail: String,
    link: Option<Link>,
}

/// Where to go from a banner.
struct Link {
    href: String,
    words: &'static str,
}

impl Banner {
    fn of(problem: &Problem) -> Self {
        let detail = plain::detail(problem, problem.language);
        Self { title: problem.title.to_string(), detail: detail.to_owned(), link: None }
    }

    /// The same with a link to the look-up, where an earlier entry may be what was meant.
    fn with_find(mut self, problem: &Problem, page: &Page, campaign: &CampaignView) -> Self {
        let earlier = ["already-in", "request-reused", "closed", "cap-reached", "published"];
        if earlier.contains(&problem.code) {
            let href = format!("/c/{}/find{}", campaign.definition.code, page.query);
            self.link = Some(Link { href, words: &page.t.find.title });
        }
        self
    }
}
