//! Campaigns that take only people of another one, in some worlds.
//!
//! Owns: who names whom, from numbers of its own, so that all other worlds are as they were. Never:
//! minds whether a name is sound; some are there to be refused.

use super::Generator;
use super::enters::Sent;
use super::random::Random;
use crate::Model;
use crate::campaign::Campaign;
use crate::state::Fate;
use types::{Action, CampaignNo, Cancel, Definition, EntryNo, PersonKey};

/// Worlds come in runs of so many seeds, every second of which has such campaigns.
const SEEDS_IN_A_ROW: u64 = 4;
/// Apart from the numbers that all else is chosen by.
const APART: u64 = 0x5ec0_4d57_e9b1_a2c3;

/// The numbers of a seed whose world has such campaigns.
pub(super) fn of_seed(seed: u64) -> Option<Random> {
    (seed / SEEDS_IN_A_ROW % 2 == 1).then(|| Random::new(seed ^ APART))
}

/// Lets campaigns of the world name earlier ones of their series, and adds loads that name wrong.
pub(super) fn name_some(random: &mut Random, planned: &mut Vec<Definition>) {
    let first = planned[0].clone();
    let draws = |definition: &&mut Definition| definition.draw().is_some();
    if first.is_held_back() {
        planned.iter_mut().filter(draws).for_each(|it| it.series.clone_from(&first.series));
    }
    if random.chance(60) {
        let series = planned.iter_mut().filter_map(|definition| definition.series.as_mut());
        series.for_each(|series| series.cool_down_days = 0);
    }
    for place in 1..planned.len() {
        let [earlier @ .., definition] = &mut planned[..=place] else { unreachable!("one by one") };
        let code = |of: &Definition| of.series.as_ref().map(|series| series.code.clone());
        let series = code(definition);
        let others = earlier.iter().filter(|other| series.is_some() && code(other) == series);
        let codes: Vec<String> = others.map(|other| other.code.clone()).collect();
        if !codes.is_empty() && random.chance(75) {
            let code = if random.chance(70) { &codes[0] } else { random.pick(&codes) };
            definition.register.registered_in = Some(code.clone());
        }
    }
    let [first, second, third, ..] = &planned[..] else { unreachable!("a world has three") };
    let naming = |definition: &Definition, code: &str| {
        let mut naming = definition.clone();
        naming.register.registered_in = Some(code.into());
        naming
    };
    let wrong = [
        Definition { series: None, ..first.clone() },
        naming(first, &second.code),
        naming(second, &third.code),
        naming(second, "nobody"),
        naming(second, &second.code),
    ];
    let wrong: Vec<_> = wrong.into_iter().filter(|_| random.chance(50)).collect();
    planned.extend(wrong);
}

impl Generator {
    /// People who were sent to the campaign that another one names, for that one.
    pub(super) fn registered(&mut self, definition: &Definition) -> Option<Vec<PersonKey>> {
        let random = self.naming.as_mut()?;
        let code = definition.registered_in()?;
        let first = self.campaigns.iter().position(|guess| guess.definition.code == code)?;
        let of_first = |sent: &&Sent| sent.is_of_one(CampaignNo::from_index(first));
        let sent: Vec<&Sent> = self.sent.iter().filter(of_first).collect();
        let some = !sent.is_empty() && random.chance(90);
        some.then(|| random.pick(&sent).keys().to_vec())
    }

    /// Somebody gives up the entry by which they are in the campaign that this one names.
    pub(super) fn leave_first(&mut self, model: &Model, definition: &Definition) -> Option<Cancel> {
        let random = self.naming.as_mut()?;
        let code = definition.registered_in()?;
        let of_code = |campaign: &Campaign| campaign.definition.code == code;
        let first = model.campaigns.iter().position(of_code)?;
        let entries = model.campaigns[first].entries.iter().enumerate();
        let live = entries.filter(|(_, entry)| entry.fate == Fate::Live);
        let live: Vec<usize> = live.map(|(index, _)| index).collect();
        let some = !live.is_empty() && random.chance(15);
        some.then(|| Cancel {
            campaign: CampaignNo::from_index(first),
            entry: EntryNo::from_index(*random.pick(&live)),
        })
    }

    /// Now and then, instead of another action.
    pub(super) fn take_over(&mut self, campaign: CampaignNo) -> Option<Action> {
        let random = self.naming.as_mut()?;
        random.chance(4).then_some(Action::TakeOver { campaign })
    }

    /// Lets a campaign that is loaded again name any other, or leave its series.
    pub(super) fn name_any(&mut self, definition: &mut Definition) {
        let Some(random) = &mut self.naming else { return };
        let codes = ["masks-1", "masks-1", "masks-2", "late", "gloves", "once", "nobody"];
        if random.chance(20) {
            definition.register.registered_in = Some((*random.pick(&codes)).into());
        }
        if random.chance(15) {
            definition.series = None;
        }
    }
}
