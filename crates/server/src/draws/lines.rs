//! The list of a draw, out of ledger and journal: a line for each entry that takes part.
//!
//! Owns: the way from an entry to its line. Never: holds more of the list than one look's worth;
//! lets an identity out of a line's commitment and tag.
//! Invariants: a file of the operator's folder with its own name is whole; fields that are not
//! those the entry was made with end the step.

use super::failed;
use super::people::People;
use crate::operator::unavailable;
use crate::problem::Problem;
use identity::CampaignKeys;
use journal::{FrameStream, ReadLog};
use ledger::{Ledger, Place};
use node::Node;
use roll::{Buckets, Index, Roll, Wants};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use types::command::Records;
use types::ids::{CampaignNo, EntryNo, FrameNo};
use types::{Command, Definition, limits};

/// The two files that come of it, in the operator's folder.
pub(crate) const LINES: &str = "lines.txt";
pub(crate) const INDEX: &str = "index";

/// What an entry takes part with, as the ledger says.
struct Listed {
    entry: EntryNo,
    tickets: u8,
    place: Place,
    identity: [u8; 8],
}

/// What makes lines of entries.
pub(crate) struct Maker<'a> {
    pub(crate) campaign: CampaignNo,
    pub(crate) definition: &'a Definition,
    pub(crate) keys: &'a CampaignKeys,
    pub(crate) roll: &'a Roll,
    pub(crate) buckets: &'a Buckets,
}

/// Writes the line of every entry that the ledger lists, in the order of the entries, and the table
/// back. For a thread that may wait. How many there are.
pub(crate) fn write_lines(
    maker: &Maker<'_>,
    node: &Node,
    entries: u32,
    private: &Path,
    note: &dyn Fn(u64, u64),
) -> Result<u32, Problem> {
    let disk = || super::disk(private);
    std::fs::create_dir_all(private).map_err(disk())?;
    let make = |name| File::create(part(private, name)).map(BufWriter::new).map_err(disk());
    let (mut lines, mut index) = (make(LINES)?, make(INDEX)?);
    let mut reader = Reader::new(maker, node.journal_reader());
    let mut count = 0;
    for first in (0..entries).step_by(limits::LOOK_ROWS_MAX as usize) {
        let until = entries.min(first.saturating_add(limits::LOOK_ROWS_MAX));
        let campaign = maker.campaign;
        let look = move |ledger: &Ledger| listed(ledger, campaign, first..until);
        let some = node.read(look).map_err(unavailable)?.wait().map_err(unavailable)?;
        for listed in some {
            let line = reader.line(&listed)?;
            lines.write_all(&line).and_then(|()| lines.write_all(b"\n")).map_err(disk())?;
            Index::write(&mut index, listed.entry, &line).map_err(disk())?;
            count += 1;
        }
        note(u64::from(until), u64::from(entries));
    }
    for (file, name) in [(lines, LINES), (index, INDEX)] {
        let file = file.into_inner().map_err(|error| disk()(error.into_error()))?;
        file.sync_all().map_err(disk())?;
        keep(private, name)?;
    }
    Ok(count)
}

/// Where a file of the operator's folder lies while it is being written.
pub(crate) fn part(private: &Path, name: &str) -> PathBuf {
    private.join(format!("{name}.part"))
}

/// Gives what was written as a part its name, in place of what an earlier try has left.
pub(crate) fn keep(private: &Path, name: &str) -> Result<(), Problem> {
    let keep = || {
        std::fs::rename(part(private, name), private.join(name))?;
        File::open(private)?.sync_all()
    };
    keep().map_err(super::disk(private))
}

/// Writes a small file of the operator's folder: whole, or not at all.
pub(crate) fn write(private: &Path, name: &str, text: &[u8]) -> Result<(), Problem> {
    let write = || {
        let mut file = File::create(part(private, name))?;
        file.write_all(text)?;
        file.sync_all()
    };
    write().map_err(super::disk(private))?;
    keep(private, name)
}

fn listed(ledger: &Ledger, campaign: CampaignNo, range: std::ops::Range<u32>) -> Vec<Listed> {
    let of = ledger.campaign(campaign).expect("campaigns are never taken away");
    let entries = range.map(EntryNo).filter(|entry| of.is_listed(*entry));
    let view = |entry| {
        let view = ledger.entry(campaign, entry).expect("it is listed");
        let (place, identity) = (view.place, view.identity);
        Listed { entry, tickets: of.tickets_of(entry), place, identity }
    };
    entries.map(view).collect()
}

/// Reads the records of entries in the order of the journal.
struct Reader<'a> {
    maker: &'a Maker<'a>,
    people: People,
    journal: Box<dyn ReadLog>,
    frames: Option<Box<dyn FrameStream>>,
    /// The frame whose payload is held.
    frame: FrameNo,
    payload: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn new(maker: &'a Maker<'a>, journal: Box<dyn ReadLog>) -> Self {
        Self {
            maker,
            people: People::new(maker.definition, maker.keys),
            journal,
            frames: None,
            frame: FrameNo(0),
            payload: Vec::new(),
        }
    }

    fn line(&mut self, listed: &Listed) -> Result<Vec<u8>, Problem> {
        let wrong = |entry: EntryNo, why: &str| {
            failed("draw-entry-unreadable", &format!("entry {} cannot be listed: {why}", entry.0))
        };
        self.seek(listed.place.frame)?;
        let payload = &self.payload[listed.place.offset as usize..];
        let record = Records::new(payload).next();
        let record = record.and_then(Result::ok).map(|(_, record)| Command::decode(record));
        let Some(Ok(Command::Enter(enter))) = record else {
            return Err(wrong(listed.entry, "its record in the journal is not an entry"));
        };
        let people = self.people.statements(&enter, listed.identity);
        let identities = people.and_then(|people| self.people.identities(&people));
        let identities = identities.map_err(|why| wrong(listed.entry, &why))?;
        let choices: Vec<&str> = enter.choices().map(|pool| self.maker.buckets.of(pool)).collect();
        let wants = Wants {
            tickets: listed.tickets,
            units: enter.units,
            choices: &choices,
            any: enter.any,
        };
        let line = self.maker.roll.line(listed.entry, &identities, wants);
        line.map_err(|problem| wrong(listed.entry, &problem.to_string()))
    }

    /// Reads on to a frame; entries come in the order of the journal.
    fn seek(&mut self, frame: FrameNo) -> Result<(), Problem> {
        let unreadable = |error: journal::JournalError| {
            failed("journal-unreadable", &format!("frame {}: {error}", frame.0))
        };
        if self.frame == frame {
            return Ok(());
        }
        assert!(self.frame < frame, "entries come in the order of the journal");
        let mut frames = match self.frames.take() {
            Some(frames) => frames,
            None => self.journal.read_from(frame).map_err(unreadable)?,
        };
        while let Some(found) = frames.next_frame().map_err(unreadable)? {
            if found.no == frame {
                self.payload.clear();
                self.payload.extend_from_slice(found.payload);
                self.frame = frame;
                self.frames = Some(frames);
                return Ok(());
            }
        }
        Err(failed("journal-unreadable", &format!("frame {} is not there", frame.0)))
    }
}
