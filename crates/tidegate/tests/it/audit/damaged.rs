//! Journals and snapshots that are damaged, missing in part, or mixed with others.

use super::{audit, log, release, snapshot, told, write};
use crate::refusals::check;
use crate::support::{free_addresses, run};
use journal::Log as _;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;
use types::Millis;

const FIRST: &str = "00000000000000000001.seg";

fn first(data: &Path) -> PathBuf {
    data.join("journal").join(FIRST)
}

fn verify(data: &Path) -> Output {
    run(&["journal", "verify", "--data", data.to_str().unwrap()])
}

/// The findings, one a line.
fn found(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("FOUND ")).collect()
}

#[test]
fn damage_comes_first_and_what_is_behind_it_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut frames = release();
    // An entry is missing that the export knows.
    frames.remove(3);
    let (hash, ledger) = write(&data, &frames);
    snapshot(&data, hash, &ledger, ledger.hash().0);
    let mut bytes = fs::read(first(&data)).unwrap();
    // In the last frame, behind the export.
    let last = bytes.windows(4).rposition(|four| four == b"TGfr").unwrap();
    let header = bytes[..last].windows(4).rposition(|four| four == b"TGfr").unwrap();
    bytes[header + 20] ^= 1;
    fs::write(first(&data), &bytes).unwrap();

    let output = audit(&data, &[]);
    check(&output, "journal-damaged", 65);
    let (_, text) = told(&output);
    let [damage, export] = found(&text)[..] else { panic!("{text}") };
    let place = format!("FOUND damage: frame 6: {FIRST} is damaged at byte {header}, frame 6: ");
    assert!(damage.starts_with(&place), "{text}");
    assert!(export.starts_with("FOUND export: frame 5 byte 0: "), "{text}");
    for words in [
        "compare  the snapshot of frame 6, at frame 6: not compared, since the audit stopped at \
         frame 6",
        "totals   up to frame 5 of a damaged journal",
        "and 1 more was found in what was audited",
    ] {
        assert!(text.contains(words), "{words} is missing: {text}");
    }
    assert!(!text.contains("ends before") && !text.contains("keep  "), "{text}");
    let json: Value = serde_json::from_slice(&audit(&data, &["--json"]).stdout).unwrap();
    assert_eq!(json["not_compared"][0]["who"], "the snapshot of frame 6");
    assert_eq!((&json["stopped_at"], &json["end"]["how"]), (&6.into(), &"damaged".into()));
    let damage = &json["findings"][0];
    assert_eq!((&damage["kind"], &damage["offset"]), (&"damage".into(), &Value::Null));
}

#[test]
fn verify_lists_damage_without_advice_to_run_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &release());
    let mut bytes = fs::read(first(&data)).unwrap();
    bytes[4_096 + 100] ^= 1;
    fs::write(first(&data), bytes).unwrap();
    let output = verify(&data);
    check(&output, "journal-damaged", 65);
    let (_, text) = told(&output);
    let place = format!("DAMAGED: journal/{FIRST} is damaged at byte 4096, frame 1: ");
    assert!(text.contains(&place), "{text}");
    assert!(!text.contains("tidegate journal verify"), "{text}");
}

#[test]
fn every_part_of_a_snapshot_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let snapped = |name: &str| {
        let data = folder.path().join(name);
        let (hash, ledger) = write(&data, &release());
        snapshot(&data, hash, &ledger, ledger.hash().0);
        (data.clone(), data.join("snapshots/00000000000000000007.snap"))
    };
    let damaged = |data: &Path, words: &str| {
        let output = audit(data, &[]);
        check(&output, "snapshot-damaged", 65);
        let (_, text) = told(&output);
        assert!(text.contains(words), "{words} is missing: {text}");
        assert!(!text.contains("agreed "), "{text}");
    };
    let (data, path) = snapped("flipped");
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&path, flipped).unwrap();
    damaged(&data, ".snap is damaged: a chunk does not match its hash (byte 160)");
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    damaged(&data, ".snap is damaged: it ends before its closing chunk (byte 160)");
    fs::remove_file(&path).unwrap();
    symlink("gone", &path).unwrap();
    damaged(&data, ".snap is a link to what is not there");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    damaged(&data, ".snap is no file");
    fs::remove_dir(&path).unwrap();
    fs::write(&path, whole).unwrap();
    assert_eq!(told(&audit(&data, &[])).0, Some(0));
}

