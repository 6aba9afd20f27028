//! `tidegate draw`, from the key to the alternates, as an operator and a notary would give it.

mod killed;

use crate::support::program;
use draw::note::{Note, SigningKey};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;
use zeroize::Zeroizing;

const NAME: &str = "masks.example/2023-09-15";
/// A recorded round of drand's quicknet, of 15 September 2023.
const ROUND: &str = "657413";
const BEACON: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                      41076862b98fad56e91a6b85b89cd97b";

/// A folder with the inputs of a draw of six made-up people.
fn inputs() -> TempDir {
    let home = TempDir::new().unwrap();
    let line = |person: usize| {
        let digit = ["0", "3", "7", "9", "c", "f"][person];
        let (commit, tag) = (digit.repeat(64), digit.repeat(32));
        format!("{commit},{tag},1,1,{}\n", ["P1", "P1>P2", "P2>*"][person % 3])
    };
    let entries: String = (0..6).rev().map(line).collect();
    for (name, text) in
        [("entries", &*entries), ("stock", "P1,1\nP2,2\n"), ("rules", "人人可报名。\n")]
    {
        fs::write(home.path().join(name), text).unwrap();
    }
    home
}

/// Gives `tidegate draw` with words, those that begin with @ being files of `home`.
fn draw(home: &Path, words: &[&str]) -> Output {
    Command::new(program()).arg("draw").args(words_of(home, words)).output().unwrap()
}

fn words_of(home: &Path, words: &[&str]) -> Vec<String> {
    let word = |word: &&str| match word.strip_prefix('@') {
        Some(file) => home.join(file).display().to_string(),
        None => (*word).to_owned(),
    };
    words.iter().map(word).collect()
}

