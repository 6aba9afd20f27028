//! Logging in and out, the waits after failures, and one's own account.

use super::browser::{Browser, PASSWORD, form};
use crate::operator::site::Site;
use crate::support::{config, exchange};
use axum::http::Request;
use server::console::accounts::AccountRole;
use server::{Listener, router_app};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use types::limits::ACCOUNT_FAILURES_FREE as FREE;

/// With so many failures the wait is longer than any machine is busy with one try.
const FAILURES_MAX: u32 = 3 * FREE;

/// Tries wrong passwords of ann's until it has to wait; how many were looked at. Tries are counted
/// and not seconds: the first waits may be over before a busy machine sends the next try.
async fn fail_until_it_waits(browser: &Browser<'_>) -> u32 {
    for failures in 0..FAILURES_MAX {
        let page = browser.log_in("ann", "not the password").await;
        if page.status == 429 {
            return failures;
        }
        page.expect(403);
    }
    panic!("{FAILURES_MAX} failures, and no wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_logs_in_and_out() {
    let site = Site::new().await;
    site.account("ann", AccountRole::Owner);
    let browser = site.browser();
    let away = browser.get("/console/c/masks").await.expect(303);
    assert_eq!(away.header("location"), "/console/log-in?next=/console/c/masks");
    let page = browser.get(away.header("location")).await.expect(200);
    assert_eq!(page.hidden("next"), "/console/c/masks");
    let fields = [("name", "ann"), ("password", PASSWORD), ("next", "/console/c/masks")];
    let entered = browser.post("/console/log-in", &fields).await.expect(303);
    assert_eq!(entered.header("location"), "/console/c/masks");
    let cookie = entered.header("set-cookie");
    assert!(cookie.starts_with("tidegate=") && !cookie.contains("Secure"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(browser.get("/console").await.expect(200).text.contains("<strong>ann</strong>"));
    browser.learn().await;
    browser.post("/console/log-out", &[]).await.expect(303);
    browser.get("/console").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_whether_a_name_exists() {
    let site = Site::new().await;
    site.account("ann", AccountRole::Owner);
    site.account("dora", AccountRole::Owner);
    site.accounts.set_disabled("dora", true).unwrap();
    let tries = [("ann", "not the password"), ("nobody", PASSWORD), ("dora", PASSWORD)];
    let mut answers = Vec::new();
    for (name, password) in tries {
        let page = site.browser().log_in(name, password).await.expect(403);
        assert!(page.header("set-cookie").is_empty());
        answers.push(page.text.replace(name, "NAME"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert!(answers[0].contains("Name or password is wrong"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_often_waits_even_with_the_right_password() {
    let site = Site::new().await;
    site.account("ann", AccountRole::Owner);
    let browser = site.browser();
    assert!(FREE < fail_until_it_waits(&browser).await);
    let page = browser.log_in("ann", PASSWORD).await.expect(429);
    assert!(page.text.contains("Too many attempts"), "{}", page.text);
    assert!(!page.header("retry-after").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_make_a_browser_wait_that_was_let_in_before() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    browser.post("/console/log-out", &[]).await.expect(303);
    let stranger = site.browser();
    assert!(FREE < fail_until_it_waits(&stranger).await);
    stranger.log_in("ann", PASSWORD).await.expect(429);
    browser.log_in("ann", "not the password").await.expect(403);
    browser.log_in("ann", PASSWORD).await.expect(303);
    assert!(fail_until_it_waits(&stranger).await < FREE, "strangers do not begin anew");
    stranger.log_in("ann", PASSWORD).await.expect(429);
    // It waits by itself when it fails too often.
    assert!(FREE < fail_until_it_waits(&browser).await);
    browser.log_in("ann", PASSWORD).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_in_again_leaves_the_session_before() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let former = site.browser();
    *former.cookies.borrow_mut() = browser.cookies.borrow().clone();
    former.get("/console").await.expect(200);
    browser.log_in("ann", PASSWORD).await.expect(303);
    browser.get("/console").await.expect(200);
    former.get("/console").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_in_the_file_ends_a_session() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let file = site.folder.path().join("accounts.json");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"owner\""));
    fs::write(&file, text.replace("\"owner\"", "\"auditor\"")).unwrap();
    browser.get("/console").await.expect(303);
    let browser = site.again("ann").await;
    browser.get("/console/c/masks/do/close").await.expect(403);
    // Half a file lets nobody in, and says so.
    fs::write(&file, &text[..text.len() / 2]).unwrap();
    assert!(browser.get("/console").await.expect(503).text.contains("accounts-damaged"));
    fs::write(&file, text).unwrap();
    browser.get("/console").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_the_password_stays_and_all_others_leave() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let other = site.again("ann").await;
    let change = async |old: &str, new: &str, again: &str| {
        let fields = [("old", old), ("new", new), ("again", again)];
        browser.post("/console/account/password", &fields).await
    };
    let page = change(PASSWORD, "short", "short").await.expect(400);
    assert!(page.text.contains("fewer than 12 characters"));
    let page = change(PASSWORD, "tide and lantern", "tide and lanterns").await.expect(400);
    assert!(page.text.contains("two new passwords differ"));
    let page = change("not the password", "tide and lantern", "tide and lantern").await;
    assert!(page.expect(403).text.contains("present password is wrong"));
    other.get("/console").await.expect(200);
    let before = browser.cookies.borrow().clone();
    let page = change(PASSWORD, "tide and lantern", "tide and lantern").await.expect(303);
    let page = browser.get(page.header("location")).await.expect(200);
    assert!(page.text.contains("The password is changed"));
    browser.get("/console").await.expect(200);
    let stolen = site.browser();
    *stolen.cookies.borrow_mut() = before;
    stolen.get("/console").await.expect(303);
    other.get("/console").await.expect(303);
    site.browser().log_in("ann", PASSWORD).await.expect(403);
    site.browser().log_in("ann", "tide and lantern").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_logs_out_everywhere_and_the_command_line_can_do_it_too() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let other = site.again("ann").await;
    let account = browser.get("/console/account").await.expect(200);
    assert!(account.text.contains("2, this one included"), "{}", account.text);
    browser.post("/console/account/log-out-everywhere", &[]).await.expect(303);
    for browser in [&browser, &other] {
        browser.get("/console").await.expect(303);
    }
    let [third, fourth] = [site.again("ann").await, site.again("ann").await];
    site.accounts.end_sessions("ann").unwrap();
    third.get("/console").await.expect(303);
    site.accounts.set_disabled("ann", true).unwrap();
    fourth.get("/console").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exposed_file_of_accounts_lets_nobody_in() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let file = site.folder.path().join("accounts.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&file).unwrap().contains(PASSWORD));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(browser.get("/console").await.expect(503).text.contains("accounts-exposed"));
    let page = site.browser().log_in("ann", PASSWORD).await.expect(503);
    assert!(page.text.contains("accounts-exposed"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    browser.get("/console").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_lets_nobody_in() {
    let site = Site::new().await;
    let file = site.folder.path().join("accounts.json");
    fs::create_dir(&file).unwrap();
    let page = site.browser().log_in("ann", PASSWORD).await.expect(503);
    assert!(page.text.contains("accounts-damaged"), "{}", page.text);
    fs::remove_dir(&file).unwrap();
    // A link to a file is as good as the file, and its mode counts.
    site.account("ann", AccountRole::Owner);
    let elsewhere = site.folder.path().join("elsewhere.json");
    fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    let browser = site.again("ann").await;
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o604)).unwrap();
    assert!(browser.get("/console").await.expect(503).text.contains("accounts-exposed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_stays_with_the_session() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    assert!(browser.get("/console").await.text.contains("<h1>Campaigns</h1>"));
    assert!(browser.get("/console?lang=zh-CN").await.text.contains("<h1>活动</h1>"));
    let page = browser.get("/console").await;
    assert!(page.text.contains("<html lang=\"zh-CN\" dir=\"ltr\">"), "{}", page.text);
    assert_eq!(page.header("content-language"), "zh-CN");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_is_made_on_the_command_line() {
    let site = Site::new().await;
    let page = site.browser().get("/console/log-in").await.expect(200);
    assert!(page.text.contains("tidegate account create"), "{}", page.text);
    site.account("ann", AccountRole::Owner);
    assert!(!site.browser().get("/console/log-in").await.text.contains("account create"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_from_elsewhere_is_refused() {
    let site = Site::new().await;
    site.account("ann", AccountRole::Owner);
    let fields = || [("name", "ann"), ("password", PASSWORD)].into_iter();
    for site_word in ["cross-site", "same-site", "none"] {
        let page = site.browser().send(form("/console/log-in", fields(), site_word)).await;
        assert!(page.expect(403).text.contains("form-refused"));
    }
    let mut request = form("/console/log-in", fields(), "x");
    request.headers_mut().remove("sec-fetch-site");
    request.headers_mut().insert("origin", "http://desk:8081".parse().unwrap());
    request.headers_mut().insert("host", "desk:8081".parse().unwrap());
    site.browser().send(request).await.expect(303);
    let bare = Request::post("/console/log-in").body(axum::body::Body::empty()).unwrap();
    site.browser().send(bare).await.expect(403);
}

/// A log-in over a socket, as a proxy passes it on.
async fn through_proxy(site: &Site, forwarded: &str, trusted: &[&str]) -> String {
    let mut config = config();
    config.trusted_proxies = trusted.iter().map(|one| one.parse().unwrap()).collect();
    let listener = Listener::bind(&config).unwrap();
    let address = listener.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = router_app(site.router.clone(), &config);
    let served = tokio::spawn(listener.serve(app, async move {
        let _ = stopped.await;
    }));
    let body = "name=ann&password=harbour+lamp+7";
    let request = format!(
        "POST /console/log-in HTTP/1.1\r\nhost: desk\r\norigin: https://desk\r\n{forwarded}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(address, request.as_bytes()).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    drop(stop);
    served.await.unwrap();
    answer.headers["set-cookie"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_tls_the_cookie_is_the_strict_one() {
    let site = Site::new().await;
    site.account("ann", AccountRole::Owner);
    let here = ["127.0.0.1"];
    for forwarded in ["x-forwarded-proto: https", "forwarded: for=192.0.2.1;proto=https"] {
        let cookie = through_proxy(&site, forwarded, &here).await;
        assert!(cookie.starts_with("__Host-tidegate="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
        // Anybody could say so.
        let cookie = through_proxy(&site, forwarded, &[]).await;
        assert!(cookie.starts_with("tidegate=") && !cookie.contains("Secure"), "{cookie}");
    }
    let cookie = through_proxy(&site, "x-forwarded-proto: http", &here).await;
    assert!(cookie.starts_with("tidegate="), "{cookie}");
}
