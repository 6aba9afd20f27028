//! `tidegate audit` of journals with draws: a whole one is told of, and what winners did not choose
//! is found though the engine took it.

use super::{audit, operator, told, write};
use crate::support::CAMPAIGN;
use serde_json::Value;
use types::command::{EnterParts, encode_award};
use types::definition::Stock;
use types::{
    Action, Allocate, CampaignNo, Definition, DrawEvent, DrawNo, DrawTerms, EnterDigests, EntryNo,
    Millis, OutletNo, PersonKey, PoolNo, Publish, RequestId, Sha256,
};

/// One draw for all, of two pools.
fn definition() -> Box<Definition> {
    let files = [("c.toml".to_owned(), CAMPAIGN.into())];
    let files = campaign::Uploaded(files.into_iter().collect());
    let mut definition = campaign::read_from(&files, "c.toml", Millis(0)).unwrap().definition;
    definition.publish = Publish::ByHand { expected: None };
    definition.allocate = Allocate::Draw(DrawTerms {
        stand_days: None,
        tickets_max: 1,
        accept_any: false,
        group_max: 1,
    });
    definition.register.units_max = 1;
    let mut other = definition.outlets[0].clone();
    other.code = "other".to_owned();
    definition.outlets.push(other);
    let stock = Stock { outlet: OutletNo(1), ..definition.stock[0] };
    definition.stock.push(stock);
    Box::new(definition)
}

/// One person's request for a mask at the first outlet.
fn enter(person: u8) -> Vec<u8> {
    let mut record = Vec::new();
    EnterParts {
        campaign: CampaignNo(0),
        request: RequestId([person; 16]),
        digests: EnterDigests { request: [person; 8], identity: [person; 8] },
        units: 1,
        choices: &[PoolNo(0)],
        keys: &[PersonKey([person; 16]), PersonKey([100 + person; 16])],
        sealed: b"sealed",
    }
    .encode(&mut record);
    record
}

fn event(event: DrawEvent, digest: u8) -> Vec<u8> {
    let (campaign, draw, digest) = (CampaignNo(0), DrawNo(1), Sha256([digest; 32]));
    operator(Action::DrawEvent { campaign, draw, event, digest })
}

/// Three people enter, one of whom wins a mask of this pool.
fn drawn(pool: u32) -> Vec<Vec<u8>> {
    let campaign = CampaignNo(0);
    let mut award = Vec::new();
    let winner = (EntryNo(1), PoolNo(pool));
    encode_award((campaign, DrawNo(1)), 0, &[winner], &mut award);
    vec![
        operator(Action::Load { definition: definition() }),
        operator(Action::Open { campaign }),
        enter(1),
        enter(2),
        enter(3),
        operator(Action::Close { campaign }),
        operator(Action::CloseDraw { campaign, slot: None, unserved: false }),
        event(DrawEvent::Seal { entries: 3 }, 0xa1),
        event(DrawEvent::Opening, 0xa2),
        event(DrawEvent::Seed, 0xa3),
        event(DrawEvent::Result { winners: 1 }, 0xa4),
        award,
        operator(Action::Publish { campaign }),
    ]
}

#[test]
fn an_audit_tells_of_each_draw() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &drawn(0));
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(0), "{text}");
    for words in [
        "entries  3 = 1 booked + 0 redeemed + 0 cancelled + 0 sold out + 0 cooling down + 2 waiting",
        "draw 1   published: closed at ",
        " in frame 7, 3 entries, 1 winner, 1 awarded\n",
        &format!("  seal       {} of 3\n", "a1".repeat(32)),
        &format!("  result     {} with 1\n", "a4".repeat(32)),
    ] {
        assert!(text.contains(words), "{words} is missing: {text}");
    }
    assert!(text.ends_with("audit: clean\n"), "{text}");

    let json: Value = serde_json::from_slice(&audit(&data, &["--json"]).stdout).unwrap();
    let draw = &json["campaigns"][0]["draws"][0];
    assert_eq!((&draw["draw"], &draw["stage"]), (&1.into(), &"published".into()));
    assert_eq!((&draw["entries"], &draw["winners"]), (&3.into(), &1.into()));
    assert_eq!((&draw["awarded"], &draw["frame"]), (&1.into(), &7.into()));
    assert_eq!(draw["events"][0]["event"], "seal");
    assert_eq!(draw["events"][0]["digest"], "a1".repeat(32));
    assert_eq!(draw["events"][3]["winners"], 1);
    assert_eq!(json["campaigns"][0]["entries_by_state"]["waiting"], 2);
}

#[test]
fn a_pool_that_nobody_chose_is_found_though_the_engine_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &drawn(1));
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(1), "{text}");
    let words = "FOUND unchosen: frame 12 byte 0: test: draw 1 gave entry 1 pool 1 \
                 (other/mask/day), which it did not choose; it takes shop/mask/day and no other";
    assert!(text.contains(words), "{text}");
    assert!(text.contains("audit: 1 finding\n"), "{text}");
}

/// What the engine refuses changes nothing, and is no finding: the journal has both.
#[test]
fn what_the_engine_refused_of_a_draw_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut frames = drawn(0);
    frames.insert(7, event(DrawEvent::Seal { entries: 2 }, 0xa1));
    frames.insert(8, event(DrawEvent::Void, 0xb1));
    write(&data, &frames);
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("entries-differ") && text.contains("draw 1   void: closed at"), "{text}");
    assert!(text.ends_with("audit: clean\n"), "{text}");
}
