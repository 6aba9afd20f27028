//! A crowd before a small set of rules, and before servers that fail it.

use crate::people::passes_check;
use crate::responder::{Request, reply, serve};
use crowd::load::Pace;
use crowd::persona::{PERSONAS, persona};
use crowd::{Act, CrowdOptions, CrowdReport, Loopback, Offer, Progress};
use expect_test::{Expect, expect};
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

const DOCUMENT: &str = r#"{
    "campaign": "masks",
    "fields": [
        {"code": "name", "type": "text"},
        {"code": "id_number", "type": "resident-id"},
        {"code": "phone", "type": "phone", "region": "CN"}
    ],
    "items": [{"code": "adult"}],
    "outlets": [{"code": "a-1"}, {"code": "b-2"}, {"code": "c-3"}],
    "slots": [{"code": "am"}, {"code": "pm"}],
    "pools": [[0, 0, 0], [1, 0, 0], [1, 0, 1]],
    "register": {"units_min": 1, "units_max": 3, "choices_max": 2}
}"#;

/// The rules in few words: one live entry a person, a stock, the same answer to the same request.
struct Rules {
    stock: usize,
    entries: Vec<bool>,
    by_key: HashMap<String, (String, usize)>,
    by_person: HashMap<String, usize>,
    bad: HashSet<&'static str>,
}

impl Rules {
    fn new(stock: usize) -> Mutex<Self> {
        Mutex::new(Self {
            stock,
            entries: Vec::new(),
            by_key: HashMap::new(),
            by_person: HashMap::new(),
            bad: HashSet::new(),
        })
    }

