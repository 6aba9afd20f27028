//! A folder that says anything but the truth is found out, file by file.

use crate::fixture::{Fixture, line, name, quiet, secret};
use ceremony::{Against, Folder};
use draw::beacon::QUICKNET;
use draw::note::{Checkpoint, Note, SigningKey};
use draw::seal::{Holder, Program, Round, Seal, Words};
use draw::tree::{TreeBuilder, leaf};
use draw::{Digest, tile};
use std::fs;
use zeroize::Zeroizing;

/// Behind the file and the line of the operator's signature.
const DOES_NOT_FIT: &str = "the signature of masks.example/2026-02-18 does not fit: the text was \
                            changed, or another key signed it";

/// What verifying says after `change` was made to a file of a whole draw.
fn found(file: &str, change: impl Fn(&str) -> String) -> String {
    let fixture = Fixture::drawn();
    let path = fixture.folder.path(file);
    let before = fs::read_to_string(&path).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "the change changes something");
    fs::write(&path, after).unwrap();
    fixture.told(&fixture.verify().expect_err("a file that was changed is found"))
}

fn replaced(from: &'static str, to: &'static str) -> impl Fn(&str) -> String {
    move |text| text.replacen(from, to, 1)
}

#[test]
fn a_changed_list_is_found() {
    let first_line_gone = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    let swapped = |text: &str| {
        let mut lines: Vec<_> = text.split_inclusive('\n').collect();
        lines.swap(3, 4);
        lines.concat()
    };
    let last_line_gone = |text: &str| text[..text.trim_end().rfind('\n').unwrap() + 1].to_owned();
    let one_more = |text: &str| format!("{text}{}{}", "f".repeat(64), &line(99)[64..]);
    let not_sealed = "not the line that was sealed, as the tiles tell";
    let third = |text: &str| {
        let third = text.lines().nth(2).unwrap();
        text.replacen(third, &third.replacen(",P", ",P1>P", 1), 1)
    };
    assert_eq!(found("entries.txt", third), format!("entries.txt, line 3: {not_sealed}"));
    assert_eq!(found("entries.txt", first_line_gone), format!("entries.txt, line 1: {not_sealed}"));
    assert_eq!(found("entries.txt", last_line_gone), format!("entries.txt, line 40: {not_sealed}"));
    let more = found("entries.txt", one_more);
    assert_eq!(more, "entries.txt, line 41: only 40 lines were sealed");
    let order = "entries.txt, line 5: not behind the line before it in the order of bytes";
    assert_eq!(found("entries.txt", swapped), order);
    let empty = found("entries.txt", |text| format!("{text}\n"));
    assert!(empty.starts_with("entries.txt, line 41: an entry has five parts"), "{empty}");
}

#[test]
fn a_changed_list_is_found_where_no_tile_tells_the_line() {
    let fixture = Fixture::drawn();
    let path = fixture.folder.path("entries.txt");
    let list = fs::read_to_string(&path).unwrap();
    fs::write(&path, list.replacen(",1,1,", ",2,1,", 1)).unwrap();
    for damage in [&b"cut off"[..], &[7; 40 * 32]] {
        fs::write(fixture.folder.path("tile/0/000.p/40"), damage).unwrap();
        let said = fixture.verify().unwrap_err().to_string();
        assert!(said.ends_with("entries.txt: not the list that was sealed"), "{said}");
    }
}

#[test]
fn a_changed_stock_or_rule_is_found() {
    let stock = found("stock.txt", replaced("P1,3", "P1,4"));
    assert_eq!(stock, "stock.txt: not the stock that was sealed");
    let rules = found("rules.txt", replaced("may", "may not"));
    assert_eq!(rules, "rules.txt: not the rules that were sealed");
}

