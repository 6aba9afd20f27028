//! Exports over HTTP: complete, since the last, cut short.

use super::site::{EVENING, Site};
use axum::body::Body;
use axum::http::Request;
use expect_test::expect;
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
        code,number,outlet,outlet_name,item,item_name,slot,slot_name,units,name,phone,state,booked_at,redeemed_at,cancelled_at
        CODE-1,2,1001,望潮药房,N95,防护口罩,am,上午,1,张2,'+8613800000002,booked,2030-02-01 20:30:00,,
        CODE-0,1,1002,听澜药房,N95,防护口罩,am,上午,2,张1,'+8613800000001,booked,2030-02-01 20:30:00,,
    "#]]
    .assert_eq(&hidden(&site, &file.text(), 4));
    let told = site.get("/v1/operator/campaigns/masks").await.expect(200);
    let checksum: String =
        Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(told["last_export"]["checksum"], checksum);
    assert_eq!(told["last_export"]["bookings"], 2);
    assert_eq!(told["actions"][0]["reason"], "shops");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_export_tells_what_changed() {
    let site = Site::new().await;
    let mut changes = csv();
    changes["since"] = json!("last");
    assert_eq!(site.post(EXPORT, &changes).await.code(409), "no-export-yet");
    site.enter(1, 0, 1).await;
    site.enter(2, 0, 1).await;
    site.post(EXPORT, &csv()).await.expect(200);
    site.set_time(EVENING.plus(60_000));
    site.enter(3, 0, 1).await;
    site.enter(4, 0, 1).await;
    site.cancel(0).await;
    site.cancel(3).await;
    let first = |text: String| -> Vec<String> {
        let text = hidden(&site, &text, 4);
        let rows = text.lines().skip(1);
        rows.map(|row| row.split(',').take(2).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(
        first(site.post(EXPORT, &changes).await.text()),
        ["cancelled CODE-0", "added CODE-2"]
    );
    site.set_time(EVENING.plus(120_000));
    assert_eq!(first(site.post(EXPORT, &changes).await.text()), Vec::<String>::new());
    std::fs::remove_file(site.folder.path().join("handover.json")).unwrap();
    assert_eq!(site.post(EXPORT, &changes).await.code(409), "export-mark-missing");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_leaves_leaves_nothing_recorded() {
    let site = Site::new().await;
    // More than the chunks that may be on their way, so that the writer notices.
    let more = "outlet,item,slot,units\n1001,N95,am,20000\n1002,N95,am,3\n";
    let file = json!({ "name": "s.csv", "text": more });
    let body = json!({ "file": file, "mode": "replace", "reason": "more" });
    site.post("/v1/operator/campaigns/masks/stock", &body).await.expect(200);
    for person in 0..6_000 {
        site.enter(person, 0, 1).await;
    }
    let request = Request::post(EXPORT);
    let request = request.header("authorization", format!("Bearer {}", site.operator));
    let request = request.body(Body::from(csv().to_string())).unwrap();
    let response = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    drop(response);
    // As many exports as may run at once prove that the one left behind has ended.
    for _ in 0..2 {
        site.post(EXPORT, &csv()).await.expect(200);
    }
    let told = site.get("/v1/operator/actions?campaign=masks").await.expect(200);
    let exports = told.as_array().unwrap().iter().filter(|one| one["do"] == "export").count();
    assert_eq!(exports, 2);
}
