//! The steps in their order, done again, cut off, and out of order.

use crate::fixture::{Fixture, ROUND, line, lines, name, quiet, secret};
use ceremony::{CeremonyError, Earlier, Folder, History, Sealing};
use draw::beacon::{BeaconSignature, QUICKNET};
use draw::note::Note;
use draw::proof::Proof;
use draw::seal::{Round, Words};
use draw::seed::Opened;
use std::cell::Cell;
use std::fs;

fn code<T>(result: Result<T, CeremonyError>) -> &'static str {
    result.map(|_| ()).unwrap_err().code()
}

#[test]
fn a_whole_draw_is_verified() {
    let fixture = Fixture::drawn();
    let verified = fixture.verify().unwrap();
    assert!(verified.signed);
    assert_eq!(verified.history.seal.entries, 40);
    assert_eq!(verified.tables, verified.history.tables());
    let drawn = fixture.run().unwrap();
    assert_eq!((drawn.units_given, drawn.units_left), (9, 0));
    let names: Vec<_> = fixture.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "checkpoint",
            "cutoffs.txt",
            "entries.txt",
            "opening.txt",
            "result.txt",
            "rules.txt",
            "seal.txt",
            "seed.txt",
            "seeded.txt",
            "stock.txt",
            "tile/0/000.p/40",
            "tile/entries/000.p/40",
            "winners.txt"
        ]
    );
}

#[test]
fn a_step_that_was_done_is_done_again_to_the_same_bytes() {
    let fixture = Fixture::drawn();
    let before = fixture.files();
    fixture.seal().unwrap();
    fixture.open().unwrap();
    fixture.seed().unwrap();
    fixture.run().unwrap();
    assert_eq!(fixture.files(), before);
}

#[test]
fn the_order_of_arrival_plays_no_part() {
    let (one, two) = (Fixture::drawn(), Fixture::new());
    let turned: String = lines(40).lines().rev().map(|line| format!("{line}\n")).collect();
    two.input("entries", &turned);
    two.seal().unwrap();
    two.open().unwrap();
    two.seed().unwrap();
    two.run().unwrap();
    assert_eq!(one.files(), two.files());
}

/// A power cut may come behind any file: each step goes on to the same end.
#[test]
fn a_step_that_was_cut_off_is_gone_on_with() {
    let whole = Fixture::drawn();
    let files = whole.files();
    let order = [
        "entries.txt",
        "stock.txt",
        "rules.txt",
        "tile/0/000.p/40",
        "tile/entries/000.p/40",
        "checkpoint",
        "seal.txt",
        "opening.txt",
        "seed.txt",
        "seeded.txt",
        "winners.txt",
        "cutoffs.txt",
        "result.txt",
    ];
    for (count, last) in order.iter().enumerate() {
        let again = Fixture::new();
        let is_tile = last.starts_with("tile/");
        for name in order[..=count].iter().filter(|name| !is_tile || !name.starts_with("tile/")) {
            let (_, bytes) = files.iter().find(|(found, _)| found == name).unwrap();
            let path = again.folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        // What a step was writing when it was cut off.
        fs::write(again.folder.path("entries.txt.part"), "half a li").unwrap();
        fs::create_dir_all(again.folder.path("tile.part/0")).unwrap();
        if count + 1 < order.len() {
            fs::write(again.folder.path("result.txt.part"), "tidegate-res").unwrap();
        }
        again.seal().unwrap();
        again.open().unwrap();
        again.seed().unwrap();
        again.run().unwrap();
        again.verify().unwrap();
        assert!(again.files() == files, "cut off behind {last}");
    }
}

#[test]
fn alternates_and_a_sample_that_were_cut_off_are_gone_on_with() {
    let whole = Fixture::whole();
    let files = whole.files();
    let order = ["returned-1.txt", "winners-1.txt", "cutoffs-1.txt", "alternates-1.txt"];
    for count in 0..=order.len() {
        let again = Fixture::drawn();
        for name in &order[..count] {
            fs::copy(whole.folder.path(name), again.folder.path(name)).unwrap();
        }
        for name in order.iter().skip(count).chain(["sample.txt"].iter()) {
            fs::write(again.folder.path(&format!("{name}.part")), "half a li").unwrap();
        }
        let back = again.input("returned", "P1,1\nP2,2\n");
        ceremony::alternates(&again.folder, 1, &back, &again.key, &quiet).unwrap();
        ceremony::sample(&again.folder, 7, &quiet).unwrap();
        assert!(again.files() == files, "cut off behind {count} files");
    }
}

#[test]
fn a_next_list_that_was_cut_off_is_written_again_and_another_is_not_written_over() {
    let fixture = Fixture::drawn();
    let [entries, stock] = ["left", "now"].map(|name| fixture.home.path().join(name));
    let remaining = |back: &str| {
        let back = fixture.input("returned", back);
        ceremony::remaining(&fixture.folder, &back, &entries, &stock, &quiet)
    };
    fixture.input("left.part", "half a li");
    let count = remaining("P1,1\n").unwrap();
    assert_eq!(remaining("P1,1\n").unwrap(), count);
    let before = (fs::read(&entries).unwrap(), fs::read(&stock).unwrap());
    assert_eq!(code(remaining("P1,2\n")), "draw-differs");
    assert_eq!((fs::read(&entries).unwrap(), fs::read(&stock).unwrap()), before);
    assert!(!fixture.home.path().join("left.part").exists());
}

#[test]
fn a_page_is_there_whole_or_not_at_all() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    let files = [("index.html", "page".to_owned()), ("page.js", "script".to_owned())];
    let page = || ceremony::page(&fixture.folder, &fixture.key.verifying(), &files);
    // Cut off in the middle of it, by a program that knew other files.
    let part = fixture.folder.path("check.part");
    fs::create_dir(&part).unwrap();
    fs::write(part.join("other.js"), "half a scr").unwrap();
    let there = page().unwrap();
    let mut names: Vec<_> =
        there.read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["index.html", "page.js"]);
    assert!(!part.exists());
    fs::remove_file(there.join("page.js")).unwrap();
    page().unwrap();
    assert_eq!(fs::read_to_string(there.join("page.js")).unwrap(), "script");
}

