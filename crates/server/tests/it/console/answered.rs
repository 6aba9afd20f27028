//! What a press is told to have done: never more, and never less.

use super::browser::PASSWORD;
use super::switches::{actions, upload};
use crate::operator::site::Site;
use server::console::accounts::AccountRole;

const WITHDRAW: &str = "/console/c/masks/do/withdraw";
const LOOK: &str = "it may have been done then";

#[tokio::test(flavor = "multi_thread")]
async fn a_press_whose_answer_was_lost_is_not_called_undone() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let before = actions(&site).await.len();
    let page = browser.get(&format!("{WITHDRAW}?outlet=1001&item=&slot=&units=10")).await;
    let request = page.expect(200).hidden("request");
    let fields = [
        ("request", request.as_str()),
        ("reason", "a box was wet"),
        ("outlet", "1001"),
        ("units", "10"),
    ];
    // It is done; then the session is gone, as after a restart, and the browser sends it again.
    browser.post(WITHDRAW, &fields).await.expect(303);
    site.accounts.end_sessions("ann").unwrap();
    let away = browser.post(WITHDRAW, &fields).await.expect(303);
    let log_in = browser.get(away.header("location")).await.expect(200).text;
    assert!(log_in.contains("this sending did nothing") && log_in.contains(LOOK), "{log_in}");
    let entered = [("name", "ann"), ("password", PASSWORD), ("next", WITHDRAW), ("ended", "1")];
    let led = browser.post("/console/log-in", &entered).await.expect(303);
    let told = browser.get(led.header("location")).await.expect(200).text;
    let notice = told.split("data-undone").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(notice.contains("this sending did nothing") && notice.contains(LOOK), "{notice}");
    assert!(notice.contains("href=\"/console/actions\""), "{notice}");
    for page in [&log_in, &told] {
        assert!(!page.contains("was not done") && !page.contains("press it again"), "{page}");
    }
    // A tab that was open before the log-in says the same.
    let older = browser.post(WITHDRAW, &fields).await.expect(403).text;
    assert!(older.contains("This sending did nothing") && older.contains(LOOK), "{older}");
    assert!(!older.contains("Nothing was done"), "{older}");
    let main = older.split("<main").nth(1).unwrap();
    assert!(main.contains("href=\"/console/actions\""), "{main}");
    assert_eq!(actions(&site).await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_press_on_the_same_page_is_not_told_to_be_done() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let before = actions(&site).await.len();
    let cap = "/console/c/masks/do/cap";
    let request = browser.get(cap).await.expect(200).hidden("request");
    let (id, why) = (("request", request.as_str()), ("reason", "x"));
    let done = browser.post(cap, &[id, why, ("entries", "100")]).await.expect(303);
    // The page that the browser kept, with another number; then its id with another switch.
    let other = browser.post(cap, &[id, why, ("entries", "200")]).await.expect(409).text;
    assert!(other.contains("form-answered") && other.contains("was not done"), "{other}");
    let again = format!("href=\"{cap}\">Open the page again");
    assert!(other.contains(&again) && !other.contains("Done:"), "{other}");
    browser.post("/console/c/masks/do/pause", &[id, why]).await.expect(409);
    let page = browser.get(cap).await.expect(200).text;
    assert!(page.contains("The cap is 100 now."), "{page}");
    // The same again is told what became of the first, and when that was.
    let same = browser.post(cap, &[id, why, ("entries", "100")]).await.expect(303);
    assert_eq!(same.header("location"), done.header("location"));
    let told = browser.get(same.header("location")).await.expect(200).text;
    assert!(told.contains("Done: Cap.</strong> Pressed Fri 1 Feb, 20:30."), "{told}");
    assert_eq!(actions(&site).await.len(), before + 1);
    // A refusal stands for what was refused alone.
    let resume = "/console/c/masks/do/resume";
    let request = browser.get(resume).await.expect(200).hidden("request");
    let id = ("request", request.as_str());
    let refused = browser.post(resume, &[id, ("reason", " ")]).await.expect(303);
    let told = browser.get(refused.header("location")).await.expect(200).text;
    assert!(told.contains("Nothing was done") && told.contains("Pressed Fri 1 Feb"), "{told}");
    browser.post(resume, &[id, why]).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_taken_in_is_not_told_to_be_taken_in_again() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let token = browser.token.borrow().clone();
    let table = "outlet,item,slot,units\n1001,N95,am,5\n";
    let page = browser.send(upload(&token, "add", table)).await.expect(200);
    let (request, draft) = (page.hidden("request"), page.hidden("draft"));
    let confirm = "/console/c/masks/stock/confirm";
    let sent = [("request", request.as_str()), ("draft", draft.as_str())];
    let with = |reason| [sent[0], sent[1], ("reason", reason)];
    let done = browser.post(confirm, &with("a delivery")).await.expect(303);
    let same = browser.post(confirm, &with("a delivery")).await.expect(303);
    assert_eq!(same.header("location"), done.header("location"));
    let other = browser.post(confirm, &with("another delivery")).await.expect(409).text;
    assert!(other.contains("form-answered"), "{other}");
    // Its address, loaded again or gone back to, is the page that it stands on.
    for (sent_to, page) in [
        (confirm, "/console/c/masks/stock"),
        ("/console/counters/end", "/console/counters"),
        ("/console/account/password", "/console/account"),
        ("/console/account/log-out-everywhere", "/console/account"),
        ("/console/log-out", "/console"),
    ] {
        assert_eq!(browser.get(sent_to).await.expect(303).header("location"), page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_lost_its_place_takes_nothing() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let before = actions(&site).await.len();
    let shown = async |place: &str| {
        browser.get(&format!("{WITHDRAW}?outlet={place}&item=&slot=&units=")).await.expect(200)
    };
    let page = shown("1001").await;
    assert!(!page.text.contains("name=\"all\""), "{}", page.text);
    let request = page.hidden("request");
    let fields = [("request", request.as_str()), ("reason", "x"), ("units", "")];
    let refused = browser.post(WITHDRAW, &fields).await.expect(303);
    let told = browser.get(refused.header("location")).await.expect(200).text;
    assert!(told.contains("Nothing was done") && told.contains("malformed-request"), "{told}");
    // A number that no preview lets through leads to no form from which the place is gone.
    let request = shown("1001").await.hidden("request");
    let fields =
        [("request", request.as_str()), ("reason", "x"), ("outlet", "1001"), ("units", "x")];
    let refused = browser.post(WITHDRAW, &fields).await.expect(400).text;
    assert!(!refused.contains("action=\"/console/c/masks/do/withdraw\""), "{refused}");
    assert_eq!(actions(&site).await.len(), before, "nothing reached the journal");
    // From all pools is said by the form itself.
    let page = shown("").await;
    let all = page.hidden("all");
    let request = page.hidden("request");
    let fields = [("request", request.as_str()), ("reason", "x"), ("units", ""), ("all", &all)];
    let away = browser.post(WITHDRAW, &fields).await.expect(303);
    let told = browser.get(away.header("location")).await.expect(200).text;
    assert!(told.contains("Done: Withdraw."), "{told}");
    assert_eq!(actions(&site).await.len(), before + 1);
}
