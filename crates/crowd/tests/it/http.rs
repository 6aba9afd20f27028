//! Requests and answers, byte for byte.

use crowd::http::{Head, parse};
use crowd::{CrowdError, Loopback};
use expect_test::{Expect, expect};

fn check(received: &str, expected: Expect) {
    let text = match parse(received.as_bytes()) {
        Ok(None) => "incomplete".to_owned(),
        Ok(Some(response)) => format!(
            "{} {:?} in {} bytes, keep {}, retry after {:?}",
            response.status,
            String::from_utf8_lossy(response.body),
            response.bytes,
            response.keep,
            response.retry_after_seconds
        ),
        Err(error) => {
            let text = error.to_string();
            text.strip_prefix("the answer cannot be read: ").unwrap().to_owned()
        }
    };
    expected.assert_eq(&text);
}

#[test]
fn answers_are_told_apart() {
    check("", expect!["incomplete"]);
    check("HTTP/1.1 200 OK\r\n", expect!["incomplete"]);
    check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh", expect!["incomplete"]);
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        expect![[r#"200 "hi" in 40 bytes, keep true, retry after None"#]],
    );
    check(
        "HTTP/1.1 204 No Content\r\n\r\n",
        expect![[r#"204 "" in 27 bytes, keep true, retry after None"#]],
    );
    check(
        "HTTP/1.1 503 Busy\r\nRetry-After:  3 \r\nConnection: close\r\nContent-Length: 0\r\n\r\n+",
        expect![[r#"503 "" in 77 bytes, keep false, retry after Some(3)"#]],
    );
}

#[test]
fn what_is_no_answer_is_refused() {
    check("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", expect!["it is not HTTP/1.1"]);
    check("+OK\r\n\r\n", expect!["it is not HTTP/1.1"]);
    check("HTTP/1.1 200 OK\r\n\r\n", expect!["the answer has no content-length"]);
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        expect!["the content-length is not a number"],
    );
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n",
        expect!["the answer is over the limit of a load run"],
    );
    check(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        expect!["the answer comes in chunks"],
    );
    check("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", expect!["a header line has no colon"]);
    check(&"a".repeat(20_000), expect!["the head never ends"]);
}

#[test]
fn requests_are_rendered() {
    let address: Loopback = "127.0.0.1:8080".parse().unwrap();
    let mut request = Vec::new();
    let json = [("content-type", "application/json")];
    let head = Head::new("POST", "/v1/campaigns/masks/entries", address, &json);
    head.write(&mut request, &[("idempotency-key", b"k1")], b"{}");
    expect![[r#"
        POST /v1/campaigns/masks/entries HTTP/1.1
        host: 127.0.0.1:8080
        content-type: application/json
        idempotency-key: k1
        content-length: 2

        {}"#]]
    .assert_eq(&String::from_utf8(request).unwrap().replace('\r', ""));
}

#[test]
fn only_this_machine_is_sent_to() {
    let refused = |text: &str| text.parse::<Loopback>().unwrap_err();
    assert!(matches!(refused("192.0.2.1:80"), CrowdError::NotLoopback(_)));
    assert!(matches!(refused("[2001:db8::1]:80"), CrowdError::NotLoopback(_)));
    assert!(matches!(refused("example.org:80"), CrowdError::Address(_)));
    for address in ["127.0.0.1:80", "127.8.9.10:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
        assert!(address.parse::<Loopback>().is_ok(), "{address}");
    }
    let text = refused("192.0.2.1:80").to_string();
    assert!(text.contains("192.0.2.1:80 is not a loopback address; use 127.0.0.1"), "{text}");
}
