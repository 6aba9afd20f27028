//! Each step at each stage: what it says is missing.

use super::desk::{Desk, LOTS, done, draws};
use expect_test::expect;
use ledger::Stage;
use types::ids::Sha256;
use types::{Action, DrawEvent, DrawNo, EntryNo, Outcome, PoolNo, Refusal};

const STEPS: [&str; 11] = [
    "close",
    "seal",
    "opening",
    "seed",
    "result",
    "award",
    "publish",
    "begin",
    "alternates",
    "off",
    "void",
];

/// A draw of three entries at a stage; of two announced winners one is awarded at the last but one.
fn at(stage: &str) -> Desk {
    let mut desk = Desk::new(&draws(Some(5), 2));
    desk.enter_all(3);
    if stage == "none" {
        return desk;
    }
    desk.close_list(Some(0), false);
    let reached = Stage::ALL.into_iter().find(|known| known.word() == stage);
    desk.until(reached.unwrap_or(Stage::Drawn), 2);
    match stage {
        "part" => assert_eq!(desk.award(0, &[1]), done(1)),
        "all" => assert_eq!(desk.award(0, &[1, 2]), done(2)),
        "published" | "resumed" => {
            assert_eq!(desk.award(0, &[1, 2]), done(2));
            assert_eq!(desk.publish(), done(0));
            if stage == "resumed" {
                assert_eq!(desk.alternates(true), done(0));
            }
        }
        "void" => assert_eq!(desk.event(DrawEvent::Void), done(0)),
        _ => (),
    }
    desk
}

fn take(desk: &mut Desk, step: &str) -> Outcome {
    let event = match step {
        "close" => return desk.close_list(Some(0), false),
        "award" => {
            let awarded = desk.ledger.campaigns()[0].draws().last().map_or(0, |draw| draw.awarded);
            return desk.award_of(desk.latest(), awarded, &[(EntryNo(0), PoolNo(0))]);
        }
        "publish" => return desk.publish(),
        "begin" | "off" => return desk.alternates(step == "begin"),
        "seal" => DrawEvent::Seal { entries: 3 },
        "opening" => DrawEvent::Opening,
        "seed" => DrawEvent::Seed,
        "result" => DrawEvent::Result { winners: 2 },
        "alternates" => DrawEvent::Alternates { winners: 1 },
        _ => DrawEvent::Void,
    };
    desk.event(event)
}

