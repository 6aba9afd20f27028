//! The audit sample of a folder.
//!
//! Owns: the step. Never: draws a sample before the seed is there: it could be prepared for.

use crate::error::CeremonyError;
use crate::folder::{ENTRIES, Folder, SAMPLE};
use crate::log::History;
use crate::progress::{Passes, whole};
use crate::run::must_be_sealed;
use crate::{Progress, list, seed};
use draw::Digest;
use draw::number::Numbers;
use draw::sample::{self, Sample};
use draw::tree::leaf;

/// The `size` entries that are opened before the notary, by rank and place; `sample.txt` says
/// them.
///
/// # Errors
/// When there is no seed yet, or another sample is there.
pub fn sample(
    folder: &Folder,
    size: usize,
    progress: Progress<'_>,
) -> Result<Vec<(Digest, u32)>, CeremonyError> {
    let _alone = folder.lock()?;
    let history = History::read(folder)?;
    history.must_stand(folder)?;
    let seed = seed::checked(folder, &history)?;
    let whole = whole(progress);
    let mut passes = Passes::new(&whole, 3);
    must_be_sealed(folder, &history, &passes.next(1))?;
    let sample = chosen(folder, seed, size, &passes.next(2))?;
    folder.put(SAMPLE, sample::write(&sample).as_bytes())?;
    Ok(sample)
}

/// The `size` entries with the smallest audit ranks.
pub(crate) fn chosen(
    folder: &Folder,
    seed: Digest,
    size: usize,
    progress: Progress<'_>,
) -> Result<Vec<(Digest, u32)>, CeremonyError> {
    let numbers = Numbers::new(seed);
    let path = folder.path(ENTRIES);
    let begin = || Sample::new(size);
    let pieces = list::scan(&path, "sampling", progress, begin, |sample, index, line| {
        sample.add(numbers.audit(leaf(line)), index);
        Ok(())
    })?;
    let mut whole = Sample::new(size);
    for piece in pieces {
        for (rank, index) in piece.state.finish() {
            whole.add(rank, piece.first + index);
        }
    }
    Ok(whole.finish())
}
