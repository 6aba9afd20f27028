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
    site.load("at-once").await.expect(201);
    site.post(path, &Site::files("at-once")).await.expect(200);
    site.enter(1, 0, 1).await;
    assert_eq!(site.post(path, &Site::files("at-once")).await.code(409), "campaign-exists");
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
    let one = site.post("/v1/operator/campaigns", &Site::files("at-onec")).await.expect(422);
    assert!(one["detail"].as_str().unwrap().starts_with("The files have 1 error. "), "{one}");
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
    for odd in ["a\u{7}b", "stock \u{202e}tsol\u{202c}"] {
        files["reason"] = json!(odd);
        assert_eq!(site.post("/v1/operator/campaigns", &files).await.code(400), "reason-refused");
    }
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
    let expected = json!({ "campaign": "masks", "dry_run": false, "units": 0, "phase": "closed" });
    assert_eq!(done, expected);
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
    assert_eq!(all[1]["detail"], "outlet 1001, at most 5 a pool: 5 units");
    let changes: Vec<_> =
        all.as_array().unwrap().iter().map(|one| json!([one["before"], one["after"]])).collect();
    let none = json!([null, null]);
    let expected =
        [none.clone(), json!(["43", "38"]), json!(["open", "closed"]), none, json!(["none", "43"])];
    assert_eq!(changes, expected);
    // Behind no listener a request comes from the machine itself.
    assert!(all.as_array().unwrap().iter().all(|one| one["from"] == "127.0.0.1"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_says_from_where_and_can_be_tried_first() {
    let site = Site::new().await;
    site.enter(1, 1, 2).await;
    let asked = [
        json!({ "do": "withdraw", "reason": "x" }),
        json!({ "do": "withdraw", "units": 1, "reason": "x" }),
        json!({ "do": "withdraw", "dry_run": true }),
        json!({ "do": "withdraw", "all": true, "item": "N95", "reason": "x" }),
        json!({ "do": "pause", "dry_run": true }),
        json!({ "do": "pause", "all": true, "reason": "x" }),
    ];
    for body in asked {
        assert_eq!(site.act(body).await.code(400), "malformed-request");
    }
    let tried = async |body| site.act(body).await.expect(200);
    let told = tried(json!({ "do": "withdraw", "all": true, "dry_run": true })).await;
    let expected = json!({ "campaign": "masks", "dry_run": true, "units": 41, "pools": 2,
        "phase": "open" });
    assert_eq!(told, expected);
    let told = tried(json!({ "do": "withdraw", "item": "N95", "slot": "am", "units": 30,
        "dry_run": true }));
    let told = told.await;
    assert_eq!((&told["units"], &told["pools"]), (&json!(31), &json!(2)));
    let body = json!({ "do": "withdraw", "outlet": "9", "dry_run": true });
    assert_eq!(site.act(body).await.code(409), "unknown-place");
    let truth = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(truth["units"]["free"], 41, "nothing was taken");
    assert_eq!(truth["actions"].as_array().unwrap().len(), 1, "and nothing recorded");

    let slot = json!({ "do": "withdraw", "outlet": "1002", "slot": "am", "reason": "flooded" });
    let few = json!({ "do": "withdraw", "item": "N95", "units": 1, "reason": "torn" });
    let all = json!({ "do": "withdraw", "all": true, "reason": "over" });
    for (mut body, units) in [(slot, 1), (few, 1), (all, 39)] {
        body["dry_run"] = json!(true);
        assert_eq!(site.act(body.clone()).await.expect(200)["units"], units);
        body["dry_run"] = json!(false);
        assert_eq!(site.act(body).await.expect(200)["units"], units, "it took what it said");
    }
    let list = site.get("/v1/operator/actions?limit=3").await.expect(200);
    let details = (&list[0]["detail"], &list[2]["detail"]);
    assert_eq!(details, (&json!("all: 39 units"), &json!("outlet 1002, slot am: 1 unit")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_place_gets_the_nearest_one() {
    let site = Site::new().await;
    let body = json!({ "do": "withdraw", "item": "N96", "reason": "x" });
    let told = site.act(body).await.expect(409);
    assert_eq!((&told["code"], &told["nearest"]), (&json!("unknown-place"), &json!("N95")));
    assert_eq!(
        told["detail"],
        "The campaign has no item \"N96\". Did you mean \"N95\"? Nothing was done. `tidegate \
         campaign show masks --by item` lists those there are."
    );
    // Two are as near as each other.
    let body = json!({ "do": "withdraw", "outlet": "1003", "reason": "x" });
    let told = site.act(body).await.expect(409);
    assert_eq!(told.get("nearest"), None);
}

/// The campaign of the files at other times, or with other lines.
fn changed(publish: &str, changes: &[(&str, &str)]) -> serde_json::Value {
    let mut files = Site::files(publish);
    let text = files["files"][0]["text"].as_str().unwrap();
    let text = changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "the file has no {old}");
        text.replace(old, new)
    });
    files["files"][0]["text"] = json!(text);
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_says_what_becomes_of_registration() {
    let site = Site::empty().await;
    let first = site.load("at-once").await.expect(201);
    assert_eq!((&first["phase_before"], &first["phase"]), (&json!(null), &json!("open")));
    assert_eq!(first["phase_until"], "2030-02-01T22:00:00+08:00");

    let over = changed("at-once", &[("02-01 22:00", "02-01 20:10")]);
    for (path, status) in [("?dry_run=true", 200), ("", 201)] {
        let path = format!("/v1/operator/campaigns{path}");
        let told = site.post(&path, &over).await.expect(status);
        assert_eq!((&told["phase_before"], &told["phase"]), (&json!("open"), &json!("closed")));
        assert_eq!((&told["phase_until"], &told["dry_run"]), (&json!(null), &json!(status == 200)));
    }
    site.act(json!({ "do": "open", "reason": "late" })).await.expect(200);
    let later = changed("at-once", &[("02-01 20:00", "02-01 21:00")]);
    let told = site.post("/v1/operator/campaigns", &later).await.expect(201);
    assert_eq!((&told["phase_before"], &told["phase"]), (&json!("open"), &json!("not-open-yet")));
    assert_eq!(told["phase_until"], "2030-02-01T21:00:00+08:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_warns_of_campaigns_of_a_held_back_series_that_overlap() {
    let series = ("[register]", "[series]\ncode = \"city\"\ncool_down_days = 5\n[register]");
    let site = Site::empty().await;
    let load = async |code: &str, day: &str| {
        let code = format!("code = \"{code}\"");
        let changes = [series, ("code = \"masks\"", &code), ("2030-02-01", day)];
        let told = site.post("/v1/operator/campaigns", &changed("by-hand", &changes)).await;
        let warnings = told.expect(201)["warnings"].take();
        let codes = warnings.as_array().unwrap().iter().map(|one| one["code"].clone());
        codes.filter(|code| code == "series-overlaps").count()
    };
    assert_eq!(load("masks", "2030-02-01").await, 0);
    assert_eq!(load("masks", "2030-02-01").await, 0, "it does not stand in its own way");
    assert_eq!(load("later", "2030-02-02").await, 0);
    assert_eq!(load("second", "2030-02-01").await, 1);
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
    let command =
        types::OperatorCommand { actor: "a".into(), from: None, reason: "b".into(), action };
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
