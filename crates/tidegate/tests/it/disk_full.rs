//! A disk that is full for a while: recording stops with a time to come again, look-ups go on, and
//! everything goes on by itself when there is room.

use crate::support::{left_out, program};
use crowd::http::{Head, fetch};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use trial::load::{Load, ask_again};
use trial::look::Looks;
use trial::record::member;
use trial::site::{Site, Sizes};
use trial::{Enclosure, Records, check};

const DISK_MEGABYTES: u64 = 24;
const CONNECTIONS: usize = 8;

/// Writes until nothing more fits; the file that is in the way.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("ballast");
    let mut file = File::create(&path).unwrap();
    let mut bytes = vec![1; 1 << 20];
    while !bytes.is_empty() {
        match file.write_all(&bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => bytes.truncate(bytes.len() / 2),
            Err(error) => panic!("{error}"),
        }
    }
    path
}

#[test]
fn a_full_disk_turns_away_and_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let enclosure = match Enclosure::new(&disk, DISK_MEGABYTES) {
        Ok(enclosure) => enclosure,
        Err(error) => return left_out("a full disk under a running node", &error),
    };
    // Snapshots rarely: what fills the disk here is the journal.
    let sizes = Sizes { snapshot_every_megabytes: 64, ..Sizes::default() };
    let site = Site::new(program(), folder.path(), sizes, Some(&enclosure)).unwrap();
    let records = Records::new(13);
    let mut node = site.start().unwrap();
    let offer = site.open_campaign(13).unwrap();
    let ballast = std::thread::scope(|scope| {
        let load = Load::start(scope, &site, &records, &offer, CONNECTIONS, 1);
        load.await_answers(200).unwrap();
        let ballast = fill(&enclosure.seen(enclosure.disk()));
        // The rest of the segment is filled, and then there is no other.
        node.await_state("full").unwrap();
        let shed = records.counts().shed;
        while records.counts().shed < shed + 20 {
            load.check().unwrap();
            std::thread::yield_now();
        }
        load.end().unwrap();
        ballast
    });
    // Every one of them had a time to come again, or it would be a problem.
    assert_eq!(records.problems(), (0, String::new()));
    assert_eq!(records.lock().shed_codes, ["journal-full"]);
    look_up(&site, &records);
    let mut looks = Looks::default();
    looks.look(&records, &site, usize::MAX).unwrap();
    assert!(5 < records.counts().not_taken, "some are never sent again");

    fs::remove_file(ballast).unwrap();
    node.await_state("ready").unwrap();
    ask_again(&site, &records, &offer, CONNECTIONS).unwrap();
    check::at_rest(&records, &site, &[]).unwrap();
    assert_eq!(records.problems(), (0, String::new()));

    // Killed while there is no room, and started while there is none: look-ups all the same.
    let ballast = std::thread::scope(|scope| {
        let load = Load::start(scope, &site, &records, &offer, CONNECTIONS, 2);
        load.await_answers(200).unwrap();
        let ballast = fill(&enclosure.seen(enclosure.disk()));
        node.await_state("full").unwrap();
        node.kill().unwrap();
        load.end().unwrap();
        ballast
    });
    let mut node = site.start().unwrap();
    look_up(&site, &records);
    fs::remove_file(ballast).unwrap();
    node.await_state("ready").unwrap();
    check::nothing_missing(&records, &site).unwrap();
    looks.look(&records, &site, usize::MAX).unwrap();
    ask_again(&site, &records, &offer, CONNECTIONS).unwrap();
    check::at_rest(&records, &site, &[]).unwrap();
    assert_eq!(records.problems(), (0, String::new()));
    node.stop().unwrap();
    let verified = site.run_on_data(&["journal", "verify"]).unwrap();
    assert!(verified.ends_with("sound"), "{verified}");
}

/// People see what they have, though nothing can be recorded.
fn look_up(site: &Site<'_>, records: &Records) {
    let inner = records.lock();
    let told = inner.asked[*inner.entries.last().unwrap()].told().unwrap();
    let path = format!("/v1/entries/{}", member(told, "receipt").unwrap());
    let mut request = Vec::new();
    Head::new("GET", &path, site.public(), &[]).write(&mut request, &[], b"");
    let (status, body) = fetch(site.public(), &request).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(&format!("\"number\":{}", told.number)), "{body}");
}
