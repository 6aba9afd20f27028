//! Steps that were cut off between their files and the journal, or that a command comes upon.

use super::super::site::{Answer, Site};
use super::{DRAWS, get, published, seal, seal_anew, site, why};
use ceremony::Folder;
use draw::event::Event;
use draw::note::{Note, SigningKey};
use draw::seed::{Balls, Opened};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use types::EntryNo;

/// What the first round of alternates makes.
const OF_A_ROUND: [&str; 4] =
    ["returned-1.txt", "winners-1.txt", "cutoffs-1.txt", "alternates-1.txt"];

/// The files of alternates that made these winners' units free, as they lie there when the node
/// was killed before it journalled them.
async fn alternates_without_a_record(site: &Site, cancelled: &[(EntryNo, u32)]) {
    for (entry, _) in cancelled {
        site.cancel(entry.0).await;
    }
    site.begin_round().await;
    let returned = site.folder.path().join("returned");
    let folder = site.draw_folder();
    let stock = std::fs::read_to_string(folder.join("stock.txt")).unwrap();
    let names: Vec<_> = stock.lines().map(|line| line.split_once(',').unwrap().0).collect();
    let text = format!("{},{}\n{},0\n", names[0], cancelled.len(), names[1]);
    std::fs::write(&returned, text).unwrap();
    let folder = Folder::open(&folder).unwrap();
    ceremony::alternates(&folder, 1, &returned, &key(site), &|_, _, _| ()).unwrap();
}

/// The operator's key under the draw's name.
fn key(site: &Site) -> SigningKey {
    let secret = site.keyring.draw_key().unwrap();
    SigningKey::new("masks/1", &secret.derived("tidegate/draw-sign/v1")).unwrap()
}

async fn stage(site: &Site) -> Value {
    site.get(&format!("{DRAWS}/1")).await.expect(200)["stage"].clone()
}

pub(super) async fn add(site: &Site, units: u32) -> Answer {
    let stock = format!("outlet,item,slot,units\n1001,N95,am,{units}\n");
    let body = json!({ "file": { "name": "stock.csv", "text": stock }, "mode": "add",
        "reason": "a delivery" });
    site.post("/v1/operator/campaigns/masks/stock", &body).await
}

