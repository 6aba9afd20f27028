//! Stock tables and lists of people.

use super::site::{Site, phone};
use serde_json::json;
use types::{Outcome, Refusal};

const STOCK: &str = "/v1/operator/campaigns/masks/stock";
const LISTS: &str = "/v1/operator/campaigns/masks/lists";

fn table(rows: &str) -> serde_json::Value {
    json!({ "name": "s.csv", "text": format!("outlet,item,slot,units\n{rows}") })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_the_difference() {
    let site = Site::new().await;
    site.enter(1, 1, 3).await;
    let file = table("1001,N95,am,50\n1002,N95,am,2\n");
    let mut body = json!({ "file": file, "mode": "replace", "dry_run": true });
    let told = site.post(STOCK, &body).await.expect(200);
    assert_eq!(told["refused"], true);
    assert_eq!((&told["units_before"], &told["units_after"]), (&json!(43), &json!(52)));
    let below = json!({ "outlet": "1002", "outlet_name": "听澜药房", "item": "N95", "slot": "am",
        "before": 3, "after": 2, "booked": 3, "below_booked": true });
    assert_eq!(told["pools"][0], below);
    assert_eq!((&told["pools_changed"], &told["pools_below_booked"]), (&json!(2), &json!(1)));

    body["dry_run"] = json!(false);
    body["reason"] = json!("the daily file");
    let refused = site.post(STOCK, &body).await.expect(409);
    assert_eq!((&refused["code"], &refused["pools"][0]), (&json!("below-booked"), &below));
    let same = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(same["units_on_offer"], 43);
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_replaces_or_adds() {
    let site = Site::new().await;
    let body = json!({ "file": table("1001,N95,am,10\n"), "mode": "add", "reason": "more" });
    assert_eq!(site.post(STOCK, &body).await.expect(200)["units_after"], 53);
    let body = json!({ "file": table("1001,N95,am,7\n"), "mode": "replace", "reason": "less" });
    let told = site.post(STOCK, &body).await.expect(200);
    assert_eq!((&told["units_after"], &told["pools_changed"]), (&json!(7), &json!(2)));
    let now = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(now["units_on_offer"], 7);
    let body = json!({ "file": table("9,N95,am,7\n"), "mode": "add", "reason": "x" });
    assert_eq!(site.post(STOCK, &body).await.code(422), "files-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_goes_where_its_table_says_though_the_outlets_change_meanwhile() {
    let site = Site::new().await;
    // The same outlets the other way round, so that each has the other one's number.
    let mut turned = Site::files("at-once");
    let outlets = turned["files"][1]["text"].as_str().unwrap();
    let lines: Vec<&str> = outlets.lines().collect();
    let [head, first, second] = lines[..] else { panic!("two outlets: {outlets}") };
    turned["files"][1]["text"] = json!(format!("{head}\n{second}\n{first}\n"));
    // Blank lines take a while to read, and mean nothing.
    let file = table(&format!("{}1001,N95,am,7\n", "\n".repeat(1_000_000)));
    let body = json!({ "file": file, "mode": "replace", "reason": "the daily file" });
    let stock = site.post(STOCK, &body);
    let load = site.post("/v1/operator/campaigns", &turned);
    let (stocked, loaded) = tokio::join!(stock, load);
    stocked.expect(200);
    loaded.expect(201);
    // Whichever was first: the stock stands at its outlet, or the file's, loaded after it, at both.
    let now = site.get("/v1/operator/campaigns/masks").await.expect(200);
    let outlets = now["by_outlet"].as_array().unwrap().iter();
    let mut free: Vec<_> = outlets
        .map(|outlet| (outlet["code"].as_str().unwrap(), outlet["free"].as_u64().unwrap()))
        .collect();
    free.sort_unstable();
    assert!(
        [[("1001", 7), ("1002", 0)], [("1001", 40), ("1002", 3)]].contains(&[free[0], free[1]])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_list_blocks_however_a_number_is_written() {
    let site = Site::new().await;
    let text = format!("phone\n+86 {}\n{}\n{}\n", phone(1), phone(2), phone(2));
    let file = json!({ "name": "l.csv", "text": text });
    let mut body = json!({ "list": "block", "field": "phone", "file": file, "reason": "fraud" });
    let told = site.post(LISTS, &body).await.expect(200);
    assert_eq!((&told["values"], &told["added"]), (&json!(3), &json!(2)));
    assert_eq!(site.enter(1, 0, 1).await, Outcome::Refused(Refusal::NotEligible));
    let shown = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(
        shown["lists"],
        json!([{ "list": "block", "field": "phone", "people": 2, "in_force": true }])
    );
    body["field"] = json!("name");
    assert_eq!(site.post(LISTS, &body).await.code(409), "unknown-place");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_is_named_by_its_row_and_never_repeated() {
    let site = Site::new().await;
    let text = format!("phone\n{}\n13800\n", phone(1));
    let file = json!({ "name": "l.csv", "text": text });
    let body = json!({ "list": "block", "field": "phone", "file": file, "reason": "staff" });
    let answer = site.post(LISTS, &body).await;
    let told = answer.expect(422);
    assert_eq!((&told["code"], &told["rows"][0]["row"]), (&json!("list-invalid"), &json!(3)));
    assert!(!answer.text().contains("13800"));
    let shown = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(shown["lists"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allow_list_that_nobody_asks_for_takes_nobody() {
    let site = Site::new().await;
    let file = json!({ "name": "l.csv", "text": phone(1) });
    let mut body = json!({ "list": "allow", "field": "phone", "file": file, "reason": "staff" });
    assert_eq!(site.post(LISTS, &body).await.code(409), "allow-list-unread");
    body["dry_run"] = json!(true);
    assert_eq!(site.post(LISTS, &body).await.code(409), "allow-list-unread");
    body["dry_run"] = json!(false);
    let actions = site.get("/v1/operator/actions").await.expect(200);
    assert_eq!(actions.as_array().unwrap().len(), 1, "nothing but the load");

    let mut asking = Site::files("at-once");
    let text = asking["files"][0]["text"].as_str().unwrap();
    asking["files"][0]["text"] = json!(text.replace("[register]", "[register]\nallow_list = true"));
    const LOAD: &str = "/v1/operator/campaigns";
    let loaded = site.post(LOAD, &asking).await.expect(201);
    assert_eq!(loaded["warnings"][0]["code"], "allow-list-empty");
    assert_eq!(site.post(LISTS, &body).await.expect(200)["added"], 1);
    let lists = async || site.get("/v1/operator/campaigns/masks").await.expect(200)["lists"].take();
    let on_it = |in_force: bool| {
        json!([{ "list": "allow", "field": "phone", "people": 1,
        "in_force": in_force }])
    };
    assert_eq!(lists().await, on_it(true));

    // A file that no longer asks for it opens the campaign to anybody, and says so.
    let told = site.load("at-once").await.expect(201);
    assert_eq!(told["warnings"][0]["code"], "allow-list-unread");
    assert_eq!(lists().await, on_it(false));
    site.enter(2, 0, 1).await;
    let told = site.post(LISTS, &body).await.expect(409);
    assert!(told["detail"].as_str().unwrap().contains("has entries"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_says_which_and_where() {
    let site = Site::new().await;
    let file =
        json!({ "name": "s.csv", "text": "outlet,item,slot,units\n1002,N95,am,100000000\n" });
    let body = json!({ "file": file, "mode": "add", "reason": "more" });
    let told = site.post("/v1/operator/campaigns/masks/stock", &body).await.expect(409);
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.contains("100000003 units of \"N95\" at outlet \"1002\""), "{detail}");
    assert!(detail.contains("which is 100000000"), "{detail}");
    let told = site.act(json!({ "do": "cap", "entries": 0, "reason": "none" })).await.expect(409);
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.starts_with("A cap is 1 to 1000000000 entries."), "{detail}");

    site.enter(1, 0, 1).await;
    for path in ["/v1/operator/campaigns", "/v1/operator/campaigns?dry_run=true"] {
        let told = site.post(path, &Site::files("at-once")).await.expect(409);
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains("\"masks\" is there already and has entries: 1."), "{detail}");
    }
}
