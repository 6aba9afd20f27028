//! Draws by the books: whole lives of them, and every way to forge one.

use crate::drawn::drawing;
use crate::support::{
    DAY, Enter, Line, START, award, cancel, definition, enter, kept, operator, redeem, shown,
};
use audit::{Books, Claim, Kind, Refused};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use types::ids::{DrawNo, EntryNo, FrameNo, Millis, PoolNo};

fn act(what: &str, campaign: u16) -> Vec<u8> {
    operator(&json!({ "do": what, "campaign": campaign }))
}

fn close_draw(campaign: u16, slot: Value, unserved: bool) -> Vec<u8> {
    operator(&json!({ "do": "close-draw", "campaign": campaign, "slot": slot,
        "unserved": unserved }))
}

fn event(campaign: u16, draw: u16, event: &Value) -> Vec<u8> {
    let digest = event["is"].as_str().unwrap().len() as u8 + draw as u8 * 16;
    operator(&json!({ "do": "draw-event", "campaign": campaign, "draw": draw, "event": event,
        "digest": format!("{digest:02x}").repeat(32) }))
}

fn seal(draw: u16, entries: u32) -> Vec<u8> {
    event(0, draw, &json!({ "is": "seal", "entries": entries }))
}

fn result(draw: u16, winners: u32) -> Vec<u8> {
    event(0, draw, &json!({ "is": "result", "winners": winners }))
}

fn alternates(draw: u16, begin: bool) -> Vec<u8> {
    operator(&json!({ "do": "alternates", "campaign": 0, "draw": draw, "begin": begin }))
}

/// A request of so many people, from this one on.
fn group(request: u8, person: u8, people: u8, choices: &[u32]) -> Vec<u8> {
    let keys = (person..person + people).flat_map(|person| [person, 100 + person]).collect();
    let choices = choices.to_vec();
    Enter { choices, keys, ..enter(0, request, 0) }.drawn(false, people)
}

fn numbered(lines: Vec<Vec<u8>>) -> Vec<Line> {
    lines.into_iter().enumerate().map(|(no, line)| (no as u64, line)).collect()
}

/// What comes before the first result.
fn before_result() -> Vec<Line> {
    let load = drawing("daily", json!(3), json!({ "code": "weekly", "cool_down_days": 5 }));
    let list = json!({ "do": "list", "campaign": 0, "list": { "reserved": 1 }, "field": 0,
        "keys": "05".repeat(16) });
    let any_place = Enter { choices: vec![1], ..enter(0, 2, 2) }.drawn(true, 1);
    numbered(vec![
        operator(&json!({ "do": "load", "definition": load })),
        act("open", 0),
        group(1, 1, 1, &[0]),
        any_place,
        group(3, 3, 2, &[0, 1]),
        group(4, 5, 1, &[2]),
        operator(&list),
        group(4, 5, 1, &[2]),
        group(5, 1, 1, &[1]),
        group(6, 4, 1, &[1]),
        close_draw(0, json!(0), false),
        group(7, 9, 1, &[0]),
        act("publish", 0),
        act("withdraw", 0),
        seal(1, 3),
        seal(1, 4),
        event(0, 1, &json!({ "is": "seed" })),
        event(0, 1, &json!({ "is": "opening" })),
        event(0, 1, &json!({ "is": "seed" })),
    ])
}