#[test]
fn a_changed_event_is_found() {
    for (file, line, from, to) in [
        ("seal.txt", 15, "entries 40", "entries 41"),
        ("seal.txt", 15, "12:00:00Z", "12:00:01Z"),
        ("seal.txt", 15, "program 0.1.0", "program 0.1.1"),
        ("opening.txt", 9, "balls 08 41", "balls 41 08"),
        ("result.txt", 8, "winners ", "winners 1"),
    ] {
        let said = found(file, replaced(from, to));
        assert_eq!(said, format!("{file}, line {line}: {DOES_NOT_FIT}"));
    }
    let unsigned = found("seal.txt", |text| text.split("\n\n").next().unwrap().to_owned());
    assert!(unsigned.starts_with("seal.txt: not a signed note"), "{unsigned}");
    let order = found("seeded.txt", replaced("previous ", "previous 0"));
    assert!(order.starts_with("seeded.txt, line 4: expected `previous <64 hex>`"), "{order}");
}

#[test]
fn a_changed_seed_is_found() {
    let said = found("seed.txt", replaced("balls 08", "balls 09"));
    assert_eq!(said, "seed.txt: secrets or balls are not those of opening.txt");
    let said = found("seed.txt", replaced("operator 06", "operator 07"));
    let told = "seed.txt, line 3: the operator's secret does not open its commitment";
    assert!(said.starts_with(told), "{said}");
    let said = found("seed.txt", replaced(" 657413 ", " 657414 "));
    assert!(said.contains("the seal fixes round 657413"), "{said}");
    let said = found("seed.txt", replaced("drand 52db", "drand 62db"));
    assert!(
        said.starts_with("seed.txt, line 6: the seal fixes round 657413 of its chain"),
        "{said}"
    );
    let said = found("seed.txt", replaced(" b713", " b714"));
    assert!(said.contains("not that of round 657413 of the chain quicknet"), "{said}");
}

#[test]
fn a_changed_result_is_found_with_its_line() {
    let swapped = |text: &str| {
        let mut rows: Vec<_> = text.split_inclusive('\n').collect();
        rows.swap(1, 2);
        rows.concat()
    };
    let cut = |text: &str| text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    let not_given = "not what the list and the seed give";
    assert_eq!(found("winners.txt", swapped), format!("winners.txt, line 2: {not_given}"));
    assert_eq!(found("winners.txt", cut), format!("winners.txt, line 8: {not_given}"));
    let said = found("winners.txt", replaced(",P1,", ",P2,"));
    assert!(said.ends_with(not_given), "{said}");
    let said = found("cutoffs.txt", swapped);
    assert_eq!(said, format!("cutoffs.txt, line 2: {not_given}"));
}

#[test]
fn another_checkpoint_is_found() {
    let said = found("checkpoint", replaced("\n40\n", "\n41\n"));
    assert_eq!(said, format!("checkpoint, line 5: {DOES_NOT_FIT}"));
}

/// Any other name under a note is no operator's, and it takes no key to see that.
#[test]
fn a_note_that_the_operator_did_not_sign_is_found_without_a_key() {
    let stranger = SigningKey::new("stranger.example", &Zeroizing::new([3; 32])).unwrap();
    for file in ["checkpoint", "seal.txt", "opening.txt", "seeded.txt", "result.txt"] {
        let fixture = Fixture::drawn();
        let note = Note::read(&fixture.folder.read_text(file).unwrap()).unwrap();
        let note = Note::sign(note.text().to_owned(), &[&stranger]);
        fs::write(fixture.folder.path(file), note.to_string()).unwrap();
        let error = ceremony::verify(&fixture.folder, &Against::default(), &quiet).unwrap_err();
        let told = format!("{file}: the note has no signature of {}", name());
        assert_eq!(fixture.told(&error), told);
        assert_eq!(fixture.told(&fixture.verify().unwrap_err()), told);
    }
}

