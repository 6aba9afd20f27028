//! The binary part of what fuzzing begins with, made from what the program writes.
//!
//! `UPDATE_GOLDEN=1 cargo test -p fuzz` writes it anew.

use crate::corpus::folder;
use journal::snapshots::{SnapshotMeta, SnapshotWriter};
use journal::{DataFolder, Disk, FileLog, FolderOptions, FrameHash, JournalId, Log, LogOptions};
use ledger::Ledger;
use rust_xlsxwriter::Workbook;
use simdisk::SimDisk;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use types::command::EnterParts;
use types::{
    CampaignNo, Cancel, EnterDigests, EntryNo, FrameNo, Millis, OutletNo, PersonKey, PoolNo,
    Redeem, RequestId,
};

const START: u64 = 1_580_515_200_000;
const JOURNAL: JournalId = JournalId([7; 16]);

fn check(target: &str, name: &str, bytes: &[u8]) {
    let file = folder(target).join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(folder(target)).unwrap();
        fs::write(&file, bytes).unwrap();
    }
    assert!(fs::read(&file).unwrap() == bytes, "{} differs", file.display());
}

/// An entry, its cancellation, another, and its redemption, in the campaign of that number.
fn history(campaign: u16) -> Vec<u8> {
    let campaign = CampaignNo(campaign);
    let mut payload = Vec::new();
    for person in 1..=2 {
        let request = RequestId([person; 16]);
        EnterParts {
            campaign,
            request,
            digests: EnterDigests { request: [person; 8], identity: [9; 8] },
            units: 2,
            choices: &[PoolNo(0), PoolNo(1)],
            keys: &[PersonKey([person; 16]), PersonKey([100 + person; 16])],
            sealed: b"sealed",
        }
        .encode(&mut payload);
    }
    Cancel { campaign, entry: EntryNo(0) }.encode(&mut payload);
    let request = RequestId([9; 16]);
    Redeem { campaign, entry: EntryNo(1), outlet: OutletNo(0), request, actor: "counter" }
        .encode(&mut payload);
    payload
}