#[test]
fn each_step_wants_the_one_before() {
    let fixture = Fixture::new();
    assert_eq!(code(fixture.open()), "draw-out-of-order");
    assert_eq!(code(fixture.run()), "draw-out-of-order");
    fixture.seal().unwrap();
    assert_eq!(code(fixture.seed()), "draw-out-of-order");
    assert_eq!(code(fixture.run()), "draw-out-of-order");
    fixture.open().unwrap();
    assert_eq!(code(fixture.run()), "draw-out-of-order");
    let returned = fixture.input("returned", "P1,1\n");
    let alternates = || ceremony::alternates(&fixture.folder, 1, &returned, &fixture.key, &quiet);
    assert_eq!(code(alternates()), "draw-out-of-order");
    assert_eq!(code(ceremony::sample(&fixture.folder, 3, &quiet)), "draw-out-of-order");
    fixture.seed().unwrap();
    assert_eq!(code(alternates()), "draw-out-of-order");
    fixture.run().unwrap();
    alternates().unwrap();
}

#[test]
fn there_is_never_a_second_seed() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    let open = |opened: &Opened| ceremony::open(&fixture.folder, opened, &fixture.key);
    let wrong = Opened { notary: secret(8), ..Fixture::opened("08 41 17") };
    let refused = open(&wrong).unwrap_err();
    assert_eq!(refused.code(), "draw-seed-refused");
    let told = "draw/seal.txt, line 9: the notary's secret does not open its commitment";
    assert!(refused.to_string().contains(told), "{refused}");
    fixture.open().unwrap();
    assert_eq!(code(open(&Fixture::opened("08 41 18"))), "draw-differs");
    let seed = |beacon| ceremony::seed(&fixture.folder, beacon, &fixture.key);
    let signature = BeaconSignature([1; 48]);
    let not_the_round = "the signature is not that of round 657413 of the chain quicknet";
    for (beacon, what) in [(None, "the seal wants a beacon"), (Some(signature), not_the_round)] {
        let refused = seed(beacon).unwrap_err();
        assert_eq!(refused.code(), "draw-seed-refused");
        let path = fixture.folder.path("seal.txt");
        assert_eq!(refused.to_string(), format!("against {}, line 11: {what}", path.display()));
    }
    let seed = fixture.seed().unwrap();
    assert_eq!(fixture.seed().unwrap(), seed);
}

