//! What a draw that was published gives once more, while its stock changes.

use super::cut_off::add;
use super::{DRAWS, published, published_of, seal_anew, site_with, why};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_was_added_did_not_come_back() {
    let site = published(50).await;
    let booked = site.booked().await;
    for (entry, _) in &booked[..2] {
        site.cancel(entry.0).await;
    }
    add(&site, 5).await.expect(200);
    let told = site.step("alternates", &why()).await.expect(200);
    assert_eq!(told["winners"], json!(42), "five more are for another draw");
    let returned = std::fs::read_to_string(site.draw_folder().join("returned-1.txt")).unwrap();
    let units: Vec<_> = returned.lines().map(|line| line.rsplit_once(',').unwrap().1).collect();
    assert_eq!(units, ["2", "0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_unserved_are_drawn_though_a_place_was_added() {
    let site = site_with(|definition| definition.stock.truncate(1)).await;
    let site = published_of(site, 50).await;
    let booked = site.booked().await;
    for (entry, _) in &booked[..2] {
        site.cancel(entry.0).await;
    }
    add(&site, 1).await.expect(200);
    let stock = "outlet,item,slot,units\n1002,N95,am,3\n";
    let body = json!({ "file": { "name": "stock.csv", "text": stock }, "mode": "add",
        "reason": "another shop" });
    site.post("/v1/operator/campaigns/masks/stock", &body).await.expect(200);
    let body = json!({ "unserved": true, "reason": "fresh numbers" });
    site.post(DRAWS, &body).await.expect(200);
    site.post(&format!("{DRAWS}/2/seal"), &seal_anew()).await.expect(200);
    let stock = |no: u32| {
        let draws = site.folder.path().join("draws/masks");
        std::fs::read_to_string(draws.join(format!("{no}/stock.txt"))).unwrap()
    };
    assert_eq!(stock(2), stock(1).replace(",40\n", ",3\n"), "two came back, one was added");
}
