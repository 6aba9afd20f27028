//! Snapshots: the container of any bytes, and a ledger out of any body.
//!
//! Invariants of the container: what was changed is refused, and what is read is written again to
//! the same state. Of the body: what loads is saved, and loads again, to the same bytes and hash.

use crate::bites::Bites;
use crate::frames::{JOURNAL, folder};
use journal::snapshots::{SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{Disk, FrameHash};
use ledger::Ledger;
use simdisk::SimDisk;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use types::{EntryNo, FrameNo, Millis};

const PATH: &str = "snapshots/00000000000000000004.snap";
const FRAME: FrameNo = FrameNo(4);
/// Entries of each campaign that are looked at.
const ENTRIES_SEEN: u32 = 64;

const META: SnapshotMeta = SnapshotMeta {
    journal: JOURNAL,
    frame: FRAME,
    at: Millis(1_580_515_200_000),
    frame_hash: FrameHash([2; 32]),
    ledger_hash: [0; 32],
};

pub(crate) fn feed_file(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    if bites.byte().is_multiple_of(2) {
        let disk = written(b"", &META);
        disk.set_bytes(PATH, bites.0);
        if let Some((meta, body)) = read(&disk) {
            let again = written(&body, &meta);
            assert_eq!(read(&again), Some((meta, body)));
        }
        return;
    }
    // A sound one, and some changes of it.
    let changes = usize::from(bites.byte() % 4);
    let changes: Vec<_> = (0..changes).map(|_| (bites.short(), bites.byte())).collect();
    let cut = usize::from(bites.byte() % 8);
    let disk = written(bites.0, &META);
    assert_eq!(read(&disk), Some((META, bites.0.to_vec())));
    let sound = disk.bytes(PATH).expect("it was written");
    let mut changed = sound.clone();
    for (at, change) in changes {
        let at = usize::from(at) % changed.len();
        changed[at] ^= change;
    }
    changed.truncate(sound.len() - cut);
    disk.set_bytes(PATH, &changed);
    assert_eq!(read(&disk).is_some(), changed == sound, "every change is noticed");
}

fn written(body: &[u8], meta: &SnapshotMeta) -> SimDisk {
    let disk = folder();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let mut writer = SnapshotWriter::create(shared, *meta).expect("the disk works");
    writer.write_all(body).expect("the disk works");
    writer.finish().expect("the disk works");
    disk
}

/// All of a snapshot, when it is one.
fn read(disk: &SimDisk) -> Option<(SnapshotMeta, Vec<u8>)> {
    let mut reader = SnapshotReader::open(disk, JOURNAL, FRAME).ok()?;
    let meta = *reader.meta();
    let bytes = disk.bytes(PATH).expect("it was opened");
    match audit::snapshot::Header::decode(&bytes) {
        Ok(header) => {
            assert_eq!((header.journal, header.frame, header.at), (JOURNAL.0, FRAME, meta.at));
            assert_eq!(header.frame_hash.0, meta.frame_hash.0);
            assert_eq!(header.ledger_hash.to_le_bytes(), meta.ledger_hash[..8]);
        }
        Err(why) => assert!(meta.ledger_hash[8..] != [0; 24], "the auditor refuses it: {why}"),
    }
    let mut body = Vec::new();
    let is_whole = reader.read_to_end(&mut body).is_ok();
    if meta.ledger_hash[8..] == [0; 24] {
        let audited = audit::snapshot::read(Box::new(&bytes[..])).expect("memory is read");
        assert_eq!(audited.is_ok(), is_whole, "the auditor takes what the journal takes");
    }
    is_whole.then_some((meta, body))
}

/// A ledger's whole state as bytes.
pub(crate) fn saved(ledger: &Ledger) -> Vec<u8> {
    let mut saved = Vec::new();
    let Ok(()) = ledger.save(&mut saved);
    saved
}

pub(crate) fn loaded(body: &[u8]) -> Option<Ledger> {
    Ledger::load(&mut &body[..]).ok()
}

pub(crate) fn feed_body(bytes: &[u8]) {
    let Some(ledger) = loaded(bytes) else { return };
    let body = saved(&ledger);
    let again = loaded(&body).expect("what was saved loads");
    assert_eq!(again.hash(), ledger.hash());
    assert!(saved(&again) == body, "it is saved to the same bytes");
    look(&ledger);
}

/// Looks at everything a ledger shows; nothing of it may panic.
fn look(ledger: &Ledger) {
    let at = Millis(1_580_515_200_000);
    for campaign in ledger.campaigns() {
        let _phase = (campaign.phase(at), campaign.is_published(at), ledger.next_due());
        for entry in (0..campaign.entries_len().min(ENTRIES_SEEN)).map(EntryNo) {
            assert!(
                ledger.entry(campaign.no(), entry).is_some(),
                "an entry that is counted is there"
            );
            let _public = ledger.public_entry(campaign.no(), entry);
            let _named = (campaign.request_of(entry), campaign.keys_of(entry).count());
        }
        let booked: u64 = campaign.pools().iter().map(|pool| pool.booked).sum();
        let issued: u64 = campaign.pools().iter().map(|pool| pool.issued).sum();
        assert!(booked <= issued, "no more is booked than there is");
    }
}
