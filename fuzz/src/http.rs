//! Bodies of every request: the public API's and the operators' JSON, and the forms.
//!
//! Invariants: no body is the server's fault; what is no JSON is refused, and what is answered is
//! JSON; the same request again is answered alike; a page shows nothing as it was typed that a
//! browser would take for a tag.

use crate::bites::Bites;
use crate::exchange::Answer;
use crate::site::Use;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Calls of the operator API that take a body.
const OPERATOR: [&str; 8] = [
    "/v1/operator/campaigns/masks/actions",
    "/v1/operator/campaigns/masks/stock",
    "/v1/operator/campaigns/masks/lists",
    "/v1/operator/campaigns/masks/export",
    "/v1/operator/redemptions",
    "/v1/operator/campaigns",
    "/v1/operator/campaigns?dry_run=true",
    "/v1/operator/campaigns/spare/shred",
];
const PUBLIC: [&str; 3] = ["entries", "entries:batch", "find"];
const FORMS: [&str; 3] = ["/c/masks", "/c/masks/find", "/e/RECEIPT/cancel"];
/// A tag of nobody's, which corpus and dictionary know.
const TAG: &[u8] = b"<zz";

pub(crate) fn feed_api(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let choice = bites.byte();
    let call = PUBLIC[usize::from(choice) % PUBLIC.len()];
    let body = bites.0;
    let language = if choice & 0x80 == 0 { "en" } else { "zh-CN" };
    let mut site = Use::begin();
    let head = format!(
        "POST /v1/campaigns/masks/{call} HTTP/1.1\r\ncontent-type: application/json\r\n\
         accept-language: {language}\r\nidempotency-key: k{:x}\r\n{}",
        Sha256::digest(bytes)[0],
        if call == "entries:batch" { site.authorization() } else { String::new() }
    );
    let answer = site.public(&head, body);
    speaks_json(&answer, body);
    if answer.status < 300 {
        assert_eq!(site.public(&head, body), answer, "the same again");
    }
}

pub(crate) fn feed_operator(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let path = OPERATOR[usize::from(bites.byte()) % OPERATOR.len()];
    let answer = Use::begin().operator(path, bites.0);
    if path.ends_with("/export") && answer.status == 200 {
        assert!(is_json(bites.0), "only JSON exports");
    } else {
        speaks_json(&answer, bites.0);
    }
}

pub(crate) fn feed_form(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let choice = bites.byte();
    let mut site = Use::begin();
    let path = FORMS[usize::from(choice) % FORMS.len()].replace("RECEIPT", &site.receipt());
    let language = if choice & 0x80 == 0 { "en" } else { "zh-CN" };
    let head = format!(
        "POST {path}?lang={language} HTTP/1.1\r\n\
         content-type: application/x-www-form-urlencoded\r\n"
    );
    let answer = site.public(&head, bites.0);
    let shows = |tag: &[u8]| answer.body.windows(tag.len()).any(|window| window == tag);
    assert!(!shows(TAG), "a tag that was typed is on the page");
}

/// The answer is JSON, and good only for what was JSON.
fn speaks_json(answer: &Answer, asked: &[u8]) {
    assert!(is_json(&answer.body), "{} of {}", answer.status, answer.kind);
    if answer.status < 300 {
        assert!(is_json(asked), "what is no JSON was answered with {}", answer.status);
        assert_eq!(answer.kind, "application/json");
    } else {
        assert_eq!(answer.kind, "application/problem+json");
        let problem: Value = serde_json::from_slice(&answer.body).expect("it is JSON");
        assert_eq!(problem["status"], answer.status, "the document repeats the status");
        assert!(problem["code"].is_string() && problem["detail"].is_string(), "{problem}");
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok()
}
