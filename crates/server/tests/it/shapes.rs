//! Requests whose shape is wrong whatever their route, and headers that every answer has.

use crate::support::{Ask, Site, entry, exchange, masks};
use types::definition::Publish;

const PATH: &str = "/v1/campaigns/masks/entries";

/// A whole entry with these header lines and no others.
fn bytes(version: &str, headers: &str) -> Vec<u8> {
    let body = entry(1, "o1");
    let length = body.len();
    format!(
        "POST {PATH} HTTP/{version}\r\nconnection: close\r\nidempotency-key: k\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

#[tokio::test]
async fn a_request_names_one_host_and_comes_as_it_is() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let (json, host) = ("content-type: application/json\r\n", "host: x\r\n");
    let cases = [
        (json.to_owned(), 400, "invalid-host"),
        (format!("{json}{host}host: y\r\n"), 400, "invalid-host"),
        (format!("{json}host: a, b\r\n"), 400, "invalid-host"),
        (format!("{json}{host}content-encoding: gzip\r\n"), 415, "unsupported-content-encoding"),
        (format!("{host}{json}content-type: text/plain\r\n"), 400, "malformed-request"),
        (format!("{host}content-type: text/plain\r\n{json}"), 400, "malformed-request"),
        (
            format!("{host}{json}authorization: Bearer a\r\nauthorization: Bearer b\r\n"),
            400,
            "malformed-request",
        ),
        (
            format!("{host}content-type: application/json; charset=gbk\r\n"),
            415,
            "unsupported-media-type",
        ),
    ];
    for (headers, status, code) in cases {
        let answer = exchange(site.address, &bytes("1.1", &headers)).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{headers}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    for (kind, version) in [("charset=\"UTF-8\"", "1.1"), ("profile=x", "1.1"), ("a", "1.0")] {
        let host = if version == "1.0" { "" } else { host };
        let headers = format!("{host}content-type: application/json; {kind}\r\n");
        let answer = exchange(site.address, &bytes(version, &headers)).await;
        assert_eq!(answer.status, 201, "{kind}: {}", answer.text());
    }
    site.stop().await;
}

#[tokio::test]
async fn only_chunked_alone_is_a_transfer_coding() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = entry(1, "o1");
    let ask = |coding: &str| {
        format!(
            "POST {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nidempotency-key: k\r\n\
             content-type: application/json\r\ntransfer-encoding: {coding}\r\n\r\n\
             {:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        )
    };
    let answer = exchange(site.address, ask("gzip, chunked").as_bytes()).await;
    assert_eq!((answer.status, answer.code().as_str()), (501, "unsupported-transfer-encoding"));
    assert_eq!(answer.headers["connection"], "close");
    assert_eq!(exchange(site.address, ask("chunked").as_bytes()).await.status, 201);
    site.stop().await;
}

#[tokio::test]
async fn a_chunked_request_is_the_last_of_its_connection() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = entry(1, "o1");
    let (chunked, sized) = ("transfer-encoding: chunked\r\n", "content-length: 4\r\n");
    for headers in [chunked.to_owned(), format!("{sized}{chunked}"), format!("{chunked}{sized}")] {
        // Whoever goes by the length takes the rest for requests of somebody else.
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
             content-type: application/json\r\n{headers}\r\n{:x}\r\n{body}\r\n0\r\n\r\n\
             GET /livez HTTP/1.1\r\nhost: x\r\n\r\n",
            body.len()
        );
        let answer = exchange(site.address, request.as_bytes()).await;
        assert_eq!(answer.status, 201, "{headers}");
        assert_eq!(answer.headers["connection"], "close", "{headers}");
        assert!(!answer.text().contains("HTTP/1.1"), "one answer: {}", answer.text());
    }
    site.stop().await;
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let entered = site.enter(1, "k", "o1").await;
    assert_eq!(entered.headers["x-content-type-options"], "nosniff");
    let receipt = format!("/v1/entries/{}", entered.json()["receipt"].as_str().unwrap());
    let paths = [
        receipt.as_str(),
        "/v1/campaigns",
        "/v1/campaigns/masks",
        "/v1/campaigns/masks/status",
        "/livez",
        "/readyz",
        "/openapi.json",
        "/",
        "/c/masks",
    ];
    for path in paths {
        let get = site.get(path).await;
        let head = site.send(&Ask { method: "HEAD", path, ..Ask::default() }).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.headers["content-type"], get.headers["content-type"], "{path}");
        assert_eq!(head.headers["content-length"], get.body.len().to_string(), "{path}");
        assert_eq!(get.headers["x-content-type-options"], "nosniff", "{path}");
    }
    let put = site.send(&Ask { method: "PUT", path: &receipt, ..Ask::default() }).await;
    assert_eq!((put.status, put.headers["allow"].as_str()), (405, "GET, HEAD, DELETE"));
    site.stop().await;
}

#[tokio::test]
async fn the_browser_of_the_api_answers_with_problems_too() {
    let site = Site::start(Vec::new()).await;
    let cases = [
        ("/docs/api/nothing.js", 404, "no-such-page"),
        ("/docs/api/%FF", 400, "malformed-request"),
        ("/docs/nothing", 404, "no-such-page"),
    ];
    for (path, status, code) in cases {
        let answer = site.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
    let post = site.send(&Ask { path: "/docs/api/", ..Ask::default() }).await;
    assert_eq!((post.status, post.code().as_str()), (405, "method-not-allowed"));
    assert!(post.headers["allow"].contains("GET"));
    site.stop().await;
}
