//! What a seal owes to the seals before it, of the same draw.
//!
//! Owns: the chain over folders, the rule that nobody who has something comes back, and the one
//! that no secret is sealed that an earlier opening shows to everybody. Never: verifies a folder;
//! that is asked for by itself; judges how many units a next seal has: what came back is published
//! nowhere, so that the units then and now can only be told.
//! Invariants: a seal follows one that was drawn, or that is void; behind one that was drawn and
//! stands, the list is exactly of those who have nothing so far.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::{Folder, OPENING, SEAL};
use crate::lines::Lines;
use crate::log::History;
use crate::run::sealed_stock;
use crate::standing::{served, standing, unserved};
use draw::seal::Holder;
use draw::{Digest, DrawName, Stock};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

const COMPARING: &str = "comparing";

/// The seals before a new one.
pub(crate) struct Before<'a> {
    /// What the new seal names as the event before it.
    pub(crate) previous: Option<Digest>,
    /// The folders with their logs, the last one first.
    seals: Vec<(&'a Folder, History)>,
    /// The place among them of the last that was drawn and stands.
    drawn: Option<usize>,
}

/// A seal before another, of the same draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealBefore {
    /// Its `seal.txt`.
    pub file: PathBuf,
    /// How far it had come.
    pub reached: Reached,
    /// Why it is void, if it is.
    pub void: Option<String>,
    /// Those of its secrets that everybody knew when it was sealed.
    pub known: Vec<KnownSecret>,
}

/// How far a draw had come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reached {
    /// Its list was locked.
    Sealed,
    /// Everybody could read its secrets, and the balls.
    Opened,
    /// Everybody could compute its result.
    Seeded,
    /// Its winners were computed.
    Drawn,
}

/// A secret that stands in an opening which is older than the seal that commits to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSecret {
    /// For whom the seal takes it.
    pub holder: Holder,
    /// The `opening.txt` in which everybody can read it.
    pub opened_in: PathBuf,
}

/// What a draw left, and what the seal after it has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Units {
    /// Units that nobody got, of all buckets.
    pub left: u64,
    /// Units of all buckets in the next seal.
    pub now: u64,
    /// Buckets that have fewer than were left of them.
    pub fewer: Vec<String>,
    /// Buckets that have more than were ever sealed of them in the draw before.
    pub more: Vec<String>,
}

impl<'a> Before<'a> {
    /// Reads the logs of `folders`, the last one first.
    pub(crate) fn read(folders: &'a [Folder], draw: &DrawName) -> Result<Self, CeremonyError> {
        let mut before = Self { previous: None, seals: Vec::new(), drawn: None };
        for folder in folders {
            let history = History::read(folder)?;
            before.must_follow(folder, &history, draw)?;
            before.previous = before.previous.or(Some(history.last()));
            if history.void().is_none() {
                before.drawn = before.drawn.or(Some(before.seals.len()));
            }
            before.seals.push((folder, history));
        }
        if before.drawn.is_none() && !before.is_whole() {
            let what = "the void seal was itself sealed after another: give its folder, too";
            return Err(CeremonyError::Order(what.to_owned()));
        }
        Ok(before)
    }

    /// Whether a folder is of the seal that the one after it, read before, names.
    fn must_follow(
        &self,
        folder: &Folder,
        history: &History,
        draw: &DrawName,
    ) -> Result<(), CeremonyError> {
        let path = folder.path(SEAL);
        if history.seal.draw != *draw {
            let what = format!("a seal of {}, not of {draw}", history.seal.draw);
            return Err(CeremonyError::wrong(&path, what));
        }
        if self.seals.last().is_some_and(|(_, after)| after.seal.previous != Some(history.last())) {
            return Err(CeremonyError::wrong(&path, "not the seal that the one after it names"));
        }
        if history.void().is_none() && !history.has_result() {
            let what = format!("{} is neither void nor drawn: end it first", path.display());
            return Err(CeremonyError::Order(what));
        }
        Ok(())
    }

    /// Whether the folders go back to the first seal of the draw.
    pub(crate) fn is_whole(&self) -> bool {
        self.seals.last().is_none_or(|(_, first)| first.seal.previous.is_none())
    }

    /// The seal before that was drawn and stands.
    fn standing(&self) -> Option<(&'a Folder, &History)> {
        let (folder, history) = &self.seals[self.drawn?];
        Some((folder, history))
    }

    /// What is to be told of each, the last one first.
    pub(crate) fn told(&self) -> Vec<SealBefore> {
        let told = |(place, (folder, history)): (usize, &(&Folder, History))| SealBefore {
            file: folder.path(SEAL),
            reached: reached(history),
            void: history.void().map(str::to_owned),
            known: self.known(place + 1, &history.seal.draw, |of| history.seal.commitment(of)),
        };
        self.seals.iter().enumerate().map(told).collect()
    }

    /// Which of the secrets that a new seal commits to everybody knows.
    pub(crate) fn known_to_all(
        &self,
        draw: &DrawName,
        commitment: impl Fn(Holder) -> Digest,
    ) -> Vec<KnownSecret> {
        self.known(0, draw, commitment)
    }

