//! What the page of an entry says of the draws that there were, and of those that there were not.

use super::draws::{DRAWS, NIGHT, get, opening, published, seal, site, why};
use super::site::{EVENING, Site};
use serde_json::json;
use std::net::SocketAddr;
use types::definition::{Allocate, DrawTerms};
use types::{Action, CampaignNo, EntryNo, Millis, OperatorCommand, Outcome};

const DAY: u64 = 24 * 3_600_000;
const GIVEN_UP: &str = "This entry was given up and holds nothing.";
const NO_DRAW: [&str; 2] = ["no draw in them has come to a result", "期间没有摇出结果"];

/// The campaign "masks", open for three days, in whose draws an entry stands on its own day.
async fn standing() -> Site {
    let site = Site::held_back().await;
    let mut definition = (*site.node.view().by_code("masks").unwrap().definition).clone();
    let terms = DrawTerms { stand_days: Some(1), tickets_max: 1, accept_any: true, group_max: 1 };
    definition.allocate = Allocate::Draw(terms);
    definition.register.windows[0].until = Millis(EVENING.0 + 3 * DAY);
    let action = Action::Load { definition: Box::new(definition) };
    let (actor, reason) = ("a test".to_owned(), "lots, day by day".to_owned());
    let mut record = Vec::new();
    OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
    let loaded = site.node.submit_one(record).unwrap().await.unwrap();
    assert_eq!(loaded, Outcome::Loaded { campaign: CampaignNo(0) });
    site
}

/// The page of an entry in English and in Chinese.
async fn pages(site: &Site, public: SocketAddr, entry: u32) -> [String; 2] {
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), EntryNo(entry));
    let page = async |lang| {
        let answer = get(public, &format!("/e/{receipt}?lang={lang}")).await;
        answer.shown().to_owned()
    };
    [page("en").await, page("zh").await]
}

