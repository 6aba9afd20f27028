//! How an outlet is found among many: by district, by a word, and without losing what was typed.

use crate::support::{Answer, Ask, Site, masks};
use types::OutletNo;
use types::definition::{Definition, Publish, Stock};

/// A single choice among outlets in these districts, one each.
fn city(districts: &[(&str, &str)]) -> Definition {
    let mut definition = masks(Publish::AtOnce);
    definition.register.choices_max = 1;
    let (outlet, at_first) = (definition.outlets[0].clone(), definition.stock[0]);
    let outlets = districts.iter().enumerate().map(|(no, (chinese, english))| {
        let mut outlet = outlet.clone();
        outlet.code = format!("o{no}");
        outlet.name = words(&format!("药房{no}号"), &format!("Pharmacy {no}"));
        outlet.district = words(chinese, english);
        outlet.address = words("灯塔路", &format!("{no} Beacon Road"));
        outlet
    });
    definition.outlets = outlets.collect();
    let numbers = (0..definition.outlets.len()).map(OutletNo::from_index);
    definition.stock = numbers.map(|no| Stock { outlet: no, units: 1, ..at_first }).collect();
    definition
}

fn words(chinese: &str, english: &str) -> types::LocalText {
    [("zh-CN".into(), chinese.into()), ("en".into(), english.into())].into()
}

/// Where each of some words stands in a page, in the order of the page.
fn in_order<'a>(page: &str, words: &[&'a str]) -> Vec<&'a str> {
    let mut found: Vec<_> =
        words.iter().filter_map(|word| Some((page.find(word)?, *word))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, word)| word).collect()
}

async fn post(site: &Site, body: &str) -> Answer {
    let kind = Some("application/x-www-form-urlencoded");
    site.send(&Ask { path: "/c/masks?lang=en", kind, body, ..Ask::default() }).await
}

#[tokio::test]
async fn districts_stand_as_their_readers_look_for_them() {
    // The first has two spellings; one outlet has no district at all.
    let named = [("望潮区", "Wangchao"), ("", ""), ("望潮区 ", "Wang Chao"), ("听澜区", "Tinglan")];
    let many: Vec<_> = named.iter().cycle().take(44).copied().collect();
    let site = Site::start(vec![city(&many)]).await;
    let english = site.get("/c/masks?lang=en").await;
    let districts = ["<strong>Tinglan<", "<strong>Wangchao<", "<strong>Elsewhere<"];
    assert_eq!(in_order(english.text(), &districts), districts, "{}", english.text());
    assert!(!english.text().contains("Wang Chao") && english.text().contains("Outlets: 22"));
    let chinese = site.get("/c/masks?lang=zh").await;
    let districts = ["<strong>望潮区<", "<strong>听澜区<", "<strong>其他地区<"];
    assert_eq!(in_order(chinese.text(), &districts), districts, "{}", chinese.text());

    // A district is the same in each language, whatever its place in the list.
    let english = site.get("/c/masks?lang=en&district=0").await;
    assert!(english.text().contains("<h3>Wangchao</h3>"), "{}", english.text());
    let outlets = ["outlet1=o0&", "outlet1=o2&", "outlet1=o4&", "outlet1=o10&", "outlet1=o42&"];
    assert_eq!(in_order(english.text(), &outlets), outlets, "numbers count as numbers");
    assert!(!english.text().contains("outlet1=o1&") && english.text().contains("4 Beacon Road"));
    let chinese = site.get("/c/masks?lang=zh&district=0").await;
    assert!(chinese.text().contains("<h3>望潮区</h3>"), "{}", chinese.text());
    let unknown = site.get("/c/masks?lang=en&district=99").await;
    assert!(unknown.text().contains("<strong>Tinglan<"), "the districts again");
    site.stop().await;
}

