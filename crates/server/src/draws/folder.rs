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
use types::ids::{DrawNo, Sha256};

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
    /// The folders of the seals before it, of the same draw, the last one first: all of them, since
    /// what the oldest has opened everybody knows, too.
    pub(crate) after: Vec<PathBuf>,
    /// The one among them that was published last, and so stands.
    pub(crate) stands: Option<PathBuf>,
}

impl DrawFolder {
    /// The folder of a draw of the campaign `code`; none when there is no such draw.
    pub(crate) fn of(root: &Path, code: &str, draws: &[Draw], no: DrawNo) -> Option<Self> {
        let index = no.index().checked_sub(1).filter(|index| *index < draws.len())?;
        let first = first_of_name(draws, index);
        let name = name(code, first);
        let campaign = root.join(code);
        let path = |index: usize| campaign.join((index + 1).to_string());
        let sealed = || (first..index).rev().filter(|before| draws[*before].is_sealed());
        Some(Self {
            no,
            name,
            path: path(index),
            private: campaign.join(format!("{no}.private")),
            after: sealed().map(path).collect(),
            stands: sealed().find(|before| draws[*before].was_published).map(path),
        })
    }
}

/// What a draw is called whose list is not sealed yet: the latest one, or the one that comes next
/// if that is sealed or void. Where draws go on, that is a fresh one behind one that was among the
/// unserved; another one among the unserved, which nobody foresees, is called as those before it.
pub(crate) fn unsealed_name(code: &str, draws: &[Draw]) -> DrawName {
    let first = match draws.last() {
        None => 0,
        Some(draw) if draw.stage == Stage::Closed => first_of_name(draws, draws.len() - 1),
        Some(draw) if draw.stage == Stage::Void && (!draw.unserved || draw.slot.is_none()) => {
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
    while 0 < index && goes_on(&draws[index - 1], &draws[index]) {
        index -= 1;
    }
    index
}

/// Whether a draw has the name of the one before it: it is made in its place, or among those whom
/// it left unserved.
fn goes_on(before: &Draw, draw: &Draw) -> bool {
    draw.unserved || (before.stage == Stage::Void && !before.unserved)
}

/// Whether the public may see a file of a draw: what was sealed, opened and seeded once the ledger
/// has it, winners and cut-offs once they are published, and why it is void once it is. What is in
/// the folder does not count: a step makes its files before the ledger has them.
pub(crate) fn public_file(draw: &Draw, file: &str) -> bool {
    let is_name = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        part.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
            && part.bytes().all(plain)
            && !part.ends_with(".part")
    };
    let parts: Vec<&str> = file.split('/').collect();
    let is_file = parts.iter().all(|part| is_name(part))
        && match parts[..] {
            [_] | [PAGE, _] => true,
            ["tile", ..] => parts.len() <= 6,
            _ => false,
        };
    is_file && draw.is_sealed() && is_told(draw, file)
}

/// Whether what a file of a sealed draw says may be known.
fn is_told(draw: &Draw, file: &str) -> bool {
    let is_void = draw.stage == Stage::Void;
    // The note of a void draw names the note before it, which then is there for whoever checks it.
    let has = |word| is_void || draw.events.iter().any(|(event, _)| event.word() == word);
    match file {
        "void.txt" => return is_void,
        "opening.txt" => return has("opening"),
        "seed.txt" | "seeded.txt" => return has("seed"),
        _ => {}
    }
    let of_alternates = ["winners-", "cutoffs-", "returned-", "alternates-"];
    if of_alternates.iter().any(|begin| file.starts_with(begin)) {
        let number = file.split_once('-').and_then(|(_, rest)| rest.strip_suffix(".txt"));
        let number = number.and_then(|number| number.parse::<u32>().ok());
        return number.is_some_and(|number| number <= published_alternates(draw));
    }
    // While alternates are under way, what was published before stays.
    let of_result = ["winners", "cutoffs", "result.txt", "sample.txt"];
    let is_of_result = of_result.iter().any(|begin| file.starts_with(begin));
    !is_of_result || draw.was_published || is_void
}

/// How many alternates of a draw everybody may know.
fn published_alternates(draw: &Draw) -> u32 {
    let rounds = recorded_alternates(draw);
    match draw.stage {
        Stage::Published | Stage::Resumed => rounds,
        // The latest of them wait for their publication.
        _ => rounds.saturating_sub(1),
    }
}

/// How many alternates of a draw the ledger has.
pub(crate) fn recorded_alternates(draw: &Draw) -> u32 {
    let is_one = |(event, _): &&(DrawEvent, Sha256)| matches!(event, DrawEvent::Alternates { .. });
    let rounds = draw.events.iter().filter(is_one).count();
    u32::try_from(rounds).expect("alternates are counted in 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::ids::{FrameNo, Millis, SlotNo};

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
            let DrawFolder { name, after, stands, .. } = of(no).unwrap();
            let after: Vec<_> = after.iter().map(|path| path.display().to_string()).collect();
            assert!(stands.is_none_or(|path| path.ends_with("masks/3")), "{name}");
            (name.to_string(), after)
        };
        assert_eq!(told(1), ("masks/1".into(), vec![]));
        assert_eq!(told(3), ("masks/1".into(), vec!["draws/masks/1".to_owned()]));
        let after = [4, 3, 1].map(|no| format!("draws/masks/{no}")).to_vec();
        assert_eq!(told(5), ("masks/1".into(), after), "behind the one that stands, too");
        assert_eq!([3, 4, 5].map(|no| of(no).unwrap().stands.is_some()), [false, true, true]);
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
    fn a_fresh_draw_behind_those_unserved_has_a_name_of_its_own() {
        let slot = |draw: Draw| Draw { slot: Some(SlotNo(0)), ..draw };
        let draws = [
            draw(Stage::Published, false, true),
            draw(Stage::Void, true, true),
            draw(Stage::Void, false, true),
            draw(Stage::Closed, false, true),
        ]
        .map(slot);
        let told = |no| {
            let of = DrawFolder::of(Path::new("draws"), "masks", &draws, DrawNo(no)).unwrap();
            let after: Vec<_> = of.after.iter().map(|path| path.display().to_string()).collect();
            (of.name.to_string(), after)
        };
        assert_eq!(told(2), ("masks/1".into(), vec!["draws/masks/1".to_owned()]));
        assert_eq!(told(3), ("masks/3".into(), vec![]));
        assert_eq!(told(4), ("masks/3".into(), vec!["draws/masks/3".to_owned()]));
        let unsealed = |until: usize| unsealed_name("masks", &draws[..until]).to_string();
        assert_eq!([2, 3, 4].map(unsealed), ["masks/3"; 3]);
    }

    #[test]
    fn nothing_of_a_result_is_served_before_it_is_published() {
        let [closed, drawn, published] = [
            draw(Stage::Closed, false, false),
            draw(Stage::Drawn, false, true),
            draw(Stage::Published, false, true),
        ];
        assert!(!public_file(&closed, "entries.txt"));
        for file in ["entries.txt", "seal.txt", "tile/0/x001/067", "tile/entries/000"] {
            assert!(public_file(&drawn, file), "{file}");
        }
        for file in ["winners.txt", "cutoffs.txt", "result.txt"] {
            assert!(!public_file(&drawn, file) && public_file(&published, file), "{file}");
        }
        let again = Draw { was_published: true, ..drawn };
        for (file, is_public) in
            [("winners.txt", true), ("result.txt", true), ("winners-1.txt", false)]
        {
            assert_eq!(public_file(&again, file), is_public, "{file} while alternates are drawn");
        }
        for file in ["", ".", "..", "../1/seal.txt", "tile/../seal.txt", "entries.txt.part", "a/b"]
        {
            assert!(!public_file(&published, file), "{file:?}");
        }
    }

    #[test]
    fn what_the_ledger_does_not_have_is_not_served_though_it_is_in_the_folder() {
        const FILES: [&str; 4] = ["winners", "cutoffs", "returned", "alternates"];
        let shows = |draw: &Draw, round: &str| {
            FILES.map(|kind| public_file(draw, &format!("{kind}-{round}.txt")))
        };
        let mut draw = draw(Stage::Published, false, true);
        assert_eq!(shows(&draw, "1"), [false; 4], "they are made while the stage is published");
        for round in 1..=2_u32 {
            let (this, next) = (round.to_string(), (round + 1).to_string());
            draw.events.push((DrawEvent::Alternates { winners: 1 }, Sha256([round as u8; 32])));
            draw.stage = Stage::Drawn;
            draw.was_published = true;
            assert_eq!(shows(&draw, &this), [false; 4], "nobody is told of round {round} yet");
            draw.stage = Stage::Published;
            assert_eq!((shows(&draw, &this), shows(&draw, &next)), ([true; 4], [false; 4]));
            draw.stage = Stage::Resumed;
            assert_eq!((shows(&draw, &this), shows(&draw, &next)), ([true; 4], [false; 4]));
            assert_eq!(shows(&draw, "1"), [true; 4], "what was published stays");
        }
        assert_eq!(["", "x", "1.txt.part"].map(|odd| shows(&draw, odd)), [[false; 4]; 3]);
        assert!(!public_file(&draw, "void.txt"), "a draw that stands is not called void");
        let void = self::draw(Stage::Void, false, true);
        assert!(public_file(&void, "void.txt"));
    }

    #[test]
    fn what_was_opened_and_seeded_is_served_once_the_ledger_has_it() {
        const FILES: [&str; 3] = ["opening.txt", "seed.txt", "seeded.txt"];
        let shows = |draw: &Draw| FILES.map(|file| public_file(draw, file));
        let mut draw = draw(Stage::Sealed, false, true);
        assert_eq!(shows(&draw), [false; 3], "a step makes its files before the ledger has them");
        for (event, stage, shown) in [
            (DrawEvent::Opening, Stage::Opened, [true, false, false]),
            (DrawEvent::Seed, Stage::Seeded, [true; 3]),
        ] {
            draw.events.push((event, Sha256([1; 32])));
            draw.stage = stage;
            assert_eq!(shows(&draw), shown);
        }
        let void = self::draw(Stage::Void, false, true);
        assert_eq!(shows(&void), [true; 3], "its note names the one before, whichever that is");
        assert_eq!(shows(&self::draw(Stage::Void, false, false)), [false; 3]);
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
}
