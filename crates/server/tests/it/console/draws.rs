//! A draw from the pages alone: each form, what it looks at before anything is recorded, and what
//! the hall is told when.

use super::browser::{Browser, Page, news};
use super::switches::actions;
use crate::operator::draws::{NIGHT, secrets, site};
use crate::operator::site::Site;
use draw::DrawName;
use draw::seal::Holder;
use server::console::accounts::AccountRole;
use std::sync::Arc;
use types::ids::Millis;
use types::limits;

const DRAWS: &str = "/console/c/masks/draws";
const DRAW: &str = "/console/c/masks/draws/1";
const WHY: (&str, &str) = ("reason", "as announced");
const CODE: (&str, &str) = ("code", "masks");
/// A recorded round of quicknet, its time in Shanghai, and what it said.
const ROUND_AT: &str = "2023-09-15T19:00:02";
const REHEARSAL: &str = "A rehearsal: the beacon’s round or the deadline was past when";
const BEACON: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                      41076862b98fad56e91a6b85b89cd97b";

/// Commitments and secrets of operator and notary, as they stand on paper: in groups of four.
fn papers() -> ([String; 2], [String; 2]) {
    let name: DrawName = "masks/1".parse().unwrap();
    let [operator, notary] = secrets();
    let commitments =
        [operator.commitment(&name, Holder::Operator), notary.commitment(&name, Holder::Notary)];
    let digits = [operator, notary].map(|secret| secret.digits().to_uppercase());
    (commitments.map(|commitment| commitment.fingerprint().to_string()), digits)
}

type Fields<'f> = Vec<(&'f str, &'f str)>;

fn seal<'f>(commitments: &'f [String; 2], beacon_at: &'f str, deadline: &'f str) -> Fields<'f> {
    vec![
        ("operator_commitment", commitments[0].as_str()),
        ("notary_commitment", commitments[1].as_str()),
        ("notary_tag_key", "0505050505050505050505050505050505050505050505050505050505050505"),
        ("balls", "1 of 0-9"),
        ("beacon_at", beacon_at),
        ("deadline", deadline),
        ("rules", "One each.\r\n每人一份。\r\n"),
    ]
}

/// Sends a form of the draw, with a request id of its own.
async fn send(browser: &Browser<'_>, step: &str, fields: &[(&str, &str)]) -> Page {
    let id = new_id();
    let fields = [&[("request", id.as_str())], fields].concat();
    browser.post(&format!("{DRAW}/do/{step}"), &fields).await
}

/// A request id as forms have them.
fn new_id() -> String {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static IDS: AtomicU32 = AtomicU32::new(0);
    format!("{:052}", IDS.fetch_add(1, Relaxed))
}

/// Looks, changes nothing, and gives the page that says what was found.
async fn look(browser: &Browser<'_>, step: &str, fields: &[(&str, &str)]) -> Page {
    send(browser, step, &[fields, &[("look", "1")]].concat()).await
}

/// Presses, and gives the page that tells what became of it when there is an end.
async fn press(browser: &Browser<'_>, step: &str, fields: &[(&str, &str)]) -> Page {
    let away = send(browser, step, fields).await.expect(303);
    loop {
        let page = browser.get(away.header("location")).await.expect(200);
        if !page.text.contains("data-pending") {
            return page;
        }
        tokio::task::yield_now().await;
    }
}

async fn close(browser: &Browser<'_>) {
    let request = browser.get(DRAWS).await.expect(200).hidden("request");
    let away = browser.post(DRAWS, &[("request", request.as_str()), WHY]).await.expect(303);
    let page = browser.get(away.header("location")).await.expect(200);
    assert!(page.text.contains("Done: Close the list."), "{}", page.text);
}

