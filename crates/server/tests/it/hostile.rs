//! Bad and hostile input: a clear error, a closed connection, and nothing lost.

use crate::support::{Ask, Site, config, entry, exchange, masks, parse};
use server::operator::tokens::Role;
use server::{ConnectionLimits, Network};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use types::definition::Publish;

const PATH: &str = "/v1/campaigns/masks/entries";

#[tokio::test]
async fn malformed_requests_get_their_code() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let good = entry(1, "o1");
    let deep = format!("{{\"choices\":{}", "[".repeat(10_000));
    let long = format!("{{\"identity\":{{\"name\":\"{}\"}}}}", "x".repeat(16 << 10));
    let twice = good.replacen('{', "{\"units\":1,", 1);
    let cases = [
        (good.replace("\"units\":1", "\"units\":NaN"), 400, "malformed-json"),
        (good.replace("\"units\":1", "\"units\":18446744073709551616"), 400, "malformed-json"),
        (good.replace("\"units\":1", "\"units\":\"1\""), 400, "malformed-json"),
        (good.replace("\"units\":1", "\"unit\":1"), 400, "malformed-json"),
        (good.replace("\"units\":1", "\"units\":0"), 422, "not-as-asked"),
        (good.replace("\"o1\"", "\"o9\""), 422, "unknown-place"),
        (twice, 400, "malformed-json"),
        (deep, 400, "malformed-json"),
        (long, 413, "body-too-large"),
        (String::new(), 400, "malformed-json"),
        ("[]".into(), 400, "malformed-json"),
    ];
    for (body, status, code) in cases {
        let answer = site.post(PATH, "k", &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
        assert!(!answer.text().contains("张伟"), "an error never repeats a person");
    }
    let mut bad_text = Ask { path: PATH, key: Some("k"), body: &good, ..Ask::default() };
    bad_text.kind = Some("text/plain");
    assert_eq!(site.send(&bad_text).await.code(), "unsupported-media-type");
    bad_text.kind = Some("application/json; charset=utf-8");
    bad_text.key = None;
    assert_eq!(site.send(&bad_text).await.code(), "idempotency-key-missing");
    let too_long = "k".repeat(129);
    for key in ["", "two words", &too_long] {
        let answer = site.post(PATH, key, &good).await;
        assert_eq!(answer.code(), "invalid-idempotency-key", "{key}");
    }
    let unknown = site.post("/v1/campaigns/nothing/entries", "k", &good).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "unknown-campaign"));
    let put = site.send(&Ask { method: "PUT", path: PATH, ..Ask::default() }).await;
    assert_eq!(
        (put.code().as_str(), put.headers["allow"].as_str()),
        ("method-not-allowed", "POST")
    );
    let post = site.send(&Ask { path: "/v1/campaigns", ..Ask::default() }).await;
    assert_eq!(post.code(), "method-not-allowed");
    assert_eq!(site.get("/nowhere").await.code(), "no-such-page");
    for path in ["/v1/campaigns/%FF", "/v1/campaigns/%ff/status"] {
        let broken = site.get(path).await;
        assert_eq!((broken.status, broken.code().as_str()), (400, "malformed-request"), "{path}");
    }
    for path in ["/c/%FF", "/e/%FF", "/errors/%FF", "/c/%FF/find"] {
        let broken = site.get(path).await;
        assert_eq!(broken.status, 400, "{path}");
        assert!(broken.headers["content-type"].starts_with("text/html"), "{path}");
    }
    for query in ["lang=en&lang=zh", "%FF=%FF", "district=x&district=-1&a", "&&=&"] {
        let page = site.get(&format!("/c/masks?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
    }
    assert_eq!(site.post(PATH, "k", &good).await.status, 201, "and the good one still counts");
    site.stop().await;
}

#[tokio::test]
async fn malformed_batches_and_look_ups_get_their_code() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let token = format!("authorization: Bearer {}\r\n", site.token(Role::Frontend));
    let (batch, find) = ("/v1/campaigns/masks/entries:batch", "/v1/campaigns/masks/find");
    let deep = format!("{{\"entries\":{}", "[".repeat(100_000));
    let large = format!("{{\"entries\":[{}]}}", " ".repeat(4 << 20));
    let unknown = "{\"identity\":{},\"phone\":\"13800138000\"}";
    let twice = "{\"identity\":{\"phone\":\"1\",\"phone\":\"2\"}}";
    let cases = [
        (batch, "{\"entries\":[]}", 422, "batch-too-large"),
        (batch, "{\"entries\":[{}]}", 400, "malformed-json"),
        (batch, "{\"entries\":{}}", 400, "malformed-json"),
        (batch, "{\"entries\":[]}{}", 400, "malformed-json"),
        (batch, &deep, 400, "malformed-json"),
        (batch, &large, 413, "body-too-large"),
        (find, "", 400, "malformed-json"),
        (find, unknown, 400, "malformed-json"),
        (find, twice, 400, "malformed-json"),
        (find, "{\"identity\":{\"phone\":13800138000}}", 400, "malformed-json"),
    ];
    for (path, body, status, code) in cases {
        let answer = site.send(&Ask { path, headers: &token, body, ..Ask::default() }).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
        assert!(!answer.text().contains("13800138000"), "an error never repeats a person");
    }
    let kind = Some("text/plain");
    for path in [batch, find] {
        let answer = site.send(&Ask { path, headers: &token, kind, ..Ask::default() }).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported-media-type"));
    }
    let keys = "idempotency-key: a\r\nidempotency-key: b\r\n";
    let body = entry(1, "o1");
    let two = site.send(&Ask { path: PATH, headers: keys, body: &body, ..Ask::default() }).await;
    assert_eq!((two.status, two.code().as_str()), (400, "invalid-idempotency-key"));
    site.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_in_plain_words() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = entry(1, "o1").replace("\"units\":1", "\"units\":\"1\"");
    let said = |headers: &'static str| Ask {
        path: PATH,
        key: Some("k"),
        body: &body,
        headers,
        ..Ask::default()
    };
    let english = site.send(&said("")).await.json()["detail"].as_str().unwrap().to_owned();
    let end = "`units` is a text; expected a whole number from 1 to 200.";
    assert!(english.ends_with(end), "{english}");
    let chinese = site.send(&said("accept-language: zh\r\n")).await.json();
    let chinese = chinese["detail"].as_str().unwrap();
    assert!(chinese.ends_with("`units` 是文字，应为 1 到 200 的整数。"), "{chinese}");
    site.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_utf8_are_refused() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = b"{\"identity\":{\"name\":\"\xff\xfe\"},\"choices\":[]}";
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let answer = exchange(site.address, &[head.as_bytes(), body].concat()).await;
    assert_eq!(answer.code(), "malformed-json");
    site.stop().await;
}

