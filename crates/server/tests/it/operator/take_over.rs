//! Two campaigns: people register in the first, and are taken over into a draw of the second.

mod onward;

use super::site::{EVENING, Site, phone};
use crate::support::Ask;
use serde_json::{Value, json};
use std::net::SocketAddr;
use types::{CampaignNo, EntryNo, Millis, Outcome};

/// 22:30, behind the window.
const NIGHT: Millis = Millis(EVENING.0 + 2 * 3_600_000);
const LOTS: CampaignNo = CampaignNo(1);
const TAKE_OVER: &str = "/v1/operator/campaigns/lots/take-over";
const DRAWS: &str = "/v1/operator/campaigns/lots/draws";

fn why() -> Value {
    json!({ "reason": "as announced" })
}

impl Site {
    /// A file of the campaign "masks" in a series, changed, loaded.
    async fn load_changed(&self, changes: &[(&str, &str)]) -> super::site::Answer {
        let mut files = Self::files("by-hand");
        let text = files["files"][0]["text"].as_str().unwrap().to_owned();
        let text = text.replace("[register]", "[series]\ncode = \"city\"\n\n[register]");
        let text = changes.iter().fold(text, |text, (old, new)| {
            assert!(text.contains(old), "the file has no {old:?}");
            text.replacen(old, new, 1)
        });
        files["files"][0]["text"] = json!(text);
        self.post("/v1/operator/campaigns", &files).await
    }

    /// The campaign "masks", in which people register.
    async fn registering() -> Self {
        let site = Self::empty().await;
        site.load_changed(&[]).await.expect(201);
        site
    }

    /// The campaign "lots", which draws among them.
    async fn load_lots(&self, change: &[(&str, &str)]) {
        let lots = [
            ("code = \"masks\"", "code = \"lots\""),
            ("[publish]", "[allocate]\nby = \"draw\"\ngroup_max = 2\n\n[publish]"),
            ("[register]", "[register]\nregistered_in = \"masks\""),
        ];
        self.load_changed(&[&lots[..], change].concat()).await.expect(201);
    }

    /// How many there are, and of those on the list of the latest draw.
    async fn lots(&self) -> (u32, Vec<EntryNo>) {
        let look = |ledger: &ledger::Ledger| {
            let lots = ledger.campaign(LOTS).unwrap();
            let entries = (0..lots.entries_len()).map(EntryNo);
            (lots.entries_len(), entries.filter(|entry| lots.is_listed(*entry)).collect())
        };
        self.node.read(look).unwrap().await.unwrap()
    }
}

fn counts(answer: &Value) -> [u64; 4] {
    ["entries", "taken_over", "there_before", "gone"].map(|name| answer[name].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_registered_is_taken_over_once_and_drawn_unless_they_give_it_up() {
    let site = Site::registering().await;
    for person in 0..30 {
        let entered = site.enter(person, person % 2, 1).await;
        assert!(matches!(entered, Outcome::Registered { .. }), "{entered:?}");
    }
    for entry in 0..5 {
        site.cancel(entry).await;
    }
    site.load_lots(&[]).await;
    let told = site.get("/v1/operator/campaigns/lots").await.expect(200);
    assert_eq!(told["registered_in"], json!("masks"));
    assert_eq!(site.get(TAKE_OVER).await.expect(200), Value::Null);
    let done = site.post(TAKE_OVER, &why()).await.expect(200);
    assert_eq!(counts(&done), [30, 25, 0, 5]);
    assert_eq!(done["not_taken_over"], json!({}));
    assert_eq!((&done["from"], &done["stopped"]), (&json!("masks"), &Value::Null));
    assert_eq!(site.get(TAKE_OVER).await.expect(200), done);

    // Done again, nothing changes; whoever came later is taken over, too.
    site.enter(40, 0, 1).await;
    site.cancel(6).await;
    let again = site.post(TAKE_OVER, &why()).await.expect(200);
    assert_eq!(counts(&again), [31, 1, 24, 6]);
    assert_eq!(site.lots().await.0, 26);

    // Each action is in the journal, with who and why.
    let told = site.get("/v1/operator/campaigns/lots").await.expect(200);
    let actions = told["actions"].as_array().unwrap();
    let taken: Vec<_> = actions.iter().filter(|action| action["do"] == "take-over").collect();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0]["detail"], json!("from masks"));
    assert_eq!(
        (&taken[0]["actor"], &taken[0]["reason"]),
        (&json!("duty officer"), &json!("as announced"))
    );

    // Who gave the reservation up after having been taken over is not on the list.
    site.set_time(NIGHT);
    let closed = site.post(DRAWS, &why()).await.expect(200);
    assert_eq!(closed["entries"], json!(25));
    let (_, listed) = site.lots().await;
    assert!(!listed.contains(&EntryNo(1)), "the second that was taken over: {listed:?}");
    assert_eq!(site.post(TAKE_OVER, &why()).await.code(409), "closed");
}

