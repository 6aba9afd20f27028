//! Command records: two decoders, and what both ledgers make of any history.
//!
//! Invariants: engine and auditor read the same records out of the same bytes; what was decoded
//! encodes back; the books find nothing wrong with what the ledger decided.

use crate::bites::Bites;
use audit::{Books, Claim, Kind};
use ledger::Ledger;
use serde_json::{Value, json};
use std::sync::OnceLock;
use types::command::{EnterParts, Records, encode_award, encode_tick};
use types::{Command, FrameNo, Millis, OperatorCommand};

/// 2020-02-01T00:00:00Z, when everything is open.
pub(crate) const START: u64 = 1_580_515_200_000;
const DAY: u64 = 86_400_000;
/// From this first byte on, the state is saved and loaded at the end.
const SAVED: u8 = 0xc0;
/// Between one frame and the next, in milliseconds.
const STEPS: [u64; 4] = [0, 1, DAY / 24, DAY];

pub(crate) fn feed(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let way = bites.byte();
    let step = STEPS[usize::from(way % 4)];
    let payload = bites.0;
    decoded(payload);
    let (mut ledger, mut books) = (Ledger::new(), Books::new());
    let mut frames: Vec<&[u8]> = Vec::new();
    frames.push(ready());
    let mut end = 0;
    for record in Records::new(payload) {
        let Ok((offset, record)) = record else { break };
        if Command::decode(record).is_err() {
            break;
        }
        end = offset as usize + 4 + record.len();
        frames.push(&payload[offset as usize..end]);
    }
    for (index, payload) in frames.iter().enumerate() {
        let (no, at) = (FrameNo(index as u64 + 1), Millis(START + step * index as u64));
        apply((&mut ledger, &mut books), (no, at), payload);
    }
    let (no, at) = (FrameNo(frames.len() as u64 + 1), Millis(START + step * frames.len() as u64));
    apply((&mut ledger, &mut books), (no, at), &payload[..end]);
    books.close();
    assert_eq!(books.findings_len(), 0, "{:?}", books.findings());
    // It takes as long as all the rest.
    if SAVED <= way {
        let saved = crate::snapshots::saved(&ledger);
        let again = crate::snapshots::loaded(&saved).expect("a state that came about loads");
        assert_eq!(again.hash(), ledger.hash());
    }
}

fn apply((ledger, books): (&mut Ledger, &mut Books), (no, at): (FrameNo, Millis), payload: &[u8]) {
    let mut outcomes = Vec::new();
    ledger.apply_frame(no, at, payload, &mut outcomes).expect("each was decoded before");
    let commands = u32::try_from(outcomes.len()).expect("a payload is small");
    let mut claims = outcomes.iter().map(Claim::from);
    books.take_frame((no, at), commands, payload, |_, _| claims.next());
    // The ledger does not look at what winners chose.
    let mut findings = books.findings().iter().filter(|found| found.kind != Kind::Unchosen);
    assert_eq!(findings.next(), None, "of {outcomes:?}");
}

/// Both decoders, side by side.
fn decoded(payload: &[u8]) {
    let mut theirs = audit::record::Records::new(payload);
    for ours in Records::new(payload) {
        let heard = theirs.next();
        let ours = ours.and_then(|(offset, record)| Ok((offset, record, Command::decode(record)?)));
        let Ok((offset, record, command)) = ours else {
            assert!(matches!(heard, Some((_, Err(_)))), "{ours:?} and {heard:?}");
            return;
        };
        let Some((also_at, Ok(heard))) = heard else { panic!("{command:?} and {heard:?}") };
        assert_eq!(offset, also_at);
        assert!(is_same(&command, &heard), "{command:?} and {heard:?}");
        encoded(&command, record);
    }
    assert!(theirs.next().is_none(), "both end at the same place");
}

fn is_same(ours: &Command<'_>, theirs: &audit::Command<'_>) -> bool {
    match (ours, theirs) {
        (Command::Enter(ours), audit::Command::Enter(theirs)) => {
            let digests = (ours.digests.request, ours.digests.identity);
            (ours.campaign, ours.request, digests, ours.units, ours.sealed)
                == (
                    theirs.campaign,
                    theirs.request,
                    (theirs.request_digest, theirs.identity_digest),
                    theirs.units,
                    theirs.sealed,
                )
                && ours.choices().eq(theirs.choices())
                && ours.keys().eq(theirs.keys())
                && (ours.any, ours.people) == (theirs.any, theirs.people)
        }
        (Command::Cancel(ours), audit::Command::Cancel { campaign, entry }) => {
            (&ours.campaign, &ours.entry) == (campaign, entry)
        }
        (
            Command::Redeem(ours),
            audit::Command::Redeem { campaign, entry, outlet, request, actor },
        ) => {
            (&ours.campaign, &ours.entry, &ours.outlet, &ours.request, &ours.actor)
                == (campaign, entry, outlet, request, actor)
        }
        (Command::Award(ours), audit::Command::Award(theirs)) => {
            (ours.campaign, ours.draw, ours.first) == (theirs.campaign, theirs.draw, theirs.first)
                && ours.rows().eq(theirs.winners())
        }
        (Command::Operator(ours), audit::Command::Operator(theirs)) => ours == theirs,
        (Command::Tick, audit::Command::Tick) => true,
        _ => false,
    }
}

