//! The ledger: the state machine that decides, in memory, in one order.
//!
//! Owns: all state and all rules (`docs/rules.md`, step by step). Never: reads a clock, draws a
//! random number, starts a thread, does IO, computes with floats, or iterates a hash table; it
//! depends on `types` only. The same journal gives the same state and the same outcomes on any
//! machine, in any release.
//! Invariants: per pool `free + booked + withdrawn = issued`; at most one live entry a person and
//! campaign; time never goes back. All asserted, always.
//! On failure: a command that cannot be read means the journal is not ours; the caller stops.

mod campaign;
mod draw;
mod entry;
mod group;
mod lot;
mod mix;
mod people;
pub mod phase;
mod pool;
mod rows;
mod rules;
pub mod snapshot;
mod table;
mod view;

pub use campaign::{Campaign, Redemption};
pub use draw::{Draw, Stage};
pub use entry::{Decision, Fate, Place};
pub use people::Success;
pub use phase::{Export, Marks, Phase};
pub use pool::{Pool, PoolPlace};
pub use view::{EntryView, PublicEntry};

use mix::SetHash;
use people::Series;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use types::calendar::LocalDay;
use types::command::{Command, CommandError, Enter, Records};
use types::definition::Publish;
use types::ids::{CampaignNo, FrameNo, Millis, PersonKey, PoolNo};
use types::limits;
use types::outcome::Outcome;

/// Commands whose cache lines are loaded ahead of being applied. At 10 million entries every
/// table look-up is a miss; overlapping them is worth a factor of about two.
const TOUCH_AHEAD: usize = 32;

/// The hash of a whole state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LedgerHash(pub u64);

/// An operator's action, done or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRecord {
    /// Where it lies in the journal.
    pub frame: FrameNo,
    /// When.
    pub at: Millis,
    /// Who.
    pub actor: String,
    /// From where; empty where the command does not say it.
    pub from: String,
    /// Why, in the person's words.
    pub reason: String,
    /// What: `open`, `stock`, …
    pub word: String,
    /// To which campaign; none when a load was refused.
    pub campaign: Option<CampaignNo>,
    /// What in particular, in a few words.
    pub detail: String,
    /// The outcome's code.
    pub outcome: String,
    /// What it changed, as it was before, in one word or number ("Operator" in `docs/rules.md`);
    /// empty when it changed nothing, and where the command does not say from where.
    pub before: String,
    /// The same afterwards.
    pub after: String,
}

/// Rules and state.
pub struct Ledger {
    campaigns: Vec<Campaign>,
    by_code: BTreeMap<String, CampaignNo>,
    series: Vec<Series>,
    time: Millis,
    frame: FrameNo,
    /// Chained over every outcome there ever was.
    outcomes_hash: u64,
    actions: VecDeque<ActionRecord>,
    actions_hash: u64,
    /// Not state: what changed since somebody last took note.
    changes: Changes,
}

