//! What a step builds upon: signed by the operator, as it was sealed, and for itself alone.

use crate::fixture::{Fixture, line, name, quiet};
use ceremony::CeremonyError;
use draw::Digest;
use draw::event::{Event, Tables, What};
use draw::note::{Note, SigningKey};
use draw::seal::Words;
use std::fs;
use std::os::unix::fs::symlink;
use zeroize::Zeroizing;

fn code<T>(result: Result<T, CeremonyError>) -> &'static str {
    result.map(|_| ()).unwrap_err().code()
}

fn key(name: &str, byte: u8) -> SigningKey {
    SigningKey::new(name, &Zeroizing::new([byte; 32])).unwrap()
}

fn edit(fixture: &Fixture, file: &str, from: &str, to: &str) {
    let path = fixture.folder.path(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} says {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn no_step_goes_on_from_a_seal_that_was_edited_after_signing() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    edit(&fixture, "seal.txt", "2026-02-18T12:00", "2026-02-19T12:00");
    let before = fixture.files();
    let reason = Words::read("too late").unwrap();
    let void = ceremony::void(&fixture.folder, &reason, &fixture.key);
    for step in [fixture.open(), void, fixture.seal().map(drop)] {
        must_not_fit(&fixture, step, "seal.txt, line 15");
    }
    assert_eq!(fixture.files(), before, "nothing was signed upon it");

    let fixture = Fixture::drawn();
    edit(&fixture, "opening.txt", "08 41 17", "08 41 18");
    for step in [fixture.seed().map(drop), fixture.run().map(drop)] {
        must_not_fit(&fixture, step, "opening.txt, line 9");
    }
    // The note that was edited is named, not the one behind it, whose chain breaks by that.
    edit(&fixture, "seal.txt", "2026-02-18T12:00", "2026-02-19T12:00");
    must_not_fit(&fixture, fixture.run().map(drop), "seal.txt, line 15");
}

fn must_not_fit(fixture: &Fixture, step: Result<(), CeremonyError>, place: &str) {
    let error = step.unwrap_err();
    assert_eq!(error.code(), "draw-file-wrong");
    let what = "does not fit: the text was changed, or another key signed it";
    assert_eq!(fixture.told(&error), format!("{place}: the signature of {} {what}", name()));
}

#[test]
fn a_step_with_a_key_that_is_not_the_operators_leaves_nothing() {
    let fixture = Fixture::new();
    let notary = key("notary.example", 9);
    let same_name = key(name().as_str(), 9);
    let sealed =
        fixture.sealing(&[], |sealing| ceremony::seal(&fixture.folder, &sealing, &notary, &quiet));
    assert_eq!(code(sealed), "draw-key-wrong");
    assert_eq!(fixture.files(), []);
    fixture.seal().unwrap();
    let before = fixture.files();
    let opened = Fixture::opened("08 41 17");
    assert_eq!(code(ceremony::open(&fixture.folder, &opened, &notary)), "draw-key-wrong");
    assert_eq!(code(ceremony::open(&fixture.folder, &opened, &same_name)), "draw-file-wrong");
    assert_eq!(fixture.files(), before);
    fixture.open().unwrap();
    assert_eq!(code(ceremony::run(&fixture.folder, &same_name, &quiet)), "draw-file-wrong");
}

#[test]
fn two_steps_at_once_are_refused_and_none_writes_over_the_other() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    let before = fixture.files();
    let other = fs::File::open(fixture.folder.path("")).unwrap();
    other.lock().unwrap();
    assert_eq!(code(fixture.open()), "draw-busy");
    assert_eq!(code(fixture.seal()), "draw-busy");
    assert_eq!(fixture.files(), before);
    drop(other);
    fixture.open().unwrap();
}

