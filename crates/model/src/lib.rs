//! The naive ledger: `docs/rules.md` as plain code, the oracle of every equivalence test.
//!
//! Owns: the rules written to be laid beside the specification, one function per command, each
//! step with the number it has there; and a generator of command sequences. Never: a thought of
//! speed, a clock, randomness outside the seeded generator, IO.
//! Invariants: those of `invariant`, asserted after every command.
//! On failure: panics; a model that is wrong must not go on.

mod campaign;
mod cancel;
mod draw;
mod enter;
mod gate;
pub mod generate;
mod invariant;
mod load;
mod lookup;
mod operator;
mod redeem;
mod registered;
mod standing;
mod state;
mod stock;
mod told;

pub use campaign::Phase;
pub use gate::Gate;
pub use lookup::{Standing, View};
pub use state::{
    CampaignState, Decision, Deed, Draw, Entry, Export, Fate, Marks, Place, Pool, Stage, State,
    Success, SuccessKey,
};

use campaign::Campaign;
use std::collections::{BTreeMap, BTreeSet};
use types::{CampaignNo, Command, FrameNo, Millis, Outcome, Refusal};

/// The naive ledger.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// In the order of loading.
    campaigns: Vec<Campaign>,
    /// Of every series, the successes of every person key that may count yet.
    successes: BTreeMap<SuccessKey, BTreeSet<Success>>,
    /// Every operator's action, done or refused.
    deeds: Vec<Deed>,
    /// The time of the last frame.
    at: Millis,
    /// The place of the last command.
    last: Option<Place>,
}

impl Model {
    /// A ledger before the first frame.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the rules say to the command at `offset` of frame `frame`, stamped `at`.
    ///
    /// # Panics
    /// When time or the place in the journal goes back, or an invariant does not hold.
    pub fn apply(
        &mut self,
        frame: FrameNo,
        offset: u32,
        at: Millis,
        command: &Command<'_>,
    ) -> Outcome {
        let place = Place { frame, offset };
        assert!(self.at <= at, "time enters on the frame and never goes back");
        assert!(self.last < Some(place), "commands come in the order of the journal");
        self.at = at;
        self.last = Some(place);
        let before = self.told(at, command);
        let outcome = match command {
            Command::Enter(enter) => self.enter(place, at, enter),
            Command::Cancel(cancel) => self.cancel(at, cancel),
            Command::Redeem(redeem) => self.redeem(at, redeem),
            Command::Award(award) => self.award(at, award),
            Command::Operator(command) => self.operator(place, at, command),
            Command::Tick => Ok(Outcome::Ticked),
        };
        let outcome = outcome.unwrap_or_else(Outcome::Refused);
        if let Command::Operator(command) = command {
            let is_refused = matches!(outcome, Outcome::Refused(_));
            let change = match is_refused {
                true => [String::new(), String::new()],
                false => [before, self.told_of(at, command)],
            };
            self.deeds.push(Deed::new(command, frame, at, &outcome, change));
        }
        self.assert_invariants(touched(command, &outcome));
        outcome
    }

    /// The phase of a campaign at a moment; none when there is no such campaign.
    #[must_use]
    pub fn phase(&self, campaign: CampaignNo, at: Millis) -> Option<Phase> {
        self.campaign(campaign).ok().map(|campaign| campaign.phase(at))
    }

    /// The whole state, as a plain value to compare and print.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            at: self.at,
            campaigns: self.campaigns.iter().map(Campaign::state).collect(),
            successes: self.successes.clone(),
            deeds: self.deeds.clone(),
        }
    }

    fn campaign(&self, number: CampaignNo) -> Result<&Campaign, Refusal> {
        self.campaigns.get(number.index()).ok_or(Refusal::UnknownCampaign)
    }

    fn campaign_mut(&mut self, number: CampaignNo) -> Result<&mut Campaign, Refusal> {
        self.campaigns.get_mut(number.index()).ok_or(Refusal::UnknownCampaign)
    }
}

/// The campaign a command was about.
fn touched(command: &Command<'_>, outcome: &Outcome) -> Option<CampaignNo> {
    match (command, outcome) {
        (Command::Enter(enter), _) => Some(enter.campaign),
        (Command::Cancel(cancel), _) => Some(cancel.campaign),
        (Command::Redeem(redeem), _) => Some(redeem.campaign),
        (Command::Award(award), _) => Some(award.campaign),
        (Command::Operator(_), Outcome::Loaded { campaign }) => Some(*campaign),
        (Command::Operator(command), _) => command.action.campaign(),
        (Command::Tick, _) => None,
    }
}
