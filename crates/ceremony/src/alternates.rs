//! Alternates by order: what came back goes on down the ranking.
//!
//! Owns: the step, and what there is to give once something came back. Never: changes what was
//! drawn before.
//! Invariants: no bucket gets back more than it has out; nobody wins twice.

use crate::error::CeremonyError;
use crate::folder::{Folder, WINNERS};
use crate::log::History;
use crate::run::{Drawn, drawn, put, rank, sealed_stock, stock};
use crate::{Progress, seed};
use draw::allocate::Allocation;
use draw::event::What;
use draw::note::SigningKey;
use draw::table::read_winners;
use draw::{BucketNo, Digest, Stock};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Alternates {
    /// The how manieth time this was, from 1.
    pub number: u32,
    /// Who gets what.
    pub drawn: Drawn,
}

/// Draws what came back among those who have nothing so far. `returned` is written as a stock is;
/// what was drawn last with the same `returned` is not drawn again.
///
/// # Errors
/// When there is no result yet, or what came back is not of the draw's stock.
pub fn alternates(
    folder: &Folder,
    returned: &Path,
    key: &SigningKey,
    progress: Progress<'_>,
) -> Result<Alternates, CeremonyError> {
    let mut history = History::read(folder)?;
    history.must_stand(folder)?;
    if !history.has_result() {
        let what = "the draw was not made yet: alternates come after its result";
        return Err(CeremonyError::Order(what.to_owned()));
    }
    let seed = seed::checked(folder, &history)?;
    let sealed = sealed_stock(folder, &history)?;
    let text = fs::read(returned).map_err(CeremonyError::disk("read", returned))?;
    let number = history.alternates() + 1;
    let (allocation, there) =
        again(folder, &history, seed, &sealed, number, (returned, &text), progress)?;
    folder.put(&returned_file(number), &text)?;
    let (winners, cutoffs) = (winners_file(number), cutoffs_file(number));
    let tables = put(folder, &allocation, &sealed, [&winners, &cutoffs])?;
    let returned = Digest::of(&text);
    history.add(folder, What::Alternates { number, returned, tables }, key)?;
    Ok(Alternates { number, drawn: drawn(&allocation, &there, tables) })
}

/// The draw again, for the `number`th time something came back: the file `last` says what. Also
/// what there was to give.
pub(crate) fn again(
    folder: &Folder,
    history: &History,
    seed: Digest,
    sealed: &Stock,
    number: u32,
    last: (&Path, &[u8]),
    progress: Progress<'_>,
) -> Result<(Allocation, Stock), CeremonyError> {
    let mut ranking = rank(folder, history, seed, sealed, progress)?;
    let mut out = vec![0_u32; sealed.len()];
    for round in 0..number {
        let served = served(folder, sealed, round)?;
        for winner in ranking.take_out(|drawn| served.contains_key(&drawn.index)) {
            let bucket = served[&winner.index];
            let out = &mut out[usize::from(bucket.0)];
            *out = out.saturating_add(winner.wish.units().into());
        }
        let name = returned_file(round + 1);
        if round + 1 == number {
            take_back(&mut out, sealed, last.0, last.1)?;
        } else {
            take_back(&mut out, sealed, &folder.path(&name), &folder.read(&name)?)?;
        }
    }
    let there: Option<Vec<_>> =
        sealed.units().iter().zip(&out).map(|(units, out)| units.checked_sub(*out)).collect();
    let there = there.ok_or_else(|| {
        let path = folder.path(WINNERS);
        CeremonyError::wrong(&path, "gives more units of a bucket than the stock has")
    })?;
    let there = sealed.with_units(there);
    Ok((ranking.allocate(&there), there))
}

/// Takes what came back off what is out.
fn take_back(
    out: &mut [u32],
    sealed: &Stock,
    path: &Path,
    text: &[u8],
) -> Result<(), CeremonyError> {
    let back = stock(text, path)?;
    for (line, (bucket, units)) in (1..).zip(back.numbers().zip(back.units())) {
        let name = back.name(bucket);
        let wrong = |what: String| CeremonyError::Input { path: path.to_owned(), line, what };
        let known = sealed.find(name.as_bytes());
        let known = known.ok_or_else(|| wrong(format!("{name} is not in the draw's stock")))?;
        let out = &mut out[usize::from(known.0)];
        *out = out.checked_sub(units).ok_or_else(|| {
            wrong(format!("{units} units came back to {name}, of which only {out} are out"))
        })?;
    }
    Ok(())
}

/// Who got something in the draw (0), or in the alternates of that number, and of which bucket.
fn served(
    folder: &Folder,
    sealed: &Stock,
    round: u32,
) -> Result<HashMap<u32, BucketNo>, CeremonyError> {
    let file = if round == 0 { WINNERS.to_owned() } else { winners_file(round) };
    let winners = read_winners(&folder.read(&file)?, sealed);
    let winners = winners.map_err(|problem| CeremonyError::Input {
        path: folder.path(&file),
        line: problem.line as u64,
        what: problem.what.to_string(),
    })?;
    Ok(winners.into_iter().map(|winner| (winner.index, winner.bucket)).collect())
}

pub(crate) fn returned_file(number: u32) -> String {
    format!("returned-{number}.txt")
}

pub(crate) fn winners_file(number: u32) -> String {
    format!("winners-{number}.txt")
}

pub(crate) fn cutoffs_file(number: u32) -> String {
    format!("cutoffs-{number}.txt")
}
