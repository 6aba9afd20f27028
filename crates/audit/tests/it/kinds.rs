//! Every kind of finding, each by a history that was forged to provoke it.

use crate::books::{booked, export, history};
use crate::draws;
use crate::support::{DAY, START, enter, kept, shown, tick};
use audit::{Books, Claim, Kind, Refused};
use expect_test::expect;
use std::fmt::Write as _;
use types::ids::{EntryNo, FrameNo, Millis, OutletNo, PoolNo};

/// The history's books when one of its claims is another one.
fn claimed(no: usize, wrong: Claim) -> Books {
    let (_, own) = kept(&history(), |_| None);
    kept(&history(), |at| Some(if at == no { wrong.clone() } else { own[at].clone() })).0
}

fn frames(frames: &[(u64, u64, u32, Vec<u8>)]) -> Books {
    let mut books = Books::new();
    for (no, at, commands, payload) in frames {
        books.take_frame((FrameNo(*no), Millis(*at)), *commands, payload, |_, _| None);
    }
    books
}

fn with_claims(claims: usize) -> Books {
    let mut books = Books::new();
    let payload = [tick(), tick()].concat();
    books.take_claimed_frame((FrameNo(1), Millis(5)), 2, &payload, vec![Claim::Ticked; claims]);
    books
}

/// Units are booked that a pool does not have, and nobody gives any back.
fn out_of_balance() -> Books {
    let mut lines = history();
    lines.truncate(10);
    let (_, own) = kept(&lines, |_| None);
    let claims = |at: usize| Some(if at == 9 { booked(3, 0, 2) } else { own[at].clone() });
    kept(&lines, claims).0
}

fn with_export(entries: u32) -> Books {
    let mut lines = history();
    lines[37].1 = export(2, entries, 5 * DAY + 10);
    kept(&lines, |_| None).0
}

/// The first of the forged draws of a kind; `draws` has them all.
fn forged_draw(of: Kind) -> Books {
    let mut forged = draws::forged().into_iter();
    forged.find(|(kind, ..)| *kind == of).unwrap().2
}

fn forged() -> Vec<(Kind, &'static str, Books)> {
    let refused = Claim::Refused;
    let at = Millis(START + 19);
    let (entry, pool) = (EntryNo(0), PoolNo(0));
    let cancelled = Claim::Cancelled { entry, at };
    let redeemed = Claim::Redeemed { entry, pool, units: 2, at, repeated: false };
    let elsewhere = refused(Refused::WrongOutlet { outlet: OutletNo(7) });
    vec![
        (Kind::Unreadable, "no such record", frames(&[(1, 5, 1, vec![1, 0, 0, 0, 99])])),
        (Kind::Count, "a command fewer than it says", frames(&[(1, 5, 2, tick())])),
        (Kind::Count, "a command more than it says", frames(&[(1, 5, 0, tick())])),
        (Kind::Count, "an outcome too few", with_claims(1)),
        (Kind::Count, "an outcome too many", with_claims(3)),
        (Kind::Order, "time goes back", frames(&[(1, 5, 1, tick()), (2, 4, 1, tick())])),
        (Kind::Order, "frames go back", frames(&[(2, 5, 1, tick()), (1, 5, 1, tick())])),
        (Kind::Oversold, "booked, of what nobody has", claimed(9, booked(3, 0, 2))),
        (Kind::Undersold, "none, of what there is", claimed(8, refused(Refused::SoldOut))),
        (Kind::Choice, "of the second choice", claimed(3, booked(0, 1, 2))),
        (Kind::Person, "a second entry", claimed(6, booked(1, 0, 2))),
        (Kind::Person, "a first entry refused", claimed(7, refused(Refused::AlreadyIn))),
        (Kind::CoolDown, "too soon", claimed(24, booked(0, 0, 2))),
        (Kind::Request, "a second effect", claimed(4, booked(1, 0, 2))),
        (Kind::Request, "an id used twice", claimed(5, booked(0, 0, 2))),
        (Kind::Number, "a gap", claimed(3, booked(1, 0, 2))),
        (Kind::Cancel, "of what is handed out", claimed(20, cancelled)),
        (Kind::Redeem, "handed out twice", claimed(19, redeemed)),
        (Kind::Redeem, "by another outlet", claimed(16, elsewhere)),
        (Kind::Operator, "another sum", claimed(21, Claim::Done { units: 2 })),
        (
            Kind::Operator,
            "a sound definition refused",
            claimed(0, refused(Refused::DefinitionInvalid)),
        ),
        (Kind::Draw, "somebody is left out", forged_draw(Kind::Draw)),
        (Kind::Award, "to one who is not listed", forged_draw(Kind::Award)),
        (Kind::Unchosen, "a pool it did not choose", forged_draw(Kind::Unchosen)),
        (Kind::Export, "an entry that never was", with_export(3)),
        (Kind::Balance, "below nothing", out_of_balance()),
        (Kind::Answer, "a tick refused", claimed(36, refused(Refused::Closed))),
        (Kind::Answer, "other units than asked for", claimed(3, booked(0, 0, 1))),
    ]
}