/// What somebody sends who enters a campaign, or looks for it.
async fn ask(public: SocketAddr, path: &str, body: &Value) -> crate::support::Answer {
    let key = Some("a-request-of-somebody-01");
    let ask = Ask { path, key, body: &body.to_string(), ..Ask::default() };
    crate::support::exchange(public, &ask.bytes()).await
}

fn identity(person: u32) -> Value {
    json!({ "name": format!("张{person}"), "phone": phone(person) })
}

fn choices() -> Value {
    json!([{ "outlet": "1002", "item": "N95", "slot": "am" }])
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_what_was_taken_over_and_others_do_not_get_in() {
    let site = Site::registering().await;
    site.enter(7, 1, 2).await;
    site.load_lots(&[]).await;
    let (public, _stop) = site.serve_public();
    let page = Ask { method: "GET", path: "/c/lots?lang=en", ..Ask::default() };
    let page = crate::support::exchange(public, &page.bytes()).await;
    assert!(page.shown().contains("Only people registered in “Masks”."), "{}", page.shown());
    let entry = |person| json!({ "identity": identity(person), "units": 1, "choices": choices() });
    let path = "/v1/campaigns/lots/entries";
    let stranger = ask(public, path, &entry(8)).await;
    assert_eq!((stranger.status, &*stranger.code()), (409, "not-eligible"));
    site.post(TAKE_OVER, &why()).await.expect(200);
    let again = ask(public, path, &entry(7)).await;
    assert_eq!((again.status, &*again.code()), (409, "already-in"));
    let find = json!({ "identity": identity(7) });
    let found = ask(public, "/v1/campaigns/lots/find", &find).await;
    assert_eq!((found.status, &found.json()["outcome"]), (200, &json!("registered")));
}

/// A first campaign that draws, too, and never does: people enter it together, and hold a place.
#[tokio::test(flavor = "multi_thread")]
async fn groups_stay_together() {
    let site = Site::empty().await;
    let groups = ("[publish]", "[allocate]\nby = \"draw\"\ngroup_max = 3\n\n[publish]");
    site.load_changed(&[groups]).await.expect(201);
    let (public, _stop) = site.serve_public();
    for (nth, people) in [vec![1, 2], vec![3, 4, 5], vec![6]].iter().enumerate() {
        let [first, further @ ..] = &people[..] else { unreachable!("somebody enters") };
        let further: Vec<Value> = further.iter().map(|person| identity(*person)).collect();
        let body = json!({ "identity": identity(*first), "people": further, "units": people.len(),
            "choices": choices() });
        let key = format!("a-request-of-people-{nth}");
        let path = "/v1/campaigns/masks/entries";
        let asked = Ask { path, key: Some(&key), body: &body.to_string(), ..Ask::default() };
        let entered = crate::support::exchange(public, &asked.bytes()).await;
        assert_eq!(entered.status, 202, "{}", entered.text());
    }
    site.load_lots(&[]).await;
    let done = site.post(TAKE_OVER, &why()).await.expect(200);
    assert_eq!(counts(&done), [3, 2, 0, 0]);
    assert_eq!(done["not_taken_over"], json!({ "not-as-asked": 1 }), "three are too many here");
    for person in [1, 6] {
        let find = json!({ "identity": identity(person) });
        assert_eq!(ask(public, "/v1/campaigns/lots/find", &find).await.status, 200);
    }
    let entry = json!({ "identity": identity(2), "units": 1, "choices": choices() });
    let second = ask(public, "/v1/campaigns/lots/entries", &entry).await;
    assert_eq!(second.code(), "already-in", "whoever came along is in, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_are_not_there_are_dropped_or_told() {
    let site = Site::registering().await;
    site.enter(1, 0, 1).await;
    site.enter(2, 1, 1).await;
    // The second outlet has nothing in the draw.
    site.load_lots(&[]).await;
    let rows = "outlet,item,slot,units\n1001,N95,am,40\n";
    let only = |code: &str, terms: &str| {
        let mut files = Site::files("by-hand");
        let text = files["files"][0]["text"].as_str().unwrap().to_owned();
        let text = text
            .replace("\"masks\"", &format!("\"{code}\""))
            .replace(
                "[register]",
                "[series]\ncode = \"city\"\n\n[register]\nregistered_in = \"masks\"",
            )
            .replace("[publish]", &format!("[allocate]\nby = \"draw\"\n{terms}\n[publish]"));
        files["files"][0]["text"] = json!(text);
        files["files"][2] = json!({ "name": "stock.csv", "text": rows });
        files
    };
    site.post("/v1/operator/campaigns", &only("choosing", "")).await.expect(201);
    let path = |code: &str| format!("/v1/operator/campaigns/{code}/take-over");
    let done = site.post(&path("choosing"), &why()).await.expect(200);
    assert_eq!(counts(&done), [2, 1, 0, 0]);
    assert_eq!(done["not_taken_over"], json!({ "unknown-place": 1 }));
    site.post("/v1/operator/campaigns", &only("any", "accept_any = true\n")).await.expect(201);
    let done = site.post(&path("any"), &why()).await.expect(200);
    assert_eq!(counts(&done), [2, 2, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_over_is_told_before_anything_is_done() {
    let site = Site::registering().await;
    site.enter(1, 0, 1).await;
    let of = async |code: &str| {
        site.post(&format!("/v1/operator/campaigns/{code}/take-over"), &why()).await
    };
    assert_eq!(of("nobody").await.code(404), "unknown-campaign");
    assert_eq!(of("masks").await.code(409), "not-a-draw");
    let draw = ("[publish]", "[allocate]\nby = \"draw\"\n\n[publish]");
    site.load_changed(&[("code = \"masks\"", "code = \"alone\""), draw]).await.expect(201);
    let alone = of("alone").await;
    assert_eq!(alone.code(409), "take-over-impossible");
    let asks_more = "[[register.field]]\ncode = \"street\"\nkind = \"text\"\n\
        label = { zh-CN = \"住址\", en = \"Street\" }\n\n[publish]";
    site.load_lots(&[("[publish]", asks_more)]).await;
    let more = of("lots").await;
    assert_eq!(more.code(409), "take-over-impossible");
    assert!(more.json()["detail"].as_str().unwrap().contains("\"street\""));
    site.load_lots(&[]).await;
    site.post("/v1/operator/campaigns/lots/actions", &json!({ "do": "pause", "reason": "lunch" }))
        .await
        .expect(200);
    assert_eq!(of("lots").await.code(409), "paused");
    assert_eq!(site.post(TAKE_OVER, &json!({})).await.code(400), "reason-missing");
    let told = site.get("/v1/operator/campaigns/lots").await.expect(200);
    let words: Vec<_> = told["actions"].as_array().unwrap().iter().map(|it| &it["do"]).collect();
    assert!(!words.contains(&&json!("take-over")), "{words:?}");
}
