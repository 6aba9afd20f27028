//! What somebody claims that the rules said to a command.
//!
//! Owns: claims and their words. Never: an opinion on them; `books` has one.

use std::fmt;
use types::calendar::LocalDay;
use types::ids::{CampaignNo, DrawNo, EntryNo, Millis, OutletNo, PoolNo, SlotNo};
use types::outcome::{DrawNeed, Outcome, Refusal};

/// What the rules are said to have answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The entry holds units of a pool.
    Booked {
        /// The entry.
        entry: EntryNo,
        /// The pool.
        pool: PoolNo,
        /// Units of it.
        units: u8,
    },
    /// The entry has its place; what was decided is not told.
    Registered {
        /// The entry.
        entry: EntryNo,
    },
    /// The entry is cancelled.
    Cancelled {
        /// The entry.
        entry: EntryNo,
        /// Since when.
        at: Millis,
    },
    /// The entry's units are handed out.
    Redeemed {
        /// The entry.
        entry: EntryNo,
        /// The pool.
        pool: PoolNo,
        /// Units of it.
        units: u8,
        /// When.
        at: Millis,
        /// By an earlier sending of this very request.
        repeated: bool,
    },
    /// A campaign was loaded.
    Loaded {
        /// Its number.
        campaign: CampaignNo,
    },
    /// An operator's action was done.
    Done {
        /// Units that changed hands, or people who came on a list.
        units: u64,
    },
    /// The list of a draw is closed.
    Listed {
        /// The draw.
        draw: DrawNo,
        /// Entries on the list.
        entries: u32,
    },
    /// Time passed.
    Ticked,
    /// No, and nothing changed.
    Refused(Refused),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "docs/rules.md says what each means, under its code")]
pub enum Refused {
    UnknownCampaign,
    UnknownPlace,
    NotOpenYet { opens: Option<Millis> },
    Paused,
    Closed,
    CapReached,
    SoldOut,
    AlreadyIn,
    EnteredBefore,
    SeriesUnpublished,
    CoolingDown { until: LocalDay },
    NotEligible,
    NotAsAsked,
    RequestReused,
    NotFound,
    NotPublished,
    NotBooked,
    AlreadyCancelled { at: Millis },
    AlreadyRedeemed { at: Millis, outlet: OutletNo },
    WrongOutlet { outlet: OutletNo },
    WrongTime { slot: SlotNo },
    CampaignExists,
    TooManyCampaigns,
    DefinitionInvalid,
    SeriesDiffers,
    BelowBooked { pools: Vec<PoolNo> },
    OverLimit,
    BelowEntries { entries: u32 },
    StillOpen,
    AlreadySo,
    Published,
    Shredded,
    NotADraw,
    UnknownDraw,
    DrawUnderWay,
    DrawOrder { needs: DrawNeed },
    DrawDiffers,
    NoEntries,
    EntriesDiffer { entries: u32 },
}

impl Claim {
    /// Its word, which is an outcome's stable code: `booked`, `sold-out`, …
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Booked { .. } => "booked",
            Self::Registered { .. } => "registered",
            Self::Cancelled { .. } => "cancelled",
            Self::Redeemed { .. } => "redeemed",
            Self::Loaded { .. } => "loaded",
            Self::Done { .. } => "done",
            Self::Listed { .. } => "listed",
            Self::Ticked => "ticked",
            Self::Refused(refused) => refused.code(),
        }
    }
}

impl Refused {
    /// The stable code.
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
            Self::DefinitionInvalid => "definition-invalid",
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

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Booked { entry, pool, units } => {
                write!(f, "booked, entry {entry} with {} of pool {pool}", counted(*units))
            }
            Self::Registered { entry } => write!(f, "registered, entry {entry}"),
            Self::Cancelled { entry, at } => write!(f, "cancelled, entry {entry} at {} ms", at.0),
            Self::Redeemed { entry, pool, units, at, repeated } => {
                let again = if *repeated { ", by this request before" } else { "" };
                write!(f, "redeemed, entry {entry} with {} of pool {pool}", counted(*units))?;
                write!(f, " at {} ms{again}", at.0)
            }
            Self::Loaded { campaign } => write!(f, "loaded, campaign {campaign}"),
            Self::Done { units } => write!(f, "done, {units}"),
            Self::Listed { draw, entries } => {
                let word = if *entries == 1 { "entry" } else { "entries" };
                write!(f, "listed, draw {draw} with {entries} {word}")
            }
            Self::Ticked => f.write_str("ticked"),
            Self::Refused(refused) => refused.fmt(f),
        }
    }
}

