//! From a request to its handler: the hot routes by hand, the rest by a router.
//!
//! Owns: the dispatch before the router (which saves a hot request about a microsecond), the
//! headers every page carries. Never: reads a body that its route does not take.

use crate::api::{batch, enter, lookup};
use crate::body::{Body, Unstalled, read_body};
use crate::config::{Network, ServerConfig};
use crate::console::IsSecure;
use crate::language::Language;
use crate::listener::{Connection, Handler, client_address};
use crate::pages;
use crate::problem::ready;
use crate::state::ServerState;
use axum::Router;
use bytes::Bytes;
use http::header::{
    ALLOW, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tower::ServiceExt as _;
use types::limits;

/// For pages: nothing from elsewhere, no script in a page; of style only the one that stands in
/// every page.
pub(crate) static PAGE_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'sha256-{}'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        pages::assets::style_hash()
    );
    HeaderValue::try_from(policy).expect("a policy is a line of ASCII")
});
/// For the API's browser, which is a script with styles of its own.
const BROWSER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; \
     base-uri 'none'",
);

/// Everything the public listener answers.
pub struct PublicApp {
    state: ServerState,
    router: Router,
    proxies: Vec<Network>,
}

/// A router behind the same listener: the operator API, or the benchmark's baseline.
pub struct RouterApp {
    router: Router,
    proxies: Vec<Network>,
    has_tls: bool,
    body_time: Duration,
}

/// The handler of the public listener.
#[must_use]
pub fn public_app(state: ServerState, config: &ServerConfig) -> Arc<PublicApp> {
    let router = crate::api::router(state.clone()).merge(pages::router(state.clone()));
    let router = router
        .fallback(|headers: HeaderMap| async move { not_here(&headers) })
        .method_not_allowed_fallback(|headers: HeaderMap| async move {
            ready("method-not-allowed", Language::of(&headers)).map(axum::body::Body::from)
        });
    Arc::new(PublicApp { state, router, proxies: config.trusted_proxies.clone() })
}

/// The handler of a listener that serves a router. Bodies are streamed to it, and end with an
/// error when they stall.
#[must_use]
pub fn router_app(router: Router, config: &ServerConfig) -> Arc<RouterApp> {
    let proxies = config.trusted_proxies.clone();
    let (has_tls, body_time) = (config.tls.is_some(), config.connection.body_time);
    Arc::new(RouterApp { router, proxies, has_tls, body_time })
}

/// What a server on this stack costs that does nothing: it reads the body and answers as many
/// bytes as a booking takes. The benchmark's measure.
pub fn do_nothing() -> Router {
    const ANSWER: &str = "{\"outcome\":\"booked\",\"number\":1234567,\
        \"receipt\":\"00000000000000000000000000000000\",\"code\":\"22222-22222\",\
        \"booking\":{\"outlet\":\"outlet-001\",\"item\":\"item-1\",\"slot\":\"slot-1\",\"units\":1}}";
    let answer = |_body: Bytes| async { ([("content-type", "application/json")], ANSWER) };
    Router::new().fallback(answer)
}

fn not_here(headers: &HeaderMap) -> Response<axum::body::Body> {
    ready("no-such-page", Language::of(headers)).map(axum::body::Body::from)
}

/// What can be told without the ledger.
fn is_about_the_node(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz" | "/openapi.json")
        || ["/assets/", "/docs/", "/errors"].iter().any(|own| path.starts_with(own))
}

