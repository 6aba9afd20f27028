//! Damage: cuts, flips here and there, mixed-up files. Refused, or provably harmless.

use crate::support::{
    SEGMENT_BYTES, append, folder_options, log_options, new_log, open_log, read_all,
};
use expect_test::{Expect, expect};
use journal::{DataFolder, Disk, FileLog, FolderOptions, JournalError, Log, LogOptions, OsDisk};
use simdisk::SimDisk;
use std::sync::Arc;
use types::ids::{FrameNo, Millis};

const FIRST: &str = "journal/00000000000000000001.seg";
const SECOND: &str = "journal/00000000000000000003.seg";

/// Opens a damaged copy: it is refused, or all frames are there.
fn refused_or_whole(memory: &SimDisk, frames: usize, also_verify: bool, context: &str) -> bool {
    let disk: Arc<dyn Disk> = Arc::new(memory.copy());
    match open_log(&disk) {
        Err(error) => {
            assert!(["journal-damaged", "data-newer"].contains(&error.code()), "{error}");
            if also_verify {
                let report = journal::verify(disk, None, &mut |_| {}).unwrap();
                assert!(!report.is_sound(), "{context}: verify finds what open refuses");
            }
            true
        }
        Ok((log, _)) => {
            assert_eq!(read_all(&log).unwrap().len(), frames, "{context}: a frame was lost");
            false
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    let (memory, _, mut log) = new_log();
    append(&mut log, 3, 1_500);
    drop(log);
    for path in [FIRST, SECOND] {
        let whole = memory.bytes(path).unwrap();
        for length in 0..whole.len() {
            memory.set_bytes(path, &whole[..length]);
            assert!(refused_or_whole(
                &memory,
                3,
                length % 7 == 0,
                &format!("{path} cut to {length}")
            ));
        }
        memory.set_bytes(path, &whole);
    }
}

fn check(change: impl FnOnce(&SimDisk), expected: Expect) {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 6, 1_500);
    drop(log);
    change(&memory);
    let error = open_log(&disk).unwrap_err();
    let report = journal::verify(disk, None, &mut |_| {}).unwrap();
    let text = format!(
        "{}: {error}\nverify: {} frames, {}\n",
        error.code(),
        report.frames,
        report.damages.iter().map(JournalError::to_string).collect::<Vec<_>>().join("\n")
    );
    expected.assert_eq(&text);
}

#[test]
fn a_flip_in_a_closed_segment_is_named() {
    check(
        |memory| memory.flip(FIRST, 8 * 4_500),
        expect![[r#"
        journal-damaged: journal/00000000000000000001.seg is damaged at byte 4096, frame 1: its content does not match its hash. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        verify: 5 frames, journal/00000000000000000001.seg is damaged at byte 4096, frame 1: its content does not match its hash. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
    "#]],
    );
}

#[test]
fn two_damaged_frames_are_both_found() {
    let change = |memory: &SimDisk| {
        memory.flip(FIRST, 8 * 4_500);
        memory.flip("journal/00000000000000000005.seg", 8 * 4_500);
    };
    check(
        change,
        expect![[r#"
        journal-damaged: journal/00000000000000000001.seg is damaged at byte 4096, frame 1: its content does not match its hash. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        verify: 4 frames, journal/00000000000000000001.seg is damaged at byte 4096, frame 1: its content does not match its hash. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        journal/00000000000000000005.seg is damaged at byte 4096, frame 5: it does not read back as written, though frame 6 after it proves it was durable. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
    "#]],
    );
}

#[test]
fn a_missing_segment_is_named() {
    let change = |memory: &SimDisk| Disk::remove(memory, SECOND).unwrap();
    check(
        change,
        expect![[r#"
        journal-incomplete: frame 3 is needed, and no segment in the journal or its archive holds it. Put the missing segment files back, then start again
        verify: 4 frames, frame 3 is needed, and no segment in the journal or its archive holds it. Put the missing segment files back, then start again
    "#]],
    );
}

#[test]
fn a_missing_beginning_is_named() {
    let change = |memory: &SimDisk| Disk::remove(memory, FIRST).unwrap();
    check(
        change,
        expect![[r#"
            journal-incomplete: frame 1 is needed, and no segment in the journal or its archive holds it. Put the missing segment files back, then start again
            verify: 4 frames, frame 1 is needed, and no segment in the journal or its archive holds it. Put the missing segment files back, then start again
        "#]],
    );
}

#[test]
fn a_segment_under_another_name_is_named() {
    let change = |memory: &SimDisk| {
        let bytes = memory.bytes(FIRST).unwrap();
        memory.set_bytes(SECOND, &bytes);
    };
    check(
        change,
        expect![[r#"
        journal-damaged: journal/00000000000000000003.seg is damaged at byte 0, frame 3: the segment's header names frame 1 as its first. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        verify: 4 frames, journal/00000000000000000003.seg is damaged at byte 0, frame 3: the segment's header names frame 1 as its first. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
    "#]],
    );
}

#[test]
fn a_segment_too_many_is_named() {
    let change = |memory: &SimDisk| {
        // The same journal with longer frames, whose second is the first of a segment.
        let (other, _, mut log) = new_log();
        append(&mut log, 2, 3_500);
        let path = "journal/00000000000000000002.seg";
        memory.create(path).unwrap();
        memory.set_bytes(path, &other.bytes(path).unwrap());
    };
    check(
        change,
        expect![[r#"
        journal-damaged: journal/00000000000000000002.seg is damaged at byte 0, frame 3: the segment's header names frame 2 as its first. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        verify: 7 frames, journal/00000000000000000002.seg is damaged at byte 0, frame 3: the segment's header names frame 2 as its first. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        journal/00000000000000000003.seg is damaged at byte 0, frame 3: it carries another hash of the frame before it: the history was changed or forked. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
    "#]],
    );
}

#[test]
fn a_fork_is_named() {
    let change = |memory: &SimDisk| {
        // Another history of the same journal, of the same shape.
        let (other, _, mut log) = new_log();
        for no in 1..=6 {
            log.append(Millis(no), 2, &[9; 1_500]).unwrap();
        }
        memory.set_bytes(SECOND, &other.bytes(SECOND).unwrap());
    };
    check(
        change,
        expect![[r#"
        journal-damaged: journal/00000000000000000003.seg is damaged at byte 0, frame 3: it carries another hash of the frame before it: the history was changed or forked. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        verify: 6 frames, journal/00000000000000000003.seg is damaged at byte 0, frame 3: it carries another hash of the frame before it: the history was changed or forked. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
        journal/00000000000000000005.seg is damaged at byte 0, frame 5: it carries another hash of the frame before it: the history was changed or forked. Nothing was changed and nothing is served from it. Run `tidegate journal verify` to see all of the damage, then restore the file from a copy
    "#]],
    );
}

#[test]
fn garbage_after_the_last_frame_is_cut() {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 3, 1_500);
    drop(log);
    let mut bytes = memory.bytes(SECOND).unwrap();
    let sound = bytes.clone();
    for (from, to) in [(5_728, 5_729), (6_000, 6_300), (5_728, 7_000), (8_190, 8_192)] {
        bytes[from..to].fill(0xa5);
        memory.set_bytes(SECOND, &bytes);
        let (log, recovery) = open_log(&disk).unwrap();
        assert_eq!(log.tail().frame, FrameNo(3));
        let torn = recovery.torn.unwrap();
        assert_eq!((torn.offset, torn.offset + torn.bytes), (5_728, to as u64));
        drop(log);
        assert_eq!(memory.bytes(SECOND).unwrap(), sound, "what was cut is zeros again");
        bytes = memory.bytes(SECOND).unwrap();
    }
}

/// Every segment is told as it is done, and counted with its bytes.
#[test]
fn a_verification_tells_how_far_it_has_come() {
    let (_, disk, mut log) = new_log();
    append(&mut log, 9, 1_500);
    drop(log);
    let mut told = Vec::new();
    let report = journal::verify(disk, None, &mut |progress| told.push(progress)).unwrap();
    let done: Vec<_> = told.iter().map(|it| (it.segments_done, it.segments, it.frames)).collect();
    assert_eq!(done, [(1, 5, 2), (2, 5, 4), (3, 5, 6), (4, 5, 8), (5, 5, 9)]);
    assert_eq!(report.file_bytes, 5 * SEGMENT_BYTES);
    assert_eq!((report.commands, report.payload_bytes), (9, 9 * 1_500));
}

/// A sound frame in the place of the one before it: its own place is where the walk goes on.
#[test]
fn a_frame_in_anothers_place_is_one_damage() {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 5, 200);
    drop(log);
    let (begin, each) = (4_096, 88 + 200 + 40);
    let mut bytes = memory.bytes(FIRST).unwrap();
    bytes.copy_within(begin + 2 * each..begin + 3 * each, begin + each);
    memory.set_bytes(FIRST, &bytes);
    let report = journal::verify(Arc::clone(&disk), None, &mut |_| ()).unwrap();
    let told: Vec<_> = report.damages.iter().map(JournalError::finding).collect();
    assert_eq!((told.len(), report.frames), (1, 4), "{told:?}");
    assert!(told[0].contains("frame 2"), "{told:?}");
    assert_eq!(open_log(&disk).unwrap_err().code(), "journal-damaged");
}

/// The system opens a folder like a file, and then reads no byte of it.
#[test]
fn a_folder_in_a_segments_place_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(folder.path()).unwrap());
    DataFolder::open(Arc::clone(&disk), folder_options()).unwrap();
    let (mut log, _) = open_log(&disk).unwrap();
    append(&mut log, 5, 1_500);
    drop(log);
    let second = folder.path().join("journal/00000000000000000003.seg");
    std::fs::remove_file(&second).unwrap();
    std::fs::create_dir(&second).unwrap();
    let error = open_log(&disk).unwrap_err();
    assert_eq!(error.code(), "journal-damaged", "{error}");
    assert!(error.to_string().contains("journal/00000000000000000003.seg"), "{error}");
}

/// The padding, too, may fill a sector of zeros; that it is there must not look like a part that
/// never reached the disk.
#[test]
fn a_changed_last_frame_that_ends_in_zeros_is_not_cut() {
    let (memory, disk, mut log) = new_log();
    // Header and payload end 3 bytes before a sector does, all of which lies in the payload.
    let mut zeros = vec![0; 1_024 - 88 - 3];
    zeros[0] = 1;
    log.append(Millis(1), 1, &zeros).unwrap();
    drop(log);
    memory.flip(FIRST, (4_096 + 88) * 8 + 1);
    let error = open_log(&disk).unwrap_err();
    let why = journal::Flaw::Hash;
    assert!(matches!(error, JournalError::Damaged { why: found, .. } if found == why), "{error}");
}

/// What was half written where no frame has room any more is cut, too.
#[test]
fn garbage_at_the_very_end_of_a_segment_is_cut() {
    for left in [8, 64, 80, 88, 96, 120, 128, 136] {
        let (memory, disk, mut log) = new_log();
        // A payload that leaves so many bytes of the segment.
        log.append(Millis(1), 1, &vec![1; 4_096 - 128 - left]).unwrap();
        drop(log);
        let sound = memory.bytes(FIRST).unwrap();
        for dirty in [1, left / 2, left] {
            let mut bytes = sound.clone();
            bytes[8_192 - left..8_192 - left + dirty].fill(0xa5);
            memory.set_bytes(FIRST, &bytes);
            let (log, recovery) =
                open_log(&disk).unwrap_or_else(|e| panic!("{left}, {dirty}: {e}"));
            assert_eq!(
                (log.tail().frame, recovery.torn.unwrap().bytes),
                (FrameNo(1), dirty as u64)
            );
            drop(log);
            assert!(memory.bytes(FIRST).unwrap() == sound, "what was cut is zeros again");
        }
    }
}

/// A header that lies in two sectors, of which the second never came, is no changed one, whether
/// or not what is behind it came.
#[test]
fn a_header_without_its_second_sector_is_cut() {
    for (second, behind) in [8, 16, 24, 32].into_iter().flat_map(|it| [(it, true), (it, false)]) {
        let (memory, disk, mut log) = new_log();
        // So many bytes of the second frame's header lie beyond a sector's end.
        log.append(Millis(1), 1, &vec![1; 512 - 88 - 128 + second]).unwrap();
        let end = 4_096 + 512;
        log.append(Millis(2), 1, &[2; 2_000]).unwrap();
        drop(log);
        let mut bytes = memory.bytes(FIRST).unwrap();
        let missing = if behind { end..end + 512 } else { end..bytes.len() };
        bytes[missing].fill(0);
        memory.set_bytes(FIRST, &bytes);
        let (log, recovery) = open_log(&disk).unwrap_or_else(|e| panic!("{second}: {e}"));
        let begin = end - 88 + second;
        assert_eq!(log.tail().frame, FrameNo(1));
        assert_eq!(recovery.torn.unwrap().offset, begin as u64);
        drop(log);
        assert_eq!(memory.bytes(FIRST).unwrap()[begin..end], vec![0; 88 - second]);
    }
}

/// A later frame tells that a frame was durable of which not even the header is left.
#[test]
fn a_frame_whose_header_is_gone_is_no_torn_one_when_others_follow() {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 8, 200);
    drop(log);
    let sound = memory.bytes(FIRST).unwrap();
    // All but the last two: what the last one calls durable is the one before the one before it.
    for (frame, fill) in (0..6).flat_map(|frame| [(frame, 0), (frame, 0xa5)]) {
        let begin = 4_096 + frame * (88 + 200 + 40);
        let mut bytes = sound.clone();
        bytes[begin..begin + 88].fill(fill);
        memory.set_bytes(FIRST, &bytes);
        let error = open_log(&disk).unwrap_err();
        let later = |why| matches!(why, journal::Flaw::DurableLater(_));
        assert!(
            matches!(error, JournalError::Damaged { why, offset, .. }
                if later(why) && offset == begin as u64),
            "frame {}: {error}",
            frame + 1
        );
        assert!(memory.bytes(FIRST).unwrap() == bytes, "nothing was changed");
    }
}

/// A frame may end where its segment does, and is told when it changes there.
#[test]
fn a_changed_header_at_the_very_end_is_not_cut() {
    let (memory, disk, mut log) = new_log();
    log.append(Millis(1), 1, &[1; 4_096 - 128 - 128]).unwrap();
    log.append(Millis(2), 0, b"").unwrap();
    drop(log);
    for byte in [0, 8, 20, 50, 80] {
        memory.flip(FIRST, (8_192 - 128 + byte) * 8 + 1);
        let error = open_log(&disk).unwrap_err();
        assert_eq!(error.code(), "journal-damaged", "{byte}: {error}");
        memory.flip(FIRST, (8_192 - 128 + byte) * 8 + 1);
    }
    open_log(&disk).unwrap();
}

/// Far behind the last frame, too, what was never written is zeros, or found.
#[test]
fn garbage_far_behind_the_last_frame_is_found() {
    const SEGMENT_BYTES: u64 = 512 << 10;
    let memory = SimDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let options = FolderOptions { segment_bytes: SEGMENT_BYTES, ..folder_options() };
    DataFolder::open(Arc::clone(&disk), options).unwrap();
    let options = LogOptions { segment_bytes: SEGMENT_BYTES, ..log_options() };
    let (mut log, _) = FileLog::open(Arc::clone(&disk), options.clone()).unwrap();
    append(&mut log, 2, 1_500);
    drop(log);
    let mut bytes = memory.bytes(FIRST).unwrap();
    bytes[500_000] = 1;
    memory.set_bytes(FIRST, &bytes);
    let torn = FileLog::open(disk, options).unwrap().1.torn.unwrap();
    assert_eq!(torn.offset + torn.bytes, 500_001);
    assert_eq!(memory.bytes(FIRST).unwrap()[500_000], 0);
}
