//! The data folder: in use, newer, read-only, foreign.

use crate::directed::{Answer, Directed};
use crate::support::{append, folder_options, new_log, open_log};
use expect_test::{Expect, expect};
use journal::{DataFolder, Disk, JournalError, JournalId, OsDisk};
use sha2::{Digest, Sha256};
use simdisk::{Fault, SimDisk};
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

fn open(disk: &SimDisk) -> Result<DataFolder, JournalError> {
    DataFolder::open(Arc::new(disk.clone()), folder_options())
}

fn check(disk: &SimDisk, expected: Expect) {
    let error = open(disk).unwrap_err();
    expected.assert_eq(&format!("{}: {error}", error.code()));
}

fn new_folder() -> SimDisk {
    let disk = SimDisk::default();
    assert!(open(&disk).unwrap().was_created());
    disk
}

#[test]
fn a_folder_is_made_once() {
    let disk = new_folder();
    assert!(!open(&disk).unwrap().was_created());
    expect![[r#"
        [
            "FORMAT",
            "LOCK",
            "journal/00000000000000000001.seg",
        ]
    "#]]
    .assert_debug_eq(&disk.paths());
    expect![[r#"
        tidegate data folder
        format 1
        journal 07070707070707070707070707070707
    "#]]
    .assert_eq(&String::from_utf8(disk.bytes("FORMAT").unwrap()).unwrap());
}

#[test]
fn a_second_opener_is_refused_and_told_who_is_there() {
    let disk = new_folder();
    let folder = open(&disk).unwrap();
    check(
        &disk,
        expect![
            "data-in-use: another tidegate process (process 4711) is using this data folder. Stop it first, or give this one a folder of its own"
        ],
    );
    drop(folder);
    open(&disk).unwrap();
}

#[test]
fn a_newer_folder_is_refused() {
    let disk = new_folder();
    let text =
        String::from_utf8(disk.bytes("FORMAT").unwrap()).unwrap().replace("format 1", "format 2");
    disk.set_bytes("FORMAT", text.as_bytes());
    check(
        &disk,
        expect![
            "data-newer: FORMAT has format 2, and this release knows formats up to 1. Start the release that wrote it, or a later one; nothing was changed"
        ],
    );
}

#[test]
fn a_newer_segment_is_refused() {
    let (memory, disk, log) = new_log();
    drop(log);
    let path = "journal/00000000000000000001.seg";
    let mut bytes = memory.bytes(path).unwrap();
    bytes[8] = 2;
    memory.set_bytes(path, &bytes);
    let expected = expect![
        "journal/00000000000000000001.seg has format 2, and this release knows formats up to 1. Start the release that wrote it, or a later one; nothing was changed"
    ];
    expected.assert_eq(&open_log(&disk).unwrap_err().to_string());
}

/// Its checksum is right, so only somebody who computed it could have written it.
#[test]
fn a_segment_of_a_version_that_never_was_is_damaged() {
    let (memory, disk, log) = new_log();
    drop(log);
    let path = "journal/00000000000000000001.seg";
    let whole = memory.bytes(path).unwrap();
    for at in [8, 12, 80, 95] {
        let mut bytes = whole.clone();
        bytes[at] = if at == 8 { 0 } else { bytes[at] ^ 1 };
        let checksum: [u8; 32] = Sha256::digest(&bytes[..96]).into();
        bytes[96..128].copy_from_slice(&checksum);
        memory.set_bytes(path, &bytes);
        assert_eq!(open_log(&disk).unwrap_err().code(), "journal-damaged", "byte {at}");
    }
}

#[test]
fn what_may_not_be_read_is_told_as_such() {
    let directed = Directed::new(new_folder());
    directed.direct(|_| Some(Answer::Error(io::ErrorKind::PermissionDenied)));
    let error = journal::read_format(&directed).unwrap_err();
    assert_eq!(error.code(), "access-denied", "{error}");
}

#[test]
fn a_read_only_folder_is_refused() {
    let disk = new_folder();
    disk.set_read_only();
    check(
        &disk,
        expect![
            "data-read-only: LOCK cannot be written (read-only filesystem or storage medium). Check the owner and mode of the data folder and that its file system is mounted for writing"
        ],
    );
}

#[test]
fn a_foreign_folder_is_refused() {
    let disk = SimDisk::default();
    Disk::create(&disk, "holiday.jpg").unwrap();
    check(
        &disk,
        expect![
            "data-not-tidegate: the folder is not a Tidegate data folder: it holds `holiday.jpg` and no valid FORMAT file. Name the folder that holds FORMAT, perhaps one within this, or an empty one; or put the FORMAT file back from a copy"
        ],
    );
}

#[test]
fn tokens_made_ahead_are_nothing_foreign() {
    let disk = SimDisk::default();
    drop(disk.create("tokens.json.new").unwrap());
    assert!(open(&disk).unwrap().was_created());
}

#[test]
fn a_lost_format_file_does_not_cost_the_journal() {
    let (memory, _, mut log) = new_log();
    append(&mut log, 1, 10);
    drop(log);
    Disk::remove(&memory, "FORMAT").unwrap();
    check(
        &memory,
        expect![
            "data-not-tidegate: the folder is not a Tidegate data folder: it holds journal/00000000000000000001.seg and no valid FORMAT file. Name the folder that holds FORMAT, perhaps one within this, or an empty one; or put the FORMAT file back from a copy"
        ],
    );
    let disk = new_folder();
    disk.set_bytes("FORMAT", b"something else");
    check(
        &disk,
        expect![
            "data-not-tidegate: the folder is not a Tidegate data folder: it holds an unreadable FORMAT file and no valid FORMAT file. Name the folder that holds FORMAT, perhaps one within this, or an empty one; or put the FORMAT file back from a copy"
        ],
    );
}

/// The one thing in a folder that nobody expects there is the one that is named.
#[test]
fn a_folder_without_format_is_told_by_what_is_foreign_in_it() {
    let found = |disk: &SimDisk| match journal::read_format(disk) {
        Err(JournalError::NotTidegate { found }) => found,
        other => panic!("{other:?}"),
    };
    let disk = SimDisk::default();
    assert_eq!(found(&disk), "nothing");
    drop(disk.create("LOCK").unwrap());
    assert_eq!(found(&disk), "`LOCK`");
    drop(disk.create("holiday.jpg").unwrap());
    drop(disk.create("A.jpg").unwrap());
    assert!(["`holiday.jpg`", "`A.jpg`"].contains(&&*found(&disk)));
    Disk::remove(&disk, "A.jpg").unwrap();
    assert_eq!(found(&disk), "`holiday.jpg`");
}

#[test]
fn a_format_file_is_whole_or_none() {
    let id = "0f".repeat(16);
    let title = "tidegate data folder\nformat 1\njournal ";
    let read = |text: &str| {
        let disk = SimDisk::default();
        drop(disk.create("FORMAT").unwrap());
        disk.set_bytes("FORMAT", text.as_bytes());
        journal::read_format(&disk).map_err(|error| error.code())
    };
    assert_eq!(read(&format!("{title}{id}\n")), Ok(JournalId([0x0f; 16])));
    for bad in [
        format!("{title}{}\n", &id[1..]),
        format!("{title}0{id}\n"),
        format!("{title}{}+\n", &id[1..]),
        format!("{title}+{}\n", &id[1..]),
        format!("{title}{id}\nmore\n"),
        title.to_owned(),
        title.replace("format 1", "format") + &id,
        // Versions that no release ever had, or wrote so.
        title.replace("format 1", "format 0") + &id,
        title.replace("format 1", "format 01") + &id,
        title.replace("format 1", "format +1") + &id,
        title.replace("format 1", "format -1") + &id,
        title.replace("tidegate", "Tidegate") + &id,
        String::new(),
    ] {
        assert_eq!(read(&bad), Err("data-not-tidegate"), "{bad}");
    }
}

/// Another process may make or lose what was there a moment ago.
#[test]
fn what_changes_between_two_looks_is_judged_by_the_second() {
    let after = |calls: &'static [&'static str]| {
        let directed = Directed::new(new_folder());
        let mut left = calls;
        directed.direct(move |call| {
            let (first, rest) = left.split_first()?;
            if call != first.trim_start_matches('!') {
                return None;
            }
            left = rest;
            first.starts_with('!').then_some(Answer::Error(io::ErrorKind::NotFound))
        });
        let disk: Arc<dyn Disk> = Arc::new(directed);
        DataFolder::open(disk, folder_options()).map(|folder| folder.was_created())
    };
    assert!(!after(&["!open LOCK"]).unwrap(), "made by another after the look");
    let error = after(&["open FORMAT", "!open FORMAT"]).unwrap_err();
    assert_eq!(error.code(), "data-not-tidegate", "what was there is not made anew: {error}");
}

/// What a creation leaves is a segment of nothing; whatever else it holds is somebody's.
#[test]
fn an_orphan_that_holds_anything_is_left_alone() {
    const SEGMENT: &str = "journal/00000000000000000001.seg";
    let orphan = |change: &dyn Fn(&mut Vec<u8>)| {
        let disk = new_folder();
        Disk::remove(&disk, "FORMAT").unwrap();
        let mut bytes = disk.bytes(SEGMENT).unwrap();
        change(&mut bytes);
        disk.set_bytes(SEGMENT, &bytes);
        let opened = open(&disk).map(|folder| folder.was_created()).map_err(|e| e.code());
        assert!(opened.is_ok() || disk.bytes(SEGMENT).as_ref() == Some(&bytes));
        opened
    };
    assert_eq!(orphan(&|_| ()), Ok(true));
    assert_eq!(orphan(&|bytes| bytes[512] = 1), Err("journal-damaged"), "its header");
    for at in [4_096, 5_000, 8_191] {
        assert_eq!(orphan(&|bytes| bytes[at] = 1), Err("data-not-tidegate"), "at {at}");
    }
}

/// The other process of the next test: takes the folder, says so, and waits to be let go.
#[test]
fn hold_the_folder_for_another_process() {
    let Ok(folder) = std::env::var("JOURNAL_TEST_HOLD") else { return };
    let disk = Arc::new(OsDisk::open_or_create(folder).unwrap());
    let options = journal::FolderOptions { process: std::process::id(), ..folder_options() };
    let held = DataFolder::open(disk, options).unwrap();
    println!("held");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    drop(held);
}

#[test]
fn two_processes_cannot_have_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "folder::hold_the_folder_for_another_process", "--nocapture"])
        .env("JOURNAL_TEST_HOLD", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("held")));
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(folder.path()).unwrap());
    let error = DataFolder::open(Arc::clone(&disk), folder_options()).unwrap_err();
    let pid = other.id();
    assert!(matches!(error, JournalError::InUse { pid: Some(found) } if found == pid), "{error}");
    other.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(lines.all(|line| line.is_ok()), "the other process ends its output");
    assert!(other.wait().unwrap().success());
    DataFolder::open(disk, folder_options()).unwrap();
}

#[test]
fn without_room_for_the_first_segment_it_says_what_to_do_before_the_next_start() {
    let disk = SimDisk::default();
    disk.set_fault(6, Fault::Full);
    check(
        &disk,
        expect![
            "journal-full: the disk or quota is full: journal/prepared.tmp could not be written (no storage space), so the new data folder is not finished and nothing is recorded in it. It begins with 8192 bytes for the first segment, and soon takes as much again for the next. Make room, or set a smaller segment_megabytes, then start again"
        ],
    );
    disk.heal();
    assert!(open(&disk).unwrap().was_created(), "the next start begins anew");
    for operation in 0.. {
        let disk = SimDisk::default();
        disk.set_fault(operation, Fault::Full);
        let Err(error) = open(&disk) else { break };
        assert_eq!(error.code(), "journal-full", "operation {operation}: {error}");
        let told = error.to_string();
        assert!(!told.contains("by itself"), "nothing runs that could go on: {told}");
        disk.heal();
        assert!(open(&disk).unwrap().was_created(), "after operation {operation}");
    }
}