/// What changed since it was last taken, for whoever publishes a view of the state.
#[derive(Debug, Default)]
pub struct Changes {
    /// Pools whose counts changed; a pool may stand more than once.
    pub pools: Vec<(CampaignNo, PoolNo)>,
    /// Campaigns whose definition, marks or set of pools changed.
    pub campaigns: Vec<CampaignNo>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

impl Ledger {
    /// A ledger before the first frame.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            campaigns: Vec::new(),
            by_code: BTreeMap::new(),
            series: Vec::new(),
            time: Millis(0),
            frame: FrameNo(0),
            outcomes_hash: 0,
            actions: VecDeque::new(),
            actions_hash: 0,
            changes: Changes { pools: Vec::new(), campaigns: Vec::new() },
        }
    }

    /// Applies a frame's commands in order and appends one outcome for each.
    ///
    /// # Errors
    /// When the payload is not what `types::command` encodes. The ledger is not to be used on.
    ///
    /// # Panics
    /// When time or the frame number goes back, or an invariant is broken.
    pub fn apply_frame(
        &mut self,
        frame: FrameNo,
        at: Millis,
        payload: &[u8],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), CommandError> {
        assert!(self.frame < frame, "a frame is applied once");
        self.begin(frame, at);
        let mut records = Records::new(payload);
        let mut ahead: Vec<(u32, Command<'_>)> = Vec::with_capacity(TOUCH_AHEAD);
        loop {
            for record in records.by_ref().take(TOUCH_AHEAD) {
                let (offset, record) = record?;
                ahead.push((offset, Command::decode(record)?));
            }
            // Apart from decoding: the closer the loads, the more of them wait at once.
            let touched = ahead.iter().fold(0, |sum, (_, command)| sum ^ self.touch(command));
            std::hint::black_box(touched);
            if ahead.is_empty() {
                return Ok(());
            }
            for (offset, command) in ahead.drain(..) {
                outcomes.push(self.apply(Place { frame, offset }, at, &command));
            }
        }
    }

    /// Applies one command.
    ///
    /// # Panics
    /// When time or the frame number goes back, or an invariant is broken.
    pub fn apply(&mut self, place: Place, at: Millis, command: &Command<'_>) -> Outcome {
        self.begin(place.frame, at);
        let outcome = match command {
            Command::Enter(enter) => self.enter(place, at, enter),
            Command::Cancel(cancel) => self.cancel(at, *cancel),
            Command::Redeem(redeem) => self.redeem(at, redeem),
            Command::Award(award) => self.award(at, award),
            Command::Operator(operator) => self.operate(place, at, operator),
            Command::Tick => Outcome::Ticked,
        };
        self.outcomes_hash = mix::fold(self.outcomes_hash, rules::outcome_hash(&outcome));
        outcome
    }

    fn begin(&mut self, frame: FrameNo, at: Millis) {
        assert!(self.time <= at, "time never goes back");
        assert!(self.frame <= frame, "frames come in order");
        self.time = at;
        self.frame = frame;
    }

    fn touch(&self, command: &Command<'_>) -> u64 {
        let Command::Enter(enter) = command else { return 0 };
        let Some(campaign) = self.campaign(enter.campaign) else { return 0 };
        let series = campaign.series.map(|series| &self.series[series].successes);
        let series = series.map_or(0, |successes| {
            let pairs = successes.iter().zip(enter.keys());
            pairs.fold(0, |sum, (successes, key)| sum ^ successes.touch(key))
        });
        campaign.touch(enter.request, enter.keys()) ^ series
    }

    /// The outcome of a command that would change nothing at this moment: one that repeats what
    /// was done, or that the rules refuse. It needs no place in the journal. Operators' commands
    /// always get one: what was refused them is part of the record, too.
    #[must_use]
    pub fn preview(&self, at: Millis, command: &Command<'_>) -> Option<Outcome> {
        match command {
            Command::Enter(enter) => self.preview_enter(at, enter),
            Command::Cancel(cancel) => self.preview_cancel(*cancel),
            Command::Redeem(redeem) => self.preview_redeem(at, redeem),
            Command::Award(_) | Command::Operator(_) | Command::Tick => None,
        }
    }

    /// The outcome of a request whose id is known already; nothing is changed.
    #[must_use]
    pub fn known(&self, enter: &Enter<'_>) -> Option<Outcome> {
        rules::known(self.campaign(enter.campaign)?, enter)
    }

    /// What changed since this was last called.
    pub fn take_changes(&mut self, into: &mut Changes) {
        into.pools.clear();
        into.campaigns.clear();
        std::mem::swap(&mut self.changes, into);
    }

    /// A campaign by number.
    #[must_use]
    pub fn campaign(&self, campaign: CampaignNo) -> Option<&Campaign> {
        self.campaigns.get(campaign.index())
    }

    /// All campaigns, by number.
    #[must_use]
    pub fn campaigns(&self) -> &[Campaign] {
        &self.campaigns
    }

    /// The time of the last frame.
    #[must_use]
    pub const fn time(&self) -> Millis {
        self.time
    }

    /// The last frame applied; 0 before the first.
    #[must_use]
    pub const fn frame(&self) -> FrameNo {
        self.frame
    }

    /// What operators did, oldest first; the last `ACTIONS_KEPT_MAX`.
    pub fn actions(&self) -> impl DoubleEndedIterator<Item = &ActionRecord> + ExactSizeIterator {
        self.actions.iter()
    }

    /// The latest success of a person in a campaign's series, by unique field; of several of one
    /// day, the one of the last campaign and entry.
    #[must_use]
    pub fn latest_success(
        &self,
        campaign: CampaignNo,
        field: usize,
        key: PersonKey,
    ) -> Option<Success> {
        let series = self.campaign(campaign)?.series?;
        self.series[series].successes.get(field)?.latest(key)
    }

    /// All successes that may count: series code, unique field from 0, success. In no useful order.
    pub fn successes(&self) -> impl Iterator<Item = (&str, usize, Success)> {
        self.series.iter().flat_map(|series| {
            let fields = series.successes.iter().enumerate();
            fields.flat_map(move |(field, people)| {
                people.live().map(move |success| (series.code.as_str(), field, success))
            })
        })
    }

    /// The next moment at which something becomes due without a command: a publication. The node
    /// sequences a tick when it comes.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        let due = self.campaigns.iter().filter_map(|campaign| {
            let Publish::At { at } = campaign.definition.publish else { return None };
            (!campaign.is_published(self.time)).then_some(at)
        });
        due.min()
    }

    /// The hash of the whole state. Its cost grows with the number of campaigns, not of entries.
    #[must_use]
    pub fn hash(&self) -> LedgerHash {
        let head = [self.time.0, self.frame.0, self.outcomes_hash, self.actions_hash];
        let mut hash = mix::words(17, &head);
        for campaign in &self.campaigns {
            hash = mix::fold(hash, campaign.hash());
        }
        for series in &self.series {
            hash = mix::bytes(hash, series.code.as_bytes());
            hash = mix::fold(hash, u64::from(series.cool_down_days));
            for successes in &series.successes {
                hash = mix::words(hash, &SetHash::halves(successes.hash()));
            }
        }
        LedgerHash(hash)
    }

    fn remember_action(&mut self, record: ActionRecord) {
        let mut hash = mix::words(self.actions_hash, &[record.frame.0, record.at.0]);
        let campaign = record.campaign.map_or(u64::MAX, |campaign| u64::from(campaign.0));
        hash = mix::fold(hash, campaign);
        let texts = [&record.actor, &record.reason, &record.word, &record.detail, &record.outcome];
        for text in texts {
            hash = mix::bytes(hash, text.as_bytes());
        }
        // Commands of builds that did not say from where have the hash that they had then.
        let is_whole = !record.from.is_empty();
        assert!(is_whole || (record.before.is_empty() && record.after.is_empty()), "told together");
        if is_whole {
            for text in [&record.from, &record.before, &record.after] {
                hash = mix::bytes(hash, text.as_bytes());
            }
        }
        self.actions_hash = hash;
        if self.actions.len() == limits::ACTIONS_KEPT_MAX {
            self.actions.pop_front();
        }
        self.actions.push_back(record);
    }

    /// The day until which people cool down whose keys come person after person, if some success
    /// in the series is too recent.
    fn cooling_down(
        &self,
        campaign: &Campaign,
        at: Millis,
        keys: impl Iterator<Item = PersonKey>,
    ) -> Option<LocalDay> {
        let series = &self.series[campaign.series?];
        if series.cool_down_days == 0 {
            return None;
        }
        let today = campaign.definition.calendar.day(at);
        let fields = series.successes.iter().cycle();
        let latest = fields.zip(keys).filter_map(|(people, key)| people.latest(key));
        let until = latest.map(|success| success.day.0 + u32::from(series.cool_down_days)).max()?;
        (today.0 < until).then_some(LocalDay(until))
    }
}

impl fmt::Display for LedgerHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for LedgerHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerHash({self})")
    }
}