/// A campaign with this many entries, all at the first outlet but each third.
async fn with_entries(entries: u32) -> Site {
    let site = site().await;
    for person in 0..entries {
        site.enter(person, u32::from(person % 3 == 0), 1).await;
    }
    site.set_time(NIGHT);
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_goes_through_its_steps_from_the_pages_alone() {
    let site = with_entries(60).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let done = |page: &Page, what: &str| {
        assert!(page.text.contains(&format!("Done: {what}.")), "{what}: {}", page.text);
    };
    let next = async |step: &str| {
        let page = browser.get(DRAW).await.expect(200).text;
        let link = format!("class=\"button act\" href=\"{DRAW}/do/{step}\"");
        assert!(page.contains(&link), "{step}: {page}");
        assert_eq!(page.matches("button act").count(), 1, "one next step");
        browser.get(&format!("{DRAW}/do/{step}")).await.expect(200)
    };
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("href=\"/console/c/masks/draws\""), "{page}");
    close(&browser).await;
    next("seal").await;
    let (commitments, [operator, notary]) = papers();
    let fields = seal(&commitments, "", "2030-02-02T20:00");
    let held = look(&browser, "seal", &fields).await.expect(200).text;
    assert!(held.contains("Nothing is sealed yet") && held.contains(&commitments[1]), "{held}");
    assert!(held.contains("In the seal: 2030-02-02T12:00:00Z"), "{held}");
    assert!(!site.folder.path().join("draws").exists(), "looking makes no file");
    done(&press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await, "Seal the draw");
    let rules = std::fs::read_to_string(site.folder.path().join("draws/masks/1/rules.txt"));
    assert_eq!(rules.unwrap(), "One each.\n每人一份。\n");

    next("open").await;
    let fields = [("operator_secret", operator.as_str()), ("notary_secret", &notary)];
    let fields = [&fields[..], &[("balls", " 7 ")]].concat();
    let held = look(&browser, "open", &fields).await.expect(200).text;
    assert_eq!(held.matches("Opens its commitment.").count(), 2, "{held}");
    done(&press(&browser, "open", &[&fields[..], &[WHY]].concat()).await, "Open both secrets");
    assert!(next("seed").await.text.contains("No beacon was sealed"));
    done(&press(&browser, "seed", &[WHY]).await, "Make the seed");
    next("run").await;
    done(&press(&browser, "run", &[WHY]).await, "Draw");
    next("publish").await;
    let page = send(&browser, "publish", &[WHY, ("code", "mask")]).await.expect(400);
    assert!(page.text.contains("code was not typed"), "{}", page.text);
    done(&press(&browser, "publish", &[WHY, CODE]).await, "Publish the result");
    let list = browser.get(DRAWS).await.expect(200).text;
    assert!(list.contains("Published") && !list.contains("Rehearsal"), "{list}");
    let page = browser.get(DRAW).await.expect(200).text;
    assert!(page.contains("Nothing more is to be done") && !page.contains("do/void"), "{page}");
    assert!(page.contains("do/alternates") && page.contains("by ann"), "{page}");
    let told: Vec<_> = actions(&site).await.into_iter().take(6).collect();
    assert!(told.iter().all(|(who, ..)| who == "ann"), "{told:?}");
    let outcomes: Vec<_> = told.iter().map(|(.., outcome)| outcome.as_str()).collect();
    assert_eq!(outcomes, ["done", "done", "done", "done", "done", "listed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_named_and_changes_nothing() {
    let site = with_entries(6).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let (commitments, [operator, _]) = papers();
    let sealed = seal(&commitments, "", "2030-02-02T20:00");
    press(&browser, "seal", &[&sealed[..], &[WHY]].concat()).await;
    let before = actions(&site).await.len();
    let wrong = "04".repeat(31) + "05";
    let fields =
        [("operator_secret", operator.as_str()), ("notary_secret", &wrong), ("balls", "7")];
    for with in [("look", "1"), WHY] {
        let page = send(&browser, "open", &[&fields[..], &[with]].concat()).await.expect(409).text;
        let (said_operator, said_notary) = page.split_once("id=\"notary_secret\"").unwrap();
        assert!(said_operator.contains("✓ Opens its commitment."), "{page}");
        assert!(said_notary.contains("✗ Does not open its commitment. It makes"), "{page}");
        let typed = wrong.parse::<draw::Digest>().unwrap().fingerprint();
        assert!(page.contains(&format!(">{typed}</textarea>")), "what was typed stays: {page}");
        assert!(!page.contains("Record and publish"), "there is nothing to press: {page}");
    }
    for (name, value, said) in [
        ("notary_secret", "12", "These are not 64 digits"),
        ("balls", "7;8", "1 to 64 balls"),
        ("balls", "", "The seal wants balls"),
    ] {
        let typed = fields.map(|(own, typed)| (own, if own == name { value } else { typed }));
        let page = send(&browser, "open", &[&typed[..], &[WHY]].concat()).await.expect(400).text;
        assert!(page.contains(said) && page.contains("aria-invalid"), "{name}: {page}");
    }
    assert_eq!(actions(&site).await.len(), before, "nothing reached the journal");
    assert!(!site.folder.path().join("draws/masks/1/opening.txt").exists());
    let hall = browser.get(&format!("{DRAW}/hall")).await.expect(200).text;
    assert_eq!(hall.matches("Not opened yet").count(), 2, "{hall}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chinese_a_refusal_says_which_of_its_meanings_it_has() {
    let site = with_entries(6).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    browser.get("/console?lang=zh").await.expect(200);
    let id = new_id();
    let fields = [("request", id.as_str()), ("unserved", "1"), WHY];
    let away = browser.post(DRAWS, &fields).await.expect(303);
    let page = browser.get(away.header("location")).await.expect(200).text;
    assert!(page.contains("须接在已公布的摇号之后"), "{page}");
    let page = browser.get("/console/actions").await.expect(200).text;
    assert!(page.contains("不符合要求") && !page.contains("重复"), "no table was sent: {page}");
    browser.get("/console?lang=en").await.expect(200);
    close(&browser).await;
    let (commitments, [operator, notary]) = papers();
    let fields = seal(&commitments, "", "2030-02-01T22:31");
    press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await;
    site.set_time(Millis(NIGHT.0 + 60_000));
    browser.get("/console?lang=zh").await.expect(200);
    let fields = [("operator_secret", operator.as_str()), ("notary_secret", &notary), WHY];
    let page = press(&browser, "open", &[&fields[..], &[("balls", "7")]].concat()).await.text;
    assert!(page.contains("封存文件写定的截止时间已过，这次摇号应当作废"), "{page}");
    assert!(!page.contains("与封存文件不符"), "the secrets are those that were sealed: {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_out_of_order_is_refused_and_makes_no_file() {
    let site = with_entries(4).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    browser.get(DRAW).await.expect(404);
    close(&browser).await;
    for step in ["open", "seed", "run", "publish", "alternates"] {
        let page = browser.get(&format!("{DRAW}/do/{step}")).await.expect(409).text;
        assert!(page.contains("Another step of the draw comes first"), "{step}: {page}");
    }
    for (step, fields) in [("run", vec![WHY]), ("publish", vec![WHY, CODE]), ("seed", vec![WHY])] {
        let page = press(&browser, step, &fields).await.text;
        assert!(page.contains("Nothing was done") && page.contains("draw-order"), "{step}: {page}");
    }
    assert!(!site.folder.path().join("draws").exists(), "too early leaves nothing");
    browser.get(&format!("{DRAW}/do/elsewhere")).await.expect(404);
    for nowhere in ["0", "01", "2", "x"] {
        browser.get(&format!("{DRAWS}/{nowhere}")).await.expect(404);
    }
    // Void, and the next list goes on from it.
    let page = send(&browser, "void", &[("reason", "作废"), CODE]).await.expect(400).text;
    assert!(page.contains("the reason is published"), "{page}");
    let page = press(&browser, "void", &[("reason", "the hall was locked"), CODE]).await.text;
    assert!(page.contains("Done: Declare the draw void."), "{page}");
    close(&browser).await;
    let page = browser.get(DRAW).await.expect(200).text;
    assert!(page.contains("A later draw goes on from this one"), "{page}");
    browser.get(&format!("{DRAW}/do/seal")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_beacon_is_named_by_a_time_and_its_signature_looked_at_first() {
    let site = with_entries(4).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let (commitments, [operator, notary]) = papers();
    let late = seal(&commitments, ROUND_AT, "2023-09-15T19:00:03");
    let page = look(&browser, "seal", &late).await.expect(400).text;
    assert!(page.contains("This round has already appeared"), "{page}");
    assert!(page.contains("The deadline is past"), "{page}");
    let rehearsal = [("rehearsal", "1")];
    let page = look(&browser, "seal", &[&late[..], &rehearsal].concat()).await.expect(400).text;
    assert!(page.contains("not before the deadline"), "{page}");
    let fields = seal(&commitments, ROUND_AT, "2023-09-15T20:00:00");
    let fields = [&fields[..], &rehearsal].concat();
    let page = look(&browser, "seal", &fields).await.expect(200).text;
    assert!(page.contains("Round 657413, due Fri 15 Sep 2023, 19:00:03."), "{page}");
    press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await;
    let fields = [("operator_secret", operator.as_str()), ("notary_secret", &notary), WHY];
    press(&browser, "open", &[&fields[..], &[("balls", "7")]].concat()).await;
    let page = browser.get(DRAW).await.expect(200).text;
    assert!(page.contains("The deadline in the seal is over"), "{page}");
    assert!(page.contains(REHEARSAL), "{page}");
    let other = format!("a{}", &BEACON[1..]);
    for with in [("look", "1"), WHY] {
        let page = send(&browser, "seed", &[("beacon", other.as_str()), with]).await.expect(409);
        assert!(page.text.contains("It is not the signature of round 657413"), "{}", page.text);
    }
    assert!(!site.folder.path().join("draws/masks/1/seed.txt").exists());
    let page = look(&browser, "seed", &[("beacon", BEACON)]).await.expect(200).text;
    assert!(page.contains("✓ It is the signature of round 657413"), "{page}");
    let page = press(&browser, "seed", &[("beacon", BEACON), WHY]).await.text;
    assert!(page.contains("Done: Make the seed."), "{page}");
    let hall = browser.get(&format!("{DRAW}/hall")).await.expect(200).text;
    assert!(hall.contains("quicknet, round 657413") && hall.contains("its signature is true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_by_its_deadline_alone_is_called_one_everywhere() {
    let site = with_entries(4).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let (commitments, _) = papers();
    let fields = seal(&commitments, "", "2030-01-31T20:00");
    press(&browser, "seal", &[&fields[..], &[("rehearsal", "1"), WHY]].concat()).await;
    let told = site.get("/v1/operator/campaigns/masks/draws/1").await.expect(200);
    assert_eq!(told["sealed"]["rehearsal"], serde_json::Value::Bool(true));
    for page in ["", "/hall", "/sheet"] {
        let page = browser.get(&format!("{DRAW}{page}")).await.expect(200).text;
        assert!(page.contains(REHEARSAL), "{page}");
    }
    for (language, word) in [("zh", "演练"), ("en", "Rehearsal")] {
        let list = browser.get(&format!("{DRAWS}?lang={language}")).await.expect(200).text;
        assert!(list.contains(&format!("<span class=\"mark\">{word}</span></td>")), "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_without_balls_and_beacon_is_called_not_publicly_verifiable_everywhere() {
    const FORM: [(&str, &str); 2] = [
        ("zh", "既不摇球又不用信标，本次摇号将处处注明“不可公开验证”。"),
        ("en", "Without balls and without a beacon the draw says in every place that it is not"),
    ];
    let site = with_entries(4).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let (commitments, _) = papers();
    let with_balls = seal(&commitments, "", "2030-02-02T20:00");
    let mut fields = with_balls.clone();
    fields.retain(|(name, _)| *name != "balls");
    for (language, words) in FORM {
        browser.get(&format!("/console?lang={language}")).await.expect(200);
        let page = look(&browser, "seal", &fields).await.expect(200).text;
        assert!(page.contains(words), "{page}");
        let page = look(&browser, "seal", &with_balls).await.expect(200).text;
        assert!(!page.contains(words), "{page}");
    }
    press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await;
    let told = site.get("/v1/operator/campaigns/masks/draws/1").await.expect(200);
    assert_eq!(told["sealed"]["publicly_verifiable"], serde_json::Value::Bool(false));
    for (language, words) in [
        ("zh", ["本次摇号不可公开验证：种子既没有摇球，也没有信标。", "不可公开验证：既没有摇球"]),
        (
            "en",
            [
                "Not publicly verifiable: neither balls nor a beacon have a part in the seed.",
                "Not publicly verifiable: neither balls nor a beacon.",
            ],
        ),
    ] {
        for (page, words) in [("", words[0]), ("/hall", words[0]), ("/sheet", words[1])] {
            let page = browser.get(&format!("{DRAW}{page}?lang={language}")).await.expect(200).text;
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_is_of_what_was_past_when_the_list_was_closed() {
    let site = with_entries(4).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    site.set_time(Millis(NIGHT.0 + 600_000));
    let (commitments, _) = papers();
    let since = seal(&commitments, "2030-02-01T22:31", "2030-02-01T22:35");
    let since = [&since[..], &[("rehearsal", "1")]].concat();
    let page = look(&browser, "seal", &since).await.expect(400).text;
    assert!(page.contains("This round has already appeared"), "{page}");
    assert!(page.contains("The deadline is past. Name a later one"), "{page}");
    assert!(page.contains("a deadline from before the list was closed will do"), "{page}");
    let before = seal(&commitments, "2030-02-01T22:29", "2030-02-01T22:30");
    let before = [&before[..], &[("rehearsal", "1")]].concat();
    look(&browser, "seal", &before).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_void_draw_is_told_as_soon_as_its_note_is_there() {
    let site = with_entries(4).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let (commitments, _) = papers();
    let fields = seal(&commitments, "", "2030-02-02T20:00");
    press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await;
    // Somebody else works in the folder, so that the draw is void and takes no note.
    let in_the_way = std::fs::File::open(site.folder.path().join("draws/masks/1")).unwrap();
    in_the_way.lock().unwrap();
    let void = [("reason", "the hall was locked"), CODE];
    let page = press(&browser, "void", &void).await.text;
    assert!(page.contains("draw-busy"), "{page}");
    let page = browser.get(DRAW).await.expect(200).text;
    assert!(page.contains("declare it void once more"), "{page}");
    assert!(page.contains("/do/void") && !page.contains("the hall was locked"), "{page}");
    let hall = async || browser.get(&format!("{DRAW}/hall")).await.expect(200).text;
    assert!(!hall().await.contains("Why"), "nothing stands there yet");
    browser.get(&format!("{DRAW}/do/void")).await.expect(200);
    drop(in_the_way);
    let page = press(&browser, "void", &void).await.text;
    assert!(page.contains("Done: Declare the draw void."), "{page}");
    assert!(page.contains("the hall was locked") && !page.contains("/do/void"), "{page}");
    let hall = hall().await;
    assert!(hall.contains("<p class=\"big\">the hall was locked</p>"), "{hall}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_read_hide_nothing_else_of_a_draw() {
    const UNREAD: &str = "Not all of the draw’s files can be read";
    for is_gone in [false, true] {
        let site = with_entries(4).await;
        let browser = site.logged_in("ann", AccountRole::Owner).await;
        close(&browser).await;
        let sealed = crate::operator::draws::seal();
        site.post("/v1/operator/campaigns/masks/draws/1/seal", &sealed).await.expect(200);
        let file = site.folder.path().join("draws/masks/1/seal.txt");
        let folder = file.parent().unwrap();
        let seal = std::fs::read(&file).unwrap();
        match is_gone {
            true => std::fs::rename(folder, folder.with_extension("elsewhere")).unwrap(),
            false => std::fs::write(&file, "damaged").unwrap(),
        }
        let list = browser.get(DRAWS).await.expect(200).text;
        assert!(list.contains("Sealed") && list.contains("masks/1"), "{list}");
        for page in ["", "/hall"] {
            let page = browser.get(&format!("{DRAW}{page}")).await.expect(200).text;
            assert!(page.contains(UNREAD) && page.contains("Sealed"), "gone: {is_gone}: {page}");
        }
        let page = browser.get(DRAW).await.expect(200).text;
        assert!(page.contains("/do/void") && page.contains("/do/open"), "{page}");
        browser.get(&format!("{DRAW}/sheet")).await.expect(200);
        let page = browser.get(&format!("{DRAW}/do/open")).await.text;
        assert!(!page.contains("No balls were sealed"), "nobody knows: {page}");
        match is_gone {
            true => std::fs::rename(folder.with_extension("elsewhere"), folder).unwrap(),
            false => std::fs::write(&file, seal).unwrap(),
        }
        site.set_time(Millis(NIGHT.0 + limits::CONSOLE_DAMAGED_DRAW_MILLIS));
        let page = browser.get(DRAW).await.expect(200).text;
        assert!(!page.contains(UNREAD), "it is looked at again: {page}");
        let page = browser.get(&format!("{DRAW}/do/open")).await.expect(200).text;
        assert!(page.contains("1 of 0-9"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hall_is_told_of_winners_once_they_are_published() {
    let site = with_entries(60).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let (commitments, [operator, notary]) = papers();
    let fields = seal(&commitments, "", "2030-02-02T20:00");
    press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await;
    let fields = [("operator_secret", operator.as_str()), ("notary_secret", &notary), WHY];
    press(&browser, "open", &[&fields[..], &[("balls", "7")]].concat()).await;
    press(&browser, "seed", &[WHY]).await;
    press(&browser, "run", &[WHY]).await;
    let result = site.get("/v1/operator/campaigns/masks/draws/1").await.expect(200);
    let result = result["events"][3]["fingerprint"].as_str().unwrap().to_owned();
    let groups: String = result.split(' ').map(|group| format!("<span>{group}</span> ")).collect();
    let groups = |page: &str| page.contains(&groups);
    tokio::spawn(Arc::clone(&site.console).run());
    let mut stream = browser.watch(&format!("{DRAW}/hall/live")).await;
    let first = news(&mut stream).await.unwrap();
    let of_winners =
        ["Winners", "Cut-offs", "Wangchao", "<code>1001</code>", "<p class=\"big\">43</p>"];
    for page in ["hall", "sheet"] {
        let page = browser.get(&format!("{DRAW}/{page}")).await.expect(200).text;
        assert!(!groups(&page), "the result's fingerprint: {page}");
        for word in of_winners {
            assert!(!page.contains(word) && !first.contains(word), "{word}: {page} {first}");
        }
    }
    press(&browser, "publish", &[WHY, CODE]).await;
    let hall = browser.get(&format!("{DRAW}/hall")).await.expect(200).text;
    assert!(groups(&hall), "{hall}");
    assert!(hall.contains("If all six are the same, the page that checks decides"), "{hall}");
    for told in [
        "Wangchao Pharmacy <code>1001</code></span> <strong>40 (stock: 40)</strong>",
        "Tinglan Pharmacy <code>1002</code></span> <strong>3 (stock: 3)</strong>",
        "<p class=\"big\">43</p>",
        "<strong>1002-N95</strong>",
    ] {
        assert!(hall.contains(told), "{told}: {hall}");
    }
    let mut later = news(&mut stream).await.unwrap();
    while !later.contains("event: hall-winners\n") {
        later = news(&mut stream).await.unwrap();
    }
    assert!(later.contains("40 (stock: 40)"), "{later}");
    let sheet = browser.get(&format!("{DRAW}/sheet")).await.expect(200).text;
    assert!(groups(&sheet) && !sheet.contains("<i></i>"), "no blank is left: {sheet}");
    assert!(!sheet.contains("Wangchao"), "{sheet}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_has_blanks_for_what_nobody_has_seen_yet() {
    let site = with_entries(5).await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    close(&browser).await;
    let sheet = async |language: &str| {
        browser.get(&format!("{DRAW}/sheet?lang={language}")).await.expect(200).text
    };
    let before = sheet("en").await;
    // Seal, list, root, two commitments, seed, result; and a beacon that is not known to be none.
    assert_eq!(before.matches("<i></i>").count(), 7 * 16 + 24, "{before}");
    let (commitments, _) = papers();
    let fields = seal(&commitments, "", "2030-02-02T20:00");
    press(&browser, "seal", &[&fields[..], &[WHY]].concat()).await;
    let sealed = sheet("en").await;
    assert_eq!(sealed.matches("<i></i>").count(), 2 * 16, "{sealed}");
    assert!(sealed.contains("5 entries") && sealed.contains("The seal names no beacon"));
    assert!(sealed.contains("The node’s record: Fri 1 Feb 2030, 22:30:00."), "{sealed}");
    assert!(sealed.contains("<code>masks/1+"), "the operator's key: {sealed}");
    let chinese = sheet("zh").await;
    assert!(chinese.contains("摇号现场记录单") && chinese.contains("5 份登记"), "{chinese}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_sees_the_hall_and_takes_no_step() {
    let site = with_entries(4).await;
    let owner = site.logged_in("ann", AccountRole::Owner).await;
    close(&owner).await;
    let browser = site.logged_in("bob", AccountRole::Auditor).await;
    for page in ["", "/hall", "/sheet"] {
        let page = browser.get(&format!("{DRAW}{page}")).await.expect(200).text;
        assert!(!page.contains("/do/"), "{page}");
    }
    let list = browser.get(DRAWS).await.expect(200).text;
    assert!(!list.contains("method=\"post\" action=\"/console/c/masks"), "{list}");
    browser.get(&format!("{DRAW}/do/seal")).await.expect(403);
    send(&browser, "seal", &[WHY]).await.expect(403);
    browser.post(DRAWS, &[("request", new_id().as_str()), WHY]).await.expect(403);
    let plain = Site::new().await;
    let browser = plain.logged_in("ann", AccountRole::Owner).await;
    browser.get("/console/c/masks/draws").await.expect(404);
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(!page.contains("masks/draws"), "{page}");
}
