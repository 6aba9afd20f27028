//! Files of every released format: they must be read, and give the recorded hashes, for ever.

use crate::support::{folder_options, log_options};
use expect_test::expect;
use journal::snapshots::{SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{DataFolder, Disk, FileLog, Log, LogOptions};
use simdisk::SimDisk;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

const SEGMENT: &str = "journal/00000000000000000001.seg";
const SNAPSHOT: &str = "snapshots/00000000000000000004.snap";
const PAYLOADS: [&[u8]; 4] = [b"opened", b"", b"seven!!", &[0xa5; 300]];

fn golden(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1").join(path)
}

/// Writes what this release writes.
fn write() -> SimDisk {
    let memory = SimDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let options = journal::FolderOptions { segment_bytes: 8_192, ..folder_options() };
    let folder = DataFolder::open(Arc::clone(&disk), options).unwrap();
    let (mut log, _) = FileLog::open(Arc::clone(&disk), log_options()).unwrap();
    for (index, payload) in PAYLOADS.iter().enumerate() {
        log.append(Millis(1_790_000_000_000 + index as u64), index as u32, payload).unwrap();
    }
    let tail = log.tail();
    let meta = SnapshotMeta {
        journal: folder.journal(),
        frame: tail.frame,
        at: tail.at,
        frame_hash: tail.hash,
        ledger_hash: [3; 32],
    };
    let mut writer = SnapshotWriter::create(disk, meta).unwrap();
    writer.write_all(b"a state").unwrap();
    writer.finish().unwrap();
    memory
}

#[test]
fn version_1_is_written_as_it_was() {
    let memory = write();
    for path in ["FORMAT", SEGMENT, SNAPSHOT] {
        let golden = golden(path);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
            std::fs::write(&golden, memory.bytes(path).unwrap()).unwrap();
        }
        assert!(std::fs::read(golden).unwrap() == memory.bytes(path).unwrap(), "{path} differs");
    }
}

#[test]
fn version_1_reads_to_its_recorded_hashes() {
    let memory = write();
    for path in ["FORMAT", SEGMENT, SNAPSHOT] {
        memory.set_bytes(path, &std::fs::read(golden(path)).unwrap());
    }
    let disk: Arc<dyn Disk> = Arc::new(memory);
    let folder = DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let options = LogOptions::new(folder.journal());
    let (log, _) = FileLog::open(Arc::clone(&disk), options).unwrap();
    let mut stream = log.read_handle().read_from(FrameNo(1)).unwrap();
    let mut text = String::new();
    while let Some(frame) = stream.next_frame().unwrap() {
        let index = usize::try_from(frame.no.0).unwrap() - 1;
        assert_eq!(frame.payload, PAYLOADS[index]);
        let (no, at, commands, hash) = (frame.no, frame.at.0, frame.command_count, frame.hash);
        writeln!(text, "{no} {at} {commands} {hash}").unwrap();
    }
    let mut reader = SnapshotReader::open(&*disk, folder.journal(), FrameNo(4)).unwrap();
    let mut body = String::new();
    reader.read_to_string(&mut body).unwrap();
    writeln!(text, "{body} {}", reader.meta().frame_hash).unwrap();
    expect![[r#"
        1 1790000000000 0 9657bdbc1d1d6e3cb8d218059a5cbf81619d394943d788eaadea799ae86c5137
        2 1790000000001 1 3c17677b0750177f7838dddec4eda5f5187b6bce4958944dc726c05667af2d9b
        3 1790000000002 2 1e80eb56b216aec4b2da7f406dcbc5c28013cf8c9a2e142573974a467d853e87
        4 1790000000003 3 a1e8319700712c67843fc257020e98c6c4325afeff860a1098587a54ab317a67
        a state a1e8319700712c67843fc257020e98c6c4325afeff860a1098587a54ab317a67
    "#]]
    .assert_eq(&text);
}