/// What it says, if it succeeds.
fn said(home: &Path, words: &[&str]) -> String {
    let output = draw(home, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The exit status and what it says, if it is refused.
fn refused(home: &Path, words: &[&str]) -> (i32, String) {
    let output = draw(home, words);
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said.replace(&home.display().to_string(), "@"))
}

/// Makes key and secrets; the operator's published key, and both commitments.
fn keys(home: &Path) -> (String, [String; 2]) {
    let key = said(home, &["key", "@key", "--name", NAME]);
    let secret = |file, party| {
        let said = said(home, &["secret", file, "--draw", NAME, "--party", party]);
        said.lines().nth(2).unwrap().to_owned()
    };
    let commitments = [secret("@operator", "operator"), secret("@notary", "notary")];
    (key.lines().nth(1).unwrap().to_owned(), commitments)
}

/// Makes key and secrets, and seals; the operator's published key.
fn seal(home: &Path) -> String {
    let (key, commitments) = keys(home);
    let sealed = said(home, &sealing(&commitments));
    assert!(sealed.contains("sealed: 6 entries of masks.example/2023-09-15"), "{sealed}");
    assert!(sealed.contains("round 657413, which appears at 2023-09-15T11:00:03Z"), "{sealed}");
    assert_eq!(said(home, &sealing(&commitments)), sealed, "sealed again, to the same");
    key
}

fn sealing([operator, notary]: &[String; 2]) -> Vec<&str> {
    vec![
        "seal",
        "@draw",
        "--draw",
        NAME,
        "--entries",
        "@entries",
        "--stock",
        "@stock",
        "--rules",
        "@rules",
        "--operator-commitment",
        operator,
        "--notary-commitment",
        notary,
        "--drand-round",
        ROUND,
        "--deadline",
        "2023-09-15T12:00:00Z",
        "--rehearsal",
        "--key",
        "@key",
    ]
}

const OPEN: [&str; 9] = [
    "open",
    "@draw",
    "--rehearsal",
    "--operator-secret",
    "@operator",
    "--notary-secret",
    "@notary",
    "--key",
    "@key",
];

#[test]
fn what_anybody_could_know_already_is_not_sealed_opened_or_seeded() {
    let home = inputs();
    let home = home.path();
    let said_of = |words: &[&str]| {
        let in_earnest: Vec<_> =
            words.iter().copied().filter(|word| *word != "--rehearsal").collect();
        let (status, said) = refused(home, &in_earnest);
        assert_eq!((status, said.contains("error[draw-seed-refused]")), (1, true), "{said}");
        said
    };
    let (_, commitments) = keys(home);
    let words = sealing(&commitments);
    let past = said_of(&words);
    assert!(past.contains("the deadline 2023-09-15T12:00:00Z is past"), "{past}");
    let later: Vec<_> =
        words.iter().map(|word| word.replace("2023-09-15T12", "2099-09-15T12")).collect();
    let later: Vec<_> = later.iter().map(String::as_str).collect();
    let known = said_of(&later);
    assert!(known.contains("round 657413 of the beacon has appeared"), "{known}");
    assert!(!home.join("draw").exists(), "nothing was made");
    said(home, &words);
    assert!(said_of(&OPEN).contains("declare it so (tidegate draw void)"));
    said(home, &OPEN);
    let seed = ["seed", "@draw", "--beacon", BEACON, "--key", "@key"];
    assert!(said_of(&seed).contains("is past by this computer's clock"));
}

#[test]
fn what_a_missing_line_shows_is_said_of_what_the_operator_signed() {
    let home = inputs();
    let home = home.path();
    let key = seal(home);
    let own = SigningKey::read(&fs::read_to_string(home.join("key")).unwrap()).unwrap();
    let stranger = SigningKey::new(NAME, &Zeroizing::new([7; 32])).unwrap();
    let note = |kind: &str, line: &str, key: &SigningKey| {
        let text =
            format!("tidegate-{kind}/v1\ndraw {NAME}\nsalt {}\nline {line}\n", "5".repeat(64));
        fs::write(home.join("of"), Note::sign(text, &[key]).to_string()).unwrap();
    };
    let with_key = ["prove", "@draw", "--of", "@of", "--operator-key", &key];
    let listed = |digit: &str, tag: &str, tickets: u8| {
        format!("{},{},{tickets},1,P1", digit.repeat(64), tag.repeat(32))
    };
    note("receipt", &listed("3", "1", 1), &own);
    let (_, said_of) = refused(home, &with_key);
    assert!(said_of.contains("error[draw-line-missing]"), "{said_of}");
    assert!(said_of.contains("says something else of these people"), "{said_of}");

    note("receipt", &listed("3", "3", 1).replace(",P1", ",P1>P2"), &own);
    assert!(said(home, &with_key).starts_with("c2sp.org/tlog-proof@v1\n"));
    note("promise", &listed("3", "0", 1).replace(",P1", ",P1>P2"), &own);
    assert!(said(home, &with_key).starts_with("c2sp.org/tlog-proof@v1\n"));
    note("promise", &listed("3", "0", 2).replace(",P1", ",P1>P2"), &own);
    assert!(refused(home, &with_key).1.contains("says something else of these people"));

    note("receipt", &listed("b", "b", 1), &own);
    assert!(refused(home, &with_key).1.contains("it shows that somebody was left out"));
    let without = refused(home, &with_key[..4]).1;
    assert!(without.contains("Give --operator-key"), "{without}");
    note("promise", &listed("b", "0", 1), &own);
    assert!(refused(home, &with_key).1.contains("must say why there is none"));
    note("receipt", &listed("b", "b", 1), &stranger);
    assert!(refused(home, &with_key).1.contains("error[draw-file-wrong]"));
    fs::write(home.join("of"), "nobody\n").unwrap();
    assert!(refused(home, &with_key).1.contains("no receipt, and no line"));

    // A list that is not the sealed one shows nothing.
    let path = home.join("draw/entries.txt");
    let list = fs::read_to_string(&path).unwrap();
    fs::write(&path, &list[..list.len() / 2]).unwrap();
    note("receipt", &listed("b", "b", 1), &own);
    let damaged = refused(home, &with_key).1;
    assert!(damaged.contains("entries.txt: not the list that was sealed"), "{damaged}");
}

#[test]
fn a_whole_draw_is_made_and_checked() {
    let home = inputs();
    let home = home.path();
    let key = seal(home);
    said(home, &OPEN);
    let seed = said(home, &["seed", "@draw", "--rehearsal", "--beacon", BEACON, "--key", "@key"]);
    let seed = seed.split_once("seed").unwrap().1.replace(char::is_whitespace, "");
    assert_eq!(seed.len(), 64, "a fingerprint in groups of four");
    let drawn = said(home, &["run", "@draw", "--key", "@key"]);
    assert!(drawn.starts_with("3 entries win 3 units\n0 units are left\n"), "{drawn}");
    assert_eq!(said(home, &["run", "@draw", "--key", "@key"]), drawn, "drawn again, to the same");
    let verified = said(home, &["verify", "@draw", "--operator-key", &key]);
    assert!(verified.contains("every event is signed by the operator's key"), "{verified}");
    assert!(verified.contains("\n      result  "), "{verified}");
    // The seal names the program that made it, by the bytes of its file.
    let own = draw::Digest::of(&fs::read(program()).unwrap());
    assert!(verified.contains(&format!("     program  {}\n", own.fingerprint())), "{verified}");
    assert!(verified.contains("this program  the program that was sealed"), "{verified}");
    let seal = fs::read_to_string(home.join("draw/seal.txt")).unwrap();
    assert!(seal.contains(&format!("program {} {own}\n", env!("CARGO_PKG_VERSION"))), "{seal}");
    let unsigned = said(home, &["verify", "@draw"]);
    assert!(unsigned.contains("signatures were not checked"), "{unsigned}");
    let list = fs::read_to_string(home.join("draw/entries.txt")).unwrap();
    fs::write(home.join("line"), list.split_inclusive('\n').nth(3).unwrap()).unwrap();
    let proof = said(home, &["prove", "@draw", "--of", "@line"]);
    assert!(proof.starts_with("c2sp.org/tlog-proof@v1\nindex 3\n"), "{proof}");
    assert_eq!(said(home, &["sample", "@draw", "--size", "2"]).lines().count(), 2);
    fs::write(home.join("returned"), "P2,1\n").unwrap();
    let files = ["--returned", "@returned", "--key", "@key"];
    let alternates = [&["alternates", "@draw", "--event", "1"], &files[..]].concat();
    let again = said(home, &alternates);
    assert!(again.starts_with("alternates number 1\n1 entry wins 1 unit\n"), "{again}");
    assert_eq!(said(home, &alternates), again, "drawn again, to the same");
    said(home, &["verify", "@draw", "--operator-key", &key]);
    let files = ["--returned", "@returned", "--entries", "@left", "--stock", "@now"];
    let left = said(home, &[&["remaining", "@draw"], &files[..]].concat());
    assert!(left.starts_with("2 entries in "), "{left}");
    assert_eq!(fs::read_to_string(home.join("now")).unwrap(), "P1,0\nP2,1\n");
}

#[test]
fn keys_and_secrets_are_for_their_owner_and_made_once() {
    let home = inputs();
    let home = home.path();
    seal(home);
    for file in ["key", "operator", "notary"] {
        let mode = fs::metadata(home.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let before = fs::read(home.join("key")).unwrap();
    let (status, said) = refused(home, &["key", "@key", "--name", NAME]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("@/key cannot be made: File exists"), "{said}");
    assert_eq!(fs::read(home.join("key")).unwrap(), before);
}

#[test]
fn the_page_trusts_the_key_that_has_signed_and_is_not_written_over() {
    let home = inputs();
    let home = home.path();
    let key = seal(home);
    let page = said(home, &["page", "@draw", "--operator-key", &key]);
    assert!(page.contains(&format!("check is there; it trusts this key:\n{key}\n")), "{page}");
    assert_eq!(said(home, &["page", "@draw", "--operator-key", &key]), page, "written again");
    let file = home.join("draw/check/index.html");
    assert!(fs::read_to_string(&file).unwrap().contains(&format!("content=\"{key}\"")));
    said(home, &OPEN);
    let verified = said(home, &["verify", "@draw", "--operator-key", &key]);
    assert!(!verified.contains("stray"), "the page is known: {verified}");
    fs::write(home.join("draw/check/steps.js"), "another").unwrap();
    fs::remove_file(&file).unwrap();
    let (status, said) = refused(home, &["page", "@draw", "--operator-key", &key]);
    assert_eq!((status, said.contains("@/draw/check/steps.js is there already")), (1, true));
    assert!(!file.exists(), "nothing is written beside another page: {said}");
    let other = self::said(home, &["key", "@other", "--name", NAME]);
    let other = other.lines().nth(1).unwrap();
    let (status, said) = refused(home, &["page", "@draw", "--operator-key", other]);
    assert_eq!(status, 65);
    assert!(said.contains("@/draw/seal.txt: the note has no signature of"), "{said}");
}

/// Keys, secrets, receipts and a rehearsal's own files: what the command line reads by itself.
#[test]
fn every_file_that_is_refused_is_so_with_a_code() {
    let home = inputs();
    let home = home.path();
    seal(home);
    fs::write(home.join("bytes"), b"\xff\xfe\n").unwrap();
    fs::write(home.join("words"), "nobody's\n").unwrap();
    let open =
        |secret: &'static str| OPEN.map(|word| if word == "@operator" { secret } else { word });
    let cases: [(&[&str], i32, &str, &str); 10] = [
        (&["run", "@draw", "--key", "@none"], 74, "draw-disk", "@/none cannot be read: "),
        (&["run", "@draw", "--key", "@bytes"], 65, "draw-file-wrong", "@/bytes cannot be read: "),
        (&["run", "@draw", "--key", "@words"], 65, "draw-file-wrong", "@/words is not a key"),
        (&open("@none"), 74, "draw-disk", "@/none cannot be read: "),
        (&open("@words"), 65, "draw-file-wrong", "@/words does not hold a secret"),
        (&["key", "@none/key", "--name", NAME], 74, "draw-disk", "@/none/key cannot be made: "),
        (&["tag-key", "@operator"], 1, "draw-differs", "@/operator cannot be made: File exists"),
        (&["prove", "@draw", "--of", "@none"], 74, "draw-disk", "@/none cannot be read: "),
        (&["prove", "@draw", "--of", "@bytes"], 65, "draw-file-wrong", "@/bytes cannot be read: "),
        (&["rehearse", "--folder", "@words"], 74, "draw-disk", "@/words/private could not be made"),
    ];
    for (words, exit, code, told) in cases {
        let (status, said) = refused(home, words);
        let first = format!("error[{code}]: {told}");
        assert!(status == exit && said.starts_with(&first), "{words:?}: {status}: {said}");
        let page = format!("  see docs/errors/{code}.md\n");
        assert!(said.ends_with(&page), "{words:?}: {said}");
    }
    let (status, said) = refused(home, &["key", "@plus", "--name", "a+b"]);
    assert_eq!((status, said.contains("none of them a plus")), (2, true), "{said}");
}

#[test]
fn balls_are_told_back_counted_beside_what_was_sealed() {
    let home = inputs();
    let home = home.path();
    let (_, commitments) = keys(home);
    let balls = ["--balls", "3 of 01-49, in the order drawn"];
    said(home, &[&sealing(&commitments)[..], &balls].concat());
    let open = [&OPEN[..], &["--balls", "08 41 17"]].concat();
    let opened = said(home, &open);
    let told = "     3 balls  08 41 17\n      sealed  3 of 01-49, in the order drawn\n";
    assert!(opened.contains(told), "{opened}");
    assert!(
        opened.contains("if one is wrong, declare the draw void (tidegate draw void "),
        "{opened}"
    );
    assert_eq!(said(home, &open), opened, "given again, it says the same");
}

/// What a notary holds against the paper, and a sceptic against what was said: the balls, and how
/// each seal before ended.
#[test]
fn balls_and_what_became_of_the_seals_before_are_told_by_who_verifies() {
    let home = inputs();
    let home = home.path();
    let (key, commitments) = keys(home);
    let balls = ["--balls", "3 of 01-49, in the order drawn"];
    let sealed = said(home, &[&sealing(&commitments)[..], &balls].concat());
    assert!(sealed.contains("\n       balls  3 of 01-49, in the order drawn\n"), "{sealed}");
    let opened = said(home, &[&OPEN[..], &["--balls", "08 41"]].concat());
    assert!(opened.contains("seal anew, with two new secrets"), "{opened}");
    let verify = ["verify", "@draw", "--operator-key", &key];
    let verified = said(home, &verify);
    let odd = "Look at this: sealed: balls 3 of 01-49, in the order drawn; opened: balls 08 41.\n";
    for told in ["\n       balls  3 of 01-49, in the order drawn\n", "\n     2 balls  08 41\n", odd]
    {
        assert!(verified.contains(told), "{told}: {verified}");
    }
    said(home, &["void", "@draw", "--reason", "bad luck", "--key", "@key"]);

    let next = |commitments: &[String; 2]| {
        let words = sealing(commitments);
        let words = words.iter().map(|word| if *word == "@draw" { "@next" } else { word });
        words.chain(["--after", "@draw"]).map(str::to_owned).collect::<Vec<_>>()
    };
    let known = next(&commitments);
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let (status, refused) = refused(home, &known);
    assert_eq!((status, refused.contains("error[draw-seed-refused]: the operator's")), (1, true));
    let make = format!("(tidegate draw secret FILE --draw {NAME} --party operator)");
    assert!(refused.contains("@/draw/opening.txt") && refused.contains(&make), "{refused}");
    let secret = |file, party| {
        let made = said(home, &["secret", file, "--draw", NAME, "--party", party]);
        made.lines().nth(2).unwrap().to_owned()
    };
    let fresh = next(&[secret("@operator2", "operator"), secret("@notary2", "notary")]);
    said(home, &fresh.iter().map(String::as_str).collect::<Vec<_>>());
    let verify = ["verify", "@next", "--operator-key", &key, "--after", "@draw"];
    let verified = said(home, &verify);
    let file = home.join("draw/seal.txt");
    let told = format!(
        "      before  1 seal, verified, too\n              {}: VOID, when its secrets and balls \
         were known: bad luck\n",
        file.display()
    );
    assert!(verified.contains(&told), "{verified}");
    assert!(!verified.contains("Look at this"), "{verified}");

    // As an operator would who names the draw before in a seal that was made without it.
    let secret = fs::read_to_string(home.join("key")).unwrap();
    let seal = fs::read_to_string(home.join("next/seal.txt")).unwrap();
    let text = seal.split("\n\n").next().unwrap().to_owned() + "\n";
    let known = text
        .lines()
        .map(|line| match line.split_once("-commitment ") {
            Some(("notary", _)) => format!("notary-commitment {}\n", commitments[1]),
            _ => format!("{line}\n"),
        })
        .collect::<String>();
    let note = Note::sign(known, &[&SigningKey::read(&secret).unwrap()]);
    fs::write(home.join("next/seal.txt"), note.to_string()).unwrap();
    let verified = said(home, &verify);
    let odd = format!(
        "Look at this: the notary's secret of this seal was known to everybody when it was sealed, \
         from {}.\n",
        home.join("draw/opening.txt").display()
    );
    assert!(
        verified.contains(&odd) && !verified.contains("the operator's secret of"),
        "{verified}"
    );
}

#[test]
fn what_is_refused_says_why_and_where_to_read_on() {
    let home = inputs();
    let home = home.path();
    let (status, said) = refused(home, &["run", "@draw", "--key", "@key"]);
    assert_eq!((status, said.contains("error[draw-disk]: @/draw could not be read")), (74, true));
    seal(home);
    let (status, said) =
        refused(home, &["seed", "@draw", "--rehearsal", "--beacon", BEACON, "--key", "@key"]);
    assert_eq!(status, 1);
    assert_eq!(
        said,
        "error[draw-out-of-order]: the secrets are not opened yet: open them first, the beacon \
         comes last\n  see docs/errors/draw-out-of-order.md\n"
    );
    let swapped = OPEN.map(|word| match word {
        "@operator" => "@notary",
        "@notary" => "@operator",
        word => word,
    });
    let (status, said) = refused(home, &swapped);
    assert_eq!(status, 1);
    let told = "error[draw-seed-refused]: not opened with @/notary and @/operator: against \
                @/draw/seal.txt, line 8: the operator's secret does not open its commitment: it \
                makes ";
    assert!(said.starts_with(told), "{said}");
    // A recorded signature of drand's first chain, of round 1, whose signatures are longer.
    let other = "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20\
                 ff7bc3e09d7c046566c9f7f3c6f3b10104990e7cb424998203d8f7de586fb7fa\
                 5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2352b4655";
    let (status, said) =
        refused(home, &["seed", "@draw", "--rehearsal", "--beacon", other, "--key", "@key"]);
    assert_eq!(status, 2);
    let told = format!(
        "error: invalid value '{other}' for '--beacon <HEX>': a signature of the chain quicknet \
         has 96 hex digits in lower case; 192 are one of another chain\n"
    );
    assert!(said.starts_with(&told), "{said}");
    let list = home.join("draw/entries.txt");
    fs::write(&list, fs::read_to_string(&list).unwrap().replacen(",1,1,", ",2,1,", 1)).unwrap();
    let (status, said) = refused(home, &["verify", "@draw"]);
    assert_eq!(status, 65);
    let told = "@/draw/entries.txt, line 1: not the line that was sealed, as the tiles tell";
    assert!(said.contains(told), "{said}");
}

#[test]
fn a_notary_signs_beside_the_operator() {
    let home = inputs();
    let home = home.path();
    let key = seal(home);
    let made = said(home, &["key", "@notary-key", "--name", "notary.example"]);
    let notary = made.lines().nth(1).unwrap();
    let cosign = ["cosign", "@draw/seal.txt", "--operator-key", &key, "--key", "@notary-key"];
    let signed = said(home, &cosign);
    assert!(signed.contains("seal.txt: signed by notary.example\n        text  "), "{signed}");
    let again = said(home, &cosign);
    assert!(again.contains("seal.txt: was signed before by notary.example\n"), "{again}");
    let verified = said(home, &["verify", "@draw", "--operator-key", &key, "--cosigner", notary]);
    assert!(verified.contains("        also  seal.txt: signed by notary.example\n"), "{verified}");
    let verified = said(home, &["verify", "@draw", "--operator-key", &key]);
    let told = "not verified (--cosigner): it bears the name of notary.example";
    assert!(verified.contains(&format!("        also  seal.txt: {told}\n")), "{verified}");
    let (status, refused) = refused(home, &[&cosign[..3], &[notary], &cosign[4..]].concat());
    assert_eq!(status, 65);
    let told = "@/draw/seal.txt: a note of the draw masks.example/2023-09-15, and the key is of \
                notary.example";
    assert!(refused.contains(told), "{refused}");
}

/// Every file of a rehearsal with its bytes.
fn files(home: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut files, mut folders) = (Vec::new(), vec![home.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(home).unwrap().display().to_string();
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_whole_draw_is_rehearsed_and_comes_out_the_same_again() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let rehearse = |folder: &str| {
        let people = ["rehearse", "--people", "5000", "--random-seed", "7", "--folder", folder];
        said(home, &people)
    };
    let told = rehearse("@one");
    for part in [
        "A REHEARSAL. Nobody in it is real, and its result does not count.\n",
        "random seed 7: --random-seed 7 makes all of it again\n",
        "5000 people in 3977 entries; 336 units in 440 buckets of 220 outlets in 11 districts\n",
        "round 657413 lies in the past: a real draw names one that is still to come\n",
        "drawn by this program, here and now, for the rehearsal only\n",
        "1000 receipts open and are proved",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(told.matches("every event is signed by the operator's key").count(), 2);
    assert!(home.join("one/public/check/index.html").exists(), "the page is served beside it");
    rehearse("@two");
    let (one, two) = (files(&home.join("one")), files(&home.join("two")));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&one), names(&two));
    assert!(one == two, "the same number makes the same files");
    let receipts = names(&one).into_iter().filter(|name| name.starts_with("receipts/0"));
    // 0001.txt to 0999.txt.
    assert_eq!(receipts.count(), 999);
    let (status, refused) = refused(home, &["rehearse", "--folder", "@one"]);
    assert_eq!((status, refused.contains("@/one is there and not empty")), (1, true), "{refused}");
}

#[test]
fn the_second_program_agrees_with_a_rehearsal() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let few = ["rehearse", "--people", "500", "--random-seed", "3", "--folder", "@one"];
    let told = said(home, &few);
    assert!(!told.contains(" 0 units in"), "few people have something to draw, too: {told}");
    let key = |name: &str| fs::read_to_string(home.join("one").join(name)).unwrap();
    let second = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/verify_draw.py");
    let output = Command::new("python3")
        .arg(second)
        .arg(home.join("one/public"))
        .args(["--tiles", "--operator-key", key("operator-key.txt").trim()])
        .args(["--notary-key", key("notary-key.txt").trim()])
        .output()
        .expect("python3 can be started");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("All that was checked is right."), "{told}");
}
