//! Campaigns that are open by their own rules, while nobody can enter.

use super::clock::get;
use super::site::Site;
use serde_json::{Value, json};

/// The campaign, held back, in a series with a cool-down.
fn of_series(code: &str) -> Value {
    let mut files = Site::files("by-hand");
    let series = "[series]\ncode = \"city\"\ncool_down_days = 5\n\n[register]";
    let toml = files["files"][0]["text"].as_str().unwrap().replace("[register]", series);
    files["files"][0]["text"] = json!(toml.replace("\"masks\"", &format!("\"{code}\"")));
    files
}

fn of_windows(files: &mut Value, windows: &str) {
    let toml = files["files"][0]["text"].as_str().unwrap();
    let (before, rest) = toml.split_once("windows = ").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    files["files"][0]["text"] = json!(format!("{before}{windows}\n{after}"));
}

#[tokio::test]
async fn while_nobody_can_enter_before_another_campaign_is_published_no_one_says_open() {
    let site = Site::empty().await;
    site.post("/v1/operator/campaigns", &of_series("masks")).await.expect(201);
    site.enter(1, 0, 1).await;
    let mut later = of_series("later");
    of_windows(&mut later, "");
    let loaded = site.post("/v1/operator/campaigns", &later).await.expect(201);
    assert_eq!((&loaded["phase"], &loaded["waits_for"]), (&json!("not-open-yet"), &json!("masks")));
    assert_eq!(loaded["warnings"][1]["code"], "series-overlaps");
    let (address, _stop) = site.serve_public();
    let open = json!({ "do": "open", "reason": "it is time" });
    let opened = site.post("/v1/operator/campaigns/later/actions", &open).await.expect(200);
    assert_eq!(opened["phase"], "series-unpublished");
    let warning = &opened["warnings"][0];
    assert_eq!(warning["code"], "series-unpublished");
    assert!(warning["message"].as_str().unwrap().contains("\"masks\""), "{warning}");
    let shown = site.get("/v1/operator/campaigns/later").await.expect(200);
    let waits = (&json!("series-unpublished"), &json!("masks"));
    assert_eq!((&shown["phase"], &shown["waits_for"]), waits);
    let listed = site.get("/v1/operator/campaigns").await.expect(200);
    assert_eq!((&listed[0]["phase"], &listed[1]["phase"]), (&json!("open"), waits.0));
    let status = get(address, "/v1/campaigns/later/status").await.json();
    assert_eq!(status["phase"], "series-unpublished");
    let page = get(address, "/c/later?lang=en").await;
    assert!(page.text().contains("Waiting for earlier results"), "{}", page.text());
    assert!(!page.text().contains("<form"), "there is nothing to fill in");

    for word in ["close", "publish"] {
        site.act(json!({ "do": word, "reason": "over" })).await.expect(200);
    }
    let shown = site.get("/v1/operator/campaigns/later").await.expect(200);
    assert_eq!((&shown["phase"], &shown["waits_for"]), (&json!("open"), &json!(null)));
    // The page is the same for everybody for a moment; one with a query is made at once.
    let page = get(address, "/c/later?lang=en&district=0").await;
    assert!(page.text().contains("class=\"phase open\""), "{}", page.text());
}

#[tokio::test]
async fn while_nobody_can_enter_for_an_empty_allow_list_it_is_told() {
    let site = Site::empty().await;
    let mut files = Site::files("by-hand");
    of_windows(&mut files, "allow_list = true");
    let loaded = site.post("/v1/operator/campaigns", &files).await.expect(201);
    assert_eq!(loaded["warnings"][1]["code"], "allow-list-empty", "{loaded}");
    let open = json!({ "do": "open", "reason": "it is time" });
    let opened = site.act(open.clone()).await.expect(200);
    assert_eq!(opened["warnings"][0]["code"], "allow-list-empty");
    let shown = site.get("/v1/operator/campaigns/masks").await.expect(200);
    let list = json!({ "list": "allow", "field": "phone", "people": 0, "in_force": true });
    assert_eq!(shown["lists"], json!([list]));

    let people = json!({ "list": "allow", "field": "phone", "reason": "invited",
        "file": { "name": "people.txt", "text": "13800000001\n" } });
    site.post("/v1/operator/campaigns/masks/lists", &people).await.expect(200);
    site.act(json!({ "do": "pause", "reason": "a moment" })).await.expect(200);
    let resumed = site.act(json!({ "do": "resume", "reason": "go on" })).await.expect(200);
    assert_eq!(resumed["warnings"], json!(null));
}
