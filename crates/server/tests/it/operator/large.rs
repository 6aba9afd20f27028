//! Much of everything: it is told whole, and read a little at a time.

use super::site::Site;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use types::{Action, CampaignNo, OperatorCommand};

/// More than one look takes.
const MANY: u32 = 10_001;

/// The files of a campaign with as many outlets, of one pool each.
fn files() -> Value {
    let mut files = Site::files("at-once");
    let mut outlets = "code,name,name.en,district,address,latitude,longitude\n".to_owned();
    let mut stock = "outlet,item,slot,units\n".to_owned();
    for outlet in 0..MANY {
        writeln!(outlets, "{outlet:05},药房,Pharmacy,望潮区,灯塔路1号,,").unwrap();
        writeln!(stock, "{outlet:05},N95,am,2").unwrap();
    }
    files["files"][1] = json!({ "name": "outlets.csv", "text": outlets });
    files["files"][2] = json!({ "name": "stock.csv", "text": stock });
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_told_while_no_look_takes_long() {
    let site = Site::empty().await;
    site.post("/v1/operator/campaigns", &files()).await.expect(201);
    site.enter(1, MANY - 1, 2).await;
    let before = site.node.metrics().reads.load(Relaxed);
    let told = site.get("/v1/operator/campaigns/masks").await.expect(200);
    let looks = site.node.metrics().reads.load(Relaxed) - before;
    assert_eq!(looks, 5, "pools in two, the rest of the campaign, its entries, its actions");
    assert_eq!((&told["units"]["issued"], &told["units"]["booked"]), (&json!(20_002), &json!(2)));
    assert_eq!(told["by_outlet"][MANY as usize - 1]["free"], 0);
    let districts = told["by_district"].as_array().unwrap();
    assert_eq!((districts.len(), &districts[0]["issued"]), (1, &json!(20_002)));
    let list = site.get("/v1/operator/campaigns").await.expect(200);
    assert_eq!(list[0]["units_on_offer"], 20_002);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_says_as_many_as_the_line_it_stands_in() {
    let site = Arc::new(Site::new().await);
    let askers = (0..8).map(|asker| {
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            for round in 0..25 {
                site.enter(asker * 25 + round, 0, 1).await;
                let told = site.get("/v1/operator/campaigns/masks").await.expect(200);
                let live = |decision: &str| told["entries_by_decision"][decision]["live"].as_u64();
                let counted = live("booked").unwrap() + live("sold_out").unwrap();
                assert_eq!(told["entries"], counted);
            }
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_is_found_behind_many_others() {
    let site = Site::empty().await;
    let mut gloves = Site::files("at-once");
    let toml = gloves["files"][0]["text"].as_str().unwrap().replace("\"masks\"", "\"gloves\"");
    gloves["files"][0]["text"] = json!(toml);
    site.post("/v1/operator/campaigns", &gloves).await.expect(201);
    site.load("at-once").await.expect(201);
    // In several frames, so that the looks meet between two of them.
    for _ in 0..=10 {
        let mut records = Vec::new();
        for _ in 0..1_000 {
            let action = Action::Resume { campaign: CampaignNo(1) };
            let (actor, reason) = ("deputy".to_owned(), "over and over".to_owned());
            OperatorCommand { actor, from: None, reason, action }.encode(&mut records).unwrap();
        }
        site.node.submit(records, 1_000).unwrap().await.unwrap();
    }
    let found = site.get("/v1/operator/actions?campaign=gloves").await.expect(200);
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!((&found[0]["do"], &found[0]["campaign"]), (&json!("load"), &json!("gloves")));
    let told = site.get("/v1/operator/campaigns/gloves").await.expect(200);
    assert_eq!(told["actions"].as_array().unwrap().len(), 1);
    let latest = site.get("/v1/operator/actions?limit=1000").await.expect(200);
    assert!(latest.as_array().unwrap().iter().all(|one| one["actor"] == "deputy"));
}
