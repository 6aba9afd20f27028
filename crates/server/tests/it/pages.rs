//! The pages: a person does everything without a script.

use crate::support::{Answer, Ask, CAMPAIGN, Site, exchange, identity, masks};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use types::definition::{Definition, Publish, Stock};
use types::{Action, ItemNo, OutletNo, SlotNo, StockMode, StockRow};

fn form(person: u32, changes: &[(&str, &str)]) -> String {
    let identity = identity(person);
    let mut sent = vec![
        ("request".to_owned(), format!("form{person}")),
        ("outlet1".into(), "o1".into()),
        ("choice1".into(), "o1/n95/am".into()),
        ("units".into(), "1".into()),
    ];
    for (code, value) in identity.as_object().unwrap() {
        sent.push((format!("f.{code}"), value.as_str().unwrap().to_owned()));
    }
    for (name, value) in changes {
        sent.retain(|(known, _)| known != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs(&sent)
}

/// A form with these alone, as a browser sends it.
fn pairs(pairs: &[(&str, &str)]) -> String {
    let encode =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

async fn post(site: &Site, path: &str, body: &str) -> Answer {
    let kind = Some("application/x-www-form-urlencoded");
    site.send(&Ask { path, kind, body, ..Ask::default() }).await
}

#[tokio::test]
async fn a_person_books_looks_up_and_cancels() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let home = site.get("/?lang=zh").await;
    assert!(home.text().contains("潮门市口罩预约") && home.text().contains("登记进行中"));
    let page = site.get("/c/masks?lang=zh").await;
    assert!(page.text().contains("东堤药房 o1") && !page.text().contains("name=\"f.id_number\""));
    let page = site.get("/c/masks?lang=zh&outlet1=o1&outlet2=%22%3E").await;
    assert!(page.text().contains("href=\"/c/masks?lang=en&#38;outlet1=o1\""), "the way back");
    let page = site.get("/c/masks?lang=zh&outlet1=o1").await;
    assert!(page.text().contains("name=\"f.id_number\"") && page.text().contains("东堤药房 o1"));
    assert!(page.headers["content-security-policy"].starts_with("default-src 'none'"));
    assert_eq!(page.headers["cache-control"], "no-store");

    let sent = post(&site, "/c/masks?lang=zh", &form(1, &[])).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let target = sent.headers["location"].clone();
    assert_eq!(post(&site, "/c/masks?lang=zh", &form(1, &[])).await.headers["location"], target);
    let result = site.get(&target).await;
    assert!(result.text().contains("预约成功") && result.text().contains("取货码"));

    let find = post(&site, "/c/masks/find?lang=en", &form(1, &[])).await;
    assert!(find.text().contains("Booked"), "{}", find.text());
    assert!(!find.text().contains(&target[3..35]), "a look-up gives no receipt");

    let path = target.split('?').next().unwrap();
    let cancel = format!("{path}/cancel?lang=en");
    let unsure = post(&site, &cancel, "").await;
    assert_eq!(unsure.status, 422);
    assert!(unsure.text().contains("Nothing was cancelled"));
    assert_eq!(post(&site, &cancel, "sure=yes").await.status, 303);
    assert!(site.get(&format!("{path}?lang=en")).await.text().contains("Cancelled"));
    site.stop().await;
}

#[tokio::test]
async fn nothing_typed_is_lost_and_errors_stand_beside_their_fields() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let wrong = [("f.phone", "12\"><b>"), ("choice1", ""), ("units", "7")];
    let page = post(&site, "/c/masks?lang=en", &form(1, &wrong)).await;
    assert_eq!(page.status, 422);
    let text = page.text();
    assert!(text.contains("role=\"alert\"") && text.contains("href=\"#f-phone\""));
    assert!(text.contains("id=\"f-phone-error\"") && text.contains("href=\"#units\""));
    assert!(text.contains("value=\"张伟\""), "what was typed stays");
    assert!(!text.contains("<b>"), "what was typed is escaped");
    assert!(text.contains("value=\"form1\""), "the request id stays");

    let foreign = post(&site, "/c/masks", &form(1, &[("request", "")])).await;
    assert_eq!(foreign.status, 400, "an id that cannot be ours");
    site.stop().await;
}

#[tokio::test]
async fn registered_reads_differently_from_booked() {
    let site = Site::start(vec![masks(Publish::ByHand { expected: None })]).await;
    let sent = post(&site, "/c/masks?lang=zh", &form(1, &[])).await;
    let target = sent.headers["location"].clone();
    let page = site.get(&target).await;
    assert!(page.text().contains("结果未公布，目前只是登记"));
    assert!(!page.text().contains("预约成功"), "no half of it reads like a booking");
    assert!(page.text().contains("result registered") && !page.text().contains("取货码</span>"));
    site.operate(Action::Close { campaign: CAMPAIGN }).await;
    let late = post(&site, "/c/masks?lang=zh", &form(2, &[])).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("登记已结束"));
    site.operate(Action::Publish { campaign: CAMPAIGN }).await;
    let page = site.get(&target).await;
    assert!(page.text().contains("result booked"), "{}", page.text());
    site.stop().await;
}

