//! What a press is told to have done: never more, and never less.

use super::switches::actions;
use crate::operator::site::Site;
use server::console::accounts::AccountRole;

const WITHDRAW: &str = "/console/c/masks/do/withdraw";

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
