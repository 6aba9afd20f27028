//! The tables of a draw against the draw done again.
//!
//! Owns: the comparison, with the line of whatever differs. Never: draws by a rule of its own;
//! reads the list, which whoever ranks it has done once for all rounds.

use crate::error::CeremonyError;
use crate::folder::{CUTOFFS, Folder, WINNERS};
use crate::standing::{cutoffs_file, returned_file, take_back, winners_file};
use draw::allocate::{Allocation, Ranking};
use draw::event::Tables;
use draw::table::write_winners;
use draw::{Digest, Stock};
use std::collections::HashSet;
use std::path::Path;

/// Draw and alternates of a folder, done again one behind the other.
pub(super) struct Rounds<'a> {
    folder: &'a Folder,
    sealed: &'a Stock,
    /// Everybody who had nothing before the last round.
    ranking: Ranking,
    /// What came of the last round: who is out for the next one, and what is left for it.
    last: Option<Allocation>,
}

impl<'a> Rounds<'a> {
    /// Of everybody in the list.
    pub(super) const fn new(folder: &'a Folder, sealed: &'a Stock, ranking: Ranking) -> Self {
        Self { folder, sealed, ranking, last: None }
    }

    /// Holds winners and cut-offs of the draw against it.
    pub(super) fn check_result(&mut self, named: Tables) -> Result<(), CeremonyError> {
        self.check(self.sealed, named, [WINNERS, CUTOFFS])
    }

    /// Draws what came back again: the `number`th event, its file, and its tables.
    pub(super) fn check_alternates(
        &mut self,
        number: u32,
        returned: Digest,
        named: Tables,
    ) -> Result<(), CeremonyError> {
        let path = self.folder.path(&returned_file(number));
        let text = self.folder.read(&returned_file(number))?;
        if Digest::of(&text) != returned {
            return Err(CeremonyError::wrong(&path, "not what the event says came back"));
        }
        let last = self.last.take().expect("alternates come after a result");
        let served: HashSet<u32> = last.winners.iter().map(|winner| winner.index).collect();
        self.ranking.take_out(|drawn| served.contains(&drawn.index));
        let sealed = self.sealed.units();
        let mut out: Vec<u32> =
            sealed.iter().zip(last.left).map(|(all, left)| all - left).collect();
        take_back(&mut out, self.sealed, &path, &text)?;
        let there = sealed.iter().zip(out).map(|(all, out)| all - out).collect();
        let there = self.sealed.with_units(there);
        self.check(&there, named, [&*winners_file(number), &*cutoffs_file(number)])
    }

    fn check(
        &mut self,
        there: &Stock,
        named: Tables,
        files: [&str; 2],
    ) -> Result<(), CeremonyError> {
        let allocation = self.ranking.allocate(there);
        check(self.folder, &allocation, self.sealed, named, files)?;
        self.last = Some(allocation);
        Ok(())
    }
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
