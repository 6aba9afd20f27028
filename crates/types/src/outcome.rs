//! What the rules said to a command. A refusal is an outcome, not an error.
//!
//! Owns: outcomes, refusals and their stable codes. Never: the sentence a person reads; pages and
//! problem documents have those.

use crate::calendar::LocalDay;
use crate::ids::{CampaignNo, DrawNo, EntryNo, Millis, OutletNo, PoolNo, SlotNo};

/// Why a definition cannot replace one whose block or allow list has people on it. Refusals are
/// part of the state's hash: this text stays as it is.
pub const LISTED_PEOPLE_LOST: &str = "register.fields: people are on this campaign's lists, by \
    its unique fields and series; other ones would take them off. Load it under a new code";

/// Why a definition cannot replace one that has people on the list of a reserved item.
pub const RESERVED_PEOPLE_LOST: &str = "items: people are on the list of a reserved item; other \
    items would take them off. Load it under a new code";

/// Why a definition cannot name the campaign whose people alone may enter: nobody could.
pub const REGISTERED_IN_UNKNOWN: &str = "register.registered_in: no campaign of this code is \
    there, or its people are shredded. Load that one first, and check the code";

/// Why it cannot name that one: nobody could be told to be the same person in both.
pub const REGISTERED_IN_DIFFERS: &str = "register.registered_in: that campaign is of another \
    series, or has other unique fields, so nobody is known to be the same person in both. Make \
    the two agree";

/// Why it cannot name that one: each would wait for the other.
pub const REGISTERED_IN_CIRCLE: &str = "register.registered_in: that campaign takes only people \
    of this one, by itself or through others. Let the first of them take everybody";

/// Why a definition cannot replace one that others name as the campaign of their people.
pub const REGISTERED_HERE_LOST: &str = "register.fields: other campaigns take only people of \
    this one, by its unique fields and series; with other ones nobody could enter there. Load it \
    under a new code";

/// What the rules said to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The entry holds units of a pool, and may know it.
    Booked {
        /// The entry.
        entry: EntryNo,
        /// The pool.
        pool: PoolNo,
        /// Units of it.
        units: u8,
    },
    /// The entry has its place; whether it holds units is not said before publication.
    Registered {
        /// The entry.
        entry: EntryNo,
    },
    /// The entry is cancelled; whether units went back is not said.
    Cancelled {
        /// The entry.
        entry: EntryNo,
        /// Since when.
        at: Millis,
    },
    /// The units are handed out, now or by an earlier sending of the same request.
    Redeemed {
        /// The entry.
        entry: EntryNo,
        /// The pool.
        pool: PoolNo,
        /// Units of it.
        units: u8,
        /// When.
        at: Millis,
        /// By this very request, before; nothing was changed now.
        repeated: bool,
    },
    /// A campaign was loaded.
    Loaded {
        /// Its number.
        campaign: CampaignNo,
    },
    /// An operator's action was done.
    Done {
        /// Units that changed hands: added to, taken from or withdrawn from the stock on offer.
        units: u64,
    },
    /// The list of a draw is closed.
    Listed {
        /// The draw.
        draw: DrawNo,
        /// Entries on the list.
        entries: u32,
    },
    /// The clock moved on.
    Ticked,
    /// The rules say no, and nothing changed.
    Refused(Refusal),
}

/// Why the rules said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No campaign has this number.
    UnknownCampaign,
    /// The campaign has no such pool, outlet, item, slot or field.
    UnknownPlace,
    /// Registration has not begun, or is between two windows.
    NotOpenYet {
        /// When it opens; none when an operator opens it by hand.
        opens: Option<Millis>,
    },
    /// An operator has paused registration.
    Paused,
    /// Registration has ended.
    Closed,
    /// The cap on entries is reached; registration has ended.
    CapReached,
    /// None of the chosen pools has enough units left.
    SoldOut,
    /// A live entry has one of these person keys.
    AlreadyIn,
    /// The person cancelled an entry, and the campaign does not let them enter again.
    EnteredBefore,
    /// Another campaign of the series has entries, and its results are not published yet.
    SeriesUnpublished,
    /// A success in the series is too recent.
    CoolingDown {
        /// The first day on which the person may enter again.
        until: LocalDay,
    },
    /// On the block list, not on a list that is asked for, or not in the campaign whose people
    /// alone may enter; which one is not said.
    NotEligible,
    /// Units, choices or person keys are not as the campaign asks.
    NotAsAsked,
    /// The request id belongs to a request with another body.
    RequestReused,
    /// There is no such entry.
    NotFound,
    /// Nothing can be redeemed before outcomes are published.
    NotPublished,
    /// The entry holds no units.
    NotBooked,
    /// The entry was cancelled.
    AlreadyCancelled {
        /// When.
        at: Millis,
    },
    /// The units were handed out before.
    AlreadyRedeemed {
        /// When.
        at: Millis,
        /// Where.
        outlet: OutletNo,
    },
    /// The units are at another outlet.
    WrongOutlet {
        /// Where they are.
        outlet: OutletNo,
    },
    /// The units are handed out at another time.
    WrongTime {
        /// In which slot they are.
        slot: SlotNo,
    },
    /// A campaign of this code exists and has entries, or was shredded.
    CampaignExists,
    /// As many campaigns as the journal can hold.
    TooManyCampaigns,
    /// The definition is not as it must be.
    DefinitionInvalid {
        /// The part and what is wrong.
        why: String,
    },
    /// The series has another cool-down, other unique fields, another time zone, or publishes
    /// otherwise.
    SeriesDiffers,
    /// The new stock would lie below what is booked.
    BelowBooked {
        /// The pools, at most the first 100.
        pools: Vec<PoolNo>,
    },
    /// More units or pools than the limits allow.
    OverLimit,
    /// The cap would lie below the entries there are.
    BelowEntries {
        /// How many there are.
        entries: u32,
    },
    /// Registration must have ended first.
    StillOpen,
    /// The action is already done: open, paused, closed, published.
    AlreadySo,
    /// The campaign's outcomes are published; it takes no more entries.
    Published,
    /// The campaign's people are shredded.
    Shredded,
    /// The campaign does not draw.
    NotADraw,
    /// The campaign's latest draw is another one, or it has none.
    UnknownDraw,
    /// A draw is under way; its list and its stock stay as they are.
    DrawUnderWay,
    /// The draw's steps have one order, and another one comes next.
    DrawOrder {
        /// What is missing.
        needs: DrawNeed,
    },
    /// The draw has such an event already, with another digest.
    DrawDiffers,
    /// Nobody takes part.
    NoEntries,
    /// The seal counts other entries than the list has.
    EntriesDiffer {
        /// How many the list has.
        entries: u32,
    },
}

