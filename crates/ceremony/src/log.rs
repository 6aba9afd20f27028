//! The log of a draw: its seal and the events after it, each naming the one before.
//!
//! Owns: reading the chain, with the operator's signature under each note where a key is given, and
//! adding to its end. Never: takes an event out of order; asks who else has signed.
//! Invariants: a log is a seal, then an opening, a seed, a result, and alternates, as far as it
//! has come; or it ends anywhere in void.

use crate::error::CeremonyError;
use crate::folder::{
    CHECKPOINT, CUTOFFS, ENTRIES, Folder, OPENING, PAGE, RESULT, RULES, SAMPLE, SEAL, SEED, SEEDED,
    STOCK, TILES, VOID, WINNERS,
};
use crate::seed::{OPENING_LINES, line_of};
use crate::standing::{cutoffs_file, returned_file, winners_file};
use draw::event::{Event, Tables, What};
use draw::note::{Note, SigningKey, VerifyingKey};
use draw::seal::Seal;
use draw::seed::Opened;
use draw::{Digest, DrawName, FormatProblem};

/// A seal with the events after it.
#[derive(Clone, Debug)]
pub struct History {
    /// The seal.
    pub seal: Seal,
    /// The events, in their order.
    pub events: Vec<Happened>,
    /// The digest of the last text of the chain.
    last: Digest,
    /// Each note of the chain with its file.
    notes: Vec<(String, Note)>,
}

/// An event in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happened {
    /// The file it stands in.
    pub file: String,
    /// What happened.
    pub event: Event,
}

impl History {
    /// Reads the log of a folder.
    ///
    /// # Errors
    /// When there is no seal, or the chain is broken anywhere.
    pub fn read(folder: &Folder) -> Result<Self, CeremonyError> {
        Self::find(folder)?.ok_or_else(|| unsealed(folder))
    }

    /// Reads the log of a folder, each note of which `operator` has signed, the checkpoint, too.
    ///
    /// # Errors
    /// The same, and when the key does not bear the draw's name, or has not signed a note that is
    /// there.
    pub fn signed(folder: &Folder, operator: &VerifyingKey) -> Result<Self, CeremonyError> {
        Self::find_signed(folder, operator)?.ok_or_else(|| unsealed(folder))
    }

    /// Reads the log of a folder, if it has a seal.
    ///
    /// # Errors
    /// When the chain is broken anywhere.
    pub fn find(folder: &Folder) -> Result<Option<Self>, CeremonyError> {
        Self::find_by(folder, None)
    }

    /// The same, each note of which `operator` has signed.
    pub(crate) fn find_signed(
        folder: &Folder,
        operator: &VerifyingKey,
    ) -> Result<Option<Self>, CeremonyError> {
        let history = Self::find_by(folder, Some(operator))?;
        if history.is_some() {
            must_be_signed(folder, CHECKPOINT, &note(folder, CHECKPOINT)?, operator)?;
        }
        Ok(history)
    }

    /// Each note is held against the key as it is read, before the chain: a note that was changed
    /// is named itself then, and not the one behind it, which no longer names it.
    fn find_by(
        folder: &Folder,
        operator: Option<&VerifyingKey>,
    ) -> Result<Option<Self>, CeremonyError> {
        if !folder.has(SEAL)? {
            return Ok(None);
        }
        let note = note(folder, SEAL)?;
        let seal = Seal::read(note.text()).map_err(|problem| wrong(folder, SEAL, &problem))?;
        if let Some(key) = operator {
            must_bear(key.name(), &seal.draw)?;
            must_be_signed(folder, SEAL, &note, key)?;
        }
        let last = note.digest();
        let mut history =
            Self { seal, events: Vec::new(), last, notes: vec![(SEAL.to_owned(), note)] };
        let steps = [OPENING, SEEDED, RESULT].map(str::to_owned).into_iter();
        let alternates = (1_u32..).map(alternates_file);
        for file in steps.chain(alternates) {
            if !history.take(folder, &file, operator)? {
                must_end_at(folder, &file)?;
                break;
            }
        }
        history.take(folder, VOID, operator)?;
        Ok(Some(history))
    }