/// The signature is held against the round of the seal, whichever round somebody has in mind.
#[test]
fn the_seed_is_of_the_round_that_was_sealed() {
    let fixture = Fixture::new();
    let next = fixture.sealing(&[], |mut sealing| {
        sealing.drand = Some(Round { chain: QUICKNET.hash(), round: ROUND + 1 });
        ceremony::seal(&fixture.folder, &sealing, &fixture.key, &quiet)
    });
    next.unwrap();
    fixture.open().unwrap();
    let refused = fixture.seed().unwrap_err();
    assert_eq!(refused.code(), "draw-seed-refused");
    let told = "draw/seal.txt, line 11: ";
    assert!(refused.to_string().contains(told), "{refused}");
    assert!(refused.to_string().contains("657414"), "{refused}");
}

#[test]
fn a_seal_that_is_there_is_not_sealed_over() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    let before = fixture.files();
    fixture.input("entries", &lines(41));
    assert_eq!(code(fixture.seal()), "draw-differs");
    fixture.input("entries", &lines(40));
    fixture.input("rules", "Other rules.\n");
    assert_eq!(code(fixture.seal()), "draw-differs");
    fixture.input("rules", "Whoever lives here may enter.\n");
    let other = fixture.sealing(&[], |mut sealing| {
        sealing.deadline = "2026-02-18T12:00:01Z".parse().unwrap();
        ceremony::seal(&fixture.folder, &sealing, &fixture.key, &quiet)
    });
    assert_eq!(code(other), "draw-differs");
    assert_eq!(fixture.files(), before);
}

#[test]
fn a_round_behind_the_deadline_is_not_sealed() {
    let fixture = Fixture::new();
    let late = fixture.sealing(&[], |mut sealing| {
        sealing.deadline = "2023-09-15T07:30:00Z".parse().unwrap();
        ceremony::seal(&fixture.folder, &sealing, &fixture.key, &quiet)
    });
    assert_eq!(code(late), "draw-seed-refused");
    assert_eq!(fixture.files(), []);
}

/// Making the list of millions takes minutes, and what is sealed is only fixed behind it.
#[test]
fn what_comes_while_the_list_is_made_keeps_it_from_being_sealed() {
    let fixture = Fixture::new();
    let (folder, is_made) = (&fixture.folder, Cell::new(false));
    let late = || {
        is_made.set(folder.has("entries.txt.part").unwrap());
        Err(CeremonyError::TooLate("the round has appeared".to_owned()))
    };
    let seal = || {
        fixture.sealing(&[], |sealing| {
            let sealing = Sealing { may_sign: &late, ..sealing };
            ceremony::seal(folder, &sealing, &fixture.key, &quiet)
        })
    };
    assert_eq!((code(seal()), is_made.get()), ("draw-seed-refused", true));
    assert_eq!(fixture.files(), [], "nothing is left");
    let sealed = fixture.seal().unwrap();
    assert_eq!(seal().unwrap(), sealed, "one that is there stands, whatever time it is");
}

#[test]
fn a_line_is_proved_and_another_is_not() {
    let fixture = Fixture::drawn();
    let line = line(7);
    let beginning = &line.as_bytes()[..65];
    let proved = ceremony::prove(&fixture.folder, beginning).unwrap().unwrap();
    assert_eq!(proved.line, line.trim_end().as_bytes());
    let read = Proof::read(&proved.proof.write()).unwrap();
    let checkpoint = read.check(line.trim_end().as_bytes()).unwrap();
    assert_eq!((checkpoint.size, checkpoint.origin.as_str()), (40, name().as_str()));
    let note = Note::read(&read.checkpoint).unwrap();
    assert_eq!(note.verify(&fixture.key.verifying()), Ok(()));
    for nobody in [&b"nobody"[..], &[b'0'; 65], &[b'f'; 65]] {
        assert!(ceremony::prove(&fixture.folder, nobody).unwrap().is_none());
    }
    let tile = fixture.folder.path("tile/0/000.p/40");
    let bytes = fs::read(&tile).unwrap();
    fs::write(&tile, &bytes[..bytes.len() - 1]).unwrap();
    let cut = ceremony::prove(&fixture.folder, beginning);
    assert!(
        cut.unwrap_err().to_string().ends_with("not 40 hashes of 32 bytes: cut off, or too long")
    );
}

