//! What people are told who were taken over: where their entry is, and what the draw made of it.

use super::{DRAWS, LOTS, NIGHT, TAKE_OVER, ask, choices, identity, why};
use crate::operator::draws::{get, opening, seal, secrets};
use crate::operator::site::{EVENING, Site};
use crate::support::{Ask, exchange};
use draw::seal::Holder;
use serde_json::{Value, json};
use std::net::SocketAddr;
use types::{CampaignNo, EntryNo, Millis};

const FIRST: CampaignNo = CampaignNo(0);

impl Site {
    fn receipt(&self, campaign: CampaignNo, entry: u32) -> String {
        let receipts = identity::Receipts::new(&self.keyring.receipt_key());
        receipts.encode(campaign, EntryNo(entry)).to_string()
    }

    /// A whole draw of the campaign "lots", from its list to its publication.
    async fn draw_lots(&self) {
        self.set_time(NIGHT);
        self.post(DRAWS, &why()).await.expect(200);
        let name: draw::DrawName = "lots/1".parse().unwrap();
        let [operator, notary] = secrets();
        let mut sealing = seal();
        sealing["operator_commitment"] =
            json!(operator.commitment(&name, Holder::Operator).to_string());
        sealing["notary_commitment"] = json!(notary.commitment(&name, Holder::Notary).to_string());
        for (step, body) in
            [("seal", sealing), ("open", opening()), ("seed", why()), ("run", why())]
        {
            self.post(&format!("{DRAWS}/1/{step}"), &body).await.expect(200);
        }
    }

    async fn publish_lots(&self) {
        let publish = json!({ "do": "publish", "reason": "on time" });
        self.post("/v1/operator/campaigns/lots/actions", &publish).await.expect(200);
    }
}

