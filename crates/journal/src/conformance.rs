//! What every provider of the log must do, as a check to run in its tests.
//!
//! Owns: the cases, and the words for what failed. Never: knows a provider.
//! On failure: panics with the case, as a test does.

use crate::log::{FrameHash, FrameStream, Log, ReadLog};
use types::ids::{FrameNo, Millis};

/// Opens one log: the first call makes it, every later call opens it again after the log of
/// the call before was dropped.
pub type OpenLog = Box<dyn FnMut() -> Box<dyn Log>>;

/// Checks a provider; `fresh` gives the opener of a new, empty log.
///
/// # Panics
/// When the provider does not do what the trait says.
pub fn check(fresh: &mut dyn FnMut() -> OpenLog) {
    an_empty_log_has_no_frames(&mut *fresh());
    frames_come_back_as_they_went_in(&mut *fresh());
    a_log_goes_on_where_it_ended(&mut *fresh());
    a_handle_sees_what_was_durable_when_it_was_made(&mut *fresh());
    reading_begins_at_any_frame(&mut *fresh());
    slices_are_parts_of_payloads(&mut *fresh());
    room_is_reserved_without_a_trace(&mut *fresh());
    the_chain_depends_on_everything(fresh);
    readers_run_beside_the_writer(&mut *fresh());
}

/// A payload that differs from frame to frame and has runs of zeros of a sector's size.
#[must_use]
pub fn payload(frame: u64, bytes: usize) -> Vec<u8> {
    let byte = |index: usize| {
        let is_zero_run = index / 700 % 3 == 1;
        let mixed = (frame.wrapping_mul(31) ^ index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if is_zero_run { 0 } else { (mixed >> 56) as u8 }
    };
    (0..bytes).map(byte).collect()
}

const SIZES: [usize; 12] = [0, 1, 7, 8, 9, 511, 512, 513, 4_096, 70_000, 3, 1 << 20];

fn an_empty_log_has_no_frames(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let log = open();
    assert_eq!(log.tail().frame, FrameNo(0), "an empty log has no frame");
    assert_eq!(log.tail().at, Millis(0), "an empty log has no time");
    let handle = log.read_handle();
    assert_eq!(handle.through(), log.tail(), "a handle sees the tail");
    let mut stream = handle.read_from(FrameNo(1)).expect("one past the last may be asked for");
    assert!(stream.next_frame().expect("there is nothing to fail").is_none());
}

fn frames_come_back_as_they_went_in(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let mut log = open();
    let genesis = log.tail().hash;
    append_sizes(&mut *log);
    compare(&*log.read_handle(), genesis);
}

fn a_log_goes_on_where_it_ended(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let mut log = open();
    let genesis = log.tail().hash;
    for round in 0..3 {
        assert_eq!(log.tail().frame, FrameNo(round * SIZES.len() as u64));
        append_sizes(&mut *log);
        let tail = log.tail();
        drop(log);
        log = open();
        assert_eq!(log.tail(), tail, "a log that is opened again has the same tail");
    }
    compare(&*log.read_handle(), genesis);
}

fn a_handle_sees_what_was_durable_when_it_was_made(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let mut log = open();
    log.append(Millis(5), 1, b"one").expect("there is room");
    let mut handle = log.read_handle();
    let seen = log.tail();
    log.append(Millis(5), 1, b"two").expect("there is room");
    assert_eq!(handle.through(), seen, "a handle stays where it was made");
    assert_eq!(count(&mut *handle.read_from(FrameNo(1)).expect("it is kept")), 1);
    let duplicate = handle.duplicate();
    handle.refresh();
    assert_eq!(handle.through(), log.tail(), "a refreshed handle sees the tail");
    assert_eq!(duplicate.through(), seen, "a duplicate has a view of its own");
    assert_eq!(count(&mut *handle.read_from(FrameNo(1)).expect("it is kept")), 2);
    assert_eq!(count(&mut *handle.read_from(FrameNo(3)).expect("one past the last")), 0);
}

fn reading_begins_at_any_frame(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let mut log = open();
    append_sizes(&mut *log);
    let handle = log.read_handle();
    for first in 1..=SIZES.len() as u64 {
        let mut stream = handle.read_from(FrameNo(first)).expect("it is kept");
        let frame = stream.next_frame().expect("it is sound").expect("it is there");
        assert_eq!(frame.no, FrameNo(first), "reading begins where it was asked to");
        assert_eq!(frame.payload, payload(first, SIZES[first as usize - 1]));
        assert_eq!(count(&mut *stream), SIZES.len() as u64 - first, "and goes to the end");
    }
}

fn slices_are_parts_of_payloads(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let mut log = open();
    append_sizes(&mut *log);
    let handle = log.read_handle();
    for frame in (1..=SIZES.len() as u64).rev() {
        let whole = payload(frame, SIZES[frame as usize - 1]);
        for (from, to) in [(0, whole.len()), (whole.len() / 3, whole.len() / 2)] {
            let mut slice = vec![0; to - from];
            handle.read_slice(FrameNo(frame), from as u64, &mut slice).expect("it is kept");
            assert_eq!(slice, whole[from..to], "a slice is a part of frame {frame}");
        }
        let beyond = handle.read_slice(FrameNo(frame), whole.len() as u64, &mut [0]);
        assert!(beyond.is_err(), "a slice ends with its payload");
    }
    // The place of a frame that is appended later is found too.
    let no = log.append(log.tail().at, 1, b"later").expect("there is room");
    let mut slice = [0; 3];
    log.read_handle().read_slice(no, 1, &mut slice).expect("it is kept");
    assert_eq!(&slice, b"ate");
}

fn room_is_reserved_without_a_trace(open: &mut dyn FnMut() -> Box<dyn Log>) {
    let mut log = open();
    let genesis = log.tail().hash;
    for index in 0..40 {
        let tail = log.tail();
        let bytes = if index % 2 == 0 { 900 } else { 0 };
        log.reserve(bytes).expect("there is room");
        log.reserve(bytes).expect("there is room still");
        assert_eq!(log.tail(), tail, "reserving appends nothing");
        let no = index + 1;
        log.append(Millis(no), no as u32, &payload(no, bytes)).expect("it was reserved");
    }
    let tail = log.tail();
    log.reserve(5_000).expect("there is room");
    drop(log);
    let log = open();
    assert_eq!(log.tail(), tail, "a reservation leaves no frame");
    let mut stream = log.read_handle().read_from(FrameNo(1)).expect("it is kept");
    let first = stream.next_frame().expect("it is sound").expect("it is there");
    assert_eq!(first.previous, genesis);
    assert_eq!(count(&mut *stream), 39);
}

fn the_chain_depends_on_everything(fresh: &mut dyn FnMut() -> OpenLog) {
    let hash = |log: &mut dyn Log, at, commands, payload: &[u8]| {
        let before = log.tail().hash;
        log.append(Millis(at), commands, payload).expect("there is room");
        (before, log.tail().hash)
    };
    let mut open = fresh();
    let mut log = open();
    let (genesis, first) = hash(&mut *log, 1, 1, b"x");
    let (_, second) = hash(&mut *log, 1, 1, b"x");
    assert_ne!(first, second, "the same content twice has two hashes");
    let mut seen = vec![first, second];
    for (at, commands, payload) in [(2, 1, b"x"), (1, 2, b"x"), (1, 1, b"y")] {
        let mut open = fresh();
        let mut log = open();
        let (other_genesis, other) = hash(&mut *log, at, commands, payload);
        if other_genesis == genesis {
            assert!(!seen.contains(&other), "every field is under the hash");
        }
        seen.push(other);
    }
}

fn readers_run_beside_the_writer(open: &mut dyn FnMut() -> Box<dyn Log>) {
    const FRAMES: u64 = 300;
    let mut log = open();
    let mut handle = log.read_handle();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut next = FrameNo(1);
            while next <= FrameNo(FRAMES) {
                handle.refresh();
                let mut stream = handle.read_from(next).expect("it is kept");
                while let Some(frame) = stream.next_frame().expect("it is durable, so sound") {
                    assert_eq!(frame.no, next);
                    assert_eq!(frame.payload, payload(next.0, 100));
                    next = next.next();
                }
                std::thread::yield_now();
            }
        });
        for no in 1..=FRAMES {
            log.append(Millis(no), 1, &payload(no, 100)).expect("there is room");
        }
        reader.join().expect("the reader's own assertions hold");
    });
}