#[tokio::test]
async fn too_many_and_too_large_headers_are_refused() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let many: String = (0..100).map(|n| format!("x-{n}: 1\r\n")).collect();
    let large = format!("x: {}\r\n", "y".repeat(20 << 10));
    for headers in [many, large] {
        let answer = site.send(&Ask { headers: &headers, ..Ask::default() }).await;
        assert_eq!(answer.status, 431);
    }
    site.stop().await;
}

fn impatient() -> ConnectionLimits {
    ConnectionLimits {
        connections_max: 3,
        header_time: Duration::from_millis(200),
        body_time: Duration::from_millis(200),
        idle_time: Duration::from_millis(400),
        proxy_idle_time: Duration::from_millis(400),
        drain_time: Duration::from_secs(5),
    }
}

async fn impatient_site() -> Site {
    let mut config = config();
    config.connection = impatient();
    // All from one address, as behind a proxy.
    config.trusted_proxies.push("127.0.0.0/8".parse().unwrap());
    Site::start_with(vec![masks(Publish::AtOnce)], &config).await
}

/// Reads to the end; how long that took.
async fn closed_after(stream: &mut TcpStream) -> (Vec<u8>, Duration) {
    let start = Instant::now();
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    // A reset is a close, too.
    let _ = read.expect("the server closes");
    (bytes, start.elapsed())
}

