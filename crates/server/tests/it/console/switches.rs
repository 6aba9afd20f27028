//! A whole evening from the pages alone, and presses that come twice.

use super::browser::{Browser, Page};
use crate::operator::draws;
use crate::operator::site::Site;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use server::console::accounts::AccountRole;
use types::limits;

/// Presses a switch the way its page asks for, and gives the page that tells what became of it.
async fn press(browser: &Browser<'_>, switch: &str, fields: &[(&str, &str)]) -> Page {
    let path = format!("/console/c/masks/do/{switch}");
    let request = browser.get(&path).await.expect(200).hidden("request");
    let fields = [&[("request", request.as_str())], fields].concat();
    let away = browser.post(&path, &fields).await.expect(303);
    browser.get(away.header("location")).await.expect(200)
}

pub(super) async fn actions(site: &Site) -> Vec<(String, String, String)> {
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
async fn the_journal_goes_on_where_its_page_ended() {
    let site = Site::held_back().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    for turn in 1..=limits::CONSOLE_ACTIONS_PER_PAGE + 1 {
        let cap = json!({ "do": "cap", "entries": turn, "reason": format!("turn {turn}.") });
        site.post("/v1/operator/campaigns/masks/actions", &cap).await.expect(200);
    }
    let first = browser.get("/console/actions?text=turn").await.expect(200).text;
    assert!(first.contains("1 to 50, newest first") && first.contains("turn 51."), "{first}");
    assert!(first.contains("page=1") && !first.contains("turn 1."), "{first}");
    let second = browser.get("/console/actions?text=turn&page=1").await.expect(200).text;
    assert!(second.contains("51 to 51, newest first") && second.contains("turn 1."), "{second}");
    assert!(second.contains("page=0") && !second.contains("page=2"), "{second}");
    assert!(!second.contains("turn 2."), "{second}");
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
async fn what_was_closed_by_mistake_begins_again_until_it_is_published() {
    let site = Site::held_back().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let (why, code) = (("reason", "by mistake"), ("code", "masks"));
    let closed = press(&browser, "close", &[why, code]).await.text;
    assert!(closed.contains(">Open again<") && !closed.contains(">Open now<"), "{closed}");
    let page = browser.get("/console/c/masks/do/open").await.expect(200).text;
    assert!(page.contains("Takes back the close"), "{page}");
    let opened = press(&browser, "open", &[why]).await.text;
    assert!(opened.contains("Done: Open again.") && opened.contains(">Open<"), "{opened}");
    press(&browser, "close", &[why, code]).await;
    let published = press(&browser, "publish", &[why, code]).await.text;
    assert!(!published.contains("do/open"), "{published}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_is_taken_in_any_digits_and_refused_in_words_of_the_page() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let set = press(&browser, "cap", &[("reason", "x"), ("entries", "１０")]).await;
    assert!(set.text.contains("class=\"done\""), "{}", set.text);
    let request = browser.get("/console/c/masks/do/cap").await.expect(200).hidden("request");
    for entries in ["0", "2000000000", "99999999999999999999"] {
        let fields = [("request", request.as_str()), ("reason", "x"), ("entries", entries)];
        let page = browser.post("/console/c/masks/do/cap", &fields).await.expect(400);
        assert!(page.text.contains("1 to 1,000,000,000; to lift it, leave the field"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_told_in_the_words_of_the_page() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    for _ in 0..2 {
        press(&browser, "pause", &[("reason", "x")]).await;
    }
    let page = browser.get("/console/actions?lang=zh").await.expect(200).text;
    assert!(page.contains("未执行：无需操作"), "{page}");
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
    assert!(unknown.text.contains("no outlet nowhere. Nothing was done"), "{}", unknown.text);
    assert!(unknown.text.contains("<option value=\"1001\">"), "{}", unknown.text);
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

#[tokio::test(flavor = "multi_thread")]
async fn what_winners_did_not_collect_is_taken_back_where_lots_are_drawn() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(!page.contains("do/lapse"), "nothing is drawn there: {page}");
    browser.get("/console/c/masks/do/lapse").await.expect(404);

    let site = draws::published(50).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("/console/c/masks/do/lapse"), "{page}");
    let path = "/console/c/masks/do/lapse";
    let first = browser.get(path).await.expect(200).text;
    assert!(!first.contains("name=\"units\"") && !first.contains("name=\"code\""), "{first}");
    let page = browser.get(&format!("{path}?outlet=1001&item=&slot=")).await.expect(200);
    assert!(page.text.contains("take back 40 units; pools concerned: 1"), "{}", page.text);
    let request = page.hidden("request");
    let form = |code: &'static str| {
        [
            ("request", request.as_str()),
            ("reason", "the deadline"),
            ("outlet", "1001"),
            ("code", code),
        ]
    };
    let page = browser.post(path, &form("mask")).await.expect(400);
    assert!(page.text.contains("code was not typed"), "{}", page.text);
    assert!(page.text.contains("take back 40 units"), "the place is not lost: {}", page.text);
    assert_eq!(site.booked().await.len(), 40);
    // A form that lost its place takes nothing back.
    let request = page.hidden("request");
    let lost = [("request", request.as_str()), ("reason", "x"), ("code", "masks")];
    let away = browser.post(path, &lost).await.expect(303);
    let told = browser.get(away.header("location")).await.expect(200).text;
    assert!(told.contains("Nothing was done"), "{told}");
    assert_eq!(site.booked().await.len(), 40);
    // What can still be collected is taken back only where a box says that it is meant.
    for early in [&[][..], &[("early", "1")]] {
        let page = browser.get(&format!("{path}?outlet=1001&item=&slot=")).await.expect(200);
        assert!(page.text.contains("40 of them are of times that are not over"), "{}", page.text);
        assert!(page.text.contains("name=\"early\" value=\"1\" required>"), "{}", page.text);
        let request = page.hidden("request");
        let form = [("request", request.as_str()), ("reason", "the deadline"), ("outlet", "1001")];
        let form = [&form[..], &[("code", "masks")], early].concat();
        let away = browser.post(path, &form).await.expect(303);
        let told = browser.get(away.header("location")).await.expect(200).text;
        assert_eq!(told.contains("/errors/lapse-too-early"), early.is_empty(), "{told}");
        assert_eq!(site.booked().await.len(), if early.is_empty() { 40 } else { 0 });
    }
    let page = browser.get("/console/actions?kind=lapse").await.expect(200).text;
    assert!(page.contains("Booked: 40 → 0"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_draws_tells_of_its_latest_draw_and_of_what_is_held_now() {
    let site = draws::daily().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("Draw 1: Published") && !page.contains("Not published"), "{page}");
    assert!(page.contains("<dt>Held now</dt><dd>0</dd>"), "all was taken back: {page}");
    assert!(!page.contains("<dt>Booked</dt>"), "{page}");
    assert!(!page.contains("class=\"shares\""), "entries and units make no whole: {page}");
    let other = Site::new().await;
    let browser = other.logged_in("ann", AccountRole::Owner).await;
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("class=\"shares\""), "{page}");
}

pub(super) fn upload(token: &str, mode: &str, table: &str) -> Request<Body> {
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
async fn mistakes_in_a_table_are_told_in_the_language_of_the_page() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let token = browser.token.borrow().clone();
    browser.get("/console?lang=zh").await.expect(200);
    let send = async |table: &str| browser.send(upload(&token, "add", table)).await;
    let page = send("网点,品类,时段,份数\n1001,N95,am,1\n").await.expect(200).text;
    assert!(page.contains("/stock/confirm"), "{page}");
    let page = send("网点,品类,时段,份数\n9,N95,am,some\n1001,N95,am\n").await.expect(422).text;
    assert!(page.contains("stock.csv 第 2 行“网点”列：活动中没有这个网点"), "{page}");
    assert!(page.contains("stock.csv 第 2 行“份数”列：应为整数"), "{page}");
    let page = send("库存表\n网点,品类,时段,份数\n").await.expect(422).text;
    assert!(page.contains("stock.csv 第 1 行：缺少必需的列"), "{page}");
    let page = send("").await.expect(400).text;
    assert!(page.contains("文件是空的"), "{page}");
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
    assert!(page.text.contains("<td>Morning</td>"), "named as people name it: {}", page.text);
    let (request, draft) = (page.hidden("request"), page.hidden("draft"));
    let fields =
        [("request", request.as_str()), ("draft", draft.as_str()), ("reason", "a delivery")];
    let path = "/console/c/masks/stock/confirm";
    let blank = [("request", request.as_str()), ("draft", draft.as_str()), ("reason", " ")];
    let page = browser.post(path, &blank).await.expect(400);
    assert!(page.text.contains("needs a reason") && page.hidden("draft") == draft);
    let before = actions(&site).await.len();
    for _ in 0..2 {
        browser.post(path, &fields).await.expect(303);
    }
    assert_eq!(actions(&site).await.len(), before + 1);
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("of 63 on offer"), "{page}");
    // What was taken in is kept no longer.
    let again = "1".repeat(52);
    let fields = [("request", again.as_str()), ("draft", draft.as_str()), ("reason", "x")];
    browser.post(path, &fields).await.expect(409);
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
async fn what_was_done_tells_from_where_before_and_after() {
    let site = Site::held_back().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let why = ("reason", "as planned");
    press(&browser, "cap", &[why, ("entries", "500")]).await;
    press(&browser, "cap", &[why, ("entries", "12000")]).await;
    let taken = browser.get("/console/c/masks/do/withdraw?outlet=1002&item=&slot=&units=").await;
    let request = taken.expect(200).hidden("request");
    let fields = [why, ("request", &request), ("outlet", "1002"), ("units", "")];
    browser.post("/console/c/masks/do/withdraw", &fields).await.expect(303);
    press(&browser, "pause", &[why]).await;
    press(&browser, "resume", &[why]).await;
    press(&browser, "resume", &[why]).await;
    press(&browser, "close", &[why, ("code", "masks")]).await;
    press(&browser, "publish", &[why, ("code", "masks")]).await;
    let told = |page: &Page| {
        let changes = page.text.split("<span class=\"change\">").skip(1);
        let changes = changes.map(|rest| rest.split('<').next().unwrap().to_owned());
        changes.collect::<Vec<_>>()
    };
    let page = browser.get("/console/actions").await.expect(200);
    let expected = [
        "Results: Not published → Published",
        "State: Open → Closed",
        "State: Paused → Open",
        "State: Open → Paused",
        "On offer: 43 → 40",
        "Cap: 500 → 12,000",
        "Cap: none → 500",
        "On offer: none → 43",
    ];
    assert_eq!(told(&page), expected, "what was refused changed nothing");
    assert_eq!(page.text.matches("from 127.0.0.1").count(), 9);
    assert!(!page.text.contains("500 entries"), "a cap is told once");
    let page = browser.get("/console/actions?lang=zh-CN").await.expect(200);
    assert_eq!(told(&page)[4..6], ["可供数量：43 → 40", "上限：500 → 12,000"]);
    assert_eq!(page.text.matches("来自 127.0.0.1").count(), 9);
    let auditor = site.logged_in("aud", AccountRole::Auditor).await;
    let page = auditor.get("/console/actions").await.expect(200);
    assert_eq!(told(&page), expected);
    assert!(page.text.contains("from 127.0.0.1"), "an auditor sees who acted from where");
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
    assert_eq!(rows(browser.get("/console/actions?text=127.0.0.1").await), 3, "by the address");
    assert_eq!(rows(browser.get("/console/actions?text=203.0.113.7").await), 0);
    for _ in 0..25 {
        press(&browser, "pause", &[("reason", "again & again")]).await;
        press(&browser, "resume", &[("reason", "x")]).await;
    }
    let page = browser.get("/console/actions?actor=ann").await;
    assert!(page.text.contains("page=1&#38;actor=ann"), "{}", page.text);
    assert_eq!(rows(page), 50);
    assert_eq!(rows(browser.get("/console/actions?page=1&actor=ann").await), 2);
}
