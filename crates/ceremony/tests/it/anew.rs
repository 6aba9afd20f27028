//! A seal behind others of its draw: whose secrets everybody knows, and how those others ended.

use crate::fixture::{Fixture, name, quiet, secret};
use ceremony::{CeremonyError, Earlier, Folder, History, KnownSecret, Reached};
use draw::note::Note;
use draw::seal::{Holder, Seal, Words};
use std::fs;

/// Seals another folder behind others, to the secrets of these numbers.
fn seal(
    fixture: &Fixture,
    folder: &Folder,
    secrets: [u8; 2],
    after: &[&Folder],
) -> Result<Seal, CeremonyError> {
    let after: Vec<Folder> = after.iter().map(|folder| (*folder).clone()).collect();
    fixture.sealing(&after, |sealing| {
        let sealing = Fixture::with_secrets(secrets, sealing);
        ceremony::seal(folder, &sealing, &fixture.key, &quiet)
    })
}

fn folder(fixture: &Fixture, name: &str) -> Folder {
    Folder::create(&fixture.home.path().join(name)).unwrap()
}

fn void(fixture: &Fixture, folder: &Folder) {
    let reason = Words::read("bad luck").unwrap();
    ceremony::void(folder, &reason, &fixture.key).unwrap();
}

/// As an operator would seal who names the seal before and keeps its opening to themselves.
fn seal_by_force(fixture: &Fixture, folder: &Folder, secrets: [u8; 2], after: &Folder) {
    seal(fixture, folder, secrets, &[]).unwrap();
    let note = Note::read(&folder.read_text("seal.txt").unwrap()).unwrap();
    let previous = Some(History::read(after).unwrap().last());
    let sealed = Seal { previous, ..Seal::read(note.text()).unwrap() };
    let note = Note::sign(sealed.text(), &[&fixture.key]).to_string();
    fs::write(folder.path("seal.txt"), note).unwrap();
}

#[test]
fn a_secret_that_everybody_knows_is_not_sealed_again() {
    let fixture = Fixture::new();
    let first = &fixture.folder;
    fixture.seal().unwrap();
    fixture.open().unwrap();
    void(&fixture, first);
    let anew = folder(&fixture, "anew");
    // Both, the operator's, the notary's; and the notary's in the operator's place.
    for (secrets, party) in
        [([6, 7], "operator"), ([6, 9], "operator"), ([8, 7], "notary"), ([7, 9], "operator")]
    {
        let refused = seal(&fixture, &anew, secrets, &[first]).unwrap_err();
        assert_eq!(refused.code(), "draw-seed-refused");
        let said = refused.to_string();
        assert!(said.starts_with(&format!("the {party}'s commitment is of a secret")), "{said}");
        assert!(said.contains("draw/opening.txt, where the draw before opened it"), "{said}");
        let make =
            format!("(tidegate draw secret FILE --draw masks.example/2026-02-18 --party {party})");
        assert!(said.contains(&make), "{said}");
        assert!(!anew.has("entries.txt").unwrap() && !anew.has("seal.txt").unwrap());
    }
    let sealed = seal(&fixture, &anew, [8, 9], &[first]).unwrap();
    assert_eq!(seal(&fixture, &anew, [8, 9], &[first]).unwrap(), sealed, "given again");
    void(&fixture, &anew);
    // Nobody has opened the second: its secrets are secrets still, those of the first never more.
    let third = folder(&fixture, "third");
    let refused = seal(&fixture, &third, [8, 7], &[&anew, first]).unwrap_err();
    assert_eq!(refused.code(), "draw-seed-refused");
    seal(&fixture, &third, [8, 9], &[&anew, first]).unwrap();
}

