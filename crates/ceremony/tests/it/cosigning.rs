//! Another name under a note: it is added, and nothing else changes.

use crate::fixture::{Fixture, quiet};
use ceremony::CeremonyError;
use draw::note::{Note, SigningKey};
use std::fs;
use zeroize::Zeroizing;

fn key(name: &str, byte: u8) -> SigningKey {
    SigningKey::new(name, &Zeroizing::new([byte; 32])).unwrap()
}

fn cosign(fixture: &Fixture, file: &str, key: &SigningKey) -> Result<bool, CeremonyError> {
    let operator = fixture.key.verifying();
    ceremony::cosign(&fixture.folder.path(file), &operator, key).map(|cosigned| cosigned.is_new)
}

const NOTES: [&str; 7] = [
    "checkpoint",
    "seal.txt",
    "opening.txt",
    "seeded.txt",
    "result.txt",
    "alternates-1.txt",
    "void.txt",
];

/// A draw with a note of each kind.
fn every_note() -> Fixture {
    let fixture = Fixture::whole();
    let reason = draw::seal::Words::read("made up").unwrap();
    ceremony::void(&fixture.folder, &reason, &fixture.key).unwrap();
    fixture
}

#[test]
fn a_signature_is_added_behind_the_others_and_once() {
    let fixture = every_note();
    let (notary, witness) = (key("notary.example", 1), key("witness.example", 2));
    for file in NOTES {
        let before = fixture.folder.read(file).unwrap();
        assert!(cosign(&fixture, file, &notary).unwrap(), "{file}");
        let once = fixture.folder.read(file).unwrap();
        assert!(once.starts_with(&before) && before.len() < once.len(), "{file}");
        assert!(!cosign(&fixture, file, &notary).unwrap(), "{file} was signed before");
        assert_eq!(fixture.folder.read(file).unwrap(), once);
        assert!(cosign(&fixture, file, &witness).unwrap());
        let twice = fixture.folder.read_text(file).unwrap();
        assert!(twice.as_bytes().starts_with(&once), "{file}");
        let note = Note::read(&twice).unwrap();
        for key in [&fixture.key, &notary, &witness] {
            assert_eq!(note.verify(&key.verifying()), Ok(()), "{file}");
        }
    }
    assert_eq!(fixture.verify().unwrap().strays, [] as [&str; 0], "no part is left");
}

#[test]
fn who_signed_is_told_and_verified_where_a_key_was_given() {
    let fixture = Fixture::drawn();
    let (notary, witness) = (key("notary.example", 1), key("witness.example", 2));
    cosign(&fixture, "checkpoint", &notary).unwrap();
    cosign(&fixture, "result.txt", &notary).unwrap();
    cosign(&fixture, "result.txt", &witness).unwrap();
    let told = |keys: &[SigningKey]| {
        let keys: Vec<_> = keys.iter().map(SigningKey::verifying).collect();
        let verified = fixture.verify_with(&keys, &[]).map_err(|error| error.to_string())?;
        let told = |one: ceremony::Signer| {
            let is = if one.is_verified { "is" } else { "says" };
            format!("{} {is} {}", one.file, one.name)
        };
        Ok::<_, String>(verified.signers.into_iter().map(told).collect::<Vec<_>>())
    };
    let none = [
        "result.txt says notary.example",
        "result.txt says witness.example",
        "checkpoint says notary.example",
    ];
    assert_eq!(told(&[]).unwrap(), none);
    let one = [
        "result.txt is notary.example",
        "result.txt says witness.example",
        "checkpoint is notary.example",
    ];
    assert_eq!(told(&[key("notary.example", 1)]).unwrap(), one);
    let said = told(&[key("notary.example", 9)]).unwrap_err();
    assert!(said.contains("no note in it is signed by notary.example"), "{said}");
    let path = fixture.folder.path("result.txt");
    let note = fs::read_to_string(&path).unwrap();
    let own = note.lines().find(|line| line.contains("notary.example")).unwrap();
    let digit = &own[own.len() - 20..own.len() - 19];
    let other = if digit == "A" { "B" } else { "A" };
    let changed = format!("{}{other}{}", &own[..own.len() - 20], &own[own.len() - 19..]);
    fs::write(&path, note.replace(own, &changed)).unwrap();
    let said = told(&[key("notary.example", 1)]).unwrap_err();
    assert!(
        said.contains("result.txt, line 9: the signature of notary.example does not fit"),
        "{said}"
    );
    // Nor is one signed that has a signature of that key which does not fit.
    let error = cosign(&fixture, "result.txt", &notary).unwrap_err().to_string();
    assert!(error.contains("does not fit"), "{error}");
}

