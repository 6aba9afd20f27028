//! What the generator reaches: every outcome and every refusal, but those named here.

use expect_test::expect;
use model::generate::Generator;
use model::{CampaignState, Decision, Entry, Fate, Model, Stage, State};
use std::collections::BTreeMap;
use types::outcome::CODES;
use types::{Action, CampaignNo, Command, DrawEvent, ListKind, Outcome};

const SEEDS: u64 = 160;
const STEPS: usize = 500;

#[test]
fn every_outcome_that_can_be_reached_is_reached() {
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut model = Model::new();
        for step in Generator::new(seed).take(STEPS) {
            let outcome = model.apply(step.frame, step.offset, step.at, &step.command());
            *counts.entry(outcome.code()).or_default() += 1;
        }
    }
    let mut table = String::new();
    for code in CODES {
        let count = counts.remove(code).unwrap_or(0);
        table += &format!("{code:<20} {count:>6}\n");
    }
    assert!(counts.is_empty(), "no outcome is missing from the list: {counts:?}");
    println!("{table}");
    let unreached: String =
        table.lines().filter(|line| line.ends_with(" 0")).map(|line| format!("{line}\n")).collect();
    // 4,096 campaigns do not fit into a small world; `operating` fills one.
    expect![[r#"
        too-many-campaigns        0
    "#]]
    .assert_eq(&unreached);
}

#[test]
fn a_seed_is_a_sequence() {
    let steps = |seed| Generator::new(seed).take(STEPS).collect::<Vec<_>>();
    assert_eq!(steps(7), steps(7));
    assert_ne!(steps(7), steps(8));
}

/// What becomes of draws in the sequences that have any.
#[test]
fn draws_come_to_every_end() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut model = Model::new();
        for step in Generator::new(seed).take(STEPS) {
            let command = step.command();
            let before = model.state();
            let outcome = model.apply(step.frame, step.offset, step.at, &command);
            for word in words(&before, &command, &outcome) {
                *seen.entry(word).or_default() += 1;
            }
        }
        for word in model.state().campaigns.iter().flat_map(kinds) {
            *seen.entry(word).or_default() += 1;
        }
    }
    println!("{seen:#?}");
    for word in WORDS {
        assert!(seen.remove(word).is_some(), "never: {word}");
    }
    assert!(seen.is_empty(), "no word is missing from the list: {seen:?}");
}

/// What draws should come by.
const WORDS: [&str; 29] = [
    "a list, drawn again and again",
    "a list, drawn once for all",
    "a list among the unserved",
    "a part of an award",
    "an award to somebody who is gone",
    "an award of alternates",
    "an alternate announced",
    "a draw published",
    "alternates published",
    "a draw void, with wins to undo",
    "a draw void, with somebody gone among its winners",
    "a round of alternates begun",
    "a round of alternates called off",
    "a fresh draw after a void one among the unserved",
    "stock added amid a draw",
    "an award to somebody who cools down",
    "a void draw drawn again",
    "a hidden win given up",
    "a hidden win that is asked for",
    "an entry again, with losses",
    "a group with losses",
    "units that lapse",
    "people on the list of a reserved item",
    "units of a reserved item won",
    "units handed out",
    "a success",
    "shredded amid a draw",
    "three draws",
    "two losses",
];

/// What a command came by.
fn words(before: &State, command: &Command<'_>, outcome: &Outcome) -> Vec<&'static str> {
    let of = |campaign: CampaignNo| before.campaigns.get(campaign.index());
    let done = matches!(outcome, Outcome::Done { .. });
    match command {
        Command::Award(award) if done => of_award(of(award.campaign).unwrap(), award, outcome),
        Command::Cancel(cancel) => {
            let entry = of(cancel.campaign).and_then(|of| of.entries.get(cancel.entry.index()));
            let hidden = entry.is_some_and(|entry| entry.hidden && entry.is_live());
            if hidden { vec!["a hidden win given up"] } else { Vec::new() }
        }
        Command::Redeem(redeem) => {
            let entry = of(redeem.campaign).and_then(|of| of.entries.get(redeem.entry.index()));
            let hidden = entry.is_some_and(|entry| entry.hidden);
            if hidden { vec!["a hidden win that is asked for"] } else { Vec::new() }
        }
        Command::Operator(command) => {
            let campaign = command.action.campaign().and_then(of);
            campaign.map_or(Vec::new(), |of| of_action(of, &command.action, outcome))
        }
        _ => Vec::new(),
    }
}

fn of_award(
    campaign: &CampaignState,
    award: &types::Award<'_>,
    outcome: &Outcome,
) -> Vec<&'static str> {
    let draw = campaign.draws.last().unwrap();
    let entry = |(entry, _): (types::EntryNo, _)| &campaign.entries[entry.index()];
    let reserved = award.rows().any(|(_, pool)| {
        let item = campaign.pools[pool.index()].item;
        campaign.reserved.contains_key(&item)
    });
    let live = award.rows().map(entry).filter(|entry| entry.is_live());
    let asked: u64 = live.map(|entry| u64::from(entry.units)).sum();
    let all = [
        (*outcome != Outcome::Done { units: asked }, "an award to somebody who cools down"),
        (draw.awarded + (award.rows().len() as u32) < draw.announced, "a part of an award"),
        (!award.rows().map(entry).all(Entry::is_live), "an award to somebody who is gone"),
        (draw.was_published, "an award of alternates"),
        (reserved, "units of a reserved item won"),
    ];
    all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect()
}

