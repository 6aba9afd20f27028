//! How a draw stands: who has something, and what there is to give once something came back.
//!
//! Owns: both, and the list of those who have nothing so far. Never: draws.
//! Invariants: no bucket gets back more than it has out.

use crate::error::CeremonyError;
use crate::folder::{ENTRIES, Folder, WINNERS};
use crate::lines::Lines;
use crate::log::History;
use crate::run::stock;
use crate::{Progress, list};
use draw::table::read_winners;
use draw::{BucketNo, Digest, Line, Stock};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// How a draw stands.
pub(crate) struct Standing {
    /// The places of those who got something.
    pub(crate) served: HashSet<u32>,
    /// The sealed buckets, with what there is of each now.
    pub(crate) there: Stock,
}

/// How a draw stands after its result, `rounds` alternates, and what came back after them, if
/// something did: the file `last` says what.
pub(crate) fn standing(
    folder: &Folder,
    history: &History,
    sealed: &Stock,
    rounds: u32,
    last: Option<(&Path, &[u8])>,
    progress: Progress<'_>,
) -> Result<Standing, CeremonyError> {
    let winners = (0..=rounds).map(|round| winners(folder, history, sealed, round));
    let winners: Vec<_> = winners.collect::<Result<_, _>>()?;
    let units = units(folder, &winners, progress)?;
    let (mut out, there) = (vec![0_u32; sealed.len()], sealed.units());
    for (round, winners) in (1..).zip(&winners) {
        for (line, (index, bucket)) in (1..).zip(winners) {
            let wrong = |what: String| {
                let path = folder.path(&winners_file(round - 1));
                CeremonyError::Input { path, line, what }
            };
            let Some(units) = units.get(index) else {
                let what = format!("names entry {index}, and the list does not reach so far");
                return Err(wrong(what));
            };
            let (at, units) = (usize::from(bucket.0), u32::from(*units));
            out[at] = out[at].saturating_add(units);
            if there[at] < out[at] {
                let name = sealed.name(*bucket);
                return Err(wrong(format!("gives more units of {name} than there are")));
            }
        }
        if round <= rounds {
            let (name, event) = (returned_file(round), history.alternates_of(round));
            let signed = event.map(|(returned, _)| returned);
            take_back(&mut out, sealed, &folder.path(&name), &signed_file(folder, &name, signed)?)?;
        } else if let Some((path, text)) = last {
            take_back(&mut out, sealed, path, text)?;
        }
    }
    let there = there.iter().zip(&out).map(|(units, out)| units - out).collect();
    let served = winners.iter().flatten().map(|(index, _)| *index).collect();
    Ok(Standing { served, there: sealed.with_units(there) })
}

/// The places of those who got something in the draw and all alternates.
pub(crate) fn served(
    folder: &Folder,
    history: &History,
    sealed: &Stock,
) -> Result<HashSet<u32>, CeremonyError> {
    let mut served = HashSet::new();
    for round in 0..=history.alternates() {
        served.extend(winners(folder, history, sealed, round)?.into_iter().map(|(index, _)| index));
    }
    Ok(served)
}

/// Lines between two looks at how far it is.
const LINES_PER_LOOK: u32 = 1 << 14;

/// Gives `each` the lines of those who have nothing so far, in their order.
pub(crate) fn unserved(
    folder: &Folder,
    served: &HashSet<u32>,
    told: (&'static str, Progress<'_>),
    mut each: impl FnMut(&[u8]) -> Result<(), CeremonyError>,
) -> Result<(), CeremonyError> {
    let mut lines = Lines::open(&folder.path(ENTRIES))?;
    let (mut index, all, (doing, progress)) = (0_u32, lines.left(), told);
    while let Some(line) = lines.next()? {
        if !served.contains(&index) {
            each(line)?;
        }
        index += 1;
        if index.is_multiple_of(LINES_PER_LOOK) {
            progress(doing, all - lines.left(), all);
        }
    }
    Ok(())
}

/// Who got something in the draw (0), or in the alternates of that number, and of which bucket, in
/// the order of the lines.
fn winners(
    folder: &Folder,
    history: &History,
    sealed: &Stock,
    round: u32,
) -> Result<Vec<(u32, BucketNo)>, CeremonyError> {
    let file = winners_file(round);
    let signed = match round {
        0 => history.tables(),
        round => history.alternates_of(round).map(|(_, tables)| tables),
    };
    let signed = signed.map(|tables| tables.winners_digest);
    let winners = read_winners(&signed_file(folder, &file, signed)?, sealed);
    let winners = winners.map_err(|problem| CeremonyError::Input {
        path: folder.path(&file),
        line: problem.line as u64,
        what: problem.what.to_string(),
    })?;
    Ok(winners.into_iter().map(|winner| (winner.index, winner.bucket)).collect())
}

/// A file of which a signed event tells the digest.
fn signed_file(
    folder: &Folder,
    file: &str,
    signed: Option<Digest>,
) -> Result<Vec<u8>, CeremonyError> {
    let bytes = folder.read(file)?;
    if signed == Some(Digest::of(&bytes)) {
        return Ok(bytes);
    }
    Err(CeremonyError::wrong(&folder.path(file), "not the file that the signed event names"))
}

/// How many units each of the winners needed.
fn units(
    folder: &Folder,
    winners: &[Vec<(u32, BucketNo)>],
    progress: Progress<'_>,
) -> Result<HashMap<u32, u8>, CeremonyError> {
    let path = folder.path(ENTRIES);
    let pieces = list::scan(&path, "reading", progress, Vec::new, |units, _, bytes| {
        let line = Line::read(bytes).map_err(|problem| problem.to_string())?;
        units.push(line.units());
        Ok(())
    })?;
    let all: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.state).collect();
    let of = |(index, _): &(u32, _)| Some((*index, *all.get(*index as usize)?));
    Ok(winners.iter().flatten().filter_map(of).collect())
}

/// Takes what came back off what is out.
pub(crate) fn take_back(
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

pub(crate) fn returned_file(number: u32) -> String {
    format!("returned-{number}.txt")
}

/// The winners of the result (0), or of the alternates of that number.
pub(crate) fn winners_file(number: u32) -> String {
    if number == 0 { WINNERS.to_owned() } else { format!("winners-{number}.txt") }
}

pub(crate) fn cutoffs_file(number: u32) -> String {
    format!("cutoffs-{number}.txt")
}
