//! `tidegate audit`: clean folders, running nodes, and journals that were damaged or forged.

mod damaged;
mod denied;
mod draws;

use crate::refusals::check;
use crate::support::{CAMPAIGN, Program, free_addresses, run};
use crowd::load::Pace;
use crowd::{CrowdOptions, Loopback, Offer, Progress};
use journal::snapshots::{SnapshotMeta, SnapshotWriter};
use journal::{
    DataFolder, Disk, FileLog, FolderOptions, FrameHash, JournalId, Log, LogOptions, OsDisk,
};
use ledger::Ledger;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};
use types::command::{EnterParts, encode_tick};
use types::{
    Action, CampaignNo, EnterDigests, ExportMark, Millis, OperatorCommand, PersonKey, PoolNo,
    RequestId,
};

const START: u64 = 1_790_000_000_000;

fn audit(data: &Path, more: &[&str]) -> Output {
    run(&[&["audit", "--data", data.to_str().unwrap()], more].concat())
}

/// Exit code and all that was told.
fn told(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn operator(action: Action) -> Vec<u8> {
    let (actor, reason) = ("duty officer".to_owned(), "test".to_owned());
    let mut record = Vec::new();
    OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
    record
}

/// One person's request for a mask.
fn enter(person: u8) -> Vec<u8> {
    enter_as(person, b"sealed")
}

fn enter_as(person: u8, sealed: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    EnterParts {
        campaign: CampaignNo(0),
        request: RequestId([person; 16]),
        digests: EnterDigests { request: [person; 8], identity: [person; 8] },
        units: 1,
        choices: &[PoolNo(0)],
        keys: &[PersonKey([person; 16]), PersonKey([100 + person; 16])],
        sealed,
    }
    .encode(&mut record);
    record
}

/// A release, as frames: three people enter, their bookings are handed over, and a clock ticks.
fn release() -> Vec<Vec<u8>> {
    let files = [("c.toml".to_owned(), CAMPAIGN.into())];
    let files = campaign::Uploaded(files.into_iter().collect());
    let loaded = campaign::read_from(&files, "c.toml", Millis(0)).unwrap();
    let definition = Box::new(loaded.definition);
    let campaign = CampaignNo(0);
    let seen = ExportMark { at: Millis(START + 5), entries: 3, told: Vec::new() };
    let (bookings, checksum) = (3, "ab".repeat(32));
    let mut tick = Vec::new();
    encode_tick(&mut tick);
    vec![
        operator(Action::Load { definition }),
        operator(Action::Open { campaign }),
        enter(1),
        enter(2),
        enter(3),
        operator(Action::Export { campaign, bookings, checksum, seen: Some(seen) }),
        tick,
    ]
}

/// A new journal.
fn log(data: &Path) -> FileLog {
    fs::create_dir_all(data).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(data).unwrap());
    let new_journal = JournalId([3; 16]);
    let options = FolderOptions { new_journal, segment_bytes: 1 << 20, process: 1 };
    let folder = DataFolder::open(Arc::clone(&disk), options).unwrap();
    FileLog::open(disk, LogOptions::new(folder.journal())).unwrap().0
}

/// Writes frames as the program does, whatever they hold: the chain is right.
fn write(data: &Path, frames: &[Vec<u8>]) -> (FrameHash, Ledger) {
    let (mut log, mut ledger) = (log(data), Ledger::new());
    for (no, payload) in frames.iter().enumerate() {
        let at = Millis(START + no as u64 + 1);
        let frame = log.append(at, 1, payload).unwrap();
        ledger.apply_frame(frame, at, payload, &mut Vec::new()).unwrap();
    }
    (log.tail().hash, ledger)
}

fn snapshot(data: &Path, frame_hash: FrameHash, ledger: &Ledger, ledger_hash: u64) {
    let mut wide = [0; 32];
    wide[..8].copy_from_slice(&ledger_hash.to_le_bytes());
    let (frame, at) = (ledger.frame(), ledger.time());
    let journal = JournalId([3; 16]);
    let meta = SnapshotMeta { journal, frame, at, frame_hash, ledger_hash: wide };
    let disk = Arc::new(OsDisk::open(data).unwrap());
    SnapshotWriter::create(disk, meta).unwrap().finish().unwrap();
}

