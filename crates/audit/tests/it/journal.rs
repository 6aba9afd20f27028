//! The reader against the golden journal, bit by bit, and against small journals of its own.

use audit::journal::{EndMark, Folders, read_format};
use audit::{End, Ending, Reader};
use expect_test::expect;
use std::collections::BTreeMap;
use std::fmt::Write as _;
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
