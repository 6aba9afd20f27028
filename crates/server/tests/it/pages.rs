//! The pages: a person does everything without a script.

use crate::support::{Answer, Ask, CAMPAIGN, Site, identity, masks};
use types::Action;
use types::definition::Publish;

fn form(person: u32, changes: &[(&str, &str)]) -> String {
    let identity = identity(person);
    let mut pairs = vec![
        ("request".to_owned(), format!("form{person}")),
        ("outlet1".into(), "o1".into()),
        ("item1".into(), "n95".into()),
        ("slot1".into(), "am".into()),
        ("units".into(), "1".into()),
    ];
    for (code, value) in identity.as_object().unwrap() {
        pairs.push((format!("f.{code}"), value.as_str().unwrap().to_owned()));
    }
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.push(((*name).to_owned(), (*value).to_owned()));
    }
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
    let wrong = [("f.phone", "12\"><b>"), ("outlet1", ""), ("units", "7")];
    let page = post(&site, "/c/masks?lang=en", &form(1, &wrong)).await;
    assert_eq!(page.status, 422);
    let text = page.text();
    assert!(text.contains("role=\"alert\"") && text.contains("href=\"#f-phone\""));
    assert!(text.contains("id=\"f-phone-error\"") && text.contains("href=\"#units\""));
    assert!(text.contains("value=\"张伟\""), "what was typed stays");
    assert!(!text.contains("<b>"), "what was typed is escaped");
    assert!(text.contains("value=\"form1\""), "the request id stays");

    let none = post(&site, "/c/masks", "nonsense").await;
    assert_eq!(none.status, 400);
    site.stop().await;
}

#[tokio::test]
async fn registered_reads_differently_from_booked() {
    let site = Site::start(vec![masks(Publish::ByHand { expected: None })]).await;
    let sent = post(&site, "/c/masks?lang=zh", &form(1, &[])).await;
    let target = sent.headers["location"].clone();
    let page = site.get(&target).await;
    assert!(page.text().contains("已登记，不等于预约成功"));
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
    let home = site.get("/").await;
    let start = home.text().find("/assets/style-").unwrap();
    let path = home.text()[start..].split('"').next().unwrap().to_owned();
    let style = site.get(&path).await;
    assert_eq!(
        (style.status, style.headers["content-type"].as_str()),
        (200, "text/css; charset=utf-8")
    );
    assert!(style.headers["cache-control"].contains("immutable"));
    assert_eq!(site.get("/assets/other.css").await.status, 404);
    assert_eq!(site.get("/c/nothing").await.status, 404);
    site.stop().await;
}
