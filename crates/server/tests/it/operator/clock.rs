//! A clock that is set back: nothing that was answered goes back with it.

use super::site::{EVENING, Site};
use crate::support::{Answer, exchange, identity};
use serde_json::{Value, json};
use std::net::SocketAddr;
use types::Millis;

const HOUR: u64 = 3_600_000;

pub(super) async fn get(address: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    exchange(address, request.as_bytes()).await
}

async fn enter(address: SocketAddr, person: u32) -> Answer {
    let mut identity = identity(person);
    identity.as_object_mut().unwrap().remove("id_number");
    let choices = [json!({"outlet": "1001", "item": "N95", "slot": "am"})];
    let body = json!({"identity": identity, "choices": choices, "units": 1}).to_string();
    let request = format!(
        "POST /v1/campaigns/masks/entries HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-type: application/json\r\nidempotency-key: person-{person}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(address, request.as_bytes()).await
}

async fn reach(site: &Site, at: Millis) {
    site.set_time(at);
    while site.node.read(|ledger| ledger.time()).unwrap().await.unwrap() < at {
        tokio::task::yield_now().await;
    }
}

fn phase_of(shown: &Value) -> &str {
    shown["phase"].as_str().unwrap()
}

#[tokio::test]
async fn a_clock_that_is_set_back_closes_no_window_that_is_open() {
    let site = Site::empty().await;
    site.set_time(Millis(EVENING.0 - 3 * HOUR));
    site.load("by-hand").await.expect(201);
    let (address, _stop) = site.serve_public();
    let enter = async |person| enter(address, person).await;
    let status = async || get(address, "/v1/campaigns/masks/status").await.json();
    assert_eq!(enter(1).await.code(), "not-open-yet");
    site.set_time(EVENING);
    assert_eq!(enter(1).await.status, 202);

    site.set_time(Millis(EVENING.0 - 3 * HOUR));
    assert_eq!(enter(2).await.status, 202, "the time stands still, inside the window");
    let status = status().await;
    assert_eq!((phase_of(&status), &status["now"]), ("open", &"2030-02-01T20:30:00+08:00".into()));
    let page = get(address, "/c/masks").await;
    assert!(page.text().contains("class=\"phase open\""), "{}", page.text());
    let shown = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(phase_of(&shown), "open");
    let metrics = site.get("/metrics").await.text();
    assert!(metrics.contains("\ntidegate_clock_behind_seconds 10800.0\n"), "{metrics}");
}

#[tokio::test]
async fn a_clock_that_is_set_back_hides_no_results_that_are_published() {
    let site = Site::empty().await;
    site.load("at\"\nat = \"2030-02-01 23:00").await.expect(201);
    let (address, _stop) = site.serve_public();
    assert_eq!(enter(address, 1).await.status, 202);
    // The tick of the publication's moment.
    let published = Millis(EVENING.0 + HOUR * 5 / 2);
    reach(&site, published).await;
    site.set_time(EVENING);
    let status = get(address, "/v1/campaigns/masks/status").await.json();
    assert_eq!((phase_of(&status), &status["published"]), ("closed", &true.into()));
    assert_eq!(enter(address, 2).await.code(), "closed");
}