    fn answer(&mut self, request: &Request) -> Vec<u8> {
        let line = request.line();
        let receipt = line.split(['/', ' ']).nth(4).unwrap_or_default();
        if line.starts_with("POST /v1/campaigns/masks/entries ") {
            return self.enter(request);
        }
        if line.starts_with("DELETE ") {
            let entry: usize = receipt.strip_prefix('r').unwrap().parse().unwrap();
            self.stock += usize::from(self.entries[entry]);
            self.entries[entry] = false;
            return reply(200, r#"{"outcome":"cancelled"}"#);
        }
        reply(200, if line.contains("/entries/") { r#"{"outcome":"booked"}"# } else { "{}" })
    }

    fn enter(&mut self, request: &Request) -> Vec<u8> {
        let key = request.header("idempotency-key").unwrap().to_owned();
        let body = String::from_utf8(request.body.clone()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        let id_number = json["identity"]["id_number"].as_str().unwrap().to_owned();
        if let Some((first, entry)) = self.by_key.get(&key) {
            assert_eq!(*first, body, "a request sent again has the same body");
            return booked(*entry);
        }
        if json["units"].as_u64().unwrap() > 3 || body.contains("no-such-outlet") {
            self.bad.insert(if body.contains("no-such-outlet") { "outlet" } else { "units" });
            return reply(422, r#"{"code":"not-as-asked"}"#);
        }
        if !passes_check(&id_number) {
            self.bad.insert("check");
            return reply(422, r#"{"code":"invalid-field"}"#);
        }
        if self.by_person.get(&id_number).is_some_and(|entry| self.entries[*entry]) {
            return reply(409, r#"{"code":"already-in"}"#);
        }
        if self.stock == 0 {
            return reply(409, r#"{"code":"sold-out"}"#);
        }
        self.stock -= 1;
        let entry = self.entries.len();
        self.entries.push(true);
        self.by_person.insert(id_number, entry);
        self.by_key.insert(key, (body, entry));
        booked(entry)
    }
}

fn booked(entry: usize) -> Vec<u8> {
    let number = entry + 1;
    reply(
        201,
        &format!(
            r#"{{"outcome":"booked","number":{number},"receipt":"r{entry}","code":"ABCDE-FGHJK"}}"#
        ),
    )
}

fn visit(address: Loopback, people: u32, progress: &Progress) -> CrowdReport {
    let offer = Offer::from_document("masks", DOCUMENT.as_bytes(), 5).unwrap();
    let options = CrowdOptions {
        address,
        seed: 5,
        first_person: 0,
        people,
        connections: 16,
        pace: Pace::Closed,
        duration: Duration::from_secs(60),
    };
    crowd::run(&options, &offer, progress).unwrap()
}

#[test]
fn a_crowd_does_all_it_came_for_and_remembers_every_answer() {
    let rules: &'static Mutex<Rules> = Box::leak(Box::new(Rules::new(1_500)));
    let address = serve(|request| rules.lock().unwrap().answer(request));
    let progress = Progress::default();
    let came = visit(address, 2_000, &progress);
    let snapshot = progress.snapshot();
    assert_eq!(snapshot.people, 2_000);
    assert_eq!((came.report.unexpected, came.report.lost), (0, 0));
    assert_eq!(came.acknowledgements.contradictions(), []);
    let rules = rules.lock().unwrap();
    assert_eq!(rules.stock, 0);
    assert_eq!(rules.bad, HashSet::from(["outlet", "units", "check"]));

    let accepted = came.acknowledgements.iter().filter(|told| told.is_accepted());
    let numbers: HashSet<u64> = accepted.clone().map(|told| told.number.unwrap()).collect();
    assert_eq!(numbers.len(), rules.entries.len(), "every entry was acknowledged");
    assert!(accepted.count() > rules.entries.len() + 100, "many were told twice");
    let cancels = came.acknowledgements.iter().filter(|told| told.act == Act::Cancel).count();
    assert_eq!(cancels, rules.entries.iter().filter(|live| !**live).count());
    let codes: Vec<&str> = snapshot.outcomes.iter().map(|(code, _)| *code).collect();
    expect!["booked cancelled sold-out already-in not-as-asked invalid-field page look-up"]
        .assert_eq(&codes.join(" "));
}

#[test]
fn shed_and_lost_requests_are_sent_again_until_they_are_answered() {
    let rules: &'static Mutex<Rules> = Box::leak(Box::new(Rules::new(1_000)));
    let count: &'static Mutex<u32> = Box::leak(Box::default());
    let address = serve(|request| {
        let mut count = count.lock().unwrap();
        *count += 1;
        match *count % 20 {
            0 => {
                // Done, but the answer never arrives.
                rules.lock().unwrap().answer(request);
                Vec::new()
            }
            10 => {
                let busy = "HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 21\r\n\r\n";
                format!("{busy}{{\"code\":\"overloaded\"}}").into_bytes()
            }
            _ => rules.lock().unwrap().answer(request),
        }
    });
    let progress = Progress::default();
    let came = visit(address, 200, &progress);
    assert_eq!(progress.snapshot().people, 200);
    assert!(came.report.lost > 5);
    assert_eq!(came.acknowledgements.contradictions(), []);
    let rules = rules.lock().unwrap();
    let accepted = came.acknowledgements.iter().filter(|told| told.is_accepted());
    let numbers: HashSet<u64> = accepted.map(|told| told.number.unwrap()).collect();
    assert_eq!(numbers.len(), rules.entries.len(), "nothing stayed unknown");
}

#[test]
fn a_server_that_forgets_requests_is_found_out() {
    let next: &'static Mutex<usize> = Box::leak(Box::default());
    let address = serve(|_| {
        let mut next = next.lock().unwrap();
        *next += 1;
        booked(*next)
    });
    let came = visit(address, 100, &Progress::default());
    assert!(!came.acknowledgements.contradictions().is_empty());
    let same = serve(|_| booked(7));
    let came = visit(same, 100, &Progress::default());
    assert!(!came.acknowledgements.contradictions().is_empty());
}

#[test]
fn bodies_are_what_the_document_asks_for() {
    let offer = Offer::from_document("masks", DOCUMENT.as_bytes(), 5).unwrap();
    let people = crowd::Population::new(1);
    let mut text = String::new();
    for number in 0..4 {
        let mut body = Vec::new();
        offer.write_entry(&mut body, &people.person(number), crowd::mix(9, number), None);
        let body = String::from_utf8(body).unwrap();
        text.push_str(&body.replace(",\"choices", ",\n  \"choices"));
        text.push('\n');
    }
    expect![[r#"
        {"identity":{"name":"胡洁丽","id_number":"440199199901189235","phone":"13282890590"},
          "choices":[{"outlet":"b-2","item":"adult","slot":"am"}],"units":3}
        {"identity":{"name":"张雪浩","id_number":"440192199705265793","phone":"13298376453"},
          "choices":[{"outlet":"b-2","item":"adult","slot":"am"}],"units":3}
        {"identity":{"name":"朱平心","id_number":"440195199510012357","phone":"13313862316"},
          "choices":[{"outlet":"a-1","item":"adult","slot":"am"}],"units":3}
        {"identity":{"name":"宋明星","id_number":"440198199402058904","phone":"13329348179"},
          "choices":[{"outlet":"b-2","item":"adult","slot":"am"}],"units":3}
    "#]]
    .assert_eq(&text);
}

/// Two days of one place are one choice where a campaign draws again and again.
#[test]
fn nobody_names_a_day_in_a_daily_draw() {
    let document = r#"{"pools":[[0,0,0],[0,0,1]],"outlets":[{"code":"o"}],"items":[{"code":"i"}],
        "slots":[{"code":"a"},{"code":"b"}],"fields":[{"code":"phone","type":"phone"}],
        "register":{"choices_max":5},"draw":{"stand_days":5}}"#;
    let offer = Offer::from_document("masks", document.as_bytes(), 0).unwrap();
    let people = crowd::Population::new(1);
    for number in 0..20 {
        let mut body = Vec::new();
        offer.write_entry(&mut body, &people.person(number), crowd::mix(9, number), None);
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(r#""choices":[{"outlet":"o","item":"i"}],"#), "{body}");
    }
}

#[test]
fn a_document_without_places_or_fields_is_refused() {
    let check = |document: &str, expected: Expect| {
        let refused = Offer::from_document("masks", document.as_bytes(), 0).unwrap_err();
        let text = refused.to_string();
        expected.assert_eq(text.strip_prefix("the campaign document cannot be used: ").unwrap());
    };
    check("{}", expect!["it names no places with stock"]);
    check(
        r#"{"pools":[{"outlet":"a","item":"b","slot":"c"}]}"#,
        expect!["it names no identity fields"],
    );
    check("<html>", expect!["expected value at line 1 column 1"]);
}

#[test]
fn shares_of_kinds_are_as_the_table_says() {
    assert_eq!(PERSONAS.iter().map(|kind| u32::from(kind.per_mille)).sum::<u32>(), 1_000);
    let mut counts: HashMap<&str, i32> = HashMap::new();
    (0..100_000).for_each(|number| *counts.entry(persona(3, number).name).or_default() += 1);
    for kind in &PERSONAS {
        let expected = i32::from(kind.per_mille) * 100;
        assert!((counts[kind.name] - expected).abs() < 100 + expected / 10, "{}", kind.name);
    }
}
