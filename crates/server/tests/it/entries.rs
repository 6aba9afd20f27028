//! Entering, repeating, cancelling, looking up: over real sockets, with a real node.

use crate::support::{Ask, CAMPAIGN, Site, config, entry, identity, masks};
use expect_test::expect;
use serde_json::json;
use server::operator::tokens::Role;
use types::Action;
use types::definition::Publish;

#[tokio::test]
async fn a_booking_is_made_repeated_seen_found_and_cancelled() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let booked = site.enter(1, "first", "o1").await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let answer = booked.json();
    assert_eq!(answer["outcome"], "booked");
    assert_eq!(answer["number"], 1);
    assert_eq!(answer["booking"], json!({"outlet": "o1", "item": "n95", "slot": "am", "units": 1}));

    let again = site.enter(1, "first", "o1").await;
    assert_eq!((again.status, &again.body), (201, &booked.body), "byte for byte");
    assert_eq!(site.enter(1, "first", "o2").await.code(), "request-reused");
    assert_eq!(site.enter(1, "second", "o2").await.code(), "already-in");

    let receipt = format!("/v1/entries/{}", answer["receipt"].as_str().unwrap());
    let seen = site.get(&receipt).await.json();
    assert_eq!((&seen["outcome"], &seen["code"]), (&json!("booked"), &answer["code"]));
    let body = json!({"identity": identity(1)}).to_string();
    let found = site.post("/v1/campaigns/masks/find", "", &body).await.json();
    assert_eq!(found, seen, "a look-up by identity sees the same, and no receipt");

    let cancelled = site.send(&Ask { method: "DELETE", path: &receipt, ..Ask::default() }).await;
    assert_eq!((cancelled.status, &cancelled.json()["outcome"]), (200, &json!("cancelled")));
    assert_eq!(site.get(&receipt).await.json()["outcome"], "cancelled");
    assert_eq!(site.enter(1, "third", "o1").await.status, 201, "may enter again");
    site.stop().await;
}

#[tokio::test]
async fn registered_tells_nothing_until_it_is_published() {
    let mut definition = masks(Publish::ByHand { expected: None });
    definition.stock.truncate(1);
    definition.stock[0].units = 1;
    let site = Site::start(vec![definition]).await;
    let first = site.enter(1, "a", "o1").await;
    let second = site.enter(2, "b", "o1").await;
    assert_eq!((first.status, second.status), (202, 202), "{}", first.text());
    assert_eq!(first.body.len(), second.body.len(), "the size tells nothing");
    let names = |answer: &crate::support::Answer| {
        answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&first), names(&second));
    let path = |answer: &crate::support::Answer| {
        format!("/v1/entries/{}", answer.json()["receipt"].as_str().unwrap())
    };
    let status = site.get("/v1/campaigns/masks/status").await.json();
    assert!(status.get("stock").is_none() && status.get("sold_out").is_none());
    assert_eq!(site.get(&path(&second)).await.json()["outcome"], "registered");

    site.operate(Action::Close { campaign: CAMPAIGN }).await;
    site.operate(Action::Publish { campaign: CAMPAIGN }).await;
    assert_eq!(site.get(&path(&first)).await.json()["outcome"], "booked");
    let lost = site.get(&path(&second)).await.json();
    assert_eq!((&lost["outcome"], &lost["why"]), (&json!("not-allocated"), &json!("sold-out")));
    let again = site.enter(1, "a", "o1").await;
    assert_eq!(again.body, first.body, "a repeated request gets its first answer");
    site.stop().await;
}

