//! The receipt of an entry in a draw: its line, what opens it, and the operator's signature.
//!
//! Owns: finding the line in the sealed list; the promise of a line before that. Never: an outcome;
//! a receipt says who takes part.
//! Invariants: an entry that the list does not have gets no receipt of it.

use super::people::People;
use super::{DrawFolder, disk, failed, wrong};
use crate::operator::unavailable;
use crate::problem::Problem;
use crate::record;
use draw::identity::Identity;
use draw::note::{Note, SigningKey};
use draw::receipt::Receipt;
use draw::{Digest, DrawName, Line};
use identity::{CampaignKeys, Statement};
use ledger::{EntryView, Ledger, PoolPlace};
use node::Node;
use roll::{Salts, Wants};
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use types::ids::{CampaignNo, PoolNo};
use types::{Command, Definition, limits};

/// Where an entry is read from: its campaign's definition and keys, and the node with its journal.
pub(crate) struct Source<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) keys: &'a CampaignKeys,
    pub(crate) node: &'a Node,
}

/// What is in an entry's record.
pub(crate) struct Opened {
    /// What each of its people has stated.
    pub(crate) people: Vec<Statement>,
    identities: Vec<Identity>,
    units: u8,
    choices: Vec<PoolNo>,
    any: bool,
}

impl Source<'_> {
    /// The signed receipt of an entry in a sealed draw; none when it is not on the list. For a
    /// thread that may wait.
    pub(crate) fn receipt(
        &self,
        of: &DrawFolder,
        view: &EntryView,
        opened: &Opened,
        key: &SigningKey,
    ) -> Result<Option<String>, Problem> {
        let salts = self.salts();
        let commit = salts.commit(&of.name, view.entry, 0, &opened.identities[0]);
        let Some(line) = find(&of.path.join("entries.txt"), commit)? else { return Ok(None) };
        Ok(Some(signed(&salts.receipt(&of.name, view.entry, &line), key)))
    }

    /// The signed promise that an entry will be on the list of the draw `name`, with its tickets.
    /// For a thread that may wait.
    pub(crate) fn promise(
        &self,
        (campaign, name): (CampaignNo, &DrawName),
        view: &EntryView,
        tickets: u8,
        key: &SigningKey,
    ) -> Result<String, Problem> {
        let Opened { identities, units, choices, any, .. } = self.open(view)?;
        let look = move |ledger: &Ledger| -> Vec<PoolPlace> {
            let of = ledger.campaign(campaign).expect("campaigns are never taken away");
            choices.iter().map(|pool| of.pools()[pool.index()].place).collect()
        };
        let places = self.node.read(look).map_err(unavailable)?.wait().map_err(unavailable)?;
        let bucket =
            |place: &PoolPlace| self.definition.bucket(place.outlet, place.item, place.slot);
        let choices: Vec<String> = places.iter().map(bucket).collect();
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        let wants = Wants { tickets, units, choices: &choices, any };
        let promise = self.salts().promise(name, view.entry, &identities, wants);
        let promise = promise.map_err(|problem| unreadable(view, &problem.to_string()))?;
        Ok(signed(&promise, key))
    }

    fn salts(&self) -> Salts {
        Salts::new(self.keys.derived(Salts::PURPOSE))
    }

    /// Reads an entry's record. For a thread that may wait.
    pub(crate) fn open(&self, view: &EntryView) -> Result<Opened, Problem> {
        let mut bytes = Vec::new();
        let place = (view.place.frame, view.place.offset);
        let read = record::read(&*self.node.journal_reader(), place, &mut bytes);
        read.map_err(|why| unreadable(view, &why))?;
        let Ok(Command::Enter(enter)) = Command::decode(&bytes) else {
            return Err(unreadable(view, "its record in the journal is not an entry"));
        };
        let of = People::new(self.definition, self.keys);
        let people = of.statements(&enter, view.identity).map_err(|why| unreadable(view, &why))?;
        let identities = of.identities(&people).map_err(|why| unreadable(view, &why))?;
        let choices = enter.choices().collect();
        Ok(Opened { people, identities, units: enter.units, choices, any: enter.any })
    }
}

