//! The books: a long history by themselves, and every kind of wrong claim planted into it.

use crate::support::{
    DAY, Enter, Line, START, cancel, enter, kept, load, operator, redeem, shown, tick,
};
use audit::{Books, Claim, Kind, Refused};
use expect_test::{Expect, expect};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use types::ids::{CampaignNo, EntryNo, FrameNo, Millis, OutletNo, PoolNo, SlotNo};

/// Two campaigns of a series that answer at once, and one that holds back.
pub(crate) fn history() -> Vec<Line> {
    let series = json!({ "code": "weekly", "cool_down_days": 5 });
    let at_once = json!({ "when": "at-once" });
    let act = |what: &str, campaign: u16| operator(&json!({ "do": what, "campaign": campaign }));
    let other_body = Enter { digest: 2, ..enter(0, 1, 1) };
    let one_unit = Enter { units: 1, ..enter(0, 9, 9) };
    let too_many = Enter { units: 6, ..enter(0, 10, 9) };
    let nowhere = Enter { choices: vec![7], ..enter(0, 11, 9) };
    vec![
        (0, load("first", at_once.clone(), series.clone())),
        (1, enter(0, 1, 1).record()),
        (2, act("open", 0)),
        (3, enter(0, 1, 1).record()),
        (4, enter(0, 1, 1).record()),
        (5, other_body.record()),
        (6, enter(0, 2, 1).record()),
        (7, enter(0, 3, 2).record()),
        (8, enter(0, 4, 3).record()),
        (9, enter(0, 5, 4).record()),
        (10, cancel(0, 1)),
        (11, cancel(0, 1)),
        (12, enter(0, 6, 5).record()),
        (13, one_unit.record()),
        (14, too_many.record()),
        (15, nowhere.record()),
        (16, redeem(0, 0, 1, 1)),
        (17, redeem(0, 0, 0, 1)),
        (18, redeem(0, 0, 0, 1)),
        (19, redeem(0, 0, 0, 2)),
        (20, cancel(0, 0)),
        (21, act("withdraw", 0)),
        (22, load("second", at_once, series)),
        (23, act("open", 1)),
        (DAY, enter(1, 1, 1).record()),
        (DAY + 1, enter(1, 2, 2).record()),
        (5 * DAY + 1, enter(1, 3, 1).record()),
        (5 * DAY + 2, load("held", json!({ "when": "by-hand", "expected": null }), json!(null))),
        (5 * DAY + 3, act("open", 2)),
        (5 * DAY + 4, enter(2, 1, 1).record()),
        (5 * DAY + 5, Enter { units: 5, ..enter(2, 2, 2) }.record()),
        (5 * DAY + 6, redeem(2, 0, 0, 1)),
        (5 * DAY + 7, act("publish", 2)),
        (5 * DAY + 8, act("close", 2)),
        (5 * DAY + 9, act("publish", 2)),
        (5 * DAY + 10, redeem(2, 0, 0, 1)),
        (5 * DAY + 11, tick()),
        (5 * DAY + 12, export(2, 2, 5 * DAY + 11)),
        (5 * DAY + 13, stock(1, "replace", 1)),
        (5 * DAY + 14, stock(1, "add", 100)),
        (5 * DAY + 15, act("shred", 2)),
        (5 * DAY + 16, cancel(2, 1)),
    ]
}

pub(crate) fn export(campaign: u16, entries: u32, at: u64) -> Vec<u8> {
    operator(&json!({ "do": "export", "campaign": campaign, "bookings": 1, "checksum": "",
        "seen": { "at": START + at, "entries": entries } }))
}

fn stock(campaign: u16, mode: &str, units: u32) -> Vec<u8> {
    operator(&json!({ "do": "stock", "campaign": campaign, "mode": mode,
        "rows": [{ "outlet": 0, "item": 0, "slot": 0, "units": units }] }))
}