#[tokio::test]
async fn errors_and_assets_have_pages() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let page = site.get("/errors/sold-out").await;
    assert!(page.text().contains("<h2>What to do</h2>"));
    assert_eq!(site.get("/errors/nothing").await.status, 404);
    assert!(site.get("/errors").await.text().contains("/errors/sold-out"));
    let chinese = site.get("/errors/already-in?lang=zh").await;
    assert!(chinese.text().contains("<h2>怎么办</h2>") && chinese.text().contains("全部错误代码"));
    assert!(chinese.text().contains("<article lang=\"zh-CN\">"), "{}", chinese.text());
    let english = site.get("/errors/already-in?lang=en").await;
    assert!(english.text().contains("<h2>In short</h2><p>There is an entry in this campaign"));
    let linked = site.get("/errors/empty?lang=zh").await;
    assert!(linked.text().contains("href=\"/errors/invalid-field?lang=zh\""));
    let english = site.get("/errors/journal-damaged?lang=zh").await;
    assert!(english.text().contains("只有运维人员") && english.text().contains("全部错误代码"));
    assert!(english.text().contains("<article lang=\"en\">"));
    let list = site.get("/errors?lang=zh").await;
    assert!(list.text().contains("<h1>错误代码</h1>") && list.text().contains("已约满"));
    let home = site.get("/").await;
    let start = home.text().find("/assets/mark-").unwrap();
    let path = home.text()[start..].split('"').next().unwrap().to_owned();
    let mark = site.get(&path).await;
    assert_eq!((mark.status, mark.headers["content-type"].as_str()), (200, "image/svg+xml"));
    assert!(mark.headers["cache-control"].contains("immutable"));
    // The style stands in the page, which allows just this one.
    let style = home.text().split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    let policy = &home.headers["content-security-policy"];
    assert!(policy.contains(&format!("style-src 'sha256-{hash}';")), "{policy}");
    assert_eq!(site.get("/assets/other.css").await.status, 404);
    assert_eq!(site.get("/c/nothing").await.status, 404);
    site.stop().await;
}

#[tokio::test]
async fn a_form_that_brings_no_id_is_the_same_request_when_it_is_sent_again() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let bare = |person, changes: &[(&str, &str)]| {
        let form = form(person, changes);
        let (_, rest) = form.split_once('&').unwrap();
        rest.to_owned()
    };
    let place = |answer: &Answer| {
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.headers["location"].clone()
    };
    let first = place(&post(&site, "/c/masks", &bare(1, &[])).await);
    assert_eq!(place(&post(&site, "/c/masks", &bare(1, &[])).await), first, "one entry");
    assert_ne!(place(&post(&site, "/c/masks", &bare(2, &[])).await), first, "another person");
    let other = post(&site, "/c/masks?lang=en", &bare(1, &[("choice1", "o1/n95/pm")])).await;
    assert_eq!(other.status, 409, "another wish of somebody who has an entry");

    let cancelled = post(&site, &format!("{first}/cancel"), "sure=yes").await;
    assert_eq!(cancelled.status, 303);
    assert_eq!(place(&post(&site, "/c/masks", &bare(1, &[])).await), first, "the old answer");
    let page = site.get("/c/masks?outlet1=o1&again=1").await;
    let id = page.shown().split_once("name=\"request\" value=\"").unwrap().1;
    let id = id.split('"').next().unwrap();
    let again = place(&post(&site, "/c/masks", &form(1, &[("request", id)])).await);
    assert_ne!(again, first, "whoever enters again on purpose has a new entry");
    site.stop().await;
}

