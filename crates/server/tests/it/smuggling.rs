//! Requests that two readers of the same bytes could take for different ones.
//!
//! Each is refused, or read the one way that the standard allows; and where a proxy before us may
//! have read it otherwise, the connection ends, so that nobody's answer becomes somebody else's.

use crate::support::{Answer, Site, entry, masks, parse};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use types::definition::Publish;

const PATH: &str = "/v1/campaigns/masks/entries";
/// What an attacker would have somebody else's connection answer.
const HIDDEN: &str = "GET /livez HTTP/1.1\r\nhost: hidden\r\n\r\n";
/// Whoever gets an answer to this one was not cut off; it ends the connection by itself.
const NEXT: &str = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// All answers until the server closes, which it must do by itself.
async fn answers(address: SocketAddr, request: &[u8]) -> Vec<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has refused already may close before all is sent.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await;
    let is_closed = read.is_ok();
    let mut answers = Vec::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let head = rest.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head") + 4;
        let length = parse(&rest[..head]).headers.get("content-length").cloned();
        // An interim answer has none.
        let length = length.map_or(0, |length| length.parse().unwrap());
        answers.push(parse(&rest[..head + length]));
        rest = &rest[head + length..];
    }
    let told = String::from_utf8_lossy(&request[..request.len().min(1_000)]);
    assert!(is_closed, "the server does not close: {told}\n{answers:?}");
    answers
}

async fn statuses(site: &Site, request: &str) -> Vec<u16> {
    let answers = answers(site.address, request.as_bytes()).await;
    // "100 Continue" announces an answer and is none.
    answers.iter().map(|answer| answer.status).filter(|status| *status != 100).collect()
}

/// An entry with these further header lines, this body as it is, and another request behind it.
fn enter(headers: &str, body: &str) -> String {
    format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
         content-type: application/json\r\n{headers}\r\n{body}{NEXT}"
    )
}

/// The body in one chunk whose size is written by `size`.
fn chunked(size: impl Fn(usize) -> String, body: &str, end: &str) -> String {
    format!("{}\r\n{body}\r\n{end}", size(body.len()))
}

fn plain(body: &str) -> String {
    chunked(|size| format!("{size:x}"), body, "0\r\n\r\n")
}

#[tokio::test]
async fn a_body_has_one_length_or_none() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = entry(1, "o1");
    let (length, chunks) = (body.len(), plain(&body));
    let sized = format!("content-length: {length}\r\n");
    let coded = "transfer-encoding: chunked\r\n";
    // The headers, the bytes behind them, and the answers; [201] alone says that the connection
    // ended after it.
    let cases = [
        ("one length", sized.clone(), &body, vec![201, 200]),
        ("length and chunks", format!("{sized}{coded}"), &chunks, vec![201]),
        ("chunks and length", format!("{coded}{sized}"), &chunks, vec![201]),
        ("short length, chunks", format!("content-length: 4\r\n{coded}"), &chunks, vec![201]),
        ("chunked twice", format!("{coded}{coded}"), &chunks, vec![201]),
        ("a list of chunked", "transfer-encoding: chunked, chunked\r\n".into(), &chunks, vec![501]),
        ("gzip, chunked", "transfer-encoding: gzip, chunked\r\n".into(), &chunks, vec![501]),
        ("chunked, gzip", "transfer-encoding: chunked, gzip\r\n".into(), &chunks, vec![400]),
        ("identity", format!("transfer-encoding: identity\r\n{sized}"), &body, vec![400]),
        ("xchunked", format!("transfer-encoding: xchunked\r\n{sized}"), &body, vec![400]),
        ("quoted", format!("transfer-encoding: \"chunked\"\r\n{sized}"), &body, vec![400]),
        ("no coding", format!("transfer-encoding:\r\n{sized}"), &body, vec![400]),
        ("odd space", "transfer-encoding: \x0bchunked\r\n".into(), &chunks, vec![400]),
        ("a tab", "transfer-encoding:\tchunked\r\n".into(), &chunks, vec![201]),
        ("capitals", "TRANSFER-ENCODING: CHUNKED\r\n".into(), &chunks, vec![201]),
        ("space before the colon", "transfer-encoding : chunked\r\n".into(), &chunks, vec![400]),
        ("tab before the colon", format!("content-length\t: {length}\r\n"), &body, vec![400]),
        ("space before the name", format!("x: y\r\n {coded}"), &chunks, vec![400]),
        ("a folded value", format!("x: y\r\n\tz\r\n{sized}"), &body, vec![400]),
        ("a folded length", format!("content-length:\r\n {length}\r\n"), &body, vec![400]),
        ("NUL in a name", format!("x\0: y\r\n{sized}"), &body, vec![400]),
        ("NUL in a value", format!("x: \0\r\n{sized}"), &body, vec![400]),
        ("CR in a value", format!("x: y\rz\r\n{sized}"), &body, vec![400]),
        ("no name", format!(": y\r\n{sized}"), &body, vec![400]),
        ("no colon", format!("content-length {length}\r\n"), &body, vec![400]),
        ("the same length twice", format!("{sized}{sized}"), &body, vec![201, 200]),
        ("two lengths", format!("{sized}content-length: 4\r\n"), &body, vec![400]),
        ("two lengths, turned", format!("content-length: 4\r\n{sized}"), &body, vec![400]),
        ("a list of lengths", format!("content-length: {length}, 4\r\n"), &body, vec![400]),
        ("a negative length", "content-length: -1\r\n".into(), &body, vec![400]),
        ("a sign", format!("content-length: +{length}\r\n"), &body, vec![400]),
        ("hexadecimal", format!("content-length: 0x{length:x}\r\n"), &body, vec![400]),
        ("a fraction", format!("content-length: {length}.0\r\n"), &body, vec![400]),
        ("two numbers", format!("content-length: {length} {length}\r\n"), &body, vec![400]),
        ("an empty length", "content-length:\r\n".into(), &body, vec![400]),
        ("2^64", "content-length: 18446744073709551616\r\n".into(), &body, vec![400]),
        ("2^64 and more", format!("content-length: {}\r\n", "9".repeat(99)), &body, vec![400]),
        ("leading zeros", format!("content-length: 000{length}\r\n"), &body, vec![201, 200]),
    ];
    let mut wrong = Vec::new();
    for (what, headers, body, expected) in cases {
        let found = statuses(&site, &enter(&headers, body)).await;
        if found != expected {
            wrong.push((what, found, expected));
        }
    }
    assert!(wrong.is_empty(), "case, found, expected: {wrong:#?}");
    let old = enter(coded, &chunks).replace("HTTP/1.1", "HTTP/1.0");
    assert_eq!(statuses(&site, &old).await, [400], "HTTP/1.0 knew no chunks");
    site.stop().await;
}

