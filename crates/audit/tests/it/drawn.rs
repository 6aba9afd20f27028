//! Random draws through the engine's ledger and through the books: lists, losses, awards, voids
//! and what lapses must come to the same, entry by entry.

use crate::equivalence::{Chance, are_alike};
use crate::support::{DAY, Enter, START, award, cancel, definition, operator, redeem, shown};
use audit::{Books, Claim, Kind};
use ledger::{Ledger, Stage};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use types::ids::{EntryNo, FrameNo, Millis};

const SEEDS: u64 = 200;
const FRAMES: u64 = 160;
const CAMPAIGNS: u64 = 3;

/// Two outlets, two slots, an item and a part of it: seven pools, some of them scarce.
pub(crate) fn drawing(code: &str, stand_days: Value, series: Value) -> Value {
    let by_hand = json!({ "when": "by-hand", "expected": null });
    let mut definition = definition(code, by_hand, series);
    definition["allocate"] = json!({ "by": "draw", "stand_days": stand_days, "tickets_max": 4,
        "accept_any": true, "group_max": 3 });
    let text = json!({ "en": "text" });
    let part = json!({ "code": "mask65", "name": text, "reserved": { "of": 0, "tranche": "65" } });
    definition["items"].as_array_mut().unwrap().push(part);
    let mut later = definition["slots"][0].clone();
    later["code"] = json!("eve");
    definition["slots"].as_array_mut().unwrap().push(later);
    let pool = |outlet: u16, item: u16, slot: u16, units: u32| {
        json!({ "outlet": outlet, "item": item, "slot": slot,
            "units": units })
    };
    definition["stock"] = json!([
        pool(0, 0, 0, 4),
        pool(1, 0, 0, 3),
        pool(0, 1, 0, 2),
        pool(0, 0, 1, 4),
        pool(1, 0, 1, 2),
        pool(0, 1, 1, 1)
    ]);
    definition
}

fn any_definition(chance: &mut Chance) -> Value {
    let code = chance.one_of(&["a", "b", "c"]);
    let days = chance.one_of(&[json!(null), json!(1), json!(2), json!(4)]);
    let series = chance.one_of(&[
        json!(null),
        json!({ "code": "s", "cool_down_days": 9 }),
        json!({ "code": "s", "cool_down_days": 9 }),
    ]);
    let mut definition = drawing(code, days, series);
    definition["allocate"]["accept_any"] = json!(!chance.is_one_in(4));
    definition["allocate"]["group_max"] = json!(chance.one_of(&[1, 2, 3, 3]));
    definition["register"]["reenter_after_cancel"] = json!(!chance.is_one_in(4));
    definition["fulfil"]["whole_day"] = json!(true);
    if chance.is_one_in(6) {
        definition["allocate"] = json!({ "by": "first-come" });
        definition["items"][1]["reserved"] = json!(null);
    }
    if chance.is_one_in(6) {
        definition["register"]["fields"][1]["unique"] = json!(false);
    }
    definition
}

fn any_entry(chance: &mut Chance, ledger: &Ledger, campaign: u16) -> Vec<u8> {
    let people = chance.one_of(&[1, 1, 1, 2, 3]);
    let mut keys = Vec::new();
    for _ in 0..people {
        // Whoever succeeded tries again.
        let first = ledger.successes().filter(|(_, field, _)| *field == 0);
        let served: Vec<u8> = first.map(|(_, _, success)| success.key.0[0]).collect();
        let person = match served.is_empty() || !chance.is_one_in(8) {
            true => 1 + chance.below(16) as u8,
            false => chance.one_of(&served),
        };
        keys.extend([person, 100 + person]);
    }
    if chance.is_one_in(9) {
        keys.truncate(keys.len() - usize::from(people));
    }
    let some = [vec![0], vec![1], vec![0, 1], vec![1, 3], vec![4, 0], vec![2], vec![2, 0], vec![9]];
    let choices = chance.one_of(&some);
    let units = chance.one_of(&[1, 1, 2, 3]);
    let (request, digest) = (chance.below(240) as u8, u8::from(chance.is_one_in(9)));
    let any = chance.is_one_in(3);
    Enter { campaign, request, digest, units, choices, keys }.drawn(any, people)
}

