//! The operator API behind its listener: whom the log names, and readers that stop reading.

use super::site::Site;
use crate::support::{config, exchange};
use axum::body::{Body, Bytes};
use axum::http::Method;
use axum::routing::get;
use hyper::body::Frame;
use serde_json::json;
use server::operator::tokens::Role;
use server::{ConnectionLimits, Listener, ServerConfig, router_app};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

/// Serves a router as the operator's listener does; until the sender is dropped.
fn serve(router: axum::Router, config: &ServerConfig) -> (SocketAddr, oneshot::Sender<()>) {
    let listener = Listener::bind(config).unwrap();
    let address = listener.address();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(listener.serve(router_app(router, config), async move {
        let _dropped = stopped.await;
    }));
    (address, stop)
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Takes down what this thread logs, as long as the guard is there: all of a test whose runtime
    /// has no other thread.
    fn at(level: Level) -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let subscriber = subscriber.with_ansi(false).without_time().with_target(false);
        let subscriber = subscriber.with_max_level(level).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines that contain this, and how many they are.
    fn lines(&self, part: &str) -> (usize, String) {
        let text = self.text();
        let lines: Vec<_> = text.lines().filter(|line| line.contains(part)).collect();
        (lines.len(), lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n"))
    }
}

/// What the log says about one request that came through a chain of proxies.
async fn logged(trusted: &[&str], token: &str) -> String {
    let site = Site::new().await;
    let (log, _here) = Log::at(Level::INFO);
    let mut config = config();
    config.trusted_proxies = trusted.iter().map(|network| network.parse().unwrap()).collect();
    let (address, _stop) = serve(site.router.clone(), &config);
    let body = "{\"do\":\"pause\",\"reason\":\"zhang.wei@example.org asked\"}";
    let token = if token.is_empty() { &site.operator } else { token };
    let request = format!(
        "POST /v1/operator/campaigns/masks/actions?note=zhang.wei@example.org HTTP/1.1\r\n\
         host: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         x-forwarded-for: 203.0.113.9, 198.51.100.7\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(address, request.as_bytes()).await;
    let text = log.text();
    assert!(!text.contains("example.org"), "neither query nor body is logged: {text}");
    assert!(!text.contains(token), "no token is logged: {text}");
    log.lines("request").1
}

#[tokio::test]
async fn the_log_names_the_client_that_a_trusted_proxy_names() {
    let line = "INFO an operator's request client=\"198.51.100.7\" actor=\"duty officer\" \
                method=\"POST\" route=\"/v1/operator/campaigns/{campaign}/actions\" \
                campaign=\"masks\" status=200";
    assert_eq!(logged(&["127.0.0.1"], "").await, line);
    // A header that anybody could have written names nobody.
    assert_eq!(logged(&[], "").await, line.replace("198.51.100.7", "127.0.0.1"));
    let refused = "WARN requests without a valid token are refused client=\"127.0.0.1\" \
                   method=\"POST\" route=\"/v1/operator/campaigns/{campaign}/actions\" count=1";
    assert_eq!(logged(&["10.0.0.0/8"], "wrong").await, refused);
}

#[tokio::test]
async fn the_journal_keeps_the_address_that_a_trusted_proxy_names() {
    for (trusted, from) in [("127.0.0.1", "198.51.100.7"), ("10.0.0.0/8", "127.0.0.1")] {
        let site = Site::new().await;
        let mut config = config();
        config.trusted_proxies = vec![trusted.parse().unwrap()];
        let (address, _stop) = serve(site.router.clone(), &config);
        let body = "{\"do\":\"pause\",\"reason\":\"a drill\"}";
        let request = format!(
            "POST /v1/operator/campaigns/masks/actions HTTP/1.1\r\nhost: x\r\n\
             connection: close\r\nauthorization: Bearer {}\r\n\
             x-forwarded-for: 203.0.113.9, 198.51.100.7\r\ncontent-length: {}\r\n\r\n{body}",
            site.operator,
            body.len()
        );
        assert_eq!(exchange(address, request.as_bytes()).await.status, 200);
        let record = site.get("/v1/operator/actions").await.expect(200);
        assert_eq!((&record[0]["do"], &record[0]["from"]), (&json!("pause"), &json!(from)));
    }
}

#[tokio::test]
async fn nothing_that_a_caller_wrote_is_logged() {
    let site = Site::new().await;
    let (log, _here) = Log::at(Level::DEBUG);
    let (address, _stop) = serve(site.router.clone(), &config());
    let ask = async |line: &str, token: &str| {
        let request = format!(
            "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        exchange(address, request.as_bytes()).await.status
    };
    // A receipt that was sent to the wrong port, and everywhere else it could go.
    let receipt = "0123456789abcdef0123456789abcdef";
    for token in ["wrong", site.operator.as_str()] {
        assert_eq!(ask(&format!("DELETE /v1/entries/{receipt}"), token).await, 404);
        assert_eq!(ask(&format!("{receipt} /v1/operator/actions"), token).await, 405);
        ask(&format!("GET /v1/operator/campaigns/{receipt}"), token).await;
        ask(&format!("POST /v1/operator/campaigns/{receipt}/actions"), token).await;
        ask("GET /v1/operator/campaigns/%6dasks", token).await;
    }
    let text = log.text();
    assert!(!text.contains(receipt), "{text}");
    let (_, looks) = log.lines("an operator's look");
    let line = "DEBUG an operator's look client=\"127.0.0.1\" actor=\"duty officer\" \
                method=\"GET\" route=\"/v1/operator/campaigns/{campaign}\" campaign";
    assert_eq!(
        looks,
        format!("{line}=\"-\" status=404 code=\"unknown-campaign\"\n{line}=\"masks\" status=200")
    );
    let (_, strays) = log.lines("route=\"-\"");
    assert!(strays.contains("method=\"DELETE\" route=\"-\" status=404"), "{text}");
}

#[tokio::test]
async fn what_never_reached_the_rules_is_in_the_log() {
    let site = Site::new().await;
    let (log, _here) = Log::at(Level::INFO);
    let attempts = [
        (json!({ "do": "withdraw", "outlet": "9", "reason": "x" }), 409, "unknown-place"),
        (json!({ "do": "withdraw", "reason": "x" }), 400, "malformed-request"),
        (json!({ "do": "close" }), 400, "reason-missing"),
    ];
    for (attempt, status, code) in attempts {
        assert_eq!(site.act(attempt).await.code(status), code);
        let line = format!("campaign=\"masks\" status={status} code=\"{code}\"");
        let (count, lines) = log.lines(&line);
        assert!(count == 1 && lines.contains("actor=\"duty officer\""), "{}", log.text());
    }
    // What the rules refuse is in the record besides.
    let unpaused = json!({ "do": "resume", "reason": "x" });
    assert_eq!(site.act(unpaused).await.code(409), "already-so");
    assert_eq!(log.lines("code=\"already-so\"").0, 1);
    let record = site.get("/v1/operator/actions").await.expect(200);
    let outcomes: Vec<_> = record.as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["already-so", "loaded"]);
}

#[tokio::test]
async fn a_flood_of_strangers_is_no_flood_of_lines() {
    let site = Site::new().await;
    let (log, _here) = Log::at(Level::INFO);
    for _ in 0..20 {
        let path = "/v1/operator/campaigns/masks";
        site.call(Method::GET, path, Some("wrong"), None, &[]).await.expect(401);
        site.call(Method::DELETE, path, None, None, &[]).await.expect(405);
        site.call(Method::DELETE, "/nowhere", None, None, &[]).await.expect(404);
    }
    let (count, lines) = log.lines("");
    assert_eq!(count, 1, "{lines}");
    // Who has a token is bounded, and heard each time.
    let auditor = site.token("auditor", Role::Auditor, &[]);
    let body = json!({ "do": "pause", "reason": "because" });
    for _ in 0..2 {
        let path = "/v1/operator/campaigns/masks/actions";
        site.call(Method::POST, path, Some(&auditor), Some(&body), &[]).await.expect(403);
    }
    let (count, lines) = log.lines("not with this role");
    assert_eq!(count, 2, "{lines}");
}

#[tokio::test]
async fn who_is_turned_away_has_an_address_only_for_who_asks() {
    for (level, is_told) in [(Level::INFO, false), (Level::DEBUG, true)] {
        let (log, _here) = Log::at(level);
        let mut config = config();
        config.connection.connections_max = 1;
        let (address, _stop) = serve(axum::Router::new(), &config);
        let _held = TcpStream::connect(address).await.unwrap();
        let get = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        assert_eq!(exchange(address, get).await.status, 503);
        let (count, lines) = log.lines("turned away");
        let told = format!("WARN connections over a cap are turned away address={address} count=1");
        assert!(lines.starts_with(&told), "{lines}");
        assert!(lines.contains("latest=127.0.0.1") == is_told, "{lines}");
        assert_eq!(count, 1 + usize::from(is_told), "{lines}");
    }
}

#[tokio::test]
async fn a_body_that_is_refused_is_told_to_who_asks() {
    let site = crate::support::Site::start(Vec::new()).await;
    let body = "x".repeat((16 << 10) + 1);
    let (log, _here) = Log::at(Level::DEBUG);
    for path in ["/v1/campaigns/masks/entries", "/v1/campaigns/masks/find", "/c/masks"] {
        assert_eq!(site.post(path, "k", &body).await.status, 413, "{path}");
    }
    let (count, lines) = log.lines("a body was refused client=127.0.0.1 status=413");
    assert_eq!(count, 3, "{lines}");
    site.stop().await;
}

/// A file without an end, which says when nobody wants it any more.
struct Endless {
    _dropped: oneshot::Sender<Infallible>,
}

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 64 << 10])))))
    }
}