/// `1 unit`, `2 units`.
pub(crate) fn counted(units: u8) -> String {
    let word = if units == 1 { "unit" } else { "units" };
    format!("{units} {word}")
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self {
            Self::NotOpenYet { opens: Some(opens) } => write!(f, ", opens at {} ms", opens.0),
            Self::CoolingDown { until } => write!(f, " until day {}", until.0),
            Self::AlreadyCancelled { at } => write!(f, " at {} ms", at.0),
            Self::AlreadyRedeemed { at, outlet } => {
                write!(f, " at {} ms at outlet {outlet}", at.0)
            }
            Self::WrongOutlet { outlet } => write!(f, ", it is outlet {outlet}"),
            Self::WrongTime { slot } => write!(f, ", it is slot {slot}"),
            Self::BelowBooked { pools } => {
                let pools: Vec<_> = pools.iter().map(ToString::to_string).collect();
                write!(f, " in pools {}", pools.join(" "))
            }
            Self::BelowEntries { entries } => write!(f, ", there are {entries}"),
            Self::DrawOrder { needs } => write!(f, ", {} comes first", missing(*needs)),
            Self::EntriesDiffer { entries } => write!(f, ", the list has {entries}"),
            _ => Ok(()),
        }
    }
}

/// What a draw lacks, with its article.
const fn missing(needs: DrawNeed) -> &'static str {
    match needs {
        DrawNeed::List => "a closed list",
        DrawNeed::Seal => "the seal",
        DrawNeed::Opening => "the opening",
        DrawNeed::Seed => "the seed",
        DrawNeed::Result => "the result",
        DrawNeed::Awards => "the award to every winner",
        DrawNeed::Publication => "the publication",
        DrawNeed::Alternates => "the award of alternates",
    }
}

impl From<&Outcome> for Claim {
    fn from(outcome: &Outcome) -> Self {
        match *outcome {
            Outcome::Booked { entry, pool, units } => Self::Booked { entry, pool, units },
            Outcome::Registered { entry } => Self::Registered { entry },
            Outcome::Cancelled { entry, at } => Self::Cancelled { entry, at },
            Outcome::Redeemed { entry, pool, units, at, repeated } => {
                Self::Redeemed { entry, pool, units, at, repeated }
            }
            Outcome::Loaded { campaign } => Self::Loaded { campaign },
            Outcome::Done { units } => Self::Done { units },
            Outcome::Listed { draw, entries } => Self::Listed { draw, entries },
            Outcome::Ticked => Self::Ticked,
            Outcome::Refused(ref refusal) => Self::Refused(refusal.into()),
        }
    }
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::UnknownCampaign => Self::UnknownCampaign,
            Refusal::UnknownPlace => Self::UnknownPlace,
            Refusal::NotOpenYet { opens } => Self::NotOpenYet { opens: *opens },
            Refusal::Paused => Self::Paused,
            Refusal::Closed => Self::Closed,
            Refusal::CapReached => Self::CapReached,
            Refusal::SoldOut => Self::SoldOut,
            Refusal::AlreadyIn => Self::AlreadyIn,
            Refusal::EnteredBefore => Self::EnteredBefore,
            Refusal::SeriesUnpublished => Self::SeriesUnpublished,
            Refusal::CoolingDown { until } => Self::CoolingDown { until: *until },
            Refusal::NotEligible => Self::NotEligible,
            Refusal::NotAsAsked => Self::NotAsAsked,
            Refusal::RequestReused => Self::RequestReused,
            Refusal::NotFound => Self::NotFound,
            Refusal::NotPublished => Self::NotPublished,
            Refusal::NotBooked => Self::NotBooked,
            Refusal::AlreadyCancelled { at } => Self::AlreadyCancelled { at: *at },
            Refusal::AlreadyRedeemed { at, outlet } => {
                Self::AlreadyRedeemed { at: *at, outlet: *outlet }
            }
            Refusal::WrongOutlet { outlet } => Self::WrongOutlet { outlet: *outlet },
            Refusal::WrongTime { slot } => Self::WrongTime { slot: *slot },
            Refusal::CampaignExists => Self::CampaignExists,
            Refusal::TooManyCampaigns => Self::TooManyCampaigns,
            Refusal::DefinitionInvalid { .. } => Self::DefinitionInvalid,
            Refusal::SeriesDiffers => Self::SeriesDiffers,
            Refusal::BelowBooked { pools } => Self::BelowBooked { pools: pools.clone() },
            Refusal::OverLimit => Self::OverLimit,
            Refusal::BelowEntries { entries } => Self::BelowEntries { entries: *entries },
            Refusal::StillOpen => Self::StillOpen,
            Refusal::AlreadySo => Self::AlreadySo,
            Refusal::Published => Self::Published,
            Refusal::Shredded => Self::Shredded,
            Refusal::NotADraw => Self::NotADraw,
            Refusal::UnknownDraw => Self::UnknownDraw,
            Refusal::DrawUnderWay => Self::DrawUnderWay,
            Refusal::DrawOrder { needs } => Self::DrawOrder { needs: *needs },
            Refusal::DrawDiffers => Self::DrawDiffers,
            Refusal::NoEntries => Self::NoEntries,
            Refusal::EntriesDiffer { entries } => Self::EntriesDiffer { entries: *entries },
        }
    }
}
