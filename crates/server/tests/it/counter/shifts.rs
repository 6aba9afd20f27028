//! Codes, shifts and their ends.

use super::phone::{code, words};
use crate::operator::site::{EVENING, MORNING, Site};
use server::console::accounts::AccountRole;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const MINUTE: u64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_shown_once_and_lets_one_phone_in() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let code = code(&owner, "Till 1", "1001").await;
    let page = owner.get("/console/counters").await.expect(200);
    assert!(!page.text.contains(&code), "it is shown once");
    let phone = site.browser();
    let guest = phone.get("/counter").await.expect(303);
    assert_eq!(guest.header("location"), "/counter/log-in");
    let typed = code.to_lowercase().replace('-', "");
    let entered = phone.post("/counter/log-in", &[("code", &typed)]).await.expect(303);
    assert_eq!(entered.header("location"), "/counter");
    let cookie = entered.header("set-cookie");
    assert!(cookie.starts_with("tidegate-counter="), "{cookie}");
    assert!(cookie.ends_with("; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let home = phone.get("/counter").await.expect(200);
    assert!(home.text.contains("<strong>Till 1</strong>"), "{}", home.text);
    assert!(home.text.contains("Logged in until Sat 2 Feb, 08:30"), "{}", home.text);
    assert!(words(&home).contains("No slot of today is at this outlet"), "{}", words(&home));
    let second = site.browser().post("/counter/log-in", &[("code", &code)]).await.expect(403);
    assert!(words(&second).contains("This code does not let you in"), "{}", words(&second));
    let page = owner.get("/console/counters").await.expect(200);
    assert!(words(&page).contains("Till 1 1001"), "{}", words(&page));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_shift_end_by_the_servers_clock() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let late = code(&owner, "Till 1", "1001").await;
    site.set_time(EVENING.plus(10 * MINUTE));
    site.browser().post("/counter/log-in", &[("code", &late)]).await.expect(403);
    let phone = site.phone(&owner, "Till 2", "1001").await;
    site.set_time(EVENING.plus(10 * MINUTE + 12 * 60 * MINUTE - 1));
    phone.get("/counter").await.expect(200);
    site.set_time(EVENING.plus(10 * MINUTE + 12 * 60 * MINUTE));
    let over = phone.get("/counter").await.expect(303);
    assert_eq!(over.header("location"), "/counter/log-in?ended=1");
    let page = phone.get("/counter/log-in?ended=1").await.expect(200);
    assert!(words(&page).contains("The shift on this phone is over"), "{}", words(&page));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_ends_when_its_phone_or_an_owner_says_so() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let [one, two] =
        [site.phone(&owner, "Till 1", "1001").await, site.phone(&owner, "Till 2", "1001").await];
    one.post("/counter/log-out", &[]).await.expect(303);
    one.get("/counter").await.expect(303);
    two.get("/counter").await.expect(200);
    let shift = owner.get("/console/counters").await.expect(200).hidden("shift");
    let auditor = site.logged_in("kim", AccountRole::Auditor).await;
    let seen = auditor.get("/console/counters").await.expect(200);
    assert!(words(&seen).contains("Till 2") && !words(&seen).contains("End now"));
    auditor.post("/console/counters/end", &[("shift", &shift)]).await.expect(403);
    auditor.post("/console/counters", &[("name", "x"), ("outlets", "1001")]).await.expect(403);
    two.get("/counter").await.expect(200);
    for _ in 0..2 {
        owner.post("/console/counters/end", &[("shift", &shift)]).await.expect(303);
    }
    two.get("/counter").await.expect(303);
    let shop = site.logged_in("shop", AccountRole::Outlet).await;
    assert_eq!(shop.get("/console/counters").await.expect(303).header("location"), "/counter");
    shop.post("/console/counters", &[("name", "x"), ("outlets", "1001")]).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_codes_waits_and_others_do_not() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let code = code(&owner, "Till 1", "1001").await;
    let phone = site.browser();
    for _ in 0..6 {
        phone.post("/counter/log-in", &[("code", "2222-2222")]).await.expect(403);
    }
    let page = phone.post("/counter/log-in", &[("code", &code)]).await.expect(429);
    assert!(words(&page).contains("Too many attempts"), "{}", words(&page));
    assert!(!page.header("retry-after").is_empty());
    let guess = site.browser().log_in("nobody", "not the password").await;
    assert_eq!(guess.status, 403, "who has an account may still try");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_owners_form_is_told() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let made = async |name: &str, outlets: &str, hours: &str| {
        let fields = [("name", name), ("outlets", outlets), ("hours", hours), ("request", "r")];
        let page = owner.post("/console/counters", &fields).await;
        assert!(!page.text.contains("passcode") || page.status == 200);
        (page.status, words(&page))
    };
    for (name, outlets, hours, told) in [
        ("", "1001", "12", "A counter’s name has 1 to 40"),
        (&*"n".repeat(41), "1001", "12", "A counter’s name has 1 to 40"),
        ("Till\u{202e}", "1001", "12", "A counter’s name has 1 to 40"),
        ("Till", " , ", "12", "Name at least one outlet"),
        ("Till", "1001 77", "12", "No campaign has an outlet “77”"),
        ("Till", "1001", "0", "A shift lasts 1 to 24 hours"),
        ("Till", "1001", "25", "A shift lasts 1 to 24 hours"),
        ("Till", "1001", "long", "A shift lasts 1 to 24 hours"),
    ] {
        let (status, words) = made(name, outlets, hours).await;
        assert!(status == 400 && words.contains(told), "{told}: {status} {words}");
    }
    assert_eq!(made("柜台一", "1001，1002、1001", "24").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exposed_file_of_shifts_lets_no_phone_in() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let file = site.folder.path().join("counters.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(phone.get("/counter").await.expect(503).text.contains("counters-exposed"));
    assert!(owner.get("/console/counters").await.expect(503).text.contains("counters-exposed"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    phone.get("/counter").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_after_the_shift_is_told_that_nothing_was_handed_over() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.set_time(MORNING);
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let look = phone.look(&site.code(0)).await.expect(200);
    site.set_time(MORNING.plus(12 * 60 * MINUTE));
    let over = phone.hand_over(&look).await.expect(303);
    assert_eq!(over.header("location"), "/counter/log-in?ended=hand-over");
    let page = phone.get("/counter/log-in?ended=hand-over").await.expect(200);
    // It says so of this sending alone: one before may have been recorded.
    for told in ["This sending handed nothing over", "it may have been recorded"] {
        assert!(words(&page).contains(told), "{}", words(&page));
    }
    let page = phone.get("/counter/log-in?ended=1").await.expect(200);
    assert!(!words(&page).contains("handed nothing over"), "{}", words(&page));
}
