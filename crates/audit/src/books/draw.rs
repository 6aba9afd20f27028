//! One draw, by the books: how far it is, and what happened in it.
//!
//! Owns: the stages, and which event may come when, as "Draws" in `docs/rules.md` has it. Never:
//! an entry or a pool; `steps` and `award` look at those.
//! Invariants: each event stands once, in the order in which it was taken.
//! On failure: the rule that refuses is told.

use crate::claim::Refused;
use types::action::DrawEvent;
use types::ids::{DrawNo, FrameNo, Millis, Sha256, SlotNo};
use types::outcome::DrawNeed;

/// One draw of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Its number, from 1.
    pub no: DrawNo,
    /// The frame that closed its list.
    pub frame: FrameNo,
    /// When that was.
    pub at: Millis,
    /// Whose units are drawn; none where one draw is about all.
    pub slot: Option<SlotNo>,
    /// Among those only whom the draw before left without.
    pub unserved: bool,
    /// Entries on its list, by the books.
    pub entries: u32,
    /// How far it is.
    pub stage: Stage,
    /// Winners whom the result and alternates announce.
    pub winners: u32,
    /// Of those, how many were awarded.
    pub awarded: u32,
    /// Whether it was ever published.
    pub was_published: bool,
    /// What happened, in order, with the digest of each note.
    pub events: Vec<(DrawEvent, Sha256)>,
}

/// How far a draw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "docs/rules.md says what each means")]
pub enum Stage {
    Closed,
    Sealed,
    Opened,
    Seeded,
    Drawn,
    Published,
    Resumed,
    Void,
}

impl Stage {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Sealed => "sealed",
            Self::Opened => "opened",
            Self::Seeded => "seeded",
            Self::Drawn => "drawn",
            Self::Published => "published",
            Self::Resumed => "resumed",
            Self::Void => "void",
        }
    }
}

impl Draw {
    /// Whether list and stock stay as they are.
    pub(super) const fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Published | Stage::Void)
    }

    /// What it lacks next.
    pub(super) const fn lacks(&self) -> DrawNeed {
        match self.stage {
            Stage::Closed => DrawNeed::Seal,
            Stage::Sealed => DrawNeed::Opening,
            Stage::Opened => DrawNeed::Seed,
            Stage::Seeded => DrawNeed::Result,
            Stage::Drawn if self.awarded < self.winners => DrawNeed::Awards,
            Stage::Drawn => DrawNeed::Publication,
            Stage::Resumed => DrawNeed::Alternates,
            Stage::Published | Stage::Void => DrawNeed::List,
        }
    }

    /// Why an event may not come now.
    pub(super) fn refuses(&self, event: DrawEvent, digest: Sha256) -> Option<Refused> {
        // Of alternates there may be many; each has a note of its own.
        let is_many = matches!(event, DrawEvent::Alternates { .. });
        let mut known = self.events.iter().filter(|(before, of)| {
            std::mem::discriminant(before) == std::mem::discriminant(&event)
                && (!is_many || *of == digest)
        });
        if let Some(known) = known.next() {
            return Some(if known.1 == digest { Refused::AlreadySo } else { Refused::DrawDiffers });
        }
        let (stage, more) = match event {
            DrawEvent::Seal { .. } => (Stage::Closed, 0),
            DrawEvent::Opening => (Stage::Sealed, 0),
            DrawEvent::Seed => (Stage::Opened, 0),
            DrawEvent::Result { winners } => (Stage::Seeded, winners),
            DrawEvent::Alternates { winners } => (Stage::Resumed, winners),
            DrawEvent::Void if self.was_published => return Some(Refused::Published),
            DrawEvent::Void => return None,
        };
        if self.stage != stage {
            return Some(Refused::DrawOrder { needs: self.lacks() });
        }
        match event {
            DrawEvent::Seal { entries } if entries != self.entries => {
                Some(Refused::EntriesDiffer { entries: self.entries })
            }
            _ if self.entries.saturating_sub(self.winners) < more => Some(Refused::OverLimit),
            _ => None,
        }
    }

    /// Why a round of alternates may not begin, or not be called off.
    pub(super) fn refuses_round(&self, begin: bool) -> Option<Refused> {
        match (self.stage, begin) {
            (Stage::Published, true) | (Stage::Resumed, false) => None,
            (Stage::Published, false) | (Stage::Resumed, true) => Some(Refused::AlreadySo),
            _ => Some(Refused::DrawOrder { needs: self.lacks() }),
        }
    }

    /// Notes an event.
    pub(super) fn take(&mut self, event: DrawEvent, digest: Sha256) {
        self.stage = match event {
            DrawEvent::Seal { .. } => Stage::Sealed,
            DrawEvent::Opening => Stage::Opened,
            DrawEvent::Seed => Stage::Seeded,
            DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => {
                self.winners = self.winners.saturating_add(winners);
                Stage::Drawn
            }
            DrawEvent::Void => Stage::Void,
        };
        self.events.push((event, digest));
    }
}

/// An event's word, as its note has it.
#[must_use]
pub const fn event_word(event: DrawEvent) -> &'static str {
    match event {
        DrawEvent::Seal { .. } => "seal",
        DrawEvent::Opening => "opening",
        DrawEvent::Seed => "seed",
        DrawEvent::Result { .. } => "result",
        DrawEvent::Alternates { .. } => "alternates",
        DrawEvent::Void => "void",
    }
}
