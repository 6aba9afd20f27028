//! The last look of a run, by the auditor's own reader, decoder and books, from the journal's bytes
//! and the people's own records alone.
//!
//! Owns: how the two are laid beside each other. Never: asks a node or the model; a ledger's
//! outcomes are claims, to be found wrong.

use crate::checks::Broken;
use crate::oracle::entry_of;
use crate::people::People;
use audit::{Books, Claim, Ending, Kind, Reader};
use simdisk::SimDisk;
use std::collections::BTreeMap;
use types::Outcome;
use types::command::Command;

/// I1, I2, I3, I10: the books of the journal balance, find nothing wrong with any outcome that the
/// ledger told, and hold every entry that anybody was told of.
///
/// # Errors
/// The first finding.
pub(crate) fn check(
    people: &People,
    disk: &SimDisk,
    journal: [u8; 16],
    outcomes: &[Vec<Outcome>],
) -> Result<(), Broken> {
    let broken = |promise, what| Err(Broken { promise, what });
    let (mut books, ending) = match read(disk, journal, outcomes) {
        Ok(read) => read,
        Err(what) => return broken("I8", what),
    };
    if ending != Ending::Clean {
        return broken("I8", format!("the auditor finds the journal's end to be {ending:?}"));
    }
    books.close();
    // The world's operators record exports that nobody made, of as many bookings as they like.
    let mut findings = books.findings().iter().filter(|finding| finding.kind != Kind::Export);
    if let Some(finding) = findings.next() {
        let what = format!("the auditor finds in frame {}: {}", finding.place.frame, finding.text);
        return broken("I2", what);
    }
    for (number, request) in people.requests.iter().enumerate() {
        let Command::Enter(enter) = request.command() else { continue };
        for outcome in &request.told {
            let Some(entry) = entry_of(outcome) else { continue };
            let campaign = books.campaign(enter.campaign);
            let found = campaign.and_then(|campaign| campaign.entry_of_request(enter.request));
            let row = campaign.and_then(|campaign| campaign.entry(entry));
            let is_so = found == Some(entry)
                && match outcome {
                    Outcome::Booked { pool, units, .. } => {
                        row.is_some_and(|row| row.pool == Some(*pool) && row.units == *units)
                    }
                    _ => row.is_some(),
                };
            if !is_so {
                let what = format!(
                    "request {number} was told {outcome:?}; the auditor's books have entry \
                     {found:?}, {row:?}"
                );
                return broken("I1", what);
            }
        }
    }
    Ok(())
}

/// The books of what lies on the disk, in which every outcome of the ledger, frame by frame, is a
/// claim: one too few or too many is a finding.
fn read(
    disk: &SimDisk,
    journal: [u8; 16],
    outcomes: &[Vec<Outcome>],
) -> Result<(Books, Ending), String> {
    let mut outcomes = outcomes.iter();
    let is_segment = |path: &String| path.starts_with("journal/") || path.starts_with("archive/");
    let segments: BTreeMap<String, Vec<u8>> = disk
        .paths()
        .into_iter()
        .filter(is_segment)
        .filter_map(|path| {
            let name = path.rsplit('/').next()?.to_owned();
            Some((name, disk.bytes(&path)?))
        })
        .collect();
    let (mut reader, mut books) = (Reader::new(&segments, Some(journal)), Books::new());
    while let Some(frame) = reader.next_frame().map_err(|error| error.to_string())? {
        let told = outcomes.next().ok_or("the ledger told of fewer frames than there are")?;
        let claims = told.iter().map(Claim::from);
        books.take_claimed_frame((frame.no, frame.at), frame.commands, frame.payload, claims);
    }
    if outcomes.next().is_some() {
        return Err("the ledger told of more frames than there are".to_owned());
    }
    let end = reader.end().ok_or("the auditor's reader has no end")?;
    Ok((books, end.ending.clone()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

    use super::{People, SimDisk, check};
    use journal::{DataFolder, Disk, FileLog, FolderOptions, JournalId, Log as _, LogOptions};
    use std::sync::Arc;
    use types::command::encode_tick;
    use types::{Millis, Outcome};

    const JOURNAL: JournalId = JournalId(*b"a journal of two");

    /// A journal of a frame of two ticks and one of one.
    fn journal() -> SimDisk {
        let disk = SimDisk::default();
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let options = FolderOptions { new_journal: JOURNAL, segment_bytes: 8_192, process: 1 };
        DataFolder::open(Arc::clone(&shared), options).unwrap();
        let options = LogOptions { segment_bytes: 8_192, ..LogOptions::new(JOURNAL) };
        let (mut log, _) = FileLog::open(shared, options).unwrap();
        for ticks in [2, 1] {
            let mut payload = Vec::new();
            (0..ticks).for_each(|_| encode_tick(&mut payload));
            log.append(Millis(u64::from(3 - ticks)), ticks, &payload).unwrap();
        }
        disk
    }

    #[test]
    fn as_many_outcomes_as_commands_in_each_frame() {
        let disk = journal();
        let checked = |told: &[usize]| {
            let told: Vec<_> = told.iter().map(|ticks| vec![Outcome::Ticked; *ticks]).collect();
            check(&People::default(), &disk, JOURNAL.0, &told)
        };
        assert_eq!(checked(&[2, 1]), Ok(()));
        for odd in [&[2, 0][..], &[1, 1], &[1, 2], &[0, 3], &[2, 2], &[2], &[3], &[2, 1, 0], &[]] {
            assert!(checked(odd).is_err(), "{odd:?}");
        }
    }
}