#[tokio::test]
async fn chunks_are_read_one_way_or_not_at_all() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = entry(1, "o1");
    let size = body.len();
    let by = |size: String| chunked(|_| size.clone(), &body, "0\r\n\r\n");
    let end = |end: &str| chunked(|size| format!("{size:x}"), &body, end);
    let fields = "x: y\r\n".repeat(10_000);
    // Nothing behind a chunked request is answered, whatever it is.
    let cases = [
        ("lower case", by(format!("{size:x}")), vec![201]),
        ("upper case", by(format!("{size:X}")), vec![201]),
        ("leading zeros", by(format!("0000{size:x}")), vec![201]),
        ("an extension", by(format!("{size:x};a=b")), vec![201]),
        ("a quoted extension", by(format!("{size:x};a=\"0;1\"")), vec![201]),
        ("an endless extension", by(format!("{size:x};{}", "a".repeat(64 << 10))), vec![400]),
        ("LF in an extension", by(format!("{size:x};a\nb")), vec![400]),
        ("LF after the size", plain(&body).replacen("\r\n", "\n", 1), vec![400]),
        ("a sign", by(format!("+{size:x}")), vec![400]),
        ("negative", by(format!("-{size:x}")), vec![400]),
        ("0x", by(format!("0x{size:x}")), vec![400]),
        ("no size", by(String::new()), vec![400]),
        ("no number", by("size".into()), vec![400]),
        ("2^64 and more", by(format!("1{:016x}", size)), vec![400]),
        ("2^64 - 1", format!("ffffffffffffffff\r\n{}", "{".repeat(64 << 10)), vec![413]),
        ("too small", by(format!("{:x}", size - 1)), vec![400]),
        ("too large", by(format!("{:x}", size + 1)), vec![400]),
        ("garbage behind", end("0\r\n\r\nGARBAGE"), vec![201]),
        ("a request behind", end(&format!("0\r\n\r\n{HIDDEN}")), vec![201]),
        ("a trailer", end("0\r\nx: y\r\n\r\n"), vec![201]),
        ("a length in a trailer", end("0\r\ncontent-length: 4\r\n\r\n"), vec![201]),
        ("a host in a trailer", end("0\r\nhost: y\r\n\r\n"), vec![201]),
        ("a bomb of trailers", end(&format!("0\r\n{fields}\r\n")), vec![400]),
        ("LF after the end", end("0\n\n"), vec![400]),
        ("a size of zeros", end("0000\r\n\r\n"), vec![201]),
    ];
    let mut wrong = Vec::new();
    for (what, body, expected) in cases {
        let found = statuses(&site, &enter("transfer-encoding: chunked\r\n", &body)).await;
        if found != expected {
            wrong.push((what, found, expected));
        }
    }
    assert!(wrong.is_empty(), "case, found, expected: {wrong:#?}");
    site.stop().await;
}