#[test]
fn what_was_opened_before_a_draw_that_stands_is_known_behind_it_too() {
    let fixture = Fixture::new();
    let first = &fixture.folder;
    fixture.seal().unwrap();
    fixture.open().unwrap();
    void(&fixture, first);
    let anew = folder(&fixture, "anew");
    seal(&fixture, &anew, [8, 9], &[first]).unwrap();
    let opened = draw::seed::Opened {
        operator: secret(8),
        notary: secret(9),
        ..Fixture::opened("08 41 17")
    };
    ceremony::open(&anew, &opened, &fixture.key).unwrap();
    ceremony::seed(&anew, Some(Fixture::beacon()), &fixture.key).unwrap();
    ceremony::run(&anew, &fixture.key, &quiet).unwrap();
    let returned = fixture.input("returned", "P1,1\n");
    let [entries, stock] = ["entries", "stock"].map(|file| fixture.home.path().join(file));
    fs::remove_file(&entries).unwrap();
    fs::remove_file(&stock).unwrap();
    ceremony::remaining(&anew, &returned, &entries, &stock, &quiet).unwrap();
    let fresh = folder(&fixture, "fresh");
    for secrets in [[8, 11], [10, 9], [6, 11], [10, 7]] {
        let refused = seal(&fixture, &fresh, secrets, &[&anew, first]).unwrap_err();
        assert_eq!(refused.code(), "draw-seed-refused", "{secrets:?}");
    }
    // Whoever gives a folder that belongs to no seal is told so.
    let refused = seal(&fixture, &fresh, [10, 11], &[&anew, first, first]).unwrap_err();
    assert!(refused.to_string().contains("not the seal that the one after it names"), "{refused}");
    seal(&fixture, &fresh, [10, 11], &[&anew, first]).unwrap();
    let told = |after: &[Folder]| {
        let Earlier::Verified { seals, is_whole, known, .. } =
            fixture.verify_folder(&fresh, after).unwrap().earlier
        else {
            panic!("the folders before are verified, too")
        };
        assert_eq!(known, []);
        let seals: Vec<_> = seals.into_iter().map(|seal| (seal.reached, seal.void)).collect();
        (seals, is_whole)
    };
    let stands = (Reached::Drawn, None);
    let opened = (Reached::Opened, Some("bad luck".to_owned()));
    assert_eq!(told(&[anew.clone(), first.clone()]), (vec![stands.clone(), opened], true));
    assert_eq!(told(&[anew]), (vec![stands], false), "one before it was not given");
}

#[test]
fn how_far_a_void_draw_had_come_is_told_with_what_everybody_knew() {
    let reached = [Reached::Sealed, Reached::Opened, Reached::Seeded, Reached::Drawn];
    for (steps, reached) in reached.into_iter().enumerate() {
        let fixture = Fixture::new();
        let first = &fixture.folder;
        fixture.seal().unwrap();
        if 1 <= steps {
            fixture.open().unwrap();
        }
        if 2 <= steps {
            fixture.seed().unwrap();
        }
        if 3 <= steps {
            fixture.run().unwrap();
        }
        void(&fixture, first);
        let anew = folder(&fixture, "anew");
        seal_by_force(&fixture, &anew, [6, 7], first);
        let verified = fixture.verify_folder(&anew, std::slice::from_ref(first)).unwrap();
        let Earlier::Verified { seals, is_whole: true, known, units: None } = verified.earlier
        else {
            panic!("the folder before is verified, too")
        };
        let [before] = &seals[..] else { panic!("one seal before") };
        assert_eq!((before.reached, before.void.as_deref()), (reached, Some("bad luck")));
        assert_eq!((&before.file, &before.known), (&first.path("seal.txt"), &vec![]));
        let opened_in = first.path("opening.txt");
        let all = [Holder::Operator, Holder::Notary]
            .map(|holder| KnownSecret { holder, opened_in: opened_in.clone() });
        assert_eq!(known, if steps == 0 { &[][..] } else { &all[..] });
        // A seal that is there was taken once, and is taken again.
        let again = seal(&fixture, &anew, [6, 7], &[first]).unwrap();
        assert_eq!(
            (again.draw, again.previous),
            (name(), History::read(first).ok().map(|h| h.last()))
        );
    }
}
