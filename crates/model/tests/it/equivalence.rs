//! The ledger against the model: equal outcomes at every step, equal state, equal look-ups.

use ledger::Ledger;
use model::generate::{Generator, Step};
use model::{Entry, Model};
use proptest::prelude::*;
use types::{CampaignNo, Command, EntryNo, Outcome, PersonKey};

/// Steps between two comparisons of the whole state.
const COMPARE_EVERY: usize = 50;
const SEEDS: u64 = 80;
const STEPS: usize = 500;

/// Applies a sequence to both and compares.
fn check(seed: u64, steps: usize) {
    let mut model = Model::new();
    let mut ledger = Ledger::new();
    let steps: Vec<Step> = Generator::new(seed).take(steps).collect();
    for (number, step) in steps.iter().enumerate() {
        let command = step.command();
        let foreseen = ledger.preview(step.at, &command);
        let known = known(&ledger, &command);
        let before = touched(&model, &command);
        let expected = model.apply(step.frame, step.offset, step.at, &command);
        let place = ledger::Place { frame: step.frame, offset: step.offset };
        let outcome = ledger.apply(place, step.at, &command);
        let context = || format!("seed {seed} step {number} at {:?}: {command:?}", step.at);
        assert_eq!(outcome, expected, "outcomes differ: {}", context());
        // What changes nothing is foreseen, all of it; what an operator does never is.
        let changes = touched(&model, &command) != before;
        let is_request =
            matches!(command, Command::Enter(_) | Command::Cancel(_) | Command::Redeem(_));
        let is_foreseen = is_request && !changes;
        assert_eq!(foreseen, is_foreseen.then(|| expected.clone()), "foreseen: {}", context());
        if let Some(known) = known {
            assert_eq!(known, expected, "known otherwise: {}", context());
        }
        compare_touched(&model, &ledger, &command, &context);
        if number % COMPARE_EVERY == 0 {
            compare_states(&model, &ledger, &context);
            // What goes on from a snapshot must go on alike.
            let restored = restored(&ledger);
            assert_eq!(restored.hash(), ledger.hash(), "hash of a snapshot: {}", context());
            ledger = restored;
        }
    }
    let context = || format!("seed {seed} at the end");
    compare_states(&model, &ledger, &context);
    compare_look_ups(&model, &ledger, &steps, &context);
    assert_eq!(by_frames(&steps).hash(), ledger.hash(), "hash of whole frames: {}", context());
}

/// A ledger written to a snapshot and read again.
fn restored(ledger: &Ledger) -> Ledger {
    let mut bytes = Vec::new();
    ledger.save(&mut bytes).unwrap();
    let mut source = &bytes[..];
    let restored = Ledger::load(&mut source).unwrap();
    assert!(source.is_empty(), "a snapshot is read to its end");
    restored
}

/// A ledger that was given whole frames.
fn by_frames(steps: &[Step]) -> Ledger {
    let mut ledger = Ledger::new();
    for frame in steps.chunk_by(|one, next| one.frame == next.frame) {
        let payload: Vec<u8> = frame.iter().flat_map(|step| step.record.clone()).collect();
        let mut outcomes = Vec::new();
        ledger.apply_frame(frame[0].frame, frame[0].at, &payload, &mut outcomes).unwrap();
        assert_eq!(outcomes.len(), frame.len(), "one outcome a command");
    }
    ledger
}

/// What the ledger knows of a request's id beforehand.
fn known(ledger: &Ledger, command: &Command<'_>) -> Option<Outcome> {
    let Command::Enter(enter) = command else { return None };
    ledger.known(enter)
}

/// What a command may change: the entry that it names, and how many there are.
fn touched(model: &Model, command: &Command<'_>) -> Option<(usize, Option<Entry>)> {
    let (campaign, entry) = match command {
        Command::Enter(enter) => (enter.campaign, None),
        Command::Cancel(cancel) => (cancel.campaign, Some(cancel.entry)),
        Command::Redeem(redeem) => (redeem.campaign, Some(redeem.entry)),
        Command::Award(_) | Command::Operator(_) | Command::Tick => return None,
    };
    let state = model.state();
    let entries = &state.campaigns.get(campaign.index())?.entries;
    Some((entries.len(), entry.and_then(|entry| entries.get(entry.index()).cloned())))
}

/// The phase of every campaign, and the pools, at every step: cheap, and close to the cause.
fn compare_touched(
    model: &Model,
    ledger: &Ledger,
    command: &Command<'_>,
    context: &dyn Fn() -> String,
) {
    let at = ledger.time();
    for campaign in ledger.campaigns() {
        let phase = Some(mirror::phase(campaign.phase(at)));
        assert_eq!(phase, model.phase(campaign.no(), at), "phases differ: {}", context());
    }
    if let Command::Cancel(cancel) = command {
        let view = ledger.public_entry(cancel.campaign, cancel.entry).map(mirror::known);
        let expected = model.entry(cancel.campaign, cancel.entry).map(mirror::viewed);
        assert_eq!(view, expected, "look-ups differ: {}", context());
    }
}