fn of_action(of: &CampaignState, action: &Action, outcome: &Outcome) -> Vec<&'static str> {
    let once = of.definition.draw().is_some_and(|terms| terms.stand_days.is_none());
    let latest = of.draws.last();
    let was_void = latest.is_some_and(|draw| draw.stage == Stage::Void);
    let fresh = matches!(action, Action::CloseDraw { unserved: false, .. });
    let other = fresh && latest.is_some_and(|draw| draw.unserved);
    let again = was_void.then_some(match other {
        true => "a fresh draw after a void one among the unserved",
        false => "a void draw drawn again",
    });
    let first = match (action, outcome) {
        (Action::CloseDraw { unserved: true, .. }, Outcome::Listed { .. }) => {
            "a list among the unserved"
        }
        (Action::CloseDraw { .. }, Outcome::Listed { .. }) if once => "a list, drawn once for all",
        (Action::CloseDraw { .. }, Outcome::Listed { .. }) => "a list, drawn again and again",
        (Action::Publish { .. }, Outcome::Done { .. }) if latest.is_some() => {
            let was_published = latest.is_some_and(|draw| draw.was_published);
            if was_published { "alternates published" } else { "a draw published" }
        }
        (
            Action::DrawEvent { event: DrawEvent::Alternates { winners }, .. },
            Outcome::Done { .. },
        ) if 0 < *winners => "an alternate announced",
        (Action::Alternates { begin: true, .. }, Outcome::Done { .. }) => {
            "a round of alternates begun"
        }
        (Action::Alternates { begin: false, .. }, Outcome::Done { .. }) => {
            "a round of alternates called off"
        }
        (Action::Stock { .. }, Outcome::Done { units: 1.. })
            if latest.is_some_and(model::Draw::is_under_way) =>
        {
            "stock added amid a draw"
        }
        (Action::DrawEvent { event: DrawEvent::Void, .. }, Outcome::Done { .. })
            if of.entries.iter().any(|entry| entry.hidden && entry.pool().is_some()) =>
        {
            "a draw void, with wins to undo"
        }
        (Action::DrawEvent { event: DrawEvent::Void, .. }, Outcome::Done { .. })
            if of.entries.iter().any(|entry| entry.hidden && entry.pool().is_none()) =>
        {
            "a draw void, with somebody gone among its winners"
        }
        (Action::Lapse { .. }, Outcome::Done { units: 1.. }) => "units that lapse",
        (Action::List { list: ListKind::Reserved(_), .. }, Outcome::Done { units: 1.. }) => {
            "people on the list of a reserved item"
        }
        (Action::Shred { .. }, Outcome::Done { .. })
            if latest.is_some_and(model::Draw::is_under_way) =>
        {
            "shredded amid a draw"
        }
        _ => return Vec::new(),
    };
    let is_list = matches!(outcome, Outcome::Listed { .. });
    std::iter::once(first).chain(again.filter(|_| is_list)).collect()
}

/// What a campaign has come to.
fn kinds(campaign: &CampaignState) -> Vec<&'static str> {
    if campaign.definition.draw().is_none() {
        return Vec::new();
    }
    let any = |is_it: fn(&Entry) -> bool| campaign.entries.iter().any(is_it);
    let all = [
        (any(|entry| 0 < entry.losses && !entry.listed), "an entry again, with losses"),
        (any(|entry| 1 < entry.people.len() && 0 < entry.losses), "a group with losses"),
        (any(|entry| matches!(entry.fate, Fate::Redeemed { .. })), "units handed out"),
        (
            any(|entry| !entry.hidden && matches!(entry.decision, Decision::Booked { .. })),
            "a success",
        ),
        (3 <= campaign.draws.len(), "three draws"),
        (any(|entry| 2 <= entry.losses), "two losses"),
    ];
    all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect()
}
