//! A draw's state: its stage, its events, how many were awarded.
//!
//! Owns: the order of a draw's steps ("Draws" in `docs/rules.md`). Never: an entry or a pool, and
//! never a draw number: who wins is computed apart from the ledger, by anybody.
//! Invariants: `awarded <= winners <= entries`; a draw that was ever published is never void.

use crate::mix;
use types::action::DrawEvent;
use types::ids::{FrameNo, Millis, Sha256, SlotNo};
use types::outcome::{DrawNeed, Refusal};

/// How far a draw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The list is closed.
    Closed,
    /// The list and every parameter are published.
    Sealed,
    /// The secrets are open, the balls drawn.
    Opened,
    /// The seed is there.
    Seeded,
    /// Winners are there, and not published.
    Drawn,
    /// Whoever won may know it.
    Published,
    /// Whoever won knows it, and a round of alternates has begun; nobody is announced yet.
    Resumed,
    /// It does not count.
    Void,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 8] = [
        Self::Closed,
        Self::Sealed,
        Self::Opened,
        Self::Seeded,
        Self::Drawn,
        Self::Published,
        Self::Resumed,
        Self::Void,
    ];

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

/// One draw of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The frame that closed its list.
    pub frame: FrameNo,
    /// When that was.
    pub at: Millis,
    /// Whose units are drawn; none where the campaign draws once for all.
    pub slot: Option<SlotNo>,
    /// Among those only who were in the draw before and had nothing.
    pub unserved: bool,
    /// Entries on its list.
    pub entries: u32,
    /// How far it is.
    pub stage: Stage,
    /// Winners announced by the result and by alternates.
    pub winners: u32,
    /// Of those, how many have got what they won.
    pub awarded: u32,
    /// Whether it was ever published; alternates may be under way since.
    pub was_published: bool,
    /// What happened, in order, with the digest of each note.
    pub events: Vec<(DrawEvent, Sha256)>,
}

impl Draw {
    /// Whether its list and its stock must stay as they are.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Published | Stage::Void)
    }

    /// Whether its list is sealed, and so public.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.events.iter().any(|(event, _)| matches!(event, DrawEvent::Seal { .. }))
    }

    /// What is missing next.
    #[must_use]
    pub const fn needs(&self) -> DrawNeed {
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

    /// Takes an event, but for what a void event undoes.
    pub(crate) fn take(&mut self, event: DrawEvent, digest: Sha256) -> Result<(), Refusal> {
        self.may_take(event, digest)?;
        self.stage = match event {
            DrawEvent::Seal { .. } => Stage::Sealed,
            DrawEvent::Opening => Stage::Opened,
            DrawEvent::Seed => Stage::Seeded,
            DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => {
                self.winners += winners;
                Stage::Drawn
            }
            DrawEvent::Void => Stage::Void,
        };
        self.events.push((event, digest));
        self.assert_counts();
        Ok(())
    }

    /// Begins a round of alternates, or calls one off.
    pub(crate) fn resume(&mut self, begin: bool) -> Result<(), Refusal> {
        let (from, to) = match begin {
            true => (Stage::Published, Stage::Resumed),
            false => (Stage::Resumed, Stage::Published),
        };
        if self.stage == to {
            return Err(Refusal::AlreadySo);
        }
        if self.stage != from {
            return Err(Refusal::DrawOrder { needs: self.needs() });
        }
        self.stage = to;
        self.assert_counts();
        Ok(())
    }

    fn may_take(&self, event: DrawEvent, digest: Sha256) -> Result<(), Refusal> {
        let is_alternates = matches!(event, DrawEvent::Alternates { .. });
        let mut same = self.events.iter().filter(|(known, _)| known.word() == event.word());
        if same.clone().any(|(_, before)| *before == digest) {
            return Err(Refusal::AlreadySo);
        }
        if !is_alternates && same.next().is_some() {
            return Err(Refusal::DrawDiffers);
        }
        let (is_next, more) = match event {
            DrawEvent::Seal { .. } => (self.stage == Stage::Closed, 0),
            DrawEvent::Opening => (self.stage == Stage::Sealed, 0),
            DrawEvent::Seed => (self.stage == Stage::Opened, 0),
            DrawEvent::Result { winners } => (self.stage == Stage::Seeded, winners),
            DrawEvent::Alternates { winners } => (self.stage == Stage::Resumed, winners),
            DrawEvent::Void if self.was_published => return Err(Refusal::Published),
            DrawEvent::Void => (true, 0),
        };
        if !is_next {
            return Err(Refusal::DrawOrder { needs: self.needs() });
        }
        if let DrawEvent::Seal { entries } = event
            && entries != self.entries
        {
            return Err(Refusal::EntriesDiffer { entries: self.entries });
        }
        let fits = more <= self.entries - self.winners;
        if fits { Ok(()) } else { Err(Refusal::OverLimit) }
    }

    pub(crate) fn assert_counts(&self) {
        assert!(self.awarded <= self.winners, "nobody is awarded who was not announced");
        assert!(self.winners <= self.entries, "winners are on the list");
        assert!(!(self.was_published && self.stage == Stage::Void), "published for good");
        assert!(self.was_published || self.stage != Stage::Resumed, "alternates follow winners");
    }

    pub(crate) fn hash(&self, hash: u64) -> u64 {
        let slot = self.slot.map_or(u64::MAX, |slot| u64::from(slot.0));
        let flags = u64::from(self.unserved) | u64::from(self.was_published) << 1;
        let counts = [self.entries, self.winners, self.awarded].map(u64::from);
        let head = [self.frame.0, self.at.0, slot, flags, self.stage as u64];
        let hash = mix::words(mix::words(hash, &head), &counts);
        self.events.iter().fold(hash, |hash, (event, digest)| {
            let number = match event {
                DrawEvent::Seal { entries: number }
                | DrawEvent::Result { winners: number }
                | DrawEvent::Alternates { winners: number } => u64::from(*number),
                DrawEvent::Opening | DrawEvent::Seed | DrawEvent::Void => 0,
            };
            let hash = mix::fold(mix::bytes(hash, event.word().as_bytes()), number);
            mix::bytes(hash, &digest.0)
        })
    }
}
