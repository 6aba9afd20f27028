//! Looking at a whole journal without opening it: every damage, every frame.
//!
//! Owns: the report, and the walk that goes on after damage. Never: writes, or takes the lock;
//! a node may be running, and then the end may look torn, or, while a frame is being written and
//! the next ones follow, damaged: it is believed to be so only after several looks.
//! On failure: damage is collected, not returned; only an unreadable folder is an error.

use crate::data_folder::read_format;
use crate::disk::Disk;
use crate::error::{Flaw, JournalError};
use crate::frame::ALIGNMENT;
use crate::log::{Frame, FrameHash, FrameStream, JournalId, Tail};
use crate::recovery::{Torn, enter};
use crate::scan::{End, SegmentScan, Step};
use crate::segment::{Archive, Places};
use std::sync::Arc;
use types::ids::{FrameNo, Millis};
use types::limits::JOURNAL_DAMAGES_MAX;

/// So often is damage at the end looked at again before it is believed: a frame that was half
/// written at one look is whole at the next, unless a node wrote half of another meanwhile.
const LOOKS_AGAIN: u32 = 3;

/// What a journal holds.
#[derive(Debug)]
pub struct Report {
    /// The journal's id.
    pub journal: JournalId,
    /// Segments, archived ones too.
    pub segments: u64,
    /// Bytes of their files, as far as they could be opened.
    pub file_bytes: u64,
    /// Sound frames.
    pub frames: u64,
    /// Commands in them, as their writer said.
    pub commands: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// The first sound frame's number and time.
    pub first: Option<(FrameNo, Millis)>,
    /// The last sound frame.
    pub tail: Option<Tail>,
    /// A frame that was never whole, at the end; opening the journal cuts it.
    pub torn: Option<Torn>,
    /// What is damaged or missing, in order; at most `limits::JOURNAL_DAMAGES_MAX`.
    pub damages: Vec<JournalError>,
    /// Damages beyond those listed.
    pub damages_unlisted: u64,
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Segments done.
    pub segments_done: u64,
    /// Segments there are.
    pub segments: u64,
    /// Sound frames until now.
    pub frames: u64,
}

/// Where segments are, unless the archive is another journal's.
fn checked(
    disk: Arc<dyn Disk>,
    archive: Option<Archive>,
    journal: JournalId,
) -> Result<Places, JournalError> {
    if let Some(archive) = &archive {
        archive.check_journal(journal)?;
    }
    Ok(Places { disk, archive })
}

/// Checks every byte of a journal; calls `progress` after every segment.
///
/// # Errors
/// When the folder is not a data folder, is of a later release, cannot be listed, or holds what
/// this account may not read; when the archive is another journal's.
pub fn verify(
    disk: Arc<dyn Disk>,
    archive: Option<Archive>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, JournalError> {
    let journal = read_format(&*disk)?;
    let places = checked(disk, archive, journal)?;
    let firsts = places.list()?;
    let mut report = Report::new(journal, firsts.len() as u64);
    if firsts.first() != Some(&FrameNo(1)) {
        report.damage(JournalError::Incomplete { frame: FrameNo(1) });
    }
    let mut before: Option<SegmentScan> = None;
    for (index, &first) in firsts.iter().enumerate() {
        let is_last = index + 1 == firsts.len();
        before = match begin(&places, first, journal, before.as_ref(), &mut report)? {
            Some(mut scan) => match walk(&mut scan, is_last, &mut report) {
                Ok(is_whole) => is_whole.then_some(scan),
                Err(denied @ JournalError::Denied { .. }) => return Err(denied),
                Err(error) => {
                    report.damage(error);
                    None
                }
            },
            None => None,
        };
        let (segments_done, segments) = (index as u64 + 1, report.segments);
        progress(Progress { segments_done, segments, frames: report.frames });
    }
    Ok(report)
}

impl Report {
    fn new(journal: JournalId, segments: u64) -> Self {
        Self {
            journal,
            segments,
            file_bytes: 0,
            frames: 0,
            commands: 0,
            payload_bytes: 0,
            first: None,
            tail: None,
            torn: None,
            damages: Vec::new(),
            damages_unlisted: 0,
        }
    }

    /// Whether everything that was durable is there.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damages.is_empty()
    }

    fn damage(&mut self, error: JournalError) {
        if self.damages.len() < JOURNAL_DAMAGES_MAX {
            self.damages.push(error);
        } else {
            self.damages_unlisted += 1;
        }
    }
}

/// Begins a segment, first as what must follow and, when it does not, for itself.
fn begin(
    places: &Places,
    first: FrameNo,
    journal: JournalId,
    before: Option<&SegmentScan>,
    report: &mut Report,
) -> Result<Option<SegmentScan>, JournalError> {
    let expected = before.map(SegmentScan::expected);
    let entered = match enter(places, first, journal, expected) {
        // Says nothing about what is in the file.
        Err(denied @ JournalError::Denied { .. }) => return Err(denied),
        Err(error) => {
            report.damage(error);
            // Where it cannot be entered even for itself, the same error was just listed.
            expected.and_then(|_| enter(places, first, journal, None).ok())
        }
        Ok(scan) => Some(scan),
    };
    report.file_bytes += entered.as_ref().map_or(0, |scan| scan.header().file_bytes);
    Ok(entered)
}

