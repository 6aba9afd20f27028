//! The phase of a campaign at a moment: whether it takes entries, and why not.
//!
//! Owns: "Phase" in `docs/rules.md`, and what operators did to a campaign. Pure and public, since
//! the gate answers by the same function as the ledger. Never: reads a clock or an entry.

use types::definition::{Definition, Publish};
use types::ids::{FrameNo, Millis};
use types::limits;
use types::outcome::Refusal;

/// Whether a campaign takes entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It does.
    Open {
        /// When the window ends; none when it was opened by hand.
        until: Option<Millis>,
    },
    /// Not yet, or not just now.
    NotOpenYet {
        /// When it will; none when an operator opens it by hand.
        opens: Option<Millis>,
    },
    /// An operator has paused it.
    Paused,
    /// No more, because the cap was reached.
    CapReached,
    /// No more.
    Closed,
}

/// What operators did to a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Opened by hand, whatever the windows say.
    pub opened: bool,
    /// Closed by hand.
    pub closed: bool,
    /// Takes no entries for now.
    pub paused: bool,
    /// Published by hand.
    pub published: bool,
    /// Its people are shredded.
    pub shredded: bool,
    /// Its one draw for all has begun: takes no more entries.
    pub drawing: bool,
    /// The cap in force.
    pub cap: Option<u32>,
    /// The hand-overs, in order; at most the newest `EXPORTS_KEPT_MAX`.
    pub exports: Vec<Export>,
}

/// A hand-over of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The frame that recorded it.
    pub frame: FrameNo,
    /// When.
    pub at: Millis,
    /// Bookings in it.
    pub bookings: u32,
    /// SHA-256 of the file, in hex.
    pub checksum: String,
}

/// The phase of a campaign at a moment (`docs/rules.md`, "Phase").
#[must_use]
pub fn phase(definition: &Definition, marks: &Marks, entries: u32, at: Millis) -> Phase {
    let closed = marks.shredded
        || marks.closed
        || marks.drawing
        || (definition.is_held_back() && is_published(definition, marks, at));
    if closed {
        return Phase::Closed;
    }
    if marks.cap.unwrap_or(limits::ENTRIES_MAX) <= entries {
        return Phase::CapReached;
    }
    if marks.paused {
        return Phase::Paused;
    }
    if marks.opened {
        return Phase::Open { until: None };
    }
    let windows = &definition.register.windows;
    // The first window that has not ended yet.
    let next = windows.partition_point(|window| window.until <= at);
    #[cfg(planted)]
    let next = match types::planted::is(types::planted::Bug::LateEntry) {
        true => windows.partition_point(|window| window.until < at),
        false => next,
    };
    match windows.get(next) {
        Some(window) if window.from <= at => Phase::Open { until: Some(window.until) },
        Some(window) => Phase::NotOpenYet { opens: Some(window.from) },
        None if windows.is_empty() => Phase::NotOpenYet { opens: None },
        None => Phase::Closed,
    }
}

/// Whether outcomes are visible at a moment.
#[must_use]
pub fn is_published(definition: &Definition, marks: &Marks, at: Millis) -> bool {
    match definition.publish {
        Publish::AtOnce => true,
        Publish::At { at: due } => marks.published || due <= at,
        Publish::ByHand { .. } => marks.published,
    }
}

impl Phase {
    /// Its word: `open`, or the code with which entries are refused.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::NotOpenYet { .. } => "not-open-yet",
            Self::Paused => "paused",
            Self::CapReached => "cap-reached",
            Self::Closed => "closed",
        }
    }

    /// Why entries are not taken; nothing when they are.
    #[must_use]
    pub const fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Open { .. } => None,
            Self::NotOpenYet { opens } => Some(Refusal::NotOpenYet { opens }),
            Self::Paused => Some(Refusal::Paused),
            Self::CapReached => Some(Refusal::CapReached),
            Self::Closed => Some(Refusal::Closed),
        }
    }
}