/// A winner or two: as it should be, mostly.
fn any_award(chance: &mut Chance, ledger: &Ledger, no: u16) -> Vec<u8> {
    let campaign = &ledger.campaigns()[usize::from(no)];
    let (number, awarded, slot) = campaign
        .latest_draw()
        .map_or((1, 0, None), |(number, draw)| (number.0, draw.awarded, draw.slot));
    let waiting: Vec<u32> = (0..campaign.entries_len())
        .filter(|entry| {
            let entry = EntryNo(*entry);
            let view = ledger.entry(campaign.no(), entry).unwrap();
            campaign.is_listed(entry)
                && !campaign.is_hidden(entry)
                && view.decision == ledger::Decision::Waiting
        })
        .collect();
    let pools: Vec<u32> = (0..campaign.pools().len())
        .filter(|pool| {
            let of = campaign.pools()[*pool].place.slot;
            slot.is_none_or(|slot| slot == of) || chance.is_one_in(9)
        })
        .map(|pool| pool as u32)
        .collect();
    let winner = |chance: &mut Chance| {
        let entry = match waiting.is_empty() || chance.is_one_in(9) {
            true => chance.below(9) as u32,
            false => chance.one_of(&waiting),
        };
        let pool = if chance.is_one_in(15) { 9 } else { chance.one_of(&pools) };
        (entry, pool)
    };
    let winners: Vec<_> = (0..1 + chance.below(2)).map(|_| winner(chance)).collect();
    let first = if chance.is_one_in(9) { chance.below(3) as u32 } else { awarded };
    award(no, number, first, &winners)
}

fn event(campaign: u16, draw: u16, event: &Value, digest: u8) -> Vec<u8> {
    let digest = format!("{digest:02x}").repeat(32);
    operator(&json!({ "do": "draw-event", "campaign": campaign, "draw": draw, "event": event,
        "digest": digest }))
}

/// What comes next in a campaign's draw, mostly.
fn any_step(chance: &mut Chance, ledger: &Ledger, no: u16) -> Vec<u8> {
    let act = |what: &str| operator(&json!({ "do": what, "campaign": no }));
    let campaign = ledger.campaigns().get(usize::from(no));
    let latest = campaign.and_then(|campaign| campaign.latest_draw());
    let number = latest.map_or(1, |(number, _)| number.0);
    let number = if chance.is_one_in(20) { number + 1 } else { number };
    let stage = latest.map_or(Stage::Void, |(_, draw)| draw.stage);
    let entries = latest.map_or(0, |(_, draw)| draw.entries);
    let many = u64::from(entries - latest.map_or(0, |(_, draw)| draw.winners)) + 1;
    let winners = chance.below(many.min(4));
    // A digest that may have been there before.
    let digest = chance.below(4) as u8;
    let seal = entries + u32::from(chance.is_one_in(8));
    let any = chance.below(9);
    let stage = match any {
        0 => chance.one_of(&Stage::ALL),
        1 => return event(no, number, &json!({ "is": "void" }), digest),
        _ => stage,
    };
    match stage {
        Stage::Closed => event(no, number, &json!({ "is": "seal", "entries": seal }), digest),
        Stage::Sealed => event(no, number, &json!({ "is": "opening" }), digest),
        Stage::Opened => event(no, number, &json!({ "is": "seed" }), digest),
        Stage::Seeded => event(no, number, &json!({ "is": "result", "winners": winners }), digest),
        Stage::Drawn if campaign.is_some() && chance.below(3) < 2 => any_award(chance, ledger, no),
        Stage::Drawn => act("publish"),
        Stage::Resumed if !chance.is_one_in(5) => {
            event(no, number, &json!({ "is": "alternates", "winners": winners }), digest)
        }
        Stage::Published | Stage::Resumed if chance.is_one_in(2) => {
            let begin = chance.is_one_in(2) == (stage == Stage::Published);
            operator(&json!({ "do": "alternates", "campaign": no, "draw": number,
                "begin": begin }))
        }
        Stage::Published | Stage::Resumed | Stage::Void => {
            let once = campaign.is_some_and(|campaign| {
                campaign.definition().draw().is_some_and(|terms| terms.stand_days.is_none())
            });
            let slot = match chance.is_one_in(12) == once {
                true => chance.one_of(&[json!(0), json!(0), json!(1), json!(7)]),
                false => json!(null),
            };
            let unserved = chance.is_one_in(2) && (once || chance.is_one_in(2));
            operator(&json!({ "do": "close-draw", "campaign": no, "slot": slot,
                "unserved": unserved }))
        }
    }
}

