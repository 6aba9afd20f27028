//! A disk that changes its mind under a running node: what an export says of people is what they
//! entered, or it ends.

use super::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use types::command::Records;
use types::{Command, FrameNo};

const EXPORT: &str = "/v1/operator/campaigns/masks/export";
const SEGMENT: &str = "journal/00000000000000000001.seg";

fn csv() -> Value {
    json!({ "format": "csv", "layout": "file", "reason": "shops" })
}

/// Where a payload begins in the segment, and its bytes.
fn payload(site: &Site, segment: &File, frame: FrameNo) -> (u64, Vec<u8>) {
    let mut frames = site.node.journal_reader().read_from(frame).unwrap();
    let payload = frames.next_frame().unwrap().unwrap().payload.to_vec();
    let mut bytes = vec![0; segment.metadata().unwrap().len() as usize];
    segment.read_exact_at(&mut bytes, 0).unwrap();
    let at = bytes.windows(payload.len()).position(|found| found == payload).unwrap();
    (at as u64, payload)
}

/// Readers of slices compute no hashes: it is the seal that tells. What else changed in the record
/// is of no account to an export, or shows at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_on_the_disk_under_a_running_node_is_never_exported() {
    let site = Site::new().await;
    site.enter(1, 1, 2).await;
    site.enter(2, 0, 1).await;
    let frame = site.node.read(ledger::Ledger::frame).unwrap().await.unwrap();
    let path = site.folder.path().join(SEGMENT);
    let segment = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let (at, payload) = payload(&site, &segment, frame);
    let sound = site.post(EXPORT, &csv()).await;
    sound.expect(200);
    assert!(sound.text().contains("张2"), "{}", sound.text());
    let mut seen = BTreeMap::new();
    for bit in 0..payload.len() * 8 {
        let flipped = payload[bit / 8] ^ (1 << (bit % 8));
        segment.write_all_at(&[flipped], at + bit as u64 / 8).unwrap();
        let file = site.post(EXPORT, &csv()).await;
        if file.status == 200 {
            assert!(file.bytes == sound.bytes, "bit {bit}: {}", file.text());
            *seen.entry("unchanged").or_insert(0) += 1;
        } else {
            assert_eq!(file.code(500), "export-unreadable", "bit {bit}");
            let detail = file.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("the fields of entry 1 cannot be opened"), "{detail}");
            assert!(detail.contains("Run `tidegate journal verify`"), "{detail}");
            *seen.entry("refused").or_insert(0) += 1;
        }
        segment.write_all_at(&payload[bit / 8..=bit / 8], at + bit as u64 / 8).unwrap();
    }
    assert!(seen.values().all(|&times| 100 < times), "{seen:?}");
    assert_eq!(seen.len(), 2, "{seen:?}");
    site.post(EXPORT, &csv()).await.expect(200);
}

/// A seal opens anywhere in its campaign: one that was moved to another entry is told all the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_sealed_fields_of_another_entry_are_never_exported() {
    let site = Site::new().await;
    let path = site.folder.path().join(SEGMENT);
    let segment = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut sealed = Vec::new();
    for (person, pool) in [(1, 1), (2, 0)] {
        site.enter(person, pool, 1).await;
        let frame = site.node.read(ledger::Ledger::frame).unwrap().await.unwrap();
        let (at, payload) = payload(&site, &segment, frame);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        let Ok(Command::Enter(enter)) = Command::decode(record) else { panic!("an entry") };
        assert!(payload.ends_with(enter.sealed), "an entry is the frame's only record");
        let from = at + (payload.len() - enter.sealed.len()) as u64;
        sealed.push((from, enter.sealed.to_vec()));
    }
    let [(one_at, one), (other_at, other)] = &sealed[..] else { panic!("two entries") };
    assert!(one.len() == other.len() && one != other);
    let sound = site.post(EXPORT, &csv()).await;
    sound.expect(200);
    segment.write_all_at(other, *one_at).unwrap();
    segment.write_all_at(one, *other_at).unwrap();
    let file = site.post(EXPORT, &csv()).await;
    assert_eq!(file.code(500), "export-unreadable");
    let detail = file.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("not those that it was entered with"), "{detail}");
    segment.write_all_at(one, *one_at).unwrap();
    segment.write_all_at(other, *other_at).unwrap();
    site.post(EXPORT, &csv()).await.expect(200);
}
