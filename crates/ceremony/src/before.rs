//! What a seal owes to the seals before it, of the same draw.
//!
//! Owns: the chain over folders, and the rule that nobody who has something comes back. Never:
//! verifies a folder; that is asked for by itself; judges how many units a next seal has: what came
//! back is published nowhere, so that the units then and now can only be told.
//! Invariants: a seal follows one that was drawn, or that is void; behind one that was drawn and
//! stands, the list is exactly of those who have nothing so far.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::{Folder, SEAL};
use crate::lines::Lines;
use crate::log::History;
use crate::run::sealed_stock;
use crate::standing::{served, standing, unserved};
use draw::{Digest, DrawName, Stock};
use sha2::{Digest as _, Sha256};
use std::path::Path;

const COMPARING: &str = "comparing";

/// The seals before a new one.
pub(crate) struct Before<'a> {
    /// What the new seal names as the event before it.
    pub(crate) previous: Option<Digest>,
    /// The last of them that was drawn and stands.
    drawn: Option<(&'a Folder, History)>,
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
        let (mut previous, mut expected) = (None, None);
        for folder in folders {
            let history = History::read(folder)?;
            let path = folder.path(SEAL);
            if history.seal.draw != *draw {
                let what = format!("a seal of {}, not of {draw}", history.seal.draw);
                return Err(CeremonyError::wrong(&path, what));
            }
            if expected.is_some_and(|expected| expected != history.last()) {
                let what = "not the seal that the one after it names";
                return Err(CeremonyError::wrong(&path, what));
            }
            let is_void = history.void().is_some();
            if !is_void && !history.has_result() {
                let what = format!("{} is neither void nor drawn: end it first", path.display());
                return Err(CeremonyError::Order(what));
            }
            previous = previous.or(Some(history.last()));
            if !is_void {
                return Ok(Self { previous, drawn: Some((folder, history)) });
            }
            expected = history.seal.previous;
            if expected.is_none() {
                break;
            }
        }
        if expected.is_some() {
            let what = "the void seal was itself sealed after another: give its folder, too";
            return Err(CeremonyError::Order(what.to_owned()));
        }
        Ok(Self { previous, drawn: None })
    }

    /// Whether the new stock has the buckets of the stock before, in their order.
    pub(crate) fn check_stock(&self, path: &Path, stock: &Stock) -> Result<(), CeremonyError> {
        let Some((folder, history)) = &self.drawn else { return Ok(()) };
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
        let Some((folder, history)) = &self.drawn else { return Ok(()) };
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
        let Some((folder, history)) = &self.drawn else { return Err(error) };
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
        let Some((folder, history)) = &self.drawn else { return Ok(None) };
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

fn not_those(folder: &Folder) -> String {
    format!(
        "not exactly the entries that have nothing in {}, which `tidegate draw remaining` writes",
        folder.path("").display()
    )
}