/// What was decoded encodes to the same bytes; an operator's JSON, to one that decodes the same.
fn encoded(command: &Command<'_>, record: &[u8]) {
    let mut payload = Vec::new();
    match command {
        Command::Enter(enter) => {
            let choices: Vec<_> = enter.choices().collect();
            let keys: Vec<_> = enter.keys().collect();
            let (campaign, request, digests) = (enter.campaign, enter.request, enter.digests);
            let (units, sealed) = (enter.units, enter.sealed);
            let (choices, keys) = (&choices[..], &keys[..]);
            EnterParts { campaign, request, digests, units, choices, keys, sealed }.encode_apply(
                enter.any,
                enter.people,
                &mut payload,
            );
        }
        Command::Award(award) => {
            let rows: Vec<_> = award.rows().collect();
            encode_award((award.campaign, award.draw), award.first, &rows, &mut payload);
        }
        Command::Cancel(cancel) => cancel.encode(&mut payload),
        Command::Redeem(redeem) => redeem.encode(&mut payload),
        Command::Tick => encode_tick(&mut payload),
        Command::Operator(operator) => {
            operator.encode(&mut payload).expect("small JSON is within the limit");
            let again = Command::decode(&payload[4..]).expect("what was encoded decodes");
            assert_eq!(&again, command);
            return;
        }
    }
    assert_eq!(&payload[4..], record);
}

/// A payload that loads four campaigns: one answers at once, one is held back, one draws, one takes
/// only people of the first.
fn ready() -> &'static [u8] {
    static READY: OnceLock<Vec<u8>> = OnceLock::new();
    READY.get_or_init(|| {
        let load = |code: &str, when: &str| {
            operator(&json!({ "do": "load", "definition": definition(code, when) }))
        };
        let mut drawn = definition("c", "by-hand");
        drawn["allocate"] = json!({ "by": "draw", "stand_days": 2, "tickets_max": 4,
            "accept_any": true, "group_max": 3 });
        let drawn = operator(&json!({ "do": "load", "definition": drawn }));
        let mut second = definition("d", "at-once");
        second["series"]["code"] = json!("s-a");
        second["register"]["registered_in"] = json!("a");
        let second = operator(&json!({ "do": "load", "definition": second }));
        [load("a", "at-once"), load("b", "by-hand"), drawn, second].concat()
    })
}

/// An operator's record.
///
/// # Panics
/// When it is no action.
pub(crate) fn operator(action: &Value) -> Vec<u8> {
    let command = json!({ "actor": "duty officer", "reason": "test", "action": action });
    let command: OperatorCommand = serde_json::from_value(command).expect("an action");
    let mut payload = Vec::new();
    command.encode(&mut payload).expect("a small one");
    payload
}

/// Two outlets with a pool each, two unique fields.
pub(crate) fn definition(code: &str, when: &str) -> Value {
    let text = json!({ "en": "text" });
    let outlet = |code: &str| {
        json!({ "code": code, "name": text, "district": text, "address": text,
            "position": null })
    };
    let field = |code: &str, kind: Value| {
        let label = &text;
        json!({ "code": code, "kind": kind, "label": label, "unique": true })
    };
    let publish = match when {
        "by-hand" => json!({ "when": "by-hand", "expected": null }),
        _ => json!({ "when": "at-once" }),
    };
    json!({
        "code": code,
        "series": { "code": format!("s-{code}"), "cool_down_days": 3 },
        "calendar": { "zone": "Asia/Shanghai", "offsets": [{ "from": 0, "seconds": 28_800 }] },
        "languages": ["en"],
        "texts": { "title": text, "summary": text, "pickup": text, "notice": text },
        "items": [{ "code": "n95", "name": text }],
        "outlets": [outlet("o1"), outlet("o2")],
        "slots": [{ "code": "am", "name": text, "from": START, "until": START + 100 * DAY }],
        "stock": [{ "outlet": 0, "item": 0, "slot": 0, "units": 5 },
            { "outlet": 1, "item": 0, "slot": 0, "units": 2 }],
        "register": { "windows": [{ "from": START, "until": START + 90 * DAY }],
            "fields": [field("id_number", json!({ "type": "resident-id" })),
                field("phone", json!({ "type": "phone", "region": "CN" }))],
            "cap": null, "units_min": 1, "units_max": 5, "choices_max": 3,
            "reenter_after_cancel": true, "allow_list": false },
        "allocate": { "by": "first-come" },
        "publish": publish,
        "fulfil": { "by": "pickup", "whole_day": true },
        "pacing": { "release_percent": 100, "retry_seconds": 3, "poll_seconds": 5,
            "jitter_seconds": 0, "admit_per_second": null },
    })
}
