//! A campaign's draw over HTTP: from the closed list to the winners, step by step.

mod cut_off;
mod export;
mod in_between;
mod refused;
mod sample;
mod standing;
mod stock;

use super::site::{EVENING, MORNING, Site};
use crate::support::Ask;
use ceremony::{Against, Folder};
use draw::DrawName;
use draw::note::VerifyingKey;
use draw::receipt::Receipt;
use draw::seal::{Holder, Secret};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use types::definition::{Allocate, DrawTerms, Fulfil};
use types::ids::DrawNo;
use types::{Action, CampaignNo, Definition, EntryNo, Millis, OperatorCommand, Outcome};
use zeroize::Zeroizing;

/// 22:30, behind the window.
pub(crate) const NIGHT: Millis = Millis(EVENING.0 + 2 * 3_600_000);
/// When the slot is over.
const NOON: Millis = Millis(MORNING.0 + 2 * 3_600_000);
pub(crate) const DRAWS: &str = "/v1/operator/campaigns/masks/draws";

/// The campaign "masks", drawn once for all, for each person alone.
pub(crate) async fn site() -> Site {
    site_with(|_| ()).await
}

/// The same for groups of so many.
pub(crate) async fn site_for(group_max: u8) -> Site {
    site_with(|definition| definition.allocate = lots(group_max)).await
}

/// The same with something else in its definition.
async fn site_with(change: impl FnOnce(&mut Definition)) -> Site {
    let site = Site::held_back().await;
    let mut definition = (*site.node.view().by_code("masks").unwrap().definition).clone();
    definition.allocate = lots(1);
    change(&mut definition);
    load(&site, definition).await;
    site
}

fn lots(group_max: u8) -> Allocate {
    Allocate::Draw(DrawTerms { stand_days: None, tickets_max: 1, accept_any: true, group_max })
}

/// Loads a campaign as it is, in place of the one that is there.
async fn load(site: &Site, definition: Definition) {
    let loaded = site.journal(Action::Load { definition: Box::new(definition) }).await;
    assert_eq!(loaded, Outcome::Loaded { campaign: CampaignNo(0) });
}

/// The same, drawn among these many people who all chose the first shop, and published.
pub(crate) async fn published(people: u32) -> Site {
    published_of(site().await, people).await
}

/// One that draws daily: drawn among fifty, published, and everything taken back.
pub(crate) async fn daily() -> Site {
    let terms = DrawTerms { stand_days: Some(3), tickets_max: 1, accept_any: true, group_max: 1 };
    let site = site_with(|of| of.allocate = Allocate::Draw(terms)).await;
    for person in 0..50 {
        site.enter(person, 0, 1).await;
    }
    site.set_time(NIGHT);
    site.post(DRAWS, &json!({ "slot": "am", "reason": "lots" })).await.expect(200);
    for (step, body) in [("seal", seal()), ("open", opening()), ("seed", why()), ("run", why())] {
        site.step(step, &body).await.expect(200);
    }
    site.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    let lapse = json!({ "do": "lapse", "all": true, "early": true, "reason": "no delivery" });
    assert_eq!(site.act(lapse).await.expect(200)["units"], json!(40));
    site
}

async fn published_of(site: Site, people: u32) -> Site {
    let site = drawn(site, people).await;
    site.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    site
}

/// A campaign that was drawn among these many people and is not published.
async fn drawn(site: Site, people: u32) -> Site {
    for person in 0..people {
        site.enter(person, 0, 1).await;
    }
    site.set_time(NIGHT);
    site.run_all().await;
    site
}

pub(crate) fn secrets() -> [Secret; 2] {
    [3, 4].map(|byte| Secret(Zeroizing::new([byte; 32])))
}

/// Those of a seal behind one whose secrets everybody knows.
fn fresh_secrets() -> [Secret; 2] {
    [5, 6].map(|byte| Secret(Zeroizing::new([byte; 32])))
}

pub(crate) fn seal() -> Value {
    seal_to("masks/1", &secrets())
}

pub(crate) fn seal_anew() -> Value {
    seal_to("masks/1", &fresh_secrets())
}

