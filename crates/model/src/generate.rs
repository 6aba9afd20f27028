//! Command sequences from a seed: small worlds in which everything collides.
//!
//! Owns: the choice of commands. Never: looks at an outcome; the same seed gives the same
//! sequence whatever answers it, so that two ledgers, or a ledger and a fault, can be compared.
//! One seed in four draws lots: the steps of a draw fit only who knows the list, so that such a
//! sequence is made beside plain rules of its own, or beside those it is given.
//! Invariants: time never goes back, places in the journal ascend, every record decodes.

mod draws;
mod enters;
mod operators;
mod random;
mod registered;
mod winners;
mod world;

pub use random::Random;
pub use world::{definition, edges};

use crate::Model;
use enters::Sent;
use types::command::{Records, encode_tick};
use types::{
    CampaignNo, Cancel, Command, Definition, EntryNo, FrameNo, Millis, OutletNo, Redeem, RequestId,
};

/// Of so many seeds one draws, whose remainder is the next number.
const DRAWING_SEEDS: [u64; 2] = [4, 1];
/// How many commands of such a seed are steps of a draw.
const DRAW_STEPS_PERCENT: u64 = 40;
/// Commands in one frame, at most; few, so that frames change often.
const FRAME_COMMANDS_MAX: u32 = 4;
/// Milliseconds of a minute.
const MINUTE: u64 = 60_000;
/// Milliseconds of an hour.
const HOUR: u64 = 60 * MINUTE;

/// One command, with its place and time in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The frame.
    pub frame: FrameNo,
    /// The offset of the record in the frame's payload, in bytes.
    pub offset: u32,
    /// The frame's time.
    pub at: Millis,
    /// The record, as it stands in the payload.
    pub record: Vec<u8>,
}

impl Step {
    /// The command.
    ///
    /// # Panics
    /// Never for a step of the generator.
    #[must_use]
    pub fn command(&self) -> Command<'_> {
        let record = Records::new(&self.record).next().expect("a step holds one record");
        let (_, record) = record.expect("what is generated is a whole record");
        Command::decode(record).expect("what is generated is a command")
    }
}

/// What the generator believes of a campaign that it had loaded.
#[derive(Clone, Debug)]
struct Guess {
    definition: Definition,
    /// Entries sent to it, accepted or not.
    sent: u32,
}

/// Command sequences from a seed.
#[derive(Clone, Debug)]
pub struct Generator {
    random: Random,
    /// Campaigns to load before anything else, last first.
    planned: Vec<Definition>,
    /// The plain rules after what was generated so far; only of a seed that draws.
    shadow: Option<Box<Model>>,
    /// What campaigns that take only people of another one are chosen by; only of a seed that has
    /// any.
    naming: Option<Random>,
    /// By number, unless a load was refused.
    campaigns: Vec<Guess>,
    sent: Vec<Sent>,
    at: Millis,
    frame: FrameNo,
    /// Commands and bytes of the frame that gathers.
    commands: u32,
    bytes: u32,
}

