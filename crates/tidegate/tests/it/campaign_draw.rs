//! `tidegate campaign draw` against a node: from the close of the list to winners who know it, and
//! what the node's folder then proves to anybody.

use crate::refusals::check;
use crate::support::{CAMPAIGN, Program, free_addresses, run, tidegate};
use crowd::{Loopback, http};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread;
use tempfile::TempDir;

/// A recorded round of drand's quicknet, of 15 September 2023.
const ROUND: &str = "657413";
const BEACON: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                      41076862b98fad56e91a6b85b89cd97b";
const ID_FIELD: &str = "[[register.field]]\ncode = \"id_number\"\nkind = \"resident-id\"\n\
                        label = { en = \"ID number\" }\nunique = true\n";
const WHY: [&str; 2] = ["--reason", "as announced"];

/// A node whose campaign draws three masks among seven people, with registration closed, and the
/// files that the draw needs.
struct Hall {
    folder: TempDir,
    node: Program,
    token: String,
}

impl Hall {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let node = Program::start(&data, free_addresses());
        let made = run(&[
            &["token", "create", "--data", data.to_str().unwrap()][..],
            &["--role", "operator", "--name", "duty officer"],
        ]
        .concat());
        let told = String::from_utf8(made.stdout).unwrap();
        let token = told.split_whitespace().last().unwrap().to_owned();
        let hall = Self { folder, node, token };
        assert!(CAMPAIGN.contains(ID_FIELD), "the field that is taken out is there");
        let toml = CAMPAIGN
            .replace(ID_FIELD, "")
            .replace("units = 5000", "units = 3")
            .replace("[publish]\nwhen = \"at-once\"", "[publish]\nwhen = \"by-hand\"")
            + "[allocate]\nby = \"draw\"\n";
        for (name, text) in [("c.toml", toml.as_str()), ("rules", "One each. 每人一份。\n")] {
            fs::write(hall.path(name), text).unwrap();
        }
        hall.said(&["campaign", "load", "@c.toml", "--reason", "test"]);
        hall.said(&["campaign", "open", "test", "--reason", "test"]);
        (0..7).for_each(|person| hall.enter(person));
        hall.said(&["campaign", "close", "test", "--reason", "it is late"]);
        hall
    }

    /// The same with the list closed and sealed, and the secrets opened.
    fn opened() -> Self {
        let hall = Self::new();
        hall.step("close", &[]);
        let sealing = hall.sealing();
        let sealing: Vec<&str> = sealing.iter().map(String::as_str).collect();
        hall.step("seal", &sealing);
        hall.step("open", &OPENING);
        hall
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The draw's files on the node.
    fn files(&self) -> String {
        self.path("data/draws/test/1").to_str().unwrap().to_owned()
    }

    fn enter(&self, person: u32) {
        let body = json!({ "identity": { "phone": format!("1380013800{person}") },
            "choices": [{ "outlet": "shop", "item": "mask", "slot": "day" }] });
        let body = body.to_string();
        let request = format!(
            "POST /v1/campaigns/test/entries HTTP/1.1\r\nhost: x\r\n\
             content-type: application/json\r\nidempotency-key: person-{person}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let address = Loopback::new(self.node.public).unwrap();
        let (status, body) = http::fetch(address, request.as_bytes()).unwrap();
        assert_eq!(status, 202, "{}", String::from_utf8_lossy(&body));
    }

    /// Gives a command; words that begin with @ are files of the folder.
    fn give_to(&self, server: SocketAddr, words: &[&str]) -> Output {
        let word = |word: &&str| match word.strip_prefix('@') {
            Some(file) => self.path(file).display().to_string(),
            None => (*word).to_owned(),
        };
        let words: Vec<String> = words.iter().map(word).collect();
        tidegate(&words.iter().map(String::as_str).collect::<Vec<_>>())
            .env("TIDEGATE_TOKEN", &self.token)
            .env("TIDEGATE_SERVER", format!("http://{server}"))
            .output()
            .unwrap()
    }

    fn give(&self, words: &[&str]) -> Output {
        self.give_to(self.node.operator, words)
    }

    fn said(&self, words: &[&str]) -> String {
        let output = self.give(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A step of the draw, as it was announced.
    fn step(&self, word: &str, rest: &[&str]) -> String {
        self.said(&[&["campaign", "draw", word, "test"], rest, &WHY[..]].concat())
    }

    fn refused(&self, word: &str, rest: &[&str], code: &str) -> String {
        let output = self.give(&[&["campaign", "draw", word, "test"], rest, &WHY[..]].concat());
        check(&output, code, 1);
        String::from_utf8(output.stderr).unwrap()
    }

    /// Makes the secrets; what there is to say at the seal.
    fn sealing(&self) -> Vec<String> {
        let secret = |party: &str| {
            let file = format!("@{party}");
            let made = ["draw", "secret", &file, "--draw", "test/1", "--party", party];
            self.said(&made).lines().nth(2).unwrap().to_owned()
        };
        secret("operator");
        let notary = secret("notary");
        self.said(&["draw", "tag-key", "@tags"]);
        let sealing = [
            ["--operator-secret", "@operator"],
            ["--notary-commitment", &notary],
            ["--notary-tag-key", "@tags"],
            ["--balls", "1 of 0-9"],
            ["--drand-round", ROUND],
            ["--deadline", "2099-02-02T12:00:00Z"],
            ["--rules", "@rules"],
        ];
        let sealing = [&sealing.concat()[..], &["--rehearsal"]].concat();
        sealing.into_iter().map(str::to_owned).collect()
    }

    /// What `tidegate draw` says of the node's folder, and its lines that end in fingerprints.
    fn verified(&self, key: &str) -> Vec<String> {
        let verified = self.said(&["draw", "verify", &self.files(), "--operator-key", key]);
        assert!(verified.contains("every event is signed by the operator's key"), "{verified}");
        assert!(!verified.contains("stray"), "{verified}");
        verified.lines().map(str::to_owned).collect()
    }
}

const OPENING: [&str; 6] =
    ["--operator-secret", "@operator", "--notary-secret", "@notary", "--balls", "7"];
const SWAPPED: [&str; 6] =
    ["--operator-secret", "@notary", "--notary-secret", "@operator", "--balls", "7"];

/// The fingerprints that are read aloud, by the names that `draw verify` gives them.
const ALOUD: [&str; 5] = ["seal", "opening", "seeded", "seed", "result"];

#[test]
fn a_campaign_is_drawn_from_the_command_line() {
    let hall = Hall::new();
    let told = hall.give(&["campaign", "draw", "show", "test"]);
    check(&told, "unknown-draw", 1);
    let closed = hall.step("close", &[]);
    assert!(closed.starts_with("the list of test/1 is closed: 7 entries\n"), "{closed}");
    assert!(closed.ends_with("next  `tidegate campaign draw seal test`\n"), "{closed}");

    let sealing = hall.sealing();
    let sealing: Vec<&str> = sealing.iter().map(String::as_str).collect();
    let sealed = hall.step("seal", &sealing);
    assert!(sealed.starts_with("sealed: 7 entries of test/1\n        seal  "), "{sealed}");
    assert_eq!(hall.step("seal", &sealing), sealed, "sealed again, to the same");
    let opened = hall.step("open", &OPENING);
    assert!(opened.starts_with("opened: both secrets fit their commitments\n"), "{opened}");
    let seeded = hall.step("seed", &["--beacon", BEACON]);
    assert!(seeded.ends_with("next  `tidegate campaign draw run test`\n"), "{seeded}");
    let drawn = hall.step("run", &[]);
    assert!(drawn.starts_with("drawn: 3 entries of 7 won\n"), "{drawn}");
    assert_eq!(hall.step("run", &[]), drawn, "drawn again, to the same");

    // What was read aloud is what anybody computes from the node's folder.
    let told = hall.said(&["campaign", "draw", "show", "test", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let key = told["operator_key"].as_str().unwrap();
    let verified = hall.verified(key);
    for word in ALOUD {
        let line = verified.iter().find(|line| line.trim_start().starts_with(&format!("{word}  ")));
        let line = line.unwrap_or_else(|| panic!("{word} is missing: {verified:?}"));
        assert!(drawn.contains(&format!("{line}\n")), "{line} is missing: {drawn}");
    }

    let (status, _) = hall.node.get("/draws/test/1/winners.txt");
    assert_eq!(status, 404, "nobody is told yet");
    let published = hall.step("publish", &[]);
    assert!(published.starts_with("published: 3 entries of 7 won\n"), "{published}");
    assert!(published.contains("careful  A REHEARSAL"), "{published}");
    assert_eq!(hall.node.get("/draws/test/1/winners.txt").0, 200);
    hall.refused("void", &[], "published");
    hall.node.stop();
}

#[test]
fn an_audit_opens_the_sample_and_its_receipts() {
    let hall = Hall::opened();
    hall.refused("sample", &["--size", "2"], "draw-order");
    hall.step("seed", &["--beacon", BEACON]);
    let opened = hall.step("sample", &["--size", "2", "--receipts", "@receipts"]);
    let mut lines = opened.lines();
    assert_eq!(lines.next(), Some("the sample of test/1: 2 entries, opened"));
    let line = lines.next().unwrap();
    assert!(line.starts_with("line ") && line.contains("; phone +861380013800"), "{line}");
    let number = line.split_once(':').unwrap().0.replace(' ', "-");
    let receipt = format!("@receipts/{number}.txt");
    let proof = hall.said(&["draw", "prove", &hall.files(), "--of", &receipt]);
    assert!(proof.contains("c2sp.org/tlog-proof@v1"), "{proof}");
    let mode = fs::metadata(hall.path(&receipt[1..])).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "receipts open lines");
    let words = ["campaign", "draw", "sample", "test", "--size", "2", "--receipts", "@receipts"];
    check(&hall.give(&[&words[..], &WHY].concat()), "draw-differs", 1);
    let none = hall.give(&["draw", "sample", &hall.files(), "--size", "0"]);
    assert_eq!(none.status.code(), Some(2), "a sample of nothing finds nothing");
    hall.node.stop();
}

#[test]
fn what_comes_back_goes_to_others_and_a_void_draw_to_nobody() {
    let hall = Hall::opened();
    hall.step("seed", &["--beacon", BEACON]);
    hall.step("run", &[]);
    hall.step("publish", &[]);
    let lapse = ["campaign", "draw", "lapse", "test"];
    let none = hall.give(&[&lapse[..], &WHY].concat());
    assert_eq!(none.status.code(), Some(2), "a place is to be named: {none:?}");
    let would = hall.said(&[&lapse[..], &["--all", "--dry-run"]].concat());
    assert_eq!(
        would,
        "test: lapse: would take 3 units from 1 pool, of which 3 units can still be collected \
         (taken with --early only); nothing was done\n"
    );
    hall.refused("lapse", &["--outlet", "shop"], "lapse-too-early");
    let lapsed = hall.step("lapse", &["--outlet", "shop", "--early"]);
    assert!(lapsed.starts_with("test: lapse: done, 3 units; registration is "), "{lapsed}");
    let again = hall.step("alternates", &[]);
    assert!(
        again.starts_with("alternates 1 drawn: 3 entries won; with those before, 6\n"),
        "{again}"
    );
    assert!(again.contains("\nalternates-1  "), "{again}");
    let (hidden, _) = hall.node.get("/draws/test/1/winners-1.txt");
    hall.step("publish", &[]);
    let (told, _) = hall.node.get("/draws/test/1/winners-1.txt");
    assert_eq!((hidden, told), (404, 200));
    let key: Value =
        serde_json::from_str(&hall.said(&["campaign", "draw", "show", "test", "--json"])).unwrap();
    let key = key["operator_key"].as_str().unwrap().to_owned();
    hall.verified(&key);

    // The folder is as any other: what only reads works on it.
    let files = hall.files();
    let sample = hall.said(&["draw", "sample", &files, "--size", "2"]);
    assert_eq!(sample.lines().count(), 2, "{sample}");
    let list = fs::read_to_string(Path::new(&files).join("entries.txt")).unwrap();
    fs::write(hall.path("line"), list.split_inclusive('\n').nth(3).unwrap()).unwrap();
    let proof = hall.said(&["draw", "prove", &files, "--of", "@line"]);
    assert!(proof.starts_with("c2sp.org/tlog-proof@v1\nindex 3\n"), "{proof}");
    let page = hall.said(&["draw", "page", &files, "--operator-key", &key]);
    assert!(page.contains("check is there; it trusts this key:"), "{page}");
    hall.verified(&key);

    // One has nothing yet; a draw of theirs is declared void, and shown beside the first.
    let closed = hall.step("close", &["--unserved"]);
    assert!(closed.starts_with("the list of test/1 is closed: 1 entry\n"), "{closed}");
    let void = hall.step("void", &[]);
    assert!(void.starts_with("void: test/1 does not count\n"), "{void}");
    let shown = hall.said(&["campaign", "draw", "show", "test"]);
    let head = "      draw 1  test/1, published\ndraw 2: test/1, void\n list closed  ";
    assert!(shown.starts_with(head), "{shown}");
    let first = hall.said(&["campaign", "draw", "show", "test", "--draw", "1"]);
    assert!(first.contains("\n     winners  6, 6 awarded\n"), "{first}");
    hall.node.stop();
}

#[test]
fn a_step_out_of_order_and_a_secret_that_is_wrong_change_nothing() {
    let hall = Hall::new();
    hall.step("close", &[]);
    let again = hall.refused("close", &[], "draw-order");
    assert!(again.contains("\n  needs: seal\n"), "{again}");
    let early = hall.refused("run", &[], "draw-order");
    assert!(early.contains("\n  needs: seal\n"), "{early}");
    let sealing = hall.sealing();
    let sealing: Vec<&str> = sealing.iter().map(String::as_str).collect();
    let in_earnest = &sealing[..sealing.len() - 1];
    let known = hall.refused("seal", in_earnest, "draw-seed-refused");
    assert!(known.contains("round 657413 of the beacon has appeared"), "{known}");
    hall.step("seal", &sealing);
    let early = hall.refused("publish", &[], "draw-order");
    assert!(early.contains("\n  needs: opening\n"), "{early}");
    let wrong = hall.refused("open", &SWAPPED, "draw-seed-refused");
    let files =
        format!("{} and {}", hall.path("notary").display(), hall.path("operator").display());
    assert!(wrong.contains(&format!("]: not opened with {files}: ")), "{wrong}");
    assert!(wrong.contains("the operator's secret does not open its commitment"), "{wrong}");
    let missing = hall.refused("open", &OPENING[..4], "draw-seed-refused");
    assert!(missing.contains("balls"), "{missing}");
    fs::write(hall.path("typed"), "0123\n").unwrap();
    let typed = ["--operator-secret", "@typed", "--notary-secret", "@notary", "--balls", "7"];
    let words = [&["campaign", "draw", "open", "test"], &typed[..], &WHY].concat();
    check(&hall.give(&words), "draw-file-wrong", 65);
    let shown = hall.said(&["campaign", "draw", "show", "test"]);
    assert!(shown.starts_with("draw 1: test/1, sealed\n"), "{shown}");
    hall.refused("run", &["--draw", "2"], "unknown-draw");
    let two = ["--operator-secret", "@operator", "--operator-commitment", &"0".repeat(64)];
    let words = [&["campaign", "draw", "seal", "test"], &two[..], &sealing[2..], &WHY].concat();
    assert_eq!(hall.give(&words).status.code(), Some(2), "a secret or its commitment");
    hall.node.stop();
}

/// Whatever is asked here is passed on to the node, and its answer back; but the connection on
/// which a seal was asked for is lost when the answer comes.
fn losing(node: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            thread::spawn(move || pass(client, node));
        }
    });
    address
}

fn pass(client: TcpStream, node: SocketAddr) {
    let (first, rest, mut client) = asked(client);
    let mut node = TcpStream::connect(node).unwrap();
    write!(node, "{first}connection: close\r\n").unwrap();
    node.write_all(&rest).unwrap();
    if first.contains("/seal ") {
        assert_eq!(node.read(&mut [0]).unwrap(), 1, "the answer begins");
        return;
    }
    // Whoever asked may have left.
    drop(io::copy(&mut node, &mut client));
}

/// The first line of a request, and the rest of it.
fn asked(client: TcpStream) -> (String, Vec<u8>, TcpStream) {
    let mut client = BufReader::new(client);
    let (mut first, mut rest, mut body_bytes) = (String::new(), Vec::new(), 0);
    client.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).unwrap() == 0 {
            break;
        }
        if let Some(length) = line.to_lowercase().strip_prefix("content-length: ") {
            body_bytes = length.trim().parse().unwrap();
        }
        rest.extend_from_slice(line.as_bytes());
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; body_bytes];
    client.read_exact(&mut body).unwrap();
    rest.extend_from_slice(&body);
    (first, rest, client.into_inner())
}