#[test]
fn what_the_operator_has_not_signed_nobody_signs() {
    let fixture = Fixture::drawn();
    let notary = key("notary.example", 1);
    let refused = |file: &str, key: &SigningKey, what: &str| {
        let before = fixture.files();
        let error = cosign(&fixture, file, key).unwrap_err();
        assert_eq!(error.code(), "draw-file-wrong", "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(fixture.files(), before, "nothing was changed");
    };
    let path = fixture.folder.path("seal.txt");
    let seal = fs::read_to_string(&path).unwrap();
    fs::write(&path, seal.replace("12:00:00Z", "13:00:00Z")).unwrap();
    refused(
        "seal.txt",
        &notary,
        "seal.txt, line 15: the signature of masks.example/2026-02-18 does not fit",
    );
    fs::write(&path, seal.replace("tidegate-seal/v1", "tidegate-seal/v2")).unwrap();
    refused("seal.txt", &notary, "no checkpoint, seal or event of a draw");
    let text = seal.split("\n\n").next().unwrap();
    let stranger = Note::sign(format!("{text}\n"), &[&key("stranger.example", 3)]);
    fs::write(&path, stranger.to_string()).unwrap();
    refused("seal.txt", &notary, "has no signature of masks.example/2026-02-18");
    fs::write(&path, seal).unwrap();
    refused("entries.txt", &notary, "not a signed note");
    refused("seal.txt", &key("masks.example/2026-02-18", 3), "bears the draw's own name");
    let other = key("other.example/2026-02-18", 3).verifying();
    let error = ceremony::cosign(&path, &other, &notary).unwrap_err().to_string();
    assert!(error.contains("a note of the draw masks.example/2026-02-18"), "{error}");
}

#[test]
fn a_step_given_again_keeps_what_others_have_signed() {
    let fixture = Fixture::drawn();
    for file in ["checkpoint", "seal.txt", "opening.txt", "seeded.txt", "result.txt"] {
        cosign(&fixture, file, &key("notary.example", 1)).unwrap();
    }
    let before = fixture.files();
    fixture.seal().unwrap();
    fixture.open().unwrap();
    fixture.seed().unwrap();
    fixture.run().unwrap();
    assert_eq!(fixture.files(), before);
    assert_eq!(fixture.verify().unwrap().signers.len(), 5);
}

/// A power cut leaves the note as it was, and beside it what was being written.
#[test]
fn a_signature_that_was_cut_off_is_given_again() {
    let fixture = Fixture::drawn();
    let notary = key("notary.example", 1);
    fs::write(fixture.folder.path("seal.txt.part"), "masks").unwrap();
    assert!(cosign(&fixture, "seal.txt", &notary).unwrap());
    assert!(!fixture.folder.path("seal.txt.part").exists());
    fixture.verify().unwrap();
    ceremony::sample(&fixture.folder, 3, &quiet).unwrap();
}

#[test]
fn a_note_has_room_for_a_hundred() {
    let fixture = Fixture::drawn();
    for number in 1..100 {
        assert!(cosign(&fixture, "seal.txt", &key(&format!("w{number}.example"), 1)).unwrap());
    }
    let error = cosign(&fixture, "seal.txt", &key("last.example", 1)).unwrap_err().to_string();
    assert!(error.contains("there is no room for one more"), "{error}");
    fixture.verify().unwrap();
}