#[test]
fn alternates_go_on_down_the_ranking() {
    let fixture = Fixture::drawn();
    let returned = fixture.input("returned", "P1,1\nP2,2\n");
    let alternates = |number, returned| {
        ceremony::alternates(&fixture.folder, number, returned, &fixture.key, &quiet)
    };
    assert_eq!(code(alternates(2, &returned)), "draw-out-of-order");
    for number in [1, 1, 2, 1] {
        let drawn = alternates(number, &returned).unwrap();
        assert_eq!((drawn.number, drawn.drawn.units_given, drawn.drawn.units_left), (number, 3, 0));
    }
    let verified = fixture.verify().unwrap();
    assert_eq!(verified.history.alternates(), 2);
    let mut served = Vec::new();
    for file in ["winners.txt", "winners-1.txt", "winners-2.txt"] {
        let text = String::from_utf8(fixture.folder.read(file).unwrap()).unwrap();
        served.extend(text.lines().map(|row| row.split(',').nth(1).unwrap().to_owned()));
    }
    let count = served.len();
    served.sort();
    served.dedup();
    assert_eq!(served.len(), count, "nobody wins twice");
    let unknown = fixture.input("unknown", "P1,1\nP9,2\n");
    let refused = alternates(3, &unknown);
    assert!(refused.unwrap_err().to_string().contains("line 2: P9 is not in the draw's stock"));
    let many = fixture.input("many", "P1,4\n");
    let refused = alternates(3, &many);
    let said = refused.unwrap_err().to_string();
    assert!(said.ends_with("line 1: 4 units came back to P1, of which only 3 are out"), "{said}");
    let other = fixture.input("other", "P1,1\n");
    assert_eq!(code(alternates(1, &other)), "draw-differs");
    assert_eq!(fixture.verify().unwrap().history.alternates(), 2, "nothing was written");
}

#[test]
fn a_void_draw_goes_no_further_and_is_sealed_anew() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    fixture.open().unwrap();
    let reason = Words::read("the round had not come by the deadline").unwrap();
    let void = |reason: &Words| ceremony::void(&fixture.folder, reason, &fixture.key);
    void(&reason).unwrap();
    void(&reason).unwrap();
    assert_eq!(code(void(&Words::read("another reason").unwrap())), "draw-differs");
    assert_eq!(code(fixture.seed()), "draw-out-of-order");
    let last = History::read(&fixture.folder).unwrap().last();

    let anew = Folder::create(&fixture.home.path().join("anew")).unwrap();
    let seal = fixture.sealing(std::slice::from_ref(&fixture.folder), |sealing| {
        let sealing = Fixture::with_secrets([8, 9], sealing);
        ceremony::seal(&anew, &sealing, &fixture.key, &quiet)
    });
    assert_eq!(seal.unwrap().previous, Some(last));
    let early = fixture.sealing(std::slice::from_ref(&anew), |sealing| {
        let other = Folder::create(&fixture.home.path().join("other")).unwrap();
        ceremony::seal(&other, &sealing, &fixture.key, &quiet)
    });
    assert_eq!(code(early), "draw-out-of-order");
}

/// A next folder of the draw, sealed with what `change` makes of list and stock that remain.
fn sealed_after(
    fixture: &Fixture,
    folders: &[Folder],
    name: &str,
    change: impl Fn(String, String) -> (String, String),
) -> Result<Folder, CeremonyError> {
    let returned = fixture.input("returned", "P1,1\nP2,2\n");
    let [entries, stock] = ["entries", "stock"].map(|file| fixture.home.path().join(file));
    fs::remove_file(&entries).unwrap();
    fs::remove_file(&stock).unwrap();
    ceremony::remaining(&fixture.folder, &returned, &entries, &stock, &quiet)?;
    let read = |path| fs::read_to_string(path).unwrap();
    let (list, units) = change(read(&entries), read(&stock));
    fs::write(entries, list).unwrap();
    fs::write(stock, units).unwrap();
    let next = Folder::create(&fixture.home.path().join(name)).unwrap();
    fixture.sealing(folders, |sealing| {
        let sealing = Fixture::with_secrets([8, 9], sealing);
        ceremony::seal(&next, &sealing, &fixture.key, &quiet)
    })?;
    Ok(next)
}