/// Every file, its length and when it last changed.
fn listing(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::metadata(&path).unwrap();
        if about.is_dir() {
            files.extend(listing(&path));
        }
        files.push((path, about.len(), about.modified().unwrap()));
    }
    files.sort();
    files
}

#[test]
fn a_sound_folder_balances_and_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (hash, ledger) = write(&data, &release());
    snapshot(&data, hash, &ledger, ledger.hash().0);
    let before = listing(&data);
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(0), "{text}");
    for words in [
        "7 frames, 7 commands",
        "entries  3 = 3 booked + 0 redeemed + 0 cancelled",
        "persons  3 by id_number, 3 by phone",
        "5,000 issued = 4,997 free + 3 booked + 0 withdrawn",
        "agreed   the snapshot of frame 7, at frame 7",
        &ledger.hash().to_string(),
        &format!("chain    {hash} at frame 7\nkeep     the line above"),
    ] {
        assert!(text.contains(words), "{words} is missing: {text}");
    }
    assert!(text.ends_with("audit: clean\n"), "{text}");

    let json: Value = serde_json::from_slice(&audit(&data, &["--json"]).stdout).unwrap();
    assert_eq!(json["clean"], true);
    assert_eq!(json["campaigns"][0]["pools"][0]["free"], 4_997);
    assert_eq!(json["outcomes"]["booked"], 3);
    assert_eq!(json["end"]["how"], "clean");
    assert_eq!(listing(&data), before, "an audit writes nothing");
}

#[test]
fn a_forged_journal_is_sound_and_does_not_balance() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut frames = release();
    // Somebody takes the second person's entry out, and makes the chain anew.
    frames.remove(3);
    let (hash, ledger) = write(&data, &frames);
    let verified = run(&["journal", "verify", "--data", data.to_str().unwrap()]);
    assert!(String::from_utf8(verified.stdout).unwrap().ends_with("sound\n"));
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("FOUND export: frame 5 byte 0: test: an export names 3"), "{text}");
    assert!(text.contains("error[audit-failed]"), "{text}");

    // Without the export, only who else remembers the state can tell.
    frames.remove(4);
    let data = folder.path().join("other");
    write(&data, &frames);
    assert_eq!(told(&audit(&data, &[])).0, Some(0));
    snapshot(&data, hash, &ledger, ledger.hash().0);
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("FOUND state: the snapshot of frame 6 is at frame 6"), "{text}");
}

#[test]
fn a_state_that_a_snapshot_does_not_know_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (hash, ledger) = write(&data, &release());
    snapshot(&data, hash, &ledger, ledger.hash().0 ^ 1);
    let output = audit(&data, &["--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["clean"], &json["findings_count"]), (&false.into(), &1.into()));
    assert_eq!(json["findings"][0]["kind"], "state");
    assert_eq!(json["findings"][0]["frame"], 7);
}

/// What is found beside the books' own findings: each kind once.
#[test]
fn files_that_changed_and_frames_that_no_release_writes_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let found = |name: &str, words: &str, forge: &dyn Fn(&Path)| {
        let data = folder.path().join(name);
        forge(&data);
        let (code, text) = told(&audit(&data, &[]));
        let (exit, error) =
            if words.contains("snap") { (65, "snapshot-damaged") } else { (1, "audit-failed") };
        assert_eq!(code, Some(exit), "{name}: {text}");
        assert!(text.contains(&format!("error[{error}]")), "{name}: {text}");
        assert!(text.contains(words), "{name}: {text}");
    };
    let with_snapshot = |data: &Path| {
        let (hash, ledger) = write(data, &release());
        snapshot(data, hash, &ledger, ledger.hash().0);
        let mut files = listing(&data.join("snapshots")).into_iter().map(|(path, ..)| path);
        files.find(|path| path.extension().is_some()).unwrap()
    };
    let with_frame = |data: &Path, commands: u32, payload: &[u8]| {
        log(data).append(Millis(START), commands, payload).unwrap();
    };
    found("changed", "FOUND snapshot: the snapshot ", &|data| {
        let path = with_snapshot(data);
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, bytes).unwrap();
    });
    found("renamed", ".snap says that it is of frame 7", &|data| {
        let path = with_snapshot(data);
        let name = path.file_name().unwrap().to_str().unwrap().replacen('7', "6", 1);
        fs::rename(&path, path.with_file_name(name)).unwrap();
    });
    found("end-mark", "FOUND end-mark: frame 1: the end mark of the frame", &|data| {
        write(data, &release());
        let path = data.join("journal/00000000000000000001.seg");
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(8).position(|eight| eight == b"TGfr.end").unwrap();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
    });
    found("unreadable", "FOUND unreadable: frame 1: the ledger cannot go on", &|data| {
        with_frame(data, 1, &[1, 0, 0, 0, 99]);
    });
    found("count", "FOUND count: frame 1 byte 0: frame 1 says it holds 2 commands", &|data| {
        with_frame(data, 2, &[1, 0, 0, 0, 17]);
    });
}

