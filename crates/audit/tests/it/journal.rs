//! The reader against the golden journal, bit by bit, and against small journals of its own.

use crate::support::{START, Told, Writer};
use audit::journal::{Bytes, Damage, EndMark, Folders, Source, read_format};
use audit::{End, Ending, Reader};
use expect_test::{Expect, expect};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use types::FrameNo;

const FIRST: &str = "00000000000000000001.seg";

type Memory = BTreeMap<String, Vec<u8>>;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../journal/tests/golden/v1")
}

fn golden_id() -> [u8; 16] {
    read_format(&std::fs::read(golden().join("FORMAT")).unwrap()).unwrap()
}

fn golden_memory() -> Memory {
    let bytes = std::fs::read(golden().join("journal").join(FIRST)).unwrap();
    [(FIRST.to_owned(), bytes)].into()
}

/// Frames there are, whether all their end marks are whole, and the end.
fn read(memory: &Memory, journal: Option<[u8; 16]>) -> (u64, bool, End) {
    let mut reader = Reader::new(memory, journal);
    let (mut frames, mut is_whole) = (0, true);
    while let Some(frame) = reader.next_frame().unwrap() {
        frames += 1;
        assert_eq!(frame.no, FrameNo(frames));
        is_whole &= frame.end_mark == EndMark::Whole;
    }
    assert!(reader.next_frame().unwrap().is_none(), "an end is an end");
    (frames, is_whole, reader.end().unwrap().clone())
}

