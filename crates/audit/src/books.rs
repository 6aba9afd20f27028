//! The books: every pool, person, limit and request, kept a second time.
//!
//! Owns: what each command must come to, from `docs/rules.md` alone; the comparison with what is
//! claimed; findings. Never: asks a ledger; reads sealed fields.
//! Invariants: a right claim gives no finding, a wrong one gives one, in the order of the journal.
//! After a wrong claim the books go on as it says where they can, so that one wrong is one
//! finding, and its consequences show in the balance.
//! On failure: what cannot be decoded is a finding, and the rest of its frame is passed over.

mod acts;
mod award;
mod campaign;
mod definition;
pub mod draw;
mod enter;
mod lots;
mod operator;
mod people;
mod registered;
mod release;
mod rows;
mod says;
mod sound;
mod steps;

pub use campaign::{Campaign, Counts, Decision, Entry, Fate, Pool, Units};
pub use draw::{Draw, Stage};

use crate::claim::Claim;
use crate::record::{Command, RecordError, Records};
use definition::terms;
use operator::Change;
use people::Series;
use says::Because;
use std::collections::BTreeMap;
use types::action::Action;
use types::ids::{CampaignNo, FrameNo, Millis};
use types::limits::AUDIT_FINDINGS_MAX;

/// Commands whose rows are loaded before they are judged: in large books each look is a miss, and
/// misses that overlap cost a third.
const TOUCH_AHEAD: usize = 32;

/// Where a command stands in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its frame.
    pub frame: FrameNo,
    /// The frame's time.
    pub at: Millis,
    /// Its record's offset in the frame's payload, in bytes.
    pub offset: u32,
}

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it shows.
    pub place: Place,
    /// Of which kind it is.
    pub kind: Kind,
    /// What is wrong, as a sentence without its full stop.
    pub text: String,
}

/// Kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A record is none.
    Unreadable,
    /// A frame holds another number of commands than it says, or than outcomes are claimed of.
    Count,
    /// A frame's number or time goes back.
    Order,
    /// Units were given that were not free.
    Oversold,
    /// Units were refused that were free.
    Undersold,
    /// Units came from another pool than the first choice that had them.
    Choice,
    /// A person got another entry than the one live entry there may be.
    Person,
    /// A person got units, or none, against the cool-down.
    CoolDown,
    /// A repeated request got another outcome, or an effect of its own; or a request id was used
    /// for two requests.
    Request,
    /// An entry got another number than the next.
    Number,
    /// A cancellation is not what became of the entry.
    Cancel,
    /// A redemption is not what became of the entry.
    Redeem,
    /// An operator's action came to something else.
    Operator,
    /// A draw's step came to something else: its list, an event, the publication.
    Draw,
    /// Winners were awarded what the rules refuse, or refused what they give.
    Award,
    /// A winner was given what it did not choose, which the engine does not look at.
    Unchosen,
    /// An export says that it saw what was not there.
    Export,
    /// A pool does not add up.
    Balance,
    /// Any other answer that the rules do not give.
    Answer,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 19] = [
        Self::Unreadable,
        Self::Count,
        Self::Order,
        Self::Oversold,
        Self::Undersold,
        Self::Choice,
        Self::Person,
        Self::CoolDown,
        Self::Request,
        Self::Number,
        Self::Cancel,
        Self::Redeem,
        Self::Operator,
        Self::Draw,
        Self::Award,
        Self::Unchosen,
        Self::Export,
        Self::Balance,
        Self::Answer,
    ];

    /// Its stable word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Count => "count",
            Self::Order => "order",
            Self::Oversold => "oversold",
            Self::Undersold => "undersold",
            Self::Choice => "choice",
            Self::Person => "person",
            Self::CoolDown => "cool-down",
            Self::Request => "request",
            Self::Number => "number",
            Self::Cancel => "cancel",
            Self::Redeem => "redeem",
            Self::Operator => "operator",
            Self::Draw => "draw",
            Self::Award => "award",
            Self::Unchosen => "unchosen",
            Self::Export => "export",
            Self::Balance => "balance",
            Self::Answer => "answer",
        }
    }
}

/// All books of one journal.
#[derive(Debug, Default)]
pub struct Books {
    campaigns: Vec<Campaign>,
    by_code: BTreeMap<String, CampaignNo>,
    series: Vec<Series>,
    time: Millis,
    frame: FrameNo,
    frames: u64,
    commands: u64,
    outcomes: BTreeMap<&'static str, u64>,
    findings: Vec<Finding>,
    findings_len: u64,
}