impl Generator {
    /// A world from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let [seeds, remainder] = DRAWING_SEEDS;
        let draws = seed % seeds == remainder;
        let mut naming = registered::of_seed(seed);
        let mut random = Random::new(seed);
        let mut planned = world::campaigns(&mut random);
        if draws {
            let more = world::draw_campaigns(&mut random, &planned[0]);
            planned.extend(more);
        }
        if let Some(naming) = &mut naming {
            registered::name_some(naming, &mut planned);
        }
        planned.reverse();
        Self {
            random,
            planned,
            shadow: draws.then(Box::default),
            naming,
            campaigns: Vec::new(),
            sent: Vec::new(),
            at: world::BEGIN,
            frame: FrameNo(1),
            commands: 0,
            bytes: 0,
        }
    }

    /// The campaigns of the world as they were planned, in the order of loading.
    #[must_use]
    pub fn definitions(&self) -> Vec<Definition> {
        let loaded = self.campaigns.iter().map(|campaign| campaign.definition.clone());
        loaded.chain(self.planned.iter().rev().cloned()).collect()
    }

    /// The next command, made beside what these plain rules have come to, and not beside all that
    /// was generated, some of which may never have come anywhere.
    #[must_use]
    pub fn next_given(&mut self, model: &Model) -> Step {
        if self.commands == FRAME_COMMANDS_MAX || self.random.chance(40) {
            self.advance();
            self.frame = self.frame.next();
            (self.commands, self.bytes) = (0, 0);
        }
        let record = self.record(model);
        let step = Step { frame: self.frame, offset: self.bytes, at: self.at, record };
        self.commands += 1;
        self.bytes += u32::try_from(step.record.len()).expect("records are far below 4 GiB");
        step
    }

    fn record(&mut self, model: &Model) -> Vec<u8> {
        let mut record = Vec::new();
        if let Some(definition) = self.planned.pop() {
            self.load(definition, &mut record);
            return record;
        }
        if self.shadow.is_some() && self.random.chance(DRAW_STEPS_PERCENT) {
            self.draw_step(model, &mut record);
            return record;
        }
        match self.random.below(100) {
            0..60 => self.enter(&mut record),
            60..66 => self.cancel(&mut record),
            66..80 => self.redeem(&mut record),
            80..96 => self.operate(&mut record),
            _ => encode_tick(&mut record),
        }
        record
    }

    fn cancel(&mut self, record: &mut Vec<u8>) {
        let (campaign, entry) = self.entry();
        Cancel { campaign, entry }.encode(record);
    }

    fn redeem(&mut self, record: &mut Vec<u8>) {
        let (campaign, entry) = self.entry();
        let outlet = OutletNo(self.random.below(world::OUTLETS + 1) as u16);
        let request = RequestId([self.random.below(3) as u8; 16]);
        let actor = *self.random.pick(&["counter 1", "counter 2"]);
        Redeem { campaign, entry, outlet, request, actor }.encode(record);
    }

    /// A campaign that is most likely there.
    fn campaign(&mut self) -> CampaignNo {
        let known = self.campaigns.len() as u64;
        let beyond = u64::from(self.random.chance(2));
        CampaignNo(self.random.below(known + beyond * 2) as u16)
    }

    /// An entry that is most likely there.
    fn entry(&mut self) -> (CampaignNo, EntryNo) {
        let campaign = self.campaign();
        let sent = self.campaigns.get(campaign.index()).map_or(0, |guess| guess.sent);
        let end = u64::from(sent / 6) + 2;
        let entry = self.random.below(end).min(self.random.below(end));
        (campaign, EntryNo(entry as u32))
    }

    /// Time goes on: mostly not at all, sometimes over windows and days, sometimes to the very
    /// moment at which something changes.
    fn advance(&mut self) {
        let millis = match self.random.below(100) {
            0..50 => self.random.below(5_000),
            50..92 => self.random.below(20 * MINUTE),
            92..96 => self.random.below(5 * HOUR),
            96..97 => self.random.below(48 * HOUR),
            _ => self.until_an_edge(),
        };
        self.at = self.at.plus(millis);
    }

    /// Milliseconds until the next moment at which something changes, or one more or less.
    fn until_an_edge(&mut self) -> u64 {
        let edges = self.campaigns.iter().flat_map(|guess| world::edges(&guess.definition));
        let Some(next) = edges.filter(|edge| self.at < *edge).min() else { return 0 };
        next.since(self.at) + self.random.below(3) - 1
    }
}

impl Iterator for Generator {
    type Item = Step;

    /// The next command; there always is one.
    fn next(&mut self) -> Option<Step> {
        let Some(mut shadow) = self.shadow.take() else {
            return Some(self.next_given(&Model::new()));
        };
        // Whether there is one says that lots are drawn.
        self.shadow = Some(Box::default());
        let step = self.next_given(&shadow);
        shadow.apply(step.frame, step.offset, step.at, &step.command());
        self.shadow = Some(shadow);
        Some(step)
    }
}
