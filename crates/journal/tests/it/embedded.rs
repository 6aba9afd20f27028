//! Frames within the payloads of others: a payload may hold anything, also what looks like the
//! journal's own next frames.

use crate::support::{append, new_log, open_log, payload, read_all};
use journal::Log;
use simdisk::SimDisk;
use types::ids::{FrameNo, Millis};

const FIRST: &str = "journal/00000000000000000001.seg";
/// Where the second frame begins: after the segment's header and a frame of 200 bytes.
const SECOND_FRAME: usize = 4_096 + 88 + 200 + 40;
const HEADER_BYTES: usize = 88;

/// The bytes of the last of so many frames of another history: a later frame, sound in itself.
fn later_frame(frames: u64) -> Vec<u8> {
    let (memory, _, mut log) = new_log();
    append(&mut log, frames, 200);
    drop(log);
    let frame_bytes = HEADER_BYTES + 200 + 40;
    let from = 4_096 + (frames as usize - 1) * frame_bytes;
    memory.bytes(FIRST).unwrap()[from..from + frame_bytes].to_vec()
}

/// A journal of two frames, the second with a later frame in its payload, followed by a frame's
/// worth of something that is not zero.
fn with_embedded() -> (SimDisk, std::sync::Arc<dyn journal::Disk>) {
    let (memory, disk, mut log) = new_log();
    append(&mut log, 1, 200);
    let embedded = [payload(FrameNo(9), 104), later_frame(4), payload(FrameNo(9), 1_000)].concat();
    log.append(Millis(50), 1, &embedded).unwrap();
    drop(log);
    (memory, disk)
}

#[test]
fn a_torn_frame_with_a_later_frame_in_its_payload_is_cut() {
    let (memory, disk) = with_embedded();
    // The last sectors never reached the disk; header and embedded frame did.
    let mut bytes = memory.bytes(FIRST).unwrap();
    bytes[5_120..].fill(0);
    memory.set_bytes(FIRST, &bytes);
    let (log, recovery) = open_log(&disk).unwrap();
    assert_eq!(recovery.torn.unwrap().offset, SECOND_FRAME as u64);
    assert_eq!(read_all(&log).unwrap().len(), 1);
}

/// Nor does it make a changed frame look older than it is.
#[test]
fn a_changed_frame_with_a_later_frame_in_its_payload_is_refused() {
    let (memory, disk) = with_embedded();
    memory.flip(FIRST, (SECOND_FRAME + HEADER_BYTES + 3) * 8);
    let error = open_log(&disk).unwrap_err().to_string();
    assert!(error.contains("frame 2: its content does not match its hash"), "{error}");
}

/// A later frame's header in a payload may claim more than the segment has left: nothing is read
/// there.
#[test]
fn a_header_in_a_payload_that_claims_more_than_there_is_leads_nowhere() {
    let (other, _, mut log) = new_log();
    append(&mut log, 3, 200);
    append(&mut log, 1, 2_900);
    drop(log);
    let fourth = 4_096 + 3 * (HEADER_BYTES + 200 + 40);
    let header = other.bytes(FIRST).unwrap()[fourth..fourth + HEADER_BYTES].to_vec();
    let (memory, disk, mut log) = new_log();
    append(&mut log, 1, 200);
    let embedded = [payload(FrameNo(9), 1_400), header, payload(FrameNo(9), 304)].concat();
    log.append(Millis(50), 1, &embedded).unwrap();
    drop(log);
    // The sector with the second frame's own header never reached the disk.
    let mut bytes = memory.bytes(FIRST).unwrap();
    bytes[SECOND_FRAME..4_608].fill(0);
    memory.set_bytes(FIRST, &bytes);
    let (log, recovery) = open_log(&disk).unwrap();
    assert_eq!(recovery.torn.unwrap().offset, SECOND_FRAME as u64);
    assert_eq!(read_all(&log).unwrap().len(), 1);
}