#[test]
fn each_step_at_each_stage_says_what_is_missing() {
    let stages = [
        "none",
        "closed",
        "sealed",
        "opened",
        "seeded",
        "drawn",
        "part",
        "all",
        "published",
        "resumed",
        "void",
    ];
    let mut table = String::new();
    for stage in stages {
        let said = STEPS.map(|step| match take(&mut at(stage), step) {
            Outcome::Refused(Refusal::DrawOrder { needs }) => format!("{step}<{}", needs.word()),
            Outcome::Refused(refusal) => format!("{step}={}", refusal.code()),
            _ => format!("{step}!"),
        });
        table += &format!("{stage}: {}\n", said.join(" "));
    }
    expect![[r#"
        none: close! seal=unknown-draw opening=unknown-draw seed=unknown-draw result=unknown-draw award=unknown-draw publish<list begin=unknown-draw alternates=unknown-draw off=unknown-draw void=unknown-draw
        closed: close<seal seal! opening<seal seed<seal result<seal award<seal publish<seal begin<seal alternates<seal off<seal void!
        sealed: close<opening seal=already-so opening! seed<opening result<opening award<opening publish<opening begin<opening alternates<opening off<opening void!
        opened: close<seed seal=already-so opening=already-so seed! result<seed award<seed publish<seed begin<seed alternates<seed off<seed void!
        seeded: close<result seal=already-so opening=already-so seed=already-so result! award<result publish<result begin<result alternates<result off<result void!
        drawn: close<awards seal=already-so opening=already-so seed=already-so result=already-so award! publish<awards begin<awards alternates<awards off<awards void!
        part: close<awards seal=already-so opening=already-so seed=already-so result=already-so award! publish<awards begin<awards alternates<awards off<awards void!
        all: close<publication seal=already-so opening=already-so seed=already-so result=already-so award<publication publish! begin<publication alternates<publication off<publication void!
        published: close! seal=already-so opening=already-so seed=already-so result=already-so award<list publish=already-so begin! alternates<list off=already-so void=published
        resumed: close<alternates seal=already-so opening=already-so seed=already-so result=already-so award<alternates publish<alternates begin=already-so alternates! off! void=published
        void: close! seal=already-so opening=already-so seed=already-so result=already-so award<list publish<list begin<list alternates<list off<list void=already-so
    "#]].assert_eq(&table);
}

#[test]
fn an_event_comes_once_and_a_digest_tells_which() {
    let mut desk = at("sealed");
    let (draw, other) = (desk.latest(), Sha256([0xee; 32]));
    let seal = DrawEvent::Seal { entries: 3 };
    assert_eq!(desk.event(seal), Outcome::Refused(Refusal::AlreadySo));
    assert_eq!(desk.event_of(draw, seal, other), Outcome::Refused(Refusal::DrawDiffers));
    let opening = DrawEvent::Opening;
    let unknown = Outcome::Refused(Refusal::UnknownDraw);
    assert_eq!(desk.event_of(DrawNo(0), opening, other), unknown);
    assert_eq!(desk.event_of(DrawNo(2), opening, other), unknown);
    let mut desk = at("resumed");
    let alternates = |winners| DrawEvent::Alternates { winners };
    assert_eq!(desk.event_of(draw, alternates(2), other), Outcome::Refused(Refusal::OverLimit));
    assert_eq!(desk.event_of(draw, alternates(1), other), done(0));
    // One digest is one text, whatever count comes beside it.
    for winners in [0, 1, 2] {
        let again = desk.event_of(draw, alternates(winners), other);
        assert_eq!(again, Outcome::Refused(Refusal::AlreadySo));
    }
}

#[test]
fn a_seal_counts_the_list() {
    for entries in [2, 4] {
        let outcome = at("closed").event(DrawEvent::Seal { entries });
        assert_eq!(outcome, Outcome::Refused(Refusal::EntriesDiffer { entries: 3 }));
    }
    let mut desk = at("closed");
    desk.until(Stage::Seeded, 0);
    let outcome = desk.event(DrawEvent::Result { winners: 4 });
    assert_eq!(outcome, Outcome::Refused(Refusal::OverLimit));
}

#[test]
fn a_campaign_that_does_not_draw_has_no_such_step() {
    let mut masks = draws(None, 1);
    masks.allocate = types::Allocate::FirstCome;
    let mut desk = Desk::new(&masks);
    let lapse = Action::Lapse { campaign: LOTS, outlet: None, item: None, slot: None };
    let refused = Outcome::Refused(Refusal::NotADraw);
    assert_eq!(desk.act(lapse), refused);
    for step in STEPS.into_iter().filter(|step| *step != "publish") {
        assert_eq!(take(&mut desk, step), refused, "{step}");
    }
}

#[test]
fn a_list_is_closed_as_the_campaign_draws() {
    let refused = |refusal| Outcome::Refused(refusal);
    let mut once = Desk::new(&draws(None, 1));
    once.done(Action::Close { campaign: LOTS });
    assert_eq!(once.close_list(None, false), refused(Refusal::NoEntries));
    assert_eq!(once.close_list(Some(0), false), refused(Refusal::NotAsAsked));
    assert_eq!(once.close_list(None, true), refused(Refusal::NotAsAsked));
    let mut again = at("none");
    assert_eq!(again.close_list(None, false), refused(Refusal::NotAsAsked));
    assert_eq!(again.close_list(Some(1), false), refused(Refusal::UnknownPlace));
    assert_eq!(again.close_list(Some(0), true), refused(Refusal::NotAsAsked));
    // After a void draw it is that draw again.
    assert_eq!(at("void").close_list(Some(0), true), refused(Refusal::NotAsAsked));
    let mut unserved = at("published");
    assert_eq!(unserved.close_list(Some(0), true), Outcome::Listed { draw: DrawNo(2), entries: 1 });
    assert_eq!(unserved.event(DrawEvent::Void), done(0));
    assert_eq!(unserved.close_list(Some(0), true), Outcome::Listed { draw: DrawNo(3), entries: 1 });
}
