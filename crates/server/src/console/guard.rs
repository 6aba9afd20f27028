//! Who asks for a page of the console, and whether a form is one of ours.
//!
//! Owns: the cookie, the checks of every request, and the headers of every answer. Never: lets a
//! request change anything that no page of ours sent.
//! Invariants: a change needs a session that still counts for its account, a browser that says
//! the form came from these pages, and the session's own token in the form.
//! On failure: a page that says so, or the log-in page.

use super::Console;
use super::accounts::{AccountError, AccountRole};
use super::fields::Fields;
use super::page::{Shell, refusal, see};
use super::sessions::{Life, Visit};
use crate::language::Language;
use crate::listener::ClientAddress;
use crate::operator::Actor;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

/// Nothing from elsewhere, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";
/// No page of the console uses any of these.
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
/// Behind TLS a browser takes this name only with `Secure`, without `Domain`, for all paths.
const SECURE_COOKIE: &str = "__Host-tidegate";
const CLEAR_COOKIE: &str = "tidegate";
/// Stands in the address of the page that a log-in leads back to, when a form came before it.
pub(super) const UNDONE: &str = "undone=1";

/// Whether a request reached the node, or the proxy before it, through TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsSecure(pub(crate) bool);

/// Anybody: what is known without a session.
pub(super) struct Guest {
    pub(super) language: Language,
    /// Asked for in the address.
    pub(super) chosen: Option<Language>,
    pub(super) is_secure: bool,
    pub(super) from: IpAddr,
}

/// Somebody who is logged in.
pub(super) struct Seat {
    pub(super) visit: Visit,
    pub(super) language: Language,
    pub(super) is_secure: bool,
    pub(super) from: IpAddr,
    /// Whether a form was sent without a session just before. That sending did nothing; what was
    /// pressed may have been done by an earlier one, whose answer was lost.
    pub(super) is_undone: bool,
}

/// Somebody who may see campaigns: an owner or an auditor.
pub(super) struct Overseer(pub(super) Seat);

/// Somebody whose page asks for news by itself.
pub(super) struct Watcher {
    pub(super) visit: Visit,
    pub(super) life: Life,
    pub(super) language: Language,
}

/// A form of a page of ours, from somebody who is logged in.
pub(super) struct Posted {
    pub(super) seat: Seat,
    pub(super) fields: Fields,
}

impl Guest {
    pub(super) fn of(parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let chosen = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let chosen = chosen.and_then(Language::of_tag);
        let language = chosen.unwrap_or_else(|| Language::of(&parts.headers));
        let is_secure = parts.extensions.get().is_some_and(|IsSecure(is)| *is);
        let ClientAddress(from) = ClientAddress::of(&parts.extensions);
        Self { language, chosen, is_secure, from }
    }
}

impl Seat {
    /// Whoever sits here, as the journal is to know them.
    pub(super) fn actor(&self) -> Actor {
        Actor { name: self.visit.person.name.clone(), from: self.from }
    }
}

