//! A data folder in which nothing can be made any more: the program ends rather than guess, and a
//! start says what to mend.

use crate::support::{left_out, program};
use std::fs;
use trial::load::{Load, ask_again};
use trial::site::{Site, Sizes};
use trial::{Enclosure, Records, TrialError, check};

const DISK_MEGABYTES: u64 = 64;
const CONNECTIONS: usize = 8;
/// `EX_IOERR` and `EX_CONFIG`, as docs/operating.md has them.
const DISK: Option<i32> = Some(74);
const CONFIGURATION: Option<i32> = Some(78);

/// The kernel does not remount a file system read-only while files on it are open for writing, so
/// a read-only view of the folder is laid over it: what the program has open it can write, and
/// the first segment that it has to make it cannot.
#[test]
fn a_folder_turned_read_only_ends_the_program_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let enclosure = match Enclosure::new(&disk, DISK_MEGABYTES) {
        Ok(enclosure) => enclosure,
        Err(error) => return left_out("a data folder turned read-only", &error),
    };
    let site = Site::new(program(), folder.path(), Sizes::default(), Some(&enclosure)).unwrap();
    let records = Records::new(17);
    let mut node = site.start().unwrap();
    let offer = site.open_campaign(17).unwrap();
    std::thread::scope(|scope| {
        let load = Load::start(scope, &site, &records, &offer, CONNECTIONS, 1);
        load.await_answers(200).unwrap();
        enclosure.make_read_only(enclosure.disk()).unwrap();
        let code = node.await_end().unwrap();
        load.end().unwrap();
        assert_eq!(code, DISK);
    });
    // Whoever waited when it ended does not know; nobody was told that nothing was done.
    assert_eq!(records.lock().shed_codes, [""; 0]);

    let mut refused = site.spawn().unwrap();
    assert_eq!(refused.await_end().unwrap(), CONFIGURATION);
    match site.start() {
        Err(TrialError::Program { log, .. }) => assert!(log.contains("[data-read-only]"), "{log}"),
        other => panic!("it started, or failed otherwise: {other:?}"),
    }

    enclosure.make_writable(enclosure.disk()).unwrap();
    let node = site.start().unwrap();
    check::nothing_missing(&records, &site).unwrap();
    ask_again(&site, &records, &offer, CONNECTIONS).unwrap();
    check::at_rest(&records, &site, &[]).unwrap();
    assert_eq!(records.problems(), (0, String::new()));
    node.stop().unwrap();
    let verified = site.run_on_data(&["journal", "verify"]).unwrap();
    assert!(verified.ends_with("sound"), "{verified}");
}
