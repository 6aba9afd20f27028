//! Where a draw's files lie, and what the draw is called.
//!
//! Owns: the folder of each draw of a campaign, the chain of seals of one draw, and which files
//! the public may see when. Never: a file's content.
//! Invariants: a draw that follows another one of the same name names that one's folder; what the
//! result says is not served before it is published.

use draw::DrawName;
use ledger::{Draw, Stage};
use std::path::{Path, PathBuf};
use types::action::DrawEvent;
use types::ids::DrawNo;

/// The folder of the page on which people check their receipts, in a draw's folder.
pub(crate) const PAGE: &str = "check";

/// A campaign's draw with its files.
#[derive(Clone, Debug)]
pub(crate) struct DrawFolder {
    /// The draw.
    pub(crate) no: DrawNo,
    /// What it is called in every note.
    pub(crate) name: DrawName,
    /// Its public files.
    pub(crate) path: PathBuf,
    /// What stays with the operator: lines that are not sorted, the table back to the entries.
    pub(crate) private: PathBuf,
    /// The folders of the seals before it, of the same draw, the last one first.
    pub(crate) after: Vec<PathBuf>,
}

impl DrawFolder {
    /// The folder of a draw of the campaign `code`; none when there is no such draw.
    pub(crate) fn of(root: &Path, code: &str, draws: &[Draw], no: DrawNo) -> Option<Self> {
        let index = no.index().checked_sub(1).filter(|index| *index < draws.len())?;
        let first = first_of_name(draws, index);
        let name = name(code, first);
        let campaign = root.join(code);
        let path = |index: usize| campaign.join((index + 1).to_string());
        Some(Self {
            no,
            name,
            path: path(index),
            private: campaign.join(format!("{no}.private")),
            after: before(draws, first, index).into_iter().map(path).collect(),
        })
    }
}

/// What a draw is called whose list is not sealed yet: the latest one, or the one that comes next
/// if that is sealed or void. One among the unserved of a published draw, which nobody foresees, is
/// called as that one.
pub(crate) fn unsealed_name(code: &str, draws: &[Draw]) -> DrawName {
    let first = match draws.last() {
        None => 0,
        Some(Draw { stage: Stage::Closed | Stage::Void, .. }) => {
            first_of_name(draws, draws.len() - 1)
        }
        Some(_) => draws.len(),
    };
    name(code, first)
}

fn name(code: &str, first: usize) -> DrawName {
    let name = format!("{code}/{}", first + 1);
    name.parse().expect("a campaign's code and a number are a draw's name")
}

/// The first draw that has the name of this one: before it lie those that it goes on from.
fn first_of_name(draws: &[Draw], mut index: usize) -> usize {
    while 0 < index && (draws[index].unserved || draws[index - 1].stage == Stage::Void) {
        index -= 1;
    }
    index
}

/// The sealed draws before one, of its name, the last first: back to one that stands.
fn before(draws: &[Draw], first: usize, index: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for before in (first..index).rev() {
        if draws[before].is_sealed() {
            found.push(before);
        }
        if draws[before].was_published {
            break;
        }
    }
    found
}

/// Whether the public may see a file of a draw: what was sealed once it is, the seed once it is
/// there, winners and cut-offs once they are published. Those of alternates have the number of
/// their event, and may lie there before it is recorded.
pub(crate) fn public_file(draw: &Draw, file: &str) -> bool {
    let of_result = |file: &str| {
        ["winners", "cutoffs", "returned-", "alternates-", "result.txt", "sample.txt"]
            .iter()
            .any(|begin| file.starts_with(begin))
    };
    let is_name = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        part.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
            && part.bytes().all(plain)
            && !part.ends_with(".part")
    };
    let number = file.strip_suffix(".txt").and_then(|name| name.split_once('-'));
    let is_told = match number {
        None => draw.was_published || draw.stage == Stage::Void,
        Some((_, number)) => {
            number.parse().is_ok_and(|number: usize| number <= alternates_told(draw))
        }
    };
    let parts: Vec<&str> = file.split('/').collect();
    let is_file = parts.iter().all(|part| is_name(part))
        && match parts[..] {
            [_] | [PAGE, _] => true,
            ["tile", ..] => parts.len() <= 6,
            _ => false,
        };
    is_file && draw.is_sealed() && (is_told || !of_result(file))
}