#[tokio::test]
async fn after_the_end_the_late_are_refused_and_the_accepted_are_answered() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let booked = site.enter(1, "mine", "o1").await;
    site.operate(Action::Close { campaign: CAMPAIGN }).await;
    assert_eq!(site.enter(2, "late", "o1").await.code(), "closed");
    assert_eq!(site.enter(1, "mine", "o1").await.body, booked.body);
    let rubbish = site.post("/v1/campaigns/masks/entries", "late", "{").await;
    assert_eq!(rubbish.code(), "closed", "the flood is not parsed");
    let turned_away: Vec<_> = site.node.metrics().turned_away.counts().collect();
    assert!(turned_away.contains(&("closed", 2)), "{turned_away:?}");

    // The filter of known requests is filled anew after a restart.
    let folder = site.stop().await;
    let site = Site::start_in(folder, &config()).await;
    assert_eq!(site.enter(1, "mine", "o1").await.body, booked.body);
    assert_eq!(site.enter(2, "late", "o1").await.code(), "closed");
    site.stop().await;
}

#[tokio::test]
async fn sold_out_is_said_at_the_door_and_again_when_units_come_back() {
    let mut definition = masks(Publish::AtOnce);
    definition.stock.truncate(1);
    let site = Site::start(vec![definition]).await;
    let first = site.enter(1, "a", "o1").await;
    assert_eq!(site.enter(2, "b", "o1").await.status, 201);
    assert_eq!(site.enter(3, "c", "o1").await.code(), "sold-out");
    assert_eq!(site.get("/v1/campaigns/masks/status").await.json()["stock"], "n");
    assert_eq!(site.enter(1, "a", "o1").await.body, first.body);
    let receipt = format!("/v1/entries/{}", first.json()["receipt"].as_str().unwrap());
    site.send(&Ask { method: "DELETE", path: &receipt, ..Ask::default() }).await;
    assert_eq!(site.enter(3, "c", "o1").await.status, 201, "a cancelled unit is free at once");
    site.stop().await;
}

#[tokio::test]
async fn the_gate_keeps_the_pace() {
    let mut definition = masks(Publish::AtOnce);
    definition.pacing.admit_per_second = Some(1);
    let site = Site::start(vec![definition]).await;
    let booked = site.enter(1, "a", "o1").await;
    assert_eq!(booked.status, 201);
    let early = site.enter(2, "b", "o1").await;
    assert_eq!((early.status, early.code().as_str()), (429, "slow-down"));
    assert_eq!(site.enter(1, "a", "o1").await.body, booked.body, "no pace for what is decided");
    assert_eq!(early.headers["retry-after"], "5");
    site.stop().await;
}