fn append_sizes(log: &mut dyn Log) {
    for bytes in SIZES {
        let before = log.tail();
        let no = before.frame.next();
        let at = Millis(before.at.0 + no.0 % 2);
        let appended = log.append(at, no.0 as u32, &payload(no.0, bytes)).expect("there is room");
        assert_eq!(appended, no, "frames are numbered without a gap");
        let after = log.tail();
        assert_eq!((after.frame, after.at), (no, at), "the tail is what was appended");
        assert_ne!(after.hash, before.hash);
    }
}

/// Reads everything and compares it with what `append_sizes` wrote, again and again.
fn compare(handle: &dyn ReadLog, genesis: FrameHash) {
    let mut stream = handle.read_from(FrameNo(1)).expect("it is kept");
    let mut previous = genesis;
    let mut no = FrameNo(0);
    let mut at = Millis(0);
    while let Some(frame) = stream.next_frame().expect("it is sound") {
        no = no.next();
        let bytes = SIZES[(no.0 as usize - 1) % SIZES.len()];
        assert_eq!(frame.no, no, "frames come in order");
        assert!(at <= frame.at, "time never goes back");
        assert_eq!(frame.command_count, no.0 as u32);
        assert!(frame.durable_through < no, "a frame cannot call itself durable");
        assert_eq!(frame.previous, previous, "each frame carries the hash before it");
        assert_eq!(frame.payload, payload(no.0, bytes), "payloads come back whole");
        (previous, at) = (frame.hash, frame.at);
    }
    assert_eq!((no, previous), (handle.through().frame, handle.through().hash));
}

fn count(stream: &mut dyn FrameStream) -> u64 {
    let mut frames = 0;
    while stream.next_frame().expect("it is sound").is_some() {
        frames += 1;
    }
    frames
}