#[tokio::test]
async fn a_refused_request_hides_no_other() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let (size, huge) = (HIDDEN.len(), 1 << 20);
    let line = |start: &str, more: &str| format!("{start}\r\nhost: x\r\n{more}\r\n");
    let with = |start: &str, more: &str| {
        format!("{}{HIDDEN}{NEXT}", line(start, &format!("content-length: {size}\r\n{more}")))
    };
    let post = format!("POST {PATH} HTTP/1.1");
    let batch = "POST /v1/campaigns/masks/entries:batch HTTP/1.1";
    let large = line(&post, &format!("content-length: {huge}\r\n"));
    let json = "content-type: application/json\r\nidempotency-key: k\r\n";
    let (gets, deletes) = ("GET /v1/entries/x HTTP/1.1", "DELETE /v1/entries/x HTTP/1.1");
    // What follows the answer to the first is the answer to NEXT, or nothing; never two.
    let cases = [
        ("no media type", with(&post, ""), 415),
        ("not JSON", with(&post, json), 400),
        ("packed", with(&post, "content-encoding: gzip\r\n"), 415),
        ("no token", with(batch, json), 401),
        ("unknown campaign", with("POST /v1/campaigns/no/entries HTTP/1.1", json), 404),
        ("another method", with(&post.replace("POST", "PUT"), ""), 405),
        ("a method of one's own", with(&post.replace("POST", "HIDE"), ""), 405),
        ("a look with a body", with(gets, ""), 404),
        ("a cancellation with a body", with(deletes, ""), 404),
        ("no such page", with("POST /nowhere HTTP/1.1", ""), 404),
        ("a page with a body", with("GET / HTTP/1.1", ""), 200),
        ("two hosts", with(&post, "host: y\r\n"), 400),
        ("larger than may be", format!("{large}{HIDDEN}{NEXT}"), 413),
        ("an expectation", with(&post, "expect: 100-continue\r\n"), 415),
        ("an upgrade", with("GET / HTTP/1.1", "connection: upgrade\r\nupgrade: h2c\r\n"), 200),
    ];
    let mut wrong = Vec::new();
    for (what, request, expected) in cases {
        let found = statuses(&site, &request).await;
        let is_right = match found[..] {
            [first] => first == expected,
            [first, next] => first == expected && next == 200,
            _ => false,
        };
        if !is_right {
            wrong.push((what, found, expected));
        }
    }
    assert!(wrong.is_empty(), "case, found, expected: {wrong:#?}");
    site.stop().await;
}

#[tokio::test]
async fn a_request_line_has_three_parts() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let tls = "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".repeat(3);
    let long = format!("GET /{} HTTP/1.1", "a".repeat(1 << 20));
    let cases = [
        ("an empty line before", "\r\nGET /livez HTTP/1.1", vec![200, 200]),
        ("the whole address", "GET http://elsewhere/livez HTTP/1.1", vec![200, 200]),
        ("no path", "GET  HTTP/1.1", vec![400]),
        ("two spaces", "GET  /livez HTTP/1.1", vec![400]),
        ("a space in the path", "GET /li vez HTTP/1.1", vec![400]),
        ("no version", "GET /livez", vec![400]),
        ("another version", "GET /livez HTTP/1.2", vec![400]),
        ("small letters", "GET /livez http/1.1", vec![400]),
        ("HTTP/2", "PRI * HTTP/2.0", vec![400]),
        ("a bracket in the method", "G(T /livez HTTP/1.1", vec![400]),
        ("no method", " /livez HTTP/1.1", vec![400]),
        ("something else", tls.as_str(), vec![400]),
        ("a tunnel", "CONNECT example.org:443 HTTP/1.1", vec![404, 200]),
        ("an authority", "GET example.org:443 HTTP/1.1", vec![404, 200]),
        ("an asterisk", "OPTIONS * HTTP/1.1", vec![404, 200]),
        ("a million letters", long.as_str(), vec![431]),
        ("NUL in the path", "GET /\0 HTTP/1.1", vec![400]),
    ];
    let mut wrong = Vec::new();
    for (what, line, expected) in cases {
        let found = statuses(&site, &format!("{line}\r\nhost: x\r\n\r\n{NEXT}")).await;
        if found != expected {
            wrong.push((what, found, expected));
        }
    }
    assert!(wrong.is_empty(), "case, found, expected: {wrong:#?}");
    site.stop().await;
}
