//! Notes, seals, seeds, events and receipts: read as they are written, and nothing else is read.

use draw::beacon::{BeaconSignature, QUICKNET};
use draw::event::{Event, Tables, What};
use draw::identity::{Salt, commit};
use draw::line::Parts;
use draw::note::{Checkpoint, Note, NoteProblem, SigningKey, VerifyingKey};
use draw::proof::{Proof, ProofProblem};
use draw::receipt::Receipt;
use draw::seal::{Deadline, Holder, Program, Round, Seal, Secret, Words};
use draw::seed::{Balls, BeaconRound, Opened, SeedProblem, SeedText};
use draw::{Digest, DrawName, FormatProblem, Line, identity};
use expect_test::expect;
use zeroize::Zeroizing;

fn name() -> DrawName {
    "masks.example/2026-02-18".parse().unwrap()
}

fn secret(byte: u8) -> Secret {
    Secret(Zeroizing::new([byte; 32]))
}

fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn signing_key(name: &str, byte: u8) -> SigningKey {
    SigningKey::new(name, &Zeroizing::new([byte; 32])).unwrap()
}

fn seal() -> Seal {
    Seal {
        draw: name(),
        entries: 11,
        root: digest(1),
        list: digest(2),
        stock: digest(3),
        rules: digest(4),
        program: Program { version: "0.1.0".to_owned(), digest: digest(5) },
        operator: secret(6).commitment(&name(), Holder::Operator),
        notary: secret(7).commitment(&name(), Holder::Notary),
        balls: Words::read("6 of 01-49, in the order drawn"),
        drand: Some(Round { chain: QUICKNET.hash(), round: 657_413 }),
        deadline: "2026-02-18T12:00:00Z".parse().unwrap(),
        previous: None,
    }
}

fn opened() -> Opened {
    Opened { operator: secret(6), notary: secret(7), balls: Balls::read("08 41 17 33 02 25") }
}

fn round() -> BeaconRound {
    let signature = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                     41076862b98fad56e91a6b85b89cd97b";
    let signature = BeaconSignature::read(signature).unwrap();
    BeaconRound { chain: QUICKNET.hash(), round: 657_413, signature }
}

fn seed() -> SeedText {
    SeedText { seal: seal().digest(), opened: opened(), drand: Some(round()) }
}

/// A problem over several lines.
fn told(problem: &FormatProblem) -> String {
    let said = problem.to_string();
    said.replacen(", found", ",\nfound", 1).replacen(": expected", ":\nexpected", 1) + "\n"
}