#[test]
fn a_folder_in_place_of_a_segment_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &release());
    fs::remove_file(first(&data)).unwrap();
    fs::create_dir(first(&data)).unwrap();
    let output = audit(&data, &[]);
    check(&output, "journal-damaged", 65);
    assert!(told(&output).1.contains("it is no file"), "{output:?}");
    check(&verify(&data), "journal-damaged", 65);
}

#[test]
fn a_journal_without_its_beginning_names_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &release());
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    fs::rename(first(&data), archive.join(FIRST)).unwrap();
    for output in [audit(&data, &[]), audit(&data, &["--json"]), verify(&data)] {
        check(&output, "journal-incomplete", 65);
        let (_, text) = told(&output);
        assert!(text.contains("--archive"), "{text}");
        assert!(!text.contains("must never be"), "{text}");
    }
    // An archive that lacks it, too, and a folder without any.
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let wrong = ["--archive", empty.to_str().unwrap()];
    check(&audit(&data, &wrong), "journal-incomplete", 65);
    fs::remove_dir(data.join("journal")).unwrap();
    check(&audit(&data, &[]), "journal-incomplete", 65);
    let right = ["--archive", archive.to_str().unwrap()];
    assert_eq!(told(&audit(&data, &right)).0, Some(0));
}

#[test]
fn a_stray_copy_of_a_segment_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &release());
    let stray = "00000000000000000002.seg";
    fs::copy(first(&data), data.join("journal").join(stray)).unwrap();
    let output = audit(&data, &[]);
    check(&output, "journal-damaged", 65);
    let (_, text) = told(&output);
    assert!(
        text.contains(&format!("FOUND damage: frame 8: {stray} does not belong here")),
        "{text}"
    );
    assert!(text.contains("Move it away"), "{text}");
}

#[test]
fn an_archive_of_another_journal_or_time_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [data, foreign] = ["data", "foreign"].map(|name| folder.path().join(name));
    write(&data, &release());
    write(&foreign, &release());
    // Of another journal, by the header of its segment, whose hash is right.
    let mut bytes = fs::read(first(&foreign)).unwrap();
    bytes[16..32].copy_from_slice(&[9; 16]);
    let hash = ::audit::Hash::of(&[&bytes[..96]]);
    bytes[96..128].copy_from_slice(&hash.0);
    fs::write(first(&foreign), &bytes).unwrap();
    let archive = foreign.join("journal");
    let named = ["--archive", archive.to_str().unwrap()];
    let output = audit(&data, &named);
    check(&output, "archive-mismatch", 65);
    assert!(told(&output).1.contains("of another journal"), "{output:?}");
    let data_text = data.to_str().unwrap();
    for command in ["verify", "inspect", "replay"] {
        let output = run(&[&["journal", command, "--data", data_text], &named[..]].concat());
        check(&output, "archive-mismatch", 65);
    }
    // A node that moved its segments there would replace the other's.
    let config = folder.path().join("tidegate.toml");
    fs::write(&config, format!("archive = {:?}\n", archive.to_str().unwrap())).unwrap();
    let (public, operator) = free_addresses();
    let output = run(&[
        "serve",
        "--data",
        data_text,
        "--config",
        config.to_str().unwrap(),
        "--listen",
        &public.to_string(),
        "--operator-listen",
        &operator.to_string(),
    ]);
    check(&output, "archive-mismatch", 65);
    assert_eq!(fs::read(first(&foreign)).unwrap(), bytes, "and is left alone");

    // The journal's own folder, and an archive that is ahead of it.
    let own = data.join("journal");
    check(&audit(&data, &["--archive", own.to_str().unwrap()]), "archive-mismatch", 65);
}

#[test]
fn a_report_that_cannot_be_written_ends_with_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &release());
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let audit = || {
        crate::support::tidegate(&["audit", "--data", data.to_str().unwrap()])
            .stdout(full())
            .stderr(std::process::Stdio::piped())
            .output()
            .unwrap()
    };
    let output = audit();
    check(&output, "output-refused", 73);
    assert!(told(&output).1.contains("audit: clean"), "{output:?}");
    // A frame that no release writes.
    log(&data).append(Millis(super::START + 99), 2, &[1, 0, 0, 0, 17]).unwrap();
    let output = audit();
    check(&output, "output-refused", 73);
    assert!(told(&output).1.contains("audit: 1 finding"), "{output:?}");
}
