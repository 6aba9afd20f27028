//! The steps of a draw that a page leads to, and which of them is next.
//!
//! Owns: their words, and what the pages propose. Never: decides whether a step is taken: the
//! ledger and the files do.

use crate::texts::DrawTexts;
use ledger::{Draw, Stage};

/// A step of a draw that has a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Seal,
    Open,
    Seed,
    Run,
    Publish,
    Alternates,
    Void,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Seal,
        Self::Open,
        Self::Seed,
        Self::Run,
        Self::Publish,
        Self::Alternates,
        Self::Void,
    ];

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Open => "open",
            Self::Seed => "seed",
            Self::Run => "run",
            Self::Publish => "publish",
            Self::Alternates => "alternates",
            Self::Void => "void",
        }
    }

    /// The step that is to be taken next; none where the next thing is another list.
    pub(super) fn next(draw: &Draw) -> Option<Self> {
        Some(match draw.stage {
            Stage::Closed => Self::Seal,
            Stage::Sealed => Self::Open,
            Stage::Opened => Self::Seed,
            Stage::Seeded => Self::Run,
            // Announced, and cut off before all of it was recorded: the same step goes on.
            Stage::Drawn if draw.awarded < draw.winners && draw.was_published => Self::Alternates,
            Stage::Drawn if draw.awarded < draw.winners => Self::Run,
            Stage::Drawn => Self::Publish,
            // Begun, and cut off before anybody was announced.
            Stage::Resumed => Self::Alternates,
            Stage::Published | Stage::Void => return None,
        })
    }

    /// Whether its page proposes it: it is next, or beside what is next.
    pub(super) fn is_offered(self, draw: &Draw) -> bool {
        match self {
            Self::Void => !draw.was_published && draw.stage != Stage::Void,
            Self::Alternates if draw.stage == Stage::Published => true,
            other => Self::next(draw) == Some(other),
        }
    }

    /// Whether it cannot be mended: then the campaign's code is to be typed.
    pub(super) const fn needs_code(self) -> bool {
        matches!(self, Self::Publish | Self::Void)
    }

    /// Its title, what it does, and the word on its button. A seed may be made without a beacon.
    pub(super) fn texts(self, t: &DrawTexts, has_beacon: bool) -> [&str; 3] {
        match self {
            Self::Seal => [&t.seal.title, &t.seal.what, &t.seal.submit],
            Self::Open => [&t.open.title, &t.open.what, &t.open.submit],
            Self::Seed if has_beacon => [&t.seed.title, &t.seed.what, &t.seed.submit],
            Self::Seed => [&t.seed.title, &t.seed.what_plain, &t.seed.submit],
            Self::Run => [&t.run.title, &t.run.what, &t.run.submit],
            Self::Publish => [&t.publish.title, &t.publish.what, &t.publish.submit],
            Self::Alternates => [&t.alternates.title, &t.alternates.what, &t.alternates.submit],
            Self::Void => [&t.void.title, &t.void.what, &t.void.submit],
        }
    }

    /// The word on the button of a form that is looked at first, and what is said when all of it
    /// holds; none for those that are done at once.
    pub(super) fn check(self, t: &DrawTexts) -> Option<[&str; 2]> {
        match self {
            Self::Seal => Some([&t.seal.check, &t.seal.held]),
            Self::Open => Some([&t.open.check, &t.open.held]),
            Self::Seed => Some([&t.seed.check, &t.seed.held]),
            Self::Run | Self::Publish | Self::Alternates | Self::Void => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::ids::{FrameNo, Millis};

    fn draw(stage: Stage, was_published: bool, awarded: u32) -> Draw {
        Draw {
            frame: FrameNo(1),
            at: Millis(1),
            slot: None,
            unserved: false,
            entries: 9,
            stage,
            winners: 5,
            awarded,
            was_published,
            events: Vec::new(),
        }
    }

    #[test]
    fn each_stage_has_one_next_step_and_void_stands_beside_it() {
        let told = |stage, was_published, awarded| {
            let draw = draw(stage, was_published, awarded);
            let offered = Kind::ALL.into_iter().filter(|kind| kind.is_offered(&draw));
            (Kind::next(&draw), offered.map(Kind::word).collect::<Vec<_>>())
        };
        let before = [
            (Stage::Closed, Kind::Seal),
            (Stage::Sealed, Kind::Open),
            (Stage::Opened, Kind::Seed),
            (Stage::Seeded, Kind::Run),
        ];
        for (stage, next) in before {
            assert_eq!(told(stage, false, 0), (Some(next), vec![next.word(), "void"]));
        }
        assert_eq!(told(Stage::Drawn, false, 4), (Some(Kind::Run), vec!["run", "void"]));
        let publish = (Some(Kind::Publish), vec!["publish", "void"]);
        assert_eq!(told(Stage::Drawn, false, 5), publish);
        assert_eq!(told(Stage::Published, true, 5), (None, vec!["alternates"]));
        assert_eq!(told(Stage::Resumed, true, 5), (Some(Kind::Alternates), vec!["alternates"]));
        assert_eq!(told(Stage::Drawn, true, 4), (Some(Kind::Alternates), vec!["alternates"]));
        assert_eq!(told(Stage::Drawn, true, 5), (Some(Kind::Publish), vec!["publish"]));
        assert_eq!(told(Stage::Void, false, 5), (None, vec![]));
    }
}
