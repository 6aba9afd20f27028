//! What the journal says, decided once more by the plain rules.
//!
//! Owns: the frames read from the disk's bytes, the model that applied them, and where each record
//! led to what. Never: asks a node or its ledger anything.
//! Shares with the ledger: the decoding of records (`types::command`); the auditor, which looks at
//! the same journal at the end of a run, has its own.
//! Invariants: frames once read as durable stay, byte for byte, whatever happens to the machine.

use crate::frames::{Cursor, Frame};
use crate::people::People;
use model::{Model, Place, Standing};
use simdisk::SimDisk;
use std::collections::BTreeMap;
use types::command::{Command, Records};
use types::{CampaignNo, EntryNo, FrameNo, Millis, Outcome};

/// The journal and what the rules make of it.
#[derive(Debug)]
pub(crate) struct Oracle {
    journal: [u8; 16],
    cursor: Cursor,
    /// All frames so far.
    pub(crate) frames: Vec<Frame>,
    /// The plain rules' state after them.
    pub(crate) model: Model,
    /// What became of each record, by its bytes, in the order of the journal.
    outcomes: BTreeMap<Vec<u8>, Vec<(Place, Outcome)>>,
    /// Where each entry stands in the journal.
    entries: BTreeMap<(CampaignNo, EntryNo), Place>,
}

impl Oracle {
    /// Of an empty journal.
    #[must_use]
    pub(crate) fn new(journal: [u8; 16]) -> Self {
        Self {
            journal,
            cursor: Cursor::new(journal),
            frames: Vec::new(),
            model: Model::new(),
            outcomes: BTreeMap::new(),
            entries: BTreeMap::new(),
        }
    }

    /// Reads the frames that have come; with each the rules may say something else to those who
    /// wait.
    ///
    /// # Errors
    /// When one holds what is no command, or not as many as it says.
    pub(crate) fn follow(
        &mut self,
        disk: &SimDisk,
        people: &mut People,
        now: Millis,
    ) -> Result<(), String> {
        for frame in self.cursor.read(disk) {
            self.apply(frame)?;
            self.foresee(people, now);
        }
        Ok(())
    }

    /// Reads the whole journal again, after a start: everything known must still be there.
    ///
    /// # Errors
    /// When a frame that was durable is gone or another.
    pub(crate) fn reread(&mut self, disk: &SimDisk) -> Result<(), String> {
        let mut cursor = Cursor::new(self.journal);
        let frames = cursor.read(disk);
        for (known, found) in self.frames.iter().zip(&frames) {
            if known != found {
                return Err(format!("frame {} is another than it was", known.no));
            }
        }
        if frames.len() < self.frames.len() {
            let (had, has) = (self.frames.len(), frames.len());
            return Err(format!("the journal had {had} durable frames and now has {has}"));
        }
        let more = frames.len() - self.frames.len();
        // A turn that failed may have made one durable, and was writing the next.
        if 2 < more {
            return Err(format!("{more} frames more than were ever durable, where 2 may be"));
        }
        self.cursor = cursor;
        frames.into_iter().skip(self.frames.len()).try_for_each(|frame| self.apply(frame))
    }

    /// The time of the last frame; 0 before the first.
    #[must_use]
    pub(crate) fn time(&self) -> Millis {
        self.frames.last().map_or(Millis(0), |frame| frame.at)
    }

    fn apply(&mut self, frame: Frame) -> Result<(), String> {
        let mut count = 0;
        for record in Records::new(&frame.payload) {
            let (offset, body) = record.map_err(|error| format!("{}: {error}", frame.no))?;
            let command =
                Command::decode(body).map_err(|error| format!("{}: {error}", frame.no))?;
            let outcome = self.model.apply(frame.no, offset, frame.at, &command);
            let place = Place { frame: frame.no, offset };
            if let (Command::Enter(enter), Some(entry)) = (&command, entry_of(&outcome)) {
                self.entries.entry((enter.campaign, entry)).or_insert(place);
            }
            let whole = offset as usize..offset as usize + 4 + body.len();
            let outcomes = self.outcomes.entry(frame.payload[whole].to_vec()).or_default();
            outcomes.push((place, outcome));
            count += 1;
        }
        if count != frame.commands {
            return Err(format!("{} has {count} commands and says {}", frame.no, frame.commands));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// What the journal's sendings of this record led to.
    #[must_use]
    pub(crate) fn outcomes_of(&self, record: &[u8]) -> &[(Place, Outcome)] {
        self.outcomes.get(record).map_or(&[], Vec::as_slice)
    }

    /// Every record of the journal, and how often it is there.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.outcomes.iter().map(|(record, places)| (record.as_slice(), places.len() as u64))
    }

    /// Where an entry stands.
    #[must_use]
    pub(crate) fn place_of(&self, campaign: CampaignNo, entry: EntryNo) -> Option<Place> {
        self.entries.get(&(campaign, entry)).copied()
    }

    /// Notes what the rules, as they stand, answer the requests that came since the last turn and
    /// change nothing: they may be answered so without a place in the journal.
    pub(crate) fn foresee(&self, people: &mut People, now: Millis) {
        let at = now.max(self.time());
        let beyond = FrameNo(u64::MAX >> 26);
        let mut scratch: Option<Model> = None;
        let fresh = people.requests.iter_mut().filter(|request| 0 < request.fresh);
        for (offset, request) in (0..).zip(fresh) {
            let command = request.command();
            if matches!(command, Command::Operator(_) | Command::Award(_)) {
                // What an operator or a draw is refused is part of the record.
                continue;
            }
            let model = scratch.get_or_insert_with(|| self.model.clone());
            let was_given_up = is_given_up(model, &command);
            let outcome = model.apply(beyond, offset, at, &command);
            if !was_given_up && !matches!(outcome, Outcome::Refused(_)) {
                // It may have changed something.
                scratch = None;
            } else if !request.foreseen.contains(&outcome) {
                request.foreseen.push(outcome);
            }
        }
    }
}

/// Whether a command gives up what was given up before: with no such command in the journal where
/// an operator let the entry lapse.
fn is_given_up(model: &Model, command: &Command<'_>) -> bool {
    let Command::Cancel(cancel) = command else { return false };
    let view = model.entry(cancel.campaign, cancel.entry);
    view.is_some_and(|view| matches!(view.standing, Standing::Cancelled { .. }))
}

/// The entry that an outcome tells its sender of.
#[must_use]
pub(crate) const fn entry_of(outcome: &Outcome) -> Option<EntryNo> {
    match outcome {
        Outcome::Booked { entry, .. } | Outcome::Registered { entry } => Some(*entry),
        _ => None,
    }
}
