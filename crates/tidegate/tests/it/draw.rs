//! `tidegate draw`, from the key to the alternates, as an operator and a notary would give it.

use crate::support::program;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

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
    let word = |word: &&str| match word.strip_prefix('@') {
        Some(file) => home.join(file).display().to_string(),
        None => (*word).to_owned(),
    };
    Command::new(program()).arg("draw").args(words.iter().map(word)).output().unwrap()
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

/// Makes key and secrets, and seals; the operator's published key.
fn seal(home: &Path) -> String {
    let key = said(home, &["key", "@key", "--name", NAME]);
    let secret = |file, party| {
        let said = said(home, &["secret", file, "--draw", NAME, "--party", party]);
        said.lines().nth(2).unwrap().to_owned()
    };
    let commitments = [secret("@operator", "operator"), secret("@notary", "notary")];
    let sealed = said(home, &sealing(&commitments));
    assert!(sealed.contains("sealed: 6 entries of masks.example/2023-09-15"), "{sealed}");
    assert!(sealed.contains("round 657413, which appears at 2023-09-15T11:00:03Z"), "{sealed}");
    assert_eq!(said(home, &sealing(&commitments)), sealed, "sealed again, to the same");
    key.lines().nth(1).unwrap().to_owned()
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
        "--key",
        "@key",
    ]
}

const OPEN: [&str; 8] = [
    "open",
    "@draw",
    "--operator-secret",
    "@operator",
    "--notary-secret",
    "@notary",
    "--key",
    "@key",
];

#[test]
fn a_whole_draw_is_made_and_checked() {
    let home = inputs();
    let home = home.path();
    let key = seal(home);
    said(home, &OPEN);
    let seed = said(home, &["seed", "@draw", "--beacon", BEACON, "--key", "@key"]);
    let seed = seed.split_once("seed").unwrap().1.replace(char::is_whitespace, "");
    assert_eq!(seed.len(), 64, "a fingerprint in groups of four");
    let drawn = said(home, &["run", "@draw", "--key", "@key"]);
    assert!(drawn.starts_with("3 entries win 3 units\n0 units are left\n"), "{drawn}");
    assert_eq!(said(home, &["run", "@draw", "--key", "@key"]), drawn, "drawn again, to the same");
    let verified = said(home, &["verify", "@draw", "--operator-key", &key]);
    assert!(verified.contains("every event is signed by the operator's key"), "{verified}");
    assert!(verified.contains("event  result.txt"), "{verified}");
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
fn what_is_refused_says_why_and_where_to_read_on() {
    let home = inputs();
    let home = home.path();
    let (status, said) = refused(home, &["run", "@draw", "--key", "@key"]);
    assert_eq!((status, said.contains("error[draw-disk]: @/draw could not be read")), (74, true));
    seal(home);
    let (status, said) = refused(home, &["seed", "@draw", "--beacon", BEACON, "--key", "@key"]);
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
    assert!(said.contains("the operator's secret does not open its commitment"), "{said}");
    let list = home.join("draw/entries.txt");
    fs::write(&list, fs::read_to_string(&list).unwrap().replacen(",1,1,", ",2,1,", 1)).unwrap();
    let (status, said) = refused(home, &["verify", "@draw"]);
    assert_eq!(status, 65);
    assert!(said.contains("@/draw/entries.txt: not the list that was sealed"), "{said}");
}
