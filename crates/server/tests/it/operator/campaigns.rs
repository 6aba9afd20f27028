//! Loading, acting, listing, showing, shredding.

use super::site::Site;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_loads_nothing() {
    let site = Site::empty().await;
    let path = "/v1/operator/campaigns?dry_run=true";
    let told = site.post(path, &Site::files("at-once")).await.expect(200);
    assert_eq!((&told["campaign"], &told["units"]), (&json!("masks"), &json!(43)));
    assert_eq!(site.get("/v1/operator/campaigns").await.expect(200), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_mistakes_list_them_all() {
    let site = Site::empty().await;
    let mut files = Site::files("at-onec");
    files["files"][2] =
        json!({ "name": "stock.csv", "text": "outlet,item,slot,units\n9,N95,am,-1\n" });
    let told = site.post("/v1/operator/campaigns", &files).await.expect(422);
    assert_eq!(told["code"], "files-invalid");
    assert!(told["problems"].as_array().unwrap().len() >= 3, "{told}");
    assert!(told["text"].as_str().unwrap().contains("stock.csv"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_a_reason_and_sane_files() {
    let site = Site::empty().await;
    let mut files = Site::files("at-once");
    files["reason"] = json!("  ");
    assert_eq!(site.post("/v1/operator/campaigns", &files).await.code(400), "reason-missing");
    files["reason"] = json!("口".repeat(600));
    let long = site.post("/v1/operator/campaigns", &files).await.expect(400);
    assert_eq!(long["code"], "reason-refused");
    let detail = long["detail"].as_str().unwrap();
    assert!(detail.contains("has 600 characters, and may have 500 at most"), "{detail}");
    files["reason"] = json!("a\u{7}b");
    assert_eq!(site.post("/v1/operator/campaigns", &files).await.code(400), "reason-refused");
    files["files"][0] = json!({ "name": "c.toml", "base64": "?" });
    assert_eq!(site.post("/v1/operator/campaigns", &files).await.code(400), "malformed-files");
    let odd = json!({ "file": "c.toml", "files": [], "extra": 1 });
    assert_eq!(site.post("/v1/operator/campaigns", &odd).await.code(400), "malformed-request");
    let missing = site.get("/v1/operator/campaigns/nothing").await;
    assert_eq!(missing.code(404), "unknown-campaign");
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_are_done_refused_and_remembered() {
    let site = Site::held_back().await;
    site.enter(1, 1, 2).await;
    site.enter(2, 1, 2).await;
    let early = site.act(json!({ "do": "publish", "reason": "too early" })).await;
    assert_eq!(early.code(409), "still-open");
    let done = site.act(json!({ "do": "close", "reason": "enough" })).await.expect(200);
    assert_eq!(done, json!({ "campaign": "masks", "units": 0, "phase": "closed" }));
    let taken =
        site.act(json!({ "do": "withdraw", "outlet": "1001", "units": 5, "reason": "spoilt" }));
    assert_eq!(taken.await.expect(200)["units"], 5);
    let nowhere = site.act(json!({ "do": "withdraw", "outlet": "9", "reason": "x" })).await;
    assert_eq!(nowhere.code(409), "unknown-place");
    let mixed = site.act(json!({ "do": "open", "units": 5, "reason": "x" })).await;
    assert_eq!(mixed.code(400), "malformed-request");
    let low = site.act(json!({ "do": "cap", "entries": 1, "reason": "x" })).await;
    assert_eq!(low.code(409), "below-entries");

    let told = site.get("/v1/operator/campaigns/masks").await.expect(200);
    let decided = &told["entries_by_decision"];
    assert_eq!((&decided["booked"]["live"], &decided["sold_out"]["live"]), (&json!(1), &json!(1)));
    assert_eq!(
        told["units"],
        json!({ "issued": 43, "withdrawn": 5, "booked": 2, "redeemed": 0,
        "free": 36 })
    );
    assert_eq!(told["by_outlet"][1]["free"], 1);
    assert_eq!(told["by_district"].as_array().unwrap().len(), 2);
    assert_eq!(told["phase"], "closed");

    let all = site.get("/v1/operator/actions?campaign=masks&limit=10").await.expect(200);
    let brief: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["do"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
        .collect();
    let expected =
        ["cap below-entries", "withdraw done", "close done", "publish still-open", "load loaded"];
    assert_eq!(brief, expected);
    assert_eq!((&all[1]["actor"], &all[1]["reason"]), (&json!("duty officer"), &json!("spoilt")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shredded_campaign_is_gone_for_good() {
    let site = Site::new().await;
    site.enter(1, 0, 2).await;
    let path = "/v1/operator/campaigns/masks/shred";
    let wrong = site.post(path, &json!({ "confirm": "mask", "reason": "over" })).await;
    assert_eq!(wrong.code(400), "confirmation-differs");
    let told = site.post(path, &json!({ "confirm": "masks", "reason": "over" })).await.expect(200);
    assert_eq!(told["entries"], 1);
    assert!(told["no_longer_possible"].as_array().unwrap().len() >= 3);
    let again = site.post(path, &json!({ "confirm": "masks", "reason": "over" })).await;
    assert_eq!(again.code(409), "shredded");
    assert_eq!(site.load("at-once").await.code(409), "campaign-exists");
    let body = json!({ "format": "csv", "layout": "file", "reason": "archive" });
    let file = site.post("/v1/operator/campaigns/masks/export", &body).await;
    file.expect(200);
    assert!(file.text().contains(&site.code(0)) && !file.text().contains("phone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shredding_that_was_cut_short_is_finished_at_the_next_start() {
    let site = Site::new().await;
    let action = types::Action::Shred { campaign: types::CampaignNo(0) };
    let command = types::OperatorCommand { actor: "a".into(), reason: "b".into(), action };
    let mut record = Vec::new();
    command.encode(&mut record).unwrap();
    site.node.submit_one(record).unwrap().await.unwrap();
    let definition = site.node.view().by_code("masks").unwrap().definition.clone();
    let scope = identity::Scope::of(&definition);
    assert!(site.keyring.campaign_keys("masks", &scope).is_some());
    let keyring = site.keyring.clone();
    let finish = move |ledger: &ledger::Ledger| server::operator::finish_shreds(ledger, &keyring);
    site.node.read(finish).unwrap().await.unwrap().unwrap();
    assert!(site.keyring.campaign_keys("masks", &scope).is_none());
}
