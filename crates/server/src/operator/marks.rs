//! How far the last hand-over had seen: what "since the last export" begins from.
//!
//! Owns: finding the mark again, in the export's own record in the journal, which is the only
//! place that has it. Never: writes.
//! On failure: the next export of changes refuses; a complete one always works.

use crate::problem::Problem;
use journal::{JournalError, ReadLog};
use ledger::Export;
use types::command::Records;
use types::{Action, CampaignNo, Command, ExportMark};

/// The mark of a campaign's last export. Reads a whole frame: not for a thread that serves.
pub(super) fn of(
    journal: &dyn ReadLog,
    campaign: CampaignNo,
    export: &Export,
) -> Result<ExportMark, Problem> {
    let found = find(journal, campaign, export).map_err(|error| {
        tracing::error!(%error, "the record of the last export cannot be read");
        missing()
    })?;
    found.ok_or_else(missing)
}

fn find(
    journal: &dyn ReadLog,
    campaign: CampaignNo,
    export: &Export,
) -> Result<Option<ExportMark>, JournalError> {
    let mut frames = journal.read_from(export.frame)?;
    let frame = frames.next_frame()?.expect("the ledger knows only frames that are durable");
    assert_eq!(frame.no, export.frame, "frames come in order");
    let commands = Records::new(frame.payload).flatten();
    let commands = commands.filter_map(|(_, record)| Command::decode(record).ok());
    // Of two in one frame the later one is the last.
    let found = commands.filter_map(|command| mark(&command, campaign, export)).last();
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

fn missing() -> Problem {
    let detail = "The journal's record of the last export cannot be read, or does not say how far \
                  the export had seen. Nothing was exported. Export all of it once, without \
                  \"since\".";
    Problem::new(409, "export-mark-missing", "Mark of the last export missing", detail)
}