#[test]
fn alternates_sample_and_what_is_left_are_of_the_sealed_list_and_the_signed_tables() {
    let fixture = Fixture::drawn();
    let returned = fixture.input("returned", "P1,1\n");
    let alternates =
        || ceremony::alternates(&fixture.folder, 1, &returned, &fixture.key, &quiet).map(drop);
    let remaining = || {
        let [entries, stock] =
            ["next-entries", "next-stock"].map(|name| fixture.home.path().join(name));
        ceremony::remaining(&fixture.folder, &returned, &entries, &stock, &quiet).map(drop)
    };
    let steps: [&dyn Fn() -> Result<(), CeremonyError>; 4] = [
        &alternates,
        &remaining,
        &|| ceremony::sample(&fixture.folder, 3, &quiet).map(drop),
        &|| ceremony::left(&fixture.folder, &quiet).map(drop),
    ];
    // One line with more tickets; then a list that was cut off at the end of a line.
    let list = fs::read_to_string(fixture.folder.path("entries.txt")).unwrap();
    let more = line(0).trim_end().replacen(",1,1,", ",3,1,", 1);
    for wrong in
        [list.replacen(line(0).trim_end(), &more, 1), list[..list.len() - line(0).len()].to_owned()]
    {
        fs::write(fixture.folder.path("entries.txt"), &wrong).unwrap();
        for step in steps {
            assert_eq!(code(step()), "draw-file-wrong");
        }
    }
    fs::write(fixture.folder.path("entries.txt"), &list).unwrap();
    let winners = fs::read_to_string(fixture.folder.path("winners.txt")).unwrap();
    let one_less = &winners[winners.find('\n').unwrap() + 1..];
    fs::write(fixture.folder.path("winners.txt"), one_less).unwrap();
    for step in [steps[0], steps[1], steps[3]] {
        let said = step().unwrap_err().to_string();
        assert!(said.contains("winners.txt: not the file that the signed event names"), "{said}");
    }
    for file in ["alternates-1.txt", "returned-1.txt", "sample.txt"] {
        assert!(!fixture.folder.has(file).unwrap(), "{file}");
    }
}

/// An operator who signs winners that the list and the stock do not have.
#[test]
fn what_cannot_be_in_signed_winners_is_told_with_its_line() {
    for (from, to, told) in [
        (",P1,1\n", ",P2,1\n", "gives more units of P2 than there are"),
        (",P2,1\n", ",P2,1\n", ""),
    ] {
        let fixture = Fixture::drawn();
        let path = fixture.folder.path("winners.txt");
        let winners = fs::read_to_string(&path).unwrap().replace(from, to);
        fs::write(&path, &winners).unwrap();
        let note = Note::read(&fixture.folder.read_text("result.txt").unwrap()).unwrap();
        let event = Event::read(note.text()).unwrap();
        let What::Result { seed, tables } = event.what else { panic!("a result") };
        let tables = Tables { winners_digest: Digest::of(winners.as_bytes()), ..tables };
        let event = Event { what: What::Result { seed, tables }, ..event };
        let note = Note::sign(event.text(), &[&fixture.key]).to_string();
        fs::write(fixture.folder.path("result.txt"), note).unwrap();
        let left = ceremony::left(&fixture.folder, &quiet).map(drop);
        assert_eq!(left.is_ok(), told.is_empty(), "{left:?}");
        let said = left.err().map(|error| error.to_string()).unwrap_or_default();
        let (_, line) = said.split_once("winners.txt, line ").unwrap_or_default();
        assert!(line.ends_with(told) && line.is_empty() == told.is_empty(), "{said}");
    }
}

/// Whoever runs it again gets the same files, or is told which of them differs.
#[test]
fn a_table_that_was_edited_is_named_and_not_drawn_over() {
    let edited = ["winners.txt", "cutoffs.txt"];
    let of_alternates = ["returned-1.txt", "winners-1.txt", "cutoffs-1.txt"];
    for (file, of_run) in
        edited.map(|file| (file, true)).into_iter().chain(of_alternates.map(|file| (file, false)))
    {
        let fixture = Fixture::whole();
        edit(&fixture, file, "1", "2");
        let before = fixture.files();
        let again = || match of_run {
            true => fixture.run().map(drop),
            false => {
                let back = fixture.home.path().join("returned");
                ceremony::alternates(&fixture.folder, 1, &back, &fixture.key, &quiet).map(drop)
            }
        };
        must_differ(&fixture, again(), file);
        assert_eq!(fixture.files(), before, "{file}");
    }
}

fn must_differ(fixture: &Fixture, again: Result<(), CeremonyError>, file: &str) {
    let error = again.unwrap_err();
    assert_eq!(error.code(), "draw-differs");
    let what = "is there already and differs from what this would write; nothing was changed";
    assert_eq!(fixture.told(&error), format!("{file} {what}"));
}

