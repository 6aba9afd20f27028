//! Who may do what: every route with every role, and without one.

use super::site::Site;
use axum::http::Method;
use serde_json::json;
use server::operator::tokens::Role;

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
        (&get, "/v1/operator/campaigns/masks/export", "operator"),
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
async fn a_revoked_token_is_refused_at_once() {
    let site = Site::new().await;
    let token = site.token("temp", Role::Auditor, &[]);
    let path = "/v1/operator/campaigns";
    site.call(Method::GET, path, Some(&token), None, &[]).await.expect(200);
    site.tokens.revoke("temp").unwrap();
    let answer = site.call(Method::GET, path, Some(&token), None, &[]).await;
    assert_eq!(answer.code(401), "token-refused");
}
