//! What somebody may try against the console.

use super::browser::{PASSWORD, form};
use crate::operator::site::Site;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use server::console::accounts::AccountRole;

const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_strict_headers() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let paths = ["/console", "/console/log-in", "/console/nowhere", "/console/c/none"];
    for path in paths {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        let fixed = [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ];
        for (name, value) in fixed {
            assert_eq!(page.header(name), value, "{path}");
        }
        assert!(page.header("permissions-policy").contains("camera=()"));
        for inline in [" style=", "<style", " onclick", "javascript:"] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_the_listener_is_weaker_than_the_console() {
    let site = Site::new().await;
    let browser = site.browser();
    for path in ["/", "/console/"] {
        assert_eq!(browser.get(path).await.expect(303).header("location"), "/console", "{path}");
    }
    let paths = ["/", "/console/", "/console/stay", "/errors", "/errors/form-refused"];
    for path in paths.into_iter().chain(["/console/c/%ff", "/console/log-out"]) {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_changes_nothing() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let token = browser.token.borrow().clone();
    let request = browser.get("/console/c/masks").await.hidden("request");
    let fields =
        |token: &'static str| [("request", "x"), ("reason", "x"), ("token", token)].into_iter();
    let path = "/console/c/masks/do/pause";
    let own = [("request", request.as_str()), ("reason", "x"), ("token", token.as_str())];
    browser.send(form(path, own.into_iter(), "cross-site")).await.expect(403);
    browser.send(form(path, own.into_iter(), "same-site")).await.expect(403);
    browser.send(form(path, fields(""), "same-origin")).await.expect(403);
    browser.send(form(path, fields("a guess"), "same-origin")).await.expect(403);
    let other = site.logged_in("bob", AccountRole::Owner).await;
    other.send(form(path, own.into_iter(), "same-origin")).await.expect(403);
    // Without a session a form leads to the log-in page, whatever it holds, and from there back.
    let stock = "/console/c/masks/stock";
    for (sent_to, page) in [(path, path), (&format!("{stock}/confirm"), stock)] {
        let request = form(sent_to, own.into_iter(), "same-origin");
        let nobody = site.browser().send(request).await.expect(303);
        assert_eq!(nobody.header("location"), format!("/console/log-in?ended=1&next={page}"));
        // Both the log-in page and the one behind it say that this sending did nothing.
        let browser = site.browser();
        let log_in = browser.get(nobody.header("location")).await.expect(200);
        assert!(log_in.text.contains("this sending did nothing"), "{}", log_in.text);
        let fields = [("name", "ann"), ("password", PASSWORD), ("next", page), ("ended", "1")];
        let led = browser.post("/console/log-in", &fields).await.expect(303);
        assert_eq!(led.header("location"), format!("{page}?undone=1"));
        let told = browser.get(led.header("location")).await.expect(200);
        assert!(told.text.contains("this sending did nothing"), "{}", told.text);
    }
    let page = browser.get("/console/c/masks").await.text;
    assert!(page.contains(">Open<"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_texts_names_and_reasons_is_shown_as_text() {
    let site = Site::empty().await;
    let mut files = Site::files("by-hand");
    let toml = files["files"][0]["text"].as_str().unwrap().to_owned();
    let quoted = serde_json::to_string(SCRIPT).unwrap();
    let toml = toml.replace("en = \"Masks\"", &format!("en = {quoted}"));
    let toml = toml.replace("en = \"Respirator\"", &format!("en = {quoted}"));
    files["files"][0]["text"] = json!(toml);
    files["reason"] = json!(SCRIPT);
    let outlets = files["files"][1]["text"].as_str().unwrap().to_owned();
    files["files"][1]["text"] = json!(outlets.replace("望潮区", "<b>district</b>"));
    site.post("/v1/operator/campaigns", &files).await.expect(201);
    let browser = site.logged_in("ann <i>the duty officer</i>", AccountRole::Owner).await;
    let paths = [
        "/console",
        "/console/c/masks",
        "/console/c/masks?district=0",
        "/console/c/masks/do/withdraw?outlet=%3Cscript%3E&units=1",
        "/console/c/masks/export",
        "/console/actions",
        "/console/actions?text=%3Cscript%3E&actor=%22%3E%3Cscript%3E",
        "/console/account",
        "/console/c/%3Cscript%3E",
        "/console/c/masks?told=%3Cscript%3E",
    ];
    for path in paths {
        let text = browser.get(path).await.text;
        for raw in ["<script>", "<img src=x", "<i>the", "<b>district"] {
            assert!(!text.contains(raw), "{path} has {raw}: {text}");
        }
    }
    let log_in = site.browser().log_in(SCRIPT, "x").await.expect(403);
    assert!(!log_in.text.contains("<script>alert"), "{}", log_in.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_odd_is_refused() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let long = "x".repeat(types::limits::CONSOLE_FORM_BYTES_MAX);
    let page = browser.post("/console/c/masks/do/pause", &[("reason", &long)]).await;
    assert_eq!(page.status, 413, "{}", page.text);
    let path = "/console/log-in";
    site.browser().post(path, &[("name", &long), ("password", "x")]).await.expect(413);
    let odd = Request::post("/console/c/masks/do/pause")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from("{}"))
        .unwrap();
    browser.send(odd).await.expect(400);
    browser.get("/console/c/masks/do/dance").await.expect(404);
    browser.get("/console/c/masks?district=99999999999999999999").await.expect(200);
    browser.get("/console/c/masks?district=77").await.expect(200);
    let away = site.browser().get("/console/log-in?next=//evil.example").await.expect(200);
    assert_eq!(away.hidden("next"), "");
}
