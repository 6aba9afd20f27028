//! Folders that the account may not read: one cause, one code.

use super::{release, snapshot, write};
use crate::refusals::{as_a_reader, check, set_modes};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn what_may_not_be_read_is_one_code_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data = folder.path().join("data");
    let (hash, ledger) = write(&data, &release());
    snapshot(&data, hash, &ledger, ledger.hash().0);
    set_modes(&data, 0o444, 0o555);
    let told = |command: &[&str]| {
        as_a_reader(folder.path()).args(command).arg("--data").arg(&data).output().unwrap()
    };
    assert!(told(&["audit"]).status.success(), "reading is enough");
    for (name, verify_reads_it) in [
        ("", true),
        ("FORMAT", true),
        ("journal", true),
        ("journal/00000000000000000001.seg", true),
        ("snapshots", false),
        ("snapshots/00000000000000000007.snap", false),
    ] {
        let path = data.join(name);
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let audited = told(&["audit"]);
        check(&audited, "access-denied", 77);
        let words = String::from_utf8_lossy(&audited.stderr);
        assert!(!words.contains("mounted") && !words.contains("the disk"), "{name}: {words}");
        if verify_reads_it {
            check(&told(&["journal", "verify"]), "access-denied", 77);
        }
        fs::set_permissions(&path, before).unwrap();
    }
    set_modes(&data, 0o600, 0o700);
}
