//! Entries that stand for several days: in each day's list by themselves, with a ticket more for
//! each draw that was lost, as far as they count.

use super::super::site::{Site, phone};
use super::{DRAWS, MORNING, NIGHT, opening_of, seal_to, why};
use crate::support::Ask;
use ceremony::{Against, Folder};
use draw::Line;
use draw::seal::Secret;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::SocketAddr;
use types::Millis;
use zeroize::Zeroizing;

const DAY: u64 = 24 * 3_600_000;

/// Of each day one unit at the first shop, one more that is kept for some, and two at the other.
const STOCK: &str = "1001,N95,DAY,1\n1001,SENIOR,DAY,1\n1002,N95,DAY,2\n";

/// A campaign that draws each of three days, in which a repeated loser has two tickets at most, and
/// where a part of the units is kept for the one person on its list.
async fn site_for_three_days() -> Site {
    let mut files = Site::files("by-hand");
    let text = files["files"][0]["text"].as_str().unwrap().to_owned();
    let slot = |day: u32| {
        format!(
            "[[slot]]\ncode = \"day{day}\"\nname = {{ zh-CN = \"上午\", en = \"Morning\" }}\n\
             date = 2030-02-0{}\nfrom = \"09:00\"\nuntil = \"12:00\"\n\n",
            day + 1
        )
    };
    let slots: String = (1..=3).map(slot).collect();
    let (head, rest) = text.split_once("[[slot]]").unwrap();
    let (_, rest) = rest.split_once("[tables]").unwrap();
    let part = "[[item]]\ncode = \"SENIOR\"\nof = \"N95\"\ntranche = \"65\"\n\
                name = { zh-CN = \"老年人口罩\", en = \"For 65 and more\" }\n\n";
    let terms = "[allocate]\nby = \"draw\"\nstand_days = 3\ntickets_max = 2\n\
                 accept_any = true\ngroup_max = 2\n\n[publish]";
    let text = format!("{head}{part}{slots}[tables]{rest}")
        .replace("until = \"2030-02-01 22:00\"", "until = \"2030-02-04 08:00\"")
        .replace("[publish]", terms);
    let rows: String = (1..=3).map(|day| STOCK.replace("DAY", &format!("day{day}"))).collect();
    files["files"][0]["text"] = json!(text);
    files["files"][2] =
        json!({ "name": "stock.csv", "text": format!("outlet,item,slot,units\n{rows}") });
    let site = Site::empty().await;
    site.post("/v1/operator/campaigns", &files).await.expect(201);
    let file = json!({ "name": "seniors.csv", "text": phone(SENIOR) });
    let list = json!({ "list": "reserved", "item": "SENIOR", "field": "phone", "file": file,
        "reason": "as the register has them" });
    site.post("/v1/operator/campaigns/masks/lists", &list).await.expect(200);
    site
}

const LOSER: u32 = 1;
const COUPLE: [u32; 2] = [2, 3];
const ANYWHERE: u32 = 4;
const SENIOR: u32 = 5;
const LATE: u32 = 6;

/// Somebody enters for units of an item at a shop, with what else is to be said.
async fn enter(
    public: SocketAddr,
    person: u32,
    (outlet, item): (&str, &str),
    units: u8,
    more: &[(&str, Value)],
) {
    let mut body = json!({ "identity": identity(person), "units": units,
        "choices": [{ "outlet": outlet, "item": item }] });
    for (name, value) in more {
        body[*name] = value.clone();
    }
    let key = format!("a-request-of-person-{person}");
    let path = "/v1/campaigns/masks/entries";
    let ask = Ask { path, key: Some(&key), body: &body.to_string(), ..Ask::default() };
    let entered = crate::support::exchange(public, &ask.bytes()).await;
    assert_eq!(entered.status, 202, "{}", entered.text());
}

fn identity(person: u32) -> Value {
    json!({ "name": format!("张{person}"), "phone": phone(person) })
}

/// A line of a list: how many people, and tickets, units and choices.
type Row = (usize, String);