    /// The same of a seal of which only those from this place on are older. An opened secret is
    /// known whoever kept it: the other one's commitment may be made of it, too.
    fn known(
        &self,
        older: usize,
        draw: &DrawName,
        commitment: impl Fn(Holder) -> Digest,
    ) -> Vec<KnownSecret> {
        let mut known = Vec::new();
        for holder in [Holder::Operator, Holder::Notary] {
            let sealed = commitment(holder);
            let shows = |history: &History| {
                let secrets = history.opened().map(|opened| [&opened.operator, &opened.notary]);
                let mut secrets = secrets.into_iter().flatten();
                secrets.any(|secret| secret.commitment(draw, holder) == sealed)
            };
            let found = self.seals[older..].iter().find(|(_, history)| shows(history));
            let opened_in = found.map(|(folder, _)| folder.path(OPENING));
            known.extend(opened_in.map(|opened_in| KnownSecret { holder, opened_in }));
        }
        known
    }

    /// Refuses to seal a secret that everybody knows: whoever seals would choose the list, or the
    /// moment, in its knowledge.
    pub(crate) fn refuse_known(
        &self,
        draw: &DrawName,
        commitment: impl Fn(Holder) -> Digest,
    ) -> Result<(), CeremonyError> {
        let known = self.known_to_all(draw, commitment);
        let Some(KnownSecret { holder, opened_in }) = known.first() else { return Ok(()) };
        let party = match holder {
            Holder::Operator => "operator",
            Holder::Notary => "notary",
        };
        Err(CeremonyError::Seed(format!(
            "the {party}'s commitment is of a secret that everybody can read in {}, where the \
             draw before opened it: make a new one (tidegate draw secret FILE --draw {draw} \
             --party {party}) and give its commitment",
            opened_in.display()
        )))
    }

    /// Whether the new stock has the buckets of the stock before, in their order.
    pub(crate) fn check_stock(&self, path: &Path, stock: &Stock) -> Result<(), CeremonyError> {
        let Some((folder, history)) = self.standing() else { return Ok(()) };
        let before = sealed_stock(folder, history)?;
        let names = |stock: &Stock| -> Vec<String> {
            stock.numbers().map(|bucket| stock.name(bucket).to_owned()).collect()
        };
        if names(&before) == names(stock) {
            return Ok(());
        }
        let what = "after a draw that stands, the stock holds the same buckets in the same order, \
                    0 units included";
        Err(CeremonyError::wrong(path, what))
    }

    /// Whether the new list, of this digest, is of those who have nothing so far.
    pub(crate) fn check_list(
        &self,
        path: &Path,
        list: Digest,
        progress: Progress<'_>,
    ) -> Result<(), CeremonyError> {
        let Some((folder, history)) = self.standing() else { return Ok(()) };
        let stock = sealed_stock(folder, history)?;
        let served = served(folder, history, &stock)?;
        let mut hasher = Sha256::new();
        unserved(folder, &served, (COMPARING, progress), |line| {
            hasher.update(line);
            hasher.update(b"\n");
            Ok(())
        })?;
        if Digest(hasher.finalize().into()) == list {
            return Ok(());
        }
        Err(CeremonyError::wrong(path, not_those(folder)))
    }

    /// The same of a list that is in order, with the line of whatever is wrong.
    pub(crate) fn check_sealed_list(
        &self,
        path: &Path,
        list: Digest,
        progress: Progress<'_>,
    ) -> Result<(), CeremonyError> {
        let Err(error) = self.check_list(path, list, progress) else { return Ok(()) };
        let Some((folder, history)) = self.standing() else { return Err(error) };
        let stock = sealed_stock(folder, history)?;
        let served = served(folder, history, &stock)?;
        let (mut sealed, mut number, mut wrong) = (Lines::open(path)?, 0, None);
        unserved(folder, &served, (COMPARING, progress), |line| {
            number += 1;
            if wrong.is_none() && sealed.next()? != Some(line) {
                wrong = Some(number);
            }
            Ok(())
        })?;
        let (path, line) = (path.to_owned(), wrong.unwrap_or(number + 1));
        Err(CeremonyError::Input { path, line, what: not_those(folder) })
    }

    /// What the draw before left and what `stock` has now, if that draw stands.
    pub(crate) fn units(
        &self,
        stock: &Stock,
        progress: Progress<'_>,
    ) -> Result<Option<Units>, CeremonyError> {
        let Some((folder, history)) = self.standing() else { return Ok(None) };
        let before = sealed_stock(folder, history)?;
        let left = standing(folder, history, &before, history.alternates(), None, progress)?.there;
        let sum = |units: Vec<u32>| units.into_iter().map(u64::from).sum();
        // The buckets are the same, in the same order: that was checked.
        let names = |is_told: fn(u32, u32) -> bool, than: &Stock| -> Vec<String> {
            let units = stock.units().into_iter().zip(than.units());
            let told = stock.numbers().zip(units).filter(|(_, (now, then))| is_told(*now, *then));
            told.map(|(bucket, _)| stock.name(bucket).to_owned()).collect()
        };
        let fewer = names(|now, left| now < left, &left);
        let more = names(|now, sealed| sealed < now, &before);
        Ok(Some(Units { left: sum(left.units()), now: sum(stock.units()), fewer, more }))
    }
}

fn reached(history: &History) -> Reached {
    if history.has_result() {
        Reached::Drawn
    } else if history.seed().is_some() {
        Reached::Seeded
    } else if history.opened().is_some() {
        Reached::Opened
    } else {
        Reached::Sealed
    }
}

fn not_those(folder: &Folder) -> String {
    format!(
        "not exactly the entries that have nothing in {}, which `tidegate draw remaining` writes",
        folder.path("").display()
    )
}
