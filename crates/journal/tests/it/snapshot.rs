//! Snapshots: whole, or not loaded.

use crate::directed::{Answer, Directed};
use crate::support::{JOURNAL, choppy_disk, payload};
use journal::snapshots::{self, SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{Disk, FrameHash, JournalError, JournalId};
use simdisk::{Fault, SimDisk};
use std::io::{Read, Write};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};
use types::limits::SNAPSHOT_CHUNK_BYTES;

const PATH: &str = "snapshots/00000000000000000005.snap";

fn meta(frame: u64) -> SnapshotMeta {
    SnapshotMeta {
        journal: JOURNAL,
        frame: FrameNo(frame),
        at: Millis(1_000 + frame),
        frame_hash: FrameHash([5; 32]),
        ledger_hash: [6; 32],
    }
}

fn write(disk: &SimDisk, frame: u64, body: &[u8]) {
    let mut writer = SnapshotWriter::create(Arc::new(disk.clone()), meta(frame)).unwrap();
    writer.write_all(body).unwrap();
    writer.finish().unwrap();
}

fn read(disk: &SimDisk, frame: u64) -> Result<Vec<u8>, JournalError> {
    let mut reader = SnapshotReader::open(disk, JOURNAL, FrameNo(frame))?;
    assert_eq!(*reader.meta(), meta(frame));
    let mut body = Vec::new();
    match reader.read_to_end(&mut body) {
        Ok(_) => Ok(body),
        Err(error) => Err(*error.into_inner().unwrap().downcast::<JournalError>().unwrap()),
    }
}

#[test]
fn bodies_of_every_size_come_back() {
    for choppy in [false, true] {
        let disk = if choppy { choppy_disk() } else { SimDisk::default() };
        let chunk = SNAPSHOT_CHUNK_BYTES;
        for bytes in [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 77] {
            let body = payload(FrameNo(1), bytes);
            write(&disk, bytes as u64, &body);
            assert!(read(&disk, bytes as u64).unwrap() == body, "a body of {bytes} bytes");
        }
        assert_eq!(snapshots::list(&disk).unwrap().len(), 7);
        snapshots::remove(&disk, FrameNo(chunk as u64)).unwrap();
        assert_eq!(snapshots::list(&disk).unwrap().len(), 6);
    }
}

#[test]
fn every_flip_and_every_cut_is_refused() {
    let disk = SimDisk::default();
    write(&disk, 5, &payload(FrameNo(1), 900));
    for bit in 0..disk.bytes(PATH).unwrap().len() * 8 {
        disk.flip(PATH, bit);
        let error = read(&disk, 5).unwrap_err();
        assert!(["snapshot-damaged", "data-newer"].contains(&error.code()), "bit {bit}: {error}");
        disk.flip(PATH, bit);
    }
    let whole = disk.bytes(PATH).unwrap();
    for length in 0..whole.len() {
        disk.set_bytes(PATH, &whole[..length]);
        assert_eq!(read(&disk, 5).unwrap_err().code(), "snapshot-damaged", "cut to {length}");
    }
    disk.set_bytes(PATH, &[&whole[..], &[0]].concat());
    assert_eq!(read(&disk, 5).unwrap_err().code(), "snapshot-damaged", "one byte more");
}

#[test]
fn a_header_alone_is_a_snapshot_that_ends_too_early() {
    let disk = SimDisk::default();
    write(&disk, 5, b"a body");
    let header = disk.bytes(PATH).unwrap()[..160].to_vec();
    disk.set_bytes(PATH, &header);
    let opened = SnapshotReader::open(&disk, JOURNAL, FrameNo(5)).unwrap();
    assert_eq!(*opened.meta(), meta(5));
    let error = read(&disk, 5).unwrap_err().to_string();
    assert!(error.contains("closing chunk"), "{error}");
    disk.set_bytes(PATH, &header[..159]);
    let error = read(&disk, 5).unwrap_err().to_string();
    assert!(error.contains("shorter than its header"), "{error}");
}

#[test]
fn a_version_to_come_is_newer_and_one_that_never_was_is_damage() {
    let disk = SimDisk::default();
    write(&disk, 5, b"a body");
    let whole = disk.bytes(PATH).unwrap();
    for (version, code) in [(0, "snapshot-damaged"), (2, "data-newer"), (u32::MAX, "data-newer")] {
        let mut other = whole.clone();
        other[8..12].copy_from_slice(&u32::to_le_bytes(version));
        disk.set_bytes(PATH, &other);
        assert_eq!(read(&disk, 5).unwrap_err().code(), code, "version {version}");
    }
}

