//! The steps of a draw, and when each may be taken.
//!
//! Owns: that; opening and seed, which are short. Never: a step that the ledger would not take.
//! Invariants: before the ledger would take a step no file of it is made; nothing is opened once
//! the sealed round has appeared, and nothing is opened or seeded behind the sealed deadline.

use super::super::access::Actor;
use super::super::{Operator, refusal};
use super::request::Sealed;
use crate::draws::refused;
use crate::problem::Problem;
use draw::beacon::{BeaconSignature, Chain};
use draw::seal::{Deadline, Round, Seal, Words};
use draw::seed::Opened;
use ledger::{Draw, Stage};
use std::sync::Arc;
use types::Refusal;
use types::action::DrawEvent;
use types::ids::{DrawNo, Millis};

/// A step of a draw.
pub(crate) enum Step {
    Seal(Box<Sealed>),
    Open(Opened),
    Seed(Option<BeaconSignature>),
    Run,
    Alternates,
    Void(Words),
}

impl Step {
    /// Whether the ledger would take the step now, or has taken it: before that no file is made.
    fn is_due(&self, draw: &Draw) -> Result<(), Problem> {
        let has = |word: &str| draw.events.iter().any(|(event, _)| event.word() == word);
        let is_due = match self {
            Self::Seal(_) => draw.stage == Stage::Closed || has("seal"),
            Self::Open(_) => draw.stage == Stage::Sealed || has("opening"),
            Self::Seed(_) => draw.stage == Stage::Opened || has("seed"),
            Self::Run => draw.stage == Stage::Seeded || has("result"),
            Self::Alternates => {
                let goes_on = draw.stage == Stage::Drawn && draw.was_published;
                goes_on || matches!(draw.stage, Stage::Published | Stage::Resumed)
            }
            Self::Void(_) if draw.was_published => {
                let detail = "The draw is published and stands: who won has been told, so it \
                              cannot be void. Lapse takes back what nobody collected, and alternates \
                              draws that among those who have nothing. Nothing was done.";
                return Err(refusal::problem(&Refusal::Published).detail(detail));
            }
            Self::Void(_) => true,
        };
        let needs = draw.needs();
        if is_due { Ok(()) } else { Err(refusal::problem(&Refusal::DrawOrder { needs })) }
    }
}

impl Operator {
    pub(super) async fn take_step(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        code: &str,
        no: DrawNo,
        step: Step,
    ) -> Result<(), Problem> {
        let known = self.known(code, no).await?;
        step.is_due(&known.draw)?;
        let times = Times { closed: known.draw.at, now: self.now() };
        let (event, digest) = match step {
            Step::Seal(sealed) => return self.seal(by, reason, &known, sealed).await,
            Step::Run => return self.run(by, reason, &known).await,
            Step::Alternates => return self.alternates(by, reason, known).await,
            Step::Void(words) => return self.void(by, reason, &known, words).await,
            Step::Open(opened) => {
                let open = self.make(&known, move |_, known, key| {
                    let history = known.history()?;
                    if history.opened().is_none() {
                        let late = "The secrets are not opened";
                        must_be_before(history.seal.deadline, times, late)?;
                        must_be_unknown(history.seal.drand, times)?;
                    }
                    let opening = ceremony::open(&known.open()?, &opened, key);
                    opening.map_err(|error| refused(&error))?;
                    known.digest_of("opening.txt")
                });
                (DrawEvent::Opening, open.await?)
            }
            Step::Seed(signature) => {
                let seed = self.make(&known, move |_, known, key| {
                    let history = known.history()?;
                    if history.seed().is_none() {
                        must_be_before(history.seal.deadline, times, "No seed is made")?;
                    }
                    let seed = ceremony::seed(&known.open()?, signature, key);
                    seed.map_err(|error| refused(&error))?;
                    known.digest_of("seeded.txt")
                });
                (DrawEvent::Seed, seed.await?)
            }
        };
        self.event(by, reason, &known, event, digest).await
    }
}

/// When a list was closed, and what time it is. What was past by then already was sealed for a
/// rehearsal, and stands in nobody's way.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) closed: Millis,
    pub(super) now: Millis,
}

/// Whether a deadline is over at a time.
pub(super) fn is_past(deadline: Deadline, at: Millis) -> bool {
    i128::from(deadline.seconds()) * 1_000 <= i128::from(at.0)
}

/// Refuses what comes behind the deadline.
fn must_be_before(deadline: Deadline, times: Times, what: &str) -> Result<(), Problem> {
    if !is_past(deadline, times.now) || is_past(deadline, times.closed) {
        return Ok(());
    }
    Err(too_late(
        "draw-deadline-past",
        &format!(
            "{what}: the deadline that was sealed, {deadline}, is past by the node's clock, so the \
         draw is void. Nothing was changed. Declare it void, and close its list again."
        ),
    ))
}

/// Refuses to open once the round that ends the seed is known.
fn must_be_unknown(round: Option<Round>, times: Times) -> Result<(), Problem> {
    let is_late =
        |round: &Round| has_appeared(*round, times.now) && !has_appeared(*round, times.closed);
    let Some(round) = round.filter(is_late) else { return Ok(()) };
    Err(too_late(
        "draw-round-known",
        &format!(
            "The secrets are not opened: round {} of the beacon has appeared by the node's clock, so \
         that whoever types the balls could choose what comes of it. Nothing was changed. Declare \
         the draw void, and close its list again.",
            round.round
        ),
    ))
}

/// Whether what was sealed was past when the list was closed, as no draw in earnest can be.
pub(crate) fn is_rehearsal(seal: &Seal, closed: Millis) -> bool {
    is_past(seal.deadline, closed) || seal.drand.is_some_and(|round| has_appeared(round, closed))
}

/// Whether everybody knows by now what a round of the beacon said.
pub(super) fn has_appeared(round: Round, now: Millis) -> bool {
    let appears = Chain::find(round.chain).and_then(|chain| chain.seconds_of(round.round));
    appears.is_some_and(|seconds| seconds <= now.0 / 1_000)
}

/// Refuses what the node's clock forbids.
pub(super) fn too_late(meaning: &'static str, detail: &str) -> Problem {
    let title = "Too late for this seed";
    Problem::new(409, "draw-seed-refused", title, detail.to_owned()).meaning(meaning)
}
