//! The tables of a draw against the draw done again.
//!
//! Owns: the comparison, with the line of whatever differs. Never: draws by a rule of its own.

use crate::Progress;
use crate::alternates::again;
use crate::error::CeremonyError;
use crate::folder::{CUTOFFS, Folder, WINNERS};
use crate::log::History;
use crate::standing::{cutoffs_file, returned_file, winners_file};
use draw::allocate::Allocation;
use draw::event::Tables;
use draw::table::write_winners;
use draw::{Digest, Stock};
use std::path::Path;

/// Holds winners and cut-offs of the draw against it.
pub(super) fn check_result(
    folder: &Folder,
    allocation: &Allocation,
    stock: &Stock,
    named: Tables,
) -> Result<(), CeremonyError> {
    check(folder, allocation, stock, named, [WINNERS, CUTOFFS])
}

/// Draws what came back again: the `number`th event, its file, and its tables.
pub(super) fn check_alternates(
    folder: &Folder,
    history: &History,
    sealed: &Stock,
    seed: Digest,
    (number, returned, named): (u32, Digest, Tables),
    progress: Progress<'_>,
) -> Result<(), CeremonyError> {
    let path = folder.path(&returned_file(number));
    let text = folder.read(&returned_file(number))?;
    if Digest::of(&text) != returned {
        return Err(CeremonyError::wrong(&path, "not what the event says came back"));
    }
    let last = (&*path, &*text);
    let (allocation, _) = again(folder, history, seed, sealed, number, last, progress)?;
    check(folder, &allocation, sealed, named, [&*winners_file(number), &*cutoffs_file(number)])
}

/// Holds the tables of a folder, and what the event says of them, against the draw.
fn check(
    folder: &Folder,
    allocation: &Allocation,
    stock: &Stock,
    named: Tables,
    [winners, cutoffs]: [&str; 2],
) -> Result<(), CeremonyError> {
    let texts = [
        (winners, write_winners(&allocation.winners, stock), named.winners_digest),
        (cutoffs, allocation.cutoffs.write(stock), named.cutoffs_digest),
    ];
    for (file, text, digest) in texts {
        let (path, found) = (folder.path(file), folder.read(file)?);
        let what = "not what the list and the seed give";
        must_be_same(&path, &found, text.as_bytes(), what)?;
        if Digest::of(&found) != digest {
            return Err(CeremonyError::wrong(&path, "not the table that the signed event names"));
        }
    }
    if allocation.winners.len() as u64 != named.winners {
        let what = "another number of winners than the signed event names";
        return Err(CeremonyError::wrong(&folder.path(winners), what));
    }
    Ok(())
}

/// Refuses the file at `path`, which says `found`, if it does not say `ours`.
pub(super) fn must_be_same(
    path: &Path,
    found: &[u8],
    ours: &[u8],
    what: &str,
) -> Result<(), CeremonyError> {
    if found == ours {
        return Ok(());
    }
    let [found, ours] = [found, ours].map(|text| text.split_inclusive(|byte| *byte == b'\n'));
    let same = found.zip(ours).take_while(|(one, other)| one == other).count();
    let (path, line, what) = (path.to_owned(), same as u64 + 1, what.to_owned());
    Err(CeremonyError::Input { path, line, what })
}