fn check_told(expected: Expect, claims: &[Claim]) {
    let lines: Vec<_> = claims.iter().map(ToString::to_string).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn the_books_know_what_everything_comes_to() {
    let (books, own) = kept(&history(), |_| None);
    assert_eq!(books.findings(), []);
    check_told(
        expect![[r#"
            loaded, campaign 0
            not-open-yet
            done, 0
            booked, entry 0 with 2 units of pool 0
            booked, entry 0 with 2 units of pool 0
            request-reused
            already-in
            booked, entry 1 with 2 units of pool 0
            booked, entry 2 with 2 units of pool 1
            sold-out
            cancelled, entry 1 at 1580515200010 ms
            cancelled, entry 1 at 1580515200010 ms
            booked, entry 3 with 2 units of pool 0
            booked, entry 4 with 1 unit of pool 0
            not-as-asked
            unknown-place
            wrong-outlet, it is outlet 0
            redeemed, entry 0 with 2 units of pool 0 at 1580515200017 ms
            redeemed, entry 0 with 2 units of pool 0 at 1580515200017 ms, by this request before
            already-redeemed at 1580515200017 ms at outlet 0
            already-redeemed at 1580515200017 ms at outlet 0
            done, 0
            loaded, campaign 1
            done, 0
            cooling-down until day 18298
            booked, entry 0 with 2 units of pool 0
            booked, entry 1 with 2 units of pool 0
            loaded, campaign 2
            done, 0
            registered, entry 0
            registered, entry 1
            not-published
            still-open
            done, 0
            done, 0
            redeemed, entry 0 with 2 units of pool 0 at 1580947200010 ms
            ticked
            done, 0
            below-booked in pools 0
            done, 100
            done, 0
            shredded
        "#]],
        &own,
    );
    let mut text = String::new();
    for campaign in books.campaigns() {
        writeln!(text, "{} {:?}", campaign.definition().code, campaign.counts()).unwrap();
        for pool in campaign.pools() {
            writeln!(text, "  {:?} free {}", pool.units, pool.units.free()).unwrap();
        }
    }
    expect![[r#"
        first Counts { entries: 5, booked: 3, redeemed: 1, cancelled: 1, sold_out: 0, cooling_down: 0, waiting: 0 }
          Units { issued: 5, withdrawn: 0, withdrawn_early: 0, booked: 5, redeemed: 2 } free 0
          Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 2, redeemed: 0 } free 0
        second Counts { entries: 2, booked: 2, redeemed: 0, cancelled: 0, sold_out: 0, cooling_down: 0, waiting: 0 }
          Units { issued: 105, withdrawn: 0, withdrawn_early: 0, booked: 4, redeemed: 0 } free 101
          Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
        held Counts { entries: 2, booked: 0, redeemed: 1, cancelled: 0, sold_out: 1, cooling_down: 0, waiting: 0 }
          Units { issued: 5, withdrawn: 0, withdrawn_early: 0, booked: 2, redeemed: 2 } free 3
          Units { issued: 2, withdrawn: 0, withdrawn_early: 0, booked: 0, redeemed: 0 } free 2
    "#]].assert_eq(&text);
}

#[test]
fn right_claims_are_no_findings() {
    let (_, own) = kept(&history(), |_| None);
    let (books, again) = kept(&history(), |no| Some(own[no].clone()));
    assert_eq!((books.findings(), books.findings_len()), (&[][..], 0));
    assert_eq!(own, again);
}

#[test]
fn every_wrong_claim_is_found_where_it_is_made() {
    let (_, own) = kept(&history(), |_| None);
    let others: Vec<Claim> = {
        let seen: BTreeSet<&str> = own.iter().map(Claim::word).collect();
        let first = |word: &&str| own.iter().find(|claim| claim.word() == *word).cloned();
        seen.iter().filter_map(first).collect()
    };
    let mut planted = 0;
    for (no, right) in own.iter().enumerate() {
        for wrong in others.iter().filter(|other| *other != right) {
            let claims = |at: usize| Some(if at == no { wrong.clone() } else { own[at].clone() });
            let (books, _) = kept(&history(), claims);
            let first = books.findings().first().unwrap_or_else(|| panic!("{no}: {wrong}"));
            assert_eq!(first.place.frame, FrameNo(no as u64 + 1), "{right} is not {wrong}");
            planted += 1;
        }
    }
    assert!(800 < planted, "{planted} wrong claims");
}

fn plant(no: usize, wrong: Claim, kind: Kind, expected: Expect) {
    let (_, own) = kept(&history(), |_| None);
    let claims = |at: usize| Some(if at == no { wrong.clone() } else { own[at].clone() });
    let (books, _) = kept(&history(), claims);
    assert_eq!(books.findings()[0].kind, kind, "{:?}", books.findings());
    // What follows a wrong answer no longer fits what was right without it.
    expected.assert_eq(&(shown(&books.findings()[0]) + "\n"));
}

pub(crate) const fn booked(entry: u32, pool: u32, units: u8) -> Claim {
    Claim::Booked { entry: EntryNo(entry), pool: PoolNo(pool), units }
}

#[test]
fn units_that_were_not_there_are_oversold() {
    plant(
        9,
        booked(3, 0, 2),
        Kind::Oversold,
        expect![[r#"
            oversold in frame 10: first: request 05050505050505050505050505050505 for 2 units is claimed to be booked, entry 3 with 2 units of pool 0; by the books it is sold-out, since no choice had so many free: pool 0 (east/mask/day) had 1
        "#]],
    );
}

#[test]
fn units_that_were_there_are_not_sold_out() {
    plant(
        8,
        Claim::Refused(Refused::SoldOut),
        Kind::Undersold,
        expect![[r#"
            undersold in frame 9: first: request 04040404040404040404040404040404 for 2 units is claimed to be sold-out; by the books it is booked, entry 2 with 2 units of pool 1, since pool 1 (west/mask/day) had 2 free
        "#]],
    );
}

#[test]
fn units_come_from_the_first_choice_that_has_them() {
    plant(
        3,
        booked(0, 1, 2),
        Kind::Choice,
        expect![[r#"
            choice in frame 4: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 2 units of pool 1; by the books it is booked, entry 0 with 2 units of pool 0, since pool 0 (east/mask/day) had 5 free
        "#]],
    );
}

#[test]
fn a_person_has_one_live_entry() {
    plant(
        6,
        booked(1, 0, 2),
        Kind::Person,
        expect![[r#"
            person in frame 7: first: request 02020202020202020202020202020202 for 2 units is claimed to be booked, entry 1 with 2 units of pool 0; by the books it is already-in, since entry 0 has the same id_number
        "#]],
    );
    plant(
        7,
        Claim::Refused(Refused::AlreadyIn),
        Kind::Person,
        expect![[r#"
            person in frame 8: first: request 03030303030303030303030303030303 for 2 units is claimed to be already-in; by the books it is booked, entry 1 with 2 units of pool 0, since pool 0 (east/mask/day) had 3 free
        "#]],
    );
}

#[test]
fn a_success_cools_down() {
    plant(
        24,
        booked(0, 0, 2),
        Kind::CoolDown,
        expect![[r#"
            cool-down in frame 25: second: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 2 units of pool 0; by the books it is cooling-down until day 18298, since entry 0 of first succeeded with the same id_number
        "#]],
    );
}

#[test]
fn a_repeated_request_gets_the_same_again() {
    plant(
        4,
        booked(1, 0, 2),
        Kind::Request,
        expect![[r#"
            request in frame 5: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 1 with 2 units of pool 0; by the books it is booked, entry 0 with 2 units of pool 0, since that request id made entry 0
        "#]],
    );
    plant(
        5,
        booked(0, 0, 2),
        Kind::Request,
        expect![[r#"
            request in frame 6: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 2 units of pool 0; by the books it is request-reused, since that request id made entry 0
        "#]],
    );
}

#[test]
fn numbers_have_no_gaps() {
    plant(
        3,
        booked(1, 0, 2),
        Kind::Number,
        expect![[r#"
            number in frame 4: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 1 with 2 units of pool 0; by the books it is booked, entry 0 with 2 units of pool 0, since pool 0 (east/mask/day) had 5 free
        "#]],
    );
}

#[test]
fn entries_end_once() {
    let at = Millis(START + 11);
    plant(
        11,
        Claim::Cancelled { entry: EntryNo(1), at },
        Kind::Cancel,
        expect![[r#"
        cancel in frame 12: first: cancelling entry 1 is claimed to be cancelled, entry 1 at 1580515200011 ms; by the books it is cancelled, entry 1 at 1580515200010 ms
    "#]],
    );
    let at = Millis(START + 20);
    plant(
        20,
        Claim::Cancelled { entry: EntryNo(0), at },
        Kind::Cancel,
        expect![[r#"
        cancel in frame 21: first: cancelling entry 0 is claimed to be cancelled, entry 0 at 1580515200020 ms; by the books it is already-redeemed at 1580515200017 ms at outlet 0
    "#]],
    );
    let (entry, pool, at) = (EntryNo(0), PoolNo(0), Millis(START + 19));
    let twice = Claim::Redeemed { entry, pool, units: 2, at, repeated: false };
    plant(
        19,
        twice,
        Kind::Redeem,
        expect![[r#"
            redeem in frame 20: first: redeeming entry 0 at outlet 0 by counter is claimed to be redeemed, entry 0 with 2 units of pool 0 at 1580515200019 ms; by the books it is already-redeemed at 1580515200017 ms at outlet 0
        "#]],
    );
    let elsewhere = Claim::Refused(Refused::WrongOutlet { outlet: OutletNo(1) });
    plant(
        17,
        elsewhere,
        Kind::Redeem,
        expect![[r#"
            redeem in frame 18: first: redeeming entry 0 at outlet 0 by counter is claimed to be wrong-outlet, it is outlet 1; by the books it is redeemed, entry 0 with 2 units of pool 0 at 1580515200017 ms
        "#]],
    );
    let late = Claim::Refused(Refused::WrongTime { slot: SlotNo(0) });
    plant(
        35,
        late,
        Kind::Redeem,
        expect![[r#"
            redeem in frame 36: held: redeeming entry 0 at outlet 0 by counter is claimed to be wrong-time, it is slot 0; by the books it is redeemed, entry 0 with 2 units of pool 0 at 1580947200010 ms
        "#]],
    );
}

#[test]
fn an_operators_sum_is_added_up() {
    plant(
        21,
        Claim::Done { units: 2 },
        Kind::Operator,
        expect![[r#"
        operator in frame 22: first: `withdraw` by duty officer is claimed to be done, 2; by the books it is done, 0
    "#]],
    );
}

#[test]
fn an_export_saw_what_was_there() {
    let with = |export: Vec<u8>| {
        let mut lines = history();
        lines[37].1 = export;
        let (books, _) = kept(&lines, |_| None);
        books.findings().iter().map(shown).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(with(export(2, 2, 5 * DAY + 10)), "");
    let expected = expect![[r#"
        export in frame 38: held: an export says that there were 3 entries at 1580947200010 ms; the books have another number there
        export in frame 38: held: an export says that there were 1 entries at 1580947200010 ms; the books have another number there
        export in frame 38: held: an export says that entry 1 ended at 1580947200010 ms, which it did not
        export in frame 38: held: an export names 3 bookings, and there were 2 entries
    "#]];
    let told = [
        // An entry more; one less, though it had come by then; and one that never ended.
        with(export(2, 3, 5 * DAY + 10)),
        with(export(2, 1, 5 * DAY + 10)),
        with(operator(&json!({ "do": "export", "campaign": 2, "bookings": 1, "checksum": "",
            "seen": { "at": START + 5 * DAY + 10, "entries": 2, "told": [0, 1] } }))),
        with(operator(&json!({ "do": "export", "campaign": 2, "bookings": 3, "checksum": "" }))),
    ];
    expected.assert_eq(&(told.join("\n") + "\n"));
}

#[test]
fn a_frame_says_how_many_commands_it_holds() {
    let mut books = Books::new();
    let payload = [tick(), tick(), vec![1, 0, 0, 0, 99]].concat();
    books.take_frame((FrameNo(1), Millis(5)), 3, &payload[..10], |_, _| Some(Claim::Ticked));
    books.take_frame((FrameNo(2), Millis(5)), 3, &payload, |_, _| None);
    books.take_frame((FrameNo(3), Millis(4)), 0, &[], |_, _| None);
    let lines: Vec<_> = books.findings().iter().map(shown).collect();
    expect![[r#"
        count in frame 1: frame 1 says it holds 3 commands, it holds 2
        unreadable in frame 2: a record is of kind 99, which there is not
        order in frame 3: frame 3 of 4 ms comes after frame 2 of 5 ms
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
    assert_eq!(books.taken(), (3, 4));
}

#[test]
fn requests_and_people_can_be_asked_for() {
    let (books, _) = kept(&history(), |_| None);
    let campaign = books.campaign_by_code("first").unwrap();
    assert_eq!(campaign.no(), CampaignNo(0));
    let request = types::RequestId([1; 16]);
    let entry = campaign.entry_of_request(request).unwrap();
    assert_eq!(campaign.entry(entry).unwrap().request, request);
    let person = types::PersonKey([1; 16]);
    assert_eq!(campaign.entry_of_person(0, person), Some(entry));
    assert_eq!(campaign.entry_of_person(1, person), None);
    assert_eq!(campaign.persons().collect::<Vec<_>>(), [5, 5]);
}
