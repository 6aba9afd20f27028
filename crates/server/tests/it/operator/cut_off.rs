//! Steps of a draw that were cut off between their files and the journal, and are given again when
//! other things have happened.

use super::draws::{DRAWS, NIGHT, get, opening, opening_anew, seal, seal_anew, site, why};
use super::site::Site;
use audit::journal::Folders;
use audit::{Books, Claim, Ending, Reader};
use ceremony::{Against, Folder, History};
use draw::Line;
use ledger::Ledger;
use roll::Index;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use types::action::DrawEvent;
use types::command::encode_award;
use types::ids::{DrawNo, Sha256};
use types::{Action, CampaignNo, EntryNo, Outcome, PoolNo};

/// Files by their path below `draws`.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn files(root: &Path, folder: &Path, into: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, into);
        } else {
            into.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
}

/// All files of all draws.
fn drawn(data: &Path) -> Files {
    let mut all = Files::new();
    files(&data.join("draws"), &data.join("draws"), &mut all);
    all
}

/// A step that ended when its files were there: they are those that it made, in a data folder that
/// is otherwise the one of before it. With them, who was booked where it went to its end.
async fn cut_off(site: Site, path: &str, body: &Value) -> (Site, Files, Vec<(EntryNo, u32)>) {
    let operator = site.operator.clone();
    let before = site.stop().await;
    let kept = tempfile::tempdir().unwrap();
    copy(before.path(), kept.path());
    let whole = Site::reopened(before, NIGHT, operator.clone()).await;
    whole.post(&format!("{DRAWS}/{path}"), body).await.expect(200);
    let booked = whole.booked().await;
    let after = whole.stop().await;
    // The key that signs is made with the first seal.
    for folder in ["draws", "keys"] {
        copy(&after.path().join(folder), &kept.path().join(folder));
    }
    (Site::reopened(kept, NIGHT, operator).await, drawn(after.path()), booked)
}

/// Gives a step again, which then has the very files that it had.
async fn again(site: &Site, path: &str, body: &Value, made: &Files) -> Value {
    let done = site.post(&format!("{DRAWS}/{path}"), body).await.expect(200);
    let found = drawn(site.folder.path());
    assert!(found.keys().eq(made.keys()), "{:?} and {:?}", found.keys(), made.keys());
    for (path, bytes) in made {
        assert!(found[path] == *bytes, "{} is another", path.display());
    }
    done
}

impl Site {
    async fn stage(&self, draw: u16) -> String {
        let told = self.get(&format!("{DRAWS}/{draw}")).await.expect(200);
        told["stage"].as_str().unwrap().to_owned()
    }

    async fn publish(&self) {
        self.act(json!({ "do": "publish", "reason": "on time" })).await.expect(200);
    }

    async fn give_up(&self, entries: &[(EntryNo, u32)]) {
        for (entry, _) in entries {
            let cancelled = self.cancel(entry.0).await;
            assert!(matches!(cancelled, Outcome::Cancelled { .. }), "{cancelled:?}");
        }
    }

    async fn add_stock(&self, units: u32) -> super::site::Answer {
        let text = format!("outlet,item,slot,units\n1001,N95,am,{units}\n");
        let file = json!({ "name": "s.csv", "text": text });
        let body = json!({ "file": file, "mode": "add", "reason": "more came" });
        self.post("/v1/operator/campaigns/masks/stock", &body).await
    }

    async fn draw_to_its_end(&self, draw: u16) {
        let opening = if draw == 1 { opening() } else { opening_anew() };
        for (step, body) in [("open", opening), ("seed", why()), ("run", why())] {
            self.post(&format!("{DRAWS}/{draw}/{step}"), &body).await.expect(200);
        }
        self.publish().await;
    }
}