#[test]
fn the_golden_journal_reads_to_its_recorded_hashes() {
    assert_eq!(golden_id(), [7; 16]);
    let folders = Folders(vec![golden().join("journal")]);
    let mut reader = Reader::new(&folders, Some(golden_id()));
    let mut text = String::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        let (no, at, commands, bytes) = (frame.no, frame.at.0, frame.commands, frame.payload.len());
        let durable = frame.durable_through;
        writeln!(text, "{no} {at} {commands} {durable} {bytes} {}", frame.hash).unwrap();
    }
    writeln!(text, "{:?}", reader.end().unwrap()).unwrap();
    expect![[r#"
        1 1790000000000 0 0 6 9657bdbc1d1d6e3cb8d218059a5cbf81619d394943d788eaadea799ae86c5137
        2 1790000000001 1 1 0 3c17677b0750177f7838dddec4eda5f5187b6bce4958944dc726c05667af2d9b
        3 1790000000002 2 2 7 1e80eb56b216aec4b2da7f406dcbc5c28013cf8c9a2e142573974a467d853e87
        4 1790000000003 3 3 300 a1e8319700712c67843fc257020e98c6c4325afeff860a1098587a54ab317a67
        End { segment: "00000000000000000001.seg", offset: 4928, frame: FrameNo(5), ending: Clean }
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_format_file_is_of_this_version_or_a_later_one_or_none() {
    let text = |version: &str, rest: &str| {
        let id = "0f".repeat(16);
        let text = format!("tidegate data folder\n{version}\njournal {id}{rest}");
        read_format(text.as_bytes()).map_err(|error| error.to_string())
    };
    for rest in ["\n", ""] {
        assert_eq!(text("format 1", rest), Ok([0x0f; 16]));
    }
    let newer = "it says `format 12`, and this auditor knows `format 1`";
    assert_eq!(text("format 12", "\n"), Err(newer.to_owned()));
    for never in ["format 0", "format 01", "format +1", "format -1", "format ", "format 1 "] {
        let why = "its second line names a version that never was";
        assert_eq!(text(never, "\n"), Err(why.to_owned()), "{never}");
    }
    let why = "something follows its third line";
    assert_eq!(text("format 1", "\nmore\n"), Err(why.to_owned()));
    assert_eq!(text("", "\n"), Err("it is not that of a data folder".to_owned()));
}

#[test]
fn every_flipped_bit_of_the_golden_journal_is_found() {
    let mut memory = golden_memory();
    let mut found = BTreeMap::new();
    for bit in 0..memory[FIRST].len() * 8 {
        let flip = |memory: &mut Memory| {
            memory.get_mut(FIRST).unwrap()[bit / 8] ^= 1 << (bit % 8);
        };
        flip(&mut memory);
        let (frames, is_whole, end) = read(&memory, Some(golden_id()));
        let how = match &end.ending {
            Ending::Damaged(_) => "damage",
            // Beyond the last frame, where nothing was written.
            Ending::Torn { .. } => {
                assert!(frames == 4 && is_whole && end.offset <= bit as u64 / 8, "bit {bit}");
                "torn"
            }
            Ending::Clean => {
                assert!(frames == 4 && !is_whole, "bit {bit} was not found");
                "end mark"
            }
        };
        *found.entry(how).or_insert(0) += 1;
        flip(&mut memory);
    }
    expect![[r#"
        {
            "damage": 39168,
            "end mark": 256,
            "torn": 26112,
        }
    "#]]
    .assert_debug_eq(&found);
}

/// Three frames in one segment, two in the next, with a kilobyte each.
fn two_segments() -> Memory {
    let mut writer = Writer::new();
    let mut memory = Memory::new();
    for frames in [3, 2] {
        let (name, mut segment) = writer.segment(8_192);
        let mut offset = 4_096;
        for no in 0..frames {
            offset = writer.put(&mut segment, offset, &[no + 1; 1_000]);
        }
        memory.insert(name, segment);
    }
    memory
}

const SECOND: &str = "00000000000000000004.seg";

fn check(change: impl FnOnce(&mut Memory), expected: Expect) {
    let mut memory = two_segments();
    change(&mut memory);
    let (frames, _, end) = read(&memory, None);
    let End { segment, offset, frame, ending } = end;
    let ending = match ending {
        Ending::Damaged(damage) => damage.to_string(),
        other => format!("{other:?}"),
    };
    expected.assert_eq(&format!(
        "{frames} frames, then at {segment} {offset}, frame {frame}: {ending}"
    ));
}

#[test]
fn a_journal_of_two_segments_ends_where_it_ends() {
    check(|_| (), expect!["5 frames, then at 00000000000000000004.seg 6352, frame 6: Clean"]);
    check(
        |memory| drop(memory.insert("prepared.tmp".to_owned(), vec![1])),
        expect!["5 frames, then at 00000000000000000004.seg 6352, frame 6: Clean"],
    );
}

#[test]
fn damage_is_named() {
    check(
        |memory| drop(memory.remove(FIRST)),
        expect![
            "0 frames, then at 00000000000000000001.seg 0, frame 1: no segment begins with frame 1"
        ],
    );
    check(
        |memory| memory.clear(),
        expect![
            "0 frames, then at 00000000000000000001.seg 0, frame 1: no segment begins with frame 1"
        ],
    );
    check(
        |memory| memory.get_mut(FIRST).unwrap().truncate(8_000),
        expect![
            "0 frames, then at 00000000000000000001.seg 0, frame 1: the segment's header is damaged: it names another length of the file"
        ],
    );
    check(
        |memory| memory.get_mut(FIRST).unwrap()[8_100] = 1,
        expect![
            "3 frames, then at 00000000000000000001.seg 7480, frame 4: something other than zeros follows the last frame of a segment that is closed"
        ],
    );
    check(
        |memory| memory.get_mut(FIRST).unwrap()[5_300] ^= 1,
        expect![
            "1 frames, then at 00000000000000000001.seg 5224, frame 2: the frame's header does not match its check"
        ],
    );
    check(
        |memory| memory.get_mut(SECOND).unwrap()[4_196] ^= 1,
        expect![
            "3 frames, then at 00000000000000000004.seg 4096, frame 4: the frame does not read back as written, though frame 5 proves it was durable"
        ],
    );
    check(
        |memory| memory.get_mut(SECOND).unwrap()[5_300] ^= 1,
        expect![
            "4 frames, then at 00000000000000000004.seg 5224, frame 5: the frame's header does not match its check"
        ],
    );
    let rename = |memory: &mut Memory| {
        let segment = memory.remove(SECOND).unwrap();
        memory.insert("00000000000000000005.seg".to_owned(), segment);
    };
    check(
        rename,
        expect![
            "3 frames, then at 00000000000000000004.seg 0, frame 4: no segment begins with frame 4"
        ],
    );
    let newer = |memory: &mut Memory| memory.get_mut(SECOND).unwrap()[8] = 2;
    check(
        newer,
        expect![
            "3 frames, then at 00000000000000000004.seg 0, frame 4: its version is 2, which this auditor does not know"
        ],
    );
    let (frames, _, end) = read(&two_segments(), Some([6; 16]));
    assert_eq!((frames, end.ending), (0, Ending::Damaged(Damage::OtherJournal)));
}

#[test]
fn a_stray_segment_is_named() {
    let copy = |name: &'static str| {
        move |memory: &mut Memory| {
            let segment = memory[FIRST].clone();
            memory.insert(name.to_owned(), segment);
        }
    };
    check(
        copy("00000000000000000002.seg"),
        expect![
            "3 frames, then at 00000000000000000002.seg 0, frame 4: by its name it begins with frame 2, behind which the journal is already: it is a stray copy, or another journal's"
        ],
    );
    check(
        copy("00000000000000000000.seg"),
        expect![
            "0 frames, then at 00000000000000000000.seg 0, frame 1: by its name it begins with frame 0, behind which the journal is already: it is a stray copy, or another journal's"
        ],
    );
}

#[test]
fn another_history_is_a_broken_chain() {
    let mut other = Writer::new();
    let mut offset = 4_096;
    let (_, mut segment) = other.segment(8_192);
    for no in 0..3 {
        offset = other.put(&mut segment, offset, &[no + 7; 1_000]);
    }
    let (name, mut fork) = other.segment(8_192);
    other.put(&mut fork, 4_096, b"fork");
    check(
        |memory| drop(memory.insert(name, fork)),
        expect![
            "3 frames, then at 00000000000000000004.seg 0, frame 4: it carries another hash of the frame before it"
        ],
    );
}

/// A journal with a second frame that is sound by itself, and told so.
fn second_told(told: &Told) -> Ending {
    let mut writer = Writer::new();
    let (name, mut segment) = writer.segment(8_192);
    let offset = writer.put(&mut segment, 4_096, b"first");
    let frame = writer.frame_told(offset, b"second", told);
    segment[offset..offset + frame.len()].copy_from_slice(&frame);
    read(&[(name, segment)].into(), None).2.ending
}

#[test]
fn time_and_the_durable_mark_go_forward() {
    let right = Told { at: START + 1, commands: 0, durable_through: 1 };
    assert_eq!(second_told(&right), Ending::Clean);
    let ending = second_told(&Told { at: START, ..right });
    assert_eq!(ending, Ending::Damaged(Damage::Time));
    for durable_through in [2, 9] {
        let ending = second_told(&Told { durable_through, ..right });
        assert_eq!(ending, Ending::Damaged(Damage::DurableMark(FrameNo(durable_through))));
    }
}

#[test]
fn a_last_frame_cut_at_any_byte_is_torn_and_no_damage() {
    let whole = two_segments();
    let (from, to) = (5_224_usize, 6_352_usize);
    for cut in from..=to {
        let mut memory = whole.clone();
        memory.get_mut(SECOND).unwrap()[cut..to].fill(0);
        let (frames, _, end) = read(&memory, None);
        let has_hash = to - 8 <= cut;
        assert_eq!(frames, 4 + u64::from(has_hash), "cut at {cut}");
        match end.ending {
            Ending::Clean => assert!(cut == from || has_hash, "cut at {cut}"),
            Ending::Torn { bytes } => {
                assert!(end.offset == from as u64 && bytes <= (cut - from) as u64);
            }
            Ending::Damaged(damage) => panic!("cut at {cut}: {damage}"),
        }
    }
}

#[test]
fn sectors_that_never_arrived_are_torn_and_no_damage() {
    let whole = two_segments();
    let (from, to) = (5_224_usize, 6_352_usize);
    let sectors: Vec<_> = (from / 512..to.div_ceil(512)).collect();
    for missing in 1..1_u32 << sectors.len() {
        let mut memory = whole.clone();
        for (nth, sector) in sectors.iter().enumerate() {
            if missing & 1 << nth != 0 {
                let part = (sector * 512).max(from)..(sector * 512 + 512).min(to);
                memory.get_mut(SECOND).unwrap()[part].fill(0);
            }
        }
        let (frames, _, end) = read(&memory, None);
        assert_eq!(frames, 4);
        assert!(!matches!(end.ending, Ending::Damaged(_)), "{missing:b}: {end:?}");
    }
}

#[test]
fn any_change_of_a_whole_last_frame_is_damage() {
    let whole = two_segments();
    // Its end mark apart, which is no content.
    for byte in 4_096 + 1_128..4_096 + 2 * 1_128 - 8 {
        let mut memory = whole.clone();
        memory.get_mut(SECOND).unwrap()[byte] ^= 0x10;
        let (frames, _, end) = read(&memory, None);
        assert_eq!(frames, 4);
        assert!(matches!(end.ending, Ending::Damaged(_)), "byte {byte}: {end:?}");
    }
}

/// A disk whose writer goes on by some bytes at every read.
struct Running {
    bytes: RefCell<Vec<u8>>,
    to_come: Vec<u8>,
    written: Cell<usize>,
    step: usize,
}

impl Source for Running {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(vec![FIRST.to_owned()])
    }
    fn open<'s>(&'s self, _: &str) -> io::Result<Box<dyn Bytes + 's>> {
        Ok(Box::new(self))
    }
}