/// Of a chain that nobody knows, nobody can say that its round had not appeared.
#[test]
fn a_seal_upon_a_chain_that_is_not_known_is_found_however_far_the_draw_has_come() {
    let fixture = Fixture::new();
    let sealed = fixture.seal().unwrap();
    let chain = Digest::of(b"another chain");
    let sealed = Seal { drand: Some(Round { chain, round: crate::fixture::ROUND }), ..sealed };
    let note = Note::sign(sealed.text(), &[&fixture.key]).to_string();
    fs::write(fixture.folder.path("seal.txt"), note).unwrap();
    let told = format!(
        "seal.txt, line 11: the chain {chain} is not known: nobody here can say when its rounds \
         appear, or check what they said"
    );
    assert_eq!(fixture.told(&fixture.verify().unwrap_err()), told);
    let reason = Words::read("made up").unwrap();
    ceremony::void(&fixture.folder, &reason, &fixture.key).unwrap();
    assert_eq!(fixture.told(&fixture.verify().unwrap_err()), told);

    let anew = Fixture::new();
    let refused = anew.sealing(&[], |mut sealing| {
        sealing.drand = sealed.drand;
        ceremony::seal(&anew.folder, &sealing, &anew.key, &quiet)
    });
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "draw-seed-refused");
    assert!(refused.to_string().starts_with(&format!("the chain {chain} is not known: ")));
    assert_eq!(anew.files(), []);
}

#[test]
fn a_whole_draw_of_another_key_is_found() {
    let fixture = Fixture::drawn();
    let other = SigningKey::new("masks.example/2026-02-18", &Zeroizing::new([1; 32])).unwrap();
    let error = {
        let key = other.verifying();
        let against = Against { operator: Some(&key), ..Against::default() };
        ceremony::verify(&fixture.folder, &against, &quiet).unwrap_err()
    };
    assert!(error.to_string().contains("has no signature of masks.example/2026-02-18"), "{error}");
    let verified = ceremony::verify(&fixture.folder, &Against::default(), &quiet).unwrap();
    assert!(!verified.signed);
}

/// A notary's key, given for the operator's, would make the notary's signatures count as the
/// operator's.
#[test]
fn only_a_key_of_the_draws_name_is_the_operators() {
    let fixture = Fixture::drawn();
    let notary = SigningKey::new("notary.example", &Zeroizing::new([2; 32])).unwrap();
    for file in ["checkpoint", "seal.txt", "opening.txt", "seeded.txt", "result.txt"] {
        ceremony::cosign(&fixture.folder.path(file), &fixture.key.verifying(), &notary).unwrap();
    }
    let key = notary.verifying();
    let against = Against { operator: Some(&key), ..Against::default() };
    let error = ceremony::verify(&fixture.folder, &against, &quiet).unwrap_err();
    assert_eq!(error.code(), "draw-key-wrong");
    assert!(error.to_string().contains("bears the draw's name"), "{error}");
}

/// What verifying says after `change` was made to the bytes of a file of a whole draw.
fn found_bytes(file: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let fixture = Fixture::whole();
    let path = fixture.folder.path(file);
    let before = fs::read(&path).unwrap();
    fs::write(&path, change(before)).unwrap();
    fixture.told(&fixture.verify().expect_err("a file that was changed is found"))
}

fn flipped(at: usize) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |mut bytes| {
        bytes[at] ^= 1;
        bytes
    }
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.pop();
    bytes
}