#[test]
fn every_kind_is_found_in_a_history_forged_for_it() {
    let mut text = String::new();
    let mut kinds: Vec<_> = forged().iter().map(|(kind, ..)| *kind).collect();
    for (kind, how, books) in forged() {
        let found = books.findings().iter().find(|finding| finding.kind == kind);
        let found = found.unwrap_or_else(|| panic!("{kind:?}, {how}: {:?}", books.findings()));
        writeln!(text, "{how}\n  {}", shown(found)).unwrap();
    }
    kinds.dedup();
    assert_eq!(kinds, Kind::ALL, "each kind has its histories");
    expect![[r#"
        no such record
          unreadable in frame 1: a record is of kind 99, which there is not
        a command fewer than it says
          count in frame 1: frame 1 says it holds 2 commands, it holds 1
        a command more than it says
          count in frame 1: frame 1 says it holds 0 commands, it holds 1
        an outcome too few
          count in frame 1: frame 1 holds 2 commands, 1 outcomes are claimed
        an outcome too many
          count in frame 1: frame 1 holds 2 commands, 3 outcomes are claimed
        time goes back
          order in frame 2: frame 2 of 4 ms comes after frame 1 of 5 ms
        frames go back
          order in frame 1: frame 1 of 5 ms comes after frame 2 of 5 ms
        booked, of what nobody has
          oversold in frame 10: first: request 05050505050505050505050505050505 for 2 units is claimed to be booked, entry 3 with 2 units of pool 0; by the books it is sold-out, since no choice had so many free: pool 0 (east/mask/day) had 1
        none, of what there is
          undersold in frame 9: first: request 04040404040404040404040404040404 for 2 units is claimed to be sold-out; by the books it is booked, entry 2 with 2 units of pool 1, since pool 1 (west/mask/day) had 2 free
        of the second choice
          choice in frame 4: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 2 units of pool 1; by the books it is booked, entry 0 with 2 units of pool 0, since pool 0 (east/mask/day) had 5 free
        a second entry
          person in frame 7: first: request 02020202020202020202020202020202 for 2 units is claimed to be booked, entry 1 with 2 units of pool 0; by the books it is already-in, since entry 0 has the same id_number
        a first entry refused
          person in frame 8: first: request 03030303030303030303030303030303 for 2 units is claimed to be already-in; by the books it is booked, entry 1 with 2 units of pool 0, since pool 0 (east/mask/day) had 3 free
        too soon
          cool-down in frame 25: second: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 2 units of pool 0; by the books it is cooling-down until day 18298, since entry 0 of first succeeded with the same id_number
        a second effect
          request in frame 5: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 1 with 2 units of pool 0; by the books it is booked, entry 0 with 2 units of pool 0, since that request id made entry 0
        an id used twice
          request in frame 6: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 2 units of pool 0; by the books it is request-reused, since that request id made entry 0
        a gap
          number in frame 4: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 1 with 2 units of pool 0; by the books it is booked, entry 0 with 2 units of pool 0, since pool 0 (east/mask/day) had 5 free
        of what is handed out
          cancel in frame 21: first: cancelling entry 0 is claimed to be cancelled, entry 0 at 1580515200019 ms; by the books it is already-redeemed at 1580515200017 ms at outlet 0
        handed out twice
          redeem in frame 20: first: redeeming entry 0 at outlet 0 by counter is claimed to be redeemed, entry 0 with 2 units of pool 0 at 1580515200019 ms; by the books it is already-redeemed at 1580515200017 ms at outlet 0
        by another outlet
          redeem in frame 17: first: redeeming entry 0 at outlet 1 by counter is claimed to be wrong-outlet, it is outlet 7; by the books it is wrong-outlet, it is outlet 0
        another sum
          operator in frame 22: first: `withdraw` by duty officer is claimed to be done, 2; by the books it is done, 0
        a sound definition refused
          operator in frame 1: a new campaign: `load` by duty officer is claimed to be definition-invalid; by the books it is loaded, campaign 0
        somebody is left out
          draw in frame 11: daily: `close-draw` for slot 0 by duty officer is claimed to be listed, draw 1 with 3 entries; by the books it is listed, draw 1 with 4 entries
        to one who is not listed
          award in frame 21: daily: awarding winner 1 of draw 1 is claimed to be done, 2; by the books it is not-as-asked, since entry 4 is not on its list
        a pool it did not choose
          unchosen in frame 21: daily: draw 1 gave entry 0 pool 1 (west/mask/day), which it did not choose; it takes east/mask/day and no other
        an entry that never was
          export in frame 38: held: an export says that there were 3 entries at 1580947200010 ms; the books have another number there
        below nothing
          balance in frame 10: first: pool 0 (east/mask/day) was issued 5 units, of which 0 are withdrawn, 6 booked and 0 redeemed: it is oversold
        a tick refused
          answer in frame 37: a tick is claimed to be closed; by the books it is ticked
        other units than asked for
          answer in frame 4: first: request 01010101010101010101010101010101 for 2 units is claimed to be booked, entry 0 with 1 unit of pool 0; by the books it is booked, entry 0 with 2 units of pool 0, since pool 0 (east/mask/day) had 5 free
    "#]].assert_eq(&text);
}

#[test]
fn as_many_claims_as_commands_are_no_finding() {
    assert_eq!(with_claims(2).findings(), []);
    // One that is entered twice under one id: two commands, two claims.
    let (_, own) = kept(&history()[..4], |_| None);
    let mut books = Books::new();
    for (no, (after, payload)) in history().into_iter().take(3).enumerate() {
        let at = (FrameNo(no as u64 + 1), Millis(START + after));
        books.take_claimed_frame(at, 1, &payload, [own[no].clone()]);
    }
    let twice = [enter(0, 1, 1).record(), enter(0, 1, 1).record()].concat();
    let claims = [own[3].clone(), own[3].clone()];
    books.take_claimed_frame((FrameNo(4), Millis(START + 9)), 2, &twice, claims);
    assert_eq!(books.findings(), []);
}