impl FromRequestParts<Arc<Console>> for Guest {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Arc<Console>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

impl FromRequestParts<Arc<Console>> for Seat {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Response> {
        let guest = Guest::of(parts);
        let secret = secret(&parts.headers, guest.is_secure);
        let visit = secret.and_then(|secret| console.sessions.visit(secret, Instant::now()));
        let Some(visit) = visit else { return Err(to_log_in(parts)) };
        match console.counts(&visit) {
            Ok(true) => {}
            Ok(false) => {
                console.sessions.end(&visit.key);
                return Err(to_log_in(parts));
            }
            Err(error) => return Err(unread(&guest, &error)),
        }
        if let Some(chosen) = guest.chosen {
            console.sessions.speak(&visit.key, chosen);
        }
        let language = guest.chosen.or(visit.language).unwrap_or(guest.language);
        let query = parts.uri.query().unwrap_or_default();
        let is_undone = query.split('&').any(|pair| pair == UNDONE);
        Ok(Self { visit, language, is_secure: guest.is_secure, from: guest.from, is_undone })
    }
}

impl FromRequestParts<Arc<Console>> for Overseer {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Response> {
        let seat = Seat::from_request_parts(parts, console).await?;
        match seat.visit.person.role {
            AccountRole::Owner | AccountRole::Auditor => Ok(Self(seat)),
            AccountRole::Outlet => Err(see("/counter")),
        }
    }
}

impl FromRequestParts<Arc<Console>> for Watcher {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Response> {
        let guest = Guest::of(parts);
        let secret = secret(&parts.headers, guest.is_secure);
        let found = secret.and_then(|secret| console.sessions.look(secret, Instant::now()));
        // Not a redirect: what asks is no person, and must not be shown the log-in page.
        let gone = || {
            let mut answer = Response::new(axum::body::Body::empty());
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            answer
        };
        let (visit, life) = found.ok_or_else(gone)?;
        let may_watch = visit.person.role != AccountRole::Outlet;
        if !may_watch || !console.counts(&visit).is_ok_and(|counts| counts) {
            return Err(gone());
        }
        let language = visit.language.unwrap_or(guest.language);
        Ok(Self { visit, life, language })
    }
}

impl FromRequest<Arc<Console>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        if !is_from_here(&parts.headers) {
            let shell = Shell::guest(&Guest::of(&parts));
            return Err(refusal(&shell, StatusCode::FORBIDDEN, "form-refused"));
        }
        let seat = Seat::from_request_parts(&mut parts, console).await?;
        let request = Request::from_parts(parts, body);
        let fields = read(request)
            .await
            .map_err(|(status, code)| refusal(&Shell::of(&seat, "/console"), status, code))?;
        let posted = Self { seat, fields };
        if !posted.is_of_session() {
            let shell = Shell::of(&posted.seat, "/console");
            return Err(refusal(&shell, StatusCode::FORBIDDEN, "form-refused"));
        }
        Ok(posted)
    }
}

impl Posted {
    fn is_of_session(&self) -> bool {
        is_token(&self.seat, self.fields.get("token"))
    }
}

/// Whether a form holds its session's token.
pub(super) fn is_token(seat: &Seat, token: &str) -> bool {
    bool::from(token.as_bytes().ct_eq(seat.visit.person.form_token.as_bytes()))
}

/// The fields of a form without files.
pub(super) async fn read(request: Request) -> Result<Fields, (StatusCode, &'static str)> {
    let form = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    match form {
        Ok(axum::Form(fields)) => Ok(Fields::new(fields)),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"))
        }
        Err(_) => Err((StatusCode::BAD_REQUEST, "malformed-form")),
    }
}

