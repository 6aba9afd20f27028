//! Room for the working files of worksheets: what they take, and a disk that has none.

use crate::fixture::{EVENING, Known, booking, bookings, definition, hand_over, request};
use handover::{Booking, Fate, Format, HandoverError, Layout, People};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use types::EntryNo;
use types::limits::SHEET_CELL_BYTES;

const ROWS: u32 = 4_000;
/// The columns of a row with two identity fields.
const COLUMNS: u64 = 15;

/// People that look, at every row, at how much lies in the unnamed files of a folder.
struct Weighing {
    folder: PathBuf,
    bytes_most: u64,
}

impl People for Weighing {
    fn are_known(&self) -> bool {
        true
    }

    fn open(&mut self, booking: &Booking, fields: &mut Vec<String>) -> Result<(), HandoverError> {
        let open = fs::read_dir("/proc/self/fd").unwrap().flatten().map(|entry| entry.path());
        let ours =
            open.filter(|path| fs::read_link(path).is_ok_and(|to| to.starts_with(&self.folder)));
        // A file that was closed meanwhile, by another test, is not one of ours.
        let bytes: u64 = ours.flat_map(fs::metadata).map(|file| file.size()).sum();
        self.bytes_most = self.bytes_most.max(bytes);
        Known.open(booking, fields)?;
        // As long as names and numbers are in earnest.
        fields[0].push_str("欧阳婷婷");
        Ok(())
    }

    fn code(&self, entry: EntryNo) -> String {
        Known.code(entry)
    }
}

#[test]
fn worksheets_take_what_they_are_reckoned_to_and_no_more() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().canonicalize().unwrap();
    let definition = definition();
    let all: Vec<Booking> = (0..ROWS)
        .map(|entry| {
            let fate = Fate::Redeemed(EVENING.plus(u64::from(entry) * 60_000));
            booking(entry, u16::from(entry % 4 == 0), 0, 0, fate)
        })
        .collect();
    for (layout, rows) in [(Layout::File, ROWS), (Layout::Archive, ROWS / 4 * 3)] {
        let xlsx = request(&definition, (Format::Xlsx, layout), None, &folder);
        let mut people = Weighing { folder: folder.clone(), bytes_most: 0 };
        hand_over(&xlsx, all.clone(), &mut people, Vec::new()).unwrap();
        let reckoned = u64::from(rows) * COLUMNS * SHEET_CELL_BYTES;
        let taken = people.bytes_most;
        assert!(taken <= reckoned, "{layout:?}: {taken} bytes, and {reckoned} were reckoned");
        assert!(
            reckoned < taken * 3 / 2,
            "{layout:?}: {taken} bytes, and {reckoned} were reckoned"
        );
    }
    let csv = request(&definition, (Format::Csv, Layout::File), None, &folder);
    let mut people = Weighing { folder: folder.clone(), bytes_most: 0 };
    hand_over(&csv, all, &mut people, Vec::new()).unwrap();
    assert_eq!(people.bytes_most, 0, "CSV needs no working files");
}

#[test]
fn without_room_nothing_is_begun() {
    let definition = definition();
    // A file system that never has any room.
    let full = Path::new("/proc");
    for layout in [Layout::File, Layout::Archive] {
        let xlsx = request(&definition, (Format::Xlsx, layout), None, full);
        let mut file = Vec::new();
        let refused = hand_over(&xlsx, bookings(), &mut Known, &mut file).unwrap_err();
        assert_eq!((refused.code(), file.len()), ("export-no-room", 0));
        assert_eq!(
            refused.to_string(),
            "the worksheets of this export need about 1 MiB of room in /proc while they are put \
             together, and its file system has 0 MiB free. Make room there, or take CSV, which \
             needs none"
        );
        let csv = request(&definition, (Format::Csv, layout), None, full);
        hand_over(&csv, bookings(), &mut Known, Vec::new()).unwrap();
    }
}