/// How many times alternates were drawn and published.
fn alternates_told(draw: &Draw) -> usize {
    let is_alternates =
        |(event, _): &&(DrawEvent, _)| matches!(event, DrawEvent::Alternates { .. });
    let recorded = draw.events.iter().filter(is_alternates).count();
    // While a draw is under way, the last of them are not.
    if draw.stage == Stage::Published { recorded } else { recorded.saturating_sub(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::ids::{FrameNo, Millis, Sha256};

    fn draw(stage: Stage, unserved: bool, sealed: bool) -> Draw {
        let seal = (DrawEvent::Seal { entries: 1 }, Sha256([0; 32]));
        Draw {
            frame: FrameNo(1),
            at: Millis(1),
            slot: None,
            unserved,
            entries: 1,
            stage,
            winners: 0,
            awarded: 0,
            was_published: stage == Stage::Published,
            events: if sealed { vec![seal] } else { Vec::new() },
        }
    }

    #[test]
    fn a_draw_that_goes_on_from_another_has_its_name_and_knows_its_folders() {
        let draws = [
            draw(Stage::Void, false, true),
            draw(Stage::Void, false, false),
            draw(Stage::Published, false, true),
            draw(Stage::Void, true, true),
            draw(Stage::Closed, true, false),
            draw(Stage::Closed, false, false),
        ];
        let of = |no| DrawFolder::of(Path::new("draws"), "masks", &draws, DrawNo(no));
        let told = |no| {
            let DrawFolder { name, after, .. } = of(no).unwrap();
            let after: Vec<_> = after.iter().map(|path| path.display().to_string()).collect();
            (name.to_string(), after)
        };
        assert_eq!(told(1), ("masks/1".into(), vec![]));
        assert_eq!(told(3), ("masks/1".into(), vec!["draws/masks/1".to_owned()]));
        let after = vec!["draws/masks/4".to_owned(), "draws/masks/3".to_owned()];
        assert_eq!(told(5), ("masks/1".into(), after));
        assert_eq!(told(6), ("masks/6".into(), vec![]));
        assert!(of(0).is_none() && of(7).is_none());
        let unsealed = |until: usize| unsealed_name("masks", &draws[..until]).to_string();
        assert_eq!(
            [0, 1, 2, 3, 4].map(unsealed),
            ["masks/1", "masks/1", "masks/1", "masks/4", "masks/1"]
        );
        assert_eq!([5, 6].map(unsealed), ["masks/1", "masks/6"]);
    }

    #[test]
    fn nothing_of_a_result_is_served_before_it_is_published() {
        let [closed, drawn, published] = [
            draw(Stage::Closed, false, false),
            draw(Stage::Drawn, false, true),
            draw(Stage::Published, false, true),
        ];
        assert!(!public_file(&closed, "entries.txt"));
        for file in ["entries.txt", "seal.txt", "seed.txt", "tile/0/x001/067", "tile/entries/000"] {
            assert!(public_file(&drawn, file), "{file}");
        }
        for file in ["winners.txt", "cutoffs.txt", "result.txt", "sample.txt"] {
            assert!(!public_file(&drawn, file) && public_file(&published, file), "{file}");
        }
        for file in ["", ".", "..", "../1/seal.txt", "tile/../seal.txt", "entries.txt.part", "a/b"]
        {
            assert!(!public_file(&published, file), "{file:?}");
        }
    }

    #[test]
    fn the_page_that_checks_is_there_with_the_seal() {
        let [closed, sealed] =
            [draw(Stage::Closed, false, false), draw(Stage::Sealed, false, true)];
        for file in ["check/index.html", "check/page.js", "check/style.css"] {
            assert!(!public_file(&closed, file) && public_file(&sealed, file), "{file}");
        }
        for file in ["check/", "check/../seal.txt", "check/a/b", "check.part/page.js"] {
            assert!(!public_file(&sealed, file), "{file}");
        }
    }

    #[test]
    fn alternates_are_served_once_they_are_published() {
        let alternates = |number: u8| (DrawEvent::Alternates { winners: 1 }, Sha256([number; 32]));
        let with = |stage, recorded: u8| {
            let mut draw = Draw { was_published: true, ..draw(stage, false, true) };
            draw.events.extend((1..=recorded).map(alternates));
            draw
        };
        // Files of the next ones may lie there: they are being drawn, or their step was cut off.
        for (draw, told) in [
            (with(Stage::Published, 0), 0),
            (with(Stage::Drawn, 1), 0),
            (with(Stage::Published, 1), 1),
            (with(Stage::Drawn, 2), 1),
            (with(Stage::Published, 2), 2),
        ] {
            assert!(public_file(&draw, "winners.txt") && public_file(&draw, "result.txt"));
            for number in 1..4 {
                for name in ["returned", "winners", "cutoffs", "alternates"] {
                    let file = format!("{name}-{number}.txt");
                    assert_eq!(public_file(&draw, &file), number <= told, "{file} of {draw:?}");
                }
            }
        }
    }
}