/// The routes that are dispatched before the router.
#[derive(Debug, PartialEq, Eq)]
enum Hot<'a> {
    Enter(&'a str),
    Batch(&'a str),
    Find(&'a str),
    Receipt(&'a str),
}

impl Hot<'_> {
    fn of(path: &str) -> Option<Hot<'_>> {
        let rest = path.strip_prefix("/v1/")?;
        if let Some(receipt) = rest.strip_prefix("entries/") {
            return (!receipt.contains('/')).then_some(Hot::Receipt(receipt));
        }
        let (code, call) = rest.strip_prefix("campaigns/")?.split_once('/')?;
        match call {
            "entries" => Some(Hot::Enter(code)),
            "entries:batch" => Some(Hot::Batch(code)),
            "find" => Some(Hot::Find(code)),
            _ => None,
        }
    }
}

impl Handler for PublicApp {
    async fn handle(
        self: &Arc<Self>,
        request: Request<Incoming>,
        connection: Connection,
    ) -> Response<Body> {
        let state = &*self.state;
        let (head, body) = request.into_parts();
        let (path, headers) = (head.uri.path(), &head.headers);
        // Until replay is done there is nothing to answer from but emptiness.
        if state.is_starting() && !is_about_the_node(path) {
            return as_a_page(pages::starting(headers), PAGE_POLICY.clone());
        }
        let Some(hot) = Hot::of(path) else {
            return self.routed(Request::from_parts(head, body), connection).await;
        };
        let answer = match (hot, &head.method) {
            (Hot::Enter(code), &Method::POST) => enter::enter(state, code, headers, body).await,
            (Hot::Batch(code), &Method::POST) => {
                batch::enter_batch(state, code, headers, body).await
            }
            (Hot::Find(code), &Method::POST) => lookup::find(state, code, headers, body).await,
            // The listener leaves the body of an answer to HEAD away.
            (Hot::Receipt(receipt), &(Method::GET | Method::HEAD)) => {
                lookup::show(state, receipt, headers).await
            }
            (Hot::Receipt(receipt), &Method::DELETE) => {
                lookup::cancel(state, receipt, headers).await
            }
            (hot, _) => {
                let mut answer = ready("method-not-allowed", Language::of(headers));
                let allowed = match hot {
                    Hot::Receipt(_) => "GET, HEAD, DELETE",
                    Hot::Enter(_) | Hot::Batch(_) | Hot::Find(_) => "POST",
                };
                answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
                answer
            }
        };
        // Only a body that cannot be had has these. One that breaks off takes its connection along,
        // which the listener tells.
        if matches!(answer.status(), StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            self.tell_of_body(connection, headers, answer.status());
        }
        answer.map(Body::Bytes)
    }
}

impl PublicApp {
    /// Tells of a body that was refused, below what is logged unless asked for: an address is its
    /// owner's.
    #[cold]
    fn tell_of_body(&self, connection: Connection, headers: &HeaderMap, status: StatusCode) {
        let client = || client_address(connection.peer, headers, &self.proxies).0;
        tracing::debug!(client = %client(), status = status.as_u16(), "a body was refused");
    }

    async fn routed(&self, request: Request<Incoming>, connection: Connection) -> Response<Body> {
        let is_browser = request.uri().path().starts_with("/docs/");
        let (head, body) = request.into_parts();
        let answer = match read_body(body, limits::BODY_BYTES_MAX, self.state.body_time).await {
            Ok(body) => {
                let request = Request::from_parts(head, axum::body::Body::from(body));
                run(&self.router, request).await
            }
            Err(error) => {
                let answer = pages::body_refused(error.code(), &head);
                self.tell_of_body(connection, &head.headers, answer.status());
                answer
            }
        };
        as_a_page(answer, if is_browser { BROWSER_POLICY } else { PAGE_POLICY.clone() })
    }
}

impl Handler for RouterApp {
    async fn handle(
        self: &Arc<Self>,
        request: Request<Incoming>,
        connection: Connection,
    ) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let client = client_address(connection.peer, &head.headers, &self.proxies);
        head.extensions.insert(client);
        let is_proxy = self.proxies.iter().any(|network| network.contains(connection.peer.ip()));
        let is_secure = self.has_tls || (is_proxy && came_by_tls(&head.headers));
        head.extensions.insert(IsSecure(is_secure));
        let body = axum::body::Body::new(Unstalled::new(body, self.body_time));
        let mut answer = run(&self.router, Request::from_parts(head, body)).await;
        let nosniff = HeaderValue::from_static("nosniff");
        answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, nosniff);
        answer
    }
}

/// Whether a proxy says that its client came through TLS.
fn came_by_tls(headers: &HeaderMap) -> bool {
    let values = |name: &str| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut forwarded = values("forwarded").flat_map(|value| value.split([',', ';']));
    let is_https = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_proto = name.trim().eq_ignore_ascii_case("proto");
        is_proto && value.trim().trim_matches('"').eq_ignore_ascii_case("https")
    };
    let mut plain = values("x-forwarded-proto");
    forwarded.any(is_https) || plain.any(|value| value.trim().eq_ignore_ascii_case("https"))
}

/// The answer with what browsers are to be told about every page. One that has a policy of its own
/// keeps it.
pub(crate) fn as_a_page<B>(mut answer: Response<B>, policy: HeaderValue) -> Response<B> {
    let headers = answer.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

async fn run(router: &Router, request: Request<axum::body::Body>) -> Response<Body> {
    let answer = router.clone().oneshot(request).await;
    let Ok(answer) = answer.map_err(|never| match never {});
    answer.map(|body| Body::Stream(body, None))
}

#[cfg(test)]
mod tests {
    use super::Hot;

    #[test]
    fn hot_routes_are_told_apart() {
        assert_eq!(Hot::of("/v1/campaigns/masks/entries"), Some(Hot::Enter("masks")));
        assert_eq!(Hot::of("/v1/campaigns/masks/entries:batch"), Some(Hot::Batch("masks")));
        assert_eq!(Hot::of("/v1/campaigns/masks/find"), Some(Hot::Find("masks")));
        assert_eq!(Hot::of("/v1/entries/abc"), Some(Hot::Receipt("abc")));
        for other in ["/v1/campaigns", "/v1/campaigns/masks", "/v1/campaigns/masks/status", "/"] {
            assert_eq!(Hot::of(other), None, "{other}");
        }
    }
}
