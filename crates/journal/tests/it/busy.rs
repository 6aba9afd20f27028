//! A journal that is looked at while a node writes it.

use crate::directed::{Answer, Directed};
use crate::support::{append, folder_options, open_log};
use journal::{DataFolder, Disk, FrameStream as _};
use simdisk::SimDisk;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use types::ids::FrameNo;

const SEGMENT: &str = "journal/00000000000000000001.seg";
const SECTOR: usize = 512;
/// Where the first frame begins.
const HEADER: usize = 4_096;
/// Of each read: many of them make a look, so that there is much to come in between.
const SHORT: usize = 1_024;

/// A segment with four frames and the beginning of a fifth, whichever sector that ends at, and
/// the same when the fifth was whole and a sixth had been written.
fn beginnings() -> (SimDisk, Vec<Vec<u8>>, Vec<u8>) {
    let disk = SimDisk::default();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    DataFolder::open(Arc::clone(&shared), folder_options()).unwrap();
    let (mut log, _) = open_log(&shared).unwrap();
    append(&mut log, 4, 100);
    let four = disk.bytes(SEGMENT).unwrap();
    append(&mut log, 2, 1_200);
    drop(log);
    let six = disk.bytes(SEGMENT).unwrap();
    let differs =
        |sector: &usize| four[sector * SECTOR..][..SECTOR] != six[sector * SECTOR..][..SECTOR];
    let sectors = (0..six.len() / SECTOR).filter(differs);
    let begun = |sector: usize| {
        let end = (sector + 1) * SECTOR;
        [&six[..end], &four[end..]].concat()
    };
    (disk, sectors.map(begun).collect(), six)
}

/// Looks at the journal again and again, and has the writer go on at every single read.
fn look_at_every_moment(look: impl Fn(Arc<dyn Disk>) -> u64) {
    let (disk, beginnings, whole) = beginnings();
    assert!(3 < beginnings.len(), "the fifth frame and the sixth lie in several sectors");
    for begun in beginnings {
        for moment in 0.. {
            disk.set_bytes(SEGMENT, &begun);
            let directed = Directed::new(disk.clone());
            let reads = Arc::new(AtomicUsize::new(0));
            let (counted, beside, whole) = (Arc::clone(&reads), disk.clone(), whole.clone());
            directed.direct(move |call| {
                if call == "read" && counted.fetch_add(1, Relaxed) == moment {
                    beside.set_bytes(SEGMENT, &whole);
                }
                Some(Answer::Short(SHORT)).filter(|_| call == "read")
            });
            let frames = look(Arc::new(directed));
            assert!((4..=6).contains(&frames), "{frames} frames, gone on at read {moment}");
            if reads.load(Relaxed) <= moment {
                break;
            }
        }
    }
}

#[test]
fn a_frame_that_becomes_whole_at_any_moment_is_no_damage() {
    look_at_every_moment(|disk| {
        let report = journal::verify(disk, None, &mut |_| ()).unwrap();
        assert!(report.is_sound(), "{report:?}");
        report.frames
    });
}

#[test]
fn frames_are_shown_while_others_are_written() {
    look_at_every_moment(|disk| {
        let mut inspection = journal::inspect(disk, None, FrameNo(1)).unwrap();
        let mut frames = 0;
        while inspection.next_frame().unwrap().is_some() {
            frames += 1;
        }
        frames
    });
}

/// What stays damaged is told, however often it is looked at.
#[test]
fn damage_is_told_after_all_the_looks() {
    let (disk, _, whole) = beginnings();
    disk.set_bytes(SEGMENT, &whole);
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap();
    disk.flip(SEGMENT, (HEADER + (end - HEADER) / 2) * 8);
    let (verified, inspected) = (counted(&disk), counted(&disk));
    let report = journal::verify(verified.0, None, &mut |_| ()).unwrap();
    assert_eq!(report.damages.len(), 1, "{report:?}");
    assert_eq!(report.damages[0].code(), "journal-damaged");
    let mut inspection = journal::inspect(inspected.0, None, FrameNo(1)).unwrap();
    let damage = loop {
        match inspection.next_frame() {
            Ok(frame) => assert!(frame.is_some(), "what is damaged is not passed over"),
            Err(error) => break error,
        }
    };
    assert_eq!((damage.code(), inspection.file()), ("journal-damaged", SEGMENT));
    for calls in [verified.1, inspected.1] {
        assert!(calls.load(Relaxed) < 100, "in few calls");
    }
}

/// A disk that holds the same, and how many calls it had.
fn counted(disk: &SimDisk) -> (Arc<Directed>, Arc<AtomicUsize>) {
    let (directed, calls) = (Directed::new(disk.clone()), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    directed.direct(move |_| {
        counted.fetch_add(1, Relaxed);
        None
    });
    (Arc::new(directed), calls)
}