#[test]
fn a_changed_tile_is_found_with_its_line() {
    let tile = "tile/0/000.p/40";
    let other = format!("{tile}: hash 4 is not that of line 4 of entries.txt");
    assert_eq!(found_bytes(tile, flipped(3 * 32)), other);
    let short = format!("{tile}: not 40 hashes of 32 bytes: cut off, or too long");
    assert_eq!(found_bytes(tile, cut), short);
    let bundle = "tile/entries/000.p/40";
    let other = format!("{bundle}: entry 1 is not line 1 of entries.txt");
    assert_eq!(found_bytes(bundle, flipped(2)), other);
    let short = format!("{bundle}: not a bundle of 40 entries: cut off, or too long");
    assert_eq!(found_bytes(bundle, cut), short);
    let fixture = Fixture::whole();
    assert_eq!(fixture.verify().unwrap().tiles, Some(2));
    fs::remove_dir_all(fixture.folder.path("tile")).unwrap();
    let said = fixture.verify().unwrap_err().to_string();
    assert!(said.ends_with("tile/0/000.p/40: it is not there"), "{said}");
    let against = Against { without_tiles: true, ..Against::default() };
    assert_eq!(ceremony::verify(&fixture.folder, &against, &quiet).unwrap().tiles, None);
}

#[test]
fn a_changed_sample_is_found_with_its_line() {
    let first_line_gone = |bytes: Vec<u8>| {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        bytes[end + 1..].to_vec()
    };
    let what = "not the entries with the smallest audit ranks, in their order";
    let first = format!("sample.txt, line 1: {what}");
    assert_eq!(found_bytes("sample.txt", first_line_gone), first);
    let more = found_bytes("sample.txt", |bytes| [&bytes[..], b"0,1\n"].concat());
    assert_eq!(more, format!("sample.txt, line 8: {what}"));
    assert_eq!(found_bytes("sample.txt", cut), format!("sample.txt, line 7: {what}"));
    let early = Fixture::new();
    early.seal().unwrap();
    fs::write(early.folder.path("sample.txt"), "").unwrap();
    let said = early.verify().unwrap_err().to_string();
    assert!(said.ends_with("sample.txt: a sample that was chosen before there was a seed"));
}

#[test]
fn an_event_that_was_taken_away_is_missed() {
    for (gone, behind) in [
        ("opening.txt", "result.txt"),
        ("seeded.txt", "result.txt"),
        ("result.txt", "alternates-1.txt"),
        ("alternates-1.txt", "alternates-2.txt"),
    ] {
        let fixture = Fixture::whole();
        let none = fixture.input("none", "P1,0\n");
        ceremony::alternates(&fixture.folder, 2, &none, &fixture.key, &quiet).unwrap();
        fs::remove_file(fixture.folder.path(gone)).unwrap();
        let said = fixture.verify().unwrap_err().to_string();
        assert!(said.contains(&format!("it is there, and {gone}, which comes before")), "{said}");
        assert!(said.contains(behind) || gone != "alternates-1.txt", "{said}");
    }
}

#[test]
fn what_nothing_speaks_of_is_told() {
    let fixture = Fixture::whole();
    fs::write(fixture.folder.path("winners-2.txt"), "").unwrap();
    fs::write(fixture.folder.path("notes.txt"), "").unwrap();
    assert_eq!(fixture.verify().unwrap().strays, ["notes.txt", "winners-2.txt"]);
}

/// A tile of a tree that was smaller, one that no tree of this size has, and a folder of its own.
#[test]
fn what_lies_among_the_tiles_and_is_none_is_told() {
    let fixture = Fixture::whole();
    let put = |name: &str| {
        let path = fixture.folder.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    };
    let belongs_nowhere =
        ["tile/0/000.p/39", "tile/1/000.p/1", "tile/entries/000", "tile/notes.txt", "tile/x/a/b"];
    belongs_nowhere.iter().for_each(|name| put(name));
    let verified = fixture.verify().unwrap();
    let strays = ["tile/0/000.p/39", "tile/1", "tile/entries/000", "tile/notes.txt", "tile/x"];
    assert_eq!((verified.strays, verified.tiles), (strays.map(str::to_owned).to_vec(), Some(2)));
    let against = Against { without_tiles: true, ..Against::default() };
    let verified = ceremony::verify(&fixture.folder, &against, &quiet).unwrap();
    assert_eq!(verified.strays, [] as [&str; 0], "what nobody looked at nobody judges");
}

