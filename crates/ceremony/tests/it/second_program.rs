//! The second program, `tools/verify_draw.py`, which was written from the description alone: it
//! agrees on draws that neither has seen, and both refuse what was tampered with.

use crate::fixture::{Fixture, name, quiet, secret};
use ceremony::{Folder, Sealing};
use draw::beacon::QUICKNET;
use draw::event::{Event, Tables, What};
use draw::identity::Tag;
use draw::note::Note;
use draw::seal::{Holder, Program, Round, Words};
use draw::seed::{Balls, Opened};
use draw::{Digest, line};
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

/// Draws that are made up, drawn, and checked.
const DRAWN: usize = 200;
/// Of so many draws one has a beacon: its pairing takes the second program a second.
const BEACON_EVERY: u64 = 40;
/// Where the numbers begin from which draws are made up. Without it they begin where they always
/// do; with another number, both programs see draws that neither has seen.
const FROM: &str = "TIDEGATE_DRAWS_FROM";

/// Chance from a number, the same everywhere.
struct Chance(u64, u64);

impl Chance {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.1 += 1;
        let Digest(bytes) = Digest::of(format!("chance {} {}", self.0, self.1).as_bytes());
        let (first, _) = bytes.split_first_chunk().unwrap();
        u64::from_be_bytes(*first) % end
    }

    fn small(&mut self, from: u8, to: u8) -> u8 {
        from + u8::try_from(self.below(u64::from(to - from) + 1)).unwrap()
    }

    fn digest(&mut self) -> Digest {
        let number = self.below(u64::MAX);
        Digest::of(format!("digest {number}").as_bytes())
    }
}

/// What the second program makes of a folder behind others, the last first: its exit code (0 right,
/// 1 wrong, 2 cannot be checked), and what it says.
fn second(folder: &Folder, before: &[Folder], key: &str) -> (i32, String) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/verify_draw.py");
    let mut command = Command::new("python3");
    command.arg(program).arg(folder.path("")).args(["--tiles", "--operator-key", key]);
    for earlier in before {
        command.arg("--previous").arg(earlier.path(""));
    }
    if !folder.has("opening.txt").unwrap() {
        command.args(["--upto", "seal"]);
    }
    let output = command.output().expect("python3 can be started");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.code().unwrap_or_else(|| panic!("it was killed: {said}")), said)
}

/// Makes up the draws of one number.
struct Making<'a> {
    fixture: &'a Fixture,
    chance: Chance,
    with_beacon: bool,
}

