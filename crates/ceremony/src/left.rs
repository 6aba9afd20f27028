//! What is left of a draw's stock: what nobody was given, and what came back and was not given
//! again.
//!
//! Owns: that sum. Never: asks what came back since; whoever keeps the stock knows.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::Folder;
use crate::log::History;
use crate::progress::{Passes, whole};
use crate::run::{must_be_sealed, sealed_stock};
use crate::standing::standing;
use draw::Stock;

/// The sealed stock, and with the same buckets what is left after the result and all alternates.
///
/// # Errors
/// When there is no result yet, or a file is not as it should be.
pub fn left(folder: &Folder, progress: Progress<'_>) -> Result<(Stock, Stock), CeremonyError> {
    let history = History::read(folder)?;
    history.must_stand(folder)?;
    if !history.has_result() {
        let what = "the draw was not made yet: before its result all is left";
        return Err(CeremonyError::Order(what.to_owned()));
    }
    let sealed = sealed_stock(folder, &history)?;
    let whole = whole(progress);
    let mut passes = Passes::new(&whole, 2);
    must_be_sealed(folder, &history, &passes.next(1))?;
    let rounds = history.alternates();
    let standing = standing(folder, &history, &sealed, rounds, None, &passes.next(1))?;
    Ok((sealed, standing.there))
}
