//! Faults that outlast a power failure.

use journal::Disk as _;
use simdisk::{Fault, Kept, SimDisk};
use std::io::ErrorKind;

#[test]
fn a_power_failure_makes_no_room() {
    let disk = SimDisk::default();
    let file = disk.create("file").unwrap();
    disk.set_fault(0, Fault::Full);
    assert_eq!(file.write_at(b"more", 0).unwrap_err().kind(), ErrorKind::StorageFull);
    disk.crash();
    let disk = disk.restart(Kept::All);
    assert_eq!(disk.create("other").unwrap_err().kind(), ErrorKind::StorageFull);
    disk.heal();
    disk.create("other").unwrap();
}

#[test]
fn a_fault_to_come_comes_after_a_power_failure() {
    let disk = SimDisk::default();
    disk.set_fault(2, Fault::Io);
    disk.create("first").unwrap();
    disk.crash();
    let disk = disk.restart(Kept::All);
    disk.create("second").unwrap();
    assert!(!disk.has_struck());
    disk.create("third").unwrap_err();
    assert!(disk.has_struck());
    disk.create("third").unwrap();
}

#[test]
fn a_disk_made_read_only_is_writable_after_a_power_failure() {
    let disk = SimDisk::default();
    disk.set_read_only();
    assert_eq!(disk.create("file").unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
    disk.crash();
    disk.restart(Kept::All).create("file").unwrap();
}
