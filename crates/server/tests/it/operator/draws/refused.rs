//! What a step does not take, and leaves as it was.

use super::super::site::{MORNING, Site};
use super::{DRAWS, NIGHT, get, opening, seal, site, site_with, why};
use serde_json::{Value, json};
use types::definition::{Allocate, DrawTerms};
use types::ids::{CampaignNo, EntryNo, Millis};

/// A recorded round of drand's quicknet, of 15 September 2023, and what it said.
const RECORDED: u64 = 657_413;
const RECORDED_SIGNATURE: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
    41076862b98fad56e91a6b85b89cd97b";

async fn closed() -> Site {
    let site = site().await;
    site.enter(1, 0, 1).await;
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site
}

fn with(name: &str, value: Value) -> Value {
    let mut seal = seal();
    seal[name] = value;
    seal
}

/// The round of the beacon that appears at a time.
fn round_at(at: Millis) -> u64 {
    let first = draw::beacon::QUICKNET.seconds_of(1).unwrap();
    1 + (at.0 / 1_000 - first) / 3
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_that_somebody_knows_is_not_sealed() {
    let site = closed().await;
    let past = with("drand_round", json!(round_at(NIGHT)));
    let refused = site.step("seal", &past).await;
    assert_eq!(refused.code(409), "draw-seed-refused");
    assert!(refused.text().contains("Name a later round"), "{}", refused.text());
    assert_eq!(
        site.step("seal", &with("drand_round", json!(0))).await.code(400),
        "malformed-request"
    );
    let late = with("deadline", json!("2030-02-01T12:00:00Z"));
    assert_eq!(site.step("seal", &late).await.code(409), "draw-seed-refused");
    assert!(!site.draw_folder().join("seal.txt").exists(), "nothing was sealed");
    let next = with("drand_round", json!(round_at(NIGHT) + 1));
    let sealed = site.step("seal", &next).await.expect(200);
    // Its round has appeared, and the seal stands.
    site.set_time(MORNING);
    assert_eq!(site.step("seal", &next).await.expect(200), sealed);
    let refused = site.step("open", &opening()).await;
    assert_eq!(refused.code(409), "draw-seed-refused", "who types the balls could choose");
    assert!(!site.draw_folder().join("opening.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_comes_while_the_list_is_made_is_not_sealed() {
    let site = closed().await;
    // The lines are made, and it is a minute later.
    let lines = site.folder.path().join("draws/masks/1.private/lines.txt");
    site.set_time_behind(lines.clone(), Millis(NIGHT.0 + 60_000));
    let refused = site.step("seal", &with("drand_round", json!(round_at(NIGHT) + 1))).await;
    assert!(lines.exists(), "it had not come when the step began");
    assert_eq!(refused.code(409), "draw-seed-refused");
    assert!(refused.text().contains("Name a later round"), "{}", refused.text());
    for file in ["seal.txt", "entries.txt"] {
        assert!(!site.draw_folder().join(file).exists(), "{file}: nothing was sealed");
    }
    let later = with("drand_round", json!(round_at(NIGHT) + 100));
    assert_eq!(site.step("seal", &later).await.expect(200)["stage"], json!("sealed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_was_edited_is_named_by_its_line() {
    let site = closed().await;
    site.step("seal", &seal()).await.expect(200);
    let path = site.draw_folder().join("seal.txt");
    let edited = std::fs::read_to_string(&path).unwrap().replace("balls 1 of", "balls 2 of");
    std::fs::write(&path, &edited).unwrap();
    let line = 1 + edited.lines().position(|line| line.starts_with('—')).unwrap();
    let refused = site.step("seal", &seal()).await;
    assert_eq!(refused.code(409), "draw-file-wrong");
    let words = format!("seal.txt, line {line}: the signature of masks/1 does not fit");
    assert!(refused.text().contains(&words), "{}", refused.text());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), edited, "it is left as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_takes_what_is_past() {
    let site = closed().await;
    // One that appeared since the list was closed would look like a draw.
    site.set_time(Millis(NIGHT.0 + 60_000));
    let mut since = with("drand_round", json!(round_at(NIGHT) + 1));
    since["rehearsal"] = json!(true);
    assert_eq!(site.step("seal", &since).await.code(409), "draw-seed-refused");
    let mut past = with("drand_round", json!(RECORDED));
    past["deadline"] = json!("2023-09-15T12:00:00Z");
    past["rehearsal"] = json!(true);
    site.step("seal", &past).await.expect(200);
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let entry = receipts.encode(CampaignNo(0), EntryNo(0));
    let page = super::get(public, &format!("/e/{entry}/draw?lang=en")).await;
    assert!(page.shown().contains("sealed as a rehearsal"), "people are told: {}", page.text());
    site.step("open", &opening()).await.expect(200);
    let beacon = json!({ "beacon": RECORDED_SIGNATURE, "reason": "as recorded" });
    assert_eq!(site.step("seed", &beacon).await.expect(200)["stage"], json!("seeded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_deadline_nothing_is_opened_and_no_seed_is_made() {
    let site = closed().await;
    // A minute before the second moment, and at it.
    let deadline = "2030-02-01T14:31:00Z";
    let [before, at] = [Millis(NIGHT.0 + 59_999), Millis(NIGHT.0 + 60_000)];
    site.step("seal", &with("deadline", json!(deadline))).await.expect(200);
    site.set_time(before);
    let opened = site.step("open", &opening()).await.expect(200);
    site.set_time(at);
    assert_eq!(site.step("open", &opening()).await.expect(200), opened, "it was opened in time");
    let refused = site.step("seed", &why()).await;
    assert_eq!(refused.code(409), "draw-seed-refused");
    assert!(refused.text().contains("Declare it void"), "{}", refused.text());
    assert!(!site.draw_folder().join("seed.txt").exists(), "no seed was made");
    site.step("void", &why()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_given_again_touches_no_file() {
    let site = closed().await;
    site.step("seal", &seal()).await.expect(200);
    let lines = site.folder.path().join("draws/masks/1.private/lines.txt");
    let index = lines.with_file_name("index");
    let marked = [&lines, &index].map(|file| (file, std::fs::read(file).unwrap()));
    for (file, _) in &marked {
        std::fs::write(file, "as it was").unwrap();
    }
    site.step("seal", &seal()).await.expect(200);
    let zeros = json!("00".repeat(32));
    for (name, value) in [
        ("operator_commitment", zeros.clone()),
        ("notary_commitment", zeros),
        ("balls", json!("2 of 0-9")),
        ("drand_round", json!(round_at(MORNING))),
        ("rules", json!("Two each.\n")),
    ] {
        assert_eq!(site.step("seal", &with(name, value)).await.code(409), "draw-differs", "{name}");
    }
    // The same rules as another editor writes them.
    let rules = json!("\u{feff}One each. 每人一份。\r\n");
    site.step("seal", &with("rules", rules)).await.expect(200);
    for (file, before) in marked {
        assert_eq!(std::fs::read(file).unwrap(), b"as it was", "{}", file.display());
        std::fs::write(file, before).unwrap();
    }
    site.step("open", &opening()).await.expect(200);
    site.step("seed", &why()).await.expect(200);
    assert_eq!(site.step("run", &why()).await.expect(200)["winners"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_sealed_in_the_form_that_a_draw_has() {
    let site = closed().await;
    let rules = json!("\u{feff}One each.\r\n每人一份。");
    site.step("seal", &with("rules", rules)).await.expect(200);
    let kept = std::fs::read_to_string(site.draw_folder().join("rules.txt")).unwrap();
    assert_eq!(kept, "One each.\n每人一份。\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_closed_says_what_to_ask_for() {
    let again = site_with(|_| ()).await;
    again.enter(1, 0, 1).await;
    again.set_time(NIGHT);
    let said = async |site: &Site, body: Value| {
        let refused = site.post(DRAWS, &body).await;
        assert_eq!(refused.code(409), "not-as-asked");
        refused.text()
    };
    let slot = json!({ "slot": "am", "reason": "lots" });
    assert!(said(&again, slot).await.contains("Leave \\\"slot\\\" away"));
    let unserved = json!({ "unserved": true, "reason": "lots" });
    assert!(said(&again, unserved).await.contains("comes behind a published draw"));
    let site = Site::held_back().await;
    let mut definition = (*site.node.view().by_code("masks").unwrap().definition).clone();
    let terms = DrawTerms { stand_days: Some(3), tickets_max: 1, accept_any: true, group_max: 1 };
    definition.allocate = Allocate::Draw(terms);
    super::load(&site, definition).await;
    site.enter(1, 0, 1).await;
    assert!(said(&site, why()).await.contains("one slot at a time"));
    let closed = site.post(DRAWS, &json!({ "slot": "am", "reason": "lots" })).await.expect(200);
    assert_eq!((&closed["slot"], &closed["was_published"]), (&json!("am"), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_without_rules_is_refused() {
    let site = closed().await;
    for rules in ["", "\u{feff}\r\n", " \n"] {
        let refused = site.step("seal", &with("rules", json!(rules))).await;
        assert_eq!(refused.code(400), "malformed-request", "{rules:?}");
    }
    assert!(!site.draw_folder().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_is_not_there_says_why() {
    let site = closed().await;
    site.cancel(0).await;
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let code = async |entry: u32, what: &str| {
        let receipt = receipts.encode(CampaignNo(0), EntryNo(entry));
        let answer = get(public, &format!("/v1/entries/{receipt}/{what}")).await;
        (answer.status, answer.code())
    };
    let told = |status, code: &str| (status, code.to_owned());
    assert_eq!(code(9, "draw").await, told(404, "not-found"));
    assert_eq!(code(0, "draw").await, told(404, "no-receipt"), "it was given up");
    assert_eq!(code(0, "promise").await, told(404, "no-promise"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_is_told_no_file_of_the_organiser() {
    let site = site().await;
    site.enter(1, 0, 1).await;
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), EntryNo(0));
    let path = format!("/v1/entries/{receipt}/draw");
    let early = get(public, &path).await;
    assert_eq!((early.status, early.code().as_str()), (404, "no-receipt-yet"));
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site.step("seal", &seal()).await.expect(200);
    let list = site.draw_folder().join("entries.txt");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replace('\n', "\r\n")).unwrap();
    for path in [path, format!("/e/{receipt}/draw")] {
        let answer = get(public, &path).await;
        assert_eq!(answer.status, 500, "{path}");
        assert!(answer.text().contains("draw-unreadable"), "{}", answer.text());
        assert!(!answer.text().contains("entries.txt"), "{}", answer.text());
    }
}