fn seal_to(draw: &str, [operator, notary]: &[Secret; 2]) -> Value {
    let name: DrawName = draw.parse().unwrap();
    json!({
        "operator_commitment": operator.commitment(&name, Holder::Operator).to_string(),
        "notary_commitment": notary.commitment(&name, Holder::Notary).to_string(),
        "notary_tag_key": "05".repeat(32),
        "balls": "1 of 0-9",
        "deadline": "2030-02-02T12:00:00Z",
        "rules": "One each. 每人一份。\n",
        "reason": "as announced",
    })
}

pub(crate) fn opening() -> Value {
    opening_of(&secrets())
}

pub(crate) fn opening_anew() -> Value {
    opening_of(&fresh_secrets())
}

fn opening_of([operator, notary]: &[Secret; 2]) -> Value {
    json!({
        "operator_secret": operator.digits().to_string(),
        "notary_secret": notary.digits().to_string(),
        "balls": "7",
        "reason": "in the hall",
    })
}

pub(crate) fn why() -> Value {
    json!({ "reason": "as announced" })
}

impl Site {
    async fn step(&self, step: &str, body: &Value) -> super::site::Answer {
        self.post(&format!("{DRAWS}/1/{step}"), body).await
    }

    /// A whole draw, from its list to its publication.
    pub(crate) async fn draw(&self) {
        self.run_all().await;
        self.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    }

    async fn run_all(&self) {
        self.post(DRAWS, &why()).await.expect(200);
        for (step, body) in [("seal", seal()), ("open", opening()), ("seed", why()), ("run", why())]
        {
            self.step(step, &body).await.expect(200);
        }
    }

    /// Has the ledger take an action, with nothing of what the server does beside it.
    pub(crate) async fn journal(&self, action: Action) -> Outcome {
        let (actor, reason) = ("a test".to_owned(), "lots".to_owned());
        let mut record = Vec::new();
        OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
        self.node.submit_one(record).unwrap().await.unwrap()
    }

    /// A round of alternates that was cut off as soon as the ledger had it.
    pub(crate) async fn begin_round(&self) {
        let (campaign, draw) = (CampaignNo(0), DrawNo(1));
        let begun = self.journal(Action::Alternates { campaign, draw, begin: true }).await;
        assert_eq!(begun, Outcome::Done { units: 0 });
    }

    pub(crate) async fn booked(&self) -> Vec<(EntryNo, u32)> {
        let look = |ledger: &ledger::Ledger| {
            let entries = ledger.campaign(CampaignNo(0)).unwrap().entries_len();
            let view = |no| ledger.entry(CampaignNo(0), EntryNo(no)).unwrap();
            let views = (0..entries).map(view).filter(|view| view.fate == ledger::Fate::Live);
            views.filter_map(|view| Some((view.entry, view.pool?.0))).collect::<Vec<_>>()
        };
        self.node.read(look).unwrap().await.unwrap()
    }

    fn draw_folder(&self) -> PathBuf {
        self.folder.path().join("draws/masks/1")
    }
}

pub(crate) async fn get(public: SocketAddr, path: &str) -> crate::support::Answer {
    let asked = Ask { method: "GET", path, ..Ask::default() };
    crate::support::exchange(public, &asked.bytes()).await
}

/// What the operator promises an entry's owner before the list is sealed, if anything.
async fn promise_of(site: &Site, public: SocketAddr, entry: EntryNo) -> Option<Receipt> {
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), entry);
    let answer = get(public, &format!("/v1/entries/{receipt}/promise")).await;
    if answer.status == 404 {
        assert_eq!(answer.code(), "no-promise");
        return None;
    }
    let promise = Receipt::read(draw::note::Note::read(answer.text()).unwrap().text()).unwrap();
    assert!(promise.is_promise());
    Some(promise)
}