#[tokio::test]
async fn everything_is_shown_once_more_before_it_is_sent() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let page = post(&site, "/c/masks?lang=en", &form(1, &[("to", "check")])).await;
    assert_eq!(page.status, 200);
    let shown = page.shown();
    assert!(shown.contains("check what you entered") && shown.contains("<dd>张伟</dd>"), "{shown}");
    assert!(shown.contains("data-step=\"send\""), "{shown}");
    let hidden = shown.matches("type=\"hidden\"").count();
    // The request, the outlet, the choice, the units, and every field.
    assert_eq!(hidden, 4 + identity(1).as_object().unwrap().len(), "{shown}");
    assert_eq!(site.node.view().campaigns[0].entries(), 0, "nothing was sent yet");
    let wrong = post(&site, "/c/masks", &form(1, &[("to", "check"), ("f.phone", "1")])).await;
    assert_eq!(wrong.status, 422);
    site.stop().await;
}

#[tokio::test]
async fn the_first_page_is_the_same_for_everybody() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let pages = [site.get("/c/masks?lang=zh").await, site.get("/c/masks?lang=zh").await];
    for page in &pages {
        assert_eq!(page.headers["cache-control"], "public, max-age=5");
        assert_eq!(page.headers["vary"], "accept-language, accept-encoding");
        assert!(!page.text().contains("name=\"request\""), "an id is one person's");
    }
    assert_eq!(pages[0].body, pages[1].body);
    let step = site.get("/c/masks?outlet1=o1").await;
    assert_eq!(step.headers["cache-control"], "no-store");
    site.stop().await;
}

/// What a page offers in a choice: the values, and which of them are marked as gone.
fn picks(page: &str) -> (Vec<String>, Vec<String>) {
    let inputs = page.split("<input ").filter(|input| input.contains("type=\"radio\""));
    let value = |input: &str| {
        let rest = input.split_once("value=\"").unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    };
    let inputs: Vec<_> = inputs.map(|input| input.split('>').next().unwrap()).collect();
    let gone = inputs.iter().filter(|input| input.contains("disabled"));
    (inputs.iter().map(|input| value(input)).collect(), gone.map(|input| value(input)).collect())
}

/// Two outlets with 2 units in the morning; no pool at the second in the afternoon, an empty one
/// at the first; a third outlet without anything.
fn gaps(publish: Publish) -> Definition {
    let mut definition = masks(publish);
    definition.register.choices_max = 1;
    let mut bare = definition.outlets[0].clone();
    bare.code = "o3".into();
    definition.outlets.push(bare);
    definition.stock.retain(|stock| (stock.outlet, stock.slot) != (OutletNo(1), SlotNo(1)));
    for stock in &mut definition.stock {
        if stock.slot == SlotNo(1) {
            stock.units = 0;
        }
    }
    definition
}

#[tokio::test]
async fn what_cannot_exist_is_not_offered() {
    let site = Site::start(vec![gaps(Publish::AtOnce)]).await;
    let start = site.get("/c/masks?lang=en").await;
    assert!(start.text().contains("outlet1=o1&") && start.text().contains("outlet1=o2&"));
    assert!(!start.text().contains("outlet1=o3"), "an outlet without stock");
    for (outlet, picked) in [("o1", "o1/n95/am"), ("o2", "o2/n95/am")] {
        let page = site.get(&format!("/c/masks?lang=en&outlet1={outlet}")).await;
        assert_eq!(picks(page.text()), (vec![picked.to_owned()], Vec::new()));
    }
    for outlet in ["", "o3", "o9"] {
        let page = site.get(&format!("/c/masks?lang=en&outlet1={outlet}")).await;
        assert!(page.text().contains("href=\"#outlet1\""), "{outlet}: an outlet must be named");
    }
    let unheard = post(&site, "/c/masks?lang=en", &form(1, &[("choice1", "o2/n95/pm")])).await;
    assert_eq!(unheard.status, 422);
    assert!(unheard.text().contains("not offered at this outlet"));
    site.stop().await;
}

