//! The receipts of some of a rehearsal's people, and what each of those people would check.
//!
//! Owns: `receipts/`, with `identities.txt` beside them, and the check of each from public files
//! alone. Never: looks at what the rehearsal knows besides: a receipt is read from its file.

use super::people::{Entry, People};
use crate::draw_cli::files::{refused, wrong, wrong_note};
use anyhow::Result;
use ceremony::Folder;
use draw::identity::Identity;
use draw::note::{Note, SigningKey, VerifyingKey};
use draw::number::Numbers;
use draw::outcome::outcome;
use draw::proof::Proof;
use draw::receipt::Receipt;
use draw::table::{Cutoffs, Pass, Winner, read_winners};
use draw::tree::leaf;
use draw::{BucketNo, Digest, Stock};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Whose receipts are written, of all people.
pub(super) const RECEIPTS: u32 = 1000;
/// Who each receipt is of: a line `FILE IDENTITY` each.
const IDENTITIES: &str = "identities.txt";

/// Writes the receipts of those people who were chosen as they come by.
pub(super) struct Counter<'a> {
    folder: PathBuf,
    key: &'a SigningKey,
    identities: String,
    count: u32,
}

impl<'a> Counter<'a> {
    pub(super) fn open(folder: &Path, key: &'a SigningKey) -> Result<Self> {
        fs::create_dir(folder).map_err(refused("made", folder))?;
        let (folder, identities) = (folder.to_owned(), String::new());
        Ok(Self { folder, key, identities, count: 0 })
    }

    /// Writes the receipt of the people of `entry` at `places`.
    pub(super) fn hand_out(
        &mut self,
        people: &People<'_>,
        entry: Entry,
        places: &[usize],
    ) -> Result<()> {
        let identities: Vec<_> =
            places.iter().map(|place| entry.identities[*place].clone()).collect();
        let receipt = entry.receipt(people.draw)?;
        let note = Note::sign(receipt.text().to_string(), &[self.key]).to_string();
        for identity in identities {
            self.count += 1;
            let name = format!("{:04}.txt", self.count);
            write(&self.folder.join(&name), &note)?;
            self.identities.push_str(&format!("{name} {identity}\n"));
        }
        Ok(())
    }

    pub(super) fn close(self) -> Result<()> {
        write(&self.folder.join(IDENTITIES), &self.identities)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(refused("written", path))
}

/// What the people whose receipts were looked at get.
#[derive(Clone, Copy, Default)]
pub(super) struct Outcomes {
    pub(super) drawn: u32,
    pub(super) alternates: u32,
    pub(super) nothing: u32,
}

/// Everything public that a person holds a receipt against.
pub(super) struct Public<'a> {
    folder: &'a Folder,
    keys: [&'a VerifyingKey; 2],
    numbers: Numbers,
    stock: Stock,
    /// Of the draw, then of the alternates: cut-offs and winners.
    rounds: Vec<(Cutoffs, HashMap<u32, Winner>)>,
}

impl<'a> Public<'a> {
    /// Reads the folder; operator and notary have signed with `keys`.
    pub(super) fn read(folder: &'a Folder, keys: [&'a VerifyingKey; 2]) -> Result<Self> {
        let numbers = Numbers::new(Digest::of(&folder.read("seed.txt")?));
        let stock = folder.path("stock.txt");
        let stock = Stock::read(&folder.read("stock.txt")?).map_err(wrong(&stock))?;
        let mut rounds = Vec::new();
        for round in ["", "-1"] {
            let [winners, cutoffs] =
                ["winners", "cutoffs"].map(|name| format!("{name}{round}.txt"));
            let path = folder.path(&winners);
            let winners = read_winners(&folder.read(&winners)?, &stock).map_err(wrong(&path))?;
            let winners = winners.into_iter().map(|winner| (winner.index, winner)).collect();
            let path = folder.path(&cutoffs);
            let cutoffs = Cutoffs::read(&folder.read(&cutoffs)?, &stock).map_err(wrong(&path))?;
            rounds.push((cutoffs, winners));
        }
        Ok(Self { folder, keys, numbers, stock, rounds })
    }

    /// Checks every receipt in `receipts`.
    pub(super) fn check_all(
        &self,
        receipts: &Path,
        progress: ceremony::Progress<'_>,
    ) -> Result<Outcomes> {
        let path = receipts.join(IDENTITIES);
        let list = fs::read_to_string(&path).map_err(refused("read", &path))?;
        let mut outcomes = Outcomes::default();
        for (done, row) in (1..).zip(list.lines()) {
            let row = row.split_once(' ').ok_or("not a file and an identity a line");
            let (file, identity) = row.map_err(wrong(&path))?;
            let identity = identity.parse().map_err(wrong(&path))?;
            match self.check(&receipts.join(file), &identity)? {
                Some(0) => outcomes.drawn += 1,
                Some(_) => outcomes.alternates += 1,
                None => outcomes.nothing += 1,
            }
            progress("receipts", done, u64::from(RECEIPTS));
        }
        Ok(outcomes)
    }

    /// Checks one receipt; in which round its entry gets something, if it does.
    fn check(&self, path: &Path, identity: &Identity) -> Result<Option<usize>> {
        let text = fs::read_to_string(path).map_err(refused("read", path))?;
        let note = Note::read(&text).map_err(wrong_note(path))?;
        note.verify(self.keys[0]).map_err(wrong_note(path))?;
        let receipt = Receipt::read(note.text()).map_err(wrong(path))?;
        if receipt.place_of(identity).is_none() {
            return Err(wrong(path)("the identity does not open it"));
        }
        let line = receipt.line();
        let proved = ceremony::prove(self.folder, line.beginning())?;
        let Some(proved) = proved.filter(|proved| proved.line == line.bytes()) else {
            return Err(wrong(path)("its line does not stand in the list"));
        };
        // As somebody would who is handed the proof as a file.
        let proof = Proof::read(&proved.proof.write()).map_err(wrong(path))?;
        proof.check(line.bytes()).map_err(wrong(path))?;
        let head = Note::read(&proof.checkpoint).map_err(wrong(path))?;
        self.keys.iter().try_for_each(|key| head.verify(key)).map_err(wrong(path))?;
        let index = u32::try_from(proof.index).map_err(wrong(path))?;
        let number = self.numbers.of(leaf(line.bytes()), line.tickets());
        let wish = line.wish(&self.stock).map_err(wrong(path))?;
        let given = |(cutoffs, _): &(Cutoffs, _)| outcome(cutoffs, &self.stock, number, &wish);
        // Whoever got something is not asked again.
        let given =
            self.rounds.iter().enumerate().find_map(|(round, tables)| {
                given(tables).map(|(pass, bucket)| (round, pass, bucket))
            });
        for (round, (_, winners)) in self.rounds.iter().enumerate() {
            let expected = given.filter(|given| given.0 == round);
            let found = winners.get(&index);
            let expected = expected.map(|(_, pass, bucket)| (pass, bucket, number));
            let found: Option<(Pass, BucketNo, Digest)> =
                found.map(|winner| (winner.pass, winner.bucket, winner.number));
            if expected != found {
                let what = "the cut-offs give it something else than the winners' table";
                return Err(wrong(path)(what));
            }
        }
        Ok(given.map(|(round, _, _)| round))
    }
}