#[test]
fn a_mixed_up_file_is_refused_before_a_foreign_byte_is_read() {
    let disk = SimDisk::default();
    let body = payload(FrameNo(1), SNAPSHOT_CHUNK_BYTES * 2);
    write(&disk, 5, &body);
    write(&disk, 6, &payload(FrameNo(2), SNAPSHOT_CHUNK_BYTES * 2));
    let other = disk.bytes("snapshots/00000000000000000006.snap").unwrap();
    let mut mixed = disk.bytes(PATH).unwrap();
    let second = 160 + SNAPSHOT_CHUNK_BYTES + 48;
    mixed[second..].copy_from_slice(&other[second..]);
    disk.set_bytes(PATH, &mixed);
    let mut reader = SnapshotReader::open(&disk, JOURNAL, FrameNo(5)).unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap_err();
    assert!(read == body[..SNAPSHOT_CHUNK_BYTES], "the first chunk is sound, the second foreign");
    disk.set_bytes(PATH, &other);
    let error = SnapshotReader::open(&disk, JOURNAL, FrameNo(5)).unwrap_err();
    assert_eq!(error.code(), "snapshot-damaged", "under another frame's name");
    let foreign = JournalId([8; 16]);
    let error = SnapshotReader::open(&disk, foreign, FrameNo(6)).unwrap_err();
    assert_eq!(error.code(), "snapshot-damaged", "of another journal");
}

/// A sound file that the system would not read is not told to be damaged, wherever that happens.
#[test]
fn what_cannot_be_read_is_not_called_damaged() {
    let disk = SimDisk::default();
    write(&disk, 5, &payload(FrameNo(1), SNAPSHOT_CHUNK_BYTES * 2));
    let mut refused = 0;
    for moment in 0.. {
        let (directed, mut reads) = (Directed::new(disk.clone()), 0);
        directed.direct(move |call| {
            reads += usize::from(call == "read");
            let error = Answer::Error(std::io::ErrorKind::TimedOut);
            Some(error).filter(|_| call == "read" && reads == moment + 1)
        });
        let read = SnapshotReader::open(&directed, JOURNAL, FrameNo(5)).and_then(|mut reader| {
            let read = reader.read_to_end(&mut Vec::new());
            read.map_err(|error| {
                assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
                error.downcast::<JournalError>().unwrap()
            })
        });
        match read {
            Ok(_) => break,
            Err(error) => assert_eq!(error.code(), "journal-io", "{error}"),
        }
        refused += 1;
    }
    assert!(2 < refused, "the header and more than one chunk");
}

#[test]
fn an_unfinished_snapshot_is_none() {
    let disk = SimDisk::default();
    let mut writer = SnapshotWriter::create(Arc::new(disk.clone()), meta(5)).unwrap();
    writer.write_all(&[1; 100]).unwrap();
    drop(writer);
    assert_eq!(snapshots::list(&disk).unwrap(), []);
    write(&disk, 5, &[1; 100]);
    assert_eq!(read(&disk, 5).unwrap(), [1; 100]);
    assert_eq!(Disk::list(&disk, "snapshots").unwrap(), ["00000000000000000005.snap"]);
}

#[test]
fn a_snapshot_that_fails_leaves_no_file() {
    let body = payload(FrameNo(1), SNAPSHOT_CHUNK_BYTES + 9);
    for fault in [Fault::Full, Fault::Io] {
        let mut failed = 0;
        loop {
            let disk = SimDisk::default();
            write(&disk, 4, b"the one before");
            // After the removal of what an earlier attempt may have left.
            disk.set_fault(1 + failed, fault);
            let shared: Arc<dyn Disk> = Arc::new(disk.clone());
            let written = SnapshotWriter::create(shared, meta(5)).and_then(|mut writer| {
                let taken = writer.write_all(&body);
                taken.map_err(|source| JournalError::Io {
                    action: "write",
                    file: PATH.to_owned(),
                    source,
                })?;
                writer.finish()
            });
            disk.heal();
            let names = Disk::list(&disk, "snapshots").unwrap();
            match written {
                Ok(()) => break,
                // The name is there, and only its durability is not known.
                Err(_) if names.iter().any(|name| PATH.ends_with(name)) => {}
                Err(error) => {
                    let whole = ["00000000000000000004.snap"];
                    assert_eq!(names, whole, "{fault:?} at operation {failed}: {error}");
                }
            }
            failed += 1;
        }
        assert!(5 <= failed, "creation, header, chunks and name can each fail");
    }
}