fn unreadable(view: &EntryView, why: &str) -> Problem {
    let what = format!("the receipt of entry {} cannot be made: {why}", view.entry.0);
    failed("draw-entry-unreadable", &what)
}

fn signed(receipt: &Receipt, key: &SigningKey) -> String {
    Note::sign(receipt.text().to_string(), &[key]).to_string()
}

/// The line whose first commitment this is. The list is sorted by its bytes, so its middle says in
/// which half to go on.
fn find(list: &Path, commit: Digest) -> Result<Option<Vec<u8>>, Problem> {
    let wanted = commit.to_string();
    let mut file = BufReader::new(File::open(list).map_err(disk(list))?);
    let length = file.get_ref().metadata().map_err(disk(list))?.len();
    let (mut from, mut until) = (0, length);
    let mut line = Vec::new();
    // Until what is left is read line by line faster than halved.
    while from + 4 * (limits::DRAW_LINE_BYTES_MAX as u64) < until {
        let middle = from + (until - from) / 2;
        file.seek(SeekFrom::Start(middle)).map_err(disk(list))?;
        read_line(&mut file, list, &mut line)?;
        let skipped = line.len() as u64 + 1;
        read_line(&mut file, list, &mut line)?;
        match line.get(..wanted.len()) {
            Some(begin) if begin < wanted.as_bytes() => from = middle + skipped,
            _ => until = middle + skipped,
        }
    }
    // The last line that begins before `until` may end behind it.
    file.seek(SeekFrom::Start(from)).map_err(disk(list))?;
    let mut at = from;
    while at <= until && read_line(&mut file, list, &mut line)? {
        at += line.len() as u64 + 1;
        if line.starts_with(wanted.as_bytes()) {
            Line::read(&line).map_err(|problem| wrong(list, problem))?;
            return Ok(Some(line));
        }
    }
    Ok(None)
}

/// Reads the next line of a list without its line feed; whether there is one.
pub(super) fn read_line(
    file: &mut impl BufRead,
    list: &Path,
    line: &mut Vec<u8>,
) -> Result<bool, Problem> {
    line.clear();
    let most = limits::DRAW_LINE_BYTES_MAX as u64 + 1;
    if file.take(most).read_until(b'\n', line).map_err(disk(list))? == 0 {
        return Ok(false);
    }
    if line.pop() == Some(b'\n') { Ok(true) } else { Err(wrong(list, "a line has no end")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn every_line_of_a_long_list_is_found_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entries.txt");
        let digest = |number: u32| Digest::of(&number.to_be_bytes());
        let tag = "ab".repeat(16);
        let mut lines: Vec<_> =
            (0..2_000).map(|number| format!("{},{tag},1,1,A-B", digest(number))).collect();
        lines.sort();
        let text = lines.iter().fold(String::new(), |mut text, line| {
            writeln!(text, "{line}").unwrap();
            text
        });
        std::fs::write(&path, text).unwrap();
        for number in 0..2_000 {
            let found = find(&path, digest(number)).unwrap();
            let found = found.unwrap_or_else(|| panic!("{number} is there"));
            assert!(found.starts_with(digest(number).to_string().as_bytes()));
        }
        assert!((2_000..2_100).all(|number| find(&path, digest(number)).unwrap().is_none()));
    }

    #[test]
    fn a_damaged_list_is_not_one_without_the_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entries.txt");
        let commit = Digest::of(b"somebody");
        let code = |text: &[u8]| {
            std::fs::write(&path, text).unwrap();
            find(&path, commit).unwrap_err().code
        };
        assert_eq!(code(format!("{commit},no tag,1,1,A-B\n").as_bytes()), "draw-file-wrong");
        assert_eq!(code(commit.to_string().as_bytes()), "draw-file-wrong", "it was cut off");
        let endless = vec![b'a'; 100 * limits::DRAW_LINE_BYTES_MAX];
        assert_eq!(code(&endless), "draw-file-wrong", "no line is so long");
    }
}
