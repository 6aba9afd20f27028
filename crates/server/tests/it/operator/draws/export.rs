//! An export of a campaign that draws.

use super::super::site::Site;
use super::{drawn, site};
use ledger::Ledger;
use node::Pending;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Sender, channel};
use types::{Action, CampaignNo, OperatorCommand, Outcome};

/// A look at the ledger that tells how many looks there were, and then holds the ledger's thread
/// until it may go on.
fn hold(site: &Site, tell: &Sender<u64>) -> (Sender<()>, Pending<()>) {
    let (go_on, may_go_on) = channel();
    let (tell, node) = (tell.clone(), site.node.clone());
    let look = move |_: &Ledger| {
        tell.send(node.metrics().reads.load(Relaxed)).unwrap();
        may_go_on.recv().unwrap();
    };
    (go_on, site.node.read(look).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_a_publication_overtakes_ends() {
    let site = Arc::new(drawn(site().await, 50).await);
    let (tell, told) = channel();
    let (mut go_on, _first) = hold(&site, &tell);
    let before = told.recv().unwrap();
    let asker = Arc::clone(&site);
    let export = tokio::spawn(async move {
        let body = json!({ "format": "csv", "layout": "file", "reason": "shops" });
        asker.post("/v1/operator/campaigns/masks/export", &body).await
    });
    // One of these looks always waits in the queue, so that one of them comes right behind the
    // first look of the export, which makes its mark; a frame is full after 16,384 of them, so that
    // what the export asks before that is done, too.
    let mut pending = Vec::new();
    for own in 1.. {
        let (next, look) = hold(&site, &tell);
        pending.push(look);
        go_on.send(()).unwrap();
        go_on = next;
        match told.recv().unwrap() - before - own {
            0 => {}
            1 => break,
            more => panic!("{more} looks of the export came at once"),
        }
    }
    let action = Action::Publish { campaign: CampaignNo(0) };
    let (actor, reason) = ("a test".to_owned(), "in between".to_owned());
    let mut record = Vec::new();
    OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
    let published = site.node.submit_one(record).unwrap();
    go_on.send(()).unwrap();
    assert_eq!(published.await.unwrap(), Outcome::Done { units: 0 });
    assert_eq!(export.await.unwrap().code(500), "export-cut");
    let told = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert_eq!(told["exports"], json!([]), "nothing was recorded");
}