impl Making<'_> {
    /// A draw as far as chance lets it come, and perhaps one that goes on from it; the last first.
    fn all(&mut self) -> Vec<Folder> {
        let home = self.fixture.home.path();
        let first = Folder::open(&self.fixture.folder.path("")).unwrap();
        let lists = self.lists();
        self.one(&first, &[], &lists);
        let [is_drawn, is_void] = ["result.txt", "void.txt"].map(|file| first.has(file).unwrap());
        if !(is_drawn || is_void) || self.chance.below(5) != 0 {
            return vec![first];
        }
        let lists = if is_drawn {
            let returned = self.returned(&first);
            let [entries, stock] = ["left", "now"].map(|name| home.join(name));
            ceremony::remaining(&first, &returned, &entries, &stock, &quiet).unwrap();
            [entries, stock]
        } else {
            self.lists()
        };
        let next = Folder::create(&home.join("next")).unwrap();
        let mut folders = vec![first];
        self.one(&next, &folders, &lists);
        folders.insert(0, next);
        folders
    }

    /// Entries and stock.
    fn lists(&mut self) -> [PathBuf; 2] {
        let chance = &mut self.chance;
        let buckets: Vec<_> = (0..=chance.below(20))
            .map(|number| match chance.below(4) {
                0 => format!("P{number}#{}", chance.below(90)),
                _ => format!("P{number}"),
            })
            .collect();
        let stock: String =
            buckets.iter().map(|bucket| format!("{bucket},{}\n", chance.below(16))).collect();
        let entries = entries(chance, &buckets);
        [self.fixture.input("entries", &entries), self.fixture.input("stock", &stock)]
    }

    /// One draw, sealed behind others.
    fn one(&mut self, folder: &Folder, after: &[Folder], [entries, stock]: &[PathBuf; 2]) {
        let (key, rules) = (&self.fixture.key, self.fixture.input("rules", "规则\n"));
        let secrets = [1, 2].map(|party| party + 2 * u8::try_from(after.len()).unwrap());
        let balls = self.chance.below(2) == 0;
        let round = Round { chain: QUICKNET.hash(), round: crate::fixture::ROUND };
        let sealing = Sealing {
            draw: name(),
            entries,
            stock,
            rules: &rules,
            program: Program { version: "0.1.0".to_owned(), digest: self.chance.digest() },
            operator: secret(0).commitment(&name(), Holder::Operator),
            notary: secret(0).commitment(&name(), Holder::Notary),
            balls: balls.then(|| Words::read("3 of 01-49").unwrap()),
            drand: self.with_beacon.then_some(round),
            deadline: "2026-02-18T12:00:00Z".parse().unwrap(),
            after,
            may_sign: &|| Ok(()),
        };
        let sealing = Fixture::with_secrets(secrets, sealing);
        ceremony::seal(folder, &sealing, key, &quiet).unwrap();
        if self.chance.below(20) == 0 {
            return;
        }
        let balls = balls.then(|| Balls::read("08 41 17").unwrap());
        let [operator, notary] = secrets.map(secret);
        ceremony::open(folder, &Opened { operator, notary, balls }, key).unwrap();
        if self.chance.below(10) == 0 {
            let reason = Words::read("made up").unwrap();
            return ceremony::void(folder, &reason, key).unwrap();
        }
        ceremony::seed(folder, self.with_beacon.then(Fixture::beacon), key).unwrap();
        ceremony::run(folder, key, &quiet).unwrap();
        if self.chance.below(3) == 0 {
            ceremony::sample(folder, 7, &quiet).unwrap();
        }
        for number in 1..=u32::from(self.chance.small(0, 2)) {
            let back = self.returned(folder);
            ceremony::alternates(folder, number, &back, key, &quiet).unwrap();
        }
    }

    /// What came back: of each bucket up to three of the units that are out.
    fn returned(&mut self, folder: &Folder) -> PathBuf {
        let read = |file: &str| {
            let found = folder.find(file).unwrap().unwrap_or_default();
            String::from_utf8(found).unwrap()
        };
        let list = read("entries.txt");
        let units = |row: &str| {
            let entry = list.lines().nth(part(row, 1).parse().unwrap()).unwrap();
            part(entry, 3).parse::<u64>().unwrap()
        };
        let mut out = HashMap::<String, u64>::new();
        for file in ["winners.txt", "winners-1.txt", "winners-2.txt"] {
            for row in read(file).lines() {
                *out.entry(part(row, 2).to_owned()).or_default() += units(row);
            }
        }
        for file in ["returned-1.txt", "returned-2.txt"] {
            for row in read(file).lines() {
                *out.entry(part(row, 0).to_owned()).or_default() -=
                    part(row, 1).parse::<u64>().unwrap();
            }
        }
        let back = |row: &str| {
            let bucket = part(row, 0);
            let most = out.get(bucket).copied().unwrap_or_default().min(3);
            format!("{bucket},{}\n", self.chance.below(most + 1))
        };
        let back: String = read("stock.txt").lines().map(back).collect();
        self.fixture.input("returned", &back)
    }
}

fn part(row: &str, at: usize) -> &str {
    row.split(',').nth(at).unwrap()
}

/// The list of a made-up draw; one in eight is longer than a tile.
fn entries(chance: &mut Chance, buckets: &[String]) -> String {
    let people = if chance.below(8) == 0 { 300 + chance.below(401) } else { chance.below(120) };
    let mut entries = String::new();
    for _ in 0..people {
        let group: Vec<_> = (0..1 + chance.below(2) * chance.below(8))
            .map(|_| {
                let Digest(tag) = chance.digest();
                (chance.digest(), Tag(*tag.first_chunk().unwrap()))
            })
            .collect();
        let choices: Vec<_> = (0..chance.small(1, 5))
            .map(|_| buckets[chance.below(buckets.len() as u64) as usize].as_str())
            .collect();
        let parts = line::Parts {
            people: &group,
            tickets: if chance.below(3) == 0 { chance.small(1, 32) } else { 1 },
            units: if chance.below(3) == 0 { chance.small(1, 8) } else { 1 },
            choices: &choices,
            accepts_any: chance.below(2) == 0,
        };
        entries.push_str(&String::from_utf8(parts.write().unwrap()).unwrap());
        entries.push('\n');
    }
    entries
}