impl Books {
    /// Empty books.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a frame's commands. For each, `claims` says what somebody claims that it came to;
    /// where nobody does, the books go by themselves.
    pub fn take_frame(
        &mut self,
        (frame, at): (FrameNo, Millis),
        commands: u32,
        payload: &[u8],
        mut claims: impl FnMut(Place, &Command<'_>) -> Option<Claim>,
    ) {
        let place = Place { frame, at, offset: 0 };
        self.begin(place);
        self.frames += 1;
        let mut count = 0;
        let mut records = Records::new(payload);
        let mut ahead = Vec::with_capacity(TOUCH_AHEAD);
        loop {
            ahead.extend(records.by_ref().take(TOUCH_AHEAD));
            if ahead.is_empty() {
                break;
            }
            let touched = ahead.iter().fold(0, |sum, (_, record)| sum ^ self.touch(record));
            std::hint::black_box(touched);
            for (offset, record) in ahead.drain(..) {
                let place = Place { offset, ..place };
                let command = match record {
                    Ok(command) => command,
                    Err(error) => {
                        self.find(place, Kind::Unreadable, error.to_string());
                        return;
                    }
                };
                let claim = claims(place, &command);
                self.take(place, &command, claim.as_ref());
                count += 1;
            }
        }
        if count != commands {
            let text = format!("frame {frame} says it holds {commands} commands, it holds {count}");
            self.find(place, Kind::Count, text);
        }
    }

    /// Takes a frame's commands, and what somebody claims that they came to, all of them, in their
    /// order. A claim too few or too many is a finding.
    pub fn take_claimed_frame(
        &mut self,
        (frame, at): (FrameNo, Millis),
        commands: u32,
        payload: &[u8],
        claims: impl IntoIterator<Item = Claim>,
    ) {
        let mut claims = claims.into_iter();
        let (mut asked, mut given) = (0_u64, 0_u64);
        self.take_frame((frame, at), commands, payload, |_, _| {
            let claim = claims.next();
            asked += 1;
            given += u64::from(claim.is_some());
            claim
        });
        given += claims.count() as u64;
        if asked != given {
            let place = Place { frame, at, offset: 0 };
            let text =
                format!("frame {frame} holds {asked} commands, {given} outcomes are claimed");
            self.find(place, Kind::Count, text);
        }
    }

    /// Takes one command, and tells what it comes to by the books.
    pub fn take(&mut self, place: Place, command: &Command<'_>, claim: Option<&Claim>) -> Claim {
        self.begin(place);
        self.commands += 1;
        let judged = match command {
            Command::Enter(enter) => self.take_enter(place, enter, claim),
            Command::Cancel { campaign, entry } => {
                self.take_cancel(place, (*campaign, *entry), claim)
            }
            Command::Redeem { .. } => self.take_redeem(place, command, claim),
            Command::Award(award) => self.take_award(place, award, claim),
            Command::Operator(operator) => self.take_operator(place, operator, claim),
            Command::Tick => {
                let own = Claim::Ticked;
                let rule = Because::Rule;
                self.compare(place, (&own, claim), Kind::Answer, &rule, |_| "a tick".to_owned());
                own
            }
        };
        *self.outcomes.entry(claim.unwrap_or(&judged).word()).or_default() += 1;
        judged
    }

    /// Adds up once more, from the entries alone, what the pools say. To be called at the end.
    pub fn close(&mut self) {
        let place = Place { frame: self.frame, at: self.time, offset: 0 };
        let mut texts = Vec::new();
        for campaign in &self.campaigns {
            campaign.recount(|text| texts.push(text));
        }
        texts.into_iter().for_each(|text| self.find(place, Kind::Balance, text));
    }

    /// All campaigns, by number.
    #[must_use]
    pub fn campaigns(&self) -> &[Campaign] {
        &self.campaigns
    }

    /// A campaign by number.
    #[must_use]
    pub fn campaign(&self, no: CampaignNo) -> Option<&Campaign> {
        self.campaigns.get(no.index())
    }

    /// A campaign by code.
    #[must_use]
    pub fn campaign_by_code(&self, code: &str) -> Option<&Campaign> {
        self.campaign(*self.by_code.get(code)?)
    }

    /// What was found, in the order of the journal; at most `AUDIT_FINDINGS_MAX`.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How much was found, listed or not.
    #[must_use]
    pub const fn findings_len(&self) -> u64 {
        self.findings_len
    }

    /// Commands by what they came to: as claimed, or by the books where nobody claimed anything.
    #[must_use]
    pub const fn outcomes(&self) -> &BTreeMap<&'static str, u64> {
        &self.outcomes
    }