#[tokio::test]
async fn an_outlet_is_found_by_its_words() {
    let districts = [("望潮区", "Wangchao"), ("听澜区", "Tinglan")];
    let many: Vec<_> = districts.iter().cycle().take(300).copied().collect();
    let site = Site::start(vec![city(&many)]).await;
    let found = async |words: &str| site.get(&format!("/c/masks?lang=en&search={words}")).await;
    let one = found("beacon+17%20").await;
    let codes = ["outlet1=o17&", "outlet1=o117&", "outlet1=o217&", "outlet1=o170&"];
    assert_eq!(in_order(one.text(), &codes), codes, "by district");
    assert!(one.text().contains("value=\"beacon 17\""), "what was looked for stays");
    assert!(one.text().contains("lang=zh&#38;search=%62%65"), "it goes along: {}", one.text());
    assert!(found("%E7%81%AF%E5%A1%94+299").await.text().contains("outlet1=o299&"), "any language");
    let all = found("beacon").await;
    assert_eq!(all.text().matches("outlet1=o").count(), 100, "a page stays light");
    assert!(all.text().contains("200 more outlets are not shown"), "{}", all.text());
    let none = found("nowhere").await;
    assert!(none.text().contains("No outlet has all of these words"), "{}", none.text());
    assert_eq!(none.text().matches("outlet1=o").count(), 0);
    let few = Site::start(vec![city(&districts)]).await;
    assert!(!few.get("/c/masks?lang=en").await.text().contains("type=\"search\""));
    few.stop().await;
    site.stop().await;
}

#[tokio::test]
async fn what_was_typed_goes_along_while_an_outlet_is_looked_for() {
    let districts = [("望潮区", "Wangchao"), ("听澜区", "Tinglan")];
    let many: Vec<_> = districts.iter().cycle().take(60).copied().collect();
    let site = Site::start(vec![city(&many)]).await;
    let typed = "f.name=Abc&f.phone=1&units=1";
    let keeps = |page: &Answer, step: &str| {
        assert_eq!(page.status, 200, "{step}");
        assert!(page.text().contains("name=\"f.name\" value=\"Abc\""), "{step}");
        assert!(!page.text().contains("role=\"alert\""), "{step}: nothing is wrong");
    };
    let rows = post(&site, &format!("to=outlets&outlet1=o3&{typed}")).await;
    keeps(&rows, "the district of the outlet");
    assert!(rows.text().contains("value=\"o3\" aria-current=\"true\""), "{}", rows.text());
    assert!(rows.text().contains("value=\"o5\"") && !rows.text().contains("value=\"o4\""));
    let all = post(&site, &format!("to=outlets&{typed}")).await;
    keeps(&all, "all districts");
    assert!(all.text().contains("name=\"district\" value=\"0\""), "{}", all.text());
    let other = post(&site, &format!("to=outlets&district=0&{typed}")).await;
    keeps(&other, "a district");
    assert!(other.text().contains("value=\"o4\"") && !other.text().contains("value=\"o5\""));
    let found = post(&site, &format!("to=outlets&search=59+beacon&{typed}")).await;
    keeps(&found, "a search");
    assert!(found.text().contains("value=\"o59\""), "{}", found.text());
    let form = post(&site, &format!("to=form&outlet1=o59&{typed}")).await;
    keeps(&form, "the form");
    let switch = "formaction=\"/c/masks?lang=zh\" formnovalidate name=\"to\" value=\"form\"";
    assert!(form.text().contains(switch), "the other language takes it along: {}", form.text());
    let forgotten = post(&site, &format!("to=form&{typed}")).await;
    keeps(&forgotten, "no outlet at all");
    assert!(forgotten.text().contains("name=\"district\" value=\"1\""), "{}", forgotten.text());
    site.stop().await;
}

#[tokio::test]
async fn the_marks_of_a_whole_city_are_light() {
    let site = Site::start(vec![city(&[("望潮区", "Wangchao"); 1_200])]).await;
    let path = "/v1/campaigns/masks/status";
    let plain = site.get(path).await;
    assert!(!plain.headers.contains_key("content-encoding") && plain.body.len() > 1_200);
    let headers = "accept-encoding: gzip\r\n";
    let packed = site.send(&Ask { method: "GET", path, headers, ..Ask::default() }).await;
    assert_eq!(packed.headers["content-encoding"], "gzip");
    assert_eq!(packed.headers["vary"], "accept-encoding");
    assert!(packed.body.len() < 600, "{} bytes", packed.body.len());
    site.stop().await;
}
