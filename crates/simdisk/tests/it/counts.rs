//! Faults are counted where they make a difference, and nowhere else.

use journal::{Access, Disk as _};
use model::generate::Random;
use simdisk::{FAULTS, Fault, Kept, Rates, SimDisk};

fn count(disk: &SimDisk, kind: &str) -> u64 {
    disk.counts().faults[FAULTS.iter().position(|name| *name == kind).unwrap()]
}

fn disk_with(rates: Rates) -> SimDisk {
    let disk = SimDisk::default();
    disk.set_random(Random::new(1));
    disk.set_rates(rates);
    disk
}

#[test]
fn a_short_call_that_got_everything_is_no_fault() {
    let disk = disk_with(Rates { short: 10_000, ..Rates::default() });
    let file = disk.create("file").unwrap();
    assert_eq!(file.write_at(&[1; 400], 0).unwrap(), 400, "it is cut at a sector's end, if at all");
    assert_eq!(count(&disk, "short"), 0);
    let short = (0..50).filter(|_| file.write_at(&[1; 1_500], 0).unwrap() < 1_500).count();
    assert_eq!(count(&disk, "short"), short as u64);
    assert!(0 < short);
    let before = count(&disk, "short");
    assert_eq!(file.read_at(&mut [0; 2_000], 5_000).unwrap(), 0);
    assert_eq!(count(&disk, "short"), before, "nothing is there to be read");
}

#[test]
fn planned_faults_count() {
    let disk = disk_with(Rates::default());
    let file = disk.create("file").unwrap();
    disk.set_fault(0, Fault::Io);
    file.write_at(&[1; 64], 0).unwrap_err();
    assert_eq!(count(&disk, "planned error"), 1);
    disk.set_fault(0, Fault::Full);
    file.sync_data().unwrap();
    assert_eq!((count(&disk, "full"), disk.counts().full), (0, 0), "a sync takes no room");
    file.write_at(&[1; 64], 0).unwrap_err();
    disk.create("other").unwrap_err();
    assert_eq!((count(&disk, "full"), disk.counts().full), (2, 2));
    disk.heal();
    disk.set_read_only();
    file.write_at(&[1; 64], 0).unwrap_err();
    disk.open("file", Access::Write).unwrap_err();
    disk.open("file", Access::Read).unwrap();
    assert_eq!(count(&disk, "read-only"), 2);
}

/// As one that fails by chance.
#[test]
fn a_write_that_is_planned_to_fail_leaves_a_part() {
    let parts = (0..20).map(|seed| {
        let disk = disk_with(Rates::default());
        disk.set_random(Random::new(seed));
        let file = disk.create("file").unwrap();
        disk.sync_folder("").unwrap();
        disk.set_fault(0, Fault::Io);
        file.write_at(&[7; 3_000], 0).unwrap_err();
        let left = disk.bytes("file").unwrap();
        assert!(left.len() < 3_000 && left.iter().all(|byte| *byte == 7));
        let remains = [Kept::All, Kept::Nothing].map(|kept| disk.restart(kept).bytes("file"));
        assert_eq!(remains, [Some(left.clone()), Some(Vec::new())], "it is not durable yet");
        left.len()
    });
    assert!(10 < parts.collect::<std::collections::BTreeSet<_>>().len());
}