#[test]
fn an_archived_segment_is_read_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(&data, &release());
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    let name = "00000000000000000001.seg";
    fs::rename(data.join("journal").join(name), archive.join(name)).unwrap();
    let (code, text) = told(&audit(&data, &["--archive", archive.to_str().unwrap()]));
    assert_eq!(code, Some(0), "{text}");
}

fn crowd(program: &Program, progress: &Arc<Progress>) -> JoinHandle<()> {
    let address = Loopback::new(program.public).unwrap();
    let offer = Offer::fetch(address, "test", 7).unwrap();
    let options = CrowdOptions {
        address,
        seed: 7,
        first_person: 0,
        people: 100_000,
        connections: 16,
        pace: Pace::Closed,
        duration: Duration::from_secs(60),
    };
    let shared = Arc::clone(progress);
    std::thread::spawn(move || drop(crowd::run(&options, &offer, &shared).unwrap()))
}

#[test]
fn a_running_node_agrees_while_people_enter() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let addresses = free_addresses();
    let program = Program::start(&data, addresses);
    program.open_campaign();
    assert_eq!(program.enter("one").0, 201);
    program.stop();
    // A node says its state when it begins.
    let program = Program::start(&data, addresses);
    let server = format!("http://{}", program.operator);
    let progress = Arc::new(Progress::default());
    let crowd = crowd(&program, &progress);
    // Often, while frames are being written.
    let mut audits = Vec::new();
    for round in 1..=3 {
        while progress.snapshot().answered < round * 300 {
            assert!(!crowd.is_finished(), "the crowd is large enough");
            std::thread::yield_now();
        }
        audits.push(told(&audit(&data, &["--server", &server])));
    }
    progress.stop();
    crowd.join().unwrap();
    for (code, text) in &audits {
        assert_eq!(*code, Some(0), "{text}");
        assert!(text.ends_with("audit: clean\n"), "{text}");
    }
    let (code, text) = told(&audit(&data, &["--server", &server]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("agreed   the running node, at frame "), "{text}");
    assert!(text.ends_with("audit: clean\n"), "{text}");

    // Another history beside it is none of this node's.
    let other = folder.path().join("other");
    write(&other, &release());
    let (code, text) = told(&audit(&other, &["--server", &server]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("FOUND state: "), "{text}");
    program.stop();
}

#[test]
fn a_node_that_could_not_be_compared_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let program = Program::start(&data, free_addresses());
    let server = format!("http://{}", program.operator);
    // It has taken no frame when it names its state, and names the next only after a while.
    let (code, text) = told(&audit(&data, &["--server", &server]));
    assert_eq!(code, Some(69), "{text}");
    for words in [
        "compare  the node named no state of a frame to compare with",
        "audit: nothing found, the node was not compared",
        "error[audit-incomplete]",
    ] {
        assert!(text.contains(words), "{words} is missing: {text}");
    }
    assert!(!text.contains("audit: clean"), "{text}");
    let json = audit(&data, &["--server", &server, "--json"]);
    assert_eq!(json.status.code(), Some(69));
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["clean"], &json["findings_count"]), (&false.into(), &0.into()));
    // Without being asked for, it is not missed.
    let (code, text) = told(&audit(&data, &[]));
    assert_eq!(code, Some(0), "{text}");
    program.stop();
}