/// The winners in a file of the first draw, in its order: their entries, and the pools.
fn winners(site: &Site, file: &str) -> Vec<(EntryNo, PoolNo)> {
    let draws = site.folder.path().join("draws/masks");
    let read = |name: &str| fs::read_to_string(draws.join("1").join(name)).unwrap();
    let (list, rows) = (read("entries.txt"), read(file));
    let list: Vec<_> = list.lines().map(|line| Line::read(line.as_bytes()).unwrap()).collect();
    let rows: Vec<Vec<&str>> = rows.lines().map(|row| row.split(',').collect()).collect();
    let first = |row: &Vec<&str>| list[row[1].parse::<usize>().unwrap()].commits().next().unwrap();
    let index = fs::File::open(draws.join("1.private/index")).unwrap();
    let entries = Index::find(index, rows.iter().map(first)).unwrap();
    let pool = |row: &Vec<&str>| PoolNo(u32::from(row[2].starts_with("1002")));
    entries.into_iter().zip(rows.iter().map(pool)).collect()
}

/// Journals what a step does behind its files, as far as the first of its winners: it was cut off
/// there, or was that of a release which told the ledger of fewer at a time.
async fn awarded_in_part(site: &Site, event: DrawEvent, before: u32, some: &[(EntryNo, PoolNo)]) {
    let (file, draw) = (format!("{}.txt", audit::books::draw::event_word(event)), DrawNo(1));
    let file = if 0 < before { file.replace(".txt", "-1.txt") } else { file };
    let folder = Folder::open(&site.folder.path().join("draws/masks/1")).unwrap();
    let digest = Sha256(History::read(&folder).unwrap().digest_of(&file).unwrap().0);
    let campaign = CampaignNo(0);
    let told = site.journal(Action::DrawEvent { campaign, draw, event, digest }).await;
    assert_eq!(told, Outcome::Done { units: 0 });
    let mut record = Vec::new();
    encode_award((campaign, draw), before, some, &mut record);
    let units = some.len() as u64;
    assert_eq!(site.node.submit_one(record).unwrap().await.unwrap(), Outcome::Done { units });
}

/// Everybody can check the files, the books of the journal find nothing wrong with it, and it has
/// the digest of each note.
async fn is_sound(site: Site) {
    let data = site.stop().await;
    let source = Folders(vec![data.path().join("journal")]);
    let (mut reader, mut books) = (Reader::new(&source, None), Books::new());
    let mut ledger = Ledger::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        let mut told = Vec::new();
        ledger.apply_frame(frame.no, frame.at, frame.payload, &mut told).unwrap();
        let claims = told.iter().map(Claim::from);
        books.take_claimed_frame((frame.no, frame.at), frame.commands, frame.payload, claims);
    }
    books.close();
    assert_eq!(reader.end().unwrap().ending, Ending::Clean);
    assert_eq!(books.findings(), []);
    let draws = books.campaign(CampaignNo(0)).unwrap().draws();
    let folder = |no: usize| Folder::open(&data.path().join(format!("draws/masks/{no}"))).unwrap();
    for (no, draw) in (1..).zip(draws) {
        let folder = folder(no);
        let history = History::read(&folder).unwrap();
        let mut alternates = 0;
        for (event, digest) in &draw.events {
            let file = match audit::books::draw::event_word(*event) {
                "seed" => "seeded.txt".to_owned(),
                "alternates" => {
                    alternates += 1;
                    format!("alternates-{alternates}.txt")
                }
                word => format!("{word}.txt"),
            };
            let note = history.digest_of(&file).unwrap();
            assert_eq!(note.0, digest.0, "{file} of draw {no}");
        }
        assert_eq!(history.alternates(), alternates, "nothing that is not recorded");
    }
    let after: Vec<_> = (1..draws.len()).rev().map(folder).collect();
    let against = Against { after: &after, ..Against::default() };
    ceremony::verify(&folder(draws.len()), &against, &|_, _, _| ()).unwrap();
}

/// A draw of fifty people over forty units, as far as its closed list.
async fn closed() -> Site {
    closed_but_for(&[]).await
}

