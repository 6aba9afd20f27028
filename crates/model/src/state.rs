//! The state of a ledger as a plain value: to compare, to print, to read.
//!
//! Owns: what must be equal when two ledgers applied the same journal ("State" in the rules).
//! Never: how a ledger keeps it.

use std::collections::{BTreeMap, BTreeSet};
use types::{
    CampaignNo, Definition, DrawEvent, EnterDigests, EntryNo, FrameNo, ItemNo, LocalDay, Millis,
    OperatorCommand, Outcome, OutletNo, PersonKey, PoolNo, RequestId, Sha256, SlotNo,
};

/// The whole state of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The time of the last frame.
    pub at: Millis,
    /// In the order of loading.
    pub campaigns: Vec<CampaignState>,
    /// Of every series, the successes of every person key that may count yet.
    pub successes: BTreeMap<SuccessKey, BTreeSet<Success>>,
    /// Every operator's action, done or refused, in order.
    pub deeds: Vec<Deed>,
}

/// The state of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignState {
    /// As it was loaded.
    pub definition: Definition,
    /// In the order of the definition, then of later stock rows.
    pub pools: Vec<Pool>,
    /// In the order they were accepted.
    pub entries: Vec<Entry>,
    /// The keys on the block list of each unique field.
    pub blocked: Vec<BTreeSet<PersonKey>>,
    /// The keys on the allow list of each unique field.
    pub allowed: Vec<BTreeSet<PersonKey>>,
    /// The keys on the list of each reserved item, by unique field.
    pub reserved: BTreeMap<ItemNo, Vec<BTreeSet<PersonKey>>>,
    /// In the order in which their lists were closed.
    pub draws: Vec<Draw>,
    /// What operators did to it.
    pub marks: Marks,
}

/// The counted supply of one item at one outlet in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Where.
    pub outlet: OutletNo,
    /// What.
    pub item: ItemNo,
    /// When.
    pub slot: SlotNo,
    /// All units ever put on offer.
    pub issued: u64,
    /// Units taken out again.
    pub withdrawn: u64,
    /// Of those withdrawn, before the campaign had entries.
    pub withdrawn_early: u64,
    /// Units held by live entries, handed out or not.
    pub booked: u64,
    /// Of those, units handed out.
    pub redeemed: u64,
}

impl Pool {
    /// A pool nobody has booked from.
    #[must_use]
    pub const fn new(outlet: OutletNo, item: ItemNo, slot: SlotNo, issued: u64) -> Self {
        Self {
            outlet,
            item,
            slot,
            issued,
            withdrawn: 0,
            withdrawn_early: 0,
            booked: 0,
            redeemed: 0,
        }
    }

    /// Units on offer, booked or free.
    #[must_use]
    pub const fn on_offer(&self) -> u64 {
        self.issued - self.withdrawn
    }

    pub(crate) fn withdraw(&mut self, units: u64, nobody_entered: bool) {
        self.withdrawn += units;
        self.withdrawn_early += if nobody_entered { units } else { 0 };
    }

    /// Units nobody holds.
    #[must_use]
    pub const fn free(&self) -> u64 {
        self.on_offer() - self.booked
    }
}

/// What operators did to a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Opened by hand.
    pub opened: bool,
    /// Closed by hand.
    pub closed: bool,
    /// Paused.
    pub paused: bool,
    /// Published by hand.
    pub published: bool,
    /// The data key is destroyed.
    pub shredded: bool,
    /// The cap in force.
    pub cap: Option<u32>,
    /// The newest exports, oldest first.
    pub exports: Vec<Export>,
}

/// Results were handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The frame of this export.
    pub frame: FrameNo,
    /// The time of this export.
    pub at: Millis,
    /// Bookings handed over.
    pub bookings: u32,
    /// SHA-256 of the file handed over, in hex.
    pub checksum: String,
}

/// A person's request, once it has a place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The client's name for the request.
    pub request: RequestId,
    /// Of the whole request, and of all identity fields.
    pub digests: EnterDigests,
    /// Of each person, a key for each unique field, in the definition's order.
    pub people: Vec<Vec<PersonKey>>,
    /// Units asked for; held when the decision is *booked*.
    pub units: u8,
    /// When it was accepted.
    pub at: Millis,
    /// Where it lies in the journal.
    pub place: Place,
    /// What was decided.
    pub decision: Decision,
    /// What became of it.
    pub fate: Fate,
    /// Draws lost, as tickets count them.
    pub losses: u8,
    /// On the list of the latest draw.
    pub listed: bool,
    /// Among the winners of a draw, and that is not published: it has units, unless it had been
    /// given up before, or its people cooled down.
    pub hidden: bool,
}

