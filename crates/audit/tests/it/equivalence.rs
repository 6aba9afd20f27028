//! Random histories through the engine's ledger and through the books: they must agree on every
//! answer and on every pool and entry, whatever happens.

use crate::support::{DAY, Enter, START, cancel, definition, operator, redeem, shown, tick};
use audit::books::{Decision, Fate};
use audit::{Books, Claim};
use ledger::Ledger;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use types::ids::{EntryNo, FrameNo, Millis};

const SEEDS: u64 = 300;
const FRAMES: u64 = 120;

/// xorshift64*: enough chance for a test, and the same everywhere.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    pub(crate) fn is_one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

fn any_definition(chance: &mut Chance, now: u64) -> Value {
    let code = chance.one_of(&["a", "b", "c", "d", "e"]);
    let publish = match chance.below(6) {
        0..3 => json!({ "when": "at-once" }),
        3 => json!({ "when": "at", "at": now + 2 * DAY }),
        _ => json!({ "when": "by-hand", "expected": null }),
    };
    let days = chance.one_of(&[0, 3, 5]);
    let series = chance.one_of(&[
        Value::Null,
        json!({ "code": "s", "cool_down_days": 3 }),
        json!({ "code": "t", "cool_down_days": days }),
    ]);
    let mut definition = definition(code, publish, series);
    let register = &mut definition["register"];
    register["choices_max"] = json!(chance.one_of(&[1, 2, 2]));
    register["reenter_after_cancel"] = json!(!chance.is_one_in(4));
    register["allow_list"] = json!(chance.is_one_in(12));
    if chance.is_one_in(6) {
        register["cap"] = json!(1 + chance.below(5));
    }
    if chance.is_one_in(3) {
        let later = now + DAY;
        register["windows"] = json!([{ "from": now, "until": now + DAY / 2 },
            { "from": later, "until": later + DAY / 2 }]);
    }
    if chance.is_one_in(5) {
        register["fields"][1]["unique"] = json!(false);
    }
    if chance.is_one_in(10) {
        definition["calendar"]["offsets"] =
            json!([{ "from": 0, "seconds": -3_600 }, { "from": now + DAY, "seconds": 3_600 }]);
    }
    if chance.is_one_in(4) {
        let named = chance.one_of(&["a", "b", "c", "d", "e"]);
        definition["register"]["registered_in"] = json!(named);
    }
    definition["fulfil"]["whole_day"] = json!(chance.is_one_in(2));
    definition["slots"][0]["from"] = json!(START + chance.below(10) * DAY);
    definition
}

fn any_action(chance: &mut Chance, now: u64) -> Value {
    let campaign = chance.below(5);
    let rows = |chance: &mut Chance| -> Vec<Value> {
        let row = |chance: &mut Chance| {
            json!({ "outlet": chance.below(2), "item": 0, "slot": 0,
                "units": chance.one_of(&[0, 1, 4, 9, 100_000_000]) })
        };
        (0..1 + chance.below(2)).map(|_| row(chance)).collect()
    };
    match chance.below(13) {
        0 => json!({ "do": "load", "definition": any_definition(chance, now) }),
        1 => json!({ "do": "stock", "campaign": campaign, "rows": rows(chance),
            "mode": chance.one_of(&["replace", "add"]) }),
        2 => json!({ "do": "withdraw", "campaign": campaign, "item": null, "slot": null,
            "outlet": chance.one_of(&[json!(null), json!(1), json!(7)]),
            "units": chance.one_of(&[json!(null), json!(1)]) }),
        3 => {
            let keys = format!("{:02x}", 1 + chance.below(14)).repeat(16);
            json!({ "do": "list", "campaign": campaign, "field": chance.below(3),
                "list": chance.one_of(&["block", "allow", "allow"]), "keys": keys })
        }
        4 => json!({ "do": "cap", "campaign": campaign,
            "entries": chance.one_of(&[json!(null), json!(0), json!(2), json!(30)]) }),
        5 if chance.is_one_in(4) => json!({ "do": "shred", "campaign": campaign }),
        5 | 6 => json!({ "do": "publish", "campaign": campaign }),
        7 => json!({ "do": "close", "campaign": campaign }),
        8 => json!({ "do": chance.one_of(&["pause", "resume"]), "campaign": campaign }),
        _ => json!({ "do": "open", "campaign": campaign }),
    }
}

fn any_load(chance: &mut Chance, now: u64) -> Vec<u8> {
    operator(&json!({ "do": "load", "definition": any_definition(chance, now) }))
}

fn any_command(chance: &mut Chance, now: u64) -> Vec<u8> {
    let campaign = chance.below(5) as u16;
    let entry = chance.below(8) as u32;
    match chance.below(20) {
        0..3 => operator(&any_action(chance, now)),
        3..5 => cancel(campaign, entry),
        5..8 => redeem(campaign, entry, chance.below(2) as u16, chance.below(3) as u8),
        8 => tick(),
        _ => any_entry(chance, campaign),
    }
}