#[test]
fn a_seal_is_written_as_the_format_says() {
    expect![[r#"
        tidegate-seal/v1
        draw masks.example/2026-02-18
        suite sha256
        entries 11 root 0101010101010101010101010101010101010101010101010101010101010101 file 0202020202020202020202020202020202020202020202020202020202020202
        stock 0303030303030303030303030303030303030303030303030303030303030303
        rules 0404040404040404040404040404040404040404040404040404040404040404
        program 0.1.0 0505050505050505050505050505050505050505050505050505050505050505
        operator-commitment 4abde85466e968ac551100e532481146da205e3c8dd2c965a45014e271ae06f4
        notary-commitment 28813cfa462a2a09bc6dcdf82c2c96ba66c0af3d1f51fcbb1d4b7a294eabbcaf
        balls 6 of 01-49, in the order drawn
        drand 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971 round 657413
        deadline 2026-02-18T12:00:00Z
        previous none
    "#]]
    .assert_eq(&seal().text());
    let bare = Seal { balls: None, drand: None, previous: Some(digest(9)), ..seal() };
    assert!(seal().is_publicly_verifiable() && !bare.is_publicly_verifiable());
    for seal in [seal(), bare] {
        assert_eq!(Seal::read(&seal.text()), Ok(seal));
    }
}

#[test]
fn a_deadline_is_of_a_year_that_every_program_can_reckon_with() {
    for taken in ["2000-01-01T00:00:00Z", "9998-12-31T23:59:59Z"] {
        assert_eq!(taken.parse::<Deadline>().unwrap().to_string(), taken);
    }
    for refused in [
        "1999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "-009999-01-02T01:59:59Z",
        "9999-01-01T00:00:00Z",
        // The last that the library has, and one that it has not.
        "9999-12-30T22:00:00Z",
        "9999-12-31T23:59:59Z",
    ] {
        let said = refused.parse::<Deadline>().unwrap_err().to_string();
        let form = "a deadline is in UTC and whole seconds, in a year from 2000 to 9998: \
                    2026-02-18T12:00:00Z";
        assert_eq!(said, form, "{refused}");
    }
}

#[test]
fn a_seal_that_was_edited_is_refused_with_its_line() {
    let text = seal().text();
    let problem = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        told(&Seal::read(&text.replacen(from, to, 1)).unwrap_err())
    };
    expect![[r#"
        line 1:
        expected `tidegate-seal/v1`,
        found `tidegate-seal/v2`
    "#]]
    .assert_eq(&problem("seal/v1", "seal/v2"));
    expect![[r#"
        line 3:
        expected `suite sha256`,
        found `suite sha512`
    "#]]
    .assert_eq(&problem("sha256", "sha512"));
    expect![[r#"
        line 4:
        expected `entries <count> root <64 hex> file <64 hex>`,
        found `entries 011 root 01010101010101010101010`
    "#]]
    .assert_eq(&problem("entries 11", "entries 011"));
    expect![[r#"
        line 11:
        expected `drand <chain hash> round <round>, or none`,
        found `drand 52db9ba70e0cc0f6eaf7803dd07447a1f5`
    "#]]
    .assert_eq(&problem("round 657413", "round 0"));
    expect![[r#"
        line 12:
        expected `deadline <RFC 3339, UTC, whole seconds, years 2000 to 9998>`,
        found `deadline 2026-02-18T13:00:00+01:00`
    "#]]
    .assert_eq(&problem("2026-02-18T12:00:00Z", "2026-02-18T13:00:00+01:00"));
    expect![[r#"
        line 13:
        expected `previous <64 hex>, or none`,
        found `previous nothing`
    "#]]
    .assert_eq(&problem("previous none", "previous nothing"));
    let tail = |tail: &str| told(&Seal::read(&format!("{text}{tail}")).unwrap_err());
    expect![[r#"
        line 15:
        expected `a line feed, and then the end`,
        found `more`
    "#]]
    .assert_eq(&tail("more\n"));
    expect![[r#"
        line 15:
        expected `a line feed, and then the end`,
        found ``
    "#]]
    .assert_eq(&tail("\n"));
    let cut = told(&Seal::read(text.trim_end()).unwrap_err());
    expect![[r#"
        line 15:
        expected `a line feed, and then the end`,
        found the end
    "#]]
    .assert_eq(&cut);
}

#[test]
fn a_seed_is_what_the_seal_allows() {
    let seed = seed();
    assert_eq!(SeedText::read(&seed.text()), Ok(seed.clone()));
    assert_eq!(seed.check(&seal()), Ok(()));
    assert_eq!(seed.seed(), Digest::of(seed.text().as_bytes()));
    let bare = SeedText { drand: None, opened: Opened { balls: None, ..opened() }, ..seed };
    assert_eq!(SeedText::read(&bare.text()), Ok(bare));
}

#[test]
fn a_seed_of_anything_else_is_refused() {
    let problem = |seed: SeedText| seed.check(&seal()).unwrap_err();
    let of = |opened| SeedText { opened, ..seed() };
    let with = |drand| SeedText { drand, ..seed() };
    assert!(matches!(problem(SeedText { seal: digest(0), ..seed() }), SeedProblem::Seal { .. }));
    let wrong = problem(of(Opened { notary: secret(8), ..opened() }));
    assert!(matches!(wrong, SeedProblem::Secret { holder: Holder::Notary, .. }), "{wrong}");
    let swapped = problem(of(Opened { operator: secret(7), notary: secret(6), ..opened() }));
    assert!(matches!(swapped, SeedProblem::Secret { holder: Holder::Operator, .. }), "{swapped}");
    let bare = problem(of(Opened { balls: None, ..opened() }));
    assert_eq!(bare, SeedProblem::Balls { sealed: true });
    assert_eq!(problem(with(None)), SeedProblem::Beacon { sealed: true });
    let later = problem(with(Some(BeaconRound { round: 657_414, ..round() })));
    assert!(matches!(later, SeedProblem::Round { sealed: 657_413, found: 657_414, .. }));
    let elsewhere = problem(with(Some(BeaconRound { chain: digest(1), ..round() })));
    assert!(matches!(elsewhere, SeedProblem::Round { .. }), "{elsewhere}");
    let mut forged = round();
    forged.signature.0[0] ^= 1;
    assert!(matches!(problem(with(Some(forged))), SeedProblem::NotTheRound(_)));
    let unknown = Seal { drand: Some(Round { chain: digest(1), round: 1 }), ..seal() };
    let drand = Some(BeaconRound { chain: digest(1), round: 1, ..round() });
    let seed = SeedText { seal: unknown.digest(), drand, ..seed() };
    assert_eq!(seed.check(&unknown), Err(SeedProblem::UnknownChain(digest(1))));
}

#[test]
fn every_event_is_read_as_it_is_written() {
    let tables = Tables { winners: 8, winners_digest: digest(1), cutoffs_digest: digest(2) };
    let reason = Words::read("the round had not come by the deadline").unwrap();
    let events = [
        What::Opening { seal: digest(1), opened: opened() },
        What::Seeded { seed: digest(1) },
        What::Result { seed: digest(1), tables },
        What::Alternates { number: 1, returned: digest(3), tables },
        What::Void { reason },
    ];
    for what in events {
        for is_private in [false, true] {
            let is_private = is_private && !matches!(what, What::Void { .. });
            let event = Event { draw: name(), what: what.clone(), is_private, previous: digest(9) };
            let text = event.text();
            assert_eq!(text.contains("\nnot publicly verifiable\nprevious "), is_private);
            assert_eq!(Event::read(&text), Ok(event));
        }
    }
    let problem = Event::read("tidegate-seal/v1\n").unwrap_err();
    expect![[r#"
        line 1:
        expected `tidegate-opening/v1, -seeded, -result, -alternates or -void`,
        found `tidegate-seal/v1`
    "#]]
    .assert_eq(&told(&problem));
}

#[test]
fn a_note_is_verified_by_the_key_that_signed_it_alone() {
    let (operator, notary) = (signing_key(name().as_str(), 1), signing_key("notary.example", 2));
    let mut note = Note::sign(seal().text(), &[&operator]);
    note.cosign(&notary);
    note.cosign(&notary);
    let read = Note::read(&note.to_string()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.names().collect::<Vec<_>>(), [name().as_str(), "notary.example"]);
    assert_eq!(read.digest(), seal().digest());
    for key in [&operator, &notary] {
        assert_eq!(read.verify(&key.verifying()), Ok(()));
    }
    let stranger = signing_key(name().as_str(), 3).verifying();
    assert_eq!(read.verify(&stranger), Err(NoteProblem::NotSigned(name().to_string())));
    let edited = note.to_string().replacen("entries 11", "entries 12", 1);
    let edited = Note::read(&edited).unwrap();
    let wrong = |name: &str, line| Err(NoteProblem::Wrong { name: name.to_owned(), line });
    assert_eq!(edited.verify(&operator.verifying()), wrong(name().as_str(), 15));
    assert_eq!(edited.verify(&notary.verifying()), wrong("notary.example", 16));
}

#[test]
fn what_is_no_note_is_not_read() {
    let note = Note::sign("a\n".to_owned(), &[&signing_key("n", 1)]).to_string();
    assert!(Note::read(&note).is_ok());
    let unsigned = note.split("\n\n").next().unwrap();
    assert_eq!(Note::read(unsigned), Err(NoteProblem::Shape));
    assert_eq!(Note::read(note.trim_end()), Err(NoteProblem::Shape));
    for (place, wrong) in [(1, "a\r\n"), (2, "a\n\tb\n"), (3, "a\n\nä\n")] {
        let read = Note::read(&note.replace("a\n", wrong));
        assert_eq!(read, Err(NoteProblem::NotAscii { line: place }), "{wrong:?}");
    }
    let first = NoteProblem::Signature { number: 1, line: 3 };
    assert_eq!(Note::read(&note.replace("— n", "- n")), Err(first.clone()));
    assert_eq!(Note::read(&note.replace("— n ", "— n+n ")), Err(first));
    let second = NoteProblem::Signature { number: 2, line: 4 };
    assert_eq!(Note::read(&format!("{note}- n\n")), Err(second));
    let signature = note.lines().last().unwrap();
    let twice = NoteProblem::Twice { name: "n".to_owned(), line: 4 };
    assert_eq!(Note::read(&format!("{note}{signature}\n")), Err(twice));
    assert_eq!(Note::read(&format!("{note}{}", "x".repeat(1 << 17))), Err(NoteProblem::TooLong));
}

#[test]
fn a_published_key_is_of_one_form() {
    let key = signing_key("notary.example", 2).verifying();
    let text = key.to_string();
    assert_eq!(text.parse::<VerifyingKey>(), Ok(key));
    let (name, rest) = text.split_once('+').unwrap();
    for wrong in
        [format!("other+{rest}"), name.to_owned(), format!("{text}="), text.replace('+', "-")]
    {
        assert!(wrong.parse::<VerifyingKey>().is_err(), "{wrong}");
    }
}

#[test]
fn a_private_key_is_read_as_it_is_written_and_is_not_told() {
    let key = signing_key("notary.example", 2);
    let text = key.write();
    let read = SigningKey::read(&text).unwrap();
    assert_eq!(read.verifying(), key.verifying());
    assert_eq!(format!("{read:?}"), "SigningKey(notary.example, ..)");
    assert!(SigningKey::read(text.trim_end()).is_err());
    assert!(SigningKey::read(&text.replacen("notary", "other", 1)).is_err());
}

#[test]
fn a_checkpoint_is_three_lines() {
    let key = signing_key("n", 1);
    let note = |text: &str| Note::sign(text.to_owned(), &[&key]);
    let checkpoint = Checkpoint { origin: "lot.example".to_owned(), size: 11, root: digest(1) };
    let text = checkpoint.text();
    assert_eq!(Checkpoint::read(&note(&text)), Ok(checkpoint));
    for wrong in ["\n11\nAAAA\n", "a\n011\nAAAA\n", "a\n11\nAAAA\n", &format!("{text}more\n")] {
        assert_eq!(Checkpoint::read(&note(wrong)), Err(NoteProblem::NoCheckpoint), "{wrong:?}");
    }
}

#[test]
fn a_proof_of_another_form_proves_nothing() {
    let text = include_str!("../vector/entry4.tlog-proof");
    let with = |from: &str, to: &str| Proof::read(&text.replacen(from, to, 1));
    assert_eq!(with("@v1", "@v2"), Err(ProofProblem::Shape(1)));
    assert_eq!(with("index 4", "index 04"), Err(ProofProblem::Shape(2)));
    assert_eq!(with("6kjp", "6kj"), Err(ProofProblem::Shape(3)));
    assert_eq!(with("index 4", "extra AAAA\nindex 4"), Proof::read(text));
    assert!(Proof::read("").is_err());
}

#[test]
fn a_receipt_opens_to_its_people_and_nobody_else() {
    let person = |text: &str| text.parse::<identity::Identity>().unwrap();
    let people = [person("RIC-CN:440106199001011230"), person("P-GB:123456789")];
    let salts = [1, 2].map(|byte| Salt(Zeroizing::new([byte; 32])));
    let commits: Vec<_> =
        people.iter().zip(&salts).map(|(who, salt)| commit(&name(), salt, who)).collect();
    let tags = [identity::Tag([1; 16]), identity::Tag([2; 16])];
    let parts = Parts {
        people: &[(commits[0], tags[0]), (commits[1], tags[1])],
        tickets: 1,
        units: 2,
        choices: &["A"],
        accepts_any: false,
    };
    let line = parts.write().unwrap();
    let line = Line::read(&line).unwrap();
    let receipt = Receipt::new(name(), salts.to_vec(), &line).unwrap();
    assert_eq!(Receipt::read(&receipt.text()).as_ref(), Ok(&receipt));
    assert_eq!(receipt.line(), line);
    assert_eq!(receipt.place_of(&people[1]), Some(1));
    assert_eq!(receipt.place_of(&person("P-GB:123456780")), None);
    assert!(Receipt::new(name(), salts[..1].to_vec(), &line).is_err());
    let one_salt = receipt.text().replacen(&format!("salt {}\n", "01".repeat(32)), "", 1);
    assert_eq!(Receipt::read(&one_salt).unwrap_err().line, 4);
}

#[test]
fn a_promise_has_a_header_of_its_own_and_zeros_for_tags() {
    let people = [(digest(1), identity::Tag::UNKNOWN), (digest(2), identity::Tag::UNKNOWN)];
    let parts =
        Parts { people: &people, tickets: 3, units: 2, choices: &["A", "B"], accepts_any: true };
    let line = parts.write().unwrap();
    let salts = [3, 4].map(|byte| Salt(Zeroizing::new([byte; 32])));
    let promise = Receipt::new(name(), salts.to_vec(), &Line::read(&line).unwrap()).unwrap();
    assert!(promise.is_promise());
    expect![[r"
        tidegate-promise/v1
        draw masks.example/2026-02-18
        salt 0303030303030303030303030303030303030303030303030303030303030303
        salt 0404040404040404040404040404040404040404040404040404040404040404
        line 0101010101010101010101010101010101010101010101010101010101010101+0202020202020202020202020202020202020202020202020202020202020202,00000000000000000000000000000000+00000000000000000000000000000000,3,2,A>B>*
    "]]
    .assert_eq(&promise.text());
    assert_eq!(Receipt::read(&promise.text()).as_ref(), Ok(&promise));
    let as_receipt = promise.text().replace("-promise/", "-receipt/");
    assert_eq!(Receipt::read(&as_receipt).unwrap_err().line, 5, "a receipt's line has tags");
    let tagged = promise.text().replacen(",0000", ",0001", 1);
    assert_eq!(Receipt::read(&tagged).unwrap_err().line, 5, "a promise's line has none");
}
