//! Exports over HTTP: complete, since an earlier one, cut short.

use super::site::{EVENING, Site};
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use expect_test::expect;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt as _;

const EXPORT: &str = "/v1/operator/campaigns/masks/export";

fn csv() -> Value {
    json!({ "format": "csv", "layout": "file", "reason": "shops" })
}

fn hidden(site: &Site, text: &str, entries: u32) -> String {
    let plain = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    (0..entries)
        .fold(plain, |text, entry| text.replace(&site.code(entry), &format!("CODE-{entry}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_opens_people_before_publication_and_is_recorded() {
    let site = Site::held_back().await;
    site.enter(1, 1, 2).await;
    site.enter(2, 0, 1).await;
    site.enter(3, 1, 2).await;
    site.enter(4, 0, 5).await;
    site.cancel(3).await;
    let file = site.post(EXPORT, &csv()).await;
    file.expect(200);
    expect![[r#"
        code,number,outlet,outlet_name,item,item_name,slot,slot_name,units,name,phone,state,booked_at,redeemed_at,cancelled_at,campaign,exported_at,rows
        CODE-1,2,1001,望潮药房,N95,防护口罩,am,上午,1,张2,'+8613800000002,booked,2030-02-01 20:30:00,,,masks,2030-02-01 20:30:00,2
        CODE-0,1,1002,听澜药房,N95,防护口罩,am,上午,2,张1,'+8613800000001,booked,2030-02-01 20:30:00,,,masks,2030-02-01 20:30:00,2
    "#]]
    .assert_eq(&hidden(&site, &file.text(), 4));
    let told = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(told["exports"][0]["checksum"], checksum(&file.bytes));
    let said = |name: &str| file.headers[name].to_str().unwrap();
    assert_eq!((said("tidegate-rows"), said("tidegate-campaign")), ("2", "masks"));
    assert_eq!(said("tidegate-exported-at"), "2030-02-01T20:30:00+08:00");
    assert_eq!(said("trailer"), "repr-digest");
    let digest = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        Sha256::digest(&file.bytes),
    );
    assert_eq!(file.trailers["repr-digest"], format!("sha-256=:{digest}:").as_str());
    assert_eq!(told["exports"][0]["bookings"], 2);
    assert_eq!(told["actions"][0]["reason"], "shops");
}

fn checksum(file: &[u8]) -> String {
    Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A complete export; its checksum.
async fn complete(site: &Site) -> String {
    let file = site.post(EXPORT, &csv()).await;
    file.expect(200);
    checksum(&file.bytes)
}

/// What a file of changes says about each person, without the order of rows: "cancelled CODE-0";
/// and its checksum.
async fn changes(site: &Site, since: &str, entries: u32) -> (Vec<String>, String) {
    let mut asked = csv();
    asked["since"] = json!(since);
    let file = site.post(EXPORT, &asked).await;
    file.expect(200);
    let text = hidden(site, &file.text(), entries);
    let rows = text.lines().skip(1);
    let mut rows: Vec<_> =
        rows.map(|row| row.split(',').take(2).collect::<Vec<_>>().join(" ")).collect();
    rows.sort();
    (rows, checksum(&file.bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_tells_what_changed_since_another() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.enter(2, 0, 1).await;
    let first = complete(&site).await;
    site.set_time(EVENING.plus(60_000));
    site.enter(3, 0, 1).await;
    site.enter(4, 0, 1).await;
    site.cancel(0).await;
    site.cancel(3).await;
    let changed = ["added CODE-2", "cancelled CODE-0"];
    let (rows, second) = changes(&site, &first, 4).await;
    assert_eq!(rows, changed);
    // Nothing is lost with a file that nobody got: the one before it still tells it all.
    assert_eq!(changes(&site, &first.to_uppercase(), 4).await.0, changed);
    site.set_time(EVENING.plus(120_000));
    assert_eq!(changes(&site, &second, 4).await.0, Vec::<String>::new());
    site.cancel(2).await;
    assert_eq!(changes(&site, &second, 4).await.0, ["cancelled CODE-2"]);
    assert_eq!(changes(&site, &first, 4).await.0, ["cancelled CODE-0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_begins_from_no_other_file() {
    let site = Site::new().await;
    complete(&site).await;
    let mut asked = csv();
    asked["since"] = json!("00".repeat(32));
    assert_eq!(site.post(EXPORT, &asked).await.code(409), "export-unknown");
    asked["since"] = json!("last");
    assert_eq!(site.post(EXPORT, &asked).await.code(400), "malformed-request");
    assert_eq!(recorded(&site).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_says_when_it_was_made_though_nobody_entered_since() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.set_time(EVENING.plus(3_600_000));
    let file = site.post(EXPORT, &csv()).await;
    file.expect(200);
    assert_eq!(file.headers["tidegate-exported-at"], "2030-02-01T21:30:00+08:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_of_an_export_is_in_the_journal() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.enter(2, 0, 1).await;
    // In one millisecond: ended before the export, and ended after it.
    site.cancel(0).await;
    let first = complete(&site).await;
    site.cancel(1).await;
    let files = std::fs::read_dir(site.folder.path()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert!(!names.contains(&"handover.json".into()), "{names:?}");
    let (rows, second) = changes(&site, &first, 2).await;
    assert_eq!(rows, ["cancelled CODE-1"]);
    assert_eq!(changes(&site, &second, 2).await.0, Vec::<String>::new());
    site.enter(3, 0, 1).await;
    assert_eq!(changes(&site, &second, 3).await.0, ["added CODE-2"]);
}

async fn operate(site: &Site, action: types::Action) {
    let (actor, reason) = ("duty officer".to_owned(), "shops".to_owned());
    let mut record = Vec::new();
    types::OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
    let outcome = site.node.submit_one(record).unwrap().await.unwrap();
    assert!(matches!(outcome, types::Outcome::Done { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_made_by_a_build_that_left_no_mark_is_followed_by_a_whole_one() {
    let site = Site::new().await;
    let (campaign, checksum) = (types::CampaignNo(0), "00".repeat(32));
    let mut asked = csv();
    asked["since"] = json!(checksum);
    let action = types::Action::Export { campaign, bookings: 0, checksum, seen: None };
    operate(&site, action).await;
    assert_eq!(site.post(EXPORT, &asked).await.code(409), "export-mark-missing");
    let whole = complete(&site).await;
    assert_eq!(changes(&site, &whole, 0).await.0, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_in_memory_comes_in_the_same_order() {
    let usual = Site::new().await;
    let mut rows = Vec::new();
    // Fewer than any pool has, as many as one has, more than one and fewer than both.
    let sites = [Site::holding(1).await, Site::holding(2).await, Site::holding(6).await];
    for site in [&usual].into_iter().chain(&sites) {
        for person in 0..12 {
            site.enter(person, u32::from(person % 6 == 0), 1).await;
        }
        site.cancel(3).await;
        let file = site.post(EXPORT, &csv()).await;
        file.expect(200);
        rows.push(hidden(site, &file.text(), 12));
        let archive = site.post(EXPORT, &json!({ "format": "xlsx", "reason": "x" })).await;
        archive.expect(200);
    }
    assert_eq!(rows[0].lines().count(), 12, "{}", rows[0]);
    assert!(rows.iter().all(|of_site| *of_site == rows[0]), "{rows:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_and_workbooks_come_whole() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    for format in ["csv", "xlsx"] {
        let file = site.post(EXPORT, &json!({ "format": format, "reason": "x" })).await;
        file.expect(200);
        assert!(file.bytes.starts_with(b"PK"), "a ZIP archive");
    }
    let odd = site.post(EXPORT, &json!({ "format": "pdf", "reason": "x" })).await;
    assert_eq!(odd.code(400), "malformed-request");
    assert_eq!(site.post(EXPORT, &json!({})).await.code(400), "reason-missing");
    let odd = site.post(EXPORT, &json!({ "format": 7, "sinse": "last" })).await;
    let said = odd.expect(400)["detail"].as_str().unwrap().to_owned();
    assert!(said.contains("`format` is a number; expected a text in quotes."), "{said}");
    // What is journalled is no GET, which anything between may repeat or ask ahead of time.
    assert_eq!(site.get(EXPORT).await.code(405), "method-not-allowed");
}

/// A site whose export is more than the chunks that may be on their way, so that its writer waits
/// for its reader.
async fn crowded() -> Site {
    let site = Site::new().await;
    let more = "outlet,item,slot,units\n1001,N95,am,20000\n1002,N95,am,3\n";
    let file = json!({ "name": "s.csv", "text": more });
    let body = json!({ "file": file, "mode": "replace", "reason": "more" });
    site.post("/v1/operator/campaigns/masks/stock", &body).await.expect(200);
    for person in 0..6_000 {
        site.enter(person, 0, 1).await;
    }
    site
}

/// Begins an export, and reads nothing yet.
async fn begin(site: &Site) -> Response {
    let request = Request::post(EXPORT);
    let request = request.header("authorization", format!("Bearer {}", site.operator));
    let request = request.body(Body::from(csv().to_string())).unwrap();
    let response = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    response
}

async fn recorded(site: &Site) -> usize {
    let told = site.get("/v1/operator/actions?campaign=masks").await.expect(200);
    let done = |one: &&Value| one["do"] == "export" && one["outcome"] == "done";
    told.as_array().unwrap().iter().filter(done).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_leaves_leaves_nothing_recorded() {
    let site = crowded().await;
    drop(begin(&site).await);
    // As many exports as may run at once prove that the one left behind has ended.
    for _ in 0..2 {
        site.post(EXPORT, &csv()).await.expect(200);
    }
    assert_eq!(recorded(&site).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_meets_a_shredding_never_ends() {
    let site = crowded().await;
    let begun = begin(&site).await;
    let shred = json!({ "confirm": "masks", "reason": "over" });
    site.post("/v1/operator/campaigns/masks/shred", &shred).await.expect(200);
    let read = begun.into_body().collect().await;
    assert!(read.is_err(), "a file with people is whole only when it is recorded");
    let after = site.post(EXPORT, &csv()).await;
    after.expect(200);
    assert_eq!(after.text().lines().count(), 6_001);
    assert_eq!(recorded(&site).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_marked_as_shredded_names_nobody_while_its_keys_are_there() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    // As after a destruction of keys that failed.
    operate(&site, types::Action::Shred { campaign: types::CampaignNo(0) }).await;
    let file = site.post(EXPORT, &csv()).await;
    file.expect(200);
    let text = file.text();
    assert!(text.contains(&site.code(0)), "{text}");
    assert!(!text.contains("张1") && !text.contains("13800000001"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_missing_are_no_shredding() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.keyring.destroy_campaign("masks").unwrap();
    assert_eq!(site.post(EXPORT, &csv()).await.code(503), "keys-missing");
    assert_eq!(recorded(&site).await, 0);
}
