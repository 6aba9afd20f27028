//! What a draw makes of an entry: whether it stands, keeps its people out, and what it may know.
//!
//! Owns: those words of "Draws" in the rules that other commands ask by. Never: changes anything.

use crate::campaign::Campaign;
use crate::state::{Decision, Draw, Entry, Stage};
use types::{DrawNeed, Millis};

/// Losses beyond these count for nothing.
const LOSSES_MAX: u8 = 31;

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
    /// Whether it is in one of the first five stages, or alternates follow.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        match self.stage {
            Stage::Closed | Stage::Sealed | Stage::Opened | Stage::Seeded => true,
            Stage::Drawn | Stage::Resumed => true,
            Stage::Published | Stage::Void => false,
        }
    }

    /// What comes next, as the table has it.
    #[must_use]
    pub const fn needs(&self) -> DrawNeed {
        match self.stage {
            Stage::Closed => DrawNeed::Seal,
            Stage::Sealed => DrawNeed::Opening,
            Stage::Opened => DrawNeed::Seed,
            Stage::Seeded => DrawNeed::Result,
            Stage::Drawn if self.awarded < self.announced => DrawNeed::Awards,
            Stage::Drawn => DrawNeed::Publication,
            Stage::Resumed => DrawNeed::Alternates,
            Stage::Published | Stage::Void => DrawNeed::List,
        }
    }
}

impl Campaign {
    /// Whether it draws, and that once for all.
    pub(crate) fn draws_once(&self) -> bool {
        self.definition.draw().is_some_and(|terms| terms.stand_days.is_none())
    }

    /// Whether it draws once for all, and has: it takes no entries until the draw is void.
    pub(crate) fn is_drawn_once(&self) -> bool {
        self.draws_once() && self.draws.last().is_some_and(|draw| draw.stage != Stage::Void)
    }

    pub(crate) fn is_draw_under_way(&self) -> bool {
        self.draws.last().is_some_and(Draw::is_under_way)
    }

    /// Whether an entry takes part in a draw that is closed at this moment.
    pub(crate) fn stands(&self, entry: &Entry, at: Millis) -> bool {
        let Some(terms) = self.definition.draw() else { return false };
        let in_time = match terms.stand_days {
            None => !self.marks.published,
            Some(days) => {
                let first = self.definition.calendar.day(entry.at).0;
                let today = self.definition.calendar.day(at).0;
                today < first + u32::from(days)
            }
        };
        entry.is_live() && entry.decision == Decision::Waiting && in_time
    }

    /// Whether a live entry may win yet, for all that its owner knows.
    pub(crate) fn is_open(&self, entry: &Entry, at: Millis) -> bool {
        let knows_nothing = entry.decision == Decision::Waiting || entry.hidden;
        let in_the_draw = self.is_draw_under_way() && entry.listed && knows_nothing;
        entry.is_live() && (self.stands(entry, at) || in_the_draw)
    }

    /// Whether what was decided of an entry is not to be told.
    pub(crate) fn is_secret_of(&self, entry: &Entry, at: Millis) -> bool {
        match self.definition.draw() {
            None => self.is_secret(at),
            Some(_) => self.is_open(entry, at),
        }
    }

    /// Whether its people's live entry keeps them from entering again.
    pub(crate) fn keeps_out(&self, entry: &Entry, at: Millis) -> bool {
        let again_and_again = self.definition.draw().is_some() && !self.draws_once();
        !again_and_again || self.is_open(entry, at)
    }

    /// Draws lost, the latest one too.
    pub(crate) fn losses_so_far(&self, entry: &Entry) -> u8 {
        let lost = self.has_just_lost(entry);
        (entry.losses + u8::from(lost)).min(LOSSES_MAX)
    }

    /// Whether the latest draw lists the entry and left it with nothing, for good: it is published,
    /// or void and among those whom a published one had left with nothing.
    pub(crate) fn has_just_lost(&self, entry: &Entry) -> bool {
        let lost = self.draws.last().is_some_and(|draw| {
            draw.stage == Stage::Published || (draw.stage == Stage::Void && draw.unserved)
        });
        lost && entry.listed && entry.decision == Decision::Waiting
    }
}
