//! A code at a counter: once, in the right place, at the right time.

use super::site::{Answer, MORNING, Site};
use axum::http::Method;
use serde_json::json;
use server::operator::tokens::Role;

async fn redeem(site: &Site, token: &str, key: &str, code: &str, outlet: &str) -> Answer {
    let body = json!({ "code": code, "outlet": outlet });
    let headers = [("idempotency-key", key)];
    let path = "/v1/operator/redemptions";
    site.call(Method::POST, path, Some(token), Some(&body), &headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_handed_out_once_and_the_counter_is_told_why_not() {
    let site = Site::new().await;
    site.enter(1, 0, 2).await;
    site.enter(2, 1, 1).await;
    site.enter(3, 0, 1).await;
    site.cancel(2).await;
    let counter = site.token("counter 3", Role::Outlet, &["1001"]);
    let code = site.code(0);

    let early = redeem(&site, &counter, "k0", &code, "1001").await.expect(409);
    assert_eq!((&early["code"], &early["slot"]), (&json!("wrong-time"), &json!("am")));
    site.set_time(MORNING);
    let told = redeem(&site, &counter, "k1", &code.to_lowercase(), "1001").await.expect(200);
    let expected = json!({ "outcome": "redeemed", "campaign": "masks", "number": 1,
        "outlet": "1001", "item": "N95", "item_name": "防护口罩", "slot": "am", "units": 2,
        "redeemed_at": "2030-02-02T10:00:00+08:00", "repeated": false });
    assert_eq!(told, expected);
    site.set_time(MORNING.plus(60_000));
    let mut repeated = expected;
    repeated["repeated"] = json!(true);
    assert_eq!(redeem(&site, &counter, "k1", &code, "1001").await.expect(200), repeated);
    let colleague = site.token("counter 4", Role::Outlet, &["1001"]);
    let other = redeem(&site, &colleague, "k1", &code, "1001").await;
    assert_eq!(other.code(409), "already-redeemed", "the key is another's");
    let used = redeem(&site, &counter, "k2", &code, "1001").await.expect(409);
    assert_eq!(used["code"], "already-redeemed");
    assert_eq!(used["at"], "2030-02-02T10:00:00+08:00");

    let elsewhere = redeem(&site, &counter, "k3", &site.code(1), "1001").await.expect(409);
    assert_eq!(
        (&elsewhere["code"], &elsewhere["outlet"]),
        (&json!("wrong-outlet"), &json!("1002"))
    );
    let given_up = redeem(&site, &counter, "k4", &site.code(2), "1001").await;
    assert_eq!(given_up.code(409), "already-cancelled");
    assert_eq!(redeem(&site, &counter, "k5", &site.code(9), "1001").await.code(404), "not-found");
    let short = redeem(&site, &counter, "k6", "ABC", "1001").await.expect(422);
    assert_eq!(short["code"], "invalid-pickup-code");
    let detail = short["detail"].as_str().unwrap();
    assert!(!detail.contains("..") && detail.contains("extra. Hand nothing out"), "{detail}");
    let foreign = redeem(&site, &counter, "k7", &site.code(1), "1002").await;
    assert_eq!(foreign.code(403), "outlet-not-allowed");
    let nowhere = redeem(&site, &site.operator, "k8", &site.code(1), "77").await;
    assert_eq!(nowhere.code(409), "unknown-place");

    let body = json!({ "code": code, "outlet": "1001" });
    let path = "/v1/operator/redemptions";
    let unnamed = site.call(Method::POST, path, Some(&counter), Some(&body), &[]).await;
    assert_eq!(unnamed.code(400), "idempotency-key-missing");
    let keys = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let twice = site.call(Method::POST, path, Some(&counter), Some(&body), &keys).await;
    assert_eq!(twice.code(400), "invalid-idempotency-key");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_handed_out_before_publication() {
    let site = Site::held_back().await;
    site.enter(1, 0, 2).await;
    site.set_time(MORNING);
    let answer = redeem(&site, &site.operator, "k", &site.code(0), "1001").await;
    assert_eq!(answer.code(409), "not-published");
}