#[tokio::test]
async fn a_batch_answers_each_entry_in_order() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let path = "/v1/campaigns/masks/entries:batch";
    let choice = json!({"outlet": "o1", "item": "n95", "slot": "am"});
    let one = |person, key: &str, units| {
        let identity = identity(person);
        json!({"idempotency_key": key, "identity": identity, "choices": [choice], "units": units})
    };
    let body = json!({"entries": [
        one(1, "a", 1), one(1, "b", 1), one(2, "c", 9), one(1, "a", 1), one(3, "bad key", 1),
    ]});
    let body = body.to_string();
    let ask = |headers| Ask { path, headers, body: &body, ..Ask::default() };
    assert_eq!(site.send(&ask("")).await.code(), "token-missing");
    let unknown = site.send(&ask("authorization: Bearer no\r\n")).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (401, "token-refused"));
    assert_eq!(unknown.headers["www-authenticate"], "Bearer");
    let auditor = format!("authorization: Bearer {}\r\n", site.token(Role::Auditor));
    let auditor = site.send(&ask(&auditor)).await;
    assert_eq!((auditor.status, auditor.code().as_str()), (403, "role-not-allowed"));
    let token = format!("authorization: bearer {}\r\n", site.token(Role::Frontend));
    let answer = site.send(&ask(&token)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json()["results"].as_array().unwrap().clone();
    let told: Vec<_> = results
        .iter()
        .map(|one| (one["status"].as_u64().unwrap(), one.get("code").cloned()))
        .collect();
    assert_eq!(results[0], results[3], "the same request in one batch is one entry");
    let codes = [Some("already-in"), Some("not-as-asked"), Some("invalid-idempotency-key")];
    let codes = codes.map(|code| code.map(serde_json::Value::from));
    assert_eq!(told[1..3], [(409, codes[0].clone()), (422, codes[1].clone())]);
    assert_eq!(told[4], (400, codes[2].clone()));

    let many = vec![one(1, "a", 1); 1_001];
    let body = json!({"entries": many}).to_string();
    let too_many = site.send(&Ask { path, headers: &token, body: &body, ..Ask::default() }).await;
    assert_eq!(too_many.code(), "batch-too-large");
    site.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_part_by_part() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let body = json!({
        "identity": {"name": "", "id_number": "440199199001010010", "extra": "x"},
        "choices": [
            {"outlet": "nowhere", "item": "n95", "slot": "am"},
            {"outlet": "o1", "item": "n95", "slot": "am"},
            {"outlet": "o1", "item": "n95", "slot": "am"},
        ],
        "units": 3,
    });
    let answer = site.post("/v1/campaigns/masks/entries", "k", &body.to_string()).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid-field"));
    let told: Vec<_> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| format!("{} {}", error["field"], error["code"]))
        .collect();
    expect![[r#"
        [
            "\"name\" \"empty\"",
            "\"id_number\" \"check-character\"",
            "\"phone\" \"empty\"",
            "\"extra\" \"unknown-field\"",
            "\"choices\" \"wrong-count\"",
            "\"choices[0].outlet\" \"unknown-code\"",
            "\"choices[2]\" \"stands-twice\"",
            "\"units\" \"out-of-range\"",
        ]
    "#]]
    .assert_debug_eq(&told);

    let headers = "accept-language: zh-CN\r\n";
    let path = "/v1/campaigns/masks/entries";
    let body = entry(1, "nowhere");
    let ask = Ask { path, key: Some("k"), headers, body: &body, ..Ask::default() };
    let chinese = site.send(&ask).await;
    assert_eq!(
        (chinese.code().as_str(), &chinese.json()["title"]),
        ("unknown-place", &json!("没有这个选项"))
    );
    site.stop().await;
}

#[tokio::test]
async fn one_choice_is_no_plural() {
    let mut definition = masks(Publish::AtOnce);
    definition.register.choices_max = 1;
    let site = Site::start(vec![definition]).await;
    let body = json!({ "identity": identity(1), "choices": [] }).to_string();
    let path = "/v1/campaigns/masks/entries";
    for (headers, expected) in
        [("", "Name one choice."), ("accept-language: zh-CN\r\n", "请选择 1 个志愿。")]
    {
        let ask = Ask { path, key: Some("k"), headers, body: &body, ..Ask::default() };
        let told = site.send(&ask).await.json()["errors"][0]["message"].clone();
        assert_eq!(told, expected);
    }
    site.stop().await;
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_a_look_up() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    assert_eq!(site.enter(1, "a", "o1").await.status, 201);
    let mut mixed = identity(1);
    mixed["phone"] = identity(2)["phone"].clone();
    let mut renamed = identity(1);
    renamed["name"] = json!("李娜");
    let mut answers = Vec::new();
    for identity in [identity(2), mixed, renamed] {
        let body = json!({"identity": identity}).to_string();
        answers.push(site.post("/v1/campaigns/masks/find", "", &body).await);
    }
    assert_eq!(answers[0].code(), "not-found");
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let malformed = json!({"identity": {"name": "x", "id_number": "1", "phone": "1"}});
    let path = "/v1/campaigns/masks/find";
    for language in ["en", "zh-CN"] {
        let headers = format!("accept-language: {language}\r\n");
        let body = malformed.to_string();
        let ask = Ask { path, headers: &headers, body: &body, ..Ask::default() };
        let answer = site.send(&ask).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid-field"));
        // Whoever looks an entry up must not read that it was never registered.
        let detail = answer.json()["detail"].to_string();
        assert!(!detail.contains("registered") && !detail.contains("登记"), "{detail}");
    }
    let receipt = "0".repeat(32);
    assert_eq!(site.get(&format!("/v1/entries/{receipt}")).await.body, answers[0].body);
    site.stop().await;
}