/// The evening so many days later, with an entry: what is told goes by the time of the last frame.
async fn next_day(site: &Site, days: u64, person: u32) {
    site.set_time(Millis(EVENING.0 + days * DAY));
    site.enter(person, 0, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_in_whose_days_no_draw_counted_is_not_told_of_one() {
    let site = standing().await;
    let (public, _stop) = site.serve_public();
    site.enter(0, 0, 1).await;
    let [english, _] = pages(&site, public, 0).await;
    assert!(english.contains("Registered for the draw"), "{english}");
    next_day(&site, 1, 1).await;
    for (page, words) in pages(&site, public, 0).await.iter().zip(NO_DRAW) {
        assert!(page.contains(words) && page.contains("?again=1"), "{page}");
        assert!(!page.contains("Lots were drawn") && !page.contains("已经摇号"), "{page}");
    }
    // Another one's list is closed on its day, and comes to nothing.
    site.post(DRAWS, &json!({ "slot": "am", "reason": "as announced" })).await.expect(200);
    site.post(&format!("{DRAWS}/1/void"), &why()).await.expect(200);
    next_day(&site, 2, 2).await;
    for (page, words) in pages(&site, public, 1).await.iter().zip(NO_DRAW) {
        assert!(page.contains(words), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_no_luck_is_told_that_lots_were_drawn() {
    let site = standing().await;
    let (public, _stop) = site.serve_public();
    for person in 0..5 {
        site.enter(person, 1, 1).await;
    }
    site.set_time(NIGHT);
    site.post(DRAWS, &json!({ "slot": "am", "reason": "as announced" })).await.expect(200);
    for (step, body) in [("seal", seal()), ("open", opening()), ("seed", why()), ("run", why())] {
        site.post(&format!("{DRAWS}/1/{step}"), &body).await.expect(200);
    }
    site.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    next_day(&site, 1, 5).await;
    let winners = site.booked().await;
    let loses = |entry: &u32| winners.iter().all(|(winner, _)| winner.0 != *entry);
    let losers: Vec<u32> = (0..5).filter(loses).collect();
    assert_eq!(losers.len(), 2, "three units, five people: {winners:?}");
    for entry in losers {
        let [english, chinese] = pages(&site, public, entry).await;
        assert!(english.contains("Lots were drawn") && english.contains("?again=1"), "{english}");
        assert!(chinese.contains("已经摇号，这份登记没有摇到"), "{chinese}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_collected_in_time_is_not_told_as_given_up() {
    let site = site().await;
    let (public, _stop) = site.serve_public();
    for person in 0..3 {
        site.enter(person, 0, 1).await;
    }
    site.cancel(2).await;
    site.set_time(NIGHT);
    site.draw().await;
    let lapse = json!({ "do": "lapse", "all": true, "early": true, "reason": "nobody came" });
    assert_eq!(site.act(lapse).await.expect(200)["units"], json!(2));
    let [english, chinese] = pages(&site, public, 0).await;
    assert!(english.contains("No longer valid") && !english.contains(GIVEN_UP), "{english}");
    assert!(english.contains("was not collected in time"), "{english}");
    assert!(chinese.contains("逾期没有领取") && !chinese.contains("这份登记已放弃"), "{chinese}");
    let [english, _] = pages(&site, public, 2).await;
    assert!(english.contains(GIVEN_UP), "before there were winners only its owner can: {english}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_receipt_is_told_whom_to_show_it_and_what_is_to_come() {
    let site = site().await;
    let (public, _stop) = site.serve_public();
    for person in 0..2 {
        site.enter(person, 0, 1).await;
    }
    site.cancel(1).await;
    let page = async |entry: u32| {
        let receipts = identity::Receipts::new(&site.keyring.receipt_key());
        let receipt = receipts.encode(CampaignNo(0), EntryNo(entry));
        let answer = get(public, &format!("/e/{receipt}/draw?lang=en")).await;
        answer.shown().to_owned()
    };
    let warning = "with it somebody could find your ID number by trying";
    let promised = page(0).await;
    assert!(promised.contains("salt ") && promised.contains(warning), "{promised}");
    site.set_time(NIGHT);
    site.draw().await;
    let drawn = page(0).await;
    assert!(drawn.contains("salt ") && drawn.contains(warning), "{drawn}");
    let given_up = page(1).await;
    assert!(given_up.contains("in no draw to come"), "{given_up}");
    assert!(!given_up.contains("Come back"), "{given_up}");
}

/// What a scanner reads in the QR code of a page.
fn scanned(page: &str) -> String {
    const SCALE: usize = 4;
    let (_, code) = page.split_once("<svg class=\"qr\" viewBox=\"0 0 ").expect("a code");
    let side: usize = code.split_once(' ').unwrap().0.parse().unwrap();
    let (_, path) = code.split_once("<path d=\"").unwrap();
    let mut is_dark = vec![false; side * side];
    for run in path.split_once('"').unwrap().0.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (length, _) = rest.split_once('v').unwrap();
        let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
        is_dark[y * side + x..][..length].fill(true);
    }
    let pixels = side * SCALE;
    let shade = |x: usize, y: usize| if is_dark[y / SCALE * side + x / SCALE] { 0 } else { 255 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(pixels, pixels, shade);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1, "one code");
    grids[0].decode().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_beside_a_receipt_is_the_receipt() {
    let site = site().await;
    let (public, _stop) = site.serve_public();
    site.enter(0, 0, 1).await;
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), EntryNo(0));
    let beside = async |what: &str| {
        let page = get(public, &format!("/e/{receipt}/draw?lang=en")).await;
        let note = get(public, &format!("/v1/entries/{receipt}/{what}")).await;
        assert_eq!(scanned(page.shown()), note.text());
        assert_eq!(page.shown().matches("<svg").count(), 1);
    };
    beside("promise").await;
    site.set_time(NIGHT);
    site.draw().await;
    beside("draw").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_up_a_place_in_a_draw_is_told_of_no_line() {
    let site = site().await;
    site.enter(0, 0, 1).await;
    let (public, _stop) = site.serve_public();
    let open = ["You may enter again while registration is open.", "登记开放期间可以重新登记。"];
    let closed = ["Nobody can enter at the moment", "目前不接受登记"];
    let nothing = ["then gets nothing in any draw", "不会再摇到任何东西"];
    for again in [open, closed] {
        for (nth, page) in pages(&site, public, 0).await.iter().enumerate() {
            assert!(page.contains(nothing[nth]) && page.contains(again[nth]), "{page}");
            assert!(!page.contains("line.") && !page.contains("重新排队"), "{page}");
        }
        site.set_time(NIGHT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_nothing_is_told_that_it_is_drawn_again() {
    let site = published(50).await;
    let (public, _stop) = site.serve_public();
    let winners = site.booked().await;
    let loser = (0..50).find(|no| winners.iter().all(|(winner, _)| winner.0 != *no)).unwrap();
    let [english, _] = pages(&site, public, loser).await;
    assert!(english.contains("Nothing this time"), "{english}");
    site.cancel(winners[0].0.0).await;
    // Begun, then drawn, and not published in either.
    site.begin_round().await;
    let begun = pages(&site, public, loser).await;
    site.post(&format!("{DRAWS}/1/alternates"), &why()).await.expect(200);
    for [english, chinese] in [begun, pages(&site, public, loser).await] {
        assert!(english.contains("Lots were drawn, and this entry got nothing."), "{english}");
        assert!(!english.contains("Registered for the draw"), "{english}");
        assert!(!english.contains(">Published<"), "{english}");
        assert!(
            chinese.contains("暂未摇中，正在递补") && !chinese.contains("等待摇号"),
            "{chinese}"
        );
        assert!(!chinese.contains(">已公布<"), "{chinese}");
    }
    // It depends on nothing that is not told: all who had nothing read the same.
    let same = async |entry: u32| {
        let [english, _] = pages(&site, public, entry).await;
        english.contains("Nothing so far, drawn again")
    };
    for entry in 0..50 {
        let had_nothing = winners.iter().all(|(winner, _)| winner.0 != entry);
        assert_eq!(same(entry).await, had_nothing, "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_of_a_void_draw_says_that_it_does_not_count() {
    let site = site().await;
    site.enter(0, 0, 1).await;
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site.post(&format!("{DRAWS}/1/seal"), &seal()).await.expect(200);
    let (public, _stop) = site.serve_public();
    let receipts = identity::Receipts::new(&site.keyring.receipt_key());
    let receipt = receipts.encode(CampaignNo(0), EntryNo(0));
    let page = async |lang| {
        let answer = get(public, &format!("/e/{receipt}/draw?lang={lang}")).await;
        answer.shown().to_owned()
    };
    let void = [("en", "was declared void"), ("zh", "已经宣布作废")];
    for (lang, words) in void {
        assert!(!page(lang).await.contains(words));
    }
    site.post(&format!("{DRAWS}/1/void"), &why()).await.expect(200);
    for (lang, words) in void {
        let shown = page(lang).await;
        assert!(shown.contains(words) && shown.contains("masks/1/check/"), "{shown}");
        assert!(!shown.contains("what it came to") && !shown.contains("还可以核对结果"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_draw_stands_and_void_is_told_why_not() {
    let site = published(3).await;
    let refused = site.post(&format!("{DRAWS}/1/void"), &why()).await;
    let told = refused.text();
    assert!(told.contains("\"published\"") && told.contains("it cannot be void"), "{told}");
    assert!(told.contains("alternates") && !told.contains("takes no more entries"), "{told}");
}
