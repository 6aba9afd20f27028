//! Moving a campaign to another time, and the calendar that goes with it.

use crate::fixture::files;
use campaign::{ShiftError, with_times};
use types::{Definition, Millis, Publish};

/// 2026-11-05T13:37:00Z, 21:37 in Shanghai.
const OPEN: Millis = Millis(1_793_885_820_000);

fn berlin() -> Definition {
    files().with("Asia/Shanghai", "Europe/Berlin").read().unwrap().definition
}

#[test]
fn windows_keep_their_length_and_slots_their_time_of_day() {
    let definition = files()
        .with("when = \"at-once\"", "when = \"at\"\nat = \"2030-02-01 23:00\"")
        .read()
        .unwrap()
        .definition;
    let moved = with_times(&definition, OPEN).unwrap();
    assert_eq!(moved.register.windows[0].from, OPEN);
    assert_eq!(moved.register.windows[0].until, OPEN.plus(2 * 3_600_000));
    assert_eq!(moved.publish, Publish::At { at: OPEN.plus(3 * 3_600_000) });
    let day = moved.calendar.day(OPEN);
    let slot = &moved.slots[0];
    assert_eq!(moved.calendar.day(slot.from).0, day.0 + 1);
    assert_eq!(
        slot.from.since(moved.calendar.day_start(moved.calendar.day(slot.from))),
        32_400_000
    );
    assert_eq!(with_times(&moved, definition.register.windows[0].from).unwrap(), definition);
}

#[test]
fn a_slot_keeps_its_time_of_day_over_a_change_of_clocks() {
    // 2030-07-01T18:00:00Z, 20:00 in Berlin's summer.
    let moved = with_times(&berlin(), Millis(1_909_159_200_000)).unwrap();
    let slot = moved.slots[0].from;
    assert_eq!(moved.calendar.offset_seconds(slot), 7_200);
    assert_eq!(slot.since(moved.calendar.day_start(moved.calendar.day(slot))), 9 * 3_600_000);
}

#[test]
fn the_calendar_covers_two_years_around() {
    let calendar = berlin().calendar;
    assert_eq!(calendar.zone, "Europe/Berlin");
    assert_eq!(calendar.offsets.len(), 9);
    assert!(calendar.offsets.windows(2).all(|pair| pair[0].seconds != pair[1].seconds));
}

#[test]
fn what_cannot_be_moved() {
    let definition = berlin();
    assert_eq!(with_times(&definition, Millis(u64::MAX)), Err(ShiftError::OutOfRange));
    assert!(with_times(&definition, Millis(0)).is_ok());
    let mut nowhere = definition;
    nowhere.calendar.zone = "Mars/Olympus".into();
    assert_eq!(with_times(&nowhere, OPEN), Err(ShiftError::UnknownZone));
}

#[test]
fn without_windows_the_first_slot_is_on_the_next_day() {
    let windows = "windows = [{ from = \"2030-02-01 20:00\", until = \"2030-02-01 22:00\" }]";
    let definition = files().with(windows, "").read().unwrap().definition;
    let moved = with_times(&definition, OPEN).unwrap();
    assert_eq!(moved.calendar.day(moved.slots[0].from).0, moved.calendar.day(OPEN).0 + 1);
}