/// The line on the receipt that an entry's owner gets, which opens to who they are.
async fn line_of(site: &Site, public: SocketAddr, entry: EntryNo, identity: &str) -> Vec<u8> {
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), entry);
    let note = get(public, &format!("/v1/entries/{receipt}/draw")).await;
    assert_eq!(note.status, 200);
    let note = draw::note::Note::read(note.text()).unwrap();
    let receipt = Receipt::read(note.text()).unwrap();
    assert_eq!(receipt.place_of(&identity.parse().unwrap()), Some(0));
    receipt.line().bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_goes_from_its_list_to_its_winners() {
    let site = site().await;
    for person in 0..60 {
        site.enter(person, u32::from(person % 3 == 0), 1).await;
    }
    assert_eq!(site.post(DRAWS, &why()).await.code(409), "still-open");
    site.set_time(NIGHT);
    assert_eq!(site.step("run", &why()).await.code(409), "unknown-draw");
    let closed = site.post(DRAWS, &why()).await.expect(200);
    let told = |answer: &Value| {
        let of = |name: &str| answer[name].as_str().unwrap().to_owned();
        (of("stage"), of("needs"))
    };
    assert_eq!(told(&closed), ("closed".into(), "seal".into()));
    assert_eq!((closed["entries"].clone(), closed["name"].clone()), (json!(60), json!("masks/1")));
    assert_eq!(site.post(DRAWS, &why()).await.code(409), "draw-order");
    assert_eq!(site.step("open", &opening()).await.code(409), "draw-order");

    let sealed = site.step("seal", &seal()).await.expect(200);
    assert_eq!(told(&sealed), ("sealed".into(), "opening".into()));
    let of_the_seed = json!({ "balls": "1 of 0-9", "deadline": "2030-02-02T12:00:00Z",
        "publicly_verifiable": true, "rehearsal": false });
    assert_eq!(sealed["sealed"], of_the_seed, "and not what nobody opened yet");
    let again = site.step("seal", &seal()).await.expect(200);
    assert_eq!(again, sealed, "done again, nothing is changed");
    let mut other = seal();
    other["deadline"] = json!("2030-02-03T12:00:00Z");
    assert_eq!(site.step("seal", &other).await.code(409), "draw-differs");
    assert_eq!(site.step("run", &why()).await.code(409), "draw-order");

    let mut wrong = opening();
    wrong["notary_secret"] = json!("00".repeat(32));
    assert_eq!(site.step("open", &wrong).await.code(409), "draw-seed-refused");
    let opened = site.step("open", &opening()).await.expect(200);
    assert_eq!(opened["sealed"]["drawn"], json!("7"), "told back, to be held against the balls");
    site.step("seed", &why()).await.expect(200);
    let drawn = site.step("run", &why()).await.expect(200);
    let key: VerifyingKey = drawn["operator_key"].as_str().unwrap().parse().unwrap();
    assert_eq!(told(&drawn), ("drawn".into(), "publication".into()));
    assert_eq!((&drawn["winners"], &drawn["awarded"]), (&json!(43), &json!(43)));
    assert_eq!(site.step("run", &why()).await.expect(200), drawn);

    // What the ledger gave is what anybody computes from the files.
    let folder = Folder::open(&site.draw_folder()).unwrap();
    let against = Against { operator: Some(&key), ..Against::default() };
    let verified = ceremony::verify(&folder, &against, &|_, _, _| ()).unwrap();
    assert!(verified.strays.is_empty(), "the page is known: {:?}", verified.strays);
    let seed = draw::Digest::of(&folder.read("seed.txt").unwrap());
    assert_eq!(drawn["seed"], json!(seed.to_string()));
    let booked = site.booked().await;
    assert_eq!(booked.iter().filter(|(_, pool)| *pool == 1).count(), 3);
    assert_eq!(booked.len(), 43, "40 at one shop, 3 at the other: nobody takes any place");

    // The list is public and the result is not.
    let (public, _stop) = site.serve_public();
    let file = async |name: &str| get(public, &format!("/draws/masks/1/{name}")).await;
    assert_eq!(file("entries.txt").await.text(), folder.read_text("entries.txt").unwrap());
    for name in ["winners.txt", "result.txt", "../1.private/index", "entries.txt.part"] {
        assert_eq!(file(name).await.status, 404, "{name}");
    }
    let line = line_of(&site, public, EntryNo(7), "TEL-E164:+8613800000007").await;
    let proved = ceremony::prove(&folder, draw::Line::read(&line).unwrap().beginning()).unwrap();
    assert_eq!(proved.unwrap().line, line, "it stands in the list");

    // Until it is published, nobody is told; then everybody is.
    let winner = booked[0].0;
    let known = |site: &Site| {
        let look = move |ledger: &ledger::Ledger| ledger.public_entry(CampaignNo(0), winner);
        site.node.read(look).unwrap()
    };
    let hidden = known(&site).await.unwrap();
    assert!(matches!(hidden, Some(ledger::PublicEntry::Registered { .. })), "{hidden:?}");
    let publish = json!({ "do": "publish", "reason": "on time" });
    site.act(publish).await.expect(200);
    let told = known(&site).await.unwrap();
    assert!(matches!(told, Some(ledger::PublicEntry::Booked { .. })), "{told:?}");
    assert_eq!(file("winners.txt").await.text(), folder.read_text("winners.txt").unwrap());
    assert_eq!(site.step("void", &why()).await.code(409), "published");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_before_the_seal_stands_in_the_list() {
    let site = site().await;
    for person in 0..5 {
        site.enter(person, 0, 1).await;
    }
    let (public, _stop) = site.serve_public();
    let early = promise_of(&site, public, EntryNo(3)).await.expect("it waits for a list");
    assert_eq!(early.place_of(&"TEL-E164:+8613800000003".parse().unwrap()), Some(0));
    site.cancel(4).await;
    assert_eq!(promise_of(&site, public, EntryNo(4)).await, None, "it was given up");
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    assert_eq!(promise_of(&site, public, EntryNo(3)).await, Some(early.clone()), "it is listed");
    site.step("seal", &seal()).await.expect(200);
    assert_eq!(promise_of(&site, public, EntryNo(3)).await, None, "there is a receipt now");

    let folder = Folder::open(&site.draw_folder()).unwrap();
    let keeps = |promise: &Receipt| {
        let proved = ceremony::prove(&folder, promise.line().beginning()).unwrap()?;
        Some(promise.is_of(&draw::Line::read(&proved.line).unwrap()))
    };
    assert_eq!(keeps(&early), Some(true));
    let other = early.text().replacen(",1,1,", ",2,1,", 1);
    assert_eq!(keeps(&Receipt::read(&other).unwrap()), Some(false), "two tickets were not kept");

    site.step("void", &why()).await.expect(200);
    let again = promise_of(&site, public, EntryNo(3)).await.expect("it waits again");
    assert_eq!(again, early, "the next seal is of the same draw");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_checks_is_there_from_the_seal_on_and_works_under_its_policy() {
    let site = site().await;
    site.enter(1, 0, 1).await;
    site.set_time(NIGHT);
    let key = site.post(DRAWS, &why()).await.expect(200)["operator_key"].clone();
    let (public, _stop) = site.serve_public();
    let file = async |name: &str| get(public, &format!("/draws/masks/1/{name}")).await;
    for name in ["check", "check/", "check/index.html", "check/page.js"] {
        assert_eq!(file(name).await.code(), "no-such-page", "{name}");
    }
    site.step("seal", &seal()).await.expect(200);
    let led = file("check").await;
    assert_eq!((led.status, &*led.headers["location"]), (303, "/draws/masks/1/check/"));
    let page = file("check/").await;
    let key = key.as_str().unwrap();
    assert!(page.text().contains(&format!("content=\"{key}\"")), "{}", page.text());
    // The policy of the head is that of the page's own, and lets nobody frame it.
    let own = page.text().split_once("Security-Policy\" content=\"").unwrap().1;
    let own = own.split_once('"').unwrap().0;
    let sent = page.headers["content-security-policy"].as_str();
    let parts = |policy: &str| {
        let parts = policy.split("; ").map(str::to_owned);
        parts.collect::<std::collections::BTreeSet<_>>()
    };
    assert!(parts(sent).is_superset(&parts(own)) && !sent.contains("unsafe"), "{sent}");
    assert!(sent.contains("frame-ancestors 'none'"), "{sent}");
    for (name, text) in drawpage::files(&key.parse().unwrap()) {
        let found = file(&format!("check/{name}")).await;
        assert_eq!((found.status, found.text()), (200, &*text), "{name}");
        assert_eq!(&found.headers["content-security-policy"], sent, "{name}");
        assert_eq!(found.headers["x-content-type-options"], "nosniff");
        let kind = match name.rsplit_once('.').unwrap().1 {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(found.headers["content-type"], kind, "{name}");
    }
    let ask = Ask { method: "GET", path: "/draws/masks/1/check/steps.js", ..Ask::default() };
    let packed = Ask { headers: "accept-encoding: gzip\r\n", ..ask };
    let packed = crate::support::exchange(public, &packed.bytes()).await;
    assert_eq!(packed.headers["content-encoding"], "gzip");
    assert!(2 * packed.body.len() < file("check/steps.js").await.body.len());
    // Somebody who comes by a link that is wrong reads a page.
    let ask = Ask { method: "GET", path: "/draws/masks/2/check/", ..Ask::default() };
    let lost = Ask { headers: "accept: text/html\r\n", ..ask };
    let lost = crate::support::exchange(public, &lost.bytes()).await;
    assert!(lost.status == 404 && lost.shown().contains("no-such-page"), "{}", lost.text());
    // A page that is there, of whatever release, stays when the seal is given again.
    let mark = site.draw_folder().join("check/mark.svg");
    std::fs::write(&mark, "<svg/>").unwrap();
    site.step("seal", &seal()).await.expect(200);
    assert_eq!(file("check/mark.svg").await.text(), "<svg/>");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_entered_finds_the_receipt_and_the_page_that_checks_it() {
    let site = site().await;
    site.enter(1, 0, 1).await;
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let entry = format!("/e/{}", receipts.encode(CampaignNo(0), EntryNo(0)));
    let page = async |of: &str| get(public, &format!("{entry}{of}?lang=en")).await;
    let link = format!("href=\"{entry}/draw?lang=en\"");
    let words = async || {
        let shown = page("").await;
        let rest = shown.shown().split_once(&link).map(|(_, rest)| rest.to_owned());
        rest.map(|rest| rest[1..].split('<').next().unwrap().to_owned())
    };
    let promise = "The signed promise that you take part";
    assert_eq!(words().await.as_deref(), Some(promise));
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    assert_eq!(words().await.as_deref(), Some(promise));
    let early = page("/draw").await;
    let note = get(public, &format!("/v1{}/promise", entry.replace("/e/", "/entries/"))).await;
    let note = note.text().trim();
    assert!(early.shown().contains(&format!("<code>{note}")), "{note}: {}", early.shown());
    assert!(!early.shown().contains("/check/"), "there is nothing to check it with yet");
    site.step("seal", &seal()).await.expect(200);
    assert_eq!(words().await.as_deref(), Some("Check the draw yourself"));
    let there = page("/draw").await;
    assert!(!there.shown().contains("/promise"), "{}", there.shown());
    assert!(there.shown().contains("href=\"/draws/masks/1/check/#TEL-E164\""), "{}", there.shown());
    let note = get(public, &format!("/v1{}/draw", entry.replace("/e/", "/entries/"))).await;
    let note = note.text().trim();
    assert!(there.shown().contains(&format!("<code>{note}")), "{note}: {}", there.shown());
    assert_eq!(get(public, "/e/nothing/draw").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lapse_would_take_is_told_before() {
    let site = published(50).await;
    let lapse = |body: Value| {
        let mut body = body;
        body["do"] = json!("lapse");
        body
    };
    let everywhere = lapse(json!({ "all": true, "dry_run": true }));
    let would = site.act(everywhere.clone()).await.expect(200);
    assert_eq!((&would["units"], &would["pools"]), (&json!(40), &json!(1)));
    assert_eq!(would["early_units"], json!(40), "the night before");
    let cancelled = site.booked().await[0].0;
    site.cancel(cancelled.0).await;
    // Drawn and not published: its win is hidden, and nobody takes it back.
    site.step("alternates", &why()).await.expect(200);
    assert_eq!(site.booked().await.len(), 40);
    let would = site.act(everywhere).await.expect(200);
    assert_eq!(would["units"], json!(39));
    let there = lapse(json!({ "outlet": "1002", "dry_run": true }));
    assert_eq!(site.act(there).await.expect(200)["units"], json!(0));
    let done = lapse(json!({ "all": true, "reason": "the deadline" }));
    // In the morning people are on their way; at noon the slot is over.
    site.set_time(MORNING);
    assert_eq!(site.act(done.clone()).await.code(409), "lapse-too-early");
    assert_eq!(site.booked().await.len(), 40, "nothing was done");
    site.set_time(NOON);
    let would = site.act(lapse(json!({ "all": true, "dry_run": true }))).await.expect(200);
    assert_eq!((&would["units"], &would["early_units"]), (&json!(39), &json!(0)));
    assert_eq!(site.act(done).await.expect(200)["units"], json!(39));
    let first_come = Site::new().await;
    let there = lapse(json!({ "all": true, "dry_run": true }));
    assert_eq!(first_come.act(there).await.code(409), "not-a-draw");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_whole_day_counts_a_lapse_is_early_until_midnight() {
    let whole_day = |of: &mut Definition| of.fulfil = Fulfil::Pickup { whole_day: true };
    let site = published_of(site_with(whole_day).await, 50).await;
    let lapse = |early: Option<bool>| {
        let mut body = json!({ "do": "lapse", "all": true, "reason": "the deadline" });
        if let Some(early) = early {
            body["early"] = early.into();
        }
        body
    };
    let hour = 3_600_000;
    site.set_time(Millis(NOON.0 + 12 * hour - 1));
    assert_eq!(site.act(lapse(None)).await.code(409), "lapse-too-early");
    assert_eq!(site.act(lapse(Some(false))).await.code(409), "lapse-too-early");
    let nowhere = json!({ "do": "lapse", "outlet": "1002", "reason": "nobody has anything there" });
    assert_eq!(site.act(nowhere).await.expect(200)["units"], json!(0));
    let foreign = json!({ "do": "withdraw", "all": true, "early": true, "reason": "x" });
    assert_eq!(site.act(foreign).await.code(400), "malformed-request");
    assert_eq!(site.act(lapse(Some(true))).await.expect(200)["units"], json!(40), "it is meant");
    let site = published_of(site_with(whole_day).await, 50).await;
    site.set_time(Millis(NOON.0 + 12 * hour));
    assert_eq!(site.act(lapse(None)).await.expect(200)["units"], json!(40));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_to_enter_again_where_registration_never_opens_again() {
    let site = site().await;
    site.enter(100, 0, 1).await;
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let entry = receipts.encode(CampaignNo(0), EntryNo(0));
    let page = async || get(public, &format!("/e/{entry}?lang=en")).await.shown().to_owned();
    assert!(page().await.contains("You may enter again while registration is open"));
    site.cancel(0).await;
    assert!(page().await.contains("While registration is open you may enter again"));
    let site = drawn(site, 50).await;
    site.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    let shown = page().await;
    assert!(shown.contains("Cancelled") && !shown.contains("enter again"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_drawn_again_by_order_and_then_with_fresh_numbers() {
    let site = site().await;
    for person in 0..50 {
        site.enter(person, 0, 1).await;
    }
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site.step("seal", &seal()).await.expect(200);
    site.step("open", &opening()).await.expect(200);
    site.step("seed", &why()).await.expect(200);
    site.step("run", &why()).await.expect(200);
    assert_eq!(site.step("alternates", &why()).await.code(409), "draw-order");
    assert!(!site.draw_folder().join("alternates-1.txt").exists(), "too early leaves nothing");
    site.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);

    let booked = site.booked().await;
    for (entry, _) in &booked[..4] {
        let cancelled = site.cancel(entry.0).await;
        assert!(matches!(cancelled, Outcome::Cancelled { .. }), "{cancelled:?}");
    }
    let again = site.step("alternates", &why()).await.expect(200);
    assert_eq!((&again["winners"], &again["awarded"]), (&json!(44), &json!(44)));
    site.act(json!({ "do": "publish", "reason": "the next four" })).await.expect(200);
    let folder = Folder::open(&site.draw_folder()).unwrap();
    ceremony::verify(&folder, &Against::default(), &|_, _, _| ()).unwrap();
    let after: Vec<_> = site.booked().await;
    assert_eq!(after.len(), 40);
    let had = |entry: &(EntryNo, u32)| booked.contains(entry);
    assert_eq!(after.iter().filter(|entry| !had(entry)).count(), 4, "four others");

    // Six have nothing. Two come back: fresh numbers among those six.
    for (entry, _) in &after[..2] {
        site.cancel(entry.0).await;
    }
    let lapse = json!({ "do": "lapse", "outlet": "1002", "reason": "the deadline" });
    assert_eq!(site.act(lapse).await.expect(200)["units"], json!(0), "nobody there");
    let everywhere = json!({ "do": "lapse", "reason": "the deadline" });
    assert_eq!(site.act(everywhere).await.code(400), "malformed-request");
    let body = json!({ "unserved": true, "reason": "fresh numbers" });
    let closed = site.post(DRAWS, &body).await.expect(200);
    assert_eq!((&closed["entries"], &closed["name"]), (&json!(6), &json!("masks/1")));
    // Sealed, and then void: the next one goes on from the draw that stands.
    site.post(&format!("{DRAWS}/2/seal"), &seal_anew()).await.expect(200);
    site.post(&format!("{DRAWS}/2/void"), &why()).await.expect(200);
    site.post(DRAWS, &body).await.expect(200);
    let step = async |step: &str, body: &Value| {
        site.post(&format!("{DRAWS}/3/{step}"), body).await.expect(200)
    };
    step("seal", &seal_anew()).await;
    step("open", &opening_anew()).await;
    step("seed", &why()).await;
    let drawn = step("run", &why()).await;
    assert_eq!(drawn["winners"], json!(2));
    site.act(json!({ "do": "publish", "reason": "done" })).await.expect(200);
    assert_eq!(site.booked().await.len(), 40);
    let lapse = json!({ "do": "lapse", "all": true, "early": true, "reason": "called off" });
    assert_eq!(site.act(lapse).await.expect(200)["units"], json!(40));
    assert_eq!(site.booked().await, []);
    let draws = site.folder.path().join("draws/masks");
    let [third, void] = ["3", "2"].map(|no| Folder::open(&draws.join(no)).unwrap());
    let against = Against { after: &[void, folder], ..Against::default() };
    ceremony::verify(&third, &against, &|_, _, _| ()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_draw_gives_nobody_anything_and_is_sealed_anew() {
    let site = site().await;
    for person in 0..5 {
        site.enter(person, 0, 1).await;
    }
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site.step("seal", &seal()).await.expect(200);
    site.step("open", &opening()).await.expect(200);
    site.step("seed", &why()).await.expect(200);
    site.step("run", &why()).await.expect(200);
    assert_eq!(site.booked().await.len(), 5);
    let cancelled = site.booked().await[0].0;
    site.cancel(cancelled.0).await;
    let void = site.step("void", &why()).await.expect(200);
    assert_eq!(void["stage"], json!("void"));
    assert_eq!(site.step("void", &why()).await.expect(200), void);
    assert_eq!(site.booked().await, []);
    site.set_time(MORNING);
    let closed = site.post(DRAWS, &why()).await.expect(200);
    assert_eq!((&closed["entries"], &closed["name"]), (&json!(4), &json!("masks/1")));
    let refused = site.post(&format!("{DRAWS}/2/seal"), &seal()).await;
    assert_eq!(refused.code(409), "draw-seed-refused", "everybody has read these secrets");
    assert!(refused.text().contains("make a new one (tidegate draw secret"), "{}", refused.text());
    let sealed = site.post(&format!("{DRAWS}/2/seal"), &seal_anew()).await.expect(200);
    assert_eq!(sealed["stage"], json!("sealed"));
    let all = site.get(DRAWS).await.expect(200);
    let stages: Vec<_> = all.as_array().unwrap().iter().map(|draw| draw["stage"].clone()).collect();
    assert_eq!(stages, ["void", "sealed"]);
}
