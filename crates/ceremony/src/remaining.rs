//! Alternates by fresh numbers: what the next seal of the same draw is made of.
//!
//! Owns: the list of those who have nothing so far, and the stock that there is now. Never: seals
//! them.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::Folder;
use crate::log::History;
use crate::run::sealed_stock;
use crate::standing::{standing, unserved};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Writes the entries that have nothing so far to `entries`, and to `stock` every bucket with what
/// there is of it, with what came back: the file `returned` says what.
///
/// # Errors
/// When there is no result yet, or what came back is not of the draw's stock.
pub fn remaining(
    folder: &Folder,
    returned: &Path,
    entries: &Path,
    stock: &Path,
    progress: Progress<'_>,
) -> Result<u64, CeremonyError> {
    let history = History::read(folder)?;
    history.must_stand(folder)?;
    if !history.has_result() {
        let what = "the draw was not made yet: alternates come after its result";
        return Err(CeremonyError::Order(what.to_owned()));
    }
    let sealed = sealed_stock(folder, &history)?;
    let text = fs::read(returned).map_err(CeremonyError::disk("read", returned))?;
    let last = Some((returned, &*text));
    let standing = standing(folder, &sealed, history.alternates(), last, progress)?;
    let new = |path: &Path| File::create_new(path).map_err(CeremonyError::disk("made", path));
    let mut list = BufWriter::new(new(entries)?);
    let mut count = 0;
    unserved(folder, &standing.served, |line| {
        count += 1;
        let written = list.write_all(line).and_then(|()| list.write_all(b"\n"));
        written.map_err(CeremonyError::disk("written", entries))
    })?;
    list.flush().map_err(CeremonyError::disk("written", entries))?;
    let written = new(stock)?.write_all(standing.there.text().as_bytes());
    written.map_err(CeremonyError::disk("written", stock))?;
    Ok(count)
}
