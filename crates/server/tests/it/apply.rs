//! Entering a campaign that draws, by the API and by the form.

use crate::support::{Answer, Ask, CAMPAIGN, Site, identity, masks};
use serde_json::{Value, json};
use server::operator::tokens::Role;
use types::command::Records;
use types::definition::{Allocate, Definition, DrawTerms, Item, Publish, Reserved, Stock};
use types::{Action, Command, FrameNo, ItemNo, OutletNo, PoolNo, SlotNo};

const PATH: &str = "/v1/campaigns/masks/entries";

/// A campaign that draws, for groups too, with a reserved item.
fn draws() -> Definition {
    let mut definition = masks(Publish::ByHand { expected: None });
    definition.allocate = Allocate::Draw(DrawTerms {
        stand_days: Some(5),
        tickets_max: 4,
        accept_any: true,
        group_max: 3,
    });
    definition.items.push(Item {
        code: "senior".into(),
        name: definition.items[0].name.clone(),
        reserved: Some(Reserved { of: ItemNo(0), tranche: "65".into() }),
    });
    let (outlet, item, slot) = (OutletNo(0), ItemNo(1), SlotNo(0));
    definition.stock.push(Stock { outlet, item, slot, units: 2 });
    definition
}

fn body(person: u32, item: &str, more: &Value) -> String {
    let choice = json!({"outlet": "o1", "item": item, "slot": "am"});
    let mut body = json!({"identity": identity(person), "choices": [choice], "units": 1});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

#[tokio::test]
async fn people_enter_a_draw_alone_and_together() {
    let site = Site::start(vec![draws()]).await;
    let document = site.get("/v1/campaigns/masks").await.json();
    assert_eq!(document["allocate"], "draw");
    let terms = json!({"stand_days": 5, "tickets_max": 4, "accept_any": true, "group_max": 3});
    assert_eq!(document["draw"], terms);
    assert_eq!(document["items"][1]["reserved"], json!({"of": "n95", "tranche": "65"}));

    let group = json!({"any": true, "people": [identity(2), identity(3)]});
    let entered = site.post(PATH, "group", &body(1, "n95", &group)).await;
    assert_eq!((entered.status, &entered.json()["outcome"]), (202, &json!("registered")));
    let again = site.post(PATH, "group", &body(1, "n95", &group)).await;
    assert_eq!(again, entered, "the same request, the same answer");
    // Everything that a group says is part of the request.
    let alone = site.post(PATH, "group", &body(1, "n95", &json!({"any": true}))).await;
    assert_eq!((alone.status, alone.code()), (409, "request-reused".to_owned()));
    let without = json!({"people": [identity(2), identity(3)]});
    assert_eq!(site.post(PATH, "group", &body(1, "n95", &without)).await.code(), "request-reused");
    let turned = json!({"any": true, "people": [identity(3), identity(2)]});
    assert_eq!(site.post(PATH, "group", &body(1, "n95", &turned)).await.code(), "request-reused");
    // Each of the group is in.
    for person in [1, 2, 3] {
        let key = format!("alone{person}");
        assert_eq!(
            site.post(PATH, &key, &body(person, "n95", &json!({}))).await.code(),
            "already-in"
        );
    }
    let receipt = entered.json()["receipt"].as_str().unwrap().to_owned();
    let seen = site.get(&format!("/v1/entries/{receipt}")).await.json();
    assert_eq!((&seen["outcome"], &seen["losses"]), (&json!("registered"), &json!(0)));
    assert_eq!(seen["stands_through"].as_str().unwrap().len(), 10, "{seen}");
    site.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_group_is_named_person_by_person() {
    let site = Site::start(vec![draws()]).await;
    let errors = async |more: Value| {
        let answer = site.post(PATH, "key", &body(1, "n95", &more)).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        let parts = errors.iter().map(|error| {
            format!("{} {}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap())
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    let mut wrong = identity(3);
    wrong["phone"] = "12".into();
    let told = errors(json!({"people": [identity(2), wrong]})).await;
    assert!(told.starts_with("people[1].phone "), "{told}");
    let many = json!({"people": [identity(2), identity(3), identity(4)]});
    assert_eq!(errors(many).await, "people wrong-count");
    let twice = json!({"people": [identity(2), identity(1)]});
    assert_eq!(errors(twice).await, "people[1] stands-twice");
    let mut endless = vec![json!({}); 12];
    endless[0] = identity(2);
    let told = errors(json!({"people": endless})).await;
    assert!(told.contains("people wrong-count"), "{told}");
    site.stop().await;

    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let more = json!({"any": true, "people": [identity(2)]});
    let answer = site.post(PATH, "key", &body(1, "n95", &more)).await;
    assert_eq!((answer.status, answer.code()), (422, "not-as-asked".to_owned()));
    let fields: Vec<_> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["any", "people"]);
    site.stop().await;
}

#[tokio::test]
async fn fields_too_long_together_are_refused_before_they_are_sealed() {
    let mut definition = draws();
    if let Allocate::Draw(terms) = &mut definition.allocate {
        terms.group_max = 8;
    }
    let site = Site::start(vec![definition]).await;
    let long = |person: u32| {
        let mut long = identity(person);
        long["name"] = "龘".repeat(100).into();
        long
    };
    let people = json!({"people": (2..9).map(long).collect::<Vec<_>>()});
    let mut first: Value = serde_json::from_str(&body(1, "n95", &people)).unwrap();
    first["identity"] = long(1);
    let answer = site.post(PATH, "long", &first.to_string()).await;
    // 8 people of 300 bytes and more: within the limit.
    assert_eq!(answer.status, 202, "{}", answer.text());
    let longer = |person: u32| {
        let mut longer = identity(person);
        longer["name"] = "𠀀".repeat(100).into();
        longer
    };
    let people = json!({"people": (12..19).map(longer).collect::<Vec<_>>()});
    let mut first: Value = serde_json::from_str(&body(11, "n95", &people)).unwrap();
    first["identity"] = longer(11);
    let answer = site.post(PATH, "longer", &first.to_string()).await;
    assert_eq!(
        (answer.status, answer.json()["errors"][0]["code"].clone()),
        (422, json!("too-long"))
    );
    site.stop().await;
}

#[tokio::test]
async fn a_batch_enters_groups_and_a_reserved_item_is_for_its_list() {
    let site = Site::start(vec![draws()]).await;
    let token = format!("authorization: Bearer {}\r\n", site.token(Role::Frontend));
    let mut first: Value =
        serde_json::from_str(&body(1, "n95", &json!({"people": [identity(2)]}))).unwrap();
    first["idempotency_key"] = "a".into();
    let mut second: Value = serde_json::from_str(&body(3, "senior", &json!({}))).unwrap();
    second["idempotency_key"] = "b".into();
    let batch = json!({"entries": [first, second]}).to_string();
    let path = "/v1/campaigns/masks/entries:batch";
    let answer = site.send(&Ask { path, headers: &token, body: &batch, ..Ask::default() }).await;
    let results = answer.json()["results"].clone();
    assert_eq!((&results[0]["status"], &results[1]["code"]), (&json!(202), &json!("not-eligible")));
    site.stop().await;
}

#[tokio::test]
async fn the_form_of_a_draw_asks_for_others_and_any_place() {
    let site = Site::start(vec![draws()]).await;
    let page = site.get("/c/masks?lang=en&outlet1=o1").await;
    let shown = page.shown().to_owned();
    assert!(shown.contains("name=\"any\"") && shown.contains("name=\"p2.id_number\""), "{shown}");
    assert!(!shown.contains("name=\"p3.id_number\""), "three people at most");
    assert!(shown.contains("only for people on its list"));
    site.stop().await;
}

/// A form of the draw: one person, two further ones, two choices, any place; with changes.
fn form(changes: &[(&str, &str)]) -> String {
    let mut typed: Vec<(String, String)> = [
        ("outlet1", "o1"),
        ("choice1", "o1/n95"),
        ("outlet2", "o2"),
        ("choice2", "o2/n95"),
        ("units", "2"),
        ("any", "yes"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (prefix, person) in [("f.", 1), ("p1.", 2), ("p2.", 3)] {
        for (code, value) in identity(person).as_object().unwrap() {
            typed.push((format!("{prefix}{code}"), value.as_str().unwrap().to_owned()));
        }
    }
    for (name, value) in changes {
        typed.retain(|(known, _)| known != name);
        typed.push(((*name).to_owned(), (*value).to_owned()));
    }
    let encode =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = typed.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

async fn send(site: &Site, language: &str, changes: &[(&str, &str)]) -> Answer {
    let (path, body) = (format!("/c/masks?lang={language}"), form(changes));
    let kind = Some("application/x-www-form-urlencoded");
    site.send(&Ask { path: &path, kind, body: &body, ..Ask::default() }).await
}

/// What the journal has of the entries of a site: any place, people, units, choices.
fn entered(site: &Site) -> Vec<(bool, u8, u8, Vec<PoolNo>)> {
    let mut frames = site.node.journal_reader().read_from(FrameNo(1)).unwrap();
    let mut entered = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        for record in Records::new(frame.payload) {
            let (_, record) = record.unwrap();
            if let Ok(Command::Enter(enter)) = Command::decode(record) {
                let choices = enter.choices().collect();
                entered.push((enter.any, enter.people, enter.units, choices));
            }
        }
    }
    entered
}

#[tokio::test]
async fn a_form_enters_a_draw_with_others_choices_and_any_place() {
    let site = Site::start(vec![draws()]).await;
    let first = site.get("/c/masks?lang=en").await;
    assert!(first.shown().contains("Units per entry"), "{}", first.shown());
    assert!(!first.shown().contains("per person"), "{}", first.shown());
    let check = send(&site, "zh", &[("to", "check")]).await;
    let shown = check.shown();
    for word in ["第 2 人", "第 3 人", "name=\"p2.phone\"", "name=\"any\"", "任何网点都可以"]
    {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(shown.contains("东堤药房 o1") && shown.contains("东堤药房 o2"), "{shown}");
    assert_eq!(entered(&site), [], "a look at it enters nobody");

    let done = send(&site, "zh", &[]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let target = done.headers["location"].clone();
    let again = send(&site, "zh", &[]).await;
    assert_eq!(again.headers["location"], target, "a form sent again is the same request");
    // Pools are numbered as the stock is listed: by outlet and slot.
    assert_eq!(entered(&site), [(true, 3, 2, vec![PoolNo(0), PoolNo(2)])]);
    let result = site.get(&target).await;
    assert!(result.shown().contains("登记成功，等待摇号"), "{}", result.shown());
    assert!(!result.shown().contains("预约成功") && result.shown().contains("每次摇号都参加"));
    let english = site.get(&target.replace("lang=zh", "lang=en")).await;
    assert!(english.shown().contains("Registered for the draw"), "{}", english.shown());

    // Whatever else is said is another request, of people who are in.
    for other in [("any", ""), ("p2.name", "李娜"), ("choice2", "o2/n95/am"), ("units", "1")] {
        let answer = send(&site, "en", &[other]).await;
        assert_eq!(answer.status, 409, "{other:?}: {}", answer.text());
    }
    assert_eq!(entered(&site).len(), 1);
    site.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_others_on_the_form_stands_beside_them_and_nothing_is_lost() {
    let site = Site::start(vec![draws()]).await;
    let wrong = send(&site, "en", &[("p1.phone", "12")]).await;
    let shown = wrong.shown();
    assert_eq!(wrong.status, 422, "{shown}");
    assert!(shown.contains("id=\"p1-phone-error\"") && shown.contains("href=\"#p1-phone\""));
    assert!(!shown.contains("id=\"p2-phone-error\""), "only where it is wrong");
    let (_, summary) = shown.split_once("class=\"alert\"").unwrap();
    let (summary, _) = summary.split_once("</ul>").unwrap();
    assert!(summary.contains(">Person 2, "), "whose it is: {summary}");
    for person in [1, 2, 3] {
        let number = identity(person)["id_number"].as_str().unwrap().to_owned();
        assert!(shown.contains(&number), "{number}: {shown}");
    }
    assert!(shown.contains("name=\"any\" value=\"yes\" checked"), "{shown}");
    assert!(shown.contains("value=\"o2/n95\" checked"), "{shown}");

    // Somebody twice, in the one field that tells.
    let number = identity(1)["id_number"].as_str().unwrap().to_owned();
    let twice = send(&site, "en", &[("p2.id_number", &number)]).await;
    assert_eq!(twice.status, 422);
    let (_, third) = twice.shown().split_once("<details id=\"p2\"").unwrap();
    assert!(third.contains("<p class=\"error\">This person stands twice.</p>"), "{third}");
    assert!(twice.shown().contains("href=\"#p2\""), "{}", twice.shown());
    let fourth = [("p3.name", "王芳"), ("p3.id_number", "1"), ("p3.phone", "2")];
    let many = send(&site, "en", &fourth).await;
    assert_eq!(many.status, 422);
    assert!(many.shown().contains("At most 3 people"), "{}", many.shown());
    assert_eq!(entered(&site), []);

    // Boxes that were left empty are nobody's, wherever they stand.
    let empty = [("p1.name", ""), ("p1.id_number", ""), ("p1.phone", " "), ("any", "")];
    let done = send(&site, "en", &empty).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(entered(&site), [(false, 2, 2, vec![PoolNo(0), PoolNo(2)])]);
    site.stop().await;
}

#[tokio::test]
async fn where_lots_are_drawn_daily_nobody_chooses_a_day() {
    let site = Site::start(vec![draws()]).await;
    let path = "/c/masks?lang=en&outlet1=o1";
    let form = site.get(path).await;
    let shown = form.shown();
    assert_eq!(shown.matches("value=\"o1/n95\"").count(), 1, "each place once: {shown}");
    assert!(!shown.contains("o1/n95/") && !shown.contains("data-pool=\"1\""), "{shown}");
    assert!(shown.contains("You choose no day") && shown.contains("Days in all: 5."), "{shown}");
    let check = send(&site, "en", &[("to", "check")]).await;
    let shown = check.shown();
    let (_, sent) = shown.split_once("id=\"form\"").unwrap();
    assert!(sent.contains("You choose no day"), "{sent}");
    for name in ["Morning", "Afternoon", "上午", "下午"] {
        assert!(!sent.contains(name), "{name}: {sent}");
    }

    // Without a slot, with any, and with one that is none: the same wish.
    let choice = json!({"outlet": "o2", "item": "n95"});
    let wishes = [None, Some("pm"), Some("am"), Some("never")];
    for (person, slot) in (1..).zip(wishes) {
        let mut choice = choice.clone();
        if let Some(slot) = slot {
            choice["slot"] = slot.into();
        }
        let body = body(person, "n95", &json!({"choices": [choice]}));
        let answer = site.post(PATH, &format!("key{person}"), &body).await;
        assert_eq!(answer.status, 202, "{slot:?}: {}", answer.text());
        assert!(!answer.text().contains("slot"), "{}", answer.text());
    }
    let one = (false, 1, 1, vec![PoolNo(2)]);
    assert_eq!(entered(&site), [one.clone(), one.clone(), one.clone(), one]);
    let days = ["am", "pm"].map(|slot| json!({"outlet": "o1", "item": "n95", "slot": slot}));
    let twice = site.post(PATH, "twice", &body(9, "n95", &json!({"choices": days}))).await;
    assert_eq!(twice.json()["errors"][0]["field"], "choices[1]", "{}", twice.text());
    assert_eq!(twice.json()["errors"][0]["code"], "stands-twice");
    site.stop().await;
}

#[tokio::test]
async fn where_lots_are_drawn_once_a_choice_has_its_slot() {
    let mut definition = draws();
    if let Allocate::Draw(terms) = &mut definition.allocate {
        terms.stand_days = None;
    }
    let site = Site::start(vec![definition]).await;
    let choices = json!({"choices": [{"outlet": "o1", "item": "n95"}]});
    let without = site.post(PATH, "one", &body(1, "n95", &choices)).await;
    assert_eq!((without.status, without.code()), (422, "not-as-asked".to_owned()));
    let fault = &without.json()["errors"][0];
    assert_eq!((&fault["field"], &fault["code"]), (&json!("choices[0].slot"), &json!("empty")));
    let form = site.get("/c/masks?lang=en&outlet1=o1").await;
    assert!(form.shown().contains("value=\"o1/n95/am\""), "{}", form.shown());
    assert!(!form.shown().contains("You choose no day"));
    site.stop().await;
}

#[tokio::test]
async fn a_draw_is_told_as_registered_until_it_is_published() {
    let site = Site::start(vec![draws()]).await;
    let entered = site.post(PATH, "one", &body(1, "n95", &json!({}))).await.json();
    let slot = Some(SlotNo(0));
    let close = Action::CloseDraw { campaign: CAMPAIGN, slot, unserved: false };
    let closed = site.operate(close).await;
    assert_eq!(closed.code(), "listed");
    let path = format!("/v1/entries/{}", entered["receipt"].as_str().unwrap());
    assert_eq!(site.get(&path).await.json()["outcome"], "registered");
    let entered = site.post(PATH, "two", &body(2, "n95", &json!({}))).await;
    assert_eq!(entered.status, 202, "it goes on for the draws to come");
    site.stop().await;
}