/// A node that says this of its last frame, once.
fn saying(metrics: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut client = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            client.read_line(&mut line).unwrap();
        }
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", metrics.len());
        client.get_mut().write_all((head + &metrics).as_bytes()).unwrap();
    });
    server
}

/// The state knows nothing of what is sealed; the chain does.
#[test]
fn sealed_fields_that_were_swapped_are_found_by_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let [(data, hash, ledger), (swapped, other_hash, other)] =
        [("one", [b"mine", b"your"]), ("two", [b"your", b"mine"])].map(|(name, sealed)| {
            let mut frames = release();
            frames[2] = enter_as(1, sealed[0]);
            frames[3] = enter_as(2, sealed[1]);
            let data = folder.path().join(name);
            let (hash, ledger) = write(&data, &frames);
            (data, hash, ledger)
        });
    assert_eq!(ledger.hash(), other.hash(), "so the chain alone can tell");
    let state = ledger.hash();
    let node = |hash: &FrameHash| {
        saying(format!("tidegate_ledger_hash_frame{{hash=\"{state}\",chain=\"{hash}\"}} 7\n"))
    };
    let (code, text) = told(&audit(&data, &["--server", &node(&hash)]));
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = told(&audit(&swapped, &["--server", &node(&hash)]));
    assert_eq!(code, Some(1), "{text}");
    let words = format!("FOUND chain: frame 7: frame 7 has the hash {other_hash} by the journal");
    assert!(text.contains(&words), "{text}");
    assert!(!text.contains("agreed   the running node"), "{text}");

    // Nor does it agree with the line that an earlier audit printed.
    let kept = folder.path().join("kept");
    fs::write(&kept, audit(&data, &[]).stdout).unwrap();
    let kept = ["--kept", kept.to_str().unwrap()];
    let (code, text) = told(&audit(&data, &kept));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("agreed   the chain that was kept of frame 7, at frame 7\n"), "{text}");
    let (code, text) = told(&audit(&swapped, &kept));
    assert_eq!(code, Some(1), "{text}");
    let words = format!("and {hash} by the chain that was kept of frame 7");
    assert!(text.contains("FOUND chain: ") && text.contains(&words), "{text}");
    let lost = folder.path().join("lost");
    write(&lost, &release()[..6]);
    assert!(told(&audit(&lost, &kept)).1.contains("the journal ends before that frame"));
    let none = ["--kept", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")];
    check(&audit(&data, &none), "file-unreadable", 66);

    // An earlier release, which names no chain, is not taken for one that agrees.
    let server = saying(format!("tidegate_ledger_hash_frame{{hash=\"{state}\"}} 7\n"));
    check(&audit(&swapped, &["--server", &server]), "answer-unreadable", 69);
}

#[test]
fn what_cannot_be_audited_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let (code, text) = told(&audit(&missing, &[]));
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("error[data-missing]"), "{text}");
    let (code, text) = told(&audit(folder.path(), &[]));
    assert_eq!(code, Some(65), "{text}");
    assert!(text.contains("error[data-not-tidegate]"), "{text}");

    let data = folder.path().join("data");
    write(&data, &release());
    let (public, _) = free_addresses();
    let (code, text) = told(&audit(&data, &["--server", &format!("http://{public}")]));
    assert_eq!(code, Some(69), "{text}");
    assert!(text.contains("error[node-unreachable]"), "{text}");

    let format = fs::read_to_string(data.join("FORMAT")).unwrap();
    for (version, error) in [("2", "data-newer"), ("0", "data-not-tidegate")] {
        let text = format.replace("format 1", &format!("format {version}"));
        fs::write(data.join("FORMAT"), text).unwrap();
        let data = data.to_str().unwrap();
        for command in [&["audit"][..], &["journal", "verify"], &["serve"]] {
            check(&run(&[command, &["--data", data]].concat()), error, 65);
        }
    }
}