/// A campaign that draws every day: a group wins and gives it up, alternates follow, a draw is
/// void and made again, one is among the unserved, and what nobody collects lapses.
pub(crate) fn daily() -> Vec<Line> {
    let mut lines = before_result();
    let more = [
        result(1, 3),
        result(1, 2),
        award(0, 1, 0, &[(0, 0), (2, 1)]),
        award(0, 1, 0, &[(0, 0), (2, 1)]),
        award(0, 1, 2, &[(3, 2)]),
        redeem(0, 0, 0, 1),
        cancel(0, 2),
        act("publish", 0),
        redeem(0, 0, 0, 1),
        group(8, 1, 1, &[1]),
        alternates(1, true),
        act("withdraw", 0),
        event(0, 1, &json!({ "is": "alternates", "winners": 1 })),
        redeem(0, 3, 0, 2),
        award(0, 1, 3, &[(1, 0)]),
        redeem(0, 1, 0, 3),
        act("publish", 0),
        redeem(0, 1, 0, 3),
    ];
    lines.extend((100..).zip(more));
    let next = [
        group(9, 6, 1, &[3]),
        group(10, 3, 1, &[4]),
        close_draw(0, json!(1), false),
        event(0, 2, &json!({ "is": "void" })),
        close_draw(0, json!(1), false),
        seal(3, 3),
        event(0, 3, &json!({ "is": "opening" })),
        event(0, 3, &json!({ "is": "seed" })),
        result(3, 1),
        award(0, 3, 0, &[(5, 3)]),
        event(0, 3, &json!({ "is": "void" })),
        close_draw(0, json!(1), false),
        seal(4, 3),
        event(0, 4, &json!({ "is": "opening" })),
        event(0, 4, &json!({ "is": "seed" })),
        result(4, 1),
        award(0, 4, 0, &[(5, 3)]),
        act("publish", 0),
    ];
    lines.extend((DAY..).zip(next));
    let last = [
        close_draw(0, json!(0), true),
        close_draw(0, json!(1), true),
        event(0, 5, &json!({ "is": "void" })),
        close_draw(0, json!(1), true),
        seal(6, 2),
        event(0, 6, &json!({ "is": "opening" })),
        event(0, 6, &json!({ "is": "seed" })),
        result(6, 0),
        act("publish", 0),
        close_draw(0, json!(0), false),
        operator(&json!({ "do": "lapse", "campaign": 0, "slot": 1 })),
        act("close", 0),
    ];
    lines.extend((2 * DAY..).zip(last));
    lines
}

/// A campaign that draws once for all, and again among those who have nothing.
fn once() -> Vec<Line> {
    let load = drawing("once", json!(null), json!(null));
    numbered(vec![
        operator(&json!({ "do": "load", "definition": load })),
        act("open", 0),
        group(1, 1, 1, &[0]),
        group(2, 2, 1, &[0]),
        close_draw(0, json!(null), false),
        act("close", 0),
        close_draw(0, json!(0), false),
        close_draw(0, json!(null), true),
        close_draw(0, json!(null), false),
        act("open", 0),
        group(3, 3, 1, &[0]),
        seal(1, 2),
        event(0, 1, &json!({ "is": "opening" })),
        event(0, 1, &json!({ "is": "seed" })),
        result(1, 1),
        award(0, 1, 0, &[(1, 0)]),
        act("publish", 0),
        act("open", 0),
        close_draw(0, json!(null), false),
        close_draw(0, json!(null), true),
        event(0, 1, &json!({ "is": "void" })),
        event(0, 2, &json!({ "is": "void" })),
        redeem(0, 0, 0, 1),
        redeem(0, 1, 0, 1),
    ])
}

/// What the commands come to; the same several times in a row, in one line.
fn check_told(lines: &[Line], told: Expect) {
    let (books, own) = kept(lines, |_| None);
    assert_eq!(books.findings(), []);
    let lines = own.chunk_by(|one, next| one == next).map(|same| match same {
        [one] => one.to_string(),
        [one, ..] => format!("{} times {one}", same.len()),
        [] => unreachable!("chunks are not empty"),
    });
    told.assert_eq(&(lines.collect::<Vec<_>>().join("\n") + "\n"));
}