#[test]
fn a_step_whose_connection_was_lost_is_given_again_and_goes_on() {
    let hall = Hall::new();
    hall.step("close", &[]);
    let sealing = hall.sealing();
    let sealing: Vec<&str> = sealing.iter().map(String::as_str).collect();
    let words = [&["campaign", "draw", "seal", "test"], &sealing[..], &WHY].concat();
    let lost = hall.give_to(losing(hall.node.operator), &words);
    check(&lost, "node-unreachable", 69);
    let told = String::from_utf8(lost.stderr).unwrap();
    assert!(told.contains("the connection was lost before the node answered"), "{told}");
    assert!(told.contains("Give the same command again"), "{told}");
    let seal = Path::new(&hall.files()).join("seal.txt");
    let before = fs::read(&seal).unwrap();
    let sealed = hall.step("seal", &sealing);
    assert!(sealed.starts_with("sealed: 7 entries of test/1\n"), "{sealed}");
    assert_eq!(fs::read(&seal).unwrap(), before);
    let shown = hall.said(&["campaign", "show", "test", "--json"]);
    assert_eq!(shown.matches("draw 1: seal, ").count(), 1, "journalled once: {shown}");
    hall.node.stop();
}

#[test]
fn a_node_that_is_busy_with_a_step_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let draw = json!({ "campaign": "test", "draw": 1, "name": "test/1", "stage": "drawn",
        "needs": "publication", "entries": 7, "winners": 3, "awarded": 3, "events": [],
        "operator_key": "k", "folder": "f",
        "progress": { "doing": "drawing", "done": 3, "of": 7 } });
    let busy = json!({ "code": "draw-busy", "title": "A draw is under way", "detail": "Wait." });
    let served = thread::spawn(move || {
        let mut steps = 0;
        while steps < 2 {
            let (first, _, mut client) = asked(listener.accept().unwrap().0);
            steps += u32::from(first.starts_with("POST /v1/operator/campaigns/test/draws/1/run "));
            let (status, body) = match first.as_str() {
                list if list.contains("/draws ") => ("200 OK", json!([draw])),
                step if step.starts_with("POST") && steps == 1 => {
                    ("503 Service Unavailable", busy.clone())
                }
                _ => ("200 OK", draw.clone()),
            };
            let body = body.to_string();
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
            let answer = format!("{head}content-length: {length}\r\n\r\n{body}");
            // Whoever only looked on may have left.
            drop(client.write_all(answer.as_bytes()));
        }
    });
    let step = ["campaign", "draw", "run", "test", "--server", &server, "--token", "x"];
    let output = run(&[&step[..], &WHY].concat());
    served.join().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, "a step of a draw is under way at the node; waiting for it\n");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("drawn: 3 entries of 7 won\n"), "{said}");
}
