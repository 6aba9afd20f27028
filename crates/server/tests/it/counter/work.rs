//! Looking, handing over, every reason why not, and the counts of the day.

use super::phone::words;
use crate::console::browser::{PASSWORD, form};
use crate::operator::draws;
use crate::operator::site::{MORNING, Site, phone as number};
use crate::support::{Ask, exchange};
use axum::body::Body;
use axum::http::Request;
use fast_qr::qr::QRBuilder;
use serde_json::json;
use server::console::accounts::AccountRole;
use server::operator::tokens::Role;
use types::Millis;

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

fn counts(page: &crate::console::browser::Page) -> (String, String) {
    let count = |name: &str| {
        let mark = format!("<dd data-count=\"{name}\">");
        let rest = page.text.split(&mark).nth(1).unwrap_or_else(|| panic!("{}", page.text));
        rest.split('<').next().unwrap().to_owned()
    };
    (count("done"), count("to-do"))
}

fn pair(done: &str, to_do: &str) -> (String, String) {
    (done.to_owned(), to_do.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_hands_over_and_is_told_every_reason_why_not() {
    let site = Site::new().await;
    for (person, pool, units) in [(1, 0, 3), (2, 0, 1), (3, 0, 1), (4, 1, 1)] {
        site.enter(person, pool, units).await;
    }
    site.cancel(2).await;
    site.set_time(Millis(MORNING.0 - 2 * HOUR));
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let home = phone.get("/counter").await.expect(200);
    assert!(words(&home).contains("Wangchao Pharmacy"), "{}", words(&home));

    let early = phone.look(&site.code(0)).await.expect(409);
    assert!(
        words(&early).contains("Too early Pickup: Sat 2 Feb, 09:00–12:00"),
        "{}",
        words(&early)
    );
    site.set_time(MORNING);
    assert_eq!(counts(&phone.get("/counter").await), pair("0", "4"));
    let look = phone.look(&site.code(0).to_lowercase()).await.expect(200);
    for word in ["3 ×", "Respirator", "Morning", "Entry number 1 "] {
        assert!(words(&look).contains(word), "{word}: {}", words(&look));
    }
    assert!(!look.text.contains('张') && !look.text.contains("1380000"), "nobody is named");
    assert_eq!(counts(&phone.get("/counter").await), pair("0", "4"), "a look hands nothing out");
    let done = phone.hand_over(&look).await.expect(200);
    assert!(words(&done).contains("Handed over 3 × Respirator"), "{}", words(&done));
    assert_eq!(counts(&done), pair("3", "1"));

    site.set_time(MORNING.plus(60_000));
    let again = phone.hand_over(&look).await.expect(200);
    assert!(
        words(&again).contains("Recorded at Sat 2 Feb, 10:00: was it handed"),
        "{}",
        words(&again)
    );
    assert_eq!(counts(&again), pair("3", "1"), "a press that came twice");
    let own = phone.look(&site.code(0)).await.expect(409);
    assert!(
        words(&own).contains("Already handed over Sat 2 Feb, 10:00, Wangchao Pharmacy "),
        "{}",
        words(&own)
    );
    // Whose it is stands on each answer, and what is late is not told like what is fresh.
    let about = format!("{} Entry number 1 ", site.code(0));
    for page in [&done, &again, &own] {
        assert!(words(page).contains(&about), "{about}: {}", words(page));
    }
    assert!(words(&own).contains(&format!("{about}At this counter")), "{}", words(&own));
    assert!(!again.text.contains("<h1>Handed over"), "{}", words(&again));
    let other = site.phone(&owner, "Till 2", "1001").await;
    let others = other.look(&site.code(0)).await.expect(409);
    assert!(words(&others).contains("If the person says it was not them"), "{}", words(&others));

    let cancelled = phone.look(&site.code(2)).await.expect(409);
    assert!(words(&cancelled).contains("Cancelled"), "{}", words(&cancelled));
    let elsewhere = phone.look(&site.code(3)).await.expect(409);
    assert!(words(&elsewhere).contains("At another outlet Tinglan"), "{}", words(&elsewhere));
    let unknown = phone.look(&site.code(9)).await.expect(409);
    assert!(words(&unknown).contains("Unknown code"), "{}", words(&unknown));
    let short = phone.look("ABC").await.expect(409);
    assert!(words(&short).contains("Not a pickup code A pickup code has 10"), "{}", words(&short));
    assert_eq!(short.text.matches("value=\"ABC\"").count(), 1, "it can be mended");
    site.set_time(MORNING.plus(DAY));
    let late = phone.look(&site.code(1)).await;
    assert_eq!(late.status, 303, "the shift was over");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_is_told_what_is_wrong_with_it() {
    let site = Site::new().await;
    let phone = site.phone(&site.owner().await, "Till 1", "1001").await;
    for (typed, told) in [
        ("ABCDE-FGHJ0", "contains “0”"),
        ("ABCDE-FGHJ!", "only letters"),
        ("138 0000 0000", "This is a phone number"),
        ("+8613800000000", "This is a phone number"),
        ("0123456789abcdefghjkmnpqrstvwxyz", "This is a receipt number"),
    ] {
        let page = phone.look(typed).await.expect(409);
        assert!(words(&page).contains(told), "{}", words(&page));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slot_of_yesterday_is_too_late_and_the_results_may_be_held_back() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.set_time(MORNING.plus(DAY));
    let phone = site.phone(&site.owner().await, "Till 1", "1001").await;
    let late = phone.look(&site.code(0)).await.expect(409);
    assert!(words(&late).contains("Too late Pickup was: Sat 2 Feb, 09:00–12:00"));

    let site = Site::held_back().await;
    site.enter(1, 0, 1).await;
    site.set_time(MORNING);
    let phone = site.phone(&site.owner().await, "Till 1", "1001").await;
    let held = phone.look(&site.code(0)).await.expect(409);
    assert!(words(&held).contains("No results yet"), "{}", words(&held));
    assert!(!words(&held).contains("Respirator"), "nothing of what was decided");
    let home = phone.get("/counter").await.expect(200);
    assert_eq!(counts(&home), pair("0", "0"), "nor in the counts");
}

/// People who entered a draw together have one code: how many they are is told, and nobody's name.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_is_told_how_many_people_a_code_is_for() {
    let site = draws::site_for(3).await;
    let (public, _stop) = site.serve_public();
    let person = |nth: u32| json!({ "name": format!("张{nth}"), "phone": number(nth) });
    for (key, of, further) in [("three", 1, vec![person(2), person(3)]), ("alone", 4, vec![])] {
        let choice = json!({ "outlet": "1001", "item": "N95", "slot": "am" });
        let body = json!({ "identity": person(of), "choices": [choice], "units": 3,
            "people": further });
        let (path, body) = ("/v1/campaigns/masks/entries", body.to_string());
        let asked = Ask { path, key: Some(key), body: &body, ..Ask::default() };
        let entered = exchange(public, &asked.bytes()).await;
        assert_eq!(entered.status, 202, "{}", entered.text());
    }
    site.set_time(draws::NIGHT);
    site.draw().await;
    site.set_time(MORNING);
    let phone = site.phone(&site.owner().await, "Till 1", "1001").await;
    let look = phone.look(&site.code(0)).await.expect(200);
    assert!(words(&look).contains("People who entered together 3 "), "{}", words(&look));
    assert!(words(&look).contains("3 × Respirator"), "{}", words(&look));
    assert!(!look.text.contains('张') && !look.text.contains("1380000"), "nobody is named");
    let alone = phone.look(&site.code(1)).await.expect(200);
    assert!(!words(&alone).contains("together"), "{}", words(&alone));
    let done = phone.hand_over(&look).await.expect(200);
    assert!(words(&done).contains("Handed over 3 × Respirator"), "{}", words(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_counts_once_and_programs_see_it() {
    let site = Site::new().await;
    site.enter(1, 0, 2).await;
    site.set_time(MORNING);
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let look = phone.look(&site.code(0)).await.expect(200);
    let (one, two) = tokio::join!(phone.hand_over(&look), phone.hand_over(&look));
    let both = [words(&one.expect(200)), words(&two.expect(200))];
    assert!(both.iter().any(|page| page.contains("Handed over 2 ×")), "{both:?}");
    assert_eq!(both.iter().filter(|page| page.contains("was it handed out?")).count(), 1);
    let campaign = site.get("/v1/operator/campaigns/masks").await.expect(200);
    assert!(campaign.to_string().contains("\"redeemed\":2"), "{campaign}");
    let actor = site.node.read(|ledger| {
        let campaign = ledger.campaign(types::CampaignNo(0)).unwrap();
        campaign.redemption(types::EntryNo(0)).unwrap().actor.clone()
    });
    assert_eq!(actor.unwrap().await.unwrap(), "Till 1 / ann", "and who let the phone in");
    let token = site.token("a program", Role::Outlet, &["1001"]);
    let body = serde_json::json!({ "code": site.code(0), "outlet": "1001" });
    let key = [("idempotency-key", "k")];
    let path = "/v1/operator/redemptions";
    let post = axum::http::Method::POST;
    let refused = site.call(post, path, Some(&token), Some(&body), &key).await;
    assert_eq!(refused.code(409), "already-redeemed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_press_is_asked_about_though_it_is_the_first_to_arrive() {
    let site = Site::new().await;
    site.enter(1, 0, 2).await;
    site.set_time(MORNING);
    let phone = site.phone(&site.owner().await, "Till 1", "1001").await;
    let look = phone.look(&site.code(0)).await.expect(200);
    let (code, request) = (look.hidden("code"), look.hidden("request"));
    let fields = [("outlet", "1001"), ("code", &*code), ("request", &request), ("late", "1")];
    let late = phone.post("/counter/hand-over", &fields).await.expect(200);
    assert!(words(&late).contains("10:00: was it handed out? 2 × Respirator"), "{}", words(&late));
    assert!(!words(&late).contains("Ready for the next one"), "{}", words(&late));
    assert_eq!(counts(&late), pair("2", "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_press_it_was_shows_by_its_request_whatever_the_counter_is_called() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.set_time(MORNING);
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let look = phone.look(&site.code(0)).await.expect(200);
    phone.hand_over(&look).await.expect(200);
    let next = site.phone(&owner, "Till 2", "1001").await;
    for (pressed, told) in [
        (&*look.hidden("request"), "At this counter"),
        ("another", "If the person says it was not them"),
        ("", "If the person says it was not them"),
    ] {
        let fields = [("outlet", "1001"), ("code", &*site.code(0)), ("pressed", pressed)];
        let page = next.post("/counter/look", &fields).await.expect(409);
        assert!(words(&page).contains(told), "{pressed}: {}", words(&page));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_works_for_its_own_outlets_alone() {
    let site = Site::new().await;
    site.enter(1, 1, 1).await;
    site.set_time(MORNING);
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let fields = [("outlet", "1002"), ("code", &*site.code(0))];
    let page = phone.post("/counter/look", &fields).await.expect(403);
    assert!(words(&page).contains("Not for this outlet"), "{}", words(&page));
    let fields = [("outlet", "1002"), ("code", &*site.code(0)), ("request", "r")];
    phone.post("/counter/hand-over", &fields).await.expect(403);
    let both = {
        let code = super::phone::code(&owner, "Van", "1001, 1002").await;
        let phone = site.browser();
        phone.post("/counter/log-in", &[("code", &code)]).await.expect(303);
        phone
    };
    let choice = both.get("/counter").await.expect(200);
    assert!(words(&choice).contains("Which outlet is this? Wangchao Pharmacy 1001 Tinglan"));
    let home = both.get("/counter?outlet=1002").await.expect(200);
    *both.token.borrow_mut() = home.hidden("token");
    let look = both.post("/counter/look", &[("outlet", "1002"), ("code", &site.code(0))]).await;
    let done = both.hand_over(&look.expect(200)).await.expect(200);
    assert!(words(&done).contains("Handed over 1 × Respirator"), "{}", words(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_an_outlet_works_and_an_owner_does_not() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.set_time(MORNING);
    site.account("shop", AccountRole::Outlet);
    let shop = site.browser();
    let entered = shop.log_in("shop", PASSWORD).await.expect(303);
    assert_eq!(entered.header("location"), "/counter");
    let home = shop.get("/counter?lang=zh-CN").await.expect(200);
    assert!(words(&home).contains("望潮药房 本网点今日"), "{}", words(&home));
    *shop.token.borrow_mut() = home.hidden("token");
    let look = shop.look(&site.code(0)).await.expect(200);
    assert!(shop.hand_over(&look).await.expect(200).text.contains("已发放"));
    shop.post("/counter/log-out", &[]).await.expect(303);
    assert_eq!(shop.get("/counter").await.expect(303).header("location"), "/counter/log-in");
    for (name, role) in [("ann", AccountRole::Owner), ("kim", AccountRole::Auditor)] {
        let page = site.logged_in(name, role).await.get("/counter").await.expect(403);
        assert!(words(&page).contains("Owners and auditors do not hand out"), "{}", words(&page));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_from_elsewhere_and_of_another_log_in_do_nothing() {
    let site = Site::new().await;
    site.enter(1, 0, 1).await;
    site.set_time(MORNING);
    let owner = site.owner().await;
    let phone = site.phone(&owner, "Till 1", "1001").await;
    let look = phone.look(&site.code(0)).await.expect(200);
    let (code, request) = (look.hidden("code"), look.hidden("request"));
    let token = phone.token.borrow().clone();
    let fields = [("outlet", "1001"), ("code", &*code), ("request", &*request), ("token", &*token)];
    for elsewhere in ["cross-site", "same-site", "none"] {
        for path in ["/counter/hand-over", "/counter/look", "/counter/log-out", "/counter/log-in"] {
            phone.send(form(path, fields.into_iter(), elsewhere)).await.expect(403);
        }
    }
    let mut wrong = fields;
    wrong[3].1 = "0000";
    phone.send(form("/counter/hand-over", wrong.into_iter(), "same-origin")).await.expect(403);
    for request in ["", &"r".repeat(200)] {
        let mut wrong = fields;
        wrong[2].1 = request;
        phone.send(form("/counter/hand-over", wrong.into_iter(), "same-origin")).await.expect(403);
    }
    let large = "c".repeat(types::limits::CONSOLE_FORM_BYTES_MAX);
    phone.post("/counter/look", &[("code", &large)]).await.expect(413);
    assert_eq!(phone.get("/counter/hand-over").await.expect(303).header("location"), "/counter");
    let home = phone.get("/counter").await.expect(200);
    assert_eq!(counts(&home), pair("0", "1"), "nothing was handed over");
    assert!(home.header("permissions-policy").starts_with("camera=(self),"));
    let console = owner.get("/console").await.expect(200);
    assert!(console.header("permissions-policy").starts_with("camera=(),"));
    for name in ["content-security-policy", "x-frame-options", "cache-control"] {
        assert_eq!(home.header(name), console.header(name), "{name}");
    }
}

/// A frame of 320 by 240 pixels with a code in it.
fn frame(text: &str) -> Vec<u8> {
    let code = QRBuilder::new(text).build().unwrap();
    let mut pixels = vec![220; 320 * 240];
    for (y, x) in (0..code.size * 6).flat_map(|y| (0..code.size * 6).map(move |x| (y, x))) {
        if code[y / 6][x / 6].value() {
            pixels[(y + 30) * 320 + x + 60] = 30;
        }
    }
    pixels
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_is_read_and_rubbish_is_refused() {
    let site = Site::new().await;
    let owner = site.owner().await;
    let send = |token: &str, width: usize, pixels: Vec<u8>| {
        Request::post(format!("/counter/frame?width={width}"))
            .header("sec-fetch-site", "same-origin")
            .header("tidegate-form-token", token)
            .body(Body::from(pixels))
            .unwrap()
    };
    // A phone for each frame: one that sends them too fast is told so.
    let answered = async |width: usize, pixels: Vec<u8>| {
        let phone = site.phone(&owner, "Till", "1001").await;
        let token = phone.token.borrow().clone();
        phone.send(send(&token, width, pixels)).await
    };
    let read = answered(320, frame("ABCDE-FGHJK")).await.expect(200);
    assert_eq!((read.text.as_str(), read.header("cache-control")), ("ABCDE-FGHJK", "no-store"));
    answered(320, vec![128; 320 * 240]).await.expect(204);
    answered(320, (0..320 * 240).map(|place| (place * 7_919 % 251) as u8).collect())
        .await
        .expect(204);
    for (width, bytes) in [(0, 10), (320, 320 * 240 - 1), (10, 10 * 1_000), (640, 640 * 10)] {
        answered(width, vec![0; bytes]).await.expect(400);
    }
    answered(1_000, vec![0; types::limits::COUNTER_FRAME_BYTES_MAX + 1]).await.expect(413);

    let phone = site.phone(&owner, "Till", "1001").await;
    phone.send(send("", 320, frame("ABCDE-FGHJK"))).await.expect(403);
    let token = phone.token.borrow().clone();
    let sent: Vec<_> = (0..6).map(|_| phone.send(send(&token, 320, frame("X")))).collect();
    let mut fast = 0;
    for answer in sent {
        fast += usize::from(answer.await.status == 429);
    }
    assert!(0 < fast, "too fast");
    let mut foreign = send(&token, 320, frame("X"));
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    phone.send(foreign).await.expect(403);
    site.browser().send(send(&token, 320, frame("X"))).await.expect(401);
}