/// An operator who has signed another result than list and seed give cannot have it written by
/// running the draw again.
#[test]
fn a_result_that_differs_from_the_signed_one_is_not_written() {
    let fixture = Fixture::drawn();
    let note = Note::read(&fixture.folder.read_text("result.txt").unwrap()).unwrap();
    let event = Event::read(note.text()).unwrap();
    let What::Result { seed, tables } = event.what else { panic!("a result") };
    let tables = Tables { winners_digest: Digest::of(b"others"), ..tables };
    let event = Event { what: What::Result { seed, tables }, ..event };
    let note = Note::sign(event.text(), &[&fixture.key]).to_string();
    fs::write(fixture.folder.path("result.txt"), note).unwrap();
    for gone in ["winners.txt", "cutoffs.txt"] {
        fs::remove_file(fixture.folder.path(gone)).unwrap();
    }
    let before = fixture.files();
    must_differ(&fixture, fixture.run().map(drop), "result.txt");
    assert_eq!(fixture.files(), before);
}

#[test]
fn a_list_that_is_not_the_sealed_one_is_not_drawn() {
    let fixture = Fixture::drawn();
    fs::remove_file(fixture.folder.path("winners.txt")).unwrap();
    let list = fs::read_to_string(fixture.folder.path("entries.txt")).unwrap();
    fs::write(fixture.folder.path("entries.txt"), &list[list.find('\n').unwrap() + 1..]).unwrap();
    let said = fixture.told(&fixture.run().unwrap_err());
    assert_eq!(said, "entries.txt: not the list that was sealed");
    assert!(!fixture.folder.has("winners.txt").unwrap());
}

#[test]
fn rules_that_another_program_would_refuse_are_not_sealed() {
    for (text, line) in
        [("\u{feff}One each.\n", 1), ("One each.\r\n", 1), ("One each.\nNo more.", 2), ("", 1)]
    {
        let fixture = Fixture::new();
        fixture.input("rules", text);
        let said = fixture.seal().unwrap_err();
        assert_eq!(said.code(), "draw-file-wrong");
        assert!(said.to_string().contains(&format!("rules, line {line}: ")), "{said}");
        assert_eq!(fixture.files(), []);
    }
    let fixture = Fixture::new();
    fs::write(fixture.home.path().join("rules"), b"One each.\n\xff\n").unwrap();
    assert!(fixture.seal().unwrap_err().to_string().contains("rules, line 2: not text in UTF-8"));
}

#[test]
fn a_link_in_the_folder_is_not_written_through() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    let own = fixture.input("own", "precious\n");
    symlink(&own, fixture.folder.path("opening.txt.part")).unwrap();
    fixture.open().unwrap();
    assert_eq!(fs::read_to_string(&own).unwrap(), "precious\n");
    assert!(!fs::symlink_metadata(fixture.folder.path("opening.txt")).unwrap().is_symlink());
}

#[test]
fn files_that_are_too_large_or_no_files_are_refused_before_they_are_read() {
    let fixture = Fixture::drawn();
    let path = fixture.folder.path("result.txt");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{}", "x".repeat(65 << 10))).unwrap();
    let said = fixture.run().unwrap_err().to_string();
    assert!(said.contains("result.txt: more than 65536 bytes"), "{said}");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let said = fixture.run().unwrap_err().to_string();
    assert!(said.ends_with("result.txt: not a file"), "{said}");
}

#[test]
fn tiles_without_their_list_are_not_taken_for_those_of_another() {
    let fixture = Fixture::new();
    fixture.seal().unwrap();
    for file in ["entries.txt", "seal.txt", "checkpoint"] {
        fs::remove_file(fixture.folder.path(file)).unwrap();
    }
    let said = fixture.seal().unwrap_err().to_string();
    assert!(said.contains("tile: it is there without the list"), "{said}");
}

#[test]
fn a_cosigners_key_is_given_once_and_is_not_the_operators() {
    let fixture = Fixture::drawn();
    let notary = key("notary.example", 9);
    for file in ["seal.txt", "checkpoint"] {
        ceremony::cosign(&fixture.folder.path(file), &fixture.key.verifying(), &notary).unwrap();
    }
    let once = notary.verifying();
    fixture.verify_with(std::slice::from_ref(&once), &[]).unwrap();
    for twice in [vec![once.clone(), once.clone()], vec![fixture.key.verifying()]] {
        assert_eq!(code(fixture.verify_with(&twice, &[])), "draw-key-wrong");
    }
}

#[test]
fn a_file_that_only_looks_like_alternates_is_a_stray() {
    let fixture = Fixture::drawn();
    fs::write(fixture.folder.path("alternates-notice.txt"), "see you there\n").unwrap();
    let verified = fixture.verify().unwrap();
    assert_eq!(verified.strays, ["alternates-notice.txt"]);
    fs::write(fixture.folder.path("alternates-2.txt"), "").unwrap();
    let said = fixture.verify().unwrap_err().to_string();
    assert!(said.contains("alternates-1.txt, which comes before it, is not"), "{said}");
}
