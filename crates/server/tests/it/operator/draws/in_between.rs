//! Commands that would come between a look at the ledger and what is done upon it.

use super::super::site::Site;
use super::{DRAWS, NIGHT, get, published, site_with, why};
use serde_json::{Value, json};
use std::pin::{Pin, pin};
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;
use types::action::DrawEvent;
use types::definition::{Allocate, DrawTerms};
use types::ids::{DrawNo, Sha256};
use types::{Action, CampaignNo, EntryNo, OperatorCommand};

/// Holds the ledger's thread, so that whatever is asked waits in the queue, until it may go on.
fn hold(site: &Site) -> Sender<()> {
    let (held, is_held) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let look = move |_: &ledger::Ledger| {
        held.send(()).unwrap();
        may_go_on.recv().unwrap();
    };
    drop(site.node.read(look).unwrap());
    is_held.recv().unwrap();
    go_on
}

/// Goes on with something as far as it comes by itself.
async fn go_on<F: Future>(mut what: Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(what.as_mut().poll(context))).await
}

#[tokio::test]
async fn a_lapse_takes_nothing_that_a_publication_gives_meanwhile() {
    let site = published(50).await;
    let of = |body: Value| site.act(body);
    let all = json!({ "do": "lapse", "all": true, "early": true, "reason": "no delivery" });
    assert_eq!(of(all).await.expect(200)["units"], json!(40));
    // Ten others win, who can collect until noon, and nobody knows it yet.
    assert_eq!(site.step("alternates", &why()).await.expect(200)["winners"], json!(50));
    let lapse = json!({ "do": "lapse", "all": true, "reason": "what was not collected" });
    let mut lapse = pin!(of(lapse));
    assert!(go_on(lapse.as_mut()).await.is_pending(), "it asks which pools there are");
    site.node.read(|_| ()).unwrap().await.unwrap();
    let held = hold(&site);
    assert!(go_on(lapse.as_mut()).await.is_pending(), "it asks who holds what");
    assert_eq!(site.node.status().queue, 1);
    let mut publish = pin!(of(json!({ "do": "publish", "reason": "the next ten" })));
    assert!(go_on(publish.as_mut()).await.is_pending());
    assert_eq!(site.node.status().queue, 1, "the publication waits for the lapse");
    held.send(()).unwrap();
    let (lapsed, published) = tokio::join!(lapse, publish);
    assert_eq!(lapsed.expect(200)["units"], json!(0));
    published.expect(200);
    assert_eq!(site.booked().await.len(), 10, "who have just learnt that they won");
}

#[tokio::test]
async fn a_promise_has_the_name_of_the_draw_whose_list_it_is_of() {
    let terms = DrawTerms { stand_days: Some(3), tickets_max: 1, accept_any: true, group_max: 1 };
    let site = site_with(|of| of.allocate = Allocate::Draw(terms)).await;
    site.enter(1, 0, 1).await;
    site.set_time(NIGHT);
    site.post(DRAWS, &json!({ "slot": "am", "reason": "lots" })).await.expect(200);
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), EntryNo(0));
    let held = hold(&site);
    let asked =
        tokio::spawn(async move { get(public, &format!("/v1/entries/{receipt}/promise")).await });
    while site.node.status().queue == 0 {
        tokio::task::yield_now().await;
    }
    // Right behind its look at the ledger the list is sealed.
    let (campaign, draw, event) = (CampaignNo(0), DrawNo(1), DrawEvent::Seal { entries: 1 });
    let action = Action::DrawEvent { campaign, draw, event, digest: Sha256([1; 32]) };
    let (actor, reason) = ("a test".to_owned(), "in between".to_owned());
    let mut record = Vec::new();
    OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
    let sealed = site.node.submit_one(record).unwrap();
    held.send(()).unwrap();
    // What answers has this thread alone: it comes to see the ledger's answer when all is sealed.
    while !site.node.view().by_code("masks").unwrap().draws()[0].is_sealed() {
        std::thread::yield_now();
    }
    let promise = asked.await.unwrap();
    assert_eq!(promise.status, 200, "{}", promise.text());
    assert!(promise.text().contains("masks/1"), "{}", promise.text());
    assert!(!promise.text().contains("masks/2"), "{}", promise.text());
    sealed.await.unwrap();
}