/// The file that `draw` and the person's page go through, too, in the second program's own tests.
#[test]
fn takes_and_refuses_what_all_must_take_alike() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/tests/test_verify_draw.py");
    let output = Command::new("python3").arg(tests).arg("Agreement").output();
    let output = output.expect("python3 can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Ran 3 tests"), "{said}");
}

/// Holds the draws of one number against both programs; how many of them were drawn.
fn agree(number: u64) -> usize {
    let fixture = Fixture::new();
    let (chance, with_beacon) = (Chance(number, 0), number.is_multiple_of(BEACON_EVERY));
    let folders = Making { fixture: &fixture, chance, with_beacon }.all();
    let key = fixture.key.verifying().to_string();
    for (place, folder) in folders.iter().enumerate() {
        let before = &folders[place + 1..];
        fixture.verify_folder(folder, before).unwrap();
        let (code, said) = second(folder, before, &key);
        assert_eq!(code, 0, "{said}");
    }
    folders.iter().filter(|folder| folder.has("result.txt").unwrap()).count()
}

#[test]
fn agrees_on_draws_that_neither_has_seen() {
    let from = env::var(FROM).map_or(0, |from| from.parse().expect("a number"));
    let check = |number: u64| {
        catch_unwind(|| agree(number)).unwrap_or_else(|_| {
            panic!("again: {FROM}={number} cargo test -p ceremony agrees_on_draws")
        })
    };
    let check = &check;
    thread::scope(|scope| {
        for first in [from, from + 1] {
            scope.spawn(move || {
                let (mut number, mut drawn) = (first, 0);
                while drawn < DRAWN / 2 {
                    drawn += check(number);
                    number += 2;
                }
            });
        }
    });
}

/// What is done to a file, and to which.
type Tampering = (&'static str, &'static str, fn(&str) -> String);

fn without_line(text: &str, index: usize) -> String {
    let lines = text.split_inclusive('\n').enumerate().filter(|(line, _)| *line != index);
    lines.map(|(_, line)| line).collect()
}

fn swapped(text: &str, one: usize, two: usize) -> String {
    let mut lines: Vec<_> = text.split_inclusive('\n').collect();
    lines.swap(one, two);
    lines.concat()
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    let after = text.replacen(from, to, 1);
    assert_ne!(after, text, "{from} stands in the file");
    after
}

const TAMPERINGS: [Tampering; 34] = [
    ("an entry is taken out", "entries.txt", |text| without_line(text, 3)),
    ("an entry is put in twice", "entries.txt", |text| {
        format!("{text}{}", text.lines().next().unwrap().to_owned() + "\n")
    }),
    ("two entries change places", "entries.txt", |text| swapped(text, 1, 2)),
    ("an entry gets more tickets", "entries.txt", |text| replaced(text, ",1,1,", ",9,1,")),
    ("an entry needs more units", "entries.txt", |text| replaced(text, ",1,1,", ",1,2,")),
    ("an entry chooses something else", "entries.txt", |text| {
        replaced(text, ",P2>P1\n", ",P1>P2\n")
    }),
    ("an entry accepts any", "entries.txt", |text| replaced(text, ",P1\n", ",P1>*\n")),
    ("a tag is another's", "entries.txt", |text| replaced(text, ",1,1,", "f,1,1,")),
    ("lines end as on Windows", "entries.txt", |text| text.replace('\n', "\r\n")),
    ("the last line feed is gone", "entries.txt", |text| text.trim_end().to_owned()),
    ("a byte order mark", "entries.txt", |text| format!("\u{feff}{text}")),
    ("a bucket gets more units", "stock.txt", |text| replaced(text, "P1,3", "P1,4")),
    ("buckets change places", "stock.txt", |text| swapped(text, 1, 2)),
    ("a bucket is taken out", "stock.txt", |text| without_line(text, 3)),
    ("the rules say something else", "rules.txt", |text| replaced(text, "may", "must")),
    ("the seal counts more entries", "seal.txt", |text| replaced(text, "entries 40", "entries 41")),
    ("the seal has another deadline", "seal.txt", |text| replaced(text, "12:00:00Z", "13:00:00Z")),
    ("the seal has another round", "seal.txt", |text| {
        replaced(text, "round 657413", "round 657414")
    }),
    ("the seal is of another draw", "seal.txt", |text| replaced(text, "draw masks", "draw masts")),
    ("the seal is not signed", "seal.txt", |text| {
        text.split("\n\n").next().unwrap().to_owned() + "\n"
    }),
    ("the tree has another size", "checkpoint", |text| replaced(text, "\n40\n", "\n39\n")),
    ("the operator's secret is another", "opening.txt", |text| {
        replaced(text, "operator 06", "operator 16")
    }),
    ("the notary's secret is another", "opening.txt", |text| {
        replaced(text, "notary 07", "notary 17")
    }),
    ("the balls are in another order", "opening.txt", |text| replaced(text, "08 41", "41 08")),
    ("the seed has other balls", "seed.txt", |text| replaced(text, "balls 08", "balls 09")),
    ("the seed has another beacon", "seed.txt", |text| replaced(text, " b713718a", " a713718a")),
    ("the seed has another round", "seed.txt", |text| replaced(text, " 657413 ", " 657412 ")),
    ("another seed is named", "seeded.txt", |text| replaced(text, "seed ", "seed 0")),
    ("a winner gets something else", "winners.txt", |text| replaced(text, ",P1,1\n", ",P2,1\n")),
    ("a winner is taken out", "winners.txt", |text| without_line(text, 2)),
    ("winners change places", "winners.txt", |text| swapped(text, 0, 1)),
    ("a cut-off is higher", "cutoffs.txt", |text| replaced(text, ",0000", ",f000")),
    ("a cut-off is taken out", "cutoffs.txt", |text| without_line(text, 5)),
    ("the result counts more winners", "result.txt", |text| {
        replaced(text, "winners ", "winners 1")
    }),
];