/// The same, but these people chose the other shop, which has units for all of them.
async fn closed_but_for(elsewhere: &[u32]) -> Site {
    let site = site().await;
    for person in 0..50 {
        site.enter(person, u32::from(elsewhere.contains(&person)), 1).await;
    }
    site.set_time(NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_was_cut_off_is_given_again() {
    // Whoever gives up wins for certain: otherwise they could win among the unserved, as the next
    // list is what the files of the first draw leave, and have a unit that nobody gets.
    let (site, made, _) = cut_off(closed_but_for(&[7]).await, "1/seal", &seal()).await;
    assert_eq!(site.stage(1).await, "closed", "it is not recorded");
    let mut other = seal();
    other["deadline"] = json!("2030-02-03T12:00:00Z");
    let refused = site.post(&format!("{DRAWS}/1/seal"), &other).await;
    assert_eq!(refused.code(409), "draw-differs", "nothing else is sealed in its place");
    site.give_up(&[(EntryNo(7), 0)]).await;
    site.add_stock(5).await.expect(200);
    let sealed = again(&site, "1/seal", &seal(), &made).await;
    assert_eq!((&sealed["stage"], &sealed["entries"]), (&json!("sealed"), &json!(50)));
    site.draw_to_its_end(1).await;

    // Fresh numbers for what came back: more of it, once the stock is sealed, is for others.
    let booked = site.booked().await;
    site.give_up(&booked[..2]).await;
    let free = 45 - site.booked().await.len();
    let unserved = json!({ "unserved": true, "reason": "fresh numbers" });
    site.post(DRAWS, &unserved).await.expect(200);
    let (site, made, _) = cut_off(site, "2/seal", &seal_anew()).await;
    site.give_up(&booked[2..5]).await;
    let lapse = json!({ "do": "lapse", "outlet": "1002", "reason": "the deadline" });
    site.act(lapse).await.expect(200);
    again(&site, "2/seal", &seal_anew(), &made).await;
    let stock = fs::read_to_string(site.folder.path().join("draws/masks/2/stock.txt")).unwrap();
    assert!(stock.lines().next().unwrap().ends_with(&format!(",{free}")), "{stock}");
    site.draw_to_its_end(2).await;
    assert_eq!(site.booked().await.len(), 45 - 3, "what came back behind the seal is left");
    is_sound(site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_off_is_given_again() {
    let site = closed().await;
    site.post(&format!("{DRAWS}/1/seal"), &seal()).await.expect(200);
    site.post(&format!("{DRAWS}/1/open"), &opening()).await.expect(200);
    site.post(&format!("{DRAWS}/1/seed"), &why()).await.expect(200);
    let (site, made, booked) = cut_off(site, "1/run", &why()).await;
    assert_eq!((site.stage(1).await, site.booked().await), ("seeded".into(), vec![]));
    let (public, _stop) = site.serve_public();
    assert_eq!(get(public, "/draws/masks/1/winners.txt").await.status, 404);
    // Two who won by the files give their entries up, and somebody who did not.
    let lost = (0..50).map(EntryNo).find(|entry| booked.iter().all(|(won, _)| won != entry));
    site.give_up(&booked[..2]).await;
    site.give_up(&[(lost.unwrap(), 0)]).await;
    site.add_stock(5).await.expect(200);
    let drawn = again(&site, "1/run", &why(), &made).await;
    assert_eq!((&drawn["stage"], &drawn["awarded"]), (&json!("drawn"), &json!(40)));
    assert_eq!(site.booked().await, booked[2..], "all the others, the same places");
    // Cut off behind its record, it finds everything done.
    again(&site, "1/run", &why(), &made).await;
    site.publish().await;
    is_sound(site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alternates_that_were_cut_off_are_given_again() {
    let site = closed().await;
    site.post(&format!("{DRAWS}/1/seal"), &seal()).await.expect(200);
    site.draw_to_its_end(1).await;
    let before = site.booked().await;
    site.give_up(&before[..4]).await;
    site.begin_round().await;
    let (site, made, booked) = cut_off(site, "1/alternates", &why()).await;
    assert_eq!((site.stage(1).await, site.booked().await.len()), ("resumed".into(), 36));
    let (public, _stop) = site.serve_public();
    for (file, status) in [("winners.txt", 200), ("winners-1.txt", 404), ("returned-1.txt", 404)] {
        let path = format!("/draws/masks/1/{file}");
        assert_eq!(get(public, &path).await.status, status, "{file}");
    }
    assert_eq!(booked.len(), 40);

    // What comes back now is for the next time; and nothing goes on without this one.
    site.give_up(&before[4..5]).await;
    let unserved = json!({ "unserved": true, "reason": "fresh numbers" });
    assert_eq!(site.post(DRAWS, &unserved).await.code(409), "draw-order");
    let withdraw = json!({ "do": "withdraw", "outlet": "1001", "units": 3, "reason": "recalled" });
    assert_eq!(site.act(withdraw).await.code(409), "draw-under-way");
    let drawn = again(&site, "1/alternates", &why(), &made).await;
    assert_eq!((&drawn["winners"], &drawn["awarded"]), (&json!(44), &json!(44)));
    let stays = |entry: &&(EntryNo, u32)| **entry != before[4];
    let wanted: Vec<_> = booked.iter().filter(stays).copied().collect();
    assert_eq!(site.booked().await, wanted);
    site.publish().await;
    assert_eq!(get(public, "/draws/masks/1/winners-1.txt").await.status, 200);

    // One more came back: by order again, and then a draw with fresh numbers.
    let next = site.post(&format!("{DRAWS}/1/alternates"), &why()).await.expect(200);
    assert_eq!(next["awarded"], json!(45));
    site.publish().await;
    site.post(DRAWS, &unserved).await.expect(200);
    site.post(&format!("{DRAWS}/2/seal"), &seal_anew()).await.expect(200);
    site.draw_to_its_end(2).await;
    is_sound(site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn winners_that_were_cut_off_are_told_from_where_they_were() {
    let site = closed().await;
    site.post(&format!("{DRAWS}/1/seal"), &seal()).await.expect(200);
    site.post(&format!("{DRAWS}/1/open"), &opening()).await.expect(200);
    // The seed was cut off, too: there is one, whenever the step goes on.
    let (site, made, _) = cut_off(site, "1/seed", &why()).await;
    assert_eq!(site.stage(1).await, "opened");
    again(&site, "1/seed", &why(), &made).await;
    let (site, made, booked) = cut_off(site, "1/run", &why()).await;
    let won = winners(&site, "winners.txt");
    assert_eq!(won.len(), 40);
    awarded_in_part(&site, DrawEvent::Result { winners: 40 }, 0, &won[..7]).await;
    let needs = async || {
        let publish = site.act(json!({ "do": "publish", "reason": "too early" })).await;
        assert_eq!(publish.code(409), "draw-order");
        publish.json()["needs"].clone()
    };
    assert_eq!((needs().await, site.booked().await.len()), (json!("awards"), 7));
    // One of the seven and one of the others give up: neither has a unit in the end.
    let entry = |(entry, pool): (EntryNo, PoolNo)| (entry, pool.0);
    let gone = [won[3], won[20]].map(entry);
    site.give_up(&gone).await;
    let drawn = again(&site, "1/run", &why(), &made).await;
    assert_eq!((&drawn["winners"], &drawn["awarded"]), (&json!(40), &json!(40)));
    let stays = |entry: &&(EntryNo, u32)| !gone.contains(entry);
    let wanted: Vec<_> = booked.iter().filter(stays).copied().collect();
    assert_eq!(site.booked().await, wanted);
    again(&site, "1/run", &why(), &made).await;
    site.publish().await;

    // The same among alternates.
    site.give_up(&wanted[..2]).await;
    site.begin_round().await;
    let (site, made, booked) = cut_off(site, "1/alternates", &why()).await;
    let won = winners(&site, "winners-1.txt");
    assert_eq!((won.len(), site.booked().await.len()), (4, 36));
    awarded_in_part(&site, DrawEvent::Alternates { winners: 4 }, 40, &won[..1]).await;
    assert_eq!(site.stage(1).await, "drawn");
    let drawn = again(&site, "1/alternates", &why(), &made).await;
    assert_eq!((&drawn["winners"], &drawn["awarded"]), (&json!(44), &json!(44)));
    assert_eq!(site.booked().await, booked);
    again(&site, "1/alternates", &why(), &made).await;
    again(&site, "1/run", &why(), &made).await;
    site.publish().await;
    is_sound(site).await;
}
