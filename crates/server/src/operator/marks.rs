//! How far an earlier hand-over had seen: what an export of changes begins from.
//!
//! Owns: finding the mark again, in the export's own record in the journal, which is the only
//! place that has it. Never: writes.
//! On failure: the next export of changes refuses. A mark that is not there, or lies in a segment
//! that is not, is followed by a complete export; what was durable and cannot be read is damage,
//! and said to be.

use crate::problem::Problem;
use journal::{JournalError, ReadLog};
use ledger::Export;
use std::io;
use types::command::Records;
use types::{Action, CampaignNo, Command, CommandError, ExportMark};

const MISSING: &str = "export-mark-missing";

/// Why a mark cannot be had.
#[derive(Debug, thiserror::Error)]
enum MarkError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Record(#[from] CommandError),
}

/// The mark of one of a campaign's exports. Reads a whole frame: not for a thread that serves.
pub(super) fn of(
    journal: &dyn ReadLog,
    campaign: CampaignNo,
    export: &Export,
) -> Result<ExportMark, Problem> {
    find(journal, campaign, export).map_err(|error| told(&error, export))?.ok_or_else(missing)
}

fn find(
    journal: &dyn ReadLog,
    campaign: CampaignNo,
    export: &Export,
) -> Result<Option<ExportMark>, MarkError> {
    let mut frames = journal.read_from(export.frame)?;
    let frame = frames.next_frame()?.expect("the ledger knows only frames that are durable");
    assert_eq!(frame.no, export.frame, "frames come in order");
    Ok(find_in(frame.payload, campaign, export)?)
}

fn find_in(
    payload: &[u8],
    campaign: CampaignNo,
    export: &Export,
) -> Result<Option<ExportMark>, CommandError> {
    let mut found = None;
    for record in Records::new(payload) {
        let (_, record) = record?;
        let command = Command::decode(record)?;
        // Of two in one frame the later one is the last.
        found = mark(&command, campaign, export).or(found);
    }
    Ok(found.flatten())
}

fn mark(
    command: &Command<'_>,
    campaign: CampaignNo,
    export: &Export,
) -> Option<Option<ExportMark>> {
    let Command::Operator(command) = command else { return None };
    match &command.action {
        Action::Export { campaign: of, checksum, seen, .. }
            if *of == campaign && *checksum == export.checksum =>
        {
            Some(seen.clone())
        }
        _ => None,
    }
}

fn told(error: &MarkError, export: &Export) -> Problem {
    let is_gone = match error {
        MarkError::Journal(JournalError::Incomplete { .. }) => true,
        MarkError::Journal(JournalError::Io { source, .. }) => {
            source.kind() == io::ErrorKind::NotFound
        }
        _ => false,
    };
    if is_gone {
        // It may come back, and a complete export does without.
        tracing::error!(code = MISSING, %error, "the record of an export is not there");
        return missing();
    }
    let code = match error {
        MarkError::Journal(error) => error.code(),
        MarkError::Record(_) => "journal-unreadable",
    };
    let frame = export.frame;
    tracing::error!(code, %frame, %error, "a durable frame with an export cannot be read");
    let detail = format!(
        "Frame {frame} of the journal, with the record of that export, cannot be read: {error}. \
         Nothing was exported. Run `tidegate journal verify` on the data folder, and see the page \
         of this code."
    );
    Problem::new(500, code, "Journal cannot be read", detail)
}

fn missing() -> Problem {
    let detail = "The journal's record of that export cannot be read, or does not say how far it \
                  had seen. Nothing was exported. Name another export, or export all of it, \
                  without \"since\".";
    Problem::new(409, MISSING, "Mark of the export missing", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{EntryNo, FrameNo, Millis, OperatorCommand};

    const CAMPAIGN: CampaignNo = CampaignNo(3);

    fn mark(entries: u32) -> ExportMark {
        ExportMark { at: Millis(7), entries, told: vec![EntryNo(1)] }
    }

    fn export() -> Export {
        Export { frame: FrameNo(9), at: Millis(8), bookings: 2, checksum: "ab".repeat(32) }
    }

    fn recorded(payload: &mut Vec<u8>, campaign: CampaignNo, entries: u32) {
        let (bookings, checksum) = (2, export().checksum);
        let action = Action::Export { campaign, bookings, checksum, seen: Some(mark(entries)) };
        let (actor, reason) = ("duty officer".to_owned(), "shops".to_owned());
        OperatorCommand { actor, from: None, reason, action }.encode(payload).unwrap();
    }

    #[test]
    fn the_later_of_two_marks_in_a_frame_counts() {
        let mut payload = Vec::new();
        recorded(&mut payload, CAMPAIGN, 5);
        recorded(&mut payload, CAMPAIGN, 6);
        recorded(&mut payload, CampaignNo(4), 7);
        assert_eq!(find_in(&payload, CAMPAIGN, &export()), Ok(Some(mark(6))));
        assert_eq!(find_in(&[], CAMPAIGN, &export()), Ok(None));
    }

    #[test]
    fn a_durable_record_that_cannot_be_read_is_damage() {
        let mut payload = Vec::new();
        recorded(&mut payload, CAMPAIGN, 5);
        let whole = payload.len();
        recorded(&mut payload, CAMPAIGN, 6);
        let mut unknown = payload.clone();
        // The kind, behind the length.
        unknown[whole + 4] = 0xee;
        for damaged in [&payload[..payload.len() - 1], &unknown] {
            let error = find_in(damaged, CAMPAIGN, &export()).unwrap_err();
            let problem = told(&error.into(), &export());
            assert_eq!((problem.status.as_u16(), problem.code), (500, "journal-unreadable"));
        }
    }

    #[test]
    fn a_frame_that_is_not_there_is_a_mark_that_is_missing() {
        let error = JournalError::Incomplete { frame: FrameNo(9) };
        assert_eq!(told(&error.into(), &export()).code, "export-mark-missing");
        let why = journal::Flaw::NoFrame;
        let (file, frame) = ("1.log".to_owned(), FrameNo(9));
        let error = JournalError::Damaged { file, offset: 0, frame, why };
        assert_eq!(told(&error.into(), &export()).code, "journal-damaged");
    }
}