/// What is done to a file that is no text, or gone.
type Damage = (&'static str, &'static str, fn(&Path));

fn change(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

const DAMAGES: [Damage; 14] = [
    ("a hash of a tile is another", "tile/0/000.p/40", |path| change(path, |tile| tile[70] ^= 1)),
    ("a tile is cut off", "tile/0/000.p/40", |path| change(path, |tile| tile.truncate(39 * 32))),
    ("a tile is too long", "tile/0/000.p/40", |path| change(path, |tile| tile.extend([0; 32]))),
    ("a tile is gone", "tile/0/000.p/40", |path| fs::remove_file(path).unwrap()),
    ("an entry of a bundle is another", "tile/entries/000.p/40", |path| {
        change(path, |bundle| bundle[2] ^= 1);
    }),
    ("a bundle is cut off", "tile/entries/000.p/40", |path| {
        change(path, |bundle| bundle.truncate(bundle.len() - 1));
    }),
    ("a bundle is gone", "tile/entries/000.p/40", |path| fs::remove_file(path).unwrap()),
    ("an entry is left out of the sample", "sample.txt", |path| {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, without_line(&text, 2)).unwrap();
    }),
    ("a sample is in another order", "sample.txt", |path| {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, swapped(&text, 0, 1)).unwrap();
    }),
    ("a sample is cut off", "sample.txt", |path| {
        change(path, |sample| sample.truncate(sample.len() - 1));
    }),
    ("the opening is gone", "opening.txt", |path| fs::remove_file(path).unwrap()),
    ("the result is gone", "result.txt", |path| fs::remove_file(path).unwrap()),
    ("more came back than is said", "returned-1.txt", |path| {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, replaced(&text, "P1,1", "P1,2")).unwrap();
    }),
    ("an alternate gets something else", "winners-1.txt", |path| {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, replaced(&text, ",P1,1\n", ",P2,1\n")).unwrap();
    }),
];

#[test]
fn refuses_what_was_damaged_as_ours_does() {
    let whole = Fixture::whole();
    whole.verify().unwrap();
    let key = whole.key.verifying().to_string();
    let (code, said) = second(&whole.folder, &[], &key);
    assert_eq!(code, 0, "{said}");
    for (what, file, damage) in DAMAGES {
        let fixture = Fixture::whole();
        damage(&fixture.folder.path(file));
        both_refuse(&fixture, what, file);
    }
}

