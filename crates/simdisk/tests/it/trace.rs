//! Every call leaves a line that says what was asked and what was answered.

use journal::{Access, Disk as _};
use model::generate::Random;
use simdisk::{Fault, Kept, Rates, SimDisk};
use std::sync::Arc;

/// What the last call left, without the hash of its bytes.
#[track_caller]
fn told(disk: &SimDisk, line: &str) {
    let trace = disk.take_trace();
    let last = trace.last().expect("a call leaves a line");
    assert!(last.starts_with(line), "{trace:#?}");
}

/// A disk with a file of two sectors, on which each call fails that is to fail always.
fn disk_with(rates: Rates) -> (SimDisk, Arc<dyn journal::DiskFile>) {
    let disk = SimDisk::default();
    let file = disk.create("file").unwrap();
    file.write_at(&[7; 1_024], 0).unwrap();
    disk.set_random(Random::new(1));
    disk.set_rates(rates);
    disk.keep_trace();
    (disk, file)
}

const ALWAYS: u64 = 10_000;
const BAD: &str = "Err(Custom { kind: Other, error: \"bad disk\" })";

#[test]
fn what_failed_reads_as_failed() {
    let (disk, file) = disk_with(Rates { sync_error: ALWAYS, ..Rates::default() });
    file.sync_data().unwrap_err();
    told(&disk, &format!("sync 0: {BAD}"));
    disk.sync_folder("").unwrap_err();
    told(&disk, &format!("sync folder : {BAD}"));
    let (disk, file) = disk_with(Rates { read_error: ALWAYS, ..Rates::default() });
    file.read_at(&mut [0; 9], 3).unwrap_err();
    told(&disk, &format!("read 0 at 3, 9 bytes: {BAD}"));
    disk.open("file", Access::Read).unwrap_err();
    told(&disk, &format!("open file, Read: {BAD}"));
    disk.list("").unwrap_err();
    told(&disk, &format!("list : {BAD}"));
    let (disk, file) = disk_with(Rates { write_error: ALWAYS, ..Rates::default() });
    file.write_at(&[0; 64], 0).unwrap_err();
    let trace = disk.take_trace();
    assert!(trace[0].starts_with("write 0 at 0, 64 bytes, ") && trace[0].ends_with(BAD));
    let (disk, file) = disk_with(Rates { interrupted: ALWAYS, ..Rates::default() });
    file.write_at(&[0; 64], 0).unwrap_err();
    assert!(disk.take_trace()[0].ends_with(": Err(Kind(Interrupted))"));
    file.read_at(&mut [0; 64], 0).unwrap_err();
    told(&disk, "read 0 at 0, 64 bytes: Err(Kind(Interrupted))");
}

#[test]
fn what_was_refused_before_it_began_leaves_one_line() {
    let (disk, file) = disk_with(Rates::default());
    disk.set_fault(0, Fault::Full);
    file.write_at(&[0; 64], 0).unwrap_err();
    let trace = disk.take_trace();
    assert_eq!(trace.len(), 1, "{trace:#?}");
    assert!(trace[0].ends_with(": Err(Kind(StorageFull))"), "{trace:#?}");
    disk.remove("nothing").unwrap_err();
    told(&disk, "remove nothing: Err(Kind(NotFound))");
    disk.open("nothing", Access::Write).unwrap_err();
    told(&disk, "open nothing, Write: Err(Kind(NotFound))");
    disk.crash();
    file.read_at(&mut [0; 9], 0).unwrap_err();
    told(&disk, "read 0 at 0, 9 bytes: Err(Custom");
}

#[test]
fn a_short_call_says_how_much_it_got() {
    let (disk, file) = disk_with(Rates { short: ALWAYS, ..Rates::default() });
    let mut writes = 0..20_u64;
    assert!(writes.any(|_| file.write_at(&[1; 2_048], 0).unwrap() < 2_048));
    let trace = disk.take_trace();
    let last = trace.last().unwrap();
    assert!(last.starts_with("write 0 at 0, 2048 bytes, ") && !last.ends_with("Ok(2048)"));
    let read = file.read_at(&mut [0; 900], 0).unwrap();
    assert!(read < 900);
    told(&disk, &format!("read 0 at 0, 900 bytes: Ok({read}), "));
}

#[test]
fn a_misdirected_read_tells_both_places() {
    let (disk, file) = disk_with(Rates { misdirected: ALWAYS, ..Rates::default() });
    let before = disk.counts().faults.iter().sum::<u64>();
    let mut buffer = [0; 100];
    (0..20).for_each(|_| _ = file.read_at(&mut buffer, 700).unwrap());
    let trace = disk.take_trace();
    assert!(trace.iter().all(|line| line.starts_with("read 0 at 700, 100 bytes: Ok(100), ")));
    let misdirected = trace.iter().filter(|line| line.contains(", misdirected: from 0 at "));
    let counted = disk.counts().faults.iter().sum::<u64>() - before;
    assert_eq!(misdirected.count() as u64, counted, "{trace:#?}");
    assert_eq!(counted, 20, "no sector begins at 700");
}

#[test]
fn a_hash_tells_answers_apart() {
    let hashes = [Kept::Nothing, Kept::All].map(|kept| {
        let disk = SimDisk::default();
        disk.create("file").unwrap();
        let disk = disk.restart(kept);
        let before = disk.trace_hash();
        let _ = disk.open("file", Access::Read);
        (before, disk.trace_hash())
    });
    assert_eq!(hashes[0].0, hashes[1].0, "the same was asked and answered until then");
    assert_ne!(hashes[0].1, hashes[1].1);
}
