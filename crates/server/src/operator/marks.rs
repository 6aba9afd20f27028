//! How far each hand-over had seen: what "since the last export" begins from.
//!
//! Owns: `handover.json` in the data folder. The ledger records that an export was made, and its
//! checksum; what the export had seen lies a little before that moment, and is kept here under
//! the checksum, so that nothing in between is ever skipped.
//! On failure: a mark that is lost makes the next export of changes refuse; a complete export
//! always works and sets a new one.

use super::tokens::replace;
use handover::Mark;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use types::{EntryNo, Millis};

const FILE: &str = "handover.json";
/// The one in force, and the one before it: the newest may never have reached the journal.
const KEPT: usize = 2;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkFile {
    /// By campaign code; the newest last.
    campaigns: BTreeMap<String, Vec<KeptMark>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptMark {
    checksum: String,
    at: Millis,
    entries: u32,
    told: BTreeSet<EntryNo>,
}

/// How far an export had seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) mark: Mark,
    /// Bookings whose end the export had seen although it came at the mark or after it, while
    /// bookings were being collected: the next export need not tell them again.
    pub(super) told: BTreeSet<EntryNo>,
}

pub(super) struct MarkStore {
    folder: PathBuf,
    change: Mutex<()>,
}

impl MarkStore {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), change: Mutex::new(()) }
    }

    /// The mark of the export with this checksum.
    pub(super) fn find(&self, campaign: &str, checksum: &str) -> io::Result<Option<Seen>> {
        let mut file = self.read()?;
        let marks = file.campaigns.remove(campaign).unwrap_or_default();
        let found = marks.into_iter().rev().find(|mark| mark.checksum == checksum);
        Ok(found
            .map(|KeptMark { at, entries, told, .. }| Seen { mark: Mark { at, entries }, told }))
    }

    /// Keeps a mark durably; called before the export is journalled. `in_force` is the checksum
    /// of the export that the ledger still holds for the last one.
    pub(super) fn keep(
        &self,
        campaign: &str,
        seen: Seen,
        checksum: &str,
        in_force: Option<&str>,
    ) -> io::Result<()> {
        let _one_at_a_time = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self.read()?;
        let marks = file.campaigns.entry(campaign.to_owned()).or_default();
        marks.retain(|kept| Some(kept.checksum.as_str()) == in_force && kept.checksum != checksum);
        let Seen { mark: Mark { at, entries }, told } = seen;
        marks.push(KeptMark { checksum: checksum.to_owned(), at, entries, told });
        assert!(marks.len() <= KEPT, "one mark is in force, and one is about to be");
        let json = serde_json::to_vec_pretty(&file).expect("marks have only string keys");
        replace(&self.folder, FILE, &json)
    }

    fn read(&self) -> io::Result<MarkFile> {
        match fs::read(self.folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(MarkFile::default()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_in_force_outlives_one_that_never_reached_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let marks = MarkStore::new(folder.path());
        let mark = |entries| Seen {
            mark: Mark { at: Millis(u64::from(entries)), entries },
            told: BTreeSet::from([EntryNo(entries)]),
        };
        assert_eq!(marks.find("masks", "one").unwrap(), None);
        marks.keep("masks", mark(1), "one", None).unwrap();
        marks.keep("masks", mark(2), "lost", Some("one")).unwrap();
        marks.keep("masks", mark(3), "three", Some("one")).unwrap();
        assert_eq!(marks.find("masks", "one").unwrap(), Some(mark(1)));
        assert_eq!(marks.find("masks", "lost").unwrap(), None);
        assert_eq!(marks.find("masks", "three").unwrap(), Some(mark(3)));
        assert_eq!(marks.find("other", "three").unwrap(), None);
        // The same file twice, as when nothing changed: the later mark holds.
        marks.keep("masks", mark(4), "three", Some("three")).unwrap();
        assert_eq!(marks.find("masks", "three").unwrap(), Some(mark(4)));
    }
}