impl Entry {
    /// The pool whose units it was given, if any.
    #[must_use]
    pub const fn pool(&self) -> Option<PoolNo> {
        match self.decision {
            Decision::Booked { pool } => Some(pool),
            Decision::SoldOut | Decision::CoolingDown | Decision::Waiting => None,
        }
    }

    /// All its people's keys, each with the place of its unique field.
    pub fn keys(&self) -> impl Iterator<Item = (usize, PersonKey)> {
        self.people.iter().flat_map(|keys| keys.iter().copied().enumerate())
    }

    /// Whether it stands: redeemed entries do, cancelled ones do not.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !matches!(self.fate, Fate::Cancelled { .. })
    }
}

/// A command's place in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The frame.
    pub frame: FrameNo,
    /// The offset of the record in the frame's payload, in bytes.
    pub offset: u32,
}

/// What was decided on an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It was given its units from this pool.
    Booked {
        /// The pool.
        pool: PoolNo,
    },
    /// No chosen pool had enough.
    SoldOut,
    /// A success in the series was too recent.
    CoolingDown,
    /// It has no units, and lots may give it some.
    Waiting,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Live,
    /// Given up.
    Cancelled {
        /// When.
        at: Millis,
    },
    /// Its units were handed out, at the outlet of its pool.
    Redeemed {
        /// When.
        at: Millis,
        /// The outlet's name for the request.
        request: RequestId,
        /// The person at the counter.
        actor: String,
    },
}

/// A draw of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The frame that closed its list.
    pub frame: FrameNo,
    /// When that was.
    pub at: Millis,
    /// Whose units are drawn, where the campaign draws again and again.
    pub slot: Option<SlotNo>,
    /// Whether among those only who were in the draw before and have nothing.
    pub unserved: bool,
    /// Entries listed.
    pub entries: u32,
    /// What happened, in order, with the digest of each text.
    pub events: Vec<(DrawEvent, Sha256)>,
    /// Winners announced.
    pub announced: u32,
    /// Of those, winners awarded.
    pub awarded: u32,
    /// Whether it was ever published.
    pub was_published: bool,
    /// How far it is.
    pub stage: Stage,
}

/// How far a draw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its list is closed.
    Closed,
    /// Its list and every parameter are fixed.
    Sealed,
    /// Its secrets are open.
    Opened,
    /// Its seed is there.
    Seeded,
    /// Its winners are announced.
    Drawn,
    /// Its winners may know.
    Published,
    /// Its winners may know, and a round of alternates has begun.
    Resumed,
    /// It does not count.
    Void,
}

/// Series, place of the unique field, person key.
pub type SuccessKey = (String, usize, PersonKey);

/// A success of a person key in a series; one of a later day is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Success {
    /// The day, in the calendar of the campaign.
    pub day: LocalDay,
    /// The campaign of the entry that made it.
    pub campaign: CampaignNo,
    /// The entry that made it.
    pub entry: EntryNo,
}

/// An operator's action, done or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The person.
    pub actor: String,
    /// From where; empty when it is not said.
    pub from: String,
    /// Why.
    pub reason: String,
    /// The action's word.
    pub word: &'static str,
    /// The campaign it was about; of a load, the one it brought into being.
    pub campaign: Option<CampaignNo>,
    /// The frame it lies in.
    pub frame: FrameNo,
    /// When.
    pub at: Millis,
    /// The code of what the rules said.
    pub outcome: &'static str,
    /// What it changed, before and after; empty when nothing is told.
    pub change: [String; 2],
}

impl Deed {
    pub(crate) fn new(
        command: &OperatorCommand,
        frame: FrameNo,
        at: Millis,
        outcome: &Outcome,
        change: [String; 2],
    ) -> Self {
        let loaded = match outcome {
            Outcome::Loaded { campaign } => Some(*campaign),
            _ => None,
        };
        Self {
            actor: command.actor.clone(),
            from: command.from.clone().unwrap_or_default(),
            reason: command.reason.clone(),
            word: command.action.word(),
            campaign: command.action.campaign().or(loaded),
            frame,
            at,
            outcome: outcome.code(),
            change,
        }
    }
}