#[tokio::test]
async fn sold_out_is_marked_only_where_results_are_told_at_once() {
    let by_hand = Publish::ByHand { expected: None };
    for (publish, is_marked) in [(Publish::AtOnce, true), (by_hand, false)] {
        let mut definition = masks(publish);
        definition.register.choices_max = 1;
        let site = Site::start(vec![definition]).await;
        let before = site.get("/c/masks?lang=en&outlet1=o1").await;
        assert_eq!(picks(before.text()).1, Vec::<String>::new());
        let all = post(&site, "/c/masks?lang=en", &form(1, &[("units", "2")])).await;
        assert_eq!(all.status, 303, "{}", all.text());
        let after = site.get("/c/masks?lang=en&outlet1=o1").await;
        let (offered, gone) = picks(after.text());
        assert_eq!(offered, ["o1/n95/am", "o1/n95/pm"], "what is gone stays in sight");
        assert_eq!(gone, if is_marked { vec!["o1/n95/am"] } else { Vec::new() });
        assert_eq!(after.shown().contains("Sold out"), is_marked);
        if !is_marked {
            let tail = |page: &str| page.split_once("name=\"outlet1\"").unwrap().1.to_owned();
            assert_eq!(tail(before.text()), tail(after.text()), "nothing leaks");
        }
        site.stop().await;
    }
}

#[tokio::test]
async fn stock_that_was_taken_away_is_told_only_while_nobody_has_entered() {
    let row = |outlet: u16, slot: u16| {
        let (outlet, slot) = (OutletNo(outlet), SlotNo(slot));
        StockRow { outlet, item: ItemNo(0), slot, units: 2 }
    };
    let replace =
        |rows: Vec<StockRow>| Action::Stock { campaign: CAMPAIGN, mode: StockMode::Replace, rows };
    let (outlet, item, slot, units) = (None, None, None, None);
    let withdraw = Action::Withdraw { campaign: CAMPAIGN, outlet, item, slot, units };
    let by_hand = Publish::ByHand { expected: None };
    for (publish, left) in
        [(Publish::AtOnce, vec!["o1/n95/pm"]), (by_hand, vec!["o1/n95/am", "o1/n95/pm"])]
    {
        let mut definition = gaps(publish);
        definition.outlets.truncate(2);
        let site = Site::start(vec![definition]).await;
        site.operate(replace(vec![row(0, 0), row(0, 1), row(1, 1)])).await;
        let offered = async |outlet: &str| {
            let page = site.get(&format!("/c/masks?lang=en&outlet1={outlet}")).await;
            picks(page.text()).0
        };
        assert_eq!(offered("o1").await, ["o1/n95/am", "o1/n95/pm"], "new stock");
        assert_eq!(offered("o2").await, ["o2/n95/pm"], "the morning's was taken away");
        let sent = post(&site, "/c/masks?lang=en", &form(1, &[("choice1", "o1/n95/pm")])).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        site.operate(withdraw.clone()).await;
        assert_eq!(offered("o1").await, left, "once somebody has entered");
        // Published at once, the first outlet is now the only one, whichever is asked for.
        let of_second = if left.len() == 2 { vec!["o2/n95/pm"] } else { left };
        assert_eq!(offered("o2").await, of_second, "what nobody could book stays away");
        site.stop().await;
    }
}

#[tokio::test]
async fn outlets_change_without_loss_of_what_was_typed() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let path = "/c/masks?lang=en";
    let back = post(&site, path, &form(1, &[("to", "outlets")])).await;
    assert_eq!(back.status, 200);
    assert!(back.text().contains("value=\"o1\" selected"), "{}", back.text());
    assert!(back.text().contains("name=\"f.name\" value=\"张伟\""));
    let moved = [("to", "form"), ("outlet1", "o2"), ("outlet2", "o1"), ("choice1", "")];
    let page = post(&site, path, &form(1, &moved)).await;
    assert!(page.text().contains("First choice") && page.text().contains("Second choice"));
    assert!(page.text().contains("value=\"o2/n95/pm\"") && page.text().contains("value=\"张伟\""));
    assert!(page.text().contains("value=\"form1\""), "the request id stays");
    let chinese = post(&site, "/c/masks?lang=zh", &form(1, &moved)).await;
    assert!(chinese.text().contains("第一志愿") && chinese.text().contains("第二志愿"));
    site.stop().await;
}

#[tokio::test]
async fn a_single_outlet_needs_no_choosing() {
    let mut definition = masks(Publish::AtOnce);
    definition.outlets.truncate(1);
    definition.stock.retain(|stock| stock.outlet == OutletNo(0));
    let site = Site::start(vec![definition]).await;
    let page = site.get("/c/masks?lang=en").await;
    assert!(page.text().contains("name=\"f.name\"") && page.text().contains("East Dyke Pharmacy"));
    let (offered, _) = picks(page.text());
    assert_eq!(offered, ["o1/n95/am", "o1/n95/pm", "", "o1/n95/am", "o1/n95/pm"]);
    let twice = [("outlet1", ""), ("choice2", "o1/n95/am")];
    let page = post(&site, "/c/masks?lang=en", &form(1, &twice)).await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("href=\"#choice2-1\""), "{}", page.text());
    let skipped = [("outlet1", ""), ("choice2", "")];
    let sent = post(&site, "/c/masks?lang=en", &form(1, &skipped)).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    site.stop().await;
}