/// Both look at the folder before where it is given, and refuse a list that it does not leave.
#[test]
fn refuses_a_next_seal_of_other_people_as_ours_does() {
    let fixture = Fixture::drawn();
    let returned = fixture.input("returned", "P1,1\nP2,2\n");
    let [entries, stock] = ["left", "now"].map(|name| fixture.home.path().join(name));
    ceremony::remaining(&fixture.folder, &returned, &entries, &stock, &quiet).unwrap();
    let left = fs::read_to_string(&entries).unwrap();
    for (place, list) in [left.clone(), without_line(&left, 0)].into_iter().enumerate() {
        fixture.input("entries", &list);
        fs::copy(&stock, fixture.home.path().join("stock")).unwrap();
        let next = Folder::create(&fixture.home.path().join(format!("next{place}"))).unwrap();
        // As an operator would who names the folder before and leaves out its check.
        let previous = ceremony::History::read(&fixture.folder).unwrap().last();
        fixture.sealing(&[], |sealing| {
            let sealing = Fixture::with_secrets([8, 9], sealing);
            ceremony::seal(&next, &sealing, &fixture.key, &quiet).unwrap();
        });
        let note = Note::read(&next.read_text("seal.txt").unwrap()).unwrap();
        let mut seal = draw::seal::Seal::read(note.text()).unwrap();
        seal.previous = Some(previous);
        let note = Note::sign(seal.text(), &[&fixture.key]).to_string();
        fs::write(next.path("seal.txt"), note).unwrap();
        let ours = fixture.verify_folder(&next, std::slice::from_ref(&fixture.folder));
        let key = fixture.key.verifying().to_string();
        let (code, said) = second(&next, std::slice::from_ref(&fixture.folder), &key);
        if place == 0 {
            ours.unwrap();
            assert_eq!(code, 0, "{said}");
            assert!(said.contains("Not checked: how many units came back"), "{said}");
            continue;
        }
        let ours = ours.unwrap_err().to_string();
        let told = "entries.txt, line 1: not exactly the entries that have nothing in";
        assert!(ours.contains(told), "{ours}");
        assert_eq!(code, 1, "{said}");
    }
}

#[test]
fn refuses_what_was_tampered_with_as_ours_does() {
    let check = |(what, file, change): &Tampering| {
        let fixture = Fixture::drawn();
        let path = fixture.folder.path(file);
        let before = fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "{what}");
        fs::write(&path, after).unwrap();
        both_refuse(&fixture, what, file);
    };
    let check = &check;
    thread::scope(|scope| {
        for first in 0..2 {
            scope.spawn(move || TAMPERINGS.iter().skip(first).step_by(2).for_each(check));
        }
    });
}

/// Rules that no seal may have, in a seal that was signed all the same.
#[test]
fn refuses_rules_that_are_none_as_ours_does() {
    let long = "a".repeat(65_536) + "\n";
    for (what, rules) in [
        ("none at all", ""),
        ("too long", &long),
        ("no last line feed", "Whoever lives here."),
        ("carriage returns", "Whoever lives here.\r\n"),
        ("a byte order mark", "\u{feff}Whoever lives here.\n"),
    ] {
        let fixture = Fixture::new();
        let sealed = fixture.seal().unwrap();
        fs::write(fixture.folder.path("rules.txt"), rules).unwrap();
        let sealed = draw::seal::Seal { rules: Digest::of(rules.as_bytes()), ..sealed };
        let note = Note::sign(sealed.text(), &[&fixture.key]).to_string();
        fs::write(fixture.folder.path("seal.txt"), note).unwrap();
        both_refuse(&fixture, what, "rules.txt");
    }
}

#[test]
fn refuses_a_seal_upon_a_round_that_none_may_have_as_ours_does() {
    let chain = QUICKNET.hash();
    for (what, round) in [
        ("of a chain that is not known", Round { chain: Digest::of(b"chain"), round: 1 }),
        ("behind the deadline", Round { chain, round: 600_000_000 }),
    ] {
        let fixture = Fixture::new();
        let sealed = fixture.seal().unwrap();
        let sealed = draw::seal::Seal { drand: Some(round), ..sealed };
        let note = Note::sign(sealed.text(), &[&fixture.key]).to_string();
        fs::write(fixture.folder.path("seal.txt"), note).unwrap();
        both_refuse(&fixture, what, "seal.txt");
    }
}

#[test]
fn refuses_a_sample_before_there_is_a_seed_as_ours_does() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    fs::write(fixture.folder.path("sample.txt"), "").unwrap();
    both_refuse(&fixture, "a sample before there is a seed", "sample.txt");
}