#[tokio::test]
async fn silent_and_slow_connections_are_closed() {
    let site = impatient_site().await;
    let mut silent = TcpStream::connect(site.address).await.unwrap();
    let (bytes, _) = closed_after(&mut silent).await;
    assert!(bytes.is_empty());

    let mut dripping = TcpStream::connect(site.address).await.unwrap();
    let start = Instant::now();
    for byte in b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ".iter().cycle() {
        // The write fails once the server has closed.
        if dripping.write_all(&[*byte]).await.is_err() {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "a dripping head is closed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let mut idle = TcpStream::connect(site.address).await.unwrap();
    idle.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let (bytes, after) = closed_after(&mut idle).await;
    assert_eq!(parse(&bytes).status, 200);
    assert!(after >= Duration::from_millis(400), "kept alive for the idle time: {after:?}");
    site.stop().await;
}

#[tokio::test]
async fn in_a_crowd_kept_connections_are_closed_as_soon_as_slow_heads() {
    let mut config = config();
    config.connection.connections_max = 4;
    config.connection.header_time = Duration::from_millis(200);
    let site = Site::start_with(Vec::new(), &config).await;
    let open = || async {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        stream.read_exact(&mut [0; 12]).await.unwrap();
        stream
    };
    // Three of four: two are what one address may have, so the third comes from another.
    let (mut first, _second) = (open().await, open().await);
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut third = socket.connect(site.address).await.unwrap();
    // It stays as long as a body may take.
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n");
    let rest = "content-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    third.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    // The idle time is longer, and `closed_after` waits for 10 seconds.
    closed_after(&mut first).await;
    drop(third);
    site.stop().await;
}

#[tokio::test]
async fn a_slow_body_is_told_so() {
    let site = impatient_site().await;
    let mut slow = TcpStream::connect(site.address).await.unwrap();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let (bytes, _) = closed_after(&mut slow).await;
    let answer = parse(&bytes);
    assert_eq!((answer.status, answer.code().as_str()), (408, "body-too-slow"));
    site.stop().await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let site = impatient_site().await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let mut over = TcpStream::connect(site.address).await.unwrap();
    let (bytes, _) = closed_after(&mut over).await;
    let answer = parse(&bytes);
    assert_eq!((answer.status, answer.code().as_str()), (503, "too-many-connections"));
    drop(held);
    site.stop().await;
}

#[tokio::test]
async fn an_address_holds_only_so_many_connections_unless_it_is_a_proxy() {
    let livez = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for (trusted, status) in [(None, 503), (Some("127.0.0.0/8"), 200)] {
        let mut config = config();
        config.connection.connections_max = 3;
        config.trusted_proxies.extend(trusted.map(|network| network.parse::<Network>().unwrap()));
        let site = Site::start_with(Vec::new(), &config).await;
        let held = TcpStream::connect(site.address).await.unwrap();
        let second = exchange(site.address, livez).await;
        assert_eq!(second.status, status, "{}", second.text());
        drop(held);
        // Its seat is free again once the server has seen it go.
        while exchange(site.address, livez).await.status != 200 {
            tokio::task::yield_now().await;
        }
        site.stop().await;
    }
}

#[tokio::test]
async fn a_stop_lets_requests_in_flight_end() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    let body = entry(1, "o1");
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..10]).await.unwrap();
    assert_eq!(site.get("/livez").await.status, 200, "the half request is being read");
    let address = site.address;
    let stopping = tokio::spawn(site.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(&body.as_bytes()[10..]).await.unwrap();
    let (bytes, _) = closed_after(&mut stream).await;
    assert_eq!(parse(&bytes).status, 201);
    stopping.await.unwrap();
}