impl Bytes for &Running {
    fn length(&self) -> io::Result<u64> {
        Ok(self.to_come.len() as u64)
    }
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        // In pieces, with the writer going on between them.
        let piece = into.len().min(1_024);
        let from = self.written.get();
        let to = (from + self.step).min(self.to_come.len());
        self.bytes.borrow_mut()[from..to].copy_from_slice(&self.to_come[from..to]);
        self.written.set(to);
        let offset = offset as usize;
        into[..piece].copy_from_slice(&self.bytes.borrow()[offset..offset + piece]);
        Ok(piece)
    }
}

#[test]
fn a_writer_at_work_is_never_damage() {
    let mut writer = Writer::new();
    let (_, mut to_come) = writer.segment(65_536);
    let mut offset = 4_096;
    for no in 0..40 {
        offset = writer.put(&mut to_come, offset, &vec![no; usize::from(no) * 40]);
    }
    let mut ends = [0, 0];
    for step in (1..600).step_by(7) {
        for begun in [4_096, 5_000, 9_001, 20_000] {
            let mut bytes = vec![0; to_come.len()];
            bytes[..begun].copy_from_slice(&to_come[..begun]);
            let (bytes, written) = (RefCell::new(bytes), Cell::new(begun));
            let running = Running { bytes, to_come: to_come.clone(), written, step };
            let mut reader = Reader::new(&running, None);
            while reader.next_frame().unwrap().is_some() {}
            match &reader.end().unwrap().ending {
                Ending::Clean => ends[0] += 1,
                Ending::Torn { .. } => ends[1] += 1,
                Ending::Damaged(damage) => panic!("step {step} from {begun}: {damage}"),
            }
        }
    }
    assert!(ends.iter().all(|count| 0 < *count), "both ends are met: {ends:?}");
}