/// A whole draw of one day's units, published; what its list says, without who it is about.
async fn draw(site: &Site, day: u8, seen: &mut HashSet<String>) -> Vec<Row> {
    let slot = json!({ "slot": format!("day{day}"), "reason": "lots" });
    let closed = site.post(DRAWS, &slot).await.expect(200);
    let name = format!("masks/{day}");
    assert_eq!(closed["name"], json!(name), "each day's draw is one of its own");
    let secrets = [2 * day, 2 * day + 1].map(|byte| Secret(Zeroizing::new([byte; 32])));
    let mut seal = seal_to(&name, &secrets);
    seal["deadline"] = json!(format!("2030-02-0{}T12:00:00Z", day + 1));
    let steps = [("seal", seal), ("open", opening_of(&secrets)), ("seed", why()), ("run", why())];
    for (step, body) in &steps {
        site.post(&format!("{DRAWS}/{day}/{step}"), body).await.expect(200);
    }
    site.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    let folder = Folder::open(&site.folder.path().join(format!("draws/{name}"))).unwrap();
    let key = closed["operator_key"].as_str().unwrap().parse().unwrap();
    let against = Against { operator: Some(&key), ..Against::default() };
    ceremony::verify(&folder, &against, &|_, _, _| ()).unwrap();
    let list = folder.read_text("entries.txt").unwrap();
    let row = |line: &str| {
        let read = Line::read(line.as_bytes()).unwrap();
        let commits: Vec<_> = read.commits().map(|commit| commit.to_string()).collect();
        let tags = line.split(',').nth(1).unwrap().split('+').map(str::to_owned);
        let people = commits.len();
        for hidden in commits.into_iter().chain(tags) {
            assert!(seen.insert(hidden), "two lists can be joined by it");
        }
        (people, line.splitn(3, ',').nth(2).unwrap().to_owned())
    };
    let mut rows: Vec<Row> = list.lines().map(row).collect();
    rows.sort();
    rows
}

fn rows(rows: &[(usize, &str)]) -> Vec<Row> {
    rows.iter().map(|(people, rest)| (*people, (*rest).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_stands_in_the_next_list_with_a_ticket_more_as_far_as_they_count() {
    let site = site_for_three_days().await;
    let (public, _stop) = site.serve_public();
    // There are never five; two are left for whoever takes any place once the couple is served.
    enter(public, LOSER, ("1001", "N95"), 5, &[]).await;
    let with = [("people", json!([identity(COUPLE[1])]))];
    enter(public, COUPLE[0], ("1002", "N95"), 2, &with).await;
    enter(public, ANYWHERE, ("1001", "N95"), 2, &[("any", json!(true))]).await;
    enter(public, SENIOR, ("1001", "SENIOR"), 1, &[]).await;
    let mut seen = HashSet::new();
    site.set_time(NIGHT);
    let first =
        [(1, "1,1,1001-N95#65"), (1, "1,2,1001-N95>*"), (1, "1,5,1001-N95"), (2, "1,2,1002-N95")];
    assert_eq!(draw(&site, 1, &mut seen).await, rows(&first));
    assert_eq!(site.booked().await.len(), 2, "the couple and the senior");

    site.set_time(MORNING);
    enter(public, LATE, ("1001", "N95"), 1, &[]).await;
    site.set_time(Millis(NIGHT.0 + DAY));
    let second = [(1, "1,1,1001-N95"), (1, "2,2,1001-N95>*"), (1, "2,5,1001-N95")];
    assert_eq!(draw(&site, 2, &mut seen).await, rows(&second));
    assert_eq!(site.booked().await.len(), 4, "whoever came late, and whoever takes any place");

    site.set_time(Millis(NIGHT.0 + 2 * DAY));
    assert_eq!(draw(&site, 3, &mut seen).await, rows(&[(1, "2,5,1001-N95")]), "two at most");
    assert_eq!(site.booked().await.len(), 4);
    // It stood for three days.
    site.set_time(Millis(NIGHT.0 + 3 * DAY));
    let slot = json!({ "slot": "day3", "reason": "lots" });
    assert_eq!(site.post(DRAWS, &slot).await.code(409), "no-entries");
}