#[tokio::test]
async fn many_outlets_are_parted_by_district() {
    let mut definition = masks(Publish::AtOnce);
    let outlet = definition.outlets[0].clone();
    let district = |no: u16| format!("District {}", no % 2);
    let outlets = (0..401).map(|no| {
        let mut outlet = outlet.clone();
        outlet.code = format!("o{no}");
        outlet.district = [("zh-CN".into(), district(no)), ("en".into(), district(no))].into();
        outlet
    });
    definition.outlets = outlets.collect();
    let at_first = definition.stock[0];
    let stock = (0..401).map(|no| Stock { outlet: OutletNo(no), ..at_first });
    definition.stock = stock.collect();
    let site = Site::start(vec![definition]).await;
    let start = site.get("/c/masks?lang=en").await;
    assert!(start.text().contains("href=\"/c/masks?district=1&#38;lang=en\""), "{}", start.text());
    let outlets = site.get("/c/masks?lang=en&district=1").await;
    assert!(outlets.text().contains("value=\"o1\"") && !outlets.text().contains("value=\"o0\""));
    assert!(outlets.text().contains("name=\"district\" value=\"1\""));
    let page = site.get("/c/masks?lang=en&district=1&outlet1=o1").await;
    assert!(page.text().contains("name=\"district\" value=\"1\""));
    let moved = [("to", "outlets"), ("outlet1", "o1"), ("district", "1")];
    let back = post(&site, "/c/masks?lang=en", &form(1, &moved)).await;
    assert!(back.text().contains("value=\"o1\" selected") && !back.text().contains("value=\"o0\""));
    let unnamed = [("to", "outlets"), ("outlet1", "o1")];
    let back = post(&site, "/c/masks?lang=en", &form(1, &unnamed)).await;
    assert!(back.text().contains("value=\"o1\" selected") && !back.text().contains("value=\"o0\""));
    site.stop().await;
}

#[tokio::test]
async fn an_empty_form_names_everything_that_is_missing() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let empty = [("request", "r"), ("outlet1", "o1"), ("outlet2", "o2"), ("units", "")];
    let page = post(&site, "/c/masks?lang=en", &pairs(&empty)).await;
    assert_eq!(page.status, 422);
    let anchors = ["choice1-1", "choice2-1", "units", "f-name", "f-id_number", "f-phone"];
    for anchor in anchors {
        assert!(page.text().contains(&format!("href=\"#{anchor}\"")), "{anchor}");
        assert!(page.text().contains(&format!("id=\"{anchor}\"")), "{anchor} leads somewhere");
    }
    let page = post(&site, "/c/masks?lang=en", "request=r").await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("href=\"#outlet1\"") && page.text().contains("id=\"outlet1\""));
    site.stop().await;
}

#[tokio::test]
async fn a_receipt_number_opens_its_entry() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let sent = post(&site, "/c/masks?lang=en", &form(1, &[])).await;
    let target = sent.headers["location"].clone();
    let receipt = &target[3..35];
    let result = site.get(&target).await;
    let groups: Vec<_> = (0..8).map(|group| &receipt[group * 4..group * 4 + 4]).collect();
    let shown = groups.join(" ");
    assert!(result.text().contains(&shown), "the number can be written down");
    let find = "/c/masks/find?lang=en";
    assert!(site.get(find).await.text().contains("name=\"receipt\""));
    let address = format!("https://masks.example/e/{receipt}?lang=zh");
    for typed in [receipt, &shown.to_uppercase(), &address] {
        let led = post(&site, find, &pairs(&[("receipt", typed)])).await;
        assert_eq!((led.status, &led.headers["location"]), (303, &target), "{typed}");
    }
    for (typed, status, said) in [
        ("", 422, "Please type in the receipt number"),
        ("abc", 404, "a receipt number has 32 letters and digits, this has 3"),
        (&receipt.replace(|_: char| true, "7"), 404, "no entry with this receipt number"),
    ] {
        let page = post(&site, find, &pairs(&[("receipt", typed)])).await;
        assert_eq!(page.status, status, "{typed}");
        assert!(page.text().contains(said) && page.text().contains("href=\"#receipt\""));
    }
    let cancel = site.get(&format!("/e/{receipt}/cancel?lang=en")).await;
    assert_eq!((cancel.status, &cancel.headers["location"]), (303, &target));
    site.stop().await;
}

