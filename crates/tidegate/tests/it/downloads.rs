//! Exports that go wrong behind the answer's head: what is kept, and what is said.

use crate::refusals::check;
use crate::support::{Program, free_address, free_addresses, tidegate};
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::{fs, thread};

const HEAD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ntidegate-rows: 1\r\n\
                    content-disposition: attachment; filename=\"masks.csv\"\r\n";
const FILE: &str = "code,number\r\n";
/// More than the buffers of both sockets.
const HALF_BYTES: usize = 16 << 20;
const ADVICE: &str = "ask again, with the same --since if there was one";

fn whole() -> String {
    format!("{HEAD}content-length: {}\r\n\r\n{FILE}", FILE.len())
}

fn document(checksum: &str) -> String {
    let body = format!("{{\"exports\":[{{\"checksum\":\"{checksum}\"}}]}}");
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Something that is asked like a node, and answers as the test has it.
struct Node(TcpListener);

impl Node {
    fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// The next connection, when the whole request is there.
    fn asked(&self) -> TcpStream {
        let mut stream = BufReader::new(self.0.accept().unwrap().0);
        let (mut line, mut body_bytes) = (String::new(), 0);
        while stream.read_line(&mut line).unwrap() > 2 {
            if let Some(length) = line.to_lowercase().strip_prefix("content-length: ") {
                body_bytes = length.trim().parse().unwrap();
            }
            line.clear();
        }
        stream.read_exact(&mut vec![0; body_bytes]).unwrap();
        stream.into_inner()
    }

    fn export(&self, folder: &Path, rest: &[&str]) -> Command {
        let server = format!("http://{}", self.0.local_addr().unwrap());
        let mut command = tidegate(&["campaign", "export", "masks", "--reason", "shops"]);
        command.args(["--server", &server, "--token", "x"]).args(rest).current_dir(folder);
        command
    }
}

/// Exports from something that gives these answers, one a connection, whatever it is asked.
fn export_to(folder: &Path, rest: &[&str], answers: Vec<String>) -> Output {
    let node = Node::start();
    let mut command = node.export(folder, rest);
    let served = thread::spawn(move || {
        for answer in answers {
            node.asked().write_all(answer.as_bytes()).unwrap();
        }
    });
    let output = command.output().unwrap();
    served.join().unwrap();
    output
}

fn export(folder: &Path, answers: Vec<String>) -> Output {
    export_to(folder, &[], answers)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(file: &str) -> String {
    hex(&fs::read(file).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Says that the export may be recorded; what else it said.
fn refused(output: &Output, code: &str) -> String {
    let exit = match code {
        "answer-unreadable" | "node-unreachable" => 69,
        "output-refused" => 73,
        _ => 1,
    };
    check(output, code, exit);
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(words.contains(ADVICE), "{words}");
    assert!(!words.contains("nothing was recorded"), "{words}");
    words
}

#[test]
fn an_export_that_breaks_off_may_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let cut = format!("{HEAD}transfer-encoding: chunked\r\n\r\nd\r\n{FILE}\r\n");
    refused(&export(folder.path(), vec![cut]), "export-cut");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn an_export_that_is_never_answered_may_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    refused(&export(folder.path(), vec![String::new()]), "node-unreachable");
    let nobody = format!("http://{}", free_address());
    let client = ["--server", &nobody, "--token", "x"];
    let rest = ["campaign", "export", "masks", "--reason", "shops"];
    let output = tidegate(&[&rest[..], &client[..]].concat()).output().unwrap();
    check(&output, "node-unreachable", 69);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(!words.contains(ADVICE), "nothing was asked: {words}");
}

#[test]
fn an_export_that_is_not_recorded_as_it_came_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let answers = vec![whole(), document(&"00".repeat(32))];
    refused(&export(folder.path(), answers), "export-differs");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_whole_file_that_cannot_be_checked_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    // Somebody else's, whatever it is called.
    fs::write(folder.path().join("masks.csv.part"), "mine").unwrap();
    let checksum = hex(FILE.as_bytes());
    let words = refused(
        &export(folder.path(), vec![whole(), "HTTP/1.1 502 Bad Gateway\r\n\r\n".to_owned()]),
        "answer-unreadable",
    );
    assert!(words.contains(&checksum) && words.contains("masks.csv-2.part"), "{words}");
    assert_eq!(names(folder.path()), ["masks.csv-2.part", "masks.csv.part"]);
    assert_eq!(fs::read_to_string(folder.path().join("masks.csv.part")).unwrap(), "mine");
    let kept = fs::read_to_string(folder.path().join("masks.csv-2.part")).unwrap();
    assert_eq!(kept, FILE);
}

#[test]
fn an_export_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let output = export(folder.path(), vec![whole(), document(&hex(FILE.as_bytes()))]);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("masks.csv: 1 row, 13 bytes"));
    let file = folder.path().join("masks.csv");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&file).unwrap(), FILE);
}