    /// Reads the event in `file` to the end of the chain, if it is there.
    fn take(
        &mut self,
        folder: &Folder,
        file: &str,
        operator: Option<&VerifyingKey>,
    ) -> Result<bool, CeremonyError> {
        if !folder.has(file)? {
            return Ok(false);
        }
        let note = note(folder, file)?;
        let event = Event::read(note.text()).map_err(|problem| wrong(folder, file, &problem))?;
        if let Some(key) = operator {
            must_be_signed(folder, file, &note, key)?;
        }
        let lines = note.text().lines().count() as u64;
        self.check(&event, file, lines).map_err(|(line, what)| CeremonyError::Input {
            path: folder.path(file),
            line,
            what,
        })?;
        self.last = note.digest();
        self.events.push(Happened { file: file.to_owned(), event });
        self.notes.push((file.to_owned(), note));
        Ok(true)
    }

    /// Whether an event, of so many lines, is the next of this log; else which line is wrong.
    fn check(&self, event: &Event, file: &str, lines: u64) -> Result<(), (u64, String)> {
        if Self::file_of(&event.what) != file {
            return Err((1, "an event of another kind than the file's name says".to_owned()));
        }
        if event.draw != self.seal.draw {
            let what = format!("an event of the draw {}, not of {}", event.draw, self.seal.draw);
            return Err((2, what));
        }
        if event.previous != self.last {
            let (found, last) = (event.previous, self.last);
            let what = format!("names {found} as the event before it, which is {last}");
            return Err((lines, what));
        }
        let is_private = !self.seal.is_publicly_verifiable();
        if event.is_private != is_private && !matches!(event.what, What::Void { .. }) {
            let what = "does not say what the seal says about being publicly verifiable";
            return Err((lines - 1, what.to_owned()));
        }
        match &event.what {
            What::Opening { seal, opened } if *seal == self.seal.digest() => {
                let at = |problem| (line_of(&problem, OPENING_LINES), problem.to_string());
                opened.check(&self.seal).map_err(at)
            }
            What::Opening { .. } => Err((3, "opens another seal".to_owned())),
            What::Result { seed, .. } if Some(*seed) != self.seed() => {
                Err((3, "a result of another seed".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// The digest of the note in a file of the chain: `seal.txt`, `opening.txt`, …
    #[must_use]
    pub fn digest_of(&self, file: &str) -> Option<Digest> {
        let note = self.notes.iter().find(|(name, _)| name == file);
        note.map(|(_, note)| note.digest())
    }

    /// The digest of the seed, once it is there.
    #[must_use]
    pub fn seed(&self) -> Option<Digest> {
        self.events.iter().find_map(|happened| match happened.event.what {
            What::Seeded { seed } => Some(seed),
            _ => None,
        })
    }

    /// What was opened, once it is.
    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        self.events.iter().find_map(|happened| match &happened.event.what {
            What::Opening { opened, .. } => Some(opened),
            _ => None,
        })
    }

    /// Whether the draw was made.
    #[must_use]
    pub fn has_result(&self) -> bool {
        self.tables().is_some()
    }

    /// The digests of the draw's tables, once it was made.
    #[must_use]
    pub fn tables(&self) -> Option<Tables> {
        self.events.iter().find_map(|happened| match happened.event.what {
            What::Result { tables, .. } => Some(tables),
            _ => None,
        })
    }

    /// What came back before the alternates of that number, and their tables, by digest.
    pub(crate) fn alternates_of(&self, wanted: u32) -> Option<(Digest, Tables)> {
        self.events.iter().find_map(|happened| match happened.event.what {
            What::Alternates { number, returned, tables } if number == wanted => {
                Some((returned, tables))
            }
            _ => None,
        })
    }

    /// Why the draw is void, if it is.
    #[must_use]
    pub fn void(&self) -> Option<&str> {
        self.events.iter().find_map(|happened| match &happened.event.what {
            What::Void { reason } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// How many times alternates were drawn.
    #[must_use]
    pub fn alternates(&self) -> u32 {
        let count = self.events.iter().filter(|one| one.file.starts_with("alternates-")).count();
        u32::try_from(count).expect("alternates are counted in 32 bits")
    }

    /// The digest of the last event's text.
    #[must_use]
    pub const fn last(&self) -> Digest {
        self.last
    }

    /// Refuses a step after the draw was void.
    pub(crate) fn must_stand(&self, folder: &Folder) -> Result<(), CeremonyError> {
        self.void().map_or(Ok(()), |reason| {
            let file = folder.path(VOID);
            Err(CeremonyError::Order(format!("the draw is void ({reason}): {}", file.display())))
        })
    }

    /// Signs `what` as the next event and writes it; if it is the event that already stands there,
    /// nothing is done.
    pub(crate) fn add(
        &mut self,
        folder: &Folder,
        what: What,
        key: &SigningKey,
    ) -> Result<(), CeremonyError> {
        let file = Self::file_of(&what);
        let is_void = matches!(what, What::Void { .. });
        let is_private = !self.seal.is_publicly_verifiable() && !is_void;
        let event = Event { draw: self.seal.draw.clone(), what, is_private, previous: self.last };
        let note = Note::sign(event.text(), &[key]);
        folder.put_note(&file, &note)?;
        let added = self.take(folder, &file, Some(&key.verifying()))?;
        assert!(added, "what was written is there");
        Ok(())
    }

    /// Each note of the log with its file.
    pub(crate) fn notes(&self) -> &[(String, Note)] {
        &self.notes
    }

    /// Whether the log, as far as it has come, speaks of the file `name`.
    pub(crate) fn speaks_of(&self, name: &str) -> bool {
        let sealed = [ENTRIES, STOCK, RULES, CHECKPOINT, TILES, PAGE];
        let seeded = [SEED, SAMPLE];
        let drawn = [WINNERS, CUTOFFS];
        let of_alternates = |number| {
            [returned_file(number), winners_file(number), cutoffs_file(number)]
                .contains(&name.into())
        };
        self.notes.iter().any(|(file, _)| file == name)
            || sealed.contains(&name)
            || (self.seed().is_some() && seeded.contains(&name))
            || (self.has_result() && drawn.contains(&name))
            || (1..=self.alternates()).any(of_alternates)
    }

    fn file_of(what: &What) -> String {
        match what {
            What::Opening { .. } => OPENING.to_owned(),
            What::Seeded { .. } => SEEDED.to_owned(),
            What::Result { .. } => RESULT.to_owned(),
            What::Alternates { number, .. } => alternates_file(*number),
            What::Void { .. } => VOID.to_owned(),
        }
    }
}

/// Refuses a log that goes on behind `missing`, which is not there: an event was taken away.
fn must_end_at(folder: &Folder, missing: &str) -> Result<(), CeremonyError> {
    let steps = [OPENING, SEEDED, RESULT];
    let behind = match steps.iter().position(|step| *step == missing) {
        Some(at) => &steps[at + 1..],
        None => &[],
    };
    // Of alternates, those before the missing one were all read.
    let first = alternates_number(missing).unwrap_or(1);
    let is_behind = |name: &str| {
        behind.contains(&name) || alternates_number(name).is_some_and(|number| first <= number)
    };
    let names = folder.names()?;
    match names.iter().find(|name| is_behind(name)) {
        None => Ok(()),
        Some(name) => {
            let what = format!("it is there, and {missing}, which comes before it, is not");
            Err(CeremonyError::wrong(&folder.path(name), what))
        }
    }
}

/// The number in the name of a file of alternates.
fn alternates_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("alternates-")?.strip_suffix(".txt")?.parse().ok()?;
    (alternates_file(number) == name).then_some(number)
}

pub(crate) fn alternates_file(number: u32) -> String {
    format!("alternates-{number}.txt")
}

/// A signed note of the folder.
pub(crate) fn note(folder: &Folder, file: &str) -> Result<Note, CeremonyError> {
    let text = folder.read_text(file)?;
    Note::read(&text).map_err(|problem| CeremonyError::note(&folder.path(file), &problem))
}

/// Refuses a note that `key` has not signed.
fn must_be_signed(
    folder: &Folder,
    file: &str,
    note: &Note,
    key: &VerifyingKey,
) -> Result<(), CeremonyError> {
    note.verify(key).map_err(|problem| CeremonyError::note(&folder.path(file), &problem))
}

/// Refuses a key of another name than the operator's, which is the draw's.
pub(crate) fn must_bear(key: &str, draw: &DrawName) -> Result<(), CeremonyError> {
    if key == draw.as_str() {
        return Ok(());
    }
    let what = format!(
        "the key is of {key}, and the operator's bears the draw's name, {draw}: give that one"
    );
    Err(CeremonyError::Key(what))
}

fn unsealed(folder: &Folder) -> CeremonyError {
    let seal = folder.path(SEAL);
    CeremonyError::Order(format!("{} is not there: seal the draw first", seal.display()))
}

fn wrong(folder: &Folder, file: &str, problem: &FormatProblem) -> CeremonyError {
    let FormatProblem { line, expected, found } = problem;
    let what = format!("expected `{expected}`, found {found}");
    CeremonyError::Input { path: folder.path(file), line: *line as u64, what }
}