async fn entry(public: SocketAddr, receipt: &str) -> Value {
    let answer = get(public, &format!("/v1/entries/{receipt}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn page(public: SocketAddr, receipt: &str, language: &str) -> String {
    get(public, &format!("/e/{receipt}?lang={language}")).await.shown().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_receipt_leads_to_what_taking_over_made_of_the_entry_and_to_nothing_else() {
    let site = Site::registering().await;
    site.enter(7, 1, 1).await;
    site.enter(8, 1, 1).await;
    site.load_lots(&[]).await;
    let (public, _stop) = site.serve_public();
    let first = site.receipt(FIRST, 0);
    assert_eq!(entry(public, &first).await.get("taken_over"), None, "nothing was taken over yet");
    // One of them enters by themselves: that entry is theirs, and not made of the first.
    let body = json!({ "identity": identity(8), "units": 1, "choices": choices() });
    assert_eq!(ask(public, "/v1/campaigns/lots/entries", &body).await.status, 202);
    let done = site.post(TAKE_OVER, &why()).await.expect(200);
    assert_eq!(done["not_taken_over"], json!({ "already-in": 1 }));

    let there = site.receipt(LOTS, 1);
    let told = entry(public, &first).await;
    assert_eq!(told["taken_over"], json!([{ "campaign": "lots", "receipt": there }]));
    assert_eq!(entry(public, &site.receipt(FIRST, 1)).await.get("taken_over"), None);
    let second = entry(public, &there).await;
    assert_eq!((&second["outcome"], second.get("taken_over")), (&json!("registered"), None));
    let promise = get(public, &format!("/v1/entries/{there}/promise")).await;
    assert_eq!(promise.status, 200, "{}", promise.text());
    for (language, words) in [("en", "Your entry in “Masks”"), ("zh", "查看转入“口罩预约”的登记")]
    {
        let shown = page(public, &first, language).await;
        assert!(shown.contains(&format!("/e/{there}")) && shown.contains(words), "{shown}");
        let alone = page(public, &site.receipt(FIRST, 1), language).await;
        assert!(!alone.contains(words), "{alone}");
    }
    // Whoever states an identity has no receipt, and is given none.
    let find = json!({ "identity": identity(7) });
    let found = ask(public, "/v1/campaigns/masks/find", &find).await;
    assert_eq!((found.status, found.json().get("taken_over")), (200, None));
    let form = "f.name=%E5%BC%A07&f.phone=13800000007";
    let kind = Some("application/x-www-form-urlencoded");
    let asked = Ask { path: "/c/lots/find?lang=en", kind, body: form, ..Ask::default() };
    let shown = exchange(public, &asked.bytes()).await;
    let shown = shown.shown();
    assert!(shown.contains("taken over from “Masks” is opened with the receipt"), "{shown}");
    assert!(!shown.contains(&there), "{shown}");
    // Given up, it leads there still: nobody else could prove what became of it.
    site.cancel(0).await;
    assert_eq!(entry(public, &first).await["taken_over"], told["taken_over"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_by_lot_and_who_was_on_no_list_are_told_apart() {
    let site = Site::registering().await;
    for person in 0..5 {
        site.enter(person, 1, 1).await;
    }
    site.load_lots(&[]).await;
    site.post(TAKE_OVER, &why()).await.expect(200);
    site.cancel(4).await;
    site.draw_lots().await;
    let (public, _stop) = site.serve_public();
    let lots = [0, 1, 2, 3, 4].map(|entry| site.receipt(LOTS, entry));
    for receipt in &lots {
        let told = entry(public, receipt).await;
        assert_eq!((&told["outcome"], told.get("why")), (&json!("registered"), None));
    }
    site.publish_lots().await;
    let mut lost = Vec::new();
    for receipt in &lots[..4] {
        let told = entry(public, receipt).await;
        if told["outcome"] == "not-allocated" {
            assert_eq!(told["why"], "not-drawn", "it was on the list, and the other shop has 40");
            lost.push(receipt);
        }
    }
    assert_eq!(lost.len(), 1, "three units, four people");
    let left_out = entry(public, &lots[4]).await;
    assert_eq!(left_out["outcome"], "not-allocated");
    assert_eq!(left_out["why"], "not-in-draw", "the first entry was given up");
    let drawn = [("en", "Lots were drawn, and this"), ("zh", "已经摇号，这份登记没有摇到")];
    let not = [("en", "This entry was not in the draw, or"), ("zh", "这份登记没有参加摇号，或者")];
    for ((language, drawn), (_, not)) in drawn.into_iter().zip(not) {
        let shown = page(public, lost[0], language).await;
        assert!(shown.contains(drawn) && !shown.contains(not), "{shown}");
        let shown = page(public, &lots[4], language).await;
        assert!(shown.contains(not) && !shown.contains(drawn), "{shown}");
    }
}

/// The campaigns of `examples/reserve-draw`, as they are.
async fn load_example(site: &Site) {
    let files = [
        ("reserve.toml", include_str!("../../../../../../examples/reserve-draw/reserve.toml")),
        ("draw.toml", include_str!("../../../../../../examples/reserve-draw/draw.toml")),
    ];
    for (name, text) in files {
        let body = json!({ "file": name, "reason": "planned",
            "files": [{ "name": name, "text": text }] });
        site.post("/v1/operator/campaigns", &body).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reserved_is_told_where_lots_are_drawn() {
    let site = Site::empty().await;
    load_example(&site).await;
    let (public, _stop) = site.serve_public();
    let reserving = json!({
        "identity": { "name": "张伟", "resident-id": "110101199003070134" },
        "units": 1,
        "choices": [{ "outlet": "TL001", "item": "purifier", "slot": "2030-02-06" }],
    });
    let reserved = ask(public, "/v1/campaigns/reserve/entries", &reserving).await;
    assert_eq!(reserved.status, 202, "{}", reserved.text());
    let first = site.receipt(FIRST, 0);
    let words = [
        (
            "en",
            "The draw takes place in “Chaomen City air purifiers: draw”.",
            "leads to that entry",
        ),
        ("zh", "摇号在“潮门市空气净化器摇号”进行。", "本页会给出入口"),
    ];
    // A promise of a list that is never closed would be worth nothing.
    let promise = format!("/e/{first}/draw");
    for (language, draw, later) in words {
        let shown = page(public, &first, language).await;
        assert!(shown.contains(draw) && shown.contains(later), "{shown}");
        assert!(!shown.contains(&promise), "{shown}");
    }
    // 2030-02-04 12:00 in Shanghai.
    site.set_time(Millis(EVENING.0 + (63 * 60 + 30) * 60_000));
    let take_over = "/v1/operator/campaigns/purifier-draw/take-over";
    let done = site.post(take_over, &why()).await.expect(200);
    assert_eq!(super::counts(&done), [1, 1, 0, 0]);
    let there = site.receipt(CampaignNo(1), 0);
    for (language, draw, later) in words {
        let shown = page(public, &first, language).await;
        assert!(shown.contains(draw) && shown.contains(&format!("/e/{there}")), "{shown}");
        assert!(!shown.contains(later) && !shown.contains(&promise), "{shown}");
        let shown = page(public, &there, language).await;
        assert!(shown.contains(&format!("/e/{there}/draw")), "{shown}");
    }
    let told = entry(public, &first).await;
    assert_eq!(told["taken_over"][0]["campaign"], "purifier-draw");
    let find = json!({ "identity": reserving["identity"] });
    let found = ask(public, "/v1/campaigns/purifier-draw/find", &find).await;
    assert_eq!(found.json()["outcome"], "registered");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gave_the_first_entry_up_is_promised_nothing_and_told_so() {
    let site = Site::registering().await;
    for person in 0..3 {
        site.enter(person, 1, 1).await;
    }
    site.load_lots(&[]).await;
    site.post(TAKE_OVER, &why()).await.expect(200);
    let (public, _stop) = site.serve_public();
    let [first, gone, stays] =
        [(FIRST, 0), (LOTS, 0), (LOTS, 1)].map(|(campaign, entry)| site.receipt(campaign, entry));
    let promise =
        async |receipt: &str| get(public, &format!("/v1/entries/{receipt}/promise")).await;
    assert_eq!(promise(&gone).await.status, 200);
    site.cancel(0).await;
    // After the giving up, and when the list is closed and sealed without it.
    for is_closed in [false, true] {
        if is_closed {
            site.set_time(NIGHT);
            assert_eq!(site.post(DRAWS, &why()).await.expect(200)["entries"], json!(2));
        }
        let refused = promise(&gone).await;
        assert_eq!((refused.status, refused.code()), (404, "no-promise".to_owned()));
        assert_eq!(promise(&stays).await.status, 200);
        let told = entry(public, &gone).await;
        assert_eq!(told["registration_ended_in"], json!("masks"), "{told}");
        assert_eq!(entry(public, &stays).await.get("registration_ended_in"), None);
        let words = [
            ("en", "No longer in the draw", "registration in “Masks” take part", "Registered for"),
            ("zh", "不再参加摇号", "在“口罩预约”登记的人", "等待摇号"),
        ];
        for (language, headline, why, registered) in words {
            let shown = page(public, &gone, language).await;
            assert!(shown.contains(headline) && shown.contains(why), "{shown}");
            assert!(!shown.contains(registered) && !shown.contains("/draw"), "{shown}");
            assert!(page(public, &stays, language).await.contains(registered));
        }
        let draw = get(public, &format!("/e/{gone}/draw?lang=en")).await;
        assert!(draw.shown().contains("in no draw to come"), "{}", draw.shown());
        let shown = page(public, &first, "en").await;
        assert!(shown.contains(&format!("/e/{gone}")), "{shown}");
        assert!(shown.contains("that entry is in no draw any more, unless"), "{shown}");
        assert!(!shown.contains("Look there for the result"), "{shown}");
    }
    // Whoever is on the list that is drawn from stays on it.
    site.cancel(1).await;
    assert_eq!(entry(public, &stays).await.get("registration_ended_in"), None);
    assert!(page(public, &stays, "en").await.contains("Registered for the draw"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_never_made_is_promised_to_nobody_even_after_a_slip() {
    let site = Site::empty().await;
    let lots = ("[publish]", "[allocate]\nby = \"draw\"\n\n[publish]");
    site.load_changed(&[lots]).await.expect(201);
    site.enter(0, 1, 1).await;
    let (public, _stop) = site.serve_public();
    let first = site.receipt(FIRST, 0);
    let asked = async |of: &str| get(public, &format!("/v1/entries/{first}/{of}")).await;
    assert_eq!(asked("promise").await.status, 200, "there is no other draw yet");
    site.load_lots(&[]).await;
    let elsewhere = "The draw takes place in “Masks”.";
    let is_elsewhere = async || {
        assert_eq!(asked("promise").await.code(), "no-promise");
        assert_eq!(asked("draw").await.code(), "no-receipt");
        let notes = get(public, &format!("/e/{first}/draw?lang=en")).await;
        assert!(notes.shown().contains(elsewhere), "{}", notes.shown());
        assert!(!notes.shown().contains("salt "), "{}", notes.shown());
        let shown = page(public, &first, "en").await;
        assert!(shown.contains(elsewhere) && !shown.contains(&format!("{first}/draw")), "{shown}");
        notes.shown().to_owned()
    };
    assert!(is_elsewhere().await.contains("leads to that entry"));
    // Its list is closed by mistake, and that is taken back.
    site.act(json!({ "do": "close", "reason": "registration has ended" })).await.expect(200);
    let draws = "/v1/operator/campaigns/masks/draws";
    site.post(draws, &why()).await.expect(200);
    assert_eq!(asked("promise").await.status, 200, "this list has the entry");
    site.post(&format!("{draws}/1/void"), &why()).await.expect(200);
    is_elsewhere().await;
    site.post(TAKE_OVER, &why()).await.expect(200);
    let there = site.receipt(LOTS, 0);
    let notes = is_elsewhere().await;
    assert!(notes.contains(&format!("/e/{there}")), "{notes}");
}