#[test]
fn fresh_numbers_are_for_those_who_have_nothing() {
    let fixture = Fixture::drawn();
    let drawn = std::slice::from_ref(&fixture.folder);
    let same = |list, stock| (list, stock);
    let next = sealed_after(&fixture, drawn, "next", same).unwrap();
    assert_eq!(next.read("stock.txt").unwrap(), b"P1#65,0\nP1,1\nP2,2\nP3,0\n");
    let history = History::read(&next).unwrap();
    let winners = fixture.folder.read_text("winners.txt").unwrap().lines().count() as u64;
    assert_eq!(history.seal.entries, 40 - winners);
    assert_eq!(history.seal.previous, Some(History::read(&fixture.folder).unwrap().last()));

    let more = |list, stock| (list, format!("{stock}P9,1\n"));
    let refused = sealed_after(&fixture, drawn, "more", more).unwrap_err().to_string();
    assert!(refused.contains("the same buckets in the same order"), "{refused}");
    let fewer = |list: String, stock| (list.split_once('\n').unwrap().1.to_owned(), stock);
    let error = |folder: &Folder, after: &[Folder]| {
        let verified = fixture.verify_folder(folder, after);
        verified.map(|verified| verified.earlier)
    };
    let Ok(Earlier::Verified { seals, units: Some(units), .. }) = error(&next, drawn) else {
        panic!("the folder before is verified, too")
    };
    assert_eq!(seals.len(), 1);
    assert_eq!((units.left, units.now), (0, 3));
    assert_eq!((units.fewer, units.more), (vec![], vec![]));
    assert!(matches!(error(&next, &[]), Ok(Earlier::NotGiven)));
    let refused = sealed_after(&fixture, drawn, "fewer", fewer).unwrap_err().to_string();
    assert!(refused.contains("not exactly the entries that have nothing in"), "{refused}");
    assert!(!fixture.home.path().join("fewer/entries.txt").exists());

    // Void, and sealed once more: the draw before still counts.
    let reason = Words::read("made up").unwrap();
    ceremony::void(&next, &reason, &fixture.key).unwrap();
    let all = |_, stock| (lines(40), stock);
    let short = sealed_after(&fixture, std::slice::from_ref(&next), "short", same);
    assert_eq!(code(short), "draw-out-of-order");
    let chain = [next, fixture.folder.clone()];
    let refused = sealed_after(&fixture, &chain, "all", all).unwrap_err().to_string();
    assert!(refused.contains("not exactly the entries that have nothing in"), "{refused}");
    let last = sealed_after(&fixture, &chain, "last", same).unwrap();
    let Ok(Earlier::Verified { seals, .. }) = error(&last, &chain) else {
        panic!("both folders before are verified, too")
    };
    assert_eq!(seals.len(), 2);
    // What is wrong with a folder before is found, and so is one that is not the one before.
    let winners = fixture.folder.path("winners.txt");
    let whole = fs::read_to_string(&winners).unwrap();
    fs::write(&winners, whole.replacen(",P1,1\n", ",P2,1\n", 1)).unwrap();
    let refused = error(&last, &chain).unwrap_err().to_string();
    assert!(refused.contains("draw/winners.txt, line "), "{refused}");
    fs::write(&winners, whole).unwrap();
    let refused = error(&last, &chain[1..]).unwrap_err().to_string();
    assert!(refused.contains("seal.txt, line 13: names "), "{refused}");
}

#[test]
fn a_sample_is_the_same_for_everybody() {
    let fixture = Fixture::drawn();
    let sample = ceremony::sample(&fixture.folder, 5, &quiet).unwrap();
    let more = ceremony::sample(&fixture.folder, 5, &quiet).unwrap();
    assert_eq!((sample.len(), &sample), (5, &more));
    assert!(sample.is_sorted());
    assert_eq!(code(ceremony::sample(&fixture.folder, 6, &quiet)), "draw-differs");
}

#[test]
fn an_empty_list_is_a_draw_that_nobody_wins() {
    let fixture = Fixture::new();
    fixture.input("entries", "");
    fixture.seal().unwrap();
    fixture.open().unwrap();
    fixture.seed().unwrap();
    assert_eq!(fixture.run().unwrap().units_left, 9);
    assert_eq!(fixture.verify().unwrap().history.seal.entries, 0);
}