/// Walks a segment, over its damages; tells whether it is whole up to its end.
fn walk(scan: &mut SegmentScan, is_last: bool, report: &mut Report) -> Result<bool, JournalError> {
    let mut is_whole = true;
    let mut looks = 0;
    loop {
        let flaw = match scan.step()? {
            Step::Frame(header, hash) => {
                report.frames += 1;
                report.commands += u64::from(header.command_count);
                report.payload_bytes += u64::from(header.payload_bytes);
                report.first.get_or_insert((header.no, header.at));
                report.tail = Some(Tail { frame: header.no, at: header.at, hash });
                is_whole = true;
                looks = 0;
                continue;
            }
            Step::Bad(flaw) => Some(flaw),
            Step::End => None,
        };
        let flaw = match (is_last, flaw) {
            (true, _) => match scan.judge_end()? {
                End::Clean => return Ok(is_whole),
                End::Torn { bytes } => {
                    let (file, offset) = (scan.path().to_owned(), scan.offset());
                    let frame = scan.expected().no;
                    report.torn = Some(Torn { file, offset, bytes, frame });
                    return Ok(is_whole);
                }
                End::Damaged(_) if looks < LOOKS_AGAIN => {
                    looks += 1;
                    scan.forget();
                    continue;
                }
                End::Damaged(flaw) => flaw,
            },
            (false, None) if scan.rest_is_zero()? => return Ok(is_whole),
            (false, None) => Flaw::Residue,
            (false, Some(flaw)) => flaw,
        };
        report.damage(scan.damaged(flaw));
        is_whole = false;
        let end = scan.written_end()?;
        match scan.find_frame(scan.offset() + ALIGNMENT as u64, end)? {
            Some((offset, found)) => scan.jump(offset, found.no)?,
            None => return Ok(false),
        }
    }
}

/// The frames of a journal from `first` on, without opening it.
///
/// # Errors
/// When the folder is not a data folder, or no segment holds the frame.
pub fn inspect(
    disk: Arc<dyn Disk>,
    archive: Option<Archive>,
    first: FrameNo,
) -> Result<Inspection, JournalError> {
    let journal = read_format(&*disk)?;
    let places = checked(disk, archive, journal)?;
    let mut firsts = places.list()?;
    let holding = firsts.iter().rposition(|&known| known <= first);
    let holding = holding.ok_or(JournalError::Incomplete { frame: first })?;
    firsts.drain(..holding);
    firsts.reverse();
    let begin = firsts.pop().expect("the holding segment is left");
    let scan = enter(&places, begin, journal, None)?;
    let mut inspection = Inspection { places, journal, firsts, scan };
    while inspection.scan.expected().no < first {
        if inspection.advance()?.is_none() {
            return Err(JournalError::Incomplete { frame: first });
        }
    }
    Ok(inspection)
}

/// Frames in order, each checked, up to the first that is torn or not there.
#[derive(Debug)]
pub struct Inspection {
    places: Places,
    journal: JournalId,
    /// Segments to come, the next one last.
    firsts: Vec<FrameNo>,
    scan: SegmentScan,
}

impl Inspection {
    /// The file the last frame lies in.
    #[must_use]
    pub fn file(&self) -> &str {
        self.scan.path()
    }

    fn advance(&mut self) -> Result<Option<FrameHash>, JournalError> {
        let mut looks = 0;
        loop {
            match self.scan.step()? {
                Step::Frame(_, hash) => return Ok(Some(hash)),
                Step::End | Step::Bad(_) if self.firsts.is_empty() => {
                    match self.scan.judge_end()? {
                        End::Clean | End::Torn { .. } => return Ok(None),
                        End::Damaged(_) if looks < LOOKS_AGAIN => looks += 1,
                        End::Damaged(flaw) => return Err(self.scan.damaged(flaw)),
                    }
                    self.scan.forget();
                    continue;
                }
                Step::Bad(flaw) => return Err(self.scan.damaged(flaw)),
                Step::End => {}
            }
            let next = self.firsts.pop().expect("there is another segment");
            let before = *self.scan.expected();
            self.scan = enter(&self.places, next, self.journal, Some(&before))?;
        }
    }
}

impl FrameStream for Inspection {
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, JournalError> {
        match self.advance()? {
            Some(_) => Ok(Some(self.scan.frame()?)),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_damages_are_listed_and_the_others_counted() {
        let mut report = Report::new(JournalId([1; 16]), 1);
        assert!(report.is_sound());
        let most = JOURNAL_DAMAGES_MAX as u64;
        for frame in 1..=most + 3 {
            report.damage(JournalError::Incomplete { frame: FrameNo(frame) });
            let listed = report.damages.len() as u64;
            assert_eq!((listed, report.damages_unlisted), (frame.min(most), frame - listed));
        }
        assert_eq!(report.damages_unlisted, 3);
        assert!(!report.is_sound());
    }
}