    /// Frames and commands taken.
    #[must_use]
    pub const fn taken(&self) -> (u64, u64) {
        (self.frames, self.commands)
    }

    /// Number and time of the last frame; 0 before the first.
    #[must_use]
    pub const fn last(&self) -> (FrameNo, Millis) {
        (self.frame, self.time)
    }

    /// Loads what an entry's rules will look at.
    fn touch(&self, record: &Result<Command<'_>, RecordError>) -> u8 {
        let Ok(Command::Enter(enter)) = record else { return 0 };
        let Some(campaign) = self.campaign(enter.campaign) else { return 0 };
        let series = campaign.series.map_or(0, |series| {
            let series = &self.series[series];
            // Of a group, the first person's.
            let keys = enter.keys().enumerate();
            keys.fold(0, |sum, (field, key)| sum ^ series.touch(&self.campaigns, field, &key.0))
        });
        campaign.touch(enter) ^ series
    }

    fn begin(&mut self, place: Place) {
        let (frame, time) = (self.frame, self.time);
        if place.frame < frame || place.at < time {
            let text = format!(
                "frame {} of {} ms comes after frame {frame} of {} ms",
                place.frame, place.at.0, time.0
            );
            self.find(place, Kind::Order, text);
        }
        self.frame = frame.max(place.frame);
        self.time = time.max(place.at);
    }

    /// Compares a claim with the books; whether it is right, or there is none.
    fn compare(
        &mut self,
        place: Place,
        (own, claim): (&Claim, Option<&Claim>),
        kind: Kind,
        because: &Because,
        what: impl FnOnce(&Self) -> String,
    ) -> bool {
        let Some(claim) = claim.filter(|claim| *claim != own) else { return true };
        let why = because.words(&self.campaigns);
        let text =
            format!("{} is claimed to be {claim}; by the books it is {own}{why}", what(self));
        self.find(place, kind, text);
        false
    }

    fn find(&mut self, place: Place, kind: Kind, text: String) {
        if self.findings.len() < AUDIT_FINDINGS_MAX {
            self.findings.push(Finding { place, kind, text });
        }
        self.findings_len += 1;
    }

    /// A campaign's code, for a sentence; its number when there is none.
    fn named(&self, no: CampaignNo) -> String {
        match self.campaign(no) {
            Some(campaign) => campaign.definition().code.clone(),
            None => format!("campaign {no}"),
        }
    }

    /// Whether an action is a step of a draw.
    fn is_step(&self, action: &Action) -> bool {
        match action {
            Action::CloseDraw { .. } | Action::DrawEvent { .. } => true,
            Action::Publish { campaign } => {
                let campaign = self.campaign(*campaign);
                campaign.is_some_and(|campaign| terms(campaign.definition()).is_some())
            }
            _ => false,
        }
    }

    fn take_operator(
        &mut self,
        place: Place,
        command: &types::OperatorCommand,
        claim: Option<&Claim>,
    ) -> Claim {
        let (own, change) = self.judge_action(place, &command.action);
        let what = |books: &Self| {
            let about = acts::about(&command.action).map(|no| books.named(no));
            let about = about.unwrap_or_else(|| "a new campaign".to_owned());
            format!("{about}: {} by {}", acts::shown(&command.action), command.actor)
        };
        let kind = if self.is_step(&command.action) { Kind::Draw } else { Kind::Operator };
        self.compare(place, (&own, claim), kind, &Because::Rule, what);
        let change = match (claim, &own) {
            (Some(Claim::Refused(_)), _) => Change::Nothing,
            (Some(claim), Claim::Refused(_)) if kind == Kind::Draw => {
                self.adopt_step(place, &command.action, claim)
            }
            _ => change,
        };
        if let Some(text) = self.contradicts(place.at, &command.action) {
            self.find(place, Kind::Export, text);
        }
        self.change(change);
        own
    }
}