fn compare_states(model: &Model, ledger: &Ledger, context: &dyn Fn() -> String) {
    let (expected, state) = (model.state(), mirror::state(ledger));
    assert_eq!(state.at, expected.at, "times differ: {}", context());
    assert_eq!(state.deeds, expected.deeds, "actions differ: {}", context());
    assert_eq!(state.successes, expected.successes, "successes differ: {}", context());
    assert_eq!(state.campaigns.len(), expected.campaigns.len(), "campaigns: {}", context());
    for (campaign, expected) in state.campaigns.iter().zip(&expected.campaigns) {
        let code = &expected.definition.code;
        assert_eq!(campaign.marks, expected.marks, "marks of {code}: {}", context());
        assert_eq!(campaign.pools, expected.pools, "pools of {code}: {}", context());
        assert_eq!(campaign.draws, expected.draws, "draws of {code}: {}", context());
        assert_eq!(campaign.entries, expected.entries, "entries of {code}: {}", context());
    }
    assert_eq!(state, expected, "states differ: {}", context());
}

/// Every entry by number; every entry that was ever sent by keys and identity, right and wrong;
/// every request again, as it was and with another digest.
fn compare_look_ups(model: &Model, ledger: &Ledger, steps: &[Step], context: &dyn Fn() -> String) {
    for campaign in (0..8).map(CampaignNo) {
        for entry in (0..100).map(EntryNo) {
            let view = ledger.public_entry(campaign, entry).map(mirror::known);
            let expected = model.entry(campaign, entry).map(mirror::viewed);
            assert_eq!(view, expected, "look-ups of {campaign} {entry} differ: {}", context());
        }
    }
    for step in steps {
        let Command::Enter(enter) = step.command() else { continue };
        let keys: Vec<PersonKey> = enter.keys().collect();
        for identity in [enter.digests.identity, [9; 8]] {
            let view = ledger.find(enter.campaign, &keys, identity).map(mirror::known);
            let expected = model.find(enter.campaign, &keys, identity).map(mirror::viewed);
            assert_eq!(view, expected, "finding {enter:?} differs: {}", context());
        }
        for changed in [0, 1] {
            let mut enter = enter;
            enter.digests.request[0] ^= changed;
            let known = ledger.known(&enter);
            assert_eq!(known, model.known(&enter), "{enter:?} is known: {}", context());
        }
    }
}

#[test]
fn the_ledger_says_and_holds_what_the_model_does() {
    (0..SEEDS).for_each(|seed| check(seed, STEPS));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any seed; a failure is cut down to the fewest steps.
    #[test]
    fn any_sequence_is_decided_alike(seed in any::<u64>().no_shrink(), steps in 1..600_usize) {
        check(seed, steps);
    }
}

/// A body whose checks passed and that holds nonsense all the same gives an error or a ledger
/// that can be used, never a panic.
#[test]
fn no_changed_snapshot_body_panics() {
    let mut ledger = Ledger::new();
    for step in Generator::new(3).take(120) {
        let place = ledger::Place { frame: step.frame, offset: step.offset };
        ledger.apply(place, step.at, &step.command());
    }
    let mut bytes = Vec::new();
    ledger.save(&mut bytes).unwrap();
    let mut unsound = 0;
    // A step that is prime to the lengths of all rows comes by every byte and bit of them.
    for place in (0..bytes.len()).step_by(5) {
        let bit = 1 << (place / 5 % 8);
        bytes[place] ^= bit;
        match Ledger::load(&mut &bytes[..]) {
            Ok(changed) => assert_ne!(changed.hash(), ledger.hash(), "byte {place} counts"),
            Err(_) => unsound += 1,
        }
        bytes[place] ^= bit;
    }
    assert!(0 < unsound);
}

/// A campaign that is loaded again and again, each time in a series of its own, leaves none.
#[test]
fn there_are_never_more_series_than_campaigns() {
    let mut ledger = Ledger::new();
    for number in 0..=types::limits::CAMPAIGNS_MAX as u64 {
        let mut definition = model::generate::definition("masks");
        let code = format!("series-{number}");
        definition.series = Some(types::definition::Series { code, cool_down_days: 5 });
        let action = types::Action::Load { definition: Box::new(definition) };
        let (actor, reason) = ("officer".into(), "planned".into());
        let command = types::OperatorCommand { actor, from: None, reason, action };
        let place = ledger::Place { frame: types::FrameNo(number + 1), offset: 0 };
        let outcome = ledger.apply(place, types::Millis(1), &Command::Operator(Box::new(command)));
        assert_eq!(outcome, Outcome::Loaded { campaign: CampaignNo(0) });
    }
    assert_eq!(restored(&ledger).hash(), ledger.hash());
}

#[test]
fn a_pool_that_does_not_balance_with_its_entries_is_refused() {
    let mut ledger = Ledger::new();
    let mut refused = 0;
    for step in Generator::new(3).take(300) {
        let place = ledger::Place { frame: step.frame, offset: step.offset };
        ledger.apply(place, step.at, &step.command());
    }
    let mut bytes = Vec::new();
    ledger.save(&mut bytes).unwrap();
    for pool in ledger.campaigns().iter().flat_map(ledger::Campaign::pools) {
        let counts =
            [pool.issued, pool.withdrawn, pool.withdrawn_early, pool.booked, pool.redeemed];
        let wanted: Vec<u8> = counts.iter().flat_map(|count| count.to_le_bytes()).collect();
        let found = bytes.windows(wanted.len()).position(|window| window == wanted);
        let mut changed = bytes.clone();
        // One unit fewer booked than the entries hold.
        let Some(counts) = found.filter(|_| pool.redeemed < pool.booked) else { continue };
        changed[counts + 24] -= 1;
        let Err(error) = Ledger::load(&mut &changed[..]) else { panic!("loaded: {pool:?}") };
        assert_eq!(error.to_string(), "the snapshot's pool is not as it must be");
        refused += 1;
    }
    assert!(0 < refused);
}