fn operator(action: &str) -> Vec<u8> {
    let row = r#"{"outlet":0,"item":0,"slot":0,"units":3}"#;
    let action = action.replace("KEY", &"01".repeat(16)).replace("ROW", row);
    let command = format!(r#"{{"actor":"duty officer","reason":"test","action":{action}}}"#);
    let mut payload = ((command.len() + 1) as u32).to_le_bytes().to_vec();
    payload.push(16);
    payload.extend_from_slice(command.as_bytes());
    payload
}

/// The whole of a small campaign as an operator's action.
fn load() -> String {
    let files = [("campaign.toml", "campaign/small"), ("outlets.csv", "outlets/plain")];
    let files = files.map(|(name, seed)| (name.to_owned(), fs::read(folder(seed)).unwrap()));
    let loaded = campaign::read_from(&campaign::Uploaded(files.into()), "campaign.toml", Millis(0));
    let definition = serde_json::to_string(&loaded.unwrap().definition).unwrap();
    format!(r#"{{"do":"load","definition":{definition}}}"#)
}

#[test]
fn records() {
    let actions = [
        r#"{"do":"pause","campaign":0}"#,
        r#"{"do":"cap","campaign":1,"entries":2}"#,
        r#"{"do":"withdraw","campaign":0,"outlet":1,"item":null,"slot":null,"units":1}"#,
        r#"{"do":"list","campaign":0,"list":"block","field":0,"keys":"KEY"}"#,
        r#"{"do":"stock","campaign":0,"mode":"add","rows":[ROW]}"#,
    ];
    for (index, action) in actions.iter().enumerate() {
        check("records", &format!("action{index}"), &[&[1], &operator(action)[..]].concat());
    }
    check("records", "history", &[&[2], &history(0)[..]].concat());
    check("records", "saved", &[&[0xc2], &history(0)[..]].concat());
    check("records", "held-back", &[&[0], &history(1)[..]].concat());
    let publish = operator(r#"{"do":"publish","campaign":1}"#);
    check("records", "published", &[&[3], &history(1)[..], &publish, &history(1)].concat());
    check("records", "second-step", &[&[3], &history(0)[..], &history(3)].concat());
    check("records", "load", &[&[1], &operator(&load())[..]].concat());
}

#[test]
fn journals() {
    let disk = SimDisk::default();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let options = FolderOptions { new_journal: JOURNAL, segment_bytes: 8_192, process: 1 };
    let _folder = DataFolder::open(Arc::clone(&shared), options).unwrap();
    let options = LogOptions { segment_bytes: 8_192, ..LogOptions::new(JOURNAL) };
    let (mut log, _) = FileLog::open(shared, options).unwrap();
    for payload in [&b"opened"[..], b"", &[0; 700], &history(0)] {
        log.append(Millis(START), 1, payload).unwrap();
    }
    let segment = disk.bytes("journal/00000000000000000001.seg").unwrap();
    let written = segment.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    check("journal", "content", &[&[1], &segment[4_096..written]].concat());
    check("journal", "file", &[&[2], &segment[..8_191]].concat());
    // Two frames and one that is wrong in each way, told by its first byte.
    for way in 0..12 {
        let script = [0, 0, 3, b'a', b'b', b'c', 0, 0, 0, 0, way, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1];
        check("journal", &format!("script{way:02}"), &script);
    }
    let large = [0, 0xc0, 255, 1, 11, 20, 0, 0, 64, 2];
    check("journal", "large", &large);
}

#[test]
fn snapshots() {
    let mut ledger = Ledger::new();
    let mut saved = Vec::new();
    let Ok(()) = ledger.save(&mut saved);
    check("ledger", "empty", &saved);
    let open = operator(r#"{"do":"open","campaign":0}"#);
    let block = r#"{"do":"list","campaign":0,"list":"block","field":0,"keys":"KEY"}"#;
    let payload = [operator(&load()), open, history(0), operator(block)].concat();
    ledger.apply_frame(FrameNo(1), Millis(START), &payload, &mut Vec::new()).unwrap();
    let mut saved = Vec::new();
    let Ok(()) = ledger.save(&mut saved);
    check("ledger", "small", &saved);

    let disk = SimDisk::default();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let options = FolderOptions { new_journal: JOURNAL, segment_bytes: 8_192, process: 1 };
    let _folder = DataFolder::open(Arc::clone(&shared), options).unwrap();
    let meta = SnapshotMeta {
        journal: JOURNAL,
        frame: FrameNo(4),
        at: Millis(START),
        frame_hash: FrameHash([2; 32]),
        ledger_hash: [0; 32],
    };
    let mut writer = SnapshotWriter::create(shared, meta).unwrap();
    writer.write_all(b"a state").unwrap();
    writer.finish().unwrap();
    let file = disk.bytes("snapshots/00000000000000000004.snap").unwrap();
    check("snapshot", "file", &[&[0], &file[..]].concat());
    check("snapshot", "changed", &[&[1, 2, 5, 0, 1, 200, 0, 128, 0], &b"a state"[..]].concat());
    check("snapshot", "cut", &[&[1, 0, 3], &b"a state"[..]].concat());
}

#[test]
fn workbooks() {
    let mut workbook = Workbook::new();
    let properties = rust_xlsxwriter::DocProperties::new();
    let made = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 2, 1).unwrap();
    workbook.set_properties(&properties.set_creation_datetime(&made));
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["outlet", "item", "slot", "units"]).unwrap();
    sheet.write_row(1, 0, ["o1", "n95", "am"]).unwrap();
    sheet.write(1, 3, 40).unwrap();
    check("stock-xlsx", "file", &[&[1], &workbook.save_to_buffer().unwrap()[..]].concat());
    let cell =
        |place: &str, of: &str| format!(r#"<c r="{place}" t="inlineStr"><is><t>{of}</t></is></c>"#);
    let head = ["outlet", "item", "slot", "units"];
    let head: String =
        ["A1", "B1", "C1", "D1"].iter().zip(head).map(|(place, of)| cell(place, of)).collect();
    let row = format!(
        r#"<c r="A2" t="s"><v>0</v></c>{}{}<c r="D2" s="1"><f>30+10</f><v>40</v></c>"#,
        cell("B2", "n95"),
        cell("C2", "am")
    );
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:D2"/><sheetData><row r="1">{head}</row><row r="2">{row}</row></sheetData><mergeCells><mergeCell ref="A3:A4"/></mergeCells></worksheet>"#
    );
    check("stock-xlsx", "parts", &[&[0], sheet.as_bytes()].concat());
    let strings = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1"><si><r><t>o</t></r><r><t>1</t></r></si></sst>"#;
    let parts = [&[0], sheet.as_bytes(), &[0], strings.as_bytes()].concat();
    check("stock-xlsx", "strings", &parts);
}

#[test]
fn draws() {
    let vector = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/draw/tests/vector");
    let file = |name: &str| fs::read(vector.join(name)).unwrap();
    let seeds = [
        ("note", 0, "checkpoint"),
        ("seed", 1, "seed.txt"),
        ("proof", 2, "entry4.tlog-proof"),
        ("stock", 3, "stock.txt"),
    ];
    for (name, reader, source) in seeds {
        check("draw", name, &[&[reader], &file(source)[..]].concat());
    }
    let list = file("entries.txt");
    let line = list.split(|byte| *byte == b'\n').next().unwrap();
    check("draw", "line", &[&[4], line].concat());
    let number = "0f".repeat(32);
    check("draw", "winners", format!("\u{3}{number},7,A,1\n").as_bytes());
    check("draw", "cutoffs", format!("\u{3}1,A,1,{number}\n1,A,2,{number}\n").as_bytes());
    let salt = "5".repeat(64);
    let zeros = "0".repeat(32);
    for (kind, tag) in [("receipt", "7".repeat(32)), ("promise", zeros)] {
        let text = format!(
            "\u{1}tidegate-{kind}/v1\ndraw masks/1\nsalt {salt}\nline {salt},{tag},1,1,A>*\n"
        );
        check("draw", kind, text.as_bytes());
    }
    check(
        "draw",
        "void",
        format!("\u{1}tidegate-void/v1\ndraw masks/1\nreason fire\nprevious {salt}\n").as_bytes(),
    );
    check("draw", "bundle", b"\x04\x00\x01a\x00\x02bc");
}