async fn status_of(public: SocketAddr, file: &str) -> u16 {
    get(public, &format!("/draws/masks/1/{file}")).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_from_a_step_that_works() {
    let site = published(50).await;
    site.cancel(site.booked().await[0].0.0).await;
    // The step waits for what this pipe says, in place of the table back to the entries.
    let pipe = site.folder.path().join("draws/masks/1.private/index");
    std::fs::remove_file(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let body = why();
    let (alternates, commands) = tokio::join!(site.step("alternates", &body), async {
        let open = move || std::fs::File::options().write(true).open(pipe).unwrap();
        let step_reads = tokio::task::spawn_blocking(open).await.unwrap();
        let act = async |body: Value| site.act(body).await.code(503);
        let why = "in between";
        let mut codes = vec![
            act(json!({ "do": "withdraw", "all": true, "reason": why })).await,
            act(json!({ "do": "lapse", "all": true, "reason": why })).await,
            act(json!({ "do": "publish", "reason": why })).await,
            add(&site, 1).await.code(503),
            site.post(DRAWS, &json!({ "unserved": true, "reason": why })).await.code(503),
            site.step("void", &json!({ "reason": why })).await.code(503),
            site.load("by-hand").await.code(503),
        ];
        codes.dedup();
        let would = json!({ "do": "withdraw", "all": true, "dry_run": true });
        site.act(would).await.expect(200);
        drop(step_reads);
        codes
    });
    assert_eq!(commands, ["draw-busy"]);
    assert_ne!(alternates.status, 200, "the pipe said nothing");
    // Its files are there, and what they give away stays.
    let withdraw = json!({ "do": "withdraw", "all": true, "reason": "behind it" });
    assert_eq!(site.act(withdraw).await.code(409), "draw-under-way");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_unit_is_taken_from_alternates_that_have_begun() {
    let site = published(50).await;
    let booked = site.booked().await;
    alternates_without_a_record(&site, &booked[..4]).await;
    let withdraw = json!({ "do": "withdraw", "outlet": "1001", "reason": "a recall" });
    assert_eq!(site.act(withdraw).await.code(409), "draw-under-way");
    add(&site, 4).await.expect(200);
    assert_eq!(stage(&site).await, json!("resumed"));
    let told = site.step("alternates", &why()).await.expect(200);
    assert_eq!((&told["winners"], &told["awarded"]), (&json!(44), &json!(44)));
}

#[tokio::test(flavor = "multi_thread")]
async fn alternates_that_come_to_no_file_are_called_off() {
    let site = published(50).await;
    site.cancel(site.booked().await[0].0.0).await;
    let withdraw = json!({ "do": "withdraw", "outlet": "1002", "reason": "a recall" });
    site.act(withdraw).await.expect(200);
    // Once as it is, and once behind a step that was cut off as soon as it had begun.
    for is_cut_off in [false, true] {
        if is_cut_off {
            site.begin_round().await;
        }
        let short = site.step("alternates", &why()).await;
        assert_eq!(short.code(409), "draw-stock-short");
        assert_eq!(stage(&site).await, json!("published"), "cut off: {is_cut_off}");
    }
    assert!(!site.folder.path().join("draws/masks/1.private/returned-1.txt").exists());
    let unserved = json!({ "unserved": true, "reason": "fresh numbers" });
    assert_eq!(site.post(DRAWS, &unserved).await.expect(200)["entries"], json!(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn alternates_without_their_draws_folder_lock_nothing() {
    let site = published(50).await;
    site.cancel(site.booked().await[0].0.0).await;
    let (folder, elsewhere) = (site.draw_folder(), site.folder.path().join("elsewhere"));
    std::fs::rename(&folder, &elsewhere).unwrap();
    // Once as it is, and once behind a step that was cut off as soon as it had begun.
    for is_cut_off in [false, true] {
        if is_cut_off {
            site.begin_round().await;
        }
        let refused = site.step("alternates", &why()).await;
        assert_eq!(refused.code(500), "draw-disk");
        assert!(refused.text().contains("draws/masks/1 could not be read"), "{}", refused.text());
        assert_eq!(stage(&site).await, json!("published"), "cut off: {is_cut_off}");
    }
    let actions = site.get("/v1/operator/actions").await.expect(200);
    let rounds = actions.as_array().unwrap().iter().filter(|done| done["do"] == "alternates");
    assert_eq!(rounds.count(), 2, "begun by the test, and called off");
    std::fs::rename(&elsewhere, &folder).unwrap();
    assert_eq!(site.step("alternates", &why()).await.expect(200)["winners"], json!(41));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_recorded_is_never_made_again() {
    let site = published(50).await;
    let booked = site.booked().await;
    let give_up = async |some: &[(EntryNo, u32)]| {
        for (entry, _) in some {
            site.cancel(entry.0).await;
        }
    };
    give_up(&booked[..4]).await;
    let drawn = site.step("alternates", &why()).await.expect(200);
    give_up(&booked[4..6]).await;
    // An older copy was put in place of the folder.
    let (folder, elsewhere) = (site.draw_folder(), site.folder.path().join("elsewhere"));
    std::fs::create_dir(&elsewhere).unwrap();
    let moved = |from: &Path, to: &Path| {
        for file in OF_A_ROUND {
            std::fs::rename(from.join(file), to.join(file)).unwrap();
        }
    };
    moved(&folder, &elsewhere);
    let refused = async || {
        let refused = site.step("alternates", &why()).await;
        assert_eq!(refused.code(500), "draw-file-wrong");
        let what = "alternates-1.txt is not there, which the ledger has";
        assert!(refused.text().contains(what), "{}", refused.text());
        assert!(OF_A_ROUND.iter().all(|file| !folder.join(file).exists()), "nothing was made");
    };
    refused().await;
    moved(&elsewhere, &folder);
    assert_eq!(site.step("alternates", &why()).await.expect(200), drawn);
    site.act(json!({ "do": "publish", "reason": "the next four" })).await.expect(200);
    moved(&folder, &elsewhere);
    refused().await;
    assert_eq!(stage(&site).await, json!("published"), "no round began");
    moved(&elsewhere, &folder);
    assert_eq!(site.step("alternates", &why()).await.expect(200)["winners"], json!(46));
}

#[tokio::test(flavor = "multi_thread")]
async fn alternates_are_not_drawn_where_nothing_came_back() {
    let site = published(50).await;
    for _ in 0..2 {
        assert_eq!(site.step("alternates", &why()).await.code(409), "draw-nothing-returned");
        assert_eq!(stage(&site).await, json!("published"), "nothing has to be published again");
    }
    site.cancel(site.booked().await[0].0.0).await;
    let told = site.step("alternates", &why()).await.expect(200);
    assert_eq!(told["events"].as_array().unwrap().last().unwrap()["winners"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_is_closed_behind_alternates_that_the_ledger_does_not_have() {
    let site = published(50).await;
    let booked = site.booked().await;
    alternates_without_a_record(&site, &booked[..4]).await;
    let unserved = json!({ "unserved": true, "reason": "fresh numbers" });
    let refused = site.post(DRAWS, &unserved).await;
    assert_eq!(refused.code(409), "draw-order");
    assert_eq!(refused.json()["needs"], json!("alternates"));
    site.step("alternates", &why()).await.expect(200);
    site.act(json!({ "do": "publish", "reason": "the next four" })).await.expect(200);
    assert_eq!(site.post(DRAWS, &unserved).await.expect(200)["entries"], json!(6));
    site.post(&format!("{DRAWS}/2/seal"), &seal_anew()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn alternates_are_public_when_they_are_published_and_no_earlier() {
    let site = published(50).await;
    let (public, _stop) = site.serve_public();
    let shown = async || {
        let mut shown = Vec::new();
        for file in OF_A_ROUND {
            shown.push(status_of(public, file).await);
        }
        shown.dedup();
        shown
    };
    let booked = site.booked().await;
    alternates_without_a_record(&site, &booked[..4]).await;
    assert!(site.draw_folder().join("winners-1.txt").exists());
    assert_eq!(shown().await, [404], "the files are there, and nobody has anything");
    site.step("alternates", &why()).await.expect(200);
    assert_eq!(shown().await, [404], "nobody was told");
    assert_eq!(status_of(public, "winners.txt").await, 200, "what was published stays");
    site.act(json!({ "do": "publish", "reason": "the next four" })).await.expect(200);
    assert_eq!(shown().await, [200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_and_seeded_is_public_when_the_ledger_has_it() {
    let site = site().await;
    site.enter(1, 0, 1).await;
    site.set_time(super::NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site.step("seal", &seal()).await.expect(200);
    let (public, _stop) = site.serve_public();
    let shown = async || {
        let mut shown = [0; 3];
        for (status, file) in shown.iter_mut().zip(["opening.txt", "seed.txt", "seeded.txt"]) {
            *status = status_of(public, file).await;
        }
        shown
    };
    let (folder, key) = (Folder::open(&site.draw_folder()).unwrap(), key(&site));
    let [operator, notary] = super::secrets();
    let opened = Opened { operator, notary, balls: Balls::read("7") };
    ceremony::open(&folder, &opened, &key).unwrap();
    assert_eq!(shown().await, [404; 3], "the step was cut off behind its file");
    let mut other = super::opening();
    other["balls"] = json!("8");
    let refused = site.step("open", &other).await;
    assert_eq!(refused.code(409), "draw-differs", "nobody tries another ball");
    site.step("open", &super::opening()).await.expect(200);
    assert_eq!(shown().await, [200, 404, 404]);
    ceremony::seed(&folder, None, &key).unwrap();
    assert!(folder.has("seeded.txt").unwrap());
    assert_eq!(shown().await, [200, 404, 404], "cut off once more");
    // The note of a void draw names the one before it, so that is there for whoever checks.
    site.step("void", &why()).await.expect(200);
    assert_eq!(shown().await, [200; 3]);
    let void = get(public, "/draws/masks/1/void.txt").await;
    let void = Event::read(Note::read(void.text()).unwrap().text()).unwrap();
    let seeded = Note::read(&folder.read_text("seeded.txt").unwrap()).unwrap();
    assert_eq!(void.previous, seeded.digest());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_is_void_in_the_ledger_before_anybody_can_read_so() {
    let site = site().await;
    site.enter(1, 0, 1).await;
    site.set_time(super::NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site.step("seal", &seal()).await.expect(200);
    // Somebody else works in the folder, so that it takes no note.
    let folder = site.draw_folder();
    let in_the_way = std::fs::File::open(&folder).unwrap();
    in_the_way.lock().unwrap();
    let unwritten = site.step("void", &why()).await;
    assert_eq!(unwritten.code(503), "draw-busy");
    let told = unwritten.text();
    assert!(told.contains("The draw is void in the journal, which is for good"), "{told}");
    assert!(told.contains("Give the step void again, with the same reason."), "{told}");
    assert!(!told.contains("Nothing was changed"), "{told}");
    assert_eq!(stage(&site).await, json!("void"));
    assert!(!folder.join("void.txt").exists());
    let publish = json!({ "do": "publish", "reason": "by mistake" });
    assert_eq!(site.act(publish).await.code(409), "draw-order");
    let refused = site.post(DRAWS, &why()).await;
    assert_eq!(refused.code(409), "draw-out-of-order", "the next seal would name that note");
    drop(in_the_way);
    let void = site.step("void", &why()).await.expect(200);
    let note = std::fs::read_to_string(folder.join("void.txt")).unwrap();
    let digest = Note::read(&note).unwrap().digest().to_string();
    assert_eq!(void["events"].as_array().unwrap().last().unwrap()["digest"], json!(digest));
    assert_eq!(site.step("void", &why()).await.expect(200), void);
    let other = json!({ "reason": "another reason" });
    assert_eq!(site.step("void", &other).await.code(409), "draw-differs");
    site.post(DRAWS, &why()).await.expect(200);
    site.post(&format!("{DRAWS}/2/seal"), &seal()).await.expect(200);
}