fn any_entry(chance: &mut Chance, campaign: u16) -> Vec<u8> {
    let person = 1 + chance.below(14) as u8;
    // Now and then somebody else's passport.
    let other = if chance.is_one_in(8) { 1 + chance.below(14) as u8 } else { person };
    let mut keys = vec![person, 100 + other];
    if chance.is_one_in(6) {
        keys.pop();
    }
    let choices = chance.one_of(&[vec![0], vec![1], vec![0, 1], vec![1, 0], vec![0, 0], vec![9]]);
    let units = chance.one_of(&[1, 1, 2, 2, 5, 6]);
    let (request, digest) = (chance.below(60) as u8, u8::from(chance.is_one_in(9)));
    Enter { campaign, request, digest, units, choices, keys }.record()
}

fn agree_by(seed: u64, reached: &mut BTreeMap<&'static str, u64>) {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut ledger, mut books) = (Ledger::new(), Books::new());
    let mut now = START;
    for no in 1..=FRAMES {
        now += chance.one_of(&[0, 1, 1_000, DAY / 24, DAY / 3]);
        let count = 1 + chance.below(4) as u32;
        // Something to enter first of all.
        let payload: Vec<u8> = match no {
            0..4 => (0..count).flat_map(|_| any_load(&mut chance, now)).collect(),
            _ => (0..count).flat_map(|_| any_command(&mut chance, now)).collect(),
        };
        let (frame, at) = (FrameNo(no), Millis(now));
        let mut outcomes = Vec::new();
        ledger.apply_frame(frame, at, &payload, &mut outcomes).unwrap();
        books.take_claimed_frame((frame, at), count, &payload, outcomes.iter().map(Claim::from));
        let found: Vec<_> = books.findings().iter().map(shown).collect();
        assert!(found.is_empty(), "seed {seed}: {}", found.join("\n"));
    }
    books.close();
    assert_eq!(books.findings_len(), 0, "seed {seed}");
    for (word, count) in books.outcomes() {
        *reached.entry(word).or_default() += count;
    }
    are_alike(&books, &ledger, seed);
}

/// Pools, entries and draws are the same.
pub(crate) fn are_alike(books: &Books, ledger: &Ledger, seed: u64) {
    assert_eq!(books.campaigns().len(), ledger.campaigns().len());
    for (own, campaign) in books.campaigns().iter().zip(ledger.campaigns()) {
        let pools = campaign.pools().iter().map(|pool| {
            let held = (pool.booked, pool.redeemed);
            (pool.issued, pool.withdrawn, pool.withdrawn_early, held)
        });
        let ours = own.pools().iter().map(|pool| {
            let units = pool.units;
            (units.issued, units.withdrawn, units.withdrawn_early, (units.booked, units.redeemed))
        });
        assert!(ours.eq(pools), "seed {seed}");
        assert_eq!(own.entries_len(), campaign.entries_len(), "seed {seed}");
        for no in 0..own.entries_len() {
            let entry = EntryNo(no);
            let ours = own.entry(entry).unwrap();
            let theirs = ledger.entry(own.no(), entry).unwrap();
            let decision = match theirs.decision {
                ledger::Decision::Booked => Decision::Booked,
                ledger::Decision::SoldOut => Decision::SoldOut,
                ledger::Decision::CoolingDown => Decision::CoolingDown,
                ledger::Decision::Waiting => Decision::Waiting,
            };
            let fate = match theirs.fate {
                ledger::Fate::Live => Fate::Live,
                ledger::Fate::Cancelled { at } => Fate::Cancelled { at },
                ledger::Fate::Redeemed { at } => Fate::Redeemed { at },
            };
            assert_eq!((ours.decision, ours.fate), (decision, fate), "seed {seed}");
            assert_eq!((ours.at, ours.units), (theirs.at, theirs.units), "seed {seed}");
            assert_eq!(ours.pool, theirs.pool, "seed {seed}");
            let lot = (campaign.losses_of(entry), campaign.is_listed(entry));
            let lot = (lot, campaign.is_hidden(entry));
            assert_eq!(((ours.losses, ours.listed), ours.hidden), lot, "seed {seed}: {no}");
        }
        assert_eq!(own.draws().len(), campaign.draws().len(), "seed {seed}");
        for (ours, theirs) in own.draws().iter().zip(campaign.draws()) {
            let ledger::Draw { frame, at, slot, unserved, entries, .. } = *theirs;
            let closed = (ours.frame, ours.at, ours.slot, ours.unserved, ours.entries);
            assert_eq!(closed, (frame, at, slot, unserved, entries), "seed {seed}");
            let ledger::Draw { winners, awarded, was_published, ref events, .. } = *theirs;
            let so_far = (ours.winners, ours.awarded, ours.was_published, &ours.events);
            assert_eq!(so_far, (winners, awarded, was_published, events), "seed {seed}");
            assert_eq!(ours.stage.word(), theirs.stage.word(), "seed {seed}");
        }
    }
}

#[test]
fn books_and_ledger_agree_on_random_histories() {
    let mut reached = BTreeMap::new();
    (1..=SEEDS).for_each(|seed| agree_by(seed, &mut reached));
    let words: Vec<_> = reached.keys().copied().collect();
    expect_test::expect![[r#"
        already-cancelled
        already-in
        already-redeemed
        already-so
        below-booked
        below-entries
        booked
        campaign-exists
        cancelled
        cap-reached
        closed
        cooling-down
        definition-invalid
        done
        entered-before
        loaded
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
        ticked
        unknown-campaign
        unknown-place
        wrong-outlet
        wrong-time
    "#]]
    .assert_eq(&(words.join("\n") + "\n"));
}