/// Every draw, entry and pool at the end.
fn check_state(lines: &[Line], state: Expect) {
    let (books, _) = kept(lines, |_| None);
    let mut text = String::new();
    for campaign in books.campaigns() {
        writeln!(text, "{:?}", campaign.counts()).unwrap();
        for draw in campaign.draws() {
            let (no, stage, events) = (draw.no, draw.stage.word(), draw.events.len());
            let counts = (draw.entries, draw.winners, draw.awarded);
            writeln!(text, "draw {no} {stage}, {counts:?}, {events} events").unwrap();
        }
        for no in 0..campaign.entries_len() {
            let entry = campaign.entry(EntryNo(no)).unwrap();
            let audit::books::Entry { decision, pool, losses, listed, hidden, .. } = entry;
            let lot = (losses, listed, hidden);
            writeln!(text, "entry {no} {decision:?} {pool:?} {:?} {lot:?}", entry.fate).unwrap();
        }
        for pool in campaign.pools() {
            writeln!(text, "{:?} free {}", pool.units, pool.units.free()).unwrap();
        }
    }
    state.assert_eq(&text);
}

#[test]
fn the_books_know_what_a_draw_every_day_comes_to() {
    check_told(
        &daily(),
        expect![[r#"
        loaded, campaign 0
        done, 0
        registered, entry 0
        registered, entry 1
        registered, entry 2
        not-eligible
        done, 1
        registered, entry 3
        2 times already-in
        listed, draw 1 with 4 entries
        registered, entry 4
        draw-order, the seal comes first
        draw-under-way
        entries-differ, the list has 4
        done, 0
        draw-order, the opening comes first
        3 times done, 0
        already-so
        done, 4
        already-so
        done, 2
        not-published
        cancelled, entry 2 at 1580515200106 ms
        done, 0
        redeemed, entry 0 with 2 units of pool 0 at 1580515200108 ms
        cooling-down until day 18298
        done, 0
        draw-under-way
        done, 0
        redeemed, entry 3 with 2 units of pool 2 at 1580515200113 ms
        done, 2
        not-published
        done, 0
        redeemed, entry 1 with 2 units of pool 0 at 1580515200117 ms
        registered, entry 5
        registered, entry 6
        listed, draw 2 with 3 entries
        done, 0
        listed, draw 3 with 3 entries
        4 times done, 0
        done, 2
        done, 0
        listed, draw 4 with 3 entries
        4 times done, 0
        done, 2
        done, 0
        not-as-asked
        listed, draw 5 with 2 entries
        done, 0
        listed, draw 6 with 2 entries
        5 times done, 0
        listed, draw 7 with 2 entries
        done, 2
        done, 0
    "#]],
    );
}

#[test]
fn the_books_know_what_a_draw_every_day_leaves() {
    check_state(
        &daily(),
        expect![[r#"
        Counts { entries: 7, booked: 0, redeemed: 3, cancelled: 2, sold_out: 0, cooling_down: 0, waiting: 2 }
        draw 1 published, (4, 4, 4), 5 events
        draw 2 void, (3, 0, 0), 1 events
        draw 3 void, (3, 1, 1), 5 events
        draw 4 published, (3, 1, 1), 4 events
        draw 5 void, (2, 0, 0), 1 events
        draw 6 published, (2, 0, 0), 4 events
        draw 7 closed, (2, 0, 0), 0 events
        entry 0 Booked Some(PoolNo(0)) Redeemed { at: Millis(1580515200108) } (0, false, false)
        entry 1 Booked Some(PoolNo(0)) Redeemed { at: Millis(1580515200117) } (0, false, false)
        entry 2 Booked Some(PoolNo(1)) Cancelled { at: Millis(1580515200106) } (0, false, false)
        entry 3 Booked Some(PoolNo(2)) Redeemed { at: Millis(1580515200113) } (0, false, false)
        entry 4 Waiting None Live (1, true, false)
        entry 5 Booked Some(PoolNo(3)) Cancelled { at: Millis(1580688000010) } (0, false, false)
        entry 6 Waiting None Live (1, true, false)
        Units { issued: 4, withdrawn: 0, withdrawn_early: 0, booked: 4, redeemed: 4 } free 0
        Units { issued: 3, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 3
        Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 2, redeemed: 2 } free 0
        Units { issued: 4, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 4
        Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
        Units { issued: 1, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 1
    "#]],
    );
}

#[test]
fn the_books_know_what_one_draw_for_all_comes_to() {
    check_told(
        &once(),
        expect![[r#"
        loaded, campaign 0
        done, 0
        registered, entry 0
        registered, entry 1
        still-open
        done, 0
        2 times not-as-asked
        listed, draw 1 with 2 entries
        draw-under-way
        closed
        4 times done, 0
        done, 2
        done, 0
        published
        not-as-asked
        listed, draw 2 with 1 entry
        unknown-draw
        done, 0
        not-booked
        redeemed, entry 1 with 2 units of pool 0 at 1580515200023 ms
    "#]],
    );
    check_state(
        &once(),
        expect![[r#"
        Counts { entries: 2, booked: 0, redeemed: 1, cancelled: 0, sold_out: 0, cooling_down: 0, waiting: 1 }
        draw 1 published, (2, 1, 1), 4 events
        draw 2 void, (1, 0, 0), 1 events
        entry 0 Waiting None Live (0, true, false)
        entry 1 Booked Some(PoolNo(0)) Redeemed { at: Millis(1580515200023) } (0, false, false)
        Units { issued: 4, withdrawn: 0, withdrawn_early: 0, booked: 2, redeemed: 2 } free 2
        Units { issued: 3, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 3
        Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
        Units { issued: 4, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 4
        Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
        Units { issued: 1, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 1
    "#]],
    );
}

#[test]
fn every_wrong_claim_of_a_draw_is_found_where_it_is_made() {
    for lines in [daily(), once()] {
        let (_, own) = kept(&lines, |_| None);
        let (books, _) = kept(&lines, |no| Some(own[no].clone()));
        assert_eq!(books.findings(), []);
        let seen: BTreeSet<&str> = own.iter().map(Claim::word).collect();
        let first = |word: &&str| own.iter().find(|claim| claim.word() == *word).cloned();
        let others: Vec<Claim> = seen.iter().filter_map(first).collect();
        for (no, right) in own.iter().enumerate() {
            for wrong in others.iter().filter(|other| *other != right) {
                let claims =
                    |at: usize| Some(if at == no { wrong.clone() } else { own[at].clone() });
                let (books, _) = kept(&lines, claims);
                let first = books.findings().first().unwrap_or_else(|| panic!("{no}: {wrong}"));
                assert_eq!(first.place.frame, FrameNo(no as u64 + 1), "{right} is not {wrong}");
            }
        }
    }
}

/// A history of which one claim is wrong; whatever else, as the books have it.
fn claimed(lines: &[Line], no: usize, wrong: &Claim) -> Books {
    kept(lines, |at| (at == no).then(|| wrong.clone())).0
}

const RESULT: usize = 19;
const DONE: Claim = Claim::Done { units: 2 };

/// The first result has two winners, who are these.
fn won(winners: &[(u32, u32)]) -> Vec<Line> {
    let mut lines = before_result();
    lines.push((50, result(1, winners.len() as u32)));
    lines.push((51, award(0, 1, 0, winners)));
    lines
}

/// Every forgery of a draw: of which kind it is, what is done, and the books of it.
pub(crate) fn forged() -> Vec<(Kind, &'static str, Books)> {
    let listed = |entries| Claim::Listed { draw: DrawNo(1), entries };
    let mut twice = won(&[(0, 0), (1, 1)]);
    twice[RESULT].1 = result(1, 3);
    twice.push((52, award(0, 1, 2, &[(0, 0)])));
    let redeemed = Claim::Redeemed {
        entry: EntryNo(0),
        pool: PoolNo(0),
        units: 2,
        at: Millis(START + 105),
        repeated: false,
    };
    let late = award(0, 1, 3, &[(1, 1)]);
    let mut more = daily();
    more.truncate(24);
    more.push((150, late));
    vec![
        (Kind::Draw, "a list that leaves somebody out", claimed(&daily(), 10, &listed(3))),
        (Kind::Draw, "a list with one too many", claimed(&daily(), 10, &listed(5))),
        (Kind::Draw, "a seal of fewer than are listed", claimed(&daily(), 14, &DONE)),
        (Kind::Draw, "the seed before the opening", claimed(&daily(), 16, &DONE)),
        (Kind::Draw, "a second result", claimed(&daily(), RESULT + 1, &DONE)),
        (Kind::Draw, "published before its seal", claimed(&daily(), 12, &DONE)),
        (Kind::Award, "one who is not on the list", claimed(&won(&[(4, 0)]), 20, &DONE)),
        (Kind::Award, "an entry that is not there", claimed(&won(&[(7, 0)]), 20, &DONE)),
        (Kind::Award, "twice in one part", claimed(&won(&[(0, 0), (0, 0)]), 20, &DONE)),
        (Kind::Award, "once more in the next part", claimed(&twice, 21, &DONE)),
        (Kind::Award, "a pool of another slot", claimed(&won(&[(0, 3)]), 20, &DONE)),
        (Kind::Award, "a pool that is not there", claimed(&won(&[(0, 9)]), 20, &DONE)),
        (Kind::Unchosen, "a pool it did not choose", kept(&won(&[(0, 1)]), |_| None).0),
        (Kind::Unchosen, "of any, a reserved one", kept(&won(&[(1, 2)]), |_| None).0),
        (Kind::Award, "one more than was announced", claimed(&more, 24, &DONE)),
        (Kind::Oversold, "more than the stock", claimed(&won(&[(1, 1), (2, 1)]), 20, &DONE)),
        (Kind::Balance, "more than the stock", claimed(&won(&[(1, 1), (2, 1)]), 20, &DONE)),
        (
            Kind::Undersold,
            "less than the stock",
            claimed(&won(&[(0, 0)]), 20, &Claim::Refused(Refused::SoldOut)),
        ),
        (Kind::Redeem, "a win before publication", claimed(&daily(), RESULT + 5, &redeemed)),
        (
            Kind::Person,
            "one of a group a second time",
            claimed(&daily(), 9, &Claim::Registered { entry: EntryNo(4) }),
        ),
    ]
}

#[test]
fn every_forgery_of_a_draw_is_found() {
    let mut text = String::new();
    for (kind, how, books) in forged() {
        let found = books.findings().iter().find(|finding| finding.kind == kind);
        let found = found.unwrap_or_else(|| panic!("{kind:?}, {how}: {:?}", books.findings()));
        writeln!(text, "{how}\n  {}", shown(found)).unwrap();
    }
    expect![[r#"
        a list that leaves somebody out
          draw in frame 11: daily: `close-draw` for slot 0 by duty officer is claimed to be listed, draw 1 with 3 entries; by the books it is listed, draw 1 with 4 entries
        a list with one too many
          draw in frame 11: daily: `close-draw` for slot 0 by duty officer is claimed to be listed, draw 1 with 5 entries; by the books it is listed, draw 1 with 4 entries
        a seal of fewer than are listed
          draw in frame 15: daily: `draw-event` seal of 3 entries of draw 1 by duty officer is claimed to be done, 2; by the books it is entries-differ, the list has 4
        the seed before the opening
          draw in frame 17: daily: `draw-event` seed of draw 1 by duty officer is claimed to be done, 2; by the books it is draw-order, the opening comes first
        a second result
          draw in frame 21: daily: `draw-event` result with 2 winners of draw 1 by duty officer is claimed to be done, 2; by the books it is already-so
        published before its seal
          draw in frame 13: daily: `publish` by duty officer is claimed to be done, 2; by the books it is draw-order, the seal comes first
        one who is not on the list
          award in frame 21: daily: awarding winner 1 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since entry 4 is not on its list
        an entry that is not there
          award in frame 21: daily: awarding winner 1 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since there is no entry 7
        twice in one part
          award in frame 21: daily: awarding winners 1 to 2 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since entry 0 stands twice among them
        once more in the next part
          award in frame 22: daily: awarding winner 3 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since entry 0 was given units of pool 0 (east/mask/day) before
        a pool of another slot
          award in frame 21: daily: awarding winner 1 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since pool 3 (east/mask/eve) is of another slot than the draw
        a pool that is not there
          award in frame 21: daily: awarding winner 1 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since there is no pool 9
        a pool it did not choose
          unchosen in frame 21: daily: draw 1 gave entry 0 pool 1 (west/mask/day), which it did not choose; it takes east/mask/day and no other
        of any, a reserved one
          unchosen in frame 21: daily: draw 1 gave entry 1 pool 2 (east/mask65/day), which it did not choose; it takes west/mask/day and any other that is not reserved
        one more than was announced
          award in frame 25: daily: awarding winner 4 of draw 1 is claimed to be done, 2; by the books it is draw-order, the publication comes first
        more than the stock
          oversold in frame 21: daily: awarding winners 1 to 2 of draw 1 is claimed to be done, 2; by the books it is sold-out, since pool 1 (west/mask/day) had 3 free, and they take 4
        more than the stock
          balance in frame 21: daily: pool 1 (west/mask/day) was issued 3 units, of which 0 are withdrawn, 4 booked and 0 redeemed: it is oversold
        less than the stock
          undersold in frame 21: daily: awarding winner 1 of draw 1 is claimed to be sold-out; by the books it is done, 2
        a win before publication
          redeem in frame 25: daily: redeeming entry 0 at outlet 0 by counter is claimed to be redeemed, entry 0 with 2 units of pool 0 at 1580515200105 ms; by the books it is not-published, since what became of entry 0 is not published
        one of a group a second time
          person in frame 10: daily: request 06060606060606060606060606060606 for 2 units is claimed to be registered, entry 4; by the books it is already-in, since entry 2 has the same id_number
    "#]].assert_eq(&text);
}

#[test]
fn whoever_takes_any_place_may_get_any_but_reserved_ones() {
    // It chose pool 1, and takes any.
    let (books, _) = kept(&won(&[(1, 0)]), |_| None);
    assert_eq!(books.findings(), []);
}

#[test]
fn a_draw_for_all_gives_what_was_chosen_in_its_slot() {
    let mut lines = once();
    lines.truncate(15);
    let with = |pool: u32| {
        let mut lines = lines.clone();
        lines.push((50, award(0, 1, 0, &[(1, pool)])));
        let (books, own) = kept(&lines, |_| None);
        assert_eq!(own.last(), Some(&Claim::Done { units: 2 }));
        books.findings().iter().map(shown).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(with(0), "");
    expect![[r#"
        unchosen in frame 16: once: draw 1 gave entry 1 pool 3 (east/mask/eve), which it did not choose; it takes east/mask/day and no other
    "#]].assert_eq(&(with(3) + "\n"));
}

#[test]
fn what_is_not_drawn_takes_no_step_of_a_draw() {
    let first_come = definition("plain", json!({ "when": "at-once" }), json!(null));
    let lines = numbered(vec![
        operator(&json!({ "do": "load", "definition": first_come })),
        act("open", 0),
        group(1, 1, 2, &[0]),
        close_draw(0, json!(0), false),
        seal(1, 1),
        award(0, 1, 0, &[(0, 0)]),
        operator(&json!({ "do": "lapse", "campaign": 0 })),
    ]);
    let (_, own) = kept(&lines, |_| None);
    let words: Vec<_> = own.iter().skip(2).map(Claim::word).collect();
    assert_eq!(words, ["not-as-asked", "not-a-draw", "not-a-draw", "not-a-draw", "not-a-draw"]);
}

/// What was void, called off or given up, by the books: nobody is lost, and nothing is locked.
fn gone_on() -> Vec<Line> {
    let load = drawing("daily", json!(9), json!({ "code": "weekly", "cool_down_days": 5 }));
    let steps = |draw: u16, entries: u32, winners: u32| {
        vec![
            seal(draw, entries),
            event(0, draw, &json!({ "is": "opening" })),
            event(0, draw, &json!({ "is": "seed" })),
            result(draw, winners),
        ]
    };
    let row = json!({ "outlet": 0, "item": 0, "slot": 0, "units": 1 });
    let stock = |mode: &str| {
        operator(&json!({ "do": "stock", "campaign": 0, "mode": mode, "rows": [row] }))
    };
    let mut lines = vec![
        operator(&json!({ "do": "load", "definition": load })),
        act("open", 0),
        group(1, 1, 1, &[0]),
        group(2, 2, 1, &[0]),
        group(3, 3, 1, &[0]),
        close_draw(0, json!(0), false),
    ];
    lines.extend(steps(1, 3, 1));
    lines.extend([
        stock("replace"),
        stock("add"),
        award(0, 1, 0, &[(0, 0)]),
        act("publish", 0),
        alternates(1, false),
        alternates(1, true),
        alternates(1, true),
        close_draw(0, json!(0), true),
        alternates(1, false),
        cancel(0, 0),
        close_draw(0, json!(0), true),
        cancel(0, 2),
    ]);
    lines.extend(steps(2, 2, 1));
    lines.extend([
        award(0, 2, 0, &[(2, 0)]),
        alternates(2, true),
        event(0, 2, &json!({ "is": "void" })),
        close_draw(0, json!(0), true),
        event(0, 3, &json!({ "is": "void" })),
        close_draw(0, json!(1), false),
        event(0, 4, &json!({ "is": "void" })),
        close_draw(0, json!(1), true),
    ]);
    numbered(lines)
}

#[test]
fn the_books_know_what_goes_on_after_a_void_draw() {
    check_told(
        &gone_on(),
        expect![[r#"
        loaded, campaign 0
        done, 0
        registered, entry 0
        registered, entry 1
        registered, entry 2
        listed, draw 1 with 3 entries
        4 times done, 0
        draw-under-way
        done, 1
        done, 2
        done, 0
        already-so
        done, 0
        already-so
        draw-order, the award of alternates comes first
        done, 0
        cancelled, entry 0 at 1580515200019 ms
        listed, draw 2 with 2 entries
        cancelled, entry 2 at 1580515200021 ms
        5 times done, 0
        draw-order, the publication comes first
        done, 0
        listed, draw 3 with 2 entries
        done, 0
        listed, draw 4 with 1 entry
        done, 0
        not-as-asked
    "#]],
    );
    check_state(
        &gone_on(),
        expect![[r#"
        Counts { entries: 3, booked: 0, redeemed: 0, cancelled: 2, sold_out: 0, cooling_down: 0, waiting: 1 }
        draw 1 published, (3, 1, 1), 4 events
        draw 2 void, (2, 1, 1), 5 events
        draw 3 void, (2, 0, 0), 1 events
        draw 4 void, (1, 0, 0), 1 events
        entry 0 Booked Some(PoolNo(0)) Cancelled { at: Millis(1580515200019) } (0, false, false)
        entry 1 Waiting None Live (1, true, false)
        entry 2 Waiting None Cancelled { at: Millis(1580515200021) } (1, false, false)
        Units { issued: 5, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 5
        Units { issued: 3, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 3
        Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
        Units { issued: 4, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 4
        Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
        Units { issued: 1, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 1
    "#]],
    );
}