/// An operator who cheats seals a list that no seal may have.
fn sealed_by_force(list: &str) -> String {
    let fixture = Fixture::new();
    let put = |name: &str, bytes: &[u8]| {
        let path = fixture.folder.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let (stock, rules) = (crate::fixture::STOCK, "Whatever.\n");
    let (mut tree, mut bundle, mut count) = (TreeBuilder::default(), Vec::new(), 0);
    let mut keep = |tile: draw::tile::Tile, hashes: &[Digest]| {
        put(&tile.to_string(), &tile::write(hashes));
    };
    for line in list.lines() {
        tree.push(leaf(line.as_bytes()), &mut keep);
        tile::write_entry(&mut bundle, line.as_bytes());
        count += 1;
    }
    let root = tree.finish(&mut keep);
    put(&format!("tile/entries/000.p/{count}"), &bundle);
    let seal = Seal {
        draw: name(),
        entries: count,
        root,
        list: Digest::of(list.as_bytes()),
        stock: Digest::of(stock.as_bytes()),
        rules: Digest::of(rules.as_bytes()),
        program: Program { version: "0.1.0".to_owned(), digest: Digest::of(b"a program") },
        operator: secret(6).commitment(&name(), Holder::Operator),
        notary: secret(7).commitment(&name(), Holder::Notary),
        balls: None,
        drand: Some(Round { chain: QUICKNET.hash(), round: crate::fixture::ROUND }),
        deadline: "2026-02-18T12:00:00Z".parse().unwrap(),
        previous: None,
    };
    let head = Checkpoint { origin: name().to_string(), size: count, root };
    for (file, text) in [("checkpoint", head.text()), ("seal.txt", seal.text())] {
        put(file, Note::sign(text, &[&fixture.key]).to_string().as_bytes());
    }
    for (file, text) in [("entries.txt", list), ("stock.txt", stock), ("rules.txt", rules)] {
        put(file, text.as_bytes());
    }
    match fixture.verify() {
        Ok(_) => String::new(),
        Err(error) => fixture.told(&error),
    }
}

#[test]
fn a_list_that_was_sealed_against_the_rules_is_found_with_its_line() {
    let mut lines: Vec<_> = (0..6).map(line).collect();
    lines.sort_unstable();
    assert_eq!(sealed_by_force(&lines.concat()), "");
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        sealed_by_force(&changed.concat())
    };
    let unsorted = with(&|lines| lines.swap(1, 4));
    let order = "not behind the line before it in the order of bytes";
    assert_eq!(unsorted, format!("entries.txt, line 3: {order}"));
    let twice = with(&|lines| lines.insert(2, lines[1].clone()));
    assert_eq!(twice, "entries.txt, line 3: the same as the line before it");
    let tag = with(&|lines| {
        let (tag, other) = (lines[0][65..97].to_owned(), lines[3][65..97].to_owned());
        lines[3] = lines[3].replace(&other, &tag);
    });
    let said = "entries.txt, line 4: a person is in the list twice: their tag stands in line 1";
    assert_eq!(tag, said);
    let ends = with(&|lines| lines[2] = lines[2].replace('\n', "\r\n"));
    assert!(ends.starts_with("entries.txt, line 3: the line ends in a carriage return"), "{ends}");
    let bucket = with(&|lines| lines[2] = lines[2].replacen(",P", ",Q", 1));
    assert!(bucket.starts_with("entries.txt, line 3: choice 1 is Q"), "{bucket}");
}

#[test]
fn a_folder_that_breaks_the_chain_is_found() {
    let fixture = Fixture::drawn();
    let first = std::slice::from_ref(&fixture.folder);
    let error = Fixture::drawn().verify_with(&[], first).unwrap_err().to_string();
    assert!(error.contains("seal.txt, line 13: names no event before it"), "{error}");
    let other = Folder::open(&fixture.home.path().join("none")).unwrap_err();
    assert_eq!(other.code(), "draw-disk");
}
