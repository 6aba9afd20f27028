//! What the log never holds: people, tokens, receipts and codes, at any level.

use crate::support::{Program, free_addresses};
use crowd::{Loopback, http};
use std::fs;

const NAMES: [&str; 3] = ["110101199003070134", "13800138000", "13800138001"];

/// Sends a request with a body; what came back.
fn post(program: &Program, path: &str, kind: &str, key: &str, body: &str) -> (u16, String) {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\nidempotency-key: {key}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let address = Loopback::new(program.public).unwrap();
    let (status, body) = http::fetch(address, request.as_bytes()).unwrap();
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn the_log_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let log = folder.path().join("log");
    let program = Program::start_logged(&data, free_addresses(), &log);
    program.open_campaign();
    let choices =
        "\"choices\":[{\"outlet\":\"shop\",\"item\":\"mask\",\"slot\":\"day\"}],\"units\":1";
    let identity =
        |phone: &str| format!("{{\"id_number\":\"{}\",\"phone\":\"{phone}\"}}", NAMES[0]);
    let path = "/v1/campaigns/test/entries";
    let body = format!("{{\"identity\":{},{choices}}}", identity(NAMES[1]));
    let (status, booked) = post(&program, path, "application/json", "one", &body);
    assert_eq!(status, 201, "{booked}");
    let member = |name: &str| {
        let rest = booked.split_once(&format!("\"{name}\":\"")).unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    };
    let (receipt, code) = (member("receipt"), member("code"));
    // Refused by the rules, by the fields and by the parser; found and not found; as a form.
    let again = format!("{{\"identity\":{},{choices}}}", identity(NAMES[2]));
    assert_eq!(post(&program, path, "application/json", "two", &again).0, 409);
    let wrong = again.replace("0134\"", "0135\"");
    assert_eq!(post(&program, path, "application/json", "three", &wrong).0, 422);
    let cut = &again[..again.len() - 3];
    assert_eq!(post(&program, path, "application/json", "four", cut).0, 400);
    for (phone, status) in [(NAMES[1], 200), (NAMES[2], 404)] {
        let find = format!("{{\"identity\":{}}}", identity(phone));
        let path = "/v1/campaigns/test/find";
        assert_eq!(post(&program, path, "application/json", "", &find).0, status);
    }
    let form = format!("request=x&f.id_number={}&f.phone={}&outlet1=shop", NAMES[0], NAMES[1]);
    let kind = "application/x-www-form-urlencoded";
    assert_ne!(post(&program, "/c/test", kind, "", &form).0, 303);
    assert_eq!(program.get(&format!("/v1/entries/{receipt}")).0, 200);
    let output = folder.path().join("bookings.csv");
    let export = ["campaign", "export", "test", "--layout", "file", "--format", "csv"];
    let rest = ["--reason", "shops", "--output", output.to_str().unwrap()];
    let exported = program.operate(&[&export[..], &rest[..]].concat());
    assert!(exported.status.success(), "{exported:?}");
    assert!(fs::read_to_string(&output).unwrap().contains(NAMES[0]), "the export names people");
    program.stop();

    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("exported"), "the log was written: {text}");
    for secret in NAMES.iter().copied().chain([receipt.as_str(), &code, "tg_operator_"]) {
        assert!(!text.contains(secret), "the log holds {secret}");
    }
}
