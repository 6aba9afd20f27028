//! Exports that go wrong behind the answer's head: what is kept, and what is said.

use crate::refusals::check;
use crate::support::{Program, free_address, free_addresses, tidegate};
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::{fs, thread};

const HEAD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ntidegate-rows: 1\r\n\
                    content-disposition: attachment; filename=\"masks.csv\"\r\n";
const FILE: &str = "code,number\r\n";
const ADVICE: &str = "ask again, with the same --since if there was one";

fn whole() -> String {
    format!("{HEAD}content-length: {}\r\n\r\n{FILE}", FILE.len())
}

fn document(checksum: &str) -> String {
    let body = format!("{{\"exports\":[{{\"checksum\":\"{checksum}\"}}]}}");
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Exports from something that gives these answers, one a connection, whatever it is asked.
fn export(folder: &Path, answers: Vec<String>) -> Output {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        for answer in answers {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let (mut line, mut body_bytes) = (String::new(), 0);
            while stream.read_line(&mut line).unwrap() > 2 {
                if let Some(length) = line.to_lowercase().strip_prefix("content-length: ") {
                    body_bytes = length.trim().parse().unwrap();
                }
                line.clear();
            }
            stream.read_exact(&mut vec![0; body_bytes]).unwrap();
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    let mut command = tidegate(&["campaign", "export", "masks", "--reason", "shops"]);
    let command = command.args(["--server", &server, "--token", "x"]).current_dir(folder);
    let output = command.output().unwrap();
    served.join().unwrap();
    output
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(file: &str) -> String {
    hex(&fs::read(file).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Says that the export may be recorded; what else it said.
fn refused(output: &Output, code: &str) -> String {
    check(output, code, 1);
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
    check(&output, "node-unreachable", 1);
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
    let checksum = hex(FILE.as_bytes());
    let words = refused(
        &export(folder.path(), vec![whole(), "HTTP/1.1 502 Bad Gateway\r\n\r\n".to_owned()]),
        "answer-unreadable",
    );
    assert!(words.contains(&checksum) && words.contains("masks.csv.part"), "{words}");
    assert_eq!(names(folder.path()), ["masks.csv.part"]);
    // The next one takes its place.
    let output = export(folder.path(), vec![whole(), document(&checksum)]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(names(folder.path()), ["masks.csv"]);
}

#[test]
fn a_name_that_is_taken_is_found_out_late() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("masks.csv"), "mine").unwrap();
    refused(&export(folder.path(), vec![whole()]), "output-refused");
    assert_eq!(fs::read_to_string(folder.path().join("masks.csv")).unwrap(), "mine");
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
    check(&export(&["--output", "-"]), "output-refused", 1);
    check(&export(&["--since", &first]), "file-missing", 1);
    assert!(export(&["--output", &first]).status.success());
    for (since, output) in [(first.clone(), "second.zip"), (digest(&first), "third.zip")] {
        let output = export(&["--since", &since, "--output", &name(output)]);
        assert!(output.status.success(), "{output:?}");
    }
    fs::write(&first, "opened and saved again").unwrap();
    check(&export(&["--since", &first]), "export-unknown", 1);
    program.stop();
}