fn any_command(chance: &mut Chance, ledger: &Ledger) -> Vec<u8> {
    let campaign = chance.below(CAMPAIGNS) as u16;
    let entry = chance.below(12) as u32;
    let act = |what: &str| operator(&json!({ "do": what, "campaign": campaign }));
    match chance.below(40) {
        0..14 => any_entry(chance, ledger, campaign),
        14..16 => cancel(campaign, entry),
        16..20 => redeem(campaign, entry, chance.below(2) as u16, chance.below(3) as u8),
        20..22 => act(chance.one_of(&["open", "close", "publish", "pause", "resume"])),
        22 => operator(&json!({ "do": "lapse", "campaign": campaign,
            "outlet": chance.one_of(&[json!(null), json!(1), json!(7)]) })),
        23 => {
            let keys = format!("{:02x}", 1 + chance.below(16)).repeat(16);
            let list = chance.one_of(&[
                json!("block"),
                json!({ "reserved": 1 }),
                json!({ "reserved": 1 }),
                json!({ "reserved": 0 }),
                json!({ "reserved": 9 }),
            ]);
            operator(&json!({ "do": "list", "campaign": campaign, "field": 0, "list": list,
                "keys": keys }))
        }
        24 if chance.is_one_in(3) => {
            operator(&json!({ "do": "load", "definition": any_definition(chance) }))
        }
        24 => operator(&json!({ "do": "stock", "campaign": campaign, "mode": "add",
            "rows": [{ "outlet": chance.below(2), "item": 0, "slot": 0, "units": 1 }] })),
        25 => operator(&json!({ "do": "withdraw", "campaign": campaign, "units": 1 })),
        26 if chance.is_one_in(20) => act("shred"),
        _ => any_step(chance, ledger, campaign),
    }
}

fn agree_by(seed: u64, reached: &mut BTreeMap<String, u64>) {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut ledger, mut books) = (Ledger::new(), Books::new());
    let mut now = START;
    for no in 1..=FRAMES {
        now += chance.one_of(&[0, 1, 1_000, DAY / 24, DAY / 6]);
        let (mut payload, count) = (Vec::new(), 1 + chance.below(3) as u32);
        for nth in 0..count {
            let loads = no <= 3;
            payload.extend(match (loads, nth) {
                (true, 0) => {
                    operator(&json!({ "do": "load", "definition": any_definition(&mut chance) }))
                }
                (true, _) => operator(&json!({ "do": "open", "campaign": no - 1 })),
                _ => any_command(&mut chance, &ledger),
            });
        }
        let (frame, at) = (FrameNo(no), Millis(now));
        let mut outcomes = Vec::new();
        ledger.apply_frame(frame, at, &payload, &mut outcomes).unwrap();
        books.take_claimed_frame((frame, at), count, &payload, outcomes.iter().map(Claim::from));
        // Lots are thrown here with no look at what people chose, and the ledger has none either.
        let is_wrong = |finding: &&audit::Finding| finding.kind != Kind::Unchosen;
        let found: Vec<_> = books.findings().iter().filter(is_wrong).map(shown).collect();
        assert!(found.is_empty(), "seed {seed}: {}", found.join("\n"));
        if no % 16 == 0 {
            are_alike(&books, &ledger, seed);
        }
    }
    are_alike(&books, &ledger, seed);
    books.close();
    assert!(books.findings().iter().all(|finding| finding.kind == Kind::Unchosen), "seed {seed}");
    for (word, count) in books.outcomes() {
        *reached.entry((*word).to_owned()).or_default() += count;
    }
    for draw in books.campaigns().iter().flat_map(|campaign| campaign.draws()) {
        *reached.entry(format!("a draw {}", draw.stage.word())).or_default() += 1;
        let again = ("a draw among the unserved".to_owned(), draw.unserved);
        let more = draw.was_published && draw.stage != audit::books::Stage::Published;
        for (what, is_so) in [again, ("alternates".to_owned(), more)] {
            *reached.entry(what).or_default() += u64::from(is_so);
        }
    }
}

#[test]
fn books_and_ledger_agree_on_random_draws() {
    let mut reached = BTreeMap::new();
    (1..=SEEDS).for_each(|seed| agree_by(seed, &mut reached));
    let words: Vec<_> = reached.iter().filter(|(_, count)| 0 < **count).collect();
    let words: Vec<_> = words.into_iter().map(|(word, _)| word.as_str()).collect();
    expect_test::expect![[r#"
        a draw among the unserved
        a draw closed
        a draw drawn
        a draw opened
        a draw published
        a draw resumed
        a draw sealed
        a draw seeded
        a draw void
        already-cancelled
        already-in
        already-redeemed
        already-so
        alternates
        campaign-exists
        cancelled
        closed
        cooling-down
        definition-invalid
        done
        draw-differs
        draw-order
        draw-under-way
        entered-before
        entries-differ
        listed
        loaded
        no-entries
        not-a-draw
        not-as-asked
        not-booked
        not-eligible
        not-found
        not-open-yet
        not-published
        over-limit
        paused
        published
        redeemed
        registered
        request-reused
        series-differs
        series-unpublished
        shredded
        sold-out
        still-open
        unknown-campaign
        unknown-draw
        unknown-place
        wrong-outlet
    "#]]
    .assert_eq(&(words.join("\n") + "\n"));
}
