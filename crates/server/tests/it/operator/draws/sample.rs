//! The audit sample of a draw: whose its lines are, and that it is on record who asked.

use super::super::site::phone;
use super::{DRAWS, opening, seal, site, why};
use draw::note::Note;
use draw::receipt::Receipt;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_opens_lines_to_their_people_and_is_on_record() {
    let site = site().await;
    for person in 0..50 {
        site.enter(person, 0, 1).await;
    }
    site.set_time(super::NIGHT);
    site.post(DRAWS, &why()).await.expect(200);
    let path = format!("{DRAWS}/1/sample");
    let ask = |size: u32| json!({ "size": size, "reason": "the notary's audit" });
    for (step, body) in [("seal", seal()), ("open", opening())] {
        let early = site.post(&path, &ask(5)).await;
        assert_eq!(early.code(409), "draw-order", "before {step}");
        site.step(step, &body).await.expect(200);
    }
    assert_eq!(site.post(&path, &ask(5)).await.code(409), "draw-order");
    assert!(!site.draw_folder().join("sample.txt").exists(), "it could be prepared for");
    site.step("seed", &why()).await.expect(200);
    for wrong in [0, 10_001] {
        assert_eq!(site.post(&path, &ask(wrong)).await.code(400), "malformed-request");
    }
    assert_eq!(site.post(&format!("{DRAWS}/2/sample"), &ask(5)).await.code(409), "unknown-draw");

    let opened = site.post(&path, &ask(5)).await;
    let told = opened.expect(200);
    assert_eq!(told["name"], "masks/1");
    let list = std::fs::read_to_string(site.draw_folder().join("entries.txt")).unwrap();
    let entries = told["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 5);
    for entry in entries {
        let number = |member: &str| u32::try_from(entry[member].as_u64().unwrap()).unwrap();
        let (line, person) = (number("line") as usize, number("number") - 1);
        let stated = json!([{ "name": format!("张{person}"), "phone": international(person) }]);
        assert_eq!(entry["people"], stated);
        let note = Note::read(entry["receipt"].as_str().unwrap()).unwrap();
        let receipt = Receipt::read(note.text()).unwrap();
        assert_eq!(receipt.line().bytes(), list.lines().nth(line - 1).unwrap().as_bytes());
        let identity = format!("TEL-E164:{}", international(person)).parse().unwrap();
        assert_eq!(receipt.place_of(&identity), Some(0), "the line opens to them");
    }
    let sample = std::fs::read_to_string(site.draw_folder().join("sample.txt")).unwrap();
    assert_eq!(sample.lines().count(), 5);

    // Asked for again it is the same, and on record again; a draw has one sample.
    let again = site.post(&path, &ask(5)).await;
    assert_eq!(again.bytes, opened.bytes);
    assert_eq!(site.post(&path, &ask(6)).await.code(409), "draw-differs");
    let campaign = site.get("/v1/operator/campaigns/masks").await.expect(200);
    let checksum = draw::Digest::of(&opened.bytes).to_string();
    let recorded = campaign["exports"].as_array().unwrap();
    let is_it = |export: &&Value| export["checksum"] == checksum && export["bookings"] == 5;
    assert_eq!(recorded.iter().filter(is_it).count(), 2, "{recorded:?}");
    assert_eq!(campaign["actions"][0]["reason"], "the notary's audit");
}

fn international(person: u32) -> String {
    format!("+86{}", phone(person))
}
