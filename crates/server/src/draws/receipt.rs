//! The receipt of an entry in a draw: its line, what opens it, and the operator's signature.
//!
//! Owns: finding the line in the sealed list. Never: an outcome; a receipt says who takes part.
//! Invariants: an entry that the list does not have gets no receipt of it.

use super::people::People;
use super::{DrawFolder, disk, failed};
use crate::problem::Problem;
use crate::record;
use draw::note::{Note, SigningKey};
use draw::{Digest, Line};
use identity::CampaignKeys;
use journal::ReadLog;
use ledger::EntryView;
use roll::Salts;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use types::{Command, Definition, limits};

/// The signed receipt of an entry in a sealed draw; none when it is not on the list. For a thread
/// that may wait.
pub(crate) fn receipt(
    of: &DrawFolder,
    (definition, keys): (&Definition, &CampaignKeys),
    journal: &dyn ReadLog,
    view: &EntryView,
    key: &SigningKey,
) -> Result<Option<String>, Problem> {
    let wrong = |why: String| {
        let what = format!("the receipt of entry {} cannot be made: {why}", view.entry.0);
        failed("draw-entry-unreadable", &what)
    };
    let mut bytes = Vec::new();
    let place = (view.place.frame, view.place.offset);
    record::read(journal, place, &mut bytes).map_err(wrong)?;
    let Ok(Command::Enter(enter)) = Command::decode(&bytes) else {
        return Err(wrong("its record in the journal is not an entry".to_owned()));
    };
    let identities = People::new(definition, keys).identities(&enter, view.identity);
    let identities = identities.map_err(wrong)?;
    let salts = Salts::new(keys.derived(Salts::PURPOSE));
    let commit = salts.commit(&of.name, view.entry, 0, &identities[0]);
    let list = of.path.join("entries.txt");
    let line = find(&list, commit).map_err(disk(&list))?;
    let Some(line) = line else { return Ok(None) };
    let receipt = salts.receipt(&of.name, view.entry, &line);
    let note = Note::sign(receipt.text().to_string(), &[key]);
    Ok(Some(note.to_string()))
}

/// The line whose first commitment this is. The list is sorted by its bytes, so its middle says in
/// which half to go on.
fn find(list: &Path, commit: Digest) -> io::Result<Option<Vec<u8>>> {
    let wanted = commit.to_string();
    let mut file = BufReader::new(File::open(list)?);
    let (mut from, mut until) = (0, file.get_ref().metadata()?.len());
    let mut line = Vec::new();
    // Until what is left is read line by line faster than halved.
    while from + 4 * (limits::DRAW_LINE_BYTES_MAX as u64) < until {
        let middle = from + (until - from) / 2;
        file.seek(SeekFrom::Start(middle))?;
        line.clear();
        let skipped = file.read_until(b'\n', &mut line)? as u64;
        line.clear();
        file.read_until(b'\n', &mut line)?;
        match line.get(..wanted.len()) {
            Some(begin) if begin < wanted.as_bytes() => from = middle + skipped,
            _ => until = middle + skipped,
        }
    }
    // The last line that begins before `until` may end behind it.
    file.seek(SeekFrom::Start(from))?;
    let mut at = from;
    while at <= until {
        line.clear();
        let read = file.read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        at += read;
        if line.starts_with(wanted.as_bytes()) {
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            return Ok(Line::read(line).is_ok().then(|| line.to_vec()));
        }
    }
    Ok(None)
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
}
