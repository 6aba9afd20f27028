//! A whole evening from the pages alone, and presses that come twice.

use super::browser::{Browser, Page};
use crate::operator::site::Site;
use axum::body::Body;
use axum::http::Request;
use server::console::accounts::AccountRole;

/// Presses a switch the way its page asks for, and gives the page that tells what became of it.
async fn press(browser: &Browser<'_>, switch: &str, fields: &[(&str, &str)]) -> Page {
    let path = format!("/console/c/masks/do/{switch}");
    let request = browser.get(&path).await.expect(200).hidden("request");
    let fields = [&[("request", request.as_str())], fields].concat();
    let away = browser.post(&path, &fields).await.expect(303);
    browser.get(away.header("location")).await.expect(200)
}

async fn actions(site: &Site) -> Vec<(String, String, String)> {
    let list = site.get("/v1/operator/actions").await.expect(200);
    let text = |action: &serde_json::Value, name: &str| action[name].as_str().unwrap().to_owned();
    let list = list.as_array().unwrap().iter();
    list.map(|one| (text(one, "actor"), text(one, "do"), text(one, "outcome"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evening_from_the_pages_alone() {
    let site = Site::held_back().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let why = ("reason", "as planned");
    for (switch, fields) in [
        ("pause", vec![why]),
        ("resume", vec![why]),
        ("cap", vec![why, ("entries", "500")]),
        ("close", vec![why, ("code", "masks")]),
        ("publish", vec![why, ("code", "masks")]),
    ] {
        let page = press(&browser, switch, &fields).await;
        assert!(page.text.contains("class=\"done\""), "{switch}: {}", page.text);
    }
    let done: Vec<_> = actions(&site)
        .await
        .into_iter()
        .take(5)
        .map(|(who, word, outcome)| {
            assert_eq!((who.as_str(), outcome.as_str()), ("ann", "done"));
            word
        })
        .collect();
    assert_eq!(done, ["publish", "close", "cap", "resume", "pause"]);
    let page = press(&browser, "publish", &[why, ("code", "masks")]).await;
    assert!(page.text.contains("Nothing was done") && page.text.contains("already-so"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_good_needs_the_code_and_everything_a_reason() {
    let site = Site::held_back().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let before = actions(&site).await.len();
    for switch in ["close", "publish"] {
        let path = format!("/console/c/masks/do/{switch}");
        let page = browser.get(&path).await.expect(200);
        assert!(page.text.contains("type the campaign"), "{}", page.text);
        let request = page.hidden("request");
        let fields = [("request", request.as_str()), ("reason", "x"), ("code", "mask")];
        let page = browser.post(&path, &fields).await.expect(400);
        assert!(page.text.contains("code was not typed"), "{}", page.text);
    }
    let page = press(&browser, "pause", &[("reason", "  ")]).await;
    assert!(page.text.contains("needs a reason"), "{}", page.text);
    let cap = browser.get("/console/c/masks/do/cap").await.expect(200).hidden("request");
    let fields = [("request", cap.as_str()), ("reason", "x"), ("entries", "many")];
    browser.post("/console/c/masks/do/cap", &fields).await.expect(400);
    assert_eq!(actions(&site).await.len(), before, "nothing reached the journal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_press_is_one_action() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let page = browser.get("/console/c/masks").await.expect(200);
    let request = page.hidden("request");
    let before = actions(&site).await.len();
    let fields = [("request", request.as_str()), ("reason", "too many at the door")];
    let path = "/console/c/masks/do/pause";
    let (one, two) = tokio::join!(browser.post(path, &fields), browser.post(path, &fields));
    let third = browser.post(path, &fields).await.expect(303);
    for page in [one, two] {
        assert_eq!(page.expect(303).header("location"), third.header("location"));
    }
    let told = browser.get(third.header("location")).await.expect(200);
    assert!(told.text.contains("Done: Pause."), "{}", told.text);
    assert_eq!(actions(&site).await.len(), before + 1);
    let other = site.again("ann").await;
    let fields = [("request", "not an id"), ("reason", "x")];
    other.post("/console/c/masks/do/resume", &fields).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_shown_before_it_is_done() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    site.enter(1, 0, 5).await;
    let page = browser.get("/console/c/masks/do/withdraw?outlet=1001&item=&slot=&units=10").await;
    assert!(page.text.contains("take 10 units; pools concerned: 1"), "{}", page.text);
    let unknown = browser.get("/console/c/masks/do/withdraw?outlet=nowhere&units=").await;
    assert!(unknown.text.contains("Nothing was done"), "{}", unknown.text);
    let request = page.hidden("request");
    let fields = [
        ("request", request.as_str()),
        ("reason", "a box was wet"),
        ("outlet", "1001"),
        ("units", "10"),
    ];
    browser.post("/console/c/masks/do/withdraw", &fields).await.expect(303);
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("<strong>25</strong> <small>/ 30</small>"), "{page}");
}

fn upload(token: &str, mode: &str, table: &str) -> Request<Body> {
    let mut body = String::new();
    for (name, value) in [("token", token), ("sheet", ""), ("mode", mode)] {
        body +=
            &format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"stock.csv\"\r\n\r\n";
    body += &format!("{table}\r\n--x--\r\n");
    Request::post("/console/c/masks/stock")
        .header("content-type", "multipart/form-data; boundary=x")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_changes_after_its_difference_was_seen() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let token = browser.token.borrow().clone();
    site.enter(1, 1, 2).await;
    let table = "outlet,item,slot,units\n1001,N95,am,60\n1002,N95,am,1\n";
    let page = browser.send(upload(&token, "replace", table)).await.expect(200);
    assert!(page.text.contains("people hold there: 1."), "{}", page.text);
    assert!(!page.text.contains("/stock/confirm"), "it cannot be confirmed");
    let page = browser.send(upload(&token, "replace", "outlet,item\n1001,N95\n")).await;
    assert!(page.expect(422).text.contains("missing-column"));
    let table = "outlet,item,slot,units\n1001,N95,am,60\n1002,N95,am,3\n";
    let page = browser.send(upload(&token, "replace", table)).await.expect(200);
    assert!(
        page.text.contains("43 units on offer become 63; pools that change: 1"),
        "{}",
        page.text
    );
    let (request, draft) = (page.hidden("request"), page.hidden("draft"));
    let fields =
        [("request", request.as_str()), ("draft", draft.as_str()), ("reason", "a delivery")];
    let path = "/console/c/masks/stock/confirm";
    let before = actions(&site).await.len();
    for _ in 0..2 {
        browser.post(path, &fields).await.expect(303);
    }
    assert_eq!(actions(&site).await.len(), before + 1);
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("of 63 on offer"), "{page}");
    let other = site.again("ann").await;
    let request = "0".repeat(52);
    let fields = [("request", request.as_str()), ("draft", draft.as_str()), ("reason", "x")];
    other.post(path, &fields).await.expect(409);
    let page = browser.send(upload("another token", "add", table)).await.expect(403);
    assert!(page.text.contains("form-refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_download_and_recorded() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    browser.get("/console/c/masks/export").await.expect(200);
    let fields = [("format", "csv file"), ("reason", "for the shops")];
    let file = browser.post("/console/c/masks/export", &fields).await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);
    assert!(file.text.contains("张1"), "{}", file.text);
    let last = actions(&site).await.remove(0);
    assert_eq!((last.0.as_str(), last.1.as_str()), ("ann", "export"));
    let page = browser.post("/console/c/masks/export", &[("format", "csv file")]).await;
    assert!(page.expect(400).text.contains("reason"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_can_be_searched() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    press(&browser, "pause", &[("reason", "Queue at the East Gate")]).await;
    press(&browser, "resume", &[("reason", "queue is gone")]).await;
    let rows = |page: Page| page.expect(200).text.matches("<td class=\"when\">").count();
    assert_eq!(rows(browser.get("/console/actions").await), 3, "with the load");
    assert_eq!(rows(browser.get("/console/actions?text=east+gate").await), 1);
    assert_eq!(rows(browser.get("/console/actions?actor=ann").await), 2);
    assert_eq!(rows(browser.get("/console/actions?actor=ann&kind=resume").await), 1);
    assert_eq!(rows(browser.get("/console/actions?campaign=none").await), 0);
    assert_eq!(rows(browser.get("/console/actions?page=1").await), 0);
    for _ in 0..25 {
        press(&browser, "pause", &[("reason", "again & again")]).await;
        press(&browser, "resume", &[("reason", "x")]).await;
    }
    let page = browser.get("/console/actions?actor=ann").await;
    assert!(page.text.contains("page=1&#38;actor=ann"), "{}", page.text);
    assert_eq!(rows(page), 50);
    assert_eq!(rows(browser.get("/console/actions?page=1&actor=ann").await), 2);
}