fn impatient() -> ServerConfig {
    let mut config = config();
    let header_time = Duration::from_millis(200);
    config.connection = ConnectionLimits { header_time, ..ConnectionLimits::default() };
    config
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_dropped() {
    let (sender, dropped) = oneshot::channel();
    let file = Arc::new(Mutex::new(Some(Endless { _dropped: sender })));
    let answer = move || {
        let file = file.lock().unwrap().take().unwrap();
        async move { Body::new(file) }
    };
    let (address, _stop) = serve(axum::Router::new().route("/", get(answer)), &impatient());
    let mut reader = TcpStream::connect(address).await.unwrap();
    reader.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    reader.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    // Nothing more is read; the socket stays open.
    let left = tokio::time::timeout(Duration::from_secs(20), dropped).await;
    left.expect("the file is let go while its reader only waits").unwrap_err();
    drop(reader);
}

#[tokio::test]
async fn an_export_ends_with_its_digest_for_who_asks_for_it() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    let (address, _stop) = serve(site.router.clone(), &config());
    let body = "{\"layout\":\"file\",\"reason\":\"shops\"}";
    for (asks, is_told) in [("te: trailers\r\n", true), ("", false)] {
        let mut reader = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST /v1/operator/campaigns/masks/export HTTP/1.1\r\nhost: x\r\n\
             connection: close\r\n{asks}authorization: Bearer {}\r\n\
             content-length: {}\r\n\r\n{body}",
            site.operator,
            body.len()
        );
        reader.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("transfer-encoding: chunked"), "{text}");
        let trailers = text.rsplit("\r\n0\r\n").next().unwrap();
        assert_eq!(trailers.contains("repr-digest: sha-256=:"), is_told, "{text}");
    }
}
