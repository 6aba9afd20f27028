//! The operator API behind its listener: whom the log names, and readers that stop reading.

use super::site::Site;
use crate::support::{config, exchange};
use axum::body::{Body, Bytes};
use axum::routing::get;
use hyper::body::Frame;
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

/// What the log says about one request that came through a chain of proxies.
async fn logged(trusted: &[&str], token: &str) -> String {
    let site = Site::new().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    let subscriber = subscriber.with_ansi(false).without_time().with_target(false).finish();
    // This thread's alone, and the test's runtime has no other.
    let _here = tracing::subscriber::set_default(subscriber);
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
    let text = log.0.lock().unwrap().clone();
    let text = String::from_utf8(text).unwrap();
    assert!(!text.contains("example.org"), "neither query nor body is logged: {text}");
    assert!(!text.contains(token), "no token is logged: {text}");
    let lines = text.lines().filter(|line| line.contains("an operator's request"));
    lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_log_names_the_client_that_a_trusted_proxy_names() {
    let line = "INFO an operator's request client=\"198.51.100.7\" actor=\"duty officer\" \
                method=POST path=\"/v1/operator/campaigns/masks/actions\" status=200";
    assert_eq!(logged(&["127.0.0.1"], "").await, line);
    // A header that anybody could have written names nobody.
    assert_eq!(logged(&[], "").await, line.replace("198.51.100.7", "127.0.0.1"));
    let refused = "WARN an operator's request was refused client=\"127.0.0.1\" actor=\"\" \
                   method=POST path=\"/v1/operator/campaigns/masks/actions\" status=401";
    assert_eq!(logged(&["10.0.0.0/8"], "wrong").await, refused);
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