#[tokio::test]
async fn whoever_has_entered_is_led_to_the_look_up() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    post(&site, "/c/masks?lang=en", &form(1, &[])).await;
    let again = post(&site, "/c/masks?lang=en", &form(1, &[("request", "other")])).await;
    assert_eq!(again.status, 409);
    let alert = again.text().split_once("role=\"alert\"").unwrap().1;
    let alert = alert.split_once("</div>").unwrap().0;
    assert!(alert.contains("href=\"/c/masks/find?lang=en\""), "{alert}");
    site.stop().await;
}

#[tokio::test]
async fn a_form_that_is_sent_again_with_other_content_can_be_for_somebody_else() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    post(&site, "/c/masks?lang=en", &form(1, &[])).await;
    let back = post(&site, "/c/masks?lang=en", &form(2, &[("request", "form1")])).await;
    assert_eq!(back.status, 409);
    let (_, alert) = back.text().split_once("role=\"alert\"").unwrap();
    let (alert, _) = alert.split_once("</div>").unwrap();
    assert!(alert.contains("that entry stands") && alert.contains("for somebody else"), "{alert}");
    assert!(alert.contains("href=\"/c/masks/find?lang=en\""), "{alert}");
    let (_, request) = back.text().split_once("name=\"request\" value=\"").unwrap();
    let request = request.split('"').next().unwrap();
    let sent = post(&site, "/c/masks?lang=en", &form(2, &[("request", request)])).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    site.stop().await;
}

#[tokio::test]
async fn a_form_that_is_too_large_is_answered_with_a_page() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let refused = async |path: &str, accept: &str| {
        let headers = format!("accept: {accept}\r\ncontent-length: 1000000000\r\n");
        let ask = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        let answer = exchange(site.address, ask.as_bytes()).await;
        assert_eq!(answer.status, 413, "{path}");
        answer
    };
    for (path, words) in
        [("/c/masks?lang=en", "Please shorten it"), ("/c/masks/find?lang=zh", "请精简后重新提交")]
    {
        let page = refused(path, "text/html,*/*").await;
        assert!(page.text().contains(words), "{}", page.text());
        assert!(page.headers["content-security-policy"].starts_with("default-src 'none'"));
        assert_eq!(refused(path, "*/*").await.code(), "body-too-large");
    }
    let call = refused("/v1/campaigns/masks/entries", "text/html").await;
    assert_eq!(call.code(), "body-too-large");
    site.stop().await;
}

#[tokio::test]
async fn a_shredded_campaign_says_what_is_left_to_do() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let sent = post(&site, "/c/masks?lang=en", &form(1, &[])).await;
    site.operate(Action::Close { campaign: CAMPAIGN }).await;
    site.operate(Action::Shred { campaign: CAMPAIGN }).await;
    let paths = ["/c/masks?lang=en", "/c/masks/find?lang=en", &sent.headers["location"]];
    for path in paths {
        let page = site.get(path).await;
        assert!(page.text().contains("Personal data deleted"), "{path}: {}", page.text());
        assert!(page.text().contains("ask whoever runs the campaign"), "{path}");
        assert!(
            !page.text().contains("<form") && !page.text().contains("/c/masks/find?lang=en"),
            "{path}"
        );
    }
    let find = post(&site, "/c/masks/find?lang=zh", &form(1, &[])).await;
    assert_eq!(find.status, 409);
    assert!(find.text().contains("个人信息已销毁") && !find.text().contains("<form"));
    site.stop().await;
}

#[tokio::test]
async fn a_lost_browser_is_spoken_to_as_a_person() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    for path in ["/nowhere", "/c/nothing", "/errors/nothing", "/v1/nothing", "/c/masks/nothing"] {
        for (lang, words) in [("en", "To the start page"), ("zh", "返回首页")] {
            let path = format!("{path}?lang={lang}");
            let headers = "accept: text/html,*/*\r\n";
            let ask = Ask { method: "GET", path: &path, headers, ..Ask::default() };
            let page = site.send(&ask).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.text().contains(words), "{path}");
            assert!(page.text().contains(&format!("href=\"/?lang={lang}\"")), "{path}");
            assert!(!page.text().contains('`') && !page.text().contains("openapi"), "{path}");
        }
    }
    site.stop().await;
}