#[test]
fn an_export_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("masks.csv"), "mine").unwrap();
    symlink("nowhere", path("link.csv")).unwrap();
    for name in ["masks.csv", "link.csv"] {
        let output = export_to(folder.path(), &["--output", name], Vec::new());
        check(&output, "output-refused", 73);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("is there already") && !words.contains(ADVICE), "{words}");
    }
    assert!(path("link.csv").is_symlink() && !path("nowhere").exists());
    // Whoever gave no name is told the one it got.
    let output = export(folder.path(), vec![whole(), document(&hex(FILE.as_bytes()))]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("masks-2.csv: "), "{output:?}");
    assert_eq!(fs::read_to_string(path("masks.csv")).unwrap(), "mine");
}

#[test]
fn a_node_is_asked_only_when_there_is_a_file_to_write_to() {
    let folder = tempfile::tempdir().unwrap();
    for output in ["missing/masks.csv", "masks/", "."] {
        let output = export_to(folder.path(), &["--output", output], Vec::new());
        check(&output, "output-refused", 73);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(!words.contains(ADVICE), "nothing was asked: {words}");
    }
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

/// An answer's head and more than sockets hold, so that most of it was read when this returns.
fn half(stream: &mut TcpStream) {
    let half = vec![b'x'; HALF_BYTES];
    stream
        .write_all(format!("{HEAD}content-length: {}\r\n\r\n", 2 * HALF_BYTES).as_bytes())
        .unwrap();
    stream.write_all(&half).unwrap();
}

#[test]
fn an_export_that_is_interrupted_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start();
    let mut client = node.export(folder.path(), &[]).spawn().unwrap();
    half(&mut node.asked());
    assert_eq!(names(folder.path()), Vec::<String>::new(), "what is cut has no name");
    client.kill().unwrap();
    client.wait().unwrap();
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn two_exports_to_one_file_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start();
    let start = || {
        let mut command = node.export(folder.path(), &["--output", "masks.csv"]);
        let client = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stream = node.asked();
        half(&mut stream);
        (client, stream)
    };
    let finish = |(client, mut stream): (Child, TcpStream), rest: u8| {
        stream.write_all(&vec![rest; HALF_BYTES]).unwrap();
        let mut bytes = vec![b'x'; HALF_BYTES];
        bytes.resize(2 * HALF_BYTES, rest);
        let answer = document(&hex(&bytes));
        node.asked().write_all(answer.as_bytes()).unwrap();
        (client.wait_with_output().unwrap(), hex(&bytes))
    };
    let (first, second) = (start(), start());
    let (first, checksum) = finish(first, b'1');
    assert!(first.status.success(), "{first:?}");
    let second = finish(second, b'2').0;
    let words = refused(&second, "output-refused");
    assert!(words.contains("masks.csv is there already"), "{words}");
    assert_eq!(digest(folder.path().join("masks.csv").to_str().unwrap()), checksum);
    assert_eq!(names(folder.path()), ["masks.csv"]);
}

#[test]
fn an_export_begins_from_the_file_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), free_addresses());
    program.open_campaign();
    let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let export = |rest: &[&str]| {
        program.operate(&[&["campaign", "export", "test", "--reason", "shops"], rest].concat())
    };
    let first = name("first.zip");
    check(&export(&["--output", "-"]), "output-refused", 73);
    check(&export(&["--since", &first]), "file-missing", 66);
    assert!(export(&["--output", &first]).status.success());
    for (since, output) in [(first.clone(), "second.zip"), (digest(&first), "third.zip")] {
        let output = export(&["--since", &since, "--output", &name(output)]);
        assert!(output.status.success(), "{output:?}");
    }
    fs::write(&first, "opened and saved again").unwrap();
    check(&export(&["--since", &first]), "export-unknown", 1);
    program.stop();
}
