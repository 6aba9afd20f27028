//! What must never show: people, and decisions before they are published.

use super::site::{Site, phone};
use serde_json::json;
use std::fs;
use std::path::Path;

fn everything_under(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything_under(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_named_in_actions_metrics_or_on_the_disk() {
    let site = Site::new().await;
    for person in 1..50 {
        site.enter(person, 0, 1).await;
    }
    let file = json!({ "name": "l.csv", "text": phone(77) });
    let body = json!({ "list": "block", "field": "phone", "file": file, "reason": "fraud" });
    site.post("/v1/operator/campaigns/masks/lists", &body).await.expect(200);
    for layout in ["file", "archive"] {
        let body = json!({ "format": "xlsx", "layout": layout, "reason": "x" });
        site.post("/v1/operator/campaigns/masks/export", &body).await.expect(200);
    }
    let mut found = Vec::new();
    everything_under(site.folder.path(), &mut found);
    for path in ["/metrics", "/v1/operator/actions", "/v1/operator/campaigns/masks"] {
        found.push((path.to_owned(), site.get(path).await.bytes));
    }
    assert!(found.len() > 5);
    for (name, bytes) in &found {
        for person in [phone(7), phone(77), "张7".to_owned()] {
            assert!(!holds(bytes, &person), "{name} holds {person}");
        }
        assert!(!holds(bytes, &site.operator), "{name} holds a token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_nothing_that_is_not_published() {
    let site = Site::held_back().await;
    site.enter(1, 1, 2).await;
    let plenty = site.get("/metrics").await.text();
    assert!(plenty.contains("tidegate_outcomes_total{outcome=\"registered\"} 1"), "{plenty}");
    assert!(plenty.contains("tidegate_entries{campaign=\"masks\"} 1"), "{plenty}");
    // The second one is sold out, and nobody can tell.
    site.enter(2, 1, 2).await;
    let sold_out = site.get("/metrics").await.text();
    assert!(sold_out.contains("tidegate_outcomes_total{outcome=\"registered\"} 2"), "{sold_out}");
    for text in [&plenty, &sold_out] {
        assert!(!text.contains("units_left{") && !text.contains("sold-out"), "{text}");
        assert!(!text.contains("outcome=\"booked\""), "{text}");
    }
    site.act(json!({ "do": "close", "reason": "over" })).await.expect(200);
    site.act(json!({ "do": "publish", "reason": "now" })).await.expect(200);
    let published = site.get("/metrics").await.text();
    assert!(published.contains("tidegate_units_left{campaign=\"masks\"} 41"), "{published}");
    assert!(published.contains("tidegate_sync_microseconds_bucket{le=\"+Inf\"}"), "{published}");
    assert!(published.ends_with("# EOF\n"));
}