/// Whether a browser says that a page of the same origin sent this. What says nothing at all is no
/// browser of these years, and is refused.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (origin.and_then(|origin| origin.split_once("://")), host) {
        (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

impl Console {
    /// Whether a session still counts for its account.
    pub(super) fn counts(&self, visit: &Visit) -> Result<bool, AccountError> {
        let account = self.accounts.find(&visit.person.name)?;
        Ok(account.is_some_and(|account| visit.person.is_of(&account)))
    }
}

/// The page that says why nobody is let in.
pub(super) fn unread(guest: &Guest, error: &AccountError) -> Response {
    tracing::error!(code = error.code(), %error, "accounts cannot be read");
    let shell = Shell::guest(guest);
    let detail = shell.t.log_in.unread.to_string();
    let title = shell.t.log_in.title.to_string();
    shell.problem(StatusCode::SERVICE_UNAVAILABLE, error.code(), &title, &detail)
}

/// Where some forms are sent to, below the page that they stand on; the others go to their page.
const BELOW_THEIR_PAGE: [&str; 4] = ["/confirm", "/end", "/password", "/log-out-everywhere"];

/// To the log-in page, and from there back to what was asked for, or to the form that was sent.
fn to_log_in(parts: &Parts) -> Response {
    let path = parts.uri.path();
    if !is_ours(path) {
        return see("/console/log-in?ended=1");
    }
    if parts.method == Method::GET {
        return see(&format!("/console/log-in?next={path}"));
    }
    see(&format!("/console/log-in?ended=1&next={}", page_of(path)))
}

/// The page that a form stands on, by where it is sent to.
fn page_of(path: &str) -> &str {
    BELOW_THEIR_PAGE.iter().find_map(|leaf| path.strip_suffix(leaf)).unwrap_or(path)
}

/// To the page of a form, for whoever asks for what only forms are sent to: going back to an
/// answer, or loading its address again.
pub(super) async fn to_page(address: Uri) -> Response {
    see(page_of(address.path()))
}

/// Whether a path leads to a page of the console, and nowhere else.
pub(super) fn is_ours(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let is_page = path == "/console" || path.starts_with("/console/");
    let leads_out = path.split('/').any(|part| part == "..");
    is_page && !leads_out && !path.starts_with("/console/log-") && path.bytes().all(is_plain)
}

/// The session's secret, as the browser keeps it.
pub(super) fn secret(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    cookie(headers, cookie_name(is_secure))
}

/// The name of the session's cookie; those of others begin with it.
pub(super) const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_COOKIE } else { CLEAR_COOKIE }
}

/// A cookie's value.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Gives the browser a session's secret, or takes it away.
pub(super) fn set_cookie(answer: &mut Response, secret: Option<&str>, is_secure: bool) {
    let value = secret.map_or(("", Some(0)), |secret| (secret, None));
    give_cookie(answer, cookie_name(is_secure), value, is_secure);
}

/// Gives the browser a cookie for some seconds, or until it is closed.
pub(super) fn give_cookie(
    answer: &mut Response,
    name: &str,
    (value, seconds): (&str, Option<u64>),
    is_secure: bool,
) {
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let secure = if is_secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}{age}; Path=/; HttpOnly; SameSite=Strict{secure}");
    let cookie = HeaderValue::try_from(cookie)
        .expect("secrets and tags of languages are letters, digits and -");
    answer.headers_mut().append(SET_COOKIE, cookie);
}

/// What every answer of the console carries.
pub(super) async fn strict(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    let fixed: [(HeaderName, &'static str); 8] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // The origin must reach us with a form: without it nobody could tell where it came from.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_form_is_from_here_only_when_the_browser_says_so() {
        let is = |pairs: &[(&'static str, &str)]| is_from_here(&headers(pairs));
        assert!(is(&[("sec-fetch-site", "same-origin")]));
        assert!(!is(&[("sec-fetch-site", "same-site"), ("origin", "https://x"), ("host", "x")]));
        assert!(!is(&[("sec-fetch-site", "none")]));
        assert!(is(&[("origin", "http://desk:8081"), ("host", "desk:8081")]));
        assert!(!is(&[("origin", "http://desk:8081"), ("host", "desk:8082")]));
        assert!(!is(&[("origin", "null"), ("host", "desk")]));
        assert!(!is(&[("host", "desk")]) && !is(&[]));
    }

    #[test]
    fn a_session_has_the_strict_cookie_behind_tls_alone() {
        let both = headers(&[("cookie", "x=1; tidegate=aa; __Host-tidegate=bb")]);
        assert_eq!((secret(&both, false), secret(&both, true)), (Some("aa"), Some("bb")));
        assert_eq!(secret(&headers(&[("cookie", "tidegates=aa")]), false), None);
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        for ours in ["/console", "/console/c/masks", "/console/actions"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            "//evil.example",
            "/consoles",
            "https://evil",
            "/console/log-out",
            "/console/\r\nx",
            "/console/../docs",
            "/console/..",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