/// What is missing before a step of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DrawNeed {
    /// A closed list.
    List,
    /// The seal.
    Seal,
    /// The opened secrets, and the balls.
    Opening,
    /// The seed.
    Seed,
    /// The result.
    Result,
    /// Winners who were announced and not awarded yet.
    Awards,
    /// The publication.
    Publication,
    /// The alternates of a round that has begun.
    Alternates,
}

impl DrawNeed {
    /// Its word: in problem documents and documentation.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Seal => "seal",
            Self::Opening => "opening",
            Self::Seed => "seed",
            Self::Result => "result",
            Self::Awards => "awards",
            Self::Publication => "publication",
            Self::Alternates => "alternates",
        }
    }
}

impl Refusal {
    /// The stable code: in problem documents, metrics and documentation.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownCampaign => "unknown-campaign",
            Self::UnknownPlace => "unknown-place",
            Self::NotOpenYet { .. } => "not-open-yet",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::CapReached => "cap-reached",
            Self::SoldOut => "sold-out",
            Self::AlreadyIn => "already-in",
            Self::EnteredBefore => "entered-before",
            Self::SeriesUnpublished => "series-unpublished",
            Self::CoolingDown { .. } => "cooling-down",
            Self::NotEligible => "not-eligible",
            Self::NotAsAsked => "not-as-asked",
            Self::RequestReused => "request-reused",
            Self::NotFound => "not-found",
            Self::NotPublished => "not-published",
            Self::NotBooked => "not-booked",
            Self::AlreadyCancelled { .. } => "already-cancelled",
            Self::AlreadyRedeemed { .. } => "already-redeemed",
            Self::WrongOutlet { .. } => "wrong-outlet",
            Self::WrongTime { .. } => "wrong-time",
            Self::CampaignExists => "campaign-exists",
            Self::TooManyCampaigns => "too-many-campaigns",
            Self::DefinitionInvalid { .. } => "definition-invalid",
            Self::SeriesDiffers => "series-differs",
            Self::BelowBooked { .. } => "below-booked",
            Self::OverLimit => "over-limit",
            Self::BelowEntries { .. } => "below-entries",
            Self::StillOpen => "still-open",
            Self::AlreadySo => "already-so",
            Self::Published => "published",
            Self::Shredded => "shredded",
            Self::NotADraw => "not-a-draw",
            Self::UnknownDraw => "unknown-draw",
            Self::DrawUnderWay => "draw-under-way",
            Self::DrawOrder { .. } => "draw-order",
            Self::DrawDiffers => "draw-differs",
            Self::NoEntries => "no-entries",
            Self::EntriesDiffer { .. } => "entries-differ",
        }
    }
}

impl Outcome {
    /// The stable code of the outcome, for metrics and traces.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Booked { .. } => "booked",
            Self::Registered { .. } => "registered",
            Self::Cancelled { .. } => "cancelled",
            Self::Redeemed { .. } => "redeemed",
            Self::Loaded { .. } => "loaded",
            Self::Done { .. } => "done",
            Self::Listed { .. } => "listed",
            Self::Ticked => "ticked",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// Every outcome and refusal, by its code, in the order in which they are declared.
pub const CODES: [&str; 47] = [
    "booked",
    "registered",
    "cancelled",
    "redeemed",
    "loaded",
    "done",
    "listed",
    "ticked",
    "unknown-campaign",
    "unknown-place",
    "not-open-yet",
    "paused",
    "closed",
    "cap-reached",
    "sold-out",
    "already-in",
    "entered-before",
    "series-unpublished",
    "cooling-down",
    "not-eligible",
    "not-as-asked",
    "request-reused",
    "not-found",
    "not-published",
    "not-booked",
    "already-cancelled",
    "already-redeemed",
    "wrong-outlet",
    "wrong-time",
    "campaign-exists",
    "too-many-campaigns",
    "definition-invalid",
    "series-differs",
    "below-booked",
    "over-limit",
    "below-entries",
    "still-open",
    "already-so",
    "published",
    "shredded",
    "not-a-draw",
    "unknown-draw",
    "draw-under-way",
    "draw-order",
    "draw-differs",
    "no-entries",
    "entries-differ",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_list() {
        assert_eq!(Outcome::Ticked.code(), "ticked");
        assert_eq!(Outcome::Refused(Refusal::WrongTime { slot: SlotNo(1) }).code(), "wrong-time");
        assert!(CODES.contains(&"ticked") && CODES.contains(&"wrong-time"));
    }
}
