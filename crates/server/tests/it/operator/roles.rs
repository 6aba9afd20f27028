//! Who may do what: every route with every role, and without one.

use super::site::Site;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, Request};
use serde_json::json;
use server::operator::tokens::Role;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::ServiceExt as _;

/// A body that nobody may begin to read.
struct Untouched;

impl HttpBody for Untouched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
        panic!("the body of a stranger is being read")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_admits_the_roles_it_should_and_no_other() {
    let site = Site::new().await;
    let roles = [
        ("operator", site.token("o", Role::Operator, &[])),
        ("auditor", site.token("a", Role::Auditor, &[])),
        ("outlet", site.token("c", Role::Outlet, &["1001"])),
        ("frontend", site.token("f", Role::Frontend, &[])),
    ];
    let (get, post) = (Method::GET, Method::POST);
    let routes = [
        (&get, "/v1/operator/campaigns", "operator auditor"),
        (&post, "/v1/operator/campaigns", "operator"),
        (&get, "/v1/operator/campaigns/masks", "operator auditor"),
        (&post, "/v1/operator/campaigns/masks/actions", "operator"),
        (&post, "/v1/operator/campaigns/masks/stock", "operator"),
        (&post, "/v1/operator/campaigns/masks/lists", "operator"),
        (&post, "/v1/operator/campaigns/masks/export", "operator"),
        (&post, "/v1/operator/campaigns/masks/shred", "operator"),
        (&post, "/v1/operator/redemptions", "operator outlet"),
        (&get, "/v1/operator/actions", "operator auditor"),
    ];
    for (method, path, allowed) in routes {
        for (role, token) in &roles {
            let body = json!({});
            let answer = site.call(method.clone(), path, Some(token), Some(&body), &[]).await;
            let admitted = answer.json()["code"] != "role-not-allowed";
            assert_eq!(admitted, allowed.split(' ').any(|one| one == *role), "{path} {role}");
            assert_eq!(!admitted, answer.status.as_u16() == 403, "{path} {role}");
        }
        let nobody = site.call(method.clone(), path, None, None, &[]).await;
        assert_eq!(nobody.code(401), "token-missing", "{path}");
        let stranger = site.call(method.clone(), path, Some("tg_operator_x"), None, &[]).await;
        assert_eq!(stranger.code(401), "token-refused", "{path}");
    }
    assert_eq!(site.call(get, "/metrics", None, None, &[]).await.status.as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_before_the_body_is_taken() {
    let site = Site::new().await;
    let path = "/v1/operator/campaigns";
    for (token, code) in [(None, "token-missing"), (Some("tg_operator_x"), "token-refused")] {
        let mut request = Request::post(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = Body::new(Untouched);
        let answer = site.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), 401, "{code}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_route_takes_is_a_problem_document() {
    let site = Site::new().await;
    let odd = "/v1/operator/campaigns?dry_run=perhaps";
    assert_eq!(site.post(odd, &json!({})).await.code(400), "malformed-request");
    let unknown = "/v1/operator/actions?since=yesterday";
    assert_eq!(site.get(unknown).await.code(400), "malformed-request");
    let broken = "/v1/operator/campaigns/%FF";
    assert_eq!(site.get(broken).await.code(400), "malformed-request");
    // Without its number it must not lift the cap.
    let forgotten = json!({ "do": "cap", "reason": "x" });
    for body in [json!([]), json!({ "do": "dance" }), json!({ "do": "open", "at": 1 }), forgotten] {
        assert_eq!(site.act(body).await.code(400), "malformed-request");
    }
    let deep = "[".repeat(100_000);
    let request = Request::post("/v1/operator/campaigns/masks/actions");
    let request = request.header("authorization", format!("Bearer {}", site.operator));
    let answer = site.router.clone().oneshot(request.body(Body::from(deep)).unwrap()).await;
    assert_eq!(answer.unwrap().status().as_u16(), 400, "nesting ends somewhere");
    assert_eq!(site.get("/v1/operator/nothing").await.code(404), "no-such-page");
    assert_eq!(site.get("/v1/operator/redemptions").await.code(405), "method-not-allowed");
    let page = site.call(Method::GET, "/errors/no-such-page", None, None, &[]).await;
    assert!(page.text().contains("<h2>What to do</h2>"), "where `type` leads, there is a page");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_at_once() {
    let site = Site::new().await;
    let token = site.token("temp", Role::Auditor, &[]);
    let path = "/v1/operator/campaigns";
    site.call(Method::GET, path, Some(&token), None, &[]).await.expect(200);
    site.tokens.revoke("temp").unwrap();
    let answer = site.call(Method::GET, path, Some(&token), None, &[]).await;
    assert_eq!(answer.code(401), "token-refused");
}