/// `void.txt` is looked at however far the second program is asked to go.
#[test]
fn tells_a_void_draw_as_ours_does_however_far_it_looks() {
    let note = |of: &Fixture, reason: &str| {
        let reason = Words::read(reason).unwrap();
        ceremony::void(&of.folder, &reason, &of.key).unwrap();
        fs::read_to_string(of.folder.path("void.txt")).unwrap()
    };
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    let true_note = note(&fixture, "bad luck");
    let key = fixture.key.verifying().to_string();
    let (code, said) = second(&fixture.folder, &[], &key);
    assert!(code == 0 && said.contains("is VOID: bad luck."), "{said}");
    assert_eq!(fixture.verify().unwrap().history.void(), Some("bad luck"));
    let elsewhere = Fixture::drawn();
    for (what, void) in [
        ("void for another reason than was signed", true_note.replace("bad luck", "good luck")),
        ("cut off", true_note[..true_note.len() / 2].to_owned()),
        ("of another seal", note(&elsewhere, "bad luck")),
    ] {
        fs::write(fixture.folder.path("void.txt"), void).unwrap();
        both_refuse(&fixture, what, "void.txt");
    }
}

/// What is found elsewhere than in the file that was changed: where ours finds it, and where the
/// second program does. In no file, where ours blames the key that was given, or the second program
/// says that it cannot be checked.
const ELSEWHERE: [(&str, Option<&str>, Option<&str>); 9] = [
    // A key of another name may as well be the mistake of whoever gave it.
    ("the seal is of another draw", None, None),
    // The second program looks at the digest first, which stands in the event.
    ("the seed has other balls", Some("seed.txt"), Some("seeded.txt")),
    ("the seed has another beacon", Some("seed.txt"), Some("seeded.txt")),
    ("the seed has another round", Some("seed.txt"), Some("seeded.txt")),
    // The second program calls a file missing, and not wrong; ours tells which one shows it.
    ("a tile is gone", Some("tile/0/000.p/40"), None),
    ("a bundle is gone", Some("tile/entries/000.p/40"), None),
    ("the opening is gone", Some("alternates-1.txt"), None),
    ("the result is gone", Some("alternates-1.txt"), None),
    // By a table that never closes more people have won than the file of winners says.
    ("a shop never closes", Some("cutoffs.txt"), Some("winners.txt")),
];

/// Both call the folder wrong, and name the file that was changed, unless the table above says
/// another one.
fn both_refuse(fixture: &Fixture, what: &str, file: &str) {
    let elsewhere = ELSEWHERE.iter().find(|(case, ..)| *case == what);
    let (ours, theirs) =
        elsewhere.map_or((Some(file), Some(file)), |(_, one, other)| (*one, *other));
    let said = fixture.verify().expect_err(what).to_string();
    let root = fixture.folder.path("").display().to_string();
    let found = said.strip_prefix(&root).and_then(|said| said.split([',', ':']).next());
    assert_eq!(found, ours, "ours: {what}: {said}");
    let (code, said) = second(&fixture.folder, &[], &fixture.key.verifying().to_string());
    let found = said.lines().find_map(|line| line.strip_prefix("WRONG "));
    let found = found.and_then(|found| found.split(',').next());
    let expected = if theirs.is_some() { 1 } else { 2 };
    assert_eq!((code, found), (expected, theirs), "the second program: {what}: {said}");
}

/// An operator who cheats signs the result that they want.
#[test]
fn refuses_a_result_that_the_operator_signed_and_the_draw_did_not_give() {
    let cheats: [Tampering; 4] = [
        ("a friend wins", "winners.txt", |text| replaced(text, ",P1,1\n", ",P2,1\n")),
        ("a winner is left out", "winners.txt", |text| without_line(text, 4)),
        ("a shop closes later", "cutoffs.txt", |text| replaced(text, "1,P1,4,00", "1,P1,4,ff")),
        ("a shop never closes", "cutoffs.txt", |text| without_line(text, 0)),
    ];
    for (what, file, change) in cheats {
        let fixture = Fixture::drawn();
        let path = fixture.folder.path(file);
        fs::write(&path, change(&fs::read_to_string(&path).unwrap())).unwrap();
        let note = Note::read(&fixture.folder.read_text("result.txt").unwrap()).unwrap();
        let event = Event::read(note.text()).unwrap();
        let What::Result { seed, .. } = event.what else { panic!("a result") };
        let winners = fixture.folder.read("winners.txt").unwrap();
        let tables = Tables {
            winners: winners.split(|byte| *byte == b'\n').count() as u64 - 1,
            winners_digest: Digest::of(&winners),
            cutoffs_digest: Digest::of(&fixture.folder.read("cutoffs.txt").unwrap()),
        };
        let event = Event { what: What::Result { seed, tables }, ..event };
        let note = Note::sign(event.text(), &[&fixture.key]).to_string();
        fs::write(fixture.folder.path("result.txt"), note).unwrap();
        both_refuse(&fixture, what, file);
    }
}
